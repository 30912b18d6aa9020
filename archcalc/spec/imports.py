"""Finds what a spec imports: files of blocks beside it or in the catalogue, never outside either."""

from __future__ import annotations

import os
from collections.abc import Callable

from archcalc.spec._specs import specs_directory
from archcalc.spec.parsing import Lookup, parse_blocks
from archcalc.spec.reader import LONGEST_FILE, load_file
from archcalc.spec.spec import File
from archcalc.words.errors import Place, ReadError
from archcalc.words.text import quote

MOST_FILES = 32
"""Files that one spec may import, directly and through others."""


class Imports:
    """The files that one spec imports. Each is read once, however often it is imported."""

    def __init__(self, shown: Callable[[str], str]) -> None:
        self.shown = shown
        """How messages call a path."""
        self.files: dict[str, File] = {}
        self.count = 0
        self.size = 0

    def lookup(self, folder: str, chain: tuple[str, ...]) -> Lookup:
        """How a file in `folder` finds its imports; `chain` are the files that are being read around it."""

        def find(wanted: str, place: Place) -> File:
            path, found = _find(wanted, folder, place)
            if path in chain:
                raise ReadError(
                    f"{quote(wanted)} imports itself, directly or through others.",
                    hint="Put the blocks that both need into a third file.",
                    place=place,
                )
            if path not in self.files:
                self._budget(path, place)
                name = self.shown(found)
                lookup = self.lookup(os.path.dirname(path), (*chain, path))
                self.files[path] = parse_blocks(load_file(path, name, imported=True), name, lookup)
            return self.files[path]

        return find

    def _budget(self, path: str, place: Place) -> None:
        self.size += os.path.getsize(path)
        self.count += 1
        if self.count > MOST_FILES or self.size > LONGEST_FILE:
            raise ReadError(
                f"the imports are more than {MOST_FILES} files or 1 MB together, which no spec needs.",
                hint="Import only the files whose blocks are used.",
                place=place,
            )


def beside(wanted: str, folder: str, place: Place) -> str:
    """The real path of the file `wanted` in a folder or below it. Raises ReadError where it is not there."""
    if _leaves(wanted) or not _is_inside(os.path.join(folder, wanted), folder):
        raise ReadError(
            f"a file must lie beside the one that names it, or below it, not at {quote(wanted)}.",
            hint="Put it there and name it by its relative path.",
            place=place,
        )
    path = os.path.realpath(os.path.join(folder, wanted))
    if not os.path.isfile(path):
        raise ReadError(
            f"there is no file {quote(wanted)}.", hint="The path is relative to this file.", place=place
        )
    return path


def _find(wanted: str, folder: str, place: Place) -> tuple[str, str]:
    """The real path of an import, and the path it was found by."""
    if _leaves(wanted):
        raise _outside(wanted, place)
    for base in (folder, specs_directory()):
        found = os.path.join(base, wanted)
        path = os.path.realpath(found)
        if os.path.isfile(path):
            if not _is_inside(found, base):
                raise _outside(wanted, place)
            return path, found
    raise ReadError(
        f"there is no file {quote(wanted)} to import, neither beside the spec nor in the catalogue.",
        hint="The path is relative to the spec, for example blocks/resnet.yaml.",
        place=place,
    )


def _leaves(wanted: str) -> bool:
    """Whether a path says by itself that it leads out of its folder."""
    return os.path.isabs(wanted) or ".." in wanted.replace("\\", "/").split("/") or "\0" in wanted


def _is_inside(path: str, folder: str) -> bool:
    """Whether a path leads into a folder, links followed."""
    real = os.path.realpath(folder)
    return os.path.commonpath([os.path.realpath(path), real]) == real


def _outside(wanted: str, place: Place) -> ReadError:
    return ReadError(
        f"an import must stay inside its folder or the catalogue, not {quote(wanted)}.",
        hint="Put the file beside the spec and import it by its relative path.",
        place=place,
    )
