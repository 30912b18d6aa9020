"""How many layers and blocks a part of a network has."""

from __future__ import annotations

from collections.abc import Iterable

from archcalc.results.report import Row


def layers(rows: Iterable[Row], kind: str | None = None) -> int:
    """How many layers there are, or how many of one kind."""
    return sum(kind is None or row.kind == kind for row in rows)


def blocks(groups: Iterable[str], path: str = "") -> int:
    """How many blocks, groups and branches lie directly in a block; without a path, in the network."""
    inside = f"{path}." if path else ""
    return sum(group.startswith(inside) and "." not in group[len(inside) :] for group in groups)
