"""Effect sizes that are figures of the numerics room and no measure of a verb."""

from types import SimpleNamespace

import numpy as np

from reference_cases import ReferenceCase
from reference_runners import Finder
from trialkit.numerics import effect_sizes
from trialkit.numerics.bayes_factor import jzs_bayes_factor
from trialkit.numerics.means import sample_moments
from trialkit.numerics.noncentral_t import noncentrality_limits


def effect_size_figure(case: ReferenceCase) -> Finder:
    """Compute one figure of two arms, the mindfulness arm against the breathing one."""
    treatment, reference = (
        sample_moments(case.data.loc[case.data["arm"].eq(arm), "y"].to_numpy(float))
        for arm in ("mindfulness", "breathing")
    )
    d = effect_sizes.cohen_d_s(treatment, reference, conf_level=0.95)
    figures = {
        "cohen_d_unpooled": effect_sizes.cohen_d_unpooled(treatment, reference, conf_level=0.95),
        "superiority_of_normals": effect_sizes.superiority_of_normals(d),
        "hedges_correction": SimpleNamespace(
            estimate=effect_sizes.hedges_correction(treatment.n + reference.n - 2)
        ),
    }
    return lambda _: figures[case.options["figure"]]


def paired_effect_size_figure(case: ReferenceCase) -> Finder:
    """Compute one figure of the changes from ``pre`` to ``post``."""
    pairs = effect_sizes.paired_moments(
        case.data["pre"].to_numpy(float), case.data["post"].to_numpy(float)
    )
    figures = {
        "change_deviation": SimpleNamespace(estimate=pairs.change.std_dev),
        "cohen_d_av_rms": effect_sizes.cohen_d_av_rms(pairs, conf_level=0.95),
        "over_baseline_deviation": effect_sizes.over_baseline_deviation(pairs, conf_level=0.95),
        "hedges_correction": SimpleNamespace(
            estimate=effect_sizes.hedges_correction(pairs.change.n - 1)
        ),
    }
    return lambda _: figures[case.options["figure"]]


def noncentral_t_limits(case: ReferenceCase) -> Finder:
    """Invert the noncentral t; the rows stand in the order of the data."""
    found = iter(
        SimpleNamespace(
            **dict(
                zip(
                    ("conf_low", "conf_high"),
                    noncentrality_limits(row.statistic, row.df, conf_level=row.conf_level),
                    strict=True,
                )
            )
        )
        for row in case.data.itertuples()
    )
    return lambda _: next(found)


def log_bayes_factor(case: ReferenceCase) -> Finder:
    """Compute natural logarithms of Bayes factors; the rows stand in the order of the data."""
    found = iter(
        SimpleNamespace(
            estimate=jzs_bayes_factor(
                row.statistic,
                df=row.df,
                size=row.size_,
                prior_scale=np.sqrt(0.5) if row.scale == "medium" else float(row.scale),
                alternative=row.alternative,
            ).log_bf10
        )
        for row in case.data.rename(columns={"size": "size_"}).itertuples()
    )
    return lambda _: next(found)
