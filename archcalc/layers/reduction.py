"""Reductions: layers that make one number of all those along an axis."""

from __future__ import annotations

from typing import Annotated, Any

from archcalc.algebra import shapes
from archcalc.algebra.symbols import prod
from archcalc.layers.axes import GLOSSARY, axis_numbers, over
from archcalc.layers.base import Cost, Example, Letters, Number, Shapes, kind
from archcalc.layers.fields import Offsets, about
from archcalc.layers.traits import Fresh, Unlearned
from archcalc.layers.views import View, within
from archcalc.words.errors import LayerError


@kind("mean", "reduction")
class Mean(Unlearned, Fresh, frozen=True):
    """Averages over one axis or several, which disappear: `mean: 0` over the tokens.

    The mean over all positions of a feature map is global_avg_pool.

    Shape: that of the input without the axes averaged over.
    Parameters: none.
    Cost: an addition for each element but one an output, and a division an output.
    Counting choices: none.
    """

    axis: Annotated[Offsets, about("axis averaged over, or a list of them")]

    glossary = GLOSSARY
    examples = (
        Example(
            {"axis": 0},
            ((49, 768),),
            output=(768,),
            weights=0,
            biases=0,
            macs=0,
            working="49×768 without axis 0",
        ),
        Example(
            {"axis": (-2, -1)},
            ((96, 7, 5),),
            output=(96,),
            weights=0,
            biases=0,
            macs=0,
            working="96×7×5 without its last two axes",
        ),
    )

    def check(self, inputs: Shapes, strict: bool) -> None:
        """The axes must exist, and leave one."""
        (shape,) = inputs
        if len(axis_numbers(self.axis, shape)) == len(shape):
            raise LayerError(
                f"mean over every axis of {shapes.described(shape)} leaves a single number.",
                hint="Leave one axis: networks work on shapes of at least one.",
            )

    def read(self, inputs: Shapes) -> Letters:
        """The shape of the input."""
        return over(inputs[0], *axis_numbers(self.axis, inputs[0]))

    @staticmethod
    def output(x: Letters) -> tuple[Number, ...]:
        """The axes that are left."""
        return tuple(size for axis, size in enumerate(x.shape) if axis not in x.over)

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """The sum along the axes, divided once an output."""
        return Cost(additions=prod(x.shape) - prod(out), divisions=prod(out))

    @staticmethod
    def view(x: Letters) -> View:
        """All positions along the axes of the mean."""
        return within(len(x.shape), *x.over)

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """A mean over the axes."""
        return torch.Mean(axis_numbers(self.axis, inputs[0]))
