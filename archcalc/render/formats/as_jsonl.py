"""JSON lines: an object a line, so that files can be added to and read as they grow."""

from __future__ import annotations

from typing import Any

from archcalc.render.formats.encoding import encoded
from archcalc.render.formats.registry import Format


def write(value: Any) -> str:
    """One object in a line."""
    return f"{encoded(value)}\n"


FORMAT = Format("jsonl", "An object a line, for programs.", endings=(".jsonl",), line=write)
