"""Headlines: the settings that tell layers of a kind apart, in a few characters."""

from __future__ import annotations

from typing import Any

from archcalc.algebra.shapes import joined


def headline(*settings: str) -> str:
    """The settings that there are, one after another: `11×11 /4`."""
    return " ".join(filter(None, settings))


def extent(value: float | tuple[float, ...], axes: int) -> str:
    """A size along every one of so many axes: `11×11`."""
    return joined(value if isinstance(value, tuple) else (value,) * axes)


def step(stride: Any) -> str:
    """A stride: `/2`, or `/2×1` where the axes differ."""
    return f"/{_alike(stride)}"


def unless_one(form: str, value: Any) -> str:
    """A setting that goes without saying where it is 1 along every axis; `{}` in `form` is its value."""
    written = _alike(value)
    return "" if written == "1" else form.format(written)


def _alike(value: Any) -> str:
    if not isinstance(value, tuple):
        return str(value)
    return str(value[0]) if len(set(value)) == 1 else joined(value)
