"""Layers whose output has the shape of their input: what activations, norms, dropout and scales share."""

from __future__ import annotations

from typing import Any

from archcalc.layers.axes import GLOSSARY
from archcalc.layers.base import Example, Letters, Number, Shape, Shapes
from archcalc.layers.traits import Fresh, Unlearned
from archcalc.layers.views import View, here


class Elementwise(Unlearned, Fresh, frozen=True):
    """A layer that keeps the shape, learns nothing and sees one position; its kinds say what differs."""

    glossary = GLOSSARY

    def read(self, inputs: Shapes) -> Letters:
        """The shape of the input."""
        return Letters(shape=inputs[0])

    @staticmethod
    def output(x: Letters) -> tuple[Number, ...]:
        """The shape of the input."""
        return tuple(x.shape)

    @staticmethod
    def view(x: Letters) -> View:
        """The same position."""
        return here(len(x.shape))


def kept(
    fields: dict[str, Any],
    shape: Shape,
    working: str = "the shape stays; nothing is learned",
    *,
    weights: int = 0,
    biases: int = 0,
    **more: Any,
) -> Example:
    """A worked example of a layer that keeps the shape and does element-wise work only: no MACs."""
    return Example(
        fields, (shape,), output=shape, weights=weights, biases=biases, macs=0, working=working, **more
    )


def in_place(fields: dict[str, Any], shape: Shape, *working: str, **more: Any) -> Example:
    """The same of a layer that keeps nothing apart from its input."""
    return kept(fields, shape, *working, activations=0, **more)
