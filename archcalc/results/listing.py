"""The networks of the catalogue with their main numbers, found by word, family, task or year."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc.results.stored import stored
from archcalc.words.errors import CatalogError, OptionError
from archcalc.words.text import did_you_mean, listing, quote

if TYPE_CHECKING:
    from archcalc.results.counts import Counted
    from archcalc.results.report import Report
    from archcalc.spec.spec import Spec

TOP5 = "error.top5"

STORED = "catalogue"
"""The name of the file that the entries are kept in."""


class Top5(NamedTuple):
    """A published top-5 error, as measured by others."""

    value: str
    source: str
    note: str


class Entry(NamedTuple):
    """One network of the catalogue with its main numbers, at batch 1 and as its spec has it."""

    name: str
    """What `archcalc summary` is given."""
    title: str
    file: str
    """Its spec, from the top of the catalogue: `specs/vgg16.yaml`."""
    texts: Mapping[str, str]
    """What the spec says of it: source, family, year, task, description and note, as far as they are given."""
    input: tuple[int, ...]
    totals: Counted
    depth: int
    top5: tuple[Top5, ...]
    """The first is the source's own."""

    def about(self, key: str) -> str:
        """What the spec says under `family`, `year`, `task` and the like; empty if it says nothing."""
        return self.texts.get(key, "")


def all_entries() -> tuple[Entry, ...]:
    """Every network of the catalogue, by name."""
    return stored(STORED, computed, _understood)


def computed() -> list[dict[str, Any]]:
    """The same worked out from the specs, as JSON holds it."""
    from archcalc.network.expansion import expand
    from archcalc.results.analysis import analyse
    from archcalc.spec import catalog

    return [_kept(spec, analyse(expand(spec))) for spec in map(catalog.load_spec, catalog.names())]


def _kept(spec: Spec, report: Report) -> dict[str, Any]:
    tally, given = report.totals.tally, report.totals.given
    return {
        "name": spec.name,
        "title": spec.title,
        "file": spec.place.file,
        "texts": spec.about,
        "input": report.input,
        "totals": (tally.weights, tally.biases, *tally.cost.values(), tally.activations, given),
        "depth": report.depth,
        "top5": [
            (figure.value, figure.source, figure.note) for figure in spec.published if figure.quantity == TOP5
        ],
    }


def _understood(value: list[dict[str, Any]]) -> tuple[Entry, ...]:
    """The entries in what a file has. Raises ValueError, TypeError or KeyError for what is none."""
    found = tuple(map(_read, value))
    if not found:
        raise ValueError
    return found


def _read(kept: dict[str, Any]) -> Entry:
    """One entry, every value of its type."""
    # What makes numbers is not in memory before the key of what is stored has been read.
    from archcalc.layers.base import Cost
    from archcalc.results.counts import Convention, Counted, Tally

    weights, biases, *cost, activations, given = _all(kept["totals"], int)
    tally = Tally(weights, biases, Cost(*cost), activations)
    name, title, file = _all((kept["name"], kept["title"], kept["file"]), str)
    return Entry(
        name=name,
        title=title,
        file=file,
        texts=dict(zip(_all(kept["texts"], str), _all(kept["texts"].values(), str), strict=True)),
        input=tuple(_all(kept["input"], int)),
        totals=Counted(tally=tally, convention=Convention(), given=given),
        depth=_all((kept["depth"],), int)[0],
        top5=tuple(Top5(*_all(each, str)) for each in kept["top5"]),
    )


def _all(values: Iterable[Any], kind: type) -> list[Any]:
    """The values, if all are of this type."""
    found = list(values)
    if not all(type(value) is kind for value in found):
        raise TypeError
    return found


def entries(
    words: Sequence[str] = (), *, family: str | None = None, task: str | None = None, year: str | None = None
) -> tuple[Entry, ...]:
    """The networks whose texts have all of the words, of a family, a task and a year such as 2014 or 2012-2015.

    Sorted by the year of each family's first network (families without years last), then by family, year and
    size. Raises CatalogError if there is none, OptionError if the year is no year.
    """
    span = _span(year) if year is not None else None
    known = all_entries()
    found = [
        entry
        for entry in known
        if all(_mentions(entry, word) for word in words)
        and _matches(entry, "family", family)
        and _matches(entry, "task", task)
        and (span is None or span[0] <= _year(entry) <= span[1])
    ]
    if not found:
        raise _nothing(known, words, family, task, year)
    first = {entry.about("family"): 0 for entry in found}
    for name in first:
        years = [_year(entry) for entry in found if entry.about("family") == name]
        first[name] = min(years) or sys.maxsize
    found.sort(
        key=lambda entry: (
            first[entry.about("family")],
            entry.about("family"),
            _year(entry),
            entry.totals.macs,
            entry.name,
        )
    )
    return tuple(found)


def _year(entry: Entry) -> int:
    year = entry.about("year")
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


def _mentions(entry: Entry, word: str) -> bool:
    texts = (entry.name, entry.title, *entry.texts.values())
    return any(word.casefold() in text.casefold() for text in texts)


def _matches(entry: Entry, key: str, wanted: str | None) -> bool:
    return wanted is None or wanted.casefold() in entry.about(key).casefold()


def _nothing(
    known: Sequence[Entry], words: Sequence[str], family: str | None, task: str | None, year: str | None
) -> CatalogError:
    wanted = {"family": family, "task": task}
    guess = ""
    for key, text in wanted.items():
        values = sorted({entry.texts[key] for entry in known if key in entry.texts})
        if text is not None and not any(_matches(entry, key, text) for entry in known):
            guess = guess or did_you_mean(text, values) or f"There are {listing(values, 'and')}."
    names = [entry.name for entry in known]
    guess = guess or next((near for word in words if (near := did_you_mean(word, names))), "")
    asked = [*words, *(text for text in (family, task, year) if text is not None)]
    return CatalogError(
        f"no network of the catalogue matches {listing(map(quote, asked), 'and')}.",
        hint=guess or "`archcalc list` shows all of them.",
    )
