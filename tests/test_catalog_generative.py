"""Generative networks against their papers' sizes, the authors' programs, and sums by hand."""

from __future__ import annotations

import pytest

import archcalc
from archcalc.derivations.explanation import judge_all

NAMES = ["dcgan-generator", "dcgan-discriminator", "gan-mnist-generator", "gan-mnist-discriminator"]
TUTORIAL = {"generator": 3_576_704, "discriminator": 2_765_568}
"""PyTorch's DCGAN tutorial, which has 4×4 kernels and half as many maps: another network of the same name."""


@pytest.mark.parametrize("name", NAMES)
def test_what_was_published_reproduces(name: str) -> None:
    verdicts = [judged.verdict for judged in judge_all(archcalc.load(name))]
    assert verdicts
    assert set(verdicts) == {"exact"}


def test_sizes_of_dcgan_figure_1() -> None:
    """100 numbers, 1024×4×4, then each transposed convolution doubles the size and halves the maps."""
    report = archcalc.analyse("dcgan-generator")
    layers = [row for row in report.rows if row.kind in ("reshape", "conv_transpose")]
    assert report.input == (100,)
    assert [row.output for row in layers] == [
        (1024, 4, 4),
        (512, 8, 8),
        (256, 16, 16),
        (128, 32, 32),
        (3, 64, 64),
    ]


KERNELS = [(1024, 512), (512, 256), (256, 128), (128, 3)]


def test_dcgan_generator_by_hand() -> None:
    """The program's gw to gwx: a matrix, four 5×5 kernels, γ and β of all outputs but the last."""
    totals = archcalc.analyse("dcgan-generator").totals
    kernels = sum(25 * maps * filters for maps, filters in KERNELS)
    norms = 2 * (16_384 + 512 + 256 + 128)
    assert totals.params == 100 * 16_384 + kernels + norms == 18_885_760
    # Each weight of a transposed convolution meets every position of its input.
    sides = [4, 8, 16, 32]
    spread = sum(25 * c * k * side**2 for (c, k), side in zip(KERNELS, sides, strict=True))
    assert totals.macs == 100 * 16_384 + spread


def test_dcgan_discriminator_by_hand() -> None:
    """The same kernels read backwards, γ and β of the middle three, and a neuron on 1024·4·4 numbers."""
    totals = archcalc.analyse("dcgan-discriminator").totals
    kernels = sum(25 * maps * filters for maps, filters in KERNELS)
    assert totals.params == kernels + 2 * (256 + 512 + 1024) + 1024 * 16 == 17_232_768
    sides = [4, 8, 16, 32]
    strided = sum(25 * c * k * side**2 for (c, k), side in zip(KERNELS, sides, strict=True))
    assert totals.macs == strided + 1024 * 16


def test_generator_and_discriminator_do_the_same_work_between_image_and_4x4() -> None:
    """A transposed convolution costs what the convolution does that it is the transpose of."""
    generator, discriminator = (
        sorted(row.macs for row in archcalc.analyse(name).rows if row.kind.startswith("conv"))
        for name in ("dcgan-generator", "dcgan-discriminator")
    )
    assert generator == discriminator


@pytest.mark.parametrize("half", TUTORIAL)
def test_the_tutorial_has_another_network(half: str) -> None:
    """The sums tell them apart."""
    assert archcalc.analyse(f"dcgan-{half}").totals.params != TUTORIAL[half]


def test_gan_for_mnist_by_hand() -> None:
    """(100 + 1)·1200 + (1200 + 1)·1200 + (1200 + 1)·784, and no batch norm anywhere."""
    totals = archcalc.analyse("gan-mnist-generator").totals
    assert totals.params == 121_200 + 1_441_200 + 941_584
    assert totals.macs == 100 * 1200 + 1200 * 1200 + 1200 * 784


def test_maxout_takes_five_neurons_a_unit() -> None:
    """(784 + 1)·5·240 + (240 + 1)·5·240 + (240 + 1), and the largest of five is found by four comparisons."""
    report = archcalc.analyse("gan-mnist-discriminator")
    assert report.totals.params == 942_000 + 289_200 + 241
    pools = [row for row in report.rows if row.kind == "max_pool"]
    assert [row.cost.comparisons for row in pools] == [4 * 240, 4 * 240]
    # As many plain neurons would be 240 a layer.
    assert report.totals.params != (784 + 1) * 240 + (240 + 1) * 240 + 241
