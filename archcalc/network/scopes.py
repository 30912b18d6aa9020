"""Scopes: where names are given and looked up, from the innermost outwards."""

from __future__ import annotations

from collections.abc import Mapping

from archcalc.layers.base import Shape
from archcalc.network.graph import LONGEST_PATH, too_long
from archcalc.spec.spec import Block
from archcalc.spec.values import Values, derived
from archcalc.words.errors import NetworkError
from archcalc.words.text import did_you_mean, quote, sentence


class Scope:
    """The network, a block, a group, a repeat or a branch: what its items are called and what they can see."""

    __slots__ = ("block", "counters", "entry", "joins", "labels", "parent", "prefix", "units", "values")

    def __init__(
        self, parent: Scope | None, prefix: str, entry: int, values: Values, block: Block | None = None
    ) -> None:
        if len(prefix) > LONGEST_PATH:
            raise too_long(prefix)
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

    def find(self, text: str, paths: Mapping[str, int]) -> tuple[int, bool]:
        """The node that a name means, looked up outwards, and whether it lies outside the innermost block.

        `paths` are all that there are so far. Raises NetworkError, with the nearest one, if it is not among them.
        """
        here: Scope | None = self
        outside = False
        while here is not None:
            found = here.labels.get(text, paths.get(here.prefix + text))
            if found is not None:
                return found, outside
            outside = outside or here.block is not None
            here = here.parent
        near = [path[len(self.prefix) :] for path in paths if path.startswith(self.prefix)]
        raise NetworkError(
            f"there is no layer {quote(text)} before this one.",
            hint=sentence(did_you_mean(text, [*self.labels, *near, *paths, "input"]))
            or "Name an earlier layer, a label given with `as:`, or input.",
        )

    def about_input(self) -> str:
        """What `input` means here, where it is often taken for something else: in a group it is not its own."""
        if self.parent is None or self.block is not None:
            return ""
        outer: Scope | None = self
        while outer is not None and outer.block is None:
            outer = outer.parent
        whole = f"block {quote(outer.block.name)}" if outer is not None and outer.block else "the network"
        return f"`input` is what reaches {whole} here: to go on from a group's own input, make it a block."
