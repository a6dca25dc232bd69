"""Arms by visits in one analysis: the split-plot analysis of variance."""

import pandas as pd

from trialkit.analysis.estimates import call, statistics
from trialkit.analysis.frames import require_conf_level, require_word
from trialkit.analysis.profiles import ProfileSet, complete_profiles
from trialkit.analysis.split_plot import (
    Model,
    all_rows,
    caveats,
    figures,
    method_sentence,
    multivariate_figures,
    term_tests,
)
from trialkit.errors import SpecificationError
from trialkit.numerics.repeated_measures import fit_profiles, multivariate_test, sphericity
from trialkit.result.analysis_result import AnalysisResult
from trialkit.terms import SphericityCorrection, SumsOfSquares, allowed


def repeated_measures_anova(
    frame: pd.DataFrame,
    *,
    outcome: str,
    subject: str,
    visit: str,
    arm: str | None = None,
    reference: str | None = None,
    sums_of_squares: SumsOfSquares = "III",
    correction: SphericityCorrection = "greenhouse_geisser",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Test arms, visits and their interaction on complete profiles (split-plot ANOVA).

    The model has one mean for each arm and visit and one unstructured covariance of the
    visits within arms. The tests within people assume that all differences between visits
    have the same variance (sphericity); a correction multiplies both degrees of freedom by
    how far the covariance is from that. "Worked here, not there" is the interaction
    ``arm:visit``, never two separate changes.

    Parameters
    ----------
    frame : DataFrame
        One row per subject and visit. A subject without a value at every visit is left out
        whole and counted in ``notes`` by arm and by visit; a mixed model keeps them.
    outcome, subject, visit : str
        Columns; the outcome is numeric. Visits keep the order of a categorical, numbers
        and the digits in names count as numbers (VIS2 before VIS10).
    arm : str, optional
        Column of the arm; without it everyone is one group and the visits are compared.
    reference : str, optional
        The arm that the others are compared with; without it every pair is compared, the
        later arm minus the earlier one.
    sums_of_squares : "III" or "II"
        The mean over arms that ``visit`` is about: each arm with equal weight, or by size.
        The two agree where arms are equal in size, and for the other terms always.
    correction : "greenhouse_geisser", "huynh_feldt" or "none"
        What multiplies the degrees of freedom within people. Huynh and Feldt's is in
        Lecoutre's form and counts as 1 where it is larger.
    conf_level : float
        Coverage of the intervals, in (0, 1); they are not adjusted for their number.

    Returns
    -------
    AnalysisResult
        ``joint_test`` of ``arm``, ``visit`` and ``arm:visit`` (in ``term``), ``df_num`` and
        ``df`` as corrected; ``effect_size`` of each, ``generalised_eta_squared`` and
        ``partial_eta_squared`` (in ``method``); ``assumption_test`` of each term within
        people (Mauchly's W); ``ls_mean`` of each arm and visit; ``change`` from the first
        visit of each arm; ``ls_mean_difference`` of arms at each visit, and with term
        ``change`` of their changes. In ``fit`` the sums of squares, both epsilons as
        computed, the p-values under every correction, Pillai's trace and Wilks's lambda.

    Raises
    ------
    SpecificationError
        If a column, the reference arm or an option does not exist.
    DataError
        If a subject has two records of one visit or stands in two arms, or a record lacks
        its subject or visit.
    NotEstimableError
        If fewer than two visits occur, an arm has no complete subject, nothing varies, or
        Huynh and Feldt's correction is asked for and does not exist.

    References
    ----------
    Huynh H, Feldt LS (1976). J Educ Statist 1:69-82. Olejnik S, Algina J (2003). Psychol
    Methods 8:434-447. R: ``afex::aov_ez``, ``car::Anova(idata = )``; SAS: ``PROC GLM;
    REPEATED``.

    Examples
    --------
    >>> frame = pd.DataFrame({
    ...     "id": [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6],
    ...     "arm": ["breath"] * 6 + ["mind"] * 6,
    ...     "visit": ["before", "later"] * 6,
    ...     "pain": [6.0, 5, 7, 7, 5, 4, 6, 3, 7, 5, 5, 1]})
    >>> result = repeated_measures_anova(
    ...     frame, outcome="pain", subject="id", visit="visit", arm="arm")
    >>> (crossed,) = result.select(quantity="joint_test", term="arm:visit")
    >>> crossed.df_num, crossed.df, round(crossed.statistic, 3), round(crossed.p_value, 4)
    (1.0, 4.0, 12.25, 0.0249)
    """
    require_word(sums_of_squares, allowed(SumsOfSquares), option="sums_of_squares")
    require_word(correction, allowed(SphericityCorrection), option="correction")
    require_conf_level(conf_level)
    data = complete_profiles(frame, outcome=outcome, subject=subject, visit=visit, arm=arm)
    require_reference(data, reference)
    profiles = fit_profiles(list(data.samples.values()))
    model = Model(
        data=data,
        profiles=profiles,
        sphericity=sphericity(profiles),
        sums_of_squares=sums_of_squares,
        correction=correction,
        conf_level=conf_level,
    )
    tests = term_tests(model)
    multivariate = {
        term: multivariate_test(profiles, term, sums_of_squares=sums_of_squares)
        for term in model.within_terms
    }
    return AnalysisResult(
        method=method_sentence(model),
        estimates=tuple(all_rows(model, tests, reference)),
        fit=statistics(figures(model, tests) | multivariate_figures(multivariate)),
        notes=(*data.notes, *caveats(model, multivariate)),
        provenance=call(
            "repeated_measures_anova",
            outcome=outcome,
            subject=subject,
            visit=visit,
            arm=arm,
            reference=reference,
            sums_of_squares=sums_of_squares,
            correction=correction,
            conf_level=conf_level,
        ),
    )


def require_reference(data: ProfileSet, reference: str | None) -> None:
    """Raise unless the reference is one of the arms, or none is named."""
    if reference is not None and reference not in tuple(data.samples):
        arms = ", ".join(filter(None, data.samples)) or "none, since no arm is named"
        raise SpecificationError(
            f"reference: expected one of the arms ({arms}), found {reference!r}"
        )
