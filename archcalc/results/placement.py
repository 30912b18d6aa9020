"""Where the positions of a network's input stand in a tensor, through whatever moves, splits and mixes its axes.

Usually axis 0 is the channels and the others are the input's own, thinned out by strides; then a ReceptiveField
says all. Behind a permute or a reshape it does not. There each axis of a tensor is written as the *runs* that are
counted off along it, outermost first, as in einops: 4C×7×7 behind a space-to-depth is (C, 2 of H, 2 of W), 7 of H
2 apart, 7 of W 2 apart. A reshape splits and merges runs and a permute turns the axes; what looks along an axis
moves or widens the field of those whose runs stand there. What takes all of an axis together takes their union.

Where that does not work out, the runs are lost, and remember the layer that lost them: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import gcd, prod
from typing import NamedTuple, TypeAlias

from archcalc.layers.base import Shape, Shapes
from archcalc.layers.views import SAME_POSITION, Along, Displaced, Moved, Together, View, Window, simplest
from archcalc.results.receptive_field import (
    NOWHERE,
    WHOLE,
    Cause,
    ReceptiveField,
    joined,
    through,
    unknown,
)


class Run(NamedTuple):
    """So many places along an axis of a tensor that stand evenly apart in the input, or are channels."""

    size: int
    axes: tuple[int, ...] = ()
    """The spatial axes of the input that they are positions of; none for channels."""
    step: int = 0
    """How far apart they are, in positions of the field; 0 for channels, and where their places are lost."""
    lost: Cause | None = None


Runs: TypeAlias = tuple[Run, ...]


class Placed(NamedTuple):
    """A tensor with other axes than channels and the input's own."""

    field: ReceptiveField
    """What a position sees, along each axis of the input; positions are what steps are counted in."""
    axes: tuple[Runs, ...]
    rank: int
    """How many spatial axes the input has."""

    def runs_of(self, axis: int) -> Iterator[Run]:
        """The runs that are positions along an axis of the input."""
        return (run for runs in self.axes for run in runs if axis in run.axes)

    def alone(self, run: Run) -> bool:
        """Whether this run has all the positions there are along its axis, each beside the next."""
        return run.step == 1 and sum(other.size > 1 for other in self.runs_of(run.axes[0])) <= 1

    def put(self, number: int, runs: Runs, field: ReceptiveField | None = None) -> Placed:
        """The same with other runs along one axis of the tensor, and another field."""
        axes = (*self.axes[:number], runs, *self.axes[number + 1 :])
        return Placed(self.field if field is None else field, axes, self.rank)


State: TypeAlias = "ReceptiveField | Placed | str | None"
"""What is known of a tensor: a ReceptiveField if its axes are channels and the input's own; WHOLE or NOWHERE."""


def behind(before: State, view: View, shape: Shape, output: Shape, cause: Cause) -> State:
    """What is known behind a layer that reads one tensor of this shape."""
    if before is WHOLE or isinstance(before, str):
        return before
    state = placed(before, shape)
    if isinstance(view, Moved):
        return _tidy(state._replace(axes=tuple(_moved(state.axes, view, shape, output, cause))))
    kept = [len(output) == len(view) or not isinstance(along, Together) for along in view]
    sizes = iter(output)
    behind = [next(sizes) if stays else 1 for stays in kept]
    for number, along in enumerate(view):
        if isinstance(along, Together):
            state = _together(state, number, along.groups, behind[number], cause)
    for number, along in enumerate(view):
        if not isinstance(along, Together):
            state = _along(state, number, along, behind[number], cause)
    axes = tuple(runs for runs, stays in zip(state.axes, kept, strict=True) if stays)
    return _tidy(state._replace(axes=axes))


def behind_join(before: Sequence[State], view: View, shapes: Shapes, output: Shape, cause: Cause) -> State:
    """What is known behind a layer that reads several tensors: what all of them see, where their places agree."""
    if any(state is WHOLE for state in before):
        return WHOLE
    known = [
        (state, shape) for state, shape in zip(before, shapes, strict=False) if not isinstance(state, str)
    ]
    if not known or isinstance(view, Moved):
        return NOWHERE
    states = [placed(state, shape) for state, shape in known if state is not None]
    sizes = [shape for _, shape in known]
    states = _alike_together(states)
    joints = [number for number, along in enumerate(view) if isinstance(along, Displaced)]
    axes = _common(states, sizes, output, joints)
    if None in axes:
        # Each channel sees its own; all of them together may still agree.
        blended = [_blended(state) for state in states]
        if any(state is WHOLE for state in blended):
            return WHOLE
        states = _alike_together(
            [
                placed(state, shape)
                for state, shape in zip(blended, sizes, strict=True)
                if isinstance(state, (ReceptiveField, Placed))
            ]
        )
        axes = _common(states, sizes, output, joints)
    whole = tuple(
        (_lost((run for state in states for run in state.axes[number]), output[number], cause),)
        if runs is None
        else runs
        for number, runs in enumerate(axes)
    )
    repeated = [
        index
        for index, shape in enumerate(sizes)
        if any(
            shape[number] != output[number] and any(run.axes for run in runs)
            for number, runs in enumerate(whole)
            if number not in joints
        )
    ]
    field = joined([state.field for state in states], repeated)
    return _tidy(Placed(field, whole, states[0].rank)) if isinstance(field, ReceptiveField) else field


def placed(state: ReceptiveField | Placed, shape: Shape) -> Placed:
    """A tensor with the runs of its axes written out, also where they are just channels and the input's own."""
    if isinstance(state, Placed):
        return state
    channels, *sizes = shape
    own = ((Run(size, (axis,), 1),) for axis, size in enumerate(sizes))
    return Placed(state, ((Run(channels),), *own), len(sizes))


def shown(state: State, cause: Cause) -> ReceptiveField | None:
    """What one position of a tensor sees, its channels together; None for WHOLE and NOWHERE.

    A position is counted off along the axes that no channels stand on. A vector has none: it holds them all.
    """
    if not isinstance(state, Placed):
        return None if isinstance(state, str) else state
    if len(state.axes) == 1:
        return WHOLE
    lost = next((run.lost for runs in state.axes for run in runs if run.lost), None)
    if lost is not None:
        return unknown(lost)
    blended = _blended(state)
    if not isinstance(blended, Placed):
        return None if isinstance(blended, str) else blended
    for runs in blended.axes:
        if len({bool(run.axes) for run in runs}) > 1:
            return unknown(cause)
    return blended.field if all(_ordered(blended, axis) for axis in range(blended.rank)) else unknown(cause)


def _ordered(state: Placed, axis: int) -> bool:
    """Whether the positions along an axis of the input are evenly apart, and in its order if others are among them.

    An axis that was split may be turned round, as long as it is plain to see: each of its runs by itself.
    """
    runs = list(state.runs_of(axis))
    apart = all(
        sum(bool(run.axes) for run in each) <= 1 for each in state.axes if not set(each).isdisjoint(runs)
    )
    if apart:
        runs.sort(key=lambda run: -run.step)
    wanted = 1
    for run in reversed(runs):
        if run.step != wanted:
            return False
        wanted *= run.size
    return True


# --- one layer -----------------------------------------------------------------------------------------------


def _moved(axes: Sequence[Runs], view: Moved, shape: Shape, output: Shape, cause: Cause) -> Sequence[Runs]:
    """The runs along the axes behind a move."""
    if view.split != shape:
        axes = _regrouped(axes, view.split, cause)
    axes = [axes[axis] for axis in view.order]
    if tuple(view.split[axis] for axis in view.order) != output:
        axes = _regrouped(axes, output, cause)
    return axes


def _regrouped(axes: Iterable[Runs], shape: Shape, cause: Cause) -> list[Runs]:
    """The same places in the same order along the axes of another shape; lost along those where they do not divide."""
    left = list(reversed(_merged(run for runs in axes for run in runs if run.size > 1)))
    sizes = list(reversed(shape))
    found: list[Runs] = []
    if prod(run.size for run in left) != prod(shape):
        # What somebody gets who misreads a shape.
        return [(_lost(left, size, cause),) for size in shape]
    while sizes:
        size = sizes.pop()
        runs = _taken(left, size)
        if runs is not None:
            found.append(runs)
            continue
        group, came = [size], [left.pop()]
        while (have := prod(run.size for run in came)) != (wanted := prod(group)):
            if have < wanted:
                came.append(left.pop())
            else:
                group.append(sizes.pop())
        found += [(_lost(came, each, cause),) for each in group]
    return found


def _taken(left: list[Run], size: int) -> Runs | None:
    """The last of `left` that come to `size`, one of them split if need be; None if they do not divide."""
    rest, taken = list(left), []
    while size > 1:
        run = rest.pop()
        if run.size % size == 0:
            inner = run.size // size
            if inner > 1:
                rest.append(run._replace(size=inner))
            run = run._replace(size=size, step=run.step * inner)
        elif size % run.size:
            return None
        taken.append(run)
        size //= run.size
    left[:] = rest
    return tuple(taken)


def _lost(runs: Iterable[Run], size: int, cause: Cause) -> Run:
    """Places of which no more is known than the axes that they are of; channels if of none."""
    came = list(runs)
    axes = tuple(sorted({axis for run in came for axis in run.axes}))
    first = next((run.lost for run in came if run.lost), cause)
    return Run(size, axes, 0, first) if axes else Run(size)


def _together(state: Placed, number: int, groups: int, size: int, cause: Cause) -> Placed:
    """All places along an axis of the tensor at once, in groups; `size` new ones in their place."""
    runs = state.axes[number]
    if groups == 1 or not any(run.axes for run in runs):
        return state.put(number, (Run(size),), _union(state.field, runs))
    count = prod(run.size for run in runs)
    group, inside = _regrouped([runs], (groups, count // groups), cause)
    return state.put(number, (*group, Run(size // groups)), _union(state.field, inside))


def _union(field: ReceptiveField, runs: Iterable[Run]) -> ReceptiveField:
    """What all places of these runs see together; not known where any were lost, unless they are all there are."""
    for run in runs:
        if run.lost:
            return unknown(run.lost)
        if run.step:
            field = _slid(field, run.axes[0], Window((run.size - 1) * run.step + 1, 1, 0))
    return field


def _slid(field: ReceptiveField, axis: int, window: Window) -> ReceptiveField:
    """The field with a window over its positions along one axis of the input."""
    count = len(field.size or ())
    moved = through(field, tuple(window if other == axis else SAME_POSITION for other in range(count)))
    return moved if isinstance(moved, ReceptiveField) else field


def _along(state: Placed, number: int, along: Along, size: int, cause: Cause) -> Placed:
    """A window along an axis of the tensor, or no window at all; `size` places are behind it."""
    runs = state.axes[number]
    if along == SAME_POSITION and prod(run.size for run in runs) == size:
        return state
    if not any(run.axes for run in runs):
        return state.put(number, (Run(size),))
    solid = [run for run in runs if run.size > 1] or list(runs)
    run = solid[0]
    if isinstance(along, Window) and run.step:
        along = simplest(along)
        if len(solid) == 2 and not solid[1].axes and state.alone(run):
            state, run = _finer(state, number, run, solid.pop().size)
        if len(solid) == 1 and along.per == 1:
            k, s, w, _ = along
            moved = Window((k - 1) * run.step + 1, 1, w * run.step)
            field = _slid(state.field, run.axes[0], moved)
            return state.put(number, (Run(size, run.axes, run.step * s),), field)
        if len(solid) == 1 and state.alone(run):
            return state.put(number, (Run(size, run.axes, 1),), _slid(state.field, run.axes[0], along))
    return state.put(number, (_lost(runs, size, cause),))


def _finer(state: Placed, number: int, run: Run, channels: int) -> tuple[Placed, Run]:
    """Positions with channels behind them along the same axis of the tensor: a finer grid, as of pixel_shuffle."""
    field = _slid(state.field, run.axes[0], Window(1, 1, 0, channels))
    finer = Run(run.size * channels, run.axes, 1)
    return state.put(number, (finer,), field), finer


# --- the tensor behind it ----------------------------------------------------------------------------------------


def _merged(runs: Iterable[Run]) -> list[Run]:
    """Runs along one axis of a tensor, those that go on evenly in one another made one."""
    found: list[Run] = []
    for run in runs:
        last = found[-1] if found else None
        if last is not None and (last.axes, last.step) == (run.axes, run.step * run.size):
            found[-1] = run._replace(size=last.size * run.size, lost=last.lost or run.lost)
        else:
            found.append(run)
    return found


def _tidy(state: Placed) -> State:
    """The same with what has one place left out, positions next to one another, and plain if it can be.

    Along an axis that was taken together nothing moves: the field's stride is 0. WHOLE if all were.
    """
    field, axes, rank = state
    moving = {axis for runs in axes for run in runs if run.size > 1 for axis in run.axes}
    axes = tuple(
        tuple(_merged(run for run in runs if run.size > 1 or any(axis not in moving for axis in run.axes)))
        for runs in axes
    )
    state = Placed(field, axes, rank)
    for axis in range(rank):
        runs = list(state.runs_of(axis))
        if not runs:
            field = _slid(field, axis, Window(1, 0, 0))
        elif (step := gcd(*(run.step for run in runs))) > 1 and not any(run.lost for run in runs):
            field = _slid(field, axis, Window(1, step, 0))
            axes = tuple(
                tuple(run._replace(step=run.step // step) if axis in run.axes else run for run in each)
                for each in axes
            )
    if not any(run.axes for runs in axes for run in runs):
        return WHOLE
    first, *others = axes
    plain = not any(run.axes for run in first) and [
        [(run.axes, run.step) for run in runs] for runs in others
    ] == [[((axis,), 1)] for axis in range(rank)]
    return field if plain else Placed(field, axes, rank)


def _blended(state: Placed) -> State:
    """The same with the channels of each position taken together, as far as it is clear which those are.

    They stand along the axes that have runs of channels, or just one place; on a map without such an axis along
    axis 0. But where an axis begins with the outermost positions of its own, as H behind a depth-to-space, the
    channels behind them make these finer.
    """
    outermost = [
        max(state.runs_of(axis), default=None, key=lambda run: run.step) for axis in range(state.rank)
    ]
    mixed = [not all(run.axes for run in runs) or not runs for runs in state.axes]
    finer = [
        runs for runs, some in zip(state.axes, mixed, strict=True) if some and runs and runs[0] in outermost
    ]
    together = [number for number, runs in enumerate(state.axes) if mixed[number] and runs not in finer]
    if not together and len(state.axes) == state.rank + 1:
        together = [0]
    for number in together:
        runs = state.axes[number]
        if not any(run.lost for run in runs):
            state = state.put(number, (Run(prod(run.size for run in runs)),), _union(state.field, runs))
    tidy = _tidy(state)
    if isinstance(tidy, Placed):
        for number, runs in enumerate(tidy.axes):
            if len(runs) == 2 and not runs[1].axes and runs[0].axes and tidy.alone(runs[0]):
                tidy, _ = _finer(tidy, number, runs[0], runs[1].size)
        return _tidy(tidy)
    return tidy


# --- several tensors ----------------------------------------------------------------------------------------------


def _alike_together(states: Sequence[Placed]) -> list[Placed]:
    """The same, all of what one of them sees in full along an axis of the input taken together in the others too."""
    full = {axis for state in states for axis in range(state.rank) if not any(state.runs_of(axis))}
    return [_full(state, full) for state in states] if full else list(states)


def _full(state: Placed, full: Iterable[int]) -> Placed:
    for axis in full:
        field = _slid(_union(state.field, state.runs_of(axis)), axis, Window(1, 0, 0))
        axes = tuple(tuple(_without(run, axis) for run in runs) for runs in state.axes)
        state = Placed(field, axes, state.rank)
    return state


def _without(run: Run, axis: int) -> Run:
    if axis not in run.axes:
        return run
    rest = tuple(other for other in run.axes if other != axis)
    return run._replace(axes=rest) if rest else Run(run.size)


def _common(
    states: Sequence[Placed], shapes: Shapes | Sequence[Shape], output: Shape, joints: Sequence[int]
) -> list[Runs | None]:
    """The runs along each axis of a join; None where branches differ, or follow one another and have positions."""
    found: list[Runs | None] = []
    for number, size in enumerate(output):
        each = [
            tuple(_merged(state.axes[number]))
            for state, shape in zip(states, shapes, strict=True)
            if number in joints or shape[number] == size
        ]
        if not any(run.axes for runs in each for run in runs):
            found.append((Run(size),))
        elif number in joints or any(runs != each[0] for runs in each):
            found.append(None)
        else:
            found.append(each[0])
    return found
