"""What kinds of several families have in common: nothing learned, nothing computed, an output that is new."""

from __future__ import annotations

from typing import Any

from archcalc.algebra.symbols import prod
from archcalc.layers.base import Cost, Example, Layer, Letters, Number, Shape


class Unlearned(Layer, frozen=True):
    """A layer without parameters."""

    @staticmethod
    def weights(x: Letters) -> Number:
        """Nothing is learned."""
        return 0

    @staticmethod
    def biases(x: Letters) -> Number:
        """Nothing is learned."""
        return 0


class Uncomputed(Layer, frozen=True):
    """A layer that only copies, looks up or reads in another way."""

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """Nothing is computed."""
        return Cost()


class Fresh(Layer, frozen=True):
    """A layer whose output is kept apart from its input."""

    @staticmethod
    def activations(x: Letters, out: tuple[Number, ...]) -> Number:
        """The output is new."""
        return prod(out)


def moved(fields: dict[str, Any], came: Shape, output: Shape, working: str, **more: Any) -> Example:
    """A worked example of a layer that learns nothing and multiplies nothing; `more` is what else it says."""
    return Example(fields, (came,), output=output, weights=0, biases=0, macs=0, working=working, **more)


def viewed(fields: dict[str, Any], came: Shape, output: Shape, working: str) -> Example:
    """The same of a layer whose output is a view of its input."""
    return moved(fields, came, output, working, activations=0)
