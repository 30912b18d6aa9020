"""Mistakes in the last step of a calculation: other arithmetic with the same terms, another option picked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction

from archcalc.grading.mistakes.rows import KnownMistake, WrongAnswer
from archcalc.grading.mistakes.ways import InArithmetic, InPick
from archcalc.results.asked import Operation, Term
from archcalc.words.language import marked

_ONE = Fraction(1)


def _of_ratio(otherwise: Callable[[Operation], Term]) -> InArithmetic:
    return InArithmetic(lambda whole: [otherwise(whole)] if whole.sign == "/" else [])


def _of_difference(otherwise: Callable[[Operation], Term]) -> InArithmetic:
    """With 0 on its left a difference is a negative number."""
    return InArithmetic(
        lambda whole: [otherwise(whole)] if whole.sign == "-" and whole.left != Fraction(0) else []
    )


def _one_left_out(sign: str) -> InArithmetic:
    """A sum or a product without one of its terms."""

    def change(whole: Operation) -> Iterator[Term]:
        terms = list(_chain(whole, sign)) if whole.sign == sign else []
        for number in range(len(terms)):
            joined, *rest = (*terms[:number], *terms[number + 1 :])
            for term in rest:
                joined = Operation(sign, joined, term)
            yield joined

    return InArithmetic(change)


def _one_twice(whole: Operation) -> Iterator[Term]:
    if whole.sign == "+":
        yield from (Operation("+", whole, term) for term in _chain(whole, "+"))


def _chain(term: Term, sign: str) -> Iterator[Term]:
    if isinstance(term, Operation) and term.sign == sign:
        yield from _chain(term.left, sign)
        yield from _chain(term.right, sign)
    else:
        yield term


def _opposite(values: Mapping[str, int | Fraction], pick: str) -> str:
    worst = min if pick == "largest" else max
    return worst(values, key=lambda label: values[label])


# 3·3·3·4 + 4 = 112 parameters, 3·3·4·5 + 5 = 185, 3·3·5·2 + 2 = 92: 389 in all
_THREE = (
    "{input: [3, 13, 13], layers: "
    "[{conv: 4, kernel: 3, name: a}, {conv: 5, kernel: 3, name: b}, {conv: 2, kernel: 3, name: c}]}"
)

MISTAKES = (
    KnownMistake(
        "ratio-upside-down",
        marked("the ratio is upside down"),
        _of_ratio(lambda whole: Operation("/", whole.right, whole.left)),
        examples=[
            WrongAnswer(
                _THREE,
                "b.params / a.params",
                "0.605",
                "112/185 = 0.605; 185/112 = 1.65",
                "The ratio is upside down.",
            )
        ],
    ),
    KnownMistake(
        "difference-for-ratio",
        marked("the difference was given, not the ratio"),
        _of_ratio(lambda whole: Operation("-", whole.left, whole.right)),
        examples=[
            WrongAnswer(
                _THREE,
                "b.params / a.params",
                "73",
                "185 − 112 = 73; 185/112 = 1.65",
                "The difference was given, not the ratio.",
            )
        ],
    ),
    KnownMistake(
        "divisor-forgotten",
        marked("it was not divided"),
        _of_ratio(lambda whole: whole.left),
        examples=[
            WrongAnswer(
                _THREE, "b.params / a.params", "185", "185, and by 112 it is 1.65", "It was not divided."
            )
        ],
    ),
    KnownMistake(
        "complement",
        marked("what is left of 1 was given, not the share itself"),
        _of_ratio(lambda whole: Operation("-", _ONE, whole)),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _THREE,
                "a.params / total.params",
                "0.712",
                "1 − 112/389 = 0.712; 112/389 = 0.288",
                "What is left of 1 was given, not the share itself.",
            ),
            WrongAnswer(
                "{input: [3, 13, 13], layers: [{conv: 4, kernel: 3, name: a}, "
                "{conv: 5, kernel: 3, name: b}]}",
                "a.params / total.params",
                "0.623",
                "1 − 112/297 = 0.623, but that is the share of b, 185/297, as well",
                "The answer is that of the layer after, b.",
                beside=("layer-after",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "excess-for-ratio",
        marked("how much more was given, not how many times as much"),
        _of_ratio(lambda whole: Operation("-", whole, _ONE)),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _THREE,
                "b.params / a.params",
                "0.652",
                "185/112 − 1 = 0.652; 185/112 = 1.65",
                "How much more was given, not how many times as much.",
            ),
            WrongAnswer(
                "{input: [3, 13, 13], layers: [{conv: 4, kernel: 3, name: a}, "
                "{conv: 5, kernel: 3, name: b}, global_avg_pool, {linear: 12, name: fc}]}",
                "total.params / fc.params",
                "4.125",
                "369/72 − 1 = 4.125, but without fc the total is 112 + 185 = 297, and 297/72 = 4.125",
                "Fc was left out.",
                beside=("layer-left-out",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "difference-reversed",
        marked("the difference is the other way round"),
        _of_difference(lambda whole: Operation("-", whole.right, whole.left)),
        examples=[
            WrongAnswer(
                _THREE,
                "b.params - a.params",
                "-73",
                "112 − 185 = −73; 185 − 112 = 73",
                "The difference is the other way round.",
            )
        ],
    ),
    KnownMistake(
        "ratio-for-difference",
        marked("the ratio was given, not the difference"),
        _of_difference(lambda whole: Operation("/", whole.left, whole.right)),
        examples=[
            WrongAnswer(
                _THREE,
                "b.params - a.params",
                "1.652",
                "185/112 = 1.652; 185 − 112 = 73",
                "The ratio was given, not the difference.",
            )
        ],
    ),
    KnownMistake(
        "sum-for-difference",
        marked("it was added, not subtracted"),
        _of_difference(lambda whole: Operation("+", whole.left, whole.right)),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _THREE,
                "b.params - a.params",
                "297",
                "185 + 112 = 297; 185 − 112 = 73",
                "It was added, not subtracted.",
            ),
            WrongAnswer(
                "{input: [6, 4, 4], layers: [{conv: 8, kernel: 1, name: a}, {conv: 3, kernel: 1, name: b}]}",
                "a.macs - b.macs",
                "1152",
                "768 + 384 = 1152, but with FLOPs for the MACs of a 1536 − 384 = 1152 as well",
                "The FLOPs were given for the MACs.",
                beside=("flops-for-macs",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "subtrahend-forgotten",
        marked("nothing was subtracted"),
        _of_difference(lambda whole: whole.left),
        examples=[
            WrongAnswer(
                _THREE, "b.params - a.params", "185", "185, and less 112 it is 73", "Nothing was subtracted."
            )
        ],
    ),
    KnownMistake(
        "term-left-out",
        marked("a term of the sum was left out"),
        _one_left_out("+"),
        examples=[
            WrongAnswer(
                _THREE,
                "a.params + b.params + c.params",
                "277",
                "185 + 92 = 277; with 112 of a 389",
                "A term of the sum was left out.",
            )
        ],
    ),
    KnownMistake(
        "term-twice",
        marked("a term of the sum was counted twice"),
        InArithmetic(_one_twice),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _THREE,
                "a.params + b.params + c.params",
                "501",
                "112 + 112 + 185 + 92 = 501; once 389",
                "A term of the sum was counted twice.",
            ),
            WrongAnswer(
                "{input: [3, 9, 9], layers: [{conv: 4, kernel: 1, name: a}, "
                "{conv: 5, kernel: 1, name: b}, {conv: 2, kernel: 1}]}",
                "a.macs + b.macs",
                "4212",
                "81·12 + 2·81·20 = 4212, but that is b in FLOPs as well",
                "The FLOPs were given for the MACs.",
                beside=("flops-for-macs",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "factor-left-out",
        marked("a factor of the product was left out"),
        _one_left_out("*"),
        examples=[
            WrongAnswer(
                _THREE,
                "3 * b.params",
                "185",
                "185, and three times that 555",
                "A factor of the product was left out.",
            )
        ],
    ),
    KnownMistake(
        "opposite-end",
        marked("the opposite end was picked"),
        InPick(_opposite),
        variants={
            ("wanted", "largest"): marked("the smallest was picked, not the largest"),
            ("wanted", "smallest"): marked("the largest was picked, not the smallest"),
        },
        examples=[
            WrongAnswer(
                _THREE,
                "",
                "c",
                "92 of c are the fewest; of 112, 185 and 92 the most are b's",
                "The smallest was picked, not the largest.",
                keys="pick: largest, options: {a: a.params, b: b.params, c: c.params}",
            ),
            WrongAnswer(
                _THREE,
                "",
                "b",
                "185 of b are the most; of 112, 185 and 92 the fewest are c's",
                "The largest was picked, not the smallest.",
                keys="pick: smallest, options: {a: a.params, b: b.params, c: c.params}",
            ),
        ],
    ),
)
