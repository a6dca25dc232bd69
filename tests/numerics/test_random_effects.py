"""Random effects: the dense likelihood, boundaries, rotation, and what cannot be fitted."""

import numpy as np
import pytest
from scipy import stats

from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.numerics import random_effects
from trialkit.numerics.arrays import FloatArray, IntArray
from trialkit.numerics.covariance_structures import Unstructured
from trialkit.numerics.mixed_inference import satterthwaite_df
from trialkit.numerics.random_blocks import RandomTerm, nested_levels, random_blocks
from trialkit.numerics.random_effects import (
    RandomFit,
    fit_random_effects,
    leaves_zero,
    predicted_effects,
    starting,
)
from trialkit.numerics.random_structures import Factored, Repeated


def term(
    factor: str, group: IntArray, *columns: FloatArray, independent: bool = False
) -> RandomTerm:
    Z = np.column_stack([np.ones(group.size), *columns])
    names = ("Intercept", *(f"x{position}" for position in range(len(columns))))
    return RandomTerm(factor=factor, columns=names, Z=Z, group=group, independent=independent)


def nested_trial(seed: int) -> tuple[FloatArray, FloatArray, list[RandomTerm]]:
    """Sites, people with slopes, visits; every group of its own size."""
    rng = np.random.default_rng(seed)
    site = np.repeat(np.arange(5), [6, 9, 12, 15, 18])
    person = np.arange(site.size) // 3
    visit = np.repeat(np.arange(site.size), rng.integers(1, 4, site.size))
    person, site = person[visit], site[visit]
    n = visit.size
    time, arm = rng.normal(size=n), (person % 2).astype(float)
    effects = (
        rng.normal(0, 1, 5)[site]
        + rng.normal(0, 2, person.max() + 1)[person]
        + rng.normal(0, 0.7, person.max() + 1)[person] * time
        + rng.normal(0, 1, visit.max() + 1)[visit]
    )
    X = np.column_stack([np.ones(n), arm, time])
    y = X @ [40.0, 1.0, 2.0] + effects + rng.normal(size=n)
    return X, y, [term("site", site), term("person", person, time), term("visit", visit)]


def dense_log_likelihood(
    model: RandomFit, X: FloatArray, y: FloatArray, *, reml: bool
) -> tuple[float, FloatArray]:
    """Return the likelihood with V written out, and the coefficients that maximise it."""
    n, p = X.shape
    V = model.residual_variance * np.eye(n)
    for level, matrices in zip(model.levels, model.G, strict=True):
        for each, G in zip(level, matrices, strict=True):
            V += (each.Z @ G @ each.Z.T) * (each.group[:, None] == each.group)
    W = np.linalg.inv(V)
    H = X.T @ W @ X
    beta = np.linalg.solve(H, X.T @ W @ y)
    r = y - X @ beta
    twice = np.linalg.slogdet(V)[1] + r @ W @ r + n * np.log(2 * np.pi)
    if reml:
        twice += np.linalg.slogdet(H)[1] - p * np.log(2 * np.pi)
    return -twice / 2, beta


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("levels", [1, 2, 3])
def test_likelihood_and_coefficients_are_those_of_the_dense_model(levels: int, reml: bool):
    X, y, terms = nested_trial(levels)
    model = fit_random_effects(X, y, terms[1 : 1 + levels] if levels < 3 else terms, reml=reml)

    value, beta = dense_log_likelihood(model, X, y, reml=reml)

    np.testing.assert_allclose(model.fit.log_likelihood[0], value, rtol=1e-11)
    np.testing.assert_allclose(model.fit.beta[0], beta, rtol=1e-10)


def test_the_maximum_is_a_maximum_of_the_dense_likelihood():
    X, y, terms = nested_trial(11)
    model = fit_random_effects(X, y, terms[:1])
    best, _ = dense_log_likelihood(model, X, y, reml=True)
    for factor in (0.98, 1.02):
        moved = RandomFit(
            fit=model.fit,
            levels=model.levels,
            G=((model.G[0][0] * factor,),),
            ranks=model.ranks,
            residual_variance=model.residual_variance,
            free=model.free,
        )
        assert dense_log_likelihood(moved, X, y, reml=True)[0] < best


def test_a_balanced_one_way_layout_has_its_exact_answer():
    # Analysis of variance: s2 = MSE, variance = (MSA - MSE) / n, and the mean has g - 1 df.
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(8), 6)
    y = rng.normal(0, 2, 8)[group] + rng.normal(size=48)
    means = y.reshape(8, 6).mean(axis=1)
    between = 6 * means.var(ddof=1)
    within = y.reshape(8, 6).var(axis=1, ddof=1).mean()

    model = fit_random_effects(np.ones((48, 1)), y, [term("g", group)])

    np.testing.assert_allclose(model.residual_variance, within, rtol=1e-12)
    np.testing.assert_allclose(model.G[0][0][0, 0], (between - within) / 6, rtol=1e-11)
    np.testing.assert_allclose(satterthwaite_df(model.fit, np.ones((1, 1)))[0, 0], 7, rtol=1e-10)


def test_a_negative_variance_is_zero_and_the_rest_is_least_squares():
    rng = np.random.default_rng(5)
    group = np.repeat(np.arange(10), 4)
    y = rng.normal(size=40)
    y -= 0.9 * y.reshape(10, 4).mean(axis=1)[group]  # Groups differ less than by chance.
    X = np.column_stack([np.ones(40), rng.normal(size=40)])

    model = fit_random_effects(X, y, [term("g", group)])

    assert model.singular
    assert model.G[0][0][0, 0] == 0
    beta, rss = np.linalg.lstsq(X, y, rcond=None)[:2]
    np.testing.assert_allclose(model.fit.beta[0], beta, rtol=1e-10)
    np.testing.assert_allclose(model.residual_variance, rss[0] / 38, rtol=1e-12)
    np.testing.assert_allclose(satterthwaite_df(model.fit, np.eye(2))[0], 38, rtol=1e-10)


def test_a_small_variance_that_is_positive_is_kept():
    # The analysis of variance gives exactly (MSA - MSE) / n = 1e-5 of the residual variance.
    rng = np.random.default_rng(8)
    noise = rng.normal(size=(30, 5))
    noise -= noise.mean(axis=1, keepdims=True)
    within = (noise**2).sum() / (30 * 4)
    means = rng.normal(size=30)
    means = (means - means.mean()) / means.std(ddof=1) * np.sqrt(within * (1 + 5e-5) / 5)
    group = np.repeat(np.arange(30), 5)

    model = fit_random_effects(
        np.ones((150, 1)), (noise + means[:, None]).ravel(), [term("g", group)]
    )

    assert not model.singular
    np.testing.assert_allclose(model.G[0][0][0, 0] / within, 1e-5, rtol=1e-6)


@pytest.mark.parametrize("seed", range(25))
def test_every_start_leads_to_the_same_likelihood(seed: int, monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 10, int(rng.integers(4, 15)))
    group = np.repeat(np.arange(sizes.size), sizes)
    arm = rng.integers(0, 2, group.size).astype(float)
    spread = rng.choice([0.0, 0.2, 2.0], 2)
    y = rng.normal(size=group.size) + spread[0] * rng.normal(size=sizes.size)[group]
    y += spread[1] * rng.normal(size=sizes.size)[group] * arm
    X = np.column_stack([np.ones(group.size), arm])
    if 2 * sizes.size >= group.size:
        pytest.skip("as many effects as records")
    found = [fit_random_effects(X, y, [term("g", group, arm)]).fit.log_likelihood[0]]
    for factor in (1e-3, 30.0):

        def elsewhere(*given, times=factor):
            Sigma = starting(*given)
            Sigma[0, :2, :2] *= times
            return Sigma

        monkeypatch.setattr(random_effects, "starting", elsewhere)
        found.append(fit_random_effects(X, y, [term("g", group, arm)]).fit.log_likelihood[0])

    np.testing.assert_allclose(found, found[0], rtol=0, atol=1e-8)


def test_the_rule_of_the_boundary_sees_a_variance_that_wants_to_grow():
    rng = np.random.default_rng(4)
    group = np.repeat(np.arange(12), 5)
    X, y = np.ones((60, 1)), rng.normal(0, 1.5, 12)[group] + rng.normal(size=60)
    levels = nested_levels([term("g", group)])
    model = random_blocks(X, y, levels)
    fit = random_effects.fitted(
        model, levels, ((0,),), start=starting(X, y, model), reml=True, names=None
    )

    assert leaves_zero(fit, model, levels, ((0,),))


def test_the_order_of_records_does_not_matter():
    X, y, terms = nested_trial(7)
    model = fit_random_effects(X, y, terms)
    order = np.random.default_rng(0).permutation(y.size)
    moved = [
        RandomTerm(factor=t.factor, columns=t.columns, Z=t.Z[order], group=t.group[order])
        for t in terms
    ]

    other = fit_random_effects(X[order], y[order], moved)

    np.testing.assert_allclose(other.fit.log_likelihood, model.fit.log_likelihood, rtol=1e-13)
    np.testing.assert_allclose(other.fit.beta, model.fit.beta, rtol=1e-10)


def test_the_same_input_gives_the_same_bits():
    X, y, terms = nested_trial(2)

    one, other = (fit_random_effects(X, y, terms) for _ in range(2))

    assert one.fit.beta.tobytes() == other.fit.beta.tobytes()
    assert one.fit.log_likelihood.tobytes() == other.fit.log_likelihood.tobytes()


def test_units_move_the_answer_and_nothing_else():
    X, y, terms = nested_trial(9)
    model = fit_random_effects(X, y, terms[1:])
    large = fit_random_effects(X, 1e6 * y, terms[1:])

    np.testing.assert_allclose(large.fit.beta, 1e6 * model.fit.beta, rtol=1e-9)
    np.testing.assert_allclose(large.G[0][0], 1e12 * model.G[0][0], rtol=1e-8)


def test_balanced_inner_groups_cost_few_columns():
    # 40 people at 6 visits of 3 ratings each: one person effect, one visit effect, one residual.
    person = np.repeat(np.arange(40), 18)
    visit = np.repeat(np.arange(240), 3)
    y = np.random.default_rng(1).normal(size=720)

    model = random_blocks(
        np.ones((720, 1)), y, nested_levels([term("person", person), term("visit", visit)])
    )

    assert (model.copies, model.residuals) == ((1, 1), 1)
    assert model.blocks.counts.sum() == 720


def test_predicted_effects_solve_the_mixed_model_equations():
    X, y, terms = nested_trial(1)
    model = fit_random_effects(X, y, terms)
    assert not model.singular
    predicted = predicted_effects(model, X, y)
    columns, penalties = [], []
    for level, matrices, effects in zip(model.levels, model.G, predicted, strict=True):
        for each, G, values in zip(level, matrices, effects, strict=True):
            indicator = np.eye(each.n_groups)[each.group]
            columns.append((indicator[:, :, None] * each.Z[:, None, :]).reshape(y.size, -1))
            penalties.append((values @ np.linalg.inv(G)).ravel())
    Z = np.hstack(columns)
    u = np.concatenate([values.ravel() for effects in predicted for values in effects])

    # Z'(y - X b - Z u) / s2 = G^-1 u
    score = Z.T @ (y - X @ model.fit.beta[0] - Z @ u) / model.residual_variance

    np.testing.assert_allclose(score, np.concatenate(penalties), atol=1e-8)


def test_derivatives_of_the_structures_are_their_differences():
    structure = Repeated(Factored(3, 2), 2)
    point = np.array([[1.0, 0.0, 0.4, 0.8, -0.3, 0.5]])
    local = structure.local(point)
    weights = np.random.default_rng(0).normal(size=(6, 6))
    Gamma = (weights + weights.T)[np.newaxis]
    steps = np.eye(structure.n_parameters)

    def at(step: FloatArray) -> FloatArray:
        return structure.covariance(structure.move(point, step[np.newaxis]))

    # The matrix is quadratic in a step, so central differences are exact.
    for one, along in enumerate(steps):
        np.testing.assert_allclose((at(along) - at(-along)) / 2, local.first[:, one], atol=1e-13)
        for other, across in enumerate(steps):
            bent = at(along + across) - at(along) - at(across) + local.Sigma
            np.testing.assert_allclose(
                (bent * Gamma).sum(), local.curvature(Gamma)[0, one, other], atol=1e-12
            )


def test_a_structure_of_rank_zero_is_zero():
    nothing = Factored(2, 0)
    point = nothing.start(np.eye(2)[np.newaxis])

    assert nothing.n_parameters == 0
    assert not nothing.covariance(point).any()


def test_a_repeated_structure_starts_at_the_mean_of_its_blocks():
    moments = np.diag([1.0, 2.0, 3.0, 6.0])[np.newaxis]
    repeated = Repeated(Unstructured(2), 2)

    np.testing.assert_allclose(
        repeated.covariance(repeated.start(moments))[0], np.diag([2.0, 4.0, 2.0, 4.0])
    )


def test_the_test_of_the_mean_keeps_its_level_with_few_groups():
    # 400 trials of 6 groups: rejections at 5 % lie within three standard errors of it.
    rng = np.random.default_rng(12)
    group = np.repeat(np.arange(6), 5)
    rejected = 0
    for _ in range(400):
        y = rng.normal(0, 1, 6)[group] + rng.normal(size=30)
        fit = fit_random_effects(np.ones((30, 1)), y, [term("g", group)]).fit
        df = satterthwaite_df(fit, np.ones((1, 1)))[0, 0]
        t = abs(fit.beta[0, 0]) / np.sqrt(fit.vcov[0, 0, 0])
        rejected += 2 * stats.t.sf(t, df) < 0.05

    assert abs(rejected / 400 - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 400)


def test_crossed_factors_are_refused_by_name():
    one, other = np.repeat(np.arange(4), 6), np.tile(np.arange(6), 4)

    with pytest.raises(SpecificationError, match="rater crossed with person"):
        nested_levels([term("person", other), term("rater", one)])


def test_factors_that_group_alike_are_refused():
    group = np.repeat(np.arange(4), 6)

    with pytest.raises(SpecificationError, match="site and centre group the records alike"):
        nested_levels([term("site", group), term("centre", group[::-1].max() - group)])


@pytest.mark.parametrize(
    ("group", "message"),
    [
        pytest.param(np.zeros(12, dtype=np.int64), "one group only", id="one group"),
        pytest.param(np.arange(12), "not fewer than the 12 records", id="as many as records"),
    ],
)
def test_a_factor_that_cannot_vary_is_refused(group: IntArray, message: str):
    y = np.random.default_rng(0).normal(size=12)

    with pytest.raises(NotEstimableError, match=message):
        fit_random_effects(np.ones((12, 1)), y, [term("g", group)])


def test_groups_without_any_spread_are_refused():
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(12), 4)

    with pytest.raises(NotEstimableError, match="no residual variance is left"):
        fit_random_effects(np.ones((48, 1)), rng.normal(size=12)[group], [term("g", group)])


def test_dependent_random_columns_are_refused():
    group = np.repeat(np.arange(5), 8)
    y = np.random.default_rng(0).normal(size=40)

    with pytest.raises(NotEstimableError, match="Intercept, x0 of g are linearly dependent"):
        fit_random_effects(np.ones((40, 1)), y, [term("g", group, np.full(40, 2.0))])


def test_a_slope_that_is_constant_within_groups_is_refused():
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(30), 4)
    arm = (group % 2).astype(float)
    y = rng.normal(size=120) + rng.normal(0, 2, 30)[group] * (1 + arm)
    X = np.column_stack([np.ones(120), arm])

    with pytest.raises(NotEstimableError, match="do not tell the variances"):
        fit_random_effects(X, y, [term("person", group, arm)])


def test_too_many_different_inner_groups_are_refused():
    sizes = np.arange(2, 42)
    inner = np.repeat(np.arange(80), np.tile(sizes, 2))
    outer = inner // 40
    y = np.random.default_rng(0).normal(size=inner.size)

    with pytest.raises(NotEstimableError, match="41 random effects of site and person"):
        fit_random_effects(
            np.ones((inner.size, 1)), y, [term("site", outer), term("person", inner)]
        )
