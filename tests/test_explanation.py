"""The working shown: every step has the value of the report, and what is printed really comes to that value."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import cache
from typing import Any

import pytest

from archcalc import api
from archcalc.algebra.notation import text
from archcalc.algebra.shapes import joined
from archcalc.algebra.symbols import Number, value_of
from archcalc.derivations.explanation import Explanation, LayerExplanation, explain
from archcalc.derivations.working import symbols_of
from archcalc.network.network import Network
from archcalc.render.formats.registry import Screen, named
from archcalc.render.outputs import EXPLANATION
from archcalc.results.counts import COUNTS, OF_LAYERS
from archcalc.results.quantities import FIELDS, measure
from archcalc.spec import catalog
from archcalc.words.errors import QuantityError

Load = Callable[..., Network]

NAMES = catalog.names()


@cache
def explained(name: str) -> Explanation:
    return explain(api.load(name), "total_with_auxiliary" if name == "googlenet" else None)


@cache
def report_of(name: str) -> Any:
    return api.analyse(name)


def evaluate(printed: str) -> Fraction:
    """What a printed formula of numbers comes to: Python's own arithmetic, in fractions."""
    python = re.sub(r"(?<=\d),(?=\d)", "", printed)
    for sign, word in (("·", "*"), ("−", "-"), ("⌊", "floor("), ("⌋", ")"), ("⌈", "ceil("), ("⌉", ")")):
        python = python.replace(sign, word)
    python = re.sub(r"\d+", lambda number: f"F({number[0]})", python)
    functions = {
        "F": Fraction,
        "min": min,
        "max": max,
        "floor": lambda x: Fraction(math.floor(x)),
        "ceil": lambda x: Fraction(math.ceil(x)),
    }
    return Fraction(eval(python, {"__builtins__": {}}, functions))  # noqa: S307 - we printed it


def formulas(explanation: Explanation) -> Iterator[tuple[str, str, Number]]:
    """Every formula with the layer and the quantity that it is of."""
    for layer in explanation.layers:
        for step in layer.steps:
            yield layer.name, step.quantity, step.expression
    for found in explanation.sums:
        for term in found.terms:
            yield found.quantity, term.name, term.expression


# --- numbers of the catalogue ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_step_has_the_value_of_the_report(name: str) -> None:
    rows = {row.name: row for row in report_of(name).rows}
    for layer in explained(name).layers:
        row = rows[layer.name]
        assert layer.row == row
        for step in layer.steps:
            value = value_of(step.expression)
            if step.axes:
                assert {row.output[axis] for axis in step.axes} == {value}, (layer.name, step)
            elif step.quantity.startswith("receptive_field"):
                part = step.quantity.split(".")[1:2]
                known = getattr(row.receptive_field, part[0] if part and part[0] in FIELDS else "size")
                assert value in known, (layer.name, step)
            elif step.quantity.startswith("padding."):
                assert row.config["padding"] == "same"
            else:
                assert value == getattr(row, step.quantity), (layer.name, step)


@pytest.mark.parametrize("name", NAMES)
def test_no_number_goes_without_its_working(name: str) -> None:
    """Whatever the report has of a layer that is not 0, and every size that changes, has a step."""
    for layer in explained(name).layers:
        row, steps = layer.row, {step.quantity: step for step in layer.steps}
        assert len(steps) == len(layer.steps), layer.name
        for quantity in OF_LAYERS:
            if getattr(row, quantity):
                assert value_of(steps[quantity].expression) == getattr(row, quantity), (layer.name, quantity)
        if not row.inputs or row.output != row.inputs[0]:
            axes = sorted(axis for step in layer.steps for axis in step.axes)
            assert axes == list(range(len(row.output))), layer.name
        if row.receptive_field is not None and row.receptive_field.size and row.receptive_field.aligned:
            assert any(step.startswith("receptive_field") for step in steps), layer.name


@pytest.mark.parametrize("name", NAMES)
def test_every_printed_formula_comes_to_its_value(name: str) -> None:
    for layer, quantity, expression in formulas(explained(name)):
        printed = text(expression, numbers=True)
        assert evaluate(printed) == value_of(expression), (layer, quantity, printed)


def test_a_printed_formula_that_is_wrong_would_be_noticed() -> None:
    """Must fail: one number changed, one bracket moved."""
    assert evaluate("⌊(227 + 2·0 − 11)/4⌋ + 1") == 55
    assert evaluate("⌊(224 + 2·0 − 11)/4⌋ + 1") != 55
    assert evaluate("⌈(112 + 2·0 − 3)/2⌉ + 1") == 56
    assert evaluate("⌊(112 + 2·0 − 3)/2⌋ + 1") == 55


@pytest.mark.parametrize("name", NAMES)
def test_every_letter_is_explained_with_its_value(name: str) -> None:
    for layer in explained(name).layers:
        letters = {letter.name: letter for letter in layer.letters}
        assert len(letters) == len(layer.letters)
        for step in layer.steps:
            for part in symbols_of(step.expression):
                if step.quantity == "flops":
                    continue  # 2·MACs, which stand in the line above
                letter = letters.get(part.name) or letters.get(part.name.rpartition("_")[0])
                assert letter is not None, (layer.name, step.quantity, part.name)
                assert letter.meaning
                assert str(part.value) in letter.value.split("×"), (layer.name, part.name)


@pytest.mark.parametrize("name", NAMES)
def test_sums_are_those_of_the_report(name: str) -> None:
    explanation = explained(name)
    for found in explanation.sums:
        assert found.value == sum(value_of(term.expression) for term in found.terms)
        assert found.value == measure(found.quantity, lambda _: report_of(name)), found.quantity
        assert len({term.name for term in found.terms}) == len(found.terms)


@pytest.mark.parametrize("name", ["googlenet", "resnet18", "vgg16", "inception-reduced"])
def test_every_sum_can_be_asked_for(name: str) -> None:
    """Of the network and of every block: the value is the report's, and the terms add up to it."""
    report = report_of(name)
    network = api.load(name)
    names = [f"total.{quantity}" for quantity in COUNTS]
    names += [f"{path}.{quantity}" for path in list(report.groups)[-3:] for quantity in OF_LAYERS]
    for quantity in names:
        answer = explain(network, quantity)
        assert answer.answer == measure(quantity, lambda _: report)
        (found,) = answer.sums
        assert (found.quantity, found.value) == (quantity, answer.answer)
        assert sum(value_of(term.expression) for term in found.terms) == answer.answer
        assert not answer.layers


# --- what is asked for -----------------------------------------------------------------------------------------


def steps(explanation: Explanation) -> dict[str, str]:
    (layer,) = explanation.layers
    return {step.quantity: f"{text(step.expression)} = {value_of(step.expression)}" for step in layer.steps}


def test_one_layer() -> None:
    found = api.explain("alexnet", "conv1")
    assert (found.network, found.path, found.answer, found.sums) == ("alexnet", "conv1", None, ())
    shown = steps(found)
    assert shown["output.height"] == "⌊(N + 2·P − F)/S⌋ + 1 = 55"
    assert shown["params"] == "F·F·C·K + K = 34944"
    assert shown["macs"] == "K·H_out·W_out·F·F·C = 105415200"
    assert shown["receptive_field"] == "r + (k − 1)·j = 11"
    (layer,) = found.layers
    assert {letter.name: letter.value for letter in layer.letters}["F"] == "11"
    assert [judged.figure.quantity for judged in found.published][:1] == ["conv1.output"]
    assert all(judged.figure.quantity.startswith("conv1.") for judged in found.published)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("conv1.params", {"params": "F·F·C·K + K = 34944"}),
        ("alexnet:conv1.params", {"params": "F·F·C·K + K = 34944"}),
        (
            "conv1.output",
            {"output.channels": "K = 96", "output.height": "⌊(N + 2·P − F)/S⌋ + 1 = 55"},
        ),
        ("conv1.output.height", {"output.height": "⌊(N + 2·P − F)/S⌋ + 1 = 55"}),
        ("conv1.output.width", {"output.height": "⌊(N + 2·P − F)/S⌋ + 1 = 55"}),
        ("conv1.output.features", {"output.height": "⌊(N + 2·P − F)/S⌋ + 1 = 55"}),
        ("conv1.output.channels", {"output.channels": "K = 96"}),
        ("fc6.output.features", {"output": "M = 4096"}),
        (
            "conv2.receptive_field",
            {
                "receptive_field": "r + (k − 1)·j = 51",
                "receptive_field.stride": "j·s = 8",
                "receptive_field.offset": "o + w·j = -16",
            },
        ),
        ("conv2.receptive_field.stride", {"receptive_field.stride": "j·s = 8"}),
        ("conv2.receptive_field.offset", {"receptive_field.offset": "o + w·j = -16"}),
        ("conv2.receptive_field.size", {"receptive_field": "r + (k − 1)·j = 51"}),
        ("conv2.receptive_field.width", {"receptive_field": "r + (k − 1)·j = 51"}),
        ("conv1.flops", {"flops": "2·MACs = 210830400"}),
        ("conv1.kernel", {}),
        ("relu1.output", {}),
    ],
)
def test_one_quantity_of_a_layer(path: str, shown: dict[str, str]) -> None:
    found = api.explain("alexnet", path)
    assert steps(found) == shown
    assert found.answer == measure(path, lambda _: report_of("alexnet"))
    (layer,) = found.layers
    used = " ".join(text(step.expression) for step in layer.steps)
    assert all(letter.name in used for letter in layer.letters)


def test_letters_of_axes_that_differ_stay_with_their_formulas(load: Load) -> None:
    network = load("input: [3, 20, 30]\nlayers: [{conv: 4, kernel: [3, 5], name: c}]")
    assert steps(explain(network, "c.output.height")) == {
        "output.height": "⌊(N_h + 2·P_h − F_h)/S_h⌋ + 1 = 18"
    }
    (layer,) = explain(network, "c.output.height").layers
    assert [(letter.name, letter.value) for letter in layer.letters] == [
        ("N", "20×30"),
        ("F", "3×5"),
        ("S", "1"),
        ("P", "0"),
    ]


def test_what_a_block_does_not_add_up_is_that_of_its_end() -> None:
    found = api.explain("googlenet", "3a.output.channels")
    assert found.answer == 256
    assert steps(found) == {"output.channels": "C_1 + C_2 + C_3 + C_4 = 256"}
    found = api.explain("googlenet", "5b.receptive_field")
    assert steps(found)["receptive_field"] == "max(r_1, r_2, r_3, r_4) = 715"


def test_a_block_has_its_layers_and_its_sums() -> None:
    found = api.explain("resnet50", "conv2.1.shortcut")
    assert [layer.name for layer in found.layers] == [
        "conv2.1.shortcut.conv1",
        "conv2.1.shortcut.batch_norm1",
    ]
    sums = {each.quantity: each.value for each in found.sums}
    assert sums["conv2.1.shortcut.weights"] == 64 * 256 + 256
    assert sums["conv2.1.shortcut.macs"] == 56 * 56 * 64 * 256


def test_shared_weights_are_explained_where_they_are_counted(load: Load) -> None:
    network = load("input: 5\nlayers: [{linear: 5, name: a}, {linear: 5, weights: a, name: b}]")
    assert "params" in steps(explain(network, "a"))
    (layer,) = explain(network, "b").layers
    assert not {"weights", "biases", "params"} & {step.quantity for step in layer.steps}
    assert layer.notes == ("It uses the weights of a: they are counted there.",)
    assert explain(network, "b.params").answer == 0


def test_auxiliary_heads_and_misaligned_branches_are_noted(load: Load) -> None:
    network = load("""
        input: [1, 8, 8]
        layers:
          - {add: [[{max_pool: 2}], [{crop: 4}]], name: strides}
          - {add: [[], [{conv: 1, kernel: 3, padding: [[2, 0], [2, 0]]}]], name: centres}
          - {auxiliary: aux, layers: [{relu: , name: extra}]}
    """)
    layers = {layer.name: layer for layer in explain(network, "total_with_auxiliary").layers}
    assert "Branches with different strides" in layers["strides"].notes[0]
    assert "used in training only" in layers["aux.extra"].notes[0]
    network = load(
        "input: [1, 8, 8]\nlayers: [{add: [[], [{conv: 1, kernel: 3, padding: [[2, 0], [2, 0]]}]], name: a}]"
    )
    assert "different centres" in noted(explain(network, "a").layers)


def noted(layers: Iterable[LayerExplanation]) -> str:
    return " ".join(note for layer in layers for note in layer.notes)


def test_the_whole_network_leaves_auxiliary_heads_out_unless_asked() -> None:
    plain, whole = api.explain("googlenet"), api.explain("googlenet", "total_with_auxiliary")
    assert not [layer for layer in plain.layers if layer.row.auxiliary]
    assert len(whole.layers) > len(plain.layers)
    assert {each.quantity: each.value for each in plain.sums}["total.params"] == 6_998_552
    assert {each.quantity: each.value for each in whole.sums}["total_with_auxiliary.params"] == 13_378_280


def test_memory_is_explained_in_bytes() -> None:
    (found,) = api.explain("vgg16", "total.memory").sums
    assert [(term.name, text(term.expression, numbers=True)) for term in found.terms] == [
        ("parameters", "138,357,544·4"),
        ("activations", "15,237,608·4"),
    ]


# --- the lecture's 358 million ---------------------------------------------------------------------------------


def test_the_358_million_of_the_lecture_are_made_plain() -> None:
    """The slide's six terms stand there one by one with their sum, 271,351,808, and the reason of the 358M."""
    found = api.explain("inception-reduced")
    macs = next(each for each in found.sums if each.quantity == "total.macs")
    terms = {term.name: value_of(term.expression) for term in macs.terms}
    assert terms == {
        "module.1x1.conv": 28 * 28 * 128 * 256,
        "module.3x3.reduce": 28 * 28 * 64 * 256,
        "module.3x3.conv": 28 * 28 * 192 * 9 * 64,
        "module.5x5.reduce": 28 * 28 * 64 * 256,
        "module.5x5.conv": 28 * 28 * 96 * 25 * 64,
        "module.pool.proj": 28 * 28 * 64 * 256,
    }
    assert macs.value == 271_351_808
    (wrong,) = [judged for judged in found.published if judged.verdict == "different"]
    assert wrong.figure.value == "358M"
    assert "358,055,936" in wrong.figure.reason
    for printed in (
        EXPLANATION.written(named("text"), Screen(), found),
        EXPLANATION.written(named("text"), Screen(), api.explain("inception-reduced", "total.macs")),
    ):
        assert "271,351,808" in printed
        assert "358M: not reproduced" in printed
        assert "counts the 3×3 convolution twice" in " ".join(printed.split())
        for term in terms.values():
            assert f"{term:,}" in printed


# --- what cannot be explained ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("network", "path", "message"),
    [
        ("alexnet", "conv9", "alexnet has no layer or block 'conv9'."),
        ("alexnet", "vgg16:conv1", "'vgg16:conv1' is of 'vgg16', not of 'alexnet'."),
        ("alexnet", "vgg16:conv1.params", "'vgg16:conv1.params' is of 'vgg16', not of 'alexnet'."),
        ("alexnet", "conv1.parms", "conv1 has no 'parms'."),
        ("alexnet", "conv1.output.depth", "'conv1.output.depth': a shape of 96×55×55 has no axis 'depth'."),
        ("alexnet", "total_with_auxiliary", "alexnet has no auxiliary heads."),
        ("alexnet", "total_with_auxiliary.params", "alexnet has no auxiliary heads."),
        ("alexnet", "error.top5", "'error.top5' is measured, not calculated."),
        ("alexnet", "conv1.macs(batch=0)", "'conv1.macs(batch=0)': 'batch=0' is no option."),
        ("alexnet", "", "'' names no layer, block or quantity."),
        ("alexnet", "..", "'..' names no layer, block or quantity."),
    ],
)
def test_what_there_is_not(network: str, path: str, message: str) -> None:
    with pytest.raises(QuantityError) as caught:
        api.explain(network, path)
    assert caught.value.message == message


def test_shapes_of_every_layer_are_printed() -> None:
    """The chain of a whole network names every layer with its shapes."""
    printed = EXPLANATION.written(named("text"), Screen(), api.explain("lenet5"))
    for row in report_of("lenet5").rows:
        assert f"{row.name} ({row.kind}): {joined(row.inputs[0])} → {joined(row.output)}" in printed
