"""Where files are: the package's own (catalogues of translations, lectures, the specs of a wheel) and a user's."""

from __future__ import annotations

import os.path

from archcalc.words.errors import ReadError

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
"""The directory of archcalc. A string and not a Path: pathlib would add 4 ms to every start."""


def absolute(path: str) -> str:
    """The path from the root; of an empty one the working folder's. Raises ReadError when that has been removed."""
    try:
        return os.path.abspath(path)
    except FileNotFoundError:
        raise ReadError(
            "the folder that archcalc was started in is not there any more.",
            hint="Change to one that is: `cd` and its path.",
        ) from None
