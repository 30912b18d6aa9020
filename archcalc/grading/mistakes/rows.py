"""What a row of the table of mistakes is. A row that lacks its example is an error as soon as it is made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from archcalc.grading.mistakes.ways import InRules, RuleChange, Way

Rarity: TypeAlias = Literal["often", "sometimes", "seldom"]
"""How often a mistake is made. What is seldom done is thought of only where nothing else explains a number; of causes
too many to be told, those that hold one that is often made are told nevertheless."""

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class WrongAnswer(NamedTuple):
    """One wrong answer worked by hand: tests grade it, docs print it.

    The arithmetic is done by whoever writes the row, never copied from what archcalc answers.
    """

    network: str
    """The network, in YAML as short as it can be said: `{input: [3, 8, 8], layers: [{conv: 4, kernel: 3}]}`."""
    ask: str
    """What the question asks for; empty where its `keys` say it: `pick: largest, options: {…}`."""
    answer: str
    """What somebody writes who makes the mistake."""
    working: str
    """The arithmetic that the answer comes from, and the right one beside it."""
    says: str
    """The sentence that has to be said about it, in English."""
    keys: str = ""
    """Further keys of the question: `unit: MB, batch: 32`."""
    beside: tuple[str, ...] = ()
    """Other mistakes that truly lead to the same answer, by their codes: they are told too, either–or."""
    instead: bool = False
    """Whether the mistake is not thought of here, since those `beside` it are likelier and explain the answer."""


class Misreading(NamedTuple):
    """A mistake in the rules of a layer, with the facts that belong to one place."""

    code: str
    change: RuleChange
    """The rules of one layer as they are misread; None where the mistake cannot be made."""
    facts: tuple[tuple[str, str], ...] = ()
    """What the sentence about it says, by name."""


class KnownMistake:
    """A row of the table: one mistake and everything that is known about it."""

    def __init__(
        self,
        code: str,
        clause: str,
        *ways: Way,
        examples: Sequence[WrongAnswer],
        rarity: Rarity = "sometimes",
        elsewhere: bool = False,
        guessed: bool = False,
        variants: Mapping[tuple[str, str], str] | None = None,
    ) -> None:
        """Raises TypeError for a row that is not whole."""
        lacking = [
            word for word, there in (("clause", clause), ("way", ways), ("example", examples)) if not there
        ]
        if lacking or not _CODE.fullmatch(code):
            raise TypeError(f"the mistake {code!r} has no {' and no '.join(lacking or ['code of words'])}")
        for example in examples:
            if not (example.working and example.says and example.answer):
                raise TypeError(f"an example of the mistake {code!r} lacks its answer, working or sentence")
        self.code = code
        """Its name for programs: `bias-forgotten`."""
        self.clause = clause
        """What went wrong, as a part of a sentence and marked for translation; in braces the facts of the mistake."""
        self.variants = variants or {}
        """Other clauses by the name and the text of the fact that each is for."""
        self.ways = ways
        """What is done otherwise: each a function of what the mistake is made in, such as the rules of a layer."""
        self.examples = tuple(examples)
        self.rarity = rarity
        self.elsewhere = elsewhere
        """Whether another place is taken for the one that was asked for: in many networks others have the number of
        what is oftenest done wrong."""
        self.guessed = guessed
        """Whether there are so many places to make it that a second mistake beside it would explain anything."""
        self.misconceptions = tuple(Misreading(code, way.change) for way in ways if isinstance(way, InRules))
        """Its ways in the rules of a layer, each the same object at every look: they are known by that."""

    def but(self, **changes: Any) -> KnownMistake:
        """The same row with something else in it: what is broken on purpose to see whether its examples notice."""
        names = ("code", "clause", "ways", "examples", "rarity", "elsewhere", "guessed", "variants")
        values = {name: getattr(self, name) for name in names} | changes
        code, clause, ways = values.pop("code"), values.pop("clause"), values.pop("ways")
        return KnownMistake(code, clause, *ways, **values)
