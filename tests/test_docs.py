"""What the documentation says can be typed: links lead somewhere, code prints what it shows."""

import contextlib
import io
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import trialkit as tk
from trialkit.cli import cli

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
NUMERICS = ROOT / "src" / "trialkit" / "numerics"
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def blocks(page: Path, language: str) -> list[str]:
    """Return the code blocks of a page in one language."""
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def heading_anchors(page: Path) -> set[str]:
    """Return the anchors that a page's headings get."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head).lower().replace(" ", "-") for head in heads}


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
    make_data, read_numbers = blocks(tutorial, "python")
    responder, question, _ = blocks(tutorial, "toml")
    exec(compile(make_data, "tutorial.md", "exec"), {})  # noqa: S102 (the point of the test)
    assert Path("pain.csv").read_text().startswith(blocks(tutorial, "text")[0])

    call("new my-trial --data pain.csv")
    plan = Path("my-trial/study.toml")
    text = plan.read_text(encoding="utf-8")
    commented = re.search(r"^# responder = .*$", text, re.MULTILINE)
    assert commented is not None
    plan.write_text(text.replace(commented.group(), responder) + question, encoding="utf-8")
    assert "no mistakes found" in call("check my-trial")
    call("run my-trial")
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        exec(compile(read_numbers, "tutorial.md", "exec"), {})  # noqa: S102

    assert "ls_mean_difference" in shown.getvalue()
    for name in ("index.html", "report.pdf", "results.json"):
        assert (tmp_path / "reports" / "my-trial" / name).stat().st_size > 1000
    results = tk.read_results("reports/my-trial/results.json")
    assert [record.status for record in results.analyses] == ["ran", "ran"]
    call("report reports/my-trial/results.json -o again")
    assert "agree" in call("verify my-trial")
    assert "agree" in call("compare reports/my-trial/results.json reports/my-trial/results.json")


def call(command: str) -> str:
    """Run one trialkit command that must succeed, and return what it printed."""
    done = CliRunner().invoke(cli, command.split(), standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    assert done.return_value in (None, 0), done.output
    return done.output
