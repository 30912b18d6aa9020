"""Every kind keeps to the contract of layers/base.py, shown on each of its worked examples."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from fractions import Fraction
from math import prod
from typing import Any

import msgspec
import numpy as np
import pytest

from archcalc.algebra import notation
from archcalc.algebra.symbols import Traced, value_of
from archcalc.layers import KINDS, Layer
from archcalc.layers.base import (
    RULES,
    Cost,
    Example,
    Letters,
    kind,
    out_symbols,
    parameters,
)
from archcalc.layers.linear import Linear
from archcalc.layers.views import Displaced, Moved, Window, here

EXAMPLES = [
    pytest.param(cls, example, id=f"{name}-{number}")
    for name, cls in KINDS.items()
    for number, example in enumerate(cls.examples, 1)
]
over_every_example = pytest.mark.parametrize(("cls", "example"), EXAMPLES)

WITHOUT_EFFECT = {("reshape", "shape"), ("slice", "shape")}
"""Sizes that nothing depends on: a shape asked for in full, the axis of which a range is kept."""

HEADINGS = ("Shape:", "Parameters:", "Cost:", "Counting choices:")


class Reading(msgspec.Struct):
    """One layer with every rule run, on plain numbers or on traced ones."""

    output: tuple[Any, ...]
    weights: Any
    biases: Any
    cost: Cost
    activations: Any
    view: Any


def layer_of(cls: type[Layer], example: Example) -> tuple[Layer, Letters]:
    layer = msgspec.convert(example.fields, cls)
    layer.check(example.inputs, strict=False)
    return layer, layer.read(example.inputs)


def reading(layer: Layer, x: Letters, out: tuple[Any, ...]) -> Reading:
    return Reading(
        output=out,
        weights=layer.weights(x),
        biases=layer.biases(x),
        cost=layer.cost(x, out),
        activations=layer.activations(x, out),
        view=layer.view(x),
    )


def evaluated(printed: str) -> Fraction:
    """What a printed formula of numbers comes to, by Python's own arithmetic on fractions."""
    python = re.sub(r"(?<=\d),(?=\d)", "", printed)
    for sign, word in (("·", "*"), ("−", "-"), ("⌊", "floor("), ("⌋", ")"), ("⌈", "ceil("), ("⌉", ")")):
        python = python.replace(sign, word)
    python = re.sub(r"\d+", r"Q(\g<0>)", python)
    functions = {"Q": Fraction, "floor": math.floor, "ceil": math.ceil, "min": min, "max": max}
    return Fraction(eval(python, functions))  # noqa: S307 (the text was printed here)


def numbers_of(read: Any) -> Iterator[Any]:
    """Every number of a reading, in the order of its rules."""
    parts = read.values() if isinstance(read, Cost) else msgspec.structs.astuple(read)
    for part in parts:
        if isinstance(part, Cost):
            yield from numbers_of(part)
        elif isinstance(part, tuple):
            for entry in part:
                if not isinstance(entry, Displaced):
                    yield from entry if isinstance(entry, tuple) else (entry,)
        elif not isinstance(part, str):
            yield part


def plain(result: Any) -> Any:
    """The same result with numbers in place of traced ones."""
    if isinstance(result, Window):
        return Window(*map(plain, result))
    if isinstance(result, tuple):
        return tuple(map(plain, result))
    if isinstance(result, Cost):
        return Cost(*map(plain, result.values()))
    if isinstance(result, Reading):
        return Reading(*(plain(getattr(result, name)) for name in result.__struct_fields__))
    return value_of(result)


# --- the checks --------------------------------------------------------------------------------------------


def check_numbers(cls: type[Layer], example: Example) -> None:
    """The rules give the numbers that were worked by hand."""
    layer, x = layer_of(cls, example)
    out = layer.output(x)
    assert out == example.output
    assert layer.weights(x) == example.weights
    assert layer.biases(x) == example.biases
    assert parameters(layer, x) == example.weights + example.biases
    assert layer.cost(x, out).macs == example.macs
    assert example.cost in (None, layer.cost(x, out))


def check_kept(cls: type[Layer], example: Example) -> None:
    """Every new output is kept, and nothing of what happens in place."""
    layer, x = layer_of(cls, example)
    kept = prod(example.output) if example.activations is None else example.activations
    assert layer.activations(x, layer.output(x)) == kept


def check_readings(cls: type[Layer], example: Example) -> None:
    """Every rule gives the same on numbers, symbols and arrays, and what is traced can be printed."""
    layer, x = layer_of(cls, example)
    numbers = reading(layer, x, layer.output(x))
    letters = x.traced(layer.axis_names)
    symbols = reading(layer, letters, layer.output(letters))
    assert plain(symbols) == numbers
    assert plain(reading(layer, letters, out_symbols(layer, symbols.output))) == numbers
    arrays = on_arrays(x)
    many = reading(layer, arrays, layer.output(arrays))
    for one, several in zip(numbers_of(numbers), numbers_of(many), strict=True):
        assert np.array_equal(np.broadcast_to(several, 2), [one, one])
    for number in (*symbols.output, symbols.weights, symbols.biases, *symbols.cost.values()):
        assert evaluated(notation.text(number, numbers=True)) == value_of(number)
        assert notation.derivation(number).endswith(f"{value_of(number):,}".replace("-", "−"))


def on_arrays(x: Letters) -> Letters:
    """The letters as arrays of two, as a rule reads many layers at once."""

    def array(value: Any) -> Any:
        if isinstance(value, Letters):
            return on_arrays(value)
        if isinstance(value, tuple):
            return tuple(map(array, value))
        return None if value is None else np.array([value, value])

    return x.replace(**{name: array(value) for name, value in x if name not in x.modes})


def check_replaced(cls: type[Layer], example: Example) -> None:
    """A letter replaced by another number is read by the same rules, and every letter matters to one of them."""
    layer, x = layer_of(cls, example)
    before = reading(layer, x, layer.output(x))
    for name, changed in each_changed(x):
        try:
            after = reading(layer, changed, layer.output(changed))
        except ArithmeticError:
            continue  # a rule that divides has read it
        assert after != before or (cls.kind, name) in WITHOUT_EFFECT, name
        letters = changed.traced(layer.axis_names)
        assert plain(reading(layer, letters, layer.output(letters))) == after
    assert reading(layer, x, layer.output(x)) == before


def each_changed(x: Letters) -> Iterator[tuple[str, Letters]]:
    """The letters with one of them replaced, for each of them; an axis of branches in all of them at once."""
    for name, value in x:
        if name in x.modes or value is None:
            continue
        if isinstance(value, int):
            yield name, x.replace(**{name: other(value)})
        elif isinstance(value[0], Letters):
            for index, axis in enumerate(value):
                for letter, changed in each_changed(axis):
                    yield letter, x.replace(**{name: (*value[:index], changed, *value[index + 1 :])})
        elif isinstance(value[0], tuple):
            for index in range(len(value[0])):
                yield name, x.replace(**{name: tuple(larger(shape, index) for shape in value)})
        else:
            for index in range(len(value)):
                yield name, x.replace(**{name: larger(value, index)})


def other(size: int) -> int:
    return 3 * size + 4


def larger(shape: tuple[int, ...], index: int) -> tuple[int, ...]:
    return (*shape[:index], other(shape[index]), *shape[index + 1 :])


def check_whole(cls: type[Layer], example: Example) -> None:
    """Counts are whole numbers of at least 0, sizes of at least 1."""
    layer, x = layer_of(cls, example)
    numbers = reading(layer, x, layer.output(x))
    counts = (numbers.weights, numbers.biases, numbers.activations, *numbers.cost.values())
    assert all(type(count) is int and count >= 0 for count in counts)
    assert all(type(size) is int and size >= 1 for size in numbers.output)


def check_letters(cls: type[Layer], example: Example) -> None:
    """Every letter is explained."""
    layer, x = layer_of(cls, example)
    for name in letters_of(x.traced(layer.axis_names)):
        assert name in cls.glossary or name.rpartition("_")[0] in cls.glossary, name


def letters_of(value: Any) -> Iterator[str]:
    """The names of all symbols in traced letters."""
    if isinstance(value, Letters):
        for _, part in value:
            yield from letters_of(part)
    elif isinstance(value, tuple):
        for part in value:
            yield from letters_of(part)
    elif isinstance(value, Traced):
        yield value.name


def check_view(cls: type[Layer], example: Example) -> None:
    """There is a word for each axis of the input, or a move that has all its elements and makes the output."""
    layer, x = layer_of(cls, example)
    view = layer.view(x)
    if isinstance(view, Moved):
        assert prod(view.split) == prod(example.inputs[0])
        assert sorted(view.order) == list(range(len(view.split)))
        return
    assert len(view) == (len(example.inputs[0]) if example.inputs else 0)
    assert all(along.size >= 1 and along.stride > 0 for along in view if isinstance(along, Window))


def check_documented(cls: type[Layer]) -> None:
    """The docstring says what the kind does, then has every heading once, in order, with a text under it."""
    doc = cls.__doc__ or ""
    lines = [line.strip() for line in doc.splitlines()]
    headings = [line.partition(":")[0] + ":" for line in lines if line.startswith(HEADINGS)]
    assert doc.split("\n\n")[0].strip().endswith((".", ":"))
    assert not doc.startswith(HEADINGS)
    assert tuple(headings) == HEADINGS
    assert all(re.search(rf"^\s*{heading} \S", doc, re.MULTILINE) for heading in HEADINGS)


def check_described(cls: type[Layer]) -> None:
    """Every field has the line that docs and messages print, and the first one is the main one."""
    info = msgspec.inspect.type_info(cls)
    assert isinstance(info, msgspec.inspect.StructType)
    for field in info.fields:
        assert isinstance(field.type, msgspec.inspect.Metadata), field.name
        assert (field.type.extra_json_schema or {}).get("description"), field.name


# --- on every kind -----------------------------------------------------------------------------------------


@over_every_example
def test_the_rules_give_the_numbers_worked_by_hand(cls: type[Layer], example: Example) -> None:
    check_numbers(cls, example)


@over_every_example
def test_new_output_is_kept_and_what_happens_in_place_is_not(cls: type[Layer], example: Example) -> None:
    check_kept(cls, example)


@over_every_example
def test_a_rule_reads_the_same_on_numbers_symbols_and_arrays(cls: type[Layer], example: Example) -> None:
    check_readings(cls, example)


@over_every_example
def test_a_letter_can_be_replaced(cls: type[Layer], example: Example) -> None:
    check_replaced(cls, example)


@over_every_example
def test_counts_are_whole(cls: type[Layer], example: Example) -> None:
    check_whole(cls, example)


@over_every_example
def test_every_letter_is_in_the_glossary(cls: type[Layer], example: Example) -> None:
    check_letters(cls, example)


@over_every_example
def test_a_view_has_a_word_for_each_axis(cls: type[Layer], example: Example) -> None:
    check_view(cls, example)


@over_every_example
def test_an_example_shows_its_working(cls: type[Layer], example: Example) -> None:
    assert example.working, cls.kind


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_documented(name: str) -> None:
    cls = KINDS[name]
    check_documented(cls)
    check_described(cls)
    assert cls.kind == name
    assert cls.family


# --- each check can fail -----------------------------------------------------------------------------------

GOOD = Linear.examples[1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"output": (197, 3071)},
        {"weights": 2_359_297},
        {"biases": 0},
        {"macs": 2_359_296},
        {"cost": Cost(macs=464_781_312)},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_wrong_example_is_caught(wrong: dict[str, Any]) -> None:
    check_numbers(Linear, GOOD)
    with pytest.raises(AssertionError):
        check_numbers(Linear, GOOD._replace(**wrong))


def test_a_layer_that_keeps_nothing_is_caught() -> None:
    class Forgetful(Linear, frozen=True):
        @staticmethod
        def activations(x: Letters, out: tuple[Any, ...]) -> Any:
            return 0

    with pytest.raises(AssertionError):
        check_kept(Forgetful, GOOD)


def test_a_rule_that_branches_on_a_value_is_caught() -> None:
    class Branching(Linear, frozen=True):
        @staticmethod
        def weights(x: Letters) -> Any:
            return x.shape[-1] * x.M if x.M > 1 else 0

    check_numbers(Branching, GOOD)
    with pytest.raises(TypeError, match="may not branch on a value"):
        check_readings(Branching, GOOD)


def test_a_rule_that_reads_differently_on_symbols_is_caught() -> None:
    class TwoFaced(Linear, frozen=True):
        @staticmethod
        def cost(x: Letters, out: tuple[Any, ...]) -> Cost:
            return Cost(macs=prod(out) * (x.shape[-1] if isinstance(x.M, int) else 1))

    check_numbers(TwoFaced, GOOD)
    with pytest.raises(AssertionError):
        check_readings(TwoFaced, GOOD)


@pytest.mark.parametrize(
    ("name", "part", "wrong"), [("conv", "times", "−"), ("conv_transpose", "brackets", ("", ""))]
)
def test_a_formula_that_is_printed_wrongly_is_caught(
    monkeypatch: pytest.MonkeyPatch, name: str, part: str, wrong: object
) -> None:
    """Its end, the value, would still be right."""
    cls = KINDS[name]
    check_readings(cls, cls.examples[0])
    monkeypatch.setattr(notation._Text, part, wrong)
    with pytest.raises(AssertionError):
        check_readings(cls, cls.examples[0])


def test_a_rule_that_arrays_cannot_be_put_into_is_caught() -> None:
    class Narrow(Linear, frozen=True):
        @staticmethod
        def biases(x: Letters) -> Any:
            return x.M if isinstance(x.M, int | Traced) else int(x.M)

    with pytest.raises(TypeError):
        check_readings(Narrow, GOOD)


def test_a_letter_that_nothing_depends_on_is_caught() -> None:
    class Idle(Linear, frozen=True):
        def read(self, inputs: tuple[tuple[int, ...], ...]) -> Letters:
            return super().read(inputs).replace(Q=7)

    with pytest.raises(AssertionError, match="Q"):
        check_replaced(Idle, GOOD)


def test_a_mode_among_the_letters_is_caught() -> None:
    class Moody(Linear, frozen=True):
        def read(self, inputs: tuple[tuple[int, ...], ...]) -> Letters:
            return super().read(inputs).replace(loud=True)

    with pytest.raises(TypeError, match="loud=True is no letter: give it as one of the modes"):
        check_readings(Moody, GOOD)


def test_a_mode_stays_what_it_is() -> None:
    x = Letters(M=3, modes={"order": (1, 0), "bias": True})

    assert x.traced({}).order == (1, 0)
    changed = x.replace(M=4, order=(0, 1))
    assert (changed.M, changed.order, changed.bias) == (4, (0, 1), True)
    assert changed.modes == {"order", "bias"}
    assert x.M == 3


def test_a_fraction_of_a_parameter_is_caught() -> None:
    class Halving(Linear, frozen=True):
        @staticmethod
        def biases(x: Letters) -> Any:
            return x.M / 2

    with pytest.raises(AssertionError):
        check_whole(Halving, GOOD)


def test_an_unexplained_letter_is_caught() -> None:
    class Cryptic(Linear, frozen=True):
        def read(self, inputs: tuple[tuple[int, ...], ...]) -> Letters:
            return super().read(inputs).replace(Q=7)

    with pytest.raises(AssertionError, match="Q"):
        check_letters(Cryptic, GOOD)


def test_a_view_of_too_many_axes_is_caught() -> None:
    class Starry(Linear, frozen=True):
        @staticmethod
        def view(x: Letters) -> Any:
            return here(len(x.shape) + 1)

    with pytest.raises(AssertionError):
        check_view(Starry, GOOD)


@pytest.mark.parametrize(
    "doc",
    [
        "",
        "It does something.",
        "Shape: it has no beginning.\nParameters: none.\nCost: none.\nCounting choices: none.",
        "It does something.\n\nShape: it.\nCost: none.\nCounting choices: none.",
        "It does something.\n\nShape: it.\nParameters:\nCost: none.\nCounting choices: none.",
        "It does something.\n\nParameters: none.\nShape: it.\nCost: none.\nCounting choices: none.",
    ],
    ids=["empty", "no headings", "no beginning", "one lacking", "one empty", "wrong order"],
)
def test_a_poor_docstring_is_caught(doc: str) -> None:
    class Quiet(Linear, frozen=True):
        pass

    Quiet.__doc__ = doc
    with pytest.raises(AssertionError):
        check_documented(Quiet)


def test_a_field_without_words_is_caught() -> None:
    class Wordless(Linear, frozen=True):
        extra: int = 0

    with pytest.raises(AssertionError, match="extra"):
        check_described(Wordless)


# --- registering -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [*RULES, "examples"])
def test_a_kind_that_lacks_a_rule_cannot_be_registered(rule: str) -> None:
    lacking: Any = type("Lacking", (Linear,), {rule: getattr(Layer, rule)}, frozen=True)

    with pytest.raises(TypeError, match=f"kind 'lacking' lacks {rule}$"):
        kind("lacking", "none")(lacking)
    assert "lacking" not in KINDS


def test_a_kind_cannot_be_defined_twice() -> None:
    class Second(Linear, frozen=True):
        pass

    with pytest.raises(TypeError, match="'linear' is defined twice"):
        kind("linear", "none")(Second)
    assert KINDS["linear"] is Linear


def test_a_word_of_others_means_one_kind_and_is_none() -> None:
    words = [word for cls in KINDS.values() for word in cls.also_called]
    assert len(words) == len(set(words))
    assert not set(words) & set(KINDS)
