"""The JSON Schema of assignments against an independent validator, and against what archcalc itself accepts."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from archcalc.cli import main
from archcalc.grading.assignments.assignment import KEYS, load_assignment
from archcalc.grading.assignments.questions import KEYS as QUESTION_KEYS
from archcalc.grading.assignments.schema import assignment_schema
from archcalc.words.errors import ArchcalcError

DOCS = Path(__file__).resolve().parent.parent / "docs"
sys.path.insert(0, str(DOCS))
pages: Any = importlib.import_module("pages")

SCHEMA = assignment_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

ACCEPTED = [
    *(
        block.text
        for block in pages.blocks((DOCS / "grading.md").read_text(encoding="utf-8"))
        if block.info == "assignment"
    ),
    "networks: [alexnet]\nquestions: [{id: 7, ask: conv1.params, points: 0.5, tolerance: 5, batch: 3}]",
    "networks: alexnet\nquestions: [{ask: conv1.macs, points: 1/3, unit: GMACs, unit_points: 0}]",
    "networks: alexnet\npartial: {rule: 50%}\nquestions: [{options: [55x55x96, [1, 2, 3]], ask: conv1.output}]",
    "networks: alexnet\nquestions: [{options: {1: 55, 2: {text: x, ask: 54}}, ask: conv1.output.height}]",
    "networks: alexnet\nquestions: [{ask: 1 + 1, tolerance: {relative: 0.01, absolute: 1, figures: 2}}]",
    "networks: alexnet\nquestions: [{fits: alexnet}, {ask: conv1.params, follows: 1, dtype: int8}]",
]


def faults(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(json.loads(json.dumps(yaml.safe_load(text))))]


def test_it_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("text", ACCEPTED)
def test_what_archcalc_accepts_follows_it(text: str, tmp_path: Path) -> None:
    path = tmp_path / "homework.yaml"
    path.write_text(text, encoding="utf-8")
    load_assignment(path)
    assert faults(text) == []


def test_the_assignment_to_start_from_follows_it(tmp_path: Path) -> None:
    path = tmp_path / "homework.yaml"
    assert main(["grade", "new", str(path)]) == 0
    assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "questions: []",
        "quesions: [{ask: total.params}]",
        "questions: [{aks: total.params}]",
        "questions: [{text: nothing}]",
        "networks: alexnet\nquestions: [{ask: conv1.params, fits: alexnet}]",
        "networks: alexnet\nquestions: [{options: [conv1.params, conv2.params]}]",
        "networks: alexnet\nquestions: [{options: [conv1.params], pick: largest}]",
        "networks: alexnet\nquestions: [{options: [conv1.params, conv2.params], pick: larger}]",
        "networks: alexnet\nquestions: [{ask: conv1.params, points: -1}]",
        "networks: alexnet\nquestions: [{ask: conv1.params, points: much}]",
        "networks: alexnet\nquestions: [{ask: conv1.params, figures: 0}]",
        "networks: alexnet\nquestions: [{ask: conv1.params, partial: {bias-forgoten: 1/2}}]",
        "networks: alexnet\nquestions: [{ask: conv1.params, axes: HCW}]",
        "networks: {a: {layrs: []}}\nquestions: [{ask: conv1.params}]",
        "networks: {a: {input: 3, layers: [{linear: 3, unit: 5}]}}\nquestions: [{ask: total.params}]",
        "numbers: fr\nnetworks: alexnet\nquestions: [{ask: conv1.params}]",
    ],
)
def test_what_it_refuses_archcalc_refuses(text: str, tmp_path: Path) -> None:
    assert faults(text)
    path = tmp_path / "homework.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ArchcalcError):
        load_assignment(path)


def test_it_has_every_key() -> None:
    assert set(SCHEMA["properties"]) == set(KEYS)
    assert set(SCHEMA["$defs"]["question"]["properties"]) == set(QUESTION_KEYS)


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--assignment"]) == 0
    assert json.loads(capsys.readouterr().out) == SCHEMA
