"""An Explanation in parts: what every format for people has of it, each drawn in its own way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from archcalc.algebra.shapes import joined
from archcalc.algebra.symbols import value_of
from archcalc.derivations.explanation import Explanation, LayerExplanation
from archcalc.derivations.sums import Sum
from archcalc.derivations.working import Letter, Step
from archcalc.layers.base import Number
from archcalc.render.documents.labels import exact_or_near
from archcalc.results.counts import Convention
from archcalc.results.published import ComparedFigure
from archcalc.results.quantities import written
from archcalc.words.language import _, gettext, marked

COMPACT = ("params", "macs")
"""The numbers that a layer of a longer chain is shown with, beside its shape."""

VERDICTS = {
    "exact": marked("reproduced exactly"),
    "rounded": marked("reproduced as rounded"),
    "truncated": marked("reproduced as truncated"),
    "different": marked("not reproduced"),
    "measured": marked("measured, not calculated"),
}


class Part(NamedTuple):
    """A layer, a sum, or what is published. All texts are still to be made safe to print."""

    title: str
    prose: str = ""
    letters: tuple[Letter, ...] = ()
    steps: Sequence[tuple[str, Number]] = ()
    """Numbers with their names and how they come about."""
    total: int | None = None
    """What the steps add up to; None where they are no terms of a sum."""
    notes: tuple[tuple[str, ...], ...] = ()
    """Notes, each with what is to be said about it behind."""


def title(explanation: Explanation) -> str:
    """`alexnet, conv1.output.height — AlexNet: 55`: what was asked for, and the answer to a question for one number."""
    path = "" if explanation.path is None else f", {explanation.path}"
    name = "" if explanation.title == explanation.network else f" — {gettext(explanation.title)}"
    answer = "" if explanation.answer is None else f": {written(explanation.answer)}"
    return f"{explanation.network}{path}{name}{_convention(explanation.convention)}{answer}"


def _convention(convention: Convention) -> str:
    """What is not as it is without options: `, batch 128`."""
    plain = Convention()
    parts = (
        ", " + _("batch {count}").format(count=convention.batch) if convention.batch != plain.batch else "",
        f", {convention.dtype}" if convention.dtype != plain.dtype else "",
        "" if convention.bias else ", " + _("biases not counted"),
    )
    return "".join(parts)


def parts_of(explanation: Explanation) -> Iterator[Part]:
    """A part a layer, whole if it is the only one, then the sums and what others publish."""
    whole = len(explanation.layers) == 1 and not explanation.sums
    yield from (
        _layer(layer, whole) for layer in (explanation.layers if whole else explanation.layers.outlines())
    )
    yield from map(_sum, explanation.sums)
    for term in explanation.terms:
        yield from parts_of(term._replace(published=()))
    if explanation.path is not None and explanation.steps:
        answer = explanation.answer
        near = exact_or_near(answer) if isinstance(answer, Fraction) else ""
        steps = tuple((step.title, step.expression) for step in explanation.steps)
        yield Part(explanation.path, steps=steps, notes=((near,),) if near else ())
    if explanation.published:
        yield Part(_("Published"), notes=tuple(map(_published, explanation.published)))


def _layer(layer: LayerExplanation, whole: bool) -> Part:
    before = ", ".join(joined(shape) for shape in layer.row.inputs)
    arrow = f"{before} → " if before else ""
    return Part(
        f"{layer.name} ({layer.kind}): {arrow}{joined(layer.row.output)}",
        layer.summary if whole else "",
        layer.letters if whole else (),
        tuple((step.title, step.expression) for step in layer.steps if whole or _is_compact(step)),
        notes=tuple((note,) for note in layer.notes),
    )


def _is_compact(step: Step) -> bool:
    """Whether a layer in a chain has this step: how its shape comes about, parameters and MACs if there are any."""
    return bool(step.axes) or (step.quantity in COMPACT and bool(value_of(step.expression)))


def _sum(found: Sum) -> Part:
    return Part(f"{found.quantity}: {found.title}", steps=found.terms, total=found.value)


def _published(judged: ComparedFigure) -> tuple[str, ...]:
    """`total.macs 358M: not reproduced, 271,351,808 here (source)`, a note and the reason, if there are any."""
    figure = judged.figure
    here = (
        ""
        if judged.actual is None or judged.verdict == "exact"
        else ", " + _("{value} here").format(value=written(judged.actual))
    )
    line = f"{figure.quantity} {figure.value}: {gettext(VERDICTS[judged.verdict])}{here} ({gettext(figure.source)})"
    return tuple(filter(None, (line, gettext(figure.note or ""), gettext(figure.reason or ""))))
