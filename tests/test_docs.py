"""What the README and docs/ say is tried: every command, every spec, every line of Python."""

from __future__ import annotations

import doctest
import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import archcalc
from archcalc import api, grading
from archcalc.algebra.shapes import joined
from archcalc.cli import COMMANDS
from archcalc.derivations.explanation import judge_all
from archcalc.grading.assignments.assignment import load_assignment
from archcalc.grading.sheets import Intake
from archcalc.layers import KINDS
from archcalc.network.network import Network
from archcalc.render.homework.answers import answer
from archcalc.words.errors import SpecError

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]

sys.path.insert(0, str(DOCS))
pages: Any = importlib.import_module("pages")
generate: Any = importlib.import_module("generate")

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)


def blocks_of(page: Path, *languages: str) -> list[Any]:
    return [block for block in pages.blocks(page.read_text(encoding="utf-8")) if block.language in languages]


# --- what is generated is current --------------------------------------------------------------------------


def test_what_is_generated_is_current() -> None:
    """The pages of kinds and commands, the schema, the picture, and the output of every command shown."""
    assert generate.stale() == []


def test_a_stale_page_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page, picture = tmp_path / "page.md", tmp_path / "picture.svg"
    page.write_text("# Commands\n", encoding="utf-8")
    picture.write_text("<svg><text x='1'>total</text></svg>", encoding="utf-8")
    truth = [(page, "# Commands\n"), (picture, "<svg><text x='2'>total</text></svg>")]
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "generated", lambda: truth)
    assert generate.main(["--check"]) == 0
    page.write_text("# Comands\n", encoding="utf-8")
    picture.write_text("<svg><text x='2'>totals</text></svg>", encoding="utf-8")
    assert generate.main(["--check"]) == 1
    stale = "page.md is stale: run `make docs`\npicture.svg is stale: run `make docs`\n"
    assert capsys.readouterr().out == stale
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0


def test_a_command_that_prints_something_else_is_found(tmp_path: Path) -> None:
    page = "```console\n$ echo 2\n1\n```\n"
    assert pages.refreshed(page, tmp_path) == "```console\n$ echo 2\n2\n```\n"


def test_a_command_that_fails_is_found(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="left with 1"):
        pages.refreshed("```console\n$ false\n```\n", tmp_path)
    with pytest.raises(RuntimeError, match="left with 0"):
        pages.refreshed("```console error\n$ true\n```\n", tmp_path)


# --- specs -------------------------------------------------------------------------------------------------

SHAPE = re.compile(r"# → (\d+(?:×\d+)*)$")


def check_yaml(block: Any, folder: Path) -> None:
    """The block is a spec, or wrong if it says so, and every shape behind a layer is what the layer gives.

    A block of an assignment is one, and every key behind a question is the answer to it.
    """
    if block.info in ("assignment", "sheet"):
        {"assignment": check_assignment, "sheet": check_sheet}[block.info](block, folder)
        return
    text, added = block.spec()
    path = folder / "example.yaml"
    path.write_text(text, encoding="utf-8")
    if block.fails:
        with pytest.raises(SpecError):
            api.load(str(path))
        return
    network = api.load(str(path))
    assert all(judged.accounted for judged in judge_all(network)), f"line {block.line}: published"
    for number, line in enumerate(text.splitlines(), 1):
        found = SHAPE.search(line)
        if found:
            shapes = {joined(shape) for shape in shapes_at(network, number, line)}
            assert found[1] in shapes, f"line {block.line + number - 1 - added}: {line}: {shapes}"


KEY = re.compile(r"# → (.+)$")


def check_assignment(block: Any, folder: Path) -> None:
    path = folder / "homework.yaml"
    path.write_text(block.text, encoding="utf-8")
    assignment = load_assignment(path)
    lines = block.text.splitlines()
    for question in assignment.questions:
        found = KEY.search(lines[question.place.line - 1])
        assert not found or answer(question, question.key) == found[1], f"line {block.line}: {question.id}"


def check_sheet(block: Any, folder: Path) -> None:
    """The answers are those to a shape, a number and a shape, and there is nothing to say about them."""
    (folder / "homework.yaml").write_text(
        "networks: alexnet\nquestions: [{id: 1a, ask: conv1.output}, {id: 1b, ask: conv2.params}, "
        "{id: 1c, ask: conv1.output}]\n"
    )
    path = folder / "ana.yaml"
    path.write_text(block.text, encoding="utf-8")
    (sheet,) = Intake([str(path)], load_assignment(folder / "homework.yaml"))
    assert not sheet.problems, f"line {block.line}: {sheet.problems}"
    assert set(sheet.answers) == {"1a", "1b", "1c"}


def shapes_at(network: Network, line: int, text: str) -> Iterator[tuple[int, ...]]:
    """The shapes that the layers of a line give; for a block, a group or a join, what comes out of it."""
    name = re.search(r"\bname: ([\w-]+)", text)
    nodes = [node for node in network.nodes if node.place.file == network.spec.place.file]
    if name:
        yield from (node.output for node in nodes if node.name.split(".")[-1] == name[1])
        yield from (network.nodes[end].output for path, end in network.groups.items() if path == name[1])
    # On this line, or on the last one of an item that began further up.
    begun = max((node.place.line for node in nodes if node.place.line <= line), default=0)
    yield from (node.output for node in nodes if node.place.line == begun)


@every_page
def test_yaml(page: Path, tmp_path: Path) -> None:
    for block in blocks_of(page, "yaml"):
        check_yaml(block, tmp_path)


def block(text: str, info: str = "") -> Any:
    return pages.Block("yaml", info, text, 1)


def test_a_wrong_shape_is_found(tmp_path: Path) -> None:
    check_yaml(block("- {conv: 8, kernel: 3}  # → 8×222×222\n"), tmp_path)
    with pytest.raises(AssertionError, match="line 1"):
        check_yaml(block("- {conv: 8, kernel: 3}  # → 8×224×224\n"), tmp_path)


def test_a_wrong_key_is_found(tmp_path: Path) -> None:
    text = "networks: alexnet\nquestions:\n  - {ask: conv1.params}  # → 34,944\n"
    check_yaml(block(text, "assignment"), tmp_path)
    with pytest.raises(AssertionError, match="line 1"):
        check_yaml(block(text.replace("34,944", "34,848"), "assignment"), tmp_path)


def test_a_wrong_sheet_is_found(tmp_path: Path) -> None:
    text = "{1a: 96x55x55, 1b: 5, 1c: [96, 55, 55]}\n"
    check_yaml(block(text, "sheet"), tmp_path)
    with pytest.raises(AssertionError, match="line 1"):
        check_yaml(block(text.replace("1c", "1d"), "sheet"), tmp_path)


def test_a_wrong_spec_is_found(tmp_path: Path) -> None:
    with pytest.raises(SpecError):
        check_yaml(block("- {conv: 8}\n"), tmp_path)
    with pytest.raises(pytest.fail.Exception):
        check_yaml(block("- relu\n", "error"), tmp_path)


# --- Python ------------------------------------------------------------------------------------------------


@every_page
def test_python(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One session a page, in a folder with the files that the page names."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for given in blocks_of(page, "yaml"):
        if given.file:
            (tmp_path / given.file).write_text(given.text, encoding="utf-8")
    names: dict[str, Any] = {"__name__": "example"}
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for number, example in enumerate(blocks_of(page, "pycon", "python")):
        if example.language == "python":
            exec(compile(example.text, f"{page.name}:{example.line}", "exec"), names)  # noqa: S102
            continue
        test = doctest.DocTestParser().get_doctest(
            example.text, names, f"{page.name}-{number}", page.name, example.line - 1
        )
        printed: list[str] = []
        runner.run(test, out=printed.append, clear_globs=False)
        names = test.globs
        assert not printed, "".join(printed)


# --- completeness ------------------------------------------------------------------------------------------


def test_every_command_is_documented() -> None:
    page = (DOCS / "cli.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"\n## archcalc {name}\n" not in page] == []


@pytest.mark.parametrize("page", ["layers.md", "spec.md"])
def test_every_kind_is_documented(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    assert [name for name in KINDS if f"\n### {name}\n" not in text and f"\n| `{name}` |" not in text] == []


def test_the_api_is_documented() -> None:
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    names = (*archcalc.__all__, *(f"grading.{name}" for name in grading.__all__))
    assert [name for name in names if not name.startswith("_") and name not in text] == []


def test_the_design_names_only_modules_that_there_are() -> None:
    """Rooms and what they import are held by tests/test_imports.py."""
    text = (DOCS / "design.md").read_text(encoding="utf-8")
    package = ROOT / "archcalc"
    named = set(re.findall(r"`(?:archcalc/)?([a-z_/]+\.py)`", text))
    assert "algebra/symbols.py" in named
    there = [
        path.relative_to(ROOT).as_posix()
        for folder in (package, DOCS, ROOT / "tests", ROOT / ".ci")
        for path in folder.rglob("*.py")
    ] + [path.name for path in ROOT.glob("*.py")]
    assert [
        name for name in sorted(named) if not any(f"/{path}".endswith(f"/{name}") for path in there)
    ] == []


def test_the_reference_has_every_feature() -> None:
    """Each key of the language stands in the reference, in code."""
    from archcalc.spec.spec import ITEM_KEYS, PUBLISHED_KEYS, STRUCTURE_KEYS, TOP_KEYS

    text = (DOCS / "spec.md").read_text(encoding="utf-8")
    code = " ".join(re.findall(r"`[^`\n]+`", text) + [b.text for b in blocks_of(DOCS / "spec.md", "yaml")])
    keys = {
        *ITEM_KEYS,
        *STRUCTURE_KEYS,
        *TOP_KEYS,
        *PUBLISHED_KEYS,
        "weights",
        "channels",
        "tokens",
        "features",
    }
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}\b", code)] == []


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
        path, _, anchor = target.partition("#")
        if path.startswith(("http://", "https://")):
            continue
        there = page.parent / path if path else page
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there.read_text(encoding="utf-8")), target


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@every_page
def test_shell_commands_exist(page: Path) -> None:
    """What is shown and not run are commands of make that there are, and installations."""
    targets = re.findall(r"^(\w+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for line in "".join(found.text for found in blocks_of(page, "sh")).splitlines():
        command = line.partition("#")[0].split()
        if command[:1] == ["make"]:
            assert set(command[1:]) <= set(targets), line
        elif command:
            assert command[0] in ("git", "cd", "pip", "python", "python3", "source", ".") or command[
                0
            ].endswith("pip"), line


@every_page
def test_nothing_is_left_untried(page: Path) -> None:
    """Every fenced block is of a language that the tests above know."""
    known = {"yaml", "console", "pycon", "python", "sh", "text", "json"}
    assert {found.language for found in pages.blocks(page.read_text(encoding="utf-8"))} <= known


@every_page
def test_no_path_of_one_machine(page: Path) -> None:
    assert not re.search(r"(?<![\w.])/(home|root|tmp|work|Users)/", page.read_text(encoding="utf-8"))
