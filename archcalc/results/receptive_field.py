"""Receptive fields: which input positions one output position depends on.

Size, stride and offset per axis are composed layer by layer: r' = r + (k − 1)·j, j' = j·s, o' = o + w·j for a
window of k with stride s that begins at w (Araujo, Norris & Sim 2019, Computing Receptive Fields of
Convolutional Neural Networks, Distill, section "Computing the receptive field size" and "… region"). That is
exact: on an input without end, output i sees from o + i·j to o + i·j + r − 1, both ends included.

Behind an upsampling or a transposed convolution several neighbours see the same coarse positions, so windows no
longer move evenly. There each end is carried as a line rounded down to coarse positions (`Grid`). What is
reported is then an upper bound: no output sees a position outside its window or more than `size` of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import gcd
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from archcalc.algebra.symbols import ceil_div, quotient
from archcalc.layers.base import Number
from archcalc.layers.views import SAME_POSITION, Window, simplest

if TYPE_CHECKING:
    from fractions import Fraction

Step: TypeAlias = "int | Fraction"

LARGEST = 10**12
"""A field with a larger number in it is not described; an axis of an input has at most 10⁹ positions."""


class Grid(NamedTuple):
    """What output i sees along one axis where windows do not move evenly.

    It sees the coarse positions ⌊(p·i + u)/q⌋ to ⌊(p·i + v)/q⌋: those of the layer before the first upsampling,
    each with a window of r that begins at o for position 0 and moves by j. p and q have no common divisor.
    """

    r: int
    j: int
    o: int
    p: int
    u: int
    q: int
    v: int


class Cause(NamedTuple):
    """A layer that something is because of."""

    layer: str
    kind: str


class ReceptiveField(NamedTuple):
    """What one output position sees, along each spatial axis, in positions of the network's input.

    `size`, `stride` and `offset` are None where branches whose windows move differently were joined
    (`aligned` is False), where a number would exceed 10¹² (TOO_LARGE), or where they are not known (`lost` says
    because of which layer).
    """

    size: tuple[int, ...] | None
    """The positions that one output position sees, behind an upsampling at most."""
    stride: tuple[Step, ...] | None
    """How far the window moves from one output position to the next; on average behind an upsampling.

    0 along an axis of which every output sees the same, as all of it.
    """
    offset: tuple[int, ...] | None
    """Where the window of output position 0 begins; negative inside padding."""
    aligned: bool
    """Whether all branches that were joined on the way have the same stride and centre."""
    grids: tuple[Grid | None, ...] | None = None
    """For each axis how the windows move, None where evenly; None if they do along all."""
    lost: Cause | None = None
    """The layer behind which it is not known what a position sees."""

    def window(self, position: Sequence[int]) -> tuple[range, ...] | None:
        """The positions that the output at `position` sees, along each axis; None where that is not known."""
        if self.size is None or self.stride is None or self.offset is None:
            return None
        grids = self.grids or (None,) * len(self.size)
        windows = []
        for i, r, j, o, grid in zip(position, self.size, self.stride, self.offset, grids, strict=True):
            first, last = o + i * j, o + i * j + r - 1
            if grid is not None:
                first = grid.o + (grid.p * i + grid.u) // grid.q * grid.j
                last = grid.o + (grid.p * i + grid.v) // grid.q * grid.j + grid.r - 1
            windows.append(range(int(first), int(last) + 1))
        return tuple(windows)


WHOLE = None
"""The field of a layer that takes all positions together, or has none."""

NOWHERE = "nowhere"
"""The field of what does not depend on the input, as a bare parameter."""

Field = ReceptiveField | None | str

MISALIGNED = ReceptiveField(None, None, None, False)

TOO_LARGE = ReceptiveField(None, None, None, True)


def unknown(cause: Cause) -> ReceptiveField:
    """The field where a layer has put positions, or taken some of them together, as no window describes."""
    return ReceptiveField(None, None, None, True, None, cause)


def of_input(axes: int) -> Field:
    """The field of the network's input itself."""
    return ReceptiveField((1,) * axes, (1,) * axes, (0,) * axes, True) if axes else WHOLE


def through(field: Field, view: Sequence[Window]) -> Field:
    """The field behind a layer with this window along each spatial axis, whose input has the field `field`."""
    if field is WHOLE or isinstance(field, str):
        return field
    if field.size is None or field.stride is None or field.offset is None:
        return field
    if all(window is SAME_POSITION for window in view):
        return field
    axes: list[_Axis] = []
    for axis, (window, r, j, o) in enumerate(zip(view, field.size, field.stride, field.offset, strict=True)):
        grid = None if field.grids is None else field.grids[axis]
        if grid is None and window.per == 1:
            k, s, w, _ = window
            axes.append((size_behind(r, k, j), stride_behind(j, s), offset_behind(o, w, j), None))
        else:
            axes.append(_of_grid(behind(grid_of(field, axis), window)))
    return _field(axes, field.aligned)


def size_behind(r: Number, k: Number, j: Number) -> Number:
    """The receptive field behind a window of k positions that stand j input positions apart: r + (k − 1)·j."""
    return r + (k - 1) * j


def stride_behind(j: Number, s: Number) -> Number:
    """The input positions between neighbouring outputs of a window with stride s: j·s."""
    return j * s


def offset_behind(o: Number, w: Number, j: Number) -> Number:
    """The first input position seen, for a window that begins at position w: o + w·j."""
    return o + w * j


def size_on(grid: Any) -> Number:
    """The most positions that one output sees on a grid: r + ⌈(v − u)/q⌉·j.

    ⌊(p·i + v)/q⌋ is at most ⌈(v − u)/q⌉ more than ⌊(p·i + u)/q⌋, and for some i it is.
    """
    return grid.r + ceil_div(grid.v - grid.u, grid.q) * grid.j


def stride_on(grid: Any) -> Number:
    """How far the windows on a grid move on average from one output to the next: j·p/q."""
    return quotient(grid.j * grid.p, grid.q)


def offset_on(grid: Any) -> Number:
    """Where the window of output 0 begins on a grid: o + ⌊u/q⌋·j."""
    return grid.o + grid.u // grid.q * grid.j


def grid_of(field: ReceptiveField, axis: int) -> Grid:
    """How the windows of a field that is known move along an axis; evenly is the grid with every position."""
    grid = None if field.grids is None else field.grids[axis]
    if grid is not None:
        return grid
    size, stride, offset = field.size or (), field.stride or (), field.offset or ()
    return Grid(size[axis], int(stride[axis]), offset[axis], 1, 0, 1, 0)


def behind(grid: Grid, window: Window) -> Grid:
    """The grid behind a window that looks at positions of this one.

    Exact where the grid has p = 1 or the window moves by whole positions, as ⌊(⌊x⌋ + u)/q⌋ is ⌊(x + u)/q⌋. Else
    ⌊x/per⌋ is taken as at least (x − per + 1)/per and at most x/per: the window comes out no smaller than it is.
    """
    size, stride, first, per = simplest(window)
    last = first + size - 1
    if grid.p > 1:
        first -= per - 1
    r, j, o, p, u, q, v = grid
    return _reduced(Grid(r, j, o, p * stride, p * first + per * u, q * per, p * last + per * v))


def _reduced(grid: Grid) -> Grid:
    """The grid with p and q without a common divisor, which leaves every ⌊(p·i + u)/q⌋ as it is."""
    r, j, o, p, u, q, v = grid
    common = gcd(p, q)
    return Grid(r, j, o, p // common, u // common, q // common, v // common)


_Axis: TypeAlias = "tuple[int, Step, int, Grid | None]"


def _of_grid(grid: Grid) -> _Axis:
    """Size, stride and offset along an axis, and the grid unless the windows move evenly."""
    # Nothing at all is seen where the stride steps between the outputs that a kernel reaches.
    size, evenly = max(0, size_on(grid)), grid.q == 1
    return size, grid.j * grid.p if evenly else stride_on(grid), offset_on(grid), None if evenly else grid


def _field(axes: Sequence[_Axis], aligned: bool) -> ReceptiveField:
    sizes, strides, offsets, grids = zip(*axes, strict=True)
    if grids.count(None) == len(grids):
        if max(*sizes, *strides, *offsets, -min(offsets)) > LARGEST:
            return TOO_LARGE
        return ReceptiveField(sizes, strides, offsets, aligned)
    numbers = [*sizes, *strides, *offsets, *(number for grid in grids if grid for number in grid)]
    if any(abs(number) > LARGEST for number in numbers):
        return TOO_LARGE
    return ReceptiveField(sizes, strides, offsets, aligned, grids)


def joined(fields: Sequence[Field], repeated: Collection[int] = ()) -> Field:
    """The field of a layer that reads several: the smallest windows, moving evenly, that hold all of theirs.

    Where the windows of one branch hold those of all others, they are taken as they are. A branch whose number
    is in `repeated` is the same for every output: its window does not move, and none that does holds it.
    """
    first = fields[0]
    if not repeated and all(field == first for field in fields):
        return first
    if any(field is WHOLE for field in fields):
        return WHOLE
    seen = [field for field in fields if isinstance(field, ReceptiveField)]
    if not seen:
        return NOWHERE
    lost = next((field for field in seen if field.lost), None)
    if lost is not None:
        return lost
    if MISALIGNED in seen or any(isinstance(fields[number], ReceptiveField) for number in repeated):
        return MISALIGNED
    if TOO_LARGE in seen:
        return TOO_LARGE
    if any(field.stride != seen[0].stride for field in seen):
        return MISALIGNED
    axes: list[_Axis] = []
    aligned = all(field.aligned for field in seen)
    evenly = all(field.grids is None for field in seen)
    for axis in range(len(seen[0].size or ())):
        if axis and all(_is_as_first(field, axis) for field in seen):
            axes.append(axes[0])
            continue
        if evenly:
            begins, ends = _ends(seen, axis)
            aligned = aligned and len(set(map(sum, zip(begins, ends, strict=True)))) == 1
            axes.append((max(ends) - min(begins) + 1, (seen[0].stride or ())[axis], min(begins), None))
            continue
        grids = [grid_of(field, axis) for field in seen]
        spans = [_span(grid) for grid in grids]
        aligned = aligned and len({span.earliest + span.latest for span in spans}) == 1
        axes.append(_of_grid(_holding(grids, spans)))
    return _field(axes, aligned)


def _ends(fields: Sequence[ReceptiveField], axis: int) -> tuple[list[int], list[int]]:
    """The first and the last position that output 0 sees along an axis, of each field with evenly moving windows."""
    begins = [field.offset[axis] for field in fields if field.offset]
    sizes = [field.size[axis] for field in fields if field.size]
    return begins, [begin + size - 1 for begin, size in zip(begins, sizes, strict=True)]


def _is_as_first(field: ReceptiveField, axis: int) -> bool:
    """Whether what is seen along an axis is what is seen along the first."""
    return all(numbers is None or numbers[axis] == numbers[0] for numbers in (*field[:3], field.grids))


class _Span(NamedTuple):
    """How far from i·stride the windows on a grid begin and end, over all outputs i."""

    earliest: Step
    begun: Step
    """The latest beginning."""
    ended: Step
    """The earliest end."""
    latest: Step


def _span(grid: Grid) -> _Span:
    r, j, o, _, u, q, v = grid
    if q == 1:
        return _Span(o + u * j, o + u * j, o + v * j + r - 1, o + v * j + r - 1)
    # Rounding down takes away 0/q to (q − 1)/q of a coarse position.
    first, last, most = o + quotient(u * j, q), o + quotient(v * j, q) + r - 1, quotient((q - 1) * j, q)
    return _Span(first - most, first, last - most, last)


def _holding(grids: Sequence[Grid], spans: Sequence[_Span]) -> Grid:
    """A grid whose windows hold those of all grids, which have the same stride."""
    one = grids[0]
    if all((grid.r, grid.j, grid.o, grid.q) == (one.r, one.j, one.o, one.q) for grid in grids):
        return one._replace(u=min(grid.u for grid in grids), v=max(grid.v for grid in grids))
    begin, end = min(span.earliest for span in spans), max(span.latest for span in spans)
    for number, (grid, span) in enumerate(zip(grids, spans, strict=True)):
        others = [other for n, other in enumerate(spans) if n != number]
        if all(span.begun <= other.earliest and other.latest <= span.ended for other in others):
            return grid
    # Steps of a grid, j/q, are no finer than its stride, p·j/q: p and q have no common divisor.
    p, q = one.p * one.j, one.q
    return _reduced(Grid(1, 1, 0, p, int(begin * q) + q - 1, q, int(end * q)))
