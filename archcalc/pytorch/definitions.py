"""The source of the small modules, to be put into a file that stands on its own. Needs no torch."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from importlib import resources
from typing import NamedTuple

MODULES = ("padding", "modules", "attention", "windows", "initialisation")
"""Where what exported files need is defined, in an order in which it can be read from top to bottom."""


class Definitions(NamedTuple):
    """What a file has to import, and the definitions that stand below."""

    imports: tuple[str, ...]
    code: tuple[str, ...]
    names: frozenset[str]
    """What is imported and defined."""


class _Sources:
    """Every definition of MODULES with its text and the names it uses, and every name that they import."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.uses: dict[str, set[str]] = {}
        self.imported: dict[str, tuple[str, str]] = {}
        for module in MODULES:
            text = resources.files("archcalc.pytorch").joinpath(f"{module}.py").read_text(encoding="utf-8")
            for statement in ast.parse(text).body:
                self._take(statement, text)

    def _take(self, statement: ast.stmt, text: str) -> None:
        if isinstance(statement, ast.If):
            for inner in statement.body:
                self._take(inner, text)
        elif isinstance(statement, ast.Import):
            self.imported |= {alias.name: ("", alias.name) for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom):
            home = str(statement.module)
            if not home.startswith("archcalc") and home != "__future__":
                self.imported |= {alias.name: (home, alias.name) for alias in statement.names}
        else:
            for name in _defined(statement):
                self.texts[name] = ast.get_source_segment(text, statement) or ""
                self.uses[name] = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}


def _defined(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Assign):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)]
    return []


def definitions(names: Iterable[str], uses: Iterable[str] = ()) -> Definitions:
    """The definitions of `names` with all that they need, and the imports for those and for what else is used."""
    sources = _Sources()
    needed: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in sources.texts and name not in needed:
            needed.add(name)
            waiting += sources.uses[name]
    mentioned = set(uses).union(*(sources.uses[name] for name in needed))
    found = {sources.imported[name] for name in mentioned if name in sources.imported}
    plain = [f"import {name}" for home, name in sorted(found) if not home]
    homes = sorted({home for home, _ in found if home}, key=lambda home: (home.startswith("torch"), home))
    grouped = [
        f"from {home} import {', '.join(sorted(name for other, name in found if other == home))}"
        for home in homes
    ]
    code = tuple(text for name, text in sources.texts.items() if name in needed)
    return Definitions((*plain, *grouped), code, frozenset(needed | {name for _, name in found}))
