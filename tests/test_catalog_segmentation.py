"""Networks beyond classification against the sizes in their papers, and sums by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

import archcalc
from archcalc.derivations.explanation import judge_all
from archcalc.results.report import Report
from archcalc.spec import catalog
from archcalc.words.errors import LayerError

NAMES = [
    "unet",
    "unet-same",
    "vgg16-localization",
    "vgg16-multitask",
    "deconvnet",
    "zhang-colorization",
    "overfeat",
    "style-transfer",
]


def outputs(report: Report) -> dict[str, tuple[int, ...]]:
    """The output of each layer, by its name."""
    return {row.name: row.output for row in report.rows}


@pytest.mark.parametrize("name", NAMES)
def test_what_was_published_reproduces(name: str) -> None:
    """All of it: there is no figure that would need a reason."""
    verdicts = [judged.verdict for judged in judge_all(archcalc.load(name))]
    assert "different" not in verdicts


# --- U-Net -------------------------------------------------------------------------------------------------

FIGURE_1 = [
    # The numbers beside the blue boxes of Figure 1, from the left: channels and size after each 3×3 convolution.
    ("down1", [(64, 570), (64, 568)]),
    ("down2", [(128, 282), (128, 280)]),
    ("down3", [(256, 138), (256, 136)]),
    ("down4", [(512, 66), (512, 64)]),
    ("bottom", [(1024, 30), (1024, 28)]),
    ("level4", [(512, 54), (512, 52)]),
    ("level3", [(256, 102), (256, 100)]),
    ("level2", [(128, 198), (128, 196)]),
    ("level1", [(64, 390), (64, 388)]),
]
CONVOLUTIONS = [(1, 64), (64, 64), (64, 128), (128, 128), (128, 256), (256, 256), (256, 512), (512, 512)]
CONVOLUTIONS += [(512, 1024), (1024, 1024)]
CONVOLUTIONS += [(1024, 512), (512, 512), (512, 256), (256, 256), (256, 128), (128, 128), (128, 64), (64, 64)]
UP_CONVOLUTIONS = [(1024, 512, 28), (512, 256, 52), (256, 128, 100), (128, 64, 196)]


def test_sizes_of_figure_1() -> None:
    """572 come in; each convolution takes 2, each pooling halves, each up-convolution doubles; 388 come out."""
    of_layers = outputs(archcalc.analyse("unet"))
    for stage, sizes in FIGURE_1:
        found = [of_layers[f"{stage}.conv1"], of_layers[f"{stage}.conv2"]]
        assert found == [(channels, size, size) for channels, size in sizes]
    assert of_layers["classifier"] == (2, 388, 388)


def test_crops_of_figure_1() -> None:
    """The dashed boxes: the grey arrows cut 64 to 56, 136 to 104, 280 to 200 and 568 to 392."""
    report = archcalc.analyse("unet")
    crops = [(row.inputs[0][1], row.output[1]) for row in report.rows if row.kind == "crop"]
    assert crops == [(64, 56), (136, 104), (280, 200), (568, 392)]
    assert not [row for row in archcalc.analyse("unet-same").rows if row.kind == "crop"]


def test_unet_by_hand() -> None:
    """23 convolutions: eighteen of 3×3, four up-convolutions of 2×2 at stride 2, one of 1×1 to two classes."""
    report = archcalc.analyse("unet")
    params = sum(9 * c * k + k for c, k in CONVOLUTIONS)
    params += sum(4 * c * k + k for c, k, _ in UP_CONVOLUTIONS) + 64 * 2 + 2
    sizes = [size for _, stage in FIGURE_1 for _, size in stage]
    macs = sum(9 * c * k * size**2 for (c, k), size in zip(CONVOLUTIONS, sizes, strict=True))
    macs += sum(4 * c * k * size**2 for c, k, size in UP_CONVOLUTIONS) + 64 * 2 * 388**2
    assert (report.totals.params, report.totals.macs) == (params, macs) == (31_030_658, 150_428_424_448)
    assert report.depth == 23


def test_padding_changes_the_macs_and_not_the_parameters() -> None:
    """On 572×572 the padded one would do more work: it never loses a border."""
    valid = archcalc.analyse("unet").totals
    network = archcalc.load("unet-same", input=(1, 576, 576))
    padded = archcalc.analyse(network)
    assert padded.totals.params == valid.params
    assert padded.totals.macs > valid.macs
    assert outputs(padded)["classifier"] == (2, 576, 576)


@pytest.mark.parametrize(("side", "output"), [(188, 4), (508, 324), (572, 388)])
def test_unet_on_other_tiles(side: int, output: int) -> None:
    """184 are lost, whatever comes in."""
    report = archcalc.analyse(archcalc.load("unet", input=(1, side, side)))
    assert outputs(report)["classifier"] == (2, output, output)
    assert side - output == 184


def test_a_tile_that_does_not_halve_evenly_is_refused() -> None:
    """Section 2: the input must be chosen so that every pooling finds an even size."""
    with pytest.raises(LayerError, match="join4"):
        archcalc.load("unet", input=(1, 570, 570))


# --- VGG-16 with other ends --------------------------------------------------------------------------------

VGG16 = 138_357_544
FC8 = 4097  # an output of fc8: 4096 weights and a bias


def test_localization_is_vgg16_with_four_outputs() -> None:
    totals = archcalc.analyse("vgg16-localization").totals
    assert totals.params == VGG16 - 1000 * FC8 + 4 * FC8
    assert totals.macs == 15_470_264_320 - (1000 - 4) * 4096


def test_multitask_counts_both_heads_and_the_trunk_once() -> None:
    """fc6 and fc7 are there twice, 25,089·4096 + 4097·4096 parameters; the trunk's 14,714,688 once."""
    network = archcalc.load("vgg16-multitask")
    totals = archcalc.analyse(network).totals
    hidden = (7 * 7 * 512 + 1) * 4096 + (4096 + 1) * 4096
    assert totals.params == 14_714_688 + 2 * hidden + (1000 + 4) * FC8
    assert (
        totals.params
        != archcalc.analyse("vgg16").totals.params + archcalc.analyse("vgg16-localization").totals.params
    )
    assert set(network.heads) == {"class", "box"}
    assert network.output is None
    of_layers = outputs(archcalc.analyse(network))
    assert (of_layers["class.softmax1"], of_layers["box.sigmoid1"]) == ((1000,), (4,))


def test_trunk_of_vgg16_is_that_of_vgg16() -> None:
    """The block has the layers that vgg16 spells out, up to pool5."""
    ours = {
        row.name.removeprefix("features."): (row.output, row.params)
        for row in archcalc.analyse("vgg16-localization").rows
        if row.name.startswith("features.")
    }
    theirs = {row.name: (row.output, row.params) for row in archcalc.analyse("vgg16").rows}
    assert ours.items() <= theirs.items()
    assert len(ours) == 31


def test_style_transfer_is_the_beginning_of_vgg19() -> None:
    """Twelve convolutions and conv5_1: 12,944,960 of vgg19's parameters, but the pools take means."""
    theirs = {row.name: (row.output, row.params) for row in archcalc.analyse("vgg19").rows}
    rows = archcalc.analyse("style-transfer").rows
    convolutions = [row for row in rows if row.kind == "conv"]
    assert {row.name: (row.output, row.params) for row in convolutions}.items() <= theirs.items()
    assert convolutions[-1].name == "conv5_1"
    assert len(convolutions) == 13
    assert {row.kind for row in rows if "pool" in row.kind} == {"avg_pool"}


# --- DeconvNet ---------------------------------------------------------------------------------------------


def test_deconvnet_by_hand() -> None:
    """VGG-16's convolutions, and again mirrored; fc6, fc7 and its mirror; γ and β behind each of thirty-one."""
    encoder = [(3, 64), (64, 64), (64, 128), (128, 128), (128, 256), (256, 256), (256, 256)]
    encoder += [(256, 512), *[(512, 512)] * 5]
    decoder = [(512, 512)] * 5 + [(512, 256), (256, 256), (256, 256), (256, 128), (128, 128), (128, 64)]
    decoder += [(64, 64), (64, 64)]
    full = [(49 * 512, 4096), (4096, 4096), (49 * 4096, 512)]
    # The mirror of fc6 has 49 weights for each pair of maps, and a bias for each of 512 maps.
    units = [(9 * c, k) for c, k in encoder + decoder] + full
    params = sum(c * k + 3 * k for c, k in units) + 64 * 21 + 21
    totals = archcalc.analyse("deconvnet").totals
    assert totals.params == params == 251_805_653
    assert f"{params / 1e6:.0f}M" == "252M"


def test_decoder_mirrors_the_encoder() -> None:
    of_layers = outputs(archcalc.analyse("deconvnet"))
    for level, size in [(5, 14), (4, 28), (3, 56), (2, 112), (1, 224)]:
        assert of_layers[f"unpool{level}"][1:] == (size, size)
        assert of_layers[f"pool{level}"] == (of_layers[f"unpool{level}"][0], size // 2, size // 2)
    assert of_layers["score"] == (21, 224, 224)


def test_unpooling_elsewhere_is_refused(tmp_path: Path) -> None:
    """max_unpool has places for what its pool gave, and for nothing else: the test above can fail."""
    spec = tmp_path / "wrong.yaml"
    text = catalog.source("deconvnet")
    wrong = text.replace("{max_unpool: pool5,", "{max_unpool: pool4,")
    assert wrong != text
    spec.write_text(wrong, encoding="utf-8")
    with pytest.raises(LayerError, match="unpool5"):
        archcalc.load(str(spec))


# --- colorization and OverFeat -----------------------------------------------------------------------------


def test_colorization_by_hand() -> None:
    """3×3 convolutions with biases, one of 4×4 transposed, 313 colours; batch norm learns nothing."""
    convolutions = [(1, 64), (64, 64), (64, 128), (128, 128), (128, 256), (256, 256), (256, 256)]
    convolutions += [(256, 512), *[(512, 512)] * 11, (256, 256), (256, 256)]
    params = sum(9 * c * k + k for c, k in convolutions) + (16 * 512 * 256 + 256) + (256 * 313 + 313)
    totals = archcalc.analyse("zhang-colorization").totals
    assert totals.params == params
    assert f"{totals.param_bytes / 1e6:.0f} MB" == "129 MB"


def test_colorization_strides_thrice_and_returns_once() -> None:
    of_layers = outputs(archcalc.analyse("zhang-colorization"))
    sizes = [of_layers[f"conv{number}.relu1"][1] for number in range(1, 9)]
    assert sizes == [224, 112, 56, 28, 28, 28, 28, 56]


def test_overfeat_by_hand() -> None:
    """⌊(231 − 11)/4⌋ + 1 = 56, halved 28, 28 − 5 + 1 = 24, halved 12, three times 12, halved 6."""
    layers = [
        # weights a filter, filters, positions
        (3 * 121, 96, 56**2),
        (96 * 25, 256, 24**2),
        (256 * 9, 512, 12**2),
        (512 * 9, 1024, 12**2),
        (1024 * 9, 1024, 12**2),
        (1024 * 6 * 6, 3072, 1),
        (3072, 4096, 1),
        (4096, 1000, 1),
    ]
    totals = archcalc.analyse("overfeat").totals
    assert totals.params == sum((weights + 1) * filters for weights, filters, _ in layers)
    assert totals.macs == sum(weights * filters * positions for weights, filters, positions in layers)
    assert totals.params // 10**6 == 145
