"""Assignments: the key worked out by hand, every way to write a question, and what is said of wrong ones."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

import pytest

from archcalc import api
from archcalc.grading import codes
from archcalc.grading.assignments.assignment import identifier, load_assignment
from archcalc.grading.model import Assignment, Question, Tolerance
from archcalc.render.homework import mistakes
from archcalc.results.counts import Convention
from archcalc.words.errors import ArchcalcError, LayerError, MisfitError

Write = Callable[[str], Assignment]

MISTAKES = Path(__file__).parent / "assignment_mistakes.txt"


@pytest.fixture
def written(tmp_path: Path) -> Write:
    """The assignment in a text."""

    def load(text: str) -> Assignment:
        path = tmp_path / "homework.yaml"
        path.write_text(dedent(text), encoding="utf-8")
        return load_assignment(path)

    return load


def asked(written: Write, question: str, networks: str = "alexnet") -> Question:
    return written(f"networks: {networks}\nquestions: [{question}]\n").questions[0]


# ---- keys, by hand: AlexNet as the lectures have it, 227×227, one tower, 96 filters of 11×11 with stride 4

KEYS: dict[str, Any] = {
    # (227 − 11)/4 + 1 = 55
    "conv1.output": (96, 55, 55),
    "conv1.output.height": 55,
    "conv1.params": 11 * 11 * 3 * 96 + 96,
    "conv1.weights": 34_848,
    "conv1.macs": 11 * 11 * 3 * 96 * 55 * 55,
    "conv1.flops": 2 * 105_415_200,
    # fc6 reads 6×6×256
    "fc6.params": 6 * 6 * 256 * 4096 + 4096,
    "receptive_field(conv1)": (11, 11),
    # 11 + (3 − 1)·4
    "receptive_field(pool1)": (19, 19),
    "conv1.params / conv1.output.channels": 364,
    "conv1.params / conv1.weights": Fraction(364, 363),
    "conv1.weights + conv2.weights": 34_848 + 5 * 5 * 96 * 256,
    "2 * (conv1.output.height - 1)": 108,
    "conv1.params < conv2.params": True,
    "conv1.params == conv1.weights": False,
    "conv1.activations * 4": 4 * 96 * 55 * 55,
    "fc6.params - 10 M": 37_752_832 - 10_000_000,
    "dropout1.rate": Fraction(1, 2),  # a float in the layer
    "dropout1.rate * 3": Fraction(3, 2),
}


@pytest.mark.parametrize("text", KEYS)
def test_the_key_is_what_is_worked_out_by_hand(text: str, written: Write) -> None:
    question = asked(written, f'{{ask: "{text}"}}')
    assert question.key == KEYS[text]
    assert type(question.key) is type(KEYS[text]) or isinstance(KEYS[text], tuple)


def test_a_key_that_is_worked_out_wrongly_would_be_noticed(written: Write) -> None:
    with pytest.raises(AssertionError):
        assert asked(written, "{ask: conv1.params}").key == 11 * 11 * 3 * 96


def test_what_is_counted_is_as_the_question_says(written: Write) -> None:
    assert asked(written, "{ask: conv1.params, bias: false}").key == 34_848
    assert asked(written, "{ask: conv1.macs, batch: 10}").key == 10 * 105_415_200
    assert asked(written, '{ask: "conv1.macs(batch=10)", batch: 3}').key == 10 * 105_415_200
    # All 62,378,344 parameters in two bytes each.
    assert asked(written, "{ask: total.param_bytes, dtype: float16}").key == 2 * 62_378_344
    assert asked(written, "{ask: total.param_bytes}").convention == Convention()


def test_what_stands_at_the_top_holds_for_every_question_that_says_nothing_else(written: Write) -> None:
    both = written(
        """
        networks: alexnet
        points: 2
        bias: false
        tolerance: 1%
        partial: {rule: 1/2}
        questions:
          - {ask: conv1.params}
          - {ask: conv1.params, points: 1/3, bias: true, figures: 3, partial: {unit: 25%}}
          - {ask: conv1.output}
        """
    ).questions
    assert (both[0].key, both[0].points) == (34_848, Fraction(2))
    assert both[0].tolerance == Tolerance(Fraction(1, 100))
    assert both[0].partial == (("rule", Fraction(1, 2)),)
    assert (both[1].key, both[1].points) == (34_944, Fraction(1, 3))
    assert both[1].tolerance == Tolerance(figures=3)
    assert both[1].partial == (("unit", Fraction(1, 4)),)
    assert both[2].tolerance == Tolerance()


@pytest.mark.parametrize(
    ("written_as", "unit", "expected"),
    [
        ("tolerance: 1%", "", Tolerance(relative=Fraction(1, 100))),
        ("tolerance: 0.5", "", Tolerance(absolute=Fraction(1, 2))),
        ("tolerance: 0.5", "MB", Tolerance(absolute=Fraction(500_000))),
        ("tolerance: 100 kB", "MB", Tolerance(absolute=Fraction(100_000))),
        ("tolerance: exact", "MB", Tolerance()),
        ("figures: 4", "MB", Tolerance(figures=4)),
        (
            "tolerance: {relative: 1%, absolute: 2, figures: 3}",
            "MiB",
            Tolerance(Fraction(1, 100), Fraction(2 * 2**20), 3),
        ),
        # 62,378,344·4 bytes are no whole number of MB.
        ("text: nothing said", "MB", Tolerance(figures=3)),
        ("text: nothing said", "", Tolerance()),
    ],
)
def test_tolerances(written_as: str, unit: str, expected: Tolerance, written: Write) -> None:
    said = f", unit: {unit}" if unit else ""
    assert asked(written, f"{{ask: total.param_bytes, {written_as}{said}}}").tolerance == expected


def test_units_follow_from_what_is_asked(written: Write) -> None:
    units = {
        "total.params": None,
        "total.macs": "MACs",
        "total.flops": "FLOPs",
        "total.memory": "B",
        "total.macs / total.params": "MACs",
        "total.macs / conv1.macs": None,
        "total.params * 4": None,
        "2 * total.memory": "B",
        "total.memory(batch=2) - total.memory": "B",
        "conv1.output": None,
    }
    assert {text: asked(written, f'{{ask: "{text}"}}').unit for text in units} == units


def test_networks_are_named_in_every_way(tmp_path: Path) -> None:
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "blocks.yaml").write_text("blocks: {b: {layers: [{linear: 3}]}}")
    (tmp_path / "nets" / "mine.yaml").write_text("import: blocks.yaml\ninput: 5\nlayers: [{b: }]")
    path = tmp_path / "homework.yaml"
    path.write_text(
        dedent(
            """
            networks:
              a: alexnet
              v: {network: vgg16, set: {classes: 10}, input: [3, 64, 64]}
              m: nets/mine.yaml
              i: {input: [1, 5, 5], layers: [{conv: 2, kernel: 3, name: c}]}
              resnet50-v1.5: resnet50-v1.5
            questions:
              - {ask: "a:conv1.output"}
              - {ask: "v:pool5.output"}
              - {ask: "m:total.params"}
              - {ask: "i:c.params"}
              - {ask: "resnet50-v1.5:total.params / i:c.params"}
            """
        ),
        encoding="utf-8",
    )
    loaded = load_assignment(path)
    keys = [question.key for question in loaded.questions]
    # 64/2⁵ = 2; 5·3 + 3; 3·3·1·2 + 2
    assert keys[:4] == [(96, 55, 55), (512, 2, 2), 18, 20]
    assert keys[4] == Fraction(api.analyse("resnet50-v1.5").totals.params, 20)
    assert list(loaded.networks) == ["a", "v", "m", "i", "resnet50-v1.5"]
    assert loaded.id == "homework"
    for text in ("networks: [alexnet, vgg16]", "networks: {alexnet: alexnet, vgg16: vgg16}"):
        path.write_text(f'{text}\nquestions: [{{ask: "alexnet:conv1.params < vgg16:conv1_1.params"}}]')
        # 34,944 and 3·3·3·64 + 64
        assert load_assignment(path).questions[0].key is False


def test_a_link_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("input: 5\nlayers: [{linear: 3}]")
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "mine.yaml").symlink_to(tmp_path / "secret.yaml")
    path = folder / "homework.yaml"
    path.write_text("networks: {m: mine.yaml}\nquestions: [{ask: total.params}]")
    with pytest.raises(ArchcalcError, match="must lie beside"):
        load_assignment(path)


def test_options(written: Write) -> None:
    largest = asked(
        written,
        '{options: {a: "a:total.params", v: {text: VGG-16, ask: "v:total.params"}}, pick: largest}',
        "{a: alexnet, v: vgg16}",
    )
    assert (largest.form, largest.key, largest.pick) == ("choice", "v", "largest")
    assert [(o.label, o.text, o.right, o.value) for o in largest.options] == [
        ("a", "a:total.params", False, 62_378_344),
        ("v", "VGG-16", True, 138_357_544),
    ]
    assert asked(written, "{options: [conv1.params, conv2.params], pick: smallest}").key == "a"
    shape = asked(written, "{ask: conv1.output, options: [54x54x96, 55x55x96, 55x55x3]}")
    assert (shape.key, shape.options[1].value) == ("b", (55, 55, 96))
    assert asked(written, "{ask: conv1.output, options: {x: [96, 55, 55], y: [96, 54, 54]}}").key == "x"
    rounded = asked(written, "{ask: total.params, options: [60M, 62.4M, 61M]}")
    assert rounded.key == "b"
    in_unit = asked(written, "{ask: total.param_bytes, options: [238, 249.5], unit: MB}")
    assert in_unit.key == "b"
    assert asked(written, "{ask: conv1.params, options: [conv1.weights + 96, conv1.weights]}").key == "a"


def test_whether_a_network_fits(written: Write) -> None:
    """(7 − 3)/3 + 1 = 2.33 does not, (7 − 3)/2 + 1 = 3 does; whether the spec is strict makes no difference."""
    for strict in ("", "strict: true, "):
        for stride, fits in ((3, False), (2, True), (1, True)):
            question = asked(
                written,
                "{fits: n}",
                f"{{n: {{input: [1, 7, 7], {strict}layers: [{{conv: 1, kernel: 3, stride: {stride}}}]}}}}",
            )
            assert (question.form, question.key, question.fits) == ("truth", fits, "n")
            assert ("2.33" in question.why) is not fits
    large = asked(written, "{fits: n}", "{n: {input: [1, 2, 2], layers: [{conv: 1, kernel: 3}]}}")
    assert large.key is False
    assert "larger than its input" in large.why


def test_a_misfit_is_told_from_other_faults_of_a_layer(load: Callable[..., object]) -> None:
    assert issubclass(MisfitError, LayerError)
    with pytest.raises(MisfitError):
        load("input: [1, 2, 2]\nlayers: [{max_pool: 3}]")
    with pytest.raises(LayerError) as caught:
        load("input: [3, 2, 2]\nlayers: [{conv: 2, kernel: 1, groups: 2}]")
    assert not isinstance(caught.value, MisfitError)


def test_axes_are_of_feature_maps_only(written: Write) -> None:
    assert asked(written, "{ask: conv1.output}").axes == "any"
    assert asked(written, "{ask: conv1.output, axes: HWC}").axes == "HWC"
    assert asked(written, "{ask: receptive_field(conv1), axes: HWC}").axes == "as is"
    assert asked(written, "{ask: conv1.params, axes: HWC}").axes == "as is"


def test_what_a_question_follows_from(written: Write) -> None:
    first, second, third, fourth = written(
        """
        networks: alexnet
        questions:
          - {id: a, ask: conv1.output}
          - {id: b, ask: conv1.params}
          - {id: c, ask: "$b * 4 + $b"}
          - {ask: "$b * 2", follows: [a, a]}
        """
    ).questions
    assert (first.follows, second.follows, third.follows, fourth.follows) == ((), (), ("b",), ("a",))
    assert (third.key, fourth.key, fourth.id) == (5 * 34_944, 2 * 34_944, "4")


def test_the_id_of_an_assignment_is_a_name() -> None:
    names = {"a/b/week 3.yaml": "week-3", "ação.yml": "a-o", "-.yaml": "assignment", "x.y.yaml": "x.y"}
    assert {path: identifier(path) for path in names} == names


def test_every_mistake_that_has_a_sentence_may_be_worth_something() -> None:
    assert [code for code in codes.known() if not mistakes.clause_of(code)] == []
    assert len(set(codes.known())) == len(list(codes.known()))
    assert {*codes.named(), codes.UNIT_MISSING, codes.UNIT_WRONG, codes.IMPRECISE} <= set(codes.known())


# ---- what is wrong


class Mistake(NamedTuple):
    """One case of assignment_mistakes.txt."""

    text: str
    message: str
    hint: str | None
    line: int
    column: int


def cases() -> list[Mistake]:
    found = []
    for case in MISTAKES.read_text(encoding="utf-8").split("\n\n"):
        if case.startswith("#"):
            continue
        text, _, said = case.rstrip("\n").partition("\n! ")
        message, _, hint = said.partition("\n? ")
        if text.startswith("- "):
            text = f"networks: alexnet\nquestions:\n{text}"
        before = text[: text.index("▸")]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        found.append(Mistake(text.replace("▸", ""), message, hint or None, line, column))
    return found


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.message[:50])
def test_a_mistake(case: Mistake, tmp_path: Path) -> None:
    path = tmp_path / "homework.yaml"
    path.write_text(case.text, encoding="utf-8")
    with pytest.raises(ArchcalcError) as caught:
        load_assignment(path)
    error = caught.value
    assert error.message.replace(str(path), "FILE") == case.message
    assert error.hint == case.hint
    assert error.place is not None
    assert error.place == (str(path), case.line, case.column)
    assert error.exit_status == 2


def test_the_cases_are_read(tmp_path: Path) -> None:
    """Must fail: another message, another way out, another column."""
    found = cases()
    assert len(found) == MISTAKES.read_text(encoding="utf-8").count("\n! ") > 60
    for wrong in (
        found[0]._replace(message="no"),
        found[0]._replace(hint=None),
        found[0]._replace(column=2),
    ):
        with pytest.raises(AssertionError):
            test_a_mistake(wrong, tmp_path)


def test_nothing_reaches_the_terminal_as_escape_codes(tmp_path: Path) -> None:
    path = tmp_path / "homework.yaml"
    for text in (
        '"\\e[31m": 1',
        'networks: alexnet\nquestions: [{"\\e[31m\\u202e": 1}]',
        'networks: alexnet\nquestions: [{ask: "\\e[31m"}]',
        'networks: {"\\e[31m": alexnet}\nquestions: [{ask: a}]',
        'networks: "\\e[31m"\nquestions: [{ask: a}]',
        'networks: alexnet\nquestions: [{id: "\\e", ask: conv1.params}]',
        'networks: alexnet\nquestions: [{ask: conv1.params, unit: "\\e"}]',
        'networks: alexnet\nquestions: [{options: {"\\e": conv1.params, "\\e ": conv1.params}, pick: largest}]',
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ArchcalcError) as caught:
            load_assignment(path)
        assert str(caught.value).replace("\n", "").isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "&a questions: []",
        "questions: !!python/object:os.system {}",
        "- a",
        "questions",
        "",
        "questions: {a: b}",
        "networks: {a: {network: {network: alexnet}}}\nquestions: [{ask: a}]",
        "networks: [[alexnet]]\nquestions: [{ask: a}]",
        "networks: {a: -}\nquestions: [{ask: a}]",
        f"networks: alexnet\nquestions: [{{ask: '{'(' * 200}'}}]",
        f"networks: alexnet\nquestions: [{{ask: '{'9' * 290}'}}]",
        "networks: alexnet\nquestions: [{ask: 1e999999999}]",
        f"networks: alexnet\nquestions: [{{text: a, ask: {'a' * 400}}}]",
        f"questions: [{', '.join(['{}'] * 1001)}]",
        f"networks: {{{', '.join(f'a{n}: alexnet' for n in range(65))}}}\nquestions: [{{ask: a}}]",
    ],
)
def test_what_is_no_assignment_is_refused_with_a_place(text: str, tmp_path: Path) -> None:
    path = tmp_path / "homework.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ArchcalcError) as caught:
        load_assignment(path)
    assert caught.value.place is not None or text == ""


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ArchcalcError, match="there is no file"):
        load_assignment(tmp_path / "none.yaml")
