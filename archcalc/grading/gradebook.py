"""A run of grading: sheets are marked as they come, each is kept at once, and a second run goes on from there.

What is kept is DIR/results.jsonl, a line a sheet. It only ever grows while sheets are marked: whatever ends the
run, a kill or a full disk, costs the line that was being written. A sheet whose fingerprint is there is not
marked again; a changed sheet has another one, and so have all where the assignment changed.
"""

from __future__ import annotations

import contextlib
import os
import time
from array import array
from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec

from archcalc.grading.files import locked, replacing, unwritable
from archcalc.grading.forking import Sharing, blocks
from archcalc.grading.marking import Marker
from archcalc.grading.memory import Codec, Stale, fingerprint, fingerprint_of
from archcalc.grading.model import Assignment, Graded, Sheet
from archcalc.grading.sheets import AGAIN, EARLIER, identity
from archcalc.words.errors import OptionError
from archcalc.words.text import quote

RESULTS = "results.jsonl"

SCHEMA = "archcalc.results/1"
_LONGEST_LINE = 50_000_000
_LONGEST_BLOCK = 2_000_000
_SHEET = 1_000
"""Characters that are in memory together while several processes mark, and what a sheet counts beside its answers."""

_SYNC_AFTER = 2.0
"""Seconds after which what was written is put on the disk, and not only out of this process."""


def marked(sheets: Iterable[Sheet], marker: Marker, jobs: int = 1) -> Iterator[Graded]:
    """Each sheet with its marks, and one that could not be read without; nothing is kept.

    `jobs` processes work on them.
    """
    marks = _Marks(marker, jobs)
    for block in blocks(sheets, jobs, _length, _LONGEST_BLOCK):
        with contextlib.closing(marks.of(block)) as graded:
            yield from graded


@contextlib.contextmanager
def opened(folder: str, assignment: Assignment) -> Iterator[Gradebook]:
    """The gradebook in a folder, which is made if it is not there, for this run alone.

    Raises OptionError where the folder is another assignment's, holds something else, or is in use.
    """
    with locked(folder):
        book = Gradebook(os.path.join(folder, RESULTS), assignment)
        try:
            yield book
        finally:
            book.close()


class Gradebook:
    """The results of one assignment, in a file."""

    def __init__(self, path: str, assignment: Assignment) -> None:
        self.path = path
        self.assignment = assignment
        self.kept = 0
        """Sheets of this run that an earlier one had graded."""
        self.left_out = 0
        """Students of an earlier run of whom this one has no sheet; known once it is finished."""
        self.damaged = 0
        """Lines of earlier runs that are not as they were written, and are not believed."""
        self._questions = tuple(question.id for question in assignment.questions)
        self._by = fingerprint_of(assignment)
        self._codec = Codec(self._by)
        self._known: dict[bytes, int] = {}
        self._order = array("Q")
        """Where the line of each sheet of this run begins."""
        self._often: set[int] = set()
        self._students: set[int] = set()
        self._size = 0
        self._lines = 0
        self._synced = time.monotonic()
        self._open()
        try:
            self._look_back()
        except BaseException as error:
            self.close()
            if isinstance(error, OSError):
                raise unwritable(path, error) from None
            raise

    def _open(self) -> None:
        try:
            self._file = open(self.path, "ab", buffering=0)  # noqa: SIM115 - close() closes it
            self._reader = open(self.path, "rb")  # noqa: SIM115
        except OSError as error:
            raise unwritable(self.path, error) from None

    def close(self) -> None:
        """Put what was written on the disk."""
        with contextlib.suppress(OSError):
            os.fsync(self._file.fileno())
        self._file.close()
        self._reader.close()

    def grade(self, sheets: Iterable[Sheet], marker: Marker, jobs: int = 1) -> Iterator[Graded]:
        """Each sheet with its marks: from the file where it is there, else marked and written to it first.

        `jobs` processes mark, and this one writes.
        """
        marks = _Marks(marker, jobs)
        for block in blocks(sheets, jobs, _length, _LONGEST_BLOCK):
            keys = [fingerprint(sheet, self._by) for sheet in block]
            known = [self._remembered(bytes.fromhex(key)) for key in keys]
            left = [sheet for sheet, graded in zip(block, known, strict=True) if graded is None]
            with contextlib.closing(marks.of(left)) as fresh:
                for key, earlier in zip(keys, known, strict=True):
                    yield self._kept(key, next(fresh) if earlier is None else earlier, new=earlier is None)

    def _kept(self, mark: str, graded: Graded, *, new: bool) -> Graded:
        """A sheet of this run, which is written if it is new."""
        key, sheet = bytes.fromhex(mark), graded.sheet
        if new:
            self._known[key] = self._append(self._codec.line(graded, mark))
            self._lines += 1
        else:
            self.kept += 1
        self._order.append(self._known[key])
        student = hash(identity(sheet.student.id))
        self._students.add(student)
        if AGAIN in sheet.problems:
            self._often.add(student)
        return graded

    def results(self) -> Iterator[Graded]:
        """The results of this run once more, in the order of the sheets; of two of one student both say so."""
        for place in self._order:
            try:
                graded = self._codec.graded(self._line(place), self._questions)
            except Stale:
                raise OptionError(
                    f"{quote(self.path, 200)} was changed while it was read.",
                    hint="Give the same command again: what is damaged is graded anew.",
                ) from None
            sheet = graded.sheet
            if (
                self._often
                and hash(identity(sheet.student.id)) in self._often
                and AGAIN not in sheet.problems
            ):
                graded = graded._replace(sheet=sheet._replace(problems=(*sheet.problems, EARLIER)))
            yield graded

    def finish(self) -> None:
        """Leave out of the file what is not of this run: sheets that are changed, or not there any more."""
        places = self._order
        if len(places) == self._lines and all(place < after for place, after in pairwise(places)):
            return
        self.left_out = len(self._others())
        moved = array("Q")
        with replacing(self.path) as file:
            file.write(self._head())
            for place in places:
                moved.append(file.tell())
                file.write(self._line(place))
        self.close()
        self._order = moved
        self._lines = len(moved)
        self._open()

    def _others(self) -> set[int]:
        """The students in the file of whom this run has no sheet."""
        others = set()
        self._reader.seek(len(self._head()))
        while line := self._reader.readline(_LONGEST_LINE):
            student = self._codec.student(line)
            if student and (key := hash(identity(student))) not in self._students:
                others.add(key)
        return others

    def _look_back(self) -> None:
        """Find what is there. Raises OptionError if it is another assignment's."""
        head = self._head()
        first = self._reader.readline(len(head))
        if first != head:
            # A run that was killed at its very beginning may have left a part.
            if not head.startswith(first) or self._reader.read(1):
                raise self._another()
            self._cut(0)
            self._append(head)
            return
        self._size = len(head)
        while line := self._reader.readline(_LONGEST_LINE):
            if not line.endswith(b"\n"):
                # It was being written when the run ended.
                self._cut(self._size)
                return
            try:
                self._known[bytes.fromhex(self._codec.fingerprint(line))] = self._size
            except ValueError:  # a Stale is one
                self.damaged += 1
            self._size += len(line)
            self._lines += 1

    def _another(self) -> OptionError:
        return OptionError(
            f"{quote(self.path, 200)} has the results of another assignment, or is no file of results.",
            hint="Give --output a folder for each assignment.",
        )

    def _head(self) -> bytes:
        head = {"schema": SCHEMA, "assignment": self.assignment.id}
        return msgspec.json.encode(head) + b"\n"

    def _remembered(self, key: bytes) -> Graded | None:
        place = self._known.get(key)
        if place is None:
            return None
        try:
            return self._codec.graded(self._line(place), self._questions)
        except Stale:
            self.damaged += 1
            return None

    def _line(self, place: int) -> bytes:
        self._reader.seek(place)
        return self._reader.readline()

    def _append(self, line: bytes) -> int:
        """Write a line at the end, all of it or none, and give its place."""
        place = self._size
        try:
            written = 0
            while written < len(line):
                written += self._file.write(line[written:]) or 0
            if time.monotonic() - self._synced > _SYNC_AFTER:
                os.fsync(self._file.fileno())
                self._synced = time.monotonic()
        except OSError as error:
            with contextlib.suppress(OSError):
                self._cut(place)
            raise unwritable(self.path, error) from None
        self._size += len(line)
        return place

    def _cut(self, place: int) -> None:
        self._file.truncate(place)
        self._size = place


class _Marks:
    """The marks of sheets, which other processes may work out."""

    def __init__(self, marker: Marker, jobs: int) -> None:
        self._marker = marker
        self._sharing = Sharing(marker.told, jobs)

    def of(self, sheets: Sequence[Sheet]) -> Generator[Graded, None, None]:
        """Each sheet with its marks."""
        with contextlib.closing(self._sharing.done(sheets)) as found:
            for sheet, (told, elsewhere) in zip(sheets, found, strict=True):
                if elsewhere:
                    self._marker.learn(told)
                yield Graded(sheet, told.marks)


def _length(sheet: Sheet) -> int:
    """What counts against a block: characters, and a sheet itself as some."""
    return _SHEET + sum(map(len, sheet.answers.values()))
