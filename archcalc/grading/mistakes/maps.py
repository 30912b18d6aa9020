"""Mistakes about shapes and activations: axes left out or in another order, outputs that are counted or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations

from archcalc.algebra.symbols import prod
from archcalc.grading.mistakes.changes import has, letters, on, replaced
from archcalc.grading.mistakes.rows import KnownMistake, WrongAnswer
from archcalc.grading.mistakes.ways import InRules, InShape, RuleChange
from archcalc.layers.base import Shape
from archcalc.results.rereading import Rules
from archcalc.words.language import marked


def _flattened(kept: Callable[[int, int], bool]) -> RuleChange:
    """A feature map written as a vector, some of its axes forgotten: `kept(axis, axes)` says which are not."""

    def change(rules: Rules) -> Rules | None:
        x = rules.output.letters
        if not has(x, "shape", "over") or len(x.shape) < 2 or len(rules.output.read()) != 1:
            return None
        shape = tuple(size if kept(axis, len(x.shape)) else 1 for axis, size in enumerate(x.shape))
        return on(("output",), letters(("shape",), shape=shape))(rules)

    return change


def _kept_in_place(rules: Rules) -> Rules | None:
    return replaced(rules, "activations", lambda _, out: prod(out))


def _not_kept(rules: Rules) -> Rules | None:
    return replaced(rules, "activations", lambda *_: 0)


def _other_orders(shape: Shape) -> list[Shape]:
    return sorted(set(permutations(shape)) - {shape})


def _one_axis_less(shape: Shape) -> Iterator[Shape]:
    for axis in range(len(shape)):
        yield (*shape[:axis], *shape[axis + 1 :])


_FLAT = "{input: [6, 4, 5], layers: [{flatten: 0, name: flat}]}"
# 9×8 by 5×5: 5 by 4
_CONV = "{input: [3, 9, 8], layers: [{conv: 6, kernel: 5, name: c}]}"
# 3·9·9 = 243 of the input, 6·5·5 = 150 and 4·3·3 = 36 of the convolutions, nothing of what is in place: 429
_RECTIFIED = (
    "{input: [3, 9, 9], layers: [{conv: 6, kernel: 5, name: a}, {relu: , name: r}, "
    "{conv: 4, kernel: 3, name: b}, {relu: , name: s}]}"
)

MISTAKES = (
    KnownMistake(
        "channels-only",
        marked("only the channels were counted, not the positions"),
        InRules(_flattened(lambda axis, _: axis == 0)),
        examples=[
            WrongAnswer(
                _FLAT,
                "flat.output",
                "6",
                "6 channels; with their 4·5 positions 6·4·5 = 120",
                "Only the channels were counted, not the positions in flat.",
            )
        ],
    ),
    KnownMistake(
        "positions-only",
        marked("only the positions were counted, not the channels"),
        InRules(_flattened(lambda axis, _: axis > 0)),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _FLAT,
                "flat.output",
                "20",
                "4·5 = 20 positions; with the 6 channels 6·4·5 = 120",
                "Only the positions were counted, not the channels in flat.",
            ),
            WrongAnswer(
                "{input: [6, 4, 5], layers: [{flatten: 0, name: flat}, {linear: 20, name: fc}]}",
                "flat.output",
                "20",
                "4·5 = 20 positions, but fc puts out 20 as well",
                "The answer is that of the layer after, fc.",
                beside=("layer-after",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "one-axis-left-out",
        marked("one axis was left out of the product"),
        InRules(_flattened(lambda axis, axes: axis < axes - 1)),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _FLAT,
                "flat.output",
                "24",
                "6·4 = 24; with the width 6·4·5 = 120",
                "One axis was left out of the product in flat.",
            ),
            WrongAnswer(
                "{input: [6, 4, 5], layers: [{flatten: 0, name: flat}, {linear: 24, name: fc}]}",
                "flat.output",
                "24",
                "6·4 = 24, but fc puts out 24 as well",
                "The answer is that of the layer after, fc.",
                beside=("layer-after",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "in-place-counted",
        marked("what happens in place, or is only a view, was counted as a new output"),
        InRules(_kept_in_place),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _RECTIFIED,
                "total.activations",
                "615",
                "243 + 2·150 + 2·36 = 615; a ReLU works in place: 243 + 150 + 36 = 429",
                "What happens in place, or is only a view, was counted as a new output.",
            ),
            WrongAnswer(
                _RECTIFIED,
                "r.activations",
                "150",
                "6·5·5 = 150 of what happens in place, but a puts out 150 as well",
                "The answer is that of the layer before, a.",
                beside=("layer-before",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "output-not-counted",
        marked("the output was not counted"),
        InRules(_not_kept),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _RECTIFIED,
                "total.activations",
                "243",
                "3·9·9 = 243 of the input alone; with the outputs 243 + 150 + 36 = 429",
                "The output was not counted.",
            ),
            WrongAnswer(
                _RECTIFIED,
                "total.activations",
                "279",
                "243 + 36 = 279 without the outputs of a, which is a left out",
                "A was left out.",
                beside=("layer-left-out",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "axes-order",
        marked("the axes are in another order"),
        InShape(_other_orders),
        examples=[
            WrongAnswer(
                _CONV,
                "c.output",
                "5x6x4",
                "6 channels, 5 high, 4 wide; first or last the channels may stand, not between",
                "The axes are in another order.",
            )
        ],
    ),
    KnownMistake(
        "axis-left-out",
        marked("an axis of the shape was left out"),
        InShape(_one_axis_less),
        examples=[
            WrongAnswer(
                _CONV,
                "c.output",
                "6x5",
                "6 channels, 5 high and 4 wide: 6×5×4",
                "An axis of the shape was left out.",
            )
        ],
    ),
)
