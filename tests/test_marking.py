"""Marks: numbers to the figures asked for, units, shapes, ambiguity, following through, partial credit."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archcalc.algebra.units import WrittenNumber, parse_written
from archcalc.grading.assignments.assignment import load_assignment
from archcalc.grading.codes import IMPRECISE, UNIT_MISSING, UNIT_WRONG
from archcalc.grading.judging import judge
from archcalc.grading.marking import Marker
from archcalc.grading.model import Graded, Mark, Question, Sheet, Student, Tolerance
from archcalc.results.asked import parse_asked
from archcalc.results.counts import Convention
from archcalc.words.errors import Place

Marked = Callable[..., dict[str, Mark]]


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Marked:
    """The marks of a sheet of answers, by question. An assignment that comes again has the same marker."""
    path = tmp_path_factory.mktemp("marked") / "homework.yaml"
    known: dict[str, Marker] = {}

    def mark(assignment: str, **answers: str) -> dict[str, Mark]:
        if assignment not in known:
            path.write_text(dedent(assignment), encoding="utf-8")
            known[assignment] = Marker(load_assignment(path))
        return {mark.question: mark for mark in known[assignment].mark(sheet(answers)).marks}

    return mark


def sheet(answers: Mapping[str, str]) -> Sheet:
    return Sheet(Student("s1"), dict(answers), "test")


def one(marked: Marked, question: str, answer: str, top: str = "numbers: en") -> Mark:
    return marked(f"{top}\nnetworks: alexnet\nquestions: [{{id: q, {question}}}]\n", q=answer)["q"]


# ---- one answer. AlexNet of the lectures: conv1 is 11×11 over 3 channels, 96 filters, 34,848 weights, 55×55;
# ---- 62,378,344 parameters, 249.513376 MB or 237.95… MiB of them, conv1 has 105,415,200 MACs.

ANSWERS = [
    # exact, unless something else is said
    ("ask: conv1.params", "34944", "right"),
    ("ask: conv1.params", "34,944", "right"),
    ("ask: conv1.params", "34944 parameters", "right"),
    ("ask: conv1.params", "34,943", "wrong"),
    ("ask: conv1.params", "", "blank"),
    ("ask: conv1.params", "   ", "blank"),
    ("ask: conv1.params", "no idea", "blank"),
    ("ask: conv1.params", "many of them", "unreadable"),
    ("ask: total.params", "62M", "wrong"),
    ("ask: total.params", "62.4M", "wrong"),
    # to some figures: rounded, truncated, more of them than were asked for, fewer that say the same
    ("ask: total.params, figures: 3", "62378344", "right"),
    ("ask: total.params, figures: 3", "62.4M", "rounded"),
    ("ask: total.params, figures: 3", "62.3M", "truncated"),
    ("ask: total.params, figures: 3", "62.378M", "rounded"),
    ("ask: total.params, figures: 3", "62.5M", "wrong"),
    ("ask: total.params, figures: 3", "62.2M", "wrong"),
    ("ask: total.params, figures: 3", "62M", "wrong"),
    # half a unit of the third figure: nearer than any number of three figures, however many are written
    ("ask: total.params, figures: 3", "62.35M", "rounded"),
    ("ask: total.params, figures: 3", "62,428,344", "rounded"),
    ("ask: total.params, figures: 3", "62,428,345", "wrong"),
    ("ask: total.params, figures: 3", "62,300,000", "truncated"),
    ("ask: total.params, figures: 3", "62.30M", "wrong"),  # four figures, and none of them cut to three
    ("ask: total.params, figures: 3", "62.328M", "wrong"),
    ("ask: total.params, figures: 2", "62M", "rounded"),
    ("ask: total.params, figures: 2", "6.2e7", "rounded"),
    ("ask: total.params, figures: 2", "63M", "wrong"),
    ("ask: conv1.output.height / 10, figures: 3", "5.5", "right"),
    ("ask: conv1.output.height / 3, figures: 3", "18.3", "rounded"),
    ("ask: conv1.output.height / 3, figures: 3", "55/3", "right"),
    ("ask: conv1.output.height / 3, figures: 3", "18 1/3", "right"),
    # within a tolerance, both ends included
    ("ask: conv1.params, tolerance: 10", "34934", "right"),
    ("ask: conv1.params, tolerance: 10", "34955", "wrong"),
    ("ask: conv1.params, tolerance: 1%", "35293", "right"),
    ("ask: conv1.params, tolerance: 1%", "35294", "wrong"),
    ("ask: conv1.params, tolerance: {relative: 1%, absolute: 400}", "35344", "right"),
    # units are converted
    ("ask: total.param_bytes, unit: MB", "249.513376 MB", "right"),
    ("ask: total.param_bytes, unit: MB", "249513376 B", "right"),
    ("ask: total.param_bytes, unit: MB", "1996107008 bits", "right"),
    ("ask: total.param_bytes, unit: MB", "250 MB", "rounded"),
    ("ask: total.param_bytes, unit: MB", "0.250 GB", "rounded"),
    ("ask: total.param_bytes, unit: MB", "238 MiB", "rounded"),
    ("ask: total.param_bytes, unit: MB", "237 MiB", "truncated"),
    ("ask: total.param_bytes, unit: MB", "238 MB", "wrong"),
    ("ask: total.param_bytes, unit: MB", "250 MiB", "wrong"),
    ("ask: total.param_bytes, unit: MB", "250", "rounded"),
    # the whole count, which can be no number of MB; one byte more is none
    ("ask: total.param_bytes, unit: MB", "249513376", "right"),
    ("ask: total.param_bytes, unit: MB, figures: 6", "249,513,375", "rounded"),
    ("ask: total.param_bytes, unit: MB, tolerance: exact", "249513377", "wrong"),
    ("ask: conv1.macs, unit: GMACs, figures: 3", "105,415,200", "right"),
    ("ask: conv1.macs, unit: GMACs, figures: 3", "1.05e8", "rounded"),
    ("ask: conv1.macs, unit: GMACs, figures: 3", "0.105", "rounded"),
    ("ask: conv1.macs, unit: GMACs, figures: 3", "210,830,400", "wrong"),  # FLOPs
    ("ask: conv1.macs, unit: kMACs", "105415.2", "right"),
    ("ask: conv1.output.height * 4, unit: kB", "220", "wrong"),  # 0.22 kB: 220 kB may have been meant
    ("ask: total.param_bytes, unit: MB", "250M", "rounded"),
    ("ask: conv1.macs", "105415200", "right"),
    ("ask: conv1.macs", "210830400 FLOPs", "right"),
    ("ask: conv1.macs", "210830400", "wrong"),
    ("ask: conv1.macs", "105415200 FLOPs", "wrong"),
    ("ask: conv1.flops, unit: MFLOPs, figures: 3", "105 MMACs", "rounded"),
    ("ask: conv1.macs", "105415200 B", "wrong"),
    ("ask: total.params, unit: M, figures: 3", "62.4", "rounded"),
    ("ask: total.params, unit: M, figures: 3", "62.4M", "rounded"),
    ("ask: total.params, unit: M, figures: 3", "62378344", "right"),
    ("ask: total.params, unit: M, figures: 3", "62.4k", "wrong"),
    # shares
    ("ask: conv1.output.height / 200, unit: '%', figures: 3", "27.5%", "right"),
    ("ask: conv1.output.height / 200, unit: '%', figures: 3", "27.5", "right"),
    ("ask: conv1.output.height / 200, unit: '%', figures: 3", "0.2750", "right"),
    ("ask: conv1.output.height / 200, figures: 3", "27.5%", "right"),
    ("ask: conv1.output.height / 200, figures: 3", "27.5", "wrong"),
    # 55/74 = 0.743243…: 0.74 and 74% say the same
    ("ask: conv1.output.height / 74, unit: '%', figures: 2", "74%", "rounded"),
    ("ask: conv1.output.height / 74, unit: '%', figures: 2", "0.74", "rounded"),
    ("ask: conv1.output.height / 11", "5×", "right"),
    # shapes
    ("ask: conv1.output", "55x55x96", "right"),
    ("ask: conv1.output", "96×55×55", "right"),
    ("ask: conv1.output", "(1, 96, 55, 55)", "right"),
    ("ask: conv1.output", "55x96x55", "wrong"),
    ("ask: conv1.output", "54x54x96", "wrong"),
    ("ask: conv1.output", "55x55", "wrong"),
    ("ask: conv1.output, axes: CHW", "55x55x96", "wrong"),
    ("ask: conv1.output, axes: CHW", "96x55x55", "right"),
    ("ask: conv1.output, axes: HWC", "96x55x55", "wrong"),
    ("ask: conv1.output, axes: HWC", "55x55x96", "right"),
    ("ask: conv1.output, axes: HWC", "96@55x55", "right"),
    ("ask: conv1.output, batch: 8", "8x96x55x55", "right"),
    ("ask: conv1.output, batch: 8", "4x96x55x55", "wrong"),
    ("ask: fc6.output", "4096", "right"),
    ("ask: fc6.output", "1x1x4096", "right"),
    ("ask: fc6.output", "1x4096", "right"),
    ("ask: fc6.output", "2x2048", "wrong"),
    ("ask: receptive_field(pool1)", "19x19", "right"),
    ("ask: receptive_field(pool1)", "19", "right"),
    ("ask: receptive_field(pool1)", "19x11", "wrong"),
    # choices, yes and no
    ("options: {a: conv1.params, b: conv2.params}, pick: largest", "b", "right"),
    ("options: {a: conv1.params, b: conv2.params}, pick: largest", "B", "right"),
    ("options: {a: conv1.params, b: conv2.params}, pick: largest", "a", "wrong"),
    ("options: {a: conv1.params, b: conv2.params}, pick: largest", "c", "unreadable"),
    ("ask: conv1.params < conv2.params", "yes", "right"),
    ("ask: conv1.params < conv2.params", "no", "wrong"),
    ("fits: alexnet", "yes", "right"),
]


@pytest.mark.parametrize(("question", "answer", "verdict"), ANSWERS)
def test_an_answer(question: str, answer: str, verdict: str, marked: Marked) -> None:
    mark = one(marked, question, answer)
    assert mark.verdict == verdict
    assert mark.points == (verdict in ("right", "rounded", "truncated"))


def test_a_wrong_verdict_would_be_noticed(marked: Marked) -> None:
    with pytest.raises(AssertionError):
        test_an_answer("ask: total.params, figures: 3", "62.5M", "rounded", marked)


def test_what_is_right_as_far_as_it_goes_is_said_to_be(marked: Marked) -> None:
    assert one(marked, "ask: total.params", "62.4M").mistakes == (IMPRECISE,)
    assert one(marked, "ask: total.params", "6e7").mistakes == ()  # one digit says nothing
    assert one(marked, "ask: total.params", "62.5M").mistakes == ()
    # 55/74 = 74.3…%: as a share or in percent
    share = "ask: conv1.output.height / 74, unit: '%', figures: 3"
    assert one(marked, share, "74%").mistakes == one(marked, share, "0.74").mistakes == (IMPRECISE,)
    assert one(marked, share, "0.75").mistakes == ()
    half = one(marked, "ask: total.params, points: 3, partial: {imprecise: 1/2}", "62.4M")
    assert (half.verdict, half.points) == ("partial", Fraction(3, 2))


@pytest.mark.parametrize(
    ("answer", "verdict", "points", "codes"),
    [
        ("250 MB", "rounded", 3, ()),
        ("238 MiB", "rounded", 3, ()),
        ("250", "rounded", 2, (UNIT_MISSING,)),
        ("250 MiB", "rounded", 2, (UNIT_WRONG,)),
        ("250 GB", "rounded", 2, (UNIT_WRONG,)),
        ("250 MMACs", "rounded", 2, (UNIT_WRONG,)),
        ("300 MB", "wrong", 0, ()),
        ("300", "wrong", 0, ()),
        ("249513376", "right", 2, (UNIT_MISSING,)),
        ("249513376 B", "right", 3, ()),
    ],
)
def test_a_unit_may_be_worth_points_of_its_own(
    answer: str, verdict: str, points: int, codes: tuple[str, ...], marked: Marked
) -> None:
    mark = one(marked, "ask: total.param_bytes, unit: MB, points: 3, unit_points: 1", answer)
    assert (mark.verdict, mark.mistakes) == (verdict, codes)
    assert mark.points == points


def test_the_locale_decides_what_a_separator_means(marked: Marked) -> None:
    question = "ask: conv1.params"
    assert one(marked, question, "34.944", "numbers: pt-BR").verdict == "right"
    assert one(marked, question, "34,944", "numbers: pt-BR").verdict == "ambiguous"
    assert one(marked, question, "34,944", "title: none").verdict == "ambiguous"
    assert one(marked, question, "34.944", "title: none").verdict == "ambiguous"
    assert one(marked, question, "34,944", "numbers: en").verdict == "right"
    assert one(marked, question, "34.944", "numbers: en\nlenient: true").verdict == "wrong"


def test_what_may_mean_two_things_is_flagged_only_if_that_matters(marked: Marked) -> None:
    flagged = one(marked, "ask: conv1.params", "34,944", "title: none")
    assert flagged.points == 0
    assert len(flagged.reading.ways) == 2
    # 5 and 5000 are both wrong, 3.145 and 3145 both within 10,000 of 1.
    assert one(marked, "ask: conv1.params", "5,000", "title: none").verdict == "wrong"
    assert one(marked, "ask: 1 + 0, tolerance: 10000", "3,145", "title: none").verdict == "right"


@pytest.mark.parametrize("numbers", ["en", "pt-BR"])
@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("35K (34,944)", "right"),
        ("34,944 = 35K", "right"),
        ("34 944 (35 mil)", "right"),
        ("35K (43,944)", "unreadable"),
        ("34,944 (~43k)", "unreadable"),
        ("35K (34,848)", "wrong"),
    ],
)
def test_a_number_stated_twice_is_never_wrong_without_a_word(
    answer: str, verdict: str, numbers: str, marked: Marked
) -> None:
    assert one(marked, "ask: conv1.params", answer, f"numbers: {numbers}").verdict == verdict


def test_what_is_right_in_short_alone_is_for_the_teacher(marked: Marked) -> None:
    """34,944 to two figures is 35K, from 34,500 on: 34,499 rounds to 34K."""
    question = "ask: conv1.params, figures: 2"
    assert one(marked, question, "35K").verdict == "rounded"
    assert one(marked, question, "34.4K (34,430)").verdict == "wrong"
    assert one(marked, question, "34K (34,430)").verdict == "ambiguous"  # 34K is 34,944 cut off
    assert one(marked, question, "34K (34,944)").verdict == "right"


def test_readings_that_differ_in_points_are_for_the_teacher(marked: Marked) -> None:
    """conv2 of AlexNet: 5·5·96·256 = 614,400 weights and 256 biases."""
    half = "ask: conv2.params, partial: {bias-forgotten: 1/2}"
    plain = "ask: conv2.params"
    assert one(marked, plain, "614656").verdict == "right"
    assert one(marked, half, "614.400", "numbers: pt-BR").points == Fraction(1, 2)
    flagged = one(marked, half, "614,400", "numbers: pt-BR")
    assert flagged.verdict == "ambiguous"
    assert flagged.points == 0
    assert one(marked, half, "614.400", "numbers: en").verdict == "ambiguous"
    assert one(marked, half, "614,400", "title: none").verdict == "ambiguous"
    # Without partial credit both are worth nothing, and nobody need look; 5,001 is explained by nothing.
    assert one(marked, plain, "614,400", "numbers: pt-BR").verdict == "wrong"
    assert one(marked, half, "5,001", "numbers: pt-BR").verdict == "wrong"
    assert one(marked, half, "614,400", "numbers: pt-BR\nlenient: true").verdict == "wrong"


# ---- following through

CHAIN = """
networks: {a: alexnet, v: vgg16}
numbers: en
questions:
  - {id: shape, ask: a:conv1.output}
  - {id: macs, ask: a:conv1.macs, follows: shape}
  - {id: pool, ask: a:pool1.output.height, follows: shape}
  - {id: params, ask: a:conv1.params, points: 2}
  - {id: total, ask: a:total.params, follows: params}
  - {id: bytes, ask: "$params * 4", unit: B, points: 5}
  - {id: ratio, ask: "v:total.params / a:total.params", follows: total}
  - {id: alone, ask: "$params * 8", follows: []}
"""


def test_right_answers_follow_nothing(marked: Marked) -> None:
    marks = marked(
        CHAIN,
        shape="55x55x96",
        macs=str(11 * 11 * 3 * 96 * 55 * 55),
        pool="27",
        params="34944",
        total="62378344",
        bytes="139776",
        ratio="2.22",
        alone="279552",
    )
    assert {mark.verdict for mark in marks.values()} == {"right", "rounded"}


def test_what_is_right_for_an_own_earlier_answer_has_all_its_points(marked: Marked) -> None:
    """54 for 55 (the + 1 forgotten): 54·54 positions, and a pool of 3 with stride 2 to (54 − 3)//2 + 1 = 26."""
    for shape in ("54x54x96", "96x54x54", "96@54x54"):
        marks = marked(
            CHAIN,
            shape=shape,
            macs=str(11 * 11 * 3 * 96 * 54 * 54),
            pool="26",
            params="34848",  # biases forgotten
            total=str(62_378_344 - 96),
            bytes=str(34_848 * 4),
            ratio="2.218039520",
            alone=str(34_848 * 8),
        )
        verdicts = {name: mark.verdict for name, mark in marks.items()}
        assert verdicts == {
            "shape": "wrong",
            "macs": "followed",
            "pool": "followed",
            "params": "wrong",
            "total": "followed",
            "bytes": "followed",
            "ratio": "rounded",
            "alone": "wrong",
        }
        assert marks["bytes"].points == 5
        assert marks["macs"].points == 1


def test_what_does_not_follow_is_wrong(marked: Marked) -> None:
    marks = marked(CHAIN, shape="54x54x96", macs=str(11 * 11 * 3 * 96 * 53 * 53), params="1", bytes="5")
    assert {marks[name].verdict for name in ("shape", "macs", "params", "bytes")} == {"wrong"}
    # The right answer needs no earlier one.
    assert marked(CHAIN, params="1", bytes="139776")["bytes"].verdict == "right"
    # Nothing follows from no answer, from one that was not read, and from one that may mean two things.
    for before in ("", "many", "3,14,4"):
        assert marked(CHAIN, params=before, bytes="16")["bytes"].verdict == "wrong"


def two(earlier: str, later: str) -> str:
    """Two questions of AlexNet, the second one following from the first."""
    return f"{{networks: alexnet, questions: [{{id: a, {earlier}}}, {{id: b, {later}, follows: a}}]}}"


@pytest.mark.parametrize(
    ("earlier", "later", "same"),
    [
        ("ask: conv1.macs", "ask: conv1.macs, batch: 2", False),
        ("ask: conv1.activations", "ask: conv1.activations, batch: 2", False),
        ("ask: total.memory", "ask: total.memory, dtype: float16", False),
        ("ask: total.param_bytes, bias: false", "ask: total.param_bytes", False),
        ("ask: conv1.params", "ask: conv1.params, bias: false", False),
        ("ask: conv1.params, bias: false", "ask: conv1.params", False),
        ("ask: conv1.params, bias: false", "ask: conv1.weights", True),
        ("ask: conv1.params, batch: 2", "ask: conv1.params", True),
        ("ask: total.macs(batch=2)", "ask: total.macs(batch=2), batch: 4", True),
        ("ask: pool1.output.height, dtype: float16", "ask: pool1.output.height", True),
    ],
)
def test_only_the_same_number_follows_by_another_convention(
    marked: Marked, earlier: str, later: str, same: bool
) -> None:
    """Whoever writes one number twice is right in the second only where both questions ask for the same."""
    marks = marked(two(earlier, later), a="1003", b="1003")
    assert marks["a"].verdict == "wrong"
    assert marks["b"].verdict == ("followed" if same else "wrong")


def test_what_follows_from_weights_counts_the_biases_again(marked: Marked) -> None:
    marks = marked(two("ask: conv1.params, bias: false", "ask: conv1.params"), a="1000", b="1096")
    assert (marks["a"].verdict, marks["b"].verdict) == ("wrong", "followed")


def test_flops_that_are_of_no_whole_number_of_macs_lead_to_nothing(marked: Marked) -> None:
    rest = 1_135_256_096 - 105_415_200  # the MACs of AlexNet without those of conv1
    follows = two("ask: conv1.flops", "ask: total.macs")
    assert marked(follows, a="1000", b=str(rest + 500))["b"].verdict == "followed"
    assert marked(follows, a="1001", b=str(rest + 500))["b"].verdict == "wrong"


def test_whoever_goes_on_from_macs_still_adds(tmp_path: Path) -> None:
    """Biases are added once for each number put out, whatever the MACs: 6·5·5 = 150 in c, 6·3·3 = 54 in d."""
    (tmp_path / "two.yaml").write_text(
        "{name: two, input: [3, 7, 7], layers: [{conv: 6, kernel: 3, name: c}, {conv: 6, kernel: 3, name: d}]}"
    )
    questions = (
        "networks: {two: two.yaml}\nquestions: [{id: q1, ask: %s}, {id: q2, ask: total.additions, follows: [q1]},"
        " {id: q3, ask: c.additions, follows: [q1]}, {id: q4, ask: total.macs, follows: [q1]}]"
    )
    # c has 3·3·3·150 = 4,050 MACs and d 3·3·6·54 = 2,916; 1,000 MACs in c make 3,916.
    for asked, answer in (("c.macs", "1000"), ("c.flops", "2000")):
        (tmp_path / "homework.yaml").write_text(questions % asked)
        marker = Marker(load_assignment(tmp_path / "homework.yaml"))
        for second, third, verdict in (("54", "0", "wrong"), ("204", "150", "right")):
            marks = marker.mark(sheet({"q1": answer, "q2": second, "q3": third, "q4": "3916"})).marks
            assert [mark.verdict for mark in marks] == ["wrong", verdict, verdict, "followed"]


def test_what_follows_from_a_rounded_answer_is_right_as_rounded(marked: Marked) -> None:
    assignment = """
    networks: alexnet
    questions:
      - {id: a, ask: total.params, figures: 2}
      - {id: b, ask: "$a * 4", unit: B, figures: 3}
    """
    # 62M·4 = 248M, to three figures not 249.5 M.
    marks = marked(assignment, a="62M", b="248000000 B")
    assert (marks["a"].verdict, marks["b"].verdict) == ("rounded", "rounded")
    assert marked(assignment, a="61M", b="244000000 B")["b"].verdict == "followed"


@pytest.mark.parametrize(
    "answer",
    [
        "0x0x0",
        "1x1x1",
        "96x0x0",
        "-1",
        "999999999999x999999999999x96",
        "55.5x55.5x96",
        "1e30",
        "1/3x2x2",
        "9" * 40,
    ],
)
def test_nothing_impossible_stops_the_rest(answer: str, marked: Marked) -> None:
    marks = marked(
        CHAIN, shape=answer, params=answer, macs="1", pool="1", total="1", bytes="1", ratio="1", alone="1"
    )
    assert {mark.points for mark in marks.values()} == {0}


# ---- partial credit


def test_a_known_mistake_may_be_worth_a_part(marked: Marked) -> None:
    """34,848 is 34,944 without its 96 biases."""
    for partial, points in (
        ("{bias-forgotten: 1/2}", 3),
        ("{rule: 1/3}", 2),
        ("{rule: 1/3, bias-forgotten: 50%}", 3),
        ("{bias-forgotten: 0, rule: 1}", 0),
        ("{unit: 1}", 0),
    ):
        mark = one(marked, f"ask: conv1.params, points: 6, partial: {partial}", "34848")
        assert mark.verdict == ("partial" if points else "wrong")
        assert mark.points == points
        assert [m.code for cause in mark.diagnosis.causes for m in cause.mistakes] == ["bias-forgotten"]
    unknown = one(marked, "ask: conv1.params, points: 6, partial: {rule: 1, asked: 1, unit: 1}", "7")
    assert unknown.verdict == "wrong"
    assert unknown.points == 0


def test_of_one_mistake_or_another_the_one_that_is_worth_more_counts(marked: Marked) -> None:
    """13 with a padding of 1: (13 + 1 − 3) + 1 with P for 2·P, and (13 + 2 − 3) without the + 1, are both 12."""
    for partial in ("{one-forgotten: 1/2, padding-once: 1/4}", "{one-forgotten: 1/4, padding-once: 1/2}"):
        mark = one(marked, f"ask: conv3.output.height, points: 4, partial: {partial}", "12")
        codes = {made.code for cause in mark.diagnosis.causes for made in cause.mistakes}
        assert codes == {"one-forgotten", "padding-once"}
        assert mark.points == 2


def test_a_size_of_one_more_is_another_shape(marked: Marked) -> None:
    for answer in ("96x1x55x55", "96x55x55x1", "1x1x96x55x55"):
        assert one(marked, "ask: conv1.output", answer).verdict == "wrong"


@pytest.mark.parametrize(
    ("partial", "points"),
    [
        ("{rule: 1/2}", 3),
        ("{rule: 1/2, padding-forgotten: 1/3}", 2),
        ("{padding-forgotten: 1, padding-once: 1}", 0),  # it may have been the + 1
        ("{asked: 1, unit: 1}", 0),
    ],
)
def test_of_causes_too_many_to_be_told_the_one_worth_least_counts(
    partial: str, points: int, marked: Marked
) -> None:
    """VGG-16, conv1_2: 222 for 224 by no padding there, or by P for 2·P or without the + 1 in both layers."""
    question = f"ask: conv1_2.output.height, points: 6, partial: {partial}"
    mark = marked(f"networks: vgg16\nquestions: [{{id: q, {question}}}]\n", q="222")["q"]
    assert mark.points == points
    assert not mark.diagnosis.causes
    # 300 has no cause at all.
    assert marked(f"networks: vgg16\nquestions: [{{id: q, {question}}}]\n", q="300")["q"].points == 0


ON_TOP = """
networks: {m: {input: [3, 32, 32], layers: [
  {conv: 8, kernel: 3, padding: 1, name: c1}, {conv: 8, kernel: 3, padding: 1, name: c2}]}}
questions:
  - {id: a, ask: c1.output}
  - {id: b, ask: c2.macs, follows: [a], points: 8,
     partial: {rule: 1/2, asked: 1/4, flops-for-macs: 3/4, bias-in-macs: 5/8}}
  - {id: c, ask: c1.params, partial: {bias-forgotten: 1/2}}
  - {id: d, ask: $c * 4, unit: B, points: 8, partial: {rule: 1/2, asked: 1/4}}
"""


@pytest.mark.parametrize(
    ("answers", "question", "points", "codes"),
    [
        # c2 reads 8×30×30 then: 3·3·8·8·30·30 = 518,400 MACs, 1,036,800 FLOPs, 7,200 biases to add
        ({"a": "8x30x30", "b": "518400"}, "b", 8, []),
        ({"a": "8x30x30", "b": "1036800"}, "b", 6, ["flops-for-macs"]),
        ({"a": "8x30x30", "b": "525600"}, "b", 5, ["bias-in-macs"]),
        ({"a": "8x30x30", "b": "64800"}, "b", 4, ["input-channels-ignored"]),  # 3·3·8·900
        ({"a": "30x30x8", "b": "1036800"}, "b", 6, ["flops-for-macs"]),
        # 3·3·8·8·16·16 = 147,456
        ({"a": "8x16x16", "b": "294912"}, "b", 6, ["flops-for-macs"]),
        # of the network as it is: 589,824 MACs
        ({"a": "8x30x30", "b": "1179648"}, "b", 6, ["flops-for-macs"]),
        # nothing leads there, whatever went before
        ({"a": "8x30x30", "b": "518401"}, "b", 0, []),
        # 216 for 224 is paid for in c; forgetting the 4 bytes is all that is new
        ({"c": "216", "d": "864"}, "d", 8, []),
        ({"c": "216", "d": "216"}, "d", 2, ["factor-left-out", "element-bytes-forgotten"]),
    ],
)
def test_a_mistake_on_top_of_another_costs_what_it_costs_alone(
    answers: dict[str, str], question: str, points: int, codes: list[str], marked: Marked
) -> None:
    mark = marked(ON_TOP, **answers)[question]
    assert mark.points == points
    assert [m.code for cause in mark.diagnosis.causes for m in cause.mistakes] == codes


# ---- sheets


def test_points_add_up_exactly(tmp_path: Path) -> None:
    path = tmp_path / "homework.yaml"
    questions = "\n".join(f"  - {{id: q{n}, ask: conv1.params, points: 0.1}}" for n in range(30))
    path.write_text(f"networks: alexnet\nquestions:\n{questions}\n", encoding="utf-8")
    assignment = load_assignment(path)
    graded = Marker(assignment).mark(sheet({f"q{n}": "34944" for n in range(30)}))
    assert graded.points == assignment.points == 3
    assert [mark.question for mark in graded.marks] == [question.id for question in assignment.questions]


def test_marks_do_not_depend_on_the_sheets_before(tmp_path: Path) -> None:
    path = tmp_path / "homework.yaml"
    path.write_text(CHAIN, encoding="utf-8")
    assignment = load_assignment(path)
    sheets = [
        sheet({"params": params, "bytes": str(own * 4), "total": total})
        for params, own in (("34848", 34_848), ("34944", 34_944), ("1", 1), ("34848", 34_848))
        for total in ("62378344", str(62_378_344 - 96))
    ]
    together = Marker(assignment)
    apart = [Marker(assignment).mark(each) for each in sheets]
    assert [together.mark(each) for each in sheets] == apart
    assert [together.mark(each) for each in reversed(sheets)] == apart[::-1]


@pytest.fixture(scope="module")
def marker(tmp_path_factory: pytest.TempPathFactory) -> Marker:
    path = tmp_path_factory.mktemp("marking") / "homework.yaml"
    path.write_text(CHAIN, encoding="utf-8")
    return Marker(load_assignment(path))


WRITTEN = st.text(alphabet="0123456789.,x×()/%kMGiB eE+-= ^10MACFLOPs", max_size=14) | st.text(max_size=20)


@settings(max_examples=300, deadline=None)
@given(
    answers=st.dictionaries(
        st.sampled_from(["shape", "macs", "pool", "params", "total", "bytes", "ratio", "alone"]), WRITTEN
    )
)
def test_no_answer_raises_and_no_mark_is_out_of_range(answers: dict[str, str], marker: Marker) -> None:
    graded: Graded = marker.mark(sheet(answers))
    for question, mark in zip(marker.assignment.questions, graded.marks, strict=True):
        assert 0 <= mark.points <= question.points
        assert mark.verdict == "blank" or answers.get(question.id, "").strip()
        assert (mark.verdict == "unreadable") == bool(mark.reading.problem and not mark.reading.ways)


# ---- figures, against the decimal module


def number_question(key: Fraction, figures: int | None, unit: str | None = None) -> Question:
    return Question(
        id="q",
        text="",
        form="number",
        asked=parse_asked("1"),
        key=key,
        points=Fraction(1),
        convention=Convention(),
        unit=unit,
        unit_points=Fraction(0),
        tolerance=Tolerance(figures=figures),
        options=(),
        partial=(),
        follows=(),
        place=Place("x", 1, 1),
    )


def quantity(value: decimal.Decimal) -> WrittenNumber:
    return parse_written(f"{value:f}")


def to_figures(value: decimal.Decimal, figures: int, rounding: str) -> decimal.Decimal:
    return decimal.Context(prec=figures, rounding=rounding).create_decimal(value)


@settings(max_examples=500, deadline=None)
@given(
    digits=st.integers(1, 10**15),
    exponent=st.integers(-12, 6),
    figures=st.integers(1, 10),
)
def test_rounding_and_cutting_to_figures_are_right_and_one_further_is_not(
    digits: int, exponent: int, figures: int
) -> None:
    with decimal.localcontext(prec=60):
        key = decimal.Decimal(digits).scaleb(exponent)
        question = number_question(Fraction(key), figures)
        place = decimal.Decimal(1).scaleb(key.adjusted() - figures + 1)
        rounded = to_figures(key, figures, decimal.ROUND_HALF_UP)
        cut = to_figures(key, figures, decimal.ROUND_DOWN)
        assert judge(question, question.key, quantity(rounded)).judged in ("right", "rounded")
        assert judge(question, question.key, quantity(cut)).judged != "wrong"
        for away in (max(rounded, key) + place, cut - place):
            if away > 0:
                assert judge(question, question.key, quantity(away)).judged == "wrong"


@settings(max_examples=200, deadline=None)
@given(key=st.integers(1, 10**18), off=st.integers(-(10**18), 10**18))
def test_without_a_tolerance_only_the_key_is_right(key: int, off: int) -> None:
    question = number_question(Fraction(key), None)
    answer = key + off
    if answer > 0:
        judged = judge(question, question.key, quantity(decimal.Decimal(answer))).judged
        assert (judged == "right") == (off == 0)


@settings(max_examples=200, deadline=None)
@given(
    mib=st.integers(1, 10**6),
    unit=st.sampled_from(["B", "kB", "MB", "GB", "KiB", "MiB", "GiB"]),
    asked=st.sampled_from(["B", "kB", "MB", "GB", "KiB", "MiB", "GiB"]),
)
def test_bytes_are_right_in_every_unit(mib: int, unit: str, asked: str) -> None:
    """So many bytes, written out in one unit with all digits, are right where another one is asked for."""
    value = mib * 2**30 * 5**9
    sizes = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
    with decimal.localcontext(prec=60):
        number = decimal.Decimal(value) / sizes[unit]
        question = number_question(Fraction(value), None, asked)
        assert judge(question, value, parse_written(f"{number:f} {unit}")).judged == "right"
        assert judge(question, value, parse_written(f"{number + 1:f} {unit}")).judged == "wrong"
