"""The options of a choice: each with its value, and the one that is right."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from archcalc.algebra.shapes import channels_last
from archcalc.algebra.units import WrittenNumber, agreement, parse_written
from archcalc.grading.model import Option
from archcalc.results.asked import Asked
from archcalc.results.quantities import Answer, written
from archcalc.spec.nodes import mapping, text_of
from archcalc.spec.reader import Mapping, Node, Scalar, Sequence
from archcalc.words.errors import ArchcalcError, SpecError
from archcalc.words.text import listing, quote

MOST_OPTIONS = 26
LONGEST_LABEL = 40

Compute = Callable[[Node, str], tuple[Asked, Answer]]
"""Takes apart what a text asks for, and computes it."""


def options_of(
    node: Node, pick: str | None, wanted: tuple[Answer, Fraction] | None, compute: Compute
) -> tuple[Option, ...]:
    """The options of a question: those of a mapping by label, those of a list called a, b, c.

    `pick` is `largest` or `smallest`; without it `wanted` is the answer that one of them is, and the unit of
    bare numbers among them. Raises ArchcalcError with its place, where none or several are right among others.
    """
    entries: list[tuple[str, Node]]
    if isinstance(node, Sequence):
        entries = [(chr(ord("a") + number % 26), item) for number, item in enumerate(node.items)]
    else:
        entries = [(key.text, value) for key, value in mapping(node, "`options`").entries]
    if not 2 <= len(entries) <= MOST_OPTIONS:
        raise SpecError(
            f"a choice has 2 to {MOST_OPTIONS} options, not {len(entries)}.",
            hint="For example `options: {a: alexnet:total.params, b: vgg16:total.params}`.",
            place=node.place,
        )
    _labels([label for label, _ in entries], node)
    read = [(label, item, *_option(item, compute, wanted)) for label, item in entries]
    if pick is not None:
        best = _best([(label, item, value) for label, item, _, _, value, _ in read], pick, node)
        return tuple(
            Option(label, text, value == best, asked, value) for label, _, text, asked, value, _ in read
        )
    right = [label for label, *_, is_right in read if is_right]
    if len(right) != 1:
        assert wanted is not None
        raise SpecError(
            f"the answer is {written(wanted[0])}, and "
            + ("no option says so." if not right else f"the options {listing(right, 'and')} both say so."),
            hint="Give one option that is right, and others that are not.",
            place=node.place,
        )
    return tuple(
        Option(label, text, is_right, asked, value) for label, _, text, asked, value, is_right in read
    )


def _labels(labels: list[str], node: Node) -> None:
    seen: set[str] = set()
    for label in labels:
        if not label.strip() or len(label) > LONGEST_LABEL or label.casefold() in seen:
            raise SpecError(
                f"the option {quote(label)} cannot be told from another."
                if label.casefold() in seen
                else f"the label of an option has 1 to {LONGEST_LABEL} characters, not {quote(label)}.",
                hint="Call them a, b, c.",
                place=node.place,
            )
        seen.add(label.casefold())


def _option(
    node: Node, compute: Compute, wanted: tuple[Answer, Fraction] | None
) -> tuple[str, Asked | None, Answer, bool]:
    """The text of one option, what it asks for, its value, and whether that is the one wanted."""
    text: Node | None = None
    ask: Node | None = node
    if isinstance(node, Mapping):
        entry = mapping(node, "an option", ("text", "ask"))
        text, ask = entry.get("text"), entry.get("ask")
        if ask is None:
            raise SpecError(
                "an option needs `ask`, its value.",
                hint="For example `{text: AlexNet, ask: alexnet:total.params}`.",
                place=node.place,
            )
    sizes = _sizes(ask) if ask is not None else None
    if sizes is not None:
        shown = "×".join(map(str, sizes))
        return _text(text, shown), None, sizes, wanted is not None and _same_shape(wanted[0], sizes)
    assert ask is not None
    said = text_of(ask, "an option")
    number = _number(said)
    if number is not None and wanted is not None:
        key, unit = wanted
        if number.unit is None and isinstance(key, int | Fraction):
            number = number._replace(value=number.value * unit, quantum=number.quantum * unit)
        is_right = isinstance(key, int | Fraction) and agreement(key, number) != "different"
        return _text(text, said), None, number.value, is_right
    asked, value = compute(ask, said)
    return _text(text, said), asked, value, wanted is not None and value == wanted[0]


def _text(node: Node | None, otherwise: str) -> str:
    return otherwise if node is None else text_of(node, "`text`")


def _sizes(node: Node) -> tuple[int, ...] | None:
    """The sizes of a shape that an option says: `55x55x96`, `[96, 55, 55]`."""
    if isinstance(node, Sequence):
        sizes = [text_of(item, "a size") for item in node.items]
    elif isinstance(node, Scalar) and re.fullmatch(r"[0-9]+( ?[x×] ?[0-9]+)+", node.text, re.ASCII):
        sizes = re.split(r" ?[x×] ?", node.text)
    else:
        return None
    if not sizes or len(sizes) > 8 or not all(re.fullmatch("[0-9]{1,12}", size, re.ASCII) for size in sizes):
        raise SpecError(
            "a shape is up to 8 whole numbers.",
            hint="For example 55x55x96 or [96, 55, 55].",
            place=node.place,
        )
    return tuple(map(int, sizes))


def _same_shape(key: Answer, sizes: tuple[int, ...]) -> bool:
    return isinstance(key, tuple) and sizes in (key, channels_last(key))


def _number(text: str) -> WrittenNumber | None:
    try:
        return parse_written(text)
    except ArchcalcError:
        return None


def _best(options: list[tuple[str, Node, Answer]], pick: str, node: Node) -> Answer:
    values: list[int | Fraction] = []
    for label, item, value in options:
        if isinstance(value, bool) or not isinstance(value, int | Fraction):
            raise SpecError(
                f"option {quote(label)} is {quote(written(value))}, no number: there is no {pick} of it.",
                hint="Name a number, such as total.params or conv1.output.height.",
                place=item.place,
            )
        values.append(value)
    best = max(values) if pick == "largest" else min(values)
    if values.count(best) > 1:
        alike = [label for label, _, value in options if value == best]
        raise SpecError(
            f"the options {listing(alike, 'and')} are equal: there is no {pick} one.",
            hint="Leave one of them out.",
            place=node.place,
        )
    return best
