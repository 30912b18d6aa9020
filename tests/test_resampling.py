"""Kinds that change the grid: borders, interpolation and unpooling, against their definitions."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import Any

import numpy
import pytest
from builders import made
from hypothesis import given
from hypothesis import strategies as st

from archcalc.algebra.notation import derivation
from archcalc.layers import Layer
from archcalc.layers.base import Shape, Shapes
from archcalc.layers.views import Window, windows_of
from archcalc.words.errors import LayerError


def output(layer: Layer, *inputs: Shape) -> Shape:
    layer.check(inputs, strict=False)
    return tuple(layer.output(layer.read(inputs)))


def windows(layer: Layer, *inputs: Shape) -> tuple[Window, ...]:
    view = windows_of(layer.view(layer.read(inputs)))
    assert view is not None
    return view


SIZE = st.integers(1, 12)


# --- pad and crop ------------------------------------------------------------------------------------------

MODES = {"zero": "constant", "reflect": "reflect", "replicate": "edge"}


@given(
    size=SIZE,
    amount=st.integers(0, 15) | st.tuples(st.integers(0, 15), st.integers(0, 15)),
    mode=st.sampled_from(list(MODES)),
)
def test_pad_is_numpys(size: int, amount: int | tuple[int, int], mode: str) -> None:
    layer = made("pad", amount=(amount,), mode=mode)
    before, after = (amount, amount) if isinstance(amount, int) else amount
    # numpy goes on mirroring the mirror image, which torch does not
    if mode == "reflect" and max(before, after) >= size:
        with pytest.raises(LayerError, match="reflect cannot pad"):
            output(layer, (2, size))
        return
    padded = numpy.pad(numpy.arange(size), (before, after), MODES[mode])  # type: ignore[call-overload]
    assert output(layer, (2, size)) == (2, *padded.shape)
    assert windows(layer, (2, size)) == (Window(1, 1, -before),)


@given(
    shape=st.lists(SIZE, min_size=1, max_size=5).map(tuple),
    axis=st.integers(-5, 4),
    sides=st.tuples(st.integers(0, 15), st.integers(0, 15)),
)
def test_pad_along_one_axis_is_numpys(shape: Shape, axis: int, sides: tuple[int, int]) -> None:
    layer = made("pad", amount=(sides,), axis=axis)
    if not -len(shape) <= axis < len(shape):
        with pytest.raises(LayerError, match=f"axis {axis} does not exist"):
            output(layer, shape)
        return
    widths = [(0, 0)] * len(shape)
    widths[axis] = sides
    assert output(layer, shape) == numpy.pad(numpy.zeros(shape), widths).shape
    # along the padded axis a position lies behind the border; the channels have no positions
    offsets = [-before for before, _ in widths]
    assert windows(layer, shape) == tuple(Window(1, 1, offset) for offset in offsets[1:])


def test_padded_channels_are_not_padded_positions() -> None:
    assert output(made("pad", amount=8, axis=0), (16, 4, 4)) == (32, 4, 4)
    assert output(made("pad", amount=8), (16, 4, 4)) == (16, 20, 20)


@given(size=SIZE, wanted=SIZE)
def test_crop_takes_the_middle(size: int, wanted: int) -> None:
    layer = made("crop", size=wanted)
    if wanted > size:
        with pytest.raises(LayerError, match=f"cannot crop the length of {size} to {wanted}"):
            output(layer, (2, size))
        return
    assert output(layer, (2, size)) == (2, wanted)
    (window,) = windows(layer, (2, size))
    after = size - wanted - window.offset
    assert after - window.offset in (0, 1)


def test_the_crops_of_u_net() -> None:
    # Ronneberger, Fischer & Brox 2015, Figure 1: what is copied, and what it is joined with
    for size, wanted, border in ((64, 56, 4), (136, 104, 16), (280, 200, 40), (568, 392, 88)):
        layer = made("crop", size=wanted)
        assert windows(layer, (64, size, size)) == (Window(1, 1, border),) * 2
        assert size - 2 * border == wanted


def test_the_working_of_a_border() -> None:
    layer = made("pad", amount=3)
    x = layer.read(((3, 224, 224),)).traced(layer.axis_names)
    assert derivation(layer.output(x)[1]) == "N + 2·P = 224 + 2·3 = 230"


# --- upsample ----------------------------------------------------------------------------------------------

TAPS = {"nearest": 1, "linear": 2}


@given(size=SIZE, factor=st.integers(1, 5), mode=st.sampled_from(list(TAPS)))
def test_a_factor_is_that_many_outputs_for_each_input(size: int, factor: int, mode: str) -> None:
    layer = made("upsample", factor=factor, mode=mode)
    assert output(layer, (3, size)) == (3, numpy.repeat(numpy.empty(size), factor).size)
    (window,) = windows(layer, (3, size))
    assert window.stride * factor == window.per


@given(size=SIZE, wanted=st.integers(1, 60))
def test_interpolation_begins_around_the_centre_of_the_first_output(size: int, wanted: int) -> None:
    # With pixels as squares, output i has its centre at (i + 1/2)·N/M − 1/2 (torch, align_corners=False)
    step = Fraction(size, wanted)
    centre = (0 + Fraction(1, 2)) * step - Fraction(1, 2)
    inputs: Shapes = ((3, size),)
    (window,) = windows(made("upsample", size=wanted, mode="linear"), *inputs)
    assert Fraction(window.stride, window.per) == step
    assert seen(window, 0) == range(floor(centre), floor(centre) + 2)
    flat: Shapes = ((3, size, size),)
    cubic = windows(made("upsample", size=wanted, mode="bicubic"), *flat)
    assert cubic[0] == cubic[1]
    assert seen(cubic[0], 0) == range(floor(centre) - 1, floor(centre) + 3)


def test_a_size_is_reached_as_asked_for() -> None:
    assert output(made("upsample", size=(7, 9)), (3, 20, 5)) == (3, 7, 9)
    assert output(made("upsample", size=4, mode="trilinear"), (3, 2, 2, 2)) == (3, 4, 4, 4)


# --- max_unpool --------------------------------------------------------------------------------------------


def seen(window: Window, position: int) -> range:
    """The input positions that an output sees, by what views.Window says of its numbers."""
    first = (window.stride * position + window.offset) // window.per
    last = (window.stride * position + window.offset + window.size - 1) // window.per
    return range(first, last + 1)


@st.composite
def pools(draw: st.DrawFn) -> tuple[dict[str, Any], int]:
    window = draw(st.integers(1, 4))
    settings = {
        "window": window,
        "stride": draw(st.none() | st.integers(1, 4)),
        "padding": draw(st.integers(0, window // 2)),
        "dilation": draw(st.integers(1, 2)),
        "ceil": draw(st.booleans()),
    }
    return settings, draw(st.integers(8, 20))


@given(pools())
def test_unpooling_gives_back_the_shape_that_was_pooled(case: tuple[dict[str, Any], int]) -> None:
    settings, size = case
    pool, unpool = made("max_pool", **settings), made("max_unpool", indices="pool1", **settings)
    pooled = output(pool, (5, size))
    unpool, added = unpool.refer("indices", pool, ((5, size),))
    assert output(unpool, pooled, added) == (5, size)
    with pytest.raises(LayerError, match="came in, but 'pool1' gave"):
        output(unpool, (5, pooled[1] + 1), added)
    with pytest.raises(LayerError, match="came in, but 'pool1' gave"):
        output(unpool, (6, pooled[1]), added)


@given(pools())
def test_every_position_lies_in_the_windows_that_the_view_says(case: tuple[dict[str, Any], int]) -> None:
    settings, size = case
    (window,) = windows(made("max_unpool", indices="pool1", **settings), (5, 1), (5, size))
    step, extent = (
        settings["stride"] or settings["window"],
        settings["dilation"] * (settings["window"] - 1) + 1,
    )
    starts = {n: n * step - settings["padding"] for n in range(-20, 40)}
    covering = [[n for n, at in starts.items() if at <= i < at + extent] for i in range(size)]
    assert covering == [list(seen(window, i)) for i in range(size)]


# --- messages ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "inputs", "message", "hint"),
    [
        (
            made("pad", amount=(0, (1, 6))),
            ((3, 5),),
            "amount has 2 entries, but its input has 1 spatial axis.",
            "Give one number for all axes, or a list of 1.",
        ),
        (
            made("pad", amount=1, axis=0, mode="reflect"),
            ((3, 5, 6),),
            "mode reflect pads the spatial axes, but axis 0 was given.",
            "Drop `axis` to pad the spatial axes, or `mode` to pad one axis with zeros.",
        ),
        (
            made("pad", amount=(8, 8), axis=0),
            ((3, 5, 6),),
            "amount has 2 entries, but only axis 0 is padded.",
            "Give one number for both sides, or one pair: [[before, after]].",
        ),
        (
            made("pad", amount=(0, (1, 6)), mode="reflect"),
            ((3, 5, 6),),
            "reflect cannot pad 6 positions to the width of 6: the outermost one is not repeated.",
            "Pad at most 5, or use `zero` or `replicate`.",
        ),
        (
            made("crop", size=(5, 9)),
            ((3, 5, 6),),
            "cannot crop the width of 6 to 9.",
            "`size` is the size that is left: at most 6; pad makes a feature map larger.",
        ),
        (
            made("upsample"),
            ((3, 5, 5),),
            "it takes a factor or a size, and none came.",
            "Write `{upsample: 2}`, or `{upsample, size: [56, 56]}`.",
        ),
        (
            made("upsample", factor=2, size=10),
            ((3, 5, 5),),
            "it takes a factor or a size, and both came.",
            "Write `{upsample: 2}`, or `{upsample, size: [56, 56]}`.",
        ),
        (
            made("upsample", factor=2, mode="trilinear"),
            ((3, 5, 5),),
            "mode trilinear is for feature maps of 3 spatial axes, but 3×5×5 has 2.",
            "Use nearest, bilinear or bicubic.",
        ),
        (
            made("upsample", factor=2, mode="linear"),
            ((3, 5, 5),),
            "mode linear is for feature maps of 1 spatial axis, but 3×5×5 has 2.",
            "Use nearest, bilinear or bicubic.",
        ),
        (
            made("upsample", factor=(2, 2)),
            ((3, 5),),
            "factor has 2 entries, but its input has 1 spatial axis.",
            "Give one number for all axes, or a list of 1.",
        ),
        (
            made("max_unpool", indices="pool1", window=2),
            ((64, 14, 14), (64, 56, 56)),
            "64×14×14 came in, but 'pool1' gave 64×28×28.",
            (
                "There is a place for each value of the pool's output: bring the input to that shape, "
                "or name the pool that gave it."
            ),
        ),
    ],
)
def test_what_is_wrong_is_said(layer: Layer, inputs: Shapes, message: str, hint: str) -> None:
    with pytest.raises(LayerError) as caught:
        layer.check(inputs, strict=False)
    assert str(caught.value) == f"{message}\n  {hint}"


@pytest.mark.parametrize(
    ("pool", "message", "hint"),
    [
        (
            made("avg_pool", window=2),
            "indices must name a max_pool, but 'pool1' is avg_pool.",
            "Only a max_pool remembers where its largest values were.",
        ),
        (
            made("max_pool", window=(3, 2), stride=2, padding=(1, (0, 1)), ceil=True),
            "window is 2 here, but [3, 2] in 'pool1'.",
            "Leave window out: it is taken over from the pool.",
        ),
    ],
)
def test_only_the_pool_that_is_named_can_be_undone(pool: Layer, message: str, hint: str) -> None:
    layer = made("max_unpool", indices="pool1", window=2)
    with pytest.raises(LayerError) as caught:
        layer.refer("indices", pool, ((8, 6, 6),))
    assert str(caught.value) == f"{message}\n  {hint}"


def test_unpooling_takes_over_what_it_does_not_say() -> None:
    pool = made("max_pool", window=(3, 2), stride=2, padding=(1, (0, 1)), ceil=True)
    unpool, added = made("max_unpool", indices="pool1").refer("indices", pool, ((8, 6, 6),))
    assert added == (8, 6, 6)
    taken = {key: getattr(unpool, key) for key in pool.__struct_fields__}
    assert taken == {"window": (3, 2), "stride": 2, "padding": (1, (0, 1)), "dilation": 1, "ceil": True}
