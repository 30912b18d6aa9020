"""The kinds of layers: a class a kind, a module a family. Importing this package registers all of them."""

from __future__ import annotations

from archcalc.layers import (
    activation,
    convolution,
    learned,
    linear,
    normalization,
    pooling,
    regularization,
)
from archcalc.layers.base import KINDS, Layer

__all__ = [
    "KINDS",
    "Layer",
    "activation",
    "convolution",
    "learned",
    "linear",
    "normalization",
    "pooling",
    "regularization",
]
