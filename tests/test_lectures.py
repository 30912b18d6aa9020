"""The lectures graded: verdicts by hand arithmetic, reasons that the program has to find, sheets that are wrong."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import archcalc
from archcalc.algebra.units import WrittenNumber
from archcalc.cli.program import program
from archcalc.grading.assignments.networks import Home
from archcalc.grading.lectures import DECKS, graded, load_deck
from archcalc.grading.lectures.judging import agrees, judge
from archcalc.grading.lectures.model import (
    Follows,
    JudgedDeck,
    JudgedFigure,
    JudgedStatement,
    OfAnother,
    OwnTerms,
    Slip,
    Verdict,
)
from archcalc.grading.lectures.sheet import parse_sheet
from archcalc.grading.lectures.slips import slip
from archcalc.grading.model import Diagnosis
from archcalc.render.homework import lecture_words as words
from archcalc.spec.reader import read
from archcalc.words.errors import ArchcalcError, OptionError

LECTURES = Path(archcalc.__file__).parent / "lectures"


@pytest.fixture(scope="module")
def decks() -> tuple[JudgedDeck, ...]:
    return graded()


def stated(decks: tuple[JudgedDeck, ...], deck: int, says: str, text: str = "") -> JudgedStatement:
    """The one statement of a deck with these figures, whose text has `text` in it."""
    found = [
        judged
        for judged in decks[deck - 1].statements
        if judged.statement.says == says and text in judged.statement.text
    ]
    assert len(found) == 1, [judged.statement for judged in found]
    return found[0]


def only(judged: JudgedStatement) -> JudgedFigure:
    (figure,) = judged.figures
    return figure


def codes(figure: JudgedFigure) -> set[str]:
    """The codes of the causes that are offered for a figure."""
    return {
        made.code
        for reason in figure.reasons
        if isinstance(reason, Diagnosis)
        for cause in reason.causes
        for made in cause.mistakes
    }


# --- the sheets --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", DECKS)
def test_each_deck_loads_and_every_statement_has_its_place_and_topic(number: int) -> None:
    deck, _known = load_deck(number)
    assert deck.number == number
    assert deck.title
    assert [statement.id for statement in deck.statements] == [
        f"{number}.{n}" for n in range(1, len(deck.statements) + 1)
    ]
    for statement in deck.statements:
        assert statement.place
        assert statement.text
        assert statement.says
        assert bool(statement.figures) == (statement.not_calculated is None)


def test_there_are_hundreds_of_statements_of_every_topic(decks: tuple[JudgedDeck, ...]) -> None:
    calculated = [
        judged.statement for deck in decks for judged in deck.statements if judged.verdict != "not calculated"
    ]
    assert len(calculated) >= 600
    topics = Counter(statement.topic for statement in calculated)
    assert set(topics) == {
        *("shapes", "parameters", "multiplications", "memory", "layers", "ratios", "receptive field", "other")
    }
    assert {deck.deck.number for deck in decks} == set(DECKS)


def test_no_deck_that_does_not_exist() -> None:
    with pytest.raises(OptionError, match="no deck 6"):
        load_deck(6)


def test_nothing_depends_on_what_is_not_shipped() -> None:
    for path in (*LECTURES.glob("*.yaml"), *Path(archcalc.__file__).parent.glob("grading/lectures/*.py")):
        assert "shared" not in path.read_text(encoding="utf-8")
    assert {path.name for path in LECTURES.iterdir()} == {f"deck{number}.yaml" for number in DECKS}


THINGS = """
AlexNet AlphaGo CIFAR COCO CONV DenseNet FC FLOPs GAN GPUs GoogLeNet IMAGENET ImageNet Inception IoU Keras LeNet MNIST
PReLU RGB ResNet VGG ZFNet BN MB GB MACs Nobel Prize Dice Table Figure SGD
"""


def strangers(said: str) -> set[str]:
    """Words in capitals that are no known names of things; the first word of a sentence may have one."""
    inside = re.sub(r"(^|[.:;] |- )[A-Z]", r"\1.", said)
    return set(re.findall(r"(?<![A-Za-z])[A-Z][a-z]+(?![A-Za-z0-9])", inside)) - set(THINGS.split())


def test_no_person_is_named() -> None:
    for deck in DECKS:
        for statement in load_deck(deck)[0].statements:
            assert strangers(f"{statement.text}. {statement.about}") == set(), statement
            assert not re.search(r"\b(Prof|Dr|Profa|Mr|Mrs)\b", f"{statement.text} {statement.place}")


def test_a_name_would_be_noticed() -> None:
    assert strangers("The network of Maria Silva, after VGG") == {"Maria", "Silva"}


# --- verdicts, by hand -------------------------------------------------------------------------------------

# AlexNet in one tower, whose layers are wide open: (11·11·3 + 1)·96, (5·5·96 + 1)·256, (3·3·256 + 1)·384, …
ALEXNET = (
    (11 * 11 * 3 + 1) * 96
    + (5 * 5 * 96 + 1) * 256
    + (3 * 3 * 256 + 1) * 384
    + (3 * 3 * 384 + 1) * 384
    + (3 * 3 * 384 + 1) * 256
    + (9216 + 1) * 4096
    + (4096 + 1) * 4096
    + (4096 + 1) * 1000
)
VGG_WEIGHTS = (
    9 * (3 * 64 + 64 * 64 + 64 * 128 + 128 * 128 + 128 * 256 + 2 * 256 * 256 + 256 * 512 + 5 * 512 * 512)
    + 25_088 * 4096
    + 4096 * 4096
    + 4096 * 1000
)


def module(inputs: int, *columns: int) -> int:
    """The parameters of an Inception module, by the columns of the paper's table."""
    n1, r3, n3, r5, n5, pool = columns
    return (
        (inputs + 1) * n1
        + (inputs + 1) * r3
        + (9 * r3 + 1) * n3
        + (inputs + 1) * r5
        + (25 * r5 + 1) * n5
        + (inputs + 1) * pool
    )


MODULES = {
    "3a": (192, 64, 96, 128, 16, 32, 32),
    "3b": (256, 128, 128, 192, 32, 96, 64),
    "4a": (480, 192, 96, 208, 16, 48, 64),
    "4b": (512, 160, 112, 224, 24, 64, 64),
    "4c": (512, 128, 128, 256, 24, 64, 64),
    "4d": (512, 112, 144, 288, 32, 64, 64),
    "4e": (528, 256, 160, 320, 32, 128, 128),
    "5a": (832, 256, 160, 320, 32, 128, 128),
    "5b": (832, 384, 192, 384, 48, 128, 128),
}
GOOGLENET = (
    (7 * 7 * 3 + 1) * 64
    + (64 + 1) * 64
    + (9 * 64 + 1) * 192
    + sum(module(*columns) for columns in MODULES.values())
    + (1024 + 1) * 1000
)
SPACE = 28 * 28
NAIVE = SPACE * 256 * (128 + 9 * 192 + 25 * 96)
REDUCED = SPACE * (256 * (64 + 64 + 128 + 64) + 64 * (9 * 192 + 25 * 96))


@pytest.mark.parametrize(
    ("deck", "says", "verdict", "right"),
    [
        (2, "55x55x96", "right", (96, (227 - 11) // 4 + 1, (227 - 11) // 4 + 1)),
        (5, "34,848", "right", 11 * 11 * 3 * 96),
        (5, "5×5×3 + 1 = 76", "right", 76),
        (5, "76 × 10 = 760", "right", 760),
        (5, "18 × (5×5×3) + 18 = 1368", "right", 1368),
        (5, "(7 - 3) / 3 + 1 = 2.33", "rounded", Fraction(7, 3)),
        (5, "não", "right", False),
        (5, "138,344,128", "right", VGG_WEIGHTS),
        (5, "144M", "rounded", None),
        (5, "≈ 15M", "rounded", 15_237_608),
        (5, "3.6×10^9", "truncated", None),
        (5, "11.3×10^9", "rounded", None),
        (4, "138.344.128", "right", VGG_WEIGHTS),
        (4, "±140M", "rounded", VGG_WEIGHTS + 13_416),
        (4, "~124M", "rounded", (25_088 + 4096 + 1000) * 4096),
        (4, "5 / 15 = 0.333", "rounded", Fraction(1, 3)),
        (3, "12.4M", "rounded", SPACE * (16 * 192 + 32 * 25 * 16)),
        (2, "16 * 784 = 12544", "right", 12_544),
        (2, "105", "right", 3 * 7 + 7 * 7 + 5 * 7),
        (1, "~60M", "rounded", ALEXNET),
        (1, "9216 × 4096", "right", 9216 * 4096),
        (1, "7.7k + 19.2k ≈ 27k", "rounded", 480 * 16 + 25 * 16 * 48),
    ],
)
def test_verdicts(decks: tuple[JudgedDeck, ...], deck: int, says: str, verdict: Verdict, right: Any) -> None:
    judged = stated(decks, deck, says)
    assert judged.verdict == verdict
    if right is not None:
        assert only(judged).right == right


def test_138_344_128_is_right_without_biases_only(decks: tuple[JudgedDeck, ...]) -> None:
    figure = only(stated(decks, 5, "138,344,128"))
    assert figure.figure.question.convention.bias is False
    biases = 2 * 64 + 2 * 128 + 3 * 256 + 6 * 512 + 2 * 4096 + 1000
    assert agrees(figure.figure.written, VGG_WEIGHTS + biases) == "different"


@pytest.mark.parametrize(
    ("deck", "text", "says"),
    [
        (5, "dropout", "0.5"),
        (5, "year of VGG", "2013"),
        (2, "error of one network", "18.2%"),
        (3, "later versions", "v2, v3, v4"),
    ],
)
def test_what_is_not_a_matter_of_calculation(
    decks: tuple[JudgedDeck, ...], deck: int, text: str, says: str
) -> None:
    judged = stated(decks, deck, says, text)
    assert judged.verdict == "not calculated"
    assert judged.figures == ()


# --- what the program must find by itself ------------------------------------------------------------------


def test_358m_for_the_reduced_module(decks: tuple[JudgedDeck, ...]) -> None:
    figure = only(stated(decks, 3, "358M"))
    assert figure.verdict == "wrong"
    assert figure.right == REDUCED == 271_351_808
    assert codes(figure) == {"layer-twice", "channels-of-another-layer"}
    values = {
        cause.value for reason in figure.reasons if isinstance(reason, Diagnosis) for cause in reason.causes
    }
    # The 3×3 counted twice, or reading 128 channels in place of 64: the same number.
    assert values == {REDUCED + SPACE * 9 * 64 * 192} == {REDUCED + SPACE * 9 * (128 - 64) * 192}
    assert [reason.value for reason in figure.reasons if isinstance(reason, OwnTerms)] == [REDUCED]


def test_the_first_term_of_672_is_128(decks: tuple[JudgedDeck, ...]) -> None:
    figure = only(stated(decks, 3, "28 + 192 + 96 + 256 = 672"))
    assert figure.verdict == "wrong"
    assert figure.right == 128 + 192 + 96 + 256
    terms, digit = figure.reasons
    assert isinstance(terms, OwnTerms)
    assert (terms.value, terms.says_right) == (572, True)
    assert [(misfit.says, misfit.right) for misfit in terms.misfits] == [("28", 128)]
    assert digit == Slip("missing", "28", "128")
    assert stated(decks, 3, "28×28×672").verdict == "right"


def test_alexnets_third_convolution(decks: tuple[JudgedDeck, ...]) -> None:
    judged = stated(decks, 1, "384; 256; 5x5; 1; 2")
    assert judged.verdict == "wrong"
    assert [(figure.figure.says, figure.right) for figure in judged.wrong] == [("5x5", 3), ("2", 1)]
    assert [codes(figure) for figure in judged.wrong] == [{"layer-before"}] * 2
    slipped = only(stated(decks, 1, "13x13x284"))
    assert slipped.right == (384, 13, 13)
    assert slipped.reasons == (Slip("changed", "284", "384"),)


@pytest.mark.parametrize(
    ("deck", "says", "twelve"), [(2, "5 milhões", "12x"), (3, "5M", "12x"), (5, "≈ 5M", "12×")]
)
def test_googlenets_parameters_and_the_ratios(
    decks: tuple[JudgedDeck, ...], deck: int, says: str, twelve: str
) -> None:
    wrong = stated(decks, deck, says)
    assert (wrong.verdict, only(wrong).right) == ("wrong", GOOGLENET)
    ratio = stated(decks, deck, twelve)
    assert (ratio.verdict, only(ratio).right) == ("wrong", Fraction(ALEXNET, GOOGLENET))
    # 62.4M / 5M = 12.5, which is 12 as truncated and as rounded.
    assert only(ratio).reasons == (Follows(((says, wrong.statement.id),)),)
    if deck == 5:
        assert only(stated(decks, 5, "27×")).reasons == only(ratio).reasons


def test_resnet_34_pools_by_3x3(decks: tuple[JudgedDeck, ...]) -> None:
    figure = only(stated(decks, 2, "2x2", "max pooling"))
    assert (figure.verdict, figure.right) == ("wrong", 3)
    assert codes(figure) == {"other-setting"}


def test_eight_rows_of_googlenets_table(decks: tuple[JudgedDeck, ...]) -> None:
    table = [j for j in decks[4].statements if j.statement.place.endswith("GoogLeNet (table)")]
    wrong = {judged.statement.text.split()[-1] for judged in table if judged.verdict == "wrong"}
    assert wrong == {"conv1", "4a", "4b", "4c", "4d", "4e", "5a", "5b"}
    for judged in table:
        row = judged.statement.text.split()[-1]
        if judged.statement.text.startswith("params of inception"):
            assert only(judged).right == module(*MODULES[row])
    # K is 1024 in this column, or no row at all would come out: 163,696 is 159.9 · 1024.
    assert stated(decks, 5, "159K").verdict == "truncated"
    assert agrees(
        WrittenNumber("159K", Fraction(159_000), None, 3, Fraction(1000)), module(*MODULES["3a"])
    ) == ("different")


def test_8_2_gb_is_right_from_its_own_rounded_terms_only(decks: tuple[JudgedDeck, ...]) -> None:
    figure = only(stated(decks, 5, "550 MB + (60 MB × 128) ≈ 8.2GB"))
    assert figure.verdict == "terms"
    assert figure.terms == 550_000_000 + 60_000_000 * 128
    assert figure.right == 4 * VGG_WEIGHTS + 4 * 15_237_608 * 128 == 8_355_031_808
    assert agrees(figure.figure.written, figure.right) == "different"


def test_what_follows_a_figure_of_another_network(decks: tuple[JudgedDeck, ...]) -> None:
    figure = only(stated(decks, 3, "15.3 M", "CIFAR-100"))
    assert [type(reason) for reason in figure.reasons] == [OfAnother]


def test_the_tables_of_vgg_and_resnet_are_right(decks: tuple[JudgedDeck, ...]) -> None:
    for deck, place in ((5, "VGGNet (parameters"), (5, "VGGNet (memory of the data"), (5, "VGGNet (config")):
        found = [j for j in decks[deck - 1].statements if place in j.statement.place and j.figures]
        assert len(found) > 40
        assert {judged.verdict for judged in found} <= {"right", "rounded", "truncated"}
    for deck in (1, 5):
        table = [j for j in decks[deck - 1].statements if j.statement.place.endswith("ResNet (table)")]
        assert len(table) >= 29
        assert {judged.verdict for judged in table} <= {"right", "rounded", "truncated"}


# --- sheets that say something else ------------------------------------------------------------------------


def sheet(statement: str, extra: str = "") -> JudgedStatement:
    """The verdict on one statement."""
    head = f"deck: 9\ntitle: Test\nnumbers: en\n{extra}slides:\n  - place: Slide\n"
    text = f"{head}    statements:\n      - {statement}\n"
    return judge(*parse_sheet(read(text.encode(), "deck9.yaml"), Home("", ""))).statements[0]


@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        ("{says: 55×55×96, ask: alexnet:conv1.output}", "right"),
        ("{says: 55×55, ask: alexnet:conv1.output}", "right"),
        ("{says: 54×54×96, ask: alexnet:conv1.output}", "wrong"),
        # Decks have their channels last.
        ("{says: 96×55×55, ask: alexnet:conv1.output}", "wrong"),
        ("{says: 1×1×4096, ask: alexnet:fc6.output}", "right"),
        ("{says: 11×11, ask: alexnet:conv1.kernel}", "right"),
        ("{says: 11×10, ask: alexnet:conv1.kernel}", "wrong"),
        ('{says: "34,944", ask: alexnet:conv1.params}', "right"),
        ('{says: "34,944", ask: alexnet:conv1.params, bias: false}', "wrong"),
        # 34,944 is 34.9K, 34.944 and no more; 35K as rounded, 34K as truncated, 33K not at all.
        ("{says: 35K, ask: alexnet:conv1.params}", "rounded"),
        ("{says: 34K, ask: alexnet:conv1.params}", "truncated"),
        ("{says: 33K, ask: alexnet:conv1.params}", "wrong"),
        # 30K has two digits, ≈ 30K one.
        ("{says: 30K, ask: alexnet:conv1.params}", "wrong"),
        ("{says: ≈ 30K, ask: alexnet:conv1.params}", "rounded"),
        ("{says: 34.1K, ask: alexnet:conv1.params, kilo: 1024}", "rounded"),
        # A tie may be rounded either way: 62.5 is 62 and 63.
        ("{says: '62', ask: 125 / 2}", "rounded"),
        ("{says: '63', ask: 125 / 2}", "rounded"),
        ("{says: '61', ask: 125 / 2}", "wrong"),
        # Working that does not come to what it should, and working that is not of this layer.
        ("{says: 11×11×3×96 = 34848, ask: alexnet:conv1.weights}", "right"),
        ("{says: 11×11×3×95 = 34848, ask: alexnet:conv1.weights}", "wrong"),
        ("{says: 34K + 1K = 36K, ask: alexnet:conv1.weights + alexnet:conv2.biases}", "wrong"),
        ("{says: 34K + 1K = 35K, ask: alexnet:conv1.weights + alexnet:conv1.biases}", "wrong"),
        # 34,848 + 614,400 = 649,248: 649K, and 648K from terms that are both cut.
        ("{says: 34K + 614K = 648K, ask: alexnet:conv1.weights + alexnet:conv2.weights}", "terms"),
        ("{says: 34K + 614K = 650K, ask: alexnet:conv1.weights + alexnet:conv2.weights}", "wrong"),
        ("{says: 33K + 615K = 648K, ask: alexnet:conv1.weights + alexnet:conv2.weights}", "wrong"),
        ("{says: [11×11, '4'], ask: [alexnet:conv1.kernel, alexnet:conv1.stride]}", "right"),
        ("{says: [11×11, '2'], ask: [alexnet:conv1.kernel, alexnet:conv1.stride]}", "wrong"),
        ("{says: 'yes', fits: thin}", "wrong"),
        ("{says: 'no', fits: thin}", "right"),
    ],
)
def test_one_statement(statement: str, verdict: Verdict) -> None:
    thin = "networks: {thin: {input: [1, 7, 7], layers: [{conv: 1, kernel: 3, stride: 3}]}}\n"
    assert sheet(statement, thin).verdict == verdict


@pytest.mark.parametrize("number", DECKS)
def test_a_figure_that_is_changed_is_found_wrong(number: int) -> None:
    """The first plain count of every deck, one more than it is."""
    text = (LECTURES / f"deck{number}.yaml").read_text(encoding="utf-8")
    changed = {
        1: ('says: "13"', 'says: "14"'),
        2: ('says: "105"', 'says: "106"'),
        3: ("says: 28x28x128,", "says: 28x28x129,"),
        4: ('says: "259.776"', 'says: "259.777"'),
        5: ('says: "34,848"', 'says: "34,849"'),
    }[number]
    assert changed[0] in text
    home = Home(str(LECTURES), "lectures")
    before = judge(*parse_sheet(read(text.encode(), "deck.yaml"), home))
    after = judge(*parse_sheet(read(text.replace(*changed, 1).encode(), "deck.yaml"), home))
    differing = [
        (one.verdict, other.verdict)
        for one, other in zip(before.statements, after.statements, strict=True)
        if one.verdict != other.verdict
    ]
    assert differing == [("right", "wrong")]


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("{says: 5×5}", "one of `ask`, `fits` and `not_calculated`"),
        ("{ask: alexnet:conv1.output}", "a statement has `says`"),
        ("{says: '5', ask: alexnet:conv9.output}", "no layer or block 'conv9'"),
        ("{says: '5', ask: alexnett:conv1.output}", "Did you mean 'alexnet'"),
        ("{says: many, ask: alexnet:conv1.params}", "'many' is no number"),
        ("{says: '3.145', ask: alexnet:conv1.params}", "may be read in 2 ways"),
        ("{says: ['1', '2'], ask: alexnet:conv1.stride}", "2 figures are held against 1 quantities"),
        ("{says: '5', not_calculated: guessed}", "cannot be 'guessed'"),
        ("{says: '5', ask: alexnet:conv1.params, topic: cats}", "cannot be 'cats'"),
        ("{says: 2 + x = 5, ask: alexnet:conv1.params}", "was not expected"),
        ("{says: '5', fits: alexnet}", "the sheet has no network 'alexnet'"),
        ("{says: '5', aks: alexnet:conv1.params}", "Did you mean 'ask'"),
    ],
)
def test_a_wrong_sheet_says_where(statement: str, message: str) -> None:
    with pytest.raises(ArchcalcError, match=re.escape(message)) as caught:
        sheet(statement)
    assert caught.value.place is not None
    assert caught.value.place.file == "deck9.yaml"
    assert caught.value.place.line == 7


@pytest.mark.parametrize(
    ("said", "right", "how"),
    [
        (28, 128, "missing"),
        (284, 384, "changed"),
        (1384, 384, "added"),
        (431, 348, None),
        (834, 384, "swapped"),
        (12, 13, None),
        (384, 384, None),
        (100, 999, None),
    ],
)
def test_slips_of_a_digit(said: int, right: int, how: str | None) -> None:
    found = slip(WrittenNumber(str(said), Fraction(said), None, len(str(said)), Fraction(1)), right)
    assert (found.how if found else None) == how


def test_a_number_with_a_prefix_is_no_slip() -> None:
    assert slip(WrittenNumber("384k", Fraction(384_000), None, 3, Fraction(1000)), 284_000) is None


# --- the command -------------------------------------------------------------------------------------------


def run(*arguments: str) -> str:
    result = CliRunner().invoke(program, ["grade", "lectures", *arguments], catch_exceptions=False)
    return result.stdout


def test_the_table_counts_and_lists_what_is_not_right(decks: tuple[JudgedDeck, ...]) -> None:
    text = run()
    for deck in decks:
        for judged in deck.statements:
            listed = f"\n{judged.statement.id} " in text
            assert listed == (judged.verdict in ("wrong", "terms")), judged.statement
    count = sum(len(deck.statements) for deck in decks)
    assert f"{count} statements" in text
    assert "right is 271,351,808 MACs (271.4M)" in text


def test_statements_are_chosen_by_deck_verdict_and_topic() -> None:
    rows = list(
        csv.DictReader(io.StringIO(run("3", "--verdict", "wrong", "--topic", "multiplications", "-f", "csv")))
    )
    assert [(row["deck"], row["says"], row["right"], row["verdict"]) for row in rows] == [
        ("3", "358M", "271351808", "wrong")
    ]
    assert "counted twice" in rows[0]["why"]


def test_every_format_has_every_statement(decks: tuple[JudgedDeck, ...]) -> None:
    ids = [judged.statement.id for deck in decks for judged in deck.statements]
    content = json.loads(run("--format", "json"))
    assert [one["id"] for deck in content["decks"] for one in deck["statements"]] == ids
    assert [row["statement"] for row in csv.DictReader(io.StringIO(run("-f", "csv")))] == ids
    tables = re.findall(r"^\| (\d\.\d+) \|", run("-f", "markdown"), re.MULTILINE)
    assert tables == ids
    assert (
        re.findall(r"^(\d\.\d+) ", run("5", "--verdict", "truncated", "--topic", "layers"), re.MULTILINE)
        == []
    )


def test_every_wrong_figure_has_words(decks: tuple[JudgedDeck, ...]) -> None:
    for deck in decks:
        for judged in deck.statements:
            for figure in judged.wrong:
                assert words.why(figure)
                assert "{" not in words.why(figure)
            assert words.verdict(judged)


def test_what_was_asked_wrongly_is_said_plainly() -> None:
    result = CliRunner().invoke(program, ["grade", "lectures", "6"])
    assert isinstance(result.exception, OptionError)
    assert "no deck 6" in str(result.exception)
