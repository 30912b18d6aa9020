"""An Explanation as JSON, in pieces: what stands in it many times is laid out once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from archcalc.algebra.notation import MOST_REMEMBERED, Derivations, Made, derivations
from archcalc.algebra.symbols import value_of
from archcalc.derivations.explanation import Explanation, LayerExplanation
from archcalc.derivations.sums import Sum
from archcalc.derivations.working import Letter, Step
from archcalc.layers.base import Number
from archcalc.render.formats.encoding import ITEM, encoded, entries, laid_out, mapping, sequence, streamed

SCHEMA = "archcalc.explain/1"

DEEP = ITEM + 2
"""How deep letters, steps and terms stand: in a list of a layer or a sum."""


def json(explanation: Explanation) -> Iterator[str]:
    """The working as one JSON object, schema `archcalc.explain/1`."""
    convention, worked = explanation.convention, Derivations(_worked)
    stepped: Made[Step] = Made(lambda step: _entered(step.quantity, worked(step.expression)))
    every = (explanation, *explanation.terms)
    arithmetic = {
        "arithmetic": [
            {
                "quantity": step.quantity,
                "value": value_of(step.expression),
                **dict(zip(("text", "latex"), derivations(step.expression, "text", "latex"), strict=True)),
            }
            for step in explanation.steps
        ]
    }
    return streamed(
        SCHEMA,
        {
            "network": explanation.network,
            "path": explanation.path,
            "batch": convention.batch,
            "dtype": convention.dtype,
            "counts_bias": convention.bias,
            "answer": explanation.answer,
            "layers": (_layer(layer, stepped) for each in every for layer in each.layers),
            "sums": (_sum(found, worked) for each in every for found in each.sums),
            **(arithmetic if explanation.terms or explanation.steps else {}),
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
        },
    )


_LAYER = mapping(
    ITEM,
    entries(
        ITEM,
        **dict.fromkeys(("name", "kind", "inputs", "output", "letters", "steps", "notes"), "%s"),
    ),
)


def _layer(layer: LayerExplanation, stepped: Made[Step]) -> str:
    return _LAYER % (
        encoded(layer.name),
        encoded(layer.kind),
        _shapes(layer.row.inputs),
        _shapes(layer.row.output),
        sequence(ITEM + 1, list(map(_letter, layer.letters))),
        sequence(ITEM + 1, list(map(stepped, layer.steps))),
        laid_out(ITEM + 1, layer.notes) if layer.notes else "[]",
    )


def _sum(found: Sum, worked: Derivations) -> str:
    terms = sequence(ITEM + 1, [_entered(term.name, worked(term.expression)) for term in found.terms])
    about = entries(ITEM, quantity=encoded(found.quantity), value=encoded(found.value), terms=terms)
    return mapping(ITEM, about)


@lru_cache(maxsize=MOST_REMEMBERED)
def _shapes(shapes: tuple[object, ...]) -> str:
    return laid_out(ITEM + 1, shapes)


@lru_cache(maxsize=MOST_REMEMBERED)
def _letter(letter: Letter) -> str:
    return laid_out(DEEP, letter._asdict())


@lru_cache(maxsize=MOST_REMEMBERED)
def _named(quantity: str) -> str:
    return entries(DEEP, quantity=encoded(quantity))


_STEP = mapping(DEEP, "%s", "%s")
_WORKED = entries(DEEP, **dict.fromkeys(("value", "text", "latex"), "%s"))


def _entered(quantity: str, working: str) -> str:
    return _STEP % (_named(quantity), working)


def _worked(expression: Number) -> str:
    """What JSON has of a number: its value and how it comes about."""
    text, latex = derivations(expression, "text", "latex")
    return _WORKED % (encoded(value_of(expression)), encoded(text), encoded(latex))
