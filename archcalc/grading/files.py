"""Files that are complete or not there, names that are safe on every system, and a folder for one run at a time."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from hashlib import blake2b
from typing import BinaryIO

import msgspec

from archcalc.words.errors import OptionError
from archcalc.words.text import quote

LOCK = ".archcalc.lock"
"""The file in a folder of results that is locked while a run writes there; it also says whose folder it is."""

LEFT = ".archcalc.left"
"""The file in a folder of results that says in what state tables were left, by which it is seen who wrote in one."""

_LONGEST = 150
"""Bytes of a name before what is put behind it; systems allow 255."""

_RESERVED = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE
)


class FileNames:
    """Names of files for ids: no two alike on any system, none that leads elsewhere or is a device."""

    def __init__(self) -> None:
        self._taken: dict[int, int] = {}

    def name(self, identity: str) -> str:
        """The name for an id, without an ending. An id that comes again gets another, `ana-2`."""
        plain = unicodedata.normalize("NFC", identity)
        safe = re.sub(r"[^\w.@+-]+", "_", plain).strip("._- ")
        safe = safe.encode()[:_LONGEST].decode(errors="ignore").rstrip("._- ")
        if not safe or safe != plain or _RESERVED.fullmatch(safe):
            # Ids that differ in what a name cannot hold still have names that differ.
            digest = blake2b(plain.encode("utf-8", "replace"), digest_size=4).hexdigest()
            safe = (
                f"{safe or 'sheet'}-{digest}" if not _RESERVED.fullmatch(safe) else f"sheet-{safe}-{digest}"
            )
        return self._unlike(safe)

    def _unlike(self, safe: str) -> str:
        """The name itself, or with a number behind it where it was given already."""
        candidate, count = safe, 1
        # Some file systems take `Ana` and `ana` for one.
        while (key := hash(candidate.casefold())) in self._taken:
            count = max(count, self._taken[key]) + 1
            self._taken[hash(safe.casefold())] = count
            candidate = f"{safe}-{count}"
        self._taken[key] = 1
        return candidate


@contextlib.contextmanager
def replacing(path: str, *, sync: bool = True) -> Iterator[BinaryIO]:
    """A file that takes the place of the one at `path` at the end, unless something is raised.

    `sync` waits for the disk, which is too slow for a file a student. Raises OptionError if it cannot be written.
    """
    beside = f"{path}.part"
    try:
        with open(beside, "wb") as file:
            yield file
            if sync:
                file.flush()
                os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        if isinstance(error, OSError):
            raise unwritable(path, error) from None
        raise


@contextlib.contextmanager
def rewriting(path: str, aside: list[str]) -> Iterator[BinaryIO]:
    """As `replacing`, for a file that people write in: if it is not as it was left here, it is kept beside the new one.

    `aside` takes the name that it is kept by. Raises OptionError if that cannot be done.
    """
    with replacing(path) as file:
        yield file
        file.flush()
        _keep_aside(path, aside)
    _leave(path, _digest(path))


def removing(path: str, aside: list[str]) -> None:
    """Take such a file away; if somebody wrote in it, it is kept. Raises OptionError if that cannot be done."""
    _keep_aside(path, aside)
    with contextlib.suppress(OSError):
        os.unlink(path)


def _keep_aside(path: str, aside: list[str]) -> None:
    """Give a file that somebody wrote in another name, `undecided-1.csv`."""
    found = _digest(path)
    if found is None or found == _left(path).get(os.path.basename(path)):
        return
    stem, ending = os.path.splitext(path)
    number = 1
    while os.path.lexists(f"{stem}-{number}{ending}"):
        number += 1
    try:
        os.replace(path, f"{stem}-{number}{ending}")
    except OSError as error:
        raise unwritable(path, error) from None
    aside.append(os.path.basename(f"{stem}-{number}{ending}"))


def _digest(path: str) -> str | None:
    """What stands for the content of a file; None where there is none."""
    digest = blake2b(digest_size=16)
    try:
        with open(path, "rb") as file:
            while part := file.read(1 << 20):
                digest.update(part)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unwritable(path, error) from None
    return digest.hexdigest()


def _left(path: str) -> dict[str, str]:
    """What stands for the files beside `path` as they were left, by name."""
    try:
        with open(os.path.join(os.path.dirname(path), LEFT), "rb") as file:
            return msgspec.json.decode(file.read(1 << 16), type=dict[str, str])
    except (OSError, msgspec.MsgspecError, UnicodeError):
        return {}


def _leave(path: str, digest: str | None) -> None:
    known = _left(path) | {os.path.basename(path): digest or ""}
    with replacing(os.path.join(os.path.dirname(path), LEFT)) as file:
        file.write(msgspec.json.encode(known))


def unwritable(path: str, error: OSError) -> OptionError:
    """What is said where a file cannot be written."""
    return OptionError(
        f"cannot write {quote(path, 200)}: {error.strerror or error}.",
        hint="Give --output a folder that you may write to, on a disk with space left.",
    )


@contextlib.contextmanager
def locked(folder: str) -> Iterator[None]:
    """Make a folder for results if it is not there, and have it alone; a run that is killed leaves no lock.

    Raises OptionError if another run writes there, or if something else is in it.
    """
    try:
        os.makedirs(folder, exist_ok=True)
        if not os.path.exists(os.path.join(folder, LOCK)) and os.listdir(folder):
            raise OptionError(
                f"{quote(folder, 200)} has files in it that are no results.",
                hint="Give --output a new folder, or the one of an earlier run.",
            )
        descriptor = os.open(os.path.join(folder, LOCK), os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise unwritable(folder, error) from None
    try:
        if not _lock(descriptor):
            raise OptionError(
                f"another run is writing into {quote(folder, 200)}.",
                hint="Wait until it is done, or give --output another folder.",
            )
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":

    def _lock(descriptor: int) -> bool:
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:

    def _lock(descriptor: int) -> bool:
        """Lock a file until it is closed, by whatever; whether nobody else has. Where there are no locks it has."""
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            # A file system without locks, as some of networks are.
            return True
        return True
