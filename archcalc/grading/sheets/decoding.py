"""Bytes → text: UTF-8, UTF-16, UTF-32 and Windows-1252 where it is neither, line by line and in bounded memory."""

from __future__ import annotations

import codecs
import contextlib
import io
from collections.abc import Iterator
from typing import NamedTuple

from archcalc.grading.sheets.limits import LONGEST_ROW

_FALLBACK = "archcalc-windows-1252"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    # Before UTF-16, whose mark this one begins with.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 4_096


def _windows(error: UnicodeError) -> tuple[str, int]:
    """The bytes that are no UTF-8 as Windows-1252 has them; five of 256 are not used there."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(_FALLBACK, _windows)


class Line(NamedTuple):
    """A line with its end, as much of it as is read."""

    text: str
    foreign: bool
    """Whether it has bytes that are no UTF-8, which were taken for Windows-1252."""
    complete: bool
    """Whether this is all of it."""


def decode(data: bytes) -> tuple[str, bool]:
    """The text that some bytes are, without a byte order mark, and whether they were taken for Windows-1252."""
    encoding, mark = _encoding(data[:_SAMPLE])
    data = data[mark:]
    if encoding != "utf-8":
        return data.decode(encoding, "replace"), False
    try:
        return data.decode(), False
    except UnicodeDecodeError:
        return data.decode("utf-8", _FALLBACK), True


def lines(stream: io.BufferedReader) -> Iterator[Line]:
    """The lines of a stream, one at a time; of a line beyond `LONGEST_ROW` characters the beginning."""
    encoding, mark = _encoding(stream.peek(_SAMPLE)[:_SAMPLE])
    stream.read(mark)
    if encoding != "utf-8":
        with _wrapped(stream, encoding) as text:
            yield from _wide_lines(text)
        return
    # Latin-1 has a character for every byte: it splits lines wherever they end, also in the way of old Macs.
    with _wrapped(stream, "latin-1") as text:
        yield from _narrow_lines(text)


def _narrow_lines(text: io.TextIOWrapper) -> Iterator[Line]:
    while part := text.readline(LONGEST_ROW + 1):
        complete = len(part) <= LONGEST_ROW
        if not complete:
            _skip(text, part)
        if part.isascii():
            yield Line(part, False, complete)
            continue
        raw = part.encode("latin-1")
        try:
            yield Line(raw.decode(), False, complete)
        except UnicodeDecodeError:
            # What was cut in the middle of a character is not read anyway.
            yield Line(raw.decode("utf-8", _FALLBACK), True, complete)


def _wide_lines(text: io.TextIOWrapper) -> Iterator[Line]:
    while part := text.readline(LONGEST_ROW + 1):
        complete = len(part) <= LONGEST_ROW
        if not complete:
            _skip(text, part)
        yield Line(part, False, complete)


@contextlib.contextmanager
def _wrapped(stream: io.BufferedReader, encoding: str) -> Iterator[io.TextIOWrapper]:
    """The text of a stream, which stays its owner's to close."""
    text = io.TextIOWrapper(stream, encoding, "replace", newline="")
    try:
        yield text
    finally:
        with contextlib.suppress(ValueError):
            text.detach()


def _skip(text: io.TextIOWrapper, part: str) -> None:
    """Go on to the next line."""
    while part and not part.endswith(("\n", "\r")):
        part = text.readline(LONGEST_ROW)


def _encoding(start: bytes) -> tuple[str, int]:
    """The encoding of a text that begins with `start`, and the bytes of its byte order mark."""
    for mark, encoding in _BOMS:
        if start.startswith(mark):
            return encoding, len(mark)
    # Western text in UTF-16 has a zero in every other byte; elsewhere there is hardly one.
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if len(start) >= 4 and max(even, odd) > len(start) // 4 and min(even, odd) <= len(start) // 16:
        return ("utf-16-be" if even > odd else "utf-16-le"), 0
    return "utf-8", 0
