"""A report as a document: what a reader of `archcalc summary` sees, in every format for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archcalc.folding import Fold, fold
from archcalc.render import labels
from archcalc.render.sheet import Cell, Column, Document, Line, Share, Sheet
from archcalc.report import Report, Totals
from archcalc.shapes import joined
from archcalc.units import FLOPS_PER_MAC, grouped, isize, size

LECTURES_SUM = (
    "by the lectures' sum: the input and the output of every layer, nothing for what works in place; "
    "not what a framework holds"
)
"""How activations are counted."""

HEADER = (
    "name",
    "kind",
    "output",
    "params",
    "weights",
    "biases",
    "macs",
    "flops",
    "activations",
    "head",
    "auxiliary",
)
"""The columns of the CSV. Its first row is the input, so that activations too add up to the total."""

_ALL = 10**9
"""Deeper than any path."""


def document(report: Report, depth: int | None = None) -> Document:
    """The layers of a report, folded at `depth`, its totals, and where the parameters and multiplications are."""
    batch, dtype, _ = report.convention
    return Document(
        title=report.title,
        particulars=(
            report.network,
            f"input {joined(report.input)}",
            f"batch {batch}",
            dtype,
            f"{report.depth} {'layers' if report.depth != 1 else 'layer'} deep",
        ),
        sheets=(Sheet(_columns(report), tuple(_lines(report, depth))),),
        notes=tuple(_notes(report)),
    )


def _columns(report: Report) -> tuple[Column, ...]:
    counted = "parameters" if report.convention.bias else "weights"
    return (
        Column("layer", ink="name"),
        Column("kind"),
        Column("output", right=True),
        Column(counted, right=True),
        Column(f"of all {counted}", drop=3, bar="share", ink="first"),
        Column("MACs", right=True),
        Column("of all MACs", drop=2, bar="share", ink="second"),
        Column("activations", right=True, drop=4),
    )


def records(report: Report, depth: int | None = None) -> Iterator[tuple[str | int, ...]]:
    """The rows of the CSV, in the order of HEADER: every layer a row unless a depth is given."""
    given = joined(report.input).replace("×", "x")
    yield "input", "input", given, 0, 0, 0, 0, 0, report.totals.input_activations, "", "no"
    for one in fold(report, _ALL if depth is None else depth):
        yield (
            one.name,
            str(labels.described(one)) if one.is_group else one.rows[0].kind,
            joined(one.output).replace("×", "x"),
            one.params,
            one.weights,
            one.biases,
            one.macs,
            FLOPS_PER_MAC * one.macs,
            one.activations,
            one.head or "",
            "yes" if one.auxiliary else "no",
        )


def _lines(report: Report, depth: int | None) -> Iterator[Line]:
    folds = fold(report, depth)
    most = max(f.params for f in folds), max(f.macs for f in folds)
    totals = report.totals
    yield Line(("input", None, joined(report.input), None, None, None, None, totals.input_activations))
    main = [one for one in folds if not one.auxiliary]
    for head in dict.fromkeys([None, *(one.head for one in main)]):
        if head is not None:
            yield Line((f"output {head}",), "section")
        for one in main:
            if one.head == head:
                yield _line(one, totals, most)
    yield _total("total", totals)
    auxiliary = [one for one in folds if one.auxiliary]
    if auxiliary and report.totals_with_auxiliary is not None:
        yield Line(("auxiliary heads: used in training only, not in the total",), "section")
        for one in auxiliary:
            yield _line(one, totals, most)
        yield _total("in training", report.totals_with_auxiliary)


def _line(one: Fold, totals: Totals, most: tuple[int, int]) -> Line:
    # An auxiliary head has no share in a total that leaves it out.
    shares: tuple[Cell, Cell] = (
        (None, None)
        if one.auxiliary
        else (Share(one.params, totals.params, most[0]), Share(one.macs, totals.macs, most[1]))
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


def _total(name: str, totals: Totals) -> Line:
    return Line((name, None, None, totals.params, None, totals.macs, None, totals.activations), "total")


def _notes(report: Report) -> Iterator[tuple[str, str]]:
    totals = report.totals
    yield "parameters", parameters(totals, report.convention.bias)
    yield "compute", compute(totals)
    yield from memory(report, totals)
    with_auxiliary = report.totals_with_auxiliary
    if with_auxiliary is not None:
        yield "in training", f"with auxiliary heads {parameters(with_auxiliary, report.convention.bias)}"
        yield "", compute(with_auxiliary)


def parameters(totals: Totals, bias: bool) -> str:
    """`61,706 = 61,470 weights + 236 biases`."""
    weights = f"{grouped(totals.weights)} {'weight' if totals.weights == 1 else 'weights'}"
    one = totals.biases == 1
    biases = f"{grouped(totals.biases)} {'bias' if one else 'biases'}"
    if bias:
        return f"{grouped(totals.params)} = {weights} + {biases}"
    return f"{weights}; {biases} {'is' if one else 'are'} not counted"


def compute(totals: Totals) -> str:
    """`416,520 MACs = 833,040 FLOPs (1 MAC = 2 FLOPs)`."""
    return f"{grouped(totals.macs)} MACs = {grouped(totals.flops)} FLOPs (1 MAC = 2 FLOPs)"


def memory(report: Report, totals: Totals) -> Iterator[tuple[str, str]]:
    """The memory estimate of the lectures, and what it is."""
    batch, dtype, _ = report.convention
    each = f", {size(totals.activation_bytes // batch)} an input" if batch > 1 else ""
    sums = (
        ("parameters", totals.param_bytes, ""),
        ("activations", totals.activation_bytes, f"{grouped(totals.activations)} values{each}"),
        ("together", totals.total_bytes, ""),
    )
    columns = (
        _aligned([size(count) for _, count, _ in sums]),
        _aligned([isize(count) for _, count, _ in sums]),
    )
    for index, (what, _, remark) in enumerate(sums):
        line = f"{what:<11}  {columns[0][index]}  {columns[1][index]}  {remark}"
        yield "" if index else "memory", line.rstrip()
    yield "", f"in {dtype} at batch {batch}, {LECTURES_SUM}"


def _aligned(texts: Iterable[str]) -> list[str]:
    texts = list(texts)
    width = max(map(len, texts))
    return [text.rjust(width) for text in texts]
