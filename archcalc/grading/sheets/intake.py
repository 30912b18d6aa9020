"""Paths → sheets, one at a time: whatever is wrong with one is reported against it, and the next one is read."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager

from archcalc.grading.model import Assignment, Sheet
from archcalc.grading.sheets import limits
from archcalc.grading.sheets.decoding import lines
from archcalc.grading.sheets.documents import read_document
from archcalc.grading.sheets.folders import Taken, sources
from archcalc.grading.sheets.limits import Allowance
from archcalc.grading.sheets.outcome import Tell, unread
from archcalc.grading.sheets.questions import Questions
from archcalc.grading.sheets.sources import ARCHIVES, TABLES, UNSURE, Source, shown
from archcalc.grading.sheets.tables import is_table, read_table
from archcalc.words.errors import OptionError
from archcalc.words.language import _, marked

AGAIN = marked("another sheet of this student came before; each is graded.")
EARLIER = marked("another sheet of this student came later; each is graded.")
"""Both are kept in English, by which they are known again."""


class Intake:
    """The sheets of an assignment at some paths: files, folders, zips, `-`. Iterate over it once.

    `others` are files and folders among them that are no sheets: the assignment, what is written. Raises
    OptionError, before anything is read, for a path that leads nowhere. What is wrong with a sheet stands in
    its problems; what concerns a whole file is told to `tell`.
    """

    def __init__(
        self,
        paths: Sequence[str],
        assignment: Assignment,
        *,
        others: Collection[str] = (),
        tell: Tell = lambda _what: None,
    ) -> None:
        taken = Taken(others)
        self._found = [found for path in paths for found in sources(path, taken, tell)]
        if not self._found:
            raise OptionError(
                f"there are no sheets in {shown(', '.join(paths))}.", hint="They are YAML, JSON or CSV."
            )
        self._questions = Questions(assignment)
        self._tell = tell
        self._stream: io.BufferedReader | None = None
        self._behind = 0
        self._seen: set[int] = set()
        self.total = sum(found.size for found in self._found if isinstance(found, Source))
        """Bytes of all the files."""

    @property
    def position(self) -> int:
        """Bytes read so far, for somebody who waits."""
        if self._stream is None or self._stream.closed:
            return self._behind
        return self._behind + self._stream.tell()

    def __iter__(self) -> Iterator[Sheet]:
        for found in self._found:
            if isinstance(found, Sheet):
                yield found
                continue
            for sheet in self._sheets(found._replace(open=self._watched(found))):
                yield self._marked(sheet)
            self._behind += found.size
            self._stream = None

    def _watched(self, source: Source) -> Callable[[], AbstractContextManager[io.BufferedReader]]:
        def opened() -> AbstractContextManager[io.BufferedReader]:
            stream = source.open()
            self._stream = stream if isinstance(stream, io.BufferedReader) else None
            return stream

        return opened

    def _sheets(self, source: Source) -> Iterator[Sheet]:
        """The sheets of a file or archive."""
        if source.ending not in ARCHIVES:
            yield from self._read(source, Allowance(limits.MOST_ROWS))
            return
        from archcalc.grading.sheets.archives import members

        rows = Allowance(limits.MOST_ROWS_PACKED)
        for member in members(source):
            if isinstance(member, Sheet):
                yield member
            else:
                yield from self._read(member, rows)

    def _read(self, source: Source, rows: Allowance) -> Iterator[Sheet]:
        try:
            if self._is_table(source):
                yield from read_table(source, self._questions, self._tell, rows)
            else:
                yield read_document(source, self._questions)
        except OSError as error:
            reason = error.strerror or str(error)
            yield unread(
                source.name,
                _("it cannot be read further: {reason}.").format(reason=shown(reason)),
                source.owner,
            )

    def _is_table(self, source: Source) -> bool:
        if source.ending not in UNSURE:
            return source.ending in TABLES
        with source.open() as stream:
            return is_table(lines(stream), self._questions, Allowance(limits.MOST_ROWS))

    def _marked(self, sheet: Sheet) -> Sheet:
        """The sheet, with a problem if its student has handed in another one before."""
        if not sheet.student.id:
            return sheet
        # A number for each keeps a million students small.
        key = hash(identity(sheet.student.id))
        if key in self._seen:
            return sheet._replace(problems=(*sheet.problems, AGAIN))
        self._seen.add(key)
        return sheet


def identity(student: str) -> str:
    """A student's id as it is compared: `Ana@Example.org` and `ana@example.org ` are one, and é however written."""
    if not student.isascii():
        student = unicodedata.normalize("NFD", student)
    return " ".join(student.casefold().split())
