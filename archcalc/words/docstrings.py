"""What a class or a function says about itself, wherever Python has kept it.

Kinds and counted quantities are documented by their docstrings, which `python -OO` (PYTHONOPTIMIZE=2) strips from
the code. They still stand in the source.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

__all__ = ["documentation"]


def documentation(thing: Any) -> str:
    """Its docstring; where Python has stripped it, what the source says. Empty if it has none."""
    if thing.__doc__ or sys.flags.optimize < 2:
        return thing.__doc__ or ""
    return _of_module(thing.__module__).get(thing.__qualname__, "")


@cache
def _of_module(name: str) -> dict[str, str]:
    """The docstrings of a module's own classes and functions, and of what they hold, by qualified name."""
    import ast
    import inspect

    try:
        tree = ast.parse(inspect.getsource(sys.modules[name]))
    except OSError:
        return {}
    found: dict[str, str] = {}
    waiting: list[tuple[str, ast.stmt]] = [("", part) for part in tree.body]
    while waiting:
        above, part = waiting.pop()
        if isinstance(part, ast.ClassDef | ast.FunctionDef):
            found[above + part.name] = ast.get_docstring(part, clean=False) or ""
        if isinstance(part, ast.ClassDef):
            waiting += [(f"{above}{part.name}.", inner) for inner in part.body]
    return found
