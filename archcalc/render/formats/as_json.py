"""JSON, the contract with other programs: docs/json.md says what every key means.

The top-level keys of what may be long stand on a line each, and so does every layer or network, so that line
tools and people can find their way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archcalc.render.formats.encoding import encoded, indented
from archcalc.render.formats.registry import Content, Format, Pieces
from archcalc.words.version import __version__


def write(content: Content) -> str:
    """The whole object, with its schema and our version before everything else."""
    schema, values, long = content
    if not long:
        return indented(schema, dict(values))
    lines = []
    for key, value in {"schema": schema, "version": __version__, **values}.items():
        text = encoded(value) if key != long else "[\n    " + ",\n    ".join(map(encoded, value)) + "\n  ]"
        lines.append(f"  {encoded(key)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _head(before: Mapping[str, Any], key: str) -> str:
    return f"{encoded(before)[:-1]},{encoded(key)}:["


def _item(value: Any, is_first: bool) -> str:
    return f"{'' if is_first else ','}{encoded(value)}\n"


def _tail(behind: Mapping[str, Any]) -> str:
    return f"],{encoded(behind)[1:]}\n"


FORMAT = Format(
    "json",
    "One object with everything, for programs.",
    endings=(".json",),
    markup="json",
    whole=write,
    pieces=Pieces(_head, _item, _tail),
)
