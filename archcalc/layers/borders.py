"""Layers that change the border of a feature map: pad, crop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from archcalc.algebra.shapes import SEQUENCE_LETTERS, padded, spatial_name
from archcalc.layers.axes import GLOSSARY, axis_number, over
from archcalc.layers.base import Letters, Number, Shapes, kind
from archcalc.layers.fields import Border, Borders, Offset, Sizes, about
from archcalc.layers.headlines import extent
from archcalc.layers.traits import Fresh, Uncomputed, Unlearned, moved, viewed
from archcalc.layers.views import SAME_POSITION, WRAPPED, View, Window, sliding
from archcalc.layers.windows import check_border, padding_form, padding_letters, padding_sides, wrapped
from archcalc.words.errors import LayerError


@kind("pad", "borders")
class Pad(Unlearned, Uncomputed, Fresh, frozen=True):
    """Puts a border around a feature map: of zeros, its mirror image, its edge repeated, or its other end.

    A negative amount cuts off as many positions, as in torch.

    `{pad: 8, axis: 0}` adds channels of zeros instead, 8 before and 8 after: what a shortcut without
    parameters does where the number of channels grows (He et al. 2015, Deep residual learning, section 3.3,
    option A).

    Shape: N + 2·P along each padded axis, N + P₁ + P₂ with a pair [before, after].
    Parameters: none.
    Cost: none.
    Counting choices: the output is a copy and counts as activations.
    """

    amount: Annotated[
        Offset | Borders,
        about(
            "positions on each side: a number, one an axis, or [before, after] pairs; a negative one cuts off"
        ),
    ]
    mode: Annotated[
        Border,
        about(
            "`zero`, `reflect` (mirrored at the outermost position), `replicate` (the edge repeated) or "
            "`circular` (the other end)"
        ),
    ] = "zero"
    axis: Annotated[
        Offset | None,
        about("the one axis that is padded, counted from 0 without the batch; by default all spatial axes"),
    ] = None

    also_called = ("zero_pad", "zero_padding", "padding", "reflection_pad", "replication_pad", "constant_pad")
    arguments = ("amount",)
    axis_names = SEQUENCE_LETTERS
    glossary: ClassVar[Mapping[str, str]] = {
        **GLOSSARY,
        "N": "input size",
        "P": "padding on each side",
        "P_1": "padding before",
        "P_2": "padding after",
    }
    examples = (
        moved({"amount": 3}, (3, 224, 224), (3, 230, 230), "224 + 2·3 = 230"),
        moved(
            {"amount": ((0, 1), 2), "mode": "reflect"}, (8, 5, 6), (8, 6, 10), "5 + 0 + 1 = 6, 6 + 2·2 = 10"
        ),
        moved({"amount": 8, "axis": 0}, (16, 16, 16), (32, 16, 16), "16 + 2·8 = 32 channels, 16×16 stays"),
        moved({"amount": ((0, 3),), "axis": -1}, (4, 5), (4, 8), "4 stays, 5 + 0 + 3 = 8"),
        moved({"amount": (-1, (1, -1))}, (3, 9, 6), (3, 7, 6), "9 + 2·(−1) = 7, 6 + 1 − 1 = 6"),
    )

    def check(self, inputs: Shapes, strict: bool) -> None:
        """A mirror image cannot be larger than what is mirrored; along one axis there are only zeros."""
        if self.axis is not None:
            axis_number(self.axis, inputs[0])
            if self.mode != "zero":
                raise LayerError(
                    f"mode {self.mode} pads the spatial axes, but axis {self.axis} was given.",
                    hint="Drop `axis` to pad the spatial axes, or `mode` to pad one axis with zeros.",
                )
            if isinstance(self.amount, tuple) and len(self.amount) != 1:
                raise LayerError(
                    f"amount has {len(self.amount)} entries, but only axis {self.axis} is padded.",
                    hint="Give one number for both sides, or one pair: [[before, after]].",
                )
            x = self.read(inputs)
            number = axis_number(self.axis, inputs[0])
            check_left(x, inputs[0][number], f"axis {number}")
            return
        axes = self.read(inputs).axes
        for number, a in enumerate(axes):
            check_left(a, a.N, spatial_name(number, len(axes)))
        check_border(self.mode, axes)

    def read(self, inputs: Shapes) -> Letters:
        """C, and N and P, or P_1 and P_2, of each axis; the shape and P of one axis if only that is padded."""
        if self.axis is not None:
            (shape,) = inputs
            (amount,) = self.spread("amount", self.amount, 1)
            return over(
                shape,
                axis_number(self.axis, shape),
                modes={"one": True, "padding": padding_form(amount), "wraps": self.mode == "circular"},
                **padding_letters(amount),
            )
        channels, *sizes = self.feature_map(inputs)
        amounts = self.spread("amount", self.amount, len(sizes))
        axes = tuple(
            Letters(N=n, modes={"padding": padding_form(p)}, **padding_letters(p))
            for n, p in zip(sizes, amounts, strict=True)
        )
        return Letters(C=channels, axes=axes, modes={"one": False, "wrapped": wrapped(self.mode, axes)})

    @staticmethod
    def output(x: Letters) -> tuple[Number, ...]:
        """The border is added on both sides."""
        if x.one:
            return tuple(padded(size, x) if axis in x.over else size for axis, size in enumerate(x.shape))
        return (x.C, *(padded(a.N, a) for a in x.axes))

    @staticmethod
    def view(x: Letters) -> View:
        """One position, the first of them in the border; what wraps round is no window."""
        if x.one:
            border = WRAPPED if x.wraps else Window(1, 1, -padding_sides(x)[0])
            return tuple(border if axis in x.over else SAME_POSITION for axis in range(len(x.shape)))
        return sliding(
            *(
                WRAPPED if axis in x.wrapped else Window(1, 1, -padding_sides(a)[0])
                for axis, a in enumerate(x.axes)
            )
        )

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """Zeros put around the last axes; torch.nn.ReflectionPad2d, ReplicationPad2d or their like."""
        axes = len(inputs[0])
        if self.axis is None:
            return torch.padding(axes - 1, self.amount, self.mode)
        behind = axes - 1 - axis_number(self.axis, inputs[0])
        return torch.padding(behind + 1, (*self.spread("amount", self.amount, 1), *[0] * behind))


def check_left(a: Letters, size: int, where: str) -> None:
    """Raise LayerError where negative amounts cut off all of an axis."""
    cut = -sum(min(amount, 0) for amount in padding_sides(a))
    if cut >= size:
        raise LayerError(
            f"cutting {cut} positions off the {where} of {size} leaves nothing.",
            hint=f"Cut off at most {size - 1}.",
        )


@kind("crop", "borders")
class Crop(Unlearned, Uncomputed, frozen=True):
    """Cuts the middle out of a feature map, as U-Net does before it joins two of different size.

    Where the border to be cut is odd, the larger part is cut at the end: ⌊(N − M)/2⌋ positions before
    (Ronneberger, Fischer & Brox 2015, U-Net, Figure 1, "copy and crop").

    Shape: the size asked for.
    Parameters: none.
    Cost: none.
    Counting choices: the output is a view, no activations are counted.
    """

    size: Annotated[Sizes, about("size of the output")]

    also_called = ("cropping", "center_crop")
    axis_names = SEQUENCE_LETTERS
    glossary: ClassVar[dict[str, str]] = {"C": "channels", "N": "input size", "M": "output size"}
    examples = (
        viewed(
            {"size": 56}, (512, 64, 64), (512, 56, 56), "56 as asked for, (64 − 56)/2 = 4 cut on each side"
        ),
        viewed(
            {"size": (4, 7)},
            (2, 9, 7),
            (2, 4, 7),
            "4 as asked for, ⌊(9 − 4)/2⌋ = 2 cut before, 3 after; all 7",
        ),
    )

    def check(self, inputs: Shapes, strict: bool) -> None:
        """The input must be as large."""
        axes = self.read(inputs).axes
        for number, a in enumerate(axes):
            if a.M > a.N:
                raise LayerError(
                    f"cannot crop the {spatial_name(number, len(axes))} of {a.N} to {a.M}.",
                    hint=f"`size` is the size that is left: at most {a.N}; pad makes a feature map larger.",
                )

    def read(self, inputs: Shapes) -> Letters:
        """C, and N and M of each axis."""
        channels, *sizes = self.feature_map(inputs)
        wanted = self.spread("size", self.size, len(sizes))
        return Letters(C=channels, axes=tuple(Letters(N=n, M=m) for n, m in zip(sizes, wanted, strict=True)))

    @staticmethod
    def output(x: Letters) -> tuple[Number, ...]:
        """As asked for."""
        return (x.C, *(a.M for a in x.axes))

    @staticmethod
    def activations(x: Letters, out: tuple[Number, ...]) -> Number:
        """A view of its input."""
        return 0

    @staticmethod
    def view(x: Letters) -> View:
        """One position, the first of them behind what is cut before."""
        return sliding(*(Window(1, 1, (a.N - a.M) // 2) for a in x.axes))

    def headline(self, inputs: Shapes) -> str:
        """The size that is left."""
        return extent(self.size, len(inputs[0]) - 1)

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """A slice that finds the middle itself."""
        return torch.Crop(self.size)
