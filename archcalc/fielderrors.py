"""What is wrong with a field, in the words of its type: the sentence behind a failed conversion."""

from __future__ import annotations

import re
from typing import Any, NoReturn

import msgspec

from archcalc.errors import LayerError
from archcalc.layers.base import Layer
from archcalc.reader import Node, Sequence
from archcalc.text import did_you_mean, listing, printable, quote, sentence


def field_error(
    error: msgspec.ValidationError, cls: type[Layer], values: dict[str, Any], nodes: dict[str, Node]
) -> LayerError:
    """The LayerError that says which field has the wrong value, what it takes and what came."""
    message = str(error)
    missing = re.search(r"missing required field `(\w+)`", message)
    if missing:
        field = missing.group(1)
        return LayerError(
            f"{quote(field)} is missing: {description(cls, field)}.",
            hint=f"Write for example `{{{cls.kind}: …, {field}: …}}`, or `archcalc layers {cls.kind}` for its keys.",
        )
    path = re.search(r"\$\.(\w+)", message)
    assert path is not None, message
    field = path.group(1)
    return LayerError(
        f"{field} must be {expected(cls, field)}, not {_shown(values[field])}.",
        hint=_near(cls, field, values[field]) or None,
        place=_deepest(nodes[field], message),
    )


def _deepest(node: Node, message: str) -> Any:
    for number in re.findall(r"\[(\d+)\]", message.rsplit(" at ", 1)[-1]):
        if isinstance(node, Sequence) and int(number) < len(node.items):
            node = node.items[int(number)]
    return node.place


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return printable("[" + ", ".join(_shown(item) for item in value) + "]")
    if isinstance(value, bool):
        return "true" if value else "false"
    return quote(value) if isinstance(value, str) else printable(str(value))


def _near(cls: type[Layer], field: str, value: Any) -> str:
    guess = did_you_mean(value, _words(_field_type(cls, field))) if isinstance(value, str) else ""
    return sentence(guess)


def _field_type(cls: type[Layer], field: str) -> Any:
    info = msgspec.inspect.type_info(cls)
    assert isinstance(info, msgspec.inspect.StructType)
    return next(entry.type for entry in info.fields if entry.name == field)


def description(cls: type[Layer], field: str) -> str:
    """The line that the field's author wrote about it."""
    kind = _field_type(cls, field)
    if isinstance(kind, msgspec.inspect.Metadata):
        return str((kind.extra_json_schema or {}).get("description", expected(cls, field)))
    return expected(cls, field)


def expected(cls: type[Layer], field: str) -> str:
    """What values a field takes: `a whole number of at least 1 or a list of them`."""
    return listing(dict.fromkeys(_phrases(_field_type(cls, field))))


def _words(kind: Any) -> list[str]:
    inspect = msgspec.inspect
    if isinstance(kind, inspect.Metadata):
        return _words(kind.type)
    if isinstance(kind, inspect.UnionType):
        return [word for part in kind.types for word in _words(part)]
    return [str(value) for value in kind.values] if isinstance(kind, inspect.LiteralType) else []


def _phrases(kind: Any) -> list[str]:
    inspect = msgspec.inspect
    if isinstance(kind, inspect.Metadata):
        return _phrases(kind.type)
    if isinstance(kind, inspect.UnionType):
        return [phrase for part in kind.types for phrase in _phrases(part)]
    if isinstance(kind, inspect.LiteralType):
        return [f"`{value}`" for value in kind.values]
    if isinstance(kind, inspect.BoolType):
        return ["true", "false"]
    if isinstance(kind, inspect.IntType):
        return [f"a whole number{_bounds(kind)}"]
    if isinstance(kind, inspect.FloatType):
        return [f"a number{_bounds(kind)}"]
    if isinstance(kind, inspect.StrType):
        return ["a name"]
    if isinstance(kind, inspect.VarTupleType):
        return [f"a list (each {listing(dict.fromkeys(_phrases(kind.item_type)))}){_lengths(kind)}"]
    if isinstance(kind, inspect.NoneType):
        return []
    _unknown(kind)


def _unknown(kind: Any) -> NoReturn:
    raise TypeError(f"a field type without words: {kind!r}")


def _bounds(kind: Any) -> str:
    if kind.ge is not None and kind.le is not None and abs(kind.le) < 10**9:
        return f" from {kind.ge} to {kind.le}"
    if kind.ge is not None and kind.ge > -(10**9):
        return f" of at least {kind.ge}" if kind.le is None else f" from {kind.ge} to {kind.le:,}"
    if kind.gt is not None and kind.gt > -(10**9):
        return f" above {kind.gt}"
    return ""


def _lengths(kind: Any) -> str:
    if kind.min_length is not None and kind.min_length == kind.max_length:
        return f" of {kind.min_length}"
    return ""
