"""Something that sheets are read from: a file, a member of an archive, standard input."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import NamedTuple

from archcalc.grading.model import Student
from archcalc.grading.sheets.outcome import name
from archcalc.words.text import printable

DOCUMENTS = (".yaml", ".yml", ".json")
TABLES = (".csv", ".tsv")
ARCHIVES = (".zip",)
UNSURE = (".txt", "")
"""Endings that do not say what is inside."""

SHEETS = (*DOCUMENTS, *TABLES)

# How Moodle calls the folder of a student, or the file, where an assignment's submissions are downloaded.
_MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<id>[0-9]+)_assignsubmission_(?:file|onlinetext)_?(?P<rest>.*)", re.DOTALL
)


class Source(NamedTuple):
    """One of them."""

    name: str
    """How messages call it, safe to print."""
    ending: str
    """What its name ends in, in small letters: `.yaml`."""
    owner: Student
    """Whose it is, going by the names of the file and its folder."""
    size: int
    """Bytes, as far as is known before it is read."""
    open: Callable[[], AbstractContextManager[io.BufferedReader]]
    """May be called more than once."""


def ending_of(path: str) -> str:
    """What the name of a file ends in, in small letters."""
    return os.path.splitext(path)[1].lower()


def shown(path: str) -> str:
    """The name of a file, safe to print and to keep."""
    return printable(path, 300)


def owner(file: str, folder: str = "") -> Student:
    """The student that a file's name stands for: `ana.yaml`, `ana/homework.yaml`, a submission of Moodle's.

    `folder` is given where it holds this one sheet only.
    """
    for text in (folder, os.path.splitext(file)[0]):
        match = _MOODLE.fullmatch(text)
        if match:
            return Student(name(match["id"]), name(match["name"]))
    return Student(name(folder or os.path.splitext(file)[0]))


def is_hidden(file: str) -> bool:
    """Whether a file is none that somebody handed in: the system's, an editor's."""
    return file.startswith((".", "~$", "__MACOSX")) or file.lower() in ("thumbs.db", "desktop.ini")


def owners(paths: list[tuple[str, str]]) -> Iterator[Student]:
    """Whose each of some sheets is, given by folder (empty at the top) and file."""
    often: dict[str, int] = {}
    for folder, _ in paths:
        often[folder] = often.get(folder, 0) + 1
    for folder, file in paths:
        yield owner(file, os.path.basename(folder) if often[folder] == 1 else "")
