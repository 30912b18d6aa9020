"""The lectures graded: five decks of slides on convolutional networks, every number in them with a verdict.

    archcalc/lectures/deck1.yaml ─sheet─▶ Deck ─judging─▶ JudgedDeck, and archcalc.render draws it

A statement is a question of an assignment with the answer that a deck gives. Sheets say what is stated and what it
is held against; what is right, and why something is wrong, is found by the program.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from archcalc.grading.assignments.networks import Home
from archcalc.grading.lectures.judging import judge
from archcalc.grading.lectures.model import Deck, JudgedDeck
from archcalc.grading.lectures.networks import Known
from archcalc.grading.lectures.sheet import parse_sheet
from archcalc.spec.reader import load_file
from archcalc.words.errors import OptionError
from archcalc.words.files import PACKAGE
from archcalc.words.text import listing

__all__ = ["DECKS", "graded", "load_deck"]

DECKS = (1, 2, 3, 4, 5)
"""The numbers of the decks that ship with the program."""

SHOWN = "lectures"
"""What messages call the folder of the sheets."""


def graded(numbers: Sequence[int] = DECKS) -> tuple[JudgedDeck, ...]:
    """The decks of some numbers with the verdicts on all that they state. Raises OptionError for another number."""
    return tuple(judge(*load_deck(number)) for number in numbers)


def load_deck(number: int) -> tuple[Deck, Known]:
    """One deck, and the networks that it speaks of. Raises OptionError where there is none of that number."""
    if number not in DECKS:
        raise OptionError(f"there is no deck {number}.", hint=f"There are {listing(map(str, DECKS), 'and')}.")
    folder = os.path.join(PACKAGE, SHOWN)
    file = f"deck{number}.yaml"
    return parse_sheet(load_file(os.path.join(folder, file), os.path.join(SHOWN, file)), Home(folder, SHOWN))
