"""A report is made of results.json alone: no data, and nothing that could compute with them."""

import subprocess
import sys
from pathlib import Path

import pytest

from present import sample
from report import variants
from report.renders import BEHIND_THE_WALL, OPENED, in_a_process
from run.test_every_method import FIGURES, participants, plan
from trial_folder import write_trial
from trialkit.report.publish import FORMATS, report_files
from trialkit.result.study_results import read_results
from trialkit.run.study import run_study


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Stored results: of a study whose data are gone, and of invented ones."""
    folder = tmp_path_factory.mktemp("stored")
    study = folder / "study"
    write_trial(study, study=plan("mediation"), data=participants())
    (study / "figures.csv").write_text(FIGURES, encoding="utf-8")
    results = {
        "from data": run_study(study, articles=()),
        "claims": variants.real(),
        "arms": sample.four_arms(),
        "p-values": variants.p_values_only(),
    }
    for path in study.iterdir():
        path.unlink()
    study.rmdir()
    return {
        name: each.write(folder / f"{number}" / "results.json")
        for number, (name, each) in enumerate(results.items())
    }


@pytest.mark.parametrize("name", ["from data", "claims", "arms", "p-values"])
def test_behind_a_wall_the_same_bytes_are_made(stored: dict[str, Path], name: str, tmp_path: Path):
    usual = report_files(read_results(stored[name]), formats=FORMATS)

    made = in_a_process(
        stored[name],
        tmp_path / "out",
        "--walled",
        MPLCONFIGDIR=str(tmp_path / "settings"),
        TMPDIR=str(tmp_path),
        HOME=str(tmp_path),
    )

    opened = made.pop(OPENED).decode().splitlines()
    assert [line for line in opened if line.startswith("module ")] == []
    assert str(stored[name].resolve()) in opened
    assert [path for path in opened if is_of_the_user(Path(path), tmp_path)] == [
        str(stored[name].resolve())
    ]
    assert sorted(made) == sorted(usual)
    assert [file for file in made if made[file] != usual[file]] == []


def is_of_the_user(path: Path, own: Path) -> bool:
    """Return whether a file belongs neither to the system, to Python and its packages, nor to us.

    What the process wrote itself, below ``own``, is its own too.
    """
    package = Path(sys.modules["trialkit"].__file__ or "").parent
    roots = (sys.prefix, sys.base_prefix, "/usr", "/etc", "/proc", "/sys", "/dev", "/var", "/lib")
    ours = (own, package, *map(Path, roots))
    test = path == Path(__file__).with_name("renders.py")
    return not (test or any(path.is_relative_to(root.resolve()) for root in ours))


@pytest.mark.parametrize("name", BEHIND_THE_WALL)
def test_the_wall_stands(name: str):
    code = (
        f"import sys; sys.path[:0] = {sys.path!r}; from report.renders import Wall\n"
        f"sys.meta_path.insert(0, Wall())\ntry:\n    import {name}\n"
        "except ImportError as error:\n    print(error)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == f"{name} stands behind the wall"
