"""Answers as they are handed in → sheets, one at a time, and never trusted.

    folders, archives   paths and members of zips → sources of bytes
    decoding            bytes → text, in whatever encoding
    documents           YAML or JSON → one sheet
    tables, columns     CSV → a sheet a row; headers → questions
    intake              all of them, one after the other

A sheet that cannot be read comes with its problems and without answers. What is in it is never executed.
"""

from __future__ import annotations

from archcalc.grading.sheets.columns import Columns
from archcalc.grading.sheets.intake import AGAIN, EARLIER, Intake, identity
from archcalc.grading.sheets.outcome import Opened, Remark, Tell

__all__ = ["AGAIN", "EARLIER", "Columns", "Intake", "Opened", "Remark", "Tell", "identity"]
