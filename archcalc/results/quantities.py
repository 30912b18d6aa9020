"""The grammar that names a number everywhere: `[NET:]PATH.QUANTITY[.axis][(batch=128)]`.

`conv1.output`, `pool1.output.height`, `fc6.weights`, `3a.macs` (a block's path sums its layers),
`total.params`, `vgg16:total.weights`, `total.memory(batch=128)`, `conv1.kernel` (a key of the layer). A path alone
names the layer or block itself, and wins where a layer is called as a quantity is.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, NoReturn

from archcalc.algebra.shapes import AXIS_INDEX, joined, spatial_name
from archcalc.algebra.units import grouped
from archcalc.layers import KINDS
from archcalc.results import structure
from archcalc.results.counts import COUNTS, OF_LAYERS, Counted, added
from archcalc.results.report import Report, Row, depth
from archcalc.results.unseen import Reason, Unseen, last_seen, sentence_of, unseen
from archcalc.spec import catalog
from archcalc.words.errors import QuantityError
from archcalc.words.text import did_you_mean, listing, printable, quote, sentence

Answer = int | Fraction | str | bool | tuple[Any, ...]
"""A count, a shape, or the setting of a key."""


class Setting(tuple[Any, ...]):
    """The list that a key of a layer has, no shape: it is written as YAML has it."""

    __slots__ = ()


TOTALS = {
    "total": "the network without auxiliary heads",
    "total_with_auxiliary": "the network with its auxiliary heads",
}
MEASURED = "error"
"""The path of what is measured and not calculated: `error.top5`."""

_GRAMMAR = re.compile(
    r"(?:(?P<network>[^:()]+):)?(?P<path>[A-Za-z0-9_.-]+)(?:\((?P<options>[^()]*)\))?", re.ASCII
)


FIELDS = ("stride", "offset")

STRUCTURE = ("layers", "blocks", "depth")
"""What can be counted of a block and of the network; `layers.conv` counts the layers of one kind."""


class QuantityName(NamedTuple):
    """One name, taken apart."""

    text: str
    network: str | None
    path: str
    """The layer's or block's path, `total`, `total_with_auxiliary` or `error`."""
    name: str
    """Empty where the text is a path alone."""
    axis: str | None
    batch: int | None

    @property
    def rest(self) -> str:
        """What stands behind the path: the name, with its axis."""
        return self.name if self.axis is None else f"{self.name}.{self.axis}"


def parse_name(
    text: str, known: Iterable[str] = (), network: str | None = None, file: str = ""
) -> QuantityName:
    """Take the name of a quantity, or a path alone, apart. `known` are the paths that exist, of `network`.

    `file` is where its spec stands, for what is said of a path that does not exist.

    Raises QuantityError where the text does not follow the grammar, is of another network, or has no such path.
    """
    # The name of a file may have signs that the grammar does not know.
    bare = text.strip().removeprefix(f"{network}:")
    match = _GRAMMAR.fullmatch(bare)
    parts = match["path"].split(".") if match else []
    if match is None or not all(parts):
        raise QuantityError(
            f"{quote(text)} names no layer, block or quantity.",
            hint="Write PATH or PATH.QUANTITY, such as conv1, fc6.weights, pool1.output.height or total.params.",
        )
    other = match["network"]
    if other is not None and network is not None:
        raise QuantityError(
            f"{quote(text)} is of {quote(other)}, not of {quote(network)}.",
            hint=f"Leave `{printable(other)}:` out, or ask that network.",
        )
    batch = _batch(match["options"], text)
    paths = dict.fromkeys((*known, *TOTALS))
    for path, name, axis in (
        (".".join(parts), "", None),
        (".".join(parts[:-1]), parts[-1], None),
        (".".join(parts[:-2]), parts[-2] if parts[1:] else "", parts[-1]),
    ):
        if path in paths or (path == MEASURED and name):
            return QuantityName(text, other, path, name, axis, batch)
    path = ".".join(parts[:-1]) or parts[0]
    raise QuantityError(
        f"{network or 'the network'} has no layer or block {quote(path)}.",
        hint=sentence(did_you_mean(path, paths))
        or f"`archcalc summary {_typed(network, file)}` lists its layers; "
        "a quantity stands behind a dot, as in total.params.",
    )


def _typed(network: str | None, file: str) -> str:
    """What the command line is given to mean a network, quoted where a shell would take it apart."""
    return "NET" if network is None else printable(shlex.quote(catalog.typed(network, file or network)), 200)


def resolve(text: str, report: Report) -> QuantityName:
    """What `text` names in the network of a report: a quantity, or a layer or block.

    Raises QuantityError where there is no such path; whether the path has the quantity `value` says.
    """
    quantity = parse_name(
        text, [*(row.name for row in report.rows), *report.groups], report.network, report.file
    )
    if quantity.path == "total_with_auxiliary" and report.totals_with_auxiliary is None:
        raise QuantityError(f"{report.network} has no auxiliary heads.", hint="Ask for total instead.")
    return quantity


def measure(text: str, report_at: Callable[[int | None], Report]) -> Answer:
    """The number that `text` names. `report_at(batch)` gives the report of the network at a batch (None: as is).

    Raises QuantityError for a name that does not exist, with the nearest one.
    """
    report = report_at(None)
    quantity = resolve(text, report)
    return value(quantity, report if quantity.batch is None else report_at(quantity.batch))


def value(quantity: QuantityName, report: Report) -> Answer:
    """The number that a quantity is in a report, which is for the quantity's batch.

    Raises QuantityError where there is none, with the nearest one.
    """
    if quantity.path == MEASURED:
        raise QuantityError(f"{quote(quantity.text)} is measured, not calculated.")
    if not quantity.name:
        raise QuantityError(
            f"{quote(quantity.text)} is a layer or block, not a quantity.",
            hint=f"Name one of it, such as {printable(quantity.path)}.params.",
        )
    if quantity.path in TOTALS:
        return _of_totals(report, quantity)
    return _of_layers(report, quantity)


def written(answer: Answer) -> str:
    """An answer for people: counts with their thousands apart, shapes as `96×55×55`, settings as YAML has them."""
    if isinstance(answer, Setting):
        return f"[{', '.join(written(Setting(x)) if isinstance(x, tuple) else str(x) for x in answer)}]"
    if isinstance(answer, tuple):
        return joined(answer)
    if isinstance(answer, bool):
        return str(answer).lower()
    return grouped(answer) if isinstance(answer, int) else str(answer)


def members(report: Report, path: str) -> list[Row]:
    """The rows at or under a path: one for a layer, several for a block."""
    inside = f"{path}."
    return [row for row in report.rows if row.name == path or row.name.startswith(inside)]


def _of_totals(report: Report, quantity: QuantityName) -> Answer:
    with_auxiliary = report.totals_with_auxiliary if quantity.path == "total_with_auxiliary" else None
    if quantity.name in STRUCTURE:
        rows = [row for row in report.rows if with_auxiliary or not row.auxiliary]
        return _structure(quantity, rows, report.groups)
    if quantity.name == "receptive_field":
        return _field(report, report.rows[output_of(report)], quantity)
    totals = with_auxiliary or report.totals
    if quantity.name not in COUNTS or quantity.axis is not None:
        _unknown(quantity, [*COUNTS, *STRUCTURE, "receptive_field"])
    return _count(totals, quantity.name)


def output_of(report: Report) -> int:
    """The index of the row that a network ends in; QuantityError where it ends in several heads."""
    if report.output is not None:
        return report.output
    heads = dict.fromkeys(row.head for row in report.rows if row.head is not None and not row.auxiliary)
    if len(heads) == 1:
        return report.groups[next(iter(heads))]
    raise QuantityError(
        f"{report.network} has {len(heads)} outputs.",
        hint=f"Ask for one of them: {listing([f'{printable(head)}.receptive_field' for head in heads], 'or')}.",
    )


def _count(counted: Counted, name: str) -> Answer:
    answer: Answer = getattr(counted, name)
    return answer


def _of_layers(report: Report, quantity: QuantityName) -> Answer:
    rows = members(report, quantity.path)
    if quantity.name in OF_LAYERS and quantity.axis is None:
        together = Counted(tally=added(row.tally for row in rows), convention=report.convention)
        return _count(rows[0] if len(rows) == 1 else together, quantity.name)
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
        return _field(report, end, quantity)
    if quantity.name in STRUCTURE:
        return _structure(quantity, rows, report.groups)
    config = {} if layer is None else layer.config
    if quantity.name in config and quantity.axis is None:
        setting = config[quantity.name]
        if isinstance(setting, tuple):
            return Setting(setting)
        return "none" if setting is None else setting
    shapes = ["output", *(["input"] if given else []), *(["receptive_field"] if end else [])]
    _unknown(quantity, [*OF_LAYERS, *shapes, *config, *STRUCTURE])


def _structure(quantity: QuantityName, rows: Sequence[Row], groups: Iterable[str]) -> int:
    if quantity.name == "layers":
        if quantity.axis is not None and quantity.axis not in KINDS:
            raise QuantityError(
                f"{quote(quantity.text)}: there is no kind of layer {quote(quantity.axis)}.",
                hint=did_you_mean(quantity.axis, KINDS) or "`archcalc layers` lists all kinds.",
            )
        return structure.layers(rows, quantity.axis)
    if quantity.axis is not None:
        _unknown(quantity, STRUCTURE)
    if quantity.name == "depth":
        return depth(rows)
    return structure.blocks(groups, "" if quantity.path in TOTALS else quantity.path)


def _given(rows: Sequence[Row], path: str) -> tuple[int, ...] | None:
    """The first shape that comes into a layer or block from outside; None if nothing does."""
    inside = f"{path}."
    for row in rows:
        for source, shape in zip(row.sources, row.inputs, strict=True):
            if not source.startswith(inside):
                return shape
    return None


def _axis(shape: tuple[int, ...], quantity: QuantityName) -> Answer:
    if quantity.axis is None:
        return shape
    index = AXIS_INDEX.get(quantity.axis, {}).get(len(shape))
    if index is None:
        names = [name for name, by_rank in AXIS_INDEX.items() if len(shape) in by_rank]
        raise QuantityError(
            f"{quote(quantity.text)}: a shape of {joined(shape)} has no axis {quote(quantity.axis)}.",
            hint=sentence(did_you_mean(quantity.axis, names))
            or (f"Its axes are {listing(names, 'and')}." if names else None),
        )
    return shape[index]


def _field(report: Report, row: Row, quantity: QuantityName) -> Answer:
    why = unseen(report)[report.rows.index(row)]
    field = row.receptive_field
    if why is not None or field is None or field.size is None:
        last = last_seen(report, row)
        raise QuantityError(
            sentence_of(row, why or Unseen(Reason.NOTHING), report),
            hint=f"The last layer before it that has one is {printable(last)}." if last else None,
        )
    size = field.size
    if quantity.axis in (None, "size"):
        return size
    if quantity.axis in FIELDS:
        answer: tuple[Any, ...] = getattr(field, quantity.axis)
        return answer
    words = [spatial_name(axis, len(size)) for axis in range(len(size))]
    if quantity.axis not in words:
        raise QuantityError(
            f"{quote(quantity.text)}: a receptive field of {joined(size)} has no axis {quote(quantity.axis or '')}.",
            hint=sentence(did_you_mean(quantity.axis or "", [*words, "size", *FIELDS]))
            or f"Its axes are {listing(words, 'and')}.",
        )
    return size[words.index(quantity.axis)]


def _batch(options: str | None, text: str) -> int | None:
    if options is None:
        return None
    match = re.fullmatch(r"\s*batch\s*=\s*([1-9][0-9]{0,8})\s*", options)
    if match is None:
        raise QuantityError(
            f"{quote(text)}: {quote(options)} is no option.", hint="Only batch is: total.memory(batch=128)."
        )
    return int(match[1])


def _unknown(quantity: QuantityName, known: Sequence[str]) -> NoReturn:
    raise QuantityError(
        f"{quantity.path} has no {quote(quantity.rest)}.",
        hint=sentence(did_you_mean(quantity.name, known)) or f"It has {listing(known, 'and')}.",
    )
