"""Networks of the catalogue as a document: a line a network, family by family."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from archcalc.algebra.shapes import joined
from archcalc.render.formats.registry import Rows
from archcalc.render.formats.sheet import Column, Document, Line, Sheet
from archcalc.results.counts import shown_in

if TYPE_CHECKING:
    from archcalc.results.listing import Entry

COLUMNS = (
    Column("name", ink="name"),
    Column("year", right=True, drop=3),
    Column("parameters", right=True),
    Column("MACs", right=True),
    Column("depth", right=True, drop=2),
    Column("top-5 error", right=True, drop=3),
    Column("network", drop=4, least=16),
)

HEADER = (
    "name",
    "title",
    "family",
    "year",
    "task",
    "input",
    *shown_in("list.csv"),
    "depth",
    "error.top5",
)


def document(entries: Sequence[Entry]) -> Document:
    """The families as sections, with the numbers at batch 1."""
    lines: list[Line] = []
    for family, members in groupby(entries, key=lambda entry: entry.about("family")):
        lines.append(Line((family or "others",), "section"))
        lines += [
            Line(
                (
                    entry.name,
                    entry.about("year"),
                    entry.totals.params,
                    entry.totals.macs,
                    entry.depth,
                    entry.top5[0].value if entry.top5 else "",
                    entry.title,
                )
            )
            for entry in members
        ]
    count = len(entries)
    return Document(
        title=f"{count} networks" if count != 1 else "1 network",
        particulars=("at batch 1", "1 MAC = 2 FLOPs"),
        sheets=(Sheet(COLUMNS, tuple(lines)),),
        notes=(
            (
                "",
                "top-5 error as published with the network, measured by others; archcalc show NAME has all of them",
            ),
        )
        if any(entry.top5 for entry in entries)
        else (),
    )


def rows(entries: Sequence[Entry]) -> Rows:
    """A row a network, under HEADER."""
    return Rows(HEADER, _records(entries))


def _records(entries: Sequence[Entry]) -> Iterator[tuple[str | int, ...]]:
    for entry in entries:
        yield (
            entry.name,
            entry.title,
            entry.about("family"),
            entry.about("year"),
            entry.about("task"),
            joined(entry.input).replace("×", "x"),
            *(getattr(entry.totals, name) for name in shown_in("list.csv")),
            entry.depth,
            entry.top5[0].value if entry.top5 else "",
        )
