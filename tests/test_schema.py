"""The JSON Schema of the spec language against an independent validator, and against what archcalc itself accepts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from archcalc import api
from archcalc.layers import KINDS
from archcalc.reference.schema import DIALECT, spec_schema
from archcalc.spec._specs import specs_directory
from archcalc.spec.spec import ITEM_KEYS, STRUCTURE_KEYS
from archcalc.words.errors import SpecError

SHIPPED = sorted(Path(specs_directory()).rglob("*.yaml"))
VALIDATOR = jsonschema.Draft202012Validator(spec_schema())


def as_json(value: Any) -> Any:
    """What a YAML loader gives, as JSON has it: keys are texts."""
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    return [as_json(item) for item in value] if isinstance(value, list) else value


def faults(text: str) -> list[str]:
    """What the schema finds wrong in a spec, with all that would have to be otherwise."""
    errors = [*VALIDATOR.iter_errors(as_json(yaml.safe_load(text)))]
    found = []
    while errors:
        error = errors.pop()
        errors += error.context
        found.append(f"{error.json_path}: {error.message}")
    return found


def spec(*items: str, top: str = "") -> str:
    """A spec on feature maps of 8×16×16 with these items."""
    return "\n".join(["input: [8, 16, 16]", *top.splitlines(), "layers:", *(f"  - {item}" for item in items)])


# --- the schema --------------------------------------------------------------------------------------------


def test_the_schema_is_one() -> None:
    schema = spec_schema()
    assert schema["$schema"] == DIALECT
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema


def test_a_schema_that_is_none_is_caught() -> None:
    with pytest.raises(jsonschema.SchemaError):
        jsonschema.Draft202012Validator.check_schema({**spec_schema(), "properties": ["name"]})


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def test_what_is_defined_is_used_and_what_is_used_is_defined() -> None:
    schema = spec_schema()
    assert {f"#/$defs/{name}" for name in schema["$defs"]} == set(references(schema))


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_there_with_its_keys_and_what_they_mean(name: str) -> None:
    definition = spec_schema()["$defs"][f"kind_{name}"]
    properties = definition["properties"]
    assert set(properties) == {name, *KINDS[name].__struct_fields__, *ITEM_KEYS, "weights"}
    assert all(properties[field]["description"] for field in (name, *KINDS[name].__struct_fields__))


@pytest.mark.parametrize("name", KINDS)
def test_no_key_of_a_kind_means_something_else(name: str) -> None:
    taken = {*KINDS, *ITEM_KEYS, *STRUCTURE_KEYS, "weights"}
    assert not taken & set(KINDS[name].__struct_fields__)


def test_a_default_is_what_the_kind_has() -> None:
    definition = spec_schema()["$defs"]["kind_max_pool"]
    assert definition["properties"]["padding"]["default"] == 0
    assert definition["properties"]["ceil"]["default"] is False
    assert "default" not in definition["properties"]["window"]


# --- what ships --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_spec_follows_the_schema(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []


def test_specs_ship() -> None:
    assert len(SHIPPED) >= 20


# --- right and wrong ---------------------------------------------------------------------------------------

RIGHT = {
    "words": spec("relu", "{relu: , name: r}", "{relu: ~}"),
    "the main key by its name": spec("{conv: , filters: 4, kernel: 3}"),
    "arithmetic": spec("{conv: $channels * 2, kernel: [$k, 3], padding: $k // 2}", top="parameters: {k: 3}"),
    "a list an axis": spec("{conv: 4, kernel: [3, 1], stride: [1, 2], padding: [[1, 0], 0]}"),
    "padding by name": spec("{conv: 4, kernel: 3, padding: same}", "{max_pool: 2, padding: valid}"),
    "depthwise": spec("{conv: 8, kernel: 3, groups: depthwise}"),
    "numbers as names": spec(
        "{relu: , name: 1_1}", "{relu: , name: no}", "{relu: , name: 7}", "{mul: [[], [{from: 1_1}]]}"
    ),
    "an exponent without a point": spec("{lrn: 5, alpha: 1e-4}", "{leaky_relu: 1.5e-3}"),
    "a whole number for a factor": spec("{scale: 2}"),
    "factors": spec("{scale: [1, 2, 3, 4, 5, 6, 7, 0.8], per: channel}", "{scale: learned}"),
    "branches in a list": spec("{add: [[], [relu]]}"),
    "branches by name": spec("{concat: {1: [], 2: [relu]}, axis: 0, name: join}"),
    "a group": spec("{layers: [relu, {dropout: 0.1}], repeat: 3, name: g}"),
    "a condition": spec("{relu: , repeat: true}", "{tanh: , repeat: $channels > 8}"),
    "nothing repeated": spec("{relu: , repeat: 0}", "tanh"),
    "from": spec("{relu: , name: a}", "{tanh: , name: b}", "{add: [[], [{from: a, as: x}]]}"),
    "heads": spec(
        "relu", "{head: box, layers: [{conv: 4, kernel: 1}]}", "{auxiliary: aux, layers: [flatten]}", "tanh"
    ),
    "shared weights": spec("{conv: 8, kernel: 1, name: a}", "{conv: 8, kernel: 1, weights: a}"),
    "blocks": spec(
        "{twice: 4}",
        "{twice: [4, 1], name: t}",
        "{twice: {width: 4}}",
        "{twice: , width: $w, repeat: 2}",
        "plain",
        top="parameters: {w: 4}\nblocks:\n  twice: {parameters: {width, kernel: 3}, layers: "
        "[{conv: $width, kernel: $kernel}]}\n  plain: {description: nothing, layers: [relu]}",
    ),
    "imports": spec("{stem: , name: conv1}", top="import: blocks/resnet.yaml"),
    "several imports": spec("stem", top="import: [blocks/resnet.yaml, blocks/inception.yaml]"),
    "a vector": "input: 784\nlayers: [{linear: 10}]",
    "what is published": spec(
        "relu", top="published: [{quantity: total.params, value: 0, source: 'page 3', note: it is a relu}]"
    ),
    "several figures": spec(
        "relu", top="published: [{figures: {total.params: 0, relu1.output: 8x16x16}, source: page 3}]"
    ),
    "what it is about": spec("relu", top="name: Small\nyear: 2015\nsource: nobody\nstrict: true"),
}
"""Specs that archcalc and its schema both take."""

BLOCK = "blocks:\n  twice: {parameters: {width}, layers: [{conv: $width, kernel: 3}]}"

WRONG = {
    "no layers": "input: [8, 16, 16]",
    "no input": "layers: [relu]",
    "an empty list of layers": "input: [8, 16, 16]\nlayers: []",
    "a mapping for the layers": "input: [8, 16, 16]\nlayers: {conv: 8, kernel: 3}",
    "an unknown key at the top": spec("relu", top="inputs: [1, 2, 3]"),
    "a shape with a zero": "input: [8, 0, 16]\nlayers: [relu]",
    "a shape with a fraction": "input: [8, 1.5, 16]\nlayers: [relu]",
    "a shape of nothing": "input: []\nlayers: [relu]",
    "a shape in words": "input: [8, wide]\nlayers: [relu]",
    "an unknown word": spec("rellu"),
    "an unknown kind": spec("{convolution: 8, kernel: 3}"),
    "an unknown key": spec("{conv: 8, kernal: 3}"),
    "a word for a kind that needs more": spec("conv"),
    "a kind without what it needs": spec("{conv: 8}"),
    "a kind without its main value": spec("{conv: , kernel: 3}"),
    "the main value twice": spec("{conv: 8, filters: 8, kernel: 3}"),
    "two kinds in one item": spec("{conv: 8, kernel: 3, relu: }"),
    "a negative number": spec("{conv: -8, kernel: 3}"),
    "a zero": spec("{conv: 8, kernel: 0}"),
    "a zero in a list": spec("{conv: 8, kernel: [3, 0]}"),
    "a fraction": spec("{conv: 8.5, kernel: 3}"),
    "a huge number": spec("{conv: 8, kernel: 10000000000}"),
    "a text for a number": spec("{conv: eight, kernel: 3}"),
    "a quoted number": spec("{conv: '8', kernel: 3}"),
    "a truth value for a number": spec("{conv: true, kernel: 3}"),
    "a number for a truth value": spec("{conv: 8, kernel: 3, bias: 1}"),
    "a word that is no mode": spec("{conv: 8, kernel: 3, padding: full}"),
    "three ends of one axis": spec("{conv: 8, kernel: 3, padding: [[1, 1, 1], 0]}"),
    "a mapping for a value": spec("{conv: 8, kernel: {height: 3}}"),
    "an empty list": spec("{conv: 8, kernel: []}"),
    "a rate above 1": spec("{dropout: 1.5}"),
    "a rate without end": spec("{dropout: .inf}"),
    "settings for what has none": spec("{relu: 3}"),
    "a key without a value": spec("{conv: 8, kernel: 3, stride: }"),
    "a key by accident": spec("{conv: 8, kernel: 3, stem}"),
    "a name with a dot": spec("{relu: , name: a.b}"),
    "a name with a space": spec("{relu: , name: a b}"),
    "a name that means something else": spec("{relu: , name: total}"),
    "a name that is a list": spec("{relu: , name: [a]}"),
    "a negative repeat": spec("relu", "{relu: , repeat: -1}"),
    "a repeat without end": spec("{relu: , repeat: 1000000000}"),
    "half a repeat": spec("{relu: , repeat: 1.5}"),
    "one branch": spec("{add: [[]]}"),
    "branches that are no lists": spec("{add: [relu, tanh]}"),
    "a join as a word": spec("concat"),
    "an unknown word in a branch": spec("{add: [[], [rellu]]}"),
    "a list for an item": spec("[relu, tanh]"),
    "nothing for an item": "input: [8, 16, 16]\nlayers:\n  - relu\n  -",
    "a group with a key too many": spec("{layers: [relu], kernel: 3}"),
    "a name beside from": spec("relu", "{from: relu1, name: b}"),
    "a head without layers": spec("relu", "{head: box}", "tanh"),
    "a head with no layers": spec("relu", "{head: box, layers: []}", "tanh"),
    "a head that is repeated": spec("relu", "{head: box, layers: [flatten], repeat: 2}", "tanh"),
    "strict in quotes": spec("relu", top="strict: 'true'"),
    "a title without text": spec("relu", top="name:"),
    "an argument that is missing": spec("{twice: [~]}", top=BLOCK),
    "strict in words": spec("relu", top="strict: very"),
    "parameters in a list": spec("relu", top="parameters: [classes]"),
    "a parameter without a value": spec("relu", top="parameters: {classes: }"),
    "a parameter named like a kind": spec("relu", top="parameters: {conv: 3}"),
    "a parameter with a dash": spec("relu", top="parameters: {a-b: 3}"),
    "a block named like a kind": spec("relu", top="blocks: {conv: {layers: [relu]}}"),
    "a block named like a key": spec("relu", top="blocks: {repeat: {layers: [relu]}}"),
    "a block without layers": spec("relu", top="blocks: {twice: {parameters: {width}}}"),
    "a block with a key too many": spec("relu", top="blocks: {twice: {layers: [relu], arguments: {a}}}"),
    "an argument that is a mapping": spec("{twice: , width: {a: {b: 3}}}", top=BLOCK),
    "a block beside a kind": spec("{twice: 4, conv: 4}", top=BLOCK),
    "a published figure without a source": spec("relu", top="published: [{quantity: a.b, value: 3}]"),
    "a published figure with a key too many": spec(
        "relu", top="published: [{quantity: total.params, value: 0, source: x, page: 3}]"
    ),
    "a published figure without a value": spec("relu", top="published: [{quantity: a.b, source: x}]"),
    "a published figure beside several": spec(
        "relu", top="published: [{figures: {a.b: 3}, quantity: a.c, value: 3, source: x}]"
    ),
    "what is published in one mapping": spec("relu", top="published: {total.params: 3}"),
    "code in arithmetic": spec("{conv: \"$__import__('os')\", kernel: 3}"),
    "arithmetic without end": spec(f'{{conv: "$channels{" + 1" * 80}", kernel: 3}}'),
}
"""Specs that archcalc and its schema both refuse."""


def load(text: str, folder: Path) -> None:
    path = folder / "spec.yaml"
    path.write_text(text, encoding="utf-8")
    api.load(str(path))


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_right_specs_are_accepted(text: str, tmp_path: Path) -> None:
    load(text, tmp_path)
    assert faults(text) == []


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_wrong_specs_are_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError):
        load(text, tmp_path)
    assert faults(text)


def test_a_file_of_blocks_needs_no_input() -> None:
    assert faults("blocks: {a: {layers: [relu]}}") == []
    assert faults("name: nothing at all")
    assert faults("blocks: {a: {layers: [relu]}}\nlayers: [a]")


def test_the_fault_is_named() -> None:
    assert "$.layers[0].kernel: 0 is less than the minimum of 1" in faults(spec("{conv: 8, kernel: 0}"))


# --- every kind's examples ---------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    return [plain(item) for item in value] if isinstance(value, tuple) else value


@pytest.mark.parametrize("name", [name for name, cls in KINDS.items() if cls.arity is not None])
def test_worked_examples_follow_the_schema(name: str) -> None:
    cls = KINDS[name]
    (first, *_) = [*cls.__struct_fields__, ""]
    for example in cls.examples:
        fields = plain(tuple(example.fields.items()))
        given = dict(fields)
        item = {name: given.pop(first, None), **given}
        text = yaml.safe_dump({"input": [1], "layers": [item]}, allow_unicode=True)
        assert faults(text) == []
