"""Receptive fields: which input positions one output position depends on.

Size, stride and offset per axis are composed layer by layer: r' = r + (k − 1)·j, j' = j·s, o' = o + w·j for a
window of k with stride s that begins at w (Araujo, Norris & Sim 2019, Computing Receptive Fields of
Convolutional Neural Networks, Distill, section "Computing the receptive field size" and "… region").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from archcalc.layers.base import Number, View

if TYPE_CHECKING:
    from fractions import Fraction

Step: TypeAlias = "int | Fraction"


class ReceptiveField(NamedTuple):
    """What one output position sees, along each spatial axis, in positions of the network's input.

    `size` and the rest are None where branches with different strides were joined: no single window describes
    such a layer.
    """

    size: tuple[Step, ...] | None
    stride: tuple[Step, ...] | None
    """How far the window moves from one output position to the next; below 1 after upsampling."""
    offset: tuple[Step, ...] | None
    """Where the window of output position 0 begins; negative inside padding."""
    aligned: bool
    """Whether all branches that were joined on the way have the same stride and centre."""

    @property
    def positions(self) -> tuple[int, ...] | None:
        """The input positions that one output position sees at most, along each axis.

        Behind an upsampling the windows of neighbours begin at different fractions of a position; the size is
        rounded up to what the widest of them touches.
        """
        return None if self.size is None else tuple(-int(-size // 1) for size in self.size)


WHOLE = None
"""The field of a layer that sees the whole input, or has no positions."""

NOWHERE = "nowhere"
"""The field of what does not depend on the input, as a bare parameter."""

Field = ReceptiveField | None | str

MISALIGNED = ReceptiveField(None, None, None, False)


def of_input(axes: int) -> Field:
    """The field of the network's input itself."""
    return ReceptiveField((1,) * axes, (1,) * axes, (0,) * axes, True) if axes else WHOLE


def through(field: Field, view: View) -> Field:
    """The field behind a layer with this view, whose input has the field `field`."""
    if field is WHOLE or isinstance(field, str):
        return field
    if isinstance(view, str):
        return WHOLE
    if field.size is None or field.stride is None or field.offset is None:
        return field
    if len(view) != len(field.size):
        return WHOLE
    return ReceptiveField(
        tuple(
            _plain(size_behind(r, w.size, j)) for r, w, j in zip(field.size, view, field.stride, strict=True)
        ),
        tuple(_plain(stride_behind(j, w.stride)) for w, j in zip(view, field.stride, strict=True)),
        tuple(
            _plain(offset_behind(o, w.offset, j))
            for o, w, j in zip(field.offset, view, field.stride, strict=True)
        ),
        field.aligned,
    )


def size_behind(r: Number, k: Number, j: Number) -> Number:
    """The receptive field behind a window of k positions that stand j input positions apart: r + (k − 1)·j."""
    return r + (k - 1) * j


def stride_behind(j: Number, s: Number) -> Number:
    """The input positions between neighbouring outputs of a window with stride s: j·s."""
    return j * s


def offset_behind(o: Number, w: Number, j: Number) -> Number:
    """The first input position seen, for a window that begins at position w: o + w·j."""
    return o + w * j


def joined(fields: Sequence[Field]) -> Field:
    """The field of a layer that reads several: the smallest window that holds all of theirs."""
    first = fields[0]
    if all(field == first for field in fields):
        return first
    seen: list[ReceptiveField] = []
    for field in fields:
        if field is WHOLE:
            return WHOLE
        if not isinstance(field, str):
            seen.append(field)
    if any(field.size is None or field.stride != seen[0].stride for field in seen):
        return MISALIGNED
    sizes, starts, aligned = [], [], all(field.aligned for field in seen)
    for axis in range(len(seen[0].size or ())):
        spans = [
            (f.offset[axis], f.offset[axis] + f.size[axis])
            for f in seen
            if f.offset is not None and f.size is not None
        ]
        start, end = min(s for s, _ in spans), max(e for _, e in spans)
        aligned = aligned and len({s + e for s, e in spans}) == 1
        starts.append(_plain(start))
        sizes.append(_plain(end - start))
    return ReceptiveField(tuple(sizes), seen[0].stride, tuple(starts), aligned)


def _plain(number: Step) -> Step:
    return int(number) if number == int(number) else number
