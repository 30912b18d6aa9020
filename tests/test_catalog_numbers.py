"""The catalogue's totals against figures from elsewhere: torchvision's metadata, papers, arithmetic by hand.

torchvision states the parameters and the multiply-adds of alexnet-torchvision, vgg11 to vgg19, resnet18,
resnet34 and the v1.5 networks (in 10⁹ to three decimals, to which the numbers below round), the papers those
of the other residual networks. The rest is worked out in the comments.
"""

from __future__ import annotations

import pytest

import archcalc

PARAMETERS_AND_MACS = {
    # (input channels · window + 1) · filters, and the weights at every position of the output:
    #   c1   ( 1·5·5 + 1)· 6 =    156     6·28·28 ·  1·25 = 117,600
    #   c3   ( 6·5·5 + 1)·16 =  2,416    16·10·10 ·  6·25 = 240,000
    #   c5   (16·5·5 + 1)·120 = 48,120  120· 1· 1 · 16·25 =  48,000
    #   f6   (120 + 1)·84    = 10,164             120·84 =  10,080
    #   classifier (84 + 1)·10 =  850               84·10 =     840
    "lenet5": (61_706, 416_520),
    "alexnet": (62_378_344, 1_135_256_096),
    "alexnet-grouped": (60_965_224, 724_406_816),
    "alexnet-torchvision": (61_100_840, 714_188_480),
    "vgg11": (132_863_336, 7_609_090_048),
    # Normalization learns nothing and multiplies no weights.
    "vgg11-lrn": (132_863_336, 7_609_090_048),
    "vgg13": (133_047_848, 11_308_466_176),
    "vgg16-c": (133_638_952, 11_770_888_192),
    "vgg16": (138_357_544, 15_470_264_320),
    "vgg19": (143_667_240, 19_632_062_464),
    "googlenet": (6_998_552, 1_582_671_872),
    # The parameters are alexnet's but for conv1, (3·7·7 + 1)·96 = 14,208 for (3·11·11 + 1)·96 = 34,944:
    # 62,378,344 − 20,736. The MACs, layer by layer:
    #   conv1 96·110·110 · 3·49 = 170,755,200     conv2 256·26·26 · 96·25 = 415,334,400
    #   conv3 384·13·13 · 256·9 = 149,520,384     conv4 384·13·13 · 384·9 = 224,280,576
    #   conv5 256·13·13 · 384·9 = 149,520,384     fc6 9216·4096 + fc7 4096·4096 + fc8 4096·1000 = 58,621,952
    "zfnet": (62_357_608, 1_168_032_896),
    # conv3 (256·9 + 1)·512 = 1,180,160, conv4 (512·9 + 1)·1024 = 4,719,616,
    # conv5 (1024·9 + 1)·512 = 4,719,104, fc6 (512·6·6 + 1)·4096 = 75,501,568; with conv1 14,208,
    # conv2 614,656, fc7 16,781,312 and fc8 4,097,000. The MACs:
    #   conv1 and conv2 as above 586,089,600      conv3 512·13·13 · 256·9 = 199,360,512
    #   conv4 1024·13·13 · 512·9 = 797,442,048    conv5 512·13·13 · 1024·9 = 797,442,048
    #   fc6 18432·4096 + fc7 4096·4096 + fc8 4096·1000 = 96,370,688
    "zfnet-lecture": (107_627_624, 2_476_704_896),
    # The slide's three terms: 28·28·128 · 256 = 25,690,112, 28·28·192 · 9·256 = 346,816,512 and
    # 28·28·96 · 25·256 = 481,689,600. Parameters: (256 + 1)·128 + (9·256 + 1)·192 + (25·256 + 1)·96.
    "inception-naive": (1_089_952, 854_196_224),
    # The slide's six terms: three times 28·28·64 · 256 = 12,845,056, then 28·28·128 · 256 = 25,690,112,
    # 28·28·192 · 9·64 = 86,704,128 and 28·28·96 · 25·64 = 120,422,400. Parameters:
    # 3·(256 + 1)·64 + (256 + 1)·128 + (9·64 + 1)·192 + (25·64 + 1)·96.
    "inception-reduced": (346_720, 271_351_808),
    "resnet18": (11_689_512, 1_814_073_344),
    "resnet34": (21_797_672, 3_663_761_408),
    "resnet50": (25_557_032, 3_857_973_248),
    "resnet101": (44_549_160, 7_570_194_432),
    "resnet152": (60_192_808, 11_282_415_616),
    "resnet50-v1.5": (25_557_032, 4_089_184_256),
    "resnet101-v1.5": (44_549_160, 7_801_405_440),
    "resnet152-v1.5": (60_192_808, 11_513_626_624),
}


@pytest.mark.parametrize(("name", "expected"), PARAMETERS_AND_MACS.items(), ids=PARAMETERS_AND_MACS)
def test_totals(name: str, expected: tuple[int, int]) -> None:
    """Parameters and MACs at batch 1 are the known ones."""
    totals = archcalc.analyse(name).totals
    assert (totals.params, totals.macs) == expected


def test_a_different_network_has_other_totals() -> None:
    """The comparison above can fail: one class less is 4096 weights, a bias and 4096 MACs less."""
    params, macs = PARAMETERS_AND_MACS["vgg16"]
    totals = archcalc.analyse(archcalc.load("vgg16", parameters={"classes": 999})).totals
    assert (totals.params, totals.macs) == (params - 4097, macs - 4096)


def test_weights_and_biases_of_vgg16() -> None:
    """138,344,128 weights, which the lecture adds up, and a bias for each of 13,416 filters and units."""
    totals = archcalc.analyse("vgg16").totals
    biases = 2 * 64 + 2 * 128 + 3 * 256 + 6 * 512 + 4096 + 4096 + 1000
    assert (totals.weights, totals.biases) == (138_344_128, biases)


def test_googlenet_with_its_auxiliary_heads() -> None:
    """Each head: a 1×1 convolution of 512 or 528 channels to 128 maps of 4×4, then 1024 and 1000 units."""
    heads = [(channels + 1) * 128 + (4 * 4 * 128 + 1) * 1024 + (1024 + 1) * 1000 for channels in (512, 528)]
    totals = archcalc.analyse("googlenet").totals_with_auxiliary
    assert totals is not None
    assert totals.params == 6_998_552 + sum(heads) == 13_378_280


def test_only_googlenet_has_auxiliary_heads() -> None:
    """Where there is none, there are no second totals."""
    with_heads = [
        name for name in PARAMETERS_AND_MACS if archcalc.analyse(name).totals_with_auxiliary is not None
    ]
    assert with_heads == ["googlenet"]


@pytest.mark.parametrize(
    ("name", "depth"),
    [
        ("alexnet", 8),
        ("vgg11", 11),
        ("vgg13", 13),
        ("vgg16-c", 16),
        ("vgg16", 16),
        ("vgg19", 19),
        ("googlenet", 22),
        ("resnet18", 18),
        ("resnet34", 34),
        ("resnet50", 50),
        ("resnet101", 101),
        ("resnet152", 152),
        ("resnet152-v1.5", 152),
    ],
)
def test_depth(name: str, depth: int) -> None:
    """As the papers count: convolutions and linear layers along the longest path."""
    assert archcalc.analyse(name).depth == depth


def test_memory_of_vgg16_at_batch_128() -> None:
    """The lecture's estimate before it rounds: parameters once, the input and every output 128 times."""
    stages = [(2, 64, 224), (2, 128, 112), (3, 256, 56), (3, 512, 28), (3, 512, 14)]
    maps = sum(convs * c * n * n + c * (n // 2) ** 2 for convs, c, n in stages)
    numbers = 3 * 224 * 224 + maps + 4096 + 4096 + 1000
    totals = archcalc.analyse("vgg16", batch=128).totals
    assert numbers == 15_237_608
    assert totals.param_bytes == 4 * 138_357_544
    assert totals.activation_bytes == 4 * 128 * numbers
    assert totals.total_bytes == 8_355_085_472


def test_lecture_sum_of_the_reduced_inception_module() -> None:
    """The slide's 358M is its own sum with the 3×3 convolution, 28·28·192 · 9·64, counted twice."""
    twice = 28 * 28 * 192 * 9 * 64
    assert archcalc.analyse("inception-reduced").totals.macs + twice == 358_055_936


@pytest.mark.parametrize(
    ("name", "layer", "output"),
    [
        ("lenet5", "c5", (120, 1, 1)),
        ("alexnet", "conv1", (96, 55, 55)),
        ("alexnet-torchvision", "pool5", (256, 6, 6)),
        ("vgg16", "conv5_3", (512, 14, 14)),
        ("zfnet", "pool1", (96, 55, 55)),
        ("googlenet", "3a.5x5.conv", (32, 28, 28)),
        ("googlenet", "aux1.pool", (512, 4, 4)),
        ("inception-naive", "module.pool.pool", (256, 28, 28)),
        ("resnet152", "conv2.1.conv3", (256, 56, 56)),
        ("resnet50", "conv3.1.conv2", (128, 28, 28)),
        ("resnet50-v1.5", "conv3.1.conv1", (128, 56, 56)),
        ("resnet50-v1.5", "conv3.1.shortcut.conv1", (512, 28, 28)),
    ],
)
def test_names_and_shapes(name: str, layer: str, output: tuple[int, ...]) -> None:
    """Layers are called as in the paper's table and have the size that it gives."""
    outputs = {row.name: row.output for row in archcalc.analyse(name).rows}
    assert outputs[layer] == output
