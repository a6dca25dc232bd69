"""The options of a repeated-measures model, checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trialkit.analysis.frames import require_conf_level, require_word
from trialkit.analysis.options import column_list, finite_number
from trialkit.errors import SpecificationError
from trialkit.language.told import Told, tell
from trialkit.numerics.covariance_structures import SPATIAL_POWERS
from trialkit.terms import (
    AdjustOver,
    CovarianceName,
    DfMethod,
    MarginalWeights,
    MixedCovarianceEstimator,
    SimultaneousProcedure,
    VisitEffects,
    VisitSummary,
    allowed,
)

KENWARD_ROGER = ("kenward_roger", "kenward_roger_linear")
STRUCTURE_NAMES: Mapping[str, Told] = {
    "unstructured": tell("unstructured covariance"),
    "compound_symmetry": tell("compound symmetry covariance"),
    "ar1": tell("first-order autoregressive covariance"),
    "toeplitz": tell("Toeplitz covariance"),
    "ante_dependence": tell("ante-dependence covariance"),
    "spatial_exponential": tell("spatial exponential covariance"),
    "spatial_gaussian": tell("spatial Gaussian covariance"),
}
LIKELIHOOD_NAMES: Mapping[bool, Told] = {True: tell("REML"), False: tell("maximum likelihood")}
DF_NAMES: Mapping[DfMethod, Told] = {
    "kenward_roger": tell("Kenward-Roger degrees of freedom"),
    "kenward_roger_linear": tell("Kenward-Roger (linear) degrees of freedom"),
    "satterthwaite": tell("Satterthwaite degrees of freedom"),
    "between_within": tell("between-within degrees of freedom"),
    "residual": tell("residual degrees of freedom"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MmrmOptions:
    """How a model is built, fitted and tested."""

    covariance: tuple[CovarianceName, ...]
    df_method: DfMethod
    reml: bool
    visit_effects: VisitEffects
    vcov: MixedCovarianceEstimator
    margins: MarginalWeights
    summaries: tuple[VisitSummary, ...]
    adjust: SimultaneousProcedure
    adjust_over: AdjustOver
    times: Mapping[str, float] | None
    coordinates: tuple[str, ...]
    conf_level: float


def mmrm_options(
    *,
    covariance: CovarianceName | Sequence[CovarianceName],
    df_method: DfMethod,
    reml: bool,
    visit_effects: VisitEffects,
    vcov: MixedCovarianceEstimator,
    margins: MarginalWeights,
    summaries: Sequence[VisitSummary],
    adjust: SimultaneousProcedure,
    adjust_over: AdjustOver,
    times: Mapping[str, float] | str | Sequence[str] | None,
    conf_level: float,
) -> MmrmOptions:
    """Check the words of a model and what they mean together.

    Raises
    ------
    SpecificationError
        If a word is unknown, or two options exclude each other.
    """
    require_conf_level(conf_level)
    ladder = word_list(covariance, allowed(CovarianceName), option="covariance")
    if not ladder:
        raise SpecificationError("covariance: expected at least one structure, found none")
    require_word(df_method, allowed(DfMethod), option="df_method")
    require_word(visit_effects, allowed(VisitEffects), option="visit_effects")
    require_word(vcov, allowed(MixedCovarianceEstimator), option="vcov")
    require_word(margins, ("equal", "proportional"), option="margins")
    require_word(adjust, allowed(SimultaneousProcedure), option="adjust")
    require_word(adjust_over, allowed(AdjustOver), option="adjust_over")
    if not isinstance(reml, bool):
        raise SpecificationError(f"reml: expected True or False, found {reml!r}")
    coordinates = coordinate_columns(times)
    by_visit = checked_times(times) if isinstance(times, Mapping) else None
    over_visits = word_list(summaries, allowed(VisitSummary), option="summaries")
    require_spatial(coordinates, ladder, vcov=vcov, summaries=over_visits)
    require_used_times(by_visit, ladder, summaries=over_visits)
    require_compatible(df_method, reml=reml, vcov=vcov, adjust=adjust, adjust_over=adjust_over)
    return MmrmOptions(
        covariance=ladder,
        df_method=df_method,
        reml=reml,
        visit_effects=visit_effects,
        vcov=vcov,
        margins=margins,
        summaries=over_visits,
        adjust=adjust,
        adjust_over=adjust_over,
        times=by_visit,
        coordinates=coordinates,
        conf_level=conf_level,
    )


def word_list(value: object, vocabulary: Sequence[str], *, option: str) -> tuple[Any, ...]:
    """Return one word or several as a tuple of known words, each once."""
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, Sequence):
        raise SpecificationError(f"{option}: expected a word or a list of words, found {value!r}")
    for word in words:
        require_word(word, vocabulary, option=option)
    if len(set(words)) < len(words):
        raise SpecificationError(f"{option}: expected every word once, found {list(words)}")
    return tuple(words)


def checked_times(times: Mapping[str, float]) -> dict[str, float]:
    """Return the times of visits as floats."""
    return {
        str(visit): finite_number(time, option=f"times[{visit!r}]") for visit, time in times.items()
    }


def coordinate_columns(times: object) -> tuple[str, ...]:
    """Return the columns that hold the time of each record; none where times are by visit."""
    if times is None or isinstance(times, Mapping):
        return ()
    if isinstance(times, str | list | tuple):
        return tuple(column_list(times, option="times"))
    raise SpecificationError(
        "times: expected a time for each visit, such as {'Week 2': 2}, or the columns that hold "
        f"each record's, found {times!r}"
    )


def require_spatial(
    coordinates: Sequence[str],
    ladder: Sequence[str],
    *,
    vcov: MixedCovarianceEstimator,
    summaries: Sequence[str],
) -> None:
    """Raise unless columns of times go with structures and errors that can read them."""
    if not coordinates:
        return
    others = [name for name in ladder if name not in SPATIAL_POWERS]
    if others or "slope" in summaries:
        raise SpecificationError(
            f"times: expected a time for each visit, such as {{'Week 2': 2}}, beside "
            f"{', '.join(others) or 'a slope'}; columns of times ({', '.join(coordinates)}) are "
            "for spatial_exponential and spatial_gaussian"
        )
    if vcov != "model":
        raise SpecificationError(
            f'vcov: expected "model" where records have times of their own, found {vcov!r}'
        )


def require_used_times(
    times: Mapping[str, float] | None, ladder: Sequence[str], *, summaries: Sequence[str]
) -> None:
    """Raise if times of visits are given that nothing reads."""
    spatial = any(name in SPATIAL_POWERS for name in ladder)
    if times is not None and not spatial and "slope" not in summaries:
        raise SpecificationError(
            "times: expected none, for they are read by spatial_exponential, spatial_gaussian "
            'and summaries="slope" alone, found '
            f"{times!r}; leave times out, or ask for one of these"
        )


def require_compatible(
    df_method: DfMethod,
    *,
    reml: bool,
    vcov: MixedCovarianceEstimator,
    adjust: SimultaneousProcedure,
    adjust_over: AdjustOver,
) -> None:
    """Raise if options exclude each other."""
    if df_method in KENWARD_ROGER and not reml:
        raise SpecificationError(
            f"df_method: expected satterthwaite, between_within or residual beside reml=False, "
            f"found {df_method!r}; Kenward and Roger's correction is of restricted likelihood"
        )
    if df_method in KENWARD_ROGER and vcov != "model":
        raise SpecificationError(
            f"df_method: expected satterthwaite, between_within or residual beside "
            f"vcov={vcov!r}, found {df_method!r}; it corrects the model's standard errors, which "
            "a sandwich replaces"
        )
    if adjust in ("tukey_kramer", "scheffe") and adjust_over != "arms":
        raise SpecificationError(
            f'adjust: expected dunnett, bonferroni or sidak beside adjust_over="{adjust_over}", '
            f"found {adjust!r}, which is for comparisons of arms at one visit"
        )


def structure_name(covariance: str) -> Told:
    """Return a covariance structure in words.

    >>> structure_name("heterogeneous_ar1")
    'heterogeneous first-order autoregressive covariance'
    """
    plain = STRUCTURE_NAMES[covariance.removeprefix("heterogeneous_")]
    if not covariance.startswith("heterogeneous_"):
        return plain
    return tell("heterogeneous {covariance}", covariance=plain)
