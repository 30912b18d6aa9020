"""What a YAML parser complains about, in words that help somebody who wrote a spec.

Only loaded once something is wrong.
"""

from __future__ import annotations

import re

import yaml

from archcalc.errors import Place, ReadError
from archcalc.text import printable

__all__ = ["control_character", "not_utf8", "not_yaml"]

_NOT_IN_YAML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# Part of the parser's words (libyaml and PyYAML's own parser share these), what is mostly meant, the way out.
_IN_PLAIN_WORDS = (
    (
        "mapping values are not allowed",
        "a `:` that belongs to no key here.",
        "Check the indentation of this line and the one before; quote text that holds `: `.",
    ),
    (
        "sequence entries are not allowed",
        "a list item, `- `, cannot stand here.",
        "Begin the list on a line of its own, indented under its key.",
    ),
    (
        "',' or ']'",
        "this list is not closed, or lacks a comma.",
        "Close it with `]`; quote text that holds `: `.",
    ),
    ("',' or '}'", "this mapping is not closed, or lacks a comma.", "Close it with `}`."),
    ("end of stream", "this quote is never closed.", "Close it, or remove it."),
    ("document indicator", "this quote is never closed.", "Close it, or remove it."),
    ("unknown escape", "`\\` begins an escape in double quotes, and this is none.", "Use single quotes."),
    ("could not find expected ':'", "this key has no `:`.", "Write `key: value`."),
    ("'-' indicator", "expected the next list item, `- `.", "Check the indentation."),
    ("expected key", "expected the next `key: value`.", "Check the indentation and the quotes."),
    ("<block end>", "expected the next item or key.", "Check the indentation and the quotes."),
    ("node content", "expected a value.", "Look for a bracket or a comma too many."),
    ("alphabetic or numeric", "text cannot begin with `*` or `&`.", "Quote it."),
    (
        "<document start>",
        "expected the end of the spec.",
        "Look for a bracket too many, or wrong indentation.",
    ),
)
_OPENING = ("',' or ']'", "',' or '}'", "end of stream", "document indicator", "could not find expected ':'")


def not_utf8(error: UnicodeDecodeError, data: bytes, file: str) -> ReadError:
    """The error for bytes that are not UTF-8, with the place of the first such byte."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return ReadError(
            "expected UTF-8 text, came UTF-16.", hint="Save the file as UTF-8.", place=Place(file, 1, 1)
        )
    return ReadError(
        f"expected UTF-8 text, came the byte 0x{data[error.start]:02x}.",
        hint="Save the file as UTF-8.",
        place=_end_of(data[: error.start].decode(), file),
    )


def control_character(text: str, file: str) -> ReadError:
    """The error for the first character that YAML does not allow in `text`."""
    found = _NOT_IN_YAML.search(text)
    if found is None:
        return ReadError("a character that YAML does not allow.", place=Place(file, 1, 1))
    return ReadError(
        f"the control character U+{ord(found[0]):04X} is not allowed.",
        hint="Remove it.",
        place=_end_of(text[: found.start()], file),
    )


def not_yaml(error: yaml.MarkedYAMLError, text: str, file: str) -> ReadError:
    """The error for text that is not YAML."""
    problem = error.problem or "this is not YAML"
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return ReadError(f"{problem}.", place=Place(file, 1, 1))
    place = Place(file, mark.line + 1, mark.column + 1)
    if "cannot start any token" in problem:
        return _cannot_start(text, place)
    for words, message, hint in _IN_PLAIN_WORDS:
        if words in problem:
            opening = error.context_mark if words in _OPENING else None
            if opening is not None:
                place = Place(file, opening.line + 1, opening.column + 1)
            return ReadError(message, hint=hint, place=place)
    return ReadError(f"{problem}.", hint="This is YAML's own message.", place=place)


def _cannot_start(text: str, place: Place) -> ReadError:
    line = re.split("\r\n|[\n\r\x85\u2028\u2029]", text)[place.line - 1]
    character = line[place.column - 1 : place.column]
    if character == "\t":
        return ReadError("a tab cannot indent or begin a value.", hint="Use spaces.", place=place)
    return ReadError(f"text cannot begin with `{printable(character)}`.", hint="Quote it.", place=place)


def _end_of(text: str, file: str) -> Place:
    """The place right behind `text`."""
    return Place(file, text.count("\n") + 1, len(text) - text.rfind("\n"))
