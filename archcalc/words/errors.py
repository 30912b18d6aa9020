"""Everything that can be wrong with what a user gave, as one tree of errors.

    ArchcalcError
    ├── SpecError            a spec is wrong
    │   ├── ReadError        not YAML, unsafe YAML, not UTF-8, too big, a directory, a missing file
    │   ├── ExpressionError  the arithmetic behind a `$`
    │   ├── NetworkError     items that do not fit together: names, references, branches, repeats
    │   └── LayerError       one layer that cannot be: its fields, or the shape that reaches it
    │       └── MisfitError  a window that does not fit its input
    ├── CatalogError         no network of that name
    ├── QuantityError        no such quantity, or no layer at that path
    ├── OptionError          a value given on the command line or to the API is wrong
    └── MissingExtra         an optional dependency is not installed

A message says where, what was expected and what came; the hint says the way out. The command line prints
`str(error)` and leaves with `error.exit_status`. An error that is not in this tree is a bug in archcalc.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

from archcalc.words.text import printable, quote

__all__ = [
    "ArchcalcError",
    "CatalogError",
    "ExpressionError",
    "LayerError",
    "MisfitError",
    "MissingExtra",
    "NetworkError",
    "OptionError",
    "Place",
    "QuantityError",
    "ReadError",
    "SpecError",
]

# Enough for every honest message; a message that quotes a whole file is cut here.
_LONGEST_LINE = 1_000
_MOST_CALLS = 8


class Place(NamedTuple):
    """A place in a file, lines and columns counted from 1. Prints as `file:line:column`."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{printable(self.file, 200)}:{self.line}:{self.column}"


class ArchcalcError(Exception):
    """What a user gave is wrong.

    `message` is one sentence, `hint` the way out. `place` is where in the spec it is, None where no file is
    involved. `calls` are the blocks the place is in, innermost first, each with the place it is called from.

    `str(error)` is the whole text, several lines long and safe to print on a terminal.
    """

    exit_status = 2

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        place: Place | None = None,
        calls: Sequence[tuple[str, Place]] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.place = place
        self.calls = tuple(calls)

    def at(self, place: Place) -> Self:
        """This error, at `place` if it has no place yet: inner code may raise without knowing the file."""
        if self.place is None:
            self.place = place
        return self

    def __str__(self) -> str:
        head = printable(self.message, _LONGEST_LINE)
        lines = [f"{self.place}: {head}" if self.place else head]
        if self.hint:
            lines.append(f"  {printable(self.hint, _LONGEST_LINE)}")
        lines += [
            f"  in block {quote(block)}, called at {place}" for block, place in self.calls[:_MOST_CALLS]
        ]
        if len(self.calls) > _MOST_CALLS:
            lines.append(f"  in {len(self.calls) - _MOST_CALLS} more blocks")
        return "\n".join(lines)


class SpecError(ArchcalcError):
    """A spec is wrong."""


class ReadError(SpecError):
    """A file cannot be read as a spec: not YAML, unsafe YAML, not UTF-8, too big, a directory, missing."""


class ExpressionError(SpecError):
    """The arithmetic of a value is wrong: its form, its names or its result."""


class NetworkError(SpecError):
    """Items do not fit together: names, references, branches, repeats."""


class LayerError(SpecError):
    """One layer cannot be: its fields are wrong, or the shape that reaches it is."""


class MisfitError(LayerError):
    """A window is larger than its input, or in a strict network leaves a rest of it."""


class CatalogError(ArchcalcError):
    """There is no network of that name."""


class QuantityError(ArchcalcError):
    """There is no such quantity, or no layer at that path."""


class OptionError(ArchcalcError):
    """A value given on the command line or to the API is wrong."""


class MissingExtra(ArchcalcError):
    """An optional dependency is not installed; the message is one line that says what to install."""
