"""Slips of the pen: a number that is the right one but for a digit."""

from __future__ import annotations

from archcalc.algebra.units import WrittenNumber
from archcalc.grading.lectures.model import Slip
from archcalc.grading.model import Written
from archcalc.results.quantities import Answer

SHORTEST = 3
"""Digits of the longer number: among shorter ones too many are a digit apart."""


def slip(written: Written, right: Answer) -> Slip | None:
    """The slip that makes what was written of the right answer, in a number or a size of a shape; None if none."""
    if isinstance(written, tuple) and not isinstance(written, WrittenNumber):
        if not isinstance(right, tuple) or len(written) != len(right):
            return None
        apart = [(said, size) for said, size in zip(written, right, strict=True) if said.value != size]
        return slip(*apart[0]) if len(apart) == 1 else None
    if not isinstance(written, WrittenNumber) or written.unit is not None or written.quantum != 1:
        return None
    if not isinstance(right, int) or isinstance(right, bool) or written.value.denominator != 1:
        return None
    return _between(str(written.value.numerator), str(right))


def _between(said: str, right: str) -> Slip | None:
    if said == right or max(len(said), len(right)) < SHORTEST:
        return None
    if len(said) == len(right):
        apart = [place for place, (a, b) in enumerate(zip(said, right, strict=True)) if a != b]
        if len(apart) == 1:
            return Slip("changed", said, right)
        first, last = apart[0], apart[-1]
        if len(apart) == 2 and last == first + 1 and said[first] + said[last] == right[last] + right[first]:
            return Slip("swapped", said, right)
        return None
    if len(right) == len(said) + 1 and said in _without_one(right):
        return Slip("missing", said, right)
    if len(said) == len(right) + 1 and right in _without_one(said):
        return Slip("added", said, right)
    return None


def _without_one(digits: str) -> set[str]:
    return {digits[:place] + digits[place + 1 :] for place in range(len(digits))}
