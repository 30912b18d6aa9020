# ruff: noqa: D102 - the docstring of a module says what its forward gives
"""Convolutions and pools with the paddings that torch's own layers do not have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from archcalc.pytorch.modules import pad
from archcalc.pytorch.padding import Side, sides_of

_MAX_POOL = {1: functional.max_pool1d, 2: functional.max_pool2d, 3: functional.max_pool3d}
_AVG_POOL = {1: functional.avg_pool1d, 2: functional.avg_pool2d, 3: functional.avg_pool3d}


class _PadsFirst(nn.Module):
    """Pads its input before the convolution it is mixed into sees it; weights keep their names."""

    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    padding_mode: Literal["zeros", "reflect", "replicate", "circular"]

    def __init__(self, *settings: Any, own_padding: Any, **named: Any) -> None:
        super().__init__(*settings, **named)
        self.own_padding = own_padding

    def forward(self, x: Tensor) -> Tensor:
        sides = sides_of(x, self.own_padding, self.kernel_size, self.stride, self.dilation)
        mode = "constant" if self.padding_mode == "zeros" else self.padding_mode
        result: Tensor = super().forward(pad(x, sides, mode=mode))
        return result

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, own_padding={self.own_padding!r}"


class PaddedConv1d(_PadsFirst, nn.Conv1d):
    """A 1-D convolution with padding of its own."""


class PaddedConv2d(_PadsFirst, nn.Conv2d):
    """A 2-D convolution with padding of its own."""


class PaddedConv3d(_PadsFirst, nn.Conv3d):
    """A 3-D convolution with padding of its own."""


class _PaddedPool(nn.Module):
    """A pool over an input that it pads itself: `same`, or another amount before than after."""

    def __init__(
        self,
        window: tuple[int, ...],
        stride: tuple[int, ...],
        padding: Any,
        *,
        dilation: tuple[int, ...],
        ceil: bool,
    ) -> None:
        super().__init__()
        self.window = window
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.ceil = ceil

    def sides(self, x: Tensor) -> tuple[Side, ...]:
        """The padding before and after each axis of `x`."""
        return sides_of(x, self.padding, self.window, self.stride, self.dilation)

    def trimmed(self, pooled: Tensor, x: Tensor, sides: Sequence[Side]) -> Tensor:
        """`pooled` without the windows that start in the padding after `x`: torch drops those, too.

        Torch cannot do it here, because to it the padding is part of the input.
        """
        if not self.ceil:
            return pooled
        for axis, (size, (before, _), step) in enumerate(
            zip(x.shape[2:], sides, self.stride, strict=True), start=2
        ):
            starts = len(range(0, size + before, step))
            pooled = pooled.narrow(axis, 0, min(starts, pooled.shape[axis]))
        return pooled

    def extra_repr(self) -> str:
        return (
            f"window={self.window}, stride={self.stride}, padding={self.padding!r}, "
            f"dilation={self.dilation}, ceil={self.ceil}"
        )


class PaddedMaxPool(_PaddedPool):
    """Max pooling behind padding of −∞, which never wins."""

    def forward(self, x: Tensor) -> Tensor:
        return self.with_indices(x)[0]

    def with_indices(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The output, and where in `x` (its spatial axes laid out in one) each value of it stood."""
        sides = self.sides(x)
        padded = pad(x, sides, -torch.inf)
        pooled, indices = _MAX_POOL[len(sides)](
            padded,
            self.window,
            self.stride,
            dilation=self.dilation,
            ceil_mode=self.ceil,
            return_indices=True,
        )
        # Positions in the padded map become positions in the map itself, last axis first.
        found, step = torch.zeros_like(indices), 1
        for size, wide, (before, _) in zip(
            reversed(x.shape[2:]), reversed(padded.shape[2:]), reversed(sides), strict=True
        ):
            found = found + (indices % wide - before) * step
            indices, step = indices // wide, step * size
        return self.trimmed(pooled, x, sides), self.trimmed(found, x, sides)


class MaxUnpool(nn.Module):
    """Puts each value back where `pool` found the largest one in its input, zeros elsewhere.

    The second argument is the tensor that went into the pool: its indices are found again from it.
    """

    def __init__(self, pool: PaddedMaxPool) -> None:
        super().__init__()
        self.pool = pool

    def forward(self, x: Tensor, pooled: Tensor) -> Tensor:
        _, indices = self.pool.with_indices(pooled)
        empty = torch.zeros_like(pooled).flatten(2)
        return empty.scatter(2, indices.flatten(2), x.flatten(2)).reshape(pooled.shape)


class PaddedAvgPool(_PaddedPool):
    """Average pooling behind padding of zeros.

    `count_padding` means what it means for torch's own padding, for `same` too: the zeros are part of the
    mean, or it is taken over what lies inside the input (as TensorFlow's SAME always does).
    """

    def __init__(
        self,
        window: tuple[int, ...],
        stride: tuple[int, ...],
        padding: Any,
        *,
        ceil: bool,
        count_padding: bool,
    ) -> None:
        super().__init__(window, stride, padding, dilation=(1,) * len(window), ceil=ceil)
        self.count_padding = count_padding

    def forward(self, x: Tensor) -> Tensor:
        sides = self.sides(x)
        pooled = self.pooled(x, sides)
        if not self.count_padding:
            pooled = pooled / self.pooled(torch.ones_like(x), sides)
        return self.trimmed(pooled, x, sides)

    def pooled(self, x: Tensor, sides: Sequence[Side]) -> Tensor:
        """The mean of each window over the padded input."""
        result: Tensor = _AVG_POOL[len(sides)](pad(x, sides), self.window, self.stride, ceil_mode=self.ceil)
        return result
