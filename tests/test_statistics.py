"""The class in numbers: by hand, against Python's own statistics, in small classes and in very large ones."""

from __future__ import annotations

import random
import statistics as oracle
import tracemalloc
from fractions import Fraction
from typing import Any

import builders
import pytest
from builders import graded, question, reported
from hypothesis import given
from hypothesis import strategies as st

from archcalc.grading.figures import root
from archcalc.grading.model import (
    NOT_KNOWN,
    Assignment,
    Cause,
    Diagnosis,
    Graded,
    Mark,
    Mistake,
    Verdict,
)
from archcalc.grading.statistics import VERDICTS, Statistics


def assignment(*points: Fraction | int) -> Assignment:
    return builders.assignment(question(f"q{i}", p) for i, p in enumerate(points, 1))


def mark(i: int, points: Fraction | int, verdict: Verdict | None = None, **more: Any) -> Mark:
    chosen: Verdict = verdict or ("right" if points else "wrong")
    return builders.mark(f"q{i}", more.pop("text", "1"), chosen, points, **more)


def scored(*points: Fraction | int) -> Graded:
    return graded(*(mark(i, p) for i, p in enumerate(points, 1)))


def test_a_class_of_five_by_hand() -> None:
    # Scores 0, 1, 1, 2, 4 of 4: mean 8/5, median 1, quartiles at places 1 and 3: 1 and 2.
    # Squares of the distances: 2.56 + 0.36 + 0.36 + 0.16 + 5.76 = 9.2; /5 = 1.84.
    of = assignment(1, 1, 2)
    found = reported(
        of, [scored(0, 0, 0), scored(1, 0, 0), scored(1, 0, 0), scored(1, 1, 0), scored(1, 1, 2)]
    )
    assert (found.sheets, found.unread, found.points) == (5, 0, Fraction(4))
    assert found.scores == ((Fraction(0), 1), (Fraction(1), 2), (Fraction(2), 1), (Fraction(4), 1))
    assert found.mean == Fraction(8, 5)
    assert found.quartiles == (Fraction(1), Fraction(1), Fraction(2))
    assert found.median == 1
    assert found.deviation is not None
    assert abs(found.deviation**2 - Fraction(184, 100)) < Fraction(1, 10**11)
    # 0 of 4 in the first tenth, 1/4 in the third, 2/4 in the sixth (50% begins it), 4/4 in the last.
    assert found.histogram == (1, 0, 2, 0, 0, 1, 0, 0, 0, 1)
    first, second, third = found.items
    assert (first.difficulty, second.difficulty, third.difficulty) == (
        Fraction(4, 5),
        Fraction(2, 5),
        Fraction(1, 5),
    )
    assert (first.mean, third.mean) == (Fraction(4, 5), Fraction(2, 5))
    assert (first.got, second.got, third.got) == (4, 2, 1)
    assert first.verdicts["right"] == 4
    assert list(first.verdicts) == list(VERDICTS)


def test_discrimination_by_hand() -> None:
    # The question: 0 1 1 1; the rest: 0 0 1 3 (mean 1). Σxr = 4, Σx = 3, Σr = 4, Σx² = 3, Σr² = 10, n = 4:
    # (4·4 − 3·4) / √((4·3 − 9)·(4·10 − 16)) = 4/√72 = 0.4714045…
    found = reported(assignment(1, 3), [scored(0, 0), scored(1, 0), scored(1, 1), scored(1, 3)])
    value = found.items[0].discrimination
    assert value is not None
    assert abs(value - Fraction(4714045208, 10**10)) < Fraction(1, 10**9)
    # Of 4 sheets 27% is 1: the best has 1 there, the worst 0. Of the other, 3/3 less 0/3.
    assert [item.spread for item in found.items] == [1, 1]


def test_ties_at_the_end_of_an_outer_group_count_in_part() -> None:
    # 27% of 6 sheets is 1.62, so 2. Scores 0 1 1 1 2 2. Below: the 0, and one of three with 1, of whom one got
    # q1: (0 + 1/3)/2. Above: both with 2, who got q1: 1. The difference is 5/6.
    sheets = [scored(*row) for row in ((0, 0), (1, 0), (0, 1), (0, 1), (1, 1), (1, 1))]
    assert reported(assignment(1, 1), sheets).items[0].spread == Fraction(5, 6)


def test_a_question_against_the_class_has_negative_discrimination() -> None:
    found = reported(assignment(1, 2), [scored(1, 0), scored(1, 1), scored(0, 2)])
    value = found.items[0].discrimination
    assert value is not None
    assert value < 0


def test_perfect_discrimination_is_exactly_one() -> None:
    # The rest is twice the question, without a rounded square root in between.
    assert reported(assignment(1, 2), [scored(0, 0), scored(1, 2), scored(0, 0)]).items[0].discrimination == 1


@pytest.mark.parametrize("sheets", [[], [(1, 1)], [(1, 1), (0, 0)], [(1, 0)] * 5], ids=len)
def test_what_is_undefined_is_none(sheets: list[tuple[int, int]]) -> None:
    found = reported(assignment(1, 1), [scored(*row) for row in sheets])
    assert [item.discrimination for item in found.items] == [None, None]
    assert [item.spread for item in found.items] == [None, None]
    assert (found.mean is None) == (found.quartiles is None) == (found.deviation is None) == (not sheets)
    assert [item.difficulty is None for item in found.items] == [not sheets] * 2
    assert found.sheets == len(sheets) == sum(found.histogram)


def test_a_question_that_all_answer_alike_has_no_discrimination_and_the_others_have() -> None:
    found = reported(assignment(1, 1, 1), [scored(1, 0, 0), scored(1, 1, 0), scored(1, 1, 1)])
    assert [item.discrimination is None for item in found.items] == [True, False, False]


def test_questions_without_points() -> None:
    found = reported(assignment(0), [scored(0)] * 4)
    assert found.items[0].difficulty is None
    assert found.items[0].discrimination is None
    assert found.histogram == (0,) * 10
    assert found.mean == 0


def test_an_assignment_without_questions() -> None:
    assert reported(assignment(), []).items == ()


def test_thirds_are_exact() -> None:
    found = reported(
        assignment(1, 1),
        [scored(Fraction(1, 3), Fraction(1, 7)), scored(Fraction(2, 3), 0), scored(1, Fraction(1, 2))],
    )
    assert found.mean == (Fraction(1, 3) + Fraction(1, 7) + Fraction(2, 3) + 1 + Fraction(1, 2)) / 3
    assert found.scores == ((Fraction(10, 21), 1), (Fraction(2, 3), 1), (Fraction(3, 2), 1))
    assert found.items[1].difficulty == Fraction(9, 42)


def test_unreadable_sheets_and_open_answers_are_counted_apart() -> None:
    found = reported(
        assignment(1, 1), [graded(), graded(mark(1, 0, "ambiguous"), mark(2, 1)), graded(), scored(1, 1)]
    )
    assert (found.sheets, found.unread, found.open) == (2, 2, 1)
    assert found.items[0].verdicts["ambiguous"] == 1


def test_questions_that_nobody_got() -> None:
    sheets = [
        graded(mark(1, 0), mark(2, 1, "followed"), mark(3, Fraction(1, 2), "partial"), mark(4, 1, "rounded")),
        graded(mark(1, 0, "blank"), mark(2, 0), mark(3, 0), mark(4, 1, "truncated")),
    ]
    assert reported(assignment(1, 1, 1, 1), sheets).nobody == ("q1", "q3")
    assert reported(assignment(1), []).nobody == ()


# --- misconceptions ----------------------------------------------------------------------------------------


def cause(*codes: str, scope: str = "conv1") -> Cause:
    return Cause(tuple(Mistake(code, "rule", scope) for code in codes), 7)


def wrong(i: int, *causes: Cause, text: str = "1") -> Mark:
    return mark(i, 0, diagnosis=Diagnosis(causes), text=text)


BIAS, STRIDE, PLUS = cause("bias-forgotten"), cause("stride-ignored"), cause("one-not-added")


def test_misconceptions_by_frequency_either_or_apart() -> None:
    sheets = [
        graded(wrong(1, BIAS, text="12"), wrong(2, STRIDE, PLUS)),
        graded(wrong(1, BIAS, text="12"), wrong(2, PLUS, STRIDE)),
        graded(wrong(1, BIAS, text="0012"), wrong(2, BIAS)),
        graded(wrong(1, STRIDE), mark(2, 0, diagnosis=NOT_KNOWN)),
        graded(wrong(1, cause("bias-forgotten", "stride-ignored")), mark(2, 0, "blank")),
    ]
    found = reported(assignment(1, 1), sheets)
    overall = {one.codes: one for one in found.misconceptions}
    assert [(one.codes, one.times, one.certain) for one in found.misconceptions] == [
        ((("bias-forgotten",),), 4, True),
        ((("one-not-added",), ("stride-ignored",)), 2, False),
        ((("bias-forgotten", "stride-ignored"),), 1, True),
        ((("stride-ignored",),), 1, True),
    ]
    bias = overall[(("bias-forgotten",),)]
    assert bias.questions == (("q1", 3), ("q2", 1))
    assert (bias.question, bias.answer, bias.causes) == ("q1", "12", (BIAS,))
    first, second = found.items
    assert [one.times for one in first.misconceptions] == [3, 1, 1]
    assert second.misconceptions[0].questions == (("q2", 2),)
    # A blank is not a mistake whose cause is sought; a wrong answer without one is.
    assert (first.unexplained, second.unexplained) == (0, 1)


def test_a_wrong_yes_or_no_is_not_sought_for_a_cause() -> None:
    of = assignment(1)
    truth = of._replace(questions=(of.questions[0]._replace(form="truth"),))
    assert reported(truth, [graded(mark(1, 0))]).items[0].unexplained == 0
    assert reported(of, [graded(mark(1, 0))]).items[0].unexplained == 1


def test_what_costs_points_beside_a_diagnosis_counts_too() -> None:
    found = reported(
        assignment(2), [graded(mark(1, 1, "right", mistakes=("unit-missing",))), graded(mark(1, 2))]
    )
    assert [(one.codes, one.times, one.causes) for one in found.misconceptions] == [
        ((("unit-missing",),), 1, ())
    ]
    assert found.items[0].unexplained == 0


def test_right_answers_have_no_misconception() -> None:
    of = assignment(1)
    assert reported(of, [graded(mark(1, 1, "rounded", diagnosis=Diagnosis((BIAS,))))]).misconceptions == ()


# --- against Python's own ----------------------------------------------------------------------------------

SHARES = st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(1, 2), Fraction(2, 3), Fraction(1)])
ROWS = st.lists(st.tuples(SHARES, SHARES, SHARES), min_size=2, max_size=40)


@given(ROWS)
def test_against_pythons_statistics(rows: list[tuple[Fraction, Fraction, Fraction]]) -> None:
    of = assignment(1, 2, 3)
    sheets = [scored(a, 2 * b, 3 * c) for a, b, c in rows]
    found = reported(of, sheets)
    totals = [sheet.points for sheet in sheets]
    assert found.mean == oracle.mean(totals)
    assert found.median == oracle.median(totals)
    assert found.quartiles == tuple(oracle.quantiles(totals, n=4, method="inclusive"))
    assert float(found.deviation or 0) == pytest.approx(oracle.pstdev(map(float, totals)), abs=1e-9)
    for i, item in enumerate(found.items):
        xs = [float(sheet.marks[i].points) for sheet in sheets]
        rest = [float(sheet.points - sheet.marks[i].points) for sheet in sheets]
        if (
            len(rows) >= 3
            and len(set(xs)) > 1
            and len({sheet.points - sheet.marks[i].points for sheet in sheets}) > 1
        ):
            assert float(item.discrimination or 0) == pytest.approx(oracle.correlation(xs, rest), abs=1e-6)
        else:
            assert item.discrimination is None


@given(ROWS, st.randoms())
def test_the_order_of_the_sheets_does_not_matter(
    rows: list[tuple[Fraction, Fraction, Fraction]], chance: random.Random
) -> None:
    sheets = [scored(a, 2 * b, 3 * c) for a, b, c in rows]
    other = sheets[:]
    chance.shuffle(other)
    assert reported(assignment(1, 2, 3), sheets) == reported(assignment(1, 2, 3), other)


@given(st.fractions(min_value=0, max_value=10**6))
def test_roots(value: Fraction) -> None:
    assert root(value * value) == value
    assert 0 <= value - root(value) ** 2 <= Fraction(3, 10**12) * max(root(value), Fraction(1))


def test_many_sheets_take_little_memory() -> None:
    of = assignment(*[1] * 10)
    chance = random.Random(5)
    rows = [
        scored(*(chance.choice((Fraction(0), Fraction(1, 2), Fraction(1))) for _ in range(10)))
        for _ in range(50)
    ]
    counted = Statistics(of)
    tracemalloc.start()
    for number in range(20_000):
        counted.add(rows[number % 50])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert counted.report().sheets == 20_000
    assert peak < 100_000


def test_different_answers_to_one_mistake_are_not_all_kept() -> None:
    of = assignment(1)
    counted = Statistics(of)
    tracemalloc.start()
    for number in range(5_000):
        counted.add(graded(wrong(1, BIAS, text=f"{number:01000}")))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert counted.report().misconceptions[0].times == 5_000
    assert peak < 1_000_000
