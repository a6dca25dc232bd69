"""The commented study.toml that a new study begins with."""

import json
import re
from dataclasses import dataclass, field
from typing import Final

# A comment behind a line: three spaces and a hash, but not those inside a quoted text.
COMMENTED: Final = re.compile(r'(?P<code>(?:"(?:[^"\\]|\\.)*"|[^"])*?)   # (?P<comment>.*)')


@dataclass(frozen=True, slots=True, kw_only=True)
class GuessedArm:
    """An arm as the data code it; no code where the data have no column of arms."""

    id: str
    code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuessedVisit:
    """A visit; its code in long data, none in wide data."""

    id: str
    code: str | None
    order: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What a first look at a data file suggests; the user decides."""

    study: str
    file: str
    separator: str
    decimal: str
    subject: str
    arm: str | None
    visit: str | None
    arms: tuple[GuessedArm, ...]
    visits: tuple[GuessedVisit, ...]
    endpoint: str
    columns: dict[str, str] = field(default_factory=dict)
    value: str | None = None
    repeats: bool = False
    values: tuple[float, ...] = ()
    missing: tuple[str, ...] = ("", "NA")
    passed_over: tuple[str, ...] = ()

    @property
    def is_comparison(self) -> bool:
        """Whether there are arms to compare."""
        return len(self.arms) > 1

    @property
    def lines(self) -> tuple[str, ...]:
        """The guesses, a line each."""
        outcome = self.value or ", ".join(self.columns.values())
        return (
            f"people by column {self.subject}",
            f"arms by column {self.arm} ({', '.join(arm.id for arm in self.arms)})"
            if self.arm
            else "one arm, no column of arms",
            f"visits {', '.join(visit.id for visit in self.visits)}",
            f"outcome {self.endpoint} in {outcome}",
            *([f"missing: {', '.join(map(repr, self.missing))}"] * (len(self.missing) > 2)),
            *self.passed_over,
        )


def study_template(guess: Guess) -> str:
    """Return the text of a first study.toml: it reads as it stands, CHECK marks each guess."""
    parts = [
        header(guess),
        data(guess),
        flow(guess),
        *arms(guess),
        *visits(guess),
        endpoint(guess),
        plan(guess),
    ]
    return "\n".join(map(aligned, "\n".join(parts).split("\n")))


def aligned(line: str) -> str:
    """Return a line whose trailing comment stands in the column of its neighbours."""
    match = COMMENTED.fullmatch(line)
    if match is None or not match["code"].strip():
        return line
    return f"{match['code'].rstrip():<36} # {match['comment'].strip()}"


def quoted(value: object) -> str:
    """Return a TOML string (JSON's escapes are TOML's; DEL is written out in TOML alone)."""
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def header(guess: Guess) -> str:
    """Return the [study] table."""
    design = "parallel" if guess.is_comparison else "pre_post"
    return f"""# Protocol and statistical analysis plan of one study. Finish the lines marked CHECK:
#   trialkit check FOLDER     lists every mistake at once
#   trialkit run FOLDER       carries the plan out and writes the report

[study]
id = {quoted(guess.study)}
title = {quoted(guess.study)}   # CHECK: the study in one line
# question = "Does ... ease pain more than ...?"   # the title of the clinician's page
design = {quoted(design)}   # parallel | pre_post
data_status = "real"   # CHECK: real | simulated | published_figures
randomised = false   # CHECK
# masking = "participants"   # none | participants | assessors | participants_and_assessors
# registration = "NCT..."
# registered_before_start = true
# plan_written = "before_data"   # before_data | after_data
# citation = "..."
# participant_kind = "patients"   # patients | volunteers
# harms = "not_collected"   # collected | not_collected | not_in_data
# limits = ["whether ...", "..."]   # what this study cannot tell

# What the reporting checklist asks for and no data show; leave out what is not known.
# [reporting]
# protocol = "..."   # where protocol and plan of analysis are
# data_sharing = "..."   # where data, dictionary and code are
# background = "..."
# objectives = "..."   # for benefit and for harm
# patient_involvement = "..."
# framework = "..."   # ratio of the arms; superiority, equivalence, non-inferiority
# changes = "..."   # after the start
# eligibility = "..."   # of people
# recruitment = "..."   # how people were found
# sites = "..."   # which sites and staff could take part
# measures = "..."   # how well the measures measure
# harms_assessment = "..."   # how harms were defined and asked for
# sample_size = "..."   # with its assumptions
# interim_looks = "..."
# sequence = "..."   # who made the order of arms, and how
# restriction = "..."   # kind of randomisation, blocks, strata
# concealment = "..."   # how the next arm was kept hidden
# implementation = "..."   # who could see the order of arms
# assignment = "..."   # without randomisation: how people came to their group
# blinding = "..."   # how the arm was kept unknown
# dates = "..."   # of recruitment and follow-up
# stopping = "..."   # why the study ended
# delivery = "..."   # treatment as given: adherence, fidelity
# concomitant_care = "..."
# interpretation = "..."   # benefit and harm weighed
# generalisability = "..."   # for whom else the result holds
# other_evidence = "..."   # what other studies found
# source = "..."   # where this was read

# Harms by arm, with harms = "collected".
# [[harm]]
# label = "Any harm"
# covers = "any"   # any | any_serious | one_kind
# people = {{ ARM = 0 }}   # people with it, by arm; `of` says out of how many
# source = "..."
"""


def data(guess: Guess) -> str:
    """Return the [data] table."""
    lines = [
        "[data]",
        f"file = {quoted(guess.file)}",
        f"subject = {quoted(guess.subject)}   # CHECK: identifies a person",
    ]
    if guess.arm:
        lines.append(f"arm = {quoted(guess.arm)}   # CHECK: the treatment arm")
    if guess.visit:
        lines.append(f"visit = {quoted(guess.visit)}   # CHECK: the visit (long data)")
    if guess.separator != ",":
        lines.append(f"separator = {quoted(guess.separator)}")
    if guess.decimal != ".":
        lines.append(f"decimal = {quoted(guess.decimal)}")
    lines += [
        f"missing = [{', '.join(map(quoted, guess.missing))}]   # codes to read as missing",
        "",
        "# A rule sets values to missing; a filter keeps records. Both are counted in the report.",
        "# [[data.rule]]",
        '# id = "no-diary"',
        '# columns = ["days"]',
        '# when = [{ column = "days", operator = "==", value = 0 }]',
        '# reason = "..."',
        "",
    ]
    return "\n".join(lines)


def flow(guess: Guess) -> str:
    """Return the [flow] table, commented out: nothing in the data says these counts."""
    counts = "\n".join(
        f"""# [[flow.arm]]
# arm = {quoted(arm.id)}
# allocated = 0
# lost = [{{ reason = "...", n = 0 }}]   # without the outcome of the main analysis
"""
        for arm in guess.arms
    )
    return f"""# People that the data cannot show. The sums must be right; a reason may be left out.
# [flow]
# assessed = 0
# not_entered = [{{ reason = "...", n = 0 }}]
# entered = 0

{counts}"""


def label(part: GuessedArm | GuessedVisit) -> str:
    """Return the code of an arm or visit as its label if it holds a word, else its id."""
    return part.code if part.code and any(map(str.isalpha, part.code)) else part.id


def arms(guess: Guess) -> list[str]:
    """Return the [[arm]] tables."""
    first, *_ = guess.arms
    return [
        "\n".join(
            [
                "[[arm]]",
                f"id = {quoted(arm.id)}",
                f"label = {quoted(label(arm))}   # CHECK",
                *([f"value = {quoted(arm.code)}   # as coded in the data"] * bool(arm.code)),
                "role = "
                + (
                    '"active_comparator"'
                    if guess.is_comparison and arm == first
                    else '"experimental"'
                )
                + "   # CHECK: experimental | active_comparator | sham | placebo | no_treatment",
                "",
            ]
        )
        for arm in guess.arms
    ]


def visits(guess: Guess) -> list[str]:
    """Return the [[visit]] tables; the first of several is taken as the baseline."""
    several = len(guess.visits) > 1
    return [
        "\n".join(
            [
                "[[visit]]",
                f"id = {quoted(visit.id)}",
                f"label = {quoted(label(visit))}   # CHECK",
                f"order = {visit.order}",
                *([f"value = {quoted(visit.code)}"] * bool(visit.code)),
                *(["baseline = true   # CHECK"] * (several and visit.order == 0)),
                "",
            ]
        )
        for visit in guess.visits
    ]


def endpoint(guess: Guess) -> str:
    """Return the [[endpoint]] and [[population]] tables."""
    if guess.value:
        place = f"value = {quoted(guess.value)}"
    else:
        columns = ", ".join(
            f"{quoted(key)} = {quoted(name)}" for key, name in guess.columns.items()
        )
        place = f"columns = {{ {columns} }}"
    aggregate = 'aggregate = "mean"   # CHECK: several records become their mean\n'
    scale = f'scale = {{ {"".join(scale_limits(guess))}unit = "points" }}'
    return f"""[[endpoint]]
id = {quoted(guess.endpoint)}
label = {quoted(guess.endpoint)}   # CHECK
{place}
{aggregate if guess.repeats else ""}{scale}   # CHECK: minimum, maximum, unit
better = "lower"   # CHECK: lower | higher
decimals = 1
# margin = {{ value = 1.0, kind = "between_group", source = "..." }}   # cited or absent
# responder = [{{ percent_reduction = 30, source = "..." }}]

[[population]]
id = "all"
label = "Everyone in the data"
# where = [{{ column = "...", operator = "==", value = "..." }}]
# requires_visits = ["..."]
"""


def scale_limits(guess: Guess) -> tuple[str, str]:
    """Return the limits of a 0-10 or 0-100 scale if the values fit one, else none."""
    if not guess.values or min(guess.values) < 0:
        return "", ""
    for maximum in (10, 100):
        if max(guess.values) <= maximum:
            return "minimum = 0, ", f"maximum = {maximum}, "
    return "minimum = 0, ", ""


def plan(guess: Guess) -> str:
    """Return the [[estimand]] and [[analysis]] tables."""
    last = guess.visits[-1].id
    several = len(guess.visits) > 1
    if guess.is_comparison:
        reference, treatment, *_ = (arm.id for arm in guess.arms)
        method = 'method = "ancova"\ncovariates = "BASE"' if several else 'method = "welch"'
        arms_of_estimand = (
            f"treatment = {quoted(treatment)}   # CHECK\n"
            f"reference = {quoted(reference)}   # CHECK\n"
        )
        summary = "difference in means"
    else:
        method = 'method = "paired_change"' if several else 'method = "descriptive"'
        arms_of_estimand = f"treatment = {quoted(guess.arms[0].id)}\n"
        summary = "mean change" if several else "means"
    return f"""[[estimand]]
id = "primary"
population = "all"
{arms_of_estimand}endpoint = {quoted(guess.endpoint)}
visit = {quoted(last)}
summary = {quoted(summary)}
# intercurrent_events = [{{ event = "missing follow-up", strategy = "treatment_policy" }}]

[[analysis]]
id = "primary"
estimand = "primary"
{method}
role = "main"   # main | sensitivity | supplementary | exploratory
# family = "confirmatory"   # its p-values are adjusted together

# [multiplicity.confirmatory]
# procedure = "holm"   # hochberg, hommel, bonferroni, sidak, benjamini_hochberg, ...
# alpha = 0.05
"""
