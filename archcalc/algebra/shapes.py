"""Shape arithmetic that several kinds share, and the names of axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from archcalc.algebra.symbols import ceil_div, maximum, minimum
from archcalc.words.language import marked

T = TypeVar("T")

AXIS_WORDS: Mapping[str, str] = {
    "C": marked("channels"),
    "Z": marked("depth"),
    "H": marked("height"),
    "W": marked("width"),
    "L": marked("length"),
    "T": marked("tokens"),
    "D": marked("features"),
}
"""The letters of axes and the words for them. Everything else about the names of axes is made from this."""

AXIS_LETTERS: Mapping[int, tuple[str, ...]] = {
    1: ("D",),
    2: ("T", "D"),
    3: ("C", "H", "W"),
    4: ("C", "Z", "H", "W"),
}
"""Letters of the axes of a shape by its rank: features, tokens, feature maps, volumes."""

SEQUENCE_LETTERS: Mapping[int, tuple[str, ...]] = {**AXIS_LETTERS, 2: ("C", "L")}
"""The same where a shape of two axes is a sequence of channels rather than tokens of features."""

WINDOWS_OF_TOKENS: Mapping[int, tuple[str, ...]] = {3: ("n", "T", "D")}
"""The same where a shape of three axes is windows of tokens; what the windows are has no word."""

AXIS_INDEX: Mapping[str, Mapping[int, int]] = {
    word: {
        rank: letters.index(letter)
        for form in (AXIS_LETTERS, SEQUENCE_LETTERS, WINDOWS_OF_TOKENS)
        for rank, letters in form.items()
        if letter in letters
    }
    for letter, word in AXIS_WORDS.items()
}
"""Where a named axis stands, by the rank of the shape."""

SPATIAL_SUBSCRIPTS: Mapping[int, tuple[str, ...]] = {
    axes: tuple(letter.lower() for letter in SEQUENCE_LETTERS[axes + 1][1:]) if axes > 1 else ("",)
    for axes in (1, 2, 3)
}
"""What tells the letters of the spatial axes apart, by how many of these there are: N_h and N_w."""


def spatial_name(axis: int, axes: int) -> str:
    """The word for spatial axis number `axis` of `axes`."""
    letters = SEQUENCE_LETTERS.get(axes + 1)
    return AXIS_WORDS[letters[axis + 1]] if letters else f"axis {axis + 1}"


def axis_name(axis: int, rank: int) -> str:
    """`axis 1 (height)` in a feature map; only the number where a shape of that rank may be several things."""
    known = rank in AXIS_LETTERS and AXIS_LETTERS[rank] == SEQUENCE_LETTERS[rank]
    return f"axis {axis} ({AXIS_WORDS[AXIS_LETTERS[rank][axis]]})" if known else f"axis {axis}"


def channels_last(shape: tuple[T, ...]) -> tuple[T, ...]:
    """The sizes of a shape with its channels, which stand first here, behind the others: C, H, W to H, W, C."""
    return (*shape[1:], *shape[:1])


def channels_first(shape: tuple[T, ...]) -> tuple[T, ...]:
    """The other way round: H, W, C to C, H, W."""
    return (*shape[-1:], *shape[:-1])


def joined(shape: Sequence[Any]) -> str:
    """A shape as people write it: `3×227×227`."""
    return "×".join(str(size) for size in shape)


def described(shape: Sequence[int]) -> str:
    """A shape in the words of a message: `a vector of 4096` or `64×56×56`."""
    return f"a vector of {shape[0]}" if len(shape) == 1 else joined(shape)


def effective_kernel(a: Any) -> Any:
    """The extent of a kernel of F taps with dilation D: D·(F − 1) + 1."""
    return a.F if a.D is None else a.D * (a.F - 1) + 1


def padded(size: Any, a: Any) -> Any:
    """A size with its padding: N + 2P, or N + P_1 + P_2 where `a.padding` is `sides`."""
    return size + a.P_1 + a.P_2 if a.padding == "sides" else size + 2 * a.P


def window_positions(a: Any) -> Any:
    """How many positions a window takes along one axis: ⌊(N + 2P − F)/S⌋ + 1, from the letters N, F, S, P, D.

    `a.padding` is the form: `symmetric` reads P, `sides` reads P_1 and P_2, `same` is ⌈N/S⌉ by definition
    (TensorFlow's SAME). With `a.ceil` the last, partial window counts unless it would start in the padding
    after the input (Caffe's and torch's rule; Caffe's pooling_layer.cpp).
    """
    if a.padding == "same":
        return ceil_div(a.N, a.S)
    span = padded(a.N, a) - effective_kernel(a)
    if a.ceil:
        before = a.P_1 if a.padding == "sides" else a.P
        return minimum(ceil_div(span, a.S) + 1, (a.N + before - 1) // a.S + 1)
    return span // a.S + 1


def same_padding(size: int, extent: int, stride: int) -> tuple[int, int]:
    """The zeros before and after that give ⌈N/S⌉ positions; an odd one goes after (TensorFlow's SAME)."""
    needed = maximum((ceil_div(size, stride) - 1) * stride + extent - size, 0)
    return needed // 2, needed - needed // 2
