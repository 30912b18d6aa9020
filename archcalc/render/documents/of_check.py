"""Checked networks as a document: a line a network, what differs with both derivations, and published figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from archcalc.algebra.shapes import joined
from archcalc.algebra.units import grouped
from archcalc.checks.checking import Check, CheckedLayer, CheckedTotal, Difference
from archcalc.checks.counterparts import Counterparts, Pair, Unit
from archcalc.render.documents import remarks
from archcalc.render.formats.sheet import Cell, Column, Document, Line, Sheet
from archcalc.results.counts import COUNTS
from archcalc.results.published import ComparedFigure
from archcalc.results.report import RepeatedProducts

MOST_DIFFERENCES = 10
"""Of one network, that are shown with their derivations."""

WORDS = {"output": "output", **{name: COUNTS[name].title for name in ("weights", "biases", "macs", "params")}}

VERDICTS = {
    "exact": "exactly",
    "rounded": "rounded",
    "truncated": "truncated",
    "different": "not reproduced",
    "measured": "measured, not calculated",
}

_NETWORKS = (
    Column("network", ink="name", least=12),
    Column("layers", right=True, drop=3),
    Column("parameters", right=True, drop=2),
    Column("MACs", right=True, drop=2),
    Column("published", right=True),
    Column("result"),
)
_LAYERS = (
    Column("layer", ink="name"),
    Column("kind", drop=1),
    Column("output", right=True),
    Column("weights", right=True),
    Column("biases", right=True),
    Column("MACs", right=True),
    Column("torch"),
)
_PUBLISHED = (
    Column("quantity", ink="name"),
    Column("published", right=True),
    Column("here", right=True),
    Column("reproduced"),
    Column("source", drop=1, least=20),
)
_PAIRS = (
    Column("layer", ink="name"),
    Column("output", right=True),
    Column("parameters", right=True),
    Column("MACs", right=True),
    Column("there", ink="name"),
    Column("output", right=True),
    Column("parameters", right=True),
    Column("MACs", right=True),
    Column("verdict"),
)


def document(checks: Sequence[Check], layers: bool = False) -> Document:
    """Every network a line; for a single one its published figures too; `layers` adds a sheet of its layers."""
    witness = next((check.witness for check in checks if check.witness), "published figures only")
    sheets = [Sheet(_NETWORKS, tuple(map(_network, checks)))]
    for check in checks:
        if layers and check.layers:
            sheets.append(Sheet(_LAYERS, tuple(map(_layer, check.layers)), f"Layers of {check.network}"))
        if check.counterparts is not None:
            sheets += _counterparts(check.counterparts, layers)
        if len(checks) == 1 and check.published:
            sheets.append(Sheet(_PUBLISHED, tuple(map(_published, check.published)), "Published figures"))
    count = len(checks)
    return Document(
        title=f"{count} networks" if count != 1 else checks[0].title,
        particulars=(witness, _verdict(checks)),
        sheets=tuple(sheets),
        notes=tuple(_notes(checks)),
    )


def shown(value: Any) -> str:
    """A number in threes, a shape as `3×227×227`."""
    if isinstance(value, tuple):
        return joined(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return grouped(value)
    return f"{float(value):,.1f}" if isinstance(value, Fraction) else str(value)


def _verdict(checks: Sequence[Check]) -> str:
    wrong = sum(not check.agrees for check in checks)
    if not wrong:
        return "all agree" if len(checks) > 1 else "agrees"
    return f"{wrong} of {len(checks)} differ" if len(checks) > 1 else "differs"


def _network(check: Check) -> Line:
    totals = check.report.totals
    return Line(
        (
            check.network,
            len(check.report.rows),
            totals.params,
            totals.macs,
            _reproduced(check),
            _result(check),
        )
    )


def _reproduced(check: Check) -> str:
    """`3 of 5`: figures that come out, of those that can be calculated."""
    calculated = [judged for judged in check.published if judged.verdict != "measured"]
    if not calculated:
        return ""
    reproduced = sum(judged.verdict != "different" for judged in calculated)
    return f"{reproduced} of {len(calculated)}"


def _result(check: Check) -> str:
    if check.agrees:
        return "agrees"
    parts = []
    if check.differences:
        parts.append(_plural(len(check.differences), "difference"))
    if check.unaccounted:
        parts.append(f"{_plural(len(check.unaccounted), 'published figure')} unaccounted for")
    if check.counterparts is not None and not check.counterparts.agrees:
        parts.append(f"unlike {check.counterparts.other.partition(',')[0]}")
    return ", ".join(parts)


def _plural(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count != 1 else ''}"


def _layer(layer: CheckedLayer) -> Line:
    ours = layer.ours
    wrong = (
        ["did not run"]
        if layer.theirs is None
        else [
            f"{WORDS[name]} {shown(theirs)}"
            for name, theirs in layer.theirs._asdict().items()
            if theirs != getattr(ours, name)
        ]
    )
    return Line(
        (
            layer.name,
            layer.kind,
            joined(ours.output),
            ours.weights,
            ours.biases,
            shown(ours.macs),
            ", ".join(wrong) or "agrees",
        )
    )


def _published(judged: ComparedFigure) -> Line:
    figure = judged.figure
    return Line(
        (
            figure.quantity,
            figure.value,
            "" if judged.actual is None else shown(judged.actual),
            VERDICTS[judged.verdict] + (", with a reason" if figure.reason else ""),
            figure.source,
        )
    )


def _counterparts(found: Counterparts, every: bool) -> Iterator[Sheet]:
    """The layers of a library's model beside ours: those that differ, or every one."""
    pairs = [pair for pair in found.pairs if every or pair.verdict != "same"]
    if pairs:
        yield Sheet(_PAIRS, tuple(map(_pair, pairs)), f"Beside {found.other}")


def _pair(pair: Pair) -> Line:
    return Line((*_side(pair.ours), *_side(pair.theirs), pair.verdict))


def _side(unit: Unit | None) -> tuple[Cell, ...]:
    if unit is None:
        return "", "", None, None
    return unit.name, "" if unit.output is None else joined(unit.output), unit.params, shown(unit.macs)


def _notes(checks: Sequence[Check]) -> Iterator[tuple[str, str]]:
    for check in checks:
        which = f"{check.network}: " if len(checks) > 1 else ""
        for found in check.differences[:MOST_DIFFERENCES]:
            yield from _difference(found, which)
        more = len(check.differences) - MOST_DIFFERENCES
        if more > 0:
            yield "", f"{which}and {_plural(more, 'more difference')}; --format csv has all of them"
        for judged in check.unaccounted:
            yield "published", which + _unaccounted(judged)
        if len(checks) == 1:
            for total in check.totals:
                yield from _total(total)
            yield from _reasons(check)
        if check.counterparts is not None:
            yield from _beside(check.counterparts)
        yield from _remarks(check, which)
    if any(check.published for check in checks):
        yield (
            "published",
            "figures reproduced, exactly, as rounded or as truncated, of those that can be calculated",
        )


def _remarks(check: Check, which: str) -> Iterator[tuple[str, str]]:
    """Remarks on the network, and what agreement does not say of products that nobody counts."""
    for label, text in remarks.notes(check.report):
        yield label, f"{which}{text}" if label else text
    if check.layers and any(isinstance(remark, RepeatedProducts) for remark in check.report.remarks):
        yield "", "shapes and parameters of these layers are compared; MACs are counted by neither side"


def _difference(found: Difference, which: str) -> Iterator[tuple[str, str]]:
    word = WORDS.get(found.quantity, found.quantity)
    yield (
        "difference",
        f"{which}{found.layer}, {word}: {shown(found.ours)} by archcalc, {shown(found.theirs)} by torch",
    )
    for label, working in (("archcalc", found.our_working), ("torch", found.their_working)):
        for number, line in enumerate(working):
            yield "" if number else label, line


def _unaccounted(judged: ComparedFigure) -> str:
    figure = judged.figure
    here = "" if judged.actual is None else f", {shown(judged.actual)} here"
    fault = (
        "it gives a reason for not being reproduced, and is: drop the reason"
        if figure.reason
        else "it is not reproduced, and gives no reason"
    )
    return f"{figure.quantity} {figure.value} ({figure.source}){here}: {fault}"


def _total(total: CheckedTotal) -> Iterator[tuple[str, str]]:
    """What torch has more in all than the totals say, by name."""
    for number, entry in enumerate(entry for entry in total.entries if entry.value):
        word = WORDS[total.quantity]
        label = "" if number else f"torch's {word}"
        yield label, f"{grouped(entry.value)} more in {entry.name}: {entry.reason}"


def _reasons(check: Check) -> Iterator[tuple[str, str]]:
    for judged in check.published:
        if judged.figure.reason and judged.accounted:
            yield "not reproduced", f"{judged.figure.quantity} {judged.figure.value}: {judged.figure.reason}"


def _beside(found: Counterparts) -> Iterator[tuple[str, str]]:
    same = sum(pair.verdict == "same" for pair in found.pairs)
    yield "beside", f"{found.other}: {same} of {_plural(len(found.pairs), 'layer')} are the same"
    if found.reordered:
        yield "", f"{_plural(found.reordered, 'layer')} there at another place in the order"
    for quantity, (ours, theirs) in found.totals.items():
        word = WORDS[quantity]
        equal = "here and there" if ours == theirs else f"here, {shown(theirs)} there"
        yield "", f"{shown(ours)} {word} {equal}, auxiliary heads among them"
