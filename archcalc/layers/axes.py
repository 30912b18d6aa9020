"""Axes that a field names: counted as torch counts them, without the batch."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from math import isqrt
from typing import Any

from archcalc.algebra import shapes
from archcalc.algebra.symbols import prod
from archcalc.layers.base import Letters, Number, Shape
from archcalc.words.errors import LayerError
from archcalc.words.text import listing

GLOSSARY: Mapping[str, str] = {**shapes.AXIS_WORDS, "N": "size of an axis, counted from 0"}
"""What the letters of a shape's axes stand for."""


def axis_number(axis: int, shape: Shape, field: str = "axis") -> int:
    """Where `axis` stands, negative ones counted from the end; LayerError if the shape has no such axis."""
    axes = len(shape)
    if not -axes <= axis < axes:
        raise LayerError(
            f"{field} {axis} does not exist: the input is {shapes.described(shape)} "
            f"({axes} {'axis' if axes == 1 else 'axes'}).",
            hint=f"Axes are counted from 0 without the batch: use {-axes} to {axes - 1}.",
        )
    return axis % axes


def axis_numbers(axes: int | tuple[int, ...], shape: Shape, field: str = "axis") -> tuple[int, ...]:
    """Where one axis or several stand, in ascending order; LayerError for an axis given twice."""
    given = (axes,) if isinstance(axes, int) else axes
    found = sorted(axis_number(axis, shape, field) for axis in given)
    for one, following in pairwise(found):
        if one == following:
            raise LayerError(
                f"{field} {list(given)} names axis {one} twice.",
                hint=f"Name each axis once; {one} and {one - len(shape)} are the same one.",
            )
    return tuple(found)


def features_axis(shape: Shape) -> int:
    """The axis of features: the last of a vector or of tokens, the channels of a feature map."""
    return len(shape) - 1 if len(shape) <= 2 else 0


def check_groups(size: int, groups: int, what: str) -> None:
    """Raise LayerError unless `size` of `what`, such as "channels", can be split into equal groups."""
    if size % groups:
        low = [divisor for divisor in range(1, isqrt(size) + 1) if size % divisor == 0]
        high = [size // divisor for divisor in reversed(low) if divisor * divisor != size]
        raise LayerError(
            f"{size} {what} cannot be split into {groups} groups.",
            hint=f"Use a divisor of {size}: {listing(map(str, low + high), limit=12)}.",
        )


def size_over(x: Any) -> Number:
    """The number of elements along the axes in `x.over`."""
    return prod(size for axis, size in enumerate(x.shape) if axis in x.over)


def count_beside(x: Any) -> Number:
    """How often the axes in `x.over` occur: the number of elements along all other axes."""
    return prod(size for axis, size in enumerate(x.shape) if axis not in x.over)


def over(shape: Shape, *axes: int, modes: Mapping[str, Any] | None = None, **letters: Any) -> Letters:
    """The letters of a layer that works along `axes`: the shape and others, and the axes as a mode."""
    return Letters(shape=shape, modes={"over": frozenset(axes), **(modes or {})}, **letters)
