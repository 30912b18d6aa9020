"""The lectures graded: a summary a deck, what is not right with its reasons, and every statement."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from archcalc.grading.lectures.model import (
    VERDICTS,
    Deck,
    Follows,
    JudgedDeck,
    JudgedFigure,
    JudgedStatement,
    OfAnother,
    OwnTerms,
    Reason,
    Slip,
    Topic,
    Verdict,
)
from archcalc.grading.model import Assignment
from archcalc.render.documents.workings import Workings
from archcalc.render.formats import table
from archcalc.render.formats.registry import Content, Rows, Screen
from archcalc.render.formats.sheet import Column, Document, Line, Sheet
from archcalc.render.homework import lecture_words as words
from archcalc.results.asked import Name
from archcalc.results.quantities import TOTALS, Answer
from archcalc.words import markup
from archcalc.words.language import _, gettext, ngettext, number
from archcalc.words.text import printable

SCHEMA = "archcalc.lectures/1"

HEADER = ("statement", "deck", "place", "topic", "text", "says", "right", "verdict", "why", "about")
"""The columns of the CSV: a row a statement."""

MANY_LAYERS = 100
"""The total of a network of more has no working that anybody would read."""

NOT_RIGHT: tuple[Verdict, ...] = ("terms", "wrong")
"""The verdicts that are listed with their reasons."""


class Chosen(NamedTuple):
    """Which statements are wanted, and whether those that are right are listed too."""

    verdicts: Collection[Verdict] = ()
    """Empty: of any verdict."""
    topics: Collection[Topic] = ()
    every: bool = False

    def of(self, deck: JudgedDeck) -> list[JudgedStatement]:
        """The statements of a deck that are wanted."""
        return [
            judged
            for judged in deck.statements
            if (not self.verdicts or judged.verdict in self.verdicts)
            and (not self.topics or judged.statement.topic in self.topics)
        ]


# ---- for people


def text(decks: Sequence[JudgedDeck], chosen: Chosen, screen: Screen) -> str:
    """The counts of each deck, and below them the statements that are not right, or all that are wanted."""
    parts = [table.draw(_summary(decks, chosen), *screen)]
    for deck in decks:
        wanted = chosen.of(deck)
        if (chosen.every or chosen.verdicts) and wanted:
            parts.append(table.draw(_statements(deck.deck, wanted), *screen))
        listed = [judged for judged in wanted if judged.verdict in NOT_RIGHT]
        if listed:
            lines = [line for judged in listed for line in _told(judged, screen.width)]
            parts.append("\n".join((words.deck_title(deck.deck), "", *lines)) + "\n")
    return "\n".join(parts)


def _summary(decks: Sequence[JudgedDeck], chosen: Chosen) -> Document:
    columns = (
        Column(_("deck"), ink="name", least=20),
        Column(_("statements"), right=True),
        *(Column(gettext(words.SHORT[verdict]), right=True) for verdict in VERDICTS),
    )
    wanted = [(deck, chosen.of(deck)) for deck in decks]
    lines = [Line((words.deck_title(deck.deck), *_counts(found))) for deck, found in wanted]
    if len(decks) > 1:
        everything = [judged for _deck, found in wanted for judged in found]
        lines.append(Line((_("all decks"), *_counts(everything)), "total"))
    return Document(_("The lectures graded"), (_particulars(decks),), (Sheet(columns, tuple(lines)),))


def _counts(found: Sequence[JudgedStatement]) -> list[int]:
    return [len(found), *(sum(judged.verdict == verdict for judged in found) for verdict in VERDICTS)]


def _particulars(decks: Sequence[JudgedDeck]) -> str:
    count = sum(len(deck.statements) for deck in decks)
    calculated = count - sum(deck.count("not calculated") for deck in decks)
    text = ngettext(
        "{count} statement, {calculated} of calculation",
        "{count} statements, {calculated} of calculation",
        count,
    )
    return text.format(count=number(count), calculated=number(calculated))


def _statements(deck: Deck, wanted: Sequence[JudgedStatement]) -> Document:
    """Every statement a line, under the heading of its slide."""
    columns = (
        Column(_("no."), ink="name"),
        Column(_("statement"), least=24),
        Column(_("says"), least=16),
        Column(_("right"), least=12),
        Column(_("verdict")),
    )
    lines, place = [], ""
    for judged in wanted:
        statement = judged.statement
        if statement.place != place:
            place = statement.place
            lines.append(Line((gettext(place), *[None] * (len(columns) - 1)), "section"))
        verdict = gettext(words.SHORT[judged.verdict])
        lines.append(
            Line((statement.id, gettext(statement.text), statement.says, words.right_values(judged), verdict))
        )
    return Document(words.deck_title(deck), (), (Sheet(columns, tuple(lines)),))


def _told(judged: JudgedStatement, width: int) -> Iterator[str]:
    """A statement that is not right, in lines: where it stands, what is right, why, and the note of its sheet."""
    statement = judged.statement
    indent = " " * 8
    head = f"{statement.id:<7} {gettext(statement.place)}: {gettext(statement.text)}: {statement.says}"
    yield from _wrapped(head, "", indent, width)
    for value, why in words.reasons(judged):
        yield from _wrapped(value, indent, indent + "  ", width)
        if why:
            yield from _wrapped(why, indent + "  ", indent + "  ", width)
    if statement.about:
        yield from _wrapped(
            _("Note: {note}").format(note=gettext(statement.about)), indent, indent + "  ", width
        )


def _wrapped(plain: str, first: str, indent: str, width: int) -> list[str]:
    return textwrap.wrap(
        printable(plain, markup.LONGEST), max(width, 40), initial_indent=first, subsequent_indent=indent
    )


# ---- for documents


def markdown(decks: Sequence[JudgedDeck], chosen: Chosen, _screen: Screen) -> str:
    """The same as Markdown: for each deck what is not right, with its working, then a table of all statements."""
    parts = [
        "## " + markup.markdown(_("The lectures graded")),
        _particulars(decks),
        _summary_table(decks, chosen),
    ]
    for deck in decks:
        wanted = chosen.of(deck)
        if not wanted:
            continue
        parts.append(f"## {markup.markdown(words.deck_title(deck.deck))}")
        listed = [judged for judged in wanted if judged.verdict in NOT_RIGHT]
        if listed:
            parts.append("### " + markup.markdown(_("What is not right")))
        workings = _workings(deck)
        for judged in listed:
            parts += _paragraphs(deck, judged, workings)
        parts += ["### " + markup.markdown(_("All statements")), _statement_table(wanted)]
    return "\n\n".join(parts) + "\n"


def _workings(deck: JudgedDeck) -> Workings:
    questions = (figure.figure.question for judged in deck.statements for figure in judged.figures)
    return Workings(
        Assignment(
            id=str(deck.deck.number),
            title=deck.deck.title,
            networks=deck.networks,
            questions=tuple(questions),
            numbers=None,
            lenient=False,
            language="en",
        )
    )


def _working(deck: JudgedDeck, judged: JudgedStatement, workings: Workings) -> list[str]:
    """How the right values come about, where that is more than looking one up and less than a page."""
    lines: list[str] = []
    for figure in judged.figures:
        asked = figure.figure.question.asked
        if figure.verdict not in NOT_RIGHT or asked is None:
            continue
        name = asked.root if isinstance(asked.root, Name) else None
        if name is not None and _is_long(deck, name):
            continue
        found = workings.lines(figure.figure.question)
        lines += found if name is None or len(found) > 1 else ()
    return lines


def _is_long(deck: JudgedDeck, name: Name) -> bool:
    is_total = name.quantity.partition(".")[0] in TOTALS
    return is_total and len(deck.networks[name.network or ""].nodes) > MANY_LAYERS


def _paragraphs(deck: JudgedDeck, judged: JudgedStatement, workings: Workings) -> Iterator[str]:
    statement = judged.statement
    texts = (gettext(statement.place), gettext(statement.text), statement.says)
    place, stated, says = map(markup.markdown, texts)
    yield f"**{statement.id}** {place} – {stated}: **{says}**"
    lines = [
        f"- {markup.markdown(value)}" + (f"  \n  {markup.markdown(why)}" if why else "")
        for value, why in words.reasons(judged)
    ]
    if statement.about:
        lines.append(f"- *{markup.markdown(_('Note: {note}').format(note=gettext(statement.about)))}*")
    yield "\n".join(lines)
    working = _working(deck, judged, workings)
    if working:
        yield "\n".join(("```text", *(printable(line, markup.LONGEST) for line in working), "```"))


def _summary_table(decks: Sequence[JudgedDeck], chosen: Chosen) -> str:
    sheet = _summary(decks, chosen).sheets[0]
    return _table(
        [column.title for column in sheet.columns],
        [
            [number(cell) if isinstance(cell, int) else str(cell) for cell in line.cells]
            for line in sheet.lines
        ],
        right=len(sheet.columns) - 1,
    )


def _statement_table(wanted: Sequence[JudgedStatement]) -> str:
    rows, place = [], ""
    for judged in wanted:
        statement = judged.statement
        here = gettext(statement.place) if statement.place != place else ""
        place = statement.place
        rows.append(
            [
                statement.id,
                here,
                gettext(statement.text),
                statement.says,
                words.right_values(judged),
                words.verdict(judged),
            ]
        )
    return _table([_("no."), _("slide"), _("statement"), _("says"), _("right"), _("verdict")], rows)


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]], right: int = 0) -> str:
    """A table in Markdown, the last `right` columns of which are numbers."""
    rules = ["---:" if place >= len(titles) - right else ":---" for place in range(len(titles))]
    lines = [titles, *rows]
    cells = [" | ".join(markup.markdown(cell) for cell in line) for line in lines]
    return "\n".join((f"| {cells[0]} |", f"| {' | '.join(rules)} |", *(f"| {row} |" for row in cells[1:])))


# ---- for programs


def rows(decks: Sequence[JudgedDeck], chosen: Chosen, _screen: Screen) -> Rows:
    """Every statement that is wanted, a row each, under HEADER."""
    found = (_row(judged, deck.deck) for deck in decks for judged in chosen.of(deck))
    return Rows(HEADER, found, markup.LONGEST)


def _row(judged: JudgedStatement, deck: Deck) -> tuple[str | int, ...]:
    statement = judged.statement
    return (
        *(statement.id, deck.number, statement.place, statement.topic, statement.text, statement.says),
        "; ".join(_exact(figure.right) for figure in judged.figures),
        judged.verdict,
        " ".join(" ".join(part for part in parts if part) for parts in words.reasons(judged)),
        statement.about,
    )


def _exact(value: Answer) -> str:
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)


def content(decks: Sequence[JudgedDeck], chosen: Chosen, _screen: Screen) -> Content:
    """The decks for programs, schema `archcalc.lectures/1`; counts are of what is wanted."""
    return Content(SCHEMA, {"decks": [_deck(deck, chosen.of(deck)) for deck in decks]})


def _deck(deck: JudgedDeck, wanted: Sequence[JudgedStatement]) -> dict[str, Any]:
    return {
        "deck": deck.deck.number,
        "title": deck.deck.title,
        "institution": deck.deck.institution or None,
        "counts": {verdict: sum(one.verdict == verdict for one in wanted) for verdict in VERDICTS},
        "statements": [_statement(judged) for judged in wanted],
    }


def _statement(judged: JudgedStatement) -> dict[str, Any]:
    statement = judged.statement
    return {
        "id": statement.id,
        "place": statement.place,
        "topic": statement.topic,
        "text": statement.text,
        "says": statement.says,
        "verdict": judged.verdict,
        "not_calculated": statement.not_calculated,
        "about": statement.about or None,
        "figures": [_figure(figure) for figure in judged.figures],
    }


def _figure(judged: JudgedFigure) -> dict[str, Any]:
    question, terms = judged.figure.question, judged.figure.terms
    return {
        "says": judged.figure.says,
        "asked": None if question.asked is None else question.asked.text,
        "fits": question.fits,
        "right": judged.right,
        "verdict": judged.verdict,
        "working": None if terms is None else {"says": terms.asked.text, "value": judged.terms},
        "why": words.why(judged) or None,
        "reasons": [_reason(reason) for reason in judged.reasons],
    }


def _reason(reason: Reason) -> dict[str, Any]:
    if isinstance(reason, OwnTerms):
        misfits = [misfit._asdict() for misfit in reason.misfits]
        return {"kind": "terms", "value": reason.value, "misfits": misfits}
    if isinstance(reason, Follows):
        return {"kind": "follows", "statements": [statement for _says, statement in reason.figures]}
    if isinstance(reason, OfAnother):
        return {"kind": "another", **reason._asdict()}
    if isinstance(reason, Slip):
        return {"kind": "slip", **reason._asdict()}
    causes = [
        {
            "mistakes": [made._asdict() | {"facts": dict(made.facts)} for made in cause.mistakes],
            "value": cause.value,
        }
        for cause in reason.causes
    ]
    return {"kind": "mistake", "causes": causes}
