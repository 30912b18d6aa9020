"""What analysis finds out: exact integers, frozen, and the convention they were counted by. No text, no colours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

from archcalc.layers import KINDS
from archcalc.layers.base import Shape, Shapes
from archcalc.network.orders import OtherOrder
from archcalc.results.counts import Convention, Counted
from archcalc.results.receptive_field import ReceptiveField


class Row(Counted, frozen=True, kw_only=True):
    """One layer. What is counted is for the whole batch, shapes and parameters do not know the batch."""

    name: str
    kind: str
    sources: tuple[str, ...]
    inputs: Shapes
    output: Shape
    config: dict[str, Any]
    shared_with: str | None
    """The layer whose weights it uses; they are counted there and only there."""
    head: str | None
    auxiliary: bool
    receptive_field: ReceptiveField | None


def depth(rows: Iterable[Row]) -> int:
    """Convolutional and fully connected layers on the longest path through some rows, in topological order."""
    deep: dict[str, int] = {}
    for row in rows:
        before = 0
        for source in row.sources:
            before = max(before, deep.get(source, 0))
        deep[row.name] = before + KINDS[row.kind].counts_as_layer
    return max(deep.values(), default=0)


class RepeatedProducts(NamedTuple):
    """Layers that multiply tensors which are repeated against each other, as a matrix product does, without MACs."""

    layers: tuple[str, ...]
    multiplications: int


class Namesake(NamedTuple):
    """Another network of the catalogue that libraries mean by the title of this one."""

    title: str
    other: str


Remark: TypeAlias = OtherOrder | RepeatedProducts | Namesake
"""Something that is right as written and often meant otherwise."""


class Report(NamedTuple):
    """Everything that was counted about one network."""

    network: str
    title: str
    input: Shape
    convention: Convention
    rows: tuple[Row, ...]
    """In topological order, auxiliary heads among them."""
    totals: Counted
    """Without auxiliary heads."""
    totals_with_auxiliary: Counted | None
    """With them; None for a network that has none."""
    groups: dict[str, int]
    """The index of the last row of each block, group, branch and head, by path; -1 where that is the input."""
    output: int | None
    """The index of the row that the main way ends in; None if only heads go out."""
    file: str = ""
    """The file that its spec stands in, as messages name it."""
    remarks: tuple[Remark, ...] = ()

    @property
    def depth(self) -> int:
        """Convolutional and fully connected layers on the longest path, as "ResNet-152" counts."""
        return depth(row for row in self.rows if not row.auxiliary)
