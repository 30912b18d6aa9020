"""The table of all mistakes, put together from the rows of each family.

Whoever finds mistakes, prices, tells or documents them reads it here. The order of the rows is that in which causes
are told where there are two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

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
from archcalc.grading.mistakes.rows import KnownMistake, Misconception

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


def table_of(rows: Iterable[KnownMistake]) -> dict[str, KnownMistake]:
    """Rows by their codes; two of one code are a TypeError."""
    found: dict[str, KnownMistake] = {}
    for row in rows:
        if row.code in found:
            raise TypeError(f"the mistake {row.code!r} is in the table twice")
        found[row.code] = row
    return found


TABLE: dict[str, KnownMistake] = table_of(row for module in FAMILIES.values() for row in module.MISTAKES)
"""Every mistake by its code."""


def ways(kind: type[W]) -> Iterator[tuple[KnownMistake, W]]:
    """Every row that has ways of one kind, once with each of them."""
    return ((row, way) for row in TABLE.values() for way in row.ways if isinstance(way, kind))


def in_rules() -> tuple[Misconception, ...]:
    """Every mistake in the rules of a layer, one for each way to make it."""
    return tuple(one for row in TABLE.values() for one in row.misconceptions)


def is_seldom(code: str) -> bool:
    """Whether a mistake is thought of only where no other explains the number."""
    return TABLE[code].rarity == "seldom"
