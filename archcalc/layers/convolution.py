"""Convolutions and their transposes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from archcalc.algebra.shapes import effective_kernel
from archcalc.algebra.symbols import exact_div, prod, value_of
from archcalc.layers.axes import check_groups
from archcalc.layers.base import Cost, Example, Letters, Number, Shapes, kind
from archcalc.layers.fields import Amounts, Border, Count, Padding, Sizes, about
from archcalc.layers.headlines import extent, headline, unless_one
from archcalc.layers.traits import Fresh
from archcalc.layers.views import WRAPPED, Together, View
from archcalc.layers.windows import (
    GLOSSARY,
    Windowed,
    check_border,
    positions,
    reaching,
    windows,
    worked,
    wrapped,
)
from archcalc.words.errors import LayerError


class Convolving(Fresh, Windowed, frozen=True):
    """What a convolution and its transpose share: filters of F·F·C weights, in groups, and a bias a filter."""

    filters: Annotated[Count, about("number of filters, the channels of the output")]
    kernel: Annotated[Sizes, about("size of the kernel")]
    stride: Annotated[Sizes, about("step of the kernel")] = 1
    padding: Annotated[
        Padding,
        about(
            "zeros on each side: a number, one an axis, [before, after] pairs, `same` (output ⌈N/S⌉) or `valid` (none)"
        ),
    ] = 0
    dilation: Annotated[Sizes, about("distance between the taps of the kernel")] = 1
    groups: Annotated[
        Count | Literal["depthwise"],
        about("groups that channels and filters are split into; `depthwise`: one a channel"),
    ] = 1
    bias: Annotated[bool, about("whether each filter has a bias")] = True

    counts_as_layer = True
    convolves = True
    glossary = {
        **GLOSSARY,
        "C": "input channels",
        "K": "filters (output channels)",
        "G": "groups",
        "O": "output padding",
    }

    def headline(self, inputs: Shapes) -> str:
        """The kernel, and what is not 1: stride, dilation, groups."""
        return headline(
            extent(self.kernel, len(inputs[0]) - 1),
            unless_one("/{}", self.stride),
            unless_one("dilation {}", self.dilation),
            unless_one("groups {}", self.groups),
        )

    @classmethod
    def instead(cls, field: str, value: Any, fields: Mapping[str, Any]) -> str:
        """How to write the paddings that other libraries have a word for."""
        kernel, dilation, stride = (fields.get(name, 1) for name in ("kernel", "dilation", "stride"))
        if field != "padding" or not all(
            type(each) is int and each > 0 for each in (kernel, dilation, stride)
        ):
            return ""
        return cls.padding_called(value, dilation * (kernel - 1) + 1, stride)

    @staticmethod
    def padding_called(word: Any, extent: int, stride: int) -> str:
        """The way out for a word for a padding, given the extent of the kernel."""
        return ""

    def groups_of(self, channels: int) -> int:
        """The number of groups, given the input channels."""
        return channels if self.groups == "depthwise" else self.groups

    def check_groups(self, channels: int) -> None:
        """Raise LayerError unless the groups divide both the input channels and the filters."""
        groups = self.groups_of(channels)
        check_groups(channels, groups, "input channels")
        check_groups(self.filters, groups, "filters")

    @staticmethod
    def weights(x: Letters) -> Number:
        """Every filter has F·F weights for each channel that it reads."""
        return prod(a.F for a in x.axes) * channels_read(x) * x.K

    @staticmethod
    def biases(x: Letters) -> Number:
        """One a filter."""
        return x.K if x.bias else 0


def channels_read(x: Letters) -> Number:
    """The input channels that one filter reads: C, or C/G of its group."""
    return x.C if x.G is None else exact_div(x.C, x.G)


@kind("conv", "convolution")
class Conv(Convolving, frozen=True):
    """Slides K filters over the feature map; each output is the sum of products over its window, plus a bias.

    Works on 1-D, 2-D and 3-D feature maps, by the shape that reaches it.

    Shape: K channels, and ⌊(N + 2·P − F)/S⌋ + 1 along each axis; ⌊(N + P₁ + P₂ − F)/S⌋ + 1 with a pair
    [before, after], ⌈N/S⌉ with `same`; with dilation F becomes D·(F − 1) + 1 (Dumoulin & Visin 2016, A guide
    to convolution arithmetic, relationship 6 and 15).
    Parameters: F·F·C weights a filter (C/G with groups) and one bias.
    Cost: one multiply-accumulate for each weight of a filter at each output position.
    Counting choices: multiplications with padded zeros count, and so do those with any other padding; adding
    the bias is an addition, not a MAC. What padding is made of changes no number.
    """

    padding_mode: Annotated[
        Border,
        about(
            "what the padding is made of: `zero`, `reflect` (mirrored), `replicate` (the edge repeated) or "
            "`circular` (the other end)"
        ),
    ] = "zero"

    applied = (*Convolving.applied, "padding_mode")
    also_called = ("convolution", "convolutional")
    arguments = ("", "filters", "kernel", "stride", "padding", "dilation", "groups")
    examples = (
        Example(
            {"filters": 96, "kernel": 11, "stride": 4},
            ((3, 227, 227),),
            output=(96, 55, 55),
            weights=34_848,
            biases=96,
            macs=105_415_200,
            working="(227 + 0 − 11)/4 + 1 = 55; 11·11·3·96 = 34,848; 55·55·34,848 = 105,415,200",
        ),
        Example(
            {"filters": 256, "kernel": 5, "padding": 2, "groups": 2},
            ((96, 27, 27),),
            output=(256, 27, 27),
            weights=307_200,
            biases=256,
            macs=223_948_800,
            working="27 + 4 − 5 + 1 = 27; 5·5·(96/2)·256 = 307,200; 27·27·307,200 = 223,948,800",
        ),
        Example(
            {
                "filters": 8,
                "kernel": 3,
                "padding": "same",
                "groups": "depthwise",
                "dilation": 2,
                "bias": False,
            },
            ((8, 10),),
            output=(8, 10),
            weights=24,
            biases=0,
            macs=240,
            working="same, stride 1: 10; 3·(8/8)·8 = 24; 10·24 = 240",
        ),
        Example(
            {"filters": 2, "kernel": (3, 1, 1), "stride": (1, 2, 1), "padding": ((1, 0), 0, 0)},
            ((1, 4, 5, 6),),
            output=(2, 3, 3, 6),
            weights=6,
            biases=2,
            macs=324,
            working="4 + 1 + 0 − 3 + 1 = 3, ⌊(5 − 1)/2⌋ + 1 = 3, 6; 3·1·1·1·2 = 6; 3·3·6·6 = 324",
        ),
        Example(
            {"filters": 4, "kernel": 3, "padding": 1, "padding_mode": "circular"},
            ((2, 6, 5),),
            output=(4, 6, 5),
            weights=72,
            biases=4,
            macs=2160,
            working="6 + 2 − 3 + 1 = 6, 5 + 2 − 3 + 1 = 5; 3·3·2·4 = 72; 6·5·72 = 2160",
        ),
    )

    @staticmethod
    def padding_called(word: Any, extent: int, stride: int) -> str:
        """Causal padding stands before only; with full padding every position that touches the input counts."""
        if word == "causal":
            return (
                f"Causal is padding before the input only: in one dimension `padding: [[{extent - 1}, 0]]`."
            )
        return f"Write `padding: {extent - 1}`." if word == "full" else ""

    def check(self, inputs: Shapes, strict: bool) -> Letters:
        """The groups must divide, and the kernel fit."""
        self.check_groups(self.feature_map(inputs)[0])
        x = self.read(inputs)
        self.check_fit(x.axes, strict)
        check_border(self.padding_mode, x.axes)
        return x

    def read(self, inputs: Shapes) -> Letters:
        """C and K, G unless there is one group, and N, F, S, P, D of each axis."""
        channels = inputs[0][0]
        groups = self.groups_of(channels)
        axes = self.window_axes(inputs, self.kernel, self.stride, self.padding, dilation=self.dilation)
        return Letters(
            C=channels,
            K=self.filters,
            G=None if groups == 1 else groups,
            axes=axes,
            modes={"bias": self.bias, "wrapped": wrapped(self.padding_mode, axes)},
        )

    @staticmethod
    def output(x: Letters) -> tuple[Number, ...]:
        """A channel a filter, the window's positions along each axis."""
        return (x.K, *positions(x.axes))

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """Each output is a sum over the kernel and the channels read."""
        outputs = prod(out)
        return Cost(
            macs=outputs * prod(a.F for a in x.axes) * channels_read(x),
            additions=outputs if x.bias else 0,
        )

    @staticmethod
    def view(x: Letters) -> View:
        """The effective kernel, over the channels of a group; what wraps round is no window."""
        seen = (WRAPPED if axis in x.wrapped else window for axis, window in enumerate(windows(x.axes)))
        return (Together(1 if x.G is None else x.G), *seen)

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.Conv1d, Conv2d or Conv3d, behind explicit padding where torch has no such form."""
        channels, *sizes = inputs[0]
        return torch.convolution(
            len(sizes),
            channels,
            self.filters,
            kernel=self.kernel,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            groups=self.groups_of(channels),
            bias=self.bias,
            mode=self.padding_mode,
        )


@kind("conv_transpose", "convolution")
class ConvTranspose(Convolving, frozen=True):
    """The transpose of a convolution ("deconvolution"): each input spreads over a window of the output.

    Shape: K channels, and (N − 1)·S − 2·P + F along each axis, (N − 1)·S − 2·P + F + O with output padding;
    with dilation F becomes D·(F − 1) + 1 (Dumoulin & Visin 2016, relationship 14).
    Parameters: F·F·C weights a filter (C/G with groups) and one bias, as for a convolution.
    Cost: one multiply-accumulate for each weight at each *input* position: F·F·C·K/G a position.
    Counting choices: products that fall into the cropped border count, as the convolution's zeros do.
    """

    padding: Annotated[Amounts, about("positions cut off on each side of the output")] = 0
    output_padding: Annotated[
        Amounts, about("positions added after the end of the output; smaller than the stride")
    ] = 0

    also_called = ("deconv", "deconvolution", "transposed_conv", "transpose_conv", "up_conv")
    arguments = ("", "filters", "kernel", "stride", "padding", "output_padding", "groups")
    examples = (
        Example(
            {"filters": 512, "kernel": 4, "stride": 2, "padding": 1, "bias": False},
            ((1024, 4, 4),),
            output=(512, 8, 8),
            weights=8_388_608,
            biases=0,
            macs=134_217_728,
            working="(4 − 1)·2 − 2 + 4 = 8; 4·4·1024·512 = 8,388,608; 4·4·8,388,608 = 134,217,728",
        ),
        Example(
            {"filters": 2, "kernel": 3, "stride": 2, "padding": 1, "output_padding": 1, "groups": 2},
            ((4, 5),),
            output=(2, 10),
            weights=12,
            biases=2,
            macs=60,
            working="(5 − 1)·2 − 2 + 3 + 1 = 10; 3·(4/2)·2 = 12; 5·12 = 60",
        ),
    )

    @staticmethod
    def padding_called(word: Any, extent: int, stride: int) -> str:
        """`same` gives N·S positions, so 2·P − O is what the kernel has over the stride."""
        if word == "valid":
            return "Write `padding: 0`."
        if word != "same":
            return ""
        padding = max(-(-(extent - stride) // 2), 0)
        added = 2 * padding - (extent - stride)
        more = f", output_padding: {added}" if added else ""
        return f"For an output of {stride} times the input write `padding: {padding}{more}`."

    def check(self, inputs: Shapes, strict: bool) -> None:
        """The groups must divide, the output must not vanish, output padding be smaller than the stride."""
        self.check_groups(self.feature_map(inputs)[0])
        x = self.read(inputs)
        sizes = self.output(x.traced(self.axis_names))[1:]
        for a, size in zip(x.axes, sizes, strict=True):
            if a.O is not None and max(a.S, 1 if a.D is None else a.D) <= a.O:
                raise LayerError(
                    f"output_padding {a.O} is not smaller than the stride {a.S} or the dilation.",
                    hint="It chooses among the sizes that one stride can come from, and adds less than a stride.",
                )
            if value_of(size) < 1:
                raise LayerError(
                    f"padding {a.P} leaves nothing of the output: {worked(size)}.",
                    hint="Use less padding or a larger kernel.",
                )

    def read(self, inputs: Shapes) -> Letters:
        """C and K, G unless there is one group, and N, F, S, P, D, O of each axis."""
        channels, *sizes = inputs[0]
        groups = self.groups_of(channels)
        added = self.spread("output_padding", self.output_padding, len(sizes))
        axes = tuple(
            a.replace(O=o or None)
            for a, o in zip(
                self.window_axes(inputs, self.kernel, self.stride, self.padding, dilation=self.dilation),
                added,
                strict=True,
            )
        )
        return Letters(
            C=channels,
            K=self.filters,
            G=None if groups == 1 else groups,
            axes=axes,
            modes={"bias": self.bias},
        )

    @staticmethod
    def output(x: Letters) -> tuple[Number, ...]:
        """The span of all windows laid side by side, less the padding."""
        return (
            x.K,
            *((a.N - 1) * a.S - 2 * a.P + effective_kernel(a) + (0 if a.O is None else a.O) for a in x.axes),
        )

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """Each input position meets every weight of its channels once."""
        return Cost(
            macs=prod(a.N for a in x.axes) * prod(a.F for a in x.axes) * channels_read(x) * x.K,
            additions=prod(out) if x.bias else 0,
        )

    @staticmethod
    def view(x: Letters) -> View:
        """The inputs n that reach output i: n·S − P ≤ i ≤ n·S − P + F − 1."""
        return (Together(1 if x.G is None else x.G), *reaching(x.axes))

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.ConvTranspose1d, 2d or 3d."""
        channels, *sizes = inputs[0]
        return torch.transposed_convolution(
            len(sizes),
            channels,
            self.filters,
            kernel=self.kernel,
            stride=self.stride,
            padding=self.padding,
            output_padding=self.output_padding,
            dilation=self.dilation,
            groups=self.groups_of(channels),
            bias=self.bias,
        )
