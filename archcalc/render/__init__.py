"""What was found out → text, a module a format. Numbers are rounded here and nowhere else.

JSON and CSV are made from the results themselves; the formats for people draw a Document (`sheet.py`) that
the `of_` modules lay out and the `as_` modules and `table.py` draw. Each function imports only what its format needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from archcalc.words.errors import OptionError
from archcalc.words.text import did_you_mean, listing, quote

if TYPE_CHECKING:
    from archcalc.checks.checking import Check
    from archcalc.render.formats.sheet import Document
    from archcalc.results.comparison import Comparison
    from archcalc.results.listing import Entry
    from archcalc.results.report import Report
    from archcalc.timing.measurement import Measurement

FORMATS = ("table", "json", "csv", "markdown", "latex", "svg")

ASPECTS = ("params", "flops", "memory", "layers")
"""What networks can be compared in."""


def summary(
    report: Report, form: str = "table", *, depth: int | None = None, width: int = 100, colour: bool = False
) -> str:
    """One network, layer by layer, as text.

    `depth` folds blocks below so many levels; by default tables for people have about 25 rows, and CSV has
    every layer. JSON always has every layer, and refuses a depth. `width` is in columns of a terminal, for
    tables and pictures. Raises OptionError for what cannot be.
    """
    if form == "json":
        if depth is not None:
            raise OptionError(
                "JSON has every layer, a depth does not apply to it.",
                hint="Leave out --depth, or use --format csv.",
            )
        from archcalc.render.formats import as_json

        return as_json.summary(report)
    from archcalc.render.documents import of_summary as layout

    if form == "csv":
        from archcalc.render.formats import as_csv

        return as_csv.write(layout.HEADER, layout.records(report, depth))
    return _drawn(layout.document(report, depth), form, width, colour)


def comparison(
    compared: Comparison,
    form: str = "table",
    *,
    aspects: Sequence[str] = ASPECTS,
    width: int = 100,
    colour: bool = False,
) -> str:
    """Networks side by side as text, in some aspects: params, flops, memory, layers. JSON has all of them."""
    if form == "json":
        from archcalc.render.formats import as_json

        return as_json.comparison(compared)
    from archcalc.render.documents import of_comparison as layout

    if form == "csv":
        from archcalc.render.formats import as_csv

        return as_csv.write(*layout.records(compared, aspects))
    return _drawn(layout.document(compared, aspects), form, width, colour)


def catalogue(
    entries: Sequence[Entry], form: str = "table", *, width: int = 100, colour: bool = False
) -> str:
    """Networks of the catalogue as text, a line each."""
    if form == "json":
        from archcalc.render.formats import as_json

        return as_json.catalogue(entries)
    from archcalc.render.documents import of_catalogue as layout

    if form == "csv":
        from archcalc.render.formats import as_csv

        return as_csv.write(layout.HEADER, layout.records(entries))
    return _drawn(layout.document(entries), form, width, colour)


def benchmark(
    measurements: Sequence[Measurement], form: str = "table", *, width: int = 100, colour: bool = False
) -> str:
    """Measured times as text; `jsonl` is one JSON object a line. There must be at least one measurement."""
    if form == "jsonl":
        from archcalc.render.formats import as_json

        return as_json.lines(measurements)
    if form == "csv":
        from archcalc.render.documents import bench_records
        from archcalc.render.formats import as_csv

        return as_csv.write(*bench_records.records(measurements))
    from archcalc.render.documents import of_bench as layout

    return _drawn(layout.document(measurements), form, width, colour)


def checks(
    found: Sequence[Check],
    form: str = "table",
    *,
    layers: bool = False,
    width: int = 100,
    colour: bool = False,
) -> str:
    """Checked networks as text, a line each and what differs. `layers` shows every layer; JSON and CSV always do."""
    if form == "json":
        from archcalc.render.formats import as_json

        return as_json.checks(found)
    if form == "csv":
        from archcalc.render.documents import check_records
        from archcalc.render.formats import as_csv

        return as_csv.write(check_records.HEADER, check_records.records(found))
    from archcalc.render.documents import of_check as layout

    return _drawn(layout.document(found, layers), form, width, colour)


def _drawn(document: Document, form: str, width: int, colour: bool) -> str:
    if form == "table":
        from archcalc.render.formats import table

        return table.draw(document, width, colour)
    if form == "markdown":
        from archcalc.render.formats import as_markdown

        return as_markdown.draw(document)
    if form == "latex":
        from archcalc.render.formats import as_latex

        return as_latex.draw(document)
    if form == "svg":
        from archcalc.render.formats import as_svg

        return as_svg.draw(document, width)
    raise OptionError(
        f"there is no format {quote(form)}.",
        hint=did_you_mean(form, FORMATS) or f"Choose one of {listing(FORMATS)}.",
    )
