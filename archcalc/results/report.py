"""What analysis finds out: exact integers, frozen, and the convention they were counted by. No text, no colours."""

from __future__ import annotations

from typing import Any, NamedTuple

from archcalc.algebra.units import FLOPS_PER_MAC
from archcalc.layers.base import Cost, Shape, Shapes
from archcalc.results.receptive_field import ReceptiveField


class Convention(NamedTuple):
    """What is counted: the batch that cost and activations are for, the type of a number, and biases or not."""

    batch: int = 1
    dtype: str = "float32"
    bias: bool = True
    """Whether `params` counts biases; `weights` and `biases` are always given apart."""


class Row(NamedTuple):
    """One layer. Cost and activations are for the whole batch, shapes and parameters do not know the batch."""

    name: str
    kind: str
    sources: tuple[str, ...]
    inputs: Shapes
    output: Shape
    config: dict[str, Any]
    params: int
    weights: int
    biases: int
    shared_with: str | None
    """The layer whose weights it uses; they are counted there and only there."""
    head: str | None
    auxiliary: bool
    cost: Cost
    activations: int
    """Elements of new output; 0 for what happens in place or is a view."""
    receptive_field: ReceptiveField | None

    @property
    def macs(self) -> int:
        """Multiply-accumulates."""
        return int(self.cost.macs)

    @property
    def flops(self) -> int:
        """Floating-point operations: 2 a multiply-accumulate."""
        return FLOPS_PER_MAC * self.macs


class Totals(NamedTuple):
    """Sums over rows. Activations are the input's plus those of every row; bytes are of the dtype."""

    params: int
    weights: int
    biases: int
    cost: Cost
    activations: int
    input_activations: int
    param_bytes: int
    activation_bytes: int

    @property
    def macs(self) -> int:
        """Multiply-accumulates."""
        return int(self.cost.macs)

    @property
    def flops(self) -> int:
        """Floating-point operations: 2 a multiply-accumulate."""
        return FLOPS_PER_MAC * self.macs

    @property
    def total_bytes(self) -> int:
        """Parameters and activations together."""
        return self.param_bytes + self.activation_bytes


class Report(NamedTuple):
    """Everything that was counted about one network."""

    network: str
    title: str
    input: Shape
    convention: Convention
    rows: tuple[Row, ...]
    """In topological order, auxiliary heads among them."""
    totals: Totals
    """Without auxiliary heads."""
    totals_with_auxiliary: Totals | None
    """With them; None for a network that has none."""
    groups: dict[str, int]
    """The index of the last row of each block, group, branch and head, by path; -1 where that is the input."""
    depth: int
    """Convolutional and fully connected layers on the longest path, as "ResNet-152" counts."""
