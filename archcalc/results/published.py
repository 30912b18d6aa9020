"""Published figures against ours: reproduced exactly, as rounded, as truncated, or not, and then with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from archcalc.algebra.units import agreement, parse_written
from archcalc.results.counts import COUNTS
from archcalc.results.quantities import MEASURED, Answer, QuantityName, resolve, value, written
from archcalc.results.report import Report
from archcalc.spec.spec import Published
from archcalc.words.errors import ArchcalcError, QuantityError
from archcalc.words.text import quote

Verdict = Literal["exact", "rounded", "truncated", "different", "measured"]


class ComparedFigure(NamedTuple):
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


def judge(figure: Published, report_at: Callable[[int | None], Report]) -> ComparedFigure:
    """How one published figure agrees with the report of its network at the batch that it names.

    Raises QuantityError, with the place of the figure, where its quantity does not exist.
    """
    if figure.quantity.split(".")[0] == MEASURED:
        return ComparedFigure(figure, None, "measured")
    try:
        report = report_at(None)
        quantity = resolve(figure.quantity, report)
        actual = value(quantity, report if quantity.batch is None else report_at(quantity.batch))
        return ComparedFigure(figure, actual, _verdict(figure, quantity, actual))
    except ArchcalcError as error:
        raise error.at(figure.place) from None


def check_figures(figures: Iterable[Published], report: Report) -> None:
    """Raise ArchcalcError, with its place, for a figure that names what there is not or has no value of its kind.

    Whether it agrees is another question.
    """
    for figure in figures:
        judge(figure, lambda _: report)


def _verdict(figure: Published, quantity: QuantityName, actual: Answer) -> Verdict:
    if isinstance(actual, bool) or not isinstance(actual, int):
        return "exact" if _same(figure.value, actual) else "different"
    quoted = parse_written(figure.value)
    counted = COUNTS[quantity.name].unit or None if quantity.name in COUNTS else None
    if quoted.unit not in (None, counted):
        raise QuantityError(
            f"{quote(figure.value)} is in {quoted.unit}, but {quote(figure.quantity)} "
            + (f"is counted in {counted}." if counted else "is a plain number."),
            hint="A paper's FLOPs are often MACs: leave the unit out then, and say so in `note`."
            if quoted.unit == "FLOP"
            else "Leave the unit out, or name another quantity.",
        )
    return agreement(actual, quoted)


def _same(published: str, actual: Answer) -> bool:
    """Whether a figure is this shape, list or word: `96x55x55`, `96×55×55`, `[3, 5]` or `3x5`, `true`."""
    forms = [written(actual)]
    if isinstance(actual, tuple):
        forms.append(written(tuple(actual)))
    plain = "".join(published.split()).casefold().replace("x", "×")
    return plain in ["".join(form.split()).casefold().replace("x", "×") for form in forms]
