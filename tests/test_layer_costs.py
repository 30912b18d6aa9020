"""What kinds cost and learn, every count worked by hand on a shape small enough for it."""

from __future__ import annotations

from typing import Any

import pytest
from builders import made

from archcalc.layers import KINDS
from archcalc.layers.base import Cost, Shapes


def cost_of(name: str, fields: dict[str, Any], inputs: Shapes) -> Cost:
    layer = made(name, fields)
    layer.check(inputs, strict=False)
    x = layer.read(inputs)
    return layer.cost(x, layer.output(x))


SIX: Shapes = ((2, 3),)
"""Six elements: two tokens of three features, or two channels of three positions."""

COSTS: list[tuple[str, dict[str, Any], Shapes, Cost]] = [
    # 2·3 outputs, each a sum over 3·3 products, and the bias
    ("conv", {"filters": 2, "kernel": 3}, ((3, 5),), Cost(macs=54, additions=6)),
    # 4·2·2 outputs, each over the 4/2 channels of its group
    ("conv", {"filters": 4, "kernel": 1, "groups": 2, "bias": False}, ((4, 2, 2),), Cost(macs=32)),
    # 2 positions meet 2·3·2 weights; (2 − 1)·2 + 2 = 4 positions of 2 channels get a bias
    ("conv_transpose", {"filters": 2, "kernel": 2, "stride": 2}, ((3, 2),), Cost(macs=24, additions=8)),
    # 2·3 outputs over 4 features
    ("linear", {"units": 3}, ((2, 4),), Cost(macs=24, additions=6)),
    # 4 windows of 4 values
    ("max_pool", {"window": 2}, ((1, 4, 4),), Cost(comparisons=12)),
    # 2·3 windows of 3 values
    ("avg_pool", {"window": 3, "stride": 1}, ((2, 5),), Cost(additions=12, divisions=6)),
    # 2 windows of 3 values
    ("adaptive_avg_pool", {"size": 2}, ((1, 6),), Cost(additions=4, divisions=2)),
    # 2 channels of 6 values
    ("global_avg_pool", {}, ((2, 2, 3),), Cost(additions=10, divisions=2)),
    # 40 elements: a square and a product with α, 2 additions in the window and that of k
    (
        "lrn",
        {"window": 3},
        ((4, 2, 5),),
        Cost(multiplications=80, additions=120, divisions=40, exponentials=40),
    ),
    ("batch_norm", {}, ((2, 3, 4),), Cost(multiplications=24, additions=24)),
    ("batch_norm", {"affine": False}, ((4,),), Cost(multiplications=4, additions=4)),
    # 2 tokens of 4 features. Additions: 2·3 for means, 8 subtracted, 2·3 for variances, 2 of ε, 8 of β = 30.
    # Multiplications: 8 squares, 8 by the deviation, 8 by γ. Divisions: mean and variance, twice
    ("layer_norm", {}, ((2, 4),), Cost(multiplications=24, additions=30, divisions=4, exponentials=2)),
    # the same without β
    (
        "layer_norm",
        {"bias": False},
        ((2, 4),),
        Cost(multiplications=24, additions=22, divisions=4, exponentials=2),
    ),
    # 4 positions of 3 channels. Additions: 4·2, 12, 4·2, 4 = 32
    (
        "layer_norm",
        {"axis": 0, "affine": False},
        ((3, 2, 2),),
        Cost(multiplications=24, additions=32, divisions=8, exponentials=4),
    ),
    # 2 groups of 6 elements. Additions: 2·5, 12, 2·5, 2, 12 of β = 46
    (
        "group_norm",
        {"groups": 2},
        ((4, 3),),
        Cost(multiplications=36, additions=46, divisions=4, exponentials=2),
    ),
    # 2 channels of 5 positions. Additions: 2·4, 10, 2·4, 2 = 28
    ("instance_norm", {}, ((2, 5),), Cost(multiplications=20, additions=28, divisions=4, exponentials=2)),
    ("relu", {}, SIX, Cost(comparisons=6)),
    ("relu6", {}, SIX, Cost(comparisons=12)),
    ("leaky_relu", {}, SIX, Cost(comparisons=6, multiplications=6)),
    ("prelu", {}, SIX, Cost(comparisons=6, multiplications=6)),
    # the sign, then α·(eˣ − 1)
    ("elu", {}, SIX, Cost(comparisons=6, multiplications=6, additions=6, exponentials=6)),
    # x·½·(1 + erf(x·c))
    ("gelu", {}, SIX, Cost(multiplications=18, additions=6, exponentials=6)),
    # x/(1 + e⁻ˣ)
    ("silu", {}, SIX, Cost(additions=6, divisions=6, exponentials=6)),
    # x·min(max(0, x + 3), 6)/6
    ("hardswish", {}, SIX, Cost(multiplications=6, additions=6, comparisons=12, divisions=6)),
    # 1/(1 + e⁻ˣ)
    ("sigmoid", {}, SIX, Cost(additions=6, divisions=6, exponentials=6)),
    # min(max(0, x + 3), 6)/6
    ("hardsigmoid", {}, SIX, Cost(additions=6, comparisons=12, divisions=6)),
    # 1 − 2/(e²ˣ + 1)
    ("tanh", {}, SIX, Cost(multiplications=6, additions=12, divisions=6, exponentials=6)),
    # 2 tokens: two sums of 3 powers
    ("softmax", {}, SIX, Cost(additions=4, divisions=6, exponentials=6)),
    # 3 features: three sums of 2 powers
    ("softmax", {"axis": 0}, SIX, Cost(additions=3, divisions=6, exponentials=6)),
    # 4 positions: four sums of 3 channels
    ("softmax", {}, ((3, 2, 2),), Cost(additions=8, divisions=12, exponentials=12)),
    ("dropout", {}, SIX, Cost()),
    ("scale", {"value": 0.5}, SIX, Cost(multiplications=6)),
    ("scale", {"value": "learned", "per": "channel"}, SIX, Cost(multiplications=6)),
    ("embedding", {"units": 8, "vocabulary": 100}, ((5,),), Cost()),
    ("parameter", {"shape": 6}, (), Cost()),
    # three sums of 2 elements
    ("mean", {"axis": 0}, SIX, Cost(additions=3, divisions=3)),
    # two sums of 3·4 elements
    ("mean", {"axis": (1, 2)}, ((2, 3, 4),), Cost(additions=22, divisions=2)),
    # nothing is computed, only moved
    ("flatten", {}, SIX, Cost()),
    ("reshape", {"shape": (3, -1)}, SIX, Cost()),
    ("permute", {"order": (1, 0)}, SIX, Cost()),
    ("slice", {"stop": 1}, SIX, Cost()),
    ("roll", {"shift": 1, "axes": 0}, SIX, Cost()),
    ("channel_shuffle", {"groups": 2}, ((4, 3),), Cost()),
    ("pixel_shuffle", {"factor": 2}, ((4, 3, 3),), Cost()),
    ("pad", {"amount": 1}, SIX, Cost()),
    ("crop", {"size": 2}, SIX, Cost()),
    ("max_unpool", {"indices": "pool1", "window": 2}, ((1, 2), (1, 4)), Cost()),
    ("upsample", {"factor": 2}, SIX, Cost()),
    # 6 outputs, each a weighted sum of 2 inputs
    ("upsample", {"factor": 2, "mode": "linear"}, ((1, 3),), Cost(multiplications=12, additions=6)),
    # 16 outputs, each a weighted sum of 2·2 inputs
    ("upsample", {"factor": 2, "mode": "bilinear"}, ((1, 2, 2),), Cost(multiplications=64, additions=48)),
    ("concat", {}, ((1, 3), (2, 3)), Cost()),
    # three terms are two additions
    ("add", {}, ((2, 3), (2, 3), (2, 3)), Cost(additions=12)),
    ("add", {}, ((2, 3), (1, 3)), Cost(additions=6)),
    ("mul", {}, ((2, 3), (2, 1)), Cost(multiplications=6)),
    # 3 tokens of 4 features, 2 heads: 4 projections of 3·4·4, and 2·(3·3·4) for scores and weighted sums = 264.
    # 2·3·3 = 18 scores are scaled and go through softmax: 2·3 sums of 3 powers are 12 additions; biases 4·3·4
    (
        "attention",
        {"heads": 2},
        ((3, 4),),
        Cost(macs=264, multiplications=18, additions=60, divisions=18, exponentials=18),
    ),
    # the same without biases, but with one for each score
    (
        "attention",
        {"heads": 2, "bias": False, "relative_position": (3,)},
        ((3, 4),),
        Cost(macs=264, multiplications=18, additions=30, divisions=18, exponentials=18),
    ),
]


@pytest.mark.parametrize(("name", "fields", "inputs", "cost"), COSTS)
def test_costs_worked_by_hand(name: str, fields: dict[str, Any], inputs: Shapes, cost: Cost) -> None:
    assert cost_of(name, fields, inputs) == cost


def test_the_cost_of_every_kind_is_worked_by_hand() -> None:
    """Here, or where the kind stands: test_layers runs those."""
    there = {name for name, cls in KINDS.items() if any(example.cost is not None for example in cls.examples)}
    assert {name for name, *_ in COSTS} | there == set(KINDS)


PARAMETERS: list[tuple[str, dict[str, Any], Shapes, tuple[int, int]]] = [
    ("batch_norm", {}, ((5, 7),), (5, 5)),
    ("batch_norm", {}, ((5, 2, 3, 4),), (5, 5)),
    ("layer_norm", {}, ((7,),), (7, 7)),
    ("layer_norm", {"axis": -1}, ((5, 6, 7),), (7, 7)),
    ("layer_norm", {"axis": (2, 0)}, ((5, 6, 7),), (35, 35)),
    ("layer_norm", {"affine": False}, ((7,),), (0, 0)),
    ("layer_norm", {"affine": False, "bias": True}, ((7,),), (0, 0)),
    ("group_norm", {"groups": 3, "affine": False}, ((6, 4),), (0, 0)),
    ("prelu", {}, ((7,),), (7, 0)),
    ("prelu", {}, ((5, 7),), (5, 0)),
    ("scale", {"value": 2, "per": "channel"}, ((5, 6, 7),), (0, 0)),
    ("scale", {"value": "learned", "per": "channel"}, ((7,),), (7, 0)),
    ("scale", {"value": "learned", "per": "channel"}, ((5, 7),), (7, 0)),
    ("scale", {"value": "learned", "per": "channel", "axis": 0}, ((5, 7),), (5, 0)),
    ("scale", {"value": "learned", "per": "channel", "axis": -1}, ((5, 6, 7),), (7, 0)),
    ("scale", {"value": "learned"}, ((5, 6, 7),), (1, 0)),
    ("parameter", {"shape": (2, 3), "role": "bias"}, (), (0, 6)),
]


@pytest.mark.parametrize(("name", "fields", "inputs", "counts"), PARAMETERS)
def test_parameters_by_shape(
    name: str, fields: dict[str, Any], inputs: Shapes, counts: tuple[int, int]
) -> None:
    layer = made(name, fields)
    layer.check(inputs, strict=False)
    x = layer.read(inputs)
    assert (layer.weights(x), layer.biases(x)) == counts
