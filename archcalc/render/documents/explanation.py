"""An Explanation as prose in text, Markdown and LaTeX, and as rows.

All of it is written in pieces, a part or a line at a time: the working of a network with ten thousand layers
is larger than the network.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from functools import partial
from typing import Any

from archcalc.algebra import notation
from archcalc.algebra.notation import Derivations, derivation
from archcalc.algebra.symbols import symbol, value_of
from archcalc.algebra.units import grouped
from archcalc.derivations.explanation import Explanation
from archcalc.layers.base import Number
from archcalc.render.documents.of_explanation import Part, parts_of, title
from archcalc.render.formats.registry import Rows
from archcalc.results.quantities import written
from archcalc.words import markup
from archcalc.words.language import _
from archcalc.words.text import printable

PROSE_WIDTH = 96

HEADER = ("quantity", "term", "value", "working")
"""The columns of the CSV. A row without a term is the quantity itself: of a sum, what its terms add up to."""


def text(explanation: Explanation) -> Iterator[str]:
    """The working for a terminal."""
    derived = Derivations()
    yield printable(title(explanation), markup.LONGEST) + "\n"
    for part in parts_of(explanation):
        yield "\n" + "\n".join(_lines(part, derived)) + "\n"


def _lines(part: Part, derived: Derivations) -> Iterator[str]:
    yield printable(part.title, markup.LONGEST)
    if part.prose:
        yield from (*_wrapped(part.prose, 2), "")
    if part.letters:
        width = max(len(letter.name) for letter in part.letters)
        for letter in part.letters:
            yield f"  {letter.name:<{width}}  {letter.meaning}: {letter.value}"
        yield ""
    yield from _steps(part, derived) if part.total is None else _terms(part, part.total, derived)
    for note, *more in part.notes:
        yield from _wrapped(note, 2)
        for rest in more:
            yield from _wrapped(rest, 4)


def _wrapped(plain: str, indent: int) -> list[str]:
    space = " " * indent
    return textwrap.wrap(
        printable(plain, markup.LONGEST), PROSE_WIDTH, initial_indent=space, subsequent_indent=space
    )


def _steps(part: Part, derived: Derivations) -> Iterator[str]:
    width = max([len(name) for name, _expression in part.steps], default=0)
    yield from (f"  {name:<{width}}  {derived(expression)}" for name, expression in part.steps)


def _terms(part: Part, total: int, derived: Derivations) -> Iterator[str]:
    if not part.steps:
        yield f"  {_('none')}"
        return
    width = max(len(name) for name, _expression in part.steps)
    digits = len(grouped(total))
    for name, expression in part.steps:
        yield f"  {name:<{width}}  {grouped(value_of(expression)):>{digits}} = {_working(derived(expression))}"
    yield f"  {_('sum'):<{width}}  {grouped(total)}"


def _working(derivation: str) -> str:
    """A derivation without its last step, the value, which stands before it."""
    return derivation.rpartition(" = ")[0] or derivation


def markdown(explanation: Explanation) -> Iterator[str]:
    """The working as Markdown, formulas between dollar signs."""
    derived = Derivations(partial(derivation, style="markdown"))
    yield f"## {markup.markdown(title(explanation))}\n"
    for part in parts_of(explanation):
        yield "".join(f"\n{text}\n" for text in _md_part(part, derived))


def _md_part(part: Part, derived: Derivations) -> Iterator[str]:
    yield f"### {markup.markdown(part.title)}"
    if part.prose:
        yield markup.markdown_prose(part.prose)
    if part.letters:
        yield "\n".join((_head(_("letter"), _("meaning"), _("value")), "|---|---|---|", *_md_letters(part)))
    lines = list(_md_steps(part, derived) if part.total is None else _md_terms(part, part.total, derived))
    lines += [f"* {'. '.join(map(markup.markdown, note))}" for note in part.notes]
    if lines:
        yield "\n".join(lines)


def _head(*words: str) -> str:
    return f"| {' | '.join(words)} |"


def _md_letters(part: Part) -> Iterator[str]:
    for letter in part.letters:
        yield f"| ${_letter(letter.name)}$ | {markup.markdown(letter.meaning)} | {letter.value} |"


def _md_steps(part: Part, derived: Derivations) -> Iterator[str]:
    for name, expression in part.steps:
        yield f"* {markup.markdown(name)}: {derived(expression)}"


def _md_terms(part: Part, total: int, derived: Derivations) -> Iterator[str]:
    yield from (_head(_("layer"), _("working"), _("value")), "|---|---|---:|")
    for name, expression in part.steps:
        yield f"| {markup.markdown(name)} | {derived(expression)} | {grouped(value_of(expression))} |"
    yield f"| **{_('sum')}** | | **{grouped(total)}** |"


def _letter(name: str) -> str:
    return notation.latex(symbol(name, 0))


def latex(explanation: Explanation) -> Iterator[str]:
    r"""The working as LaTeX to \input (with amsmath): a paragraph a part, its formulas in an aligned display."""
    derived = Derivations(partial(derivation, style="latex"))
    yield f"% \\usepackage{{amsmath}}\n\\subsection*{{{markup.latex(title(explanation))}}}\n"
    for part in parts_of(explanation):
        yield "\n".join(_tex_part(part, derived)) + "\n"


def _tex_part(part: Part, derived: Derivations) -> Iterator[str]:
    yield rf"\paragraph{{{markup.latex(part.title)}}}"
    if part.prose:
        yield markup.latex_prose(part.prose)
    if part.letters:
        yield from ("", r"\noindent\begin{tabular}{lll}", *_tex_letters(part), r"\end{tabular}")
    rows = [_tex_step(name, derived(expression)) for name, expression in part.steps]
    if part.total is not None:
        rows.append(_tex_step(_("sum"), derived(part.total)))
    if rows:
        yield from (r"\begin{align*}", " \\\\\n".join(rows), r"\end{align*}")
    if part.notes:
        items = (rf"  \item {'. '.join(map(markup.latex, note))}" for note in part.notes)
        yield from (r"\begin{itemize}", *items, r"\end{itemize}")


def _tex_letters(part: Part) -> Iterator[str]:
    for letter in part.letters:
        cells = (f"${_letter(letter.name)}$", markup.latex(letter.meaning), markup.latex(letter.value))
        yield rf"  {' & '.join(cells)} \\"


def _tex_step(name: str, formula: str) -> str:
    return rf"  \text{{{markup.latex(name)}}} &: {formula}"


def rows(explanation: Explanation) -> Rows:
    """Every number with its working, a row each, under HEADER; the answer alone where there is none to show."""
    return Rows(HEADER, _rows(explanation) if _has_working(explanation) else _answered(explanation))


def _has_working(explanation: Explanation) -> bool:
    return bool(explanation.sums or explanation.terms or any(layer.steps for layer in explanation.layers))


def _rows(explanation: Explanation) -> Iterator[tuple[str | int, ...]]:
    derived = Derivations()
    for layer in explanation.layers:
        for step in layer.steps:
            yield f"{layer.name}.{step.quantity}", "", _plain(step.expression), derived(step.expression)
    for found in explanation.sums:
        for term in found.terms:
            yield found.quantity, term.name, _plain(term.expression), derived(term.expression)
        yield found.quantity, "", found.value, ""
    for each in explanation.terms:
        yield from _rows(each) if _has_working(each) else _answered(each)
    yield from (
        (step.quantity, "", _plain(step.expression), derived(step.expression)) for step in explanation.steps
    )


def _plain(expression: Number) -> str | int:
    value: Any = value_of(expression)
    return value if isinstance(value, int) else str(value)


def _answered(explanation: Explanation) -> Iterator[tuple[str | int, ...]]:
    answer = explanation.answer
    if answer is not None:
        count = answer if isinstance(answer, int) and not isinstance(answer, bool) else None
        yield explanation.path or "", "", written(answer).replace("×", "x") if count is None else count, ""
