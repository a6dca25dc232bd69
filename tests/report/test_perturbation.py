"""Every number that a report prints follows its result, everywhere and nowhere else.

Each estimate is given telling numbers twice over. The blocks that print the first must be
those that print the second, must be the only ones that changed, and must stand where the
analysis may be spoken of; the first numbers must be gone.
"""

import ast
import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from present import sample
from report import variants
from report.spoken import Said, said
from trialkit.present.format import format_number
from trialkit.report.choice import leading_estimate, main_result
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import StudyResults

STUDIES = {
    "two arms": sample.two_arms,
    "one arm": sample.one_arm,
    "four arms": sample.four_arms,
    "claims": variants.real,
    "open": variants.open_result,
    "stand-in": variants.stand_in,
    "p-values": variants.p_values_only,
}
VALUES = ("estimate", "conf_low", "conf_high")
TESTS = ("p_value", "p_adjusted")
COUNTS = ("n_subjects", "df")
# A share of people stands in words and pictures as people out of 100, and as a count.
SHARES = ("proportion",)
SMALLEST_PRINTED = 0.0002


def forms(name: str, value: float) -> frozenset[str]:
    """Return how a number may be printed, without its sign and with enough digits to tell it."""
    if name in COUNTS:
        return frozenset({format_number(value, 0), format_number(value, 1)})
    if name in TESTS:
        return frozenset({format_number(value, 4)})
    shown = {format_number(abs(value), decimals) for decimals in (2, 3, 4)}
    return frozenset(shown | {format_number(100 * abs(value), decimals) for decimals in (1, 2)})


def all_forms(numbers: dict[str, float]) -> frozenset[str]:
    """Return how any of the numbers of a row may be printed."""
    return frozenset().union(*(forms(name, value) for name, value in numbers.items()))


def candidates(row: Estimate, name: str) -> Iterator[float]:
    """Yield other values of one number of a row that leave its words as they are.

    Order, side of no difference, side of a margin of one point and level stay.
    """
    value = getattr(row, name)
    if name in COUNTS:
        yield from (float(value) + step for step in range(101, 900, 2))
        return
    if name in TESTS:
        wanted = (value * (0.7 + 0.003 * step) for step in range(200))
        yield from (p for p in wanted if 0 < p < 1 and (p <= 0.05) == (value <= 0.05))
        return
    limits = [limit for limit in (row.conf_low, row.conf_high) if limit is not None]
    gaps = [abs(limit - row.estimate) for limit in limits if math.isfinite(limit)]
    room = 0.3 * min([gap for gap in gaps if gap > 0] or [abs(value)])
    for step in range(1, 400):
        other = value + room * (step / 400) * (-1) ** step
        if (other > 0) == (value > 0) and (abs(other) > 1) == (abs(value) > 1):
            yield other


def telling(row: Estimate, taken: set[str]) -> dict[str, float]:
    """Return new numbers of a row, none of whose printed forms is taken, and take them."""
    new: dict[str, float] = {}
    for name in (*VALUES, *TESTS, *COUNTS):
        value = getattr(row, name)
        if value is None or not math.isfinite(value) or value == 0:
            continue
        if (name in TESTS and value < SMALLEST_PRINTED) or (
            name == "n_subjects" and row.quantity in SHARES
        ):
            continue
        found = next((x for x in candidates(row, name) if not forms(name, x) & taken), None)
        assert found is not None, f"no telling {name} for {row}"
        taken |= forms(name, found)
        new[name] = int(found) if name == "n_subjects" else found
    return new


def with_row(
    results: StudyResults, place: tuple[int, int], numbers: dict[str, float]
) -> StudyResults:
    """Return results in which one estimate of one analysis has other numbers."""
    at, position = place
    records = list(results.analyses)
    rows = list(records[at].result.estimates)
    rows[position] = replace(rows[position], **numbers)
    records[at] = replace(records[at], result=records[at].result.with_estimates(rows))
    return replace(results, analyses=tuple(records))


def places() -> Iterator[object]:
    """Yield every estimate of every analysis of the studies."""
    for name, make in STUDIES.items():
        for at, record in enumerate(make().analyses):
            rows = record.result.estimates if record.result is not None else ()
            for position, row in enumerate(rows):
                yield pytest.param(
                    name, (at, position), id=f"{name}: {record.analysis}[{position}] {row.quantity}"
                )


@cache
def printed(name: str) -> frozenset[str]:
    """Return every numeral of the report of a study as it stands."""
    return frozenset().union(*(block.numerals for block in said(STUDIES[name]())))


def printing(blocks: list[Said], numbers: dict[str, float]) -> set[int]:
    """Return which blocks print one of the numbers."""
    shown = all_forms(numbers)
    return {place for place, block in enumerate(blocks) if block.numerals & shown}


def of_main_result(results: StudyResults, analysis: str) -> bool:
    """Return whether an analysis gives the one number of page one."""
    main = main_result(results)
    return main is not None and main.record.analysis == analysis


def may_speak(block: Said, results: StudyResults, analysis: str) -> bool:
    """Return whether the numbers of an analysis have any business in a block, by rule.

    They may stand on page one, the one number there being the main result's alone; in the
    section of their endpoint, but in no table of another analysis; provenance has the hash.
    """
    endpoint = results.study.find_estimand(results.study.find_analysis(analysis).estimand).endpoint
    others = {f"analysis-{item.id}" for item in results.study.analysis if item.id != analysis}
    if block.name in others:
        return False
    if block.part == "front":
        leads = block.kind == "key_result"
        return of_main_result(results, analysis) if leads else True
    if block.part == "results":
        panel = results.study.find_analysis(analysis).method == "published_p_values"
        return panel or block.section.endswith(f"-{endpoint}")
    return block.part == "provenance"


def must_speak(results: StudyResults, place: tuple[int, int]) -> Iterator[tuple[str, str]]:
    """Yield part and kind of what must print an estimate and its limits, by rule.

    The table of the analysis; a sentence above it for the row that answers; for the main
    result the one number of page one.
    """
    record = results.analyses[place[0]]
    row = record.result.estimates[place[1]]
    yield "results", "table"
    main = main_result(results)
    if main is not None and main.record == record and main.estimate == row:
        yield "front", "key_result"
    if leading_estimate(results, record) == row:
        beside = results.study.find_analysis(record.analysis).stands_in_for is not None
        ran = {item.analysis for item in results.analyses if item.result is not None}
        stands_beside = beside and results.study.find_analysis(record.analysis).stands_in_for in ran
        yield "results", "bullets" if stands_beside else "paragraph"


@pytest.mark.parametrize(("name", "place"), [*places()])
def test_another_number_changes_what_cites_it_and_nothing_else(name: str, place: tuple[int, int]):
    results = STUDIES[name]()
    record = results.analyses[place[0]]
    row = record.result.estimates[place[1]]
    taken = set(printed(name))
    first, second = telling(row, taken), telling(row, taken)
    before, after = (said(with_row(results, place, numbers)) for numbers in (first, second))

    assert [block.kind for block in before] == [block.kind for block in after]
    citing = printing(before, first)
    # All that printed the first numbers prints the second, and nothing prints the first.
    assert printing(after, second) == citing
    assert printing(after, first) == set()
    changed = {
        at
        for at, (one, other) in enumerate(zip(before, after, strict=True))
        if one.text != other.text
    }
    hashed = {at for at, block in enumerate(before) if block.name == "provenance"}
    assert citing <= changed
    for at in changed - citing - hashed:
        # Derived from it by arithmetic alone: the same words about another count.
        assert row.quantity in SHARES, before[at]
        assert before[at].skeleton == after[at].skeleton
    speaking = {at for at in changed if not may_speak(before[at], results, record.analysis)}
    assert [before[at] for at in speaking] == []
    values = {name: first[name] for name in VALUES if name in first}
    for part, kind in must_speak(results, place):
        here = [block for block in before if (block.part, block.kind) == (part, kind)]
        for number, value in values.items():
            shown = forms(number, value)
            if row.quantity == "number_needed_to_treat":  # printed with one decimal
                shown |= {format_number(abs(value), 1)}
            assert any(block.numerals & shown for block in here), (part, kind, number)


def figures(value: object) -> Iterator[float]:
    """Yield every number inside a JSON value, and the products that make counts of shares."""
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield float(value)
    elif isinstance(value, str):
        yield from (float(text.replace(",", "")) for text in re.findall(r"\d+(?:\.\d+)?", value))
    elif isinstance(value, dict):
        share, people = value.get("estimate"), value.get("n_subjects")
        if value.get("quantity") in SHARES and share is not None and people:
            yield from (round(share * people), round((1 - share) * people))
        for item in value.values():
            yield from figures(item)
    elif isinstance(value, list):
        for item in value:
            yield from figures(item)


def sources(results: StudyResults) -> frozenset[str]:
    """Return every way to print a stored number, as it is or times 100."""
    numbers = {abs(each) for each in figures(json.loads(results.to_json()))}
    return frozenset(
        format_number(factor * each, decimals)
        for each in numbers
        if math.isfinite(each)
        for factor in (1, 100)
        for decimals in range(5)
    )


def shares(results: StudyResults) -> frozenset[str]:
    """Return every share of people that the flow, the characteristics and the visits have."""
    stages = [row.n_subjects for row in results.flow]
    pairs = [(few, many) for few in stages for many in stages]
    pairs += [(row.count, row.n_subjects) for row in results.characteristics if row.level]
    visits = results.certificate.visits if results.certificate is not None else ()
    pairs += [(row.n_with_value, row.n_subjects) for row in visits]
    for place in {(row.endpoint, row.visit) for row in visits}:
        here = [row for row in visits if (row.endpoint, row.visit) == place]
        people = sum(row.n_subjects for row in here)
        pairs.append((people - sum(row.n_with_value for row in here), people))
    return frozenset(format_number(100 * few / many, 1) for few, many in pairs if many)


# The smallest p-value that is printed as a number; a smaller one lies below it.
BOUND = "0.0001"


@pytest.mark.parametrize("name", STUDIES)
def test_every_decimal_of_a_report_is_a_stored_number(name: str):
    results = STUDIES[name]()
    taken = set(printed(name))
    for at, record in enumerate(results.analyses):
        for position, row in enumerate(record.result.estimates if record.result else ()):
            results = with_row(results, (at, position), telling(row, taken))
    known, of_people = sources(results) | {BOUND}, shares(results)

    foreign = [
        (block.section, block.name, numeral)
        for block in said(results)
        for numeral in sorted(block.numerals)
        if "." in numeral
        and numeral.replace(",", "") not in known
        and not (block.part in {"front", "people", "data"} and numeral in of_people)
    ]

    assert foreign == []


@pytest.mark.parametrize("name", ["claims", "two arms"])
def test_another_number_behind_a_claim_changes_the_claims_alone(name: str):
    results = STUDIES[name]()
    (at, claim) = next((at, item) for at, item in enumerate(results.claims) if item.links)
    link = replace(
        claim.links[0],
        quantity="ls_mean_difference",
        verdict="supported",
        decimals=1,
        unit="points (0-10)",
        conf_level=0.95,
    )
    texts = []
    for shift in (0.0, 0.0737):
        numbers = {"estimate": -7.137, "conf_low": -8.953, "conf_high": -5.317}
        moved = replace(
            link, p_value=0.0617, **{key: value - shift for key, value in numbers.items()}
        )
        links = (moved, *claim.links[1:])
        claims = [replace(item, links=links) if item is claim else item for item in results.claims]
        assert claims[at].links == links
        texts.append(said(replace(results, claims=tuple(claims))))
    before, after = texts

    changed = [
        (one, other) for one, other in zip(before, after, strict=True) if one.text != other.text
    ]
    assert {one.kind for one, _ in changed if one.part == "claims"} == {"bullets"}
    assert {one.part for one, _ in changed} <= {"claims", "front", "provenance"}
    assert {one.kind for one, _ in changed if one.part == "front"} <= {"verdicts"}
    for one, other in changed:
        if one.name != "provenance":
            assert {"7.14", "8.95", "5.32"} & one.numerals
            assert {"7.21", "9.03", "5.39"} & other.numerals
            assert not {"7.14", "8.95", "5.32"} & other.numerals


# ---- no numeral is typed -----------------------------------------------------------------

PACKAGE = Path(__file__).parents[2] / "src" / "trialkit"
SENTENCE = re.compile(r"[A-Za-z]{2,}[,:;.]?\s+\S*[A-Za-z{]")
MARKUP = re.compile(r"[<>]|w:|xmlns")
# Words that hold a numeral by their meaning, each reviewed: scales of a count, the value of no
# difference, a named threshold of a diagnostic, names of quantities, sources and programs.
REVIEWED = (
    "out of 100",
    "in 100",
    "of 100 pairs",
    "1: no difference",
    "close to 0",
    "contains 0",
    "reach 0",
    "clear of 0",
    "more than 3 standard deviations",
    "(cook's distance above 1)",
    "(no cook's distance above 1)",
    "[q1, q3]",
    "sha256",
    "heading 1",
    "heading 2",
    "heading 3",
    "ich e9(r1)",
    "(austin 2009; yang and dalton 2012)",
    "100 × {change} / {baseline}",
    "{baseline} is 0",
)


def literals(path: Path) -> Iterator[str]:
    """Yield the texts that a module holds, without what it says of itself."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


@pytest.mark.parametrize("room", ["present", "report"])
def test_no_sentence_has_a_typed_numeral(room: str):
    typed = []
    for path in sorted((PACKAGE / room).rglob("*.py")):
        for text in literals(path):
            if not SENTENCE.search(text) or MARKUP.search(text):
                continue
            left = text.lower()
            for phrase in REVIEWED:
                left = left.replace(phrase, "")
            if re.search(r"\d", left):
                typed.append((path.name, text))

    assert typed == []
