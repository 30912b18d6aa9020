"""Receptive fields: by hand, from Araujo, Norris & Sim (2019), and against the positions that windows really reach."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archcalc import api
from archcalc.network import Network
from archcalc.receptive_field import MISALIGNED, NOWHERE, WHOLE, ReceptiveField, joined, of_input, through

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
        ("{upsample: 2}", 1, Fraction(1, 2), 0),
    ],
)
def test_where_windows_begin(load: Load, items: str, size: int, stride: int | Fraction, offset: int) -> None:
    found = fields(load, items)[-1]
    assert found == ReceptiveField((size, size), (stride, stride), (offset, offset), True)


def test_transposed_convolutions_bring_positions_closer(load: Load) -> None:
    """At most ⌈4/2⌉ = 2 inputs reach an output; a 3×3 on steps of ½ adds 2·½."""
    one, two, three = fields(
        load,
        "{conv_transpose: 1, kernel: 4, stride: 2, padding: 1}, {conv: 1, kernel: 3, padding: 1}, "
        "{conv: 1, kernel: 2, stride: 2}",
    )
    half = Fraction(1, 2)
    assert one is not None
    assert (one.size, one.stride) == ((2, 2), (half, half))
    assert two is not None
    assert (two.size, two.stride) == ((3, 3), (half, half))
    assert three is not None
    assert (three.size, three.positions, three.stride) == ((Fraction(7, 2),) * 2, (4, 4), (1, 1))


@pytest.mark.parametrize(
    "item",
    [
        "flatten",
        "global_avg_pool",
        "{adaptive_avg_pool: 2}",
        "{reshape: [2, 16, 32]}",
        "{permute: [2, 0, 1]}",
    ],
)
def test_what_mixes_positions_sees_everything(load: Load, item: str) -> None:
    assert fields(load, f"{{conv: 1, kernel: 3, padding: same}}, {item}, relu")[1:] == [None, None]


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
    assert MISALIGNED.positions is None


def test_a_branch_that_sees_everything_makes_the_join_see_everything(load: Load) -> None:
    gate = "[global_avg_pool, {reshape: [1, 1, 1]}]"
    assert fields(load, f"{{mul: [[], {gate}]}}")[-1] is None


def test_a_bare_parameter_sees_nothing_and_changes_nothing(load: Load) -> None:
    first, *_, found = fields(
        load, "{conv: 1, kernel: 3, padding: 1}, {add: [[], [{parameter: [1, 32, 32]}]]}"
    )
    assert found == first
    assert joined([NOWHERE, NOWHERE]) == NOWHERE
    assert through(NOWHERE, "everything") == NOWHERE


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


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kernel=st.integers(1, 7), stride=st.integers(1, 4), padding=st.integers(0, 3), conv=st.integers(1, 4))
def test_a_transposed_convolution_never_reaches_more_than_its_field(
    load: Load, kernel: int, stride: int, padding: int, conv: int
) -> None:
    """Input i spreads over the outputs i·S − P to i·S − P + F − 1; a convolution behind it reads several."""
    found = fields(
        load,
        f"{{conv_transpose: 1, kernel: {kernel}, stride: {stride}, padding: {padding}}}, {{conv: 1, kernel: {conv}}}",
        "[1, 60]",
    )[-1]
    assert found is not None
    assert found.positions is not None
    for output in range(20, 40):
        seen = {
            i for i in range(60) for tap in range(conv) if 0 <= output + tap + padding - i * stride < kernel
        }
        assert len(seen) <= found.positions[0]
