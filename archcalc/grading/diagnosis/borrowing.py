"""Letters taken from another layer: its channels, filters, kernel, stride or padding read in place of one's own."""

from __future__ import annotations

from collections.abc import Iterator

from archcalc.grading.diagnosis.misreading import Misreader
from archcalc.grading.mistakes.changes import has
from archcalc.grading.mistakes.neighbours import reads
from archcalc.grading.mistakes.rows import Misreading
from archcalc.grading.mistakes.table import ways
from archcalc.grading.mistakes.ways import Neighbour, OfNeighbour

REACH = 2
"""The layers with letters of their own, to either side, whose letters somebody may slip into."""


def borrowed(reader: Misreader, index: int) -> tuple[Misreading, ...]:
    """The misconceptions of a layer that reads letters of its neighbours and siblings."""
    if index not in reader.borrowed:
        reader.borrowed[index] = tuple(_borrowed(reader, index))
    return reader.borrowed[index]


def _borrowed(reader: Misreader, index: int) -> Iterator[Misreading]:
    mine = reader.rules(index).output.letters
    if not (has(mine, "axes") or reads(mine)):
        return
    nodes = reader.network.nodes
    near = [
        (
            nodes[i].name,
            Neighbour(reader.rules(i).output.letters, type(nodes[i].layer) is type(nodes[index].layer)),
        )
        for i in _near(reader, index)
    ]
    done: set[tuple[str, str]] = set()
    for row, way in ways(OfNeighbour):
        for name, other in near:
            for taken in way.change(mine, other):
                if (row.code, taken.shown) not in done:
                    done.add((row.code, taken.shown))
                    yield Misreading(row.code, taken.change, (("size", taken.shown), ("layer", name)))


def _near(reader: Misreader, index: int) -> list[int]:
    """The layers nearby with letters to slip into: the nearest in order, and all in the same block."""
    nodes = reader.network.nodes
    if reader.lettered is None:
        reader.lettered = [
            i for i in range(len(nodes)) if has(x := reader.rules(i).output.letters, "axes") or reads(x)
        ]
    lettered = reader.lettered
    place = next((n for n, i in enumerate(lettered) if i >= index), len(lettered))
    around = lettered[max(place - REACH, 0) : place + REACH + 1]
    block = nodes[index].name.partition(".")[0]
    inside = [i for i in lettered[max(place - 12, 0) : place + 13] if nodes[i].name.startswith(f"{block}.")]
    return sorted({*around, *inside} - {index}, key=lambda i: abs(i - index))
