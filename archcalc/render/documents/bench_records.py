"""Measured times for a spreadsheet: every figure and the whole environment in each line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from archcalc.algebra.shapes import joined
from archcalc.render.formats.registry import Rows
from archcalc.timing.measurement import Ceiling, Comparison, Measurement, Power, Times, WarmUp


def rows(measurements: Sequence[Measurement]) -> Rows:
    """A row a batch, or a row a layer where layers were timed."""
    found = [row for one in measurements for row in _rows(one)]
    header = tuple(dict.fromkeys(key for row in found for key in row))
    return Rows(header, (tuple(_plain(row.get(key)) for key in header) for row in found))


def _rows(found: Measurement) -> Iterator[dict[str, Any]]:
    general = dict(_flat(found))
    general["input"] = joined(found.input).replace("×", "x")
    del general["layers"]
    for layer in found.layers:
        yield general | dict(_flat(layer, "layer."))
    if not found.layers:
        yield general


_PARTS: dict[str, type[Struct]] = {
    "wall": Times,
    "events": Times,
    "warm_up": WarmUp,
    "ceiling": Ceiling,
    "power": Power,
    "earlier": Comparison,
}
"""What may be missing in a measurement: its columns are there all the same."""


def _flat(values: Struct, before: str = "") -> Iterator[tuple[str, Any]]:
    for key in values.__struct_fields__:
        value = getattr(values, key)
        if value is None and key in _PARTS:
            yield from ((f"{before}{key}.{part}", None) for part in _PARTS[key].__struct_fields__)
        elif isinstance(value, Struct):
            yield from _flat(value, f"{before}{key}.")
        elif isinstance(value, Mapping):
            yield f"{before}{key}", _pairs(value)
        else:
            yield f"{before}{key}", value


def _pairs(values: Mapping[str, object]) -> str:
    return "; ".join(
        f"{key}={' → '.join(value) if isinstance(value, tuple) else value}" for key, value in values.items()
    )


def _plain(value: Any) -> str | int:
    """A value as a spreadsheet takes it: plain numbers, `true` and `false`, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, int) else str(value)
