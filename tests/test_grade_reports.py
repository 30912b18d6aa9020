"""What a teacher and a student read of a class: sentences that are whole, and that name what they are about."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from archcalc.grading.assignment import load_assignment
from archcalc.grading.marking import Marker
from archcalc.grading.model import Assignment, Cause, Mistake, Sheet, Student
from archcalc.grading.statistics import Statistics
from archcalc.language import in_language
from archcalc.render import mistakes
from archcalc.render.reasons import reason, told
from archcalc.render.workings import Workings

HOMEWORK = """\
networks: {v: vgg16, a: alexnet}
questions:
  - {id: 1, ask: v:conv1_1.params}
  - {id: 2, ask: a:conv1.params}
  - {id: 3, ask: v:fc8.params}
  - {id: 4, ask: v:conv3_1.params}
  - {id: 5, pick: largest, options: {a: v:total.macs / a:total.macs, b: v:total.macs / a:total.params}}
  - {id: 6, ask: $4 * 4, unit: MB, figures: 3}
"""


@pytest.fixture
def homework(tmp_path: Path) -> Assignment:
    path = tmp_path / "homework.yaml"
    path.write_text(HOMEWORK, encoding="utf-8")
    return load_assignment(str(path))


def test_a_reason_is_a_whole_sentence(homework: Assignment) -> None:
    # 3·3 · 128 · 256 weights and a bias for each of the 128 · 256 kernels: 10 · 128 · 256 = 327,680.
    graded = Marker(homework).mark(Sheet(Student("s"), {"4": "327680"}, "here"))
    said = reason(homework.questions[3], graded.marks[3])
    assert said == (
        "One bias was counted for each input channel of each filter, not one for each filter in conv3_1."
    )
    with in_language("pt-BR"):
        assert reason(homework.questions[3], graded.marks[3]).endswith("não um para cada filtro em conv3_1.")


def test_the_report_names_every_layer_of_a_mistake(homework: Assignment) -> None:
    statistics, marker = Statistics(homework), Marker(homework)
    # Without biases: 3·3·3·64, 11·11·3·96, 4096·1000.
    answers = {"1": "1728", "2": "34848", "3": "4096000"}
    for student in ("a", "b"):
        statistics.add(marker.mark(Sheet(Student(student), answers, student)))
    report = statistics.report()
    assert [told(found) for found in report.misconceptions] == [
        "The biases were left out in conv1_1, conv1 or fc8."
    ]
    assert told(report.items[1].misconceptions[0]) == "The biases were left out in conv1."


def made(code: str, scope: str = "", **facts: str) -> tuple[Cause, ...]:
    sort = "unit" if code.startswith("factor") else "asked" if facts else "rule"
    return (Cause((Mistake(code, sort, scope, tuple(facts.items())),), Fraction(1)),)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("variants", "says"),
    [
        ([made("bias-forgotten", "a"), made("bias-forgotten", "a")], "The biases were left out in a."),
        (
            [made("bias-forgotten", name) for name in "abcdefg"],
            "The biases were left out in a, b, c or 4 more.",
        ),
        (
            [made("factor-1000", factor="1000"), made("factor-1000", factor="1/1000")],
            "The unit is off by a factor of 1,000 or 1/1,000.",
        ),
        (
            [made("other-layer", layer="pool3"), made("other-layer", layer="conv4_1")],
            "The answer is that of another layer, pool3 or conv4_1.",
        ),
        (
            [made("opposite-end", wanted="largest")],
            "The smallest was picked, not the largest.",
        ),
        (
            [made("opposite-end", wanted="smallest")],
            "The largest was picked, not the smallest.",
        ),
    ],
)
def test_a_sentence_for_several(variants: list[tuple[Cause, ...]], says: str) -> None:
    assert mistakes.together(variants) == says


def test_a_name_of_any_length_is_cut_and_the_sentence_is_not() -> None:
    said = mistakes.sentence(Mistake("other-layer", "asked", "", (("layer", "x" * 500),)))
    assert said.startswith("The answer is that of another layer, xxx")
    assert said.endswith("x….")


def test_the_working_of_a_choice_has_no_raw_fractions(homework: Assignment) -> None:
    # VGG-16 has 15,470,264,320 MACs, AlexNet 1,135,256,096 of them and 62,378,344 parameters.
    lines = Workings(homework).lines(homework.questions[4])
    assert lines[0].startswith("a: ≈ 13.63 ")
    assert lines[1].startswith("b: ≈ 248.0 ")


def test_the_working_says_what_its_letters_mean(homework: Assignment) -> None:
    assert Workings(homework).lines(homework.questions[0])[-1] == (
        "C: input channels · K: filters (output channels) · F: kernel size"
    )
    # Nor a letter where there is none.
    assert Workings(homework).lines(homework.questions[5]) == (
        "answer 4 · 4 = 295,168 · 4 = 1,180,672 ≈ 1.181 MB",
    )
