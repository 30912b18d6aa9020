"""Units: MACs and FLOPs, bytes of an element, prefixes; how numbers are printed and published ones read.

MB is 10⁶ bytes and MiB is 2²⁰, and neither is ever written for the other. Everything is exact: numbers are
ints or fractions, and they are rounded, halves up, only where they are printed, with the signs of the language
that people are spoken to in: `8.36 GB`, `8,36 GB`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from archcalc.words.errors import OptionError
from archcalc.words.language import localized, number
from archcalc.words.text import did_you_mean, listing, quote

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

FLOPS_PER_MAC = 2
"""A multiply-accumulate is one multiplication and one addition."""

BITS_PER_BYTE = 8

DTYPES: Mapping[str, int] = {
    "float32": 4,
    "float64": 8,
    "float16": 2,
    "bfloat16": 2,
    "float8": 1,
    "int64": 8,
    "int32": 4,
    "int16": 2,
    "int8": 1,
    "uint8": 1,
    "bool": 1,
}
"""Bytes of one element by the name of its type."""

_DTYPE_WORDS: Mapping[str, str] = {
    "float": "float32",
    "single": "float32",
    "fp32": "float32",
    "tf32": "float32",
    "double": "float64",
    "fp64": "float64",
    "half": "float16",
    "fp16": "float16",
    "bf16": "bfloat16",
    "fp8": "float8",
    "int": "int32",
    "long": "int64",
}
"""What people say for some of them."""

Agreement: TypeAlias = Literal["exact", "rounded", "truncated", "different"]

_PREFIXES = ("", "k", "M", "G", "T", "P", "E")
_SI_SIZES = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
_IEC_SIZES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")

SUFFIXES: Mapping[str, tuple[int, str | None]] = {
    "": (1, None),
    "%": (1, "%"),
    "K": (1000, None),
    **{prefix: (1000**power, None) for power, prefix in enumerate(_PREFIXES[:5]) if prefix},
    **{size: (1000**power, "B") for power, size in enumerate(_SI_SIZES[:5])},
    **{size: (1024**power, "B") for power, size in enumerate(_IEC_SIZES[:5])},
    **{size[:2]: (1024**power, None) for power, size in enumerate(_IEC_SIZES[:5]) if power},
    **{
        f"{prefix}{unit}{plural}": (1000**power, unit)
        for power, prefix in enumerate(_PREFIXES[:5])
        for unit in ("MAC", "FLOP")
        for plural in ("", "s")
    },
}
"""What may follow the digits of a quantity: its factor and its unit.

`K` is as common as the correct `k` for a count, but for bytes it stands for 1000 and for 1024, and is not here.
"""

_FORMS = "11.3e9, 138M, 3.8 GMACs, 8.2 GB or 527 MiB"
_SHORTEST_GUESSED = 3
_LONGEST_QUANTITY = 40
_LARGEST_EXPONENT = 30


class WrittenNumber(NamedTuple):
    """A number as somebody wrote it down, with how precisely they did.

    `value` is in units of `unit`: "B" for bytes, "MAC", "FLOP", "%", or None for a bare count. `digits`
    counts the significant digits, and `quantum` is what one unit in the last of them is worth. A fraction such as
    7/3 is exact: its quantum is 0, and its digits are those of both its terms.
    """

    text: str
    value: Fraction
    unit: str | None
    digits: int
    quantum: Fraction


def dtype_bytes(name: str) -> int:
    """Bytes of one element of the type `name`; OptionError if there is no such type."""
    if name not in DTYPES:
        meant = _DTYPE_WORDS.get(name.casefold())
        guess = f"Did you mean {quote(meant)}?" if meant else did_you_mean(name, DTYPES)
        raise OptionError(
            f"there is no dtype {quote(name)}.", hint=guess or f"Choose one of {listing(DTYPES)}."
        )
    return DTYPES[name]


def parse_written(text: str) -> WrittenNumber:
    """Read a published number, `11.3e9`, `138M` or `8.2 GB`, exactly; OptionError if it is not one."""
    import re
    from fractions import Fraction

    stripped = text.strip()
    match = re.fullmatch(r"([0-9]+)(?:\.([0-9]+))?(?:e([+-]?[0-9]{1,3}))?[ \u00a0]?([^0-9.]*)", stripped)
    if match is None or len(stripped) > _LONGEST_QUANTITY:
        raise OptionError(f"{quote(text)} is not a quantity.", hint=_way_out(stripped))
    whole, decimals, exponent, suffix = match[1], match[2] or "", int(match[3] or 0), match[4]
    if suffix not in SUFFIXES:
        raise OptionError(f"{quote(text)}: {quote(suffix)} is not a unit.", hint=_unit_hint(suffix))
    if abs(exponent) > _LARGEST_EXPONENT:
        raise OptionError(
            f"{quote(text)} is out of range.", hint=f"The exponent may be at most {_LARGEST_EXPONENT}."
        )
    factor, unit = SUFFIXES[suffix]
    quantum = factor * Fraction(10) ** (exponent - len(decimals))
    mantissa = int(whole + decimals)
    return WrittenNumber(stripped, mantissa * quantum, unit, len(str(mantissa)), quantum)


def agreement(actual: int | Fraction, quoted: WrittenNumber) -> Agreement:
    """How a `quoted` number relates to the `actual` one; the digits it was quoted with decide.

    3.8e9 is 3,857,973,248 truncated, 11.3e9 is 11,282,415,616 rounded. A tie may be rounded either way.
    """
    excess = actual - quoted.value
    if excess == 0:
        return "exact"
    if 2 * abs(excess) <= quoted.quantum:
        return "rounded"
    return "truncated" if 0 < excess < quoted.quantum else "different"


def simplest(value: int | Fraction) -> int | Fraction:
    """A number as an int where it is whole."""
    return value.numerator if value.denominator == 1 else value


def grouped(n: int) -> str:
    """`61,706`."""
    return number(n)


def si(n: int, unit: str = "", digits: int = 3) -> str:
    """`n` to so many significant digits with an SI prefix: `1.14 G`, `1.14 GMACs`; whole below 1000."""
    if n < 1000:
        return f"{n} {unit}".rstrip()
    quantum = 10 ** max(len(str(n)) - digits, 0)
    rounded = _rounded(n, quantum) * quantum
    length = len(str(rounded))
    power = min((length - 1) // 3, len(_PREFIXES) - 1)
    decimals = max(digits - (length - 3 * power), 0)
    return f"{_fixed(rounded, 1000**power, decimals)} {_PREFIXES[power]}{unit}"


def size(n: int, decimals: int = 2) -> str:
    """`n` bytes in the SI unit that fits: `512 B`, `60.95 MB`, `8.36 GB`."""
    return _in_units(n, 1000, _SI_SIZES, decimals)


def isize(n: int, decimals: int = 2) -> str:
    """`n` bytes in the IEC unit that fits: `512 B`, `58.13 MiB`, `7.78 GiB`."""
    return _in_units(n, 1024, _IEC_SIZES, decimals)


def ratio(a: int, b: int) -> str:
    """How many times `b` goes into `a`, to three significant digits: `12.3×`; `–` if `b` is 0."""
    if b == 0:
        return "–"
    if a == 0:
        return "0×"
    exponent = len(str(a)) - len(str(b))
    if a * 10 ** max(-exponent, 0) < b * 10 ** max(exponent, 0):
        exponent -= 1
    decimals = max(2 - exponent, 0)
    if _rounded(a * 10**decimals, b) == 1000:
        decimals = max(decimals - 1, 0)
    return f"{_fixed(a, b, decimals)}×"


def percent(part: int, whole: int, decimals: int = 1) -> str:
    """The share of `part` in `whole`: `12.3%`; `–` if `whole` is 0."""
    return f"{_fixed(100 * part, whole, decimals)}%" if whole else "–"


def _rounded(a: int, b: int) -> int:
    return (2 * a + b) // (2 * b)


def _fixed(a: int, b: int, decimals: int) -> str:
    whole, fraction = divmod(_rounded(a * 10**decimals, b), 10**decimals)
    return localized(f"{whole:,}.{fraction:0{decimals}}" if decimals else f"{whole:,}")


def _in_units(n: int, base: int, units: tuple[str, ...], decimals: int) -> str:
    if n < base:
        return f"{n} B"
    power = 1
    while power < len(units) - 1 and _rounded(n * 10**decimals, base**power) >= base * 10**decimals:
        power += 1
    return f"{_fixed(n, base**power, decimals)} {units[power]}"


def _way_out(text: str) -> str:
    if text.startswith(("~", "≈")):
        return f"Leave out {text[0]!r}: the digits given say how precise the number is, as in 138M."
    import re

    if re.fullmatch(r"[0-9]{1,3}([,_][0-9]{3})+([^0-9,_].*)?", text):
        digits = text.replace(",", "").replace("_", "")
        return f"Write {quote(digits)}: a quantity has no thousands separators."
    if "," in text:
        return f"Write {quote(text.replace(',', '.'))}: the decimal sign is a point."
    return f"A quantity is written like {_FORMS}."


def _unit_hint(suffix: str) -> str:
    if suffix == "KB":
        return "Write kB for 1000 bytes or KiB for 1024."
    # Of a letter or two every unit is near, so that Mo would be M; gb can only be GB.
    known = [
        name
        for name in SUFFIXES
        if min(len(name), len(suffix)) >= _SHORTEST_GUESSED
        or (name.endswith("B") and name.casefold() == suffix.casefold())
    ]
    near = did_you_mean(suffix, known)
    return near or f"A quantity is written like {_FORMS}."
