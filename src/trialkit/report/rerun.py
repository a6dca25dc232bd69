"""How to make the results again: the commands, and each analysis alone in a few lines."""

from typing import Final

from trialkit.language.speech import say
from trialkit.report.choice import main_result
from trialkit.report.document import Block, Code, Heading, Run, paragraph
from trialkit.result.study_results import AnalysisRecord, StudyResults
from trialkit.result.versions import NOT_INSTALLED
from trialkit.study.study import Study

# Verbs that take the records of an estimand as they are: one row a person.
ON_RECORDS: Final[frozenset[str]] = frozenset(
    {
        "ancova",
        "bayes_factor",
        "bootstrap_change",
        "bootstrap_difference",
        "brunner_munzel",
        "effect_size",
        "equivalence",
        "kruskal_wallis",
        "mean_difference",
        "one_way",
        "paired_change",
        "paired_effect_size",
        "paired_equivalence",
        "permutation_test",
        "rank_sum",
        "sign_flip",
        "sign_test",
        "signed_rank",
    }
)


def rerun_blocks(results: StudyResults) -> tuple[Block, ...]:
    """Return the commands that make the results again, then one analysis and any other."""
    return (
        Heading(text=say("How to rerun"), role="subsection", anchor="rerun"),
        paragraph(
            say(
                "The results behind this report are attached to its PDF as results.json, "
                "unrounded. These commands set the package up with the same versions, check the "
                "plan, run it again and compare every number:"
            )
        ),
        Code(text=commands(results), label=say("Commands")),
        *alone(results),
    )


def commands(results: StudyResults) -> str:
    """Return the commands that make the results again."""
    study, version = results.study, results.provenance.trialkit
    source = (
        say("# in the folder of the package's source")
        if version == NOT_INSTALLED
        else say("# in the folder of the source of trialkit {version}", version=version)
    )
    fetch = [f"trialkit fetch {study.id}"] if study.data.sources else []
    return "\n".join(
        [
            source,
            "python -m venv .venv && . .venv/bin/activate",
            "python -m pip install --require-hashes -r requirements.lock",
            "python -m pip install --no-deps --no-build-isolation .",
            *fetch,
            f"trialkit check data/{study.id}",
            f"trialkit run data/{study.id}",
            f"trialkit verify data/{study.id} reports/{study.id}",
        ]
    )


def alone(results: StudyResults) -> tuple[Block, ...]:
    """Return how one analysis is run by itself: the main one by its verb, any by its id."""
    ran = [record for record in results.analyses if record.result is not None]
    if not ran:
        return ()
    main = main_result(results)
    first = main.record if main is not None else ran[0]
    by_verb = verb_code(results.study, first)
    others = ", ".join(record.analysis for record in ran)
    return (
        *(
            (
                paragraph(say("The main analysis alone, by the verb and options that made it:")),
                Code(text=by_verb, label=say("The main analysis in Python")),
            )
            if by_verb
            else ()
        ),
        paragraph(
            say(
                "Any analysis alone, by its id in the plan. P-values adjusted over a family come "
                "from the run of the whole plan:"
            )
        ),
        Code(text=planned_code(results, first), label=say("One analysis in Python")),
        paragraph(say("Ids of the analyses that ran:") + " ", Run(others, "code")),
    )


def verb_code(study: Study, record: AnalysisRecord) -> str | None:
    """Return the lines that call the verb of an analysis; None where it needs other records."""
    planned = study.find_analysis(record.analysis)
    call = record.result.provenance if record.result is not None else None
    if call is None or planned.data != "participants" or call.verb not in ON_RECORDS:
        return None
    estimand = study.find_estimand(planned.estimand)
    options = "".join(f"\n    {name}={value}," for name, value in call.options)
    return (
        "import trialkit as tk\n\n"
        f'dataset = tk.read_dataset(tk.read_study("data/{study.id}"))\n'
        "records = dataset.population(\n"
        f'    "{estimand.population}", endpoint="{estimand.endpoint}", visit="{estimand.visit}"\n'
        ")\n"
        f"result = tk.{call.verb}(\n    records,{options}\n)\n"
        "print(result.tidy().to_string())"
    )


def planned_code(results: StudyResults, record: AnalysisRecord) -> str:
    """Return the lines that carry out one planned analysis."""
    study = results.study
    needs_people = study.find_analysis(record.analysis).data == "participants"
    dataset = "tk.read_dataset(study)" if needs_people else "None"
    return (
        "import trialkit as tk\n"
        "from trialkit.run.planned import run_planned\n\n"
        f'study = tk.read_study("data/{study.id}")\n'
        f'planned = study.find_analysis("{record.analysis}")\n'
        f"result = run_planned(study, planned, {dataset})\n"
        "print(result.tidy().to_string())"
    )
