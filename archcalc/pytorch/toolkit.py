"""What the `build` of a layer is handed as `torch`: torch.nn, factories for windowed layers, small modules.

A factory is told a layer's configuration and the channels that reach it, nothing that archcalc has computed.
Sizes are a number or one number an axis; padding has every form that a spec has.

Nothing is imported from torch here: a Toolkit chooses among what it is given, which is torch.nn and the small
modules, or something that writes down what was chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archcalc.pytorch.padding import explicit_sides, spread, symmetric

Size = int | Sequence[int]

_PADDING = {"reflect": "ReflectionPad", "replicate": "ReplicationPad", "circular": "CircularPad"}


class Toolkit:
    """Makes modules of `nn`, which is torch.nn or like it, and of `own`, which has the small modules.

    The small modules are attributes too: `toolkit.Concat(0)`.
    """

    def __init__(self, nn: Any, own: Any) -> None:
        self.nn = nn
        self._own = own

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own, name)

    def convolution(
        self,
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
        mode: str = "zero",
    ) -> Any:
        """A convolution over `rank` axes, with torch's own padding where torch has that form."""
        plain = symmetric(padding, rank)
        if plain is None:
            kind, padded = getattr(self._own, f"PaddedConv{rank}d"), {"own_padding": padding}
        else:
            kind, padded = getattr(self.nn, f"Conv{rank}d"), {"padding": plain}
        if mode != "zero":
            padded["padding_mode"] = mode
        return kind(
            channels,
            filters,
            kernel_size=spread(kernel, rank),
            stride=spread(stride, rank),
            **padded,
            dilation=spread(dilation, rank),
            groups=groups,
            bias=bias,
        )

    def transposed_convolution(
        self,
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
    ) -> Any:
        """A transposed convolution over `rank` axes."""
        return getattr(self.nn, f"ConvTranspose{rank}d")(
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

    def max_pool(
        self,
        rank: int,
        *,
        window: Size,
        stride: Size | None = None,
        padding: Any = 0,
        dilation: Size = 1,
        ceil: bool = False,
    ) -> Any:
        """Max pooling over `rank` axes; padding never wins."""
        size, step = spread(window, rank), spread(window if stride is None else stride, rank)
        plain, taps = symmetric(padding, rank), spread(dilation, rank)
        if plain is None:
            return self._own.PaddedMaxPool(size, step, padding, dilation=taps, ceil=ceil)
        return getattr(self.nn, f"MaxPool{rank}d")(
            size, stride=step, padding=plain, dilation=taps, ceil_mode=ceil
        )

    def avg_pool(
        self,
        rank: int,
        *,
        window: Size,
        stride: Size | None = None,
        padding: Any = 0,
        ceil: bool = False,
        count_padding: bool = True,
    ) -> Any:
        """Average pooling over `rank` axes; `count_padding` says whether padded zeros are part of the mean."""
        size, step = spread(window, rank), spread(window if stride is None else stride, rank)
        plain = symmetric(padding, rank)
        # torch's AvgPool3d holds the window against the input before it pads it, and may refuse it.
        if plain is None or (rank == 3 and any(plain)):
            return self._own.PaddedAvgPool(size, step, padding, ceil=ceil, count_padding=count_padding)
        return getattr(self.nn, f"AvgPool{rank}d")(
            size, stride=step, padding=plain, ceil_mode=ceil, count_include_pad=count_padding
        )

    def adaptive_avg_pool(self, rank: int, size: Size) -> Any:
        """Average pooling to a size, over `rank` axes."""
        return getattr(self.nn, f"AdaptiveAvgPool{rank}d")(spread(size, rank))

    def max_unpool(
        self,
        rank: int,
        *,
        window: Size,
        stride: Size | None = None,
        padding: Any = 0,
        dilation: Size = 1,
        ceil: bool = False,
    ) -> Any:
        """What undoes a max pool of this configuration: takes (x, what went into the pool)."""
        size, step = spread(window, rank), spread(window if stride is None else stride, rank)
        taps = spread(dilation, rank)
        return self._own.MaxUnpool(self._own.PaddedMaxPool(size, step, padding, dilation=taps, ceil=ceil))

    def padding(self, rank: int, amount: Any, mode: str = "zero") -> Any:
        """Padding of the last `rank` axes: `zero`, or of the spatial ones another mode."""
        sides = explicit_sides(amount, rank)
        if mode == "zero":
            return self._own.ZeroPad(sides)
        pad = getattr(self.nn, f"{_PADDING[mode]}{rank}d")
        return pad(tuple(size for side in reversed(sides) for size in side))

    def layer_norm(
        self, shape: Sequence[int], axes: Sequence[int], *, affine: bool = True, bias: bool = True
    ) -> Any:
        """Layer normalization over any axes of `shape`; torch's own where they are the last ones."""
        sizes = tuple(shape[axis] for axis in axes)
        if tuple(axes) == tuple(range(len(shape) - len(axes), len(shape))):
            return self.nn.LayerNorm(sizes, elementwise_affine=affine, bias=bias)
        return self._own.AxisNorm(sizes, tuple(axes), affine=affine, bias=bias)
