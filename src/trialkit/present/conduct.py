"""What the plan says of how a study was carried out, topic by topic; unknown topics stay out."""

from collections.abc import Mapping
from typing import Final

from trialkit.language.speech import later, say
from trialkit.study.study import Study

# The keys of [reporting] in the order of a report, and what a reader calls them.
TOPICS: Final[Mapping[str, str]] = {
    "background": later("Why it was done"),
    "objectives": later("Objectives"),
    "protocol": later("Protocol"),
    "framework": later("Ratio of the arms and framework"),
    "changes": later("Changes after the start"),
    "patient_involvement": later("Part of patients in the planning"),
    "eligibility": later("Who could enter"),
    "recruitment": later("How people were found"),
    "sites": later("Which sites and staff could take part"),
    "measures": later("How well the measures measure"),
    "harms_assessment": later("How harms were defined and asked for"),
    "sample_size": later("Why this many people"),
    "interim_looks": later("Looks at the data before the end"),
    "sequence": later("How the order of arms was made"),
    "restriction": later("Kind of randomisation"),
    "concealment": later("How the next arm was kept hidden"),
    "implementation": later("Who could see the order of arms"),
    "assignment": later("How people came to their group"),
    "blinding": later("How the arm was kept unknown"),
    "dates": later("From when to when"),
    "stopping": later("Why it ended"),
    "delivery": later("The treatment as it was given"),
    "concomitant_care": later("Other care"),
    "data_sharing": later("Where data and code are"),
    "interpretation": later("Benefit and harm weighed by the authors"),
    "generalisability": later("For whom else it holds"),
    "other_evidence": later("What other studies found"),
    "source": later("Read in"),
}


def conduct_items(study: Study) -> tuple[tuple[str, str], ...]:
    """Return the topics that the plan speaks of, with what it says of each."""
    stated = study.reporting
    return tuple(
        (say(label), text)
        for key, label in TOPICS.items()
        if (text := getattr(stated, key)) is not None
    )
