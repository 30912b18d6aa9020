"""The kinds of layers: a class a kind, a module a family. Importing this package registers all of them."""

from __future__ import annotations

from archcalc.layers import convolution, linear, pooling
from archcalc.layers.base import KINDS, Layer

__all__ = ["KINDS", "Layer", "convolution", "linear", "pooling"]
