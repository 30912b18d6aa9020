"""The roofline and the shares of a peak, worked by hand; the devices that devices.yaml describes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from archcalc import analyse
from archcalc.network.network import Network
from archcalc.timing.measurement import Arithmetic, Ceiling
from archcalc.timing.profiles import profile_of, profiles
from archcalc.timing.roofline import (
    Bytes,
    layer_seconds,
    optimizer_seconds,
    product_seconds,
    step_seconds,
    work_of,
)
from archcalc.words.errors import ArchcalcError, SpecError

TINY = """
input: [2, 4, 4]
layers:
  - {conv: 3, kernel: 1, name: conv}    # 3·2 weights, 3 biases; 16·3·2 = 96 MACs; 32 in, 48 out
  - relu
  - flatten
  - {linear: 5, name: fc}               # 240 weights, 5 biases; 240 MACs; 48 in, 5 out
"""
FLOAT32 = Arithmetic("float32", "float32")
FOUR = Bytes(4, 4)
# 1 FLOP/s and 1 byte/s: then seconds are FLOPs and bytes.
ONE = Ceiling("", {"float32": 1e-12}, 1e-9)


@pytest.fixture
def tiny(load: Callable[..., Network]) -> Network:
    return load(TINY)


def test_forward(tiny: Network) -> None:
    works = {work.name: work for work in work_of(analyse(tiny, batch=2), training=False)}
    assert [work.macs for work in works.values()] == [192, 0, 0, 480]
    # conv: 2·96 MACs, 2·(32 + 48) + 9 elements; fc: 2·240 MACs, 2·(48 + 5) + 245 elements.
    assert works["conv"].passes == ((192, 169),)
    assert works["fc"].passes == ((480, 351),)
    # What works in place or gives a view is free.
    assert works["relu1"].passes == works["flatten1"].passes == ((0, 0),)


def test_training(tiny: Network) -> None:
    works = {work.name: work for work in work_of(analyse(tiny, batch=2), training=True)}
    # The first layer has one gradient, that of its weights; the last has two.
    assert works["conv"].passes == ((192, 169), (192, 169))
    assert works["fc"].passes == ((480, 351), (960, 702))


def test_the_roofline_is_the_longer_of_two_times(tiny: Network) -> None:
    conv, relu, _, fc = work_of(analyse(tiny, batch=2), training=False)
    # conv: 2·192 = 384 FLOPs, 4·169 = 676 bytes; fc: 960 FLOPs, 1404 bytes.
    assert layer_seconds(conv, FLOAT32, ONE, FOUR) == pytest.approx(676)
    assert layer_seconds(fc, FLOAT32, ONE, FOUR) == pytest.approx(1404)
    assert layer_seconds(relu, FLOAT32, ONE, FOUR) == 0
    # Ten times the bandwidth: the products take longer.
    wide = Ceiling("", {"float32": 1e-12}, 1e-8)
    assert layer_seconds(conv, FLOAT32, wide, FOUR) == pytest.approx(384)
    # Half the bytes an element.
    assert layer_seconds(conv, FLOAT32, ONE, Bytes(2, 2)) == pytest.approx(384)


def test_the_roofline_of_a_step(tiny: Network) -> None:
    report = analyse(tiny, batch=2)
    assert step_seconds(work_of(report, False), FLOAT32, ONE, FOUR) == pytest.approx(676 + 1404)
    training = work_of(report, True)
    # conv 2·676; fc 1404 forward, max(2·960 FLOPs, 4·702 bytes) = 2808 backward.
    assert step_seconds(training, FLOAT32, ONE, FOUR) == pytest.approx(2 * 676 + 1404 + 2808)
    # SGD with momentum: 5 times 4 bytes for each of 254 parameters.
    assert optimizer_seconds(254, ONE, FOUR) == pytest.approx(5 * 4 * 254)
    assert optimizer_seconds(254, ONE, Bytes(2, 4)) == pytest.approx(5 * 4 * 254)


def test_each_product_has_the_peak_of_its_own_arithmetic(tiny: Network) -> None:
    works = work_of(analyse(tiny, batch=2), training=False)
    assert product_seconds(works, FLOAT32, ONE) == pytest.approx(384 + 960)
    # TF32 in convolutions and not in matrix products, as torch has it: 384/8 + 960.
    both = Ceiling("", {"float32": 1e-12, "tf32": 8e-12}, 1e-9)
    assert product_seconds(works, Arithmetic("tf32", "float32"), both) == pytest.approx(48 + 960)
    assert product_seconds(works, Arithmetic("tf32", "tf32"), both) == pytest.approx((384 + 960) / 8)


def test_what_is_not_known_has_no_share(tiny: Network) -> None:
    works = work_of(analyse(tiny), training=False)
    no_peak = Arithmetic("bfloat16", "bfloat16")
    assert product_seconds(works, no_peak, ONE) is None
    assert step_seconds(works, no_peak, ONE, FOUR) is None
    assert layer_seconds(works[0], FLOAT32, Ceiling("", {"float32": 1.0}, None), FOUR) is None


HEADS = """
input: [1, 2, 2]
layers:
  - {conv: 1, kernel: 1, bias: false, name: trunk}
  - {auxiliary: early, layers: [{conv: 5, kernel: 1, bias: false, name: out}]}
  - {batch_norm: , name: norm}
  - {conv: 2, kernel: 1, bias: false, name: last}
"""


def test_auxiliary_heads_run_in_training_only(load: Callable[..., Network]) -> None:
    report = analyse(load(HEADS))
    forward = [work.name for work in work_of(report, training=False)]
    training = {work.name: work for work in work_of(report, training=True)}
    assert forward == ["trunk", "norm", "last"]
    assert list(training) == ["trunk", "early.out", "norm", "last"]
    # 4 positions · 5 filters, three times.
    assert training["early.out"].macs == 60
    # The norm learns: 4 in and 4 out, once more backward, and no products.
    assert training["norm"].passes == ((0, 8), (0, 8))


# --- devices.yaml ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reported", "cores", "boost_ghz"),
    [
        ("GeForce GTX 580", 512, 1.544),
        ("GeForce GTX TITAN Black", 2880, 0.980),
        ("GeForce GTX TITAN X", 3072, 1.089),
        ("Tesla K40m", 2880, 0.875),
        ("Tesla P100-SXM2-16GB", 3584, 1.480),
        ("Tesla V100-SXM2-32GB", 5120, 1.530),
        ("Tesla T4", 2560, 1.590),
        ("NVIDIA A100-SXM4-40GB", 6912, 1.410),
        ("NVIDIA A100-SXM4-80GB", 6912, 1.410),
        ("NVIDIA GeForce RTX 3090", 10496, 1.695),
        ("NVIDIA GeForce RTX 4090", 16384, 2.520),
        ("NVIDIA L4", 7424, 2.040),
        ("NVIDIA H100 80GB HBM3", 16896, 1.980),
        ("NVIDIA H200", 16896, 1.980),
    ],
)
def test_float32_peaks_are_two_operations_a_core_and_cycle(
    reported: str, cores: int, boost_ghz: float
) -> None:
    profile = profile_of(reported)
    assert profile is not None
    assert profile.ceiling.tflops["float32"] == pytest.approx(2 * cores * boost_ghz / 1e3, rel=0.006)


@pytest.mark.parametrize(
    ("reported", "bus_bits", "gbit_a_pin"),
    [
        ("NVIDIA GeForce GTX 580", 384, 4.008),
        ("Tesla V100-SXM2-16GB", 4096, 1.754),
        ("Tesla T4", 256, 10.0),
        ("NVIDIA A100-SXM4-40GB", 5120, 2.430),
        ("NVIDIA A100-SXM4-80GB", 5120, 3.186),
        ("NVIDIA GeForce RTX 3090", 384, 19.5),
        ("NVIDIA GeForce RTX 4090", 384, 21.0),
        ("NVIDIA L4", 192, 12.5),
    ],
)
def test_bandwidths_are_pins_times_rate(reported: str, bus_bits: int, gbit_a_pin: float) -> None:
    profile = profile_of(reported)
    assert profile is not None
    assert profile.ceiling.bandwidth == pytest.approx(bus_bits / 8 * gbit_a_pin, rel=0.005)


def test_tensor_core_peaks_are_dense() -> None:
    """TF32 runs at half the rate of 16 bits, without sparsity on both sides."""
    for profile in profiles():
        peaks = profile.ceiling.tflops
        if "tf32" in peaks:
            assert peaks["bfloat16"] == peaks["float16"] == pytest.approx(2 * peaks["tf32"], rel=0.01)
    assert sum("tf32" in profile.ceiling.tflops for profile in profiles()) == 8


def test_every_device_has_a_source_and_a_name_of_its_own() -> None:
    names = [name for profile in profiles() for name in profile.reported]
    assert len(set(names)) == len(names)
    assert all(profile.ceiling.source for profile in profiles())
    assert profile_of("NVIDIA H100 PCIe") is None


DEVICE = "{name: A, reported: [A], memory: 1, bandwidth: 2, peaks: {float32: 3}, source: B}"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("{name: A}", "must have 'reported'"),
        (
            DEVICE.replace("bandwidth: 2", "bandwidth: wide"),
            "'bandwidth' must be a number above 0, not 'wide'",
        ),
        (DEVICE.replace("3}", "-3}"), "'float32' must be a number above 0, not '-3'"),
        (DEVICE.replace("3}", "inf}"), "'float32' must be a number above 0"),
        (DEVICE.replace("float32: 3", "fp32: 3"), "peaks has no key 'fp32'"),
        (DEVICE.replace("[A]", "A"), "'reported' must be a list"),
    ],
)
def test_a_wrong_profile_is_refused_with_its_place(tmp_path: Path, wrong: str, message: str) -> None:
    path = tmp_path / "devices.yaml"
    path.write_text(f"devices:\n  - {wrong}\n", "utf-8")
    with pytest.raises(SpecError, match=message) as caught:
        profiles(str(path))
    assert str(caught.value).startswith("devices.yaml:2:")
    path.write_text(f"devices:\n  - {DEVICE}\n", "utf-8")


def test_profiles_of_another_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"devices:\n  - {DEVICE}\n", "utf-8")
    (profile,) = profiles(str(path))
    assert profile.ceiling == Ceiling("B", {"float32": 3.0}, 2.0)
    path2 = tmp_path / "none.yaml"
    path2.write_text("devices: 3\n", "utf-8")
    with pytest.raises(ArchcalcError, match="'devices' must be a list"):
        profiles(str(path2))
