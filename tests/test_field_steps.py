"""The working of receptive fields and of the zeros of `same`, as steps of an explanation."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from archcalc.algebra.notation import text
from archcalc.algebra.symbols import value_of
from archcalc.cli import main
from archcalc.derivations.explanation import Explanation, LayerExplanation, explain
from archcalc.network.network import Network

Load = Callable[..., Network]


def steps(explanation: Explanation) -> dict[str, str]:
    (layer,) = explanation.layers
    return {step.quantity: f"{text(step.expression)} = {value_of(step.expression)}" for step in layer.steps}


def noted(layer: LayerExplanation) -> str:
    return " ".join(layer.notes)


def test_the_zeros_of_same_are_worked_out(load: Load) -> None:
    """N 10, F 4, S 3: ⌈10/3⌉ = 4 windows span 3·3 + 4 = 13, so 3 zeros, the odd one behind. F 3, S 1: 2 zeros."""
    network = load(
        "input: [1, 10, 8]\n"
        "layers: [{conv: 1, kernel: [4, 3], stride: [3, 1], padding: same, name: c}, {relu: , name: r}]"
    )
    (layer,) = explain(network, "c.padding").layers
    assert {step.quantity: value_of(step.expression) for step in layer.steps} == {
        "padding.before.height": 1,
        "padding.after.height": 2,
        "padding.before.width": 1,
        "padding.after.width": 1,
    }
    needed = "max((⌈N_h/S_h⌉ − 1)·S_h + F_h − N_h, 0)"
    assert steps(explain(network, "c.padding"))["padding.before.height"] == f"⌊{needed}/2⌋ = 1"
    assert not [step for step in steps(explain(network, "r")) if step.startswith("padding")]


def test_behind_an_upsampling_the_rounding_is_a_step(load: Load) -> None:
    """As pooled positions of 2 inputs, 2 apart: three copies of each, and 2 taps that touch 1 more of them."""
    network = load("input: [1, 8, 8]\nlayers: [{max_pool: 2}, {upsample: 3}, {conv: 1, kernel: 2, name: c}]")
    assert steps(explain(network, "c.receptive_field")) == {
        "receptive_field": "r_0 + ⌈(v − u)/q⌉·j_0 = 4",
        "receptive_field.stride": "j_0·p/q = 2/3",
        "receptive_field.offset": "o_0 + ⌊u/q⌋·j_0 = 0",
    }
    (layer,) = explain(network, "c.receptive_field").layers
    assert {letter.name: letter.value for letter in layer.letters} == {
        "r_0": "2",
        "j_0": "2",
        "o_0": "0",
        "p": "1",
        "u": "0",
        "q": "3",
        "v": "1",
    }
    assert "at most 4×4 positions" in noted(layer)


def test_a_layer_that_moves_positions_has_no_window_of_its_own(load: Load) -> None:
    """Space to depth puts 2 positions 1 apart together, behind windows of 3: 3 + (2 − 1)·1 = 4, and goes on by 2."""
    network = load(
        "input: [1, 8]\nlayers: [{conv: 1, kernel: 3, padding: 1}, {reshape: [1, 4, 2], name: a}, "
        "{permute: [0, 2, 1], name: b}, {reshape: [2, 4], name: c}]"
    )
    found = explain(network, "c.receptive_field")
    assert steps(found)["receptive_field"].endswith(" = 4")
    assert steps(found)["receptive_field.stride"].endswith(" = 2")
    conv, *moves = [{letter.name for letter in layer.letters} for layer in explain(network).layers]
    assert {"k", "s", "w"} <= conv
    (moved,) = [letters for letters in moves if "m" in letters]
    assert {"m", "t", "b"} <= moved
    assert not {"k", "s", "w"} & moved


def test_a_receptive_field_beyond_all_numbers_is_noted(load: Load) -> None:
    network = load("input: [1, 8]\nlayers: [{repeat: 30, layers: [{upsample: 3}, {crop: 8}]}]")
    (layer,) = explain(network, "30.crop1").layers
    assert not [step for step in layer.steps if step.quantity.startswith("receptive_field")]
    assert "exceeds 10¹²" in noted(layer)


def test_a_join_has_the_field_of_its_widest_branch(load: Load) -> None:
    """−2 to 2 holds −1 to 1. Where windows only overlap, −4 to 0 and 0 to 4, no branch has that of the join."""
    network = load(
        "input: [1, 9, 9]\n"
        "layers: [{add: [[{conv: 1, kernel: 5, padding: 2}], [{conv: 1, kernel: 3, padding: 1}]], name: a}]"
    )
    assert steps(explain(network, "a.receptive_field")) == {
        "receptive_field": "max(r_1, r_2) = 5",
        "receptive_field.stride": "j = 1",
        "receptive_field.offset": "min(o_1, o_2) = -2",
    }
    (layer,) = explain(network, "a.receptive_field").layers
    assert {letter.name: letter.meaning for letter in layer.letters}["o_2"] == "offset of branch 2"
    sides = ", ".join(
        f"[{{conv: 1, kernel: 5, padding: [{pair}]}}]" for pair in ("[4, 0], [4, 0]", "[0, 4], [0, 4]")
    )
    network = load(f"input: [1, 9, 9]\nlayers: [{{add: [{sides}], name: a}}]")
    assert steps(explain(network, "a.receptive_field")) == {}


@pytest.mark.parametrize(
    "arguments",
    [
        *(["summary", "--format", form] for form in ("table", "json", "markdown", "csv", "latex")),
        *(["explain", "--format", form, "4990.crop1"] for form in ("text", "json", "markdown", "latex")),
    ],
)
def test_no_format_writes_numbers_without_end(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nearly 10,000 layers, behind each a stride a third of the one before: 3 to the power 4,990 has 2,381 digits."""
    spec = tmp_path / "shrinking.yaml"
    spec.write_text("input: [3, 8, 8]\nlayers: [{repeat: 4990, layers: [{upsample: 3}, {crop: 8}]}]")
    assert main([arguments[0], str(spec), *arguments[1:]]) == 0
    written = capsys.readouterr().out
    assert len(written) < 6_000_000
    assert not re.search(r"[0-9]{16}", written)
