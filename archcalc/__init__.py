"""An architecture calculator: shapes, parameters, multiplications and memory of a network, with the working."""

from __future__ import annotations

__version__ = "0.1.0"
