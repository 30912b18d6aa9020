"""What is counted about a network: totals, batch, bytes, biases, sharing, auxiliary heads, depth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from archcalc import api
from archcalc.algebra.units import DTYPES
from archcalc.network.network import Network
from archcalc.results.counts import Convention, Counted
from archcalc.results.report import Report, Row
from archcalc.words.errors import OptionError

Load = Callable[..., Network]

NETWORKS = ["lenet5", "alexnet-grouped", "vgg16", "googlenet", "resnet18", "resnet50", "inception-reduced"]

SMALL = """
input: [3, 8, 8]
layers:
  - {conv: 4, kernel: 3, name: conv}
  - {batch_norm: , name: norm}
  - {relu: , name: relu}
  - {max_pool: 2, name: pool}
  - {auxiliary: help, layers: [flatten, {linear: 2}]}
  - flatten
  - {linear: 10, name: fc}
  - softmax
"""


def rows(network: Network, **options: Any) -> dict[str, Row]:
    return {row.name: row for row in api.analyse(network, **options).rows}


def test_a_small_network_by_hand(load: Load) -> None:
    report = api.analyse(load(SMALL))
    found = {row.name: row for row in report.rows}
    # 3·3·3·4 weights at each of 6·6 positions; a bias is an addition
    assert (found["conv"].weights, found["conv"].biases) == (108, 4)
    assert (found["conv"].macs, found["conv"].flops) == (108 * 36, 2 * 108 * 36)
    assert found["conv"].cost.additions == 4 * 36
    assert (found["norm"].weights, found["norm"].biases) == (4, 4)
    assert [found[name].activations for name in ("conv", "norm", "relu", "pool")] == [144, 144, 0, 36]
    assert (found["fc"].params, found["fc"].macs) == (36 * 10 + 10, 360)
    assert (found["help.linear1"].params, found["help.linear1"].macs) == (74, 72)
    totals = report.totals
    assert (totals.params, totals.weights, totals.biases) == (490, 108 + 4 + 360, 4 + 4 + 10)
    assert (totals.macs, totals.flops) == (108 * 36 + 360, 2 * (108 * 36 + 360))
    assert (totals.input_activations, totals.activations) == (192, 192 + 144 + 144 + 36 + 10)
    assert (totals.param_bytes, totals.activation_bytes) == (4 * 490, 4 * 526)
    assert totals.total_bytes == 4 * (490 + 526)
    assert report.depth == 2


@pytest.mark.parametrize("name", NETWORKS)
def test_totals_are_the_sums_of_their_rows(name: str) -> None:
    report = api.analyse(name, batch=3)
    main = [row for row in report.rows if not row.auxiliary]
    assert_sums(report.totals, main, report)
    if report.totals_with_auxiliary is None:
        assert len(main) == len(report.rows)
    else:
        assert_sums(report.totals_with_auxiliary, report.rows, report)


def assert_sums(totals: Counted, counted: Any, report: Report) -> None:
    for name in ("params", "weights", "biases", "macs", "flops"):
        assert getattr(totals, name) == sum(getattr(row, name) for row in counted), name
    for name in ("multiplications", "additions", "comparisons", "divisions", "exponentials"):
        assert getattr(totals.cost, name) == sum(getattr(row.cost, name) for row in counted), name
    size = 1
    for axis in report.input:
        size *= axis
    assert totals.input_activations == 3 * size
    assert totals.activations == 3 * size + sum(row.activations for row in counted)


@settings(deadline=None, max_examples=30)
@given(name=st.sampled_from(NETWORKS), batch=st.integers(1, 10**6))
def test_the_batch_scales_cost_and_activations_but_no_parameters(name: str, batch: int) -> None:
    one, many = api.analyse(name), api.analyse(name, batch=batch)
    for single, several in zip(one.rows, many.rows, strict=True):
        assert several.cost.values() == tuple(batch * count for count in single.cost.values())
        assert several.activations == batch * single.activations
        assert replace(several, tally=single.tally, convention=single.convention) == single
        assert (several.weights, several.biases) == (single.weights, single.biases)
    assert many.totals.params == one.totals.params
    assert many.totals.param_bytes == one.totals.param_bytes
    assert many.totals.macs == batch * one.totals.macs
    assert many.totals.activation_bytes == batch * one.totals.activation_bytes
    assert many.depth == one.depth


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_dtype_sets_bytes_only(dtype: str) -> None:
    usual, other = api.analyse("lenet5").totals, api.analyse("lenet5", dtype=dtype).totals
    assert other.param_bytes == DTYPES[dtype] * 61_706
    assert other.activation_bytes == DTYPES[dtype] * usual.activations
    assert (other.tally, other.given) == (usual.tally, usual.given)


def test_bytes_of_the_usual_types() -> None:
    sizes = [DTYPES[name] for name in ("float64", "float32", "float16", "bfloat16", "int8")]
    assert sizes == [8, 4, 2, 2, 1]


@pytest.mark.parametrize("name", NETWORKS)
def test_without_biases_parameters_are_the_weights(name: str) -> None:
    """What is counted changes, never the network: MACs, additions and both parts stay."""
    usual, weights = api.analyse(name), api.analyse(name, bias=False)
    for row, other in zip(usual.rows, weights.rows, strict=True):
        assert row.params == row.weights + row.biases
        assert other == replace(row, convention=Convention(bias=False))
        assert other.params == row.weights
    assert weights.totals.params == weights.totals.weights == usual.totals.weights
    assert weights.totals.param_bytes == 4 * usual.totals.weights
    assert weights.totals.cost == usual.totals.cost


@pytest.mark.parametrize("batch", [0, -1, 1.5, 10**9 + 1, True, "8"])
def test_batches_that_are_none(batch: Any) -> None:
    with pytest.raises(OptionError, match=r"a whole number from 1 to 1,000,000,000"):
        api.analyse("lenet5", batch=batch)


def test_a_dtype_that_is_none() -> None:
    with pytest.raises(OptionError, match="there is no dtype 'flaot32'"):
        api.analyse("lenet5", dtype="flaot32")


def test_the_last_weights_of_a_shared_chain_are_counted_in_the_first(load: Load) -> None:
    network = load("""
        input: 5
        layers:
          - {linear: 5, name: a}
          - {linear: 5, weights: a, name: b}
          - {linear: 5, weights: b, name: c}
    """)
    found = rows(network)
    assert [(row.params, row.macs, row.shared_with) for row in found.values()] == [
        (30, 25, None),
        (0, 25, "a"),
        (0, 25, "a"),
    ]


def test_a_report_names_its_sources_and_groups(load: Load) -> None:
    network = load("input: [1, 4, 4]\nlayers: [{layers: [{add: [[], [relu]]}], name: g}]")
    report = api.analyse(network)
    assert report.rows[1].sources == ("input", "g.b2.relu1")
    assert report.groups == {"g.b2": 0, "g": 1}
    assert (report.network, report.title, report.input) == ("my", "my", (1, 4, 4))


@pytest.mark.parametrize(
    ("layers", "depth"),
    [
        ("[{linear: 5}, relu, {linear: 5}]", 2),
        ("[relu]", 0),
        # the longest path: one branch has two layers, the other one
        ("[{linear: 5}, {add: [[{linear: 5}, {linear: 5}], [{linear: 5}]]}, {linear: 5}]", 4),
        ("[{linear: 5}, {add: [[], [{from: input}, {linear: 5}]]}]", 1),
        ("[{linear: 5}, {auxiliary: a, layers: [{linear: 5}, {linear: 5}]}, {linear: 5}]", 2),
        ("[{linear: 5}, {head: a, layers: [{linear: 5}, {linear: 5}]}, {linear: 5}]", 3),
        ("[{linear: 5, name: a}, {linear: 5, weights: a}]", 2),
        ("[{add: [[], [{parameter: 5}]]}, {linear: 5}]", 1),
    ],
)
def test_depth_counts_layers_with_weights_on_the_longest_path(load: Load, layers: str, depth: int) -> None:
    assert api.analyse(load(f"input: 5\nlayers: {layers}")).depth == depth
