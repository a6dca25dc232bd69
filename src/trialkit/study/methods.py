"""What a planned analysis cannot do without: arms, covariates, rules, a baseline, participants.

As in ``references.py``, the checks walk the file as it was read, so that everything is
reported at once.
"""

import re
from collections.abc import Iterator

from trialkit.errors import Finding
from trialkit.study.raw import (
    Raw,
    baseline_visit,
    by_id,
    entries,
    has_baseline,
    has_participants,
    ids,
)
from trialkit.terms import BASELINE

COMPARE_MEANS = ("welch", "student", "ancova")
FROM_BASELINE = ("percent_reduction", "reduction")
THRESHOLDS = (*FROM_BASELINE, "at_most", "at_least", "above")


def method_findings(raw: Raw) -> list[Finding]:
    """Return what planned analyses ask for and the study cannot give."""
    estimands, endpoints = by_id(raw, "estimand"), by_id(raw, "endpoint")
    findings: list[Finding] = []
    for where, analysis in entries(raw, "analysis"):
        estimand = estimands.get(str(analysis.get("estimand")), {})
        endpoint = endpoints.get(str(estimand.get("endpoint")), {})
        findings += arms_needed(raw, where, analysis, estimand)
        findings += covariates_allowed(where, analysis)
        findings += participants_needed(raw, where, analysis)
        findings += test_needed(where, analysis)
        findings += column_needed(where, analysis, estimand=estimand, endpoint=endpoint)
        rule = None
        if analysis.get("method") == "responders" and endpoint:
            rule, wrong = responder_rule_of(where, analysis, endpoint)
            findings += wrong
        findings += baseline_needed(raw, where, analysis, estimand=estimand, rule=rule)
    return findings


def arms_needed(raw: Raw, where: str, analysis: Raw, estimand: Raw) -> Iterator[Finding]:
    """Yield a comparison without a reference arm, or with a single arm."""
    method, arms = analysis.get("method"), ids(raw, "arm")
    if len(arms) == 1 and method in COMPARE_MEANS:
        yield Finding(
            where=f"{where}.method",
            expected="a method for a single arm",
            allowed=("descriptive", "paired_change", "responders"),
            found=repr(method),
        )
    compares = method in (*COMPARE_MEANS, "responders")
    if compares and len(arms) > 1 and estimand and "reference" not in estimand:
        yield Finding(
            where=f"{where}.estimand",
            expected=f"an estimand with a `reference` arm for method {method!r}",
            found=repr(analysis.get("estimand")),
        )


def covariates_allowed(where: str, analysis: Raw) -> Iterator[Finding]:
    """Yield covariates beside a method that takes none."""
    if analysis.get("covariates") is not None and analysis.get("method") not in ("ancova", None):
        yield Finding(
            where=f"{where}.covariates",
            expected="covariates only with method 'ancova'",
            found=f"method {analysis.get('method')!r}",
        )


def participants_needed(raw: Raw, where: str, analysis: Raw) -> Iterator[Finding]:
    """Yield an analysis of participants in a study that names none."""
    if analysis.get("data", "participants") == "participants" and not has_participants(raw):
        yield Finding(
            where=f"{where}.data",
            expected="'published_figures', because [data] names no participants",
            found="'participants'",
        )


def test_needed(where: str, analysis: Raw) -> Iterator[Finding]:
    """Yield a family beside a method that tests nothing."""
    if analysis.get("method") == "descriptive" and analysis.get("family") is not None:
        yield Finding(
            where=f"{where}.family",
            expected="a family only with a method that tests something",
            found="method 'descriptive'",
        )


def column_needed(where: str, analysis: Raw, *, estimand: Raw, endpoint: Raw) -> Iterator[Finding]:
    """Yield an analysis of wide data at a visit for which the endpoint has no column."""
    columns, visit = endpoint.get("columns"), estimand.get("visit")
    if analysis.get("data", "participants") != "participants" or not isinstance(columns, dict):
        return
    if columns and isinstance(visit, str) and visit not in columns:
        yield Finding(
            where=f"{where}.estimand",
            expected=f"a visit at which endpoint {endpoint.get('id')!r} has a column",
            allowed=tuple(map(str, columns)),
            found=repr(visit),
        )


def responder_rule_of(where: str, analysis: Raw, endpoint: Raw) -> tuple[Raw | None, list[Finding]]:
    """Return the responder rule that an analysis names, else the endpoint's first."""
    listed = endpoint.get("responder", [])
    rules = [rule for rule in listed if isinstance(rule, dict)] if isinstance(listed, list) else []
    if not rules:
        expected = f"a responder rule on endpoint {endpoint.get('id')!r}"
        return None, [Finding(where=f"{where}.method", expected=expected, found="none")]
    wanted = analysis.get("responder")
    keys = tuple(map(rule_key, rules))
    if wanted is None:
        return rules[0], []
    if wanted in keys:
        return rules[keys.index(wanted)], []
    return None, [
        Finding(
            where=f"{where}.responder",
            expected=f"the id of a responder rule of endpoint {endpoint.get('id')!r}",
            allowed=keys,
            found=repr(wanted),
        )
    ]


def rule_key(rule: Raw) -> str:
    """Return the id of a rule, made from its threshold where none is given."""
    if "id" in rule:
        return str(rule["id"])
    name = next((name for name in THRESHOLDS if name in rule), "")
    value = rule.get(name)
    return f"{name}_{value:g}" if isinstance(value, int | float) else name


def baseline_needed(
    raw: Raw, where: str, analysis: Raw, *, estimand: Raw, rule: Raw | None
) -> Iterator[Finding]:
    """Yield what compares with the baseline where there is none, or at the baseline itself."""
    reasons = [reason for reason, holds in baseline_reasons(analysis, rule) if holds]
    if not reasons or analysis.get("data", "participants") != "participants":
        return
    if not has_baseline(raw):
        yield Finding(
            where=where,
            expected="a visit with `baseline = true` (or a `baseline` column under [data])",
            found=f"{reasons[0]}, and no baseline",
        )
    visit = estimand.get("visit")
    if visit is not None and visit == baseline_visit(raw):
        yield Finding(
            where=f"{where}.estimand",
            expected="an estimand at a visit after the baseline",
            found=f"{reasons[0]} at the baseline visit {visit!r}",
        )


def baseline_reasons(analysis: Raw, rule: Raw | None) -> tuple[tuple[str, bool], ...]:
    """Return why an analysis may need a baseline, and whether it does."""
    covariates = str(analysis.get("covariates") or "")
    return (
        (f"covariate {BASELINE}", re.search(rf"\b{BASELINE}\b", covariates) is not None),
        ("outcome 'change'", analysis.get("outcome") == "change"),
        ("method 'paired_change'", analysis.get("method") == "paired_change"),
        (
            "a responder rule about change from baseline",
            rule is not None and any(name in rule for name in FROM_BASELINE),
        ),
    )
