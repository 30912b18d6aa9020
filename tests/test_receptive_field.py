"""Receptive fields: by hand, from Araujo, Norris & Sim (2019), and against the positions that windows really reach."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archcalc import api
from archcalc.layers.views import Window
from archcalc.network.network import Network
from archcalc.results.receptive_field import (
    MISALIGNED,
    NOWHERE,
    TOO_LARGE,
    WHOLE,
    Field,
    ReceptiveField,
    joined,
    of_input,
    through,
)

Load = Callable[..., Network]


def field_of(network: Network | str, layer: str) -> ReceptiveField:
    found = next(row.receptive_field for row in api.analyse(network).rows if row.name == layer)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("network", "layer", "size", "stride"),
    [
        # VGG-16, a 3×3 adds 2j and a 2×2 pool j: 1 + 2·2 + 1 = 6; + 2·2·2 + 2 = 16; + 3·2·4 + 4 = 44;
        # + 3·2·8 + 8 = 100; + 3·2·16 = 196; + 16 = 212, Araujo et al.'s figure for the whole of it.
        ("vgg16", "conv1_1", 3, 1),
        ("vgg16", "pool1", 6, 2),
        ("vgg16", "conv3_3", 40, 4),
        ("vgg16", "conv5_3", 196, 16),
        ("vgg16", "pool5", 212, 32),
        # AlexNet: 11; + 2·4 = 19; + 4·8 = 51; + 2·8 = 67; + 2·16 = 99, 131, 163; + 2·16 = 195 as in the table
        ("alexnet", "conv1", 11, 4),
        ("alexnet", "conv2", 51, 8),
        ("alexnet", "conv5", 163, 16),
        ("alexnet", "pool5", 195, 32),
        # ResNet-50, the stride in the 1×1: 7 + 2·2 = 11; + 3·2·4 = 35; + 4·2·8 = 99; + 6·2·16 = 291;
        # + 3·2·32 = 483, the table's figure for ResNet-v1-50
        ("resnet50", "conv2.3", 35, 4),
        ("resnet50", "conv5.3", 483, 32),
        ("resnet101", "conv5.3", 1027, 32),
        ("resnet152", "conv5.3", 1507, 32),
        # torchvision's, the stride in the 3×3, which then adds 2·(j before it) once a stage:
        # 35 + 2·4 + 3·2·8 = 91; + 2·8 + 5·2·16 = 267; + 2·16 + 2·2·32 = 427
        ("resnet50-v1.5", "conv5.3", 427, 32),
        # GoogLeNet by its 5×5: 7; 11; 19; 27; 3a + 4·8 = 59, 3b 91; 107; 4a to 4e 5·4·16 = 427; 459; 2·4·32 = 715
        ("googlenet", "3a.5x5.conv", 59, 8),
        ("googlenet", "3a.3x3.conv", 43, 8),
        ("googlenet", "5b", 715, 32),
    ],
)
def test_fields_of_known_networks(network: str, layer: str, size: int, stride: int) -> None:
    loaded = api.load(network)
    index = loaded.groups.get(layer)
    row = loaded.nodes[index].name if index is not None else layer
    # A block ends in a relu or, in Inception, in a join: both see what its last convolution sees.
    found = field_of(loaded, row)
    assert (found.size, found.stride, found.aligned) == ((size, size), (stride, stride), True)


def test_offsets_begin_in_the_padding() -> None:
    """conv5_3 of VGG-16 begins 1 + 1 + 2 + 2 + 3·4 + 3·8 + 3·16 = 90 positions before the image."""
    assert field_of("vgg16", "conv5_3").offset == (-90, -90)
    assert field_of("alexnet", "conv1").offset == (0, 0)
    # conv2 of AlexNet has two zeros on each side, in steps of 8
    assert field_of("alexnet", "conv2").offset == (-16, -16)


def fields(load: Load, items: str, shape: str = "[1, 32, 32]") -> list[ReceptiveField | None]:
    return [row.receptive_field for row in api.analyse(load(f"input: {shape}\nlayers: [{items}]")).rows]


def test_dilation_widens_the_window(load: Load) -> None:
    """3 taps 2 apart cover 5, then 3 taps 4 apart add 8; with stride 2 between, 16."""
    one, two = fields(load, "{conv: 1, kernel: 3, dilation: 2}, {conv: 1, kernel: 3, dilation: 4}")
    assert one == ReceptiveField((5, 5), (1, 1), (0, 0), True)
    assert two == ReceptiveField((13, 13), (1, 1), (0, 0), True)
    _, strided = fields(
        load, "{conv: 1, kernel: 3, dilation: 2, stride: 2}, {conv: 1, kernel: 3, dilation: 4}"
    )
    assert strided is not None
    assert strided.size == (5 + 8 * 2, 5 + 8 * 2)


def test_axes_are_apart(load: Load) -> None:
    one, two = fields(load, "{conv: 1, kernel: [3, 1], stride: [1, 2]}, {max_pool: [1, 4], stride: 1}")
    assert one == ReceptiveField((3, 1), (1, 2), (0, 0), True)
    assert two == ReceptiveField((3, 7), (1, 2), (0, 0), True)


@pytest.mark.parametrize(
    ("items", "size", "stride", "offset"),
    [
        ("{conv: 1, kernel: 3, padding: 1}", 3, 1, -1),
        ("{conv: 1, kernel: 4, padding: [[1, 2], [1, 2]]}", 4, 1, -1),
        ("{conv: 1, kernel: 4, padding: same}", 4, 1, -1),
        ("{pad: 3}", 1, 1, -3),
        ("{pad: [[2, 0], [2, 0]]}, {conv: 1, kernel: 3}", 3, 1, -2),
        ("{crop: 20}", 1, 1, 6),
        ("{slice: 1, start: 4}, {slice: 2, start: 4}", 1, 1, 4),
        ("{slice: 1, step: 3, start: 1}, {slice: 2, step: 3, start: 1}, {conv: 1, kernel: 2}", 4, 3, 1),
        ("relu, {batch_norm: }, {dropout: }, {lrn: 5}", 1, 1, 0),
    ],
)
def test_where_windows_begin(load: Load, items: str, size: int, stride: int, offset: int) -> None:
    found = fields(load, items)[-1]
    assert found == ReceptiveField((size, size), (stride, stride), (offset, offset), True)


HALF, THIRD = Fraction(1, 2), Fraction(1, 3)


@pytest.mark.parametrize(
    ("items", "size", "stride", "offset"),
    [
        ("{upsample: 2}", 1, HALF, 0),
        # 4 taps reach 2 inputs: output 0 is tap 1 of input 0 and tap 3 of input −1
        ("{conv_transpose: 1, kernel: 4, stride: 2, padding: 1}", 2, HALF, -1),
        # 3 neighbours of that see 3 or 4: outputs 1, 2, 3 see 0 1, 0 1, 1 2
        ("{conv_transpose: 1, kernel: 4, stride: 2, padding: 1}, {conv: 1, kernel: 3}", 3, HALF, -1),
        ("{conv_transpose: 1, kernel: 4, stride: 2, padding: 1}, {conv: 1, kernel: 2, stride: 2}", 3, 1, -1),
        # what is made finer and pooled again sees what it saw
        ("{conv: 1, kernel: 3, padding: 1}, {upsample: 2}, {max_pool: 2}", 3, 1, -1),
        # two taps that straddle two pooled positions see 2 + 2 inputs
        ("{max_pool: 2}, {upsample: 3}, {conv: 1, kernel: 2}", 4, 2 * THIRD, 0),
        ("{max_pool: 2}, {upsample: 3}", 2, 2 * THIRD, 0),
        ("{upsample: 3}, {slice: 1, start: 2, step: 2}, {slice: 2, start: 2, step: 2}", 1, 2 * THIRD, 0),
        # output 0 of a linear upsampling has its centre at −1/4, between −1 and 0
        ("{upsample: 2, mode: bilinear}", 2, HALF, -1),
        # a kernel of 1 that steps by 3 leaves two outputs without any input
        ("{conv_transpose: 1, kernel: 1, stride: 3}", 1, THIRD, 0),
        # and here all that are kept
        (
            "{conv_transpose: 1, kernel: 1, stride: 2}, {slice: 1, start: 1, step: 2}, {slice: 2, start: 1, step: 2}",
            0,
            1,
            1,
        ),
    ],
)
def test_behind_an_upsampling(load: Load, items: str, size: int, stride: Fraction, offset: int) -> None:
    found = fields(load, items)[-1]
    assert found is not None
    assert found[:4] == ((size, size), (stride, stride), (offset, offset), True)


def test_nothing_is_seen_at_all(load: Load) -> None:
    """Of a kernel of 1 with stride 2 only outputs without an input are kept; coarse positions are 2 apart, of 1."""
    items = "{slice: 1, step: 2}, {conv_transpose: 1, kernel: 1, stride: 2}, {slice: 1, start: 1, step: 2}"
    found = fields(load, items, "[1, 32]")[-1]
    assert found is not None
    assert found.size == (0,)
    assert found.window((3,)) == (range(8, 8),)


def test_windows_one_by_one(load: Load) -> None:
    """Pooled position p is inputs 2p and 2p + 1; 2 taps over three copies of each see p alone, or p and p + 1."""
    plain, *_, found = fields(load, "{max_pool: 2}, {upsample: 3}, {conv: 1, kernel: 2}", "[1, 32]")
    assert plain is not None
    assert found is not None
    assert plain.window((3,)) == (range(6, 8),)
    seen = [found.window((i,)) for i in range(4)]
    assert seen == [(range(2),), (range(2),), (range(4),), (range(2, 4),)]


def test_numbers_that_no_one_can_use_are_left_out(load: Load) -> None:
    """Every upsampling takes a factor of 3 in the stride's denominator, which passes 10¹² at the 26th."""
    found = fields(load, "{repeat: 30, layers: [{upsample: 3}, {slice: 1, stop: 8}]}", "[1, 8]")
    known = [field is not None and field.size is not None for field in found[::2]]
    assert known == [3**n <= 10**12 for n in range(1, 31)]
    assert found[-1] is TOO_LARGE
    huge = "{repeat: 5, layers: [{pad: 1000000}, {conv: 1, kernel: 1, stride: 1000}, {crop: 8}]}"
    assert fields(load, huge, "[1, 8]")[-1] is TOO_LARGE
    assert fields(load, f"{huge}, {{add: [[], [{{conv: 1, kernel: 1}}]]}}", "[1, 8]")[-1] is TOO_LARGE


@pytest.mark.parametrize(
    "item",
    [
        "flatten",
        "global_avg_pool",
        "{adaptive_avg_pool: 1}",
        "{mean: [1, 2]}",
        "{group_norm: 1}",
        "{reshape: [1, 1024]}, {linear: 1}",
    ],
)
def test_what_mixes_positions_sees_everything(load: Load, item: str) -> None:
    assert fields(load, f"{{conv: 1, kernel: 3, padding: same}}, {item}, relu")[-2:] == [None, None]


def test_a_vector_has_no_positions(load: Load) -> None:
    assert fields(load, "relu", "10") == [None]
    assert of_input(0) is WHOLE


def test_one_and_three_dimensions(load: Load) -> None:
    assert fields(load, "{conv: 1, kernel: 5, stride: 2}", "[1, 20]") == [
        ReceptiveField((5,), (2,), (0,), True)
    ]
    (found,) = fields(load, "{conv: 1, kernel: [1, 2, 3]}", "[1, 5, 5, 5]")
    assert found == ReceptiveField((1, 2, 3), (1, 1, 1), (0, 0, 0), True)


# --- branches ------------------------------------------------------------------------------------------------


def test_a_join_sees_what_its_widest_branch_sees(load: Load) -> None:
    *_, found = fields(
        load, "{concat: [[], [{conv: 1, kernel: 5, padding: 2}], [{conv: 1, kernel: 3, padding: same}]]}"
    )
    assert found == ReceptiveField((5, 5), (1, 1), (-2, -2), True)


def test_branches_with_other_centres_are_reported(load: Load) -> None:
    """A window from −2 to 0 beside position 0: together −2 to 0, but the centres are −1 and 0."""
    *_, found, after = fields(
        load, "{add: [[], [{conv: 1, kernel: 3, padding: [[2, 0], [2, 0]]}]]}, {conv: 1, kernel: 3}"
    )
    assert found == ReceptiveField((3, 3), (1, 1), (-2, -2), False)
    assert after == ReceptiveField((5, 5), (1, 1), (-2, -2), False)


def test_windows_that_only_overlap_are_joined_whole(load: Load) -> None:
    """−4 to 0 and 0 to 4 together are −4 to 4, though each branch sees 5."""
    sides = ["[4, 0], [4, 0]", "[0, 4], [0, 4]"]
    branches = ", ".join(f"[{{conv: 1, kernel: 5, padding: [{side}]}}]" for side in sides)
    *_, found = fields(load, f"{{add: [{branches}]}}")
    assert found == ReceptiveField((9, 9), (1, 1), (-4, -4), False)


def test_branches_with_other_strides_have_no_single_field(load: Load) -> None:
    *_, found, after = fields(load, "{add: [[{max_pool: 2}], [{crop: 16}]]}, {conv: 1, kernel: 3}")
    assert found == after == MISALIGNED
    assert MISALIGNED.window((0, 0)) is None


def test_a_branch_that_sees_everything_makes_the_join_see_everything(load: Load) -> None:
    gate = "[global_avg_pool, {reshape: [1, 1, 1]}]"
    assert fields(load, f"{{mul: [[], {gate}]}}")[-1] is None


@pytest.mark.parametrize(
    ("kernel", "field"), [(7, MISALIGNED), (1, ReceptiveField((1, 1), (1, 1), (0, 0), True))]
)
def test_what_is_repeated_along_the_map_does_not_slide(
    load: Load, kernel: int, field: ReceptiveField
) -> None:
    """Every output of mul sees the one window of the 7×7; a gate of the map's own size slides with it."""
    gate = f"{{mul: [[], [{{conv: 4, kernel: {kernel}}}]]}}, {{conv: 4, kernel: 1}}"
    *_, product, behind = fields(load, gate, "[4, 7, 7]")
    assert product == behind == field


def test_a_repeated_parameter_changes_nothing(load: Load) -> None:
    first, *_, found = fields(load, "{conv: 8, kernel: 3}, {add: [[], [{parameter: [8, 1, 1]}]]}")
    assert found == first == ReceptiveField((3, 3), (1, 1), (0, 0), True)


def test_a_decoder_that_holds_its_skip_keeps_its_windows(load: Load) -> None:
    """As in U-Net: the upsampled branch sees whole pooled positions, of 2 + 2·2 = 6, around what the skip sees."""
    deep = "{max_pool: 2}, {conv: 1, kernel: 3, padding: 1}, {upsample: 2}"
    *_, found, behind = fields(load, f"{{concat: [[], [{deep}]]}}, {{conv: 1, kernel: 3}}", "[1, 32]")
    assert found is not None
    assert found[:4] == ((6,), (1,), (-2,), True)
    # 3 neighbours stand on 2 pooled positions
    assert behind is not None
    assert behind[:4] == ((8,), (1,), (-2,), True)


def test_branches_on_different_grids_have_one_window_that_holds_both(load: Load) -> None:
    """Position i of upsample sees 2⌊i/2⌋ and the one after: from i − 1 to i + 1; the 2-tap conv sees i and i + 1."""
    *_, found = fields(
        load, "{add: [[{max_pool: 2}, {upsample: 2}], [{pad: [[0, 1]]}, {conv: 1, kernel: 2}]]}", "[1, 32]"
    )
    assert found == ReceptiveField((3,), (1,), (-1,), False)


def test_a_bare_parameter_sees_nothing_and_changes_nothing(load: Load) -> None:
    first, *_, found = fields(
        load, "{conv: 1, kernel: 3, padding: 1}, {add: [[], [{parameter: [1, 32, 32]}]]}"
    )
    assert found == first
    assert joined([NOWHERE, NOWHERE]) == NOWHERE
    assert through(NOWHERE, (Window(3, 1, 0),)) == NOWHERE


# --- windows that are what they say ----------------------------------------------------------------------------

WINDOWS = st.tuples(st.integers(1, 5), st.integers(1, 3), st.integers(0, 4), st.integers(1, 3))


def reached(position: int, layers: list[tuple[int, int, int, int]]) -> set[int]:
    """The input positions, on an endless line, that one output position depends on: by definition, tap by tap."""
    positions = {position}
    for kernel, stride, padding, dilation in reversed(layers):
        positions = {p * stride - padding + dilation * tap for p in positions for tap in range(kernel)}
    return positions


@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(layers=st.lists(WINDOWS, min_size=1, max_size=4))
def test_a_chain_of_windows_reaches_just_its_field(
    load: Load, layers: list[tuple[int, int, int, int]]
) -> None:
    items = ", ".join(
        f"{{conv: 1, kernel: {k}, stride: {s}, padding: {p}, dilation: {d}}}" for k, s, p, d in layers
    )
    found = fields(load, items, "[1, 5000]")[-1]
    assert found is not None
    first, second = reached(0, layers), reached(1, layers)
    assert found == ReceptiveField(
        (max(first) - min(first) + 1,), (min(second) - min(first),), (min(first),), True
    )


Seen = list[set[int]]
"""The input positions that each output position depends on."""

SMALL = st.integers(1, 4)
SLIDING = st.fixed_dictionaries(
    {
        "conv": st.just(1),
        "kernel": SMALL,
        "stride": st.integers(1, 3),
        "padding": st.integers(0, 2),
        "dilation": st.integers(1, 2),
    }
)
OTHERS = st.one_of(
    st.fixed_dictionaries({"upsample": st.integers(2, 3)}),
    st.fixed_dictionaries({"upsample": st.integers(2, 3), "mode": st.just("linear")}),
    st.fixed_dictionaries(
        {
            "conv_transpose": st.just(1),
            "kernel": SMALL,
            "stride": st.integers(1, 3),
            "padding": st.integers(0, 2),
            "dilation": st.integers(1, 2),
        }
    ),
    st.fixed_dictionaries({"crop": st.integers(1, 30)}),
    st.fixed_dictionaries(
        {"pad": st.lists(st.integers(0, 2), min_size=2, max_size=2).map(lambda pair: [pair])}
    ),
    st.fixed_dictionaries({"slice": st.just(1), "start": st.integers(0, 2), "step": st.integers(1, 3)}),
)


def simulated(item: dict[str, Any], came: Seen) -> Seen:
    """What the outputs of a layer depend on, tap by tap from its definition; empty where there is no output."""
    n = len(came)
    if "add" in item:
        branches = [chain(branch, came) for branch in item["add"]]
        same = all(branches) and len({len(branch) for branch in branches}) == 1
        return [set[int]().union(*sets) for sets in zip(*branches, strict=True)] if same else []
    if "conv" in item or "conv_transpose" in item:
        taps = [tap * item["dilation"] for tap in range(item["kernel"])]
        stride, padding = item["stride"], item["padding"]
        if "conv" in item:
            starts = range(-padding, n + padding - taps[-1], stride)
            return [set[int]().union(*(came[s + t] for t in taps if 0 <= s + t < n)) for s in starts]
        spread: Seen = [set() for _ in range((n - 1) * stride + taps[-1] + 1)]
        for position, seen in enumerate(came):
            for tap in taps:
                spread[position * stride + tap] |= seen
        return spread[padding : len(spread) - padding]
    if "upsample" in item:
        factor = item["upsample"]
        if "mode" not in item:
            return [seen for seen in came for _ in range(factor)]
        # Whole numbers throughout: the centre of output i is (2·i + 1 − f)/2f, its neighbours clamped to the map.
        lows = [(2 * i + 1 - factor) // (2 * factor) for i in range(n * factor)]
        return [came[max(low, 0)] | came[min(low + 1, n - 1)] for low in lows]
    if "crop" in item:
        cut = (n - item["crop"]) // 2
        return came[cut : cut + item["crop"]] if cut >= 0 else []
    if "pad" in item:
        ((before, after),) = item["pad"]
        return [*(set[int]() for _ in range(before)), *came, *(set[int]() for _ in range(after))]
    return came[item["start"] :: item["step"]]


def chain(items: list[dict[str, Any]], came: Seen) -> Seen:
    """What the outputs of several layers depend on, one after another."""
    for item in items:
        came = simulated(item, came) if came else []
    return came


@st.composite
def chains(draw: st.DrawFn, *kinds: st.SearchStrategy[dict[str, Any]]) -> list[dict[str, Any]]:
    """Up to five layers of these kinds, or joins of them, over 40 positions, of which none leaves nothing."""
    layer = st.one_of(*kinds)
    join = st.fixed_dictionaries({"add": st.lists(st.lists(layer, max_size=3), min_size=2, max_size=2)})
    items: list[dict[str, Any]] = []
    came: Seen = [{position} for position in range(40)]
    for item in draw(st.lists(st.one_of(layer, layer, join), min_size=1, max_size=5)):
        behind = simulated(item, came)
        if 0 < len(behind) < 400:
            came = behind
            items.append(item)
    return items


def last_field(load: Load, items: list[dict[str, Any]], positions: int) -> ReceptiveField:
    """The field of the last of these layers, whose output must have as many positions as were simulated."""
    row = api.analyse(load(yaml.safe_dump({"input": [1, 40], "layers": ["relu", *items]}))).rows[-1]
    assert row.output == (1, positions)
    assert row.receptive_field is not None
    return row.receptive_field


LIMITS = settings(
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@LIMITS
@given(items=chains(SLIDING, OTHERS))
def test_no_output_sees_anything_outside_its_window(load: Load, items: list[dict[str, Any]]) -> None:
    seen = chain(items, [{position} for position in range(40)])
    found = last_field(load, items, len(seen))
    if found is MISALIGNED:
        return
    assert found.size is not None
    assert found.stride is not None
    assert found.offset is not None
    coarse = max([1, *(grid.j for grid in found.grids or () if grid is not None)])
    for i, positions in enumerate(seen):
        (window,) = found.window((i,)) or ()
        assert positions <= set(window), (i, window)
        assert len(window) <= found.size[0]
        # Even windows stand where offset and stride say, others less than a coarse step beside it.
        assert -coarse < window.start - found.offset[0] - i * found.stride[0] < coarse
    assert all(max(each) - min(each) < found.size[0] for each in seen if each)


@LIMITS
@given(items=chains(SLIDING))
def test_windows_inside_the_input_are_exact(load: Load, items: list[dict[str, Any]]) -> None:
    """Without an upsampling, and where neither a border nor a cut is met, both ends of a window are seen."""
    seen = chain(items, [{position} for position in range(40)])
    found = last_field(load, items, len(seen))
    if found is MISALIGNED:
        return
    assert found.grids is None
    for i, positions in enumerate(seen):
        (window,) = found.window((i,)) or ()
        if window.start >= 0 and window.stop <= 40:
            assert (min(positions), max(positions)) == (window.start, window.stop - 1)


# Over an endless line: two that make the grid finer, one of them with less than a window for each output, a kernel
# of 4 transposed with stride 2, a kernel of 3, and two that step.
LINE = {
    "up2": Window(1, 1, 0, 2),
    "up3": Window(1, 1, 1, 3),
    "transposed": Window(3, 1, -1, 2),
    "conv3": Window(3, 1, -1),
    "step2": Window(1, 2, 1),
    "step3": Window(2, 3, -2),
}
OUTPUTS = range(-40, 41)  # a whole round of four times up3


def ends(names: tuple[str, ...]) -> list[tuple[int, int]]:
    """The first and the last input position that each output sees, layer by layer as a window is defined."""
    found = [(i, i) for i in OUTPUTS]
    for name in reversed(names):
        size, stride, offset, per = LINE[name]
        found = [
            ((stride * first + offset) // per, (stride * last + offset + size - 1) // per)
            for first, last in found
        ]
    return found


def windows_of(field: Field) -> list[tuple[int, int]]:
    """The same as the field has it."""
    assert isinstance(field, ReceptiveField)
    return [(window.start, window.stop - 1) for i in OUTPUTS for window in field.window((i,)) or ()]


def field_along(names: tuple[str, ...]) -> ReceptiveField:
    field = of_input(1)
    for name in names:
        field = through(field, (LINE[name],))
    assert isinstance(field, ReceptiveField)
    return field


CHAINS = [names for length in range(1, 5) for names in product(LINE, repeat=length)]


def test_every_short_chain_of_windows() -> None:
    """All 1,554 of up to four layers: never too small, and exact unless a stride stands between two upsamplings."""
    exact = 0
    for names in CHAINS:
        field, true = field_along(names), ends(names)
        assert field.size is not None
        said = windows_of(field)
        for (first, last), (begin, end) in zip(true, said, strict=True):
            assert begin <= first, names
            assert last <= end, names
        finer = [n for n, name in enumerate(names) if LINE[name].per > 1]
        if not finer or not any("step" in name for name in names[finer[0] : finer[-1]]):
            assert said == true, names
            assert field.size == (max(end - begin + 1 for begin, end in said),), names
            exact += 1
    assert exact > 1000


def test_every_join_of_two_short_chains() -> None:
    """The windows hold those of both, and stay inside the one that moves evenly and does."""
    by_stride: dict[Any, list[tuple[ReceptiveField, list[tuple[int, int]]]]] = {}
    for names in CHAINS:
        if len(names) < 4:
            field = field_along(names)
            alike = by_stride.setdefault(field.stride, [])
            if field not in [other for other, _ in alike]:
                alike.append((field, windows_of(field)))
    for (stride,), alike in by_stride.items():
        for (one, windows), (other, others) in combinations(alike, 2):
            found = joined([one, other])
            said = windows_of(found)
            hull = [(min(a, c), max(b, d)) for (a, b), (c, d) in zip(windows, others, strict=True)]
            for (begin, end), (first, last) in zip(said, hull, strict=True):
                assert begin <= first, (one, other)
                assert end >= last, (one, other)
            earliest = min(first - i * stride for i, (first, _) in zip(OUTPUTS, hull, strict=True))
            latest = max(last - i * stride for i, (_, last) in zip(OUTPUTS, hull, strict=True))
            for i, (begin, end) in zip(OUTPUTS, said, strict=True):
                assert begin >= earliest + i * stride, (one, other)
                assert end <= latest + i * stride, (one, other)


@settings(LIMITS, max_examples=100)
@given(factor=st.integers(2, 4), kernel=st.integers(1, 5), steps=st.lists(st.integers(1, 3), max_size=2))
def test_one_upsampling_is_exact_too(load: Load, factor: int, kernel: int, steps: list[int]) -> None:
    """Some output inside the map sees as many positions as its field says."""
    items: list[dict[str, Any]] = [
        {"upsample": factor},
        *({"conv": 1, "kernel": kernel, "stride": step, "padding": 0, "dilation": 1} for step in steps),
    ]
    seen = chain(items, [{position} for position in range(40)])
    found = last_field(load, items, len(seen))
    assert found.size == (max(map(len, seen)),)
