"""Shape arithmetic that several kinds share, and the names of axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archcalc.symbols import ceil_div, maximum, minimum

AXIS_LETTERS: Mapping[int, tuple[str, ...]] = {
    1: ("D",),
    2: ("T", "D"),
    3: ("C", "H", "W"),
    4: ("C", "Z", "H", "W"),
}
"""Letters of the axes of a shape by its rank: features, tokens, feature maps, volumes."""

SEQUENCE_LETTERS: Mapping[int, tuple[str, ...]] = {**AXIS_LETTERS, 2: ("C", "L")}
"""The same where a shape of two axes is a sequence of channels rather than tokens of features."""

AXIS_INDEX: Mapping[str, Mapping[int, int]] = {
    "channels": {2: 0, 3: 0, 4: 0},
    "depth": {4: 1},
    "height": {3: 1, 4: 2},
    "width": {3: 2, 4: 3},
    "length": {2: 1},
    "tokens": {2: 0, 3: 1},
    "features": {1: 0, 2: 1, 3: 2},
}
"""Where a named axis stands, by the rank of the shape."""

SPATIAL_SUBSCRIPTS: Mapping[int, tuple[str, ...]] = {
    1: ("",),
    2: ("h", "w"),
    3: ("z", "h", "w"),
    4: ("1", "2", "3", "4"),
    5: ("1", "2", "3", "4", "5"),
    6: ("1", "2", "3", "4", "5", "6"),
    7: ("1", "2", "3", "4", "5", "6", "7"),
}
SPATIAL_NAMES: Mapping[int, tuple[str, ...]] = {
    1: ("length",),
    2: ("height", "width"),
    3: ("depth", "height", "width"),
}


def spatial_name(axis: int, axes: int) -> str:
    """The word for spatial axis number `axis` of `axes`."""
    names = SPATIAL_NAMES.get(axes)
    return names[axis] if names else f"axis {axis + 1}"


def joined(shape: Sequence[Any]) -> str:
    """A shape as people write it: `3×227×227`."""
    return "×".join(str(size) for size in shape)


def described(shape: Sequence[int]) -> str:
    """A shape in the words of a message: `a vector of 4096` or `64×56×56`."""
    return f"a vector of {shape[0]}" if len(shape) == 1 else joined(shape)


def effective_kernel(a: Any) -> Any:
    """The extent of a kernel of F taps with dilation D: D·(F − 1) + 1."""
    return a.F if a.D is None else a.D * (a.F - 1) + 1


def window_positions(a: Any) -> Any:
    """How many positions a window takes along one axis: ⌊(N + 2P − F)/S⌋ + 1, from the letters N, F, S, P, D.

    `a.padding` is the form: `symmetric` reads P, `sides` reads P_1 and P_2, `same` is ⌈N/S⌉ by definition
    (TensorFlow's SAME). With `a.ceil` the last, partial window counts unless it would start in the padding
    after the input (Caffe's and torch's rule; Caffe's pooling_layer.cpp).
    """
    if a.padding == "same":
        return ceil_div(a.N, a.S)
    if a.padding == "sides":
        span, before = a.N + a.P_1 + a.P_2 - effective_kernel(a), a.P_1
    else:
        span, before = a.N + 2 * a.P - effective_kernel(a), a.P
    if a.ceil:
        return minimum(ceil_div(span, a.S) + 1, (a.N + before - 1) // a.S + 1)
    return span // a.S + 1


def same_padding(size: int, extent: int, stride: int) -> tuple[int, int]:
    """The zeros before and after that give ⌈N/S⌉ positions; an odd one goes after (TensorFlow's SAME)."""
    needed = maximum((ceil_div(size, stride) - 1) * stride + extent - size, 0)
    return needed // 2, needed - needed // 2
