"""VGG: the networks of Table 1 from its columns, and Table 2's numbers of parameters, by hand."""

from __future__ import annotations

import pytest

import archcalc

STAGES = {
    # Table 1: the width of each stage, and its layers as the sides of their windows.
    "A": (((64, "3"), (128, "3"), (256, "33"), (512, "33"), (512, "33")), "vgg11"),
    "A-LRN": (((64, "3"), (128, "3"), (256, "33"), (512, "33"), (512, "33")), "vgg11-lrn"),
    "B": (((64, "33"), (128, "33"), (256, "33"), (512, "33"), (512, "33")), "vgg13"),
    "C": (((64, "33"), (128, "33"), (256, "331"), (512, "331"), (512, "331")), "vgg16-c"),
    "D": (((64, "33"), (128, "33"), (256, "333"), (512, "333"), (512, "333")), "vgg16"),
    "E": (((64, "33"), (128, "33"), (256, "3333"), (512, "3333"), (512, "3333")), "vgg19"),
}
MILLIONS = {"A": 133, "A-LRN": 133, "B": 133, "C": 134, "D": 138, "E": 144}
"""Table 2."""


def by_hand(column: str) -> tuple[int, int, int]:
    """Weights, biases and multiply-adds of a column of Table 1, on 224×224."""
    weights = biases = macs = 0
    channels, size = 3, 224
    for width, windows in STAGES[column][0]:
        for side in map(int, windows):
            weights += channels * side * side * width
            biases += width
            macs += channels * side * side * width * size * size
            channels = width
        size //= 2
    inputs = channels * size * size
    for units in (4096, 4096, 1000):
        weights += inputs * units
        biases += units
        macs += inputs * units
        inputs = units
    return weights, biases, macs


@pytest.mark.parametrize("column", STAGES)
def test_a_network_is_its_column(column: str) -> None:
    """Weights, biases and multiply-adds, each added up layer by layer."""
    totals = archcalc.analyse(STAGES[column][1]).totals
    assert (totals.weights, totals.biases, totals.macs) == by_hand(column)


@pytest.mark.parametrize("column", MILLIONS)
def test_table_2(column: str) -> None:
    """Every number of parameters, with biases, rounded to millions."""
    totals = archcalc.analyse(STAGES[column][1]).totals
    assert round(totals.params / 1e6) == MILLIONS[column]


def test_another_column_has_another_number() -> None:
    """The two comparisons above can fail: E's rounds to no other column's number, D is not C."""
    params = {column: round(sum(by_hand(column)[:2]) / 1e6) for column in STAGES}
    assert params["E"] not in [MILLIONS[column] for column in "ABCD"]
    assert by_hand("C") != by_hand("D")
    # 3×3 windows in place of the 1×1 of three layers: 8 weights more for each pair of channels.
    assert by_hand("D")[0] - by_hand("C")[0] == 8 * (256 * 256 + 2 * 512 * 512)


@pytest.mark.parametrize(
    ("column", "depth"), [("A", 11), ("A-LRN", 11), ("B", 13), ("C", 16), ("D", 16), ("E", 19)]
)
def test_weight_layers(column: str, depth: int) -> None:
    """The second line of Table 1."""
    assert archcalc.analyse(STAGES[column][1]).depth == depth


def test_the_lecture_total_has_no_biases() -> None:
    """Deck 5 adds up 138,344,128: the weights of D, 13,416 less than its parameters."""
    weights, biases, _ = by_hand("D")
    assert (weights, biases) == (138_344_128, 13_416)
