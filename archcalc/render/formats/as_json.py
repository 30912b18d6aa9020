"""JSON, the contract with other programs: docs/json.md says what every key means.

The top-level keys of what may be long stand on a line each, and so does every layer or network, so that line
tools and people can find their way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from archcalc.render.formats.encoding import encoded, indented
from archcalc.render.formats.registry import Content, Format, Pieces
from archcalc.words.version import __version__


def write(content: Content) -> Iterator[str]:
    """The whole object, with its schema and our version before everything else; what is long an entry a piece."""
    schema, values, long = content
    if not long:
        yield indented(schema, dict(values))
        return
    opening = "{"
    for key, value in {"schema": schema, "version": __version__, **values}.items():
        yield f"{opening}\n  {encoded(key)}: "
        if key == long:
            yield from _entries(value)
        else:
            yield encoded(value)
        opening = ","
    yield "\n}\n"


def _entries(values: Iterable[Any]) -> Iterator[str]:
    opening = "["
    for value in values:
        yield f"{opening}\n    {encoded(value)}"
        opening = ","
    yield "[\n    \n  ]" if opening == "[" else "\n  ]"


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
