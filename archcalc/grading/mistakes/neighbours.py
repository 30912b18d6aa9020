"""Mistakes of slipping into another layer's line, or into a branch's: its letters read in place of one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from archcalc.grading.mistakes.changes import (
    Changed,
    features,
    has,
    on,
    put_in,
    put_out,
    putting_out,
    reading,
)
from archcalc.grading.mistakes.parameters import PRODUCT
from archcalc.grading.mistakes.rows import KnownMistake, WrongAnswer
from archcalc.grading.mistakes.sums import blocks_left_out, blocks_twice
from archcalc.grading.mistakes.ways import Borrowed, InJoin, InSum, Neighbour, OfNeighbour
from archcalc.grading.mistakes.windows import SHAPE
from archcalc.layers.base import Letters
from archcalc.words.language import marked


def reads(x: Letters) -> bool:
    """Whether a layer multiplies what it reads by weights: filters of channels, units of features."""
    return has(x, "C", "K") or features(x)


def _comparable(mine: Letters, other: Neighbour) -> bool:
    """Channels are taken from layers with channels, features from layers with features."""
    return reads(mine) and reads(other.letters) and has(mine, "K") == has(other.letters, "K")


def _channels(mine: Letters, other: Neighbour) -> Iterator[Borrowed]:
    if _comparable(mine, other):
        for size in (put_in(other.letters), put_out(other.letters)):
            if size not in (put_in(mine), put_out(mine)):
                yield Borrowed(str(size), on(PRODUCT, reading(size)))


def _filters(mine: Letters, other: Neighbour) -> Iterator[Borrowed]:
    if _comparable(mine, other) and put_out(other.letters) not in (put_in(mine), put_out(mine)):
        size = put_out(other.letters)
        yield Borrowed(str(size), on(("output", "biases", *PRODUCT), putting_out(size)))


def _window(rules: tuple[str, ...], *names: str) -> Callable[[Letters, Neighbour], Iterator[Borrowed]]:
    """Letters of the windows of a layer of the same kind."""

    def change(mine: Letters, other: Neighbour) -> Iterator[Borrowed]:
        x = other.letters
        if not (other.alike and has(mine, "axes") and len(mine.axes) == len(x.axes)):
            return
        pairs = list(zip(mine.axes, x.axes, strict=True))
        if not all(has(a, *names) and has(b, *names) for a, b in pairs):
            return
        if any(a.__dict__[name] != b.__dict__[name] for a, b in pairs for name in names):
            shown = "×".join(str(a.__dict__[names[0]]) for a in x.axes)
            yield Borrowed(shown, on(rules, _with_axes(x.axes, names)))

    return change


def _with_axes(axes: tuple[Letters, ...], names: tuple[str, ...]) -> Changed:
    taken = [{name: a.__dict__[name] for name in names} for a in axes]

    def changed(x: Letters) -> Letters | None:
        if not has(x, "axes") or len(x.axes) != len(taken):
            return None
        return x.replace(axes=tuple(a.replace(**new) for a, new in zip(x.axes, taken, strict=True)))

    return changed


# a: (200 + 2·2 − 5)/2 rounded down, + 1 = 100; b and c keep 100
_THREE = (
    "{input: [3, 200, 200], layers: [{conv: 6, kernel: 5, stride: 2, padding: 2, name: a}, "
    "{conv: 4, kernel: 3, padding: 1, name: b}, {conv: 5, kernel: 3, padding: 1, name: c}]}"
)
# 4, 5 and 7 channels are joined; 3·4 + 4 = 16 parameters, 24 + 35 = 59, 3·7 + 7 = 28, 16·2 + 2 = 34: 137 in all
_JOINED = (
    "{input: [3, 9, 9], layers: [{concat: {left: [{conv: 4, kernel: 1}], "
    "right: [{conv: 6, kernel: 1}, relu, {conv: 5, kernel: 1}], far: [{conv: 7, kernel: 1}]}, name: join}, "
    "{conv: 2, kernel: 1, name: end}]}"
)

MISTAKES = (
    KnownMistake(
        "channels-of-another-layer",
        marked("the {size} channels of {layer} were read"),
        OfNeighbour(_channels),
        guessed=True,
        examples=[
            WrongAnswer(
                _THREE,
                "b.params",
                "184",
                "3·3·5·4 + 4 = 184 with the 5 channels of c; b reads the 6 of a: 3·3·6·4 + 4 = 220",
                "The 5 channels of c were read in b.",
            )
        ],
    ),
    KnownMistake(
        "filters-of-another-layer",
        marked("the {size} filters of {layer} were used"),
        OfNeighbour(_filters),
        rarity="seldom",
        guessed=True,
        examples=[
            WrongAnswer(
                _THREE,
                "c.params",
                "222",
                "3·3·4·6 + 6 = 222 with the 6 filters of a; c has 5: 3·3·4·5 + 5 = 185",
                "The 6 filters of a were used in c.",
            ),
            WrongAnswer(
                "{input: [1, 9, 10], layers: [{conv: 4, kernel: 1, name: a}, "
                "{max_pool: 3, stride: 2, name: p}, {conv: 2, kernel: 3, padding: 1, name: b}, "
                "{conv: 7, kernel: 3, padding: 1, name: c}]}",
                "b.macs",
                "4032",
                "4·4·(3·3·4·7) = 4032 with the 7 filters of c, but 7·8·(3·3·4·2) = 4032 as well, with stride 1 in p",
                "The stride was taken to be 1 in p.",
                beside=("stride-ignored",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "kernel-of-another-layer",
        marked("the kernel {size} of {layer} was used"),
        OfNeighbour(_window((*SHAPE, *PRODUCT), "F")),
        rarity="seldom",
        guessed=True,
        examples=[
            WrongAnswer(
                _THREE,
                "b.params",
                "604",
                "5·5·6·4 + 4 = 604 with the kernel of a; b has 3×3: 3·3·6·4 + 4 = 220",
                "The kernel 5×5 of a was used in b.",
            ),
            WrongAnswer(
                "{input: [3, 6, 6], layers: [{conv: 7, kernel: 5, padding: 2, name: a}, "
                "{conv: 7, kernel: 1, name: b}]}",
                "b.output",
                "7x2x2",
                "6 − 5 + 1 = 2 with the kernel of a, but a without its padding puts out 6 − 5 + 1 = 2 as well",
                "The padding was left out in a.",
                beside=("padding-forgotten",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "stride-of-another-layer",
        marked("the stride {size} of {layer} was used"),
        OfNeighbour(_window(SHAPE, "S")),
        rarity="seldom",
        guessed=True,
        examples=[
            WrongAnswer(
                _THREE,
                "b.output",
                "4x50x50",
                "⌊(100 + 2 − 3)/2⌋ + 1 = 50 with the stride of a; b goes step by step: 100 + 2 − 3 + 1 = 100",
                "The stride 2×2 of a was used in b.",
            ),
            WrongAnswer(
                "{input: [3, 13, 14], layers: [{conv: 5, kernel: 5, stride: 3, name: a}, "
                "{conv: 7, kernel: 2, stride: 2, name: b}]}",
                "b.output",
                "7x1x1",
                "⌊(4 − 2)/3⌋ + 1 = 1, but a without its + 1 puts out 2×3, and b ⌊(3 − 2)/2⌋ + 1 = 1 as well",
                "The + 1 was forgotten in a.",
                beside=("one-forgotten",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "padding-of-another-layer",
        marked("the padding {size} of {layer} was used"),
        OfNeighbour(_window(SHAPE, "P", "padding")),
        rarity="seldom",
        guessed=True,
        examples=[
            WrongAnswer(
                _THREE,
                "b.output",
                "4x102x102",
                "100 + 2·2 − 3 + 1 = 102 with the padding of a; b has 1: 100 + 2 − 3 + 1 = 100",
                "The padding 2×2 of a was used in b.",
            ),
            WrongAnswer(
                "{input: [1, 7, 7], layers: [{conv: 1, kernel: 5, stride: 3, padding: 2, name: a}, "
                "{conv: 3, kernel: 2, name: b}]}",
                "b.macs",
                "432",
                "3 + 2·2 − 2 + 1 = 6 and 6·6·12 = 432, but with stride 1 in a b has 7 − 2 + 1 = 6 positions as well",
                "The stride was taken to be 1 in a.",
                beside=("stride-ignored",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "branch-left-out",
        marked("the branch {branch} was left out"),
        InJoin(lambda shapes, number: (*shapes[:number], *shapes[number + 1 :])),
        InSum(blocks_left_out, far=True),
        examples=[
            WrongAnswer(
                _JOINED,
                "join.output.channels",
                "11",
                "4 + 7 = 11; with the 5 of the right branch 16",
                "The branch join.right.conv2 was left out in join.",
            ),
            WrongAnswer(
                _JOINED,
                "total.params",
                "78",
                "16 + 28 + 34 = 78; the right branch has 24 + 35 = 59 more: 137",
                "The branch join.right was left out.",
            ),
        ],
    ),
    KnownMistake(
        "branch-twice",
        marked("the branch {branch} was counted twice"),
        InJoin(lambda shapes, number: (*shapes, shapes[number])),
        InSum(blocks_twice, far=True),
        examples=[
            WrongAnswer(
                _JOINED,
                "join.output.channels",
                "21",
                "4 + 5 + 5 + 7 = 21; each branch once 16",
                "The branch join.right.conv2 was counted twice in join.",
            ),
            WrongAnswer(
                _JOINED,
                "total.params",
                "196",
                "16 + 2·(24 + 35) + 28 + 34 = 196; once 137",
                "The branch join.right was counted twice.",
            ),
        ],
    ),
)
