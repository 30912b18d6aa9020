"""The columns of a summary that can be asked for: what JSON has of a layer, a row each in one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from archcalc.algebra.shapes import joined
from archcalc.render.documents import labels
from archcalc.render.formats.sheet import Cell, Column, Line
from archcalc.results.counts import OF_LAYERS, Counted
from archcalc.results.folding import Fold
from archcalc.results.report import Report, Row
from archcalc.results.unseen import Reason, Unseen, unseen
from archcalc.words.errors import OptionError
from archcalc.words.language import _, gettext, marked
from archcalc.words.text import did_you_mean, listing, quote, sentence

NAME = "name"
"""The column that always stands first, asked for or not."""

WORDS: Mapping[Reason, str] = {
    Reason.EVERYTHING: marked("everything"),
    Reason.NO_POSITIONS: marked("no positions"),
    Reason.NOTHING: marked("nothing"),
    Reason.UNKNOWN: marked("not known: {layer}"),
    Reason.STRIDES: marked("several strides"),
    Reason.TOO_LARGE: marked("too large"),
}
"""What stands in place of a receptive field."""


class Place(NamedTuple):
    """What a cell is read from: a row of the summary, the layer that it ends in, and why that sees no window."""

    fold: Fold
    end: Row
    why: Unseen | None


class Offered(NamedTuple):
    """A column by its name: its heading, marked for translation, and its cells."""

    title: str
    cell: Callable[[Place], Cell]
    right: bool = False


def _of_layer(read: Callable[[Row], str]) -> Callable[[Place], Cell]:
    return lambda place: None if place.fold.is_group else read(place.fold.rows[0]) or None


def _of_field(name: str) -> Callable[[Place], Cell]:
    def cell(place: Place) -> Cell:
        field = place.end.receptive_field
        numbers = None if field is None else getattr(field, name)
        if numbers is not None:
            return f"({', '.join(map(str, numbers))})" if name == "offset" else joined(numbers)
        if name != "size" or place.why is None:
            return None
        layer = place.why.cause.layer if place.why.cause else ""
        return gettext(WORDS[place.why.reason]).format(layer=layer)

    return cell


def _aligned(place: Place) -> Cell:
    field = place.end.receptive_field
    return None if field is None or field.size is None else _yes_no(field.aligned)


def _yes_no(value: bool) -> str:
    return _("yes") if value else _("no")


def _count(name: str) -> Callable[[Place], Cell]:
    return lambda place: int(getattr(place.fold, name))


OFFERED: Mapping[str, Offered] = {
    "kind": Offered(marked("kind"), lambda place: labels.described(place.fold)),
    "from": Offered(marked("from"), _of_layer(lambda row: ", ".join(row.sources))),
    "inputs": Offered(
        marked("inputs"), _of_layer(lambda row: ", ".join(map(joined, row.inputs))), right=True
    ),
    "output": Offered(marked("output"), lambda place: labels.shape(place.fold), right=True),
    **{name: Offered(count.title, _count(name), right=True) for name, count in OF_LAYERS.items()},
    "receptive_field": Offered(marked("receptive field"), _of_field("size"), right=True),
    "stride": Offered(marked("its stride"), _of_field("stride"), right=True),
    "offset": Offered(marked("its offset"), _of_field("offset"), right=True),
    "aligned": Offered(marked("aligned"), _aligned),
    "shared_with": Offered(marked("shared with"), _of_layer(lambda row: row.shared_with or "")),
    "head": Offered(marked("head"), lambda place: place.fold.head),
    "auxiliary": Offered(marked("auxiliary"), lambda place: _yes_no(place.fold.auxiliary)),
}
"""Every column beside the name, by the key that JSON has for it."""


def checked(columns: Sequence[str]) -> tuple[str, ...]:
    """The columns asked for, without the name; OptionError for one that there is not, or that is named twice."""
    wanted = [column.strip() for column in columns if column.strip() != NAME]
    for column in wanted:
        if column not in OFFERED:
            raise OptionError(
                f"there is no column {quote(column)}.",
                hint=sentence(did_you_mean(column, OFFERED))
                or f"There are {listing([NAME, *OFFERED], 'and')}.",
            )
    twice = next((column for column in wanted if wanted.count(column) > 1), None)
    if twice is not None or not wanted:
        raise OptionError(
            f"the column {quote(twice)} is named twice." if twice else "no column is named.",
            hint="For example --columns kind,output,receptive_field,params.",
        )
    return tuple(wanted)


class Layout:
    """A table of the columns asked for."""

    def __init__(self, report: Report, columns: Sequence[str]) -> None:
        self.report = report
        self.names = checked(columns)
        self._ends = {row.name: index for index, row in enumerate(report.rows)}
        self._why = unseen(report)

    def columns(self) -> tuple[Column, ...]:
        """The name of the layer, then what was asked for."""
        offered = [OFFERED[name] for name in self.names]
        return (
            Column(_("layer"), ink="name"),
            *(
                Column(self._heading(name, column), right=column.right)
                for name, column in zip(self.names, offered, strict=True)
            ),
        )

    def _heading(self, name: str, column: Offered) -> str:
        """The heading of a count knows what is counted."""
        if name in OF_LAYERS:
            return OF_LAYERS[name].column(self.report.convention)
        return gettext(column.title)

    def cells(self, fold: Fold) -> tuple[Cell, ...]:
        """A row."""
        end = self._ends[fold.rows[-1 if fold.is_group else 0].name]
        if fold.is_group:
            group = self.report.groups.get(fold.name, -1)
            end = group if group >= 0 else end
        place = Place(fold, self.report.rows[end], self._why[end])
        return (fold.name, *(OFFERED[name].cell(place) for name in self.names))

    def line(self, fold: Fold) -> Line:
        """A row as a line of a sheet."""
        return Line(self.cells(fold))

    def total(self, name: str, totals: Counted) -> Line:
        """A line of totals: of what is counted."""
        counts = (getattr(totals, column) if column in OF_LAYERS else None for column in self.names)
        return Line((name, *counts), "total")

    def given(self) -> tuple[Cell, ...]:
        """The network's input as a row."""
        totals = self.report.totals
        cells: dict[str, Cell] = {
            "output": joined(self.report.input),
            "activations": totals.input_activations,
        }
        return (_("input"), *(cells.get(name) for name in self.names))
