"""An Explanation as JSON, in pieces: what stands in it many times is laid out once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from archcalc.algebra.notation import MOST_REMEMBERED, Derivations, derivation
from archcalc.algebra.symbols import value_of
from archcalc.derivations.explanation import Explanation, LayerExplanation
from archcalc.derivations.sums import Sum
from archcalc.derivations.working import Letter
from archcalc.layers.base import Number
from archcalc.render.formats.encoding import ITEM, encoded, entries, laid_out, mapping, sequence, streamed

SCHEMA = "archcalc.explain/1"

DEEP = ITEM + 2
"""How deep letters, steps and terms stand: in a list of a layer or a sum."""


def json(explanation: Explanation) -> Iterator[str]:
    """The working as one JSON object, schema `archcalc.explain/1`."""
    convention, worked = explanation.convention, Derivations(_worked)
    every = (explanation, *explanation.terms)
    arithmetic = {
        "arithmetic": [
            {
                "quantity": step.quantity,
                "value": value_of(step.expression),
                "text": derivation(step.expression),
                "latex": derivation(step.expression, "latex"),
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
            "layers": (_layer(layer, worked) for each in every for layer in each.layers),
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


def _layer(layer: LayerExplanation, worked: Derivations) -> str:
    return mapping(
        ITEM,
        entries(
            ITEM,
            name=encoded(layer.name),
            kind=encoded(layer.kind),
            inputs=_shapes(layer.row.inputs),
            output=_shapes(layer.row.output),
            letters=sequence(ITEM + 1, list(map(_letter, layer.letters))),
            steps=sequence(ITEM + 1, [_step(step.quantity, step.expression, worked) for step in layer.steps]),
            notes=laid_out(ITEM + 1, layer.notes) if layer.notes else "[]",
        ),
    )


def _sum(found: Sum, worked: Derivations) -> str:
    terms = sequence(ITEM + 1, [_step(term.name, term.expression, worked) for term in found.terms])
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


def _step(quantity: str, expression: Number, worked: Derivations) -> str:
    return mapping(DEEP, _named(quantity), worked(expression))


def _worked(expression: Number) -> str:
    """What JSON has of a number: its value and how it comes about."""
    return entries(
        DEEP,
        value=encoded(value_of(expression)),
        text=encoded(derivation(expression)),
        latex=encoded(derivation(expression, "latex")),
    )
