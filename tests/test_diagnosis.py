"""Why answers are wrong: each mistake by the number that it leads to, worked out by hand beside it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from archcalc.grading import numbers
from archcalc.grading.assignments.assignment import load_assignment
from archcalc.grading.diagnosis.diagnostician import Diagnostician
from archcalc.grading.model import Diagnosis, Mistake, Question
from archcalc.render.homework import mistakes

NETWORKS = """
networks:
  alexnet: alexnet
  vgg16: vgg16
  googlenet: googlenet
  reduced: inception-reduced
  bottleneck: inception-1x1-bottleneck
  resnet18: resnet18
  resnet34: resnet34
  vit: vit-b16
  dcgan: dcgan-generator
  odd:
    input: [4, 40, 30]
    layers:
      - {conv: 12, kernel: 5, stride: 2, padding: 1, groups: 2, name: grouped}
      - {conv: 20, kernel: 3, dilation: 3, bias: false, name: dilated}
      - {max_pool: 2, stride: 2, ceil: true, name: pool}
      - {flatten: 0, name: flat}
      - {linear: 7, name: fc}
  wide: {input: [1, 30, 30], layers: [{conv: 2, kernel: 3, dilation: 3, name: conv}]}
  sound:
    input: [2, 100]
    layers: [{conv: 8, kernel: 9, stride: 3, name: conv}, {max_pool: 2, stride: 2, name: pool}]
questions:
"""


@cache
def prepared(*asks: str) -> tuple[dict[str, Question], Diagnostician]:
    """Questions by what they ask, `ask|unit: GB` with keys of their own, and who diagnoses answers to them."""
    path = _folder / "questions.yaml"
    lines = [
        f"  - {{id: q{n}, ask: '{', '.join(ask.split('|')[:1])}'{_keys(ask)}}}" for n, ask in enumerate(asks)
    ]
    path.write_text(NETWORKS + "\n".join(lines), encoding="utf-8")
    assignment = load_assignment(path)
    questions = dict(zip(asks, assignment.questions, strict=True))
    return questions, Diagnostician(assignment.networks, assignment.questions)


def _keys(ask: str) -> str:
    return "".join(f", {key}" for key in ask.split("|")[1:])


@pytest.fixture(autouse=True, scope="module")
def _home(tmp_path_factory: pytest.TempPathFactory) -> None:
    global _folder  # noqa: PLW0603 — the folder of the module's assignments
    _folder = tmp_path_factory.mktemp("questions")


_folder = Path()


def diagnosis(ask: str, answer: str) -> Diagnosis:
    questions, diagnostician = prepared(ask)
    (question,) = questions.values()
    reading = numbers.read(answer, question.form, locale="en", lenient=True)
    (way,) = reading.ways
    return diagnostician.diagnose(question, way)


def told(found: Diagnosis) -> list[str]:
    """The causes: the codes of each, `+` between two mistakes, with the layer behind `@`."""
    return sorted(" + ".join(map(_told, cause.mistakes)) for cause in found.causes)


def _told(made: Mistake) -> str:
    return f"{made.code}@{made.scope}" if made.scope else made.code


# ask, answer, causes
RULES = [
    # AlexNet, conv1: 96 filters of 11×11×3, stride 4, on 227×227: 55×55; 34,848 weights, 96 biases
    ("alexnet:conv1.params", "34848", ["bias-forgotten@conv1"]),  # 11·11·3·96
    ("alexnet:conv1.params", "34,849", ["one-bias@conv1"]),  # 34,848 + 1
    ("alexnet:conv1.weights", "34,944", ["bias-counted@conv1"]),  # 34,848 + 96
    ("alexnet:conv1.params", "11,712", ["input-channels-ignored@conv1"]),  # 11·11·96 + 96
    ("alexnet:conv1.params", "3264", ["kernel-once@conv1"]),  # 11·3·96 + 96
    ("alexnet:conv1.params", "1,115,232", ["output-for-input-channels@conv1"]),  # 11·11·96·96 + 96
    ("alexnet:conv1.params", "364", ["one-filter@conv1"]),  # 11·11·3 + 1
    ("alexnet:conv1.output", "96x54x54", ["one-forgotten@conv1"]),  # (227 − 11)/4 = 54
    ("alexnet:conv1.output", "(217, 217, 96)", ["stride-ignored@conv1"]),  # 227 − 11 + 1
    ("alexnet:conv1.macs", "34,848", ["positions-forgotten@conv1"]),
    ("alexnet:conv1.macs", "1,916,640", ["positions-once@conv1"]),  # 34,848·55
    ("alexnet:conv1.macs", "1,795,682,592", ["input-positions@conv1"]),  # 34,848·227·227
    ("alexnet:conv1.macs", "105,705,600", ["bias-in-macs@conv1"]),  # 34,944·55·55
    # conv2: 256 filters of 5×5×96, padding 2, on 27×27
    ("alexnet:conv2.output", "256x23x23", ["padding-forgotten@conv2"]),  # 27 − 5 + 1
    ("alexnet:conv2.output.height", "25", ["padding-once@conv2"]),  # 27 + 2 − 5 + 1
    # conv3: 3×3, P = 1, S = 1 on 13×13: N − 1 either way
    ("alexnet:conv3.output", "12x12x384", ["one-forgotten@conv3", "padding-once@conv3"]),
    ("alexnet:conv3.output.height", "12", ["one-forgotten@conv3", "padding-once@conv3"]),
    # a pooling of 3×3 over 96 channels taken for a convolution: 3·3·96·96, with 96 biases or without
    ("alexnet:pool1.params", "82,944", ["pooling-parameters@pool1"]),
    ("alexnet:pool1.params", "83,040", ["pooling-parameters@pool1"]),
    ("alexnet:fc6.params", "37,748,736", ["bias-forgotten@fc6"]),  # 6·6·256·4096
    ("alexnet:fc6.params", "1,052,672", ["channels-only@flatten1"]),  # 256·4096 + 4096
    # the whole network
    ("vgg16:total.params", "138,344,128", ["bias-forgotten"]),
    ("vgg16:total.weights", "138,357,544", ["bias-counted"]),
    ("vgg16:total.weights|bias: false", "138,357,544", ["bias-counted"]),
    # 12 filters of 5×5 over 4/2 channels, stride 2, padding 1 on 40×30: ⌊(40 + 2 − 5)/2⌋ + 1 = 19 by 14
    ("odd:grouped.params", "1212", ["groups-ignored@grouped"]),  # 5·5·4·12 + 12
    ("odd:grouped.output", "12x20x15", ["ceiling-for-floor@grouped"]),  # ⌈37/2⌉ + 1, ⌈27/2⌉ + 1
    # 3×3 with dilation 3 sees 7: 19 − 7 + 1 = 13 by 8; no biases
    ("odd:dilated.output", "20x17x12", ["dilation-ignored@dilated"]),  # 19 − 3 + 1, 14 − 3 + 1
    # 3×3 with dilation 3 on 30×30: 30 − 7 + 1 = 24; with 3·3 for 3·(3 − 1) + 1 it is 22
    ("wide:conv.output.height", "22", ["dilation-times-kernel@conv"]),
    ("odd:dilated.params", "2,180", ["bias-counted@dilated"]),  # 3·3·12·20 + 20
    # 2×2 with stride 2 rounded up: ⌈(13 − 2)/2⌉ + 1 = 7, ⌈(8 − 2)/2⌉ + 1 = 4
    ("odd:pool.output.height", "6", ["floor-for-ceiling@pool", "one-forgotten@pool"]),
    # one axis: (100 − 9)/3 = 30.3: 31
    ("sound:conv.output", "8x92", ["stride-ignored@conv"]),  # 100 − 9 + 1
    ("sound:conv.params", "72", ["bias-forgotten@conv + input-channels-ignored@conv"]),  # 9·8
    # batch norm with 64 channels: γ and β, and with the running statistics 4·64
    ("resnet18:conv1.batch_norm1.params", "256", ["running-statistics-counted@conv1.batch_norm1"]),
    # attention: three projections in place of four, 3·(768·768 + 768)
    ("vit:encoder.1.attention1.params", "1,771,776", ["output-projection-forgotten@encoder.1.attention1"]),
]


@pytest.mark.parametrize(("ask", "answer", "causes"), RULES)
def test_mistakes_in_a_rule(ask: str, answer: str, causes: list[str]) -> None:
    assert told(diagnosis(ask, answer)) == causes


ASKED = [
    ("alexnet:total.macs", "2,270,512,192", ["flops-for-macs"]),  # 2·1,135,256,096
    ("alexnet:total.flops", "1,135,256,096", ["macs-for-flops"]),
    ("alexnet:conv2.output", "384x13x13", ["layer-after@conv2"]),
    ("alexnet:conv2.params", "34,944", ["layer-before@conv2"]),
    ("alexnet:conv2.params", "62,378,344", ["total-for-layer@conv2"]),
    ("alexnet:total.params", "37,752,832", ["layer-for-total"]),
    ("alexnet:conv1.output", "55x96x55", ["axes-order"]),
    ("alexnet:conv1.output|axes: CHW", "55x55x96", ["axes-order"]),
    ("odd:grouped.output.height", "14", ["other-axis@grouped"]),
    ("alexnet:total.macs|batch: 128", "1,135,256,096", ["batch-forgotten"]),
    # 138,357,544 less fc8's 4,097,000
    ("vgg16:total.params", "134,260,544", ["layer-left-out"]),
    ("googlenet:total.params", "13,378,280", ["auxiliary-counted"]),
    ("reduced:total.macs", "271,351,808 ", None),  # right: nothing to find
    ("vgg16:conv1_2.receptive_field", "3x3", ["layer-before@conv1_2"]),
    ("vgg16:conv1_2.receptive_field", "3", ["layer-before@conv1_2"]),  # of a square, one number
    ("vgg16:pool5.receptive_field", "32", ["stride-ignored"]),
    ("alexnet:conv1.output", "290400", ["activations-for-output"]),  # 96·55·55
    # conv3_1 has 924,844,032 MACs, and conv3_2 just as many as conv3_1 has FLOPs; so has conv3_1 with K for C
    ("vgg16:conv3_1.macs", "1,849,688,064", ["flops-for-macs@conv3_1", "output-for-input-channels@conv3_1"]),
    (
        "vgg16:conv3_1.macs|unit: GMACs",
        "1,849,688,064",
        ["flops-for-macs@conv3_1", "output-for-input-channels@conv3_1"],
    ),
    ("googlenet:3a.output", "192x28x28", ["branch-left-out@3a.concat1", "layer-before@3a"]),  # pool2's
    ("resnet34:total.params|unit: M|figures: 3", "21.3", ["layer-left-out"]),  # 21.80 M without fc's 0.51 M
    ("vgg16:pool5.receptive_field", "32x32", ["stride-ignored"]),  # 1 + 13·2 + 5·1
    ("alexnet:total.depth", "11", ["kind-counted-as-layer"]),  # 8 and three poolings
]


@pytest.mark.parametrize(("ask", "answer", "causes"), ASKED)
def test_mistakes_in_what_was_asked(ask: str, answer: str, causes: list[str] | None) -> None:
    assert told(diagnosis(ask, answer)) == (causes or [])


UNITS = [
    # VGG-16: 4·138,357,544 = 553,430,176 B = 553.43 MB = 527.79 MiB
    ("vgg16:total.param_bytes|unit: MB", "527.79", ["decimal-for-binary"]),
    ("vgg16:total.param_bytes|unit: MB", "527.79 MB", ["decimal-for-binary"]),
    ("vgg16:total.param_bytes|unit: MiB", "553.43 MiB", ["binary-for-decimal"]),
    ("vgg16:total.param_bytes|unit: GB", "4.427", ["bits-for-bytes"]),  # 8·0.5534
    ("vgg16:total.param_bytes|unit: MB", "138.36", ["element-bytes-forgotten"]),
    ("vgg16:total.param_bytes|unit: MB", "276.72", ["other-dtype"]),  # two bytes each
    ("vgg16:total.param_bytes|unit: GB", "553.43 GB", ["factor-1000"]),
    ("vgg16:total.params", "138,357", ["factor-1000"]),
    ("vgg16:total.params|unit: M", "1383 M", ["factor-10"]),
    ("vgg16:total.params|unit: M", "1383", ["factor-10"]),
    # a number of MACs that is called FLOPs: half as many MACs as there are
    ("vgg16:total.macs", "15.47 GFLOPs", ["macs-called-flops"]),
    ("vgg16:total.flops", "30.94 GMACs", ["flops-called-macs"]),
]


@pytest.mark.parametrize(("ask", "answer", "causes"), UNITS)
def test_mistakes_in_the_unit(ask: str, answer: str, causes: list[str]) -> None:
    assert told(diagnosis(ask, answer)) == causes


def test_a_thousand_has_a_small_letter_and_1024_a_large_one() -> None:
    """AlexNet: 4·62,378,344 = 249,513,376 B = 249,513.376 kB = 243,665.40625 KiB."""
    for unit, answer, counted in (("kB", "243,665.406 kB", "KiB"), ("KiB", "249,513.376 KiB", "kB")):
        (cause,) = diagnosis(f"alexnet:total.param_bytes|unit: {unit}", answer).causes
        assert dict(cause.mistakes[0].facts) == {"written": unit, "counted": counted}


EXPRESSIONS = [
    # 138,357,544/62,378,344 = 2.218; upside down 0.451
    ("vgg16:total.params / alexnet:total.params|figures: 3", "0.451", ["ratio-upside-down"]),
    # 138,357,544/6,998,552 = 19.769, upside down 0.05058: as a decimal and as a fraction
    ("vgg16:total.params / googlenet:total.params|figures: 3", "0.0506", ["ratio-upside-down"]),
    ("vgg16:total.params / googlenet:total.params|figures: 3", "1/20", ["ratio-upside-down"]),
    ("vgg16:total.params / googlenet:total.params|figures: 3", "1/31", []),
    # 55/74 = 74.32%: without the + 1 in conv1 54/74 = 72.97%, as a percentage and as a share
    ('alexnet:conv1.output.height / 74|unit: "%"', "72.97", ["one-forgotten@conv1"]),
    ('alexnet:conv1.output.height / 74|unit: "%"', "0.7297", ["one-forgotten@conv1"]),
    ("vgg16:total.params / alexnet:total.params|figures: 3", "222", ["factor-100"]),
    ("vgg16:total.params / alexnet:total.params|figures: 3", "75,979,200", ["difference-for-ratio"]),
    # both without biases: 138,344,128/62,367,776 = 2.21820… with six digits, 2.21804 with them
    ("vgg16:total.params / alexnet:total.params|figures: 6", "2.21820", ["bias-forgotten"]),
    # MACs of the one, FLOPs of the other
    ("vgg16:total.macs / alexnet:total.macs|figures: 3", "27.3", ["flops-for-macs"]),
    ("alexnet:conv1.params + alexnet:conv2.params", "34,944", ["term-left-out"]),
    ("alexnet:conv1.params + alexnet:conv2.params", "649,248", ["bias-forgotten"]),  # 34,848 + 614,400
    ("alexnet:conv1.params + alexnet:conv2.params", "649,344", ["bias-forgotten@conv2"]),  # 34,944 + 614,400
    ("alexnet:conv2.params - alexnet:conv1.params", "-579,712", ["difference-reversed"]),
]


@pytest.mark.parametrize(("ask", "answer", "causes"), EXPRESSIONS)
def test_mistakes_in_expressions(ask: str, answer: str, causes: list[str]) -> None:
    assert told(diagnosis(ask, answer)) == causes


def test_the_reduced_inception_module_of_the_lectures() -> None:
    """358M for 271,351,808: the 3×3 has 3·3·64·192·28·28 = 86,704,128, and once more makes 358,055,936."""
    found = diagnosis("reduced:total.macs", "358M")
    assert told(found) == ["channels-of-another-layer@module.3x3.conv", "layer-twice"]
    assert [cause.value for cause in found.causes] == [358_055_936] * 2
    facts = [dict(cause.mistakes[0].facts) for cause in found.causes]
    assert {"size": "128", "layer": "module.1x1.conv"} in facts
    assert {"layer": "module.3x3.conv"} in facts


def test_one_mistake_beats_two() -> None:
    """34,848 is the bias left out; nothing that takes two mistakes is said beside it."""
    found = diagnosis("alexnet:conv1.params", "34848")
    assert [len(cause.mistakes) for cause in found.causes] == [1]


TWO = [
    ("alexnet:conv1.params", "11,616", {"bias-forgotten", "input-channels-ignored"}),  # 11·11·96
    ("alexnet:conv2.output", "256x22x22", {"padding-forgotten", "one-forgotten"}),  # 27 − 5
    # 553,430,176 without the biases' 4·13,416 is 553,376,512 B, 527.74 MiB
    ("vgg16:total.param_bytes|unit: MB", "527.741 MB", {"bias-forgotten", "decimal-for-binary"}),
    ("vgg16:total.flops", "138,344,128", {"macs-for-flops", "positions-forgotten"}),
    # fc7 left out and fc8 without its biases: 138,357,544 − 16,781,312 − 1000
    ("vgg16:total.params", "121,575,232", {"layer-left-out", "bias-forgotten"}),
]


@pytest.mark.parametrize(("ask", "answer", "codes"), TWO)
def test_two_mistakes(ask: str, answer: str, codes: set[str]) -> None:
    found = diagnosis(ask, answer)
    assert codes in [{made.code for made in cause.mistakes} for cause in found.causes]


NOT_KNOWN = [
    ("alexnet:conv1.params", "34,944"),  # right
    ("alexnet:conv1.params", "31,415"),  # comes of nothing
    ("vgg16:total.params", "5M"),  # with one digit much comes near
    ("googlenet:total.params", "6M"),
    ("alexnet:conv1.output", "17x23x42"),
    ("alexnet:conv1.params", "3,494,400"),  # no percentage
    # one bias for each input channel of each filter makes 138,357,544 so many more that the ratio is 24.…
    ("vgg16:total.params / googlenet:total.params|figures: 2", "24"),
    ("vgg16:conv1_2.receptive_field", "4"),
    ("alexnet:conv1.params", "0"),
    ("alexnet:conv1.params", "-5"),
    ("alexnet:conv1.params", "1e30"),
    ("alexnet:conv1.output", "96x55x55x1x1x1"),
]


@pytest.mark.parametrize(("ask", "answer"), NOT_KNOWN)
def test_what_is_not_known_is_not_guessed(ask: str, answer: str) -> None:
    assert diagnosis(ask, answer) == Diagnosis(())


def test_what_makes_no_difference_is_no_cause() -> None:
    """conv1 of AlexNet has no padding: nothing about padding is ever said of its output."""
    for answer in ("96x54x54", "96x217x217", "96x53x53", "96x56x56"):
        causes = " ".join(told(diagnosis("alexnet:conv1.output", answer)))
        assert "padding-forgotten@conv1" not in causes
        assert "padding-once@conv1" not in causes


def test_the_same_mistake_in_layers_that_are_alike_is_one_cause() -> None:
    """VGG's conv3_2 and conv3_3 are the same: 138,357,544 − 256 without the biases of either, or of conv3_1."""
    (cause,) = diagnosis("vgg16:total.params", "138,357,288").causes
    (made,) = cause.mistakes
    assert made.code == "bias-forgotten"
    assert {made.scope, *dict(made.facts)["also"].split(", ")} == {"conv3_1", "conv3_2", "conv3_3"}


def test_digits_decide_how_much_is_explained() -> None:
    """1.115M may be 1,115,232 rounded or cut; 1.116M is neither."""
    ask = "alexnet:conv1.params"
    assert told(diagnosis(ask, "1.115M")) == ["output-for-input-channels@conv1"]
    assert "output-for-input-channels@conv1" not in told(diagnosis(ask, "1.116M"))


def test_causes_that_are_too_many_are_known_but_not_told() -> None:
    """conv1_2 of VGG-16, as conv1_1 before it, keeps 224: 222 by P = 0, or one less in both by P for 2·P or no + 1."""
    ask = "vgg16:conv1_2.output.height"
    questions, diagnostician = prepared(ask)
    (way,) = numbers.read("222", "number", locale="en").ways
    considered = diagnostician.consider(questions[ask], way)
    assert considered.diagnosis.causes == ()
    codes = {made.code for cause in considered.untold for made in cause.mistakes}
    assert codes == {"padding-forgotten", "padding-once", "one-forgotten"}


@pytest.mark.parametrize(
    ("answer", "causes"),
    [
        # VGG-16, 4 bytes each: 138,357,544 parameters and 15,237,608 activations are 614,380,608 for one input
        ("614.4 MB", ["batch-forgotten"]),
        ("615 MB", ["batch-forgotten"]),
        ("610 MB", ["batch-forgotten"]),
        ("650 MB", []),
    ],
)
def test_a_mistaken_number_has_the_tolerance_of_the_right_one(answer: str, causes: list[str]) -> None:
    assert told(diagnosis("vgg16:total.memory|batch: 32|unit: MB|tolerance: 2%", answer)) == causes


CHOICES = """
networks: {alexnet: alexnet, vgg16: vgg16, googlenet: googlenet}
questions:
  - {id: most, options: {a: alexnet:total.macs, v: vgg16:total.macs, g: googlenet:total.macs}, pick: smallest}
  - {id: bias, ask: alexnet:conv1.params, options: {a: 34944, b: 34848, c: 31415}}
  - {id: shape, ask: alexnet:conv1.output, options: {a: 96x55x55, b: 96x54x54, c: 1x2x3}}
  - {id: more, ask: alexnet:total.params > googlenet:total.params}
"""


def test_choices(tmp_path: Path) -> None:
    path = tmp_path / "choices.yaml"
    path.write_text(CHOICES, encoding="utf-8")
    assignment = load_assignment(path)
    diagnostician = Diagnostician(assignment.networks, assignment.questions)
    most, bias, shape, more = assignment.questions
    assert told(diagnostician.diagnose(bias, "b")) == ["bias-forgotten@conv1"]
    assert told(diagnostician.diagnose(bias, "c")) == []
    assert told(diagnostician.diagnose(bias, "a")) == []
    assert told(diagnostician.diagnose(bias, "none of them")) == []
    assert told(diagnostician.diagnose(shape, "b")) == ["one-forgotten@conv1"]
    # AlexNet has the fewest MACs; GoogLeNet, with 1.58 G to its 1.14 G, has the fewest parameters.
    assert told(diagnostician.diagnose(most, "g")) == ["params-for-macs"]
    assert told(diagnostician.diagnose(most, "v")) == ["opposite-end"]
    assert told(diagnostician.diagnose(more, written=False)) == []


def test_transposed_convolutions() -> None:
    """4×4 to 8×8 by 5×5, stride 2, padding 2, 1 added: (4 − 1)·2 − 4 + 5 + 1 = 8; with P for 2P 10, without P 12."""
    ask = "dcgan:conv1.conv_transpose1.output.height"
    assert told(diagnosis(ask, "7")) == ["output-padding-forgotten@conv1.conv_transpose1"]
    assert "padding-forgotten@conv1.conv_transpose1" in told(diagnosis(ask, "12"))
    # 4·2 − 4 + 5 + 1 = 10 with N for N − 1
    assert told(diagnosis(ask, "10")) == [
        "minus-one-forgotten@conv1.conv_transpose1",
        "padding-once@conv1.conv_transpose1",
    ]


def test_a_sheet_of_questions_is_prepared_in_no_time() -> None:
    """Twenty questions on four networks, each with an answer that nothing explains, all that is tried."""
    asks = [
        f"{net}:{path}"
        for net, layer in (("alexnet", "conv3"), ("vgg16", "conv3_2"), ("googlenet", "3a.3x3.conv"))
        for path in (
            *(f"{layer}.{name}" for name in ("output", "params", "macs", "weights")),
            *(f"total.{name}" for name in ("params", "macs")),
        )
    ]
    questions, diagnostician = prepared(*asks)
    start = time.process_time()
    for question in questions.values():
        reading = numbers.read(
            "7x11x13" if question.form == "shape" else "31,415,927", question.form, locale="en"
        )
        diagnostician.diagnose(question, reading.ways[0])
    assert time.process_time() - start < 5  # a fifth of that on a machine with nothing else to do


def sentences(asks: Iterable[tuple[str, str]]) -> list[str]:
    return [mistakes.sentence(diagnosis(ask, answer)) for ask, answer in asks]


def test_every_cause_has_its_sentence() -> None:
    assert sentences(
        [
            ("alexnet:conv1.params", "34848"),
            ("alexnet:conv3.output", "12x12x384"),
            ("alexnet:total.flops", "1,135,256,096"),
            ("alexnet:conv1.params", "11,616"),
            ("reduced:total.macs", "358M"),
            ("alexnet:conv1.params", "31,415"),
        ]
    ) == [
        "The biases were left out in conv1.",
        "Either P was used for 2·P in conv3, or the + 1 was forgotten in conv3.",
        "The MACs were given for the FLOPs.",
        "The biases were left out in conv1 and the input channels were left out in conv1.",
        (
            "Either the 128 channels of module.1x1.conv were read in module.3x3.conv, "
            "or module.3x3.conv was counted twice."
        ),
        "",
    ]


def test_a_mistake_made_in_every_layer_says_so() -> None:
    """AlexNet without any padding: 27 − 5 + 1 = 23, 11, 11 − 3 + 1 = 9, 7."""
    found = diagnosis("alexnet:conv4.output", "384x7x7")
    assert told(found) == ["padding-forgotten"]
    assert mistakes.sentence(found) == "The padding was left out in every layer."
