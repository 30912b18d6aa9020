"""A table, a row a student → sheets, one row at a time, however long it is.

It is CSV as spreadsheets write it, with `,`, `;` or a tab between the fields, and as Google Forms and Moodle
export it. A row that cannot be read is reported with its line, and the next one is read.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from archcalc.grading.model import Sheet, Student
from archcalc.grading.sheets.attempts import Attempts, is_average
from archcalc.grading.sheets.columns import Columns, columns, meaningful
from archcalc.grading.sheets.decoding import Line, lines
from archcalc.grading.sheets.limits import LONGEST_ROW, LONGEST_TABLE, MOST_BROKEN_ROWS, Allowance
from archcalc.grading.sheets.outcome import Opened, Remark, Tell, answer, limited, name, said, unread
from archcalc.grading.sheets.questions import Questions
from archcalc.grading.sheets.sources import Source
from archcalc.words.errors import OptionError
from archcalc.words.language import _, number

DELIMITERS = (",", ";", "\t")

_MOST_LINES = 1_000


class Row(NamedTuple):
    """A row of a table."""

    line: int
    """Where it begins, counted from 1."""
    fields: list[str]
    foreign: bool
    """Whether it has bytes that are no UTF-8."""
    problem: str = ""
    """Why it has no fields."""


def read_table(source: Source, questions: Questions, tell: Tell, rows: Allowance) -> Iterator[Sheet]:
    """The sheets of a table. What is wrong with all of it comes as one sheet without answers.

    `rows` are those that may be read.
    """
    if source.size > LONGEST_TABLE:
        yield unread(source.name, _("it is larger than {size}.").format(size=f"{LONGEST_TABLE // 10**9} GB"))
        return
    with source.open() as stream:
        feed = _Feed(lines(stream))
        try:
            delimiter, header = _header(feed, questions, rows)
            found = columns(header.fields, questions)
        except OptionError as error:
            yield unread(source.name, said(error))
            return
        tell(Opened(source.name, delimiter, found))
        foreign = header.foreign
        attempts = Attempts(found)
        sheets = 0
        if foreign:
            tell(_foreign(source.name, header.line))
        for row in _rows(feed, delimiter, len(found.headers)):
            if not rows.take():
                yield unread(source.name, _too_many(rows))
                return
            if row.foreign and not foreign:
                foreign = True
                tell(_foreign(source.name, row.line))
            if attempts.leaves_out(row.fields):
                continue
            sheet = _sheet(row, found, f"{source.name}:{row.line}")
            if sheet is not None:
                sheets += 1
                yield attempts.doubted(sheet, row.fields)
        for remark in attempts.remarks():
            tell(Remark(source.name, remark))
        if not sheets:
            tell(Remark(source.name, _("there are no rows with answers: nobody answered yet.")))


def is_table(text_lines: Iterator[Line], questions: Questions, rows: Allowance) -> bool:
    """Whether a text, whose name does not say what it is, begins as a table does."""
    try:
        header = _header(_Feed(text_lines), questions, rows)[1]
        columns(header.fields, questions)
    except OptionError:
        return False
    # `1a: 55` and `answers: {1a: 55, 1b: 7}` are YAML.
    return ":" not in header.fields[0]


class _BrokenRow(Exception):
    """What is wrong with a row."""


class _Feed:
    """Lines for csv.reader, which gets them again where it took too many for one row."""

    def __init__(self, source: Iterator[Line]) -> None:
        self.source = source
        self.again: deque[Line] = deque()
        self.row: list[Line] = []
        self.before = 0
        """The lines before this row."""
        self.length = 0
        self.most = _MOST_LINES

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = self.again.popleft() if self.again else next(self.source)
        self.row.append(line)
        self.length += len(line.text)
        if not line.complete or self.length > LONGEST_ROW:
            raise _BrokenRow(_("the row has more than {most} characters").format(most=number(LONGEST_ROW)))
        if len(self.row) > self.most:
            raise _BrokenRow(_("a quote is opened and not closed"))
        return line.text

    def peek(self) -> Line | None:
        """The next line, which stays the next; None behind the last."""
        if not self.again:
            self.again.extend(islice(self.source, 1))
        return self.again[0] if self.again else None

    def begin(self) -> None:
        """Begin the next row."""
        self.before += len(self.row)
        self.row = []
        self.length = 0

    def give_back(self, keep: int) -> None:
        """Give the lines of this row back, but for the first `keep`."""
        self.again.extendleft(reversed(self.row[keep:]))
        del self.row[keep:]
        self.length = 0


def _header(feed: _Feed, questions: Questions, rows: Allowance) -> tuple[str, Row]:
    """The delimiter, and the first row that is not blank. Raises OptionError where there is none."""
    delimiters: Sequence[str] = DELIMITERS
    while True:
        feed.begin()
        line = feed.peek()
        if line is None:
            raise OptionError("the table is empty.", hint="Its first row says what the columns are.")
        text = line.text.strip() if line.complete else "too long"
        stated = text.lower().startswith("sep=") and len(text) <= len("sep=,")
        if stated:
            # What Excel writes for itself in front of a table; a tab was stripped.
            delimiters = (text[4:] or "\t",)
        elif text.strip(",;\t "):
            break
        if not rows.take():
            raise OptionError(_too_many(rows))
        next(feed)
    first: dict[str, Row] = {}
    for delimiter in delimiters:
        first[delimiter] = _next(csv.reader(feed, delimiter=delimiter, strict=True), feed)
        feed.give_back(keep=0)
    best = max(first, key=lambda one: (meaningful(first[one].fields, questions), len(first[one].fields)))
    if first[best].problem:
        raise OptionError(first[best].problem)
    return best, _next(csv.reader(feed, delimiter=best, strict=True), feed)


def _rows(feed: _Feed, delimiter: str, width: int) -> Iterator[Row]:
    """The rows below the header, which has so many fields."""
    broken = 0
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    while True:
        feed.begin()
        try:
            row = _next(reader, feed)
        except StopIteration:
            return
        if len(feed.row) > 1 and not row.problem and len(row.fields) != width:
            # A stray quote took what follows, up to the next one, for its own.
            row = row._replace(problem=_unreadable(_("a quote is opened and not closed")))
        yield row
        if row.problem:
            feed.give_back(keep=1)
            reader = csv.reader(feed, delimiter=delimiter, strict=True)
            broken += 1
            if broken == MOST_BROKEN_ROWS:
                # Looking far ahead for each of a million open quotes would take for ever.
                feed.most = 1


def _next(reader: Iterator[list[str]], feed: _Feed) -> Row:
    """The next row, as it is or with its problem. Raises StopIteration behind the last."""
    fields: list[str] = []
    problem = ""
    try:
        fields = next(reader)
    except (csv.Error, _BrokenRow) as error:
        problem = _unreadable(error)
    return Row(feed.before + 1, fields, any(line.foreign for line in feed.row), problem)


def _unreadable(why: object) -> str:
    return _("the row cannot be read: {why}.").format(why=why)


def _sheet(row: Row, header: Columns, source: str) -> Sheet | None:
    """The sheet of a row; None where nothing stands in it, and for averages of the class."""
    fields = row.fields
    if row.problem:
        return unread(source, row.problem)
    if not any(fields) or not any(field.strip() for field in fields):
        return None
    student = _student(fields, header)
    problems: list[str] = []
    if len(fields) > len(header.headers) and any(field.strip() for field in fields[len(header.headers) :]):
        # One field too many, as by a decimal comma, moves all that follow it: they would be graded wrongly.
        return unread(
            source,
            _(
                "it has {fields} fields, and there are {columns} columns. "
                "Put fields with the delimiter in them in quotes."
            ).format(fields=len(fields), columns=len(header.headers)),
            student,
        )
    if len(fields) < len(header.headers):
        if _is_parted_otherwise(fields, len(header.headers)):
            return unread(source, _("its fields are parted by another sign than those of the header."))
        problems.append(
            _(
                "it has {fields} fields, and there are {columns} columns; the others are taken as blank."
            ).format(fields=len(fields), columns=len(header.headers))
        )
        fields = [*fields, *[""] * (len(header.headers) - len(fields))]
    answers = {
        question: answer(fields[index], question, problems) for question, index in header.answers.items()
    }
    if header.dashes:
        answers = {question: "" if text.strip() == "-" else text for question, text in answers.items()}
    if not student.id:
        if not any(text.strip() for text in answers.values()) or is_average(fields, header):
            return None
        student = Student(f"row {row.line}")
        problems.append(_("it does not say whose it is."))
    elif not student.email and is_average(fields, header):
        return None
    return Sheet(student, answers, source, limited(problems))


def _student(fields: Sequence[str], header: Columns) -> Student:
    """Whose a row is; without an id the address stands for it, then the name."""
    person = {
        what: name(fields[index]) if index < len(fields) else "" for what, index in header.people.items()
    }
    email = person.get("email", "")
    given = person.get("first name") or (person.get("name", "") if "last name" in person else "")
    full = f"{given} {person.get('last name', '')}".strip() or person.get("name", "")
    return Student(person.get("id") or email or full, full, email)


def _is_parted_otherwise(fields: Sequence[str], width: int) -> bool:
    """Whether a row that is too short has another delimiter often enough: all would be one student's id."""
    text = "\n".join(fields)
    return any(text.count(delimiter) >= width - 1 for delimiter in DELIMITERS)


def _too_many(rows: Allowance) -> str:
    return _("it has more than {most} rows; what follows was not read.").format(most=number(rows.most))


def _foreign(source: str, line: int) -> Remark:
    said_of = _("line {line} is not UTF-8: what is not was read as Windows-1252.")
    return Remark(source, said_of.format(line=line))
