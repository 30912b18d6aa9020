"""A class of students with known mistakes: what the program finds, against what was put in."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from itertools import permutations
from pathlib import Path

import pytest
import simulated_class as simulated

from archcalc.grading.assignments.assignment import load_assignment
from archcalc.grading.judging import judge
from archcalc.grading.marking import Marker
from archcalc.grading.model import Assignment, Cause, Sheet, Student

STUDENTS = 1000
SEED = 20260


@pytest.fixture(scope="module")
def assignment(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    path = tmp_path_factory.mktemp("class") / "class.yaml"
    path.write_text(simulated.assignment(asked()), encoding="utf-8")
    return load_assignment(path)


@cache
def asked() -> list[simulated.Ask]:
    return simulated.questions()


def test_the_class_knows_nothing_of_how_its_mistakes_are_found() -> None:
    tree = ast.parse(Path(simulated.__file__).read_text(encoding="utf-8"))
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [node.module]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }
    assert not any(str(name).startswith("archcalc") for name in imported)


def test_its_own_arithmetic_gives_every_key(assignment: Assignment) -> None:
    for question, ask in zip(assignment.questions, asked(), strict=True):
        assert question.key == simulated.value(ask, simulated.work(ask.net, {})), ask.text


def test_at_least_twelve_kinds_of_mistakes_over_several_networks() -> None:
    made = [(ask.net.name, slip.word) for ask in asked() for slip in simulated.slips(ask)]
    assert len({word for _, word in made}) >= 12
    assert len({net for net, _ in made}) >= 5


def found(cause: Cause, slips: tuple[simulated.Slip, ...]) -> bool:
    """Whether a cause is what was done: the same mistakes, in any order."""
    codes = [mistake.code for mistake in cause.mistakes]
    return len(codes) == len(slips) and any(
        all(code in slip.codes for code, slip in zip(order, slips, strict=True))
        for order in permutations(codes)
    )


def diagnosed(assignment: Assignment, count: int, *, double: bool = False) -> Counter[str]:
    """How often the true cause is among those offered, is not known, or is another."""
    questions = {question.id: question for question in assignment.questions}
    marker, results = Marker(assignment), Counter[str]()
    for student in simulated.students(asked(), count, SEED, double=double):
        answers = {name: answer.text for name, answer in student.answers.items()}
        graded = marker.mark(Sheet(Student(student.id), answers, "class"))
        for mark in graded.marks:
            if mark.question not in answers:
                continue
            slips = student.answers[mark.question].slips
            question = questions[mark.question]
            if not slips:
                assert mark.points == question.points, (question.asked, mark.reading)
                results["right"] += 1
                continue
            way = mark.reading.ways[0]
            if judge(question, question.key, way).judged != "wrong":
                results["within tolerance"] += 1  # three figures do for what is no whole number of its unit
                continue
            assert mark.points < question.points, (question.asked, mark.reading)
            causes = mark.diagnosis.causes
            assert len(causes) <= 2
            if any(found(cause, slips) for cause in causes):
                results["found"] += 1
            else:
                results["another" if causes else "not known"] += 1
    return results


def test_of_single_mistakes_the_cause_is_found_and_seldom_another(assignment: Assignment) -> None:
    results = diagnosed(assignment, STUDENTS)
    made = results["found"] + results["another"] + results["not known"]
    assert made > 5_000
    assert results["found"] / made >= 0.95, results
    assert results["another"] / made < 0.01, results


def test_of_double_mistakes_many_are_found(assignment: Assignment) -> None:
    """Two mistakes in small networks often lead to the number of one, which is then what is stated."""
    results = diagnosed(assignment, 200, double=True)
    made = results["found"] + results["another"] + results["not known"]
    assert results["found"] / made >= 0.35, results
    assert results["another"] / made <= 0.15, results


def test_a_wrong_key_would_be_noticed(assignment: Assignment) -> None:
    """The oracle can fail: without the padding c2 of the first network puts out 23×23, not 27×27."""
    (net, *_) = simulated.NETS
    ask = simulated.Ask(net, "c2", "output")
    question = next(q for q in assignment.questions if q.asked is not None and q.asked.text == ask.text)
    assert question.key == (256, 27, 27)
    assert simulated.value(ask, simulated.work(net, {"c2": frozenset(["no padding"])})) == (256, 23, 23)
