"""What scalars stand for and `$` arithmetic: Python's results, and nothing but arithmetic."""

from __future__ import annotations

import math
import operator
import re
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from archcalc.spec.expressions import LARGEST, LONGEST, Value, evaluate, interpret
from archcalc.words.errors import ExpressionError

NAMES: Mapping[str, Value] = {
    "width": 64,
    "k": 7,
    "a": 9,
    "half": 0.5,
    "ceil": True,
    "bias": False,
    "mode": "same",
    "no": "no",
    "kernel": (3, 5),
    "if": 6,
    "_x1": 2,
    "channels": 256,
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-0", 0),
        ("42", 42),
        ("-3", -3),
        ("1000000000000", 10**12),
        ("0.5", 0.5),
        ("-0.5", -0.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e-5", 1e-5),
        ("1E+3", 1000.0),
        ("true", True),
        ("false", False),
    ],
)
def test_numbers_and_truth_are_read(text: str, value: object) -> None:
    assert interpret(text) == value
    assert type(interpret(text)) is type(value)
    assert interpret(text, quoted=True) == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "010",
            "00",
            "-01",
            "1:30",
            "1_000",
            "1,000",
            "0x10",
            "0o7",
            "0b1",
            "1e999",
            "-1e999",
            "1e",
            "e5",
            ".",
        ),
        *(
            ".nan",
            "nan",
            ".inf",
            "inf",
            "infinity",
            "+1",
            "--1",
            "- 1",
            " 1",
            "1 ",
            "1\n",
            "1.2.3",
            "1j",
            "",
            "-",
        ),
        *("yes", "no", "on", "off", "True", "FALSE", "null", "~", "None", "3x3", "²", "٣", "\uff11", "½"),
        *("9" * 65, "9" * 5_000, "0." + "3" * 5_000),
    ],
)
def test_everything_else_is_text(text: str) -> None:
    assert interpret(text) == text
    assert type(interpret(text)) is str


@given(st.integers(-(10**18), 10**18))
def test_every_integer_is_read_as_itself(number: int) -> None:
    assert interpret(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_float_is_read_as_itself(number: float) -> None:
    assert interpret(repr(number)) == number


@given(st.text(max_size=100))
def test_any_text_means_something(text: str) -> None:
    value = interpret(text)
    assert isinstance(value, str) or math.isfinite(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$width * 4", 256),
        ("$k // 2", 3),
        ("-$k // 2", -4),
        ("$k % 4", 3),
        ("-$k % 4", 1),
        ("$width / 8", 8),
        ("$width - 8 - 8", 48),
        ("$width / 8 / 2", 4),
        ("2 * $k + 1", 15),
        ("2 * ($k + 1)", 16),
        ("--$k", 7),
        ("2 - -$k", 9),
        ("$if * $_x1", 12),
        ("3 * 4", 12),
        (" ( $k )\n", 7),
        ("2 if $ceil else 1", 2),
        ("2 if $bias else 1", 1),
        ("2 if $k else 1", 2),
        ("1 if $k > 8 else 2 if $k > 6 else 3", 2),
        ("(1 if $k > 8 else 2) * 3", 6),
        ("$mode if $ceil else 0", "same"),
        ("0 if $ceil else 1 / 0", 0),
        ("1 < $k < 10", True),
        ("10 > $k > 8", False),
        ("$k == 7 == 7.0", True),
        ("$k != 7", False),
        ("$half * 2", 1),
        ("$width * 0.75", 48),
        ("$width * .75 // 1", 48),
        ("0.1 + 0.2", 0.30000000000000004),
        ("1e3 * 2", 2000),
        ("1e-3 * 2", 0.002),
        ("1000000 * 1000000", 10**12),
    ],
)
def test_arithmetic(text: str, value: object) -> None:
    result = evaluate(text, NAMES)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_alone_is_its_value_unchanged(name: str) -> None:
    assert evaluate(f"${name}", NAMES) is NAMES[name]
    assert evaluate(f" ${name}\n", NAMES) is NAMES[name]
    assert evaluate("$whole", {"whole": 2.0}) == 2.0
    assert type(evaluate("$whole", {"whole": 2.0})) is float


# Expression, words that the message has to have, words that the way out has to have.
REFUSED = [
    ("$__import__('os')", '"\'" has no meaning', "Arithmetic is"),
    ("__import__($k)", "came '__import__'", "There are no calls"),
    ("$k($k)", "expected an operator, came '('", "There are no calls"),
    ("$k.bit_length()", "'.' has no meaning", "Arithmetic is"),
    ("$kernel[0]", "'[' has no meaning", "Arithmetic is"),
    ("[$k]", "'[' has no meaning", "Arithmetic is"),
    ("{$k: 1}", "'{' has no meaning", "Arithmetic is"),
    ("${k}", "a `$` needs a name", "$width"),
    ("$ k", "a `$` needs a name", "$width"),
    ("$1", "a `$` needs a name", "$width"),
    ("$", "a `$` needs a name", "$width"),
    ("$größe", "'ö' has no meaning", "Arithmetic is"),
    ("$\uff4b", "a `$` needs a name", "$width"),
    ("$k \uff0b 1", "'\uff0b' has no meaning", "Arithmetic is"),
    ("$k\xa0+ 1", r"'\xa0' has no meaning", "Arithmetic is"),
    ("$k\x1b[31m", r"'\x1b' has no meaning", "Arithmetic is"),
    ("$k\x00", r"'\x00' has no meaning", "Arithmetic is"),
    ("9**9**9", "no powers", "Multiply"),
    ("$k ** 2", "no powers", "Multiply"),
    ("$k + 'a'", '"\'" has no meaning', "Arithmetic is"),
    ('f"{$k}"', "'\"' has no meaning", "Arithmetic is"),
    ("lambda: $k", "':' has no meaning", "Arithmetic is"),
    ("lambda $k", "came 'lambda'", "Arithmetic is"),
    ("(x := $k)", "':' has no meaning", "Arithmetic is"),
    ("$k = 7", "'=' has no meaning", "Arithmetic is"),
    ("$k; 1", "';' has no meaning", "Arithmetic is"),
    ("$k, 1", "',' has no meaning", "Arithmetic is"),
    ("$k # a comment", "'#' has no meaning", "Arithmetic is"),
    ("$k @ 1", "'@' has no meaning", "Arithmetic is"),
    ("$k & 1", "'&' has no meaning", "Say `not` as"),
    ("$k | 1", "'|' has no meaning", "Say `not` as"),
    ("~$k", "'~' has no meaning", "Arithmetic is"),
    ("$k << 40", "expected a number or a $name, came '<'", "Arithmetic is"),
    ("+$k", "expected a number or a $name, came '+'", "Arithmetic is"),
    ("not $ceil", "came 'not'", "Say `not` as"),
    ("$ceil and $bias", "expected an operator, came 'and'", "Say `not` as"),
    ("$k is 7", "expected an operator, came 'is'", "Arithmetic is"),
    ("width * 4", "expected a number or a $name, came 'width'", "Write $width"),
    ("true", "came 'true'", "Arithmetic is"),
    ("$k $k", "expected an operator, came '$k'", "Arithmetic is"),
    ("$k 2", "expected an operator, came '2'", "Arithmetic is"),
    ("($k", "a bracket is never closed", "Close it"),
    ("$k)", "expected an operator, came ')'", "Arithmetic is"),
    ("()", "came ')'", "Arithmetic is"),
    ("$k *", "came nothing more", "Arithmetic is"),
    ("", "came nothing more", "Arithmetic is"),
    ("1 if $k", "an `if` needs its `else`", "a if b else c"),
    ("1 else 2", "expected an operator, came 'else'", "Arithmetic is"),
    ("if $k else 1", "came 'if'", "Arithmetic is"),
    ("0x10 * $k", "'0x10' is not a decimal number", "96"),
    ("010 * $k", "'010' is not a decimal number", "96"),
    ("1_000 * $k", "'1_000' is not a decimal number", "96"),
    ("1j * $k", "'1j' is not a decimal number", "96"),
    ("1e999 * $k", "'1e999' is not a decimal number", "96"),
    ("1.2.3 * $k", "'1.2.3' is not a decimal number", "96"),
    ("2$k", "expected an operator, came '$k'", "Arithmetic is"),
    ("2k", "'2k' is not a decimal number", "96"),
    ("9" * 60, "is not a decimal number up to 10^12", "96"),
    ("$a / 2", "9 / 2 does not come out whole", "// to round down"),
    ("$half / 2", "0.5 / 2 does not come out whole", "// to round down"),
    ("1/0", "1 / 0 divides by zero", "Check what the names"),
    ("$k // 0", "7 // 0 divides by zero", "Check what the names"),
    ("$k % 0", "7 % 0 divides by zero", "Check what the names"),
    ("$k // 0.0", "7 // 0.0 divides by zero", "Check what the names"),
    ("$ceil + 1", "`+` works on numbers, came true", "True and false are conditions"),
    ("-$bias", "`-` works on numbers, came false", "True and false are conditions"),
    ("$ceil == 1", "`==` works on numbers, came true", "True and false are conditions"),
    ("(1 < 2) * 3", "`*` works on numbers, came true", "True and false are conditions"),
    ("$mode * 2", "`*` works on numbers, came 'same'", "A list or a word stands alone"),
    ("$kernel * 1000000000", "`*` works on numbers, came a list of 2", "A list or a word stands alone"),
    ("$kernel + $kernel", "`+` works on numbers, came a list of 2", "A list or a word stands alone"),
    ("$k % $mode", "`%` works on numbers, came 'same'", "A list or a word stands alone"),
    ("1 if $no else 2", "behind `if`, came 'no'", "`true` and `false`"),
    ("1 if $kernel else 2", "behind `if`, came a list of 2", "`true` and `false`"),
    ("1000000000000 + 1", "beyond 10^12", "that large"),
    ("-1000000000000 - 1", "beyond 10^12", "that large"),
    ("9999999 * 9999999", "beyond 10^12", "that large"),
    ("*".join(["999999999999"] * 12), "beyond 10^12", "that large"),
    ("1e12 / 5e-324", "beyond 10^12", "that large"),
    ("$widht * 4", "there is no $widht", "Did you mean '$width'?"),
    ("$zzz", "there is no $zzz", "What there is: $_x1, $a, $bias"),
    ("(" * 40 + "1" + ")" * 40, "nested more than 32 deep", "parameter of its own"),
    ("-" * 100 + "1", "nested more than 32 deep", "parameter of its own"),
    ("1 if 1 else " * 40 + "1", "characters, expected at most 200", "parameter of its own"),
    ("$k+" * 3_333 + "1", "10,000 characters, expected at most 200", "parameter of its own"),
    ("(" * 5_000 + ")" * 5_000, "10,000 characters, expected at most 200", "parameter of its own"),
]


@pytest.mark.parametrize(("text", "message", "hint"), REFUSED)
def test_what_is_not_arithmetic_is_refused_with_the_way_out(
    text: str, message: str, hint: str | None
) -> None:
    began = time.process_time()
    with pytest.raises(ExpressionError) as caught:
        evaluate(text, NAMES)
    assert time.process_time() - began < 1
    error = caught.value
    assert message in error.message
    assert (hint in error.hint) if hint and error.hint else error.hint == hint
    assert error.place is None
    assert all(line.isprintable() for line in str(error).split("\n"))
    assert len(str(error)) < 500


def test_without_any_name_the_message_says_so() -> None:
    with pytest.raises(ExpressionError, match="There are no names here"):
        evaluate("$k", {})


def test_the_limits_are_those_that_are_told() -> None:
    assert evaluate("1" + " " * (LONGEST - 1), {}) == 1
    with pytest.raises(ExpressionError, match="201 characters"):
        evaluate("1" + " " * LONGEST, {})
    assert evaluate(f"{LARGEST} + 0", {}) == LARGEST
    assert evaluate("(" * 31 + "1" + ")" * 31, {}) == 1
    assert evaluate("+".join("1" * 100), {}) == 100
    assert evaluate("+".join(["(-1)"] * 40), {}) == -40


@pytest.mark.parametrize("exponent", [13, 400, 5_000])
@pytest.mark.parametrize(
    "text", ["$huge * 0.5", "$huge * 2", "-$huge", "$huge < 1.5", "$huge / 7", "$huge / 0", "$huge % 0"]
)
def test_a_number_that_is_too_large_stays_harmless(text: str, exponent: int) -> None:
    for huge in (10**exponent, -(10**exponent)):
        with pytest.raises(ExpressionError, match=r"beyond 10\^12"):
            evaluate(text, {"huge": huge})


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_a_float_that_is_no_number_stays_harmless(number: float) -> None:
    with pytest.raises(ExpressionError, match=r"beyond 10\^12"):
        evaluate("$number + 1", {"number": number})


def test_an_expression_may_be_evaluated_deep_in_the_stack() -> None:
    """Blocks may be nested 64 deep, and expansion takes some frames for each."""
    worst = "(" * 31 + "1" + ")" * 31

    def deeper(frames: int) -> Value:
        return deeper(frames - 1) if frames else evaluate(worst, {})

    assert deeper(sys.getrecursionlimit() // 2) == 1


NUMBERS = st.integers(0, 500).map(str) | st.sampled_from(["0.5", "2.0", "1e3", "0.125", ".75"])
OPERANDS = NUMBERS | st.sampled_from(["$k", "$width", "$half", "$a", "$_x1"])
ARITHMETIC = st.recursive(
    OPERANDS,
    lambda inner: (
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", "%"]), inner).map(" ".join)
        | inner.map("-{}".format)
        | inner.map("({})".format)
    ),
    max_leaves=12,
)
COMPARED = st.tuples(ARITHMETIC, st.sampled_from(["<", "<=", "==", "!=", ">", ">="]), ARITHMETIC).map(
    " ".join
)
CHAINED = st.tuples(COMPARED, st.sampled_from(["<", ">="]), OPERANDS).map(" ".join)
CHOSEN = st.tuples(ARITHMETIC, COMPARED | CHAINED, ARITHMETIC).map("{0[0]} if {0[1]} else {0[2]}".format)


class Refused(Exception):
    """Why an operation is refused, in the words that a message has to have."""


class Checked:
    """A number that Python computes with, and that refuses what the spec language refuses."""

    def __init__(self, value: float) -> None:
        self.value = value

    def __neg__(self) -> Checked:
        return Checked(-self.value)


def checked(rule: Callable[[Any, Any], Any]) -> Callable[[Checked, Checked], Checked]:
    def run(left: Checked, right: Checked) -> Checked:
        try:
            value = rule(left.value, right.value)
        except ZeroDivisionError:
            raise Refused("divides by zero") from None
        if rule is operator.truediv and math.isfinite(value) and not float(value).is_integer():
            raise Refused("does not come out whole")
        if abs(value) > 10**12:
            raise Refused("beyond 10^12")
        return Checked(value)

    return run


for method in ("add", "sub", "mul", "truediv", "floordiv", "mod"):
    setattr(Checked, f"__{method}__", checked(getattr(operator, method)))
for method in ("lt", "le", "eq", "ne", "gt", "ge"):
    rule = getattr(operator, method)
    setattr(Checked, f"__{method}__", lambda left, right, rule=rule: rule(left.value, right.value))


def by_python(text: str) -> object:
    """What Python itself makes of an expression over checked numbers. Raises Refused."""

    def number(found: re.Match[str]) -> str:
        return f"Checked({NAMES[found[1]] if found[1] else found[0]})"

    result = eval(re.sub(r"\$(\w+)|[0-9.][0-9.e]*", number, text), {"Checked": Checked})  # noqa: S307
    return result.value if isinstance(result, Checked) else result


@given(ARITHMETIC | COMPARED | CHAINED | CHOSEN)
def test_python_gives_the_same_result_or_the_same_refusal(text: str) -> None:
    assume(len(text) <= LONGEST)
    try:
        expected = by_python(text)
    except Refused as refusal:
        with pytest.raises(ExpressionError, match=re.escape(str(refusal))):
            evaluate(text, NAMES)
    else:
        assert evaluate(text, NAMES) == expected


def test_another_precedence_or_another_sign_would_be_noticed() -> None:
    assert by_python("2 + 3 * 4") == 14
    assert by_python("$k - 2 - 1") == 4
    assert by_python("-$k // 2") == -4
    for text, words in (("9 / 2", "whole"), ("9 % 0", "zero"), ("1e3 * 1e3 * 1e3 * 1e3 * 2", "beyond")):
        with pytest.raises(Refused, match=words):
            by_python(text)


@given(st.text(max_size=LONGEST + 20))
def test_any_text_is_evaluated_or_refused(text: str) -> None:
    accepted(text)


PIECES = st.sampled_from(
    [
        *"$$$+-*/%<>=()., \t\n_'\"[]{}:;#@!~^&|\\0123456789abkEe",
        "$k",
        "$width",
        " if ",
        " else ",
        "//",
        "**",
        "1e",
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_pieces_of_expressions_in_any_order_are_evaluated_or_refused(text: str) -> None:
    accepted(text)


def accepted(text: str) -> bool:
    """Whether an expression is evaluated; what it raises otherwise must be ExpressionError and printable."""
    try:
        evaluate(text, NAMES)
    except ExpressionError as error:
        message = str(error)
    else:
        return True
    assert all(line.isprintable() for line in message.split("\n"))
    return False
