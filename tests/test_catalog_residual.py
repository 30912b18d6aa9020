"""The residual networks against their papers: He et al. 2015 (Table 1, Section 4.2, Table 6) and He et al. 2016.

What is expected was published or is worked out here by hand; the comments say which.
"""

from __future__ import annotations

import pytest

import archcalc
from archcalc.algebra.units import agreement, parse_written
from archcalc.derivations.explanation import judge_all
from archcalc.results.report import Report, Row

# He et al. 2015, Table 1, "FLOPs", which are multiply-adds; the plain networks in Table 1 and Figure 3.
TABLE_1_FLOPS = {
    "resnet18": ("1.8e9", "rounded"),
    # 3.66 with projections; the paper cut that, or rounded the 3.64 that shortcuts without parameters have
    "resnet34": ("3.6e9", "truncated"),
    "resnet50": ("3.8e9", "truncated"),
    "resnet101": ("7.6e9", "rounded"),
    "resnet152": ("11.3e9", "rounded"),
    "plain-18": ("1.8e9", "rounded"),
    "plain-34": ("3.6e9", "rounded"),
}

# He et al. 2015, Table 1: blocks in conv2_x to conv5_x, convolutions a block, channels at their end.
TABLE_1_STAGES = {
    "resnet18": ((2, 2, 2, 2), 2, (64, 128, 256, 512)),
    "resnet34": ((3, 4, 6, 3), 2, (64, 128, 256, 512)),
    "resnet50": ((3, 4, 6, 3), 3, (256, 512, 1024, 2048)),
    "resnet101": ((3, 4, 23, 3), 3, (256, 512, 1024, 2048)),
    "resnet152": ((3, 8, 36, 3), 3, (256, 512, 1024, 2048)),
    "plain-18": ((2, 2, 2, 2), 2, (64, 128, 256, 512)),
    "plain-34": ((3, 4, 6, 3), 2, (64, 128, 256, 512)),
}

# He et al. 2015, Table 6: the n of 6n + 2 layers, and the parameters.
TABLE_6 = {
    20: (3, "0.27M"),
    32: (5, "0.46M"),
    44: (7, "0.66M"),
    56: (9, "0.85M"),
    110: (18, "1.7M"),
    1202: (200, "19.4M"),
}

HERE = [
    "plain-18",
    "plain-34",
    *(f"resnet-cifar-{layers}" for layers in TABLE_6),
    "resnet-cifar-1001-preact",
    "identity-block",
    "convolutional-block",
]


def rows(report: Report, start: str) -> list[Row]:
    """The layers of one block or stage."""
    return [row for row in report.rows if row.name.startswith(f"{start}.")]


def outputs(report: Report) -> dict[str, tuple[int, ...]]:
    """What each layer gives."""
    return {row.name: row.output for row in report.rows}


# --- Table 1 -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLE_1_FLOPS)
def test_table_1_flops(name: str) -> None:
    published, expected = TABLE_1_FLOPS[name]
    assert agreement(archcalc.analyse(name).totals.macs, parse_written(published)) == expected


def test_a_stride_elsewhere_does_not_reproduce_table_1() -> None:
    # torchvision's ResNet-50 takes its strides in the 3×3 convolutions: 4.09 instead of 3.86
    macs = archcalc.analyse("resnet50-v1.5").totals.macs
    assert agreement(macs, parse_written("3.8e9")) == "different"


@pytest.mark.parametrize("name", TABLE_1_STAGES)
def test_table_1_stages(name: str) -> None:
    blocks, convolutions, channels = TABLE_1_STAGES[name]
    report = archcalc.analyse(name)
    for stage, count, ends, size in zip((2, 3, 4, 5), blocks, channels, (56, 28, 14, 7), strict=True):
        layers = rows(report, f"conv{stage}")
        body = [row for row in layers if row.kind == "conv" and ".shortcut." not in row.name]
        assert len(body) == count * convolutions
        assert layers[-1].output == (ends, size, size)
    assert outputs(report)["conv1.relu1"] == (64, 112, 112)
    assert report.depth == 1 + sum(blocks) * convolutions + 1


@pytest.mark.parametrize(("plain", "residual"), [("plain-18", "resnet18"), ("plain-34", "resnet34")])
def test_plain_networks_lack_three_projections(plain: str, residual: str) -> None:
    # 64·128 + 128·256 + 256·512 weights of 1×1 convolutions, two parameters of batch norm a channel; each of
    # the three costs the same, as the channels double while the positions become a quarter
    without, having = archcalc.analyse(plain), archcalc.analyse(residual)
    projections = 64 * 128 + 128 * 256 + 256 * 512 + 2 * (128 + 256 + 512)
    assert having.totals.params - without.totals.params == projections == 173_824
    assert having.totals.macs - without.totals.macs == 3 * (64 * 128 * 28 * 28) == 19_267_584
    assert not [row for row in without.rows if row.kind == "add"]
    assert len([row for row in having.rows if row.kind == "add"]) == (having.depth - 2) // 2


# --- CIFAR, Section 4.2 and Table 6 ------------------------------------------------------------------------


def cifar_params(n: int) -> int:
    """Section 4.2 by hand: 2n layers of 16, 32 and 64 filters of 3×3, behind a first one; two numbers a channel
    of batch norm; ten classes.
    """
    first = 3 * 9 * 16 + 2 * 16
    stage1 = 2 * n * (16 * 9 * 16 + 2 * 16)
    stage2 = 16 * 9 * 32 + (2 * n - 1) * 32 * 9 * 32 + 2 * n * 2 * 32
    stage3 = 32 * 9 * 64 + (2 * n - 1) * 64 * 9 * 64 + 2 * n * 2 * 64
    return first + stage1 + stage2 + stage3 + (64 + 1) * 10


def cifar_macs(n: int) -> int:
    """The same layers at 32·32, 16·16 and 8·8 positions."""
    stage1 = 3 * 9 * 16 + 2 * n * 16 * 9 * 16
    stage2 = 16 * 9 * 32 + (2 * n - 1) * 32 * 9 * 32
    stage3 = 32 * 9 * 64 + (2 * n - 1) * 64 * 9 * 64
    return 32 * 32 * stage1 + 16 * 16 * stage2 + 8 * 8 * stage3 + 64 * 10


@pytest.mark.parametrize("layers", TABLE_6)
def test_table_6(layers: int) -> None:
    n, published = TABLE_6[layers]
    report = archcalc.analyse(f"resnet-cifar-{layers}")
    assert report.depth == layers == 6 * n + 2
    assert report.totals.params == cifar_params(n)
    assert report.totals.macs == cifar_macs(n)
    assert agreement(report.totals.params, parse_written(published)) == "rounded"


def test_another_depth_does_not_reproduce_table_6() -> None:
    # n = 4 gives 26 layers and 366,938 parameters, which is in no row
    report = archcalc.analyse(archcalc.load("resnet-cifar-20", parameters={"n": 4}))
    assert (report.depth, report.totals.params) == (26, 366_938)
    found = [agreement(report.totals.params, parse_written(published)) for _, published in TABLE_6.values()]
    assert set(found) == {"different"}


def test_shortcuts_of_option_a_have_no_parameters() -> None:
    # Section 4.2: "exactly the same depth, width, and number of parameters as the plain counterparts"
    report = archcalc.analyse("resnet-cifar-110")
    shortcuts = [row for row in report.rows if ".shortcut." in row.name]
    assert [row.kind for row in shortcuts] == ["slice", "slice", "pad"] * 2
    assert {(row.params, row.macs) for row in shortcuts} == {(0, 0)}
    # a projection in their place would have them: option B
    projected = [row for row in archcalc.analyse("resnet34").rows if ".shortcut." in row.name]
    assert all(row.params for row in projected)


def test_option_a_takes_every_second_position_and_adds_channels() -> None:
    shapes = outputs(archcalc.analyse("resnet-cifar-20"))
    assert shapes["stage1.3.relu2"] == (16, 32, 32)
    assert shapes["stage2.1.shortcut.slice1"] == (16, 16, 32)
    assert shapes["stage2.1.shortcut.slice2"] == (16, 16, 16)
    assert shapes["stage2.1.shortcut.pad1"] == shapes["stage2.1.batch_norm2"] == (32, 16, 16)
    assert shapes["stage3.1.shortcut.pad1"] == shapes["stage3.1.batch_norm2"] == (64, 8, 8)


def test_a_shortcut_sees_what_it_skips_from() -> None:
    # seven 3×3 convolutions see 15 positions, and taking every second of them changes only the step
    fields = {row.name: row.receptive_field for row in archcalc.analyse("resnet-cifar-20").rows}
    before, behind = fields["stage1.3.relu2"], fields["stage2.1.shortcut.pad1"]
    assert before is not None
    assert behind is not None
    assert (before.size, before.stride) == ((15, 15), (1, 1))
    assert (behind.size, behind.stride) == ((15, 15), (2, 2))


# --- ResNet-1001 with pre-activation -----------------------------------------------------------------------

UNITS = 111
"""9n + 2 = 1001 layers: n units of three convolutions in each of three stages."""


def test_preactivation_by_hand() -> None:
    report = archcalc.analyse("resnet-cifar-1001-preact")
    weights, channels = 3 * 9 * 16, 0
    came = 16
    for width in (16, 32, 64):
        middle = width * 9 * width + width * 4 * width
        weights += came * width + middle + came * 4 * width  # the last is the shortcut's projection
        weights += (UNITS - 1) * (4 * width * width + middle)
        # batch norm stands before each convolution of a unit: on what came, and twice on the narrow middle
        channels += came + 2 * width + (UNITS - 1) * (4 * width + 2 * width)
        came = 4 * width
    without = weights + (came + 1) * 10
    assert without == 10_178_490
    assert without + 2 * (channels + came) == report.totals.params == 10_327_706
    assert sum(row.params for row in report.rows if row.kind != "batch_norm") == without


def test_preactivation_is_published_without_batch_norm() -> None:
    report = archcalc.analyse("resnet-cifar-1001-preact")
    published = parse_written("10.2M")
    assert agreement(10_178_490, published) == "rounded"
    assert agreement(report.totals.params, published) == "different"


def test_preactivation_has_1001_layers() -> None:
    report = archcalc.analyse("resnet-cifar-1001-preact")
    assert report.depth == 9 * UNITS + 2 == 1001
    # three projections beside them
    assert len([row for row in report.rows if row.kind == "conv"]) == 1 + 9 * UNITS + 3


# --- the blocks on their own -------------------------------------------------------------------------------


def test_the_identity_block_costs_what_its_body_costs() -> None:
    report = archcalc.analyse("identity-block")
    assert report.rows[-1].output == report.input == (64, 56, 56)
    assert report.totals.params == 2 * (64 * 9 * 64 + 2 * 64) == 73_984
    assert report.totals.macs == 2 * 56 * 56 * 64 * 9 * 64


def test_the_convolutional_block_pays_for_its_shortcut() -> None:
    report = archcalc.analyse("convolutional-block")
    assert report.rows[-1].output == (128, 28, 28) != report.input
    shortcut = [row for row in report.rows if row.name.startswith("shortcut.")]
    assert [row.kind for row in shortcut] == ["conv", "batch_norm"]
    assert sum(row.params for row in shortcut) == 64 * 128 + 2 * 128
    assert report.totals.params == 64 * 9 * 128 + 128 * 9 * 128 + 2 * 2 * 128 + 64 * 128 + 2 * 128


# --- everything published ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HERE)
def test_every_published_figure_reproduces_or_has_its_reason(name: str) -> None:
    judged = list(judge_all(archcalc.load(name)))
    assert judged
    assert [found.figure for found in judged if not found.accounted] == []
