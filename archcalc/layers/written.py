"""A layer as a line of YAML: `{conv: 96, kernel: 11, stride: 4}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archcalc.layers.base import Example, Layer


def item(cls: type[Layer], fields: Mapping[str, Any], main: str = "") -> str:
    """The layer of a kind with these fields, as it stands in a list of layers; `main` goes before the main field."""
    others = dict(fields)
    first = next(iter(cls.__struct_fields__), "")
    if not main and cls.arity is not None and first in others:
        main = value(others.pop(first))
    if not main and not others:
        return cls.kind
    word = f"{cls.kind}: {main}" if main else cls.kind
    return f"{{{', '.join([word, *(f'{key}: {value(given)}' for key, given in others.items())])}}}"


def worked(cls: type[Layer], example: Example) -> str:
    """The layer of a worked example; the branches of a join are only `[…]`."""
    branches = ", ".join("[…]" for _ in example.inputs)
    return item(cls, example.fields, f"[{branches}]" if cls.arity is None else "")


def value(given: Any) -> str:
    """A value as YAML has it."""
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, list | tuple):
        return f"[{', '.join(map(value, given))}]"
    return str(given)
