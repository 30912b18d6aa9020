"""The working of one layer: its rules read on traced symbols, each number with how it comes about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archcalc.layers.base import Cost, Layer, Letters, Number, Shapes, out_symbols
from archcalc.notation import text
from archcalc.symbols import Traced, symbol, value_of
from archcalc.units import FLOPS_PER_MAC

COSTS = {
    "macs": "MACs",
    "multiplications": "multiplications",
    "additions": "additions",
    "comparisons": "comparisons",
    "divisions": "divisions",
    "exponentials": "exponentials",
}


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


def steps_of(layer: Layer, inputs: Shapes, *, learns: bool = True) -> Iterator[Step]:
    """Every number of a layer on these inputs, for one of each: shape, parameters, cost, activations.

    A shape that is only handed on has no step, nor have the parameters of a layer that `learns` nothing of
    its own.
    """
    x = layer.read(inputs).traced(layer.axis_names)
    exact = layer.output(x)
    if not inputs or not _bare(exact) or tuple(map(value_of, exact)) != inputs[0]:
        yield from _outputs(layer, exact)
    if learns:
        weights, biases = layer.weights(x), layer.biases(x)
        yield Step("weights", "weights", weights)
        yield Step("biases", "biases", biases)
        yield Step("params", "parameters", weights + biases)
    out = out_symbols(layer, exact)
    yield from _costs(layer.cost(x, out))
    yield Step("activations", "activations", layer.activations(x, out))


def _outputs(layer: Layer, out: tuple[Number, ...]) -> Iterator[Step]:
    """A step an axis; axes whose derivations read the same are drawn together."""
    names = axis_words(layer, len(out))
    done: dict[str, list[int]] = {}
    for axis, size in enumerate(out):
        done.setdefault(f"{text(size)}={text(size, numbers=True)}", []).append(axis)
    for axes in done.values():
        words = [names[axis] for axis in axes]
        quantity = "output" if len(axes) == len(out) else f"output.{words[0]}"
        yield Step(quantity, f"output {' and '.join(words)}", out[axes[0]])


def _bare(out: tuple[Number, ...]) -> bool:
    """Whether a shape is only letters: it is handed on and nothing is worked out."""
    return all(isinstance(size, Traced) and size.is_symbol for size in out)


def axis_words(layer: Layer, rank: int) -> tuple[str, ...]:
    """The word for each axis of a shape: `channels`, `height`, `width`."""
    letters = layer.axis_names.get(rank, ())
    words = {
        "D": "features",
        "T": "tokens",
        "C": "channels",
        "H": "height",
        "W": "width",
        "L": "length",
        "Z": "depth",
    }
    if not letters:
        return tuple(f"axis {axis}" for axis in range(rank))
    return tuple(words.get(letter, letter) for letter in letters)


def _costs(cost: Cost) -> Iterator[Step]:
    for (quantity, title), count in zip(COSTS.items(), cost.values(), strict=True):
        if quantity == "macs" or value_of(count):
            yield Step(quantity, title, count)
            if quantity == "macs" and value_of(count):
                yield Step("flops", "FLOPs", FLOPS_PER_MAC * symbol("MACs", value_of(count)))


def letters_of(layer: Layer, inputs: Shapes) -> Iterator[Letter]:
    """The letters with their meanings and values, in the order that the layer reads them."""
    seen: dict[str, list[int]] = {}
    for name, value in _bound(layer.read(inputs), layer):
        seen.setdefault(name, []).append(value)
    for name, values in seen.items():
        meaning = layer.glossary.get(name)
        if meaning is not None:
            alike = values[:1] if len(set(values)) == 1 else values
            yield Letter(name, meaning, "×".join(map(str, alike)))


def _bound(letters: Letters, layer: Layer) -> Iterator[tuple[str, int]]:
    for name, value in letters:
        if isinstance(value, tuple) and value and isinstance(value[0], Letters):
            for axis in value:
                yield from _bound(axis, layer)
        elif isinstance(value, tuple) and value and isinstance(value[0], int):
            yield from zip(layer.axis_names.get(len(value), ()), value, strict=False)
        elif isinstance(value, int) and not isinstance(value, bool):
            yield name, value


def symbols_of(expression: Number) -> Iterator[Traced]:
    """The letters of an expression, each time they stand in it."""
    if isinstance(expression, Traced):
        if expression.is_symbol:
            yield expression
        for part in expression.parts:
            yield from symbols_of(part)


def summary(kind: type[Layer]) -> str:
    """What a kind does: the first paragraph of its documentation, on one line."""
    return " ".join((kind.__doc__ or "").split("\n\n")[0].split())
