"""Formats: one file each, advertised where they hold, and safe whatever names, sources and answers are."""

from __future__ import annotations

import ast
import csv
import io
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import click
import pytest
from builders import assignment, graded, mark, question, reported
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import archcalc
from archcalc import api
from archcalc.checks import checking
from archcalc.cli import COMMANDS, main
from archcalc.cli.program import program
from archcalc.grading.assignments.assignment import load_assignment
from archcalc.grading.lectures import graded as graded_lectures
from archcalc.reference.kinddocs import kinds
from archcalc.render import formats, outputs
from archcalc.render.formats import as_csv, as_tsv, registry, sheet
from archcalc.render.formats.registry import Format, Output, Rows, Screen, every, named
from archcalc.render.formats.sheet import Column, Document, Label, Line, Sheet
from archcalc.render.homework import of_class, of_grades
from archcalc.render.homework.of_lectures import Chosen
from archcalc.results.listing import Entry, Top5
from archcalc.words.errors import OptionError

EVIL = "x\x1b[31mRED\x07\r\x9b1m\u202eesrever\u2066i\u2069\u200fr\u200b\u2028l"
"""Colours, a bell, a return, a C1 code, marks of direction, and separators."""

SCREENS = (Screen(80), Screen(120, colour=True))

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def acting(text: str, form: Format | None = None, screen: Screen = SCREENS[0]) -> set[str]:
    """The characters of a text that a terminal acts on, but those that are a format's own."""
    own = {"\n", *("\t" if form is not None and form.name == "tsv" else "")}
    plain = ANSI.sub("", text) if screen.colour else text
    return {c for c in plain if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - own


# ---- a format is one file

RULED = '''
"""Cells between bars, a line a row."""

from archcalc.render.formats.registry import Format


def row(cells, longest):
    return "|".join(map(str, cells)) + "|\\n"


FORMAT = Format("ruled", "Cells between bars.", endings=(".rul",), row=row)
'''


@pytest.fixture
def ruled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The format `ruled`, which is one file in the folder of formats."""
    (tmp_path / "as_ruled.py").write_text(RULED, encoding="utf-8")
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(tmp_path)])
    registry.every.cache_clear()
    registry._imported.cache_clear()
    yield
    sys.modules.pop("archcalc.render.formats.as_ruled", None)
    registry.every.cache_clear()
    registry._imported.cache_clear()


@pytest.mark.usefixtures("ruled")
def test_a_format_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is advertised, written by its name and by its ending, wherever there are rows, and nowhere else."""
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    for command, offers in (("summary", True), ("list", True), ("explain", True), ("layers", False)):
        said = runner.invoke(program, [command, "--help"]).output
        assert ("ruled" in said) == offers, command
    assert runner.invoke(program, ["summary", "lenet5", "-f", "ruled"]).output.startswith("name|kind|output|")
    assert main(["list", "lenet", "-o", "all.rul"]) == 0
    assert Path("all.rul").read_text(encoding="utf-8").startswith("name|title|")
    with pytest.raises(OptionError, match="cannot be written as ruled"):
        outputs.KINDS.written(named("ruled"), Screen(), kinds())


def test_without_its_file_it_is_not_there() -> None:
    said = CliRunner().invoke(program, ["summary", "lenet5", "-f", "ruled"])
    assert said.exit_code == 2
    assert "'ruled' is not one of 'table', " in said.output


def test_formats_are_called_as_their_modules_are_and_share_no_name_or_ending() -> None:
    assert next(iter(every())).name == registry.FIRST
    names = [name for form in every() for name in (form.name, *form.also)]
    endings = [ending for form in every() for ending in form.endings]
    assert len(set(names)) == len(names)
    assert len(set(endings)) == len(endings)
    for form in every():
        assert (Path(formats.__file__).parent / f"as_{form.name}.py").exists()
        assert form.about.endswith(".")
        assert form.draw or form.row or form.whole or form.line, "writes nothing"


@pytest.mark.parametrize("name", ["", "../x", "registry", "as_csv", "CSV", "tabel", "sheet\n", "a" * 99])
def test_no_name_finds_a_module_that_is_no_format(name: str) -> None:
    with pytest.raises(OptionError, match="there is no format"):
        named(name)


def documented(page: str) -> set[str]:
    return set(re.findall(r"^\| `(\w+)`", page, re.MULTILINE))


def test_the_page_on_formats_has_all_of_them() -> None:
    page = (Path(archcalc.__file__).parent.parent / "docs" / "adding-a-format.md").read_text(encoding="utf-8")
    assert documented(page.partition("## The formats")[2]) == {form.name for form in every()}


# ---- every output in every format, whatever is in it

SPEC = f"""
name: "{EVIL.encode("unicode_escape").decode().replace(chr(92) + "r", chr(92) + "x0d")}"
source: "S"
family: "S"
task: "S"
note: "S"
libraries: "S"
description: "S"
input: [3, 8, 8]
layers: [{{conv: 4, kernel: 3, name: c}}, {{max_pool: 2}}]
published:
  - {{quantity: c.params, value: "112", source: "S", note: "S", reason: "S"}}
  - {{quantity: total.params, value: "7", source: "S"}}
  - {{quantity: error.top5, value: "7%", source: "S"}}
""".replace('"S"', f'"{EVIL.encode("unicode_escape").decode().replace(chr(92) + "r", chr(92) + "x0d")}"')

HOMEWORK = SPEC.split("\n", 2)[1].replace("name:", "title:") + (
    "\nnetworks: lenet5\nquestions:\n  - {id: '1', text: TEXT, ask: c1.params}\n"
    "  - {id: '2', text: TEXT, ask: total.params, unit: k}\n"
).replace("TEXT", SPEC.split("\n", 2)[1].removeprefix("name: "))


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Callable[[Format, Screen], str]]:
    """Every output of `outputs.py`, made of texts that would act, by its name."""
    folder = tmp_path_factory.mktemp("evil")
    # File names cannot hold a slash or a zero, and hold all else.
    spec, homework = folder / f"{EVIL}.yaml", folder / f"{EVIL}2.yaml"
    spec.write_text(SPEC, encoding="utf-8")
    homework.write_text(HOMEWORK, encoding="utf-8")
    network = api.load(str(spec))
    report = api.analyse(network)
    check = checking.checked(network)
    assert {"\x1b", "\x9b", "\u202e"} <= set(report.network) & set(report.title) & set(check.network)
    texts = dict.fromkeys(("family", "task", "description", "source", "note"), EVIL)
    top5 = Top5(EVIL, EVIL, EVIL)
    entry = Entry(EVIL, EVIL, "evil.yaml", texts, report.input, report.totals, report.depth, (top5,))
    loaded = load_assignment(str(homework))
    given: dict[str, tuple[Any, ...]] = {
        "SUMMARY": (report, None),
        "COMPARISON": (api.compare(network, network), ("params", "flops", "memory", "layers")),
        "CATALOGUE": ([entry],),
        "BENCHMARK": ([measured()],),
        "CHECKS": ([check], False),
        "EXPLANATION": (api.explain(network),),
        "KINDS": (kinds(),),
        "KIND": (kinds()[0],),
        "KEY": (loaded,),
        "LECTURES": (graded_lectures([3]), Chosen(), Screen()),
    }
    assert set(given) == {name for name, value in vars(outputs).items() if isinstance(value, Output)}

    def writer(name: str) -> Callable[[Format, Screen], str]:
        output: Output[...] = getattr(outputs, name)
        return lambda form, screen: output.written(form, screen, *given[name])

    return {name: writer(name) for name in given}


def measured() -> Any:
    """A measurement whose every text would act."""
    import msgspec
    from test_bench_records import ENVIRONMENT
    from test_bench_records import measured as usual

    environment = msgspec.structs.replace(
        ENVIRONMENT, device=EVIL, torch=EVIL, cpu=EVIL, variables={EVIL: EVIL}
    )
    return usual(network=EVIL, title=EVIL, note=EVIL, environment=environment)


@pytest.mark.parametrize(
    ("form", "screen"),
    [*((form, SCREENS[0]) for form in every()), (named("table"), SCREENS[1])],
    ids=lambda each: each.name if isinstance(each, Format) else "",
)
def test_nothing_acts_in_any_output(
    form: Format, screen: Screen, shown: dict[str, Callable[[Format, Screen], str]]
) -> None:
    written = 0
    for name, write in shown.items():
        output: Output[...] = getattr(outputs, name)
        if not output.takes(form):
            with pytest.raises(OptionError, match="cannot be written as"):
                write(form, screen)
            continue
        written += 1
        text = write(form, screen)
        assert text.endswith("\n"), name
        assert acting(text.replace("\xa0", " "), form, screen) == set(), name
    assert written


@pytest.mark.parametrize("form", [form for form in every() if form.draw], ids=lambda form: form.name)
def test_nothing_acts_in_what_is_told_of_a_class(form: Format) -> None:
    hostile = question("a")._replace(id=f"a{EVIL}", text=EVIL)
    of = assignment([hostile], title=EVIL)
    sheets = [
        graded(mark(hostile.id, EVIL, "ambiguous"), id=f"{number}{EVIL}", name=EVIL, problems=(EVIL,))
        for number in range(2)
    ]
    report = reported(of, sheets)
    assert form.draw is not None
    documents = [of_grades.document(of, sheets, report, [EVIL]), of_class.document(of, report)]
    documents[-1] = documents[-1].with_notes([(EVIL, EVIL)])
    for screen in SCREENS:
        assert acting(form.draw(documents, screen).replace("\xa0", " "), form, screen) == set()


def test_a_document_that_is_not_made_safe_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Must fail: the same document where texts are taken as they are."""

    def drawn() -> str:
        table = Sheet((Column(EVIL),), (Line((EVIL,)), Line((Label(EVIL, (EVIL,)),))), EVIL)
        return named("table").draw([Document(EVIL, (EVIL,), (table,), [(EVIL, EVIL)], [EVIL])], Screen(200))  # type: ignore[misc]

    assert acting(drawn()) == set()
    for maker in ("_text", "_sentence"):
        with monkeypatch.context() as patched:
            patched.setattr(sheet, maker, lambda text: text)
            assert "\x9b" in acting(drawn()), maker


def test_only_what_makes_text_safe_says_that_it_is() -> None:
    """`Safe(…)` stands in words/text.py and nowhere else, nor does a cast to it."""
    package = Path(archcalc.__file__).parent
    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and "Safe" in [getattr(part, "id", "") for part in (node.func, *node.args)]
    }
    assert found == {"words/text.py"}


def test_what_is_laid_out_by_hand_is_made_safe_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prose, for which no document is made, and in colours only these are left."""
    monkeypatch.setattr("archcalc.render.documents.kinds.list_text", lambda _kinds: f"a\n{EVIL}\x1b[2J")
    text = outputs.KINDS.written(named("text"), Screen(), kinds())
    assert acting(text) == set()
    assert text.startswith("a\nx\\x1b[31mRED")
    coloured = outputs.KINDS.written(named("text"), SCREENS[1], kinds())
    assert acting(coloured, screen=SCREENS[1]) == set()
    assert coloured.endswith("\\x1b[2J")


def commands() -> Iterator[str]:
    for name in COMMANDS:
        command = program.get_command(click.Context(program), name)
        if isinstance(command, click.Group):
            yield from (f"{name} {inner}" for inner in command.list_commands(click.Context(command)))
        else:
            yield name


def test_commands_advertise_what_can_be_written() -> None:
    """`--format` of each command has exactly the formats that take what it shows."""
    offered = {}
    for name in commands():
        said = CliRunner().invoke(program, [*name.split(), "--help"], terminal_width=200).output
        found = re.search(r"--format \[([a-z|]+)\]", said)
        if found:
            offered[name] = found[1].split("|")
    takers = {
        "list": outputs.CATALOGUE.takes,
        "summary": outputs.SUMMARY.takes,
        "compare": outputs.COMPARISON.takes,
        "explain": outputs.EXPLANATION.takes,
        "check": outputs.CHECKS.takes,
        "bench": outputs.BENCHMARK.takes,
        "layers": outputs.KIND.takes,
        "grade key": outputs.KEY.takes,
        "grade sheets": outputs.marks,
        "grade lectures": outputs.LECTURES.takes,
    }
    assert offered == {name: [form.name for form in every() if takes(form)] for name, takes in takers.items()}


# ---- spreadsheets

SIGNS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def cells(line: str, delimiters: str) -> list[str]:
    """A row as a spreadsheet reads it that takes any of these signs for the end of a cell."""
    found, quoted, text, start = [], False, "", True
    for place, sign in enumerate(line):
        if quoted:
            if sign == '"' and line[place + 1 : place + 2] == '"' and not text.endswith("\0"):
                text += "\0"
            elif sign == '"' and text.endswith("\0"):
                text = text[:-1] + '"'
            elif sign == '"':
                quoted = False
            else:
                text += sign
        elif sign == '"' and start:
            quoted, start = True, False
        elif sign in delimiters:
            found.append(text)
            text, start = "", True
        else:
            text, start = text + sign, False
    return [*found, text]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("behind", [",", ";", "\t", "|", ", ", '; "', ""])
@pytest.mark.parametrize("row", [as_csv.row, as_tsv.row, lambda cells, most: as_csv.row(cells, most, ";")])
def test_no_spreadsheet_finds_a_formula(sign: str, behind: str, row: Callable[..., str]) -> None:
    """Whichever sign it takes for the end of a cell, whether it heeds quotes or not."""
    line = row([f"Ana{behind}{sign}cmd()" if behind else f"{sign}cmd()", 1, "b"], 200).rstrip("\n")
    for delimiter in (",", ";", "\t", "|", ",;\t", ",;\t|"):
        for found in (cells(line, delimiter), re.split(f"[{delimiter}]", line)):
            assert not [cell for cell in found if cell.lstrip(' "').startswith(SIGNS)], (delimiter, line)


def test_a_formula_would_be_found() -> None:
    """Must fail: the same names as they were written before."""
    for name in ("=cmd()", "Ana;=cmd()", "Ana\t@cmd()"):
        found = [cells(f"{name},1", delimiter) for delimiter in (",", ";", "\t")]
        assert any(cell.startswith(SIGNS) for row in found for cell in row)


def test_plain_numbers_stay_what_they_are() -> None:
    """In an answer such as a list of numbers; what goes on behind the number is none."""
    assert as_csv.safe("(4.5, 7, -4, 3)") == "(4.5, 7, -4, 3)"
    assert as_csv.safe("3; -.98") == "3; -.98"
    assert as_csv.safe("3; -2+cmd()") == "3;' -2+cmd()"
    assert as_csv.safe("3; -2-3") == "3;' -2-3"
    assert as_csv.row([-4, 2.5, "x"]) == "-4,2.5,x\n"


def test_a_gradebook_for_brazil_survives_the_default_dialog_of_a_spreadsheet() -> None:
    """Commas, semicolons and tabs all end a cell there: 19/8 = 2.375 and 5.75 stay one cell each."""
    line = as_csv.row([of_grades.cell(Fraction(19, 8), ","), of_grades.cell(Fraction(23, 4), ",")], 200, ";")
    assert line == '"2,375";"5,75"\n'
    assert cells(line.rstrip("\n"), ",;\t") == ["2,375", "5,75"]
    # Must fail: unquoted they are four.
    assert cells("2,375;5,75", ",;\t") == ["2", "375", "5", "75"]


PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters=";|=+-@"))


@given(st.lists(st.one_of(st.integers(), st.floats(allow_nan=False), PLAIN), min_size=1))
def test_what_holds_no_other_delimiter_is_written_as_ever(row: list[str | int | float]) -> None:
    """Byte by byte as the csv module does it."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerow([as_csv.safe(c) if isinstance(c, str) else c for c in row])
    assert as_csv.row(row) == file.getvalue()


@given(st.lists(st.text(), min_size=1))
def test_every_cell_comes_back(row: list[str]) -> None:
    for write, delimiter in ((as_csv.row, ","), (as_tsv.row, "\t")):
        found = next(csv.reader(io.StringIO(write(row, 200)), delimiter=delimiter))
        assert found == [as_csv.safe(cell) for cell in row]


def test_a_table_as_tsv() -> None:
    rows = Rows(("name", "params"), (("a b", 3), ("c\td", -4)))
    text = "".join(as_tsv.row(row, rows.longest) for row in (rows.header, *rows.rows))
    assert text == "name\tparams\na b\t3\nc\\td\t-4\n"
    said = CliRunner().invoke(program, ["summary", "lenet5", "-f", "tsv"]).output
    # 1·5·5·6 weights and 6 biases, 28·28 times each of 5·5·6 products.
    assert said.splitlines()[2] == "c1\tconv\t6x28x28\t156\t150\t6\t117600\t235200\t4704\t\tno"
