"""The documentation of kinds as prose and as an object: the list of all, and one in full."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from archcalc.algebra.notation import derivation, latex
from archcalc.algebra.shapes import joined
from archcalc.algebra.symbols import symbol, value_of
from archcalc.reference.kinddocs import REQUIRED, Key, KindDoc, Worked
from archcalc.render.formats.registry import Content
from archcalc.words import markup

WIDTH = 96
_SOURCE = re.compile(r" \([^()]*\b(19|20)[0-9]{2}\b[^()]*\)")  # a paper and its year, in brackets
LIST, DOCUMENTATION = "archcalc.layers/1", "archcalc.layer/1"


# ---- the list


def list_text(kinds: Sequence[KindDoc]) -> str:
    """Every kind with a line, by family."""
    width = max(len(kind.name) for kind in kinds)
    lines = []
    for family, members in groupby(kinds, key=lambda kind: kind.family):
        lines += ["", family]
        for kind in members:
            first = f"  {kind.name:<{width}}  "
            plain = _SOURCE.sub("", kind.summary)
            lines += textwrap.wrap(plain, WIDTH, initial_indent=first, subsequent_indent=" " * len(first))
    return "\n".join([f"{len(kinds)} kinds of layers", *lines]) + "\n"


def list_markdown(kinds: Sequence[KindDoc]) -> str:
    """Every kind with its keys, a table a family."""
    lines = []
    for family, members in groupby(kinds, key=lambda kind: kind.family):
        lines += [f"**{family}**", "", "| kind | keys | what it does |", "|---|---|---|"]
        lines += [f"| `{kind.name}` | {_signature(kind)} | {_cell(kind.summary)} |" for kind in members]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _signature(kind: KindDoc) -> str:
    """The keys with their defaults: `filters`, `kernel`, `stride` 1."""
    branches = ["branches"] if kind.is_join else []
    return ", ".join([*branches, *(f"`{key.name}`{_default(key)}" for key in kind.keys)])


def _default(key: Key) -> str:
    return "" if key.default == REQUIRED else f" {key.default}" if key.default else " –"


def list_content(kinds: Sequence[KindDoc]) -> Content:
    """Every kind with its keys, schema `archcalc.layers/1`."""
    return Content(LIST, {"kinds": [_outline(kind) for kind in kinds]})


# ---- one kind


def text(kind: KindDoc) -> str:
    """One kind in full, for a terminal."""
    lines = [f"{kind.name} ({kind.family})", "", *_wrapped(kind.summary)]
    for paragraph in kind.details:
        lines += ["", *_wrapped(paragraph)]
    lines += ["", "Keys", *_keys_text(kind)]
    for heading, paragraph in kind.sections:
        lines += ["", heading, *_wrapped(paragraph)]
    for worked in kind.examples:
        lines += ["", *_worked_text(worked)]
    return "\n".join(lines) + "\n"


def _wrapped(paragraph: str, indent: str = "  ") -> list[str]:
    return textwrap.wrap(paragraph, WIDTH, initial_indent=indent, subsequent_indent=indent)


def _keys_text(kind: KindDoc) -> Iterator[str]:
    if kind.is_join:
        yield f"  {kind.name}: its branches, a list or a mapping of lists of layers; [] passes on what comes in"
    elif not kind.keys:
        yield f"  none: write `{kind.name}`"
    for number, key in enumerate(kind.keys):
        main = f", or behind `{kind.name}:`" if number == 0 and not kind.is_join else ""
        yield f"  {key.name}{main}"
        default = (
            ""
            if not key.default
            else f" ({REQUIRED})"
            if key.default == REQUIRED
            else f" (default {key.default})"
        )
        yield from _wrapped(f"{key.takes}{default}", "      ")
        yield from _wrapped(key.about, "      ")


def _worked_text(worked: Worked) -> Iterator[str]:
    yield f"Example: {worked.item}{_arrow(worked)}"
    if worked.letters:
        width = max(len(letter.name) for letter in worked.letters)
        yield from (f"  {x.name:<{width}}  {x.meaning}: {x.value}" for x in worked.letters)
        yield ""
    width = max(len(step.title) for step in worked.steps)
    yield from (f"  {step.title:<{width}}  {derivation(step.expression)}" for step in worked.steps)
    yield from _wrapped(f"by hand: {worked.by_hand}")


def _arrow(worked: Worked) -> str:
    before = ", ".join(map(joined, worked.inputs))
    return f" on {before} → {joined(worked.output)}" if before else f" → {joined(worked.output)}"


def markdown(kind: KindDoc, level: int = 1) -> str:
    """One kind in full, as Markdown under a heading of this level; formulas stand between dollar signs."""
    lines = [f"{'#' * level} {kind.name}", ""]
    lines += [
        line for paragraph in (kind.summary, *kind.details) for line in (markup.markdown_prose(paragraph), "")
    ]
    if kind.is_join:
        lines += [f"Its branches stand under `{kind.name}:`, as a list or a mapping of lists of layers.", ""]
    if kind.keys:
        lines += ["| key | takes | default | |", "|---|---|---|---|"]
        for number, key in enumerate(kind.keys):
            main = " (main)" if number == 0 and not kind.is_join else ""
            default = key.default if key.default in ("", REQUIRED) else f"`{key.default}`"
            lines.append(f"| `{key.name}`{main} | {_cell(key.takes)} | {default} | {_cell(key.about)} |")
        lines.append("")
    lines += [f"* **{heading}**: {markup.markdown_prose(paragraph)}" for heading, paragraph in kind.sections]
    for worked in kind.examples:
        lines += [
            "",
            f"`{worked.item}`{_arrow(worked)}, by hand: {markup.markdown_prose(worked.by_hand)}",
            "",
        ]
        if worked.letters:
            letters = (f"${latex(symbol(x.name, 0))}$ {x.meaning}: {x.value}" for x in worked.letters)
            lines += [f"* {'; '.join(letters)}"]
        lines += [f"* {step.title}: {derivation(step.expression, 'markdown')}" for step in worked.steps]
    return "\n".join(lines) + "\n"


def _cell(plain: str) -> str:
    return markup.markdown_prose(plain, bar="\\|")


def content(kind: KindDoc) -> Content:
    """One kind in full, schema `archcalc.layer/1`."""
    return Content(
        DOCUMENTATION,
        {
            **_outline(kind),
            "details": kind.details,
            "sections": dict(kind.sections),
            "examples": [_example(worked) for worked in kind.examples],
        },
    )


def _outline(kind: KindDoc) -> dict[str, Any]:
    return {
        "name": kind.name,
        "family": kind.family,
        "summary": kind.summary,
        "keys": [key._asdict() for key in kind.keys],
    }


def _example(worked: Worked) -> dict[str, Any]:
    return {
        **worked._asdict(),
        "letters": [letter._asdict() for letter in worked.letters],
        "steps": [
            {
                "quantity": step.quantity,
                "value": value_of(step.expression),
                "text": derivation(step.expression),
                "latex": derivation(step.expression, "latex"),
            }
            for step in worked.steps
        ],
    }
