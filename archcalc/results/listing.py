"""The networks of the catalogue with their main numbers, found by word, family, task or year."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NamedTuple

from archcalc.network.expansion import expand
from archcalc.results.analysis import analyse
from archcalc.results.report import Report
from archcalc.spec import catalog
from archcalc.spec.spec import Published, Spec
from archcalc.words.errors import CatalogError, OptionError
from archcalc.words.text import did_you_mean, listing, quote

TOP5 = "error.top5"


class Entry(NamedTuple):
    """One network of the catalogue, at batch 1 and as its spec has it."""

    spec: Spec
    report: Report

    @property
    def name(self) -> str:
        """What `archcalc summary` is given."""
        return self.spec.name

    @property
    def top5(self) -> tuple[Published, ...]:
        """The published top-5 errors, as measured by others; the first is the source's own."""
        return tuple(figure for figure in self.spec.published if figure.quantity == TOP5)

    def about(self, key: str) -> str:
        """What the spec says under `family`, `year`, `task` and the like; empty if it says nothing."""
        return self.spec.about.get(key, "")


def entries(
    words: Sequence[str] = (), *, family: str | None = None, task: str | None = None, year: str | None = None
) -> tuple[Entry, ...]:
    """The networks whose texts have all of the words, of a family, a task and a year such as 2014 or 2012-2015.

    Sorted by the year of each family's first network (families without years last), then by family, year and
    size. Raises CatalogError if there is none, OptionError if the year is no year.
    """
    span = _span(year) if year is not None else None
    specs = [catalog.load_spec(name) for name in catalog.names()]
    found = [
        spec
        for spec in specs
        if all(_mentions(spec, word) for word in words)
        and _matches(spec, "family", family)
        and _matches(spec, "task", task)
        and (span is None or span[0] <= _year(spec) <= span[1])
    ]
    if not found:
        raise _nothing(specs, words, family, task, year)
    first = {spec.about.get("family", ""): 0 for spec in found}
    for name in first:
        years = [_year(spec) for spec in found if spec.about.get("family", "") == name]
        first[name] = min(years) or sys.maxsize
    listed = [Entry(spec, analyse(expand(spec))) for spec in found]
    listed.sort(
        key=lambda entry: (
            first[entry.about("family")],
            entry.about("family"),
            _year(entry.spec),
            entry.report.totals.macs,
            entry.name,
        )
    )
    return tuple(listed)


def _year(spec: Spec) -> int:
    year = spec.about.get("year", "")
    return int(year) if year.isascii() and year.isdigit() else 0


def _span(year: str) -> tuple[int, int]:
    first, dash, last = year.partition("-")
    ends = [first, last] if dash else [first, first]
    if not all(end.isascii() and end.isdigit() and len(end) == 4 for end in ends):
        raise OptionError(
            f"{quote(year)} is not a year.", hint="Write 2014, or 2012-2015 for a span of years."
        )
    if ends[0] > ends[1]:
        raise OptionError(f"{quote(year)} ends before it begins.", hint=f"Write {ends[1]}-{ends[0]}.")
    return int(ends[0]), int(ends[1])


def _mentions(spec: Spec, word: str) -> bool:
    texts = (spec.name, spec.title, *spec.about.values())
    return any(word.casefold() in text.casefold() for text in texts)


def _matches(spec: Spec, key: str, wanted: str | None) -> bool:
    return wanted is None or wanted.casefold() in spec.about.get(key, "").casefold()


def _nothing(
    specs: Sequence[Spec], words: Sequence[str], family: str | None, task: str | None, year: str | None
) -> CatalogError:
    wanted = {"family": family, "task": task}
    guess = ""
    for key, text in wanted.items():
        known = sorted({spec.about[key] for spec in specs if key in spec.about})
        if text is not None and not any(_matches(spec, key, text) for spec in specs):
            guess = guess or did_you_mean(text, known) or f"There are {listing(known, 'and')}."
    names = [spec.name for spec in specs]
    guess = guess or next((near for word in words if (near := did_you_mean(word, names))), "")
    asked = [*words, *(text for text in (family, task, year) if text is not None)]
    return CatalogError(
        f"no network of the catalogue matches {listing(map(quote, asked), 'and')}.",
        hint=guess or "`archcalc list` shows all of them.",
    )
