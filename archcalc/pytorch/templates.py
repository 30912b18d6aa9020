"""Code with its numbers taken out: blocks whose code differs in numbers only are one class with parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from archcalc.pytorch.blocks import Block

HOLE = "\x00"
"""Stands for a number that was taken out."""

_CALL = "\x01"
"""Stands before and after the number of a template whose class is called there."""

_STRINGS = re.compile(r"(\"[^\"]*\"|'[^']*')")
_WHOLE_NUMBERS = re.compile(r"(?<![\w.])[0-9]+(?![\w.])")
_KEYWORD = re.compile(rf"(\w+)=\(?(?:{HOLE}, )*$")
_POSITIONAL = re.compile(rf"(\w+)\((?:\(?{HOLE}\)?, )*\(?$")
_MARKS = re.compile(f"{HOLE}|{_CALL}([0-9]+){_CALL}")

_WORDS = {
    "Conv": ("channels", "filters"),
    "Linear": ("features", "units"),
    "BatchNorm": ("channels",),
    "InstanceNorm": ("channels",),
    "GroupNorm": ("groups", "channels"),
    "LayerNorm": ("features",),
    "AxisNorm": ("channels",),
    "Attention": ("features", "heads"),
    "PReLU": ("channels",),
    "Pool": ("window",),
}
"""What the numbers that a module is made with are called, by a part of its class's name."""


class Snippet(NamedTuple):
    """Lines of code with holes, and the numbers that belong into them, in order."""

    lines: tuple[str, ...]
    values: tuple[int, ...] = ()

    def indented(self, by: str) -> Snippet:
        """The lines moved to the right."""
        return Snippet(tuple(by + line for line in self.lines), self.values)

    def between(self, before: str, after: str) -> Snippet:
        """Text put before the first line and after the last."""
        lines = [*self.lines]
        lines[0] = before + lines[0]
        lines[-1] += after
        return Snippet(tuple(lines), self.values)


def snippet(code: str) -> Snippet:
    """A line of code with its whole numbers taken out, but for those inside strings."""
    values: list[int] = []

    def take(number: re.Match[str]) -> str:
        values.append(int(number[0]))
        return HOLE

    parts = _STRINGS.split(code)
    parts[::2] = [_WHOLE_NUMBERS.sub(take, part) for part in parts[::2]]
    return Snippet(("".join(parts),), tuple(values))


def together(snippets: Iterable[Snippet]) -> Snippet:
    """Snippets one below the other."""
    found = list(snippets)
    return Snippet(
        tuple(line for one in found for line in one.lines),
        tuple(value for one in found for value in one.values),
    )


class Template:
    """A class to be: what its instances make, with holes, how they run, and the numbers of each of them."""

    def __init__(self, number: int, name: str, made: tuple[str, ...], run: tuple[str, ...]) -> None:
        self.number = number
        self.name = name
        self.made = made
        self.run = run
        self.blocks: list[Block] = []
        self.values: list[tuple[int, ...]] = []
        self.shapes: list[tuple[str, ...]] = []
        """What each line of `run` gives, for each instance."""

    def add(self, block: Block, values: tuple[int, ...], shapes: tuple[str, ...]) -> Snippet:
        """One more instance. The call that makes it."""
        self.blocks.append(block)
        self.values.append(values)
        self.shapes.append(shapes)
        return Snippet((f"{_CALL}{self.number}{_CALL}",), values)


class Templates:
    """All templates of a network, in the order in which their classes can be defined."""

    def __init__(self) -> None:
        self.all: list[Template] = []
        self._by_code: dict[tuple[tuple[str, ...], tuple[str, ...]], Template] = {}

    def known(self, made: tuple[str, ...], run: tuple[str, ...]) -> Template | None:
        """The template of this code, if there is one already."""
        return self._by_code.get((made, run))

    def new(self, name: str, made: tuple[str, ...], run: tuple[str, ...]) -> Template:
        """A template of this code, whose class gets that name."""
        template = self._by_code[made, run] = Template(len(self.all), name, made, run)
        self.all.append(template)
        return template

    def parameters(self, template: Template) -> dict[str, int]:
        """The parameters of a class, each with the first hole it belongs in: numbers that are not always the same.

        Holes that have the same numbers in every instance share one.
        """
        found: dict[tuple[int, ...], int] = {}
        for hole, column in enumerate(zip(*template.values, strict=True)):
            if len(set(column)) > 1:
                found.setdefault(column, hole)
        names = list(self._names(template.made))
        parameters: dict[str, int] = {}
        for hole in found.values():
            name, number = names[hole], 1
            while name in parameters:
                number += 1
                name = f"{names[hole]}{number}"
            parameters[name] = hole
        return parameters

    def body(self, template: Template) -> list[str]:
        """What stands in the __init__ of a template's class, its parameters in their places."""
        parameters = self.parameters(template)
        columns = list(zip(*template.values, strict=True))
        named = {columns[hole]: name for name, hole in parameters.items()}
        return self.filled(template.made, [named.get(column, str(column[0])) for column in columns])

    def filled(self, lines: Sequence[str], expressions: Sequence[str]) -> list[str]:
        """Lines with an expression in place of each hole."""
        rest = list(expressions)

        def fill(mark: re.Match[str]) -> str:
            if mark[0] == HOLE:
                return rest.pop(0)
            template = self.all[int(mark[1])]
            inside = [rest.pop(0) for _ in template.values[0]]
            given = [inside[hole] for hole in self.parameters(template).values()]
            return f"{template.name}({', '.join(given)})"

        return [_MARKS.sub(fill, line) for line in lines]

    def _names(self, lines: Sequence[str]) -> Iterable[str]:
        """A name for each hole, from the setting or the place that it stands in."""
        for line in lines:
            for mark in _MARKS.finditer(line):
                if mark[0] != HOLE:
                    yield from self._names(self.all[int(mark[1])].made)
                else:
                    yield _name(line[: mark.start()])


def _name(before: str) -> str:
    """What a number is called that stands behind `before`."""
    keyword = _KEYWORD.search(before)
    if keyword:
        return keyword[1]
    positional = _POSITIONAL.search(before)
    if positional:
        for part, words in _WORDS.items():
            place = before.count(HOLE, positional.start())
            if part in positional[1] and place < len(words):
                return words[place]
    return "size"
