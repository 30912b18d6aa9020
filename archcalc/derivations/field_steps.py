"""The working of the numbers that need to know what is before a layer: its receptive field, the zeros of `same`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce

from archcalc.algebra.notation import derivation
from archcalc.algebra.shapes import joined, spatial_name
from archcalc.algebra.symbols import maximum, minimum, symbol
from archcalc.derivations.working import Letter, Step, symbols_of
from archcalc.layers.base import SAME_POSITION, Layer, Number, Shapes, Window
from archcalc.layers.windows import same_zeros
from archcalc.network.network import INPUT, Network
from archcalc.results import receptive_field as rf
from archcalc.results.report import Report, Row
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
    "r_0": marked("receptive field of a coarse position, those before the first upsampling"),
    "j_0": marked("stride of the coarse positions"),
    "o_0": marked("offset of the coarse positions"),
    **dict.fromkeys("puqv", marked("output i sees the coarse positions ⌊(p·i + u)/q⌋ to ⌊(p·i + v)/q⌋")),
}


def zeros_of(layer: Layer, inputs: Shapes) -> Iterator[Step]:
    """How many zeros `same` puts before and after along each axis; nothing for a layer without it."""
    return _along(same_zeros(layer.read(inputs).traced(layer.axis_names)), ZEROS)


def field_of(network: Network, report: Report, index: int) -> Iterator[Step]:
    """How the receptive field grows through a layer, as far as there are formulas for it."""
    field = report.rows[index].receptive_field
    if field is not None and field.size is not None:
        axes = range(len(field.size))
        yield from _along([_field(network, report, index, axis) for axis in axes], FIELD)


def _along(axes: Sequence[tuple[Number, ...]], names: Sequence[tuple[str, str]]) -> Iterator[Step]:
    """Steps with these names and titles for the numbers along each axis; axes alike are drawn once."""
    drawn = [tuple(map(derivation, numbers)) for numbers in axes]
    for axis, numbers in enumerate(axes):
        if drawn[axis] not in drawn[:axis]:
            alike = all(other == drawn[axis] for other in drawn)
            word = spatial_name(axis, len(axes))
            suffix = "" if alike else f".{word}"
            # A join may have a formula for the size and the stride, and none for the offset.
            for (name, title), number in zip(names, numbers, strict=False):
                words = gettext(title)
                if not alike:
                    words = _("{what} {axis}").format(what=words, axis=gettext(word))
                yield Step(f"{name}{suffix}", words, number)


def _field(network: Network, report: Report, index: int, axis: int) -> tuple[Number, ...]:
    """The size, the stride and the offset of the field along one axis."""
    node = network.nodes[index]
    start = rf.of_input(len(report.input) - 1)
    before = [start if i == INPUT else report.rows[i].receptive_field for i in node.inputs]
    known = [
        (number, field)
        for number, field in enumerate(before, 1)
        if isinstance(field, rf.ReceptiveField) and field.size is not None
    ]
    view = node.layer.view(node.layer.read(node.shapes))
    if not known or isinstance(view, str):
        return ()
    if len(before) == 1:
        return _through(known[0][1], view[axis], axis)
    return _joined(known, report.rows[index], axis)


def _through(before: rf.ReceptiveField, window: Window, axis: int) -> tuple[Number, ...]:
    """The field behind a window, from that of its input; on the grid once windows do not move evenly."""
    evenly = window.per == 1 and (before.grids is None or before.grids[axis] is None)
    if evenly or window == SAME_POSITION:
        size, stride, offset = before[:3]
        r, j, o = (
            symbol(name, numbers[axis])
            for name, numbers in (("r", size or ()), ("j", stride or ()), ("o", offset or ()))
        )
        k, s, w = symbol("k", window.size), symbol("s", window.stride), symbol("w", window.offset)
        return rf.size_behind(r, k, j), rf.stride_behind(j, s), rf.offset_behind(o, w, j)
    grid = rf.behind(rf.grid_of(before, axis), window)
    letters = rf.Grid._make(
        symbol(f"{name}_0" if name in "rjo" else name, number)
        for name, number in zip(grid._fields, grid, strict=True)
    )
    return rf.size_on(letters), rf.stride_on(letters), rf.offset_on(letters)


def _joined(known: Sequence[tuple[int, rf.ReceptiveField]], row: Row, axis: int) -> tuple[Number, ...]:
    """The field of a join, where its ends are those of branches."""
    field = row.receptive_field
    if field is None or field.size is None or field.offset is None:
        return ()
    sizes = [symbol(f"r_{number}", (each.size or ())[axis]) for number, each in known]
    strides = [symbol("j", (each.stride or ())[axis]) for _, each in known]
    offsets = [symbol(f"o_{number}", (each.offset or ())[axis]) for number, each in known]
    size, offset = reduce(maximum, sizes), reduce(minimum, offsets)
    # The smallest window that holds those of all branches is the largest of them if they have one centre.
    if size.value != field.size[axis]:
        return ()
    return (size, strides[0], offset) if offset.value == field.offset[axis] else (size, strides[0])


def field_letters(steps: Iterable[Step]) -> Iterator[Letter]:
    """The letters of the receptive field's steps, where there are any."""
    values: dict[str, list[str]] = {}
    for step in steps:
        if step.quantity.startswith("receptive_field"):
            for part in symbols_of(step.expression):
                seen = values.setdefault(part.name, [])
                if str(part.value) not in seen:
                    seen.append(str(part.value))
    for name, seen in values.items():
        yield Letter(name, _meaning(name), "×".join(seen))


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
    if field.size is None:
        yield (
            _("A number of the receptive field exceeds 10¹²: none is given.")
            if field.aligned
            else _(
                "Branches with different strides were joined on the way: no single receptive field describes it."
            )
        )
    elif not field.aligned:
        yield _("Branches that do not line up were joined on the way: their windows have different centres.")
    if field.grids is not None:
        yield _(
            "Behind an upsampling windows do not move evenly: one output sees at most {size} positions, "
            "and the stride is an average."
        ).format(size=joined(field.size or ()))
