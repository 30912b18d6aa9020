"""Why an answer is wrong: the mistakes that lead to just that number, looked up among what each would give.

What one mistake near what was asked gives comes first, then one mistake farther off, then two. The first of
these that holds the number decides: a single cause is stated, two are an either–or, more are not told. So is
what is likely to be a coincidence, as few digits or small numbers are met by many a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain, islice
from typing import NamedTuple, cast

from archcalc.algebra.shapes import channels_first
from archcalc.algebra.units import WrittenNumber, dtype_bytes, simplest
from archcalc.grading.assignments.dimensions import CONVERSIONS
from archcalc.grading.assignments.fields import unit_of
from archcalc.grading.diagnosis.confusions import Scaling, mistake, of_unit
from archcalc.grading.diagnosis.expressions import Expression, Expressions
from archcalc.grading.diagnosis.misreading import Misreaders
from archcalc.grading.diagnosis.summands import Candidate
from archcalc.grading.diagnosis.telling import NOTHING, Considered, causes_of, searched, told
from archcalc.grading.diagnosis.tiers import Number, PairTier, Tier
from archcalc.grading.judging import bare_unit, figures
from archcalc.grading.mistakes.table import is_seldom, ways
from archcalc.grading.mistakes.units import CALLED
from archcalc.grading.mistakes.ways import InShape, WrittenUnit
from archcalc.grading.model import Diagnosis, Question, Written
from archcalc.network.network import Network
from archcalc.results.asked import Operation
from archcalc.results.counts import COUNTS
from archcalc.results.quantities import Answer
from archcalc.words.errors import QuantityError

MOST = 50_000
"""What is compared with the answers to one question, of each tier."""

MOST_AXES = 5
"""The axes of a shape whose orders are all tried."""

LIKELY_CHANCE: Mapping[str, Fraction] = {
    "near": Fraction(1, 2),
    "far": Fraction(1, 3),
    "two": Fraction(1, 10),
}
"""The tiers, in the order they are searched in, and what is believed of each: how many numbers may be expected in
an answer's interval by mere chance."""


_FEW_FIGURES = 2
_LIKE_A_FRACTION = re.compile(r"([0-9]{1,9})\s*/\s*([0-9]{1,9})", re.ASCII)


class Diagnostician:
    """Finds out why answers to the questions of one assignment are wrong.

    Only the tiers of `chances` are searched, and what is found by chance more often than it says is not believed.
    """

    def __init__(
        self,
        networks: Mapping[str, Network],
        questions: Sequence[Question] = (),
        chances: Mapping[str, Fraction] = LIKELY_CHANCE,
        readers: Misreaders | None = None,
    ) -> None:
        self.chances = chances
        self.readers = Misreaders(networks) if readers is None else readers
        self.expressions = Expressions(self.readers, questions)
        self._tiers: dict[tuple[str, str | None], list[Tier]] = {}

    def diagnose(self, question: Question, written: Written) -> Diagnosis:
        """The one or two causes that an answer may have; none where that is not known. Never raises."""
        return self.consider(question, written).diagnosis

    def consider(self, question: Question, written: Written, *, nearest: bool = False) -> Considered:
        """The same, with the causes that are too many to be told; `nearest` looks only for one near mistake."""
        try:
            return self._consider(question, written, nearest=nearest) or NOTHING
        except QuantityError:
            return NOTHING

    def _consider(self, question: Question, written: Written, *, nearest: bool) -> Considered | None:
        if question.form == "choice":
            return self._of_choice(question, written)
        expression = self.expressions.of(question)
        if expression is None:
            return None
        if isinstance(written, WrittenNumber):
            few = (figures(written) or 0) <= _FEW_FIGURES and expression.is_composed
            for said in _said(question, written):
                coarse = few and not (said.number.quantum <= 1 and isinstance(question.key, int))
                found = self._of_number(question, expression, said, coarse=coarse, nearest=nearest)
                if found is not None and found.found:
                    return found
            return None
        if isinstance(written, tuple):
            sizes = tuple(simplest(size.value) for size in cast("tuple[WrittenNumber, ...]", written))
            return self._of_shape(question, expression, sizes, nearest)
        near = next(self._lazily(question, expression, None))
        return told(causes_of(near.others.get(written, ())))

    # ---- by form

    def _of_number(
        self,
        question: Question,
        expression: Expression,
        said: _Said,
        *,
        coarse: bool,
        nearest: bool,
    ) -> Considered | None:
        """What a number comes from; with `coarse` figures it may be met by chance by all but what is often done."""
        number = said.number
        if not number.value:
            return None

        def believed(tier: Tier) -> bool:
            if coarse and (tier.name != "near" or tier.rare):
                return False
            exact = number.quantum <= 1 and tier.name == "near"
            return exact or tier.by_chance(number) <= self.chances[tier.name]

        tiers = self._lazily(question, expression, said.suffix)
        single = islice(tiers, _NEAR if nearest else _NEAR + _FAR)
        found = searched(single, lambda tier: tier.within(number), believed)
        if found is None or found is NOTHING:
            tolerated = self._tolerated(question, expression, said)
            if tolerated is not None:
                return tolerated
        if found is None and not nearest:
            return searched(tiers, lambda tier: tier.within(number), believed)
        return found

    def _tolerated(self, question: Question, expression: Expression, said: _Said) -> Considered | None:
        """A near mistake, often made, whose number is as near to an answer as the right one would have to be."""
        tolerance, number = question.tolerance, said.number
        if not (tolerance.relative or tolerance.absolute):
            return None

        def believed(tier: Tier) -> bool:
            width = 2 * max(tolerance.absolute, tolerance.relative * abs(number.value))
            return not tier.rare and tier.by_chance(number, width) <= self.chances[tier.name]

        return searched(
            islice(self._lazily(question, expression, said.suffix), _NEAR),
            lambda tier: tier.tolerating(number, tolerance),
            believed,
        )

    def _of_shape(
        self,
        question: Question,
        expression: Expression,
        sizes: tuple[int | Fraction, ...],
        nearest: bool = False,
    ) -> Considered | None:
        batch = question.convention.batch
        tried = [sizes]
        if question.axes == "as is" and isinstance(question.key, tuple) and len(sizes) == 1:
            # One number for a square.
            tried.insert(0, sizes * len(question.key))
        if len(sizes) > 1:
            tried.append(channels_first(sizes))
        if isinstance(question.key, tuple) and len(sizes) == len(question.key) + 1 and sizes[0] == batch:
            tried = [sizes[1:], channels_first(sizes[1:])]

        def find(tier: Tier) -> Sequence[Candidate]:
            return next((found for shape in tried if (found := tier.others.get(shape))), ())

        tiers = self._lazily(question, expression, None)
        return searched(islice(tiers, _NEAR) if nearest else tiers, find, lambda _: True)

    def _of_choice(self, question: Question, written: Written) -> Considered | None:
        option = next((option for option in question.options if option.label == written), None)
        if option is None or option.right:
            return None
        if question.pick is not None:
            return told(causes_of(self.expressions.picking(question, option.label)))
        value = option.value
        expression = self.expressions.of(question)
        if expression is None or value is None:
            return None
        if isinstance(value, tuple):
            return self._of_shape(question, expression, value)
        if isinstance(value, bool) or not isinstance(value, int | Fraction):
            return None
        number = Number(Fraction(value), Fraction(0))
        tiers = self._lazily(question, expression, None)
        return searched(tiers, lambda tier: tier.within(number), lambda _: True)

    # ---- tiers

    def _lazily(self, question: Question, expression: Expression, suffix: str | None) -> Iterator[Tier]:
        """The tiers of a question in their order, each worked out when it is come to."""
        done = self._tiers.setdefault((question.id, suffix), [])
        if not done:
            done += _both("near", chain(expression.near(), _scaled(question, suffix), _shapes(question.key)))
        yield from done[:2]
        if "far" in self.chances:
            if len(done) == 2:
                done += _both("far", expression.far())
            yield from done[2:4]
        if "two" in self.chances and "far" in self.chances:
            if len(done) == 4:
                scalings = _scalings(question, suffix)
                single = done[0], done[2]
                done.append(PairTier(expression.two(), question.key, single, scalings, expression.in_sum))
            yield done[4]


_NEAR, _FAR = 2, 2
"""Tiers of what is often done and of what is seldom, among near mistakes and among those farther off."""


def _both(name: str, found: Iterable[Candidate]) -> Iterator[Tier]:
    """Two tiers of what was found: the mistakes that are often made, and those that are seldom."""
    kept = list(islice(found, MOST))
    for rare in (False, True):
        chosen = [c for c in kept if any(is_seldom(made.code) for made in c.mistakes) == rare]
        yield Tier(name, chosen, rare=rare)


def _shapes(key: Answer) -> Iterator[Candidate]:
    """A shape that is written otherwise: its axes in another order, or without one of them."""
    if not isinstance(key, tuple) or not 1 < len(key) <= MOST_AXES:
        return
    for row, way in ways(InShape):
        for written in way.change(key):
            yield Candidate(written, (mistake(row.code, "asked"),))


def _scalings(question: Question, suffix: str | None) -> tuple[Scaling, ...]:
    if question.form != "number":
        return ()
    _, unit = unit_of(question.unit)
    names = question.asked.names() if question.asked else ()
    counts = [COUNTS[name.counted] for name in names if name.counted in COUNTS]
    elements = any(count.aspect != "flops" and not count.unit for count in counts)
    size = dtype_bytes(question.convention.dtype)
    # Only what may be given in percent is mistaken for it.
    share = unit is None and (isinstance(question.key, Fraction) or _is_ratio(question))
    return tuple(of_unit(WrittenUnit(suffix or question.unit, unit or "", size, elements, share)))


def _is_ratio(question: Question) -> bool:
    root = question.asked.root if question.asked is not None else None
    return isinstance(root, Operation) and root.sign == "/"


def _scaled(question: Question, suffix: str | None) -> Iterator[Candidate]:
    """The right number in the wrong unit."""
    key = question.key
    if question.form == "number" and isinstance(key, int | Fraction) and key:
        for scaling in _scalings(question, suffix):
            yield Candidate(simplest(key * scaling.factor), (scaling.mistake,))


class _Said(NamedTuple):
    """An answer in units of one, and the unit it was written in, as its text has it; None where it says nothing new."""

    number: Number
    suffix: str | None


def _said(question: Question, written: WrittenNumber) -> Iterator[_Said]:
    """The ways to take an answer, one after the other: as a percentage and as a share, as a fraction and as rounded."""
    scale, unit = unit_of(question.unit)
    key = question.key
    suffix = None
    if written.unit is None:
        is_number = isinstance(key, int | Fraction) and not isinstance(key, bool)
        factor = bare_unit(question, Fraction(key), written) if is_number else scale  # type: ignore[arg-type]
    else:
        factor = CONVERSIONS.get((written.unit, unit), Fraction(1))
        tail = written.text.strip().rpartition(" ")[2].lstrip("0123456789.,")
        suffix = tail if written.unit == "B" and tail.endswith("B") and 2 <= len(tail) <= 3 else None
        if (written.unit, unit or "") in CALLED:
            suffix = written.unit
    yield _Said(Number(written.value * factor, written.quantum * factor), suffix)
    if written.unit is None and unit == "%":
        yield _Said(Number(written.value, written.quantum), suffix)
    fraction = _LIKE_A_FRACTION.fullmatch(written.text.strip())
    if fraction is not None and not written.quantum:
        # 1/20 for 1/19.8 says as much as its larger number does.
        rough = written.value * factor / max(int(fraction[1]), int(fraction[2]))
        yield _Said(Number(written.value * factor, rough), suffix)
