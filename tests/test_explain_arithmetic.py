"""`explain` of arithmetic: the grammar of `ask:` in one place, each quantity with its working, and the whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction

import pytest

from archcalc.algebra.notation import derivation
from archcalc.cli import main
from archcalc.derivations.explanation import Explanation, explain
from archcalc.network.network import Network
from archcalc.words.errors import QuantityError

Load = Callable[..., Network]

# conv: 3·3·1·4 + 4 = 40; fc: 4·4·4·2 + 2 = 130; together 170
SPEC = """
input: [1, 6, 6]
layers: [{conv: 4, kernel: 3, name: c}, flatten, {linear: 64, name: f1}, {linear: 2, name: f2}]
"""
# c: 40 parameters, 4·4·4 outputs; f1: 64·64 + 64 = 4,160; f2: 64·2 + 2 = 130; together 4,330


def worked(explanation: Explanation) -> list[str]:
    return [derivation(step.expression) for step in explanation.steps]


@pytest.mark.parametrize(
    ("asked", "answer", "steps"),
    [
        ("total.params - f1.params", 170, ["total.params − f1.params = 4,330 − 4,160 = 170"]),
        ("c.params / total.params", Fraction(4, 433), ["c.params/total.params = 40/4,330 = 4/433"]),
        ("2 * (c.params + f2.params)", 340, ["2·(c.params + f2.params) = 2·(40 + 130) = 340"]),
        ("-f2.params + c.params", -90, ["−f2.params + c.params = −130 + 40 = −90"]),
        ("c.params < f2.params", True, ["c.params = 40", "f2.params = 130"]),
        ("c.output == f1.input", False, []),
    ],
)
def test_arithmetic_is_explained(load: Load, asked: str, answer: object, steps: list[str]) -> None:
    explained = explain(load(SPEC), asked)
    assert explained.answer == answer
    assert worked(explained) == steps
    assert all(term.answer is not None for term in explained.terms)
    assert len(explained.terms) == len({term.path for term in explained.terms}) > 0


def test_terms_come_with_their_working(load: Load) -> None:
    whole, part = explain(load(SPEC), "total.params - f2.params").terms
    assert [(term.name, term.expression.value) for term in whole.sums[0].terms] == [
        ("c", 40),
        ("f1", 4160),
        ("f2", 130),
    ]
    assert [step.quantity for step in part.layers[0].steps] == ["params"]


@pytest.mark.parametrize(
    ("asked", "same"),
    [
        ("receptive_field(c)", "c.receptive_field"),
        ("(c.params)", "c.params"),
        ("total.receptive_field", "r.receptive_field"),
    ],
)
def test_other_ways_to_say_a_quantity(load: Load, asked: str, same: str) -> None:
    network = load("input: [1, 6, 6]\nlayers: [{conv: 4, kernel: 3, name: c}, {relu: , name: r}]")
    one, other = explain(network, asked), explain(network, same)
    assert one.answer == other.answer
    assert [layer.name for layer in one.layers] == [layer.name for layer in other.layers]
    assert [list(map(str, layer.steps)) for layer in one.layers] == [
        list(map(str, layer.steps)) for layer in other.layers
    ]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("c.params -", "the end was not expected there"),
        ("c.output * 2", "'c.output' is no number"),
        ("$a / 2", "there are no answers"),
        ("receptive_field(d)", "has no layer or block 'd'"),
        ("receptive_field(f1)", "sees all positions of the input: flatten1 (flatten) takes them together"),
        ("c.params / 0", "divides by 0"),
    ],
)
def test_what_cannot_be_explained_says_why(load: Load, asked: str, message: str) -> None:
    with pytest.raises(QuantityError) as caught:
        explain(load(SPEC), asked)
    assert message in caught.value.message


def test_every_format_has_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    """AlexNet's fc6 has 9,216·4,096 + 4,096 of 62,378,344 parameters: 0.6052."""
    written = {}
    for form in ("text", "markdown", "latex", "csv", "json"):
        assert main(["explain", "alexnet", "fc6.params / total.params", "--format", form]) == 0
        written[form] = capsys.readouterr().out
    assert "≈ 0.6052" in written["text"]
    assert "37,752,832/62,378,344" in written["csv"]
    assert r"\frac{37{,}752{,}832}{62{,}378{,}344}" in written["latex"]
    (step,) = json.loads(written["json"])["arithmetic"]
    assert step["value"] == str(Fraction(37752832, 62378344))


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("dw", "Did you mean 'ds1.dw'?"),
        ("dw.params", "Did you mean 'ds1.dw'?"),
        (
            "zz",
            "`archcalc summary {file}` lists its layers; a quantity stands behind a dot, as in total.params.",
        ),
    ],
)
def test_a_near_miss_names_the_nested_layer_and_the_path_as_typed(load: Load, typed: str, hint: str) -> None:
    network = load(
        "input: [3, 8, 8]\nlayers: [{name: ds1, layers: [{conv: 3, kernel: 3, groups: depthwise, name: dw}]}]"
    )
    with pytest.raises(QuantityError) as caught:
        explain(network, typed)
    assert caught.value.hint == hint.format(file=network.spec.place.file)
