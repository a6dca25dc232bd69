"""Entries of ``study.toml`` that name other entries: each must exist, each id be unique.

The checks walk the file as it was read, before any type is known to be right, so that
dangling references are reported together with every other mistake.
"""

from collections import Counter
from collections.abc import Iterator

from trialkit.errors import Finding
from trialkit.study.codes import code_key
from trialkit.study.plan import split_contrast
from trialkit.study.raw import Raw, entries, has_participants, ids
from trialkit.terms import ADAM_COLUMNS, population_flag

LISTS = ("arm", "visit", "endpoint", "population", "estimand", "analysis")


def reference_findings(raw: Raw) -> list[Finding]:
    """Return every dangling reference, doubled id and contradiction of a study file."""
    return [
        *unnamed_lists(raw),
        *doubled_ids(raw),
        *doubled_codes(raw),
        *estimand_references(raw),
        *analysis_references(raw),
        *visit_references(raw),
        *flow_references(raw),
        *harm_references(raw),
        *design_contradictions(raw),
        *place_of_values(raw),
    ]


def dangling(where: str, value: object, known: tuple[str, ...], what: str) -> Iterator[Finding]:
    """Yield a finding if a reference is given and names nothing."""
    if isinstance(value, str) and value not in known:
        yield Finding(where=where, expected=f"the id of {what}", allowed=known, found=repr(value))


def unnamed_lists(raw: Raw) -> Iterator[Finding]:
    """Yield the lists that must hold at least one entry and are empty."""
    for name in ("arm", "visit", "endpoint", "population"):
        if isinstance(raw.get(name), list) and not raw[name]:
            yield Finding(where=name, expected="at least one entry", found="an empty list")


def doubled_ids(raw: Raw) -> Iterator[Finding]:
    """Yield ids that two entries of one list share."""
    different = dict.fromkeys(ids(raw, "population"))
    flags = Counter([*map(population_flag, different), *ADAM_COLUMNS])
    for population in different:
        if flags[population_flag(population)] > 1:
            yield Finding(
                where="population.id",
                expected="an id whose flag column no other population or ADaM name has",
                found=f"{population!r}, flag {population_flag(population)}",
            )
    for name in LISTS:
        for identifier, count in Counter(ids(raw, name)).items():
            if count > 1:
                yield Finding(
                    where=f"{name}.id",
                    expected="each id once",
                    found=f"{identifier!r} {count} times",
                )
    orders = Counter(
        entry["order"] for _, entry in entries(raw, "visit") if isinstance(entry.get("order"), int)
    )
    for order, count in orders.items():
        if count > 1:
            yield Finding(
                where="visit.order", expected="each order once", found=f"{order} {count} times"
            )


def doubled_codes(raw: Raw) -> Iterator[Finding]:
    """Yield data codes that two arms, or two visits, share."""
    for name in ("arm", "visit"):
        codes = Counter(
            code_key(entry.get("value", entry.get("id"))) for _, entry in entries(raw, name)
        )
        for code, count in codes.items():
            if count > 1:
                yield Finding(
                    where=f"{name}.value",
                    expected=f"one {name} a code",
                    found=f"{code!r} {count} times",
                )


def estimand_references(raw: Raw) -> Iterator[Finding]:
    """Yield what an estimand names and the file does not have."""
    arms = ids(raw, "arm")
    for where, entry in entries(raw, "estimand"):
        for key, listed in (
            ("population", "population"),
            ("endpoint", "endpoint"),
            ("visit", "visit"),
        ):
            yield from dangling(f"{where}.{key}", entry.get(key), ids(raw, listed), f"a {listed}")
        for key in ("treatment", "reference"):
            yield from dangling(f"{where}.{key}", entry.get(key), arms, "an arm")
        if entry.get("treatment") is not None and entry.get("treatment") == entry.get("reference"):
            yield Finding(
                where=f"{where}.reference",
                expected="an arm other than the treatment",
                found=repr(entry["reference"]),
            )


def analysis_references(raw: Raw) -> Iterator[Finding]:
    """Yield what a planned analysis names and the file does not have."""
    families = (
        tuple(raw.get("multiplicity", {})) if isinstance(raw.get("multiplicity"), dict) else ()
    )
    estimands = {str(entry.get("id")): entry for _, entry in entries(raw, "estimand")}
    for where, entry in entries(raw, "analysis"):
        yield from dangling(
            f"{where}.estimand", entry.get("estimand"), tuple(estimands), "an estimand"
        )
        yield from dangling(
            f"{where}.family", entry.get("family"), families, "a multiplicity family"
        )
        yield from dangling(
            f"{where}.stands_in_for",
            entry.get("stands_in_for"),
            ids(raw, "analysis"),
            "an analysis",
        )
        yield from contrast_references(raw, where, entry)


def contrast_references(raw: Raw, where: str, entry: Raw) -> Iterator[Finding]:
    """Yield listed contrasts that are not "arm - arm"."""
    contrasts = entry.get("contrasts")
    if not isinstance(contrasts, list):
        return
    arms = ids(raw, "arm")
    for position, text in enumerate(contrasts):
        sides = split_contrast(str(text))
        if any(side not in arms for side in sides) or sides[0] == sides[1]:
            yield Finding(
                where=f"{where}.contrasts[{position}]",
                expected='"treatment - reference" of two arm ids',
                allowed=arms,
                found=repr(text),
            )


def visit_references(raw: Raw) -> Iterator[Finding]:
    """Yield visits that endpoints and populations name and the file does not have."""
    visits = ids(raw, "visit")
    for where, entry in entries(raw, "endpoint"):
        columns = entry.get("columns", {})
        for visit in columns if isinstance(columns, dict) else ():
            yield from dangling(f"{where}.columns.{visit}", visit, visits, "a visit")
        if entry.get("better") == "higher":
            yield from reductions_of_good(where, entry)
    for where, entry in entries(raw, "population"):
        required = entry.get("requires_visits", [])
        for position, visit in enumerate(required if isinstance(required, list) else ()):
            yield from dangling(f"{where}.requires_visits[{position}]", visit, visits, "a visit")


def flow_references(raw: Raw) -> Iterator[Finding]:
    """Yield arms of the flow that the file does not have, or has the counts of twice."""
    flow = raw.get("flow", {})
    listed = flow.get("arm", []) if isinstance(flow, dict) else []
    named = [
        (position, entry.get("arm"))
        for position, entry in enumerate(listed if isinstance(listed, list) else ())
        if isinstance(entry, dict)
    ]
    for position, arm in named:
        yield from dangling(f"flow.arm[{position}].arm", arm, ids(raw, "arm"), "an arm")
    for arm, count in Counter(str(arm) for _, arm in named if arm is not None).items():
        if count > 1:
            yield Finding(
                where="flow.arm.arm", expected="each arm once", found=f"{arm!r} {count} times"
            )


def harm_references(raw: Raw) -> Iterator[Finding]:
    """Yield arms of harms that the file does not have, and harms that were not collected."""
    arms, scopes = ids(raw, "arm"), Counter[str]()
    for where, entry in entries(raw, "harm"):
        scopes[str(entry.get("covers"))] += 1
        for key in ("people", "of"):
            named = entry.get(key)
            for arm in named if isinstance(named, dict) else ():
                yield from dangling(f"{where}.{key}", arm, arms, "an arm")
    for scope in ("any", "any_serious"):
        if scopes[scope] > 1:
            yield Finding(
                where="harm.covers", expected=f"{scope!r} once", found=f"{scopes[scope]} times"
            )
    header = raw.get("study", {})
    stated = header.get("harms") if isinstance(header, dict) else None
    if scopes and stated != "collected":
        yield Finding(
            where="study.harms",
            expected="'collected' beside entries of harm",
            found=repr(stated) if stated else "nothing",
        )


def reductions_of_good(where: str, endpoint: Raw) -> Iterator[Finding]:
    """Yield rules that count a reduction where higher is better."""
    rules = endpoint.get("responder", [])
    for position, rule in enumerate(rules if isinstance(rules, list) else ()):
        if isinstance(rule, dict) and {"percent_reduction", "reduction"} & set(rule):
            yield Finding(
                where=f"{where}.responder[{position}]",
                expected="`at_least` or `above` where higher is better",
                found=", ".join(sorted(rule)),
            )


def design_contradictions(raw: Raw) -> Iterator[Finding]:
    """Yield what does not go with the design."""
    header = raw.get("study", {})
    design = header.get("design") if isinstance(header, dict) else None
    arms, visits = ids(raw, "arm"), ids(raw, "visit")
    if design == "parallel" and len(arms) == 1:
        yield Finding(where="arm", expected="two or more arms in a parallel design", found="1")
    if design == "pre_post" and len(visits) == 1:
        yield Finding(where="visit", expected="two or more visits in a pre_post design", found="1")
    if design == "crossover":
        yield Finding(
            where="study.design",
            expected="a design that trialkit carries out",
            allowed=("parallel", "pre_post"),
            found="'crossover'",
        )
    marked = [entry for _, entry in entries(raw, "visit") if entry.get("baseline") is True]
    if len(marked) > 1:
        yield Finding(where="visit.baseline", expected="one baseline visit", found=f"{len(marked)}")
    if isinstance(header, dict) and header.get("randomised") is True and len(arms) == 1:
        yield Finding(where="study.randomised", expected="false for a single arm", found="true")


def place_of_values(raw: Raw) -> Iterator[Finding]:
    """Yield endpoints whose values cannot be found in the data as described."""
    data = raw.get("data", {})
    if not isinstance(data, dict) or not has_participants(raw):
        return
    if "arm" not in data and len(ids(raw, "arm")) > 1:
        yield Finding(where="data.arm", expected="the column that holds the arm", found="nothing")
    yield from place_of_baseline(raw, data)
    printed = printed_endpoints(raw)
    for where, entry in entries(raw, "endpoint"):
        places = [
            key for key in ("columns", "value", "parameter") if entry.get(key) not in (None, {})
        ]
        if not places and str(entry.get("id")) in printed:
            continue
        if len(places) != 1:
            yield Finding(
                where=where,
                expected="one of `columns` (wide data), `value` or `parameter` (long data)",
                found=", ".join(places) or "none of them",
            )
        elif places[0] != "columns" and "visit" not in data:
            yield Finding(
                where="data.visit", expected="the column that holds the visit", found="nothing"
            )
        if places == ["parameter"] and not {"parameter", "value"} <= set(data):
            yield Finding(
                where="data",
                expected="`parameter` and `value`, the columns of long data",
                found=", ".join(sorted(data)),
            )


def place_of_baseline(raw: Raw, data: Raw) -> Iterator[Finding]:
    """Yield a baseline column beside wide data, or beside a baseline visit."""
    if "baseline" not in data:
        return
    wide = any(entry.get("columns") for _, entry in entries(raw, "endpoint"))
    marked = any(entry.get("baseline") is True for _, entry in entries(raw, "visit"))
    if wide or marked:
        yield Finding(
            where="data.baseline",
            expected="a baseline column only in long data without a baseline visit",
            found="wide data" if wide else "a visit with baseline = true",
        )


def printed_endpoints(raw: Raw) -> set[str]:
    """Return the endpoints that only analyses of printed figures speak of.

    They need no place in the data of the participants.
    """
    asked = {str(entry.get("id")): entry.get("endpoint") for _, entry in entries(raw, "estimand")}
    used: dict[bool, set[str]] = {True: set(), False: set()}
    for _, entry in entries(raw, "analysis"):
        used[entry.get("data") == "published_figures"].add(
            str(asked.get(str(entry.get("estimand"))))
        )
    return used[True] - used[False]
