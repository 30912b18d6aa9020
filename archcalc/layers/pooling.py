"""Pooling: windows without weights."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec.structs import force_setattr

from archcalc.algebra.shapes import SEQUENCE_LETTERS
from archcalc.algebra.symbols import ceil_div, prod
from archcalc.layers.axes import GLOSSARY as AXIS_GLOSSARY
from archcalc.layers.base import Cost, Example, Letters, Number, Shapes, kind
from archcalc.layers.fields import Padding, Sizes, about
from archcalc.layers.headlines import extent, headline, step, unless_one
from archcalc.layers.traits import Fresh, Unlearned
from archcalc.layers.views import ALL, SAME_POSITION, View, Window, sliding, within
from archcalc.layers.windows import GLOSSARY, Windowed, padding_sides, positions, windows
from archcalc.words.errors import LayerError


class Pool(Unlearned, Fresh, Windowed, frozen=True):
    """A pooling window that slides."""

    window_key = "window"
    arguments = ("window", "stride", "padding")
    glossary = {**GLOSSARY, "C": "channels"}

    window: Annotated[Sizes, about("size of the pooling window")]
    stride: Annotated[Sizes | None, about("step of the window; the window itself if not given")] = None
    padding: Annotated[
        Padding,
        about(
            "positions on each side: a number, one an axis, [before, after] pairs, `same` or `valid`; "
            "at most half the window"
        ),
    ] = 0
    ceil: Annotated[bool, about("round up: count a last, partial window (Caffe's rule)")] = False

    def __post_init__(self) -> None:
        """A stride that was not given is the window; from here on everybody reads the number."""
        if self.stride is None:
            force_setattr(self, "stride", self.window)

    def check(self, inputs: Shapes, strict: bool) -> Letters:
        """The window must fit, and no window may lie wholly in the padding."""
        x = self.read(inputs)
        self.check_fit(x.axes, strict and not self.ceil)
        for a in x.axes:
            before, after = padding_sides(a)
            if a.padding != "same" and 2 * max(before, after) > a.F:
                raise LayerError(
                    f"padding {max(before, after)} is more than half of the window of {a.F}.",
                    hint=f"A window must touch its input: use a padding of at most {a.F // 2}.",
                )
        return x

    def read(self, inputs: Shapes) -> Letters:
        """C, and N, F, S, P of each axis."""
        axes = self.window_axes(
            inputs, self.window, self.stride, self.padding, dilation=self.taps(), ceil=self.ceil
        )
        return Letters(C=inputs[0][0], axes=axes)

    def headline(self, inputs: Shapes) -> str:
        """The window and its stride."""
        return headline(
            extent(self.window, len(inputs[0]) - 1),
            step(self.stride),
            unless_one("dilation {}", self.taps()),
        )

    def taps(self) -> Any:
        """The dilation."""
        return 1

    @staticmethod
    def output(x: Letters) -> tuple[Number, ...]:
        """The channels stay, the window's positions along each axis."""
        return (x.C, *positions(x.axes))

    @staticmethod
    def view(x: Letters) -> View:
        """The window."""
        return sliding(*windows(x.axes))


@kind("max_pool", "pooling")
class MaxPool(Pool, frozen=True):
    """Keeps the largest value of each window, channel by channel.

    Shape: the channels stay; ⌊(N + 2·P − F)/S⌋ + 1 along each axis, pairs, `same` and dilation as for conv. With
    `ceil` min(⌈(N + 2·P − F)/S⌉ + 1, ⌊(N + P − 1)/S⌋ + 1): the last window is dropped where it would start in
    the padding (Caffe, torch).
    Parameters: none.
    Cost: F·F − 1 comparisons an output.
    Counting choices: windows that reach over the border count whole.
    """

    dilation: Annotated[Sizes, about("distance between the positions compared")] = 1

    also_called = ("pool", "pooling", "max_pooling", "subsampling")
    examples = (
        Example(
            {"window": 3, "stride": 2},
            ((96, 55, 55),),
            output=(96, 27, 27),
            weights=0,
            biases=0,
            macs=0,
            working="⌊(55 − 3)/2⌋ + 1 = 27",
        ),
        Example(
            {"window": 3, "stride": 2, "ceil": True},
            ((64, 112, 112),),
            output=(64, 56, 56),
            weights=0,
            biases=0,
            macs=0,
            working="⌈(112 − 3)/2⌉ + 1 = 56, not more than ⌊(112 − 1)/2⌋ + 1 = 56",
        ),
        Example(
            {"window": 2, "stride": 2, "padding": 1, "ceil": True},
            ((5, 3),),
            output=(5, 2),
            weights=0,
            biases=0,
            macs=0,
            working="min(⌈(3 + 2 − 2)/2⌉ + 1, ⌊(3 + 1 − 1)/2⌋ + 1) = min(3, 2) = 2",
        ),
    )

    def taps(self) -> Any:
        """The dilation."""
        return self.dilation

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """The largest of F·F values takes F·F − 1 comparisons."""
        return Cost(comparisons=prod(out) * (prod(a.F for a in x.axes) - 1))

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.MaxPool1d, 2d or 3d."""
        return torch.max_pool(
            len(inputs[0]) - 1,
            window=self.window,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            ceil=self.ceil,
        )


@kind("avg_pool", "pooling")
class AvgPool(Pool, frozen=True):
    """Takes the mean of each window, channel by channel.

    Shape: as for max_pool.
    Parameters: none.
    Cost: F·F − 1 additions and one division an output.
    Counting choices: windows that reach over the border count whole.
    """

    count_padding: Annotated[bool, about("whether padded zeros count in the mean's divisor")] = True

    also_called = ("average_pooling", "average_pool", "avg_pooling", "mean_pool", "pool_avg")
    examples = (
        Example(
            {"window": 5, "stride": 3},
            ((512, 14, 14),),
            output=(512, 4, 4),
            weights=0,
            biases=0,
            macs=0,
            working="⌊(14 − 5)/3⌋ + 1 = 4",
        ),
    )

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """The sum of F·F values, divided once."""
        outputs = prod(out)
        return Cost(additions=outputs * (prod(a.F for a in x.axes) - 1), divisions=outputs)

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.AvgPool1d, 2d or 3d."""
        return torch.avg_pool(
            len(inputs[0]) - 1,
            window=self.window,
            stride=self.stride,
            padding=self.padding,
            ceil=self.ceil,
            count_padding=self.count_padding,
        )


@kind("adaptive_avg_pool", "pooling")
class AdaptiveAvgPool(Unlearned, Fresh, frozen=True):
    """Averages over windows chosen so that the output has the size asked for.

    Output position i averages the positions from ⌊i·N/M⌋ up to but without ⌈(i + 1)·N/M⌉
    (torch.nn.AdaptiveAvgPool2d).

    Shape: the size asked for along each axis; the channels stay.
    Parameters: none.
    Cost: additions and a division an output, over windows of ⌈N/M⌉.
    Counting choices: where M does not divide N the windows differ by one and overlap; all are counted at the
    larger size ⌈N/M⌉.
    """

    size: Annotated[Sizes, about("size of the output")]

    also_called = ("adaptive_average_pool", "adaptive_average_pooling", "adaptive_pool")
    arguments = ("size",)
    axis_names = SEQUENCE_LETTERS
    glossary = {"C": "channels", "N": "input size", "M": "output size"}
    examples = (
        Example(
            {"size": 6},
            ((256, 13, 13),),
            output=(256, 6, 6),
            weights=0,
            biases=0,
            macs=0,
            working="6×6 as asked for",
        ),
    )

    def check(self, inputs: Shapes, strict: bool) -> None:
        """With `strict`, the output must divide the input."""
        for a in self.read(inputs).axes:
            if strict and a.N % a.M:
                raise LayerError(
                    f"an input of {a.N} does not divide into {a.M} equal windows.",
                    hint="Choose a divisor, or drop `strict: true`.",
                )

    def read(self, inputs: Shapes) -> Letters:
        """C, and N and M of each axis."""
        channels, *sizes = self.feature_map(inputs)
        wanted = self.spread("size", self.size, len(sizes))
        return Letters(
            C=channels,
            axes=tuple(
                Letters(N=n, M=m, modes={"whole": m == 1}) for n, m in zip(sizes, wanted, strict=True)
            ),
        )

    @staticmethod
    def output(x: Letters) -> tuple[Number, ...]:
        """As asked for."""
        return (x.C, *(a.M for a in x.axes))

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """Windows of ⌈N/M⌉ along each axis."""
        outputs = prod(out)
        return Cost(additions=outputs * (prod(ceil_div(a.N, a.M) for a in x.axes) - 1), divisions=outputs)

    @staticmethod
    def view(x: Letters) -> View:
        """Output i takes the inputs from ⌊i·N/M⌋ up to ⌈(i + 1)·N/M⌉, which is not among them; or all of them."""
        return (SAME_POSITION, *(ALL if a.whole else Window(a.N, a.N, 0, a.M) for a in x.axes))

    def headline(self, inputs: Shapes) -> str:
        """The size asked for."""
        return extent(self.size, len(inputs[0]) - 1)

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.AdaptiveAvgPool1d, 2d or 3d."""
        return torch.adaptive_avg_pool(len(inputs[0]) - 1, self.size)


@kind("global_avg_pool", "pooling")
class GlobalAvgPool(Unlearned, Fresh, frozen=True):
    """Averages each channel over all its positions: a feature map becomes a vector.

    Shape: C (Lin, Chen & Yan 2013, Network In Network, section 3.2).
    Parameters: none.
    Cost: an addition for each element but one a channel, and one division a channel.
    Counting choices: none.
    """

    axis_names = SEQUENCE_LETTERS
    also_called = ("gap", "global_average_pooling", "global_average_pool", "global_pool")
    glossary = AXIS_GLOSSARY
    examples = (
        Example(
            {},
            ((1024, 7, 7),),
            output=(1024,),
            weights=0,
            biases=0,
            macs=0,
            working="one number a channel: 1024",
        ),
    )

    def read(self, inputs: Shapes) -> Letters:
        """The shape of the input."""
        return Letters(shape=self.feature_map(inputs))

    @staticmethod
    def output(x: Letters) -> tuple[Number, ...]:
        """One number a channel."""
        return (x.shape[0],)

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """The sum of all positions, divided once a channel."""
        return Cost(additions=prod(x.shape) - x.shape[0], divisions=x.shape[0])

    @staticmethod
    def view(x: Letters) -> View:
        """Every position, channel by channel."""
        return within(len(x.shape), *range(1, len(x.shape)))

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """A mean over all axes after the channels."""
        return torch.Mean(tuple(range(1, len(inputs[0]))))
