"""Finds and reads specs: those that ship with the program by name, others by path, one from standard input."""

from __future__ import annotations

import os
import sys
from typing import BinaryIO

from archcalc.spec._specs import specs_directory
from archcalc.spec.imports import Imports
from archcalc.spec.parsing import parse
from archcalc.spec.reader import LONGEST_FILE, load_file, load_stream, read
from archcalc.spec.spec import Spec
from archcalc.words.errors import CatalogError, ReadError
from archcalc.words.files import absolute
from archcalc.words.text import did_you_mean, listing, quote, sentence

ENDINGS = (".yaml", ".yml")
BLOCKS = "blocks"
"""The folder of the catalogue that holds blocks and no networks."""

STANDARD_INPUT = "-"
STREAM = "standard input"
"""How messages call what comes from there."""


def names() -> list[str]:
    """The name of every network of the catalogue, sorted."""
    return sorted(_paths())


def typed(name: str, file: str) -> str:
    """What a command is given to mean a network that was read from a file: its name, its path or `-`."""
    if file == STREAM:
        return STANDARD_INPUT
    return name if file == _shown(_paths().get(name, "")) else file


def path_of(name: str) -> str:
    """The file of a network of the catalogue, or of a spec named by its path.

    A bare word is a name of the catalogue first, whatever lies in the current folder.
    Raises CatalogError where there is none.
    """
    if name.endswith(ENDINGS) or os.sep in name:
        return name
    paths = _paths()
    if name not in paths:
        if os.path.isdir(name):
            return name
        if os.path.exists(name):
            raise CatalogError(
                f"there is no network {quote(name)} in the catalogue.",
                hint=f"There is a file of that name: call it {quote(os.path.join(os.curdir, name))}.",
            )
        alike = sorted(path for path in paths if name and path.startswith(name))
        guess = (
            f"Those that begin so: {listing(alike, 'and')}." if alike else sentence(did_you_mean(name, paths))
        )
        raise CatalogError(
            f"there is no network {quote(name)} in the catalogue.",
            hint=(f"{guess} " if guess else "")
            + "`archcalc list` shows all; a file is named by its path, such as ./my.yaml.",
        )
    return paths[name]


def load_spec(name: str, stdin: BinaryIO | None = None) -> Spec:
    """The spec of a network of the catalogue, of a file (a path ending in .yaml), or of standard input (`-`).

    Raises CatalogError for a name that is not there, SpecError for what is wrong in the file.
    """
    if name == STANDARD_INPUT:
        stream = stdin if stdin is not None else _standard_input()
        lookup = Imports(_shown).lookup(absolute(""), ())
        return parse(load_stream(stream, STREAM), "stdin", STREAM, lookup)
    path = path_of(name)
    identifier = os.path.splitext(os.path.basename(path))[0]
    shown = _shown(path)
    lookup = Imports(_shown).lookup(os.path.dirname(absolute(path)), (os.path.realpath(path),))
    return parse(load_file(path, shown), identifier, shown, lookup)


def source(name: str) -> str:
    """The text of a spec, or of a file of blocks such as `blocks/resnet.yaml`.

    Raises CatalogError for a name that is not there, ReadError for what is no YAML file.
    """
    if name == STANDARD_INPUT:
        data = _standard_input().read(LONGEST_FILE + 1)
        read(data, "standard input")
        return data.decode()
    shipped = os.path.join(specs_directory(), name)
    is_blocks = name.startswith(BLOCKS + "/") and not os.path.exists(name) and os.path.isfile(shipped)
    path = shipped if is_blocks else path_of(name)
    load_file(path, _shown(path))
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def _standard_input() -> BinaryIO:
    """The bytes of standard input; Python has none where it has been closed (`<&-`)."""
    if sys.stdin is None:
        raise ReadError("standard input is closed.", hint="Pipe the spec in, or name a file.")
    return sys.stdin.buffer


def _paths() -> dict[str, str]:
    root = specs_directory()
    found: dict[str, str] = {}
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if f != BLOCKS)
        for file in files:
            stem, ending = os.path.splitext(file)
            if ending in ENDINGS:
                found[stem] = os.path.join(folder, file)
    return found


def _shown(path: str) -> str:
    """A path as messages have it: of the catalogue, from its top; else as the user gave it."""
    root = specs_directory()
    full = absolute(path)
    if full.startswith(root + os.sep):
        return os.path.join("specs", os.path.relpath(full, root))
    return path
