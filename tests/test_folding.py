"""Folding: fewer rows, the same sums."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from archcalc import api
from archcalc.render.documents.labels import described, shape
from archcalc.results.counts import Counted
from archcalc.results.folding import MOST_ROWS, Fold, fold
from archcalc.results.report import Report
from archcalc.spec import catalog

NETWORKS = catalog.names()

BLOCKS = """\
input: [3, 8, 8]
blocks:
  body:
    layers:
      - {conv: 4, kernel: 3, padding: 1, bias: false}
      - batch_norm
      - relu
layers:
  - {body: , name: stem}
  - {body: , name: stage, repeat: 2}
  - flatten
  - {linear: 10, name: fc}
  - softmax
"""

HEADS = """\
input: [2, 4, 4]
layers:
  - {conv: 3, kernel: 1, name: trunk}
  - {head: boxes, layers: [{conv: 5, kernel: 1}, relu]}
  - {auxiliary: early, layers: [flatten, {linear: 2}]}
  - relu
  - {max_pool: 2}
"""


@pytest.fixture
def report(tmp_path: Path) -> Callable[[str], Report]:
    """The report of a spec written down in a test."""

    def analysed(text: str) -> Report:
        path = tmp_path / "tiny.yaml"
        path.write_text(text, "utf-8")
        return api.analyse(str(path))

    return analysed


def names(folds: tuple[Fold, ...]) -> list[str]:
    return [one.name for one in folds]


def sums(folds: tuple[Fold, ...]) -> tuple[int, int, int, int, int]:
    """Parameters, weights, biases, MACs and activations of the rows outside auxiliary heads."""
    main = [one for one in folds if not one.auxiliary]
    return (
        sum(one.params for one in main),
        sum(one.weights for one in main),
        sum(one.biases for one in main),
        sum(one.macs for one in main),
        sum(one.activations for one in main),
    )


def expected(totals: Counted) -> tuple[int, int, int, int, int]:
    return (
        totals.params,
        totals.weights,
        totals.biases,
        totals.macs,
        totals.activations - totals.input_activations,
    )


@pytest.mark.parametrize("name", NETWORKS)
def test_at_every_depth_the_rows_add_up_to_the_totals(name: str) -> None:
    report = api.analyse(name, batch=3)
    for depth in (None, 1, 2, 3, 99):
        assert sums(fold(report, depth)) == expected(report.totals)


def test_a_lost_row_is_noticed() -> None:
    report = api.analyse("lenet5")
    folds = fold(report)
    assert sums(folds[1:]) != expected(report.totals)


@pytest.mark.parametrize("name", NETWORKS)
def test_by_default_every_network_of_the_catalogue_fits_a_screen(name: str) -> None:
    folds = fold(api.analyse(name))
    # Unless what is not in blocks is too long by itself.
    assert len(folds) <= MOST_ROWS or not any("." in one.name for one in folds)


def test_a_large_depth_gives_every_layer_its_own_row(report: Callable[[str], Report]) -> None:
    found = report(BLOCKS)
    assert names(fold(found, 99)) == [row.name for row in found.rows]


def test_depth_1_folds_blocks_and_their_repeats(report: Callable[[str], Report]) -> None:
    folds = fold(report(BLOCKS), 1)
    assert names(folds) == ["stem", "stage", "flatten1", "fc", "softmax1"]
    stem, stage, flatten, fc, _ = folds
    # 3·3·3·4 = 108 and 3·3·4·4 = 144 weights, each with 4 scales and 4 biases of batch norm.
    assert (stem.weights, stem.biases, stem.params) == (112, 4, 116)
    assert (stage.weights, stage.biases, stage.params) == (2 * 148, 2 * 4, 304)
    # 8·8 positions.
    assert (stem.macs, stage.macs) == (64 * 108, 2 * 64 * 144)
    # A convolution and its norm put out 4·8·8 each, the relu works in place.
    assert (stem.activations, stage.activations) == (512, 1024)
    assert [one.is_group for one in folds] == [True, True, False, False, False]
    assert stage.output == (4, 8, 8)
    assert (flatten.output, fc.params) == ((256,), 256 * 10 + 10)
    assert [str(described(one)) for one in folds] == [
        "3 layers (1 conv)",
        "2 blocks (6 layers)",
        "flatten",
        "linear",
        "softmax",
    ]


def test_by_default_what_works_in_place_is_drawn_with_what_it_reads(
    report: Callable[[str], Report],
) -> None:
    folds = fold(report(BLOCKS))
    assert [(one.name, str(described(one))) for one in folds] == [
        ("stem.conv1", "conv 3×3"),
        ("stem.batch_norm1", "batch_norm + relu"),
        ("stage.1.conv1", "conv 3×3"),
        ("stage.1.batch_norm1", "batch_norm + relu"),
        ("stage.2.conv1", "conv 3×3"),
        ("stage.2.batch_norm1", "batch_norm + relu"),
        # It reads a layer inside a block, and stands outside.
        ("flatten1", "flatten"),
        ("fc", "linear + softmax"),
    ]


def test_a_flattened_output_is_shown_both_ways(report: Callable[[str], Report]) -> None:
    folds = fold(report("input: [2, 6, 6]\nlayers: [{max_pool: 2, name: pool}, flatten, {linear: 3}]"))
    assert names(folds) == ["pool", "linear1"]
    assert (folds[0].output, folds[0].last_output) == ((2, 3, 3), (18,))
    assert str(shape(folds[0])) == "2×3×3 = 18"


def test_a_row_of_zeros_that_reads_something_else_stands_alone(report: Callable[[str], Report]) -> None:
    text = """\
input: [2, 4, 4]
layers:
  - {conv: 2, kernel: 1, name: first}
  - {conv: 2, kernel: 1, name: second}
  - add: [[], [{from: first}, relu]]
"""
    # The relu comes after `second` and reads `first`.
    assert names(fold(report(text))) == ["first", "second", "b2.relu1", "add1"]


def test_a_join_is_folded_with_its_branches(report: Callable[[str], Report]) -> None:
    text = """\
input: [2, 4, 4]
layers:
  - concat: {left: [{conv: 3, kernel: 1}], right: [{conv: 4, kernel: 1}, {conv: 5, kernel: 1}]}
    name: mixed
"""
    (mixed,) = fold(report(text), 1)
    # 2·3 + 3, 2·4 + 4 and 4·5 + 5 parameters; 3 + 5 channels go out.
    assert (mixed.name, mixed.is_group, mixed.output, mixed.params) == ("mixed", True, (8, 4, 4), 9 + 12 + 25)
    assert str(described(mixed)) == "4 layers (3 conv)"
    assert names(fold(report(text), 2)) == ["mixed.left", "mixed.right", "mixed"]


def test_heads_are_marked_and_auxiliary_ones_left_out(report: Callable[[str], Report]) -> None:
    found = report(HEADS)
    folds = fold(found, 1)
    assert [(one.name, one.head, one.auxiliary) for one in folds] == [
        ("trunk", None, False),
        ("boxes", "boxes", False),
        ("early", "early", True),
        ("relu1", None, False),
        ("max_pool1", None, False),
    ]
    # trunk 2·3 + 3 and boxes 3·5 + 5; early has 48·2 + 2 more.
    assert (found.totals.params, sums(folds)[0]) == (29, 29)
    assert found.totals_with_auxiliary is not None
    assert found.totals_with_auxiliary.params == sum(one.params for one in folds) == 29 + 98


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        ("{conv: 8, kernel: 3, padding: 1}", "conv 3×3"),
        ("{conv: 8, kernel: [3, 1], stride: [2, 1]}", "conv 3×1 /2×1"),
        (
            "{conv: 8, kernel: 3, stride: 2, dilation: 2, groups: 4, padding: 2}",
            "conv 3×3 /2 dilation 2 groups 4",
        ),
        ("{conv: 8, kernel: 3, groups: depthwise}", "conv 3×3 groups depthwise"),
        ("{max_pool: 2}", "max_pool 2×2 /2"),
        ("{max_pool: 3, stride: 1, padding: 1}", "max_pool 3×3 /1"),
        ("{avg_pool: [2, 4]}", "avg_pool 2×4 /2×4"),
        ("{lrn: 5}", "lrn 5"),
        ("batch_norm", "batch_norm"),
        ("{dropout: 0.25}", "dropout 0.25"),
    ],
)
def test_a_layer_is_described_by_the_numbers_that_matter(
    layer: str, words: str, report: Callable[[str], Report]
) -> None:
    (found,) = fold(report(f"input: [8, 16, 16]\nlayers: [{layer}]"))
    assert str(described(found)) == words


def test_the_description_of_a_volume_and_a_sequence_has_as_many_numbers(
    report: Callable[[str], Report],
) -> None:
    (volume,) = fold(report("input: [2, 8, 8, 8]\nlayers: [{conv: 4, kernel: 3}]"))
    (sequence,) = fold(report("input: [2, 8]\nlayers: [{conv: 4, kernel: 3}]"))
    assert (str(described(volume)), str(described(sequence))) == ("conv 3×3×3", "conv 3")
