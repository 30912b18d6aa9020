"""Several reports side by side."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from archcalc.results.report import Report
from archcalc.words.errors import OptionError


class Comparison(NamedTuple):
    """Two or more networks counted by one convention; ratios are to the first."""

    reports: tuple[Report, ...]

    def ratio(self, figure: str, index: int) -> Fraction | None:
        """How many times the first network's total `figure` goes into that of network `index`.

        None where the first one's is 0.
        """
        first: int = getattr(self.reports[0].totals, figure)
        return Fraction(getattr(self.reports[index].totals, figure), first) if first else None

    def kinds(self) -> dict[str, tuple[int, ...]]:
        """How many layers of each kind every network has, most used first; auxiliary heads are left out."""
        counts: dict[str, list[int]] = {}
        for index, report in enumerate(self.reports):
            for row in report.rows:
                if not row.auxiliary:
                    counts.setdefault(row.kind, [0] * len(self.reports))[index] += 1
        return {
            kind: tuple(counts[kind]) for kind in sorted(counts, key=lambda kind: (-sum(counts[kind]), kind))
        }


def compared(reports: Sequence[Report]) -> Comparison:
    """The reports as a Comparison; OptionError if there are fewer than two."""
    if len(reports) < 2:
        raise OptionError(
            "a comparison needs two networks or more.", hint="For example archcalc compare googlenet alexnet."
        )
    return Comparison(tuple(reports))
