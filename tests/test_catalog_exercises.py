"""The practice examples of the decks: what they ask, answered by hand."""

from __future__ import annotations

from typing import Any

import pytest

import archcalc
from archcalc.results.report import Report, Row
from archcalc.spec import catalog
from archcalc.words.errors import LayerError

EXERCISES = [
    "eighteen-neurons",
    "one-by-one",
    "seven-by-seven",
    "shrinking",
    "six-filters",
    "sixteen-filters",
    "sixteen-neurons",
    "ten-filters",
    "two-filters",
    "two-masks",
]


def analysed(name: str, **parameters: Any) -> Report:
    return archcalc.analyse(archcalc.load(name, parameters=parameters))


def layer(report: Report, name: str) -> Row:
    (row,) = [row for row in report.rows if row.name == name]
    return row


def test_every_exercise_is_in_the_catalogue() -> None:
    """By its own name, and in a family that has no year and is listed last."""
    listed = [entry.name for entry in archcalc.networks(task="example")]
    assert sorted(listed[-len(EXERCISES) :]) == EXERCISES
    assert listed[0] not in EXERCISES
    assert set(EXERCISES) <= set(catalog.names())


def test_ten_filters() -> None:
    """(32 + 2·2 − 5)/1 + 1 = 32; (5·5·3 + 1)·10 = 760, and a product for each weight at each position."""
    row = layer(analysed("ten-filters"), "conv")
    assert row.output == (10, (32 + 2 * 2 - 5) // 1 + 1, 32)
    assert row.params == (5 * 5 * 3 + 1) * 10 == 760
    assert row.macs == 32 * 32 * 750


def test_two_filters_against_eighteen_neurons() -> None:
    """Both give 18 numbers, from (3·3·3 + 1)·2 = 56 parameters and from 18·(5·5·3) + 18 = 1,368."""
    shared, connected = analysed("two-filters"), analysed("eighteen-neurons")
    assert shared.rows[-1].output == (2, 3, 3)
    assert connected.rows[-1].output == (18,)
    assert (shared.totals.params, connected.totals.params) == (56, 1368)
    # A weight is used at 3×3 positions, or once.
    assert (shared.totals.macs, connected.totals.macs) == (9 * 54, 1350)


def test_sixteen_filters_against_sixteen_neurons() -> None:
    """16·9 = 144 weights against 16·784 = 12,544."""
    shared, connected = analysed("sixteen-filters"), analysed("sixteen-neurons")
    assert (shared.totals.weights, connected.totals.weights) == (144, 12_544)
    assert (shared.totals.biases, connected.totals.biases) == (16, 16)


@pytest.mark.parametrize("filters", [5, 6, 16])
def test_as_many_maps_as_filters(filters: int) -> None:
    """32 − 5 + 1 = 28 each way; a filter has 5·5·3 = 75 weights and a bias. Then 1×1×6 masks, three of them."""
    report = analysed("six-filters", filters=filters)
    first, second = layer(report, "conv1"), layer(report, "conv2")
    assert (first.output, first.params) == ((filters, 28, 28), 76 * filters)
    assert (second.output, second.weights) == ((3, 28, 28), 3 * filters)


@pytest.mark.parametrize("size", [1, 7, 56])
def test_one_by_one(size: int) -> None:
    """32 filters of 1·1·64 weights, which keep the height and the width."""
    row = layer(analysed("one-by-one", size=size), "conv")
    assert (row.output, row.weights, row.biases) == ((32, size, size), 32 * 64, 32)


def test_shrinking() -> None:
    """Each 5×5 takes 4: 32, 28, 24, 20, 16, 12, 8, 4, and then it does not fit."""
    sizes = [row.output[1] for row in analysed("shrinking", times=7).rows]
    assert sizes == [28, 24, 20, 16, 12, 8, 4]
    assert [row.output for row in analysed("shrinking").rows] == [(1, 28, 28), (1, 24, 24)]
    with pytest.raises(LayerError, match="a kernel of 5 is larger than its input of 4"):
        analysed("shrinking", times=8)


@pytest.mark.parametrize(
    ("stride", "padding", "size"),
    [
        (1, 0, 5),  # (7 − 3)/1 + 1
        (2, 0, 3),  # (7 − 3)/2 + 1
        (4, 0, 2),  # (7 − 3)/4 + 1
        (1, 1, 7),  # (7 + 2 − 3)/1 + 1
        (3, 1, 3),  # (7 + 2 − 3)/3 + 1
    ],
)
def test_seven_by_seven(stride: int, padding: int, size: int) -> None:
    """What fits exactly."""
    row = layer(analysed("seven-by-seven", stride=stride, padding=padding), "conv")
    assert row.output == (1, size, size)


def test_seven_by_seven_with_stride_3_does_not_fit() -> None:
    """The taught answer: (7 − 3)/3 + 1 is no whole number; 7 − 3 = 4 is one step of 3 and 1 over."""
    with pytest.raises(LayerError) as caught:
        analysed("seven-by-seven", stride=3)
    assert "⌊(7 + 2·0 − 3)/3⌋ + 1 = 2, and 2.33 without rounding down" in str(caught.value)
    assert "Change the stride, the padding or the input size" in str(caught.value)


def test_two_masks_see_five_by_five() -> None:
    """3 + (3 − 1) = 5, at a distance of 1."""
    first, second = analysed("two-masks").rows
    assert first.receptive_field is not None
    assert second.receptive_field is not None
    assert (first.receptive_field.size, second.receptive_field.size) == ((3, 3), (5, 5))
