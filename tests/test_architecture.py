"""The architecture, as one table: who may import what."""

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "trialkit"

FLOOR_0 = {"errors", "terms"}
ALLOWED = {
    "errors": {"pandas"},
    "terms": set(),
    "numerics": {"errors", "language", "numpy", "scipy"},
    "study": FLOOR_0 | {"pydantic"},
    "result": FLOOR_0 | {"language", "study", "pandas", "numpy", "pydantic"},
    "design": FLOOR_0 | {"language", "numerics", "numpy", "pandas", "formulaic"},
    "dataset": FLOOR_0 | {"language", "study", "result", "numpy", "pandas", "pooch"},
    # pingouin in one module, its adapter.
    # threadpoolctl holds linear algebra to one thread.
    "analysis": FLOOR_0
    | {"language", "design", "numerics", "result"}
    | {"numpy", "pandas", "pingouin", "threadpoolctl"},
    "evidence": FLOOR_0 | {"language", "study", "result", "numerics"},
    # The frames of the dataset pass through run on their way to the verbs.
    "run": FLOOR_0 | {"language", "study", "dataset", "analysis", "result", "evidence", "pandas"},
    "language": {"errors", "babel"},
    # Charts and page share one face, so present hands its file to matplotlib.
    "present": FLOOR_0
    | {"language", "study", "result", "evidence", "pandas", "matplotlib", "seaborn"}
    | {"font_source_sans_pro"},
    "report": FLOOR_0
    | {"language", "study", "result", "evidence", "present"}
    | {"docx", "jinja2", "typst", "fontTools"}
    | {"font_source_serif_pro", "font_source_sans_pro"},
    "reproduce": FLOOR_0 | {"language", "study", "result", "evidence", "report"},
}
TOP = {"cli", "options", "terminal", "__init__"}  # may import every room
BANNED = {"utils", "util", "helpers", "helper", "core", "common", "manager", "misc"}
MODULE_LINES = 400
# Of scipy's distributions; a quantile or a normal score is no p-value.
TAILS = {"sf", "cdf", "fdtrc", "chdtrc", "bdtr"}

MODULES = sorted(SOURCE.rglob("*.py"))
each_module = pytest.mark.parametrize(
    "path", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix()
)


def room(path: Path) -> str:
    """Return the room that a module stands in."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def parse(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> set[str]:
    """Return the rooms and the third-party packages that a module imports.

    ``from trialkit import x`` counts as x, so a room cannot reach around the table
    through the package's own front door.
    """
    found = set()
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [alias.name for alias in node.names]
            modules = [f"trialkit.{name}" for name in names] if node.module == "trialkit" else []
            modules = modules or [node.module or ""]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        else:
            continue
        for module in modules:
            root, _, rest = module.partition(".")
            found.add(rest.partition(".")[0] if root == "trialkit" and rest else root)
    return found - sys.stdlib_module_names


def functions(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the functions of a module and the methods of its classes, not nested ones."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
        elif isinstance(child, ast.ClassDef):
            yield from functions(child)


def test_the_source_is_found():
    assert SOURCE / "terms.py" in MODULES


def test_an_import_is_seen_wherever_it_hides(tmp_path: Path):
    module = tmp_path / "module.py"
    module.write_text(
        "import os\nimport seaborn as sns\nfrom trialkit import study\n"
        "def f():\n    from trialkit.analysis.ancova import ancova\n"
    )

    assert imports(module) == {"seaborn", "study", "analysis"}


@each_module
def test_imports_follow_the_table(path: Path):
    own = room(path)
    if own in TOP:
        return

    assert own in ALLOWED, f"{own} has no line in the table: what may it import?"
    assert imports(path) - ALLOWED[own] - {own} == set()


def test_rooms_form_no_cycle():
    graph = {name: set[str]() for name in ALLOWED}
    for path in MODULES:
        if room(path) not in TOP:
            graph[room(path)] |= imports(path) & set(ALLOWED) - {room(path)}

    order = TopologicalSorter(graph).static_order()  # raises CycleError and names the cycle

    assert set(order) == set(ALLOWED)


def test_one_module_imports_pingouin():
    doors = {path.relative_to(SOURCE).as_posix() for path in MODULES if "pingouin" in imports(path)}

    assert doors == {"analysis/_pingouin.py"}


def test_one_module_turns_statistics_into_p_values():
    tails = {
        path.relative_to(SOURCE).as_posix()
        for path in MODULES
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Attribute) and node.attr in TAILS
    }

    assert tails == {"numerics/tails.py"}


@each_module
def test_no_import_hides_in_a_function(path: Path):
    if room(path) in {"cli", "terminal"}:
        return
    hidden = [
        node.lineno
        for function in ast.walk(parse(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


@each_module
def test_a_module_stays_short(path: Path):
    lines = path.read_text(encoding="utf-8").count("\n")

    assert lines <= MODULE_LINES


@each_module
def test_a_module_is_named_for_what_it_holds(path: Path):
    parts = path.relative_to(SOURCE).with_suffix("").parts
    assert not BANNED & set(parts)


@each_module
def test_every_public_function_says_what_it_does(path: Path):
    silent = [
        f"{function.name} (line {function.lineno})"
        for function in functions(parse(path))
        if not function.name.startswith("_") and not ast.get_docstring(function)
    ]
    assert silent == []
