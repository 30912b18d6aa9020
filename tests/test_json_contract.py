"""What `--format json` writes follows docs/output.schema.json, by an independent validator."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from builders import runner

from archcalc.cli.program import program
from archcalc.layers import KINDS
from archcalc.spec.catalog import names

DOCS = Path(__file__).resolve().parent.parent / "docs"
SCHEMA = json.loads((DOCS / "output.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def output(*arguments: str) -> Any:
    result = runner().invoke(program, [*arguments, "--format", "json"], catch_exceptions=False)
    return json.loads(result.stdout)


def faults(content: Any) -> list[str]:
    """What the schema of this very output finds wrong in it."""
    name = re.fullmatch(r"archcalc\.(\w+)/1", content["schema"])
    assert name is not None
    validator = VALIDATOR.evolve(schema={"$ref": f"#/$defs/{name[1]}", "$defs": SCHEMA["$defs"]})
    assert VALIDATOR.is_valid(content) == validator.is_valid(content)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(content)]


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", names())
def test_summaries_follow_it(name: str) -> None:
    assert faults(output("summary", name, "--batch", "3", "--no-bias")) == []


@pytest.mark.parametrize("name", KINDS)
def test_the_documentation_of_a_kind_follows_it(name: str) -> None:
    assert faults(output("layers", name)) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("compare", "lenet5", "googlenet", "alexnet"),
        ("list",),
        ("layers",),
        ("explain", "googlenet"),
        ("explain", "inception-reduced", "total.macs"),
        ("explain", "alexnet", "conv1.output"),
        ("explain", "alexnet", "conv1.kernel"),
        ("explain", "alexnet", "conv1.receptive_field"),
        ("check", "lenet5", "vit-b16", "--no-torch"),
        ("grade", "lectures"),
    ],
    ids=" ".join,
)
def test_other_output_follows_it(arguments: tuple[str, ...]) -> None:
    assert faults(output(*arguments)) == []


HOMEWORK = """
title: Homework
networks: {lenet: lenet5, vgg: vgg16, thin: {input: [1, 7, 7], layers: [{conv: 1, kernel: 3, stride: 3}]}}
questions:
  - {id: 1a, ask: lenet:c1.output, points: 1/3}
  - {id: 1b, ask: lenet:c1.params, points: 3, bias: false, partial: {bias-counted: 1/2}}
  - {id: 2, ask: "vgg:total.memory(batch=128)", unit: GB, unit_points: 1/2, tolerance: 1%}
  - {id: 3, ask: "vgg:total.params / lenet:total.params"}
  - {id: 4, options: {a: lenet:total.params, b: vgg:total.params}, pick: largest}
  - {id: 5, fits: thin}
  - {id: 6, ask: "$1b * 2", figures: 2}
"""
SHEETS = """student,name,1a,1b,2,3,4,5,6
ana,Ana,6x28x28,156,8.4 GB,2.242,b,no,312
bo,Bo,28x28,150,8.4,"3,145",a,yes,300
cy,,,,?,,,,
dora,=1+1,6x27x27,1,7.8,x,c,maybe,2
"""


@pytest.fixture(scope="module")
def homework(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("homework")
    (folder / "hw.yaml").write_text(HOMEWORK, encoding="utf-8")
    (folder / "answers.csv").write_text(SHEETS, encoding="utf-8")
    return str(folder / "hw.yaml"), str(folder / "answers.csv")


def test_keys_follow_it(homework: tuple[str, str]) -> None:
    assert faults(output("grade", "key", homework[0])) == []


def test_grades_follow_it(homework: tuple[str, str]) -> None:
    content = output("grade", *homework)
    assert faults(content) == []
    assert [faults(sheet) for sheet in content["sheets"]] == [[]] * 4
    assert faults(content["class"]) == []
    found = {mark["verdict"] for sheet in content["sheets"] for mark in sheet["marks"]}
    assert {"right", "wrong", "partial", "followed", "blank", "unreadable"} <= found


@pytest.mark.parametrize(
    ("part", "key", "wrong"),
    [
        ("sheets", "points", "1/3"),
        ("sheets", "verdict", "right"),
        ("sheets", "marks", [{"question": "1a"}]),
        ("class", "mean", "–"),
        ("class", "histogram", [1]),
        ("class", "nobody", "6"),
    ],
)
def test_wrong_grades_are_found(homework: tuple[str, str], part: str, key: str, wrong: Any) -> None:
    content = output("grade", *homework)
    inner = content[part][0] if part == "sheets" else content[part]
    inner[key] = wrong
    assert faults(content)


@pytest.mark.parametrize(
    ("key", "wrong"),
    [("verdict", "fine"), ("topic", "cats"), ("figures", [{}]), ("not_calculated", ""), ("extra", 1)],
)
def test_wrong_lectures_are_found(key: str, wrong: Any) -> None:
    content = output("grade", "lectures", "4")
    content["decks"][0]["statements"][0][key] = wrong
    assert faults(content)


def test_fractions_and_branches_without_one_field_follow_it(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(
        "input: [4, 8, 8]\n"
        "layers:\n"
        "  - {conv_transpose: 4, kernel: 2, stride: 2, name: up}\n"
        "  - {concat: [[], [{max_pool: 2}, {upsample: 2}]], name: join}\n"
        "  - {conv: 4, kernel: 1, name: a}\n"
        "  - {mul: [[], [global_avg_pool, {reshape: [4, 1, 1]}]]}\n",
        encoding="utf-8",
    )
    content = output("summary", str(path))
    fields = {layer["name"]: layer["receptive_field"] for layer in content["layers"]}
    assert fields["up"]["stride"] == ["1/2", "1/2"]
    assert faults(content) == []


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("totals", {}),
        ("input", [3, 0, 3]),
        ("batch", "1"),
        ("network", None),
        ("layers", [{"name": "conv1"}]),
        ("extra", 1),
    ],
)
def test_wrong_output_is_found(key: str, wrong: Any) -> None:
    assert faults({**output("summary", "lenet5"), key: wrong})


def test_a_key_that_is_missing_is_found() -> None:
    content = output("summary", "lenet5")
    del content["layers"][0]["cost"]
    assert faults(content) == ["$.layers[0]: 'cost' is a required property"]


@pytest.mark.parametrize("command", ["summary", "explain"])
def test_the_convention_is_required_of_whatever_has_one(command: str) -> None:
    content = output(command, "lenet5")
    for key in ("batch", "dtype", "counts_bias"):
        assert faults({name: value for name, value in content.items() if name != key}) == [
            f"$: '{key}' is a required property"
        ]


def test_every_schema_that_is_written_is_in_the_contract() -> None:
    package = DOCS.parent / "archcalc"
    written = {
        name
        for path in (*package.glob("render/**/*.py"), *package.glob("cli/**/*.py"))
        for name in re.findall(r'"archcalc\.(\w+)/1"', path.read_text(encoding="utf-8"))
    }
    assert {part["$ref"] for part in SCHEMA["oneOf"]} == {f"#/$defs/{name}" for name in written}
    text = (DOCS / "json.md").read_text(encoding="utf-8")
    assert [name for name in sorted(written) if f"`archcalc.{name}/1`" not in text] == []


def test_the_page_has_every_key() -> None:
    text = (DOCS / "json.md").read_text(encoding="utf-8")
    definitions = SCHEMA["$defs"]
    for part in ("totals", "row"):
        for key in definitions[part]["properties"]:
            assert f"`{key}`" in text, key
