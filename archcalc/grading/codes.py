"""What mistakes are called by programs, so that an assignment can say what each is worth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from archcalc.grading.model import Sort

SORTS: tuple[Sort, ...] = get_args(Sort)
"""Where a mistake lies."""

UNIT_MISSING = "unit-missing"
UNIT_WRONG = "unit-wrong"
IMPRECISE = "imprecise"
"""Right as far as it goes, where more was wanted: 138M for 138,357,544."""

BESIDE = (UNIT_MISSING, UNIT_WRONG, IMPRECISE)
"""What can be held against an answer beside a mistake in its value."""

MISTAKES = (
    "padding-forgotten", "padding-once", "one-forgotten", "minus-one-forgotten",
    "output-padding-forgotten", "ceiling-for-floor", "floor-for-ceiling", "stride-ignored",
    "dilation-ignored", "dilation-times-kernel", "kernel-whole", "layer-without-view", "not-transposed",
    "bias-forgotten", "bias-counted", "one-bias", "bias-per-channel", "bias-per-kernel",
    "scale-and-shift-forgotten", "running-statistics-counted", "input-channels-ignored",
    "groups-ignored", "one-group", "output-for-input-channels", "input-for-output-channels",
    "one-filter", "kernel-once", "kernel-ignored", "pooling-parameters", "pooling-macs",
    "output-projection-forgotten", "one-projection", "positions-forgotten", "positions-once",
    "input-positions", "bias-in-macs", "scores-forgotten", "channels-only", "positions-only",
    "one-axis-left-out", "in-place-counted", "output-not-counted", "channels-of-another-layer",
    "filters-of-another-layer", "kernel-of-another-layer", "stride-of-another-layer",
    "padding-of-another-layer", "branch-left-out", "branch-twice", "other-axis", "axes-order",
    "axis-left-out", "other-setting", "auxiliary-counted", "auxiliary-left-out", "total-for-layer",
    "layer-for-total", "block-for-layer", "layer-before", "layer-after", "other-layer",
    "layer-left-out", "layer-twice", "only-kind", "kind-left-out", "kind-counted-as-layer",
    "branches-counted", "input-left-out", "batch-forgotten",
    "parameters-times-batch", "opposite-end", "ratio-upside-down", "difference-for-ratio",
    "divisor-forgotten", "complement", "excess-for-ratio", "difference-reversed",
    "ratio-for-difference", "sum-for-difference", "subtrahend-forgotten", "term-left-out", "term-twice",
    "factor-left-out", "decimal-for-binary", "binary-for-decimal", "bits-for-bytes", "bytes-over-eight",
    "element-bytes-forgotten", "bytes-for-elements", "other-dtype", "unit-missing", "factor-1000",
    "factor-100", "factor-10", "bytes-called-bits", "macs-called-flops", "flops-called-macs",
)  # fmt: skip
"""Every mistake that has a name of its own."""

QUANTITIES = (
    "params", "weights", "biases", "macs", "flops", "activations", "input-activations", "memory",
    "total-bytes", "param-bytes", "activation-bytes", "output", "input", "multiplications", "additions",
    "layers", "blocks", "depth",
)  # fmt: skip
"""What is counted: one given for the other is a mistake called after both, `macs-for-flops`."""

RARE = frozenset(
    (
        *("dilation-times-kernel", "kernel-whole", "layer-without-view", "kernel-ignored"),
        *("one-bias", "bias-per-channel", "bias-per-kernel", "one-group", "one-filter", "bias-in-macs"),
        *("positions-once", "positions-only", "one-axis-left-out", "in-place-counted", "output-not-counted"),
        *("input-for-output-channels", "filters-of-another-layer", "kernel-of-another-layer"),
        *("stride-of-another-layer", "padding-of-another-layer", "pooling-macs", "other-setting"),
        *("biases-for-params", "only-kind", "kind-left-out", "bytes-over-eight", "bytes-for-elements"),
        *("factor-100", "factor-10", "complement", "excess-for-ratio", "sum-for-difference"),
        *("term-twice", "other-layer"),
    )
)
"""Mistakes so seldom made that they are thought of only where no other explains the number."""


def known() -> Iterator[str]:
    """Every code of a mistake."""
    yield from MISTAKES
    yield from (code for code in BESIDE if code not in MISTAKES)
    yield from (f"{given}-for-{asked}" for given in QUANTITIES for asked in QUANTITIES if given != asked)
