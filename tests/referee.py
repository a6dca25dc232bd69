"""The table of referees: what was compared with whom, and the worst agreement reached.

Run as a program it writes ``docs/referee.md`` anew from every case in ``tests/reference``;
the cases on public files that are not in the repository need ``TRIALKIT_SHARED``.
"""

import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from math import floor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from reference_cases import FULL_DIGITS, Agreement, agreements, all_cases
from reference_runners import run_case

PAGE = Path(__file__).parents[1] / "docs" / "referee.md"
KINDS = {
    "estimate": "estimate",
    "std_error": "std error",
    "df": "df",
    "df_num": "df",
    "statistic": "statistic",
    "p_value": "p",
    "p_adjusted": "p",
    "conf_low": "limits",
    "conf_high": "limits",
}
COLUMNS = ("estimate", "std error", "df", "statistic", "p", "limits", "other")
HEAD = """# Referees

Every number that a method of trialkit promises is held against another program's, or against certified values, in the stored cases of
`tests/reference/`: data, expected figures, the program that made them and its version. This table is made from those cases by
`make referee`. Each cell is the **worst** agreement in decimal digits over all numbers of its kind ({full} is full double precision);
where few digits stand, the referee itself is random or stops early, and the case's `case.toml` says why. Digits are of the expected
number, or, where the case says so, of a scale for it: an estimate of a mixed model in shares of its standard error. Figures that a
referee prints rounded or stops short of have rows of their own (*rounded or short*).

{count} numbers in {cases} calls are compared.

| what is called | quantity | numbers | {columns} | referee |
|---|---|---|{rules}|---|
"""


@dataclass
class Row:
    """The comparisons of one quantity of one call."""

    worst: dict[str, float] = field(default_factory=dict)
    numbers: int = 0
    referees: dict[str, None] = field(default_factory=dict)

    def add(self, agreement: Agreement, source: str) -> None:
        """Count one number."""
        kind = KINDS.get(agreement.column, "other")
        self.worst[kind] = min(self.worst.get(kind, FULL_DIGITS), agreement.reached)
        self.numbers += 1
        self.referees.update(dict.fromkeys(referees(source)))


def referees(source: str) -> list[str]:
    """Return the programs that a source names, with their versions.

    >>> referees("R 4.2.2, lm and emmeans 1.8.4-1")
    ['R 4.2.2', 'emmeans 1.8.4-1']
    """
    named = ["NIST StRD"] if source.startswith("NIST") else []
    return [*named, *re.findall(r"[A-Za-z]\w* \d+(?:[.-]\d+)+", source)] or [source]


def rows() -> tuple[dict[tuple[str, str, bool], Row], int]:
    """Return the comparisons by call, quantity and kind of referee, and the number of calls."""
    found: dict[tuple[str, str, bool], Row] = defaultdict(Row)
    cases = all_cases()
    for case in cases:
        for agreement in agreements(case, run_case(case)):
            quantity = str(agreement.names.get("quantity") or "")
            found[case.checks, quantity, case.approximate].add(agreement, case.source)
    return dict(sorted(found.items())), len(cases)


def page() -> str:
    """Return the page as Markdown."""
    table, cases = rows()
    lines = [
        HEAD.format(
            full=FULL_DIGITS,
            count=sum(row.numbers for row in table.values()),
            cases=cases,
            columns=" | ".join(COLUMNS),
            rules="|".join("---" for _ in COLUMNS),
        ).rstrip()
    ]
    for (called, quantity, approximate), row in table.items():
        digits = " | ".join(
            str(floor(row.worst[kind] + 0.05)) if kind in row.worst else "" for kind in COLUMNS
        )
        named = ("*rounded or short:* " if approximate else "") + ", ".join(sorted(row.referees))
        lines.append(f"| `{called}` | {quantity} | {row.numbers} | {digits} | {named} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(Path.cwd()) if PAGE.is_relative_to(Path.cwd()) else PAGE}")  # noqa: T201
