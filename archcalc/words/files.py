"""Where the package's own files are: catalogues of translations, lectures, and the specs of a wheel."""

from __future__ import annotations

import os.path

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
"""The directory of archcalc. A string and not a Path: pathlib would add 4 ms to every start."""
