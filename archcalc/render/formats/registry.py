"""The formats: a module `as_NAME` each, which holds a `FORMAT` that says what it writes and how.

Nothing here or anywhere else lists them. A format that is asked for by its name is imported alone; all of them are
looked at only where they are advertised, or where the ending of a file has to be understood. So whoever adds a
format adds one file. What commands show, `Output`, says in which ways it can be taken; a format that writes one of
these ways can write it, and `--format` has exactly those.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from itertools import chain
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, ParamSpec, TypeAlias

from archcalc.words.errors import OptionError
from archcalc.words.text import LONGEST_TEXT, did_you_mean, listing, printable_lines, quote

if TYPE_CHECKING:
    from archcalc.render.formats.sheet import Document

P = ParamSpec("P")

FIRST = "table"
"""What is written where nothing else is asked for."""

Markup = Literal["text", "markdown", "latex", "json"]
"""In what is written that is not laid out by a format: prose with its formulas, and JSON too large to be kept."""

Field: TypeAlias = str | int | float


class Screen(NamedTuple):
    """What output is drawn for."""

    width: int = 100
    colour: bool = False


class Rows(NamedTuple):
    """A result as rows for a spreadsheet, whose texts are still to be made safe for one."""

    header: Iterable[str]
    rows: Iterable[Iterable[Field]]
    longest: int = LONGEST_TEXT
    """Characters of a cell that are written."""


class Content(NamedTuple):
    """A result as an object for programs: everything, in values that JSON has a form for."""

    schema: str
    values: Mapping[str, Any]
    long: str = ""
    """The key of a list that may be very long; where it is empty the whole is short enough to be read."""


class Pieces(NamedTuple):
    """How an object is written that holds a list too long to be kept: its head, each of the list, what follows."""

    head: Callable[[Mapping[str, Any], str], str]
    """From what stands before the list, and its key."""
    item: Callable[[Any, bool], str]
    """From one of the list, and whether it is the first."""
    tail: Callable[[Mapping[str, Any]], str]


class Format(NamedTuple):
    """One way to write, by what it is called, and what it can write: each of these that is not None."""

    name: str
    about: str
    """What it is for, in a line."""
    endings: tuple[str, ...] = ()
    """How the files end that are written so by default."""
    also: tuple[str, ...] = ()
    """What else it is called."""
    draw: Callable[[Sequence[Document], Screen], str] | None = None
    """Tables for people, one after the other."""
    markup: Markup | None = None
    """What comes in this mark-up."""
    row: Callable[[Iterable[Field], int], str] | None = None
    """One row for a spreadsheet, with its end; texts of at most so many characters."""
    whole: Callable[[Content], Iterable[str]] | None = None
    """One object for programs."""
    pieces: Pieces | None = None
    """One object for programs, piece by piece."""
    line: Callable[[Any], str] | None = None
    """One object of many, in a line with its end."""

    @property
    def is_for_people(self) -> bool:
        """Whether texts are in the language of the moment; what programs read is in English."""
        return self.draw is not None


class Output(Generic[P]):
    """What a command shows, in the ways in which formats can take it, each named as `module:function`.

    All functions take the same; they give a Document, text in some mark-up or pieces of it, Rows, a Content, and
    an iterable of values.
    """

    def __init__(
        self,
        *,
        document: str = "",
        text: str = "",
        markdown: str = "",
        latex: str = "",
        json: str = "",
        rows: str = "",
        content: str = "",
        lines: str = "",
    ) -> None:
        self._document = document
        self._marked_up: Mapping[Markup | None, str] = {
            "text": text,
            "markdown": markdown,
            "latex": latex,
            "json": json,
        }
        self._rows = rows
        self._content = content
        self._lines = lines

    def takes(self, form: Format) -> bool:
        """Whether it can be written in this format."""
        return self._way(form) is not None

    def written(self, form: Format, screen: Screen, *args: P.args, **kwargs: P.kwargs) -> str:
        """The result in a format. Raises OptionError where it cannot be written so."""
        return "".join(self.pieces(form, screen, *args, **kwargs))

    def pieces(self, form: Format, screen: Screen, *args: P.args, **kwargs: P.kwargs) -> Iterable[str]:
        """The same piece by piece, where it may be large."""
        way = self._way(form)
        if way is None:
            raise OptionError(
                f"this cannot be written as {form.name}.", hint=f"It may be {listing(choices(self.takes))}."
            )
        function, write = way
        module, _colon, name = function.partition(":")
        return write(getattr(import_module(f"archcalc.render.{module}"), name)(*args, **kwargs), screen)

    def _way(self, form: Format) -> tuple[str, Callable[[Any, Screen], Iterable[str]]] | None:
        """The function that makes what the format takes, and what writes that; what people read goes first."""
        ways = (
            (self._document, form.draw and _drawn(form.draw)),
            (self._marked_up.get(form.markup, ""), _marked_up),
            (self._rows, form.row and _rows(form.row)),
            (self._content, form.whole and _whole(form.whole)),
            (self._lines, form.line and _lines(form.line)),
        )
        return next(((function, write) for function, write in ways if function and write), None)


def _drawn(draw: Callable[[Sequence[Document], Screen], str]) -> Callable[[Document, Screen], Iterable[str]]:
    return lambda document, screen: (draw((document,), screen),)


def _marked_up(text: str | Iterable[str], screen: Screen) -> Iterable[str]:
    pieces = (text,) if isinstance(text, str) else text
    return (printable_lines(piece, colours=screen.colour) for piece in pieces)


def _rows(row: Callable[[Iterable[Field], int], str]) -> Callable[[Rows, Screen], Iterable[str]]:
    return lambda of, _screen: (row(cells, of.longest) for cells in chain((of.header,), of.rows))


def _whole(whole: Callable[[Content], Iterable[str]]) -> Callable[[Content, Screen], Iterable[str]]:
    return lambda content, _screen: whole(content)


def _lines(line: Callable[[Any], str]) -> Callable[[Iterable[Any], Screen], Iterable[str]]:
    return lambda values, _screen: map(line, values)


Takes: TypeAlias = Callable[[Format], bool]


def named(name: str) -> Format:
    """The format of that name, of which alone the module is imported. Raises OptionError where there is none."""
    found = _imported(name) or next((form for form in every() if name in form.also), None)
    if found is None:
        names = [form.name for form in every()]
        raise OptionError(
            f"there is no format {quote(name)}.",
            hint=did_you_mean(name, names) or f"Choose one of {listing(names)}.",
        )
    return found


def choices(takes: Takes) -> tuple[str, ...]:
    """What the formats are called that can write something."""
    return tuple(form.name for form in every() if takes(form))


@cache
def every() -> tuple[Format, ...]:
    """All formats, the first one first."""
    from archcalc.render import formats

    files = {file.partition(".")[0] for folder in formats.__path__ for file in os.listdir(folder)}
    names = sorted(file.removeprefix("as_") for file in files if file.startswith("as_"))
    found = (_imported(name) for name in sorted(names, key=lambda name: name != FIRST))
    return tuple(form for form in found if form is not None)


@cache
def _imported(name: str) -> Format | None:
    if not re.fullmatch("[a-z0-9_]{1,40}", name):
        return None
    module = f"{__package__}.as_{name}"
    try:
        found = import_module(module).FORMAT
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        return None
    assert isinstance(found, Format)
    return found


def by_ending(ending: str) -> Format | None:
    """The format that the end of a file's name, such as `.csv`, gives away."""
    return next((form for form in every() if ending in form.endings), None)
