"""What one output of a layer sees of its input: a word for each axis, or where the same elements went.

A view says nothing of the network's input; `archcalc.results` puts the views of one layer after another together.
"""

from __future__ import annotations

from math import gcd
from typing import Any, NamedTuple, TypeAlias


class Window(NamedTuple):
    """What one output position of a layer sees of its input, along one axis, in input positions.

    A layer with a finer grid than its input's has a window over that grid, with `per` positions for each of
    the input: output i sees the input positions from ⌊(stride·i + offset)/per⌋ to
    ⌊(stride·i + offset + size − 1)/per⌋.
    """

    size: Any
    stride: Any
    offset: Any
    """Where the window of output position 0 begins; negative inside padding."""
    per: Any = 1


SAME_POSITION = Window(1, 1, 0)


class Together(NamedTuple):
    """All positions along an axis at once, as a matrix product takes features; each of `groups` parts by itself.

    The axis is gone where the output has fewer axes than the input, and stands for something new where not.
    """

    groups: Any = 1


ALL = Together()


class Displaced(NamedTuple):
    """Along an axis, places that no window describes: what wraps round, or follows on another branch."""

    joins: bool = False
    """Whether branches stand one after another there: for channels that is nothing new."""


WRAPPED, CONCATENATED = Displaced(), Displaced(joins=True)

Along: TypeAlias = "Window | Together | Displaced"


class Moved(NamedTuple):
    """The same elements elsewhere: read as the axes `split`, those put in `order`, and read as the output."""

    split: tuple[Any, ...]
    order: tuple[int, ...]


View: TypeAlias = "tuple[Along, ...] | Moved"
"""A word for each axis of the input (of the first, for a join), or a move."""


def here(rank: int) -> View:
    """The same position along all of `rank` axes."""
    return (SAME_POSITION,) * rank


def sliding(*windows: Along) -> View:
    """Windows along the axes behind the channels, each channel by itself."""
    return (SAME_POSITION, *windows)


def within(rank: int, *axes: int) -> View:
    """All positions along `axes`, the same position along the others."""
    return tuple(ALL if axis in axes else SAME_POSITION for axis in range(rank))


def windows_of(view: View) -> tuple[Window, ...] | None:
    """The windows along the axes behind the first, where there is nothing but windows."""
    if isinstance(view, Moved) or not all(type(along) is Window for along in view[1:]):
        return None
    return tuple(map(simplest, view[1:]))  # type: ignore[arg-type]


def simplest(window: Window) -> Window:
    """The same window over the coarsest grid that will do; its numbers must be ints."""
    common = gcd(window.stride, window.per)
    if common == 1:
        return window
    first, last = window.offset // common, (window.offset + window.size - 1) // common
    return Window(last - first + 1, window.stride // common, first, window.per // common)
