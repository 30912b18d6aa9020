"""One rule, four readings: ints, traced symbols and arrays agree, and what is printed is what is meant."""

from __future__ import annotations

import math
import operator
import re
import subprocess
import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from archcalc.algebra import notation
from archcalc.algebra.notation import derivation, latex, text
from archcalc.algebra.symbols import (
    Traced,
    ceil_div,
    exact_div,
    maximum,
    minimum,
    prod,
    symbol,
    total,
    traced,
    value_of,
)

LETTERS = "NPFSCKG"


def letters(**values: int | Fraction) -> tuple[Traced, ...]:
    return tuple(symbol(name, value) for name, value in values.items())


# --- rules, as the layers write them -----------------------------------------------------------------------


def window(n: Any, p: Any, f: Any, s: Any) -> Any:
    return (n + 2 * p - f) // s + 1


def window_ceil(n: Any, p: Any, f: Any, s: Any) -> Any:
    return minimum(ceil_div(n + 2 * p - f, s) + 1, (n + p - 1) // s + 1)


def same_padding(n: Any, p: Any, f: Any, s: Any) -> Any:
    return maximum((ceil_div(n, s) - 1) * s + f - n, 0) + p * 0


def transposed(n: Any, p: Any, f: Any, s: Any) -> Any:
    return s * (n - 1) + f - 2 * p


def parameters(c: Any, g: Any, f: Any, k: Any) -> Any:
    return (prod([f, f, exact_div(c, g)]) + 1) * k


RULES = [window, window_ceil, same_padding, transposed]
SIZES = st.tuples(st.integers(1, 300), st.integers(0, 9), st.integers(1, 11), st.integers(1, 5))


@pytest.mark.parametrize("rule", RULES)
@given(configurations=st.lists(SIZES, min_size=1, max_size=20))
def test_a_rule_gives_the_same_numbers_however_it_is_read(
    rule: Any, configurations: list[tuple[int, ...]]
) -> None:
    by_ints = [rule(*sizes) for sizes in configurations]
    by_symbols = [rule(*map(symbol, "NPFS", sizes)) for sizes in configurations]
    by_arrays = rule(*(np.array(column) for column in zip(*configurations, strict=True)))
    assert all(type(number) is int for number in by_ints)
    assert [expression.value for expression in by_symbols] == by_ints
    assert by_arrays.tolist() == by_ints


@given(st.lists(st.tuples(*[st.integers(1, 64)] * 4), min_size=1))
def test_the_parameter_rule_gives_the_same_numbers_however_it_is_read(
    configurations: list[tuple[int, int, int, int]],
) -> None:
    configurations = [(c * g, g, f, k) for c, g, f, k in configurations]
    by_ints = [parameters(*sizes) for sizes in configurations]
    assert by_ints == [(f * f * c // g + 1) * k for c, g, f, k in configurations]
    assert [parameters(*map(symbol, "CGFK", sizes)).value for sizes in configurations] == by_ints
    assert parameters(*(np.array(column) for column in zip(*configurations, strict=True))).tolist() == by_ints


def test_known_values() -> None:
    assert window(227, 0, 11, 4) == 55  # AlexNet's conv1: (227 − 11)/4 + 1 = 54 + 1
    assert window_ceil(112, 0, 3, 2) == 56  # GoogLeNet's pool1: ⌈109/2⌉ + 1 = 56 = ⌊111/2⌋ + 1
    # A window that would begin in the padding after the input does not count:
    # ⌈(5 + 2 − 2)/3⌉ + 1 = 3, but ⌊(5 + 1 − 1)/3⌋ + 1 = 2.
    assert window_ceil(5, 1, 2, 3) == 2
    assert parameters(3, 1, 11, 96) == 34_944  # (11·11·3 + 1)·96 = 364·96


def test_helpers_on_ints() -> None:
    assert [ceil_div(a, 4) for a in (-5, -4, 0, 1, 4, 5)] == [-1, -1, 0, 1, 1, 2]
    assert (minimum(3, 4), minimum(4, 3), maximum(3, 4), maximum(4, 3)) == (3, 3, 4, 4)
    assert (prod([]), prod([3, 4]), total([]), total([3, 4])) == (1, 12, 0, 7)
    assert exact_div(64, 4) == 16


def test_exact_div_refuses_what_does_not_divide() -> None:
    for a, b in [(64, 6), (symbol("C", 64), 6), (64, symbol("G", 6)), (np.array([64, 63]), 3)]:
        with pytest.raises(ArithmeticError, match="divisible"):
            exact_div(a, b)
    assert exact_div(symbol("N", Fraction(3, 2)), 3).value == Fraction(1, 2)


DIVISIONS: list[Any] = [ceil_div, exact_div, operator.floordiv]


def test_division_by_zero_is_the_same_for_symbols_as_for_ints() -> None:
    n, zero = letters(N=3, S=0)
    for divide in DIVISIONS:
        with pytest.raises(ZeroDivisionError):
            divide(3, 0)
        with pytest.raises(ZeroDivisionError):
            divide(n, zero)


# --- printing ----------------------------------------------------------------------------------------------


def test_the_convolution_of_the_lectures() -> None:
    n, p, f, s = letters(N=227, P=0, F=11, S=4)
    assert derivation(window(n, p, f, s)) == "⌊(N + 2·P − F)/S⌋ + 1 = ⌊(227 + 2·0 − 11)/4⌋ + 1 = 55"
    assert derivation(window(n, p, f, s), "latex") == (
        r"\left\lfloor\frac{N + 2P - F}{S}\right\rfloor + 1"
        r" = \left\lfloor\frac{227 + 2 \cdot 0 - 11}{4}\right\rfloor + 1 = 55"
    )
    assert derivation(window(n, p, f, s), "markdown") == f"${derivation(window(n, p, f, s), 'latex')}$"


def test_the_pool_with_ceil() -> None:
    n, p, f, s = letters(N=112, P=0, F=3, S=2)
    assert derivation(window_ceil(n, p, f, s)) == (
        "min(⌈(N + 2·P − F)/S⌉ + 1, ⌊(N + P − 1)/S⌋ + 1)"
        " = min(⌈(112 + 2·0 − 3)/2⌉ + 1, ⌊(112 + 0 − 1)/2⌋ + 1) = 56"
    )


def test_parameters_print_flat_and_values_are_grouped() -> None:
    f, c, k, g = letters(F=5, C=96, K=256, G=2)
    assert derivation(f * f * c * k) == "F·F·C·K = 5·5·96·256 = 614,400"
    assert text(f * (f * (c * k))) == text(prod([f, f, c, k])) == "F·F·C·K"
    assert derivation((f * f * exact_div(c, g) + 1) * k) == "(F·F·C/G + 1)·K = (5·5·96/2 + 1)·256 = 307,456"
    assert text(exact_div(c, g)) == "C/G"
    assert text(exact_div(c, g) * k) == "(C/G)·K"
    assert derivation(f * f * c * k, "latex").endswith(r"= 614{,}400")


A, B, C = letters(a=24, b=4, c=2)


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        (A - (B - C), "a − (b − c)"),
        (A - (B + C), "a − (b + c)"),
        (A + (B - C), "a + b − c"),
        (A + -B + C, "a − b + c"),
        (-(A + B) * C, "(−(a + b))·c"),
        (-(A * B) + C, "−a·b + c"),
        (A - -B, "a − (−b)"),
        (A + -3, "a − 3"),
        (-3 * A, "(−3)·a"),
        ((A + 1) * (B + C), "(a + 1)·(b + c)"),
        (A // (B * C), "⌊a/(b·c)⌋"),
        (A * B // C, "⌊a·b/c⌋"),
        (ceil_div(A // B, C), "⌈⌊a/b⌋/c⌉"),
        (exact_div(exact_div(A, B), C), "(a/b)/c"),
        (exact_div(A, exact_div(B, C)), "a/(b/c)"),
        (maximum(minimum(A, B), minimum(B, C)), "max(min(a, b), min(b, c))"),
        (minimum(A, minimum(B, C)), "min(a, b, c)"),
        (A + Fraction(1, 2), "a + 1/2"),
    ],
)
def test_brackets(expression: Traced, printed: str) -> None:
    assert text(expression) == printed


def test_negative_values_stand_in_brackets_where_a_sign_would_be_misread() -> None:
    n, p = letters(N=5, P=-1)
    assert text(n + 2 * p, numbers=True) == "5 + 2·(−1)"
    assert text(n + p, numbers=True) == "5 + (−1)"
    assert text(p + n, numbers=True) == "−1 + 5"
    assert derivation(p) == "P = −1"
    assert derivation(symbol("S", Fraction(1, 2)) * n) == "S·N = (1/2)·5 = 5/2"


def test_steps_that_say_nothing_new_are_left_out() -> None:
    assert derivation(symbol("K", 4096)) == "K = 4,096"
    assert derivation(0) == "0"
    assert derivation(61_706) == "61,706"
    assert derivation(traced(2) + 3) == "2 + 3 = 5"


def test_thousands_stand_apart_in_formulas_too() -> None:
    macs, n = symbol("MACs", 105_415_200), symbol("N", 999)
    assert derivation(2 * macs) == "2·MACs = 2·105,415,200 = 210,830,400"
    assert derivation(2 * macs, "latex") == r"2\mathrm{MACs} = 2 \cdot 105{,}415{,}200 = 210{,}830{,}400"
    assert derivation(n + 1) == "N + 1 = 999 + 1 = 1,000"
    assert derivation(minimum(n, macs)) == "min(N, MACs) = min(999, 105,415,200) = 999"
    assert derivation(symbol("S", Fraction(1, 4096))) == "S = 1/4,096"


def test_constants_that_change_nothing_are_not_printed() -> None:
    (k,) = letters(K=96)
    for same in (k + 0, 0 + k, k - 0, 1 * k, k * 1, exact_div(k, 1), total([k]), prod([k]), k * True):
        assert text(same) == "K"
    assert text(k * 0) == "K·0"
    assert text(0 - k) == "−K"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("N", "N"),
        ("C_in", r"C_{\mathrm{in}}"),
        ("F_h", "F_{h}"),
        ("P_1_h", "P_{1,h}"),
        ("heads", r"\mathrm{heads}"),
        ("conv1_1", r"\mathrm{conv1}_{1}"),
        ("3a.b-1", r"\text{3a.b-1}"),
        ("_x", r"\text{\_x}"),
        ("a_", r"\text{a\_}"),
        ("50%{~\\", r"\text{50\%\{\textasciitilde{}\textbackslash{}}"),
    ],
)
def test_names_in_latex(name: str, written: str) -> None:
    assert latex(symbol(name, 1)) == written
    assert text(symbol(name, 1)) == name


def test_products_in_latex() -> None:
    n, c = letters(N=3, C=4)
    c_in = symbol("C_in", 4)
    assert latex(2 * n) == "2N"
    assert latex(2 * n * c) == r"2N \cdot C"
    assert latex(n * 2) == r"N \cdot 2"
    assert latex(n * c * c_in) == r"N \cdot C \cdot C_{\mathrm{in}}"
    assert latex(2 * n, numbers=True) == r"2 \cdot 3"
    assert latex(traced(2) * 3) == r"2 \cdot 3"
    assert latex(2 * (n + c)) == r"2 \cdot \left(N + C\right)"
    assert latex(exact_div(c, 2) * n) == r"\frac{C}{2} \cdot N"


def test_a_sum_over_a_deep_network_prints() -> None:
    rows = [symbol(f"layer{i}", i) for i in range(2000)]
    assert text(total(rows)).count(" + ") == 1999
    assert derivation(total(rows)).endswith(" = 1,999,000")  # 1999·2000/2


# --- what is printed, read back by somebody else -----------------------------------------------------------

Recipe = Any  # a letter, a constant, or (operation, recipe, recipe)

LEAVES = st.sampled_from(LETTERS) | st.integers(-3, 6) | st.sampled_from([Fraction(1, 2), Fraction(-3, 2)])
OPERATIONS = ("+", "-", "*", "floor", "ceil", "exact", "min", "max")
RECIPES: st.SearchStrategy[Recipe] = st.recursive(
    LEAVES,
    lambda inner: st.tuples(st.sampled_from(OPERATIONS), inner, inner) | st.tuples(st.just("neg"), inner),
    max_leaves=12,
)
VALUES = st.fixed_dictionaries(
    {
        letter: st.integers(-4, 12) | st.sampled_from([Fraction(1, 2), Fraction(-4, 3), 1000])
        for letter in LETTERS
    }
)


def cook(recipe: Recipe, names: dict[str, Any]) -> Any:
    """Carry out a recipe by the operators and helpers, on whatever the names stand for."""
    if isinstance(recipe, str):
        return names[recipe]
    if not isinstance(recipe, tuple):
        return recipe
    operation, *inner = recipe
    a = cook(inner[0], names)
    if operation == "neg":
        return -a
    b = cook(inner[1], names)
    if operation in ("floor", "ceil", "exact") and value_of(b) == 0:
        b = b + 3
    if operation == "exact" and value_of(a) % value_of(b):
        a = a * b + b
    return {
        "+": lambda: a + b,
        "-": lambda: a - b,
        "*": lambda: a * b,
        "floor": lambda: a // b,
        "ceil": lambda: ceil_div(a, b),
        "exact": lambda: exact_div(a, b),
        "min": lambda: minimum(a, b),
        "max": lambda: maximum(a, b),
    }[operation]()


def evaluate(printed: str, names: dict[str, Any]) -> Fraction:
    """The value of the text form, by Python's own precedence."""
    python = re.sub(r"(?<=\d),(?=\d)", "", printed).translate(
        {ord("·"): "*", ord("−"): "-", ord("⌊"): "floor(", ord("⌈"): "ceil(", ord("⌋"): ")", ord("⌉"): ")"}
    )
    python = re.sub(r"\d+", r"Q(\g<0>)", python)
    functions = {"Q": Fraction, "floor": math.floor, "ceil": math.ceil, "min": min, "max": max}
    return Fraction(eval(python, functions, dict(names)))  # noqa: S307 (the text was printed here)


def untex(source: str) -> str:
    """LaTeX as the text form, every fraction in brackets."""
    while (start := source.rfind(r"\frac{")) >= 0:
        above_end = closing(source, start + 5)
        below_end = closing(source, above_end + 1)
        above, below = source[start + 6 : above_end], source[above_end + 2 : below_end]
        source = f"{source[:start]}(({above})/({below})){source[below_end + 1 :]}"
    for tex, sign in (
        (r"\left\lfloor", "⌊"), (r"\right\rfloor", "⌋"), (r"\left\lceil", "⌈"), (r"\right\rceil", "⌉"),
        (r"\left(", "("), (r"\right)", ")"), (r" \cdot ", "·"), (r"\min", "min"), (r"\max", "max"),
        ("-", "−"), ("{,}", ""),
    ):  # fmt: skip
        source = source.replace(tex, sign)
    return re.sub(r"(\d)([A-Z])", r"\1·\2", source)


def closing(source: str, opening: int) -> int:
    depth = 0
    for i in range(opening, len(source)):
        depth += {"{": 1, "}": -1}.get(source[i], 0)
        if depth == 0:
            return i
    raise AssertionError(f"unbalanced: {source}")


@given(RECIPES, VALUES)
def test_what_is_printed_has_the_value(recipe: Recipe, values: dict[str, Any]) -> None:
    expression = cook(recipe, {name: symbol(name, value) for name, value in values.items()})
    value = value_of(expression)
    assert value == cook(recipe, values)
    for step in (text(expression), text(expression, numbers=True), *derivation(expression).split(" = ")):
        assert evaluate(step, values) == value
    for step in (latex(expression), latex(expression, numbers=True)):
        assert evaluate(untex(step), values) == value
        assert step.count(r"\left") == step.count(r"\right")
        assert step.count("{") == step.count("}")


def test_the_reader_of_printed_text_sees_a_missing_bracket(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b, c = letters(N=1, P=2, F=3)
    values = {"N": 1, "P": 2, "F": 3}
    wrong = [a - (b - c), (a + b) * c, ceil_div(a + b, c), exact_div(12 * a, b * c)]
    assert all(evaluate(text(expression), values) == expression.value for expression in wrong)
    monkeypatch.setattr(notation._Text, "bracketed", lambda _writer, piece, _level: piece[0])
    assert not any(evaluate(text(expression), values) == expression.value for expression in wrong)


@given(st.text(min_size=1), st.integers())
def test_any_name_gives_balanced_latex(name: str, value: int) -> None:
    bare = re.sub(r"\\[\\_&%$#{}]", "", latex(symbol(name, value)))
    assert bare.count("{") == bare.count("}")
    assert closing(f"{{{bare}}}", 0) == len(bare) + 1


# --- what a rule may not do --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "branch",
    [
        lambda n: 1 if n else 2,
        lambda n: n == 227,
        lambda n: n != 227,
        lambda n: n < 3,
        lambda n: n <= 3,
        lambda n: n > 3,
        lambda n: n >= 3,
        lambda n: max(n, 3),
        lambda n: n in [226, 227],
        lambda n: not n,
        lambda n: {n: 1},
        range,
        lambda n: n / 2,
        lambda n: n % 2,
        lambda n: n + 0.5,
        lambda n: n + np.int64(2),
        lambda n: np.array([1, 2]) * n,
        lambda n: n + "1",
    ],
)
def test_branching_on_a_value_raises(branch: Any) -> None:
    with pytest.raises(TypeError):
        branch(symbol("N", 227))


def test_the_message_says_what_to_do_instead() -> None:
    n, f = letters(N=227, F=11)
    with pytest.raises(TypeError, match=r"may not branch on a value.*227.*minimum\(\) or maximum\(\)"):
        assert n > f


def test_a_traced_number_cannot_be_changed() -> None:
    n = symbol("N", 3)
    with pytest.raises(AttributeError, match="cannot be changed"):
        n.value = 4
    with pytest.raises(AttributeError, match="cannot be changed"):
        del n.name
    assert n.value == 3


@pytest.mark.parametrize("inexact", [0.5, "3", None, np.int64(3)])
def test_only_exact_numbers_are_traced(inexact: Any) -> None:
    with pytest.raises(TypeError, match="exact number"):
        symbol("N", inexact)
    with pytest.raises(TypeError, match="exact number"):
        traced(inexact)


@given(st.integers(-50, 50), st.integers(-50, 50))
def test_extremes_and_quotients_of_arrays_and_fractions(a: int, b: int) -> None:
    assume(b)
    both = np.array([a, b])
    assert minimum(both, 0).tolist() == [min(a, 0), min(b, 0)]
    assert maximum(0, both).tolist() == [max(a, 0), max(b, 0)]
    assert ceil_div(both, b).tolist() == [math.ceil(Fraction(a, b)), 1]
    assert exact_div(both * b, b).tolist() == [a, b]
    assert minimum(Fraction(a, b), 0) == min(Fraction(a, b), 0)


# --- start-up ----------------------------------------------------------------------------------------------


def newly_imported(statement: str) -> set[str]:
    program = (
        f"import sys, archcalc; before = set(sys.modules); {statement}; print(*set(sys.modules) - before)"
    )
    return set(subprocess.check_output([sys.executable, "-c", program], text=True).split())


def test_symbols_and_units_start_fast() -> None:
    slow = {"archcalc.algebra.notation", "decimal", "fractions", "numpy"}
    assert not newly_imported("import archcalc.algebra.symbols, archcalc.algebra.units") & slow
    assert newly_imported("import archcalc.algebra.notation, decimal, fractions, numpy") >= slow
