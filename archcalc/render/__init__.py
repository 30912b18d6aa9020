"""What was found out → text. Numbers are rounded here and nowhere else.

`outputs.py` says what is shown and in which ways it can be taken, `formats/` how each way is written, a module a
format; the `of_` modules lay out, the `as_` modules write. Each function imports only what its format needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from archcalc.render import outputs
from archcalc.render.formats.registry import FIRST, Screen, named

if TYPE_CHECKING:
    from archcalc.checks.checking import Check
    from archcalc.results.comparison import Comparison
    from archcalc.results.listing import Entry
    from archcalc.results.report import Report
    from archcalc.timing.measurement import Measurement

ASPECTS = ("params", "flops", "memory", "layers")
"""What networks can be compared in."""


def summary(
    report: Report,
    form: str = FIRST,
    *,
    depth: int | None = None,
    columns: Sequence[str] = (),
    width: int = 100,
    colour: bool = False,
) -> str:
    """One network, layer by layer, as text.

    `depth` folds blocks below so many levels; by default tables for people have about 25 rows, and CSV has
    every layer. JSON always has every layer, and refuses a depth. `columns` are those of the table, in order,
    by their names in JSON: `("kind", "output", "receptive_field", "params")`. `width` is in columns of a terminal, for
    tables and pictures. Raises OptionError for what cannot be.
    """
    return outputs.SUMMARY.written(named(form), Screen(width, colour), report, depth, columns)


def comparison(
    compared: Comparison,
    form: str = FIRST,
    *,
    aspects: Sequence[str] = ASPECTS,
    width: int = 100,
    colour: bool = False,
) -> str:
    """Networks side by side as text, in some aspects: params, flops, memory, layers. JSON has all of them."""
    return outputs.COMPARISON.written(named(form), Screen(width, colour), compared, aspects)


def catalogue(entries: Sequence[Entry], form: str = FIRST, *, width: int = 100, colour: bool = False) -> str:
    """Networks of the catalogue as text, a line each."""
    return outputs.CATALOGUE.written(named(form), Screen(width, colour), entries)


def benchmark(
    measurements: Sequence[Measurement], form: str = FIRST, *, width: int = 100, colour: bool = False
) -> str:
    """Measured times as text; `jsonl` is one JSON object a line. There must be at least one measurement."""
    return outputs.BENCHMARK.written(named(form), Screen(width, colour), measurements)


def checks(
    found: Sequence[Check],
    form: str = FIRST,
    *,
    layers: bool = False,
    width: int = 100,
    colour: bool = False,
) -> str:
    """Checked networks as text, a line each and what differs. `layers` shows every layer; JSON and CSV always do."""
    return outputs.CHECKS.written(named(form), Screen(width, colour), found, layers)
