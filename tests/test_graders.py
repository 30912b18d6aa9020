"""The formats of other graders, each held against its documented fields and types.

The schemas are written after the documentation: Gradescope's autograder specifications, the JSON specification
of check50, the export plugin of nbgrader, and PrairieLearn's page on external grading.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from builders import graded, mark

from archcalc.grading.assignments.assignment import load_assignment
from archcalc.grading.model import (
    Assignment,
    Cause,
    Diagnosis,
    Graded,
    Mistake,
    Student,
)
from archcalc.render import graders
from archcalc.render.formats import as_csv
from archcalc.render.formats.encoding import encoded
from archcalc.render.graders import check50, gradescope, nbgrader, prairielearn

TEXT = {"type": "string"}
NUMBER = {"type": "number", "minimum": 0}
FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}


def closed(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


GRADESCOPE = closed(
    [],
    score=NUMBER,
    execution_time=NUMBER,
    output=TEXT,
    output_format=FORMAT,
    test_output_format=FORMAT,
    test_name_format=FORMAT,
    visibility=VISIBILITY,
    stdout_visibility=VISIBILITY,
    extra_data={"type": "object"},
    tests={
        "type": "array",
        "items": closed(
            [],
            score=NUMBER,
            max_score=NUMBER,
            status={"enum": ["passed", "failed"]},
            name=TEXT,
            name_format=FORMAT,
            number=TEXT,
            output=TEXT,
            output_format=FORMAT,
            tags={"type": "array", "items": TEXT},
            visibility=VISIBILITY,
            extra_data={"type": "object"},
        ),
    },
    leaderboard={"type": "array"},
) | {
    # A score on top, or one in each test.
    "anyOf": [
        {"required": ["score"]},
        {"required": ["tests"], "properties": {"tests": {"items": {"required": ["score"]}}}},
    ]
}

CAUSE = {
    "type": "object",
    "properties": {
        "rationale": TEXT,
        "help": {"type": ["string", "null"]},
        "expected": TEXT,
        "actual": TEXT,
        "error": {"type": "object"},
    },
    # These two always appear in a pair.
    "dependentRequired": {"expected": ["actual"], "actual": ["expected"]},
}
ERROR = closed(
    ["type", "value", "traceback", "data"],
    type=TEXT,
    value=TEXT,
    traceback={"type": "array", "items": TEXT},
    data={"type": "object"},
)
CHECK50 = closed(
    ["slug", "version"],
    slug=TEXT,
    error=ERROR,
    results={
        "type": "array",
        "items": closed(
            ["name", "description", "passed", "log", "cause", "data", "dependency"],
            name=TEXT,
            description=TEXT,
            passed={"type": ["boolean", "null"]},
            log={"type": "array", "items": TEXT},
            cause={"anyOf": [CAUSE, {"type": "null"}]},
            data={"type": "object"},
            dependency={"type": ["string", "null"]},
        )
        | {
            # The cause is null if the check passed, and never if it did not.
            "if": {"properties": {"passed": {"const": True}}},
            "then": {"properties": {"cause": {"type": "null"}}},
            "else": {"properties": {"cause": {"type": "object"}}},
        },
    },
    version=TEXT,
) | {"oneOf": [{"required": ["results"]}, {"required": ["error"]}]}

PRAIRIELEARN = {
    # Other keys are allowed, and are not shown: none of ours is to be among them.
    **closed(
        [],
        gradable={"type": "boolean"},
        score={"type": "number", "minimum": 0, "maximum": 1},
        message=TEXT,
        output=TEXT,
        format_errors={"anyOf": [TEXT, {"type": "array", "items": TEXT}]},
        images={"type": "array"},
        tests={
            "type": "array",
            "items": closed(
                ["name"],
                name=TEXT,
                description=TEXT,
                points=NUMBER,
                max_points=NUMBER,
                message=TEXT,
                output=TEXT,
                images={"type": "array"},
            ),
        },
    ),
    "if": {"properties": {"gradable": {"const": False}}, "required": ["gradable"]},
    "else": {"required": ["score"]},
}

SCHEMAS = {"gradescope": GRADESCOPE, "check50": CHECK50, "prairielearn": PRAIRIELEARN}
RESULTS: dict[str, Callable[[Assignment, Graded], dict[str, Any]]] = {
    "gradescope": gradescope.results,
    "check50": check50.results,
    "prairielearn": prairielearn.results,
}

HOMEWORK = """
title: Homework 3
networks: [alexnet]
questions:
  - {id: 1a, text: "Output of conv1?", ask: conv1.output, points: 2}
  - {id: 1b, text: "Parameters of conv2?", ask: conv2.params, points: 3}
  - {id: 2, text: "Memory?", ask: total.memory, unit: MB, unit_points: 1/2}
  - {id: 3, ask: conv1.params}
  - {id: 4, ask: conv1.weights}
  - {id: 5, ask: conv1.biases, points: 0}
"""


@pytest.fixture(scope="module")
def homework(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    path = tmp_path_factory.mktemp("homework") / "hw3.yaml"
    path.write_text(HOMEWORK, encoding="utf-8")
    return load_assignment(path)


BIAS = Diagnosis((Cause((Mistake("bias-forgotten", "rule", "conv2"),), 614400),))


def usual() -> Graded:
    return graded(
        mark("1a", "55x55x96", "right", 2),
        mark("1b", "614400", "partial", Fraction(1, 3), diagnosis=BIAS),
        mark("2", "310", "right", Fraction(1, 2), mistakes=("unit-missing",)),
        mark("3", "\x1b[31m3,145", "ambiguous"),
        mark("4", "", "blank"),
        mark("5", "?", "unreadable"),
        problems=("an answer to no question: 9",),
    )


def faults(form: str, content: Any) -> list[str]:
    """What the documented fields say is wrong in it, as it is read from the JSON that is written."""
    validator = jsonschema.Draft202012Validator(SCHEMAS[form])
    found = json.loads(content if isinstance(content, str) else encoded(content))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(found)]


@pytest.mark.parametrize("form", SCHEMAS)
def test_a_sheet_follows_the_documented_fields(homework: Assignment, form: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[form])
    assert faults(form, RESULTS[form](homework, usual())) == []


@pytest.mark.parametrize("form", SCHEMAS)
def test_so_does_one_that_could_not_be_read(homework: Assignment, form: str) -> None:
    for sheet in (graded(problems=("it is no zip",)), graded()):
        assert faults(form, RESULTS[form](homework, sheet)) == []


@pytest.mark.parametrize(
    ("form", "place", "wrong"),
    [
        ("gradescope", ("score",), "4"),
        ("gradescope", ("visibility",), "always"),
        ("gradescope", ("output_format",), "markdown"),
        ("gradescope", ("max_score",), 10),
        ("gradescope", ("tests", 0, "status"), "right"),
        ("gradescope", ("tests", 0, "points"), 1),
        ("gradescope", ("tests", 0, "number"), 1),
        ("check50", ("results", 0, "passed"), "yes"),
        ("check50", ("results", 0, "cause"), {"rationale": "passed, and yet a cause"}),
        ("check50", ("results", 1, "cause"), None),
        ("check50", ("results", 1, "cause"), {"expected": "1"}),
        ("check50", ("results", 0, "log"), "a line"),
        ("check50", ("error",), {"type": "", "value": "", "traceback": [], "data": {}}),
        ("prairielearn", ("score",), 6.5),
        ("prairielearn", ("gradable",), "no"),
        ("prairielearn", ("tests", 0, "score"), 1),
    ],
)
def test_what_the_documentation_does_not_allow_is_found(
    homework: Assignment, form: str, place: tuple[Any, ...], wrong: Any
) -> None:
    content: Any = RESULTS[form](homework, usual())
    assert faults(form, content) == []
    inner = content
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = wrong
    assert faults(form, content)


def test_gradescope(homework: Assignment) -> None:
    found = gradescope.results(homework, usual())
    # 2 + 1/3 + 1/2, rounded once.
    assert found["score"] == 2.8333
    assert found["visibility"] == "after_published"
    assert gradescope.results(homework, usual(), "visible")["visibility"] == "visible"
    first, second, third, fourth, *_rest = found["tests"]
    assert (first["number"], first["name"], first["score"], first["max_score"]) == (
        "1a",
        "Output of conv1?",
        2,
        2,
    )
    assert [test["status"] for test in found["tests"]] == ["passed", *["failed"] * 5]
    assert first["output"] == "right\nYour answer: 55x55x96"
    assert "The biases were left out in conv2." in second["output"]
    assert "The right answer: 614,656" in second["output"]
    assert "The unit is missing." in third["output"]
    assert fourth["tags"] == ["to-decide"]
    assert "an answer to no question: 9" in found["output"]


def test_check50(homework: Assignment) -> None:
    found = check50.results(homework, usual())
    assert found["slug"] == "hw3"
    assert [check["passed"] for check in found["results"]] == [True, False, False, None, False, None]
    wrong = found["results"][1]["cause"]
    assert (wrong["expected"], wrong["actual"]) == ("614,656", "614400")
    assert wrong["rationale"] == "Partly right"
    assert wrong["help"] == "The biases were left out in conv2."
    names = [check["name"] for check in found["results"]]
    assert names == ["1a", "1b", "2", "3", "4", "5"]
    assert check50.results(homework, graded(problems=("it is no zip",)))["error"]["value"] == "it is no zip"


def test_prairielearn(homework: Assignment) -> None:
    found = prairielearn.results(homework, usual())
    # (2 + 1/3 + 1/2) of 8 points: 17/48.
    assert (found["gradable"], found["score"]) == (True, 0.3542)
    assert found["tests"][1]["message"] == "Partly right. The biases were left out in conv2."
    unread = prairielearn.results(homework, graded(problems=("it is no zip",)))
    assert (unread["gradable"], unread["format_errors"]) == (False, ["it is no zip"])


@pytest.mark.parametrize("form", SCHEMAS)
def test_no_score_has_digits_that_nobody_gave(homework: Assignment, form: str) -> None:
    third = Fraction(1, 3)
    sheet = graded(*(mark(question.id, "1", "partial", third) for question in homework.questions))
    numbers: list[Any] = []

    def gather(value: Any) -> None:
        if isinstance(value, dict):
            for inner in value.values():
                gather(inner)
        elif isinstance(value, list):
            for inner in value:
                gather(inner)
        elif isinstance(value, float):
            numbers.append(value)

    gather(json.loads(encoded(RESULTS[form](homework, sheet))))
    assert numbers
    assert all(len(repr(number)) <= 6 for number in numbers), numbers


@pytest.mark.parametrize("form", SCHEMAS)
def test_no_escape_is_in_what_is_shown(homework: Assignment, form: str) -> None:
    texts = _texts(RESULTS[form](homework, usual()))
    assert any("3,145" in text for text in texts)
    assert all("\x1b" not in text for text in texts)


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []


def test_an_assignment_without_points(homework: Assignment) -> None:
    free = homework._replace(questions=homework.questions[5:])
    assert prairielearn.results(free, graded(mark("5", "1", "wrong")))["score"] == 0


# --- nbgrader ----------------------------------------------------------------------------------------------

# The fields that nbgrader's CSV exporter writes, in its order.
FIELDS = (
    "assignment,duedate,timestamp,student_id,last_name,first_name,email,"
    "raw_score,late_submission_penalty,score,max_score"
)


def written(homework: Assignment, *sheets: Graded) -> str:
    return as_csv.write(nbgrader.HEADER, (nbgrader.record(homework, sheet) for sheet in sheets))


def test_nbgrader(homework: Assignment) -> None:
    text = written(homework, graded(*usual().marks, name="Ana Souza", email="ana@example.org"), graded())
    assert text.splitlines() == [
        FIELDS,
        "hw3,,,ana,Souza,Ana,ana@example.org,2.8333,0.0,2.8333,8.0",
        # nbgrader has a score of 0 for who handed nothing in.
        "hw3,,,ana,,,,0.0,0.0,0.0,8.0",
    ]


@pytest.mark.parametrize(
    ("name", "last", "first"),
    [
        ("Ana Souza", "Souza", "Ana"),
        ("Ana Maria Souza", "Souza", "Ana Maria"),
        ("Souza, Ana Maria", "Souza", "Ana Maria"),
        ("Ana", "Ana", ""),
        ("", "", ""),
    ],
)
def test_names_are_taken_apart(name: str, last: str, first: str) -> None:
    assert nbgrader.names(Student("x", name)) == (last, first)


def test_a_row_has_as_many_cells_as_fields_whatever_is_in_it(homework: Assignment) -> None:
    hostile = 'a,b "c"\n=1'
    (row,) = csv.DictReader(
        io.StringIO(written(homework, graded(id=hostile, name=hostile, email=f"={hostile}")))
    )
    assert list(row) == FIELDS.split(",")
    assert row["email"].startswith("'=")
    assert all(float(row[field]) >= 0 for field in row if "score" in field or "penalty" in field)


def test_a_grader_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module in the folder of graders is found by its name, with the file that it says; those of ours are there."""
    ours = {"check50", "gradescope", "nbgrader", "prairielearn"}
    assert set(graders.every()) == ours
    (tmp_path / "other.py").write_text(
        "from archcalc.render.graders import STUDENT, Grader\n"
        'GRADER = Grader(f"other/{STUDENT}.json", lambda _assignment, graded: {"open": graded.open})\n',
        encoding="utf-8",
    )
    graders.every.cache_clear()
    with monkeypatch.context() as patched:
        patched.setattr(graders, "__path__", [*graders.__path__, str(tmp_path)])
        found = graders.every()
    graders.every.cache_clear()
    sys.modules.pop("archcalc.render.graders.other", None)
    assert set(found) == {*ours, "other"}
    assert found["other"].file == "other/STUDENT.json"
