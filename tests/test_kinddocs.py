"""The documentation of kinds: as data, as text, and on the command line."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from click.testing import CliRunner

import archcalc
from archcalc.cli import main, program
from archcalc.errors import OptionError
from archcalc.kinddocs import FAMILIES, HEADINGS, REQUIRED, kind_doc, kinds
from archcalc.layers import KINDS
from archcalc.render.kinds import FORMATS, LISTS
from archcalc.symbols import value_of

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
    with pytest.raises(OptionError, match="there is no kind of layer 'conf'") as caught:
        archcalc.kinds("relu", "conf")
    assert caught.value.hint == "Did you mean 'conv'?"


# --- as text -----------------------------------------------------------------------------------------------


def test_the_list_has_every_kind_once() -> None:
    for form in LISTS:
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
@pytest.mark.parametrize("form", FORMATS)
def test_every_kind_can_be_written(name: str, form: str) -> None:
    (kind,) = archcalc.kinds(name)
    text = FORMATS[form](kind)
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
