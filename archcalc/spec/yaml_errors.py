"""What is wrong with a text that is not YAML, in words that help somebody who wrote a spec.

Only loaded once something is wrong.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from yaml.reader import ReaderError

from archcalc.words.errors import Place, ReadError
from archcalc.words.text import quote

__all__ = ["directive", "explained"]

_LINE_BREAK = "\r\n|[\n\r\x85\u2028\u2029]"  # those that YAML 1.1 counts
_NOT_IN_YAML = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


class _Meaning(NamedTuple):
    words: str
    """Part of what the parser says; libyaml and PyYAML's own parser have it in common."""
    message: str
    hint: str
    at_opening: bool = False
    """Whether the place is where the unfinished thing began, and not where the parser gave up."""


_TAG = _Meaning("a tag", "YAML tags are not part of the spec language.", "Quote text that begins with `!`.")
_QUOTE = _Meaning("end of stream", "this quote is never closed.", "Close it, or remove it.", at_opening=True)
_ESCAPE = _Meaning(
    "escape character", "`\\` begins an escape in double quotes, and this is none.", "Use single quotes."
)
_NO_CHARACTER = _Meaning(
    "invalid Unicode character",
    "this escape in double quotes is no character.",
    "Write the character itself, or one escape for all of it: JSON's pair \\ud83d\\ude00 is \\U0001F600 in YAML.",
)
_NO_KEY = _Meaning("", "there is no key in front of this `:`.", "Write `key: value`.")
_NEXT = _Meaning(
    "<block end>", "expected the next item or `key: value`.", "Check the indentation and the quotes."
)
_BRACKETS = ("',' or ']'", "',' or '}'")
_BEFORE_A_KEY = ("<block end>", "expected key", "node content")
_PLAINLY = "Write it plainly: words, numbers, `key: value`, `- item`, and text in quotes."
# The first that fits counts.
_MEANINGS = (
    _TAG,
    _TAG._replace(words="tag handle"),
    _Meaning(
        "mapping values are not allowed",
        "this `:` belongs to no key.",
        "Several keys in one line need braces: `{conv: 64, kernel: 3}`. Otherwise check the indentation, and "
        "quote text that has `: ` in it.",
    ),
    _Meaning(
        "sequence entries are not allowed",
        "a list item, `- `, cannot stand here.",
        "Begin the list on a line of its own, indented under its key.",
    ),
    _Meaning(
        "',' or ']'",
        "this list is not closed.",
        "Close it with `]`, and quote text that has `: ` in it.",
        at_opening=True,
    ),
    _Meaning(
        "',' or '}'",
        "this mapping is not closed.",
        "Close it with `}`, and put commas between its keys.",
        at_opening=True,
    ),
    _QUOTE,
    _QUOTE._replace(words="unexpected document"),
    _ESCAPE,
    _ESCAPE._replace(words="decimal number"),
    _NO_CHARACTER,
    _NO_CHARACTER._replace(words="chr() arg"),
    _NO_CHARACTER._replace(words="too large to convert"),
    _Meaning(
        "could not find expected ':'",
        "this key has no `:`.",
        "Write `key: value`, or `- item` with a space behind the `-`.",
        at_opening=True,
    ),
    _Meaning("'-' indicator", "expected the next list item, `- `.", "Check the indentation."),
    _NEXT,
    _NEXT._replace(words="expected key"),
    _Meaning("node content", "expected a value.", "Look for a bracket or a comma too many."),
    _Meaning("alphabetic or numeric", "text cannot begin with `*` or `&`.", "Quote it."),
    _Meaning(
        "block scalar", "`|` and `>` begin a text on the lines below.", "Quote text that begins with one."
    ),
    _Meaning(
        "<document start>",
        "the spec has ended before this.",
        "Look for a bracket too many, or wrong indentation.",
    ),
)


def explained(error: Exception, data: bytes, file: str) -> ReadError:
    """What a decoder or parser raised over `data`, as an error with its place and a way out."""
    if isinstance(error, UnicodeDecodeError):
        return _not_utf8(error, file)
    text = data.decode("utf-8-sig")
    if isinstance(error, ReaderError):
        return _control_character(text, file)
    return _not_yaml(error, text, file)


def directive(text: str, file: str) -> ReadError:
    """The error for a line that begins with `%`, of which `text` has at least one."""
    found = re.search(f"(?:^|{_LINE_BREAK})(?=%)", text)
    return ReadError(
        "this line begins with `%`: YAML directives are not part of the spec language.",
        hint="Remove the line.",
        place=_end_of(text[: found.end() if found else 0], file),
    )


def _not_utf8(error: UnicodeDecodeError, file: str) -> ReadError:
    hint = "Save the file as UTF-8."
    if error.object[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return ReadError("expected UTF-8 text, came UTF-16.", hint=hint, place=Place(file, 1, 1))
    return ReadError(
        f"expected UTF-8 text, came the byte 0x{error.object[error.start]:02x}.",
        hint=hint,
        place=_end_of(error.object[: error.start].decode(), file),
    )


def _control_character(text: str, file: str) -> ReadError:
    found = re.search(_NOT_IN_YAML, text)
    if found is None:
        return ReadError("YAML does not allow one of the characters.", hint=_PLAINLY, place=Place(file, 1, 1))
    return ReadError(
        f"the control character U+{ord(found[0]):04X} is not allowed in YAML.",
        hint="Remove it.",
        place=_end_of(text[: found.start()], file),
    )


def _not_yaml(error: Exception, text: str, file: str) -> ReadError:
    problem = getattr(error, "problem", None) or str(error)
    opening = getattr(error, "context_mark", None)
    mark = getattr(error, "problem_mark", None) or opening
    if mark is None:
        found = next((each for each in _MEANINGS if each.words and each.words in problem), None)
        message, hint = (found.message, found.hint) if found else (f"not YAML: {problem}.", _PLAINLY)
        return ReadError(message, hint=hint, place=Place(file, 1, 1))
    place = Place(file, mark.line + 1, mark.column + 1)
    here = _character_at(place, text)
    if "cannot start any token" in problem:
        return _cannot_start(here, place)
    said = f"{getattr(error, 'context', None)}: {problem}"
    meaning = next((each for each in _MEANINGS if each.words in said), None)
    if meaning is None:
        return ReadError(f"not YAML: {problem}.", hint=_PLAINLY, place=place)
    if here == ":" and meaning.words in _BEFORE_A_KEY:
        meaning = _NO_KEY
    if "mapping values" in problem and (lost := _key_above(place, text)) is not None:
        return ReadError("this key has no `:`.", hint="Write `key: value`, with a space.", place=lost)
    message = meaning.message
    if meaning.at_opening and opening is not None:
        if here and meaning.words in _BRACKETS:
            message = f"{message[:-1]}, or lacks a comma before line {place.line}, column {place.column}."
        place = Place(file, opening.line + 1, opening.column + 1)
    return ReadError(message, hint=meaning.hint, place=place)


def _key_above(place: Place, text: str) -> Place | None:
    """The place of the line above, where a key without its `: ` runs on into the key of this line."""
    lines = re.split(_LINE_BREAK, text)[: place.line]
    above = place.line - 1
    while above and not lines[above - 1].split("#")[0].strip():
        above -= 1
    if not above:
        return None
    line, here = lines[above - 1], lines[place.line - 1]
    indentation = len(line) - len(line.lstrip())
    is_key = re.match(r"\s*[A-Za-z_]+[\[ :]", line) and not re.search(r":(\s|$)", line)
    alike = indentation == len(here) - len(here.lstrip())
    return Place(place.file, above, indentation + 1) if is_key and alike else None


def _cannot_start(character: str, place: Place) -> ReadError:
    if character == "\t":
        return ReadError("a tab cannot indent or begin a value.", hint="Use spaces.", place=place)
    return ReadError(f"text cannot begin with {quote(character)}.", hint="Quote it.", place=place)


def _character_at(place: Place, text: str) -> str:
    """The character there; an empty string at the end of a line and of the text."""
    lines = re.split(_LINE_BREAK, text)
    return lines[place.line - 1][place.column - 1 : place.column] if place.line <= len(lines) else ""


def _end_of(text: str, file: str) -> Place:
    """The place right behind `text`."""
    lines = re.split(_LINE_BREAK, text)
    return Place(file, len(lines), len(lines[-1]) + 1)
