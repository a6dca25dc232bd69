"""What a planned analysis may say, and what it cannot do without: arms, rules, a baseline.

As in ``references.py``, the checks walk the file as it was read, so that everything is
reported at once.
"""

import re
from collections.abc import Iterator

from trialkit.errors import Finding
from trialkit.study.method_rule import MethodRule
from trialkit.study.method_rules import (
    ADJUST_THEMSELVES,
    BY_RULE,
    FROM_BASELINE,
    OF_TRIALS,
    OPTIONS,
    RULES,
    WORDS_BY_METHOD,
)
from trialkit.study.raw import (
    Raw,
    baseline_visit,
    by_id,
    entries,
    has_baseline,
    has_participants,
    ids,
    visits_after_baseline,
)
from trialkit.terms import BASELINE

ABOUT_CHANGE = ("percent_reduction", "reduction")
THRESHOLDS = (*ABOUT_CHANGE, "at_most", "at_least", "above")


def method_findings(raw: Raw) -> list[Finding]:
    """Return what planned analyses ask for and the study cannot give."""
    estimands, endpoints = by_id(raw, "estimand"), by_id(raw, "endpoint")
    findings: list[Finding] = []
    for where, analysis in entries(raw, "analysis"):
        method = analysis.get("method")
        rule_of_method = RULES.get(method) if isinstance(method, str) else None  # type: ignore[call-overload]
        if rule_of_method is None:  # reported where the types are read
            continue
        estimand = estimands.get(str(analysis.get("estimand")), {})
        endpoint = endpoints.get(str(estimand.get("endpoint")), {})
        findings += arms_needed(raw, where, analysis, estimand=estimand, method=rule_of_method)
        findings += options_allowed(where, analysis, rule_of_method)
        findings += options_named(raw, where, analysis)
        findings += data_allowed(raw, where, analysis, rule_of_method)
        findings += column_needed(where, analysis, estimand=estimand, endpoint=endpoint)
        if rule_of_method.compares == "arms_by_visit":
            findings += visits_needed(raw, where, analysis, estimand=estimand, endpoint=endpoint)
        rule = None
        if method in BY_RULE and endpoint and (method == "responders" or needs_rule(analysis)):
            rule, wrong = responder_rule_of(where, analysis, endpoint)
            findings += wrong
        findings += baseline_needed(raw, where, analysis, estimand=estimand, rule=rule)
    return findings


def needs_rule(analysis: Raw) -> bool:
    """Return whether an analysis is of people who meet a rule, not of printed means."""
    return analysis.get("method") not in OF_TRIALS or "responder" in analysis


def arms_needed(
    raw: Raw, where: str, analysis: Raw, *, estimand: Raw, method: MethodRule
) -> Iterator[Finding]:
    """Yield a comparison without a reference arm, or with a single arm."""
    name, arms = analysis.get("method"), ids(raw, "arm")
    if len(arms) == 1 and method.needs_arms:
        yield Finding(
            where=f"{where}.method",
            expected="a method for a single arm",
            allowed=tuple(word for word, rule in RULES.items() if not rule.needs_arms),
            found=repr(name),
        )
    if method.needs_reference and len(arms) > 1 and estimand and "reference" not in estimand:
        yield Finding(
            where=f"{where}.estimand",
            expected=f"an estimand with a `reference` arm for method {name!r}",
            found=repr(analysis.get("estimand")),
        )


def options_allowed(where: str, analysis: Raw, method: MethodRule) -> Iterator[Finding]:
    """Yield options that the method does not read, words it does not know, and lacking ones."""
    name = analysis.get("method")
    for key in OPTIONS:
        if key not in analysis:
            continue
        words = method.options.get(key)
        if words is None:
            yield Finding(
                where=f"{where}.{key}",
                expected=f"an option that method {name!r} reads",
                allowed=tuple(method.options) or ("none",),
                found=repr(key),
            )
        elif key in WORDS_BY_METHOD and analysis[key] not in words:
            yield Finding(
                where=f"{where}.{key}",
                expected=f"a word that method {name!r} knows",
                allowed=words,
                found=repr(analysis[key]),
            )
    for key in method.required:
        if key not in analysis:
            yield Finding(
                where=where, expected=f"`{key}`, which method {name!r} needs", found="nothing"
            )
    yield from idle_options(where, analysis)
    if analysis.get("family") is not None and not method.tests:
        yield Finding(
            where=f"{where}.family",
            expected="a family only with a method that tests something",
            found=f"method {name!r}",
        )


def idle_options(where: str, analysis: Raw) -> Iterator[Finding]:
    """Yield options that another one makes idle, or that would adjust p-values twice."""
    name, adjust = analysis.get("method"), analysis.get("adjust", "none")
    if analysis.get("family") is not None and (name in ADJUST_THEMSELVES or adjust != "none"):
        yield Finding(
            where=f"{where}.family",
            expected="a family or the analysis's own adjustment, not both",
            found=f"method {name!r}" + (f" with adjust {adjust!r}" if adjust != "none" else ""),
        )
    if name == "mmrm" and "adjust_over" in analysis and adjust == "none":
        yield Finding(
            where=f"{where}.adjust_over",
            expected="`adjust` beside it; without a procedure nothing is adjusted",
            found=repr(analysis["adjust_over"]),
        )
    if name == "pooled_trials" and analysis.get("stages", "one_stage") == "one_stage":
        for key in ("tau2", "test"):
            if key in analysis:
                yield Finding(
                    where=f"{where}.{key}",
                    expected="stages = 'two_stage' beside it; one stage has no such option",
                    found="one stage",
                )


def options_named(raw: Raw, where: str, analysis: Raw) -> Iterator[Finding]:
    """Yield endpoints and visits that an option names and the study does not have."""
    for key, listed in (("mediators", "endpoint"), ("endpoints", "endpoint"), ("visits", "visit")):
        known, named = ids(raw, listed), analysis.get(key)
        for position, item in enumerate(named if isinstance(named, list) else ()):
            if item not in known:
                yield Finding(
                    where=f"{where}.{key}[{position}]",
                    expected=f"the id of a {listed}"
                    if listed == "visit"
                    else f"the id of an {listed}",
                    allowed=known,
                    found=repr(item),
                )
    known, times = ids(raw, "visit"), analysis.get("times")
    for item in times if isinstance(times, dict) else ():
        if item not in known:
            yield Finding(
                where=f"{where}.times.{item}",
                expected="the id of a visit",
                allowed=known,
                found=repr(item),
            )


def visits_needed(
    raw: Raw, where: str, analysis: Raw, *, estimand: Raw, endpoint: Raw
) -> Iterator[Finding]:
    """Yield visits that a model of several visits after the baseline cannot take."""
    listed = analysis.get("visits")
    named = [str(item) for item in listed] if isinstance(listed, list) else None
    asked, columns = estimand.get("visit"), endpoint.get("columns")
    all_later = visits_after_baseline(raw)
    measured = columns if isinstance(columns, dict) and columns else ids(raw, "visit")
    later = tuple(item for item in all_later if item in measured)
    method = repr(analysis.get("method"))
    if named is not None:
        for position, item in enumerate(named):
            if item in ids(raw, "visit") and item not in later:
                yield Finding(
                    where=f"{where}.visits[{position}]",
                    expected="a visit after the baseline at which the endpoint is measured",
                    allowed=later,
                    found=repr(item),
                )
    if len(named if named is not None else later) < 2:
        yield Finding(
            where=f"{where}.visits" if named is not None else where,
            expected=f"two visits after the baseline or more, which method {method} is about",
            found=", ".join(map(repr, named if named is not None else later)) or "none",
        )
    if isinstance(asked, str) and asked in ids(raw, "visit") and asked not in all_later:
        yield Finding(
            where=f"{where}.estimand",
            expected="an estimand at a visit after the baseline",
            found=f"method {method} at visit {asked!r}",
        )
    elif named is not None and isinstance(asked, str) and asked not in named:
        yield Finding(
            where=f"{where}.visits",
            expected=f"the visit of the estimand, {asked!r}, among them",
            found=", ".join(map(repr, named)),
        )


def data_allowed(raw: Raw, where: str, analysis: Raw, method: MethodRule) -> Iterator[Finding]:
    """Yield an analysis of participants or figures that its method or the study cannot give."""
    name, data = analysis.get("method"), analysis.get("data", "participants")
    if data == "participants" and not method.on_participants:
        yield Finding(
            where=f"{where}.data",
            expected=f"'published_figures', which method {name!r} is about",
            found=repr(data),
        )
    elif data == "participants" and not has_participants(raw):
        yield Finding(
            where=f"{where}.data",
            expected="'published_figures', because [data] names no participants",
            found="'participants'",
        )
    if data == "published_figures" and not method.on_figures:
        yield Finding(
            where=f"{where}.method",
            expected="a method that printed figures can carry",
            allowed=tuple(word for word, rule in RULES.items() if rule.on_figures),
            found=repr(name),
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
    method = str(analysis.get("method"))
    return (
        (f"covariate {BASELINE}", re.search(rf"\b{BASELINE}\b", covariates) is not None),
        ("outcome 'change'", analysis.get("outcome") == "change"),
        (f"method {method!r}", method in FROM_BASELINE),
        (
            "a responder rule about change from baseline",
            rule is not None and any(name in rule for name in ABOUT_CHANGE),
        ),
    )
