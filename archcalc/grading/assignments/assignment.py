"""YAML → Assignment: the file read, its networks built, the answer to each question computed."""

from __future__ import annotations

import os
import re

from archcalc.grading.assignments import fields
from archcalc.grading.assignments.networks import Declared, Home, Numbers, declared
from archcalc.grading.assignments.questions import DEFAULTS, Known, question
from archcalc.grading.model import Assignment, Question
from archcalc.network.network import Network
from archcalc.spec.nodes import flag, mapping, text_of
from archcalc.spec.reader import Mapping, Node, Scalar, Sequence, load_file
from archcalc.words.errors import ArchcalcError, MisfitError, SpecError
from archcalc.words.files import absolute
from archcalc.words.language import ENGLISH, language_of
from archcalc.words.text import quote

KEYS = ("title", "description", "language", "numbers", "lenient", "networks", "questions", *DEFAULTS)
"""The keys at the top of an assignment."""

MOST_QUESTIONS = 1_000


def load_assignment(path: str | os.PathLike[str]) -> Assignment:
    """The assignment that a YAML file holds, its answers computed.

    Raises ArchcalcError with file, line and column of what is wrong.
    """
    name = os.fspath(path)
    home = Home(os.path.dirname(absolute(name)), os.path.dirname(name))
    return parse_assignment(load_file(name), identifier(name), home)


def identifier(path: str) -> str:
    """The id that the name of a file gives an assignment: its letters, digits, `_`, `-` and points."""
    stem = os.path.splitext(os.path.basename(path))[0]
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", stem).strip("-.") or "assignment"


def parse_assignment(root: Node, name: str, home: Home) -> Assignment:
    """The assignment in a file that `reader` has read; paths in it start at `home`.

    Raises ArchcalcError with the place of what is wrong.
    """
    top = mapping(root, "an assignment", KEYS)
    numbers, language = _language(top, "numbers"), _language(top, "language") or ENGLISH.code
    lenient = flag(top.get("lenient"), "`lenient`")
    items = top.get("questions")
    if items is None:
        raise SpecError(
            "an assignment needs `questions:`, the list of its questions.",
            hint="For example `questions: [{text: How many parameters?, ask: total.params}]`.",
            place=root.place,
        )
    if not isinstance(items, Sequence) or not 1 <= len(items.items) <= MOST_QUESTIONS:
        raise SpecError(
            f"`questions` must be a list of 1 to {MOST_QUESTIONS:,}, not {items.describe()}.",
            hint="Begin each with `- `: `- {text: How many parameters?, ask: total.params}`.",
            place=items.place,
        )
    networks = declared(top.get("networks"), home, root.file)
    built, misfits = _built(networks)
    asked_to_fit = {
        node.text
        for item in items.items
        if isinstance(item, Mapping) and isinstance(node := item.get("fits"), Scalar)
    }
    for misfit, error in misfits.items():
        if misfit not in asked_to_fit:
            raise error
    questions = _questions(items, Known(Numbers(built, misfits), networks, top, {}))
    return Assignment(
        id=name,
        title=_text(top, "title") or name,
        networks=built,
        questions=questions,
        numbers=numbers,
        lenient=lenient,
        language=language,
    )


def _text(top: Mapping, key: str) -> str:
    node = top.get(key)
    return "" if node is None else text_of(node, f"`{key}`")


def _language(top: Mapping, key: str) -> str | None:
    node = top.get(key)
    if node is None:
        return None
    try:
        return language_of(text_of(node, f"`{key}`"))
    except ArchcalcError as error:
        raise error.at(node.place) from None


def _built(networks: dict[str, Declared]) -> tuple[dict[str, Network], dict[str, MisfitError]]:
    """The networks that can be built, and why windows of the others do not fit."""
    built: dict[str, Network] = {}
    misfits: dict[str, MisfitError] = {}
    for name, network in networks.items():
        try:
            built[name] = network.build()
        except MisfitError as error:
            misfits[name] = error
    return built, misfits


def _questions(items: Sequence, known: Known) -> tuple[Question, ...]:
    earlier: dict[str, Question] = {}
    for number, item in enumerate(items.items, 1):
        given = item.get("id") if isinstance(item, Mapping) else None
        name = str(number) if given is None else fields.name(given, "the id of a question")
        if name in earlier:
            raise SpecError(
                f"there are two questions {quote(name)}; the first stands at {earlier[name].place}.",
                hint="Give one of them another `id`; without one a question is called by its number.",
                place=item.place if given is None else given.place,
            )
        try:
            earlier[name] = question(item, name, known._replace(earlier=earlier))
        except ArchcalcError as error:
            raise error.at(item.place) from None
    return tuple(earlier.values())
