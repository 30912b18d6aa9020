"""What the `build` of a layer is handed as `torch`: torch.nn, factories for windowed layers, small modules.

A factory is told a layer's configuration and the channels that reach it, nothing that archcalc has computed.
Sizes are a number or one number an axis; padding has every form that a spec has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn

from archcalc.pytorch.attention import Attention
from archcalc.pytorch.modules import (
    Add,
    AxisNorm,
    Concat,
    Crop,
    Embedding,
    Mean,
    Mul,
    Parameter,
    Permute,
    Reshape,
    Roll,
    Scale,
    Slice,
    ZeroPad,
)
from archcalc.pytorch.padding import explicit_sides, spread, symmetric
from archcalc.pytorch.windows import (
    MaxUnpool,
    PaddedAvgPool,
    PaddedConv1d,
    PaddedConv2d,
    PaddedConv3d,
    PaddedMaxPool,
)

__all__ = [
    "Add",
    "Attention",
    "AxisNorm",
    "Concat",
    "Crop",
    "Embedding",
    "Mean",
    "Mul",
    "Parameter",
    "Permute",
    "Reshape",
    "Roll",
    "Scale",
    "Slice",
    "adaptive_avg_pool",
    "avg_pool",
    "convolution",
    "max_pool",
    "max_unpool",
    "nn",
    "padding",
    "transposed_convolution",
]

Size = int | Sequence[int]

_CONVOLUTION: dict[int, Any] = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
_PADDED_CONVOLUTION: dict[int, Any] = {1: PaddedConv1d, 2: PaddedConv2d, 3: PaddedConv3d}
_TRANSPOSED: dict[int, Any] = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}
_MAX_POOL: dict[int, Any] = {1: nn.MaxPool1d, 2: nn.MaxPool2d, 3: nn.MaxPool3d}
_AVG_POOL: dict[int, Any] = {1: nn.AvgPool1d, 2: nn.AvgPool2d, 3: nn.AvgPool3d}
_ADAPTIVE_AVG_POOL: dict[int, Any] = {
    1: nn.AdaptiveAvgPool1d,
    2: nn.AdaptiveAvgPool2d,
    3: nn.AdaptiveAvgPool3d,
}

_PADDING: dict[tuple[str, int], Any] = {
    ("reflect", 1): nn.ReflectionPad1d,
    ("reflect", 2): nn.ReflectionPad2d,
    ("reflect", 3): nn.ReflectionPad3d,
    ("replicate", 1): nn.ReplicationPad1d,
    ("replicate", 2): nn.ReplicationPad2d,
    ("replicate", 3): nn.ReplicationPad3d,
}


def convolution(
    rank: int,
    channels: int,
    filters: int,
    *,
    kernel: Size,
    stride: Size = 1,
    padding: Any = 0,
    dilation: Size = 1,
    groups: int = 1,
    bias: bool = True,
) -> nn.Module:
    """A convolution over `rank` axes, with torch's own padding where torch has that form."""
    settings = {
        "kernel_size": spread(kernel, rank),
        "stride": spread(stride, rank),
        "dilation": spread(dilation, rank),
        "groups": groups,
        "bias": bias,
    }
    own = symmetric(padding, rank)
    if own is not None:
        plain: nn.Module = _CONVOLUTION[rank](channels, filters, padding=own, **settings)
        return plain
    padded: nn.Module = _PADDED_CONVOLUTION[rank](channels, filters, **settings)
    padded.own_padding = padding
    return padded


def transposed_convolution(
    rank: int,
    channels: int,
    filters: int,
    *,
    kernel: Size,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
    bias: bool = True,
) -> nn.Module:
    """A transposed convolution over `rank` axes."""
    transposed: nn.Module = _TRANSPOSED[rank](
        channels,
        filters,
        kernel_size=spread(kernel, rank),
        stride=spread(stride, rank),
        padding=spread(padding, rank),
        output_padding=spread(output_padding, rank),
        dilation=spread(dilation, rank),
        groups=groups,
        bias=bias,
    )
    return transposed


def max_pool(
    rank: int,
    *,
    window: Size,
    stride: Size | None = None,
    padding: Any = 0,
    dilation: Size = 1,
    ceil: bool = False,
) -> nn.Module:
    """Max pooling over `rank` axes; padding never wins."""
    size, step = spread(window, rank), spread(window if stride is None else stride, rank)
    own, taps = symmetric(padding, rank), spread(dilation, rank)
    if own is None:
        return PaddedMaxPool(size, step, padding, taps, ceil)
    pool: nn.Module = _MAX_POOL[rank](size, step, own, taps, ceil_mode=ceil)
    return pool


def avg_pool(
    rank: int,
    *,
    window: Size,
    stride: Size | None = None,
    padding: Any = 0,
    ceil: bool = False,
    count_padding: bool = True,
) -> nn.Module:
    """Average pooling over `rank` axes; `count_padding` says whether padded zeros are part of the mean."""
    size, step = spread(window, rank), spread(window if stride is None else stride, rank)
    own = symmetric(padding, rank)
    if own is None:
        return PaddedAvgPool(size, step, padding, ceil, count_padding)
    pool: nn.Module = _AVG_POOL[rank](size, step, own, ceil_mode=ceil, count_include_pad=count_padding)
    return pool


def adaptive_avg_pool(rank: int, size: Size) -> nn.Module:
    """Average pooling to a size, over `rank` axes."""
    pool: nn.Module = _ADAPTIVE_AVG_POOL[rank](spread(size, rank))
    return pool


def max_unpool(
    rank: int,
    *,
    window: Size,
    stride: Size | None = None,
    padding: Any = 0,
    dilation: Size = 1,
    ceil: bool = False,
) -> nn.Module:
    """What undoes a max pool of this configuration: takes (x, what went into the pool)."""
    step = spread(window if stride is None else stride, rank)
    return MaxUnpool(PaddedMaxPool(spread(window, rank), step, padding, spread(dilation, rank), ceil))


def padding(rank: int, amount: Any, mode: str = "zero") -> nn.Module:
    """Padding of the last `rank` axes: `zero`, or of the spatial ones `reflect` or `replicate`."""
    sides = explicit_sides(amount, rank)
    if mode == "zero":
        return ZeroPad(sides)
    padded: nn.Module = _PADDING[mode, rank](tuple(size for side in reversed(sides) for size in side))
    return padded
