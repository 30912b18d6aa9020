"""The working of the numbers that need to know what is before a layer: its receptive field, the zeros of `same`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, reduce
from itertools import repeat
from typing import NamedTuple

from archcalc.algebra.shapes import joined, spatial_name
from archcalc.algebra.symbols import alike, maximum, minimum, symbol, value_of
from archcalc.derivations.working import Letter, Step, symbols_of
from archcalc.layers.base import Layer, Number, Shapes
from archcalc.layers.views import SAME_POSITION, View, Window, windows_of
from archcalc.layers.windows import same_zeros
from archcalc.results import receptive_field as rf
from archcalc.results.report import Row
from archcalc.words.language import _, gettext, marked

FIELD = (
    ("receptive_field", marked("receptive field")),
    ("receptive_field.stride", marked("its stride")),
    ("receptive_field.offset", marked("its offset")),
)
ZEROS = (("padding.before", marked("zeros before")), ("padding.after", marked("zeros after")))

LETTERS = {
    "r": marked("receptive field of the input of this layer"),
    "k": marked("window of this layer, with dilation"),
    "j": marked("stride of that input, in positions of the network's input"),
    "s": marked("stride of this layer"),
    "o": marked("offset of that input: where the field of its position 0 begins"),
    "w": marked("where this layer's window for output 0 begins"),
    "m": marked("positions that this layer, which moves or mixes them, puts together"),
    "t": marked("positions that this layer, which moves them, goes on by"),
    "b": marked("where what this layer puts together for output 0 begins"),
    "r_0": marked("receptive field of a coarse position, those before the first upsampling"),
    "j_0": marked("stride of the coarse positions"),
    "o_0": marked("offset of the coarse positions"),
    **dict.fromkeys("puqv", marked("output i sees the coarse positions ⌊(p·i + u)/q⌋ to ⌊(p·i + v)/q⌋")),
}


class Drawn(NamedTuple):
    """A number along one axis, or along all that are alike, before it is put in words."""

    name: str
    title: str
    """In English, still to be translated."""
    axis: str
    """The word for the axis; empty where all are alike."""
    number: Number


class FieldWorking(NamedTuple):
    """How the receptive field grows through a layer, and the values of each letter in it."""

    numbers: tuple[Drawn, ...]
    letters: Mapping[str, str]


UNKNOWN = FieldWorking((), {})


def zeros_of(layer: Layer, inputs: Shapes) -> Iterator[Step]:
    """How many zeros `same` puts before and after along each axis; nothing for a layer without it."""
    return in_words(_drawn(same_zeros(layer.read(inputs).traced(layer.axis_names)), ZEROS))


# Neighbours are alike: a norm and an activation behind a convolution have the same field before and behind.
@lru_cache(maxsize=256)
def field_of(before: tuple[rf.Field, ...], view: View, field: rf.ReceptiveField | None) -> FieldWorking:
    """How the receptive fields `before` a layer grow to its own, as far as there are formulas for it."""
    known = [
        (number, each)
        for number, each in enumerate(before, 1)
        if isinstance(each, rf.ReceptiveField) and each.size is not None
    ]
    if field is None or field.size is None or not known:
        return UNKNOWN
    axes: list[tuple[Number, ...]] = []
    moves = list(zip(_along(known[0][1]), _along(field), strict=True)) if len(field.size) > 1 else []
    for axis in range(len(field.size)):
        if len(before) > 1:
            axes.append(_joined(known, field, axis))
        elif axis and moves[axis] == moves[0]:
            axes.append(axes[0])
        else:
            axes.append(_widened(known[0][1], windows_of(view), field, axis))
    numbers = tuple(_drawn(axes, FIELD))
    values: dict[str, dict[str, None]] = {}
    for drawn in numbers:
        for part in symbols_of(drawn.number):
            values.setdefault(part.name, {})[str(part.value)] = None
    return FieldWorking(numbers, {name: "×".join(found) for name, found in values.items()})


def in_words(numbers: Iterable[Drawn]) -> Iterator[Step]:
    """The steps of these numbers, in the language of the moment."""
    for name, title, axis, number in numbers:
        words = gettext(title)
        if axis:
            words = _("{what} {axis}").format(what=words, axis=gettext(axis))
        yield Step(f"{name}.{axis}" if axis else name, words, number)


def _along(field: rf.ReceptiveField) -> list[tuple[object, ...]]:
    """All that is known of a field, axis by axis."""
    return list(zip(*((numbers or repeat(None)) for numbers in (*field[:3], field.grids)), strict=False))


def _widened(
    before: rf.ReceptiveField,
    windows: Sequence[Window] | None,
    field: rf.ReceptiveField,
    axis: int,
) -> tuple[Number, ...]:
    """The numbers behind a layer by its window, or by the one that what it moves or mixes comes to; if either does."""
    own = SAME_POSITION if windows is None or axis >= len(windows) else windows[axis]
    # A layer that moves positions has no window of its own: what it puts together has letters of its own.
    for window, letters in ((own, "ksw"), (_between(before, field, axis), "mtb")):
        if window is not None:
            numbers = _through(before, window, axis, letters)
            if tuple(map(value_of, numbers)) == tuple((part or ())[axis] for part in field[:3]):
                return numbers
    return ()


def _between(before: rf.ReceptiveField, field: rf.ReceptiveField, axis: int) -> Window | None:
    """The positions that a layer takes together, as one window over those before it."""
    if field.grids is not None or before.grids is not None:
        return None
    (r, j, o), (size, stride, offset) = (
        [(part or ())[axis] for part in each[:3]] for each in (before, field)
    )
    if not j or (size - r) % j or stride % j or (offset - o) % j:
        return None
    return Window((size - r) // j + 1, stride // j, (offset - o) // j)


def _drawn(axes: Sequence[tuple[Number, ...]], names: Sequence[tuple[str, str]]) -> Iterator[Drawn]:
    """The numbers along each axis with these names and titles; axes alike are drawn once."""
    if all(numbers is axes[0] for numbers in axes):
        yield from _titled(names, "", axes[0] if axes else ())
        return
    same = [[_alike(numbers, others) for others in axes] for numbers in axes]
    for axis, numbers in enumerate(axes):
        if not any(same[axis][:axis]):
            word = "" if all(same[axis]) else spatial_name(axis, len(axes))
            yield from _titled(names, word, numbers)


def _titled(names: Sequence[tuple[str, str]], axis: str, numbers: Sequence[Number]) -> Iterator[Drawn]:
    # A join may have a formula for the size and the stride, and none for the offset.
    for (name, title), number in zip(names, numbers, strict=False):
        yield Drawn(name, title, axis, number)


def _alike(numbers: tuple[Number, ...], others: tuple[Number, ...]) -> bool:
    return numbers is others or (len(numbers) == len(others) and all(map(alike, numbers, others)))


def _through(
    before: rf.ReceptiveField, window: Window, axis: int, letters: str = "ksw"
) -> tuple[Number, ...]:
    """The field behind a window, from that of its input; on the grid once windows do not move evenly."""
    evenly = window.per == 1 and (before.grids is None or before.grids[axis] is None)
    if evenly or window == SAME_POSITION:
        size, stride, offset = before[:3]
        r, j, o = ((numbers or ())[axis] for numbers in (size, stride, offset))
        return (
            _behind(rf.size_behind, ("r", r), (letters[0], window.size), ("j", j)),
            _behind(rf.stride_behind, ("j", j), (letters[1], window.stride)),
            _behind(rf.offset_behind, ("o", o), (letters[2], window.offset), ("j", j)),
        )
    grid = rf.behind(rf.grid_of(before, axis), window)
    on_grid = rf.Grid._make(
        symbol(f"{name}_0" if name in "rjo" else name, number)
        for name, number in zip(grid._fields, grid, strict=True)
    )
    return rf.size_on(on_grid), rf.stride_on(on_grid), rf.offset_on(on_grid)


@lru_cache(maxsize=256)
def _behind(rule: Callable[..., Number], *letters: tuple[str, int]) -> Number:
    """A rule read on these letters. Strides are the same through most of a network, offsets through much of it."""
    return rule(*(symbol(name, value) for name, value in letters))


def _joined(
    known: Sequence[tuple[int, rf.ReceptiveField]], field: rf.ReceptiveField, axis: int
) -> tuple[Number, ...]:
    """The field of a join, where its ends are those of branches."""
    if field.size is None or field.offset is None:
        return ()
    sizes = [symbol(f"r_{number}", (each.size or ())[axis]) for number, each in known]
    strides = [symbol("j", (each.stride or ())[axis]) for _, each in known]
    offsets = [symbol(f"o_{number}", (each.offset or ())[axis]) for number, each in known]
    size, offset = reduce(maximum, sizes), reduce(minimum, offsets)
    # The smallest window that holds those of all branches is the largest of them if they have one centre.
    if size.value != field.size[axis]:
        return ()
    return (size, strides[0], offset) if offset.value == field.offset[axis] else (size, strides[0])


def field_letters(working: FieldWorking) -> Iterator[Letter]:
    """The letters of the working of a receptive field, in the language of the moment."""
    for name, values in working.letters.items():
        yield Letter(name, _meaning(name), values)


def _meaning(letter: str) -> str:
    if letter in LETTERS:
        return gettext(LETTERS[letter])
    words = {"r": _("receptive field"), "o": _("offset")}
    base, branch = letter.split("_")
    return _("{meaning} of branch {number}").format(meaning=words[base], number=branch)


def field_notes(row: Row) -> Iterator[str]:
    """What is to be known about the receptive field of a layer beside its numbers."""
    field = row.receptive_field
    if field is None:
        return
    if field.lost is not None:
        yield _(
            "What it sees is not known: {layer} ({kind}) puts positions where no window describes them."
        ).format(layer=field.lost.layer, kind=field.lost.kind)
    elif field.size is None:
        yield (
            _("A number of the receptive field exceeds 10¹²: none is given.")
            if field.aligned
            else _(
                "Branches with different strides were joined on the way: no single receptive field describes it."
            )
        )
    elif not field.aligned:
        yield _("Branches that do not line up were joined on the way: their windows have different centres.")
    if field.stride is not None and 0 in field.stride:
        words = [
            gettext(spatial_name(axis, len(field.stride)))
            for axis, step in enumerate(field.stride)
            if not step
        ]
        yield _("Along {axes} every output sees the same: all positions were taken together.").format(
            axes=_(" and ").join(words)
        )
    if field.grids is not None:
        yield _(
            "Behind an upsampling windows do not move evenly: one output sees at most {size} positions, "
            "and the stride is an average."
        ).format(size=joined(field.size or ()))
