"""A figure of a deck: read, and put beside what it is held against."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple, cast

from archcalc.algebra.units import WrittenNumber, parse_written
from archcalc.grading import numbers
from archcalc.grading.assignments.networks import Declared, misfit
from archcalc.grading.lectures.model import Figure, Terms
from archcalc.grading.lectures.networks import Known
from archcalc.grading.lectures.options import KILO, Options
from archcalc.grading.lectures.working import leaves
from archcalc.grading.model import Form, Question, Tolerance, Written
from archcalc.results.asked import Asked, Name, Operation, Term, parse_asked
from archcalc.results.quantities import Answer
from archcalc.words.errors import ArchcalcError, Place, SpecError
from archcalc.words.text import did_you_mean, listing, quote

WINDOWS = ("kernel", "window", "stride", "padding", "dilation")
"""Settings that hold for every axis: 3 is 3×3."""

_ABOUT = re.compile(r"[≈~±]\s*")
_WORKING = re.compile(r"(?P<terms>.*\S)\s*(?P<sign>[=≈])\s*(?P<says>[^=≈]+)", re.DOTALL)
_CROSS = re.compile(r"(?<=[0-9)])\s*x\s*(?=[0-9(])")
_NUMBER = re.compile(r"[0-9][0-9.]*(?:e[+-]?[0-9]+)?(?: ?[A-Za-z]+|%)?")
_NO_POINTS = Fraction(0)


class Said(NamedTuple):
    """A figure as a sheet has it: what is said, what it is held against, and its working where that stands apart."""

    says: str
    ask: str
    terms: str | None
    place: Place


def figure(given: Said, options: Options, known: Known) -> Figure:
    """What a deck says, held against what it is about. Raises ArchcalcError at the place of the figure."""
    says, ask, terms, place = given
    try:
        asked = _within(parse_asked(ask), options.network)
        key = asked.value(lambda name: known.read(name, options.convention))
        working = _WORKING.fullmatch(says)
        if working is not None and terms is None:
            terms = working["terms"]
            said = f"≈ {working['says']}" if working["sign"] == "≈" else working["says"]
        else:
            said = says
        shown = None if terms is None else _terms(terms, about=said.startswith("≈"))
        if shown is not None and not said:
            return Figure(
                terms or "", _question(asked, key, options, place), _exactly(shown.asked, terms or ""), shown
            )
        form, written = _read(said, key, asked, options)
        return Figure(says, _question(asked, key, options, place, form), written, shown)
    except ArchcalcError as error:
        raise error.at(place) from None


def fitting(says: str, name: str, declared: Mapping[str, Declared], options: Options, place: Place) -> Figure:
    """Whether a network fits, as a deck says it. Raises ArchcalcError at `place`."""
    if name not in declared:
        raise SpecError(
            f"the sheet has no network {quote(name)}.",
            hint=did_you_mean(name, declared)
            or f"It has {listing(declared, 'and') or 'none'}: see `networks:`.",
            place=place,
        )
    try:
        written = _one_way(says, "truth", options)
    except ArchcalcError as error:
        raise error.at(place) from None
    question = _question(None, misfit(declared[name]) is None, options, place, "truth")
    return Figure(says, question._replace(fits=name), written, None)


def given_to(text: str, quantity: WrittenNumber, kilo: int = KILO) -> WrittenNumber:
    """A number with the digits that count: behind ≈, ~ or ± the zeros at its end do not. `kilo` is what K is."""
    value, quantum = quantity.value, quantity.quantum
    if kilo != KILO and re.search(r"[0-9] ?[kK]\b", text):
        value, quantum = value * kilo / KILO, quantum * kilo / KILO
    if _ABOUT.match(text) and value:
        while not (value / quantum / 10) % 1:
            quantum *= 10
    return quantity._replace(value=value, quantum=quantum)


def _question(
    asked: Asked | None, key: Answer, options: Options, place: Place, form: Form = "number"
) -> Question:
    return Question(
        id="",
        text="",
        form=form,
        asked=asked,
        key=key,
        points=_NO_POINTS,
        convention=options.convention,
        unit=None,
        unit_points=_NO_POINTS,
        tolerance=Tolerance(),
        options=(),
        partial=(),
        follows=(),
        place=place,
        axes="HWC" if form == "shape" and isinstance(key, tuple) and len(key) == 3 else "as is",
    )


def _within(asked: Asked, network: str | None) -> Asked:
    """The same question with the network put in where a quantity names none."""

    def put(term: Term) -> Term:
        if isinstance(term, Name) and term.network is None:
            return Name(network, term.quantity)
        if isinstance(term, Operation):
            return Operation(term.sign, put(term.left), put(term.right))
        return term

    return Asked(asked.text, put(asked.root))


def _read(said: str, key: Answer, asked: Asked, options: Options) -> tuple[Form, Written]:
    """A figure in the form that the right answer has."""
    if isinstance(key, bool):
        return "truth", _one_way(said, "truth", options)
    if isinstance(key, tuple):
        return "shape", _one_way(said, "shape", options)
    if isinstance(key, str):
        return "choice", said
    if isinstance(asked.root, Name) and asked.root.counted in WINDOWS:
        sizes = _one_way(said, "shape", options)
        sides = cast("tuple[WrittenNumber, ...]", sizes)
        return "number", sides[0] if len({side.value for side in sides}) == 1 else sides
    number = _one_way(said, "number", options)
    assert isinstance(number, WrittenNumber)
    return "number", given_to(said, number, options.kilo)


def _one_way(said: str, form: Form, options: Options) -> Written:
    reading = numbers.read(_ABOUT.sub("≈ ", said), form, locale=options.numbers)
    if len(reading.ways) != 1:
        raise SpecError(
            f"{quote(said)} is no {form}: {reading.problem or 'it is empty.'}"
            if not reading.ways
            else f"{quote(said)} may be read in {len(reading.ways)} ways.",
            hint="Say with `numbers: en` or `numbers: pt-BR` how it is written, or write it without thousands apart.",
        )
    return reading.ways[0]


def _terms(text: str, *, about: bool) -> Terms:
    plain = _CROSS.sub("×", text)
    asked = parse_asked(plain)
    found = []
    for match in _NUMBER.finditer(plain):
        said = match[0].strip()
        found.append(given_to(f"≈ {said}" if about else said, parse_written(said)))
    if any(asked.names()) or len(found) != leaves(asked.root):
        raise SpecError(
            f"{quote(text)} is not a working of plain numbers.",
            hint="Write it with numbers, signs and brackets, as in 550 MB + (60 MB × 128); no number is negative.",
        )
    return Terms(asked, tuple(found))


def _exactly(asked: Asked, text: str) -> WrittenNumber:
    """What a working comes to, as a number that is written out."""
    value = Fraction(asked.value(lambda _: 0))  # type: ignore[arg-type]
    return WrittenNumber(text, value, None, len(str(value.numerator)), Fraction(1))
