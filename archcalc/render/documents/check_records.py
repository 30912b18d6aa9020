"""Checked networks for a spreadsheet: a row for every number that was compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from archcalc.algebra.shapes import joined
from archcalc.checks.checking import Check
from archcalc.checks.counterparts import Pair
from archcalc.render.formats.registry import Rows

HEADER = ("network", "layer", "quantity", "archcalc", "other", "by", "verdict")


def rows(checks: Sequence[Check], layers: bool = True) -> Rows:
    """Every number a row, under HEADER; programs always get every layer."""
    del layers
    return Rows(HEADER, _records(checks))


def _records(checks: Sequence[Check]) -> Iterator[tuple[str | int, ...]]:
    for check in checks:
        compared = list(_compared(check))
        known = set(compared)
        for layer, quantity, ours, theirs in compared:
            yield _record(check, layer, quantity, ours, "" if theirs is None else theirs)
        for found in check.differences:
            # What is no number of a layer: torch refused it, or ran a product that no layer has.
            if (found.layer, found.quantity, found.ours, found.theirs) not in known:
                yield _record(check, found.layer, found.quantity, found.ours, found.theirs)
        for judged in check.published:
            path, _, quantity = judged.figure.quantity.rpartition(".")
            ours = "" if judged.actual is None else judged.actual
            yield (
                *(check.network, path, quantity, _plain(ours), judged.figure.value, judged.figure.source),
                judged.verdict if judged.accounted or judged.verdict == "measured" else "unaccounted",
            )
        if check.counterparts is not None:
            for pair in check.counterparts.pairs:
                yield from _pair_records(check, check.counterparts.other, pair)


def _compared(check: Check) -> Iterator[tuple[str, str, Any, Any]]:
    """Every number of layers and totals: where, what, ours and theirs, None where a layer did not run."""
    for layer in check.layers:
        for quantity, ours in layer.ours._asdict().items():
            yield (
                layer.name,
                quantity,
                ours,
                None if layer.theirs is None else getattr(layer.theirs, quantity),
            )
    for total in check.totals:
        named = total.ours + sum(entry.value for entry in total.entries)
        yield "total", total.quantity, named, total.theirs


def _record(check: Check, layer: str, quantity: str, ours: Any, theirs: Any) -> tuple[str | int, ...]:
    verdict = "agrees" if ours == theirs else "differs"
    return check.network, layer, quantity, _plain(ours), _plain(theirs), check.witness or "", verdict


def _pair_records(check: Check, other: str, pair: Pair) -> Iterator[tuple[str | int, ...]]:
    unit = pair.ours or pair.theirs
    assert unit is not None
    for quantity in ("output", "params", "macs"):
        ours, theirs = (
            "" if side is None or getattr(side, quantity) is None else _plain(getattr(side, quantity))
            for side in (pair.ours, pair.theirs)
        )
        yield check.network, unit.name, quantity, ours, theirs, other, pair.verdict


def _plain(value: Any) -> str | int:
    """A number as it is, a shape as `3x227x227`."""
    if isinstance(value, tuple):
        return joined(value).replace("×", "x")
    return value if isinstance(value, int) else str(value)
