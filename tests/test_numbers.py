"""Answers as people write them: a corpus of spellings, round trips through an independent writer, hostile texts."""

from __future__ import annotations

import math
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcalc.algebra.units import SUFFIXES, WrittenNumber, parse_written
from archcalc.grading.model import Form, Reading, Written
from archcalc.grading.numbers import LONGEST, read

CORPUS = Path(__file__).parent / "number_spellings.txt"
LOCALES = {"p": "pt-BR", "e": "en", "n": None}
LABELS = ("a", "b", "c", "vgg19")
TEXTS = ("AlexNet", "GoogLeNet", "VGG-16", "VGG-19")

Reader = Callable[..., Reading]


class Spelling(NamedTuple):
    """One line of the corpus, for one of its locales."""

    line: int
    form: Form
    locale: str | None
    text: str
    meaning: str
    """`blank`, `unreadable`, or what the answer may mean, sorted and joined with ` | `."""
    quantum: Fraction | None


def lowest(fraction: re.Match[str]) -> str:
    """A fraction in lowest terms: the corpus has 138344128/1000 for 138344.128."""
    return str(Fraction(fraction[0]))


def corpus() -> Iterator[Spelling]:
    """Every line of the corpus, for each of its locales."""
    form = ""
    for number, line in enumerate(CORPUS.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("## "):
            form = line[3:]
        if not line or line.startswith("#"):
            continue
        locales, _space, rest = line.partition(" ")
        written, _arrow, meaning = rest.partition(" ⇒ ")
        text = re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), written)
        meaning, _tilde, quantum = meaning.partition(" ~")
        for letter in locales:
            yield Spelling(
                number,
                form,  # type: ignore[arg-type]
                LOCALES[letter],
                text,
                " | ".join(sorted(re.sub(r"[0-9]+/[0-9]+", lowest, meaning).split(" | "))),
                Fraction(quantum) if quantum else None,
            )


def shown(way: Written) -> str:
    """A way to read an answer, as the corpus has it."""
    if isinstance(way, bool):
        return "yes" if way else "no"
    if isinstance(way, WrittenNumber):
        return f"{way.value} {way.unit}" if way.unit else str(way.value)
    return way if isinstance(way, str) else "x".join(str(size.value) for size in way)


def values(way: Written) -> list[Fraction]:
    """The sizes of a shape."""
    assert isinstance(way, tuple)
    assert not isinstance(way, WrittenNumber)
    return [size.value for size in way]


def meaning(reading: Reading) -> str:
    """A reading, as the corpus has it."""
    if reading.problem:
        assert not reading.ways
        return "unreadable"
    return " | ".join(sorted(map(shown, reading.ways))) if reading.ways else "blank"


def misread(reader: Reader, form: Form | None = None) -> list[str]:
    """What a reader gets wrong of the corpus."""
    wrong = []
    for spelling in corpus():
        if form not in (None, spelling.form):
            continue
        reading = reader(spelling.text, spelling.form, locale=spelling.locale, labels=LABELS, texts=TEXTS)
        came = meaning(reading)
        (way, *_more) = reading.ways or (None,)
        if came == spelling.meaning and spelling.quantum is not None:
            assert isinstance(way, WrittenNumber)
            came = came if way.quantum == spelling.quantum else f"{came} ~{way.quantum}"
        if came != spelling.meaning:
            wrong.append(f"{spelling.line}: {spelling.text!r} in {spelling.locale}: {came}")
    return wrong


# --- the corpus --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["number", "shape", "choice", "truth"])
def test_the_corpus_is_read_as_it_is_meant(form: Form) -> None:
    assert misread(read, form) == []


def test_every_spelling_stands_there_once_for_each_locale() -> None:
    found = defaultdict(list)
    for spelling in corpus():
        found[spelling.form, spelling.text].append(spelling.locale)
    assert {
        text: locales
        for text, locales in found.items()
        if sorted(map(str, locales)) != ["None", "en", "pt-BR"]
    } == {}
    assert len(found) >= 700
    assert {form for form, _text in found} == {"number", "shape", "choice", "truth"}


def first_way(text: str, form: Form, **settings: object) -> Reading:
    reading = read(text, form, **settings)  # type: ignore[arg-type]
    return reading._replace(ways=reading.ways[:1])


def any_locale(text: str, form: Form, **settings: object) -> Reading:
    return read(text, form, **(settings | {"locale": None}))  # type: ignore[arg-type]


def lenient(text: str, form: Form, **settings: object) -> Reading:
    return read(text, form, lenient=True, **settings)  # type: ignore[arg-type]


def without_units(text: str, form: Form, **settings: object) -> Reading:
    reading = read(text, form, **settings)  # type: ignore[arg-type]
    return reading._replace(
        ways=tuple(way._replace(unit=None) if isinstance(way, WrittenNumber) else way for way in reading.ways)
    )


def to_the_last_one(text: str, form: Form, **settings: object) -> Reading:
    reading = read(text, form, **settings)  # type: ignore[arg-type]
    return reading._replace(
        ways=tuple(
            way._replace(quantum=Fraction(1)) if isinstance(way, WrittenNumber) else way
            for way in reading.ways
        )
    )


def by_float(text: str, form: Form, **settings: object) -> Reading:
    """What a script of three lines does."""
    point = "." if settings["locale"] == "pt-BR" else ","
    bare = text.replace(point, "").replace(",", ".")
    if form != "number" or not re.fullmatch(r"[0-9]+(\.[0-9]+)?", bare):
        return Reading(text, (), "no number")
    return Reading(text, (WrittenNumber(text, Fraction(bare), None, 1, Fraction(1)),))


def refusing(text: str, form: Form, **settings: object) -> Reading:
    return Reading(text, (), f"no {form} in {settings}")


def silent(text: str, form: Form, **settings: object) -> Reading:
    return read(text[:0], form, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reader", "overlooked"),
    [
        (first_way, "'3,145' in pt-BR"),
        (any_locale, "'3,145' in en"),
        (lenient, "'3,145' in pt-BR"),
        (without_units, "'8,2 GB' in en"),
        (to_the_last_one, "'138M' in None"),
        (by_float, "'2,33' in en"),
        (refusing, "'42' in en"),
        (silent, "'1.2.3' in en"),
    ],
)
def test_a_reader_that_is_wrong_would_be_noticed(reader: Reader, overlooked: str) -> None:
    assert any(overlooked in line for line in misread(reader))


# --- readings ----------------------------------------------------------------------------------------------


def test_the_text_is_kept_as_it_was_written() -> None:
    assert read("  ≈ 8,2 GB ", "number", locale="pt-BR").text == "≈ 8,2 GB"
    assert read("n/a", "number", locale=None) == Reading("", ())
    assert read("n/a", "number", locale=None).blank
    assert not read("0", "number", locale=None).blank
    assert read("3,145", "number", locale=None).ambiguous
    assert not read("138M", "number", locale=None).ambiguous


@pytest.mark.parametrize(
    ("text", "locale", "value"),
    [
        ("3,145", "pt-BR", Fraction(629, 200)),
        ("3.145", "pt-BR", Fraction(3145)),
        ("3,145", "en", Fraction(3145)),
        ("3.145", "en", Fraction(629, 200)),
        ("8.357 GB", "pt-BR", Fraction(8_357_000_000_000)),
        ("8.357 GB", "en", Fraction(8_357_000_000)),
    ],
)
def test_lenient_takes_a_sign_as_the_locale_has_it(text: str, locale: str, value: Fraction) -> None:
    (way,) = read(text, "number", locale=locale, lenient=True).ways
    assert isinstance(way, WrittenNumber)
    assert way.value == value


def test_lenient_does_not_guess_what_the_locale_does_not_say() -> None:
    assert len(read("3,145", "number", locale=None, lenient=True).ways) == 2
    assert len(read("4 KB", "number", locale="en", lenient=True).ways) == 2
    assert len(read("7B", "number", locale="en", lenient=True).ways) == 2


def test_the_own_way_of_the_locale_comes_first() -> None:
    for locale, value in (("pt-BR", Fraction(629, 200)), ("en", Fraction(3145))):
        way = read("3,145", "number", locale=locale).ways[0]
        assert isinstance(way, WrittenNumber)
        assert way.value == value


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("138M", 3),
        ("138,30 M", 5),
        ("0,050", 2),
        ("≈ 60.000.000", 1),
        ("60.000.000", 8),
        ("1,38×10^8", 3),
        ("0", 1),
    ],
)
def test_significant_digits(text: str, digits: int) -> None:
    (way,) = read(text, "number", locale="pt-BR").ways
    assert isinstance(way, WrittenNumber)
    assert way.digits == digits


def test_sizes_that_are_named_say_so() -> None:
    assert read("55x55, 96 canais", "shape", locale="pt-BR").named
    assert read("96@55x55", "shape", locale=None).named
    assert not read("96x55x55", "shape", locale=None).named


def test_two_options_with_one_text_are_ambiguous() -> None:
    reading = read("vgg", "choice", locale=None, labels=["a", "b"], texts=["VGG", "VGG"])
    assert reading.ways == ("a", "b")
    assert read("-", "choice", locale=None, labels=["-", "+"]).ways == ("-",)
    assert read("A", "choice", locale=None, labels=["a", "A"]).ways == ("A",)
    assert read("VGG", "choice", locale=None, labels=["a", "b"]).problem


@pytest.mark.parametrize("suffix", [suffix for suffix in SUFFIXES if suffix != "B"])
@pytest.mark.parametrize("space", ["", " "])
def test_what_units_reads_is_read_alike(suffix: str, space: str) -> None:
    text = f"12.5{space}{suffix}".rstrip()
    (way,) = read(text, "number", locale="en").ways
    assert isinstance(way, WrittenNumber)
    assert way._replace(text="") == parse_written(text)._replace(text="")


# --- problems say what came and how to write it ------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "text", "problem"),
    [
        (
            "number",
            "34848 - 96",
            "it is a calculation, a shape or a range: write the one number that it comes to.",
        ),
        ("number", "1.2.3", "it is not a number that can be read: thousands go in threes"),
        ("number", "muitos", "it is not a number: write one such as 138344128, 138M, 1.38e8, 7/3, 8 GB."),
        (
            "number",
            "138 parametrs",
            "is neither a unit nor what is counted. Did you mean 'parameters', 'parametro' or 'parametros'?",
        ),
        ("number", "138 e 140", "there is more than one number in it: write the answer alone."),
        ("number", "60M ≈ 138M", "the numbers in it differ: write the answer alone."),
        ("number", "> 60M", "it is a bound, not a number: write the number itself."),
        ("number", "5 GFLOP/s", "'GFLOP/s' is so much a second"),
        ("number", "1e99", "its exponent is out of range: at most 30 is read."),
        ("number", "1/0", "it divides by 0."),
        ("number", "9" * 50, "it has 50 digits, and at most 40 are read"),
        ("number", "9" * 301, "it has 301 characters, and at most 300 are read: write the answer alone."),
        (
            "number",
            "13\u202e8",
            "its character 3, U+202E, cannot be seen, and may hide something: type the answer anew.",
        ),
        ("number", "10₂", "digits below the line are not read: write the number in plain digits."),
        ("shape", "55x", "nothing is not a size: write a shape such as 55x55x96, (96, 55, 55), 96@55x55."),
        ("shape", "55x55xC", "'C' is not a size"),
        ("shape", "1x2x3x4x5x6x7x8x9", "it has 9 sizes, and at most 8 are read."),
        ("shape", "55x55x96 = 5", "there is a shape and a number in it: write the shape alone."),
        ("choice", "d", "it is none of the options: write one of a, b, c or vgg19."),
        ("truth", "talvez", "'talvez' is neither yes nor no: write one of the two."),
    ],
)
def test_problems(form: Form, text: str, problem: str) -> None:
    assert problem in read(text, form, locale="pt-BR", labels=LABELS).problem


def test_no_problem_repeats_what_a_terminal_would_act_on() -> None:
    for spelling in corpus():
        problem = read(spelling.text, spelling.form, locale=spelling.locale, labels=LABELS).problem
        assert problem.isprintable()
        assert len(problem) < 250


# --- round trips -------------------------------------------------------------------------------------------


def in_threes(n: int, sign: str) -> str:
    """`n` with `sign` between its thousands, written digit by digit from the right."""
    written = ""
    for place, digit in enumerate(reversed(str(n))):
        written = digit + (sign if place and place % 3 == 0 else "") + written
    return written


def decimal(value: Fraction, decimals: int, point: str, apart: str = "") -> str:
    """A number that has so many decimals, exactly."""
    whole, rest = divmod(value.numerator * 10**decimals // value.denominator, 10**decimals)
    return (
        f"{in_threes(whole, apart)}{point}{str(rest).zfill(decimals)}"
        if decimals
        else in_threes(whole, apart)
    )


def doubtful(text: str) -> bool:
    """Whether the only sign of a number stands before exactly three digits, behind one to three."""
    return re.fullmatch(r"\D*[1-9][0-9]{0,2}[.,][0-9]{3}(?![0-9.,]).*", text, re.DOTALL) is not None


BLANKS_BETWEEN = (" ", "\u00a0", "\u2009", "\u202f", "'", "\u2019", "_")


def check(text: str, locale: str | None, value: Fraction, unit: str | None = None) -> None:
    reading = read(text, "number", locale=locale)
    assert not reading.problem
    assert len(reading.ways) == 1 or doubtful(text)
    found = [(way.value, way.unit) for way in reading.ways if isinstance(way, WrittenNumber)]
    assert (value, unit) in found
    assert len(found) <= 2


@given(
    st.integers(0, 10**18),
    st.sampled_from([".", ",", *BLANKS_BETWEEN]),
    st.sampled_from(list(LOCALES.values())),
)
def test_whole_numbers_come_back(n: int, apart: str, locale: str | None) -> None:
    check(str(n), locale, Fraction(n))
    written = in_threes(n, apart)
    if not doubtful(written):
        check(written, locale, Fraction(n))
    else:
        own = {"pt-BR": ".", "en": ","}
        values = {
            way.value for way in read(written, "number", locale=locale).ways if isinstance(way, WrittenNumber)
        }
        assert values == (
            {Fraction(n)} if locale and own[locale] == apart else {Fraction(n), Fraction(n, 1000)}
        )


@given(
    st.integers(0, 10**12),
    st.integers(1, 6),
    st.sampled_from(
        [(".", ","), (",", "."), (".", ""), (",", ""), *((p, b) for p in ".," for b in BLANKS_BETWEEN)]
    ),
    st.sampled_from(list(LOCALES.values())),
    st.sampled_from(
        [("", None, 1), (" GB", "B", 10**9), ("M", None, 10**6), ("%", "%", 1), (" vezes", "×", 1)]
    ),
)
def test_decimals_come_back(
    n: int, decimals: int, signs: tuple[str, str], locale: str | None, unit: tuple[str, str | None, int]
) -> None:
    written, name, factor = unit
    value = Fraction(n, 10**decimals)
    text = decimal(value, decimals, *signs) + written
    reading = read(text, "number", locale=locale)
    if doubtful(text) and len(reading.ways) == 1:
        # Where one sign stands before three digits it is the locale's, if it is read in one way.
        (way,) = reading.ways
        assert isinstance(way, WrittenNumber)
        assert locale is not None
        is_decimal = signs[0] == {"pt-BR": ",", "en": "."}[locale]
        assert way.value == value * factor * (1 if is_decimal else 1000)
        # With a prefix alone only the decimal sign is clear, and only the thousands are without one.
        assert is_decimal == (factor > 1) or (factor > 1 and name is not None)
    else:
        check(text, locale, value * factor, name)


@given(
    st.integers(1, 10**9),
    st.integers(-20, 20),
    st.sampled_from(
        ["×10^{}", "x10^{}", " × 10^{}", "·10^{}", " * 10**{}", "×10^{{{}}}", "e{}", "E{}", "\\times 10^{}"]
    ),
    st.sampled_from([".", ","]),
    st.sampled_from(list(LOCALES.values())),
)
def test_powers_of_ten_come_back(n: int, exponent: int, form: str, point: str, locale: str | None) -> None:
    digits = str(n)
    written = (f"{digits[0]}{point}{digits[1:]}" if len(digits) > 1 else digits) + form.replace(
        "{}", str(exponent)
    ).replace("{{", "{").replace("}}", "}")
    (way,) = read(written, "number", locale=locale).ways
    assert isinstance(way, WrittenNumber)
    assert way.value == n * Fraction(10) ** (exponent - len(digits) + 1)
    assert way.quantum == Fraction(10) ** (exponent - len(digits) + 1)


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.sampled_from(["/", " / ", "÷", "\u2044"]))
def test_fractions_come_back(above: int, below: int, sign: str) -> None:
    check(f"{above}{sign}{below}", None, Fraction(above, below))


SHAPES = ["x", "X", "×", " x ", " × ", "*", " por ", ";"]


@given(st.lists(st.integers(0, 99_999), min_size=2, max_size=8), st.sampled_from(SHAPES))
def test_shapes_come_back(sizes: list[int], between: str) -> None:
    (way,) = read(between.join(map(str, sizes)), "shape", locale="pt-BR").ways
    assert values(way) == sizes


@given(st.lists(st.integers(0, 99_999), min_size=1, max_size=8), st.sampled_from([", ", ",", "; ", " "]))
def test_shapes_in_brackets_come_back(sizes: list[int], between: str) -> None:
    for bracketed in (f"({between.join(map(str, sizes))})", f"[{between.join(map(str, sizes))}]"):
        reading = read(bracketed, "shape", locale=None)
        if between == " " and len(reading.ways) == 0:
            assert len(sizes) > 1
        else:
            (way,) = reading.ways
            assert values(way) == sizes


# --- hostile texts -----------------------------------------------------------------------------------------

ALPHABET = (
    "0123456789.,  '_xX×*·/÷^+-−=≈~()[]{}@:;%eEkKMGBiI"
    '\\bitos\u00a0\u200b\u202e½²⁸\u0663\u066b🙂\x00\x1b\n\t$"`<>→…'
)
FORMS: tuple[Form, ...] = ("number", "shape", "choice", "truth")


@given(
    st.one_of(st.text(max_size=80), st.text(ALPHABET, max_size=80), st.text("0123456789.,x ", max_size=40)),
    st.sampled_from(FORMS),
    st.sampled_from([*LOCALES.values(), "xx"]),
    st.booleans(),
)
def test_any_text_is_read_or_refused(text: str, form: Form, locale: str | None, is_lenient: bool) -> None:
    reading = read(text, form, locale=locale, lenient=is_lenient, labels=LABELS, texts=TEXTS)
    assert bool(reading.text) == bool(reading.ways or reading.problem)
    assert not (reading.ways and reading.problem)
    assert len(reading.ways) <= 8
    assert len(set(map(shown, reading.ways))) == len(reading.ways)


@given(st.text(ALPHABET, max_size=60))
def test_only_a_locale_says_what_a_sign_is(text: str) -> None:
    """What is clear in a locale is one of the ways where none is known: a locale takes away doubt, nothing more."""
    anywhere = {shown(way) for way in read(text, "number", locale=None).ways}
    for locale in ("en", "pt-BR"):
        assert {shown(way) for way in read(text, "number", locale=locale).ways} <= anywhere


@given(
    st.lists(
        st.tuples(st.integers(0, 9999), st.sampled_from(["+", "x", " × ", " + ", "*", " · "])),
        min_size=2,
        max_size=9,
    ),
    st.booleans(),
)
def test_sums_are_worked_out(terms: list[tuple[int, str]], bracketed: bool) -> None:
    text = "".join(f"{n}{sign}" for n, sign in terms[:-1]) + str(terms[-1][0])
    value = sum(math.prod(int(n) for n in re.findall("[0-9]+", product)) for product in text.split("+"))
    if "+" not in text:
        assert read(text, "number", locale=None).problem
        return
    text, value = (f"({text}) x 7 + 1", value * 7 + 1) if bracketed else (text, value)
    (way,) = read(text, "number", locale=None).ways
    assert isinstance(way, WrittenNumber)
    assert (way.value, way.quantum) == (Fraction(value), Fraction(1))


HOSTILE = {
    "digits": "9",
    "groups": "138.344.",
    "groups and spaces": "1 ",
    "commas": ",",
    "spaces": "\u00a0 ",
    "powers": "10^",
    "products": "55x",
    "signs": "×",
    "brackets": "(",
    "brackets in pairs": "()",
    "labels": "a:",
    "equals": "1=",
    "roughly": "≈1",
    "words": "de ",
    "reasons": "sim, pois ",
    "introductions": "letra ",
    "abouts": "cerca de ",
    "totals": "total ",
    "tails": " no total",
    "axes": "C=1 ",
    "fractions": "½",
    "raised": "⁸",
    "ligatures": "\ufdfa",
    "accents": "e\u0301\u0327",
    "dashes": "- ",
    "overrides": "\u202e1",
    "numbers one may see": "1🙂",
    "sums": "1+",
    "nested sums": "(1+",
    "quotients": "1/",
    "ratios": "1:",
    "times as many": "2 vezes mais ",
    "working": "1 (1+1) ",
    "labels of a choice": "a - ",
    "reasons after commas": "sim, ",
    "hyphens": "vgg-",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.usefixtures("steady_collector")
def test_no_text_takes_long(piece: str, form: Form) -> None:
    for length in (LONGEST, 1_000_000):
        for tail in ("", "!", "x"):
            text = (piece * (length // len(piece) + 1))[: length - 1] + tail
            before = time.process_time()
            reading = read(text, form, locale="pt-BR", labels=LABELS, texts=TEXTS)
            # A megabyte is only looked at from both ends; what is within the limit is parsed.
            assert time.process_time() - before < 0.25
            assert reading.blank or reading.problem or len(reading.ways) == 1
            assert len(reading.text) <= LONGEST


def test_nothing_is_executed() -> None:
    for text in (
        "10**10**10",
        "9^9^9^9",
        "__import__('os').system('true')",
        "=1+1",
        "=1+1*2",
        "9x9x9" + "x9" * 90 + "+1",
        "2**99999999",
        "1e999999999",
    ):
        for form in FORMS:
            assert read(text, form, locale=None, labels=LABELS).problem
