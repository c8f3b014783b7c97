"""The layers of ARCHITECTURE.md: a module imports from lower layers, or from its own folder."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "src" / "conjoint"

LAYERS = {
    "errors": 0,
    "spelling": 0,
    "policy": 0,
    "source": 0,
    "spreadsheet": 0,
    "typing": 0,
    "encoding": 0.5,
    "output": 0.5,
    "survey": 1,
    "say": 1.5,
    "wave": 2,
    "estimates": 2,
    "read": 3,
    "weight": 3,
    "estimate": 3,
    "audit": 4,
    "scenario": 4,
    "toplines": 4,
    "plan": 4,
    "propose": 4,
    "reproduce": 4.75,
    "compare": 4.75,
    "robust": 4.75,
    "disclosure": 4.5,
    "withhold": 3.5,
    "folder": 4.5,  # reads and checks a folder for `analysis`, which stands in the same layer
    "analysis": 5,
    "table": 5.5,
    "plot": 6,
    "report": 7,
    "workbook": 7,
    "explorer": 6.5,
    "public": 7.25,
    "conjoint": 7.5,  # the public names, all gathered: for the command line alone
    "cli": 8,
    "__main__": 9,
}
"""Modules and folders of one layer do not know each other."""

MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def name_of(path):
    """The module's dotted name, a folder for its __init__."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(path) for path in MODULES}


def is_for_types(node):
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def nodes(tree, *, types):
    """Every node of a module; what only type checkers see left out unless wanted."""
    for child in ast.iter_child_nodes(tree):
        if types or not is_for_types(child):
            yield child
            yield from nodes(child, types=types)


def imports(path, *, types=True):
    """The modules of this package that a module imports."""
    found = set()
    for node in nodes(ast.parse(path.read_text(encoding="utf-8")), types=types):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)} has a relative import"
            whole = {f"{node.module}.{alias.name}" for alias in node.names} & NAMES
            found |= whole or {node.module}
    return {name for name in found if name.split(".")[0] == "conjoint"}


def part(name):
    """The module or folder right under the package; the package for its public names."""
    return name.split(".")[1] if "." in name else name


def test_every_module_has_a_layer():
    assert {part(name) for name in NAMES} <= set(LAYERS)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_come_from_lower_layers_or_the_own_folder(path):
    own = part(name_of(path))
    wrong = {
        name for name in imports(path) if part(name) != own and LAYERS[part(name)] >= LAYERS[own]
    }
    assert not wrong


def test_no_folder_imports_in_a_circle():
    """What runs: annotations may point both ways."""
    graph = {name_of(path): imports(path, types=False) & NAMES for path in MODULES}
    for name, needed in graph.items():
        # A folder's __init__ gathers its modules; a module may not need its own folder's face.
        assert name.rsplit(".", 1)[0] not in needed, f"{name} imports its own folder"
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_there_is_no_utils():
    assert not [name for name in NAMES if name.rsplit(".", 1)[1] in ("utils", "util", "helpers")]


@pytest.mark.parametrize(
    "kernel", ["estimate/linear.py", "estimate/cell_mean.py", "wave/tally.py", "weight/rake.py"]
)
def test_kernels_know_no_pandas(kernel):
    tree = ast.parse((PACKAGE / kernel).read_text(encoding="utf-8"))
    names = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    } | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names -= {"conjoint.wave.tally"}  # an array kernel itself
    assert not [name for name in names if name and name.startswith(("pandas", "conjoint.wave"))]
