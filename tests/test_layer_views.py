"""What one output of a kind sees of its input, along each spatial axis."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import msgspec
import pytest

from archcalc.layers import KINDS
from archcalc.layers.base import EVERYTHING, SAME_POSITION, Shapes, Window

MAP: Shapes = ((8, 7, 5),)
HERE = (SAME_POSITION, SAME_POSITION)
HALF = Fraction(1, 2)

VIEWS: list[tuple[str, dict[str, Any], Shapes, Any]] = [
    ("conv", {"filters": 2, "kernel": 3, "stride": 2, "padding": 1}, MAP, (Window(3, 2, -1),) * 2),
    ("conv", {"filters": 2, "kernel": 3, "dilation": 2}, MAP, (Window(5, 1, 0),) * 2),
    # same, stride 1: (7 − 1) + 4 − 7 = 3 zeros, the odd one after
    ("conv", {"filters": 2, "kernel": (4, 1), "padding": "same"}, MAP, (Window(4, 1, -1), Window(1, 1, 0))),
    ("max_pool", {"window": 3, "stride": 2, "dilation": 2}, MAP, (Window(5, 2, 0),) * 2),
    ("global_avg_pool", {}, MAP, EVERYTHING),
    ("linear", {"units": 3}, ((4,),), EVERYTHING),
    ("lrn", {}, MAP, HERE),
    ("batch_norm", {}, MAP, HERE),
    ("layer_norm", {"axis": 0}, MAP, HERE),
    ("layer_norm", {"axis": (0, 1, 2)}, MAP, EVERYTHING),
    ("layer_norm", {}, ((49, 96),), EVERYTHING),
    ("group_norm", {"groups": 4}, MAP, EVERYTHING),
    ("instance_norm", {}, MAP, EVERYTHING),
    ("relu", {}, MAP, HERE),
    ("relu", {}, ((4,),), ()),
    ("softmax", {}, MAP, HERE),
    ("softmax", {"axis": -1}, MAP, EVERYTHING),
    ("dropout", {}, MAP, HERE),
    ("scale", {"value": 0.5}, MAP, HERE),
    ("mean", {"axis": 0}, MAP, EVERYTHING),
    # ⌈4/2⌉ = 2 inputs reach an output, the first of them at ⌈(1 − 4 + 1)/2⌉ = −1
    (
        "conv_transpose",
        {"filters": 1, "kernel": 4, "stride": 2, "padding": 1},
        MAP,
        (Window(2, HALF, -1),) * 2,
    ),
    ("upsample", {"factor": 2}, MAP, (Window(1, HALF, 0),) * 2),
    # output 0 has its centre at (1/2 − 1)/2 = −1/4, between −1 and 0
    ("upsample", {"factor": 2, "mode": "bilinear"}, MAP, (Window(2, HALF, -1),) * 2),
    ("pixel_shuffle", {"factor": 2}, MAP, (Window(1, HALF, 0),) * 2),
    ("max_unpool", {"indices": "pool1", "window": 2}, ((8, 3), (8, 7)), (Window(1, HALF, 0),)),
    ("pad", {"amount": ((3, 0), 1)}, MAP, (Window(1, 1, -3), Window(1, 1, -1))),
    ("crop", {"size": (3, 5)}, MAP, (Window(1, 1, 2), SAME_POSITION)),
    ("slice", {"axis": 1, "start": 1, "step": 2}, MAP, (Window(1, 2, 1), SAME_POSITION)),
    ("slice", {"axis": 0, "start": 1}, MAP, HERE),
    ("channel_shuffle", {"groups": 4}, MAP, HERE),
    ("roll", {"shift": 1, "axes": 1}, MAP, EVERYTHING),
    ("permute", {"order": (1, 2, 0)}, MAP, EVERYTHING),
    ("concat", {}, MAP * 2, HERE),
    ("concat", {"axis": 1}, MAP * 2, EVERYTHING),
    ("add", {}, MAP * 2, HERE),
    ("attention", {"heads": 2}, ((49, 96),), EVERYTHING),
]


@pytest.mark.parametrize(("name", "fields", "inputs", "view"), VIEWS)
def test_what_one_output_sees(name: str, fields: dict[str, Any], inputs: Shapes, view: Any) -> None:
    layer = msgspec.convert(fields, KINDS[name])
    layer.check(inputs, strict=False)
    assert layer.view(layer.read(inputs)) == view
