"""Layers that bring values to other places: roll, channel_shuffle, pixel_shuffle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from archcalc.algebra import shapes
from archcalc.algebra.symbols import exact_div
from archcalc.layers.axes import GLOSSARY, axis_number, axis_numbers, check_groups, over
from archcalc.layers.base import Letters, Number, Shape, Shapes, kind
from archcalc.layers.elementwise import Elementwise, kept
from archcalc.layers.fields import Count, Offsets, about
from archcalc.layers.headlines import unless_one
from archcalc.layers.traits import Fresh, Uncomputed, Unlearned, moved
from archcalc.layers.views import SAME_POSITION, WRAPPED, Moved, View
from archcalc.words.errors import LayerError


@kind("roll", "shuffling")
class Roll(Uncomputed, Elementwise, frozen=True):
    """Shifts positions in a circle: what leaves at one end of an axis comes back at the other.

    `{roll: -3, axes: [0, 1]}` is the cyclic shift of Swin on a grid [H, W, C] (Liu et al. 2021, Swin
    Transformer, section 3.2). The axes have no default: on [C, H, W] they would be [1, 2].

    Shape: that of the input.
    Parameters: none.
    Cost: none.
    Counting choices: the output is a copy and counts as activations.
    """

    shift: Annotated[
        Offsets, about("positions to shift by, a number or one for each of `axes`; negative towards 0")
    ]
    axes: Annotated[Offsets, about("axis or axes that are shifted, counted from 0 without the batch")]

    examples = (
        kept({"shift": -3, "axes": (0, 1)}, (56, 56, 96), "the shape stays"),
        kept({"shift": (1, -2), "axes": (2, 1)}, (3, 8, 10), "the shape stays"),
    )

    def check(self, inputs: Shapes, strict: bool) -> None:
        """The axes must exist, and each have its shift."""
        self.shifts(inputs[0])

    def shifts(self, shape: Shape) -> dict[int, int]:
        """The shift of each axis that is shifted."""
        numbers = axis_numbers(self.axes, shape, "axes")
        named = (self.axes,) if isinstance(self.axes, int) else self.axes
        shift = self.shift if isinstance(self.shift, tuple) else (self.shift,) * len(named)
        if len(shift) != len(named):
            raise LayerError(
                f"shift has {len(shift)} entries, but axes has {len(named)}.",
                hint="Give one number for all of `axes`, or a list with one for each.",
            )
        by_axis = {axis_number(axis, shape): by for axis, by in zip(named, shift, strict=True)}
        return {axis: by_axis[axis] for axis in numbers}

    def read(self, inputs: Shapes) -> Letters:
        """The shape of the input; the axes as a mode."""
        return over(inputs[0], *self.shifts(inputs[0]))

    @staticmethod
    def view(x: Letters) -> View:
        """What wraps round is no window."""
        return tuple(WRAPPED if axis in x.over else SAME_POSITION for axis in range(len(x.shape)))

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.roll."""
        return torch.Roll(self.shifts(inputs[0]))


@kind("channel_shuffle", "shuffling")
class ChannelShuffle(Uncomputed, Elementwise, frozen=True):
    """Deals the channels out anew, so that the next grouped convolution sees some of every group.

    Channel i of group g goes to place i·G + g (Zhang et al. 2018, ShuffleNet, section 3.1).

    Shape: that of the input.
    Parameters: none.
    Cost: none.
    Counting choices: the output is a copy and counts as activations.
    """

    groups: Annotated[Count, about("groups that the channels come in; must divide them")]

    glossary: ClassVar[Mapping[str, str]] = {**GLOSSARY, "G": "groups"}
    examples = (kept({"groups": 3}, (240, 28, 28), "the shape stays; 240 = 3·80"),)

    def check(self, inputs: Shapes, strict: bool) -> None:
        """The groups must divide the channels."""
        check_groups(self.feature_map(inputs)[0], self.groups, "channels")

    def read(self, inputs: Shapes) -> Letters:
        """The shape of the input, and G groups."""
        return Letters(shape=inputs[0], G=self.groups)

    @staticmethod
    def view(x: Letters) -> View:
        """The channels of a group each beside those of the others: G, C/G become C/G, G."""
        channels, *sizes = x.shape
        return Moved((x.G, exact_div(channels, x.G), *sizes), (1, 0, *range(2, len(x.shape) + 1)))

    def headline(self, inputs: Shapes) -> str:
        """The groups."""
        return unless_one("groups {}", self.groups)

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.ChannelShuffle."""
        return torch.nn.ChannelShuffle(self.groups)


@kind("pixel_shuffle", "shuffling")
class PixelShuffle(Unlearned, Uncomputed, Fresh, frozen=True):
    """Lays r·r channels out as the r·r pixels of a finer grid (sub-pixel convolution).

    Shape: C/(r·r) channels, H·r and W·r (Shi et al. 2016, Real-Time Single Image and Video Super-Resolution,
    equation 4).
    Parameters: none.
    Cost: none.
    Counting choices: the output is a copy and counts as activations.
    """

    factor: Annotated[
        Count, about("how many times finer the grid becomes; its square must divide the channels")
    ]

    glossary: ClassVar[Mapping[str, str]] = {**GLOSSARY, "r": "factor"}
    also_called = ("depth_to_space",)
    arguments = ("factor",)
    examples = (
        moved({"factor": 3}, (27, 70, 80), (3, 210, 240), "27/(3·3) = 3, 70·3 = 210, 80·3 = 240"),
        moved({"factor": 2}, (256, 24, 24), (64, 48, 48), "256/(2·2) = 64, 24·2 = 48"),
    )

    def check(self, inputs: Shapes, strict: bool) -> None:
        """It works on [C, H, W] with channels for every pixel."""
        shape = self.feature_map(inputs)
        square = self.factor * self.factor
        if len(shape) != 3:
            raise LayerError(
                f"pixel_shuffle works on [C, H, W], but {shapes.described(shape)} came in.",
                hint="In one or three dimensions, use conv_transpose or upsample.",
            )
        if shape[0] % square:
            raise LayerError(
                f"{shape[0]} channels cannot be laid out as {self.factor}×{self.factor} pixels each.",
                hint=f"Give the layer before a multiple of {square} filters.",
            )

    def read(self, inputs: Shapes) -> Letters:
        """The shape of the input, and r."""
        return Letters(shape=inputs[0], r=self.factor)

    @staticmethod
    def output(x: Letters) -> tuple[Number, ...]:
        """Channels become pixels."""
        channels, *sizes = x.shape
        return (exact_div(channels, x.r * x.r), *(size * x.r for size in sizes))

    @staticmethod
    def view(x: Letters) -> View:
        """Every r·r channels beside one another in their place: C, r, r, H, W become C, H, r, W, r."""
        channels, *sizes = x.shape
        return Moved((exact_div(channels, x.r * x.r), x.r, x.r, *sizes), (0, 3, 1, 4, 2))

    def headline(self, inputs: Shapes) -> str:
        """How many times finer."""
        return f"×{self.factor}"

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.PixelShuffle."""
        return torch.nn.PixelShuffle(self.factor)
