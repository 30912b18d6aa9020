"""The JSON Schema of assignments, for editors: every key with what it means.

Like that of specs it describes what a YAML loader makes of a file, and is as strict as can be without refusing
what archcalc accepts. Names of networks and of layers it cannot know.
"""

from __future__ import annotations

import re
from typing import Any

from archcalc.algebra.units import DTYPES
from archcalc.grading import codes
from archcalc.grading.assignments.assignment import MOST_QUESTIONS
from archcalc.grading.assignments.fields import MOST_FIGURES
from archcalc.grading.assignments.options import MOST_OPTIONS
from archcalc.grading.assignments.questions import AXES
from archcalc.grading.mistakes.instead import QUANTITIES
from archcalc.reference.schema import DIALECT, Schema, spec_schema
from archcalc.results.analysis import LARGEST_BATCH
from archcalc.words.language import LANGUAGES

_TEXT: Schema = {"type": ["string", "number", "boolean"]}
_AMOUNT: Schema = {
    "anyOf": [
        {"type": "number", "minimum": 0},
        {"type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?(/[0-9]+)?%?\s*$"},
    ]
}
_SHARE: Schema = {
    "anyOf": [
        {"type": "number", "minimum": 0, "maximum": 1},
        {"type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?(/[0-9]+)?%?\s*$"},
    ]
}
_ABSOLUTE: Schema = {"anyOf": [_AMOUNT, {"type": "string"}]}
_FIGURES: Schema = {"type": "integer", "minimum": 1, "maximum": MOST_FIGURES}
_ASKED: Schema = {
    "type": ["string", "number"],
    "examples": [
        "conv1.output",
        "vgg16:total.macs / alexnet:total.macs",
        "$1b * 4",
        "receptive_field(pool1)",
    ],
}


def assignment_schema() -> Schema:
    """The JSON Schema (draft 2020-12) of an assignment."""
    spec = spec_schema()
    defined = spec.pop("$defs")
    del spec["$schema"]
    return {
        "$schema": DIALECT,
        "title": "archcalc assignment",
        "description": "Questions about networks; their answers are computed.",
        "type": "object",
        "properties": _top(),
        "required": ["questions"],
        "additionalProperties": False,
        "$defs": {
            **defined,
            "spec": spec,
            "network": _network(),
            "question": _question(),
            "partial": _partial(),
            "share": _SHARE,
        },
    }


def _said(what: Schema, description: str) -> Schema:
    return {**what, "description": description}


def _top() -> Schema:
    languages = {"enum": list(LANGUAGES)}
    network = {"$ref": "#/$defs/network"}
    return {
        "title": _said(_TEXT, "What key, feedback and reports are headed."),
        "description": _said(_TEXT, "What it is about, for whoever reads the file."),
        "language": _said(languages, "The language of key, feedback and reports."),
        "numbers": _said(languages, "How the class writes numbers: en 1,234.5, pt-BR 1.234,5."),
        "lenient": _said(
            {"type": "boolean"}, "Whether a number that reads in two ways is read by `numbers`, not flagged."
        ),
        "networks": {
            "description": "The networks by the names that the questions use.",
            "anyOf": [
                {"type": "object", "additionalProperties": network},
                {"type": "array", "items": _TEXT},
                {"type": "string"},
            ],
        },
        "questions": {
            "description": "The questions, in their order.",
            "type": "array",
            "items": {"$ref": "#/$defs/question"},
            "minItems": 1,
            "maxItems": MOST_QUESTIONS,
        },
        **_shared(),
    }


def _network() -> Schema:
    return {
        "description": "A name of the catalogue, a path beside this file, a spec, or another one changed.",
        "anyOf": [
            _TEXT,
            {
                "type": "object",
                "properties": {
                    "network": _said(_TEXT, "A name of the catalogue, or a path beside this file."),
                    "set": _said({"type": "object"}, "Other values for its parameters."),
                    "input": _said({"type": ["array", "integer"]}, "Another input: channels, height, width."),
                },
                "required": ["network"],
                "additionalProperties": False,
            },
            {"$ref": "#/$defs/spec"},
        ],
    }


def _shared() -> dict[str, Any]:
    """The keys of a question that may stand at the top too."""
    widest: Schema = {
        "type": "object",
        "properties": {
            "relative": _said(_SHARE, "A share of the right answer: 1%."),
            "absolute": _said(_ABSOLUTE, "So much, in the unit of the question or with its own: 100 MB."),
            "figures": _said(_FIGURES, "Significant figures that have to be right."),
        },
        "additionalProperties": False,
    }
    return {
        "points": _said(_AMOUNT, "What a question is worth: 2, 0.5, 1/3; 1 if nothing is said."),
        "unit_points": _said(_AMOUNT, "The part of the points that a missing or wrong unit costs."),
        "tolerance": _said(
            {"anyOf": [_ABSOLUTE, widest]}, "How near an answer has to be: 1%, 0.5, 100 MB, exact."
        ),
        "figures": _said(_FIGURES, "Significant figures that have to be right, rounded or truncated."),
        "partial": {"$ref": "#/$defs/partial"},
        "bias": _said({"type": "boolean"}, "Whether params counts biases."),
        "batch": _said(
            {"type": "integer", "minimum": 1, "maximum": LARGEST_BATCH},
            "Inputs at a time, for cost, activations and memory.",
        ),
        "dtype": _said({"enum": list(DTYPES)}, "The type of a number, for memory."),
        "axes": _said({"enum": list(AXES)}, "The order of a shape's axes that is right."),
    }


def _partial() -> Schema:
    counted = "|".join(QUANTITIES)
    pairs = re.compile(f"({counted})-for-({counted})")
    named = [code for code in codes.known() if not pairs.fullmatch(code)]
    return {
        "description": "The share of the points for a wrong answer that a known mistake explains.",
        "type": "object",
        "properties": {code: {"$ref": "#/$defs/share"} for code in (*codes.SORTS, *named)},
        "patternProperties": {f"^({counted})-for-({counted})$": {"$ref": "#/$defs/share"}},
        "additionalProperties": False,
    }


def _question() -> Schema:
    option = {
        "anyOf": [
            _ASKED,
            {"type": "array", "items": {"type": "integer"}},
            {
                "type": "object",
                "properties": {"text": _TEXT, "ask": {"anyOf": [_ASKED, {"type": "array"}]}},
                "required": ["ask"],
                "additionalProperties": False,
            },
        ]
    }
    several = {
        "anyOf": [
            {"type": "object", "additionalProperties": option, "minProperties": 2},
            {"type": "array", "items": option, "minItems": 2, "maxItems": MOST_OPTIONS},
        ]
    }
    names = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
    return {
        "type": "object",
        "properties": {
            "id": _said(_TEXT, "What sheets, gradebook and other questions call it; else its number."),
            "text": _said(_TEXT, "What is asked, in words."),
            "ask": _said(_ASKED, "A quantity, arithmetic of quantities, or a comparison."),
            "options": _said(several, "What may be chosen, by label, or a list called a, b, c."),
            "pick": _said({"enum": ["largest", "smallest"]}, "Which option is right."),
            "fits": _said(_TEXT, "A network: whether every window fits its input without a rest."),
            "unit": _said(_TEXT, "The unit of an answer without one: MB, GiB, GMACs, MFLOPs, M, %."),
            "follows": _said(names, "Earlier questions from whose answers it may be worked out."),
            **_shared(),
        },
        "oneOf": [
            {"required": ["ask"]},
            {"required": ["fits"], "not": {"required": ["options"]}},
            {"required": ["pick", "options"]},
        ],
        "additionalProperties": False,
    }
