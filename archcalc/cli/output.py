"""Where output goes: the terminal as it is, a pipe, or a file that is complete or not there at all."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from archcalc.cli.width import asked
from archcalc.words.errors import OptionError
from archcalc.words.text import quote

if TYPE_CHECKING:
    from archcalc.render.formats.registry import Screen

READER_GONE = 141
"""The exit status where nobody reads on, as in `archcalc … | head`: 128 and the number of SIGPIPE."""

PIPED_WIDTH = 100
"""How wide tables are where there is no terminal to ask."""

# What stands for the signs of our tables and formulas where the encoding lacks them.
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("█▉▊▋▌", "#"),
        **dict.fromkeys("▍▎▏", ":"),
        **dict.fromkeys("─—–−", "-"),
        **dict.fromkeys("⌋⌉", ")"),
        "✓": "+",
        "✗": "x",
        "⌊": "floor(",
        "⌈": "ceil(",
        "×": "x",
        "·": "*",
        "…": "~",
        "≈": "~",
        "→": "->",
        "≤": "<=",
        "≥": ">=",
    }
)


def screen(path: str | None = None) -> Screen:
    """What to draw for: standard output, or a file at `path`, which has no colours and a width of its own.

    COLUMNS sets the width, up to WIDEST. NO_COLOR or TERM=dumb turn colours off, FORCE_COLOR turns them on
    even in a pipe.
    """
    from archcalc.render.formats.registry import Screen

    if path is None and on_terminal():
        with contextlib.suppress(OSError, ValueError):
            return Screen(
                asked() or os.get_terminal_size(sys.stdout.fileno()).columns or PIPED_WIDTH,
                _colour(terminal=True),
            )
    return Screen(asked() or PIPED_WIDTH, _colour(terminal=False))


def on_terminal() -> bool:
    """Whether standard output is a terminal, which acts on what it is given."""
    # Python has no standard output where the shell has closed it (`>&-`).
    return sys.stdout is not None and sys.stdout.isatty()


def _colour(*, terminal: bool) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    forced = os.environ.get("FORCE_COLOR")
    if forced:
        return forced != "0"
    return terminal and os.environ.get("TERM") != "dumb"


def tolerate_encodings() -> None:
    """Let help and messages, which are click's to print, lose a sign rather than fail where there is no UTF-8."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.casefold() not in ("utf-8", "utf8"):
            stream.reconfigure(errors="replace")


def write(text: str | Iterable[str], path: str | None = None) -> None:
    """Put text, whole or in pieces, on standard output or in the file at `path`, which is replaced as a whole.

    Raises OptionError if the file cannot be written.
    """
    pieces = [text] if isinstance(text, str) else text
    if path is None or path == "-":
        if sys.stdout is not None:
            _print(pieces)
        return
    _write_bytes((piece.encode() for piece in pieces), path, "--output")


def write_bytes(data: bytes, path: str, option: str) -> None:
    """Put data in the file at `path`, which is replaced as a whole; `option` is what named it.

    Raises OptionError if the file cannot be written.
    """
    _write_bytes([data], path, option)


def _write_bytes(pieces: Iterable[bytes], path: str, option: str) -> None:
    try:
        _write_file(path, pieces)
    except OSError as error:
        raise _unwritable(path, option, error) from None


def check_writable(path: str | None, option: str) -> None:
    """Raise OptionError if a file cannot be written at `path`, for what takes long before it writes one."""
    if path is None or path == "-":
        return
    folder = os.path.dirname(os.path.realpath(path))
    if os.path.isdir(path):
        trouble = errno.EISDIR
    elif os.path.exists(path):
        trouble = 0 if os.access(path, os.W_OK) else errno.EACCES
    elif not os.path.isdir(folder):
        trouble = errno.ENOTDIR if os.path.exists(folder) else errno.ENOENT
    else:
        trouble = 0 if os.access(folder, os.W_OK | os.X_OK) else errno.EACCES
    if trouble:
        raise _unwritable(path, option, OSError(trouble, os.strerror(trouble)))


def _unwritable(path: str, option: str, error: OSError) -> OptionError:
    return OptionError(
        f"cannot write {quote(path, 200)}: {error.strerror}.",
        hint=f"Give {option} a file in a folder that exists and that you may write to.",
    )


def _print(pieces: Iterable[str]) -> None:
    encoding = sys.stdout.encoding
    if encoding.casefold() not in ("utf-8", "utf8"):
        # Signs are replaced everywhere or nowhere.
        pieces = ["".join(pieces)]
    try:
        for piece in pieces:
            sys.stdout.write(encodable(piece, encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        abandon()
        raise click.exceptions.Exit(READER_GONE) from None


def encodable(text: str, encoding: str) -> str:
    """The text as it is if the encoding has all its characters, else with plain signs in their place."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        plain = text.replace(" · ", " | ").translate(_PLAIN)
        return plain.encode(encoding, "replace").decode(encoding)
    return text


def abandon() -> None:
    """Forget what is still to be written: nobody reads it, and flushing it at exit would fail again."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _write_file(path: str, pieces: Iterable[bytes]) -> None:
    try:
        there: os.stat_result | None = os.stat(path)
    except FileNotFoundError:
        there = None
    if there is not None and not stat.S_ISREG(there.st_mode):
        # A device or a pipe, as /dev/stdout, cannot be replaced; a directory says so itself.
        with open(path, "wb") as file:
            file.writelines(pieces)
        return
    if there is not None and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    # What a link leads to is replaced, not the link.
    path = os.path.realpath(path)
    beside = f"{path}.{os.getpid()}.part"
    mode = stat.S_IMODE(there.st_mode) if there is not None else 0o666
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with open(descriptor, "wb") as file:
            file.writelines(pieces)
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise
