"""Whether a likelihood of answers has no finite maximum: some sum of terms splits them."""

from collections.abc import Iterable, Sequence
from functools import reduce

import numpy as np
from scipy import optimize

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell, tell_list
from trialkit.numerics.arrays import FloatArray

# The linear programme is solved to about 1e-7; a direction must do clearly more.
CLEAR = 1e-6


def separating_direction(A: FloatArray) -> FloatArray | None:
    """Return a direction along which no answer becomes less likely and some become surer.

    Solves the linear programme: maximise the sum of A d subject to A d >= 0, |d| <= 1.

    Parameters
    ----------
    A : array, shape (m, k)
        One row an inequality; columns of comparable size.

    Returns
    -------
    array, shape (k,), or None
        None where no such direction exists, and the maximum is finite.

    References
    ----------
    Albert A, Anderson JA (1984). Biometrika 71:1-10. Konis K (2007). DPhil thesis,
    University of Oxford, chapter 4.
    """
    found = optimize.linprog(
        -A.sum(axis=0), A_ub=-A, b_ub=np.zeros(len(A)), bounds=(-1, 1), method="highs"
    )
    if found.x is None:
        return None
    direction = np.asarray(found.x, dtype=np.float64)
    sides = A @ direction
    return direction if sides.max() > CLEAR and sides.min() > -CLEAR else None


def refuse_separation(A: FloatArray, names: Sequence[str], *, what: str) -> None:
    """Raise NotEstimableError that names the terms which split the answers, if any do.

    Parameters
    ----------
    A : array, shape (m, k)
    names : sequence of str, length k
        An empty name is not named.
    what : str
        The answers, in words.
    """
    direction = separating_direction(A)
    if direction is None:
        return
    guilty = [name for name in dict.fromkeys(names) if name and separates_alone(A, names, name)]
    together = dict.fromkeys(
        name for name, part in zip(names, direction, strict=True) if name and abs(part) > CLEAR
    )
    raise NotEstimableError(
        tell(
            "{terms}: separates {what}, so its coefficient is infinite; leave it out, join "
            "categories, or compare the arms by an exact method (Fisher, stratified exact)",
            terms=tell_list(guilty) or all_with(together),
            what=what,
        )
    )


def all_with(names: Iterable[str]) -> str:
    """Return terms that separate only together, in words; none has a name perhaps."""
    first, *others = names or [""]
    return reduce(
        lambda said, name: tell("{terms} with {term}", terms=said, term=name), others, first
    )


def separates_alone(A: FloatArray, names: Sequence[str], name: str) -> bool:
    """Return whether one term separates, with nothing but the unnamed columns beside it."""
    kept = [column for column, other in enumerate(names) if other in ("", name)]
    return separating_direction(A[:, kept]) is not None
