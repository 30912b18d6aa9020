"""Short words for layers: `conv 11×11 /4`, `max_pool 3×3 /2 + relu`, `10 layers`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from archcalc.folding import Fold
from archcalc.layers import KINDS
from archcalc.layers.windows import Windowed
from archcalc.render.sheet import Label
from archcalc.report import Row
from archcalc.shapes import joined

# The settings that tell layers of a kind apart at a glance, and how they are written; {} is the value.
_SETTINGS = {
    "kernel": "{}",
    "window": "{}",
    "stride": "/{}",
    "dilation": "dilation {}",
    "groups": "groups {}",
    "heads": "{} heads",
    "factor": "×{}",
    "size": "{}",
    "rate": "{}",
}
_UNLESS = {"dilation": 1, "groups": 1}

MOST_NAMED = 4
"""Layers that work in place on one row's layer and are named beside it; of more only the number is said."""


def described(fold: Fold) -> Label:
    """What a fold is: the kind of its layer with the numbers that matter, or how many blocks or layers it has."""
    if not fold.is_group:
        first, *others = fold.rows
        tail = [f"+ {row.kind}" for row in others[:MOST_NAMED]]
        if len(others) > MOST_NAMED:
            tail.append(f"+ {len(others) - MOST_NAMED} more")
        return Label(layer(first), tuple(tail))
    layers = _plural(len(fold.rows), "layer")
    blocks = _blocks(fold)
    if blocks:
        return Label(_plural(blocks, "block"), (f"({layers})",))
    kinds = Counter(row.kind for row in fold.rows if KINDS[row.kind].counts_as_layer)
    counts = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    return Label(layers, (f"({counts})",) if counts else ())


def _blocks(fold: Fold) -> int:
    """How many blocks or groups a fold consists of; 0 where layers stand beside them."""
    paths = [row.name[len(fold.name) + 1 :].split(".") for row in fold.rows]
    return len({path[0] for path in paths}) if all(len(path) > 1 for path in paths) else 0


def _plural(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count != 1 else ''}"


def layer(row: Row) -> str:
    """A layer's kind with its main numbers: `conv 11×11 /4`."""
    return " ".join([row.kind, *_settings(row)])


def shape(fold: Fold) -> Label:
    """The output of a fold: `96×55×55`, or `256×6×6 = 9216` where it is flattened."""
    flattened = () if fold.output == fold.last_output else (f"= {joined(fold.last_output)}",)
    return Label(joined(fold.output), flattened)


def _settings(row: Row) -> Iterator[str]:
    spatial = len(row.inputs[0]) - 1 if row.inputs and issubclass(KINDS[row.kind], Windowed) else 0
    for name, form in _SETTINGS.items():
        value = row.config.get(name)
        if name == "stride" and value is None and "stride" in row.config:
            value = row.config["window"]
        if value is None or value == _UNLESS.get(name) or (name == "stride" and _is_unit(value, row)):
            continue
        if name in ("stride", "dilation"):
            yield form.format(_one_or_many(value))
        elif name in ("kernel", "window", "size") and spatial and not isinstance(value, tuple):
            yield form.format(joined((value,) * spatial))
        else:
            yield form.format(_number(value))


def _is_unit(value: Any, row: Row) -> bool:
    """Whether a stride goes without saying: 1, except for pools, whose stride is their window by default."""
    return "kernel" in row.config and (value == 1 or (isinstance(value, tuple) and set(value) == {1}))


def _one_or_many(value: Any) -> str:
    """`2` or, where the axes differ, `2×1`."""
    if isinstance(value, tuple) and len(set(value)) == 1:
        return _number(value[0])
    return _number(value)


def _number(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return joined(value)
    if isinstance(value, float | Fraction):
        return f"{float(value):g}"
    return str(value)
