"""What is held against an answer beside its value: a unit that is missing or wrong, too few digits."""

from __future__ import annotations

from archcalc.grading.mistakes.rows import KnownMistake, WrongAnswer
from archcalc.grading.mistakes.ways import Beside
from archcalc.words.language import marked

# 5·5·4·6 + 6 = 606 parameters, 4·606 = 2424 B; 5·5·600 = 15,000 MACs
_CONV = "{input: [4, 9, 9], layers: [{conv: 6, kernel: 5, name: c}]}"


MISTAKES = (
    KnownMistake(
        "unit-missing",
        marked("the unit is missing"),
        Beside(),
        examples=[
            WrongAnswer(
                _CONV,
                "total.param_bytes",
                "2.42",
                "4·606 B = 2.42 kB, and without its unit it is worth half",
                "The unit is missing.",
                keys="unit: kB, unit_points: 1/2",
            )
        ],
    ),
    KnownMistake(
        "unit-wrong",
        marked("the unit is wrong"),
        Beside(),
        examples=[
            WrongAnswer(
                _CONV,
                "total.param_bytes",
                "2.424 KiB",
                "4·606 B = 2.424 kB, not KiB",
                "The unit is wrong.",
                keys="unit: kB, unit_points: 1/2",
            )
        ],
    ),
    KnownMistake(
        "imprecise",
        marked("right as far as it goes, but more digits were asked for"),
        Beside(),
        examples=[
            WrongAnswer(
                _CONV,
                "total.params",
                "0.61k",
                "606 is 0.61 k to two digits, and a count is asked for exactly",
                "Right as far as it goes, but more digits were asked for.",
            )
        ],
    ),
)
