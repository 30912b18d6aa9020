"""What is wrong with a field, in the words of its type: the sentence behind a failed conversion."""

from __future__ import annotations

import re
from typing import Any, NoReturn

import msgspec

from archcalc.layers import written
from archcalc.layers.base import Layer
from archcalc.layers.fields import LARGEST
from archcalc.spec.expressions import interpret
from archcalc.spec.reader import Node, Sequence
from archcalc.words.errors import LayerError
from archcalc.words.text import did_you_mean, listing, printable, quote, sentence

PAIR = 2

TRUTHS = {"true": "true", "yes": "true", "on": "true", "false": "false", "no": "false", "off": "false"}
"""What other dialects write for true and false."""


def field_error(
    error: msgspec.ValidationError, cls: type[Layer], values: dict[str, Any], nodes: dict[str, Node]
) -> LayerError:
    """The LayerError that says which field has the wrong value, what it takes and what came."""
    # What the user wrote may stand in the message, so both patterns hold on to its ends.
    message = str(error)
    missing = re.fullmatch(r"Object missing required field `(\w+)`", message)
    if missing:
        field = missing.group(1)
        main, *others = (entry for entry in _fields(cls) if entry.required or entry is _fields(cls)[0])
        keys = "".join(f", {entry.name}: …" for entry in others)
        return LayerError(
            f"{quote(field)} is missing: {description(cls, field)}.",
            hint=f"Write `{{{cls.kind}: …{keys}}}`; behind `{cls.kind}:` stands {quote(main.name)}.",
        )
    path = re.search(r" - at `\$\.(\w+)((?:\[\d+\])*)`$", message)
    assert path is not None, message
    field, value, node = path.group(1), values[path.group(1)], nodes[path.group(1)]
    for number in map(int, re.findall(r"\d+", path.group(2))):
        value = value[number]
        node = node.items[number] if isinstance(node, Sequence) else node
    kind = _field_type(cls, field)
    alone = value is not values[field] and value in _words(kind)
    return LayerError(
        f"{field} must be {expected(cls, field)}, not {_shown(values[field])}.",
        hint=f"{quote(value)} is for all axes: write `{field}: {value}`."
        if alone
        else _foreign(cls, field, values) or _way_out(kind, value, message) or _for_example(cls, field),
        place=node.place,
    )


def _foreign(cls: type[Layer], field: str, values: dict[str, Any]) -> str:
    """The way out for a value that others write there."""
    from archcalc.spec.elsewhere import about_values

    value = values[field]
    if field == cls.__struct_fields__[0]:
        numbers = value if isinstance(value, tuple) else (value,)
        if found := about_values(cls.kind, numbers):
            return found
    if isinstance(value, tuple) and len(value) == 1:
        return f"Write {_shown(value[0])}, without brackets."
    return cls.instead(field, value, values)


def _for_example(cls: type[Layer], field: str) -> str:
    """The field in a worked example of the kind, or with its default."""
    for example in cls.examples:
        if field in example.fields:
            return f"For example `{written.worked(cls, example)}`."
    entry = next(entry for entry in _fields(cls) if entry.name == field)
    if not entry.required and entry.default is not None:
        return f"For example `{field}: {written.value(entry.default)}`, which it is without it."
    return f"Leave `{field}` out, or give it {expected(cls, field)}."


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return printable("[" + ", ".join(_shown(item) for item in value) + "]")
    if isinstance(value, bool):
        return "true" if value else "false"
    return quote(value) if isinstance(value, str) else printable(str(value))


def _way_out(kind: Any, value: Any, message: str) -> str | None:
    """What to write instead, where the value tells what was meant."""
    if isinstance(value, str):
        return _meant(kind, value)
    if isinstance(value, float) and value.is_integer() and "`int`" in message:
        return f"Write {int(value)}."
    return f"Numbers go up to {LARGEST:,}." if message.startswith(f"Expected `int` <= {LARGEST}") else None


def _meant(kind: Any, text: str) -> str | None:
    """The YAML 1.1 spellings of numbers and truth values, arithmetic without its `$`, and words misspelt."""
    inspect = msgspec.inspect
    if _takes(kind, inspect.BoolType) and text.lower() in TRUTHS:
        return f"Write {TRUTHS[text.lower()]}, without quotes."
    if _takes(kind, inspect.IntType):
        if re.fullmatch(r"-?[0-9][0-9_]{0,11}", text):
            return f"Write {int(text.replace('_', ''))}, in plain digits and without quotes."
        if re.fullmatch(r"[1-9][0-9]{0,5}( ?[x×,] ?[1-9][0-9]{0,5})+", text):
            return f"Write [{', '.join(re.findall('[0-9]+', text))}]."
        if re.search(r"[-+*/%]", text):
            return "Arithmetic works on names that begin with `$`, as in `$width * 4`."
    if _takes(kind, inspect.FloatType) and type(interpret(text)) is float:
        return f"Write {interpret(text)}, without quotes."
    from archcalc.spec.elsewhere import VALUES

    named = VALUES.get(text.lower())
    if named in _words(kind):
        return f"Write `{named}`."
    return sentence(did_you_mean(text, _words(kind))) or None


def _takes(kind: Any, wanted: type) -> bool:
    inspect = msgspec.inspect
    if isinstance(kind, inspect.Metadata):
        return _takes(kind.type, wanted)
    if isinstance(kind, inspect.UnionType):
        return any(_takes(part, wanted) for part in kind.types)
    return _takes(kind.item_type, wanted) if _is_list(kind) else isinstance(kind, wanted)


def _fields(cls: type[Layer]) -> tuple[msgspec.inspect.Field, ...]:
    info = msgspec.inspect.type_info(cls)
    assert isinstance(info, msgspec.inspect.StructType)
    return info.fields


def _field_type(cls: type[Layer], field: str) -> Any:
    return next(entry.type for entry in _fields(cls) if entry.name == field)


def description(cls: type[Layer], field: str) -> str:
    """The line that the field's author wrote about it."""
    kind = _field_type(cls, field)
    if isinstance(kind, msgspec.inspect.Metadata):
        return str((kind.extra_json_schema or {}).get("description", expected(cls, field)))
    return expected(cls, field)


def expected(cls: type[Layer], field: str) -> str:
    """What values a field takes: `a whole number of at least 1 or a list of them`."""
    return listing(_phrases(_field_type(cls, field)))


def _words(kind: Any) -> list[str]:
    inspect = msgspec.inspect
    if isinstance(kind, inspect.Metadata):
        return _words(kind.type)
    if isinstance(kind, inspect.UnionType):
        return [word for part in kind.types for word in _words(part)]
    return [str(value) for value in kind.values] if isinstance(kind, inspect.LiteralType) else []


def _phrases(kind: Any) -> list[str]:
    """A phrase for each form that a value of this type may have."""
    inspect = msgspec.inspect
    if isinstance(kind, inspect.Metadata):
        return _phrases(kind.type)
    if isinstance(kind, inspect.UnionType):
        parts = [part for part in kind.types if not isinstance(part, inspect.NoneType)]
        single = {phrase for part in parts if not _is_list(part) for phrase in _phrases(part)}
        return [
            phrase
            for part in parts
            for phrase in (_lists(part, single) if _is_list(part) else _phrases(part))
        ]
    if isinstance(kind, inspect.LiteralType):
        return [f"`{value}`" for value in kind.values]
    if isinstance(kind, inspect.BoolType):
        return ["true", "false"]
    if isinstance(kind, inspect.IntType):
        return [f"a whole number{_bounds(kind)}"]
    if isinstance(kind, inspect.FloatType):
        return [f"a number{_bounds(kind)}"]
    if isinstance(kind, inspect.StrType):
        return ["the name of an earlier layer"]
    if _is_list(kind):
        return _lists(kind, set())
    _unknown(kind)


def _is_list(kind: Any) -> bool:
    return isinstance(kind, msgspec.inspect.VarTupleType)


def _lists(kind: Any, single: set[str]) -> list[str]:
    """The phrase for a list; what a single value may be as well is not said again."""
    items = _phrases(kind.item_type)
    if not set(items) & single:
        return [f"a list, each {listing(items)}"]
    if kind.min_length == kind.max_length == PAIR:
        return ["a pair of them"]
    return ["a list of them" + (" or of pairs" if "a pair of them" in items else "")]


def _unknown(kind: Any) -> NoReturn:
    raise TypeError(f"a field type without words: {kind!r}")


def _bounds(kind: Any) -> str:
    if kind.ge is not None and kind.le is not None and kind.le < LARGEST:
        return f" from {kind.ge:g} to {kind.le:g}"
    if kind.ge is not None and kind.ge > -LARGEST:
        return f" of at least {kind.ge:g}"
    return f" above {kind.gt:g}" if kind.gt is not None and kind.gt > -LARGEST else ""
