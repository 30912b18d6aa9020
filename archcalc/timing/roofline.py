"""What a step's MACs and bytes would lead one to expect: the time that a device's peaks allow, layer by layer.

A layer needs the time of its products at the peak of their arithmetic, and the time to move its tensors at
the bandwidth of the memory; the roofline (Williams, Waterman & Patterson 2009) is the longer of the two. It
is summed up over the layers, because they run one after the other and each begins with its input in memory.
A tensor is moved once: every input and every weight read, the output written. What happens in place or is a
view, element-wise activations among it, is free, as it can be part of the layer before.

Backward, a layer with products has them again for the gradient of its weights, and once more for that of its
input, unless nothing before it learns. For each of the two its tensors are moved again. Layers that learn
without products (norms) move theirs once more; other layers count nothing, so that this stays a lower bound.
The optimizer, SGD with momentum, reads weight, gradient and momentum, and writes weight and momentum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archcalc.algebra.symbols import prod
from archcalc.algebra.units import FLOPS_PER_MAC
from archcalc.layers import KINDS
from archcalc.results.report import Report, Row
from archcalc.timing.measurement import Arithmetic, Ceiling

OPTIMIZER_MOVES = 5


class Pass(NamedTuple):
    """One way through a layer, for the whole batch."""

    macs: int
    moved: int
    """Elements read and written."""


class Work(NamedTuple):
    """What one layer does in a step."""

    name: str
    kind: str
    passes: tuple[Pass, ...]
    """Forward, and backward in training."""

    @property
    def macs(self) -> int:
        """Multiply-accumulates of all passes."""
        return sum(one.macs for one in self.passes)


def work_of(report: Report, training: bool) -> tuple[Work, ...]:
    """What each layer does in a step on the report's batch. Auxiliary heads run in training only."""
    return tuple(_works(report, training))


def _works(report: Report, training: bool) -> Iterator[Work]:
    learns = {"input": False}
    for row in report.rows:
        before = any(learns[source] for source in row.sources)
        has_weights = bool(row.weights or row.biases or row.shared_with)
        learns[row.name] = before or has_weights
        if row.auxiliary and not training:
            continue
        forward = Pass(row.macs, _moved(row, report.convention.batch))
        yield Work(
            row.name,
            row.kind,
            (forward, *([_backward(forward, before, has_weights)] if training else [])),
        )


def _moved(row: Row, batch: int) -> int:
    if not row.activations:
        return 0
    weights = row.weights + row.biases if row.macs else 0
    return batch * (sum(map(prod, row.inputs)) + prod(row.output)) + weights


def _backward(forward: Pass, input_learns: bool, has_weights: bool) -> Pass:
    if forward.macs:
        gradients = has_weights + input_learns
        return Pass(gradients * forward.macs, gradients * forward.moved)
    return Pass(0, forward.moved if has_weights else 0)


class Bytes(NamedTuple):
    """Bytes of an element as a configuration has them."""

    activation: int
    weight: int
    """Of the weights that the optimizer changes; under autocast they are float32."""


def product_seconds(works: Sequence[Work], arithmetic: Arithmetic, ceiling: Ceiling) -> float | None:
    """The time that all products need at the peak of the arithmetic they are really computed in.

    None where that peak is not known.
    """
    total = 0.0
    for work in works:
        if work.macs:
            peak = _peak(work.kind, arithmetic, ceiling)
            if peak is None:
                return None
            total += FLOPS_PER_MAC * work.macs / peak
    return total


def layer_seconds(work: Work, arithmetic: Arithmetic, ceiling: Ceiling, size: Bytes) -> float | None:
    """The roofline of one layer; None where its peak or the bandwidth is not known."""
    peak = _peak(work.kind, arithmetic, ceiling)
    if ceiling.bandwidth is None or (peak is None and work.macs):
        return None
    bandwidth = ceiling.bandwidth * 1e9
    return sum(
        max(
            FLOPS_PER_MAC * one.macs / peak if peak else 0.0,
            size.activation * one.moved / bandwidth,
        )
        for one in work.passes
    )


def step_seconds(
    works: Sequence[Work], arithmetic: Arithmetic, ceiling: Ceiling, size: Bytes
) -> float | None:
    """The roofline of all layers, without the optimizer; None where a peak or the bandwidth is not known."""
    total = 0.0
    for work in works:
        seconds = layer_seconds(work, arithmetic, ceiling, size)
        if seconds is None:
            return None
        total += seconds
    return total


def optimizer_seconds(params: int, ceiling: Ceiling, size: Bytes) -> float:
    """The time to move what one step of the optimizer moves; 0 where the bandwidth is not known."""
    if ceiling.bandwidth is None:
        return 0.0
    return OPTIMIZER_MOVES * size.weight * params / (ceiling.bandwidth * 1e9)


def _peak(kind: str, arithmetic: Arithmetic, ceiling: Ceiling) -> float | None:
    """FLOP/s at best for the products of a kind."""
    is_convolution = KINDS[kind].convolves
    tflops = ceiling.tflops.get(arithmetic.convolutions if is_convolution else arithmetic.products)
    return None if tflops is None else tflops * 1e12
