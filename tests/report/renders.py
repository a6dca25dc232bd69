"""Render stored results in a process of its own: ``python renders.py results.json folder``.

With ``--walled`` the process cannot import what computes or reads data, and says which files
outside the libraries it opened.
"""

import os
import subprocess
import sys
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import ModuleType

BEHIND_THE_WALL = (
    "trialkit.analysis",
    "trialkit.numerics",
    "trialkit.dataset",
    "trialkit.design",
    "trialkit.run",
    "trialkit.reproduce",
    "scipy.stats",
    "pingouin",
    "formulaic",
    "statsmodels",
)
OPENED = "opened.txt"


class Wall(MetaPathFinder):
    """Refuses the import of anything that computes a result."""

    def find_spec(
        self, fullname: str, path: object = None, target: ModuleType | None = None
    ) -> None:
        """Raise for what stands behind the wall; leave the rest to the others."""
        if any(fullname == name or fullname.startswith(f"{name}.") for name in BEHIND_THE_WALL):
            raise ImportError(f"{fullname} stands behind the wall")


def render(results: Path, folder: Path) -> None:
    """Write every format of the report of stored results."""
    from trialkit.report.publish import FORMATS, render_report  # noqa: PLC0415 (behind the wall)
    from trialkit.result.study_results import read_results  # noqa: PLC0415

    render_report(read_results(results), folder, formats=FORMATS)


def in_a_process(
    results: Path,
    folder: Path,
    *options: str,
    interpreter: str = sys.executable,
    cwd: Path | None = None,
    **environment: str,
) -> dict[str, bytes]:
    """Render in another process and return its files; its environment is what is given."""
    shared = {
        name: value
        for name, value in os.environ.items()
        if name in {"PATH", "SYSTEMROOT", "TMPDIR", "MPLCONFIGDIR"}
    }
    if interpreter == sys.executable:
        shared["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [interpreter, str(Path(__file__).resolve()), str(results), str(folder), *options],
        cwd=cwd or folder.parent,
        env=shared | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def main() -> None:
    """Render what the command line names."""
    results, folder = (Path(text).resolve() for text in sys.argv[1:3])
    opened: set[str] = set()
    if "--walled" in sys.argv:
        sys.meta_path.insert(0, Wall())
        sys.addaudithook(
            lambda event, seen: (
                opened.add(os.path.realpath(seen[0]))
                if event == "open" and isinstance(seen[0], str)
                else None
            )
        )
    render(results, folder)
    if "--walled" in sys.argv:
        modules = [name for name in sys.modules if name.startswith(BEHIND_THE_WALL)]
        text = "\n".join([*sorted(opened), *(f"module {name}" for name in modules)])
        (folder / OPENED).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
