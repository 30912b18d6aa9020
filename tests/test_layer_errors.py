"""What each kind refuses, and what it says: the fault and the way out."""

from __future__ import annotations

import re
from math import nan
from typing import Any

import msgspec
import pytest
from builders import made

from archcalc.layers import KINDS, Layer
from archcalc.layers.base import Shapes
from archcalc.words.errors import LayerError

REFUSED: list[tuple[str, dict[str, Any], Shapes, str, str]] = [
    (
        "conv",
        {"filters": 8, "kernel": 3, "groups": 6},
        ((64, 9, 9),),
        "64 input channels cannot be split into 6 groups.",
        "Use a divisor of 64: 1, 2, 4, 8, 16, 32",
    ),
    (
        "conv",
        {"filters": 7, "kernel": 3, "groups": "depthwise"},
        ((8, 9, 9),),
        "7 filters cannot be split into 8 groups.",
        "Use a divisor of 7: 1",
    ),
    ("conv", {"filters": 8, "kernel": 5}, ((3, 9, 4),), "a kernel of 5 is larger", "at most 4"),
    ("conv", {"filters": 8, "kernel": 3}, ((10,),), "works on feature maps", "use linear"),
    ("conv", {"filters": 8, "kernel": (3, 3)}, ((3, 9),), "kernel has 2 entries", "a list of 1"),
    (
        "conv_transpose",
        {"filters": 8, "kernel": 3, "groups": 5},
        ((8, 9),),
        "8 input channels",
        "divisor of 8",
    ),
    (
        "conv_transpose",
        {"filters": 8, "kernel": 3, "stride": 2, "output_padding": 2},
        ((8, 9),),
        "output_padding 2 is not smaller than the stride 2",
        "adds less than a stride",
    ),
    (
        "conv_transpose",
        {"filters": 8, "kernel": 2, "padding": 4},
        ((8, 3),),
        # Three windows of 2, one step apart, span 4; 4 are cut off on each side.
        "padding 4 leaves nothing of the output: (N − 1)·S − 2·P + F = (3 − 1)·1 − 2·4 + 2 = −4.",
        "Use less padding",
    ),
    (
        "conv_transpose",
        {"filters": 8, "kernel": 2, "padding": 4, "stride": 2, "output_padding": 1, "dilation": 2},
        ((8, 3),),
        "2·P + D·(F − 1) + 1 + O = (3 − 1)·2 − 2·4 + 2·(2 − 1) + 1 + 1 = 0.",
        "Use less padding",
    ),
    ("linear", {"units": 10}, ((256, 6, 6),), "256×6×6 came in", "a vector of 9216"),
    ("linear", {"units": 10}, ((256, 6, 6),), "256×6×6 came in", "`{conv: 10, kernel: 1}`"),
    ("linear", {"units": 10}, ((256, 6, 6),), "256×6×6 came in", "{permute: [1, 2, 0]}"),
    ("linear", {"units": 10, "axis": 0}, ((256, 6, 6),), "axis must be -1", "permute"),
    ("max_pool", {"window": 3}, ((3, 2, 9),), "a window of 3 is larger", "at most 2"),
    ("max_pool", {"window": 2, "padding": 2}, ((3, 9, 9),), "more than half of the window of 2", "at most 1"),
    ("avg_pool", {"window": 2}, ((9,),), "works on feature maps", "use linear"),
    ("adaptive_avg_pool", {"size": (2, 2)}, ((3, 9),), "size has 2 entries", "a list of 1"),
    ("lrn", {}, ((9,),), "lrn works on feature maps", "before flatten"),
    ("batch_norm", {}, ((2, 3, 4, 5, 6),), "at most three spatial axes, but 2×3×4×5×6 came in", "permute"),
    (
        "layer_norm",
        {},
        ((96, 56, 56),),
        "does not know which axes of 96×56×56 to normalize over",
        "Say `layer_norm: 0` for the channels of a map, `layer_norm: -1` for the last axis.",
    ),
    ("layer_norm", {"axis": 2}, ((49, 96),), "axis 2 does not exist: the input is 49×96", "use -2 to 1"),
    ("layer_norm", {"axis": (1, -1)}, ((49, 96),), "names axis 1 twice", "1 and -1 are the same"),
    (
        "group_norm",
        {"groups": 5},
        ((64, 9, 9),),
        "64 channels cannot be split into 5 groups.",
        "Use a divisor of 64: 1, 2, 4, 8, 16, 32 or 64.",
    ),
    ("group_norm", {"groups": 64}, ((64,),), "the mean of single values", "use larger groups"),
    ("instance_norm", {}, ((64, 1, 1),), "the mean of single values, as 64×1×1 came in", "earlier layer"),
    ("instance_norm", {}, ((64,),), "works on feature maps", "before flatten"),
    ("instance_norm", {}, ((2, 3, 4, 5, 6),), "at most three spatial axes", "permute"),
    ("softmax", {"axis": 1}, ((10,),), "axis 1 does not exist: the input is a vector of 10", "use -1 to 0"),
    ("scale", {"value": (1, 2)}, ((2, 9, 9),), "a list of 2 factors", "Add `per: channel`"),
    ("scale", {"value": (1, 2), "per": "channel"}, ((3, 9, 9),), "2 factors were given for 3", "a list of 3"),
    ("scale", {"value": "learned", "axis": 0}, ((3, 9, 9),), "one for the whole layer", "Add `per: channel`"),
    ("scale", {"value": 1, "per": "channel", "axis": 3}, ((3, 9, 9),), "axis 3 does not exist", "-3 to 2"),
    ("embedding", {"units": 8, "vocabulary": 9}, ((3, 9, 9),), "but 3×9×9 came in", "`input: [T]`"),
    ("mean", {"axis": (0, 1)}, ((49, 96),), "mean over every axis of 49×96", "Leave one axis"),
    ("mean", {"axis": -3}, ((49, 96),), "axis -3 does not exist", "use -2 to 1"),
    ("flatten", {"axis": 2}, ((3, 4),), "axis 2 does not exist: the input is 3×4", "use -2 to 1"),
    ("reshape", {"shape": (5, -1)}, ((12,),), "12 elements (a vector of 12) cannot be split", "must divide"),
    ("reshape", {"shape": (5,)}, ((12,),), "has 5 elements, but a vector of 12 came in", "Write -1"),
    ("reshape", {"shape": (-1, -1)}, ((12,),), "one -1 at most", "what remains"),
    ("permute", {"order": (0, 0)}, ((3, 4),), "not an order of the 2 axes of 3×4", "once"),
    ("permute", {"order": (-1, 1)}, ((3, 4),), "not an order of the 2 axes of 3×4", "[-2, -1]"),
    ("permute", {"order": (-3, 0)}, ((3, 4),), "not an order of the 2 axes of 3×4", "once"),
    (
        "max_unpool",
        {"indices": "pool1", "window": 2, "stride": 1, "padding": 1, "dilation": 4},
        ((1, 1), (1, 3)),
        # one window, its taps at −1 and 3: neither is one of the positions 0 to 2
        "a window of 'pool1' lies in its padding alone: 4 positions lie between its taps, over an input of 3",
        "less padding or dilation",
    ),
    ("upsample", {"factor": 0.1}, ((8, 3),), "a factor of 0.1 leaves nothing of 3", "a larger factor"),
    # 100·1.15 = 115, and 1.15 as a float is a little less
    (
        "upsample",
        {"factor": 1.15},
        ((8, 100),),
        "100·1.15 is 115 once it is rounded down, and 114",
        "`size: 115`",
    ),
    ("pad", {"amount": -2}, ((3, 4),), "cutting 4 positions off the length of 4 leaves nothing", "at most 3"),
    (
        "pad",
        {"amount": ((-5, 9),), "axis": 1},
        ((3, 4),),
        "cutting 5 positions off the axis 1 of 4",
        "at most 3",
    ),
    ("pad", {"amount": 5, "mode": "circular"}, ((3, 4),), "circular cannot pad 5 positions", "at most 4"),
    ("pad", {"amount": ((3, -2),), "mode": "circular"}, ((3, 4),), "circular cannot pad 3", "at most 2"),
    (
        "conv",
        {"filters": 1, "kernel": 9, "padding": 4, "padding_mode": "reflect"},
        ((3, 4),),
        "reflect cannot pad 4 positions to the length of 4",
        "at most 3",
    ),
    ("slice", {"start": 5}, ((5, 3),), "nothing is left of axis 0: it has 5 positions", "from the end"),
    ("slice", {"axis": 2}, ((5, 3),), "axis 2 does not exist", "use -2 to 1"),
    ("roll", {"shift": (1, 2), "axes": 0}, ((5, 3),), "shift has 2 entries, but axes has 1", "one for each"),
    ("roll", {"shift": 1, "axes": (0, -2)}, ((5, 3),), "names axis 0 twice", "0 and -2 are the same"),
    (
        "channel_shuffle",
        {"groups": 5},
        ((8, 3),),
        "8 channels cannot be split into 5 groups.",
        "1, 2, 4 or 8",
    ),
    ("upsample", {}, ((8, 3),), "a factor or a size, and none came", "{upsample: 2}"),
    ("upsample", {"factor": 2, "size": 6}, ((8, 3),), "a factor or a size, and both came", "{upsample: 2}"),
    (
        "upsample",
        {"factor": 2, "mode": "bilinear"},
        ((8, 3),),
        "bilinear is for feature maps of 2",
        "nearest or linear",
    ),
    ("pad", {"amount": 5, "mode": "reflect"}, ((3, 5),), "reflect cannot pad 5 positions", "at most 4"),
    ("crop", {"size": 9}, ((3, 5),), "cannot crop the length of 5 to 9", "at most 5"),
    ("pixel_shuffle", {"factor": 2}, ((6, 4, 4),), "6 channels cannot be laid out as 2×2", "multiple of 4"),
    ("pixel_shuffle", {"factor": 2}, ((8, 4),), "works on [C, H, W], but 8×4 came in", "upsample"),
    (
        "max_unpool",
        {"indices": "pool1", "window": 2},
        ((1, 3), (1, 4)),
        "1×3 came in, but 'pool1' gave 1×2",
        "name the pool",
    ),
    ("concat", {}, ((3, 4, 4), (3, 5, 4)), "along axis 1 (height) 5 is not 4", "along axis 0"),
    ("concat", {"axis": 3}, ((3, 4, 4), (3, 4, 4)), "axis 3 does not exist", "use -3 to 2"),
    ("add", {}, ((64, 9, 9), (32, 9, 9)), "branch 2 gives 32×9×9, but branch 1 gives 64×9×9", "1×1 conv"),
    ("mul", {}, ((64, 9, 9),), "branch, and joins at least 2", "list of branches"),
    ("mul", {}, ((64, 9, 9), (64,)), "needs the same number of axes", "{reshape: [64, 1, 1]}"),
    ("attention", {"heads": 5}, ((3, 8),), "8 features cannot be split into 5 heads", "such as 4"),
    ("attention", {"heads": 2}, ((8,),), "a vector of 8 came in", "{flatten: 1}"),
    (
        "attention",
        {"heads": 2, "relative_position": (7, 7)},
        ((48, 8),),
        "49 tokens, but 48",
        "tokens of one window",
    ),
]


@pytest.mark.parametrize(("name", "fields", "inputs", "message", "hint"), REFUSED)
def test_a_shape_that_does_not_fit_is_refused(
    name: str, fields: dict[str, Any], inputs: Shapes, message: str, hint: str
) -> None:
    with pytest.raises(LayerError) as caught:
        made(name, fields).check(inputs, strict=False)
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


def test_the_ways_out_of_a_linear_layer_on_a_map_are_ways() -> None:
    """10 units on 3×8×8: 192·10 + 10 weights and biases of it flattened, 3·10 + 10 of its channels."""
    for before, layer, shape, params in (
        (("flatten", {}), ("linear", {"units": 10}), (10,), 1930),
        (None, ("conv", {"filters": 10, "kernel": 1}), (10, 8, 8), 40),
        (("permute", {"order": (1, 2, 0)}), ("linear", {"units": 10, "axis": -1}), (8, 8, 10), 40),
    ):
        came: Shapes = ((3, 8, 8),)
        if before is not None:
            first = made(*before)
            first.check(came, strict=False)
            came = (first.output(first.read(came)),)
        last = made(*layer)
        last.check(came, strict=False)
        x = last.read(came)
        assert last.output(x) == shape
        assert last.weights(x) + last.biases(x) == params


@pytest.mark.parametrize("kernel", range(1, 6))
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2])
def test_same_of_a_transposed_convolution_is_said_in_numbers(kernel: int, stride: int, dilation: int) -> None:
    fields = {"filters": 1, "kernel": kernel, "stride": stride, "dilation": dilation}
    said = KINDS["conv_transpose"].instead("padding", "same", fields)
    found = {key: int(value) for key, value in re.findall(r"(padding|output_padding): (\d+)", said)}
    layer = made("conv_transpose", {**fields, **found})
    if found.get("output_padding", 0) < max(stride, dilation):
        layer.check(((1, 9),), strict=False)
    assert layer.output(layer.read(((1, 9),))) == (1, 9 * stride)


def test_every_kind_that_checks_is_seen_to_refuse() -> None:
    checking = {name for name, cls in KINDS.items() if cls.check is not Layer.check}
    assert {name for name, *_ in REFUSED} == checking


@pytest.mark.parametrize(
    ("fields", "size", "said"),
    [
        # 7 − 3 is one step of 3 and 1 over; 10 + 2 − 3 two steps of 4 and 1; 11 + 1 − 5 one step of 4 and 3.
        (
            {"kernel": 3, "stride": 3},
            7,
            "its length: ⌊(N + 2·P − F)/S⌋ + 1 = ⌊(7 + 2·0 − 3)/3⌋ + 1 = 2, and 2.33 without rounding down.",
        ),
        (
            {"kernel": 3, "stride": 4, "padding": 1},
            10,
            "⌊(N + 2·P − F)/S⌋ + 1 = ⌊(10 + 2·1 − 3)/4⌋ + 1 = 3, and 3.25 without rounding down.",
        ),
        (
            {"kernel": 3, "stride": 4, "padding": ((1, 0),), "dilation": 2},
            11,
            "⌊(11 + 1 + 0 − (2·(3 − 1) + 1))/4⌋ + 1 = 2, and 2.75 without rounding down.",
        ),
    ],
)
def test_a_rest_is_said_with_the_rule(fields: dict[str, Any], size: int, said: str) -> None:
    with pytest.raises(LayerError) as caught:
        made("conv", filters=1, **fields).check(((1, size),), strict=True)
    assert said in str(caught.value)


STRICT: list[tuple[str, dict[str, Any], Shapes]] = [
    ("conv", {"filters": 8, "kernel": 3, "stride": 3}, ((3, 7, 7),)),
    ("max_pool", {"window": 3}, ((3, 7, 7),)),
    ("avg_pool", {"window": 3}, ((3, 7, 7),)),
    ("adaptive_avg_pool", {"size": 3}, ((3, 7, 7),)),
]


@pytest.mark.parametrize(("name", "fields", "inputs"), STRICT)
def test_strict_refuses_a_rest(name: str, fields: dict[str, Any], inputs: Shapes) -> None:
    layer = made(name, fields)
    layer.check(inputs, strict=False)
    with pytest.raises(LayerError):
        layer.check(inputs, strict=True)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("conv", {"filters": 8}),
        ("conv", {"filters": 0, "kernel": 3}),
        ("conv", {"filters": 8, "kernel": 3, "stride": 0}),
        ("conv", {"filters": 8, "kernel": 3, "padding": -1}),
        ("conv", {"filters": 8, "kernel": 3, "padding": "full"}),
        ("conv", {"filters": 8, "kernel": 3, "padding": ((1, 2, 3),)}),
        ("conv", {"filters": 8, "kernel": 3, "groups": "all"}),
        ("conv", {"filters": 10**10, "kernel": 3}),
        ("conv", {"filters": 8.5, "kernel": 3}),
        ("linear", {"units": True}),
        ("max_pool", {"window": ()}),
        ("lrn", {"window": 0}),
        ("lrn", {"alpha": nan}),
        ("lrn", {"k": -1}),
        ("batch_norm", {"affine": 1}),
        ("layer_norm", {"axis": "channels"}),
        ("group_norm", {}),
        ("leaky_relu", {"slope": nan}),
        ("elu", {"alpha": nan}),
        ("softmax", {"axis": 0.5}),
        ("dropout", {"rate": 1.1}),
        ("dropout", {"rate": -0.1}),
        ("scale", {}),
        ("scale", {"value": "learnt"}),
        ("scale", {"value": 1, "per": "pixel"}),
        ("embedding", {"units": 8}),
        ("parameter", {"shape": ()}),
        ("parameter", {"shape": 3, "role": "both"}),
        ("mean", {}),
        ("reshape", {"shape": (-2, 3)}),
        ("permute", {"order": (0, 0.5)}),
        ("slice", {"step": 0}),
        ("upsample", {"factor": -1.5}),
        ("pad", {"amount": 0.5}),
        ("crop", {"size": 0}),
        ("max_unpool", {"window": 2}),
        ("concat", {"axis": "channels"}),
        ("attention", {"heads": 0}),
    ],
)
def test_a_field_out_of_its_bounds_is_refused(name: str, fields: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        made(name, fields)


def test_a_pool_is_undone_only_by_its_own_settings() -> None:
    unpool = made("max_unpool", {"indices": "pool1", "window": 2})
    pool = made("max_pool", {"window": 2})
    assert unpool.refer("indices", pool, ((8, 6, 6),))[1] == (8, 6, 6)
    with pytest.raises(LayerError, match="window is 2 here, but 3 in 'pool1'"):
        unpool.refer("indices", made("max_pool", {"window": 3}), ((8, 6, 6),))
    with pytest.raises(LayerError, match="indices must name a max_pool, but 'pool1' is avg_pool"):
        unpool.refer("indices", made("avg_pool", {"window": 2}), ((8, 6, 6),))
