"""What the docs and the schema of JSON say of counted quantities, from their table in archcalc/results/counts.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archcalc.results.counts import COUNTS, Count, shown_in

UNITS = {"": "", "MAC": "MACs", "FLOP": "FLOPs", "B": "bytes"}


def asked() -> str:
    """The counts as they are asked for."""
    rows = (
        f"| `{count.name}` | {'any part' if count.of_layers else 'the network'} | {UNITS[count.unit]} "
        f"| {about(count)} |"
        for count in COUNTS.values()
    )
    return "\n".join(("| quantity | of | unit | what it is |", "|---|---|---|---|", *rows))


def keys() -> str:
    """The counts as keys of the totals of a summary."""
    rows = (f"| `{name}` | {about(COUNTS[name])} |" for name in shown_in("summary"))
    return "\n".join(("| key | what it is |", "|---|---|", *rows))


def about(count: Count) -> str:
    """What a count is, as a clause."""
    return count.about[:1].lower() + count.about[1:]


def with_counts(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of what commands write, with a key for every count that each part of it has."""
    parts = schema["$defs"]
    listed = parts["list"]["properties"]["networks"]["items"]
    parts["totals"]["properties"] = {}
    _add(parts["totals"], shown_in("summary"))
    _add(parts["row"], shown_in("summary", of_layers=True))
    _add(listed, shown_in("list"))
    return schema


def _add(part: dict[str, Any], names: Sequence[str]) -> None:
    properties: dict[str, Any] = part["properties"]
    keys = list(properties)
    after = max((keys.index(name) for name in names if name in properties), default=-1) + 1
    missing = [name for name in names if name not in properties]
    part["properties"] = {
        name: properties.get(name) or {"type": "integer", "minimum": 0, "description": about(COUNTS[name])}
        for name in (*keys[:after], *missing, *keys[after:])
    }
    optional = {name for name in properties if name not in part["required"]}
    part["required"] = [name for name in part["properties"] if name not in optional or name in missing]
