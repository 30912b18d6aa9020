"""What a teacher decided: the points of answers that read in two ways or not at all, or of any other.

They come from a table with a row an answer. A row of `undecided.csv`, which a run writes, has a `row` that
stands for the student, the question and the answer as it was: spreadsheets change numbers and drop zeros, and
it finds the answer all the same. A row that is written by hand has the student's id and the question.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from archcalc.grading.model import NOT_KNOWN, UNDECIDED, Assignment, Graded, Mark
from archcalc.grading.sheets.decoding import decode
from archcalc.grading.sheets.intake import identity
from archcalc.grading.sheets.questions import Questions
from archcalc.grading.sheets.tables import DELIMITERS
from archcalc.grading.sheets.words import folded
from archcalc.words.errors import OptionError
from archcalc.words.language import _
from archcalc.words.text import did_you_mean, listing, printable, quote

if TYPE_CHECKING:
    from _csv import Reader as _Reader

HEADER = ("student", "name", "question", "answer", "why", "points", "max_points", "comment", "row")
"""The columns of `undecided.csv`; `points` and `comment` are the teacher's to fill in."""

MOST = HEADER.index("max_points")

_LARGEST = 50_000_000
"""Bytes of a table of decisions."""

_LONGEST_COMMENT = 2_000

_NEEDED = ("student", "question", "points")
_CALLED = {
    **{name: name for name in HEADER},
    "max points": "max_points",
    "aluno": "student",
    "id": "student",
    "matricula": "student",
    "nome": "name",
    "questao": "question",
    "resposta": "answer",
    "por que": "why",
    "pontos": "points",
    "maximo": "max_points",
    "comentario": "comment",
    "linha": "row",
}
"""What the columns are called, in either language."""

_POINTS = re.compile(r"(?P<whole>[0-9]{1,9})(?:[.,](?P<part>[0-9]{1,9}))?", re.ASCII)
_SHARE = re.compile(r"(?P<above>[0-9]{1,9})\s*/\s*(?P<below>0*[1-9][0-9]{0,8})", re.ASCII)


class Decision(NamedTuple):
    """What one answer is worth."""

    student: str
    question: str
    points: Fraction
    comment: str
    row: str
    """What stands for the answer that was decided on; empty for whatever the student answered."""
    place: str
    """The file and line it comes from."""


class Decisions:
    """Decisions by the answers that they are about; later ones win over earlier."""

    def __init__(self, found: Iterable[Decision] = ()) -> None:
        self._by_row: dict[str, Decision] = {}
        self._by_student: dict[tuple[str, str], Decision] = {}
        self._used: set[str] = set()
        for decision in found:
            self.add(decision)

    def __bool__(self) -> bool:
        return bool(self._by_row or self._by_student)

    def __iter__(self) -> Iterator[Decision]:
        yield from self._by_row.values()
        yield from self._by_student.values()

    def add(self, decision: Decision) -> None:
        """Take another decision."""
        if decision.row:
            self._by_row[decision.row] = decision
        else:
            self._by_student[identity(decision.student), decision.question] = decision

    def apply(self, graded: Graded) -> Graded:
        """A sheet with the points that were decided in the place of its marks; the same where there are none."""
        if not self or not graded.marks:
            return graded
        marks = tuple(self._decided(graded, mark) for mark in graded.marks)
        return graded if marks == graded.marks else graded._replace(marks=marks)

    def unused(self) -> tuple[Decision, ...]:
        """Those that were about none of the answers so far."""
        return tuple(decision for decision in self if decision.place not in self._used)

    def _decided(self, graded: Graded, mark: Mark) -> Mark:
        student = graded.sheet.student.id
        found = self._by_row and self._by_row.get(row_of(student, mark.question, mark.reading.text))
        # One by hand wins: it is about whatever was answered.
        found = self._by_student.get((identity(student), mark.question)) or found
        if not found:
            return mark
        self._used.add(found.place)
        return mark._replace(
            verdict="decided", points=found.points, comment=found.comment, diagnosis=NOT_KNOWN, mistakes=()
        )


_MARK = re.compile("r-[0-9a-f]{16}")


def row_of(student: str, question: str, answer: str) -> str:
    """What stands for an answer in a table that a spreadsheet has had in its hands: no number, no date."""
    digest = blake2b(
        "\0".join((identity(student), question, answer)).encode("utf-8", "replace"), digest_size=8
    )
    return f"r-{digest.hexdigest()}"


def undecided(assignment: Assignment, graded: Graded, why: Callable[[Mark], str]) -> Iterator[list[str]]:
    """The rows of `undecided.csv` for a sheet, whose texts are still to be made safe for spreadsheets."""
    student = graded.sheet.student
    for mark, question in zip(graded.marks, assignment.questions, strict=False):
        if mark.verdict in UNDECIDED:
            answer = mark.reading.text
            row = row_of(student.id, mark.question, answer)
            most = str(question.points)
            yield [student.id, student.name, mark.question, answer, why(mark), "", most, "", row]


def load_decisions(path: str, assignment: Assignment) -> list[Decision]:
    """The decisions in a table; rows without points are none.

    Raises OptionError, with the line, for a table or a row that cannot be understood.
    """
    shown = printable(path, 200)
    try:
        with open(path, "rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise OptionError(
            f"cannot read {quote(path, 200)}: {error.strerror or error}.",
            hint="Name the table of decisions, such as undecided.csv of an earlier run with its points filled in.",
        ) from None
    if len(data) > _LARGEST:
        raise OptionError(f"{shown} is larger than {_LARGEST // 10**6} MB: it is no table of decisions.")
    return list(_read(decode(data)[0], shown, assignment))


def _read(text: str, shown: str, assignment: Assignment) -> Iterator[Decision]:
    reader, delimiter = _opened(text)
    columns: dict[str, int] = {}
    width = rows = 0
    known = Questions(assignment)
    most = {question.id: question.points for question in assignment.questions}
    taken: dict[tuple[str, ...], str] = {}
    try:
        for fields in reader:
            place = f"{shown}:{reader.line_num}"
            if not any(field.strip() for field in fields):
                continue
            if not columns:
                columns, width = _columns(fields, place), len(fields)
                named = {index for index, field in enumerate(fields) if field.strip()}
                continue
            rows += 1
            _check_width(fields, width, named, delimiter, place)
            row = {name: fields[i].strip() for name, i in columns.items()}
            decision = _decision(row, place, known, most)
            if decision is None:
                continue
            key = (decision.row,) if decision.row else (identity(decision.student), decision.question)
            if key in taken:
                raise OptionError(
                    f"{place}: this answer is decided twice; {taken[key]} has it too.",
                    hint="Leave one of the rows out.",
                )
            taken[key] = place
            yield decision
    except csv.Error as error:
        raise OptionError(
            f"{shown}:{reader.line_num}: not a row of a table: {error}.", hint=_way_out(delimiter)
        ) from None
    if not columns:
        raise OptionError(f"{shown} is empty.", hint=f"Its columns are {listing(HEADER, 'and')}.")
    if not rows:
        raise OptionError(
            f"{shown} has a header and no rows: nothing is decided in it.",
            hint="Keep the rows with their last column, and fill in their points.",
        )


def _opened(text: str) -> tuple[_Reader, str]:
    """The rows of a table and what is between their fields: the sign that makes most of its header."""
    first, _end, rest = text.lstrip().partition("\n")
    if re.fullmatch("sep=.", first.strip(" \r"), re.IGNORECASE):
        # What Excel writes for itself in front of a table.
        text = rest
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(
        DELIMITERS,
        key=lambda sign: (sum(folded(name) in _CALLED for name in first.split(sign)), first.count(sign)),
    )
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), delimiter


def _columns(fields: list[str], place: str) -> dict[str, int]:
    columns: dict[str, int] = {}
    for i, name in enumerate(map(folded, fields)):
        if name not in _CALLED:
            continue
        if _CALLED[name] in columns:
            raise OptionError(
                f"{place}: two columns are the {_CALLED[name]}: both are called so, {quote(fields[i], 60)}.",
                hint="Rename one of them, or leave it out.",
            )
        columns[_CALLED[name]] = i
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise OptionError(
            f"{place}: there is no column {listing(map(quote, missing), 'and')}.",
            hint=f"A table of decisions has {listing(HEADER[:8], 'and')}, as undecided.csv has.",
        )
    return columns


def _check_width(fields: list[str], width: int, named: set[int], delimiter: str, place: str) -> None:
    """Raise OptionError for a row that does not go with the header: what was typed in it would be lost."""
    if len(fields) != width:
        raise OptionError(
            f"{place}: it has {len(fields)} {'field' if len(fields) == 1 else 'fields'}, and the header has {width}.",
            hint=_way_out(delimiter),
        )
    stray = next((i for i, field in enumerate(fields) if field.strip() and i not in named), None)
    if stray is not None:
        raise OptionError(
            f"{place}: there is {quote(fields[stray], 60)} in column {stray + 1}, which has no header.",
            hint="Points go below 'points', remarks below 'comment'.",
        )


def _way_out(delimiter: str) -> str:
    between = {",": "commas", ";": "semicolons", "\t": "tabs"}[delimiter]
    return (
        f"The header has {between} between its fields. Where a spreadsheet put whole rows into one cell, open the "
        f"table anew, separated by {between}, fill in the points and save it so."
    )


def _decision(
    row: Mapping[str, str], place: str, known: Questions, most: Mapping[str, Fraction]
) -> Decision | None:
    """The decision in a row; None where nothing is filled in. Raises OptionError with its place."""
    text = row.get("points", "")
    if not text:
        if row.get("comment"):
            raise OptionError(
                f"{place}: it has a comment and no points, and a comment alone decides nothing.",
                hint="Fill in the points as well, or take the comment out.",
            )
        return None
    student, asked = (_unquoted(row.get(name, "")) for name in ("student", "question"))
    found = known.find(asked).ids
    if len(found) != 1:
        raise OptionError(
            f"{place}: there is no question {quote(asked)}.",
            hint=did_you_mean(asked, known.order) or f"The questions are {listing(known.order, 'and')}.",
        )
    points = _points(text)
    if points is None:
        raise OptionError(f"{place}: {quote(text)} is no number of points.", hint="Write 1, 0.5, 0,5 or 1/2.")
    if points > most[found[0]]:
        raise OptionError(
            f"{place}: {quote(text)} is more than question {printable(found[0])} is worth, "
            f"{most[found[0]]} points.",
            hint="Give at most that many.",
        )
    if not student:
        raise OptionError(f"{place}: it does not say whose answer it is.", hint="Write the student's id.")
    comment = _unquoted(row.get("comment", ""))[:_LONGEST_COMMENT]
    return Decision(student, found[0], points, comment, _mark_of(row.get("row", ""), place), place)


def _mark_of(text: str, place: str) -> str:
    """What stands for the row, or nothing. Raises OptionError for what a spreadsheet has cut or changed."""
    mark = text.strip("".join(DELIMITERS) + " \"'")
    if mark and not _MARK.fullmatch(mark):
        raise OptionError(
            f"{place}: {quote(text, 60)} in the column 'row' is not what was written there: it was cut or changed.",
            hint="Copy it from the table as it was written, or empty that cell: the student and the question "
            "are then enough.",
        )
    return mark


def _points(text: str) -> Fraction | None:
    number = _POINTS.fullmatch(text)
    if number is not None:
        return Fraction(f"{number['whole']}.{number['part'] or 0}")
    share = _SHARE.fullmatch(text)
    return Fraction(int(share["above"]), int(share["below"])) if share is not None else None


def _unquoted(text: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from reading a formula."""
    return text[1:] if len(text) > 1 and text[0] == "'" and not text[1].isalnum() else text


def told_unused(decision: Decision) -> str:
    """What is said of a decision that is about no answer."""
    text = (
        _("{place}: student {student} has no such answer to {question} any more, or is not among the sheets.")
        if decision.row
        else _("{place}: there is no sheet of student {student}.")
    )
    return text.format(
        place=decision.place, student=quote(decision.student), question=printable(decision.question)
    )
