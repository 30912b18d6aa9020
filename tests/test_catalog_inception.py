"""The Inception line against its papers, torchvision, timm and TF-slim, and the 1×1 convolutions of the slides.

What is expected was published or is worked out here by hand; the comments say which.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import archcalc
from archcalc.algebra.units import agreement, parse_written
from archcalc.derivations.explanation import judge_all
from archcalc.results.report import Report
from archcalc.spec import catalog

# Parameters and multiply-adds that torchvision 0.28 (googlenet, inception_v3) and timm (inception_v4,
# inception_resnet_v2) have at 224×224 and 299×299, without their auxiliary heads.
LIBRARIES = {
    "googlenet-torchvision": (6_624_904, 1_498_376_192),
    "inception-v3": (23_834_568, 5_713_216_096),
    "inception-v4": (42_679_816, 12_253_974_624),
    "inception-resnet-v2": (55_843_464, 13_155_794_016),
}

HERE = [
    *LIBRARIES,
    "inception-v2",
    "inception-1x1-direct",
    "inception-1x1-bottleneck",
    "inception-1x1-direct-480",
    "inception-1x1-bottleneck-480",
]

# Szegedy et al. 2014, Table 1: 1×1, 3×3 reduce, 3×3, 5×5 reduce, 5×5, pool proj of each module.
GOOGLENET = (
    (64, 96, 128, 16, 32, 32),
    (128, 128, 192, 32, 96, 64),
    (192, 96, 208, 16, 48, 64),
    (160, 112, 224, 24, 64, 64),
    (128, 128, 256, 24, 64, 64),
    (112, 144, 288, 32, 64, 64),
    (256, 160, 320, 32, 128, 128),
    (256, 160, 320, 32, 128, 128),
    (384, 192, 384, 48, 128, 128),
)


def outputs(report: Report) -> dict[str, tuple[int, ...]]:
    """What each layer and each module gives."""
    found = {row.name: row.output for row in report.rows}
    for row in report.rows:
        path = row.name.split(".")
        found.update({".".join(path[:depth]): row.output for depth in range(1, len(path))})
    return found


def params(report: Report, start: str) -> int:
    """The parameters of one module."""
    return sum(row.params for row in report.rows if row.name.startswith(f"{start}."))


def batch_normed(came: int, filters: int, window: int) -> int:
    """A convolution without bias, and two numbers a channel of batch norm."""
    return came * window * filters + 2 * filters


# --- libraries ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LIBRARIES)
def test_as_the_library_has_it(name: str) -> None:
    totals = archcalc.analyse(name).totals
    assert (totals.params, totals.macs) == LIBRARIES[name]


def test_another_input_costs_something_else() -> None:
    # the same parameters, but not the same positions: torchvision's 5.713 GMACs are those of 299×299
    totals = archcalc.analyse(archcalc.load("inception-v3", input=(3, 320, 320))).totals
    params, macs = LIBRARIES["inception-v3"]
    assert totals.params == params
    assert totals.macs != macs


def test_inception_v3_with_its_auxiliary_classifier() -> None:
    # 768 channels by 1×1 to 128, by 5×5 to 768 maps of 1×1, 1000 units
    head = batch_normed(768, 128, 1) + batch_normed(128, 768, 5 * 5) + (768 + 1) * 1000
    totals = archcalc.analyse("inception-v3").totals_with_auxiliary
    assert totals is not None
    assert totals.params == LIBRARIES["inception-v3"][0] + head == 27_161_264


def test_torchvisions_googlenet_with_its_auxiliary_classifiers() -> None:
    # 512 and 528 channels by 1×1 to 128 maps of 4×4, 1024 units, 1000 units
    heads = [
        batch_normed(channels, 128, 1) + (128 * 4 * 4 + 1) * 1024 + (1024 + 1) * 1000
        for channels in (512, 528)
    ]
    totals = archcalc.analyse("googlenet-torchvision").totals_with_auxiliary
    assert totals is not None
    assert totals.params == LIBRARIES["googlenet-torchvision"][0] + sum(heads) == 13_004_888


def test_what_torchvisions_googlenet_changes() -> None:
    # 3×3 in place of 5×5 saves 16 weights a pair of maps; batch norm has two numbers where a bias is one
    smaller = sum(16 * reduced * filters for *_, reduced, filters, _ in GOOGLENET)
    channels = 64 + 64 + 192 + sum(map(sum, GOOGLENET))
    paper, library = archcalc.analyse("googlenet").totals, archcalc.analyse("googlenet-torchvision").totals
    assert (smaller, channels) == (380_928, 7_280)
    assert paper.params - library.params == smaller - channels


# --- Inception-v2: Ioffe & Szegedy 2015, Figure 5 ----------------------------------------------------------

FIGURE_5 = {
    "conv1": (64, 112, 112),
    "pool1": (64, 56, 56),
    "conv2": (192, 56, 56),
    "pool2": (192, 28, 28),
    "3a": (256, 28, 28),
    "3b": (320, 28, 28),
    "4a": (576, 14, 14),
    "4b": (576, 14, 14),
    "4c": (576, 14, 14),
    "4d": (576, 14, 14),
    "5a": (1024, 7, 7),
    "5b": (1024, 7, 7),
    "pool5": (1024, 1, 1),
}


def test_figure_5_row_by_row() -> None:
    shapes = outputs(archcalc.analyse("inception-v2"))
    assert {row: shapes[row] for row in FIGURE_5} == FIGURE_5
    # the two rows with stride 2 stand in the figure with the size that reaches them
    assert shapes["3c"] == (576, 14, 14)
    assert shapes["4e"] == (1024, 7, 7)


def test_inception_v2_has_the_variables_that_tf_slim_counts() -> None:
    # TF-slim's own test of inception_v2_base has 10,173,112 variables. It leaves out the classifier and γ, counts
    # batch norm's mean and variance, and has biases but no batch norm behind the separable convolution.
    totals = archcalc.analyse("inception-v2").totals
    channels = totals.biases - 1000
    weights = totals.weights - 1024 * 1000 - channels
    assert weights + 3 * (channels - 64) + 64 == 10_173_112


def test_a_module_of_inception_v2_by_hand() -> None:
    # Figure 5, row 3a: 1×1 64; 3×3 64 → 64; double 3×3 64 → 96 → 96; avg + 32
    report = archcalc.analyse("inception-v2")
    expected = (
        batch_normed(192, 64, 1)
        + batch_normed(192, 64, 1)
        + batch_normed(64, 64, 9)
        + batch_normed(192, 64, 1)
        + batch_normed(64, 96, 9)
        + batch_normed(96, 96, 9)
        + batch_normed(192, 32, 1)
    )
    assert params(report, "3a") == expected == 219_072


def test_the_separable_convolution_of_inception_v2() -> None:
    # depth multiplier 8: 8 filters of 7×7 on each of 3 channels, then 24 · 64, and 64 channels of batch norm
    report = archcalc.analyse("inception-v2")
    assert params(report, "conv1") == 7 * 7 * 3 * 8 + 24 * 64 + 2 * 64 == 2_712 + 128


def test_the_columns_of_figure_5_contradict_its_sizes(tmp_path: Path) -> None:
    # as printed, "avg + 128" in 4c and 4d: 160 + 160 + 160 + 128 = 96 + 192 + 192 + 128 = 608
    spec = Path(catalog.path_of("inception-v2")).read_text("utf-8")
    printed = spec.replace(" 96], name: 4c", "128], name: 4c").replace(" 96], name: 4d", "128], name: 4d")
    file = tmp_path / "printed.yaml"
    file.write_text(printed.partition("published:")[0], "utf-8")
    report = archcalc.analyse(str(file))
    shapes = outputs(report)
    assert shapes["4c"] == shapes["4d"] == (608, 14, 14) != FIGURE_5["4c"]
    # 32 maps more behind both pools, and 32 channels more into 4d, 4e and 5a
    wider = 32 * (576 + 2) + 32 * (96 + 128 + 160 + 96) + 32 * (608 + 2)
    wider += 32 * (128 + 192) + 32 * (352 + 192 + 160 + 128)
    totals = archcalc.analyse("inception-v2").totals
    assert report.totals.params == totals.params + wider == 11_278_528
    # and neither of the two has the 13.6 million of Section 4.2
    assert agreement(report.totals.params, parse_written("13.6e6")) == "different"
    assert agreement(totals.params, parse_written("13.6e6")) == "different"


# --- Inception-v3: Szegedy et al. 2016, Table 1 ------------------------------------------------------------


def test_table_1_of_inception_v3() -> None:
    # the table has the input of each row; the layer above it has that as its output
    shapes = outputs(archcalc.analyse("inception-v3"))
    assert shapes["Conv2d_1a_3x3"] == (32, 149, 149)
    assert shapes["Conv2d_2a_3x3"] == (32, 147, 147)
    assert shapes["Conv2d_2b_3x3"] == (64, 147, 147)
    assert shapes["MaxPool_3a_3x3"] == (64, 73, 73)
    assert shapes["Mixed_5c"] == shapes["Mixed_5d"] == (288, 35, 35)
    assert {shapes[f"Mixed_6{module}"] for module in "abcde"} == {(768, 17, 17)}
    assert shapes["Mixed_7a"] == (1280, 8, 8)
    assert shapes["Mixed_7b"] == shapes["Mixed_7c"] == (2048, 8, 8)


def test_where_the_released_inception_v3_leaves_table_1() -> None:
    shapes = outputs(archcalc.analyse("inception-v3"))
    assert shapes["Conv2d_3b_1x1"] == (80, 73, 73) != (80, 71, 71)
    assert shapes["Conv2d_4a_3x3"] == (192, 71, 71) != (192, 35, 35)
    # the pool that the table does not have brings them together again
    assert shapes["MaxPool_5a_3x3"] == (192, 35, 35)


# --- Inception-v4 and Inception-ResNet-v2: Szegedy et al. 2016 ---------------------------------------------


def test_figure_9() -> None:
    shapes = outputs(archcalc.analyse("inception-v4"))
    assert shapes["stem"] == (384, 35, 35)
    assert {shapes[f"inception-a.{module}"] for module in range(1, 5)} == {(384, 35, 35)}
    assert shapes["reduction-a"] == (1024, 17, 17)
    assert {shapes[f"inception-b.{module}"] for module in range(1, 8)} == {(1024, 17, 17)}
    assert shapes["reduction-b"] == (1536, 8, 8)
    assert {shapes[f"inception-c.{module}"] for module in range(1, 4)} == {(1536, 8, 8)}
    assert not {"inception-a.5", "inception-b.8", "inception-c.4"} & shapes.keys()


def test_inception_a_by_hand() -> None:
    # Figure 4: four branches of 96 maps from 384 channels
    expected = (
        batch_normed(384, 96, 1)
        + batch_normed(384, 96, 1)
        + batch_normed(384, 64, 1)
        + batch_normed(64, 96, 9)
        + batch_normed(384, 64, 1)
        + batch_normed(64, 96, 9)
        + batch_normed(96, 96, 9)
    )
    assert params(archcalc.analyse("inception-v4"), "inception-a.1") == expected == 317_632


@pytest.mark.parametrize(
    ("name", "module", "came", "filters"),
    [
        # Table 1: k, l, m and n of the reduction from 35×35 to 17×17
        ("inception-v4", "reduction-a", 384, (192, 224, 256, 384)),
        ("inception-resnet-v2", "Mixed_6a", 320, (256, 256, 384, 384)),
    ],
)
def test_reduction_a_by_hand(name: str, module: str, came: int, filters: tuple[int, int, int, int]) -> None:
    k, l, m, n = filters  # noqa: E741
    report = archcalc.analyse(name)
    expected = batch_normed(came, n, 9) + batch_normed(came, k, 1)
    assert params(report, module) == expected + batch_normed(k, l, 9) + batch_normed(l, m, 9)
    assert outputs(report)[module] == (came + m + n, 17, 17)


def test_the_modules_of_inception_resnet_v2() -> None:
    report = archcalc.analyse("inception-resnet-v2")
    shapes = outputs(report)
    # branches of 32, 32 → 32 and 32 → 48 → 64 maps; 128 of them go back to 320 by a 1×1 with biases
    expected = (
        3 * batch_normed(320, 32, 1)
        + batch_normed(32, 32, 9)
        + batch_normed(32, 48, 9)
        + batch_normed(48, 64, 9)
        + (128 + 1) * 320
    )
    assert params(report, "block35.1") == params(report, "block35.10") == expected == 123_168
    assert shapes["block35.10"] == (320, 35, 35)
    assert shapes["block17.20"] == (320 + 384 + 384, 17, 17)
    assert shapes["block8_10"] == (1088 + 384 + 288 + 320, 8, 8)
    assert not {"block35.11", "block17.21", "block8.10"} & shapes.keys()


def test_residuals_are_damped_but_the_last() -> None:
    rows = archcalc.analyse("inception-resnet-v2").rows
    damped = [row.config["value"] for row in rows if row.kind == "scale"]
    assert damped == [0.17] * 10 + [0.1] * 20 + [0.2] * 9
    kinds = [row.kind for row in rows if row.name.startswith("block8_10.")]
    assert kinds[-2:] == ["conv", "add"]
    kinds = [row.kind for row in rows if row.name.startswith("block8.9.")]
    assert kinds[-4:] == ["conv", "scale", "add", "relu"]


# --- the slides' 1×1 convolutions --------------------------------------------------------------------------


def test_28x28x192_through_5x5_to_32_maps() -> None:
    direct = archcalc.analyse("inception-1x1-direct").totals.macs
    reduced = archcalc.analyse("inception-1x1-bottleneck").totals.macs
    assert direct == 28 * 28 * 32 * 5 * 5 * 192 == 120_422_400
    assert reduced == 28 * 28 * 16 * 192 + 28 * 28 * 32 * 5 * 5 * 16 == 12_443_648
    assert agreement(direct, parse_written("120M")) == "rounded"
    assert agreement(reduced, parse_written("12.4M")) == "rounded"
    assert agreement(direct, parse_written("12.4M")) == "different"


def test_480_channels_through_5x5_to_48_maps() -> None:
    direct = archcalc.analyse("inception-1x1-direct-480").totals
    reduced = archcalc.analyse("inception-1x1-bottleneck-480").totals
    assert direct.weights == 48 * 5 * 5 * 480 == 576_000
    assert reduced.weights == 16 * 480 + 48 * 5 * 5 * 16 == 26_880
    assert agreement(direct.weights, parse_written("576K")) == "exact"
    assert agreement(reduced.weights, parse_written("27K")) == "rounded"
    # the slide leaves out the biases: with them it would not be 576,000
    assert agreement(direct.params, parse_written("576000")) == "different"


# --- everything published ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HERE)
def test_every_published_figure_reproduces_or_has_its_reason(name: str) -> None:
    judged = list(judge_all(archcalc.load(name)))
    assert judged
    assert [found.figure for found in judged if not found.accounted] == []
