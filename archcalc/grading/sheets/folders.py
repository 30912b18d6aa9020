"""Paths → what sheets are read from: files, and folders with one level of folders in them."""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Collection, Iterator

from archcalc.grading.model import Sheet
from archcalc.grading.sheets.limits import LONGEST_TABLE, MOST_FILES
from archcalc.grading.sheets.outcome import Remark, Tell, unread
from archcalc.grading.sheets.sources import (
    ARCHIVES,
    SHEETS,
    UNSURE,
    Source,
    ending_of,
    is_hidden,
    owner,
    owners,
    shown,
)
from archcalc.words.errors import OptionError
from archcalc.words.language import _
from archcalc.words.text import quote

STANDARD_INPUT = "-"

_WANTED = "expected YAML, JSON, CSV or a zip of them"


class Taken:
    """The files that were read, so that none is read twice, and those that are no sheets."""

    def __init__(self, others: Collection[str]) -> None:
        self.others = {os.path.realpath(path) for path in others}
        self.files: set[tuple[int, int]] = set()

    def is_other(self, path: str) -> bool:
        """Whether a file or folder belongs to the assignment or to what is written."""
        return os.path.realpath(path) in self.others

    def again(self, status: os.stat_result) -> bool:
        """Whether a file was read already."""
        key = (status.st_dev, status.st_ino)
        seen = key in self.files
        self.files.add(key)
        return seen


def sources(path: str, taken: Taken, tell: Tell) -> Iterator[Source | Sheet]:
    """What a path given by the teacher leads to. Raises OptionError where there is nothing to read."""
    if path == STANDARD_INPUT:
        yield _standard_input()
        return
    try:
        status = os.stat(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise OptionError(
            f"the sheets {quote(path, 200)} cannot be read: {reason}.",
            hint="Name files, folders or zips of sheets; - is standard input.",
        ) from None
    if stat.S_ISDIR(status.st_mode):
        yield from _folder(path, taken, tell)
    elif not stat.S_ISREG(status.st_mode):
        raise OptionError(
            f"{quote(path, 200)} is not a plain file.", hint="Pass a pipe as standard input: -."
        )
    elif ending_of(path) not in (*SHEETS, *ARCHIVES, *UNSURE):
        raise OptionError(
            f"{quote(path, 200)} is no file of sheets: {_WANTED}.",
            hint="Save a spreadsheet as CSV." if ending_of(path) in (".xlsx", ".xls", ".ods") else None,
        )
    elif taken.again(status):
        tell(Remark(shown(path), _("it is given twice, and was read once.")))
    else:
        yield _file(path, shown(path), status)


def _file(path: str, called: str, status: os.stat_result) -> Source:
    return Source(
        called,
        ending_of(path),
        owner(os.path.basename(path)),
        status.st_size,
        lambda: open(path, "rb"),
    )


def _folder(path: str, taken: Taken, tell: Tell) -> Iterator[Source | Sheet]:
    """The sheets in a folder and in the folders in it, in the order of their names."""
    found: list[tuple[str, str, os.stat_result]] = []
    for folder, entry in _entries(path, taken):
        if isinstance(entry, Sheet):
            yield entry
            continue
        if len(found) == MOST_FILES:
            raise OptionError(f"{quote(path, 200)} has more than {MOST_FILES:,} files.")
        found.append((folder, entry.name, entry.stat(follow_symlinks=False)))
    for (folder, file, status), student in zip(
        found, owners([(folder, file) for folder, file, _status in found]), strict=True
    ):
        whole = os.path.join(path, folder, file)
        called = shown(whole)
        if stat.S_ISLNK(status.st_mode):
            yield unread(called, _("it is a symbolic link, which is not followed."), student)
        elif not stat.S_ISREG(status.st_mode):
            yield unread(called, _("it is not a plain file."), student)
        elif ending_of(file) not in (*SHEETS, *ARCHIVES):
            yield unread(called, _("it is no sheet: expected YAML, JSON, CSV or a zip of them."), student)
        elif taken.again(status):
            tell(Remark(called, _("it is given twice, and was read once.")))
        else:
            yield _file(whole, called, status)._replace(owner=student)


def _entries(path: str, taken: Taken) -> Iterator[tuple[str, os.DirEntry[str] | Sheet]]:
    """What is in a folder and one level below, with the folder it is in; an empty one is this.

    A folder below that may not be read, or lies deeper, comes as a sheet unread: it is one student's.
    """
    inner: list[str] = []
    for entry in _listed(path):
        if is_hidden(entry.name) or taken.is_other(entry.path):
            continue
        if entry.is_dir(follow_symlinks=False):
            inner.append(entry.name)
        else:
            yield "", entry
    for folder in inner:
        whole = os.path.join(path, folder)
        try:
            below = _listed(whole)
        except OptionError as error:
            yield folder, unread(shown(whole), error.message, owner("", folder))
            continue
        for entry in below:
            if is_hidden(entry.name) or taken.is_other(entry.path):
                continue
            if entry.is_dir(follow_symlinks=False):
                deep = _("folders this deep are not read.")
                yield folder, unread(shown(entry.path), deep, owner("", folder))
            else:
                yield folder, entry


def _listed(path: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(path) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise OptionError(f"the folder {quote(path, 200)} cannot be read: {error.strerror}.") from None


def _standard_input() -> Source:
    """What comes on standard input, kept in a file that has no name: it has to be looked at twice."""
    import tempfile

    size = 0
    with tempfile.TemporaryFile() as file:
        while sys.stdin is not None and (part := sys.stdin.buffer.read(1 << 16)):
            size += len(part)
            if size > LONGEST_TABLE:
                raise OptionError("standard input does not end.", hint="Put the sheets into files.")
            file.write(part)
        kept = os.dup(file.fileno())

    def opened() -> io.BufferedReader:
        stream = os.fdopen(os.dup(kept), "rb")
        stream.seek(0)
        return stream

    return Source("standard input", "", owner(""), size, opened)
