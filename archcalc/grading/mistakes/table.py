"""The table of all mistakes, put together from the rows of each family.

Whoever finds mistakes, prices, tells or documents them reads it here. The order of the rows is that in which causes
are told where there are two.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from archcalc.grading.mistakes import (
    arithmetic,
    asked,
    beside,
    biases,
    by_kind,
    instead,
    maps,
    neighbours,
    parameters,
    places,
    products,
    sums,
    units,
    windows,
)
from archcalc.grading.mistakes.rows import KnownMistake, Misreading

W = TypeVar("W")

FAMILIES = {
    "windows": windows,
    "biases and norms": biases,
    "parameters": parameters,
    "multiply-accumulates": products,
    "shapes and activations": maps,
    "pools, transposes and attention": by_kind,
    "letters of another layer": neighbours,
    "what was asked": asked,
    "another quantity": instead,
    "another place": places,
    "sums": sums,
    "arithmetic": arithmetic,
    "units": units,
    "how it is written": beside,
}
"""The modules of the rows, by what they are about."""


class Table(dict[str, KnownMistake]):
    """Rows by their codes, and by what they are made in; two of one code are a TypeError."""

    def __init__(self, rows: Iterable[KnownMistake]) -> None:
        super().__init__()
        self._ways: dict[type, tuple[tuple[KnownMistake, Any], ...]] = {}
        for row in rows:
            if not isinstance(row, KnownMistake):
                raise TypeError(f"a row of the table has to be a KnownMistake, not {type(row).__name__}")
            if row.code in self:
                raise TypeError(f"the mistake {row.code!r} is in the table twice")
            self[row.code] = row

    def __setitem__(self, code: str, row: KnownMistake) -> None:
        super().__setitem__(code, row)
        self._ways.clear()

    def ways(self, kind: type[W]) -> tuple[tuple[KnownMistake, W], ...]:
        """Every row that has ways of one kind, once with each of them."""
        if kind not in self._ways:
            self._ways[kind] = tuple(
                (row, way) for row in self.values() for way in row.ways if isinstance(way, kind)
            )
        return self._ways[kind]


TABLE = Table(row for module in FAMILIES.values() for row in module.MISTAKES)
"""Every mistake by its code."""


def ways(kind: type[W]) -> tuple[tuple[KnownMistake, W], ...]:
    """Every row of the table that has ways of one kind, once with each of them."""
    return TABLE.ways(kind)


def in_rules() -> tuple[Misreading, ...]:
    """Every mistake in the rules of a layer, one for each way to make it."""
    return tuple(one for row in TABLE.values() for one in row.misconceptions)


def is_seldom(code: str) -> bool:
    """Whether a mistake is thought of only where no other explains the number."""
    return TABLE[code].rarity == "seldom"
