"""What one output of a kind sees of its input, along each axis."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import Any

import msgspec
import pytest

from archcalc.layers import KINDS
from archcalc.layers.base import Shapes
from archcalc.layers.views import (
    ALL,
    CONCATENATED,
    SAME_POSITION,
    WRAPPED,
    Moved,
    Together,
    Window,
    here,
    sliding,
    windows_of,
)

MAP: Shapes = ((8, 7, 5),)
HERE = here(3)

VIEWS: list[tuple[str, dict[str, Any], Shapes, Any]] = [
    ("conv", {"filters": 2, "kernel": 3, "stride": 2, "padding": 1}, MAP, (ALL, *(Window(3, 2, -1),) * 2)),
    ("conv", {"filters": 2, "kernel": 3, "dilation": 2}, MAP, (ALL, *(Window(5, 1, 0),) * 2)),
    ("conv", {"filters": 8, "kernel": 1, "groups": "depthwise"}, MAP, (Together(8), *HERE[1:])),
    # same, stride 1: (7 − 1) + 4 − 7 = 3 zeros, the odd one after
    (
        "conv",
        {"filters": 2, "kernel": (4, 1), "padding": "same"},
        MAP,
        (ALL, Window(4, 1, -1), Window(1, 1, 0)),
    ),
    ("max_pool", {"window": 3, "stride": 2, "dilation": 2}, MAP, sliding(*(Window(5, 2, 0),) * 2)),
    ("global_avg_pool", {}, MAP, (SAME_POSITION, ALL, ALL)),
    # of 7 rows the outputs take 0 to 2, 2 to 4 and 4 to 6: ⌊7i/3⌋ to ⌈7(i + 1)/3⌉ − 1; of 5 columns all
    ("adaptive_avg_pool", {"size": (3, 1)}, MAP, (SAME_POSITION, Window(7, 7, 0, 3), ALL)),
    ("linear", {"units": 3}, ((4,),), (ALL,)),
    ("linear", {"units": 3}, ((49, 96),), (SAME_POSITION, ALL)),
    ("lrn", {}, MAP, (Window(5, 1, -2), *HERE[1:])),
    ("batch_norm", {}, MAP, HERE),
    ("layer_norm", {"axis": 0}, MAP, (ALL, *HERE[1:])),
    ("layer_norm", {"axis": (0, 1, 2)}, MAP, (ALL, ALL, ALL)),
    ("layer_norm", {}, ((49, 96),), (SAME_POSITION, ALL)),
    ("group_norm", {"groups": 4}, MAP, (Together(4), ALL, ALL)),
    ("instance_norm", {}, MAP, (SAME_POSITION, ALL, ALL)),
    ("relu", {}, MAP, HERE),
    ("relu", {}, ((4,),), (SAME_POSITION,)),
    ("softmax", {}, MAP, (ALL, *HERE[1:])),
    ("softmax", {"axis": -1}, MAP, (*HERE[1:], ALL)),
    ("dropout", {}, MAP, HERE),
    ("scale", {"value": 0.5}, MAP, HERE),
    ("mean", {"axis": 0}, MAP, (ALL, *HERE[1:])),
    ("upsample", {"factor": 2}, MAP, sliding(*(Window(1, 1, 0, 2),) * 2)),
    ("pixel_shuffle", {"factor": 2}, MAP, Moved((2, 2, 2, 7, 5), (0, 3, 1, 4, 2))),
    ("pad", {"amount": ((3, 0), 1)}, MAP, sliding(Window(1, 1, -3), Window(1, 1, -1))),
    ("crop", {"size": (3, 5)}, MAP, sliding(Window(1, 1, 2), SAME_POSITION)),
    ("slice", {"axis": 1, "start": 1, "step": 2}, MAP, sliding(Window(1, 2, 1), SAME_POSITION)),
    ("slice", {"axis": 0, "start": 1}, MAP, (Window(1, 1, 1), *HERE[1:])),
    ("channel_shuffle", {"groups": 4}, MAP, Moved((4, 2, 7, 5), (1, 0, 2, 3))),
    ("roll", {"shift": 1, "axes": 1}, MAP, (SAME_POSITION, WRAPPED, SAME_POSITION)),
    ("permute", {"order": (1, 2, 0)}, MAP, Moved((8, 7, 5), (1, 2, 0))),
    ("reshape", {"shape": (4, 70)}, MAP, Moved((8, 7, 5), (0, 1, 2))),
    ("concat", {}, MAP * 2, (CONCATENATED, *HERE[1:])),
    ("concat", {"axis": 1}, MAP * 2, (SAME_POSITION, CONCATENATED, SAME_POSITION)),
    ("add", {}, MAP * 2, HERE),
    ("attention", {"heads": 2}, ((4, 49, 96),), (SAME_POSITION, ALL, ALL)),
]


@pytest.mark.parametrize(("name", "fields", "inputs", "view"), VIEWS)
def test_what_one_output_sees(name: str, fields: dict[str, Any], inputs: Shapes, view: Any) -> None:
    layer = msgspec.convert(fields, KINDS[name])
    layer.check(inputs, strict=False)
    assert layer.view(layer.read(inputs)) == view


def seen(window: Window, output: int) -> set[int]:
    """The input positions that a window says an output sees."""
    first = window.stride * output + window.offset
    return set(range(first // window.per, (first + window.size - 1) // window.per + 1))


def view_along(name: str, fields: dict[str, Any], inputs: Shapes) -> Window:
    """What a layer over one axis says that an output sees."""
    layer = msgspec.convert(fields, KINDS[name])
    layer.check(inputs, strict=False)
    view = windows_of(layer.view(layer.read(inputs)))
    assert view is not None
    assert len(view) == 1
    return view[0]


@pytest.mark.parametrize("stride", [1, 2, 3, 5])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4])
@pytest.mark.parametrize("padding", [0, 1])
def test_a_transposed_convolution_sees_the_inputs_that_spread_to_an_output(
    kernel: int, stride: int, padding: int
) -> None:
    """Input n spreads over the outputs n·S − P to n·S − P + F − 1."""
    fields = {"filters": 1, "kernel": kernel, "stride": stride, "padding": padding}
    window = view_along("conv_transpose", fields, ((1, 20),))
    for output in range(10, 30):
        spread = {n for n in range(20) if 0 <= output - (n * stride - padding) < kernel}
        assert seen(window, output) & set(range(20)) == spread


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(2, 2, 0), (3, 2, 1), (3, 1, 0), (2, 3, 1)])
def test_max_unpool_sees_the_windows_that_hold_a_position(kernel: int, stride: int, padding: int) -> None:
    size = 24
    windows = (size + 2 * padding - kernel) // stride + 1
    fields = {"indices": "pool", "window": kernel, "stride": stride, "padding": padding}
    window = view_along("max_unpool", fields, ((1, windows), (1, size)))
    for output in range(size):
        holding = {
            n for n in range(windows) if output in range(n * stride - padding, n * stride - padding + kernel)
        }
        assert seen(window, output) & set(range(windows)) == holding


@pytest.mark.parametrize(("came", "size"), [(6, 12), (6, 18), (6, 15), (6, 4), (7, 3)])
@pytest.mark.parametrize(("mode", "reach"), [("nearest", 0), ("linear", 1)])
def test_upsampling_sees_the_neighbours_of_its_centre(mode: str, reach: int, came: int, size: int) -> None:
    """Output i stands at (i + ½)·N/M − ½ between two inputs; `nearest` takes the input in which i·N/M falls."""
    window = view_along("upsample", {"size": size, "mode": mode}, ((1, came),))
    for output in range(size):
        place = (
            Fraction(output * came, size)
            if not reach
            else Fraction((2 * output + 1) * came, 2 * size) - Fraction(1, 2)
        )
        assert seen(window, output) == set(range(floor(place), floor(place) + reach + 1))


def test_a_bicubic_upsampling_sees_two_on_each_side() -> None:
    layer = msgspec.convert({"factor": 2, "mode": "bicubic"}, KINDS["upsample"])
    view = windows_of(layer.view(layer.read(MAP)))
    assert view is not None
    window, other = view
    assert window == other
    # the centre of output 5 is at 5.5/2 − 0.5 = 2.25, between 2 and 3
    assert seen(window, 5) == {1, 2, 3, 4}
