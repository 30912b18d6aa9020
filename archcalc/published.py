"""Published figures against ours: reproduced exactly, as rounded, as truncated, or not, and then with the reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, NamedTuple

from archcalc.errors import ArchcalcError, QuantityError
from archcalc.quantities import MEASURED, Answer, measure
from archcalc.report import Report
from archcalc.spec import Published
from archcalc.text import quote
from archcalc.units import agreement, parse_quantity

Verdict = Literal["exact", "rounded", "truncated", "different", "measured"]

UNITS = {"macs": "MAC", "flops": "FLOP", "_bytes": "B", "memory": "B"}
"""The unit that a published figure may have, by what its quantity is called."""


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
        return Judged(figure, actual, _verdict(figure, actual))
    except ArchcalcError as error:
        raise error.at(figure.place) from None


def _verdict(figure: Published, actual: Answer) -> Verdict:
    if isinstance(actual, tuple):
        # A shape of one axis is published as a bare number.
        return "exact" if parse_shape(figure.value) == actual else "different"
    if isinstance(actual, bool) or not isinstance(actual, int):
        return "exact" if str(actual).lower() == figure.value.lower() else "different"
    quoted = parse_quantity(figure.value)
    counted = next((unit for word, unit in UNITS.items() if word in figure.quantity), None)
    if quoted.unit not in (None, counted):
        raise QuantityError(
            f"{quote(figure.value)} is in {quoted.unit}, but {quote(figure.quantity)} "
            + (f"is counted in {counted}." if counted else "is a plain number."),
            hint="A paper's FLOPs are often MACs: leave the unit out then, and say so in `note`."
            if quoted.unit == "FLOP"
            else "Leave the unit out, or name another quantity.",
        )
    return agreement(actual, quoted)


def parse_shape(text: str) -> tuple[int, ...] | None:
    """`96x55x55` or `96×55×55`, channels first, as a shape; a bare number is one axis; None if it is no shape."""
    parts = re.split(r"\s*[x×]\s*", text.strip())
    return tuple(map(int, parts)) if all(re.fullmatch("[0-9]{1,18}", part) for part in parts) else None
