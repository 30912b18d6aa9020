"""Values as JSON, for every command: exact numbers, and no character that a terminal acts on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from archcalc.words.version import __version__


def encoded(value: Any) -> str:
    """A value as JSON on one line. A fraction is a text: the one thing here that JSON has no form for."""
    try:
        text = _ENCODER.encode(value).decode()
    except OverflowError:
        # Beyond 64 bits (a batch of 10⁹) msgspec gives up; JSON knows no such limit.
        import json

        text = json.dumps(msgspec.to_builtins(value, enc_hook=str), separators=(",", ":"))
    # JSON may have them raw, but it is printed too, and a terminal acts on C1 codes and on overrides.
    return text if text.isprintable() else "".join(c if c.isprintable() else _escaped(c) for c in text)


def indented(schema: str, content: dict[str, Any]) -> str:
    """A document of this schema as JSON, a key a line."""
    whole = {"schema": schema, "version": __version__, **content}
    return msgspec.json.format(encoded(whole), indent=2) + "\n"


def streamed(schema: str, content: dict[str, Any]) -> Iterator[str]:
    """The same document in pieces: an iterator in `content` is a list of items that are laid out already."""
    opening = "{"
    for key, value in {"schema": schema, "version": __version__, **content}.items():
        yield f"{opening}\n  {encoded(key)}: "
        if isinstance(value, Iterator):
            yield from _items(value)
        else:
            yield laid_out(1, value)
        opening = ","
    yield "\n}\n"


def _items(items: Iterator[str]) -> Iterator[str]:
    opening = "["
    for item in items:
        yield f"{opening}\n    {item}"
        opening = ","
    yield "[]" if opening == "[" else "\n  ]"


ITEM = 2
"""How deep the items of a list in a document stand."""


def laid_out(depth: int, value: Any) -> str:
    """A value a key a line, to stand this deep. No text has a line break of its own: JSON escapes it."""
    return msgspec.json.format(encoded(value), indent=2).replace("\n", "\n" + "  " * depth)


def entries(depth: int, **values: str) -> str:
    """Keys with values that are laid out already, for a mapping that stands this deep."""
    return ",\n".join([f'{"  " * depth}  "{key}": {value}' for key, value in values.items()])


def mapping(depth: int, *entered: str) -> str:
    """A mapping of these entries, to stand this deep."""
    return "{\n" + ",\n".join(entered) + f"\n{'  ' * depth}}}"


def sequence(depth: int, items: Sequence[str]) -> str:
    """A list of items that are laid out already, one level deeper, to stand this deep."""
    space = "\n" + "  " * depth
    return f"[{space}  " + f",{space}  ".join(items) + f"{space}]" if items else "[]"


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))


_ENCODER = msgspec.json.Encoder(enc_hook=str)
