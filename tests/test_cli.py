"""The command line: exit codes, one message on stderr, nothing half-written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from trial_folder import DATA, STUDY, replaced, write_trial
from trialkit import cli

CHINESE = replaced(STUDY, '"A small trial"', '"冥想与呼吸"').replace('"Mindfulness"', '"冥想"')


def trialkit(*arguments, cwd, code, **environment):
    """Run the command as a user does; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", "from trialkit.cli import main; main()", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == code, done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    return done.stdout if code != 2 else done.stderr


def test_help_imports_no_heavy_library():
    script = (
        "import sys\nfrom trialkit.cli import cli\n"
        "try:\n    cli(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'pandas', 'scipy', 'matplotlib', 'pydantic', 'rich', 'typst'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "reproduce" in done.stdout


def test_every_command_is_there():
    assert set(cli.cli.commands) == {
        "new",
        "check",
        "run",
        "report",
        "reproduce",
        "compare",
        "verify",
        "fetch",
        "articles",
    }


def test_from_a_data_file_to_a_report_in_an_empty_folder(tmp_path):
    (tmp_path / "trial.csv").write_text(DATA)

    trialkit("new", "mine", "--data", "trial.csv", cwd=tmp_path, code=0)
    assert "no mistakes found" in trialkit("check", "mine", cwd=tmp_path, code=0)
    trialkit("run", "mine", "--format", "html,json", cwd=tmp_path, code=0)

    report = tmp_path / "reports" / "mine"
    assert (report / "results.json").is_file()
    assert (report / "index.html").read_text().lower().startswith("<!doctype html>")
    assert "agree" in trialkit("verify", "mine", cwd=tmp_path, code=0)
    trialkit("report", report, "-o", "again", "--format", "html", cwd=tmp_path, code=0)
    assert (tmp_path / "again/index.html").read_bytes() == (report / "index.html").read_bytes()


def test_new_keeps_what_is_there(tmp_path):
    folder = write_trial(tmp_path / "mine")
    (tmp_path / "other.csv").write_text(DATA)

    message = trialkit("new", "mine", "--data", "other.csv", cwd=tmp_path, code=2)

    assert "already exists" in message
    assert (folder / "study.toml").read_text() == STUDY
    assert not (folder / "other.csv").exists()


def test_new_writes_nothing_from_a_file_it_cannot_read(tmp_path):
    (tmp_path / "bad.csv").write_text("a,b\n1\n")

    trialkit("new", "mine", "--data", "bad.csv", cwd=tmp_path, code=2)

    assert not (tmp_path / "mine").exists()


def test_compare_and_verify_exit_1_where_numbers_differ(tmp_path):
    write_trial(tmp_path / "mine")
    trialkit("run", "mine", "-o", "a", "--format", "json", "--quiet", cwd=tmp_path, code=0)
    write_trial(tmp_path / "mine", data=replaced(DATA, "p03,0,5,4", "p03,0,5,5"))
    trialkit("run", "mine", "-o", "b", "--format", "json", cwd=tmp_path, code=0)

    assert "agree" in trialkit("compare", "a/results.json", "a/results.json", cwd=tmp_path, code=0)
    assert "estimate" in trialkit(
        "compare", "a/results.json", "b/results.json", cwd=tmp_path, code=1
    )
    assert "estimate" in trialkit("verify", "mine", "a/results.json", cwd=tmp_path, code=1)


@pytest.mark.parametrize(
    ("study", "data", "said"),
    [
        pytest.param(replaced(STUDY, "lower", "lwer"), DATA, "endpoint[0].better", id="plan"),
        pytest.param(STUDY, replaced(DATA, "p03,0", "p03,9"), "column arm", id="data"),
        pytest.param(
            replaced(STUDY, '"BASE"', '"BASE + weight"'),
            DATA,
            "analysis[0] (primary)",
            id="covariate",
        ),
        pytest.param(
            replaced(STUDY, '"BASE"', '"open(1)"'), DATA, "column names joined", id="code"
        ),
    ],
)
@pytest.mark.parametrize("command", ["check", "run"])
def test_a_refusal_is_one_message_and_writes_nothing(tmp_path, study, data, said, command):
    write_trial(tmp_path / "mine", study=study, data=data)

    message = trialkit(command, "mine", cwd=tmp_path, code=2)

    assert message.startswith("trialkit: ")
    assert said in message
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine"]


def test_a_failed_run_leaves_the_last_results_as_they_were(tmp_path):
    write_trial(tmp_path / "mine")
    trialkit("run", "mine", "--format", "html,json", cwd=tmp_path, code=0)
    report = tmp_path / "reports/small"
    before = {path.name: path.read_bytes() for path in report.iterdir()}

    write_trial(tmp_path / "mine", data=replaced(DATA, "p03,0", "p03,9"))
    trialkit("run", "mine", "--format", "html,json", cwd=tmp_path, code=2)

    assert {path.name: path.read_bytes() for path in report.iterdir()} == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("frob",),
        ("check",),
        ("check", "nowhere"),
        ("run", "nowhere"),
        ("report", "nowhere"),
        ("compare", "a", "b"),
        ("fetch", "nowhere"),
        ("articles", "nowhere"),
        ("reproduce", "nowhere"),
        ("run", "mine", "--format", "doc"),
        ("new", "x", "--data", "y"),
    ],
)
def test_misuse_exits_2(tmp_path, arguments):
    assert trialkit(*arguments, cwd=tmp_path, code=2)


def test_articles_lists_claims_with_verdicts(tmp_path):
    repository = Path(__file__).parents[1]

    text = trialkit("articles", repository / "data/articles", cwd=tmp_path, code=0)

    assert "does not add up" in text


def test_a_report_that_cannot_be_printed_is_still_written_for_the_web(tmp_path):
    write_trial(tmp_path / "mine", study=CHINESE)

    said = trialkit("run", "mine", "-o", "out", cwd=tmp_path, code=0)

    assert "pdf left out" in said
    assert "U+51A5" in said
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "index.html",
        "report.docx",
        "results.json",
        "tables",
    ]
    assert "冥想与呼吸" in (tmp_path / "out/index.html").read_text(encoding="utf-8")


def test_a_pdf_asked_for_by_name_is_written_or_refused(tmp_path):
    write_trial(tmp_path / "mine", study=CHINESE)

    said = trialkit("run", "mine", "-o", "out", "--format", "json,pdf", cwd=tmp_path, code=2)

    assert "--format html,json" in said
    assert not (tmp_path / "out").exists()


def test_a_narrow_terminal_is_no_failure(tmp_path):
    write_trial(tmp_path / "mine", study=CHINESE)

    said = trialkit("check", "mine", cwd=tmp_path, code=0, PYTHONIOENCODING="ascii", PYTHONUTF8="0")

    assert r"\u51a5" in said


def test_a_few_people_without_a_mean_still_get_a_report(tmp_path):
    rows = [line for line in DATA.splitlines() if line[:3] in {"id,", "p01", "p07"}]
    write_trial(tmp_path / "mine", data="\n".join(rows) + "\n")

    trialkit("run", "mine", "-o", "out", "--format", "html,json", cwd=tmp_path, code=0)

    assert "There is no figure of means" in (tmp_path / "out/index.html").read_text()


def test_markup_in_a_text_is_shown_as_it_stands(tmp_path):
    write_trial(tmp_path / "mine")
    trialkit("run", "mine", "-o", "a", "--format", "json", "-q", cwd=tmp_path, code=0)
    folder = tmp_path / "[" / "b]"
    folder.mkdir(parents=True)
    text = (tmp_path / "a/results.json").read_text()
    (folder / "results.json").write_text(replaced(text, "A small trial", "[/bold] [red]x"))

    path = folder.relative_to(tmp_path) / "results.json"
    assert "[/bold] [red]x" in trialkit("compare", path, "a/results.json", cwd=tmp_path, code=1)
    assert "[/b]" in trialkit("compare", path, path, cwd=tmp_path, code=0)


def test_a_file_in_the_place_of_a_folder_is_named(tmp_path):
    write_trial(tmp_path / "mine")
    (tmp_path / "out").write_text("x")
    articles = Path(__file__).parents[1] / "data/articles"

    for folder in ("out", "out/below"):
        arguments = ("run", "mine", "-o", folder, "--format", "json")
        assert "expected a folder" in trialkit(*arguments, cwd=tmp_path, code=2)
    said = trialkit("articles", articles, "--reports", "out", cwd=tmp_path, code=2)
    assert "expected a folder" in said
    assert trialkit("reproduce", "nowhere", cwd=tmp_path, code=2).count("\n") == 1
