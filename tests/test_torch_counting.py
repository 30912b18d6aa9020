"""The counter of multiplications on torch's side: by hand, beside FlopCounterMode, and where that one is blind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from archcalc import load, pytorch

torch = pytest.importorskip("torch")

from torch.nn import functional  # noqa: E402 - only where torch is
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

from archcalc.pytorch.counting import COUNTS, OUTSIDE, ProductCounter  # noqa: E402


def zeros(*shape: int) -> Any:
    return torch.zeros(*shape)


def macs(run: Callable[[], object]) -> int:
    """What is counted while something runs, of which nothing may stay uncounted."""
    with torch.no_grad(), ProductCounter() as counter:
        run()
    assert list(counter.uncounted) == []
    return sum(product.macs for products in counter.products.values() for product in products)


def flop_counter(run: Callable[[], object]) -> int:
    """The same by torch's own counter, which counts two FLOPs a multiply-accumulate. Nothing may learn."""
    with FlopCounterMode(display=False) as counter:
        run()
    return int(counter.get_total_flops()) // 2


# --- operations, by hand -----------------------------------------------------------------------------------

OPERATIONS: list[tuple[str, Callable[[], object], int]] = [
    ("mm", lambda: zeros(2, 3) @ zeros(3, 5), 2 * 3 * 5),
    ("mv", lambda: zeros(2, 3) @ zeros(3), 2 * 3),
    ("dot", lambda: zeros(3) @ zeros(3), 3),
    ("bmm", lambda: zeros(4, 2, 3) @ zeros(4, 3, 5), 4 * 2 * 3 * 5),
    ("batches, broadcast", lambda: zeros(7, 1, 2, 3) @ zeros(4, 3, 5), 7 * 4 * 2 * 3 * 5),
    ("baddbmm", lambda: torch.baddbmm(zeros(4, 2, 5), zeros(4, 2, 3), zeros(4, 3, 5)), 4 * 2 * 3 * 5),
    ("addmm", lambda: functional.linear(zeros(2, 3), zeros(5, 3), zeros(5)), 2 * 3 * 5),
    ("addmv", lambda: torch.addmv(zeros(2), zeros(2, 3), zeros(3)), 2 * 3),
    ("linear", lambda: functional.linear(zeros(2, 7, 3), zeros(5, 3)), 2 * 7 * 3 * 5),
    ("einsum", lambda: torch.einsum("bik,bkj->bij", zeros(4, 2, 3), zeros(4, 3, 5)), 4 * 2 * 3 * 5),
    # 2 images, 6 filters of 3·3·3 weights at 4·4 positions
    ("conv", lambda: functional.conv2d(zeros(2, 3, 6, 6), zeros(6, 3, 3, 3)), 2 * 6 * 4 * 4 * 27),
    # in 2 groups a filter reads half of the channels
    ("conv in groups", lambda: functional.conv1d(zeros(2, 4, 6), zeros(6, 2, 3), groups=2), 2 * 6 * 4 * 6),
    ("conv3d", lambda: functional.conv3d(zeros(1, 2, 3, 3, 3), zeros(4, 2, 2, 2, 2)), 4 * 2**3 * 2 * 2**3),
    # transposed: each of 5 positions of 3 channels meets 4 filters of 3 weights; 2 images
    ("conv_transpose", lambda: functional.conv_transpose1d(zeros(2, 3, 5), zeros(3, 4, 3), stride=2), 360),
    # 2 images, 3 heads, 5 queries, 7 keys, 8 features: scores and weighted sums
    (
        "attention",
        lambda: functional.scaled_dot_product_attention(
            zeros(2, 3, 5, 8), zeros(2, 3, 7, 8), zeros(2, 3, 7, 8)
        ),
        2 * 3 * 5 * 7 * (8 + 8),
    ),
    ("no product", lambda: functional.relu(zeros(3, 3)) * zeros(3, 3) + zeros(3), 0),
    ("interpolation", lambda: functional.interpolate(zeros(1, 2, 3, 3), scale_factor=2, mode="bilinear"), 0),
    ("pooling", lambda: functional.avg_pool2d(zeros(1, 2, 4, 4), 2), 0),
]


@pytest.mark.parametrize("inference", [False, True], ids=["no_grad", "inference_mode"])
@pytest.mark.parametrize(
    ("run", "expected"), [case[1:] for case in OPERATIONS], ids=[c[0] for c in OPERATIONS]
)
def test_operations_are_counted_as_by_hand(run: Callable[[], object], expected: int, inference: bool) -> None:
    with torch.inference_mode(inference):
        assert macs(run) == expected


@pytest.mark.parametrize("device", ["cpu", "meta"])
@pytest.mark.parametrize("training", [False, True])
def test_torchs_attention_is_counted_whatever_path_it_takes(device: str, training: bool) -> None:
    # 2·5 tokens through 3 projections of 12·12 and one back; 2 images, 5·5 scores and sums of 12 features
    expected = 2 * (5 * 4 * 12 * 12 + 2 * 5 * 5 * 12)
    with torch.device(device):
        attention = torch.nn.MultiheadAttention(12, 3, batch_first=True).train(training)
        x = zeros(2, 5, 12)
    assert macs(lambda: attention(x, x, x)) == expected
    assert macs(lambda: attention(x, x, x, need_weights=False)) == expected


def test_flop_counter_mode_is_blind_where_this_counter_is_not() -> None:
    # As docs/verification.md has it: where torch learns to see, that page is to be changed.
    attention = torch.nn.MultiheadAttention(12, 3, batch_first=True).eval().requires_grad_(False)
    x = zeros(2, 5, 12)
    attended = 2 * 2 * 5 * 5 * 12
    assert macs(lambda: attention(x, x, x, need_weights=False)) == 2 * 5 * 4 * 12 * 12 + attended
    assert flop_counter(lambda: attention(x, x, x, need_weights=False)) == 2 * 5 * 4 * 12 * 12


def test_every_fused_attention_that_torch_has_is_known() -> None:
    fused = {name for name in dir(torch.ops.aten) if "dot_product" in name} | {
        "_scaled_dot_product_flash_attention",
        "_scaled_dot_product_flash_attention_for_cpu",
        "_scaled_dot_product_efficient_attention",
        "_scaled_dot_product_cudnn_attention",
    }
    assert {name for name in fused if "backward" not in name and "choice" not in name} <= set(COUNTS) | {
        "scaled_dot_product_attention",
        "_scaled_dot_product_attention_math",
    }


def test_a_product_that_is_not_known_is_said_and_not_taken_for_nothing() -> None:
    with torch.no_grad(), ProductCounter() as counter:
        torch.ops.aten._trilinear(zeros(2, 3), zeros(2, 3), zeros(2, 3), [], [], [], [1])
    assert list(counter.uncounted) == [f"{OUTSIDE}: _trilinear"]


def test_places_are_kept_apart() -> None:
    with torch.no_grad(), ProductCounter() as counter:
        zeros(2, 3) @ zeros(3, 5)
        counter.place = "there"
        zeros(1, 3) @ zeros(3, 1)
    (here,), (there,) = counter.products[OUTSIDE], counter.products["there"]
    assert here == ("mm", ((2, 3), (3, 5)), (2, 5), 30)
    assert there.macs == 3


# --- whole networks, beside torch's own counter ------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["alexnet-grouped", "resnet18", "googlenet", "dcgan-generator", "unet", "vit-b32"]
)
@pytest.mark.parametrize("training", [False, True])
def test_networks_are_counted_as_flop_counter_mode_does(name: str, training: bool) -> None:
    network = load(name)
    with torch.device("meta"):
        model = pytorch.build(network).train(training).requires_grad_(False)
        x = zeros(2, *network.input)
    assert macs(lambda: model(x)) == flop_counter(lambda: model(x)) > 0
