"""How many layers and blocks a part of a network has, and how deep it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archcalc.layers import KINDS
from archcalc.results.report import Row


def layers(rows: Iterable[Row], kind: str | None = None) -> int:
    """How many layers there are, or how many of one kind."""
    return sum(kind is None or row.kind == kind for row in rows)


def blocks(groups: Iterable[str], path: str = "") -> int:
    """How many blocks, groups and branches lie directly in a block; without a path, in the network."""
    inside = f"{path}." if path else ""
    return sum(group.startswith(inside) and "." not in group[len(inside) :] for group in groups)


def depth(rows: Sequence[Row]) -> int:
    """Convolutional and fully connected layers on the longest path through some rows, in topological order."""
    deep: dict[str, int] = {}
    for row in rows:
        before = max((deep[source] for source in row.sources if source in deep), default=0)
        deep[row.name] = before + KINDS[row.kind].counts_as_layer
    return max(deep.values(), default=0)
