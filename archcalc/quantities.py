"""The grammar that names a number everywhere: `[NET:]PATH.QUANTITY[.axis][(batch=128)]`.

`conv1.output`, `pool1.output.height`, `fc6.weights`, `3a.macs` (a block's path sums its layers),
`total.params`, `vgg16:total.weights`, `total.memory(batch=128)`, `conv1.kernel` (a key of the layer).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, NoReturn

from archcalc.errors import QuantityError
from archcalc.report import Report, Row, Totals
from archcalc.shapes import AXIS_INDEX, joined
from archcalc.text import did_you_mean, listing, printable, quote, sentence

Answer = int | Fraction | str | bool | tuple[Any, ...]
"""A count, a shape, or the setting of a key."""

TOTALS = {
    "total": "the network without auxiliary heads",
    "total_with_auxiliary": "the network with its auxiliary heads",
}
MEASURED = "error"
"""The path of what is measured and not calculated: `error.top5`."""

_GRAMMAR = re.compile(
    r"(?:(?P<network>[^:()]+):)?(?P<path>[A-Za-z0-9_.-]+)(?:\((?P<options>[^()]*)\))?", re.ASCII
)

SUMS: dict[str, Callable[[Row], int]] = {
    "params": lambda row: row.params,
    "weights": lambda row: row.weights,
    "biases": lambda row: row.biases,
    "macs": lambda row: row.macs,
    "flops": lambda row: row.flops,
    "multiplications": lambda row: int(row.cost.multiplications),
    "additions": lambda row: int(row.cost.additions),
    "comparisons": lambda row: int(row.cost.comparisons),
    "divisions": lambda row: int(row.cost.divisions),
    "exponentials": lambda row: int(row.cost.exponentials),
    "activations": lambda row: row.activations,
}
"""What a layer has and a block adds up."""

OF_TOTALS: dict[str, Callable[[Totals], int]] = {
    "params": lambda totals: totals.params,
    "weights": lambda totals: totals.weights,
    "biases": lambda totals: totals.biases,
    "macs": lambda totals: totals.macs,
    "flops": lambda totals: totals.flops,
    "multiplications": lambda totals: int(totals.cost.multiplications),
    "additions": lambda totals: int(totals.cost.additions),
    "comparisons": lambda totals: int(totals.cost.comparisons),
    "divisions": lambda totals: int(totals.cost.divisions),
    "exponentials": lambda totals: int(totals.cost.exponentials),
    "activations": lambda totals: totals.activations,
    "input_activations": lambda totals: totals.input_activations,
    "param_bytes": lambda totals: totals.param_bytes,
    "activation_bytes": lambda totals: totals.activation_bytes,
    "total_bytes": lambda totals: totals.total_bytes,
    "memory": lambda totals: totals.total_bytes,
}
"""What is asked of the whole network; `memory` is total_bytes: parameters and activations together."""

FIELDS = ("stride", "offset")


class Quantity(NamedTuple):
    """One name, taken apart."""

    text: str
    network: str | None
    path: str
    """The layer's or block's path, `total`, `total_with_auxiliary` or `error`."""
    name: str
    axis: str | None
    batch: int | None


def parse_name(text: str, known: Sequence[str] = ()) -> Quantity:
    """Take the name of a quantity apart. `known` are the paths that exist, so that dots fall in the right place.

    Raises QuantityError where the text does not follow the grammar.
    """
    match = _GRAMMAR.fullmatch(text.strip())
    parts = match["path"].split(".") if match else []
    if match is None or len(parts) < 2 or not all(parts):
        raise QuantityError(
            f"{quote(text)} names no quantity.",
            hint="Write PATH.QUANTITY, such as conv1.output, fc6.weights, pool1.output.height or total.params.",
        )
    batch = _batch(match["options"], text)
    paths = {*known, *TOTALS, MEASURED}
    for path, name, axis in (
        (".".join(parts[:-1]), parts[-1], None),
        (".".join(parts[:-2]), parts[-2], parts[-1]),
    ):
        if path in paths:
            return Quantity(text, match["network"], path, name, axis, batch)
    path = ".".join(parts[:-1])
    raise QuantityError(
        f"there is no layer or block {quote(path)}.",
        hint=sentence(did_you_mean(path, paths)) or "`archcalc summary NET` lists the layers by name.",
    )


def measure(text: str, report_at: Callable[[int | None], Report]) -> Answer:
    """The number that `text` names. `report_at(batch)` gives the report of the network at a batch (None: as is).

    Raises QuantityError for a name that does not exist, with the nearest one.
    """
    report = report_at(None)
    quantity = parse_name(text, [*(row.name for row in report.rows), *report.groups])
    if quantity.network not in (None, report.network):
        raise QuantityError(
            f"{quote(text)} is a quantity of {quote(str(quantity.network))}, not of {quote(report.network)}.",
            hint=f"Leave `{printable(str(quantity.network))}:` out, or ask that network.",
        )
    if quantity.batch is not None:
        report = report_at(quantity.batch)
    if quantity.path == MEASURED:
        raise QuantityError(f"{quote(text)} is measured, not calculated.")
    if quantity.path in TOTALS:
        return _of_totals(report, quantity)
    return _of_layers(report, quantity)


def members(report: Report, path: str) -> list[Row]:
    """The rows at or under a path: one for a layer, several for a block."""
    inside = f"{path}."
    return [row for row in report.rows if row.name == path or row.name.startswith(inside)]


def _of_totals(report: Report, quantity: Quantity) -> Answer:
    if quantity.name == "depth" and quantity.axis is None:
        return report.depth
    totals = report.totals
    if quantity.path == "total_with_auxiliary":
        if report.totals_with_auxiliary is None:
            raise QuantityError(f"{report.network} has no auxiliary heads.", hint="Ask for total instead.")
        totals = report.totals_with_auxiliary
    if quantity.name not in OF_TOTALS or quantity.axis is not None:
        _unknown(quantity, [*OF_TOTALS, "depth"])
    return OF_TOTALS[quantity.name](totals)


def _of_layers(report: Report, quantity: Quantity) -> Answer:
    rows = members(report, quantity.path)
    if quantity.name in SUMS and quantity.axis is None:
        return sum(SUMS[quantity.name](row) for row in rows)
    # The layer of that name, a join with its branches below it among them; else what the block ends in.
    layer = next((row for row in rows if row.name == quantity.path), None)
    index = report.groups.get(quantity.path, -1)
    end = layer if layer is not None or index < 0 else report.rows[index]
    given = _given(rows, quantity.path)
    if quantity.name == "output":
        return _axis(report.input if end is None else end.output, quantity)
    if quantity.name == "input" and given is not None:
        return _axis(given, quantity)
    if quantity.name == "receptive_field" and end is not None:
        return _field(end, quantity)
    config = {} if layer is None else layer.config
    if quantity.name in config and quantity.axis is None:
        value = config[quantity.name]
        return "none" if value is None else value
    shapes = ["output", *(["input"] if given else []), *(["receptive_field"] if end else [])]
    _unknown(quantity, [*SUMS, *shapes, *config])


def _given(rows: Sequence[Row], path: str) -> tuple[int, ...] | None:
    """The first shape that comes into a layer or block from outside; None if nothing does."""
    inside = f"{path}."
    for row in rows:
        for source, shape in zip(row.sources, row.inputs, strict=True):
            if not source.startswith(inside):
                return shape
    return None


def _axis(shape: tuple[int, ...], quantity: Quantity) -> Answer:
    if quantity.axis is None:
        return shape
    index = AXIS_INDEX.get(quantity.axis, {}).get(len(shape))
    if index is None:
        names = [name for name, by_rank in AXIS_INDEX.items() if len(shape) in by_rank]
        raise QuantityError(
            f"{quote(quantity.text)}: a shape of {joined(shape)} has no axis {quote(quantity.axis)}.",
            hint=f"Its axes are {listing(names, 'and')}." if names else None,
        )
    return shape[index]


def _field(row: Row, quantity: Quantity) -> Answer:
    field = row.receptive_field
    if field is None:
        raise QuantityError(f"{row.name} sees the whole input or none of it, or has no positions.")
    size = field.size
    if size is None:
        why = "a number of it exceeds 10¹²" if field.aligned else "branches that move differently are joined before it"
        raise QuantityError(f"{row.name} has no single receptive field: {why}.")
    if quantity.axis in (None, "size"):
        return size
    if quantity.axis in FIELDS:
        answer: tuple[Any, ...] = getattr(field, quantity.axis)
        return answer
    return _axis((row.output[0], *size), quantity)


def _batch(options: str | None, text: str) -> int | None:
    if options is None:
        return None
    match = re.fullmatch(r"\s*batch\s*=\s*([1-9][0-9]{0,8})\s*", options)
    if match is None:
        raise QuantityError(
            f"{quote(text)}: {quote(options)} is no option.", hint="Only batch is: total.memory(batch=128)."
        )
    return int(match[1])


def _unknown(quantity: Quantity, known: Sequence[str]) -> NoReturn:
    name = quantity.name if quantity.axis is None else f"{quantity.name}.{quantity.axis}"
    raise QuantityError(
        f"{quantity.path} has no {quote(name)}.",
        hint=sentence(did_you_mean(quantity.name, known)) or f"It has {listing(known, 'and')}.",
    )
