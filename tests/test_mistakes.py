"""The table of mistakes: every example is graded, and a row that is broken is noticed by its own."""

from __future__ import annotations

import pytest
from mistake_examples import assignment, faults
from mutations import idle, mutants, noticed, put_in

from archcalc.grading.mistakes.rows import KnownMistake, WrongAnswer
from archcalc.grading.mistakes.table import FAMILIES, TABLE, Table
from archcalc.grading.mistakes.ways import Beside, InRules

EXAMPLE = WrongAnswer("{input: [3], layers: [{linear: 2}]}", "total.params", "6", "3·2 = 6; 8", "So it is.")


@pytest.mark.parametrize("code", TABLE)
def test_every_example_is_told_as_it_says(code: str) -> None:
    assert list(faults(TABLE[code])) == []


@pytest.mark.parametrize("code", TABLE)
def test_a_row_whose_ways_do_nothing_is_noticed(code: str) -> None:
    """`make mutations` breaks every row in more ways, one at a time."""
    row = TABLE[code]
    broken = row.but(ways=[idle(way) for way in row.ways if not isinstance(way, Beside)] or [Beside()])
    with put_in(broken if broken.ways != (Beside(),) else row.but(clause="nothing")):
        assert list(faults(row))


def test_no_example_has_the_right_answer() -> None:
    """It would be right, and nothing would be told."""
    for row in TABLE.values():
        for example in row.examples:
            (question,) = assignment(example).questions
            assert example.answer.replace(",", "") != str(question.key), row.code


def test_what_is_seldom_or_often_made_shows_in_an_example() -> None:
    quiet = [
        code
        for code, row in TABLE.items()
        if row.rarity != "sometimes"
        for mutant in mutants(row)
        if mutant.broken == "rarity" and not noticed(mutant)
    ]
    assert quiet == []


def test_a_row_that_is_not_whole_is_refused() -> None:
    way = InRules(lambda _: None)
    whole = KnownMistake("some-mistake", "it went wrong", way, examples=[EXAMPLE])
    assert whole.rarity == "sometimes"
    with pytest.raises(TypeError, match="'some-mistake' has no example"):
        KnownMistake("some-mistake", "it went wrong", way, examples=[])
    with pytest.raises(TypeError, match="has no clause and no way"):
        KnownMistake("some-mistake", "", examples=[EXAMPLE])
    with pytest.raises(TypeError, match="has no code of words"):
        KnownMistake("Some Mistake", "it went wrong", way, examples=[EXAMPLE])
    with pytest.raises(TypeError, match="lacks its answer, working or sentence"):
        KnownMistake("some-mistake", "it went wrong", way, examples=[EXAMPLE._replace(working="")])


def test_two_rows_of_one_code_are_refused() -> None:
    row = next(iter(TABLE.values()))
    with pytest.raises(TypeError, match="twice"):
        Table([row, row])


def test_a_broken_row_is_put_back() -> None:
    row = TABLE["padding-forgotten"]
    with put_in(row.but(ways=[InRules(lambda _: None)])):
        assert list(faults(row))
    assert TABLE["padding-forgotten"] is row
    assert list(faults(row)) == []


def test_every_module_of_rows_is_in_the_table() -> None:
    assert sum(len(module.MISTAKES) for module in FAMILIES.values()) == len(TABLE)
