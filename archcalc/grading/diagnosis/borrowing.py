"""Letters taken from another layer: its channels, filters, kernel, stride or padding read in place of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archcalc.grading.diagnosis.changes import features, has, on, put_in, put_out, putting_out, reading
from archcalc.grading.diagnosis.misconceptions import PRODUCT, SHAPE, Misconception
from archcalc.grading.diagnosis.misreading import Misreader
from archcalc.layers.base import Letters

REACH = 2
"""The layers with letters of their own, to either side, whose letters somebody may slip into."""


def borrowed(reader: Misreader, index: int) -> tuple[Misconception, ...]:
    """The misconceptions of a layer that reads letters of its neighbours and siblings."""
    if index not in reader.borrowed:
        reader.borrowed[index] = tuple(_borrowed(reader, index))
    return reader.borrowed[index]


def _borrowed(reader: Misreader, index: int) -> Iterator[Misconception]:
    mine = reader.rules(index).output.letters
    if not (has(mine, "C", "axes") or has(mine, "shape", "M")):
        return
    near = _near(reader, index)
    if reads(mine):
        yield from _sizes(reader, near, mine)
    if has(mine, "axes"):
        yield from _windows(reader, near, index)


def _sizes(reader: Misreader, near: list[int], mine: Letters) -> Iterator[Misconception]:
    """Channels from layers with channels, features from layers with features."""
    found: dict[int, str] = {}
    for other in near:
        x, name = reader.rules(other).output.letters, reader.network.nodes[other].name
        if not reads(x) or has(x, "K") != has(mine, "K"):
            continue
        for size in (put_in(x), put_out(x)):
            found.setdefault(size, name)
        if put_out(x) not in (put_out(mine), put_in(mine)):
            facts = (("size", str(put_out(x))), ("layer", name))
            rules = ("output", "biases", *PRODUCT)
            yield Misconception("filters-of-another-layer", on(rules, putting_out(put_out(x))), facts)
    for size, name in found.items():
        if size not in (put_in(mine), put_out(mine)):
            facts = (("size", str(size)), ("layer", name))
            yield Misconception("channels-of-another-layer", on(PRODUCT, reading(size)), facts)


def reads(x: Letters) -> bool:
    """Whether a layer multiplies what it reads by weights: filters of channels, units of features."""
    return has(x, "C", "K") or features(x)


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


def _windows(reader: Misreader, near: list[int], index: int) -> Iterator[Misconception]:
    mine = reader.rules(index).output.letters
    done: set[tuple[str, Any]] = set()
    for other in near:
        x, name = reader.rules(other).output.letters, reader.network.nodes[other].name
        same_kind = type(reader.network.nodes[other].layer) is type(reader.network.nodes[index].layer)
        if not same_kind or len(x.axes) != len(mine.axes):
            continue
        for code, letters, rules in (
            ("kernel-of-another-layer", ("F",), (*SHAPE, *PRODUCT)),
            ("stride-of-another-layer", ("S",), SHAPE),
            ("padding-of-another-layer", ("P", "padding"), SHAPE),
        ):
            taken = _taken(mine, x, letters)
            shown = "×".join(str(a.__dict__[letters[0]]) for a in x.axes) if taken else ""
            if taken is not None and (code, shown) not in done:
                done.add((code, shown))
                facts = (("size", shown), ("layer", name))
                yield Misconception(code, on(rules, _with_axes(taken)), facts)


def _taken(mine: Letters, x: Letters, letters: tuple[str, ...]) -> list[dict[str, Any]] | None:
    """The letters of another layer's axes that are put in place of one's own; None where that changes nothing."""
    pairs = list(zip(mine.axes, x.axes, strict=True))
    if not all(has(a, *letters) and has(b, *letters) for a, b in pairs):
        return None
    if all(a.__dict__[name] == b.__dict__[name] for a, b in pairs for name in letters):
        return None
    return [{name: b.__dict__[name] for name in letters} for _, b in pairs]


def _with_axes(taken: list[dict[str, Any]]) -> Any:
    def changed(x: Letters) -> Letters | None:
        if not has(x, "axes") or len(x.axes) != len(taken):
            return None
        return x.replace(axes=tuple(a.replace(**new) for a, new in zip(x.axes, taken, strict=True)))

    return changed
