"""What mistakes are called by programs, so that an assignment can say what each is worth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from archcalc.grading.model import Sort

SORTS: tuple[Sort, ...] = get_args(Sort)
"""Where a mistake lies."""

UNIT_MISSING = "unit-missing"
UNIT_WRONG = "unit-wrong"
IMPRECISE = "imprecise"
"""Right as far as it goes, where more was wanted: 138M for 138,357,544."""


def named() -> Iterator[str]:
    """Every mistake that is in the table: those that are found."""
    # Most who read an assignment name none of them, and do not wait for the table.
    from archcalc.grading.mistakes.table import TABLE

    return iter(TABLE)


def known() -> Iterator[str]:
    """Every code of a mistake; any quantity may be given for any other, whether that is ever found or not."""
    from archcalc.grading.mistakes.instead import QUANTITIES

    found = (f"{given}-for-{asked}" for given in QUANTITIES for asked in QUANTITIES if given != asked)
    return iter(dict.fromkeys((*named(), *found)))
