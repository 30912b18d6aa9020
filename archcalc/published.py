"""Published figures against ours: reproduced exactly, as rounded, as truncated, or not, and then with the reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Literal, NamedTuple

from archcalc.errors import ArchcalcError
from archcalc.quantities import MEASURED, Answer, measure
from archcalc.report import Report
from archcalc.spec import Published
from archcalc.units import agreement, parse_quantity

Verdict = Literal["exact", "rounded", "truncated", "different", "measured"]


class Judged(NamedTuple):
    """One published figure, what the network really has, and how the two agree.

    `different` without a reason is a failure, and so is a reason on a figure that does reproduce.
    """

    figure: Published
    actual: Answer | None
    """None for what is measured and not calculated, such as an error rate."""
    verdict: Verdict

    @property
    def accounted(self) -> bool:
        """Whether the figure reproduces, or the spec says why it does not."""
        return (self.verdict == "different") == bool(self.figure.reason)


def judge(figure: Published, report_at: Callable[[int | None], Report]) -> Judged:
    """How one published figure agrees with the report of its network at the batch that it names.

    Raises QuantityError, with the place of the figure, where its quantity does not exist.
    """
    if figure.quantity.split(".")[0] == MEASURED:
        return Judged(figure, None, "measured")
    try:
        actual = measure(figure.quantity, report_at)
        return Judged(figure, actual, _verdict(actual, figure.value))
    except ArchcalcError as error:
        raise error.at(figure.place) from None


def _verdict(actual: Answer, value: str) -> Verdict:
    shape = parse_shape(value)
    if isinstance(actual, tuple):
        # A shape of one axis is published as a bare number.
        return "exact" if shape == actual else "different"
    if isinstance(actual, int | Fraction) and not isinstance(actual, bool):
        return agreement(actual, parse_quantity(value))  # type: ignore[arg-type]
    return "exact" if str(actual) == value else "different"


def parse_shape(text: str) -> tuple[int, ...] | None:
    """`96x55x55` or `96×55×55`, channels first, as a shape; a bare number is one axis; None if it is no shape."""
    parts = re.split(r"\s*[x×]\s*", text.strip())
    return (
        tuple(int(part) for part in parts)
        if all(part.isascii() and part.isdigit() for part in parts)
        else None
    )
