"""The study: one frozen object that holds the whole of ``study.toml``."""

from pathlib import Path
from typing import TypeVar

from pydantic import Field

from trialkit.study.plan import Analysis, Multiplicity
from trialkit.study.published import PublishedFigure
from trialkit.study.records import DataPlan
from trialkit.study.reporting import Harm, Reporting
from trialkit.study.specification import (
    Arm,
    Characteristic,
    DeclaredFlow,
    Endpoint,
    Estimand,
    Frozen,
    Header,
    Many,
    Population,
    Responder,
    Visit,
)
from trialkit.terms import DataStatus

Part = TypeVar("Part", Arm, Visit, Endpoint, Population, Estimand, Analysis)


class Study(Frozen):
    """A study as read from its folder.

    ``published`` holds the printed figures of the table that ``data.published_figures``
    names. ``folder`` is where it was read from; it is never stored.
    """

    study: Header
    data: DataPlan = DataPlan()
    arm: Many[Arm]
    visit: Many[Visit]
    endpoint: Many[Endpoint]
    population: Many[Population]
    estimand: Many[Estimand] = ()
    analysis: Many[Analysis] = ()
    multiplicity: dict[str, Multiplicity] = Field(default_factory=dict)
    characteristic: Many[Characteristic] = ()
    flow: DeclaredFlow | None = None
    harm: Many[Harm] = ()
    reporting: Reporting = Reporting()
    published: Many[PublishedFigure] = ()
    folder: Path | None = Field(default=None, exclude=True, repr=False)

    @property
    def id(self) -> str:
        """The study's id, the name of its folder and of its report."""
        return self.study.id

    @property
    def is_single_arm(self) -> bool:
        """Whether nobody was compared: one arm, seen before and after."""
        return len(self.arm) == 1

    @property
    def visits(self) -> tuple[Visit, ...]:
        """The visits in their planned order."""
        return tuple(sorted(self.visit, key=lambda visit: visit.order))

    @property
    def baseline_visit(self) -> Visit | None:
        """The visit before treatment: the one marked, else the first of a pre/post study.

        None where the data repeat the baseline in a column of their own.
        """
        if self.data.baseline is not None:
            return None
        marked = [visit for visit in self.visits if visit.baseline]
        if marked:
            return marked[0]
        return self.visits[0] if self.study.design == "pre_post" else None

    @property
    def has_baseline(self) -> bool:
        """Whether a change from baseline exists."""
        return self.baseline_visit is not None or self.data.baseline is not None

    @property
    def participants_status(self) -> DataStatus:
        """Whether the participants are real or simulated."""
        return "simulated" if self.data.simulated else self.study.data_status

    @property
    def measured_endpoints(self) -> tuple[Endpoint, ...]:
        """The endpoints that the participants' data hold."""
        return tuple(endpoint for endpoint in self.endpoint if endpoint.is_in_data)

    @property
    def has_simulated_data(self) -> bool:
        """Whether anything the report shows was simulated."""
        return self.participants_status == "simulated"

    @property
    def main_analyses(self) -> tuple[Analysis, ...]:
        """The analyses planned as main, in their order, without those that stand in for one."""
        return tuple(
            analysis
            for analysis in self.analysis
            if analysis.role == "main" and analysis.stands_in_for is None
        )

    def find_arm(self, arm: str) -> Arm:
        """Return the arm with this id."""
        return find(self.arm, arm)

    def find_visit(self, visit: str) -> Visit:
        """Return the visit with this id."""
        return find(self.visit, visit)

    def find_endpoint(self, endpoint: str) -> Endpoint:
        """Return the endpoint with this id."""
        return find(self.endpoint, endpoint)

    def find_population(self, population: str) -> Population:
        """Return the population with this id."""
        return find(self.population, population)

    def find_estimand(self, estimand: str) -> Estimand:
        """Return the estimand with this id."""
        return find(self.estimand, estimand)

    def find_analysis(self, analysis: str) -> Analysis:
        """Return the planned analysis with this id."""
        return find(self.analysis, analysis)


def find(parts: tuple[Part, ...], wanted: str) -> Part:
    """Return the part with the wanted id; reading the study has made sure it exists."""
    for part in parts:
        if part.id == wanted:
            return part
    raise KeyError(wanted)


def responder_rule(endpoint: Endpoint, key: str | None) -> Responder:
    """Return a responder rule of an endpoint: the one named, else the first."""
    for rule in endpoint.responder:
        if key is None or rule.key == key:
            return rule
    raise KeyError(key)
