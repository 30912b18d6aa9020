"""An architecture calculator: shapes, parameters, multiplications and memory of a network, working shown."""

from __future__ import annotations

__version__ = "0.1.0"
