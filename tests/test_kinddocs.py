"""The documentation of kinds: as data, as text, and on the command line."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import pytest
import yaml
from click.testing import CliRunner

import archcalc
from archcalc.algebra.notation import text
from archcalc.algebra.shapes import effective_kernel
from archcalc.algebra.symbols import value_of
from archcalc.cli import main
from archcalc.cli.program import program
from archcalc.derivations.working import steps_of
from archcalc.layers import KINDS
from archcalc.layers.base import Letters, Shape, Shapes
from archcalc.reference.kinddocs import FAMILIES, HEADINGS, REQUIRED, kind_doc, kinds
from archcalc.render.formats.registry import Screen, choices, named
from archcalc.render.outputs import KIND
from archcalc.render.outputs import KINDS as LIST
from archcalc.words.errors import OptionError

every_kind = pytest.mark.parametrize("name", KINDS)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(program, ["layers", *arguments])
    assert result.exception is None, result.output
    return result.output


# --- the data ----------------------------------------------------------------------------------------------


def test_all_kinds_are_there_by_family() -> None:
    assert {kind.name for kind in kinds()} == set(KINDS)
    families = [kind.family for kind in kinds()]
    assert list(dict.fromkeys(families)) == list(FAMILIES)
    assert archcalc.kinds() == kinds()


@every_kind
def test_a_kind_has_a_summary_and_every_section(name: str) -> None:
    kind = kind_doc(name)
    assert kind.summary.endswith((".", ")."))
    assert tuple(heading for heading, _ in kind.sections) == HEADINGS
    assert all(text and "\n" not in text for _, text in kind.sections)
    assert all(text and "\n" not in text for text in (kind.summary, *kind.details))


@every_kind
def test_nothing_of_the_docstring_is_lost(name: str) -> None:
    kind = kind_doc(name)
    parts = [kind.summary, *kind.details, *(f"{heading}: {text}" for heading, text in kind.sections)]
    assert " ".join(parts).split() == (KINDS[name].__doc__ or "").split()


@every_kind
def test_the_rules_and_the_hand_agree(name: str) -> None:
    for worked in kind_doc(name).examples:
        values = {step.quantity: value_of(step.expression) for step in worked.steps}
        assert values["weights"] == worked.weights
        assert values["biases"] == worked.biases
        assert values["macs"] == worked.macs
        assert values["params"] == worked.weights + worked.biases


FORMS: list[tuple[str, dict[str, Any], Shape]] = [
    ("conv", {"filters": 2, "kernel": 3, "dilation": 2}, (1, 9)),
    ("conv", {"filters": 2, "kernel": 3, "dilation": 2, "padding": [[1, 0]]}, (1, 9)),
    ("conv_transpose", {"filters": 2, "kernel": 3, "dilation": 2}, (1, 9)),
    ("conv_transpose", {"filters": 2, "kernel": 3, "stride": 2, "output_padding": 1, "dilation": 2}, (1, 9)),
    ("max_pool", {"window": 2, "padding": [[1, 0]]}, (1, 9)),
    ("max_pool", {"window": 2, "padding": "same"}, (1, 9)),
    ("max_pool", {"window": 2, "dilation": 3, "ceil": True}, (1, 9)),
    ("avg_pool", {"window": 2, "padding": "same", "ceil": True}, (1, 9)),
]
"""Forms of the rules that no example shows."""

IN_WORDS = {"concat", "add", "mul", "flatten", "reshape"}
"""Kinds whose formula is longer the more branches or axes there are: their documentation says it in words."""

OPERATOR = re.compile("[⌊⌈·/]|[^ ] [+−] [^ ]")
EXTENT = text(effective_kernel(Letters(F=3, D=2).traced({})))


def shape_section(name: str) -> str:
    """What is said about the shape, without the sources."""
    said = dict(kind_doc(name).sections)["Shape"]
    return re.sub(r" \([^()]*\b(19|20)[0-9]{2}\b[^()]*\)", "", said)


def with_others(said: str) -> str:
    """What is said, and what is said about the kinds that it refers to."""
    return " ".join(
        [said, *(with_others(shape_section(other)) for other in re.findall(r"\bas for (\w+)", said))]
    )


def formulas(name: str, fields: dict[str, Any], inputs: Shapes) -> set[str]:
    """The rules of the output as they print, the letters of all axes alike, with F for a dilated kernel."""
    layer = msgspec.convert(fields, KINDS[name])
    found = set()
    for step in steps_of(layer, inputs):
        if step.axes:
            rule = re.sub(r"_[zhw]\b", "", text(step.expression)).replace("_1", "₁").replace("_2", "₂")
            found.add(rule.replace(f"({EXTENT})", "F").replace(EXTENT, "F"))
    return {rule for rule in found if OPERATOR.search(rule)}


def unsaid(name: str, said: str) -> set[str]:
    """The formulas of a kind's rules that its documentation does not have, and what it has besides them."""
    uses = [(example.fields, example.inputs) for example in KINDS[name].examples]
    uses += [(fields, (shape,)) for kind, fields, shape in FORMS if kind == name]
    rules = {rule for fields, inputs in uses for rule in formulas(name, fields, inputs)}
    if name == "pad":
        # Padded alone, an axis goes by its own letter.
        rules = {re.sub(r"^[CL]\b", "N", rule) for rule in rules}
    if name in IN_WORDS:
        rules = set()
    whole, left = with_others(said), said
    for rule in sorted({*rules, EXTENT}, key=len, reverse=True):
        left = left.replace(rule, "")
    return {rule for rule in rules if rule not in whole} | ({left} if OPERATOR.search(left) else set())


@every_kind
def test_the_shape_in_the_documentation_is_the_rule(name: str) -> None:
    assert unsaid(name, shape_section(name)) == set()


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("conv", "2·P − F", "2·P + F"),
        ("conv", "D·(F − 1) + 1", "D·F"),
        ("conv_transpose", " + O", ""),
        ("max_pool", "⌈(N", "⌊(N"),
        ("pixel_shuffle", "C/(r·r)", "C/r"),
        ("relu", "that of the input", "H/2"),
    ],
)
def test_another_shape_in_the_documentation_is_caught(name: str, right: str, wrong: str) -> None:
    said = shape_section(name)
    assert right in said
    assert unsaid(name, said.replace(right, wrong)) != set()


def test_keys_say_what_they_take() -> None:
    keys = {key.name: key for key in kind_doc("conv").keys}
    assert next(iter(keys)) == "filters"
    assert keys["filters"].default == REQUIRED
    assert keys["kernel"].takes == "a whole number of at least 1 or a list of them"
    assert keys["bias"].default == "true"
    assert keys["groups"].takes == "a whole number of at least 1 or `depthwise`"
    assert {key.name: key.default for key in kind_doc("max_pool").keys}["stride"] == ""


@every_kind
def test_an_example_is_yaml(name: str) -> None:
    for worked in kind_doc(name).examples:
        item = yaml.safe_load(worked.item.replace("…", ""))
        assert item == name or next(iter(item)) == name


def test_an_unknown_kind_is_refused_with_the_nearest() -> None:
    with pytest.raises(OptionError, match="there is no kind of layer 'covn'") as caught:
        archcalc.kinds("relu", "covn")
    assert caught.value.hint == "Did you mean 'conv'?"


# --- as text -----------------------------------------------------------------------------------------------


def test_the_list_has_every_kind_once() -> None:
    for form in choices(LIST.takes):
        listed = re.findall(r"^(?:  |\| `| *\"name\": \")(\w+)", run("--format", form), re.MULTILINE)
        assert set(KINDS) <= set(listed), form
    assert len(json.loads(run("--format", "json"))["kinds"]) == len(KINDS)
    assert run().startswith(f"{len(KINDS)} kinds of layers\n")


def test_conv_is_documented_with_its_rule_and_its_numbers() -> None:
    text = run("conv")
    assert "⌊(N + 2·P − F)/S⌋ + 1 = ⌊(227 + 2·0 − 11)/4⌋ + 1 = 55" in text
    assert "{conv: 96, kernel: 11, stride: 4} on 3×227×227 → 96×55×55" in text
    assert "by hand: (227 + 0 − 11)/4 + 1 = 55" in text
    assert all(f"\n  {key}" in text for key in KINDS["conv"].__struct_fields__)
    assert all(len(line) <= 100 for line in text.splitlines() if not line.startswith("Example"))


@every_kind
@pytest.mark.parametrize("form", choices(KIND.takes))
def test_every_kind_can_be_written(name: str, form: str) -> None:
    (kind,) = archcalc.kinds(name)
    text = KIND.written(named(form), Screen(), kind)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert kind.summary.split()[0] in text
    if form == "json":
        assert json.loads(text)["schema"] == "archcalc.layer/1"
        assert [key["name"] for key in json.loads(text)["keys"]] == list(KINDS[name].__struct_fields__)


def test_markdown_keeps_formulas_and_code_apart() -> None:
    text = run("conv_transpose", "--format", "markdown")
    assert "each \\*input\\*" in text or "each *input*" in text
    assert "| `filters` (main) |" in text
    assert re.search(r"\$.*\\cdot.*= 8\$", text)


def test_the_command_names_the_nearest_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["layers", "maxpool"]) == 2
    assert capsys.readouterr().err == "there is no kind of layer 'maxpool'.\n  Did you mean 'max_pool'?\n"


def test_the_schema_can_be_printed() -> None:
    result = CliRunner().invoke(program, ["schema"])
    assert json.loads(result.output) == archcalc.spec_schema()
