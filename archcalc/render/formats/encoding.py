"""Values as JSON, for every command: exact numbers, and no character that a terminal acts on."""

from __future__ import annotations

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


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))


_ENCODER = msgspec.json.Encoder(enc_hook=str)
