"""What programs get of results, before it is JSON: docs/json.md says what every key means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from archcalc.render.formats.registry import Content
from archcalc.results.counts import ASPECTS, Counted, shown_in
from archcalc.results.receptive_field import ReceptiveField
from archcalc.results.report import Report, Row
from archcalc.words.errors import OptionError

if TYPE_CHECKING:
    from archcalc.checks.checking import Check
    from archcalc.results.comparison import Comparison
    from archcalc.results.listing import Entry
    from archcalc.timing.measurement import Measurement

SUMMARY = "archcalc.summary/1"
COMPARISON = "archcalc.compare/1"
CATALOGUE = "archcalc.list/1"
CHECK = "archcalc.check/1"

_LEARNED, _COMPUTED, _HELD = (shown_in("summary", aspect, of_layers=True) for aspect in ASPECTS)


def summary(report: Report, depth: int | None = None, columns: Sequence[str] = ()) -> Content:
    """One network: its totals and a flat list of its layers. Raises OptionError for a depth or columns."""
    if columns:
        raise OptionError(
            "JSON has every column, none can be chosen.",
            hint="Leave out --columns, or use --format csv.",
        )
    if depth is not None:
        raise OptionError(
            "JSON has every layer, a depth does not apply to it.",
            hint="Leave out --depth, or use --format csv.",
        )
    return Content(SUMMARY, {**_head(report), "layers": map(_layer, report.rows)}, "layers")


def comparison(compared: Comparison, aspects: Sequence[str] = ()) -> Content:
    """Several networks in all aspects: their totals, and how many times the first one's they are."""
    del aspects
    networks = []
    kinds = compared.kinds()
    for index, report in enumerate(compared.reports):
        ratios = ((name, compared.ratio(name, index)) for name in shown_in("ratios"))
        networks.append(
            {
                **_head(report),
                "layers": sum(counts[index] for counts in kinds.values()),
                "kinds": {kind: counts[index] for kind, counts in kinds.items() if counts[index]},
                "ratio_to_first": {name: None if ratio is None else float(ratio) for name, ratio in ratios},
            }
        )
    return Content(COMPARISON, {"networks": networks}, "networks")


def catalogue(entries: Sequence[Entry]) -> Content:
    """Networks of the catalogue with their main numbers at batch 1, and published top-5 errors."""
    networks = [
        {
            "name": entry.name,
            "title": entry.title,
            **{key: entry.about(key) or None for key in ("family", "task", "description", "source", "note")},
            "year": int(entry.about("year")) if entry.about("year").isdecimal() else None,
            "input": entry.input,
            **_counts(entry.totals, shown_in("list")),
            "depth": entry.depth,
            "error.top5": [
                {"value": figure.value, "source": figure.source, "note": figure.note or None}
                for figure in entry.top5
            ],
        }
        for entry in entries
    ]
    return Content(CATALOGUE, {"networks": networks}, "networks")


def measurements(found: Sequence[Measurement]) -> Sequence[Measurement]:
    """Measured times, each as it is recorded."""
    return found


def checks(found: Sequence[Check], layers: bool = True) -> Content:
    """Checked networks: every layer by both sides, the totals, what differs and why, published figures."""
    del layers
    values = {
        "witness": next((check.witness for check in found if check.witness), None),
        "agrees": all(check.agrees for check in found),
        "networks": [_check(check) for check in found],
    }
    return Content(CHECK, values, "networks")


def _check(check: Check) -> dict[str, Any]:
    counterparts = check.counterparts
    return {
        "network": check.network,
        "title": check.title,
        "agrees": check.agrees,
        "layers": [
            {
                "name": layer.name,
                "kind": layer.kind,
                "archcalc": layer.ours._asdict(),
                "torch": None if layer.theirs is None else layer.theirs._asdict(),
            }
            for layer in check.layers
        ],
        "totals": [
            total._asdict() | {"entries": [entry._asdict() for entry in total.entries]}
            for total in check.totals
        ],
        "differences": [difference._asdict() for difference in check.differences],
        "published": [
            {
                "quantity": judged.figure.quantity,
                "value": judged.figure.value,
                "source": judged.figure.source,
                "actual": judged.actual,
                "verdict": judged.verdict,
                "reason": judged.figure.reason or None,
                "accounted": judged.accounted,
            }
            for judged in check.published
        ],
        "against": None
        if counterparts is None
        else {
            "other": counterparts.other,
            "agrees": counterparts.agrees,
            "reordered": counterparts.reordered,
            "totals": counterparts.totals,
            "layers": [
                {
                    "ours": pair.ours and pair.ours._asdict(),
                    "theirs": pair.theirs and pair.theirs._asdict(),
                    "verdict": pair.verdict,
                }
                for pair in counterparts.pairs
            ],
        },
    }


def _head(report: Report) -> dict[str, Any]:
    with_auxiliary = report.totals_with_auxiliary
    head: dict[str, Any] = {
        "network": report.network,
        "title": report.title,
        "input": report.input,
        "batch": report.convention.batch,
        "dtype": report.convention.dtype,
        "counts_bias": report.convention.bias,
        "depth": report.depth,
        "totals": _counts(report.totals, shown_in("summary")),
    }
    if with_auxiliary is not None:
        head["totals_with_auxiliary"] = _counts(with_auxiliary, shown_in("summary"))
    return head


def _counts(counted: Counted, names: Sequence[str]) -> dict[str, int]:
    return {name: getattr(counted, name) for name in names}


def _layer(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "kind": row.kind,
        "from": row.sources,
        "inputs": row.inputs,
        "output": row.output,
        "config": row.config,
        **_counts(row, _LEARNED),
        "shared_with": row.shared_with,
        "head": row.head,
        "auxiliary": row.auxiliary,
        **_counts(row, _COMPUTED),
        "cost": row.cost,
        **_counts(row, _HELD),
        "receptive_field": _field(row.receptive_field),
    }


def _field(field: ReceptiveField | None) -> dict[str, Any] | None:
    if field is None:
        return None
    found: dict[str, Any] = {
        "size": field.size,
        "stride": field.stride,
        "offset": field.offset,
        "aligned": field.aligned,
    }
    return found if field.lost is None else found | {"unknown": field.lost._asdict()}
