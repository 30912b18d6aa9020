"""Report → the rows that people read: blocks folded into one row each, in-place layers drawn with their source.

Folding never changes a sum: the parameters, MACs and activations of the folds of a report add up to its totals.
"""

from __future__ import annotations

from collections.abc import Iterable

from archcalc.algebra.symbols import prod
from archcalc.layers.base import Shape
from archcalc.results.counts import Counted, added
from archcalc.results.report import Report, Row

MOST_ROWS = 25
"""What fits on a screen: the default depth is the deepest that gives no more rows."""


class Fold(Counted, frozen=True, kw_only=True):
    """One row to read: a layer, with what works in place on its output, or all layers below a path."""

    name: str
    rows: tuple[Row, ...]
    """What is folded, in topological order; the first is the layer itself unless `is_group`."""
    is_group: bool
    """Whether the row stands for a path with layers below it, rather than for one layer."""
    output: Shape
    """What the last layer of a group puts out; for a layer its own output."""
    last_output: Shape
    """The same after what works in place, such as flatten; else equal to `output`."""
    head: str | None
    auxiliary: bool


def fold(report: Report, depth: int | None = None) -> tuple[Fold, ...]:
    """The rows of a report with paths of at most `depth` parts, deeper layers summed.

    Without a depth, the deepest one that gives at most about 25 rows, and layers that add neither parameters
    nor activations are drawn together with the layer they read. With a large depth every layer is a row.
    """
    if depth is not None:
        return tuple(_grouped(report, [(row,) for row in report.rows], depth))
    units = _absorbed(report.rows)
    folds = _grouped(report, units, 1)
    for deeper in range(2, _deepest(report) + 1):
        more = _grouped(report, units, deeper)
        if len(more) > MOST_ROWS:
            break
        folds = more
    return tuple(folds)


def _deepest(report: Report) -> int:
    return max(row.name.count(".") for row in report.rows) + 1


def _absorbed(rows: Iterable[Row]) -> list[tuple[Row, ...]]:
    """Each layer with what works in place on it: such rows join the row before, where they read it."""
    units: list[list[Row]] = []
    for row in rows:
        if units and _works_in_place(row, units[-1][-1]):
            units[-1].append(row)
        else:
            units.append([row])
    return [tuple(unit) for unit in units]


def _works_in_place(row: Row, last: Row) -> bool:
    return (
        not row.params
        and not row.activations
        and row.sources == (last.name,)
        and row.head == last.head
        and _parent(row.name) == _parent(last.name)
        # A change of shape is worth a row of its own, except what the reader sees at once: 256×6×6 = 9216.
        and (row.output == last.output or len(row.output) == 1)
        and prod(row.output) == prod(last.output)
    )


def _parent(path: str) -> str:
    return path.rpartition(".")[0]


def _grouped(report: Report, units: Iterable[tuple[Row, ...]], depth: int) -> list[Fold]:
    folds: list[Fold] = []
    path = ""
    members: list[tuple[Row, ...]] = []
    for unit in units:
        key = ".".join(unit[0].name.split(".")[:depth])
        if key != path and members:
            folds.append(_folded(report, path, members))
            members = []
        path = key
        members.append(unit)
    folds.append(_folded(report, path, members))
    return folds


def _folded(report: Report, path: str, units: list[tuple[Row, ...]]) -> Fold:
    rows = tuple(row for unit in units for row in unit)
    first, last = rows[0], rows[-1]
    is_group = len(units) > 1 or first.name != path
    end = report.groups.get(path, -1)
    output = first.output if not is_group else report.rows[end].output if end >= 0 else last.output
    return Fold(
        name=path,
        rows=rows,
        is_group=is_group,
        output=output,
        last_output=output if is_group else last.output,
        head=last.head,
        auxiliary=last.auxiliary,
        tally=added(row.tally for row in rows),
        convention=report.convention,
    )
