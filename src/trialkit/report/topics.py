"""What the studies at hand say of a treatment or an outcome, brought together by rule.

Treatments are the arms of the studies, outcomes their endpoints; those of two studies are
one topic where their labels agree. What was found and which claims bear on it follow from
the stored results and the linked analyses: nothing here is a typed list.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from trialkit.present.grammar import mid_sentence
from trialkit.report.choice import is_stand_in, leading_estimate, may_lead
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import (
    AnalysisRecord,
    ClaimVerdict,
    LinkVerdict,
    StudyResults,
)
from trialkit.study.study import Study
from trialkit.terms import AnalysisRole, ArmRole

# What a reader asks about; the other arms are what it is held against.
ASKED_ABOUT: Final[frozenset[ArmRole]] = frozenset({"experimental", "active_comparator", "sham"})
ANSWERS: Final[tuple[AnalysisRole, ...]] = ("main", "supplementary")
# Words of a label that name how something is measured and not what.
MEASURES: Final = frozenset(
    {"after", "before", "change", "count", "index", "level", "measure", "number", "rate"}
    | {"rating", "reported", "score", "state", "test", "time", "total", "while", "with"}
)
LEAST_LETTERS: Final = 4
REAL_FIRST: Final = {"real": 0, "published_figures": 1, "simulated": 2}

# A study and one of its arms or endpoints.
Place = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One estimate of one study, and the endpoint and arms that it is about."""

    results: StudyResults
    record: AnalysisRecord
    estimate: Estimate
    endpoint: str
    stands_in: bool

    @property
    def arms(self) -> tuple[str | None, str | None]:
        """The arms it compares; the second is None for a change within people."""
        return self.estimate.arm, self.estimate.reference_arm


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A treatment or an outcome, the studies that know of it, their findings, the claims."""

    kind: Literal["treatment", "outcome"]
    name: str
    anchor: str
    places: tuple[Place, ...]
    studies: tuple[StudyResults, ...]
    findings: tuple[Finding, ...]
    claims: tuple[ClaimVerdict, ...]

    def bears(self, link: LinkVerdict, study: Study) -> bool:
        """Return whether a linked analysis of a study is about this topic."""
        named = linked_arms(link, study) if self.kind == "treatment" else (link.endpoint,)
        return any((study.id, name) in self.places for name in named if name is not None)


def real_first(results: Sequence[StudyResults]) -> list[StudyResults]:
    """Return studies of real people first, then published figures, simulated ones last."""
    return sorted(results, key=lambda item: REAL_FIRST[item.study.study.data_status])


def topics(results: Sequence[StudyResults], claims: Sequence[ClaimVerdict]) -> tuple[Topic, ...]:
    """Return every treatment that was studied, by name, then every outcome of several studies."""
    ordered = real_first(results)
    found = [finding for item in ordered for finding in findings(item)]
    return (
        *(
            topic("treatment", name, places, ordered, found, claims)
            for name, places in treatments(ordered)
        ),
        *(
            topic("outcome", name, places, ordered, found, claims)
            for name, places in outcomes(ordered)
        ),
    )


def topic(
    kind: Literal["treatment", "outcome"],
    name: str,
    places: tuple[Place, ...],
    results: Sequence[StudyResults],
    found: Sequence[Finding],
    claims: Sequence[ClaimVerdict],
) -> Topic:
    """Return one topic with what bears on it."""
    by_id = {item.study.id: item for item in results}
    bare = Topic(
        kind=kind,
        name=name,
        anchor=f"{kind}-{slug(name)}",
        places=places,
        studies=tuple(item for item in results if item.study.id in dict(places)),
        findings=tuple(finding for finding in found if is_about(kind, finding, places)),
        claims=(),
    )
    told = tuple(
        claim
        for claim in claims
        if any(
            link.study in by_id and bare.bears(link, by_id[link.study].study)
            for link in claim.links
        )
    )
    return replace(bare, claims=told)


def is_about(kind: str, finding: Finding, places: tuple[Place, ...]) -> bool:
    """Return whether a finding is about one of the arms or endpoints of a topic."""
    named = finding.arms if kind == "treatment" else (finding.endpoint,)
    study = finding.results.study.id
    return any((study, name) in places for name in named if name is not None)


def treatments(results: Sequence[StudyResults]) -> list[tuple[str, tuple[Place, ...]]]:
    """Return the arms that were asked about, by name; labels alike but for brackets are one."""
    labels: defaultdict[str, list[tuple[str, Place]]] = defaultdict(list)
    for item in results:
        for arm in item.study.arm:
            if arm.role in ASKED_ABOUT:
                labels[stem(arm.label)].append((arm.label, (item.study.id, arm.id)))
    named = [
        (together([label for label, _ in members]), tuple(place for _, place in members))
        for members in labels.values()
    ]
    return sorted(named, key=lambda entry: entry[0].casefold())


def outcomes(results: Sequence[StudyResults]) -> list[tuple[str, tuple[Place, ...]]]:
    """Return the outcomes that two or more studies measured: their labels share a word.

    A word that is found only where a commoner one is found makes no topic of its own; words
    that are always found together are one.
    """
    places: defaultdict[str, list[Place]] = defaultdict(list)
    spelt: dict[str, str] = {}
    for item in results:
        for endpoint in item.study.endpoint:
            for word in words(endpoint.label):
                spelt.setdefault(word.casefold(), word)
                places[word.casefold()].append((item.study.id, endpoint.id))
    alike: defaultdict[frozenset[Place], list[str]] = defaultdict(list)
    for key, found in places.items():
        if len({study for study, _ in found}) > 1:
            alike[frozenset(found)].append(key)
    named = [
        (" ".join(spelt[key] for key in keys), tuple(dict.fromkeys(places[keys[0]])))
        for held, keys in alike.items()
        if not any(held < other for other in alike)
    ]
    return sorted(named, key=lambda entry: entry[0].casefold())


def words(label: str) -> list[str]:
    """Return the words of a label that name what is measured, without what is in brackets.

    >>> words("Throat pain at rest (0-10)"), words("BDNF score")
    (['throat', 'pain', 'rest'], ['BDNF'])
    """
    bare = label.partition(" (")[0].strip() or label
    found = [mid_sentence(word) for word in re.findall(r"[^\W\d_]+", bare)]
    return [
        word for word in found if len(word) >= LEAST_LETTERS and word.casefold() not in MEASURES
    ]


def stem(label: str) -> str:
    """Return a label without capitals and without what stands in brackets.

    >>> stem("Sham mindfulness (slow breathing)")
    'sham mindfulness'
    """
    bare = label.partition(" (")[0].strip() or label
    return bare.casefold()


def together(labels: Sequence[str]) -> str:
    """Return one name for labels that differ in their brackets alone.

    >>> together(["Sham (slow breathing)", "Sham (deep breathing)", "Sham (slow breathing)"])
    'Sham (slow breathing, deep breathing)'
    """
    first = labels[0].partition(" (")[0]
    brackets = [label[len(first) :].strip().removeprefix("(").removesuffix(")") for label in labels]
    kept = list(dict.fromkeys(filter(None, brackets)))
    return f"{first} ({', '.join(kept)})" if kept else first


def slug(name: str) -> str:
    """Return a name as the end of an anchor.

    >>> slug("Sham mindfulness (slow breathing)")
    'sham-mindfulness-slow-breathing'
    """
    return "-".join(re.findall(r"\w+", name.casefold()))


def findings(results: StudyResults) -> Iterator[Finding]:
    """Yield one finding for each endpoint and pair of arms that a study's questions name.

    The first main analysis speaks, else the first supplementary one; participants before
    printed figures. Simulated people never speak for a study of real ones.
    """
    seen: set[tuple[object, ...]] = set()
    study = results.study
    for record in answering(results):
        row = leading_estimate(results, record)
        planned = study.find_analysis(record.analysis)
        endpoint = study.find_estimand(planned.estimand).endpoint
        if row is None or (row.reference_arm is None and not study.is_single_arm):
            continue
        key = (endpoint, frozenset((row.arm, row.reference_arm)))
        if key not in seen:
            seen.add(key)
            yield Finding(
                results=results,
                record=record,
                estimate=row,
                endpoint=endpoint,
                stands_in=is_stand_in({planned.id: planned}, record),
            )


def answering(results: StudyResults) -> list[AnalysisRecord]:
    """Return the records that answer a planned question, the main ones first.

    What stands in for an analysis of participants has that one's role.
    """
    planned = {item.id: item for item in results.study.analysis}

    def role(record: AnalysisRecord) -> AnalysisRole:
        return planned[planned[record.analysis].stands_in_for or record.analysis].role

    found = [
        record
        for record in results.analyses
        if record.analysis in planned and role(record) in ANSWERS and may_lead(results, record)
    ]
    return sorted(
        found, key=lambda record: (ANSWERS.index(role(record)), is_stand_in(planned, record))
    )


def linked_arms(link: LinkVerdict, study: Study) -> tuple[str, ...]:
    """Return the arms of a linked analysis: those it names, else those of its estimand."""
    planned = next((item for item in study.analysis if item.id == link.analysis), None)
    estimand = study.find_estimand(planned.estimand) if planned is not None else None
    named = (
        link.treatment or (estimand.treatment if estimand is not None else None),
        link.reference or (estimand.reference if estimand is not None else None),
    )
    arms = tuple(filter(None, named))
    return arms or (tuple(arm.id for arm in study.arm) if study.is_single_arm else ())


def untold(
    claims: Sequence[ClaimVerdict], found: Sequence[Topic]
) -> tuple[tuple[ClaimVerdict, ...], tuple[ClaimVerdict, ...]]:
    """Return the claims that no topic holds: those judged by their own figures, and the rest."""
    told = {(claim.article, claim.claim) for item in found for claim in item.claims}
    rest = [claim for claim in claims if (claim.article, claim.claim) not in told]
    return (
        tuple(claim for claim in rest if claim.untestable is None),
        tuple(claim for claim in rest if claim.untestable is not None),
    )


def topic_title(item: Topic) -> str:
    """Return a topic's name as it stands inside a sentence."""
    return mid_sentence(item.name)
