"""An Explanation as text, Markdown, LaTeX or JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import msgspec

from archcalc import __version__
from archcalc.explanation import Explanation, LayerExplanation
from archcalc.notation import derivation
from archcalc.published import Judged
from archcalc.shapes import joined
from archcalc.sums import Sum
from archcalc.symbols import value_of
from archcalc.text import printable
from archcalc.working import Step

PROSE_WIDTH = 96

COMPACT = ("params", "macs")
"""The sums that a layer of a longer chain is shown with, beside its shape."""

VERDICTS = {
    "exact": "reproduced exactly",
    "rounded": "reproduced as rounded",
    "truncated": "reproduced as truncated",
    "different": "not reproduced",
    "measured": "measured, not calculated",
}


def text(explanation: Explanation) -> str:
    """The working for a terminal: a block a layer, then the sums and what others publish."""
    blocks = [printable(_title(explanation) + _answered(explanation), 200)]
    whole = _is_one_layer(explanation)
    blocks += ["\n".join(_layer_text(layer, whole)) for layer in explanation.layers]
    blocks += ["\n".join(_sum_text(found)) for found in explanation.sums]
    if explanation.published:
        blocks.append("\n".join(["Published", *_published_text(explanation.published)]))
    return "\n\n".join(blocks) + "\n"


def _is_one_layer(explanation: Explanation) -> bool:
    return len(explanation.layers) == 1 and not explanation.sums


def _title(explanation: Explanation) -> str:
    path = "" if explanation.path is None else f", {explanation.path}"
    title = "" if explanation.title == explanation.network else f" — {explanation.title}"
    return f"{explanation.network}{path}{title}"


def _answered(explanation: Explanation) -> str:
    """`: 614,656` where one quantity was asked for."""
    return "" if explanation.answer is None else f": {_answer(explanation.answer)}"


def _heading(layer: LayerExplanation) -> str:
    """`conv1 (conv): 3×227×227 → 96×55×55`."""
    before = ", ".join(joined(shape) for shape in layer.row.inputs)
    arrow = f"{before} → " if before else ""
    return f"{layer.name} ({layer.kind}): {arrow}{joined(layer.row.output)}"


def _layer_text(layer: LayerExplanation, whole: bool) -> Iterator[str]:
    yield _heading(layer)
    if whole:
        yield from textwrap.wrap(layer.summary, PROSE_WIDTH, initial_indent="  ", subsequent_indent="  ")
        yield ""
        if layer.letters:
            width = max(len(letter.name) for letter in layer.letters)
            for letter in layer.letters:
                yield f"  {letter.name:<{width}}  {letter.meaning}: {letter.value}"
            yield ""
    steps = layer.steps if whole else _compact(layer)
    width = max((len(step.title) for step in steps), default=0)
    for step in steps:
        yield f"  {step.title:<{width}}  {derivation(step.expression)}"
    for note in layer.notes:
        yield from textwrap.wrap(note, PROSE_WIDTH, initial_indent="  ", subsequent_indent="  ")


def _compact(layer: LayerExplanation) -> tuple[Step, ...]:
    """The steps of a layer in a chain: how its shape comes about, parameters and MACs if there are any."""
    return tuple(
        step
        for step in layer.steps
        if step.quantity.startswith("output") or (step.quantity in COMPACT and value_of(step.expression))
    )


def _sum_text(found: Sum) -> Iterator[str]:
    yield f"{found.quantity}: {found.title}"
    if not found.terms:
        yield "  none"
        return
    name = max(len(term.name) for term in found.terms)
    value = len(f"{found.value:,}")
    for term in found.terms:
        yield f"  {term.name:<{name}}  {int(value_of(term.expression)):>{value},} = {_working(term.expression)}"
    yield f"  {'sum':<{name}}  {found.value:>{value},}"


def _working(expression: Any) -> str:
    """The derivation without its last step, the value, which stands before it."""
    return derivation(expression).rpartition(" = ")[0] or derivation(expression)


def _published_text(figures: tuple[Judged, ...]) -> Iterator[str]:
    for judged in figures:
        yield f"  {_figure(judged)}"
        for part in (judged.figure.note, judged.figure.reason):
            if part:
                yield from textwrap.wrap(
                    printable(part, 2000), PROSE_WIDTH, initial_indent="    ", subsequent_indent="    "
                )


def _figure(judged: Judged) -> str:
    """`total.macs 358M: not reproduced, 271,351,808 here (source)`."""
    figure = judged.figure
    here = "" if judged.actual is None or judged.verdict == "exact" else f", {_answer(judged.actual)} here"
    return printable(
        f"{figure.quantity} {figure.value}: {VERDICTS[judged.verdict]}{here} ({figure.source})", 1000
    )


def _answer(actual: Any) -> str:
    if isinstance(actual, tuple):
        return joined(actual)
    return f"{actual:,}" if isinstance(actual, int) and not isinstance(actual, bool) else str(actual)


def markdown(explanation: Explanation) -> str:
    """The working as Markdown, formulas between dollar signs."""
    lines = [f"## {_md(_title(explanation) + _answered(explanation))}", ""]
    whole = _is_one_layer(explanation)
    for layer in explanation.layers:
        lines += [f"### {_md(_heading(layer))}", ""]
        if whole:
            lines += [_md(layer.summary), ""]
            if layer.letters:
                lines += ["| letter | meaning | value |", "|---|---|---|"]
                lines += [
                    f"| ${_latex_name(x.name)}$ | {_md(x.meaning)} | {x.value} |" for x in layer.letters
                ]
                lines.append("")
        for step in layer.steps if whole else _compact(layer):
            lines.append(f"* {step.title}: {derivation(step.expression, 'markdown')}")
        lines += [f"* {_md(note)}" for note in layer.notes]
        lines.append("")
    for found in explanation.sums:
        lines += [
            f"### {_md(found.quantity)}: {found.title}",
            "",
            "| layer | working | value |",
            "|---|---|---:|",
        ]
        for term in found.terms:
            lines.append(
                f"| {_md(term.name)} | {derivation(term.expression, 'markdown')} | {int(value_of(term.expression)):,} |"
            )
        lines += [f"| **sum** | | **{found.value:,}** |", ""]
    if explanation.published:
        lines += ["### Published", ""]
        for judged in explanation.published:
            rest = " ".join(part for part in (judged.figure.note, judged.figure.reason) if part)
            lines.append(f"* {_md(_figure(judged))}{'. ' + _md(printable(rest, 2000)) if rest else ''}")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _md(plain: str) -> str:
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#$" else c for c in printable(plain, 2000))


def _latex_name(name: str) -> str:
    letter, _, subscript = name.partition("_")
    return f"{letter}_{{{subscript}}}" if subscript else letter


def latex(explanation: Explanation) -> str:
    r"""The working as LaTeX to \input: a paragraph a layer with an aligned display (amsmath)."""
    lines = [f"% {_title(explanation)}".replace("\n", " ")]
    whole = _is_one_layer(explanation)
    for layer in explanation.layers:
        steps = layer.steps if whole else _compact(layer)
        lines += [f"\\paragraph{{{_tex(_heading(layer))}}}"]
        if steps:
            rows = [f"  \\text{{{_tex(s.title)}}} &: {derivation(s.expression, 'latex')}" for s in steps]
            lines += ["\\begin{align*}", " \\\\\n".join(rows), "\\end{align*}"]
    for found in explanation.sums:
        terms = [f"  \\text{{{_tex(t.name)}}} &: {derivation(t.expression, 'latex')}" for t in found.terms]
        terms.append(f"  \\text{{sum}} &: {found.value:,}".replace(",", "{,}"))
        lines += [
            f"\\paragraph{{{_tex(found.quantity)}}}",
            "\\begin{align*}",
            " \\\\\n".join(terms),
            "\\end{align*}",
        ]
    return "\n".join(lines) + "\n"


_TEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "×": r"$\times$",
    "→": r"$\to$",
    **{c: f"\\{c}" for c in "&%$#_{}"},
}


def _tex(plain: str) -> str:
    return "".join(_TEX.get(c, c) for c in printable(plain, 2000))


def json(explanation: Explanation) -> str:
    """The working as one JSON object, schema `archcalc.explain/1`."""
    content = {
        "schema": "archcalc.explain/1",
        "version": __version__,
        "network": explanation.network,
        "path": explanation.path,
        "answer": _plain(explanation.answer),
        "layers": [
            {
                "name": layer.name,
                "kind": layer.kind,
                "inputs": layer.row.inputs,
                "output": layer.row.output,
                "letters": [letter._asdict() for letter in layer.letters],
                "steps": [_step(step.quantity, step.expression) for step in layer.steps],
                "notes": layer.notes,
            }
            for layer in explanation.layers
        ],
        "sums": [
            {
                "quantity": found.quantity,
                "value": found.value,
                "terms": [_step(term.name, term.expression) for term in found.terms],
            }
            for found in explanation.sums
        ],
        "published": [
            {
                "quantity": judged.figure.quantity,
                "value": judged.figure.value,
                "source": judged.figure.source,
                "verdict": judged.verdict,
                "actual": _plain(judged.actual),
                "note": judged.figure.note,
                "reason": judged.figure.reason,
            }
            for judged in explanation.published
        ],
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"


def _step(quantity: str, expression: Any) -> dict[str, Any]:
    value = value_of(expression)
    return {
        "quantity": quantity,
        "value": value if isinstance(value, int) else str(value),
        "text": derivation(expression),
        "latex": derivation(expression, "latex"),
    }


def _plain(answer: Any) -> Any:
    return str(answer) if isinstance(answer, Fraction) else answer


FORMATS: dict[str, Callable[[Explanation], str]] = {
    "text": text,
    "markdown": markdown,
    "latex": latex,
    "json": json,
}
