"""Diagnosis over the catalogue: whatever is asked of whatever network, nothing raises, and the time is bounded."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest

from archcalc import Network, api
from archcalc.algebra.units import WrittenNumber
from archcalc.grading.assignments.networks import Numbers
from archcalc.grading.diagnosis.diagnostician import Diagnostician
from archcalc.grading.model import Form, Question, Tolerance
from archcalc.render.homework import mistakes
from archcalc.results.asked import parse_asked
from archcalc.results.counts import COUNTS, OF_LAYERS, Convention
from archcalc.results.quantities import STRUCTURE
from archcalc.spec import catalog
from archcalc.words.errors import ArchcalcError, Place

LARGE = 300
"""Layers of the networks that are left to a longer run."""

SECONDS = 20
"""For three answers to one question, on a machine that does other things as well."""


def asks(network: Network, chance: random.Random) -> Iterator[str]:
    """Quantities of the grammar, some of which the network does not have."""
    paths = [node.name for node in network.nodes] + list(network.groups)
    yield from (f"total.{name}" for name in chance.sample([*COUNTS, *STRUCTURE], 4))
    yield "total.memory(batch=32)"
    names = [*OF_LAYERS, *STRUCTURE, "output", "output.channels", "input", "input.height", "receptive_field"]
    names += ["receptive_field.stride", "receptive_field.size", "kernel", "stride", "units"]
    yield from (f"{chance.choice(paths)}.{chance.choice(names)}" for _ in range(6))
    yield f"total.params / {chance.choice(paths)}.params"
    yield f"{chance.choice(paths)}.macs + {chance.choice(paths)}.macs"


def question(name: str, network: Network, text: str, convention: Convention) -> Question | None:
    """A question of a network; None where it has no such number."""
    found, asked = Numbers({name: network}), parse_asked(text)
    try:
        key: Any = asked.value(lambda quantity: found.read(quantity, convention))
    except ArchcalcError:
        return None
    form: Form = "shape" if isinstance(key, tuple) else "number"
    is_number = isinstance(key, int | Fraction) and not isinstance(key, bool)
    if not is_number and not (isinstance(key, tuple) and all(isinstance(size, int) for size in key)):
        return None
    none, place = Fraction(0), Place("catalogue.yaml", 1, 1)
    return Question(
        id=text,
        text="",
        form=form,
        asked=asked,
        key=key,
        points=Fraction(1),
        convention=convention,
        unit=None,
        unit_points=none,
        tolerance=Tolerance(),
        options=(),
        partial=(),
        follows=(),
        place=place,
    )


def near(key: Any, chance: random.Random) -> Any:
    """An answer that somebody may give: a number or a shape near the right one."""

    def number(value: Fraction | int) -> WrittenNumber:
        return WrittenNumber(str(value), Fraction(value), None, len(str(value)), Fraction(1))

    if isinstance(key, tuple):
        return tuple(number(size + chance.randint(-1, 1)) for size in key)
    return number(
        Fraction(key) * Fraction(chance.choice([1, 2, 3, 7]), chance.choice([1, 2, 4]))
        + chance.randint(-3, 9)
    )


@pytest.mark.parametrize("name", catalog.names())
def test_any_question_about_any_network(name: str) -> None:
    network, chance = api.load(name), random.Random(name)
    if len(network.nodes) > LARGE:
        pytest.skip("large: the same layers many times over")
    diagnostician = Diagnostician({name: network})
    for text in asks(network, chance):
        asked = question(name, network, text, Convention(batch=chance.choice([1, 16])))
        if asked is None:
            continue
        start = time.process_time()
        for _ in range(3):
            found = diagnostician.diagnose(asked, near(asked.key, chance))
            assert len(found.causes) <= 2
            for cause in found.causes:
                assert cause.value != asked.key
                assert 1 <= len(cause.mistakes) <= 2
                assert mistakes.sentence(cause).endswith(".")
        assert time.process_time() - start < SECONDS, text
