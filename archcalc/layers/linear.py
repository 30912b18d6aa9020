"""Fully connected layers."""

from __future__ import annotations

from typing import Annotated, Any

from archcalc.algebra import shapes
from archcalc.algebra.symbols import prod
from archcalc.layers.base import (
    LARGEST_MAP,
    Cost,
    Example,
    Letters,
    Number,
    Shape,
    Shapes,
    kind,
)
from archcalc.layers.fields import Count, about
from archcalc.layers.traits import Fresh
from archcalc.layers.views import View, within
from archcalc.words.errors import LayerError


@kind("linear", "linear")
class Linear(Fresh, frozen=True):
    """A fully connected (dense) layer: every output is a weighted sum of all input features, plus a bias.

    On token data it works on the last axis, the same weights for every token; on feature maps only with
    `axis: -1`.

    Shape: M in place of the D features of a vector or of the last axis.
    Parameters: D·M weights and M biases.
    Cost: D·M multiply-accumulates for each vector.
    Counting choices: adding the bias is an addition, not a MAC.
    """

    units: Annotated[Count, about("number of neurons, the features of the output")]
    bias: Annotated[bool, about("whether each neuron has a bias")] = True
    axis: Annotated[int | None, about("-1 to work on the last axis of a feature map")] = None

    also_called = ("dense", "fc", "fully_connected", "inner_product", "mlp")
    arguments = ("", "units")
    counts_as_layer = True
    glossary = {"D": "input features", "M": "units (neurons)", "T": "tokens"}
    examples = (
        Example(
            {"units": 4096},
            ((9216,),),
            output=(4096,),
            weights=37_748_736,
            biases=4096,
            macs=37_748_736,
            working="9216·4096 = 37,748,736",
        ),
        Example(
            {"units": 3072},
            ((197, 768),),
            output=(197, 3072),
            weights=2_359_296,
            biases=3072,
            macs=464_781_312,
            working="768·3072 = 2,359,296; 197·2,359,296 = 464,781,312",
        ),
    )

    def check(self, inputs: Shapes, strict: bool) -> None:
        """A feature map has to be flattened first, unless the last axis is asked for."""
        (shape,) = inputs
        if self.axis not in (None, -1):
            raise LayerError(
                f"axis must be -1, the last one, not {self.axis}.", hint="Use permute to bring the axis last."
            )
        if len(shape) > 2 and self.axis is None:
            raise LayerError(
                f"linear works on a vector or on tokens, but {shapes.described(shape)} came in.",
                hint=self.ways_out(shape),
            )

    def ways_out(self, shape: Shape) -> str:
        """The three layers that can be meant on a feature map: over all of it, or over the channels of a position."""
        order = ", ".join(map(str, shapes.channels_last(tuple(range(len(shape))))))
        each = f"`{{conv: {self.units}, kernel: 1}}`, or " if len(shape) <= LARGEST_MAP else ""
        return (
            f"`- flatten` before it gives a vector of {prod(shape)}. For the {shape[0]} channels of each position use "
            f"{each}`{{permute: [{order}]}}` and then `axis: -1`."
        )

    def read(self, inputs: Shapes) -> Letters:
        """M units, and the input's shape: the last axis is the features."""
        return Letters(shape=inputs[0], M=self.units, modes={"bias": self.bias})

    @staticmethod
    def output(x: Letters) -> tuple[Number, ...]:
        """The units in place of the last axis."""
        return (*x.shape[:-1], x.M)

    @staticmethod
    def weights(x: Letters) -> Number:
        """Each of M units sees each of D features."""
        return x.shape[-1] * x.M

    @staticmethod
    def biases(x: Letters) -> Number:
        """One a unit."""
        return x.M if x.bias else 0

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """Every output is a sum over D products."""
        return Cost(macs=prod(out) * x.shape[-1], additions=prod(out) if x.bias else 0)

    @staticmethod
    def view(x: Letters) -> View:
        """Every feature of the vector or the token."""
        return within(len(x.shape), len(x.shape) - 1)

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.Linear."""
        return torch.nn.Linear(inputs[0][-1], self.units, bias=self.bias)
