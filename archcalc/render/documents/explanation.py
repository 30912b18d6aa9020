"""An Explanation as text, Markdown, LaTeX, CSV or JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from typing import Any

from archcalc.algebra import notation
from archcalc.algebra.notation import derivation
from archcalc.algebra.symbols import symbol, value_of
from archcalc.algebra.units import grouped
from archcalc.derivations.explanation import Explanation
from archcalc.layers.base import Number
from archcalc.render.documents.of_explanation import Block, blocks, title
from archcalc.render.formats.encoding import indented
from archcalc.results.quantities import written
from archcalc.words import markup
from archcalc.words.language import _
from archcalc.words.text import printable

PROSE_WIDTH = 96

SCHEMA = "archcalc.explain/1"

HEADER = ("quantity", "term", "value", "working")
"""The columns of the CSV. A row without a term is the quantity itself: of a sum, what its terms add up to."""


def text(explanation: Explanation) -> str:
    """The working for a terminal."""
    parts = [printable(title(explanation), markup.LONGEST)]
    parts += ["\n".join(_lines(block)) for block in blocks(explanation)]
    return "\n\n".join(parts) + "\n"


def _lines(block: Block) -> Iterator[str]:
    yield printable(block.title, markup.LONGEST)
    if block.prose:
        yield from (*_wrapped(block.prose, 2), "")
    if block.letters:
        width = max(len(letter.name) for letter in block.letters)
        for letter in block.letters:
            yield f"  {letter.name:<{width}}  {letter.meaning}: {letter.value}"
        yield ""
    yield from _steps(block) if block.total is None else _terms(block, block.total)
    for note, *more in block.notes:
        yield from _wrapped(note, 2)
        for rest in more:
            yield from _wrapped(rest, 4)


def _wrapped(plain: str, indent: int) -> list[str]:
    space = " " * indent
    return textwrap.wrap(
        printable(plain, markup.LONGEST), PROSE_WIDTH, initial_indent=space, subsequent_indent=space
    )


def _steps(block: Block) -> Iterator[str]:
    width = max((len(name) for name, _expression in block.steps), default=0)
    yield from (f"  {name:<{width}}  {derivation(expression)}" for name, expression in block.steps)


def _terms(block: Block, total: int) -> Iterator[str]:
    if not block.steps:
        yield f"  {_('none')}"
        return
    width = max(len(name) for name, _expression in block.steps)
    digits = len(grouped(total))
    for name, expression in block.steps:
        yield f"  {name:<{width}}  {grouped(value_of(expression)):>{digits}} = {_working(expression)}"
    yield f"  {_('sum'):<{width}}  {grouped(total)}"


def _working(expression: Number) -> str:
    """The derivation without its last step, the value, which stands before it."""
    return derivation(expression).rpartition(" = ")[0] or derivation(expression)


def markdown(explanation: Explanation) -> str:
    """The working as Markdown, formulas between dollar signs."""
    parts = [f"## {markup.markdown(title(explanation))}"]
    for block in blocks(explanation):
        parts.append(f"### {markup.markdown(block.title)}")
        if block.prose:
            parts.append(markup.markdown_prose(block.prose))
        if block.letters:
            parts.append(
                "\n".join(
                    (_head(_("letter"), _("meaning"), _("value")), "|---|---|---|", *_md_letters(block))
                )
            )
        lines = list(_md_steps(block)) if block.total is None else list(_md_terms(block, block.total))
        lines += [f"* {'. '.join(map(markup.markdown, note))}" for note in block.notes]
        if lines:
            parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _head(*words: str) -> str:
    return f"| {' | '.join(words)} |"


def _md_letters(block: Block) -> Iterator[str]:
    for letter in block.letters:
        yield f"| ${_letter(letter.name)}$ | {markup.markdown(letter.meaning)} | {letter.value} |"


def _md_steps(block: Block) -> Iterator[str]:
    for name, expression in block.steps:
        yield f"* {markup.markdown(name)}: {derivation(expression, 'markdown')}"


def _md_terms(block: Block, total: int) -> Iterator[str]:
    yield from (_head(_("layer"), _("working"), _("value")), "|---|---|---:|")
    for name, expression in block.steps:
        yield f"| {markup.markdown(name)} | {derivation(expression, 'markdown')} | {grouped(value_of(expression))} |"
    yield f"| **{_('sum')}** | | **{grouped(total)}** |"


def _letter(name: str) -> str:
    return notation.latex(symbol(name, 0))


def latex(explanation: Explanation) -> str:
    r"""The working as LaTeX to \input (with amsmath): a paragraph a block, its formulas in an aligned display."""
    lines = [r"% \usepackage{amsmath}", rf"\subsection*{{{markup.latex(title(explanation))}}}"]
    for block in blocks(explanation):
        lines.append(rf"\paragraph{{{markup.latex(block.title)}}}")
        if block.prose:
            lines.append(markup.latex_prose(block.prose))
        if block.letters:
            lines += ["", r"\noindent\begin{tabular}{lll}", *_tex_letters(block), r"\end{tabular}"]
        rows = [_tex_step(name, derivation(expression, "latex")) for name, expression in block.steps]
        if block.total is not None:
            rows.append(_tex_step(_("sum"), derivation(block.total, "latex")))
        if rows:
            lines += [r"\begin{align*}", " \\\\\n".join(rows), r"\end{align*}"]
        if block.notes:
            items = (rf"  \item {'. '.join(map(markup.latex, note))}" for note in block.notes)
            lines += [r"\begin{itemize}", *items, r"\end{itemize}"]
    return "\n".join(lines) + "\n"


def _tex_letters(block: Block) -> Iterator[str]:
    for letter in block.letters:
        cells = (f"${_letter(letter.name)}$", markup.latex(letter.meaning), markup.latex(letter.value))
        yield rf"  {' & '.join(cells)} \\"


def _tex_step(name: str, formula: str) -> str:
    return rf"  \text{{{markup.latex(name)}}} &: {formula}"


def csv(explanation: Explanation) -> str:
    """Every number with its working, a row each, under HEADER; the answer alone where there is none to show."""
    from archcalc.render.formats import as_csv

    return as_csv.write(HEADER, _rows(explanation) if _has_working(explanation) else _answered(explanation))


def _has_working(explanation: Explanation) -> bool:
    return bool(explanation.sums or any(layer.steps for layer in explanation.layers))


def _rows(explanation: Explanation) -> Iterator[tuple[str | int, ...]]:
    for layer in explanation.layers:
        for step in layer.steps:
            yield f"{layer.name}.{step.quantity}", "", *_worked(step.expression)
    for found in explanation.sums:
        for term in found.terms:
            yield found.quantity, term.name, *_worked(term.expression)
        yield found.quantity, "", found.value, ""


def _worked(expression: Number) -> tuple[str | int, str]:
    value: Any = value_of(expression)
    return value if isinstance(value, int) else str(value), derivation(expression)


def _answered(explanation: Explanation) -> Iterator[tuple[str | int, ...]]:
    answer = explanation.answer
    if answer is not None:
        count = answer if isinstance(answer, int) and not isinstance(answer, bool) else None
        yield explanation.path or "", "", written(answer).replace("×", "x") if count is None else count, ""


def json(explanation: Explanation) -> str:
    """The working as one JSON object, schema `archcalc.explain/1`."""
    convention = explanation.convention
    content = {
        "network": explanation.network,
        "path": explanation.path,
        "batch": convention.batch,
        "dtype": convention.dtype,
        "counts_bias": convention.bias,
        "answer": explanation.answer,
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
                "actual": judged.actual,
                "note": judged.figure.note,
                "reason": judged.figure.reason,
            }
            for judged in explanation.published
        ],
    }
    return indented(SCHEMA, content)


def _step(quantity: str, expression: Number) -> dict[str, Any]:
    return {
        "quantity": quantity,
        "value": value_of(expression),
        "text": derivation(expression),
        "latex": derivation(expression, "latex"),
    }


FORMATS: dict[str, Callable[[Explanation], str]] = {
    "text": text,
    "table": text,
    "markdown": markdown,
    "latex": latex,
    "csv": csv,
    "json": json,
}
"""`table` is what other commands call the format for a terminal."""
