"""What the documentation says can be typed: links lead somewhere, code prints what it shows."""

import contextlib
import inspect
import io
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pandas as pd
import pytest
from click.testing import CliRunner
from pydantic import BaseModel
from pydantic.fields import FieldInfo

import trialkit as tk
from test_architecture import ALLOWED
from trialkit.cli import cli
from trialkit.result import analysis_result, study_results
from trialkit.result.study_results import StudyResults
from trialkit.study import article, plan, published, records, reporting, specification
from trialkit.study.method_rules import RULES
from trialkit.study.study import Study
from trialkit.terms import (
    ADAM_COLUMNS,
    CovarianceName,
    DfMethod,
    Method,
    MixedCovarianceEstimator,
    Quantity,
    Untestable,
    Verdict,
    allowed,
)

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
NUMERICS = ROOT / "src" / "trialkit" / "numerics"
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))

STUDY_PAGE = ROOT / "docs" / "study-file.md"
ARTICLE_PAGE = ROOT / "docs" / "articles-and-verdicts.md"
RESULTS_PAGE = ROOT / "docs" / "results-file.md"
VERBS_PAGE = ROOT / "docs" / "verbs.md"
CONVENTIONS_PAGE = ROOT / "docs" / "conventions.md"
MIXED_PAGE = ROOT / "docs" / "coming-from-sas-and-mmrm.md"
VERBS: dict[str, Callable[..., Any]] = {
    name: getattr(tk, name)
    for name, module in tk.MODULES.items()
    if module.startswith(("analysis.", "evidence.audit")) and inspect.isfunction(getattr(tk, name))
}
each_verb = pytest.mark.parametrize("name", VERBS)
# Which heading of a reference page has the table of keys of which model.
SECTIONS: list[tuple[Path, str, type[BaseModel]]] = [
    (STUDY_PAGE, "The tables", Study),
    (STUDY_PAGE, "`[study]`", specification.Header),
    (STUDY_PAGE, "`[data]`", records.DataPlan),
    (STUDY_PAGE, "`[[data.table]]`", records.Table),
    (STUDY_PAGE, "`[data.source]`", records.Source),
    (STUDY_PAGE, "`[[data.rule]]`", records.MissingRule),
    (STUDY_PAGE, "`[[data.filter]]`", records.Filter),
    (STUDY_PAGE, "Conditions", specification.Condition),
    (STUDY_PAGE, "`[[arm]]`", specification.Arm),
    (STUDY_PAGE, "`[[visit]]`", specification.Visit),
    (STUDY_PAGE, "`[[endpoint]]`", specification.Endpoint),
    (STUDY_PAGE, "`scale`", specification.Scale),
    (STUDY_PAGE, "`margin`", specification.Margin),
    (STUDY_PAGE, "`entry`", specification.EntryRule),
    (STUDY_PAGE, "`responder`", specification.Responder),
    (STUDY_PAGE, "`[[population]]`", specification.Population),
    (STUDY_PAGE, "`[[characteristic]]`", specification.Characteristic),
    (STUDY_PAGE, "`[flow]`", specification.DeclaredFlow),
    (STUDY_PAGE, "`[[flow.arm]]`", specification.ArmFlow),
    (STUDY_PAGE, "`not_entered`", specification.Excluded),
    (STUDY_PAGE, "`[[harm]]`", reporting.Harm),
    (STUDY_PAGE, "`[reporting]`", reporting.Reporting),
    (STUDY_PAGE, "`[[estimand]]`", specification.Estimand),
    (STUDY_PAGE, "`intercurrent_events`", specification.IntercurrentEvent),
    (STUDY_PAGE, "`[[analysis]]`", plan.Analysis),
    (STUDY_PAGE, "`[multiplicity.NAME]`", plan.Multiplicity),
    (STUDY_PAGE, "`published_figures.csv`", published.PublishedFigure),
    (ARTICLE_PAGE, "The article file", article.Article),
    (ARTICLE_PAGE, "`[article]`", article.ArticleHeader),
    (ARTICLE_PAGE, "`[article.paper]`", article.Paper),
    (ARTICLE_PAGE, "`[[article.related]]`", article.Related),
    (ARTICLE_PAGE, "`[[claim]]`", article.Claim),
    (ARTICLE_PAGE, "`[claim.reported]`", article.Reported),
    (ARTICLE_PAGE, "`[[claim.links]]`", article.Link),
]
NOT_WRITTEN = {"published", "folder"}  # of Study: filled in on reading
each_section = pytest.mark.parametrize(
    ("page", "heading", "model"), SECTIONS, ids=[model.__name__ for *_, model in SECTIONS]
)


def blocks(page: Path, language: str) -> list[str]:
    """Return the code blocks of a page in one language."""
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def heading_anchors(page: Path) -> set[str]:
    """Return the anchors that a page's headings get."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head).lower().replace(" ", "-") for head in heads}


def table_rows(page: Path, heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading, without its head."""
    text = page.read_text(encoding="utf-8")
    section = re.split(rf"^#+ {re.escape(heading)}$", text, flags=re.MULTILINE)[1]
    section = re.split(r"^#", section, flags=re.MULTILINE)[0]
    table = re.search(r"^\|.*?(?=^[^|]|\Z)", section, re.MULTILINE | re.DOTALL)
    assert table is not None, heading
    lines = table.group().strip().splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def ticked(cells: list[str]) -> list[str]:
    """Return the words in code type in the first cell of a row."""
    return re.findall(r"`(\w+)`", cells[0])


def verb_sections() -> dict[str, str]:
    """Return what the page of the verbs says of each, white space evened out."""
    text = re.split(r"^## ", VERBS_PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = [item for part in text for item in re.split(r"^### ", part, flags=re.MULTILINE)[1:]]
    named = (item.partition("\n") for item in found)
    return {head.strip("`"): re.sub(r"\s+", " ", body) for head, _, body in named}


def shown_call(name: str) -> str:
    """Return a verb's call as its page prints it: names, and defaults."""
    shown = []
    for parameter in inspect.signature(VERBS[name]).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in shown:
            shown.append("*")
        default = parameter.default
        if isinstance(default, float):
            value = f"={default:.4g}"
        else:
            value = f"={json.dumps(default)}" if isinstance(default, str) else f"={default}"
        shown.append(parameter.name + value * (default is not parameter.empty))
    return f"tk.{name}({', '.join(shown)})"


def models_of(module: ModuleType) -> set[type[BaseModel]]:
    """Return the models that a module defines, the base of all left out."""
    return {
        item
        for item in vars(module).values()
        if isinstance(item, type)
        and issubclass(item, BaseModel)
        and item.__module__ == module.__name__
        and item is not specification.Frozen
    }


def words(annotation: Any) -> Iterator[str]:
    """Yield the words of every closed vocabulary inside an annotation."""
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
    else:
        for argument in get_args(annotation):
            yield from words(argument)


def shown_default(field: FieldInfo) -> str:
    """Return a field's default as the pages print it."""
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True)
    if default in (None, (), {}) or isinstance(default, BaseModel):
        return "–"
    return f"`{json.dumps(default)}`"


@each_page
def test_links_lead_somewhere(page: Path):
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        file = page.parent / name if name else page
        if not file.exists() or (anchor and anchor not in heading_anchors(file)):
            broken.append(target)
    assert broken == []


@each_page
def test_commands_exist(page: Path):
    prose = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    named = set(re.findall(r"trialkit ([a-z]+)\b", "\n".join(re.findall(r"`[^`]+`", prose))))
    for block in blocks(page, "sh"):
        named |= set(re.findall(r"^\s*trialkit ([a-z]+)", block, re.MULTILINE))
    assert named <= set(cli.commands)


def test_every_numerical_module_has_its_page():
    modules = {path.stem for path in NUMERICS.glob("*.py")} - {"__init__", "arrays"}
    pages = {path.stem for path in (ROOT / "docs" / "methods").glob("*.md")}

    assert pages == modules


def test_the_readme_prints_what_it_shows(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    (program,) = blocks(ROOT / "README.md", "python")
    (shown,) = blocks(ROOT / "README.md", "text")
    output = io.StringIO()

    with contextlib.redirect_stdout(output):
        exec(compile(program, "README.md", "exec"), {})  # noqa: S102 (the point of the test)

    assert output.getvalue() == shown


def test_the_tutorial_works_from_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    tutorial = ROOT / "docs" / "tutorial.md"
    make_data, read_numbers, _ = blocks(tutorial, "python")
    responder, question, further, _ = blocks(tutorial, "toml")
    exec(compile(make_data, "tutorial.md", "exec"), {})  # noqa: S102 (the point of the test)
    assert Path("pain.csv").read_text().startswith(blocks(tutorial, "text")[0])

    call("new my-trial --data pain.csv")
    plan = Path("my-trial/study.toml")
    text = plan.read_text(encoding="utf-8")
    commented = re.search(r"^# responder = .*$", text, re.MULTILINE)
    assert commented is not None
    text = re.sub(r"^# (family = .*)$", r"\1", text, flags=re.MULTILINE)
    text = text.replace(commented.group(), responder) + question + further
    plan.write_text(text, encoding="utf-8")
    assert "no mistakes found" in call("check my-trial")
    call("run my-trial")
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        exec(compile(read_numbers, "tutorial.md", "exec"), {})  # noqa: S102

    assert "ls_mean_difference" in shown.getvalue()
    for name in ("index.html", "report.pdf", "report.docx", "results.json"):
        assert (tmp_path / "reports" / "my-trial" / name).stat().st_size > 1000
    results = tk.read_results("reports/my-trial/results.json")
    assert [record.status for record in results.analyses] == ["ran", "ran", "ran"]
    assert [record.procedure for record in results.analyses] == ["holm", "holm", None]
    call("report reports/my-trial/results.json -o again")
    assert "agree" in call("verify my-trial")
    assert "agree" in call("compare reports/my-trial/results.json reports/my-trial/results.json")


def test_the_tutorials_repeated_visits_print_what_is_shown():
    tutorial = ROOT / "docs" / "tutorial.md"
    *_, program = blocks(tutorial, "python")
    _, shown = blocks(tutorial, "text")
    output = io.StringIO()

    with contextlib.redirect_stdout(output):
        exec(compile(program, "tutorial.md", "exec"), {})  # noqa: S102 (the point of the test)

    assert output.getvalue() == shown


def test_every_call_beside_another_programs_runs():
    page = ROOT / "docs" / "coming-from.md"
    (frames,) = blocks(page, "python")
    names: dict[str, Any] = {}
    exec(compile(frames, page.name, "exec"), names)  # noqa: S102 (the point of the test)
    printed = page.read_text(encoding="utf-8").replace(r"\|", "|")
    calls = re.findall(r"`(tk\.\w+\([^`]*\))`", printed)

    assert len(calls) > 40
    for text in calls:
        assert eval(text, names), text  # noqa: S307 (the point of the test)


def test_the_mixed_model_three_ways_prints_what_it_shows(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    (program,) = blocks(MIXED_PAGE, "python")
    (shown,) = blocks(MIXED_PAGE, "text")
    output = io.StringIO()

    with contextlib.redirect_stdout(output):
        exec(compile(program, MIXED_PAGE.name, "exec"), {})  # noqa: S102 (the point of the test)

    assert output.getvalue() == shown


def test_every_option_beside_sas_and_mmrm_runs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    (program,) = blocks(MIXED_PAGE, "python")
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(program, MIXED_PAGE.name, "exec"), names)  # noqa: S102
    text = MIXED_PAGE.read_text(encoding="utf-8")
    options = sorted(set(re.findall(r"`([a-z_]+=[^`]*)`", text)))

    assert len(options) > 30
    for option in options:
        assert eval(f"tk.mmrm(**{{**model, **dict({option})}})", names), option  # noqa: S307


def test_the_page_beside_sas_and_mmrm_names_every_structure_and_method():
    shown = set(re.findall(r'="(\w+)"', MIXED_PAGE.read_text(encoding="utf-8")))
    named = {*allowed(CovarianceName), *allowed(DfMethod), *allowed(MixedCovarianceEstimator)}

    assert named - {"model"} <= shown


def test_the_figures_beside_those_of_sas_are_what_is_computed(shared: Path):
    names = {cells[0]: cells[2] for cells in table_rows(MIXED_PAGE, "Covariance structures")}
    figures = table_rows(MIXED_PAGE, "More exact than the referees")
    frame = pd.read_csv(shared / "reference" / "data" / "fev_data.csv")

    assert len(figures) == 8
    for structure, log_likelihood, _, std_error, _, df, *_ in figures:
        result = tk.mmrm(
            frame,
            outcome="FEV1",
            subject="USUBJID",
            visit="AVISIT",
            arm="ARMCD",
            reference="PBO",
            covariance=names[f"`{structure}`"].split('"')[1],
            visit_effects="none",
        )
        (row,) = (row for row in result.estimates if row.term == "ARMCD[TRT]")
        found = float(result.glance().loc[0, "log_likelihood"])

        assert found == pytest.approx(float(log_likelihood.replace("−", "-")), abs=1e-9)
        assert row.std_error == pytest.approx(float(std_error), abs=1e-9)
        assert row.df == pytest.approx(float(df), abs=1e-6)


def test_every_model_has_its_table_of_keys():
    modules = (specification, reporting, records, plan, published, article)
    defined = {Study}.union(*map(models_of, modules))

    assert {model for *_, model in SECTIONS} == defined


@each_section
def test_the_pages_list_every_key_with_its_default(page: Path, heading: str, model: type):
    shown = {cells[0].strip("`"): cells[2] for cells in table_rows(page, heading)}
    real = {
        name: shown_default(field)
        for name, field in model.model_fields.items()
        if name not in NOT_WRITTEN or model is not Study
    }

    assert shown == real


@each_section
def test_the_pages_list_every_allowed_word(page: Path, heading: str, model: type):
    values = {cells[0].strip("`"): cells[1] for cells in table_rows(page, heading)}
    for name, field in model.model_fields.items():
        known = set(words(field.annotation))
        if known:
            assert set(re.findall(r"`([^`\"]+)`", values[name])) == known, name


@each_verb
def test_the_page_of_the_verbs_shows_every_call(name: str):
    assert f"`{shown_call(name)}`" in verb_sections()[name]


@each_verb
def test_the_page_of_the_verbs_names_every_word_of_an_option(name: str):
    sections = verb_sections()
    likewise = [sections[other] for other in re.findall(r"\(#(\w+)\)", sections[name])]
    shared = [" ".join(cells) for cells in table_rows(VERBS_PAGE, "Shared options")]
    known = set(re.findall(r"`([^`]+)`", " ".join([sections[name], *likewise, *shared])))
    hints = get_type_hints(VERBS[name])

    assert {word for hint in hints.values() for word in words(hint)} <= known


def test_the_page_of_the_verbs_has_no_others():
    assert set(verb_sections()) == set(VERBS)


def test_the_page_of_the_verbs_names_every_method_of_a_plan():
    text = VERBS_PAGE.read_text(encoding="utf-8")
    planned = re.findall(r"^\* Plan: (.*?)\. Formulas", text, re.MULTILINE | re.DOTALL)
    without_verb = re.findall(r"`(published_\w+)`", text)
    named = {word for line in planned for word in re.findall(r"`(\w+)`", line)}

    assert named | set(without_verb) == set(allowed(Method))


def test_the_page_of_the_study_file_has_the_rules_of_every_method():
    rows = table_rows(STUDY_PAGE, "Methods")
    shown = {name: cells for cells in rows for name in re.findall(r"`(\w+)`", cells[0])}

    assert set(shown) == set(allowed(Method))
    for name, rule in RULES.items():
        _, participants, figures, _, needs, keys = shown[name]
        assert (participants != "–", figures != "–") == (rule.on_participants, rule.on_figures)
        assert set(re.findall(r"`(\w+)`", keys)) == set(rule.options), name
        assert set(rule.required) <= set(re.findall(r"`(\w+)`", needs)), name


def test_the_page_of_the_conventions_lists_every_quantity():
    shown = [word for cells in table_rows(CONVENTIONS_PAGE, "Quantities") for word in ticked(cells)]

    assert sorted(shown) == sorted(allowed(Quantity))


def test_the_page_of_the_conventions_links_every_method():
    text = CONVENTIONS_PAGE.read_text(encoding="utf-8")
    section = re.split(r"^## ", text, flags=re.MULTILINE)
    (methods,) = [part for part in section if part.startswith("Methods\n")]
    pages = {path.stem for path in (ROOT / "docs" / "methods").glob("*.md")}

    assert set(re.findall(r"\(methods/(\w+)\.md\)", methods)) == pages


def test_the_page_of_the_study_file_names_every_derived_column():
    text = STUDY_PAGE.read_text(encoding="utf-8")

    assert [name for name in ADAM_COLUMNS if f"`{name}`" not in text] == []


def whole_files() -> list[tuple[str, str]]:
    """Return each whole study file of its page, with the data that stand above it."""
    plans = [text for text in blocks(STUDY_PAGE, "toml") if text.startswith("# study.toml")]
    return list(zip(plans, blocks(STUDY_PAGE, "csv"), strict=True))


def write_example(folder: Path, study: str, data: str) -> Path:
    """Write one whole study file and its data, and return their folder."""
    named = tomllib.loads(study)["data"]
    folder.mkdir()
    (folder / "study.toml").write_text(study, encoding="utf-8")
    name = named.get("file") or named["published_figures"]
    (folder / name).write_text(data, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("example", "size"),
    [(0, "2 of 2"), (1, "1 of 1"), (2, "2 of 2")],
    ids=["wide", "long", "print"],
)
def test_the_whole_files_pass_the_check(example: int, size: str, tmp_path: Path):
    folder = write_example(tmp_path / "study", *whole_files()[example])

    said = call(f"check {folder}")

    assert f"{size} planned analyses can run" in said
    assert "no mistakes found" in said


def test_the_article_on_its_page_can_be_judged(tmp_path: Path):
    (text,) = blocks(ARTICLE_PAGE, "toml")
    file = tmp_path / "article.toml"
    file.write_text(text, encoding="utf-8")
    results = tk.run_study(write_example(tmp_path / "study", *whole_files()[0]), articles=())

    (verdict,) = tk.judge_articles([tk.read_article(file)], [results])

    assert [link.analysis_label for link in verdict.links] == ["pain-week-8"]
    assert verdict.verdict == "illustration only"


def test_the_page_of_the_verdicts_names_each_one_and_every_reason():
    text = re.sub(r"\s+", " ", ARTICLE_PAGE.read_text(encoding="utf-8"))
    vocabulary = [*allowed(Verdict), *allowed(Untestable)]

    assert [word for word in vocabulary if word not in text] == []


def test_the_page_of_the_results_lists_every_entry():
    shown = [cells[0].strip("`") for cells in table_rows(RESULTS_PAGE, "What is in it")]

    assert shown == [field.name for field in fields(StudyResults)]


def test_the_page_of_the_results_names_every_key():
    text = RESULTS_PAGE.read_text(encoding="utf-8")
    stored = [
        item
        for module in (study_results, analysis_result)
        for item in vars(module).values()
        if isinstance(item, type) and is_dataclass(item) and item.__module__ == module.__name__
    ]
    named = {field.name for item in stored for field in fields(item)}

    assert len(stored) > 10
    assert sorted(name for name in named if f"`{name}`" not in text) == []


def test_the_page_of_the_architecture_has_the_table_that_is_held():
    rows = table_rows(ROOT / "docs" / "architecture.md", "The rooms of `src/trialkit`")
    shown = {
        cells[0].strip("`"): set(re.findall(r"`([^`]+)`", f"{cells[2]} {cells[3]}"))
        for cells in rows
    }

    assert shown == ALLOWED


def call(command: str) -> str:
    """Run one trialkit command that must succeed, and return what it printed."""
    done = CliRunner().invoke(cli, command.split(), standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    assert done.return_value in (None, 0), done.output
    return done.output
