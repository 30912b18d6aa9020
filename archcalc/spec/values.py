"""What the values of a spec stand for: text interpreted, `$` arithmetic done, lists as tuples, shapes checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archcalc.layers.base import Shape
from archcalc.layers.fields import LARGEST
from archcalc.spec.expressions import LARGEST as LARGEST_VALUE
from archcalc.spec.expressions import described, evaluate, interpret
from archcalc.spec.reader import Mapping as MappingNode
from archcalc.spec.reader import Node, Scalar
from archcalc.spec.spec import NAME, RESERVED_NAMES, File
from archcalc.words.errors import ArchcalcError, NetworkError, OptionError, Place
from archcalc.words.text import printable, quote

LARGEST_RANK = 8

Values = Mapping[str, Any]
"""What stands behind each `$`, by name."""


def value_of(node: Node, names: Values) -> Any:
    """What a node stands for, with `names` behind each `$`.

    Raises NetworkError for a mapping, ExpressionError for arithmetic that cannot be.
    """
    if isinstance(node, Scalar):
        if node.is_null:
            raise NetworkError(
                "a value is missing here.",
                hint="Remove the comma before it, or write a value.",
                place=node.place,
            )
        if "$" not in node.text:
            return interpret(node.text, node.quoted)
        try:
            return evaluate(node.text, names)
        except ArchcalcError as error:
            raise error.at(node.place) from None
    if isinstance(node, MappingNode):
        raise NetworkError(
            f"expected a value or a list of values, not {node.describe()}.",
            hint="The keys of a layer stand beside its kind: `{conv: 8, kernel: 3}`, or on lines as far to the left as "
            "`conv:`. A shape is a list: [3, 32, 32].",
            place=node.place,
        )
    return tuple(value_of(item, names) for item in node.items)


def entries(value: Any) -> int:
    """How many values a list holds, with those of the lists in it; 0 for a single value."""
    return sum(1 + entries(item) for item in value) if isinstance(value, tuple) else 0


def distinct(value: Any) -> Any:
    """A key for a value: 1, 1.0 and true are equal in Python, but not every field takes each of them."""
    return value if type(value) is int or type(value) is str else (repr(value),)


def text_of(node: Scalar, names: Values) -> str:
    """The text of a node that names something; `$` arithmetic in it is done."""
    if "$" not in node.text:
        return node.text
    value = value_of(node, names)
    if isinstance(value, tuple):
        raise NetworkError(
            f"{quote(node.text)} is {described(value)}, where a single word is expected.",
            hint="Give it one word or number.",
            place=node.place,
        )
    return str(value).lower() if isinstance(value, bool) else str(value)


def word(node: Scalar, names: Values, what: str) -> str:
    """The text of a node that gives a name; NetworkError says that `what` cannot be called so."""
    text = text_of(node, names)
    if not NAME.fullmatch(text):
        raise NetworkError(
            f"{what} cannot be {quote(text)}.", hint="Use letters, digits, _ and -.", place=node.place
        )
    if text in RESERVED_NAMES:
        raise NetworkError(
            f"{what} cannot be {quote(text)}: the word means something else.",
            hint="Rename it.",
            place=node.place,
        )
    return text


def whole(node: Scalar, names: Values, what: str) -> int:
    """A whole number of at least 0 (true and false are 1 and 0), or NetworkError."""
    value = value_of(node, names)
    if isinstance(value, bool):
        return int(value)
    if type(value) is not int or value < 0:
        raise NetworkError(
            f"{what} must be a whole number of at least 0, not {described(value)}.",
            hint="For example `repeat: 3`; 0 leaves the item out.",
            place=node.place,
        )
    return value


def of_file(file: File, given: Values) -> dict[str, Any]:
    """The values of a file's parameters; `given` stand in place of those of the file."""
    values: dict[str, Any] = {}
    for name, node in file.parameters.items():
        values[name] = given[name] if name in given else value_of(node, values)
    return values


def given_value(name: str, value: object) -> Any:
    """The value that somebody gives to the parameter `name`: text interpreted, numbers as they are, lists as tuples.

    Raises OptionError for anything else.
    """
    if isinstance(value, str):
        return interpret(value)
    if isinstance(value, bool) or (isinstance(value, int | float) and abs(value) <= LARGEST_VALUE):
        return value
    if isinstance(value, list | tuple):
        return tuple(given_value(name, item) for item in value)
    raise OptionError(
        f"the parameter {quote(name)} cannot be {printable(repr(type(value).__name__), 40)}.",
        hint="Give it a number up to 10^12, true or false, a text, or a list of them.",
    )


def derived(shape: Shape) -> dict[str, Any]:
    """`$channels`, `$features` and `$tokens` of what reaches an item."""
    found = {"channels": shape[0], "features": shape[-1]}
    if len(shape) > 1:
        found["tokens"] = shape[-2]
    return found


def input_shape(node: Node, values: Values) -> Shape:
    """The shape that `input:` gives; NetworkError if it is none."""
    value = value_of(node, values)
    return checked_shape(value if isinstance(value, tuple) else (value,), node.place)


def checked_shape(sizes: tuple[Any, ...], place: Place | None = None) -> Shape:
    """`sizes` as a shape: one to eight whole numbers of at least 1.

    Raises NetworkError at `place`, OptionError without one: then the shape was given from outside.
    """
    bad = [size for size in sizes if type(size) is not int or not 1 <= size <= LARGEST]
    if not bad and 1 <= len(sizes) <= LARGEST_RANK:
        return sizes
    came = (
        f"not {described(bad[0])}" if bad else f"not {len(sizes)} of them" if sizes else "not an empty list"
    )
    kind = OptionError if place is None else NetworkError
    raise kind(
        f"the input shape is 1 to {LARGEST_RANK} whole numbers from 1 to {LARGEST:,}, {came}.",
        hint="For example [3, 224, 224]: channels, height, width, without the batch.",
        place=place,
    )
