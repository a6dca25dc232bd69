"""A guard-rail for the single arm: the change to expect from the entry rule alone."""

from trialkit.analysis.estimates import call, statistics
from trialkit.analysis.options import finite_number
from trialkit.errors import SpecificationError
from trialkit.language.told import tell
from trialkit.numerics.regression_to_mean import Selection, expected_selection
from trialkit.result.analysis_result import AnalysisResult, Estimate

METHOD = tell("expected regression to the mean")


def expected_regression_to_mean(
    *,
    mean: float,
    std_dev: float,
    correlation: float,
    at_least: float | None = None,
    at_most: float | None = None,
    measurements: int = 1,
) -> AnalysisResult:
    """Return the change that an entry rule alone leads one to expect, with no treatment.

    People who enter because a varying value was high that day are lower the next time. The
    expectation is for a normal population with no trend; it is no test of the study's data
    and has no p-value. A single arm cannot be told from it without a comparison.

    Parameters
    ----------
    mean, std_dev : float
        Of one value in the population that was screened, before selection; unit of the
        outcome. The people who entered do not tell them.
    correlation : float
        Between two values of one person, as far apart as the study's visits; in [0, 1].
    at_least, at_most : float, optional
        The entry rule: the entry value lies at or above the first, at or below the second.
    measurements : int
        Values averaged for the entry value, such as 7 days of a diary.

    Returns
    -------
    AnalysisResult
        ``mean`` of the entry value and of a later value among those who meet the rule, and
        ``change`` between them; in ``fit`` the share of the population that meets it and
        the standard deviation of their entry values.

    Raises
    ------
    SpecificationError
        If no rule is given, or a number is outside its range.
    NotEstimableError
        If next to nobody meets the rule.

    References
    ----------
    Davis CE (1976). Am J Epidemiol 104:493-498. Barnett AG, van der Pols JC, Dobson AJ
    (2005). Int J Epidemiol 34:215-220. R: package ``regtomean``.

    Examples
    --------
    >>> result = expected_regression_to_mean(
    ...     mean=4.0, std_dev=2.0, correlation=0.6, at_least=5.0)
    >>> round(result.select(quantity="change")[0].estimate, 2)
    -0.91
    """
    require_population(mean, std_dev, correlation, measurements)
    require_rule(at_least, at_most)
    found = expected_selection(
        mean=mean,
        std_dev=std_dev,
        correlation=correlation,
        low=float("-inf") if at_least is None else at_least,
        high=float("inf") if at_most is None else at_most,
        measurements=measurements,
    )
    return AnalysisResult(
        method=tell("Expected regression to the mean under the entry rule, normal population"),
        estimates=selection_rows(found),
        fit=statistics(
            {"share_meeting_the_rule": found.share, "entry_std_dev": found.entry_std_dev}
        ),
        notes=(tell("An expectation from the population's figures: none of the data are in it"),),
        provenance=call(
            "expected_regression_to_mean",
            mean=mean,
            std_dev=std_dev,
            correlation=correlation,
            at_least=at_least,
            at_most=at_most,
            measurements=measurements,
        ),
    )


def selection_rows(found: Selection) -> tuple[Estimate, ...]:
    """Return the rows of an expectation."""
    return (
        Estimate(quantity="mean", estimate=found.entry_mean, method=tell("expected mean at entry")),
        Estimate(
            quantity="mean",
            estimate=found.later_mean,
            method=tell("expected mean later, untreated"),
        ),
        Estimate(quantity="change", estimate=found.change, method=METHOD),
    )


def require_population(mean: float, std_dev: float, correlation: float, measurements: int) -> None:
    """Raise unless the figures can be those of a population."""
    finite_number(mean, option="mean")
    finite_number(std_dev, option="std_dev", above=0)
    if not 0 <= finite_number(correlation, option="correlation") <= 1:
        raise SpecificationError(f"correlation: expected a number in [0, 1], found {correlation!r}")
    if finite_number(measurements, option="measurements") % 1 or measurements < 1:
        raise SpecificationError(
            f"measurements: expected a whole number from 1, found {measurements!r}"
        )


def require_rule(at_least: float | None, at_most: float | None) -> None:
    """Raise unless an entry rule selects."""
    for bound, option in ((at_least, "at_least"), (at_most, "at_most")):
        if bound is not None:
            finite_number(bound, option=option)
    if at_least is None and at_most is None:
        raise SpecificationError(
            "at_least, at_most: expected an entry rule; without one nothing is selected and no "
            "regression to the mean is expected"
        )
    if at_least is not None and at_most is not None and not at_least < at_most:
        raise SpecificationError(
            f"at_least, at_most: expected the first below the second, found {at_least!r} and "
            f"{at_most!r}"
        )
