"""How wide the user wants to have it, by the environment variable COLUMNS. Needs no click."""

from __future__ import annotations

import os

WIDEST = 10_000  # columns; wider pages are only padding, and an image of millions takes all memory


def asked() -> int:
    """The columns that COLUMNS asks for, WIDEST at most; 0 where it says nothing that is a width."""
    columns = os.environ.get("COLUMNS", "").lstrip("0")
    if not (columns.isascii() and columns.isdigit()):
        return 0
    # A long number is compared by its length: Python refuses to read one of more than 4,300 digits.
    return WIDEST if len(columns) > len(str(WIDEST)) else min(int(columns), WIDEST)
