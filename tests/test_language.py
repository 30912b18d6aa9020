"""English and Portuguese: the catalogue is whole, and what is said in one language is said in the other."""

from __future__ import annotations

import csv
import importlib
import io
import json
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import archcalc
from archcalc.algebra.units import isize, percent, ratio, si, size
from archcalc.cli import main
from archcalc.derivations.working import summary
from archcalc.grading.assignments.assignment import load_assignment
from archcalc.grading.mistakes.instead import QUANTITIES
from archcalc.grading.mistakes.table import TABLE
from archcalc.grading.model import Mistake
from archcalc.grading.numbers import read
from archcalc.layers import KINDS
from archcalc.network.network import Network
from archcalc.render.formats.registry import Screen, named
from archcalc.render.homework import mistakes
from archcalc.render.outputs import EXPLANATION
from archcalc.words import language
from archcalc.words.errors import MisfitError, OptionError
from archcalc.words.language import (
    decimal,
    deferred,
    gettext,
    in_language,
    language_of,
    localized,
    ngettext,
    number,
    pgettext,
)

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"

sys.path.insert(0, str(DOCS))
translations: Any = importlib.import_module("translations")

PT = "pt-BR"


# --- which language ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["pt-BR", "pt_BR", "pt", "PT-br", " pt ", "pt_BR.UTF-8"])
def test_names_of_portuguese(text: str) -> None:
    assert language_of(text) == "pt-BR"


@pytest.mark.parametrize("text", ["en", "EN", "en-US", "en_GB", "en_US.UTF-8"])
def test_names_of_english(text: str) -> None:
    assert language_of(text) == "en"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("pt-PT", "Did you mean 'pt-BR'?"),
        ("ptbr", "Did you mean 'pt-BR'?"),
        ("pr-BR", "Choose one of en or pt-BR."),
        ("fr", "Choose one of en or pt-BR."),
        ("", "Choose one of en or pt-BR."),
    ],
)
def test_other_languages_are_refused(text: str, hint: str) -> None:
    with pytest.raises(OptionError) as raised:
        language_of(text)
    assert raised.value.message == f"there is no language '{text}'."
    assert raised.value.hint == hint


def test_a_language_lasts_as_long_as_its_block() -> None:
    assert language.language() is language.ENGLISH
    with in_language("pt") as spoken:
        assert spoken.code == language.language().code == PT
        assert gettext("stride") == "passo (stride)"
        with in_language("en-GB"):
            assert gettext("stride") == "stride"
        assert gettext("stride") == "passo (stride)"
        with pytest.raises(ZeroDivisionError), in_language("en"):
            _ = 1 / 0
        assert language.language().code == PT
    assert language.language() is language.ENGLISH


def test_what_has_no_translation_stays_as_it_is() -> None:
    with in_language(PT):
        assert gettext("a text that nobody has marked") == "a text that nobody has marked"
        assert pgettext("of a tree", "layer") == "layer"
        # The catalogue's own head stands under the empty message.
        assert gettext("") == ""


def test_counts() -> None:
    def layers(count: int) -> str:
        return ngettext("{count} layer", "{count} layers", count).format(count=count)

    assert [layers(n) for n in (0, 1, 2)] == ["0 layers", "1 layer", "2 layers"]
    with in_language(PT):
        assert [layers(n) for n in (0, 1, 2)] == ["0 camada", "1 camada", "2 camadas"]


def test_what_was_said_in_english_is_said_again() -> None:
    with in_language(PT):
        where = deferred("along the {axis}", axis=deferred("height"))
        said = deferred("{count} of {share} {where}", count=1024, share=Fraction(7, 3), where=where)
        assert said == "1024 of 2.33 along the height"
        assert gettext(where) == "along the altura"  # only the height has a translation
        assert gettext(said) == "1024 of 2,33 along the altura"
    assert gettext(said) is said
    with in_language(PT):
        # Errors come out of other processes.
        assert gettext(pickle.loads(pickle.dumps(where))) == "along the altura"  # noqa: S301


def test_a_window_that_does_not_fit_says_so_in_both_languages(load: Callable[..., Network]) -> None:
    with pytest.raises(MisfitError) as raised:
        load("input: [1, 7, 7]\nstrict: true\nlayers: [{conv: 1, kernel: 3, stride: 3}]")
    worked = "⌊(N + 2·P − F)/S⌋ + 1 = ⌊(7 + 2·0 − 3)/3⌋ + 1 = 2"
    assert raised.value.message.endswith(
        f"the kernel does not fit along the height: {worked}, and 2.33 without rounding down."
    )
    with in_language(PT):
        assert gettext(raised.value.message).endswith(
            f" ao longo da altura: {worked}, e 2,33 sem arredondar para baixo."
        )


def test_a_lost_catalogue_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(language, "CATALOGUES", tmp_path)
    language._catalogue.cache_clear()
    try:
        assert gettext("stride") == "stride"
        with in_language(PT), pytest.raises(OptionError) as raised:
            gettext("stride")
        assert raised.value.message.startswith("the texts in Português (Brasil) are missing: cannot read ")
        assert raised.value.hint == "Install archcalc again, or use --lang en."
    finally:
        language._catalogue.cache_clear()


# --- numbers -----------------------------------------------------------------------------------------------


def test_numbers() -> None:
    def said() -> list[str]:
        return [
            number(138_344_128),
            number(-1_000),
            number(999),
            decimal(Fraction(82, 10), 1),
            decimal(Fraction(1_234_565, 1000), 2),  # a half goes up
            decimal(Fraction(-1, 8), 2),
            decimal(Fraction(-1, 1000), 2),
            decimal(7, 0),
            localized("1,234.5"),
            size(8_355_147_776),
            isize(512 * 1024 + 512),
            percent(1, 8),
            ratio(5, 4),
            si(1_140_000_000, "MACs"),
        ]

    assert said() == [
        *("138,344,128", "-1,000", "999", "8.2", "1,234.57", "-0.13", "0.00", "7", "1,234.5"),
        *("8.36 GB", "512.50 KiB", "12.5%", "1.25×", "1.14 GMACs"),
    ]
    with in_language(PT):
        assert said() == [
            *("138.344.128", "-1.000", "999", "8,2", "1.234,57", "-0,13", "0,00", "7", "1.234,5"),
            *("8,36 GB", "512,50 KiB", "12,5%", "1,25×", "1,14 GMACs"),
        ]


# --- the catalogue -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [code for code in language.LANGUAGES if code != "en"])
def test_every_message_is_translated_and_compiled(code: str) -> None:
    assert list(translations.stale(code)) == []


def catalogue(*messages: tuple[str, str]) -> Any:
    made = translations.Catalog(locale="pt_BR")
    for text, translated in messages:
        made.add(text, translated)
    return made


def test_translations_that_lack_something_are_found() -> None:
    whole = ("{count} of {all}", "{count} de {all}")
    assert list(translations.faults(catalogue(whole))) == []
    assert list(translations.faults(catalogue(whole, ("stride", "")))) == ["not translated: 'stride'"]
    made = catalogue(whole)
    made["{count} of {all}"].flags.add("fuzzy")
    assert list(translations.faults(made)) == ["fuzzy: '{count} of {all}'"]
    for other in ("{count} de {todos}", "{count} de", "{count} de {all} {all} {x}"):
        (fault,) = translations.faults(catalogue((whole[0], other)))
        assert fault.startswith("other placeholders: '{count} of {all}'")
    one_form = translations.Catalog(locale="pt_BR")
    one_form.add(("{count} layer", "{count} layers"), ("{count} camada", ""))
    assert list(translations.faults(one_form)) == ["not translated: '{count} layer'"]


@pytest.mark.parametrize(
    "entry",
    [
        'msgid "{count} row"\nmsgstr "{count} linha"\n',
        'msgid "{count} row"\nmsgid_plural "{count} rows"\nmsgstr "{count} linha"\n',
    ],
)
def test_a_translation_of_one_form_does_not_pass_for_both(
    entry: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A message that has got a plural has to be translated again, and is English until then."""
    monkeypatch.setattr(translations, "CATALOGUES", tmp_path)
    path = translations.po_path("pt-BR")
    path.parent.mkdir(parents=True)
    path.write_text(f'msgid ""\nmsgstr "Language: pt_BR\\n"\n\n{entry}', encoding="utf-8")
    wanted = translations.Catalog()
    wanted.add(("{count} row", "{count} rows"))
    made = translations.updated("pt-BR", wanted)
    assert list(translations.faults(made)) == ["not translated: '{count} row'"]
    assert len(list(translations.read_mo(io.BytesIO(translations.as_mo(made))))) == 1  # its head alone


def test_a_new_message_and_a_stale_file_are_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    monkeypatch.setattr(translations, "CATALOGUES", tmp_path)
    found = [translations.Message("stride", "archcalc/x.py")]
    monkeypatch.setattr(translations, "messages", lambda: iter(found))
    po = tmp_path / "pt_BR" / "LC_MESSAGES" / "archcalc.po"
    name = "pt_BR/LC_MESSAGES/archcalc"
    assert translations.main([]) == 1
    assert capsys.readouterr().out == f"{name}.po: not translated: 'stride'\n"
    po.write_text(po.read_text().replace('msgid "stride"\nmsgstr ""', 'msgid "stride"\nmsgstr "passo"'))
    assert translations.main(["--check"]) == 1
    assert capsys.readouterr().out == f"{name}.mo is stale: run `make translations`\n"
    assert translations.main([]) == 0
    assert translations.main(["--check"]) == 0
    # A message more, and one that is gone.
    found[:] = [translations.Message("padding", "archcalc/x.py")]
    assert translations.main(["--check"]) == 1
    said = capsys.readouterr().out
    assert f"{name}.po: not translated: 'padding'" in said
    assert f"{name}.po is stale" in said
    assert f"{name}.mo is stale" in said


@pytest.mark.parametrize("code", [code for code in language.LANGUAGES if code != "en"])
def test_plural_forms_are_ours_and_not_those_of_the_library_of_the_day(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Babel 2.19 knows three forms for Portuguese: written into our catalogue, they lost every counted noun."""
    monkeypatch.setattr("babel.messages.plurals.PLURALS", {"pt": (3, "(n == 0 || n == 1) ? 0 : 2")})
    monkeypatch.setattr("babel.messages.plurals.DEFAULT_PLURAL", (3, "(n == 0 || n == 1) ? 0 : 2"))
    made = translations.updated(code, translations.template(translations.messages()))
    assert list(translations.faults(made)) == []
    for written in (
        translations.read_po(io.BytesIO(translations.as_po(made))),
        translations.read_mo(io.BytesIO(translations.as_mo(made))),
        translations.read_po(io.BytesIO(translations.po_path(code).read_bytes())),
    ):
        assert (
            f"nplurals={written.num_plurals}; plural={written.plural_expr}"
            == language.LANGUAGES[code].plurals
        )
        assert translations.translations(written) == translations.translations(made)
    with in_language(code):
        said = [language.ngettext("{count} layer", "{count} layers", n) for n in (0, 1, 2, 10**6)]
    assert said == ["{count} camada", "{count} camada", "{count} camadas", "{count} camadas"]


def marks(source: str) -> list[Any]:
    head = "from archcalc.words.language import _, gettext, marked, ngettext, pgettext\n"
    return [(message.text, message.context) for message in translations.marked_in(head + source, "x.py")]


def test_what_marks_hold() -> None:
    assert marks('_("a {b}").format(b=1)') == [("a {b}", None)]
    assert marks("print(f\"{_('inside')}\")") == [("inside", None)]
    assert marks('_("one "\n  "text")') == [("one text", None)]
    assert marks('ngettext("{n} layer", "{n} layers", 2)') == [(("{n} layer", "{n} layers"), None)]
    assert marks('pgettext("time", "second")') == [("second", "time")]
    assert marks('X = {"a": marked("b")}\ngettext(X["a"])') == [("b", None)]


@pytest.mark.parametrize(
    "source",
    [
        '_(f"a {b}")',
        "_(text)",
        '_("a" + b)',
        'ngettext("one", many, 2)',
        "_, rest = pair",
        "for _ in pairs: ...",
    ],
)
def test_marks_that_hold_nothing_are_found(source: str) -> None:
    with pytest.raises(translations.MarkError, match=r"^x\.py:2: "):
        marks(source)


# --- the program -------------------------------------------------------------------------------------------

NETWORKS = [
    *(
        "alexnet",
        "alexnet-grouped",
        "dcgan-generator",
        "deconvnet",
        "densenet121",
        "facenet-nn1",
        "googlenet",
    ),
    *("inception-reduced", "inception-v3", "lenet5", "msdnet-first-block", "overfeat", "resnet50"),
    *("resnet-cifar-20", "sixteen-neurons", "two-filters", "unet", "vgg16", "vit-b16", "zfnet-lecture"),
]

ENGLISH = re.compile(
    r"\b(the|of|and|with|without|is|are|to|by|from|than|not|which|each|here|its|it|layers?|weights?|input"
    r"|biases|parameters|value|sum|height|width|channels|size|both|all|on|at|Section|Figure|Table)\b",
    re.IGNORECASE,
)
"""Words that no Portuguese text has."""

SHARED = re.compile(r"\{\w+\}|`[^`]*`|\(biases\)|\w+([.-]\w+)+")
"""What stands in Portuguese as it is: quoted code, the word that lectures use in brackets, dotted or hyphened names."""


def run_with(capsys: pytest.CaptureFixture[str], status: int, *arguments: str) -> str:
    """What is printed by a command that is not refused, and leaves with this status."""
    assert main(arguments) == status
    return capsys.readouterr().out


def run(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    assert main(arguments) == status
    said = capsys.readouterr()
    return said.err if status else said.out


def english_in(text: str) -> list[str]:
    """The lines of a text that have English words in them."""
    return [line for line in text.splitlines() if ENGLISH.search(SHARED.sub("", line))]


@pytest.mark.parametrize("network", NETWORKS)
def test_an_explanation_in_portuguese_has_no_english_in_it(
    network: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert english_in(run(capsys, "explain", network, "--lang", "pt-BR")) == []
    assert english_in(run(capsys, "summary", network, "--lang", "pt-BR")) == []


def test_every_kind_explains_itself_in_portuguese() -> None:
    for name, cls in KINDS.items():
        with in_language(PT):
            assert english_in(gettext(summary(cls))) == [], name
            assert english_in("\n".join(map(gettext, cls.glossary.values()))) == [], name


def test_english_would_be_found(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("explain", "summary"):
        assert len(english_in(run(capsys, command, "lenet5"))) > 5


def test_a_comparison_in_portuguese(capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, "compare", "vgg16", "googlenet", "--lang", "pt")
    assert english_in(said) == []
    assert "138.357.544" in said  # 138,344,128 weights and 13,416 biases


@pytest.mark.parametrize("form", ["text", "markdown", "latex"])
def test_alexnets_first_layer_in_portuguese(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, "explain", "alexnet", "conv1", "--lang", "pt-BR", "--format", form)
    assert english_in(re.sub(r"\\[a-z]+", "", said)) == []
    words = ("campo receptivo", "passo (stride)", "preenchimento (padding)", "canais de entrada")
    assert [word for word in words if word not in said] == []
    # 11·11·3·96 = 34,848 weights; 96·55·55·11·11·3 = 105,415,200 MACs; formulas stay as they are.
    numbers = ("34.848", "34.944", "105.415.200")
    assert [n for n in numbers if n not in said] == []
    assert ("F·F·C·K" if form == "text" else r"F \cdot F \cdot C \cdot K") in said


@pytest.mark.parametrize("form", ["json", "csv"])
@pytest.mark.parametrize("command", ["explain alexnet conv1", "summary googlenet", "compare vgg16 alexnet"])
def test_what_programs_read_is_in_english(
    command: str, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = run(capsys, *command.split(), "--format", form)
    assert run(capsys, *command.split(), "--format", form, "--lang", "pt-BR") == plain
    if form == "json":
        assert json.loads(plain)["schema"].startswith("archcalc.")


def test_the_environment_names_the_language(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHCALC_LANG", "pt_BR")
    assert "parâmetros" in run(capsys, "summary", "lenet5")
    assert "parameters" in run(capsys, "summary", "lenet5", "--lang", "en")
    monkeypatch.setenv("ARCHCALC_LANG", "")
    assert "parameters" in run(capsys, "summary", "lenet5")
    monkeypatch.setenv("ARCHCALC_LANG", "klingon")
    assert run(capsys, "summary", "lenet5", status=2).startswith("there is no language 'klingon'.")


def test_errors_are_in_english(capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, "explain", "alexnet", "conv9", "--lang", "pt-BR", status=2)
    assert said == run(capsys, "explain", "alexnet", "conv9", status=2)
    assert said.startswith("alexnet has no layer or block 'conv9'.")


def test_from_python() -> None:
    network = archcalc.load("vgg16")
    with in_language(PT):
        explained = archcalc.explain(network, "fc6")
        assert "pesos  " in EXPLANATION.written(named("text"), Screen(), explained)
    assert "weights  " in EXPLANATION.written(named("text"), Screen(), archcalc.explain(network, "fc6"))


# --- grading -----------------------------------------------------------------------------------------------


def test_homework_in_portuguese(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the assignment to start with to everything that comes out, no word of English for a reader."""
    monkeypatch.chdir(tmp_path)
    said = [run(capsys, "grade", "new", "lista", "--lang", "pt-BR")]
    said += [run(capsys, "grade", "key", "lista.yaml", "--format", form) for form in ("table", "markdown")]
    # One sheet that holds whatever can be wrong with one.
    sheet = [
        "matrícula: a9",
        "nome: Zé",
        "1a: 96x55",
        "1b: 3,145",
        "1c: muito",
        "2: 10/0",
        "3: c",
        "4: talvez",
    ]
    Path("z.yaml").write_text("\n".join([*sheet, "9: 1", "1A: 1", "outro: {x: 1}"]), encoding="utf-8")
    Path("vazio.yaml").write_text("", encoding="utf-8")
    sheets = ("lista-respostas.csv", "z.yaml", "vazio.yaml", "z.yaml")
    options = ("--output", "notas", "--write", "gradebook,feedback,html,report,gradescope,check50")
    said.append(run_with(capsys, 1, "grade", "lista.yaml", *sheets, *options))
    for path in Path("notas").rglob("*"):
        if path.suffix == ".md":
            said.append(path.read_text("utf-8"))
        elif path.suffix == ".json":
            found = re.findall(
                r'"(?:description|help|rationale|output|message|value)":"(.*?)"', path.read_text("utf-8")
            )
            assert found
            said.append("\n".join(found))
    assert len(said) > 10
    assert [line for text in said for line in english_in(text)] == []
    for words in ("Sua resposta: `614.400`", "Os vieses (biases) ficaram de fora em conv2.", "614.656"):
        assert any(words in text for text in said), words
    (page,) = Path("notas").rglob("feedback/a3.html")
    assert '<html lang="pt-BR">' in page.read_text("utf-8")
    # Spreadsheets take the other sign between fields where a comma is the decimal sign; the columns stay.
    header = Path("notas/gradebook.csv").read_text("utf-8-sig").splitlines()[0]
    assert re.split("[,;]", header)[:5] == ["student", "name", "email", "points", "max_points"]


def test_the_language_of_an_assignment_gives_way_to_the_one_asked_for(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run(capsys, "grade", "new", "lista", "--lang", "pt-BR")
    assert "Resposta: 614.656" in run(capsys, "grade", "key", "lista.yaml")
    assert "Answer: 614,656" in run(capsys, "grade", "key", "lista.yaml", "--lang", "en")


def test_both_starting_assignments_ask_the_same(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run(capsys, "grade", "new", "one")
    run(capsys, "grade", "new", "two", "--lang", "pt-BR")
    one, two = (load_assignment(f"{name}.yaml").questions for name in ("one", "two"))
    texts = [question.text for question in two]
    assert english_in("\n".join(texts)) == []
    assert all(texts)
    alike = [question._replace(text="", place=None) for question in two]  # type: ignore[arg-type]
    assert alike == [question._replace(text="", place=None) for question in one]  # type: ignore[arg-type]
    points = []
    for name, sheets in (("one", "one-answers.csv"), ("two", "two-respostas.csv")):
        out = run(capsys, "grade", f"{name}.yaml", sheets, "--format", "csv")
        points.append([row["points"] for row in csv.DictReader(io.StringIO(out))])
    assert points[0] == points[1] == ["7", "3", "4"]


def test_every_mistake_has_a_sentence_in_portuguese() -> None:
    with in_language(PT):
        clauses = [text for row in TABLE.values() for text in (row.clause, *row.variants.values())]
        said = [gettext(text) for text in (*clauses, *QUANTITIES.values())]
        assert english_in("\n".join(said)) == []
        height = mistakes.sentence(Mistake("other-axis", "asked", "conv1", (("axis", "height"),)))
        assert height == "Foi dado outro eixo, o de altura."
        factor = mistakes.sentence(Mistake("factor-1000", "unit", "", (("factor", "1/1000"),)))
        assert factor == "A unidade está errada por um fator de 1/1.000."


def test_the_lectures_in_portuguese(capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, "grade", "lectures", "--lang", "pt-BR", "--format", "markdown")
    # Slides and the columns of a table are called as they are.
    assert english_in(re.sub(r"#\S+ reduce|weight decay|Spectrum of Depth", "", said)) == []
    assert "o certo é 13×13×384" in said
    assert len(english_in(run(capsys, "grade", "lectures", "--format", "markdown"))) > 500


def test_an_answer_that_cannot_be_read_is_told_in_either_language() -> None:
    assert read("10/0", "number", locale=None).problem == "it divides by 0."
    with in_language(PT):
        assert read("10/0", "number", locale=None).problem == "divide por 0."


# --- English costs nothing ---------------------------------------------------------------------------------

CATALOGUES_READ = """
from archcalc.words import language
from archcalc.cli import main
assert main(["explain", "alexnet", "conv1", *sys.argv[1:]]) == 0
print(language._catalogue.cache_info().currsize, file=sys.stderr)
"""


@pytest.mark.parametrize(("options", "read"), [([], "0"), (["--lang", "en"], "0"), (["--lang", "pt"], "1")])
def test_english_reads_no_catalogue(options: list[str], read: str) -> None:
    done = process(f"import sys\n{CATALOGUES_READ}", *options)
    assert done.stderr.strip() == read


def test_english_imports_no_reader_of_catalogues() -> None:
    # click itself imports gettext: the calculator without a command line does not.
    calculate = "import archcalc\narchcalc.explain(archcalc.load('alexnet'))\n"
    tail = "import sys\nprint('gettext' in sys.modules or 'pathlib' in sys.modules, file=sys.stderr)"
    assert process(calculate + tail).stderr.strip() == "False"
    speak = "from archcalc.words.language import gettext, in_language\nwith in_language('pt'): gettext('stride')\n"
    assert process(speak + tail).stderr.strip() == "True"


def process(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "ARCHCALC_LANG"}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment | {"PYTHONIOENCODING": "utf-8"},
        check=True,
    )
