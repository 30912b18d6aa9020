"""The working of one layer: its rules read on traced symbols, each number with how it comes about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from archcalc.algebra.notation import text
from archcalc.algebra.shapes import AXIS_WORDS
from archcalc.algebra.symbols import Traced, symbol, value_of
from archcalc.layers.base import Cost, Layer, Letters, Number, Shape, Shapes, axis_letters, out_symbols
from archcalc.results.counts import COUNTS, OF_LAYERS, Convention, Count, Counted, Tally
from archcalc.words.docstrings import documentation
from archcalc.words.language import _, gettext

ONE = Convention()
BATCH = "batch"
"""The letter of how many inputs go in at a time."""


class Letter(NamedTuple):
    """One letter of the working, what it stands for, and its value (or values, one an axis)."""

    name: str
    meaning: str
    value: str


class Step(NamedTuple):
    """One number and how it comes about. `quantity` is its name in the grammar of quantities."""

    quantity: str
    title: str
    expression: Number
    axes: tuple[int, ...] = ()
    """The axes of the output that it is the size of; empty for what is no output."""


class Lettered:
    """Something counted, for rules to be read on: each count as its letter, or by its own working where it has none."""

    def __init__(self, counted: Counted, batch: int = 1) -> None:
        """With a `batch`, letters stand for one input: `batch·activations`."""
        self.counted = counted
        self.batch = batch

    def __getattr__(self, name: str) -> Any:
        count = COUNTS.get(name)
        if count is None:
            found = getattr(self.counted, name)
            return symbol("B", found) if name == "element_bytes" else found
        number = count.rule(self)
        if not count.letter:
            return number
        batch = self.batch if count.per_input else 1
        return of_batch(symbol(count.letter, value_of(number) // batch), batch)


def steps_of(
    layer: Layer, inputs: Shapes, convention: Convention = ONE, *, learns: bool = True
) -> Iterator[Step]:
    """Every number of a layer on these inputs: its shape, then what is counted, as far as it is there.

    A shape that is only handed on has no step, nor have the parameters of a layer that `learns` nothing of
    its own.
    """
    x = layer.read(inputs).traced(layer.axis_names)
    exact = layer.output(x)
    if not inputs or not _bare(exact) or tuple(map(value_of, exact)) != inputs[0]:
        yield from _outputs(layer, exact)
    lettered = _counted(layer, x, exact, convention, learns)
    for count in in_working_order():
        if learns or count.per_input:
            expression = count.rule(lettered)
            if count.main or value_of(expression):
                yield Step(count.name, count.heading(convention), expression)


def number_of(
    count: Count, layer: Layer, inputs: Shapes, convention: Convention, *, learns: bool = True
) -> Number:
    """What the step of this count would have, alone: 0 where it has none."""
    if not learns and not count.per_input:
        return 0
    x = layer.read(inputs).traced(layer.axis_names)
    return count.rule(_counted(layer, x, layer.output(x), convention, learns))


def _counted(
    layer: Layer, x: Letters, exact: tuple[Number, ...], convention: Convention, learns: bool
) -> Lettered:
    """What the rules of a layer count, from its letters and its output in them."""
    out = out_symbols(layer, exact)
    tally = Tally(layer.weights(x), layer.biases(x), layer.cost(x, out), layer.activations(x, out))
    if not learns:
        tally = tally.learning_nothing()
    return Lettered(Counted(tally=_of_batch(tally, convention.batch), convention=convention))


@cache
def in_working_order() -> tuple[Count, ...]:
    """What is counted of layers, each behind those that its rule starts from."""
    found: dict[str, Count] = {}
    for name, count in OF_LAYERS.items():
        for first in (*count.starts_from, name):
            if first in OF_LAYERS:
                found.setdefault(first, OF_LAYERS[first])
    return tuple(found.values())


def of_batch(expression: Number, batch: int) -> Number:
    """What so many inputs come to, from what one does."""
    return symbol(BATCH, batch) * expression if batch > 1 and value_of(expression) else expression


def _of_batch(tally: Tally, batch: int) -> Tally:
    cost = Cost(*(of_batch(count, batch) for count in tally.cost.values()))
    return Tally(tally.weights, tally.biases, cost, of_batch(tally.activations, batch))


def _outputs(layer: Layer, out: tuple[Number, ...]) -> Iterator[Step]:
    """A step an axis; axes whose derivations read the same are drawn together."""
    names = axis_words(layer, len(out))
    done: dict[str, list[int]] = {}
    for axis, size in enumerate(out):
        done.setdefault(f"{text(size)}={text(size, numbers=True)}", []).append(axis)
    for axes in done.values():
        words = [names[axis] for axis in axes]
        quantity = "output" if len(axes) == len(out) else f"output.{words[0]}"
        axes_named = _(" and ").join(map(gettext, words))
        yield Step(quantity, _("output {axes}").format(axes=axes_named), out[axes[0]], tuple(axes))


def _bare(out: tuple[Number, ...]) -> bool:
    """Whether a shape is only letters: it is handed on and nothing is worked out."""
    return all(isinstance(size, Traced) and size.is_symbol for size in out)


def axis_words(layer: Layer, rank: int) -> tuple[str, ...]:
    """The word for each axis of a shape: `channels`, `height`, `width`."""
    return tuple(
        AXIS_WORDS.get(letter, f"axis {axis}") for axis, letter in enumerate(axis_letters(layer, rank))
    )


def letters_of(layer: Layer, inputs: Shapes, steps: Sequence[Step]) -> Iterator[Letter]:
    """The letters in these steps with their meanings and values, in the order that the layer reads them.

    A letter without a subscript stands for those with the subscript of an axis as well.
    """
    used = names_in(steps)
    seen: dict[str, tuple[str, list[int]]] = {}
    letters = layer.read(inputs)
    for name, meaning, value in (*_bound(letters, layer), *_worked_out(layer, letters)):
        seen.setdefault(name, (meaning, []))[1].append(value)
    # What stands before each "_" of the letters that are not among those read: `H` and `H_out` of `H_out_1`.
    used |= {other[:at] for other in used - seen.keys() for at, sign in enumerate(other) if sign == "_"}
    for name, (meaning, values) in seen.items():
        if name in used:
            alike = values[:1] if len(set(values)) == 1 else values
            yield Letter(name, meaning, "×".join(map(str, alike)))


def _bound(letters: Letters, layer: Layer) -> Iterator[tuple[str, str, int]]:
    """The letters that a layer reads: name, meaning and value, those of several axes or branches one by one."""
    for name, value in letters:
        first = value[0] if isinstance(value, tuple) and value else None
        if isinstance(first, Letters):
            for axis in value:
                yield from _bound(axis, layer)
        elif isinstance(first, tuple):
            for number, shape in enumerate(value, 1):
                for letter, meaning, size in _sizes(shape, layer):
                    yield (
                        f"{letter}_{number}",
                        _("{meaning} of branch {number}").format(meaning=meaning, number=number),
                        size,
                    )
        elif isinstance(first, int):
            yield from _sizes(value, layer)
        elif isinstance(value, int) and not isinstance(value, bool) and name in layer.glossary:
            yield name, gettext(layer.glossary[name]), value


def _sizes(shape: Shape, layer: Layer) -> Iterator[tuple[str, str, int]]:
    """The letter, the meaning and the size of each axis of a shape."""
    for letter, word, size in zip(
        axis_letters(layer, len(shape)), axis_words(layer, len(shape)), shape, strict=True
    ):
        yield letter, gettext(layer.glossary.get(letter, word)), size


def _worked_out(layer: Layer, letters: Letters) -> Iterator[tuple[str, str, int]]:
    """The sizes of the output, which later rules start from: `H_out`."""
    out = layer.output(letters)
    for letter, word, size in zip(
        axis_letters(layer, len(out)), axis_words(layer, len(out)), out, strict=True
    ):
        yield f"{letter}_out", _("output {axes}").format(axes=gettext(word)), size


def names_in(steps: Iterable[Step]) -> set[str]:
    """The names of the letters that stand in these steps."""
    return {part.name for step in steps for part in symbols_of(step.expression)}


def symbols_of(expression: Number) -> list[Traced]:
    """The letters of an expression, each time they stand in it."""
    found: list[Traced] = []
    waiting = [expression] if isinstance(expression, Traced) else []
    while waiting:
        part = waiting.pop()
        if part.kind == "symbol":
            found.append(part)
        else:
            waiting.extend(reversed(part.parts))
    return found


def summary(kind: type[Layer]) -> str:
    """What a kind does: the first paragraph of its documentation, on one line."""
    return " ".join(documentation(kind).split("\n\n")[0].split())
