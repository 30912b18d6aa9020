"""YAML → Deck: the statements of a deck, one by one and as tables with a row a line.

    slides:
      - place: AlexNet                    heading of the slide
        network: alexnet                  what its quantities are of; more options in options.py
        statements:
          - {text: output of conv1, says: 55×55×96, ask: conv1.output}
          - {text: error, says: "18.2%", not_calculated: measured}
        tables:
          - text: "{column} of {row}"
            columns: {output: , weights: "*.params"}        * is the row
            rows: {conv1: [55×55×96, "34,848"]}

`says` and `ask` may be lists: then the statement has several figures. A figure may bring its working, as in
`says: (3×3×3)×64 = 1728`; `terms` is a working whose result the deck does not give. In a table ~ is an empty
cell, and a cell with fewer figures than are asked for has the first of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, cast

from archcalc.grading.assignments import fields
from archcalc.grading.assignments.networks import Home, declared
from archcalc.grading.lectures.figures import Said, figure, fitting
from archcalc.grading.lectures.model import NOT_CALCULATED, Deck, Figure, NotCalculated, Statement, Topic
from archcalc.grading.lectures.networks import Known
from archcalc.grading.lectures.options import KEYS, Options, topic_of
from archcalc.spec.nodes import is_null, mapping, text_of
from archcalc.spec.reader import Mapping, Node, Sequence
from archcalc.words.errors import Place, SpecError
from archcalc.words.text import quote

_SHEET_KEYS = ("deck", "institution", "title", "networks", "slides", *KEYS)
_SLIDE_KEYS = ("place", "about", "statements", "tables", *KEYS)
_STATEMENT_KEYS = ("text", "says", "ask", "terms", "fits", "not_calculated", "about", *KEYS)
_TABLE_KEYS = ("text", "ask", "columns", "rows", "about", *KEYS)
_COLUMN_KEYS = ("ask", "text", "about", *KEYS)
MOST_DECKS = 999


class _Slide(NamedTuple):
    """Where a statement stands, and what holds for it."""

    place: str
    about: str
    options: Options


class _Line(NamedTuple):
    """What is said about some figures, beside them."""

    slide: _Slide
    text: str
    about: str


class _Found(NamedTuple):
    """A statement before it has its number."""

    slide: _Slide
    topic: Topic
    text: str
    says: str
    figures: tuple[Figure, ...]
    not_calculated: NotCalculated | None
    about: str
    source: Place


def parse_sheet(root: Node, home: Home) -> tuple[Deck, Known]:
    """The deck in a file that `reader` has read, and the networks that it speaks of; paths in it start at `home`.

    Raises ArchcalcError with the place of what is wrong.
    """
    top = mapping(root, "a sheet of a deck", _SHEET_KEYS)
    for needed in ("deck", "title", "slides"):
        if top.get(needed) is None:
            raise SpecError(
                f"a sheet of a deck needs `{needed}`.",
                hint="For example `deck: 1`, `title: Architectures`, `slides: [{place: AlexNet, statements: []}]`.",
                place=root.place,
            )
    number, slides = top.get("deck"), top.get("slides")
    assert number is not None
    assert slides is not None
    known = Known(declared(top.get("networks"), home, root.file))
    reader = _Reader(known, fields.whole(number, "`deck`", MOST_DECKS))
    found = list(reader.slides(slides, Options().within(top)))
    deck = Deck(
        reader.deck,
        _text(top, "title"),
        _text(top, "institution"),
        tuple(reader.numbered(n, statement) for n, statement in enumerate(found, 1)),
    )
    return deck, known


class _Reader:
    """Reads the slides of one sheet."""

    def __init__(self, known: Known, deck: int) -> None:
        self.known = known
        self.deck = deck

    def numbered(self, number: int, found: _Found) -> Statement:
        name = f"{self.deck}.{number}"
        figures = tuple(
            figure._replace(question=figure.question._replace(id=f"{name}.{n}", text=found.text))
            for n, figure in enumerate(found.figures, 1)
        )
        return Statement(
            id=name,
            place=found.slide.place,
            topic=found.topic,
            text=found.text,
            says=found.says,
            figures=figures,
            not_calculated=found.not_calculated,
            about=found.about,
            source=found.source,
        )

    def slides(self, node: Node, options: Options) -> Iterator[_Found]:
        for item in _items(node, "`slides`", "- place: AlexNet"):
            entry = mapping(item, "a slide", _SLIDE_KEYS)
            if entry.get("place") is None:
                raise SpecError("a slide needs `place`, its heading.", place=item.place)
            slide = _Slide(_text(entry, "place"), _text(entry, "about"), options.within(entry))
            for key, value in entry.entries:
                if key.text == "tables":
                    for table in _items(value, "`tables`", "- columns: {output: }"):
                        yield from self.table(mapping(table, "a table", _TABLE_KEYS), slide)
                elif key.text == "statements":
                    for statement in _items(value, "`statements`", "- {says: 55×55×96, ask: conv1.output}"):
                        yield self.statement(mapping(statement, "a statement", _STATEMENT_KEYS), slide)

    def statement(self, entry: Mapping, slide: _Slide) -> _Found:
        options, text = slide.options.within(entry), _text(entry, "text")
        about = _text(entry, "about") or slide.about
        says, ask, terms, fits, reason = (
            entry.get(key) for key in ("says", "ask", "terms", "fits", "not_calculated")
        )
        if sum(node is not None for node in (ask, fits, reason)) != 1 or (says is None and terms is None):
            raise SpecError(
                "a statement has `says`, and one of `ask`, `fits` and `not_calculated`.",
                hint="For example `{text: output of conv1, says: 55×55×96, ask: conv1.output}`.",
                place=entry.place,
            )
        if reason is not None:
            why = cast(NotCalculated, fields.one_of(reason, "`not_calculated`", NOT_CALCULATED))
            quoted = "; ".join(_texts(says, "`says`"))
            return _Found(
                slide=slide,
                topic=options.topic or "other",
                text=text,
                says=quoted,
                figures=(),
                not_calculated=why,
                about=about,
                source=entry.place,
            )
        if fits is not None:
            quoted = _text(entry, "says")
            found = (
                fitting(quoted, text_of(fits, "`fits`"), self.known.networks.declared, options, fits.place),
            )
            return _Found(
                slide=slide,
                topic=options.topic or "shapes",
                text=text,
                says=quoted,
                figures=found,
                not_calculated=None,
                about=about,
                source=entry.place,
            )
        asks, figures = _texts(ask, "`ask`"), _texts(says, "`says`") if says is not None else [""]
        if len(asks) != len(figures):
            raise SpecError(
                f"{len(figures)} figures are held against {len(asks)} quantities.",
                hint="`says` and `ask` are lists of the same length, or one text each.",
                place=entry.place,
            )
        working = None if terms is None else text_of(terms, "`terms`")
        said = [Said(says, ask, working, entry.place) for says, ask in zip(figures, asks, strict=True)]
        return self.held(_Line(slide, text, about), said, options)

    def table(self, entry: Mapping, slide: _Slide) -> Iterator[_Found]:
        """The cells of a table, row by row."""
        options = slide.options.within(entry)
        columns, rows = entry.get("columns"), entry.get("rows")
        if columns is None or rows is None:
            raise SpecError(
                "a table needs `columns` and `rows`.",
                hint="For example `columns: {output: , weights: }`, `rows: {conv1: [55×55×96, 34848]}`.",
                place=entry.place,
            )
        text, about = _text(entry, "text") or "{column} of {row}", _text(entry, "about") or slide.about
        heads = [
            _Column(title.text, value, entry.get("ask"), options, text)
            for title, value in mapping(columns, "`columns`").entries
        ]
        for row, cells in mapping(rows, "`rows`").entries:
            line = _items(cells, f"the row {quote(row.text)}", "[55×55×96, 34848]")
            if len(line) != len(heads):
                raise SpecError(
                    f"the row {quote(row.text)} has {len(line)} cells under {len(heads)} columns.",
                    hint="Write ~ for an empty cell.",
                    place=cells.place,
                )
            for head, cell in zip(heads, line, strict=True):
                if is_null(cell):
                    continue
                says, asks = _texts(cell, "a cell"), head.asks(row.text)
                if len(says) > len(asks):
                    raise SpecError(
                        f"the cell has {len(says)} figures, and the column {quote(head.title)} asks for {len(asks)}.",
                        place=cell.place,
                    )
                words = head.text.replace("{row}", row.text).replace("{column}", head.title)
                given = [Said(said, ask, None, cell.place) for said, ask in zip(says, asks, strict=False)]
                yield self.held(_Line(slide, words, head.about or about), given, head.options)

    def held(self, line: _Line, said: list[Said], options: Options) -> _Found:
        """Figures held against quantities."""
        figures = tuple(figure(one, options, self.known) for one in said)
        asked = figures[0].question.asked
        assert asked is not None
        return _Found(
            slide=line.slide,
            topic=options.topic or topic_of(asked),
            text=line.text or asked.text,
            says="; ".join(figure.says for figure in figures),
            figures=figures,
            not_calculated=None,
            about=line.about,
            source=said[0].place,
        )


class _Column:
    """A column of a table: what its cells are held against."""

    def __init__(self, title: str, node: Node, usual: Node | None, options: Options, text: str) -> None:
        self.title, self.options, self.text, self.about = title, options, text, ""
        ask: Node | None = node
        if isinstance(node, Mapping):
            entry = mapping(node, f"the column {quote(title)}", _COLUMN_KEYS)
            self.options = options.within(entry)
            self.text, self.about = _text(entry, "text") or text, _text(entry, "about")
            ask = entry.get("ask")
        if ask is None or is_null(ask):
            ask = usual
        self.templates = [f"*.{title}"] if ask is None else _texts(ask, "`ask`")

    def asks(self, row: str) -> list[str]:
        """The quantities of a row."""
        return [template.replace("*", row) for template in self.templates]


def _items(node: Node, what: str, example: str) -> list[Node]:
    if not isinstance(node, Sequence):
        raise SpecError(
            f"{what} must be a list, not {node.describe()}.",
            hint=f"For example `{example}`.",
            place=node.place,
        )
    return node.items


def _texts(node: Node | None, what: str) -> list[str]:
    """One text, or the texts of a list."""
    if isinstance(node, Sequence):
        if not node.items:
            raise SpecError(f"{what} is an empty list.", place=node.place)
        return [text_of(item, what) for item in node.items]
    assert node is not None
    return [text_of(node, what)]


def _text(entry: Mapping, key: str) -> str:
    node = entry.get(key)
    return "" if node is None else text_of(node, f"`{key}`")
