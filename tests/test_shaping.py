"""Kinds that only move values: shapes as Python and numpy have them, and every message."""

from __future__ import annotations

from math import prod

import numpy
import pytest
from builders import made
from hypothesis import assume, given
from hypothesis import strategies as st

from archcalc.algebra.notation import derivation
from archcalc.layers import Layer
from archcalc.layers.base import Shape
from archcalc.layers.views import Window, windows_of
from archcalc.words.errors import LayerError


def output(layer: Layer, *inputs: Shape) -> Shape:
    layer.check(inputs, strict=False)
    return tuple(layer.output(layer.read(inputs)))


SHAPES = st.lists(st.integers(1, 6), min_size=1, max_size=5).map(tuple)


# --- flatten, reshape, permute -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "came", "goes"),
    [
        # AlexNet before fc6: 256·6·6
        (made("flatten"), (256, 6, 6), (9216,)),
        # VGG before fc6: 512·7·7
        (made("flatten"), (512, 7, 7), (25_088,)),
        (made("flatten"), (10,), (10,)),
        (made("flatten", axis=-1), (2, 3, 4), (2, 3, 4)),
        # Swin's windows: 56×56 tokens are 8×8 windows of 7×7
        (made("reshape", shape=(-1, 49, 96)), (8, 8, 7, 7, 96), (64, 49, 96)),
        (made("reshape", shape=(-1,)), (2, 3, 4), (24,)),
        (made("permute", order=(0, 2, 1, 3, 4)), (8, 7, 8, 6, 96), (8, 8, 7, 6, 96)),
        (made("permute", order=(0,)), (7,), (7,)),
    ],
)
def test_worked_by_hand(layer: Layer, came: Shape, goes: Shape) -> None:
    assert output(layer, came) == goes


@given(shape=SHAPES, data=st.data())
def test_flatten_keeps_the_axes_before_and_all_elements(shape: Shape, data: st.DataObject) -> None:
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    goes = output(made("flatten", axis=axis), shape)
    assert goes == numpy.empty(shape).reshape(*shape[:axis], -1).shape
    assert output(made("reshape", shape=goes), shape) == goes


@given(shape=SHAPES, wanted=st.lists(st.integers(1, 6) | st.just(-1), min_size=1, max_size=5))
def test_reshape_takes_what_numpy_takes(shape: Shape, wanted: list[int]) -> None:
    layer = made("reshape", shape=tuple(wanted))
    try:
        expected = numpy.empty(shape).reshape(wanted).shape
    except ValueError:
        with pytest.raises(LayerError):
            output(layer, shape)
    else:
        assert output(layer, shape) == expected


@given(shape=SHAPES, data=st.data())
def test_permute_is_numpys_transpose(shape: Shape, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(shape))))
    assert output(made("permute", order=tuple(order)), shape) == numpy.empty(shape).transpose(order).shape


def test_views_hold_nothing_new_and_copies_do() -> None:
    came = (12, 4, 6)
    for layer, held in (
        (made("flatten"), 0),
        (made("reshape", shape=(4, -1)), 0),
        (made("permute", order=(2, 1, 0)), 0),
        (made("slice", step=2), 0),
        (made("crop", size=2), 0),
        (made("roll", shift=1, axes=0), 288),
        (made("channel_shuffle", groups=3), 288),
        (made("pixel_shuffle", factor=2), 288),
        (made("pad", amount=1), 12 * 6 * 8),
        (made("upsample", factor=2), 12 * 8 * 12),
    ):
        x = layer.read((came,))
        assert layer.activations(x, layer.output(x)) == held, layer.kind
        assert (layer.weights(x), layer.biases(x)) == (0, 0)


# --- slice -------------------------------------------------------------------------------------------------

EDGE = st.none() | st.integers(-12, 12)


@given(size=st.integers(1, 9), start=EDGE, stop=EDGE, step=st.integers(1, 5))
def test_slice_is_pythons_slice_of_a_range(size: int, start: int | None, stop: int | None, step: int) -> None:
    kept = range(size)[start:stop:step]
    layer = made("slice", axis=1, start=start, stop=stop, step=step)
    if not kept:
        with pytest.raises(LayerError, match="nothing is left of axis 1"):
            output(layer, (3, size))
        return
    assert output(layer, (3, size)) == (3, len(kept))
    assert windows_of(layer.view(layer.read(((3, size),)))) == (Window(1, step, kept[0]),)


def test_that_comparison_with_python_would_notice_an_off_by_one() -> None:
    layer = made("slice", stop=4)
    x = layer.read(((9, 2),))
    assert tuple(layer.output(x.replace(b=x.b + 1))) == (5, 2) != (len(range(9)[:4]), 2)


def test_the_working_of_a_slice() -> None:
    layer = made("slice", axis=1, start=1, step=2)
    x = layer.read(((3, 9, 10),)).traced(layer.axis_names)
    assert derivation(layer.output(x)[1]) == "⌈(b − a)/S⌉ = ⌈(9 − 1)/2⌉ = 4"


def test_what_remains_in_a_reshape_has_a_working() -> None:
    layer = made("reshape", shape=(64, -1, 96))
    x = layer.read(((56, 56, 96),)).traced(layer.axis_names)
    # 56·56·96 = 301,056; 64·96 = 6144
    assert derivation(layer.output(x)[1]) == "C·H·W/6,144 = 56·56·96/6,144 = 49"


# --- roll and shuffles -------------------------------------------------------------------------------------


@given(shape=SHAPES, data=st.data())
def test_roll_keeps_the_shape_and_names_each_axis_once(shape: Shape, data: st.DataObject) -> None:
    axes = data.draw(st.lists(st.integers(-len(shape), len(shape) - 1), min_size=1, max_size=3))
    shift = tuple(data.draw(st.integers(-9, 9)) for _ in axes)
    layer = made("roll", shift=shift, axes=tuple(axes))
    if len({axis % len(shape) for axis in axes}) < len(axes):
        with pytest.raises(LayerError, match="twice"):
            output(layer, shape)
    else:
        assert output(layer, shape) == shape


def test_roll_shifts_the_axes_in_the_order_given() -> None:
    class Toolkit:
        Roll = dict

    assert made("roll", shift=(1, -2), axes=(-1, 0)).build(Toolkit, ((3, 8, 10),)) == {0: -2, 2: 1}
    assert made("roll", shift=-3, axes=(0, 1)).build(Toolkit, ((56, 56, 96),)) == {0: -3, 1: -3}


def test_a_shift_of_the_channels_leaves_every_position_where_it_is() -> None:
    layer = made("roll", shift=1, axes=0)
    assert windows_of(layer.view(layer.read(((3, 8, 10),)))) == (Window(1, 1, 0), Window(1, 1, 0))


@given(channels=st.integers(1, 40), factor=st.integers(1, 4), sides=st.tuples(*[st.integers(1, 9)] * 2))
def test_pixel_shuffle_loses_no_element(channels: int, factor: int, sides: Shape) -> None:
    came = (channels, *sides)
    layer = made("pixel_shuffle", factor=factor)
    if channels % factor**2:
        with pytest.raises(LayerError, match="cannot be laid out"):
            output(layer, came)
        return
    goes = output(layer, came)
    assert prod(goes) == prod(came)
    assert goes[1:] == tuple(factor * side for side in sides)


@given(channels=st.integers(1, 40), groups=st.integers(1, 12))
def test_channel_shuffle_needs_equal_groups(channels: int, groups: int) -> None:
    assume(channels % groups)
    with pytest.raises(LayerError, match=f"{channels} channels cannot be split into {groups} groups"):
        output(made("channel_shuffle", groups=groups), (channels, 5))


# --- messages ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "came", "message", "hint"),
    [
        (
            made("flatten", axis=3),
            (16, 5, 5),
            "axis 3 does not exist: the input is 16×5×5 (3 axes).",
            "Axes are counted from 0 without the batch: use -3 to 2.",
        ),
        (
            made("reshape", shape=(4, 0)),
            (16,),
            "shape [4, 0] must have sizes of at least 1, and one -1 at most.",
            "-1 stands for what remains once the others are known.",
        ),
        (
            made("reshape", shape=(15, -1)),
            (4, 4),
            "16 elements (4×4) cannot be split into parts of 15 for the -1 in [15, -1].",
            "The other sizes must divide the number of elements.",
        ),
        (
            made("reshape", shape=(3, 5)),
            (4, 4),
            "shape [3, 5] has 15 elements, but 4×4 came in, which has 16.",
            "Write -1 for one size to have it computed.",
        ),
        (
            made("permute", order=(1, 2, 3)),
            (3, 8, 8),
            "[1, 2, 3] is not an order of the 3 axes of 3×8×8.",
            "Name each of [0, 1, 2] once, or from the end [-3, -2, -1]; the batch does not count.",
        ),
        (
            made("slice", start=4, stop=2),
            (5, 3),
            "nothing is left of axis 0: it has 5 positions, and 4 up to 2 is none.",
            "As in Python, negative positions count from the end, and `stop` itself is not kept.",
        ),
        (
            made("roll", shift=(1, 2, 3), axes=(0, 1)),
            (5, 3),
            "shift has 3 entries, but axes has 2.",
            "Give one number for all of `axes`, or a list with one for each.",
        ),
        (
            made("roll", shift=1, axes=(1, -1)),
            (5, 3),
            "axes [1, -1] names axis 1 twice.",
            "Name each axis once; 1 and -1 are the same one.",
        ),
        (
            made("pixel_shuffle", factor=3),
            (10, 4, 4),
            "10 channels cannot be laid out as 3×3 pixels each.",
            "Give the layer before a multiple of 9 filters.",
        ),
        (
            made("pixel_shuffle", factor=2),
            (8, 2, 4, 4),
            "pixel_shuffle works on [C, H, W], but 8×2×4×4 came in.",
            "In one or three dimensions, use conv_transpose or upsample.",
        ),
        (
            made("channel_shuffle", groups=2),
            (8,),
            (
                "channel_shuffle works on feature maps (channels and at least one spatial axis), "
                "but a vector of 8 came in."
            ),
            "A vector has no positions: use linear, or place the layer before flatten.",
        ),
    ],
)
def test_what_is_wrong_is_said(layer: Layer, came: Shape, message: str, hint: str) -> None:
    with pytest.raises(LayerError) as caught:
        layer.check((came,), strict=False)
    assert str(caught.value) == f"{message}\n  {hint}"
