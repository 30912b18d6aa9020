"""How much is read of what a student handed in. Beyond it a sheet is reported, and the rest is graded."""

from __future__ import annotations

LONGEST_SHEET = 1_000_000
"""Bytes of a sheet in YAML or JSON."""

LONGEST_TABLE = 2_000_000_000
"""Bytes of a table, which is never in memory as a whole."""

LONGEST_FIELD = 10_000
"""Characters of an answer."""

LONGEST_NAME = 200
"""Characters of a student's id, name and e-mail address."""

LONGEST_ROW = 250_000
"""Characters of a row of a table, with the line breaks in its quotes."""

MOST_COLUMNS = 2_000

MOST_ROWS = 2_000_000
"""Rows of a table; blank ones count, and so do the lines above its header."""

MOST_ROWS_PACKED = 200_000
"""The same for all the tables of an archive together: rows that are alike pack into nothing, and each takes time."""

MOST_KEYS = 10_000
"""Keys of a sheet in YAML or JSON."""

MOST_BROKEN_ROWS = 100
"""Rows with an open quote after which no more line breaks are looked for inside quotes."""

MOST_PROBLEMS = 20
"""What is told of one sheet; the rest is counted."""

MOST_FILES = 100_000
"""Files of a folder, members of an archive."""

LONGEST_DIRECTORY = 30_000_000
"""Bytes of the list of its members that an archive ends in."""

MOST_UNPACKED = 2_000_000_000
"""Bytes that all the members of one archive may unpack to."""

STEEPEST_RATIO = 200
"""Bytes that a byte of an archive may unpack to, once a member has come to more than `FREE_BYTES`."""

FREE_BYTES = 1_000_000

STEEPEST_TOGETHER = 20
"""The same once all members that unpack to more than that have come to `FREE_TOGETHER`: many small ones are a bomb."""

FREE_TOGETHER = 4_000_000


class Allowance:
    """The rows that may still be read of a file, or of all that is in an archive."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.left = most

    def take(self) -> bool:
        """Take one; whether there was one."""
        self.left -= 1
        return self.left >= 0
