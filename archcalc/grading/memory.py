"""A graded sheet as one line of JSON, exactly, and back: what a run of grading remembers.

It is no format for other programs: a value is a list of its type and its parts, `["Fraction", "1/2"]`, and
changes with the types. A line says by a checksum that it is whole, and is not believed where it is not, nor where
a part is of another type than it should be. That is no error; its sheet is graded again.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from hashlib import blake2b
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from archcalc.algebra.units import WrittenNumber
from archcalc.grading.model import (
    Assignment,
    Cause,
    Diagnosis,
    Graded,
    Mark,
    Mistake,
    Reading,
    Sheet,
    Student,
)
from archcalc.results.quantities import Answer, Setting
from archcalc.words.language import language
from archcalc.words.version import __version__

FINGERPRINT = 32
"""Characters of a fingerprint."""

_CHECKSUM = 16
"""Characters of a checksum."""

_CHECKED = b'{"checksum":"'
_BEGIN = b'{"fingerprint":"'
_TYPES: dict[str, Callable[..., Any]] = {
    kind.__name__: kind for kind in (Cause, Diagnosis, Mark, Mistake, WrittenNumber, Reading, Student)
}
_NUMBERS = (int, Fraction, str, bool)
_RECORDS = frozenset(_TYPES.values())
_MOST_KEPT = 50_000


class Stale(ValueError):
    """A line that this version did not write, or not as a whole."""


def fingerprint_of(assignment: Assignment) -> bytes:
    """What marks depend on, in 16 bytes: questions, keys, networks, language, this version.

    Titles and comments are not.
    """
    networks = [
        (name, network.input, [node._replace(place=None) for node in network.nodes])  # type: ignore[arg-type]
        for name, network in assignment.networks.items()
    ]
    questions = [question._replace(place=None) for question in assignment.questions]  # type: ignore[arg-type]
    # What is said of an answer that cannot be read is kept in the language it was said in.
    whole = (__version__, networks, questions, assignment.numbers, assignment.lenient, language().code)
    return blake2b(repr(whole).encode("utf-8", "backslashreplace"), digest_size=16).digest()


def fingerprint(sheet: Sheet, assignment: bytes) -> str:
    """What stands for a sheet, with all that is in it, and the assignment that it is graded by."""
    return blake2b(_encoder.encode(sheet), digest_size=FINGERPRINT // 2, key=assignment).hexdigest()


class Codec:
    """Writes and reads the lines of one assignment; marks that are the same on many sheets are put together once."""

    def __init__(self, assignment: bytes = b"") -> None:
        self._assignment = assignment
        self._written: dict[int, tuple[Mark, msgspec.Raw]] = {}
        self._read: dict[bytes, Mark] = {}

    def line(self, graded: Graded, mark: str) -> bytes:
        """A graded sheet with its fingerprint as a line of JSON, with its line feed."""
        body = _encoder.encode(_Record(mark, graded.sheet, tuple(map(self._raw, graded.marks))))
        return b"".join((_CHECKED, self._checksum(body), b'",', body[1:], b"\n"))

    def graded(self, line: bytes, questions: tuple[str, ...]) -> Graded:
        """The graded sheet in a line. Raises Stale if it is not whole, or has marks for other questions."""
        body = self._whole(line)
        try:
            record = _decoder.decode(body)
            marks = tuple(map(self._mark, record.marks))
        except (msgspec.MsgspecError, RecursionError, TypeError, ValueError, ArithmeticError) as error:
            raise Stale from error
        if tuple(mark.question for mark in marks) not in (questions, ()):
            raise Stale
        return Graded(record.sheet, marks)

    def fingerprint(self, line: bytes) -> str:
        """The fingerprint in a line. Raises Stale if it is not whole."""
        return self._whole(line)[len(_BEGIN) : len(_BEGIN) + FINGERPRINT].decode("ascii", "replace")

    def _checksum(self, body: bytes) -> bytes:
        return blake2b(body, digest_size=_CHECKSUM // 2, key=self._assignment).hexdigest().encode()

    def _whole(self, line: bytes) -> bytes:
        """What a line holds beside its checksum. Raises Stale if that is another."""
        end = len(_CHECKED) + _CHECKSUM
        body = b"{" + line[end + 2 : -1]
        begun = line.startswith(_CHECKED) and line[end : end + 2] == b'",' and body.startswith(_BEGIN)
        if not begun or line[-1:] != b"\n" or line[len(_CHECKED) : end] != self._checksum(body):
            raise Stale
        return body

    def student(self, line: bytes) -> str | None:
        """The id of the student that a line is about, of whatever questions; None for one that is not whole."""
        try:
            return _decoder.decode(self._whole(line)).sheet.student.id
        except (msgspec.MsgspecError, RecursionError, ValueError):
            return None

    def _raw(self, mark: Mark) -> msgspec.Raw:
        # Marks come from the marker's own memory, the same object each time.
        known = self._written.get(id(mark))
        if known is None or known[0] is not mark:
            if len(self._written) >= _MOST_KEPT:
                self._written.clear()
            text = _encoder.encode(_packed(mark))
            known = self._written[id(mark)] = mark, msgspec.Raw(text)
            self._keep(text, mark)
        return known[1]

    def _mark(self, raw: msgspec.Raw) -> Mark:
        text = bytes(raw)
        known = self._read.get(text)
        if known is None:
            known = _checked_mark(_unpacked(msgspec.json.decode(text)))
            self._keep(text, known)
        return known

    def _keep(self, text: bytes, mark: Mark) -> None:
        if len(self._read) >= _MOST_KEPT:
            self._read.clear()
        self._read[text] = mark


class _Record(msgspec.Struct):
    """A line."""

    fingerprint: str
    sheet: Sheet
    marks: tuple[msgspec.Raw, ...]


def _checked_mark(value: Any) -> Mark:
    """A mark that came from a file. Raises Stale if any of its parts is of a type that it cannot be of."""
    if isinstance(value, Mark) and _is(value, Mark):
        return value
    raise Stale


def _is(value: Any, hint: Any) -> bool:
    """Whether a value is what a type says, with all its parts."""
    if hint == Answer:
        # Several quantities together are an answer as well.
        parts = value if type(value) in (tuple, Setting) else (value,)
        return all(
            type(part) in _NUMBERS or (type(part) in (tuple, Setting) and _is(part, hint)) for part in parts
        )
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(_is(value, each) for each in arguments)
    if origin is Literal:
        return value in arguments
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if arguments[-1] is Ellipsis:
            return all(_is(part, arguments[0]) for part in value)
        return len(value) == len(arguments) and all(map(_is, value, arguments))
    # True is no number, and a list of names is no record.
    if hint not in _RECORDS or type(value) is not hint:
        return type(value) is hint
    return all(map(_is, value, _hints(hint.__name__)))


@cache
def _hints(name: str) -> tuple[Any, ...]:
    """The types of the fields of a record, in their order."""
    kind: Any = _TYPES[name]
    found = get_type_hints(kind, localns={"Fraction": Fraction})
    return tuple(found[field] for field in kind._fields)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Record)


def _packed(value: Any) -> Any:
    """A value as JSON has it: lists of a type and its parts."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        # What does not fit into 64 bits is not kept as a number everywhere.
        return value if -(2**63) <= value < 2**63 else ["int", str(value)]
    if isinstance(value, Fraction):
        return ["Fraction", str(value)]
    name = type(value).__name__
    return [name if name in _TYPES or name == "Setting" else "tuple", *map(_packed, value)]


def _unpacked(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    name, *parts = value
    if name in ("int", "Fraction"):
        return int(parts[0]) if name == "int" else Fraction(parts[0])
    whole = tuple(map(_unpacked, parts))
    if name in _TYPES:
        return _TYPES[name](*whole)
    if name not in ("tuple", "Setting"):
        raise Stale
    return Setting(whole) if name == "Setting" else whole
