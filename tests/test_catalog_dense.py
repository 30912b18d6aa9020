"""DenseNet against torchvision, Tables 1 and 2 of its paper, and sums by hand."""

from __future__ import annotations

import pytest

import archcalc
from archcalc.derivations.explanation import judge_all

TORCHVISION = {
    # torchvision 0.28: parameters, and half of torch's FlopCounterMode.
    "densenet121": (7_978_856, 2_834_161_664),
    "densenet161": (28_681_000, 7_727_907_072),
    "densenet169": (14_149_480, 3_359_843_328),
    "densenet201": (20_013_928, 4_291_365_888),
}
LENGTHS = {
    # Table 1: the growth rate and the layers of each block.
    "densenet121": (32, (6, 12, 24, 16)),
    "densenet161": (48, (6, 12, 36, 24)),
    "densenet169": (32, (6, 12, 32, 32)),
    "densenet201": (32, (6, 12, 48, 32)),
    "densenet264": (32, (6, 12, 64, 48)),
}


def sums_by_hand(growth: int, lengths: tuple[int, ...]) -> tuple[int, int]:
    """Parameters and MACs of a DenseNet for 224×224, added up layer by layer as the paper describes them."""
    maps, side = 2 * growth, 112
    params = 3 * 49 * maps + 2 * maps  # 7×7 on three channels, no biases; γ and β
    macs = 3 * 49 * maps * side**2
    side //= 2
    for block, length in enumerate(lengths):
        for _ in range(length):
            weights = maps * 4 * growth + 9 * 4 * growth * growth  # 1×1 to 4k maps, 3×3 to k
            params += 2 * maps + 2 * 4 * growth + weights
            macs += weights * side**2
            maps += growth
        if block < len(lengths) - 1:
            params += 2 * maps + maps * (maps // 2)
            macs += maps * (maps // 2) * side**2
            maps, side = maps // 2, side // 2
    return params + 2 * maps + (maps + 1) * 1000, macs + maps * 1000


@pytest.mark.parametrize(("name", "expected"), TORCHVISION.items(), ids=TORCHVISION)
def test_torchvision_has_the_same_totals(name: str, expected: tuple[int, int]) -> None:
    totals = archcalc.analyse(name).totals
    assert (totals.params, totals.macs) == expected


@pytest.mark.parametrize(("name", "table"), LENGTHS.items(), ids=LENGTHS)
def test_totals_by_hand(name: str, table: tuple[int, tuple[int, ...]]) -> None:
    """Also for DenseNet-264, which torchvision does not have."""
    totals = archcalc.analyse(name).totals
    assert (totals.params, totals.macs) == sums_by_hand(*table)


def test_a_block_of_another_length_would_be_noticed() -> None:
    """The sums tell DenseNets apart: one layer less, or another growth rate, is another number."""
    shorter, narrower = sums_by_hand(32, (6, 12, 24, 15)), sums_by_hand(31, (6, 12, 24, 16))
    totals = archcalc.analyse("densenet121").totals
    assert (totals.params, totals.macs) not in (shorter, narrower)
    network = archcalc.load("densenet121", parameters={"growth": 31})
    totals = archcalc.analyse(network).totals
    assert (totals.params, totals.macs) == narrower


@pytest.mark.parametrize("name", LENGTHS)
def test_sizes_of_table_1(name: str) -> None:
    """Height and width halve after the stem's pooling and each transition; the maps grow by k a layer."""
    growth, lengths = LENGTHS[name]
    report = archcalc.analyse(name)
    maps, side = 2 * growth, 56
    for number, length in enumerate(lengths, start=1):
        maps += growth * length
        assert report.rows[report.groups[f"block{number}"]].output == (maps, side, side)
        if number < len(lengths):
            maps, side = maps // 2, side // 2
            assert report.rows[report.groups[f"transition{number}"]].output == (maps, side, side)


@pytest.mark.parametrize(
    ("name", "depth"),
    [
        ("densenet121", 121),
        ("densenet161", 161),
        ("densenet169", 169),
        ("densenet201", 201),
        # 1 + 2·(6 + 12 + 64 + 48) + 3 + 1: the table makes one layer more than the name has.
        ("densenet264", 265),
        ("densenet-cifar-100", 100),
        ("densenet-bc-100", 100),
        ("densenet-bc-250", 250),
    ],
)
def test_depth(name: str, depth: int) -> None:
    """Two layers a bottleneck, one without; the first convolution, the transitions and the classifier."""
    assert archcalc.analyse(name).depth == depth


TABLE_2 = [
    # L, k and the parameters in millions.
    ("densenet-cifar-100", 40, 12, "1.0"),
    ("densenet-cifar-100", 100, 12, "7.0"),
    ("densenet-cifar-100", 100, 24, "27.2"),
    ("densenet-bc-100", 100, 12, "0.8"),
    ("densenet-bc-250", 250, 24, "15.3"),
    ("densenet-bc-250", 190, 40, "25.6"),
]


@pytest.mark.parametrize(("name", "depth", "growth", "millions"), TABLE_2)
def test_parameters_of_table_2(name: str, depth: int, growth: int, millions: str) -> None:
    """All six DenseNets of the table, as rounded."""
    network = archcalc.load(name, parameters={"depth": depth, "growth": growth})
    report = archcalc.analyse(network)
    assert report.depth == depth
    assert f"{report.totals.params / 1e6:.1f}" == millions


def test_plain_and_bottlenecked_are_different_networks() -> None:
    """At the same depth and growth rate Table 2 has 7.0M for the one and 0.8M for the other."""
    plain, reduced = (archcalc.analyse(name).totals for name in ("densenet-cifar-100", "densenet-bc-100"))
    assert plain.params > 8 * reduced.params


def test_densenet_bc_100_by_hand() -> None:
    """Sixteen bottlenecks a block, k = 12: 24 maps, 216, 108, 300, 150, 342."""
    block = sum(2 * c + 48 * c + 2 * 48 + 9 * 48 * 12 for first in (24, 108, 150) for c in _grown(first, 16))
    transitions = 2 * 216 + 216 * 108 + 2 * 300 + 300 * 150
    stem, end = 27 * 24, 2 * 342 + 342 * 10 + 10
    assert stem + block + transitions + end == archcalc.analyse("densenet-bc-100").totals.params


def test_weights_of_the_composite_layers() -> None:
    """On 992 maps, k = 32: 9·992·32 without the bottleneck, 4·32·992 + 36·32·32 with it."""
    plain, reduced = (
        sum(row.weights for row in archcalc.analyse(name).rows if row.kind == "conv")
        for name in ("densenet-layer", "densenet-layer-bottleneck")
    )
    assert (plain, reduced) == (285_696, 163_840)


@pytest.mark.parametrize(("maps", "cheaper"), [(230, False), (231, True)])
def test_from_where_on_a_bottleneck_saves(maps: int, cheaper: bool) -> None:
    """4·C·k + 36·k·k < 9·C·k where C > 7.2·k, which is 230.4 for k = 32."""
    plain, reduced = (
        archcalc.analyse(archcalc.load(name, input=(maps, 14, 14))).totals.macs
        for name in ("densenet-layer", "densenet-layer-bottleneck")
    )
    assert (reduced < plain) == cheaper


@pytest.mark.parametrize(
    "name",
    [*LENGTHS, "densenet-cifar-100", "densenet-bc-100", "densenet-bc-250", "densenet-layer-bottleneck"],
)
def test_what_was_published_is_accounted_for(name: str) -> None:
    """Only DenseNet-264's depth does not reproduce."""
    judged = list(judge_all(archcalc.load(name)))
    assert all(figure.accounted for figure in judged)
    different = [figure.figure.quantity for figure in judged if figure.verdict == "different"]
    assert different == (["total.depth"] if name == "densenet264" else [])


def _grown(first: int, length: int) -> range:
    """The maps that each layer of a block of densenet-bc-100 reads."""
    return range(first, first + 12 * length, 12)
