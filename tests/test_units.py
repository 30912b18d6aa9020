"""Units: published numbers are read exactly and judged by their digits; MB and MiB are never confused."""

from __future__ import annotations

from contextlib import suppress
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcalc.algebra.units import (
    DTYPES,
    FLOPS_PER_MAC,
    agreement,
    dtype_bytes,
    grouped,
    isize,
    parse_written,
    percent,
    ratio,
    si,
    size,
)
from archcalc.words.errors import OptionError

# --- published figures, judged -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quoted", "actual", "verdict"),
    [
        # He et al. 2015, Deep Residual Learning, Table 1 ("FLOPs", which are multiply-adds)
        ("1.8e9", 1_814_073_344, "rounded"),
        ("3.6e9", 3_663_761_408, "truncated"),
        ("3.8e9", 3_857_973_248, "truncated"),
        ("7.6e9", 7_570_194_432, "rounded"),
        ("11.3e9", 11_282_415_616, "rounded"),
        # Simonyan & Zisserman 2014, Very Deep Convolutional Networks, Table 2 (parameters in millions)
        ("133M", 132_863_336, "rounded"),
        ("138M", 138_357_544, "rounded"),
        # the lecture's memory of VGG-16 at batch 128, whose terms were rounded before they were added
        ("8.2 GB", 8_357_141_504, "different"),
        ("138357544", 138_357_544, "exact"),
        ("138000000", 138_357_544, "different"),
        ("3.86 GMACs", 3_857_973_248, "rounded"),
        ("3.80e9", 3_857_973_248, "different"),
        ("3.7e9", 3_857_973_248, "different"),
        ("4e9", 3_857_973_248, "rounded"),
        ("3e9", 3_857_973_248, "truncated"),
        ("3.9G", 3_857_973_248, "rounded"),
        ("4.0G", 3_857_973_248, "different"),
        ("528 MiB", 553_430_176, "rounded"),  # 553,430,176 / 1,048,576 = 527.79…
        ("527 MiB", 553_430_176, "truncated"),
        ("528 MB", 553_430_176, "different"),
        ("553 MB", 553_430_176, "rounded"),
        ("553 MiB", 553_430_176, "different"),
        ("0", 0, "exact"),
        ("1", 0, "different"),
        ("0", 1, "different"),
    ],
)
def test_agreement(quoted: str, actual: int, verdict: str) -> None:
    assert agreement(actual, parse_written(quoted)) == verdict


def test_a_tie_may_have_been_rounded_either_way() -> None:
    assert agreement(2_500, parse_written("2k")) == "rounded"
    assert agreement(2_500, parse_written("3k")) == "rounded"
    assert agreement(2_501, parse_written("2k")) == "truncated"
    assert agreement(2_499, parse_written("3k")) == "different"


@given(st.integers(1, 10**15), st.integers(0, 9))
def test_what_decimal_rounds_or_truncates_is_recognised(actual: int, power: int) -> None:
    unit = Decimal(1).scaleb(power)
    for rounding, allowed in (
        (ROUND_HALF_UP, {"exact", "rounded"}),
        (ROUND_DOWN, {"exact", "rounded", "truncated"}),
    ):
        shown = (Decimal(actual) / unit).quantize(Decimal(1), rounding=rounding)
        assert agreement(actual, parse_written(f"{shown}e{power}")) in allowed
        assert agreement(actual, parse_written(f"{shown + 2}e{power}")) == "different"
        if shown >= 2:
            assert agreement(actual, parse_written(f"{shown - 2}e{power}")) == "different"


# --- reading quantities ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value", "unit", "digits", "quantum"),
    [
        ("11.3e9", 11_300_000_000, None, 3, 100_000_000),
        ("138M", 138_000_000, None, 3, 1_000_000),
        ("60k", 60_000, None, 2, 1_000),
        ("60K", 60_000, None, 2, 1_000),
        ("1.5T", 1_500_000_000_000, None, 2, 100_000_000_000),
        ("3.8 GMACs", 3_800_000_000, "MAC", 2, 100_000_000),
        ("7.6 GFLOPs", 7_600_000_000, "FLOP", 2, 100_000_000),
        ("1 MAC", 1, "MAC", 1, 1),
        ("8.2 GB", 8_200_000_000, "B", 2, 100_000_000),
        ("8.2GB", 8_200_000_000, "B", 2, 100_000_000),
        ("527 MiB", 527 * 2**20, "B", 3, 2**20),
        ("1.5 GiB", 3 * 2**29, "B", 2, Fraction(2**30, 10)),
        ("4 kB", 4_000, "B", 1, 1_000),
        ("4 KiB", 4_096, "B", 1, 1_024),
        ("1Ki", 1_024, None, 1, 1_024),
        ("1 Mi", 1_048_576, None, 1, 1_048_576),
        ("1.5Gi", 1_610_612_736, None, 2, Fraction(2**30, 10)),
        ("1 Ti", 1_099_511_627_776, None, 1, 2**40),
        ("7.3%", Fraction(73, 10), "%", 2, Fraction(1, 10)),
        ("0.05", Fraction(1, 20), None, 1, Fraction(1, 100)),
        (" 61706 ", 61_706, None, 5, 1),
        ("1e+3", 1_000, None, 1, 1_000),
        ("25e-1", Fraction(5, 2), None, 2, Fraction(1, 10)),
    ],
)
def test_reading(text: str, value: Fraction, unit: str | None, digits: int, quantum: Fraction) -> None:
    assert parse_written(text) == (text.strip(), value, unit, digits, quantum)


@given(st.decimals(0, 10**12, allow_nan=False, allow_infinity=False))
def test_decimals_are_read_exactly(number: Decimal) -> None:
    written = f"{number:f}"[:38]
    assert parse_written(written).value == Fraction(written)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("~138M", "'~138M' is not a quantity.\n  Leave out '~': the digits given say"),
        ("≈ 8.2 GB", "Leave out '≈'"),
        ("1,728", "Write '1728': a quantity has no thousands separators"),
        ("1_728", "Write '1728'"),
        ("12,345,678", "Write '12345678'"),
        ("1,728.5 kB", "Write '1728.5 kB'"),
        ("1,7285", "Write '1.7285': the decimal sign is a point"),
        ("3,8e9", "Write '3.8e9': the decimal sign is a point"),
        ("8.2 KB", "'8.2 KB': 'KB' is not a unit.\n  Write kB for 1000 bytes or KiB for 1024."),
        ("8.2 gb", "Did you mean 'GB'?"),
        ("1 Mo", "'Mo' is not a unit.\n  A quantity is written like"),
        ("1 mi", "'mi' is not a unit.\n  A quantity is written like"),
        ("1 ni", "'ni' is not a unit.\n  A quantity is written like"),
        ("3.8 GFLOPS", "Did you mean 'GFLOPs'?"),
        ("8.2 parsecs", "'parsecs' is not a unit.\n  A quantity is written like"),
        ("", "'' is not a quantity.\n  A quantity is written like 11.3e9, 138M"),
        ("-5", "is not a quantity"),
        ("nan", "is not a quantity"),
        ("inf", "is not a quantity"),
        ("1.", "is not a quantity"),
        (".5", "is not a quantity"),
        ("1.2.3", "is not a quantity"),
        ("1e9e9", "is not a quantity"),
        ("0x10", "is not a quantity"),
        ("٣M", "is not a quantity"),
        ("10⁶", "is not a unit"),
        ("1e31", "'1e31' is out of range.\n  The exponent may be at most 30."),
        ("1e999999999", "is not a quantity"),
        ("9" * 100_000, "is not a quantity"),
        ("138\x1b[31mM", r"'138\x1b[31mM' is not a quantity"),
    ],
)
def test_what_is_not_a_quantity_is_refused_with_the_way_out(text: str, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse_written(text)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 200


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(OptionError):
        assert parse_written(text).value >= 0


# --- dtypes ------------------------------------------------------------------------------------------------


def test_bytes_of_dtypes() -> None:
    assert {name: dtype_bytes(name) for name in ("float64", "float32", "float16", "bfloat16", "int8")} == {
        "float64": 8,
        "float32": 4,
        "float16": 2,
        "bfloat16": 2,
        "int8": 1,
    }
    assert all(dtype_bytes(name) * 8 == int(name.lstrip("abfilnotu")) for name in DTYPES if name != "bool")
    assert FLOPS_PER_MAC == 2


def test_unknown_dtypes() -> None:
    with pytest.raises(OptionError, match=r"there is no dtype 'flaot16'\.\n  Did you mean 'float16'\?"):
        dtype_bytes("flaot16")
    with pytest.raises(OptionError, match=r"Choose one of float32, float64, .* or bool\."):
        dtype_bytes("quux")


# --- printing ----------------------------------------------------------------------------------------------


def test_grouped() -> None:
    assert [grouped(n) for n in (0, 999, 61_706, 138_357_544)] == ["0", "999", "61,706", "138,357,544"]


@pytest.mark.parametrize(
    ("n", "printed"),
    [
        (0, "0"),
        (999, "999"),
        (1_000, "1.00 k"),
        (61_706, "61.7 k"),
        (416_520, "417 k"),
        (999_499, "999 k"),
        (999_500, "1.00 M"),
        (1_135_256_096, "1.14 G"),
        (15_470_264_320, "15.5 G"),
        (10**22, "10,000 E"),
    ],
)
def test_si(n: int, printed: str) -> None:
    assert si(n) == printed


def test_si_with_units_and_digits() -> None:
    assert si(3_857_973_248, "MACs") == "3.86 GMACs"
    assert si(55, "MACs") == "55 MACs"
    assert si(3_857_973_248, digits=5) == "3.8580 G"
    assert si(138_357_544, digits=2) == "140 M"
    assert si(999_999, digits=6) == "999.999 k"


def test_bytes() -> None:
    # VGG-16: 138,357,544 parameters of 4 bytes; 553,430,176 / 1,048,576 = 527.7921…
    assert (size(553_430_176), size(553_430_176, 0)) == ("553.43 MB", "553 MB")
    assert (isize(553_430_176), isize(553_430_176, 1)) == ("527.79 MiB", "527.8 MiB")
    # 15,237,608 activations of 4 bytes
    assert [size(n) for n in (0, 999, 1_000, 60_950_432, 8_357_141_504)] == [
        "0 B", "999 B", "1.00 kB", "60.95 MB", "8.36 GB",
    ]  # fmt: skip
    assert [isize(n) for n in (1_023, 1_024, 60_950_432, 8_357_141_504)] == [
        "1023 B", "1.00 KiB", "58.13 MiB", "7.78 GiB",
    ]  # fmt: skip
    assert (size(999_994), size(999_995)) == ("999.99 kB", "1.00 MB")
    assert (isize(2**20 - 6), isize(2**20 - 5)) == ("1,023.99 KiB", "1.00 MiB")


def test_ratio() -> None:
    cases = [
        (1, 1),
        (3, 2),
        (12_345, 1_000),
        (9_996, 1_000),
        (123_456, 100),
        (1, 3),
        (1, 1_000),
        (0, 5),
        (5, 0),
    ]
    assert [ratio(a, b) for a, b in cases] == [
        "1.00×", "1.50×", "12.3×", "10.0×", "1,235×", "0.333×", "0.00100×", "0×", "–",
    ]  # fmt: skip


def test_percent() -> None:
    assert [percent(1, 3), percent(2, 3), percent(5, 5), percent(0, 5), percent(1, 0)] == [
        "33.3%", "66.7%", "100.0%", "0.0%", "–",
    ]  # fmt: skip
    assert percent(1, 3, decimals=0) == "33%"


@given(st.integers(0, 10**24), st.integers(1, 10**24), st.integers(0, 4))
def test_printing_rounds_exactly(n: int, base: int, decimals: int) -> None:
    quantum = Decimal(1).scaleb(-decimals)
    exact = 100 * Fraction(n, base)
    printed = Fraction(Decimal(percent(n, base, decimals).removesuffix("%").replace(",", "")))
    assert abs(printed - exact) <= Fraction(quantum) / 2
    shown = ratio(n, base).removesuffix("×").replace(",", "")
    if n:
        assert abs(Fraction(shown) - Fraction(n, base)) <= Fraction(n, base) / 199
        assert len(shown.replace(".", "").lstrip("0")) == max(3, len(shown.split(".")[0]))


@given(st.integers(1_000, 10**20))
def test_what_si_prints_is_the_number_rounded(n: int) -> None:
    number, prefix = si(n).split(" ")
    assert agreement(n, parse_written(number.replace(",", "") + "e" + str("_kMGTPE".index(prefix) * 3))) in (
        "exact",
        "rounded",
    )
