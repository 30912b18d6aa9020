"""A zip of sheets → its members, read in memory one at a time and never written to a disk.

What a member unpacks to is counted while it is read: what the archive says of itself is not believed.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import IO, cast

from archcalc.grading.model import Sheet
from archcalc.grading.sheets.limits import (
    FREE_BYTES,
    FREE_TOGETHER,
    LONGEST_DIRECTORY,
    MOST_FILES,
    MOST_UNPACKED,
    STEEPEST_RATIO,
    STEEPEST_TOGETHER,
)
from archcalc.grading.sheets.outcome import unread
from archcalc.grading.sheets.sources import ARCHIVES, SHEETS, Source, ending_of, is_hidden, owners, shown
from archcalc.words.errors import OptionError
from archcalc.words.language import _

ERRORS = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError),
    *(RuntimeError, ValueError, LookupError, ArithmeticError),
)
"""What zipfile raises over a file that is damaged, or made to harm."""

_ENCRYPTED = 1
_UTF8 = 0x800
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How members may be packed: what a small one of another method unpacks to, and needs for it, has no bounds."""


class Damaged(OSError):
    """A member cannot be read, or unpacks to more than it may."""


class _Budget:
    """The bytes that the members of an archive may unpack to together, of those that pack too well in particular."""

    def __init__(self) -> None:
        self.left = MOST_UNPACKED
        self.steep = FREE_TOGETHER

    def take(self, count: int, *, steep: bool) -> None:
        """Take so many. Raises Damaged if there are not as many."""
        self.left -= count
        self.steep -= count * steep
        if self.left < 0:
            raise Damaged(f"the archive unpacks to more than {MOST_UNPACKED // 10**9} GB")
        if steep and self.steep < 0:
            raise Damaged(
                f"it unpacks to more than {STEEPEST_TOGETHER} times its size, and so does much beside it"
            )


def members(source: Source) -> Iterator[Source | Sheet]:
    """The sheets in an archive, in the order of their names; a member that is none comes as a sheet unread."""
    try:
        with source.open() as stream, zipfile.ZipFile(cast(IO[bytes], _Bounded(stream))) as archive:
            yield from _members(archive, source)
    except OptionError as error:
        yield unread(source.name, error.message)
    except ERRORS as error:
        yield unread(source.name, _("it is no zip that can be read: {reason}.").format(reason=_reason(error)))


def _reason(error: Exception) -> str:
    return shown(str(error) or type(error).__name__).rstrip(".")


class _Bounded:
    """An archive, of which no more is read at once than a list of members that fits into memory."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream

    def __getattr__(self, name: str) -> object:
        return getattr(self.stream, name)

    def read(self, size: int = -1) -> bytes:
        """Raises OptionError if it is too much."""
        # zipfile reads the list as a whole, as long as any of three places in the archive says that it is.
        data = self.stream.read(LONGEST_DIRECTORY + 1 if size < 0 else min(size, LONGEST_DIRECTORY + 1))
        if len(data) > LONGEST_DIRECTORY:
            raise OptionError("the archive has too many members.")
        return data


def _members(archive: zipfile.ZipFile, source: Source) -> Iterator[Source | Sheet]:
    infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
    if len(infos) > MOST_FILES:
        raise OptionError(f"the archive has more than {MOST_FILES:,} members.")
    often = Counter(info.filename for info in infos)
    named = sorted(((_name(info), info) for info in infos), key=lambda pair: pair[0])
    named = [(path, info) for path, info in named if not _is_junk(path)]
    top = _top([path for path, _ in named])
    places = [(os.path.dirname(path[len(top) :]), os.path.basename(path)) for path, _ in named]
    budget = _Budget()
    told: set[str] = set()
    for (path, info), (folder, file), student in zip(named, places, owners(places), strict=True):
        called = f"{source.name}/{shown(path)}"
        problem = _problem(info, path, folder, file)
        if not problem and often[info.filename] > 1 and info.filename in told:
            problem = _("the archive has a member of this name already.")
        told.add(info.filename)
        if problem:
            yield unread(called, problem, student)
        else:
            yield Source(
                called,
                ending_of(file),
                student,
                info.file_size,
                partial(_open, archive, info, source.size, budget),
            )


def _name(info: zipfile.ZipInfo) -> str:
    """The name of a member; some programs write it in UTF-8 and do not say so."""
    if info.flag_bits & _UTF8:
        return info.filename
    try:
        return info.filename.encode("cp437").decode()
    except UnicodeError:
        return info.filename


def _is_junk(path: str) -> bool:
    parts = path.replace("\\", "/").split("/")
    return any(is_hidden(part) for part in parts if part not in (".", ".."))


def _top(paths: list[str]) -> str:
    """The folder that all is in, with its slash; empty where there is none."""
    first = {path.partition("/")[0] for path in paths}
    if len(first) != 1 or not all("/" in path for path in paths):
        return ""
    top = first.pop() + "/"
    # The folder of one student, with what that student handed in, is not taken off.
    return top if any("/" in path[len(top) :] for path in paths) or len(paths) > 1 else ""


def _problem(info: zipfile.ZipInfo, path: str, folder: str, file: str) -> str:
    """Why a member is not read; empty if it is."""
    parts = path.replace("\\", "/").split("/")
    if ".." in parts or path.startswith(("/", "\\")) or ":" in parts[0][1:2]:
        return _("its name leads out of the archive.")
    if stat.S_ISLNK(info.external_attr >> 16):
        return _("it is a symbolic link, which is not followed.")
    if info.flag_bits & _ENCRYPTED:
        return _("it is encrypted.")
    if info.compress_type not in _METHODS and ending_of(file) in SHEETS:
        return _("it is packed in a way that is not read. Pack it as your system does.")
    if ending_of(file) in ARCHIVES:
        return _("it is an archive in an archive, which is not read.")
    if ending_of(file) not in SHEETS:
        return _("it is no sheet: expected YAML, JSON or CSV.")
    if "/" in folder:
        return _("folders this deep are not read.")
    return ""


def _open(archive: zipfile.ZipFile, info: zipfile.ZipInfo, size: int, budget: _Budget) -> io.BufferedReader:
    try:
        member = archive.open(info)
    except ERRORS as error:
        raise Damaged(_reason(error)) from None
    packed = min(info.compress_size, size)
    return io.BufferedReader(_Counted(member, packed, budget))


class _Counted(io.RawIOBase):
    """A member that stops where it comes to more than a sheet may be."""

    def __init__(self, member: IO[bytes], packed: int, budget: _Budget) -> None:
        super().__init__()
        self.member = member
        self.packed = packed
        self.count = 0
        self.budget = budget

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Raises Damaged where the member is, or is a bomb."""
        try:
            data = self.member.read(len(buffer))
        except ERRORS as error:
            raise Damaged(_reason(error)) from None
        self.count += len(data)
        if self.count > FREE_BYTES and self.count > STEEPEST_RATIO * self.packed:
            raise Damaged(f"it unpacks to more than {STEEPEST_RATIO} times its size")
        self.budget.take(len(data), steep=self.count > STEEPEST_TOGETHER * self.packed)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the member too."""
        self.member.close()
        super().close()
