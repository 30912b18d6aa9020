"""The key of an assignment: every right answer with its working, as prose, as rows and as an object."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from archcalc.algebra.notation import derivation
from archcalc.grading.assignments.fields import unit_of
from archcalc.grading.model import Assignment, Question
from archcalc.render.documents.workings import Line, Workings
from archcalc.render.formats.registry import Content, Rows
from archcalc.render.homework.answers import answer, in_order
from archcalc.render.homework.marks import asked, plain, points
from archcalc.words import markup
from archcalc.words.language import _, decimal, ngettext
from archcalc.words.text import listing, printable

SCHEMA = "archcalc.key/1"

WIDTH = 96

HEADER = ("question", "text", "form", "points", "answer", "unit", "exact")
"""The columns of the CSV: `answer` is in the unit asked for, `exact` in units of one."""


class Keyed(NamedTuple):
    """One question as every format for people has it. All texts are still to be made safe to print."""

    id: str
    text: str
    terms: tuple[str, ...]
    """What it is worth, how near an answer has to be, and what else is agreed on."""
    options: tuple[str, ...]
    answer: str
    working: tuple[Line, ...]


def keyed(assignment: Assignment) -> Iterator[Keyed]:
    """Every question with its answer, in the language of the moment."""
    workings = Workings(assignment)
    for question in assignment.questions:
        yield Keyed(
            question.id,
            asked(question),
            tuple(_terms(question)),
            tuple(answer(question, option.label) for option in question.options),
            answer(question, question.key),
            workings.formulas(question),
        )


def title(assignment: Assignment) -> tuple[str, str]:
    """The title, and how many questions and points there are."""
    count = len(assignment.questions)
    questions = ngettext("{count} question", "{count} questions", count).format(count=count)
    return _("{title}: the key").format(title=assignment.title), f"{questions} · {_points(assignment.points)}"


def _points(of: Fraction) -> str:
    text = ngettext("{points} point", "{points} points", 1 if of == 1 else 2)
    return text.format(points=points(of))


def _terms(question: Question) -> Iterator[str]:
    yield _points(question.points)
    if question.unit_points:
        yield _("{points} of them for the unit").format(points=points(question.unit_points))
    yield from _nearness(question)
    yield from _convention(question)
    if question.axes == "any":
        yield _("channels first or last")
    elif question.axes in ("CHW", "HWC"):
        yield _("in the order {axes}").format(axes="×".join(question.axes))
    if question.follows:
        yield _("follows from {questions}").format(questions=listing(question.follows, _("and")))
    for code, share in question.partial:
        yield _("{share} for {mistake}").format(share=f"{decimal(share * 100, 0)}%", mistake=code)


def _nearness(question: Question) -> Iterator[str]:
    relative, absolute, figures = question.tolerance
    if relative:
        digits = 0 if not relative * 100 % 1 else 1 if not relative * 1000 % 1 else 2
        yield _("within {share}").format(share=f"{decimal(relative * 100, digits)}%")
    if absolute:
        yield _("within {size}").format(size=answer(question, absolute))
    if figures is not None:
        yield ngettext("to {count} significant figure", "to {count} significant figures", figures).format(
            count=figures
        )


def _convention(question: Question) -> Iterator[str]:
    batch, dtype, bias = question.convention
    if batch != 1:
        yield _("batch {count}").format(count=batch)
    if dtype != "float32":
        yield dtype
    if not bias:
        yield _("biases not counted")


# ---- for people


def text(assignment: Assignment) -> str:
    """The key for a terminal."""
    name, particulars = title(assignment)
    parts = [f"{printable(name, markup.LONGEST)}\n{particulars}"]
    parts += ["\n".join(_lines(one)) for one in keyed(assignment)]
    return "\n\n".join(parts) + "\n"


def _lines(one: Keyed) -> Iterator[str]:
    width = len(one.id) + 2
    indent = " " * width
    yield from _wrapped(f"{one.id}  {one.text}", indent, "")
    yield from _wrapped(" · ".join(one.terms), indent)
    for option in one.options:
        yield from _wrapped(option, indent)
    yield from _wrapped(_("Answer: {answer}").format(answer=one.answer), indent)
    yield from (f"{indent}  {printable(line.plain, markup.LONGEST)}" for line in one.working)


def _wrapped(plain_text: str, indent: str, first: str | None = None) -> list[str]:
    return textwrap.wrap(
        printable(plain_text, markup.LONGEST),
        WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
    )


_FENCE = "~" * 8


def markdown(assignment: Assignment) -> str:
    """The key as Markdown."""
    name, particulars = title(assignment)
    parts = [f"# {markup.markdown(name)}", particulars]
    for one in keyed(assignment):
        parts.append(f"## {markup.markdown(f'{one.id} – {one.text}'.rstrip(' –'))}")
        parts.append(markup.markdown(" · ".join(one.terms)))
        if one.options:
            parts.append("\n".join(f"- {markup.markdown(option)}" for option in one.options))
        parts.append(f"**{markup.markdown(one.answer)}**")
        if one.working:
            lines = (printable(line.plain, markup.LONGEST) for line in one.working)
            parts.append("\n".join((_FENCE, *lines, _FENCE)))
    return "\n\n".join(parts) + "\n"


def latex(assignment: Assignment) -> str:
    r"""The key as LaTeX to \input: a paragraph a question, its working in lines below."""
    name, particulars = title(assignment)
    lines = [
        r"% \usepackage{amsmath}",
        rf"\subsection*{{{markup.latex(name)}}}",
        rf"\noindent {markup.latex(particulars)}",
    ]
    for one in keyed(assignment):
        lines += ["", rf"\paragraph{{{markup.latex(f'{one.id} – {one.text}'.rstrip(' –'))}}}"]
        lines.append(rf"({markup.latex(' · '.join(one.terms))})")
        rows = [markup.latex(option) for option in one.options]
        rows.append(rf"\textbf{{{markup.latex(one.answer)}}}")
        rows += map(_tex_line, one.working)
        # A row that begins with a bracket would be the distance of the break before it.
        lines += [r"\begin{flushleft}", " \\\\\n".join(f"  {row}" for row in rows), r"\end{flushleft}"]
    return "\n".join(lines) + "\n"


def _tex_line(line: Line) -> str:
    space = r"\quad " if line.text.startswith(" ") else ""
    formula = "" if line.expression is None else f": ${derivation(line.expression, 'latex')}$"
    return f"{space}{markup.latex(line.text.strip())}{formula}"


# ---- for programs


def rows(assignment: Assignment) -> Rows:
    """The answers without their working, a row each, under HEADER."""
    return Rows(HEADER, map(_row, assignment.questions))


def _row(question: Question) -> tuple[str | int, ...]:
    value = _in_unit(question)
    return (
        question.id,
        asked(question),
        question.form,
        str(plain(question.points)),
        value if isinstance(value, int) else str(value),
        question.unit or "",
        _exact(question),
    )


def _in_unit(question: Question) -> int | float | str:
    """The answer in the unit that is asked for; a number that is not whole is a float, the nearest there is."""
    key = in_order(question, question.key)
    if isinstance(key, bool):
        return "yes" if key else "no"
    if isinstance(key, int | Fraction):
        value = Fraction(key) / unit_of(question.unit)[0]
        return value.numerator if value.denominator == 1 else float(value)
    return "x".join(map(str, key)) if isinstance(key, tuple) else key


def _exact(question: Question) -> str | int:
    key = question.key
    if isinstance(key, int) and not isinstance(key, bool):
        return key
    return str(key) if isinstance(key, Fraction) else ""


def content(assignment: Assignment) -> Content:
    """The key for programs, schema `archcalc.key/1`."""
    workings = Workings(assignment)
    values = {
        "assignment": assignment.id,
        "title": assignment.title,
        "points": plain(assignment.points),
        "questions": [_question(question, workings) for question in assignment.questions],
    }
    return Content(SCHEMA, values)


def _question(question: Question, workings: Workings) -> dict[str, Any]:
    relative, absolute, figures = question.tolerance
    return {
        "id": question.id,
        "text": asked(question),
        "form": question.form,
        "asked": None if question.asked is None else question.asked.text,
        "fits": question.fits,
        "points": plain(question.points),
        "key": question.key,
        "unit": question.unit,
        "unit_points": plain(question.unit_points),
        "tolerance": {"relative": float(relative), "absolute": float(absolute), "figures": figures},
        "batch": question.convention.batch,
        "dtype": question.convention.dtype,
        "counts_bias": question.convention.bias,
        "options": [
            {"label": option.label, "text": option.text, "value": option.value, "right": option.right}
            for option in question.options
        ],
        "partial": {code: plain(share) for code, share in question.partial},
        "follows": question.follows,
        "working": workings.lines(question),
    }
