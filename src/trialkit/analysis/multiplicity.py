"""P-values of a declared family, adjusted over all results that belong to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from trialkit.analysis.frames import require_word
from trialkit.errors import SpecificationError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.multiplicity import (
    benjamini_hochberg,
    benjamini_yekutieli,
    bonferroni,
    hochberg,
    holm,
    hommel,
    sidak,
)
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.terms import TESTED_QUANTITIES, Procedure, allowed

PROCEDURES: Mapping[Procedure, Callable[[FloatArray], FloatArray]] = {
    "holm": holm,
    "hochberg": hochberg,
    "hommel": hommel,
    "bonferroni": bonferroni,
    "sidak": sidak,
    "benjamini_hochberg": benjamini_hochberg,
    "benjamini_yekutieli": benjamini_yekutieli,
}
PROCEDURE_NAMES: Mapping[Procedure, str] = {
    "holm": tell("holm"),
    "hochberg": tell("hochberg"),
    "hommel": tell("hommel"),
    "bonferroni": tell("bonferroni"),
    "sidak": tell("sidak"),
    "benjamini_hochberg": tell("benjamini-hochberg"),
    "benjamini_yekutieli": tell("benjamini-yekutieli"),
}


def adjust_p_values(
    results: AnalysisResult | Sequence[AnalysisResult], *, procedure: Procedure
) -> tuple[AnalysisResult, ...]:
    """Adjust the p-values of one or several results as one family.

    Each contrast counts once: a risk ratio or number needed to treat restates the test of
    its risk difference and gets no adjusted p-value. Intervals are not changed; whether a
    claim of the family stands is decided by ``p_adjusted``.

    Parameters
    ----------
    results : AnalysisResult or sequence of AnalysisResult
        The family, whole: leaving a member out understates the adjustment.
    procedure : str
        The chance of any false rejection is kept by ``"holm"`` and ``"bonferroni"``
        whatever the dependence of the tests, by ``"hochberg"``, ``"hommel"`` and
        ``"sidak"`` under independence or positive dependence. The expected share of false
        rejections is kept by ``"benjamini_hochberg"`` (independence or positive
        dependence) and ``"benjamini_yekutieli"`` (whatever the dependence).

    Returns
    -------
    tuple of AnalysisResult
        Copies with ``p_adjusted`` filled in, in the order given.

    Raises
    ------
    SpecificationError
        If the procedure is unknown, or the family holds no test.

    References
    ----------
    Each procedure's paper is named in ``trialkit.numerics.multiplicity``. R: ``p.adjust``;
    SAS: ``PROC MULTTEST``.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaabbbccc"), "pain": [5.0, 6, 7, 2, 3, 4, 4, 5, 6]})
    >>> result = tk.mean_difference(frame, outcome="pain", arm="arm", reference="a")
    >>> (adjusted,) = adjust_p_values(result, procedure="holm")
    >>> [round(row.p_adjusted, 4) for row in adjusted.select(quantity="mean_difference")]
    [0.0426, 0.2879]
    """
    require_word(procedure, allowed(Procedure), option="procedure")
    family = (results,) if isinstance(results, AnalysisResult) else tuple(results)
    p = np.array([row.p_value for result in family for row in result.estimates if is_tested(row)])
    if p.size == 0:
        raise SpecificationError("the family holds no test, so there is nothing to adjust")
    adjusted = iter(PROCEDURES[procedure](p.astype(np.float64)).tolist())
    return tuple(
        result.with_estimates(
            replace(row, p_adjusted=next(adjusted)) if is_tested(row) else row
            for row in result.estimates
        )
        for result in family
    )


def is_tested(row: Estimate) -> bool:
    """Return whether a row carries the test of a contrast."""
    return row.quantity in TESTED_QUANTITIES and row.p_value is not None
