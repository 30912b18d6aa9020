"""Scopes: where names are given and looked up, from the innermost outwards."""

from __future__ import annotations

from collections.abc import Mapping

from archcalc.layers.base import Shape
from archcalc.spec import Block
from archcalc.values import Values, derived


class Scope:
    """The network, a block, a group, a repeat or a branch: what its items are called and what they can see."""

    __slots__ = ("block", "counters", "entry", "joins", "labels", "parent", "prefix", "units", "values")

    def __init__(
        self, parent: Scope | None, prefix: str, entry: int, values: Values, block: Block | None = None
    ) -> None:
        self.parent = parent
        self.prefix = prefix
        """The path of the scope with a dot at its end; empty for the network."""
        self.entry = entry
        """The node that `from: input` means: what reaches the innermost block."""
        self.values = values
        self.block = block
        self.counters: dict[str, int] = {}
        self.units = 0
        self.joins = 0
        # Labels belong to the block (or the network), so that repeats and branches of it can hand them on.
        self.labels: dict[str, int] = {} if parent is None or block is not None else parent.labels

    def inside(self, name: str) -> Scope:
        """The scope of a group, a repeat or a branch called `name`."""
        return Scope(self, f"{self.prefix}{name}.", self.entry, self.values)

    def names(self, shape: Shape) -> Values:
        """All that `$` knows here, where `shape` reaches the item."""
        return {**derived(shape), **self.values}

    def count(self, kind: str) -> int:
        """The ordinal of the next layer of a kind; layers with a name of their own are counted too."""
        ordinal = self.counters.get(kind, 0) + 1
        self.counters[kind] = ordinal
        return ordinal

    def unit(self, name: str | None) -> str:
        """The name of a block or a group: its own, or the next number."""
        if name is not None:
            return name
        self.units += 1
        return str(self.units)

    def find(self, text: str, paths: Mapping[str, int]) -> tuple[int, bool] | None:
        """The node that a name means, and whether it lies outside the innermost block; None if there is none."""
        here: Scope | None = self
        outside = False
        while here is not None:
            found = here.labels.get(text, paths.get(here.prefix + text))
            if found is not None:
                return found, outside
            outside = outside or here.block is not None
            here = here.parent
        return None
