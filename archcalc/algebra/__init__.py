"""Traced numbers and their notation, units, the arithmetic of shapes. Knows words only."""

from __future__ import annotations
