"""JSON, the contract with other programs: docs/json.md says what every key means.

The top-level keys stand on a line each, and so does every layer or network, so that line tools and people can
find their way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from archcalc import __version__
from archcalc.receptive_field import ReceptiveField
from archcalc.report import Report, Row, Totals
from archcalc.units import FLOPS_PER_MAC

if TYPE_CHECKING:
    from archcalc.comparison import Comparison
    from archcalc.listing import Entry

SUMMARY = "archcalc.summary/1"
COMPARISON = "archcalc.compare/1"
CATALOGUE = "archcalc.list/1"

_RATIOS = (
    "params",
    "weights",
    "biases",
    "macs",
    "activations",
    "param_bytes",
    "activation_bytes",
    "total_bytes",
)


def summary(report: Report) -> str:
    """One network: its totals and a flat list of its layers."""
    return _written(
        {
            "schema": SUMMARY,
            "version": __version__,
            **_head(report),
            "layers": [_layer(row) for row in report.rows],
        },
        "layers",
    )


def comparison(compared: Comparison) -> str:
    """Several networks: their totals, and how many times the first one's they are."""
    networks = []
    kinds = compared.kinds()
    for index, report in enumerate(compared.reports):
        ratios = ((figure, compared.ratio(figure, index)) for figure in _RATIOS)
        networks.append(
            {
                **_head(report),
                "layers": sum(counts[index] for counts in kinds.values()),
                "kinds": {kind: counts[index] for kind, counts in kinds.items() if counts[index]},
                "ratio_to_first": {
                    figure: None if ratio is None else float(ratio) for figure, ratio in ratios
                },
            }
        )
    return _written({"schema": COMPARISON, "version": __version__, "networks": networks}, "networks")


def catalogue(entries: Sequence[Entry]) -> str:
    """Networks of the catalogue with their main numbers at batch 1, and published top-5 errors."""
    networks = [
        {
            "name": entry.name,
            "title": entry.spec.title,
            **{key: entry.about(key) or None for key in ("family", "task", "description", "source", "note")},
            "year": int(entry.about("year")) if entry.about("year").isdecimal() else None,
            "input": entry.report.input,
            "params": entry.report.totals.params,
            "weights": entry.report.totals.weights,
            "biases": entry.report.totals.biases,
            "macs": entry.report.totals.macs,
            "flops": entry.report.totals.flops,
            "depth": entry.report.depth,
            "error.top5": [
                {"value": figure.value, "source": figure.source, "note": figure.note or None}
                for figure in entry.top5
            ],
        }
        for entry in entries
    ]
    return _written({"schema": CATALOGUE, "version": __version__, "networks": networks}, "networks")


def lines(values: Sequence[Any]) -> str:
    """One JSON object a line."""
    return "".join(f"{_encoded(value)}\n" for value in values)


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
        "totals": _totals(report.totals),
    }
    if with_auxiliary is not None:
        head["totals_with_auxiliary"] = _totals(with_auxiliary)
    return head


def _totals(totals: Totals) -> dict[str, int]:
    return {
        "params": totals.params,
        "weights": totals.weights,
        "biases": totals.biases,
        "macs": totals.macs,
        "flops": totals.flops,
        "activations": totals.activations,
        "input_activations": totals.input_activations,
        "param_bytes": totals.param_bytes,
        "activation_bytes": totals.activation_bytes,
        "total_bytes": totals.total_bytes,
    }


def _layer(row: Row) -> dict[str, Any]:
    macs = row.macs
    return {
        "name": row.name,
        "kind": row.kind,
        "from": row.sources,
        "inputs": row.inputs,
        "output": row.output,
        "config": row.config,
        "params": row.params,
        "weights": row.weights,
        "biases": row.biases,
        "shared_with": row.shared_with,
        "head": row.head,
        "auxiliary": row.auxiliary,
        "macs": macs,
        "flops": FLOPS_PER_MAC * macs,
        "cost": row.cost,
        "activations": row.activations,
        "receptive_field": _field(row.receptive_field),
    }


def _field(field: ReceptiveField | None) -> dict[str, Any] | None:
    if field is None:
        return None
    return {"size": field.size, "stride": field.stride, "offset": field.offset, "aligned": field.aligned}


def _written(top: dict[str, Any], long: str) -> str:
    lines = []
    for key, value in top.items():
        text = _encoded(value) if key != long else "[\n    " + ",\n    ".join(map(_encoded, value)) + "\n  ]"
        lines.append(f"  {_encoded(key)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _encoded(value: Any) -> str:
    try:
        text = _ENCODER.encode(value).decode()
    except OverflowError:
        # Beyond 64 bits (a batch of 10⁹) msgspec gives up; JSON knows no such limit.
        import json

        text = json.dumps(msgspec.to_builtins(value, enc_hook=str), separators=(",", ":"))
    # JSON may have them raw, but it is printed too, and a terminal acts on C1 codes and on overrides.
    return text if text.isprintable() else "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))


# The one thing that JSON has no form for: a fraction, such as the stride 1/2 behind an upsampling.
_ENCODER = msgspec.json.Encoder(enc_hook=str)
