"""The kinds of layers: a class a kind, a module a family. Importing this package registers all of them."""

from __future__ import annotations

from archcalc.layers import (
    activation,
    attention,
    borders,
    convolution,
    joins,
    learned,
    linear,
    normalization,
    pooling,
    reduction,
    regularization,
    resampling,
    shaping,
    shuffling,
)
from archcalc.layers.base import KINDS, Layer

__all__ = [
    "KINDS",
    "Layer",
    "activation",
    "attention",
    "borders",
    "convolution",
    "joins",
    "learned",
    "linear",
    "normalization",
    "pooling",
    "reduction",
    "regularization",
    "resampling",
    "shaping",
    "shuffling",
]
