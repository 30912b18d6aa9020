"""What a question asks for: the grammar, exact arithmetic, and what does not follow it."""

from __future__ import annotations

import operator
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcalc.results.asked import Asked, Given, Name, Operation, Term, parse_asked
from archcalc.results.quantities import Answer
from archcalc.words.errors import QuantityError


def only(text: str) -> Term:
    return parse_asked(text).root


@pytest.mark.parametrize(
    ("text", "network", "quantity"),
    [
        ("conv1.output", None, "conv1.output"),
        ("pool1.output.height", None, "pool1.output.height"),
        ("vgg16:total.weights", "vgg16", "total.weights"),
        ("resnet50-v1.5:total.macs", "resnet50-v1.5", "total.macs"),
        ("total.memory(batch=128)", None, "total.memory(batch=128)"),
        ("3a.macs", None, "3a.macs"),
        ("1.conv.params", None, "1.conv.params"),
        ("./my-net.yaml:fc.params", "./my-net.yaml", "fc.params"),
        ("receptive_field(conv2)", None, "conv2.receptive_field"),
        ("receptive_field( vgg16:conv2_1 )", "vgg16", "conv2_1.receptive_field"),
        ("vgg16:receptive_field(conv2_1)", "vgg16", "conv2_1.receptive_field"),
    ],
)
def test_quantities_are_named_as_everywhere(text: str, network: str | None, quantity: str) -> None:
    assert only(text) == Name(network, quantity)


def test_a_name_may_have_hyphens_and_a_minus_stands_between_spaces() -> None:
    assert only("a-b.params") == Name(None, "a-b.params")
    assert only("a.params - b.params") == Operation("-", Name(None, "a.params"), Name(None, "b.params"))


def test_the_answer_to_another_question() -> None:
    asked = parse_asked("$1a * 2 + $q-2")
    assert list(asked.given()) == ["1a", "q-2"]
    assert asked.value(lambda _: 0, {"1a": 21, "q-2": 0}.__getitem__) == 42


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 + 3 * 4", 14),
        ("(2 + 3) * 4", 20),
        ("7 / 3", Fraction(7, 3)),
        ("6 / 3", 2),
        ("10 - 3 - 4", 3),
        ("16 / 4 / 2", 2),
        ("-3 * -2", 6),
        ("2 × 3 · 4 ÷ 8", 3),
        ("1.5e9", 1_500_000_000),
        ("8 GB", 8 * 10**9),
        ("8GiB", 8 * 2**30),
        ("2 * 3 == 6", True),
        ("7 / 3 < 2.34", True),
        ("3 >= 4", False),
    ],
)
def test_arithmetic_is_exact(text: str, value: Answer) -> None:
    assert parse_asked(text).value(lambda _: 0) == value


def test_the_same_expression_reads_any_world() -> None:
    asked = parse_asked("a:x.params / b:x.params")
    right, upside_down = {"a": 12, "b": 4}, {"a": 4, "b": 12}
    assert asked.value(lambda name: right[str(name.network)]) == 3
    assert asked.value(lambda name: upside_down[str(name.network)]) == Fraction(1, 3)


def test_a_quantity_alone_may_be_of_any_form() -> None:
    assert parse_asked("conv1.output").value(lambda _: (96, 55, 55)) == (96, 55, 55)
    assert parse_asked("a.output == b.output").value(lambda _: (96, 55, 55)) is True


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "the end was not expected"),
        ("conv1", "'conv1' was not expected"),
        ("a.b c.d", "'c.d' was not expected"),
        ("(a.b", "the end was not expected"),
        ("a.b)", "')' was not expected"),
        ("a.b +", "the end was not expected"),
        ("a.b ** 2", "'*' was not expected"),
        ("__import__('os').system('ls')", "was not expected"),
        ("1..2", "is not a quantity"),
        ("a.b < 2 < 3", "'<' was not expected"),
        ("(" * 50 + "1" + ")" * 50, "too many brackets"),
        ("1 + " * 100 + "1", "401 characters"),
        ("1 / (2 - 2)", "divides by 0"),
        ("1e30 * " * 42 + "1", "more than a thousand digits"),
        ("1" + " /1e30" * 42, "more than a thousand digits"),
    ],
)
def test_what_does_not_follow_the_grammar_is_told(text: str, part: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse_asked(text).value(lambda _: 1)
    assert part in str(caught.value)


@pytest.mark.parametrize("answer", [(96, 55, 55), "same", True])
def test_arithmetic_takes_numbers(answer: Answer) -> None:
    with pytest.raises(QuantityError, match=r"'conv1\.output' is no number"):
        parse_asked("conv1.output * 2").value(lambda _: answer)


terms = st.recursive(
    st.integers(0, 10**9).map(lambda n: (str(n), Fraction(n))),
    lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(
        lambda t: (
            f"({t[0][0]}) {t[1]} ({t[2][0]})",
            {"+": operator.add, "-": operator.sub, "*": operator.mul}[t[1]](t[0][1], t[2][1]),
        )
    ),
    max_leaves=8,
)


@given(terms)
def test_any_expression_comes_to_what_python_says(term: tuple[str, Fraction]) -> None:
    text, value = term
    assert parse_asked(text).value(lambda _: 0) == value


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        asked: Asked | None = parse_asked(text)
    except QuantityError:
        asked = None
    assert asked is None or asked.text == text.strip()


def test_a_name_reads_as_it_was_written() -> None:
    assert parse_asked("vgg16:total.macs").value(str) == "vgg16:total.macs"
    assert only("$1") == Given("1")


def test_squares_of_squares_come_to_an_end() -> None:
    # Each doubles the digits of a number of 16 bits, so that the ninth has more than 4,096; forty would have 10^12.
    square = parse_asked("$1 * $1")
    value: Answer = 34_944
    for _ in range(8):
        value = square.value(lambda _: 1, lambda _, known=value: known)  # type: ignore[misc]
    assert value == 34_944**256
    with pytest.raises(QuantityError, match="more than a thousand digits"):
        square.value(lambda _: 1, lambda _: value)
