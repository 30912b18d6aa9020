"""What was worked out once and holds still, kept in files: never stale, and never an error.

A file is kept under a key: the digest of every spec of the catalogue and of every module that numbers come from,
by content, read anew each time (some two milliseconds). Whatever is edited or added gives another key, and what is
not under the key of the moment is worked out again. Times of files say nothing here: they can be set, and two
edits may fall into one tick.

Files are looked for where the package is, as a wheel brings them (`make build`), then in the user's own cache. From
there only a file is read that is the user's own and that nobody else may write. All are data, not code (JSON), with
a digest of their own, and whoever asks checks every value: what is not as it should be is worked out again.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from archcalc.spec._specs import specs_directory
from archcalc.words.errors import CatalogError
from archcalc.words.files import PACKAGE

try:
    # What hashlib hands on, without loading OpenSSL for it.
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

T = TypeVar("T")

ROOMS = ("algebra", "layers", "network", "results", "spec", "words")
"""Where numbers come from: all that `results` may import, and itself. A test holds it to the table of rooms."""

_ASKING = frozenset(
    f"archcalc.{name}"
    for name in (
        "algebra.units",
        "results.stored",
        "results.listing",
        "spec._specs",
        "render.documents.kept",
        "render.formats.as_table",
        "render.formats.registry",
        "render.formats.sheet",
    )
)
"""What is in memory before a key is read: what finds stored results, reads and checks them, and draws what they are."""

BUILT_IN = os.path.join(PACKAGE, "stored")

LARGEST = 5_000_000
"""Bytes of a file that is read."""

_UNUSABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)
"""What reading something else than we have written may raise."""


def stored(
    name: str, compute: Callable[[], Any], understood: Callable[[Any], T], rooms: Sequence[str] = ROOMS
) -> T:
    """What `compute` gives, as JSON holds it and `understood` reads it; from a file if there is one.

    `understood` raises one of ValueError, TypeError and KeyError for what `compute` cannot have given. `rooms` are
    the folders of the modules that it comes from.
    """
    fresh = not _loaded_before(rooms)
    key = key_of_now(rooms)
    for path, own in _places(name, key):
        with contextlib.suppress(OSError, *_UNUSABLE):
            return understood(_read(path, key, own))
    value = compute()
    if fresh and key and key == key_of_now(rooms):
        for path, own in _places(name, key):
            if own:
                with contextlib.suppress(OSError):
                    _write(path, written(key, value))
    return understood(_as_json_has_it(value))


def _loaded_before(rooms: Sequence[str]) -> list[str]:
    """The modules of these rooms that are in memory already: they may be older than the files that a key is of.

    Those of `words`, and what asks for stored results, are always there: they make no numbers.
    """
    folders = tuple(f"archcalc.{room.replace('/', '.')}." for room in rooms if room != "words")
    return [name for name in sys.modules if name.startswith(folders) and name not in _ASKING]


def key_of_now(rooms: Sequence[str] = ROOMS) -> str:
    """The digest of the specs and of these rooms as their files are now; empty where they cannot be read."""
    digest = blake2b(digest_size=16)
    try:
        folders = {room: os.path.join(PACKAGE, room) for room in rooms}
        for folder, path in {**folders, "specs": specs_directory()}.items():
            for inside, file in _files(path, "" if folder == "specs" else ".py"):
                with open(file, "rb", buffering=0) as opened:
                    content = opened.read()
                head = f"{folder}/{inside} {len(content)}\n"
                digest.update(head.encode("utf-8", "surrogateescape") + content)
    except (OSError, CatalogError):
        return ""
    return digest.hexdigest()


def _files(folder: str, ending: str, inside: str = "") -> Iterator[tuple[str, str]]:
    """Every file below a folder that ends so, sorted: its path from there, and its path."""
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        if entry.is_dir():
            yield from _files(entry.path, ending, f"{inside}{entry.name}/")
        elif entry.name.endswith(ending):
            yield inside + entry.name, entry.path


def written(key: str, value: Any) -> bytes:
    """The content of a file: the key and the digest of what follows on a line, then the value as JSON."""
    import json

    content = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return f"{key} {_digest(content)}\n".encode() + content


def _as_json_has_it(value: Any) -> Any:
    import json

    return json.loads(json.dumps(value))


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=16).hexdigest()


def _places(name: str, key: str) -> Iterator[tuple[str, bool]]:
    """Where a file may be, and whether that is the user's own cache."""
    if key:
        yield os.path.join(BUILT_IN, f"{name}.json"), False
        cache = _cache()
        if cache is not None:
            # A few installations side by side do not drive each other out, and there are never many files.
            yield os.path.join(cache, "archcalc", f"{name}-{key[0]}.json"), True


def _cache() -> str | None:
    """The folder for caches of this user; None where there is none."""
    if sys.platform == "win32":
        folder = os.environ.get("LOCALAPPDATA", "")
    else:
        folder = os.environ.get("XDG_CACHE_HOME", "") or os.path.expanduser("~/.cache")
    return folder if os.path.isabs(folder) else None


def _read(path: str, key: str, own: bool) -> Any:
    """The value in a file under this key. Raises OSError or ValueError where there is none."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb") as file:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or about.st_size > LARGEST:
            raise ValueError
        others = stat.S_IWGRP | stat.S_IWOTH
        if own and hasattr(os, "geteuid") and (about.st_uid != os.geteuid() or about.st_mode & others):
            raise ValueError
        head, _, content = file.read(LARGEST).partition(b"\n")
    if head != f"{key} {_digest(content)}".encode():
        raise ValueError
    import json

    return json.loads(content)


def _write(path: str, content: bytes) -> None:
    """Replace a file as a whole; nobody else may write it."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    beside = f"{path}.{os.getpid()}.part"
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with open(descriptor, "wb") as file:
            file.write(content)
        os.replace(beside, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise
