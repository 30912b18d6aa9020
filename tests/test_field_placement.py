"""Receptive fields where axes are moved, split and mixed, against the positions that each element depends on.

The witness is numpy: beside every element of a tensor stands which positions of the input it depends on, yes or no.
A permute or a reshape moves these rows of answers as it moves elements, and a layer ors those that it reads: no
strides, no offsets, no runs.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import prod
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archcalc import api
from archcalc.network.network import Network
from archcalc.results.receptive_field import MISALIGNED, Cause, ReceptiveField

Load = Callable[..., Network]
Item = dict[str, Any]


class Seen:
    """A tensor as what each of its elements depends on: the answers stand along the last axes."""

    def __init__(self, answers: np.ndarray, axes: int) -> None:
        self.answers = answers
        self.axes = axes

    @classmethod
    def of_input(cls, shape: tuple[int, ...]) -> Seen:
        channels, *sizes = shape
        own = np.eye(prod(sizes), dtype=bool).reshape(*sizes, *sizes)
        return cls(np.broadcast_to(own, (channels, *own.shape)), len(sizes))

    @property
    def shape(self) -> tuple[int, ...]:
        return self.answers.shape[: -self.axes]

    def reshaped(self, *shape: int) -> Seen:
        inside = self.answers.shape[-self.axes :]
        return Seen(self.answers.reshape(*shape, *inside), self.axes)

    def permuted(self, *order: int) -> Seen:
        behind = range(len(self.shape), self.answers.ndim)
        return Seen(self.answers.transpose(*order, *behind), self.axes)

    def mixed(self, axis: int, size: int) -> Seen:
        """`size` elements along an axis, each of which reads all there are."""
        return Seen(self.answers.any(axis, keepdims=True).repeat(size, axis), self.axes)

    def slid(self, axis: int, k: int, s: int, p: int, d: int = 1) -> Seen:
        """A window along an axis, its taps inside the tensor read."""
        moved = np.moveaxis(self.answers, axis, 0)
        n = len(moved)
        out = []
        for first in range(-p, n + p - d * (k - 1), s):
            taps = [moved[at] for at in range(first, first + d * k, d) if 0 <= at < n]
            out.append(np.logical_or.reduce(taps) if taps else np.zeros_like(moved[0]))
        return Seen(np.moveaxis(np.array(out), 0, axis), self.axes)


def run(items: list[Item], seen: Seen) -> Seen:
    for item in items:
        kind, main = next(iter(item.items()))
        seen = STEPS[kind](seen, main, item)
    return seen


def convolution(seen: Seen, main: int, item: Item) -> Seen:
    """Channels of a group together, then a window along each axis behind them."""
    groups = item.get("groups", 1)
    if groups != "depthwise":
        parts = seen.reshaped(groups, seen.shape[0] // groups, *seen.shape[1:])
        seen = parts.mixed(1, main // groups).reshaped(main, *seen.shape[1:])
    for axis in range(1, len(seen.shape)):
        seen = seen.slid(
            axis, item["kernel"], item.get("stride", 1), item.get("padding", 0), item.get("dilation", 1)
        )
    return seen


def pool(seen: Seen, main: int, _item: Item) -> Seen:
    for axis in range(1, len(seen.shape)):
        seen = seen.slid(axis, main, main, 0)
    return seen


def adaptive(seen: Seen, main: int, _item: Item) -> Seen:
    """As torch says it: from floor(i·n/m) up to ceil((i + 1)·n/m), which is not among them."""
    for axis in range(1, len(seen.shape)):
        moved = np.moveaxis(seen.answers, axis, 0)
        n = len(moved)
        out = np.array([np.any(moved[i * n // main : -(-(i + 1) * n // main)], axis=0) for i in range(main)])
        seen = Seen(np.moveaxis(out, 0, axis), seen.axes)
    return seen


def attention(seen: Seen, _main: int, _item: Item) -> Seen:
    rank = len(seen.shape)
    return seen.mixed(rank - 2, seen.shape[-2]).mixed(rank - 1, seen.shape[-1])


def channel_shuffle(seen: Seen, main: int, _item: Item) -> Seen:
    channels, *sizes = seen.shape
    order = (1, 0, *range(2, len(seen.shape) + 1))
    return seen.reshaped(main, channels // main, *sizes).permuted(*order).reshaped(*seen.shape)


def pixel_shuffle(seen: Seen, main: int, _item: Item) -> Seen:
    channels, *sizes = seen.shape
    apart = seen.reshaped(channels // main**2, main, main, *sizes).permuted(0, 3, 1, 4, 2)
    return apart.reshaped(channels // main**2, *(size * main for size in sizes))


def cut(seen: Seen, main: int, item: Item) -> Seen:
    moved = np.moveaxis(seen.answers, main, 0)[item.get("start", 0) :: item.get("step", 1)]
    return Seen(np.moveaxis(moved, 0, main), seen.axes)


def added(seen: Seen, main: list[list[Item]], _item: Item) -> Seen:
    branches = np.broadcast_arrays(*(run(branch, seen).answers for branch in main))
    return Seen(np.logical_or.reduce(branches), seen.axes)


def concatenated(seen: Seen, main: list[list[Item]], item: Item) -> Seen:
    return Seen(
        np.concatenate([run(branch, seen).answers for branch in main], item.get("axis", 0)), seen.axes
    )


STEPS: dict[str, Callable[[Seen, Any, Item], Seen]] = {
    "conv": convolution,
    "max_pool": pool,
    "adaptive_avg_pool": adaptive,
    "permute": lambda seen, main, _: seen.permuted(*main),
    "reshape": lambda seen, main, _: seen.reshaped(*main),
    "flatten": lambda seen, main, _: seen.reshaped(*seen.shape[:main], -1),
    "linear": lambda seen, main, _: seen.mixed(len(seen.shape) - 1, main),
    "layer_norm": lambda seen, main, _: seen.mixed(main % len(seen.shape), seen.shape[main]),
    "mean": lambda seen, main, _: Seen(np.asarray(seen.answers.any(axis=main)), seen.axes),
    "attention": attention,
    "channel_shuffle": channel_shuffle,
    "pixel_shuffle": pixel_shuffle,
    "slice": cut,
    "add": added,
    "concat": concatenated,
}


def field_of(
    load: Load, items: list[Any], shape: tuple[int, ...], output: tuple[int, ...]
) -> ReceptiveField | None:
    row = api.analyse(load(yaml.safe_dump({"input": list(shape), "layers": items}))).rows[-1]
    assert row.output == output
    return row.receptive_field


def ends(answers: np.ndarray) -> list[tuple[int, int]]:
    """The first and last position along each axis that is answered yes anywhere; empty for none."""
    places = answers.nonzero()
    return [(int(found.min()), int(found.max())) for found in places if len(found)]


def check(field: ReceptiveField, seen: Seen, sizes: tuple[int, ...], positions: tuple[int, ...]) -> int:
    """Hold a field against what outputs see, whose positions stand along these axes of the tensor, the rest together.

    Gives the number of outputs whose window lies inside the input: there both its ends must be seen.
    """
    moved = np.moveaxis(seen.answers, positions, range(len(positions)))
    channels = tuple(range(len(positions), len(seen.shape)))
    answers = np.asarray(moved.any(axis=channels))
    exact = 0
    for position in product(*(range(size) for size in answers.shape[: len(positions)])):
        found = ends(answers[position])
        windows = field.window((*position, *(0,) * (len(sizes) - len(position))))
        assert windows is not None
        for window, size, end in zip(windows, sizes, found, strict=False):
            assert window.start <= end[0], (position, window, end)
            assert end[1] < window.stop, (position, window, end)
            if field.grids is None and window.start >= 0 and window.stop <= size:
                assert end == (window.start, window.stop - 1), (position, window, end)
                exact += 1
    return exact


# --- random networks -------------------------------------------------------------------------------------------

PLACES = {1: 24, 2: 8, 3: 4}
"""Positions along each axis of the input, by how many axes it has."""


def last(axes: int) -> tuple[Item, Item]:
    """Channels to the end, and back."""
    return {"permute": [*range(1, axes + 1), 0]}, {"permute": [axes, *range(axes)]}


def deeper(shape: tuple[int, ...], channels_first: bool) -> list[Item]:
    """Space to depth by hand, blocks of 2: C, H, 2, W, 2 as C·2·2, H, W or as 2·2·C, H, W."""
    channels, *sizes = shape
    axes = len(sizes)
    halves = [part for size in sizes for part in (size // 2, 2)]
    digits, rest = [2 * axis + 2 for axis in range(axes)], [2 * axis + 1 for axis in range(axes)]
    order = [0, *digits, *rest] if channels_first else [*digits, 0, *rest]
    moved = [channels * 2**axes, *(size // 2 for size in sizes)]
    return [{"reshape": [channels, *halves]}, {"permute": order}, {"reshape": moved}]


def wider(shape: tuple[int, ...], channels_first: bool) -> list[Item]:
    """Depth to space by hand: the way back of `deeper`."""
    channels, *sizes = shape
    axes = len(sizes)
    less = channels // 2**axes
    parts = [less, *[2] * axes] if channels_first else [*[2] * axes, less]
    digits = [axis + 1 if channels_first else axis for axis in range(axes)]
    order = [0 if channels_first else axes]
    for axis in range(axes):
        order += [axes + 1 + axis, digits[axis]]
    moved = [less, *(size * 2 for size in sizes)]
    return [{"reshape": [*parts, *sizes]}, {"permute": order}, {"reshape": moved}]


def windowed(shape: tuple[int, ...], inside: list[Item]) -> list[Item]:
    """Windows of 2 positions along each axis as tokens of channels, as in Swin, and back."""
    channels, *sizes = shape
    axes = len(sizes)
    to, back = last(axes)
    halves = [part for size in sizes for part in (size // 2, 2)]
    apart = [*range(0, 2 * axes, 2), *range(1, 2 * axes, 2)]
    together = [place for axis in range(axes) for place in (axis, axes + axis)]
    count = prod(size // 2 for size in sizes)
    return [
        to,
        {"reshape": [*halves, channels]},
        {"permute": [*apart, 2 * axes]},
        {"reshape": [count, 2**axes, channels]},
        *inside,
        {"reshape": [*(size // 2 for size in sizes), *[2] * axes, channels]},
        {"permute": [*together, 2 * axes]},
        {"reshape": [*sizes, channels]},
        back,
    ]


def padded(draw: st.DrawFn, channels: int, **more: Any) -> Item:
    kernel = draw(st.sampled_from([1, 3]))
    return {"conv": channels, "kernel": kernel, "padding": kernel // 2, **more}


def drawn(draw: st.DrawFn, shape: tuple[int, ...], nested: bool = False) -> list[Item]:
    """A few layers that map channels first and an even number of positions to the like."""
    channels, *sizes = shape
    axes = len(sizes)
    to, back = last(axes)
    names = [
        "conv",
        "conv",
        "depthwise",
        "linear",
        "shuffle",
        "round",
        "wider" if channels % 2**axes == 0 else "conv",
    ]
    if min(sizes) >= 4:
        names += ["half", "pool", "deeper", "deeper", "windows", "passthrough"]
    name = draw(st.sampled_from(["conv", "depthwise", "linear", "shuffle", "round"] if nested else names))
    first = draw(st.booleans())
    if name == "conv":
        groups = draw(st.sampled_from([1, 2])) if channels % 2 == 0 else 1
        return [padded(draw, channels if nested else 2 * channels if channels < 8 else 4, groups=groups)]
    if name == "depthwise":
        return [padded(draw, channels, groups="depthwise")]
    if name == "linear":
        return [to, {"layer_norm": -1}, {"linear": channels, "axis": -1}, back]
    if name == "shuffle" and channels % 2 == 0:
        by_hand = [
            {"reshape": [2, channels // 2, *sizes]},
            {"permute": [1, 0, *range(2, axes + 2)]},
            {"reshape": [channels, *sizes]},
        ]
        return by_hand if first else [{"channel_shuffle": 2}]
    if name == "half":
        return [{"conv": 4, "kernel": 2, "stride": 2}]
    if name == "pool":
        return [{"max_pool": 2}] if first else [{"adaptive_avg_pool": sizes[0] // 2}]
    if name == "deeper":
        return deeper(shape, first)
    if name == "wider":
        return [{"pixel_shuffle": 2}] if axes == 2 and first else wider(shape, draw(st.booleans()))
    if name == "windows":
        return windowed(shape, [{"linear": channels, "axis": -1}])
    if name == "passthrough":
        return [{"concat": [deeper(shape, first), [{"conv": 4, "kernel": 2, "stride": 2}]]}]
    return [{"flatten": 1}, {"reshape": [channels, *sizes]}]


@st.composite
def networks(draw: st.DrawFn) -> tuple[tuple[int, ...], list[Item], Seen]:
    axes = draw(st.integers(1, 3))
    shape = (draw(st.sampled_from([1, 2])), *(PLACES[axes],) * axes)
    seen = Seen.of_input(shape)
    items: list[Item] = []
    for _ in range(draw(st.integers(2, 5))):
        now = seen.shape
        if draw(st.booleans()) and draw(st.booleans()):
            more: list[Item] = [{"add": [[], drawn(draw, now, nested=True)]}]
        else:
            more = drawn(draw, now)
        behind = run(more, seen)
        if behind.answers.size < 1_000_000 and behind.shape[0] <= 64:
            items, seen = items + more, behind
    return shape, items, seen


@settings(
    deadline=None,
    max_examples=120,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(network=networks())
def test_moved_positions_are_followed(load: Load, network: tuple[tuple[int, ...], list[Item], Seen]) -> None:
    """Nothing outside a window is seen, and where it lies inside the input both its ends are; nothing is given up."""
    shape, items, seen = network
    field = field_of(load, ["relu", *items], shape, seen.shape)
    assert field is not None
    if field.lost:
        # Channels that are no longer in the order of the positions that they were: as channels nobody minds.
        assert any(
            item == {"pixel_shuffle": 2} or len(item.get("permute", ())) > 2 * len(shape) - 2
            for item in items
        )
    elif field is not MISALIGNED:
        check(field, seen, shape[1:], tuple(range(1, len(shape))))


@st.composite
def wild(draw: st.DrawFn) -> tuple[tuple[int, ...], list[Item], Seen]:
    """Layers in any order, whatever they make of positions."""
    shape = draw(st.sampled_from([(2, 12), (1, 6, 4), (2, 6, 6), (4, 4, 2, 2)]))
    seen = Seen.of_input(shape)
    items: list[Item] = []
    for _ in range(draw(st.integers(2, 6))):
        now = seen.shape
        rank, number = len(now), prod(now)
        choices: list[Item] = [{"permute": list(draw(st.permutations(range(rank))))}]
        parts = [d for d in (2, 3, 4, 6, 8, 12) if number % d == 0]
        split = draw(st.lists(st.sampled_from(parts or [1]), min_size=1, max_size=3))
        if number % prod(split) == 0:
            choices += [{"reshape": [*split, number // prod(split)]}] * 2
        choices += [{"linear": 3, "axis": -1}] if rank != 1 else []
        if rank > 1:
            axis = draw(st.integers(0, rank - 1))
            choices += [
                {"mean": axis},
                {"layer_norm": axis},
                {"slice": axis, "step": 2},
                {"concat": [[], []], "axis": axis},
            ]
            choices += [{"add": [[], [{"layer_norm": axis}]]}, {"flatten": axis}]
        if 2 <= rank <= 4:
            choices += [
                {"conv": 2, "kernel": 3, "padding": 1},
                {"conv": now[0], "kernel": 1, "groups": "depthwise"},
            ]
            choices += [{"max_pool": 2}] if min(now[1:]) > 1 else []
        if rank >= 2:
            choices.append({"attention": 1})
        item = draw(st.sampled_from(choices))
        behind = run([item], seen)
        if behind.answers.size < 200_000 and len(behind.shape) <= 8:
            items.append(item)
            seen = behind
    return shape, items, seen


@settings(
    deadline=None,
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(network=wild())
def test_what_is_said_of_any_order_of_layers_holds(
    load: Load, network: tuple[tuple[int, ...], list[Item], Seen]
) -> None:
    """No element of a tensor sees more than a window, wherever its axes went."""
    shape, items, seen = network
    field = field_of(load, items, shape, seen.shape) if items else None
    if field is None or field.size is None:
        return
    places = [field.window((i,) * len(field.size)) or () for i in range(8 * prod(shape))]
    for answers in seen.answers.reshape(-1, *shape[1:]):
        for axis, end in enumerate(ends(answers)):
            assert any(each[axis].start <= end[0] and end[1] < each[axis].stop for each in places), (
                axis,
                end,
            )


# --- by hand -----------------------------------------------------------------------------------------------------

BEFORE, BEHIND = "{conv: 4, kernel: 3, padding: 1}", "{conv: 4, kernel: 3, padding: 1, name: last}"
TO_LAST, BACK = "{permute: [1, 2, 0]}", "{permute: [2, 0, 1]}"
DEEPER = "{reshape: [4, 8, 2, 8, 2]}, {permute: [0, 2, 4, 1, 3]}, {reshape: [16, 8, 8]}"
APART = "{reshape: [4, 4, 4, 4, 4]}, {permute: [0, 2, 1, 3, 4]}, {reshape: [16, 16, 4]}"
MERGED = "{reshape: [8, 2, 8, 2, 4]}, {permute: [0, 2, 1, 3, 4]}, {reshape: [8, 8, 16]}"
TOGETHER = "{reshape: [4, 4, 4, 4, 4]}, {permute: [0, 2, 1, 3, 4]}, {reshape: [16, 16, 4]}"


@pytest.mark.parametrize(
    ("between", "size", "stride", "offset"),
    [
        # 3 + (3 − 1)·1
        (f"{TO_LAST}, {BACK}", 5, 1, -2),
        (f"{TO_LAST}, {{layer_norm: -1}}, {{linear: 16, axis: -1}}, gelu, {{linear: 4, axis: -1}}, {BACK}", 5, 1, -2),
        ("{reshape: [4, 16, 16]}", 5, 1, -2),
        ("{flatten: 1}, {reshape: [4, 16, 16]}", 5, 1, -2),
        ("{reshape: [2, 2, 16, 16]}, {permute: [1, 0, 2, 3]}, {reshape: [4, 16, 16]}", 5, 1, -2),
        ("{channel_shuffle: 2}", 5, 1, -2),
        # two positions together see 3 + 1 = 4, two apart; 4 + (3 − 1)·2
        (DEEPER, 8, 2, -3),
        # and with all in its place again
        (f"{DEEPER}, {{pixel_shuffle: 2}}", 5, 1, -2),
        # a depthwise window on blocks of 2 reaches over 2·(3 − 1) + 1 = 5 positions: 3 + 4 + 2
        (f"{DEEPER}, {{conv: 16, kernel: 3, padding: 1, groups: depthwise}}, {{pixel_shuffle: 2}}", 9, 1, -4),
        # tokens of windows of 4×4 by themselves
        (f"{TO_LAST}, {APART}, {{linear: 4, axis: -1}}, {TOGETHER}, {BACK}", 5, 1, -2),
        # all tokens of one: 3 + 3 = 6; 3 positions touch two windows, which stand 4 apart
        (f"{TO_LAST}, {APART}, {{attention: 2}}, {TOGETHER}, {BACK}", 10, 1, -5),
        # Swin's merging of patches, and of a passthrough the larger of 4 and 3 + 2
        (f"{TO_LAST}, {MERGED}, {BACK}", 8, 2, -3),
        (f"{{concat: [[{DEEPER}], [{{conv: 4, kernel: 3, stride: 2, padding: [[1, 0], [1, 0]]}}]]}}", 9, 2, -4),
        # 16 into 4 windows of 4: 3 + 3 = 6, 4 apart; 6 + 2·4
        ("{adaptive_avg_pool: 4}", 14, 4, -5),
    ],
)  # fmt: skip
def test_what_two_convolutions_see_of_each_other(
    load: Load, between: str, size: int, stride: int, offset: int
) -> None:
    row = api.analyse(load(f"input: [1, 16, 16]\nlayers: [{BEFORE}, {between}, {BEHIND}]")).rows[-1]
    field = row.receptive_field
    assert field is not None
    assert (field.size, field.stride, field.offset) == ((size,) * 2, (stride,) * 2, (offset,) * 2)


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ("{roll: 1, axes: 1}", "roll"),
        ("{conv: 4, kernel: 3, padding: 1, padding_mode: circular}", "conv"),
        ("{pad: 1, mode: circular}", "pad"),
        ("{concat: [[], []], axis: 1}", "concat"),
        ("{reshape: [16, 5, 5]}", "reshape"),
        ("{permute: [1, 2, 0]}, {flatten: 0}, {reshape: [4, 10, 10]}", "reshape"),
    ],
)
def test_what_is_not_known_names_the_layer(load: Load, item: str, kind: str) -> None:
    """What wraps round, follows another branch or does not divide; what takes all together knows again."""
    network = load(f"input: [1, 10, 10]\nlayers: [{BEFORE}, {item}, {{batch_norm: }}, {{mean: [1, 2]}}]")
    *_, moved, norm, mean = api.analyse(network).rows
    for row in (moved, norm):
        assert row.receptive_field is not None
        assert row.receptive_field.size is None
        assert row.receptive_field.lost == Cause(moved.name, kind)
    assert mean.receptive_field is None or kind == "reshape"


def test_along_an_axis_that_is_taken_together_nothing_moves(load: Load) -> None:
    """16 positions, each of which sees 3 from −1 on: −1 to 16, the same for every output."""
    field = api.analyse(load(f"input: [1, 16, 16]\nlayers: [{BEFORE}, {{mean: 2}}]")).rows[-1].receptive_field
    assert field is not None
    assert field[:3] == ((3, 18), (1, 0), (-1, -1))


def test_tokens_of_an_image_see_their_patch(load: Load) -> None:
    patches = "{conv: 8, kernel: 4, stride: 4}, {flatten: 1}, {permute: [1, 0]}, {layer_norm: }"
    *_, norm, attention = api.analyse(load(f"input: [3, 16, 16]\nlayers: [{patches}, {{attention: 2}}]")).rows
    assert norm.receptive_field is not None
    assert norm.receptive_field[:3] == ((4, 4), (4, 4), (0, 0))
    assert attention.receptive_field is None


@pytest.mark.parametrize(
    "wrong",
    [
        ReceptiveField((4, 5), (1, 1), (-2, -2), True),
        ReceptiveField((6, 5), (1, 1), (-2, -2), True),
        ReceptiveField((5, 5), (1, 2), (-2, -2), True),
        ReceptiveField((5, 5), (1, 1), (-2, -1), True),
    ],
)
def test_a_wrong_field_is_noticed(wrong: ReceptiveField) -> None:
    seen = run([{"conv": 1, "kernel": 5, "padding": 2}], Seen.of_input((1, 12, 12)))
    assert check(ReceptiveField((5, 5), (1, 1), (-2, -2), True), seen, (12, 12), (1, 2)) > 100
    with pytest.raises(AssertionError):
        check(wrong, seen, (12, 12), (1, 2))
