"""Contrast families: functions from arms to labelled pairs. Contrasts are data."""

from collections.abc import Sequence
from itertools import combinations

from trialkit.errors import SpecificationError
from trialkit.terms import ContrastFamily, allowed

Pair = tuple[str, str]


def contrast_pairs(
    contrasts: ContrastFamily | Sequence[str], *, arms: Sequence[str], reference: str
) -> tuple[Pair, ...]:
    """Return the (treatment, reference) pairs of a family or a list of contrasts.

    Parameters
    ----------
    contrasts : "versus_reference", "pairwise" or sequence of str
        A list holds ``"treatment - reference"`` texts.
    arms : sequence of str
        Every arm, the reference included, in display order.
    reference : str
        The arm that ``versus_reference`` compares the others with. ``pairwise`` takes the
        later arm minus the earlier one, the reference counting as the first.

    Raises
    ------
    SpecificationError
        If the reference is none of the arms, the family is unknown, or the list is empty,
        names an arm that does not exist, or compares two arms twice.

    Examples
    --------
    >>> contrast_pairs("pairwise", arms=("sham", "mindfulness", "cream"), reference="sham")
    (('mindfulness', 'sham'), ('cream', 'sham'), ('cream', 'mindfulness'))
    """
    if reference not in arms:
        raise unknown_reference(arms, reference)
    others = [arm for arm in arms if arm != reference]
    if isinstance(contrasts, str) and contrasts == "versus_reference":
        return tuple((arm, reference) for arm in others)
    if isinstance(contrasts, str) and contrasts == "pairwise":
        return tuple((later, earlier) for earlier, later in combinations([reference, *others], 2))
    if (
        isinstance(contrasts, str)
        or not isinstance(contrasts, Sequence)
        or not all(isinstance(text, str) for text in contrasts)
    ):
        raise SpecificationError(
            f"contrasts: expected one of {', '.join(allowed(ContrastFamily))}, or a list of "
            f"'treatment - reference' texts, found {contrasts!r}"
        )
    if not contrasts:
        raise SpecificationError("contrasts: expected at least one difference, found none")
    pairs = tuple(listed_pair(text, arms) for text in contrasts)
    require_different(pairs)
    return pairs


def require_different(pairs: Sequence[Pair]) -> None:
    """Raise if two listed contrasts compare the same two arms, in either direction."""
    for position, pair in enumerate(pairs):
        same = next((other for other in pairs[:position] if set(other) == set(pair)), None)
        if same is not None:
            raise SpecificationError(
                f"contrasts: expected each two arms once, found {' - '.join(same)!r} and "
                f"{' - '.join(pair)!r}, which are one comparison"
            )


def unknown_reference(arms: Sequence[str], reference: object) -> SpecificationError:
    """Return the error for a reference that is none of the arms."""
    remedy = "" if reference is None or isinstance(reference, str) else "; name it as text"
    return SpecificationError(
        f"reference: expected one of the arms {', '.join(arms)}, found {reference!r}{remedy}"
    )


def listed_pair(text: str, arms: Sequence[str]) -> Pair:
    """Return the two arms of a listed contrast."""
    for arm in arms:
        for other in arms:
            if arm != other and text.strip() == f"{arm} - {other}":
                return arm, other
    raise SpecificationError(
        f"contrasts: expected 'treatment - reference' of two arms among {', '.join(arms)}, "
        f"found {text!r}"
    )
