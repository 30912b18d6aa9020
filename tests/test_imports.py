"""What is imported when, and from where: the calculator never needs torch, and imports point one way only."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "archcalc"


def rooms(page: str) -> dict[str, tuple[str, ...]]:
    """The table of rooms in docs/design.md: what each imports, in the order of the rows."""
    found: dict[str, tuple[str, ...]] = {}
    for name, imports in re.findall(r"^\| `([a-z_]+)/?` \| .+? \| ?([a-z_, ]*) \|$", page, re.MULTILINE):
        assert name not in found
        found[name] = tuple(imports.split(", ")) if imports else ()
    return found


ROOMS = rooms((ROOT / "docs" / "design.md").read_text(encoding="utf-8"))

DOORS = {"__main__": ("cli",)}
"""What only hands on; `__init__` hands on names of any room."""

OUTSIDERS = {
    "torch": {"pytorch", "timing"},
    "rich": {"render", "cli"},
    "click": {"cli"},
    "yaml": {"spec"},
    "numpy": {"algebra"},
    "markdown_it": {"render"},
    "matplotlib": {"render"},
    "pynvml": {"timing"},
}
"""Who may import what stands outside: the large, and what belongs in one place."""


def sources() -> dict[str, str]:
    """The text of every module of the package by its dotted name without `archcalc.`; packages by their own."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if name:
            found[name] = path.read_text(encoding="utf-8")
    return found


def imported(source: str, own: Sequence[str]) -> Iterator[str]:
    """The dotted name of everything a module imports, anywhere in it; `own` are the modules of archcalc."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute, so that they can be read here"
            module = str(node.module)
            for alias in node.names:
                # `from archcalc import shapes` is the module; `from archcalc import __version__` is not.
                is_module = f"{module}.{alias.name}".removeprefix("archcalc.") in own
                yield f"{module}.{alias.name}" if is_module else module


def between_rooms(modules: Mapping[str, str]) -> dict[tuple[str, str], list[str]]:
    """Every import of another room, by the two rooms: who imports what."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, source in modules.items():
        home = name.partition(".")[0]
        for target in imported(source, list(modules)):
            if target == "archcalc":
                other = "__init__"
            else:
                other = target.split(".")[1] if target.startswith("archcalc.") else home
            if other != home:
                found.setdefault((home, other), []).append(f"{name} imports {target}")
    return found


def imports_too_many(modules: Mapping[str, str]) -> list[str]:
    """Every import of another room that the table does not have."""
    allowed = {**ROOMS, **DOORS}
    return [
        line
        for (home, other), lines in between_rooms(modules).items()
        if other not in allowed.get(home, ())
        for line in lines
    ]


def misplaced_imports(modules: Mapping[str, str]) -> list[str]:
    """Every import of something from outside where it does not belong."""
    return [
        f"{name} imports {target}"
        for name, source in modules.items()
        for target in imported(source, list(modules))
        if name.partition(".")[0] not in OUTSIDERS.get(target.partition(".")[0], {name.partition(".")[0]})
    ]


def test_every_module_has_its_room() -> None:
    assert {name.partition(".")[0] for name in sources()} == {*ROOMS, *DOORS}


def test_the_table_of_rooms_has_exactly_the_imports_that_there_are() -> None:
    found = between_rooms(sources())
    assert imports_too_many(sources()) == []
    written = {(home, other) for home, others in ROOMS.items() for other in others}
    assert written - set(found) == set(), "docs/design.md allows what nobody needs"


def test_rooms_import_only_what_stands_above_them() -> None:
    order = list(ROOMS)
    assert [
        (home, other) for home in order for other in ROOMS[home] if other not in order[: order.index(home)]
    ] == []


def test_every_room_says_what_lives_there() -> None:
    for name in (*ROOMS, "render.documents", "render.formats", "render.homework"):
        docstring = ast.get_docstring(ast.parse(sources()[name]))
        assert (docstring or "").endswith("."), name


def test_what_is_large_is_imported_in_its_own_place_only() -> None:
    assert misplaced_imports(sources()) == []


BACKWARD = {
    "at the top": "from archcalc.results.analysis import analyse",
    "as a module": "from archcalc.results import analysis",
    "through the front door": "from archcalc import analyse",
    "as a plain import": "import archcalc.render.formats.table",
    "inside a function": "def f() -> None:\n    from archcalc.cli import main",
    "for types only": "if TYPE_CHECKING:\n    from archcalc.network.network import Network",
}


@pytest.mark.parametrize("line", BACKWARD.values(), ids=BACKWARD.keys())
def test_a_backward_import_would_be_noticed(line: str) -> None:
    modules = sources()
    modules["layers.linear"] += f"\n{line}\n"
    (found,) = imports_too_many(modules)
    assert found.startswith("layers.linear imports archcalc")


@pytest.mark.parametrize("line", ["import torch", "from torch import nn", "import torch.nn.functional as F"])
def test_torch_in_the_wrong_place_would_be_noticed(line: str) -> None:
    modules = sources()
    modules["layers.linear"] += f"\ndef f() -> None:\n    {line}\n"
    (found,) = set(misplaced_imports(modules)) - set(misplaced_imports(sources()))
    assert found.startswith("layers.linear imports torch")


# --- at run time -------------------------------------------------------------------------------------------

HEAVY = {"torch", "numpy", "matplotlib", "pandas", "IPython", "jsonschema"}


def loaded(code: str, *arguments: str) -> set[str]:
    """The top-level modules that are loaded after `code` has run in a fresh interpreter."""
    tail = "\nimport sys\nprint('\\n\\f' + ' '.join({m.partition('.')[0] for m in sys.modules}), file=sys.stderr)"
    process = subprocess.run(
        [sys.executable, "-c", code + tail, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert process.returncode == 0, process.stderr
    return set(process.stderr.rpartition("\f")[2].split())


RUN = """
import sys
from archcalc.cli import main
status = main(sys.argv[1:])
assert status == 0, status
"""

COMMANDS = [
    "list",
    "show vgg16",
    "layers conv",
    "schema",
    "summary vgg16",
    "summary resnet50 --format markdown",
    "compare googlenet alexnet --flops",
    "explain alexnet conv1",
    "explain alexnet conv1 --format latex",
    "grade lectures 4",
    "grade lectures 1 --format markdown",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_of_the_calculator_imports_torch(command: str) -> None:
    assert loaded(RUN, *command.split()) & HEAVY == set()


@pytest.mark.parametrize("command", ["summary vgg16 --format json", "summary vgg16 --format csv"])
def test_rich_is_imported_for_nothing_but_tables(command: str) -> None:
    assert loaded(RUN, *command.split()) & (HEAVY | {"rich"}) == set()


def test_the_api_imports_torch_only_to_build() -> None:
    code = "import archcalc, archcalc.pytorch; archcalc.analyse(archcalc.load('resnet50'))"
    assert loaded(code) & (HEAVY | {"rich", "click"}) == set()


def test_importing_archcalc_imports_nothing_else() -> None:
    assert loaded("import archcalc") & (HEAVY | {"rich", "click", "yaml", "msgspec"}) == set()


GRADING = (
    "import sys\nprint(*sorted(m for m in sys.modules if m.startswith('archcalc.grading')), file=sys.stderr)"
)


def grading_loaded(code: str, *arguments: str) -> set[str]:
    """The modules of archcalc.grading that are loaded after `code` has run in a fresh interpreter."""
    process = subprocess.run(
        [sys.executable, "-c", f"{code}\n{GRADING}", *arguments],
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    return {name.removeprefix("archcalc.grading.") for name in process.stderr.split()}


@pytest.mark.parametrize("command", ["summary lenet5", "explain lenet5", "list"])
def test_the_calculator_does_not_load_grading(command: str) -> None:
    assert grading_loaded(RUN, *command.split()) == set()


def test_a_key_loads_neither_what_reads_answers_nor_what_finds_mistakes(tmp_path: Path) -> None:
    path = tmp_path / "homework.yaml"
    path.write_text(
        "networks: lenet5\nquestions: [{ask: total.params, partial: {rule: 1/2}}]\n", encoding="utf-8"
    )
    found = grading_loaded(RUN, "grade", "key", str(path))
    assert "assignments.assignment" in found
    assert found & {"numbers", "judging", "marking", "diagnosis", "sheets"} == set()
    marking = "from archcalc.grading import Marker\nMarker"
    assert {"numbers", "diagnosis"} <= grading_loaded(marking)


@pytest.mark.parametrize("module", ["numpy", "rich"])
def test_an_import_too_many_would_be_noticed(module: str) -> None:
    assert module in loaded(f"import {module}\n{RUN}", "summary", "lenet5", "--format", "json")


def test_without_torch_building_says_what_to_install() -> None:
    code = """
import sys
sys.modules["torch"] = None
import archcalc.pytorch
from archcalc.words.errors import MissingExtra
try:
    archcalc.pytorch.build(archcalc.load("lenet5"))
except MissingExtra as error:
    assert str(error) == "PyTorch is not installed; install it with: pip install 'archcalc[torch]'", error
else:
    raise AssertionError("built without torch")
"""
    loaded(code)
