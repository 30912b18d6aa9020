"""Regularization: what acts in training only."""

from __future__ import annotations

from typing import Annotated, Any

from archcalc.layers.base import Cost, Letters, Number, Shapes, kind
from archcalc.layers.elementwise import Elementwise, in_place
from archcalc.layers.fields import Rate, about


@kind("dropout", "regularization")
class Dropout(Elementwise, frozen=True):
    """Sets each element to 0 with probability `rate` in training; passes everything on in use.

    The rest is scaled by 1/(1 − rate) in training, so that nothing is left to do in use (Srivastava et al.
    2014, Dropout, section 10, and torch).

    Shape: that of the input.
    Parameters: none.
    Cost: nothing.
    Counting choices: costs are those of use, where dropout does nothing; its mask in training does not count,
    neither as work nor as activations.
    """

    rate: Annotated[Rate, about("probability that an element is set to 0")] = 0.5

    also_called = ("spatial_dropout", "alpha_dropout")
    arguments = ("rate",)
    examples = (
        in_place({}, (4096,), "nothing changes but the values"),
        in_place({"rate": 0.1}, (197, 768), "nothing changes but the values"),
    )

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """Nothing in use."""
        return Cost()

    @staticmethod
    def activations(x: Letters, out: tuple[Number, ...]) -> Number:
        """In place."""
        return 0

    def headline(self, inputs: Shapes) -> str:
        """The rate."""
        return f"{self.rate:g}"

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.Dropout."""
        return torch.nn.Dropout(self.rate)
