"""Mistakes in the unit: binary for decimal, bits for bytes, a decimal point; and a unit that is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from archcalc.algebra.units import BITS_PER_BYTE, SUFFIXES
from archcalc.grading.assignments.dimensions import CONVERSIONS
from archcalc.grading.mistakes.rows import KnownMistake, WrongAnswer
from archcalc.grading.mistakes.ways import Factor, InUnit, WrittenUnit
from archcalc.words.language import marked

CALLED = (("FLOP", "MAC"), ("MAC", "FLOP"), ("bit", "B"))
"""Units whose names are confused: the one that was written, and the one that was meant."""


def _called(written: str, meant: str) -> InUnit:
    """The right number under the name of another unit."""
    slip = Factor(CONVERSIONS[written, meant])
    return InUnit(lambda unit: [slip] if (unit.written, unit.counted) == (written, meant) else [])


def _of_bytes(factor: Callable[[WrittenUnit], Fraction]) -> InUnit:
    return InUnit(lambda unit: [Factor(factor(unit))] if unit.counted == "B" else [])


def _other_base(*, binary: bool) -> InUnit:
    """A binary unit was written and the decimal one counted, or the other way round."""

    def change(unit: WrittenUnit) -> Iterator[Factor]:
        written = unit.written or ""
        if unit.counted != "B" or written.endswith("iB") != binary:
            return
        letter = written[:1].upper()
        # A thousand has a small letter, 1024 a large one.
        other = f"{letter.replace('K', 'k')}B" if binary else f"{letter}iB"
        if written != other and written in SUFFIXES and other in SUFFIXES:
            factor = Fraction(SUFFIXES[written][0], SUFFIXES[other][0])
            yield Factor(factor, {"written": written, "counted": other})

    return InUnit(change)


def _off_by(base: int, most: int = 1, *, shares: bool = False) -> InUnit:
    """A factor of `base`, or a power of it up to `most`, either way; some only where shares are given."""

    def change(unit: WrittenUnit) -> Iterator[Factor]:
        if unit.share or not shares:
            for exponent in range(1, most + 1):
                for factor in (Fraction(base) ** exponent, Fraction(1, base) ** exponent):
                    yield Factor(factor, {"factor": str(factor)})

    return InUnit(change)


# 5·5·4·6 + 6 = 606 parameters, 4·606 = 2424 B; 5·5·600 = 15,000 MACs
_CONV = "{input: [4, 9, 9], layers: [{conv: 6, kernel: 5, name: c}]}"
# 3·3·3·4 + 4 = 112 parameters, 3·3·4·5 + 5 = 185, 3·3·5·2 + 2 = 92: 389 in all
_THREE = (
    "{input: [3, 13, 13], layers: "
    "[{conv: 4, kernel: 3, name: a}, {conv: 5, kernel: 3, name: b}, {conv: 2, kernel: 3, name: c}]}"
)

MISTAKES = (
    KnownMistake(
        "macs-called-flops",
        marked("MACs were called FLOPs"),
        _called("FLOP", "MAC"),
        examples=[
            WrongAnswer(
                _CONV,
                "c.macs",
                "15,000 FLOPs",
                "5·5·600 = 15,000 are multiply-accumulates, two FLOPs each",
                "MACs were called FLOPs.",
            )
        ],
    ),
    KnownMistake(
        "flops-called-macs",
        marked("FLOPs were called MACs"),
        _called("MAC", "FLOP"),
        examples=[
            WrongAnswer(
                _CONV,
                "c.flops",
                "30,000 MACs",
                "2·15,000 = 30,000 are FLOPs; of MACs there are 15,000",
                "FLOPs were called MACs.",
            )
        ],
    ),
    KnownMistake(
        "bytes-called-bits",
        marked("bytes were called bits"),
        _called("bit", "B"),
        examples=[
            WrongAnswer(
                _CONV,
                "total.param_bytes",
                "2424 bits",
                "4·606 = 2424 are bytes; in bits they are 19,392",
                "Bytes were called bits.",
            )
        ],
    ),
    KnownMistake(
        "decimal-for-binary",
        marked("the number is in {counted}, but {written} was meant"),
        _other_base(binary=False),
        examples=[
            WrongAnswer(
                _CONV,
                "total.param_bytes",
                "2.367",
                "2424/1024 = 2.367 are KiB; in kB it is 2424/1000 = 2.424",
                "The number is in KiB, but kB was meant.",
                keys="unit: kB",
            )
        ],
    ),
    KnownMistake(
        "binary-for-decimal",
        marked("the number is in {counted}, but {written} was meant"),
        _other_base(binary=True),
        examples=[
            WrongAnswer(
                _CONV,
                "total.param_bytes",
                "2.424 KiB",
                "2424/1000 = 2.424 are kB; in KiB it is 2424/1024 = 2.367",
                "The number is in kB, but KiB was meant.",
                keys="unit: KiB",
            )
        ],
    ),
    KnownMistake(
        "bits-for-bytes",
        marked("bits were given for bytes"),
        _of_bytes(lambda _: Fraction(BITS_PER_BYTE)),
        examples=[
            WrongAnswer(
                _CONV,
                "total.param_bytes",
                "19.392",
                "8·4·606 = 19,392 bits; 2424 bytes",
                "Bits were given for bytes.",
                keys="unit: kB",
            )
        ],
    ),
    KnownMistake(
        "bytes-over-eight",
        marked("it was divided by 8, though it is in bytes already"),
        _of_bytes(lambda _: Fraction(1, BITS_PER_BYTE)),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _CONV,
                "total.param_bytes",
                "303 B",
                "4·606/8 = 303; 4·606 = 2424 are bytes",
                "It was divided by 8, though it is in bytes already.",
            ),
            WrongAnswer(
                _CONV,
                "total.param_bytes",
                "2424 bits",
                "2424 bits are 303 bytes, but 2424 is just the number of bytes",
                "Bytes were called bits.",
                beside=("bytes-called-bits",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "element-bytes-forgotten",
        marked("the bytes of each number were left out"),
        _of_bytes(lambda unit: Fraction(1, unit.element_bytes)),
        examples=[
            WrongAnswer(
                _CONV,
                "total.param_bytes",
                "606 B",
                "606 numbers; with 4 bytes each 2424",
                "The bytes of each number were left out.",
            )
        ],
    ),
    KnownMistake(
        "bytes-for-elements",
        marked("bytes were given, not how many numbers there are"),
        InUnit(
            lambda unit: (
                [Factor(Fraction(unit.element_bytes))] if unit.elements and unit.counted != "B" else []
            )
        ),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _CONV,
                "total.params",
                "2424",
                "4·606 = 2424 bytes; there are 606 parameters",
                "Bytes were given, not how many numbers there are.",
            ),
            WrongAnswer(
                "{input: [3, 4, 4], layers: [{conv: 5, kernel: 3, bias: false, name: c}]}",
                "c.params",
                "540",
                "4·135 = 540 bytes, but 2·2·135 = 540 are the MACs as well",
                "The MACs were given for the parameters.",
                beside=("macs-for-params",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "factor-1000",
        marked("the unit is off by a factor of {factor}"),
        _off_by(1000, most=3),
        examples=[
            WrongAnswer(
                _CONV,
                "total.params",
                "606,000",
                "1000·606; there are 606",
                "The unit is off by a factor of 1,000.",
            ),
            WrongAnswer(
                _CONV,
                "total.param_bytes",
                "2.42 B",
                "2424/1000 = 2.42 are kB; in bytes it is 4·606 = 2424",
                "The unit is off by a factor of 1/1,000.",
            ),
        ],
    ),
    KnownMistake(
        "factor-100",
        marked("it is off by a factor of {factor}, as percent and shares are"),
        _off_by(100, shares=True),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _THREE,
                "a.params / total.params",
                "28.8",
                "100·112/389 = 28.8, without its %; 112/389 = 0.288",
                "It is off by a factor of 100, as percent and shares are.",
            ),
            WrongAnswer(
                "{input: [3, 12, 12], layers: [{conv: 5, kernel: 3, bias: false, name: a}, "
                "{conv: 7, kernel: 3, bias: false, name: b}]}",
                "a.params / b.params",
                "42.857",
                "100·135/315 = 42.857, but at 10·10 positions 13,500 are the MACs of a as well",
                "The MACs were given for the parameters.",
                beside=("macs-for-params",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "factor-10",
        marked("the decimal point is off by a factor of {factor}"),
        _off_by(10),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _CONV,
                "total.params",
                "6060",
                "10·606; there are 606",
                "The decimal point is off by a factor of 10.",
            ),
            WrongAnswer(
                "{input: [3, 12], layers: [{conv: 5, kernel: 3, bias: false, name: c}]}",
                "c.params",
                "450",
                "10·45 = 450, but at 10 positions 450 are the MACs as well",
                "The MACs were given for the parameters.",
                beside=("macs-for-params",),
                instead=True,
            ),
        ],
    ),
)
