"""Networks side by side as a document: a sheet for each aspect, a line a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from archcalc.algebra.shapes import joined
from archcalc.algebra.units import grouped, isize, ratio, size
from archcalc.render.documents.of_summary import LECTURES_SUM
from archcalc.render.formats.registry import Rows
from archcalc.render.formats.sheet import Cell, Column, Document, Line, Share, Sheet
from archcalc.results.comparison import Comparison
from archcalc.results.counts import ASPECTS, shown_in
from archcalc.results.report import Report
from archcalc.words.language import _, gettext, ngettext


def document(compared: Comparison, aspects: Sequence[str]) -> Document:
    """The chosen aspects in the order of SHEETS. Ratios are to the first network."""
    reports = compared.reports
    batch, dtype, bias = reports[0].convention
    return Document(
        title=_(" and ").join(gettext(report.title) for report in reports)
        if len(reports) == 2
        else ngettext("{count} network", "{count} networks", len(reports)).format(count=len(reports)),
        particulars=(_("batch {count}").format(count=batch), dtype, _("ratios to the first")),
        sheets=tuple(sheet(compared) for aspect, sheet in SHEETS.items() if aspect in aspects),
        notes=tuple(_notes(reports, aspects, bias)),
    )


def rows(compared: Comparison, aspects: Sequence[str]) -> Rows:
    """The same for a spreadsheet: a row a network."""
    chosen = [name for aspect in ASPECTS if aspect in aspects for name in shown_in("summary", aspect)]
    kinds = compared.kinds() if "layers" in aspects else {}
    header = (
        *("network", "title", "input", "batch", "dtype"),
        *chosen,
        *(("depth", "layers") if kinds else ()),
        *kinds,
    )
    found = (
        (
            report.network,
            report.title,
            joined(report.input).replace("×", "x"),
            report.convention.batch,
            report.convention.dtype,
            *(int(getattr(report.totals, name)) for name in chosen),
            *((report.depth, sum(counts[index] for counts in kinds.values())) if kinds else ()),
            *(counts[index] for counts in kinds.values()),
        )
        for index, report in enumerate(compared.reports)
    )
    return Rows(header, found)


def _network() -> Column:
    return Column(_("network"), ink="name")


def _ratio() -> Column:
    return Column(_("ratio"), right=True)


def _parameters(compared: Comparison) -> Sheet:
    columns = (
        _network(),
        Column(_("parameters"), right=True),
        _ratio(),
        Column("", bar="length", drop=1, ink="first"),
        Column(_("weights"), right=True, drop=2),
        Column(_("biases"), right=True, drop=2),
    )
    return Sheet(
        columns,
        _lines(
            compared,
            lambda report: report.totals.params,
            lambda report, share: (
                report.totals.params,
                *share,
                report.totals.weights,
                report.totals.biases,
            ),
        ),
    )


def _compute(compared: Comparison) -> Sheet:
    columns = (
        _network(),
        Column(_("MACs"), right=True),
        _ratio(),
        Column("", bar="length", drop=1, ink="second"),
        Column(_("FLOPs"), right=True),
        Column(_("input"), right=True, drop=2),
    )
    return Sheet(
        columns,
        _lines(
            compared,
            lambda report: report.totals.macs,
            lambda report, share: (report.totals.macs, *share, report.totals.flops, joined(report.input)),
        ),
    )


def _memory(compared: Comparison) -> Sheet:
    columns = (
        _network(),
        Column(_("memory"), right=True),
        Column("", right=True, drop=2),
        _ratio(),
        Column("", bar="length", drop=1, ink="first"),
        Column(_("of parameters"), right=True),
        Column(_("of activations"), right=True),
    )
    return Sheet(
        columns,
        _lines(
            compared,
            lambda report: report.totals.total_bytes,
            lambda report, share: (
                size(report.totals.total_bytes),
                isize(report.totals.total_bytes),
                *share,
                size(report.totals.param_bytes),
                size(report.totals.activation_bytes),
            ),
        ),
    )


def _layers(compared: Comparison) -> Sheet:
    reports, kinds = compared.reports, compared.kinds()
    columns = (Column(_("layers"), ink="name"), *(Column(report.network, right=True) for report in reports))
    every = tuple(sum(counts[index] for counts in kinds.values()) for index in range(len(reports)))
    return Sheet(
        columns,
        (
            *(Line((kind, *counts)) for kind, counts in kinds.items()),
            Line((_("total"), *every), "total"),
            Line((_("depth"), *(report.depth for report in reports))),
        ),
    )


def _lines(
    compared: Comparison,
    figure: Callable[[Report], int],
    cells: Callable[[Report, tuple[Cell, Cell]], tuple[Cell, ...]],
) -> tuple[Line, ...]:
    """A line a network; `cells` places its ratio to the first network and its bar among its other cells."""
    first = figure(compared.reports[0])
    longest = max(map(figure, compared.reports))
    return tuple(
        Line(
            (
                report.network,
                *cells(report, (ratio(figure(report), first), Share(figure(report), first, longest))),
            )
        )
        for report in compared.reports
    )


SHEETS: dict[str, Callable[[Comparison], Sheet]] = {
    "params": _parameters,
    "flops": _compute,
    "memory": _memory,
    "layers": _layers,
}


def _notes(reports: Sequence[Report], aspects: Sequence[str], bias: bool) -> Iterator[tuple[str, str]]:
    if "flops" in aspects:
        yield _("compute"), _("1 MAC (multiply-accumulate) = 2 FLOPs; papers often say FLOPs for MACs")
    if "params" in aspects and not bias:
        yield _("parameters"), _("biases are not counted")
    if "memory" in aspects:
        yield _("memory"), _("of parameters, and of activations {how}").format(how=gettext(LECTURES_SUM))
    if "layers" in aspects:
        yield _("depth"), _("convolutions and linear layers on the longest path")
    for report in reports:
        totals = report.totals_with_auxiliary
        if totals is not None:
            yield (
                report.network,
                _("without its auxiliary heads; with them {params} parameters and {macs} MACs").format(
                    params=grouped(totals.params), macs=grouped(totals.macs)
                ),
            )
