"""Nodes asked for what they should be: a mapping with known keys, a text, a word, or an error that says so."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping as Mapping_
from types import MappingProxyType
from typing import Any, NoReturn

from archcalc.spec.reader import Mapping, Node, Scalar, Sequence
from archcalc.words.errors import SpecError
from archcalc.words.text import did_you_mean, listing, printable, quote, sentence

NOTHING: Mapping_[str, str] = MappingProxyType({})


def mapping(
    node: Node, what: str, keys: Iterable[str] | None = None, foreign: Mapping_[str, str] = NOTHING
) -> Mapping:
    """`node` if it is a mapping whose keys are all among `keys`; `foreign` has the way out for others."""
    if not isinstance(node, Mapping):
        raise SpecError(
            f"{what} must be a mapping, not {node.describe()}.",
            hint="Write `key: value`, a line each.",
            place=node.place,
        )
    if keys is not None:
        for key, value in node.entries:
            if key.text not in keys:
                unknown_key(key, value, what, list(keys), foreign.get(key.text, ""))
    return node


def unknown_key(key: Scalar, value: Node, what: str, known: list[str], foreign: str = "") -> NoReturn:
    """Raise the SpecError for a key that `what` does not have; `foreign` is the way out if others have it."""
    guess = sentence(did_you_mean(key.text, known))
    guess = (lost_colon(key.text, known) or guess) if is_null(value) else (foreign or guess)
    if is_null(value) and not guess:
        raise SpecError(
            f"{what}: {quote(key.text)} is a key without a value.",
            hint=foreign
            or "The decimal sign is a point, 0.5; thousands stand together, 1000; a list has square brackets, [3, 3]."
            if foreign or re.match(r"\s*[0-9]", key.text)
            else "Quote the text if the comma before it belongs to it, or write `key: value`.",
            place=key.place,
        )
    raise SpecError(
        f"{what} has no key {quote(key.text)}.",
        hint=guess or f"Its {'key is' if len(known) == 1 else 'keys are'} {listing(known, 'and')}.",
        place=key.place,
    )


def lost_colon(text: str, known: list[str]) -> str:
    """The way out where a word and its value stand without `: ` between them, as in `stride 2` or `conv:64`."""
    word, value = re.fullmatch(r"([^ :=]*)[ :=]*(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    return f"Write `{printable(word)}: {printable(value)}`." if value and word in known else ""


def no_value(key: Scalar) -> NoReturn:
    """Raise the SpecError for a key that must have a value and has none."""
    raise SpecError(
        f"{quote(key.text)} has no value.",
        hint="Write `key: value`; quote a text with a comma in it.",
        place=key.place,
    )


def text_of(node: Node, what: str) -> str:
    """The text of a node that must not be a list or a mapping."""
    if not isinstance(node, Scalar):
        raise SpecError(
            f"{what} must be a text, not {node.describe()}.", hint="Quote it if it is text.", place=node.place
        )
    if node.is_null:
        raise SpecError(
            f"{what} has no value.",
            hint="Write the text behind it; quote a text with a comma or `: ` in it.",
            place=node.place,
        )
    return node.text


def optional_scalar(node: Node | None, what: str) -> Scalar | None:
    """`node` if it is a word or not there at all."""
    return None if node is None else scalar(node, what)


def scalar(node: Any, what: str) -> Scalar:
    """`node` if it is a word, with something in it."""
    if not isinstance(node, Scalar) or node.is_null or not node.text:
        came = node.describe() if not is_null(node) else "nothing"
        raise SpecError(
            f"{what} must be a single word or number, not {came}.",
            hint="Write one behind it.",
            place=node.place,
        )
    return node


def flag(node: Node | None, what: str) -> bool:
    """Whether a node says `true`; one that is not there says `false`."""
    if node is None:
        return False
    text = text_of(node, what)
    assert isinstance(node, Scalar)
    if text not in ("true", "false") or node.quoted:
        raise SpecError(
            f"{what} must be true or false, not {quote(text)}.",
            hint="Write it plainly, without quotes.",
            place=node.place,
        )
    return text == "true"


def is_null(node: Node) -> bool:
    """Whether nothing is written there."""
    return isinstance(node, Scalar) and node.is_null


def is_dynamic(node: Node) -> bool:
    """Whether `$` arithmetic stands somewhere in a node."""
    if isinstance(node, Scalar):
        return "$" in node.text
    if isinstance(node, Sequence):
        return any(is_dynamic(item) for item in node.items)
    return False
