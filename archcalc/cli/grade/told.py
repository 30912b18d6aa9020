"""What a run of `archcalc grade` tells beside the marks: what columns were taken for, and what needs a teacher."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archcalc.grading.decisions import Decision, told_unused
from archcalc.grading.model import UNDECIDED, Graded
from archcalc.grading.sheets import AGAIN, Columns, Opened, Remark
from archcalc.words.language import _, gettext, marked, ngettext, number
from archcalc.words.text import listing, printable, quote

_MOST_FILES = 20
"""Files that are told of; the rest is counted."""

_MOST_COLUMNS = 40

_MOST_FIRST = 10
"""Warnings of a kind that stand above the marks."""

_ROLES = {
    "id": marked("id"),
    "email": marked("e-mail"),
    "name": marked("name"),
    "first name": marked("first name"),
    "last name": marked("last name"),
}


class Told:
    """Gathers what is told of files, and counts what needs a teacher."""

    def __init__(self) -> None:
        self.files = 0
        self.opened: list[Opened] = []
        self.remarks: list[Remark] = []
        self.sheets = 0
        self.unread = 0
        self.ambiguous = 0
        self.not_understood = 0
        self.again = 0
        self.unused: list[Decision] = []
        """Decisions about no answer."""
        self.aside: list[str] = []
        """Copies of tables in the folder in which somebody had written."""
        self.damaged = 0
        """Results of an earlier run that were not as they were written."""
        self.left_out = 0
        """Students of an earlier run who are not among these."""

    def tell(self, what: Opened | Remark) -> None:
        """Take what is told of a file."""
        kept: list[Opened] | list[Remark] = self.opened if isinstance(what, Opened) else self.remarks
        self.files += 1
        if len(kept) < _MOST_FILES:
            kept.append(what)  # type: ignore[arg-type]

    def count(self, graded: Graded) -> bool:
        """Count a sheet; whether it needs a teacher."""
        self.sheets += 1
        if AGAIN in graded.sheet.problems:
            self.again += 1
        if not graded.sheet.readable:
            self.unread += 1
            return True
        undecided = [mark.verdict for mark in graded.marks if mark.verdict in UNDECIDED]
        if undecided:
            open_ones = undecided.count("ambiguous")
            self.ambiguous += open_ones
            self.not_understood += len(undecided) - open_ones
        return bool(undecided) or AGAIN in graded.sheet.problems

    @property
    def needs_teacher(self) -> bool:
        """Whether anything does."""
        return bool(self.unread or self.ambiguous or self.not_understood or self.again or self.unused)

    def summary(self) -> str:
        """How many sheets were graded, and how much needs a teacher, in one line."""
        read = self.sheets - self.unread
        parts = [ngettext("{count} sheet graded", "{count} sheets graded", read).format(count=number(read))]
        for count, one, many in (
            (self.ambiguous, marked("{count} answer to decide"), marked("{count} answers to decide")),
            (
                self.not_understood,
                marked("{count} answer not understood"),
                marked("{count} answers not understood"),
            ),
            (self.unread, marked("{count} sheet not read"), marked("{count} sheets not read")),
            (
                self.again,
                marked("{count} sheet of a student who has another"),
                marked("{count} sheets of students who have another"),
            ),
        ):
            if count:
                parts.append(gettext(one if count == 1 else many).format(count=number(count)))
        return ", ".join(parts)

    def of_files(self) -> Iterator[str]:
        """A line a table with what its columns are taken for, where they are not called so, and the remarks."""
        for opened in self.opened:
            taken = _taken(opened.columns)
            if taken:
                yield f"{printable(opened.source, 200)}: {taken}"
        yield from self.warnings()

    def first(self) -> Iterator[str]:
        """What must not be overlooked: it stands above the marks."""
        yield from _some([told_unused(decision) for decision in self.unused])
        if self.aside:
            yield _("What somebody had written in a table of the folder is kept in {copies}.").format(
                copies=listing(self.aside, _("and"))
            )
        if self.damaged:
            yield ngettext(
                "{count} result of an earlier run was damaged, and is not believed: its sheet was graded again.",
                "{count} results of an earlier run were damaged, and are not believed: their sheets were graded again.",
                self.damaged,
            ).format(count=number(self.damaged))
        if self.left_out:
            yield ngettext(
                "{count} student of an earlier run is not among these sheets, and is left out of the gradebook. "
                "For one gradebook give all sheets in one command.",
                "{count} students of an earlier run are not among these sheets, and are left out of the "
                "gradebook. For one gradebook give all sheets in one command.",
                self.left_out,
            ).format(count=number(self.left_out))
        found = []
        for source, _delimiter, columns in self.opened:
            where = printable(source, 200)
            if columns.contradicting:
                yield _(
                    "{file}: these columns ask something else than the questions they are called by: {columns}. "
                    "Are they answers to another assignment?"
                ).format(file=where, columns=listing(map(_quoted, columns.contradicting), _("and"), 8))
            if columns.missing:
                missing = listing(columns.missing, _("and"), 8)
                found.append(
                    ngettext(
                        "{file}: no column for {questions}, which counts as not answered by anybody there",
                        "{file}: no column for {questions}, which count as not answered by anybody there",
                        len(columns.missing),
                    ).format(file=where, questions=missing)
                )
        yield from _some(found)

    def warnings(self) -> Iterator[str]:
        """What somebody should know who only reads the marks."""
        for source, _delimiter, columns in self.opened:
            where = printable(source, 200)
            if columns.unknown:
                unknown = listing(map(_quoted, columns.unknown), _("and"), 8)
                yield _("{file}: columns that mean nothing here: {columns}").format(
                    file=where, columns=unknown
                )
        yield from (f"{printable(source, 200)}: {printable(text, 400)}" for source, text in self.remarks)
        more = self.files - len(self.opened) - len(self.remarks)
        if more > 0:
            yield _("and {count} more").format(count=number(more))


def _some(lines: Sequence[str]) -> Iterator[str]:
    yield from lines[:_MOST_FIRST]
    more = len(lines) - _MOST_FIRST
    if more > 0:
        yield _("and {count} more").format(count=number(more))


def _quoted(header: str) -> str:
    return quote(header, 60)


def _taken(columns: Columns) -> str:
    """What each column is taken for that is called otherwise; empty where none is."""
    taken = {**{gettext(_ROLES[role]): index for role, index in columns.people.items()}, **columns.answers}
    pairs = [
        f"{what} = {quote(columns.headers[index], 40)}"
        for what, index in taken.items()
        if columns.headers[index] != what
    ]
    more = len(pairs) - _MOST_COLUMNS
    return ", ".join(pairs[:_MOST_COLUMNS]) + (f" … +{more}" if more > 0 else "")
