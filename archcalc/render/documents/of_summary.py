"""A report as a document: what a reader of `archcalc summary` sees, in every format for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from archcalc.algebra.shapes import joined
from archcalc.algebra.units import grouped, isize, size
from archcalc.render.documents import labels, remarks
from archcalc.render.documents.columns import NAME, Layout
from archcalc.render.formats.registry import Rows
from archcalc.render.formats.sheet import Cell, Column, Document, Line, Share, Sheet
from archcalc.results.counts import COUNTS, Counted, Tally, shown_in
from archcalc.results.folding import Fold, fold
from archcalc.results.report import Report
from archcalc.words.language import _, gettext, marked, ngettext

LECTURES_SUM = marked(
    "by the lectures' sum: the input and the output of every layer, nothing for what works in place; "
    "not what a framework holds"
)
"""How activations are counted."""

HEADER = (
    "name",
    "kind",
    "output",
    *shown_in("summary", of_layers=True),
    "head",
    "auxiliary",
)
"""The columns of the CSV. Its first row is the input, so that activations too add up to the total."""

_ALL = 10**9
"""Deeper than any path."""


def document(report: Report, depth: int | None = None, columns: Sequence[str] = ()) -> Document:
    """The layers of a report, folded at `depth`, its totals, and where the parameters and multiplications are.

    With `columns`, of columns.OFFERED, the table has those in place of the usual ones.
    """
    folds = fold(report, depth)
    table: _Usual | Layout = Layout(report, columns) if columns else _Usual(report, folds)
    batch, dtype = report.convention[:2]
    return Document(
        title=gettext(report.title),
        particulars=(
            report.network,
            _("input {shape}").format(shape=joined(report.input)),
            _("batch {count}").format(count=batch),
            dtype,
            ngettext("{count} layer deep", "{count} layers deep", report.depth).format(count=report.depth),
        ),
        sheets=(Sheet(table.columns(), tuple(_lines(report, folds, table))),),
        notes=tuple(_notes(report)),
    )


class _Usual:
    """The table where no columns are asked for."""

    def __init__(self, report: Report, folds: Sequence[Fold]) -> None:
        self.report = report
        self.most = max(one.params for one in folds), max(one.macs for one in folds)

    def columns(self) -> tuple[Column, ...]:
        """Names, shapes, counts, and bars of the main ones."""
        bias = self.report.convention.bias
        return (
            Column(_("layer"), ink="name"),
            Column(_("kind")),
            Column(_("output"), right=True),
            Column(COUNTS["params"].column(self.report.convention), right=True),
            Column(_("of all parameters") if bias else _("of all weights"), drop=3, bar="share", ink="first"),
            Column(_("MACs"), right=True),
            Column(_("of all MACs"), drop=2, bar="share", ink="second"),
            Column(_("activations"), right=True, drop=4),
        )

    def given(self) -> tuple[Cell, ...]:
        """The network's input as a row."""
        given = self.report.totals.input_activations
        return (_("input"), None, joined(self.report.input), None, None, None, None, given)

    def line(self, one: Fold) -> Line:
        """A row."""
        totals = self.report.totals
        # An auxiliary head has no share in a total that leaves it out.
        shares: tuple[Cell, Cell] = (
            (None, None)
            if one.auxiliary
            else (Share(one.params, totals.params, self.most[0]), Share(one.macs, totals.macs, self.most[1]))
        )
        return Line(
            (
                one.name,
                labels.described(one),
                labels.shape(one),
                one.params,
                shares[0],
                one.macs,
                shares[1],
                one.activations,
            )
        )

    def total(self, name: str, totals: Counted) -> Line:
        """A line of totals."""
        return Line((name, None, None, totals.params, None, totals.macs, None, totals.activations), "total")


def rows(report: Report, depth: int | None = None, columns: Sequence[str] = ()) -> Rows:
    """Every layer a row unless a depth is given, under HEADER or the columns asked for."""
    if columns:
        table = Layout(report, columns)
        folds = fold(report, _ALL if depth is None else depth)
        records = (table.given(), *map(table.cells, folds))
        return Rows((NAME, *table.names), (tuple(map(_plain, record)) for record in records))
    return Rows(HEADER, _records(report, depth))


def _plain(cell: Cell) -> str | int:
    """A cell for a spreadsheet: no sign that programs would not expect."""
    return cell if isinstance(cell, int) else "" if cell is None else str(cell).replace("×", "x")


def _records(report: Report, depth: int | None) -> Iterator[tuple[str | int, ...]]:
    given = joined(report.input).replace("×", "x")
    counts = shown_in("summary", of_layers=True)
    network = Counted(tally=Tally(), convention=report.convention, given=report.totals.given)
    yield "input", "input", given, *(getattr(network, name) for name in counts), "", "no"
    for one in fold(report, _ALL if depth is None else depth):
        yield (
            one.name,
            str(labels.described(one)) if one.is_group else one.rows[0].kind,
            joined(one.output).replace("×", "x"),
            *(getattr(one, name) for name in counts),
            one.head or "",
            "yes" if one.auxiliary else "no",
        )


def _lines(report: Report, folds: Sequence[Fold], table: _Usual | Layout) -> Iterator[Line]:
    yield Line(table.given())
    main = [one for one in folds if not one.auxiliary]
    for head in dict.fromkeys([None, *(one.head for one in main)]):
        if head is not None:
            yield Line((_("output {head}").format(head=head),), "section")
        for one in main:
            if one.head == head:
                yield table.line(one)
    yield table.total(_("total"), report.totals)
    auxiliary = [one for one in folds if one.auxiliary]
    if auxiliary and report.totals_with_auxiliary is not None:
        yield Line((_("auxiliary heads: used in training only, not in the total"),), "section")
        for one in auxiliary:
            yield table.line(one)
        yield table.total(_("in training"), report.totals_with_auxiliary)


def _notes(report: Report) -> Iterator[tuple[str, str]]:
    totals = report.totals
    yield _("parameters"), parameters(totals, report.convention.bias)
    yield _("compute"), compute(totals)
    yield from memory(report, totals)
    with_auxiliary = report.totals_with_auxiliary
    if with_auxiliary is not None:
        counted = parameters(with_auxiliary, report.convention.bias)
        yield _("in training"), _("with auxiliary heads {parameters}").format(parameters=counted)
        yield "", compute(with_auxiliary)
    yield from remarks.notes(report)


def parameters(totals: Counted, bias: bool) -> str:
    """`61,706 = 61,470 weights + 236 biases`."""
    weights = ngettext("{count} weight", "{count} weights", totals.weights).format(
        count=grouped(totals.weights)
    )
    biases = grouped(totals.biases)
    if bias:
        return f"{grouped(totals.params)} = {weights} + " + ngettext(
            "{count} bias", "{count} biases", totals.biases
        ).format(count=biases)
    return f"{weights}; " + ngettext(
        "{count} bias is not counted", "{count} biases are not counted", totals.biases
    ).format(count=biases)


def compute(totals: Counted) -> str:
    """`416,520 MACs = 833,040 FLOPs (1 MAC = 2 FLOPs)`."""
    return _("{macs} MACs = {flops} FLOPs (1 MAC = 2 FLOPs)").format(
        macs=grouped(totals.macs), flops=grouped(totals.flops)
    )


def memory(report: Report, totals: Counted) -> Iterator[tuple[str, str]]:
    """The memory estimate of the lectures, and what it is."""
    batch, dtype = report.convention[:2]
    values = ngettext("{count} value", "{count} values", totals.activations)
    remark = values.format(count=grouped(totals.activations))
    if batch > 1:
        remark += ", " + _("{size} an input").format(size=size(totals.activation_bytes // batch))
    counts = (totals.param_bytes, totals.activation_bytes, totals.total_bytes)
    words = (_("parameters"), _("activations"), _("together"))
    width = max(map(len, words))
    columns = zip(
        words, _aligned(map(size, counts)), _aligned(map(isize, counts)), ("", remark, ""), strict=True
    )
    for index, (word, decimal, binary, behind) in enumerate(columns):
        yield "" if index else _("memory"), f"{word:<{width}}  {decimal}  {binary}  {behind}".rstrip()
    in_memory = _("in {dtype} at batch {batch}").format(dtype=dtype, batch=batch)
    yield "", f"{in_memory}, {gettext(LECTURES_SUM)}"


def _aligned(texts: Iterable[str]) -> list[str]:
    texts = list(texts)
    width = max(map(len, texts))
    return [text.rjust(width) for text in texts]
