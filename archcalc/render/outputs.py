"""What commands show: each result with the ways in which formats can take it (`formats/registry.py`).

A way is named by the function that makes it, `module:function` within this room, and imported when it is asked for:
a summary as JSON needs nothing of tables. Each function takes what stands between the brackets of `Output`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from archcalc.render.formats.registry import Format, Output, Screen

if TYPE_CHECKING:
    from archcalc.checks.checking import Check
    from archcalc.derivations.explanation import Explanation
    from archcalc.grading.lectures.model import JudgedDeck
    from archcalc.grading.model import Assignment
    from archcalc.reference.kinddocs import KindDoc
    from archcalc.render.homework.of_lectures import Chosen
    from archcalc.results.comparison import Comparison
    from archcalc.results.listing import Entry
    from archcalc.results.report import Report
    from archcalc.timing.measurement import Measurement

SUMMARY: Output[[Report, int | None, Sequence[str]]] = Output(
    document="documents.of_summary:document",
    rows="documents.of_summary:rows",
    content="documents.contents:summary",
)
"""A network, layer by layer; at a depth, or as deep as it is usual; in the columns asked for, or the usual ones."""

COMPARISON: Output[[Comparison, Sequence[str]]] = Output(
    document="documents.of_comparison:document",
    rows="documents.of_comparison:rows",
    content="documents.contents:comparison",
)
"""Networks side by side, in some aspects."""

CATALOGUE: Output[[Sequence[Entry]]] = Output(
    document="documents.of_catalogue:document",
    rows="documents.of_catalogue:rows",
    content="documents.contents:catalogue",
)

BENCHMARK: Output[[Sequence[Measurement]]] = Output(
    document="documents.of_bench:document",
    rows="documents.bench_records:rows",
    lines="documents.contents:measurements",
)

CHECKS: Output[[Sequence[Check], bool]] = Output(
    document="documents.of_check:document",
    rows="documents.check_records:rows",
    content="documents.contents:checks",
)
"""Checked networks; with every layer, or not."""

EXPLANATION: Output[[Explanation]] = Output(
    text="documents.explanation:text",
    markdown="documents.explanation:markdown",
    latex="documents.explanation:latex",
    rows="documents.explanation:rows",
    json="documents.explanation_json:json",
)

KINDS: Output[[Sequence[KindDoc]]] = Output(
    text="documents.kinds:list_text",
    markdown="documents.kinds:list_markdown",
    content="documents.kinds:list_content",
)

KIND: Output[[KindDoc]] = Output(
    text="documents.kinds:text", markdown="documents.kinds:markdown", content="documents.kinds:content"
)

KEY: Output[[Assignment]] = Output(
    text="homework.of_key:text",
    markdown="homework.of_key:markdown",
    latex="homework.of_key:latex",
    rows="homework.of_key:rows",
    content="homework.of_key:content",
)

LECTURES: Output[[Sequence[JudgedDeck], Chosen, Screen]] = Output(
    text="homework.of_lectures:text",
    markdown="homework.of_lectures:markdown",
    rows="homework.of_lectures:rows",
    content="homework.of_lectures:content",
)
"""Decks and which of their statements; its text draws tables, for a screen."""


def marks(form: Format) -> bool:
    """Whether the marks of a class can be written so, which come one by one and are never all kept."""
    return bool(form.draw or form.row or form.pieces or form.line)
