"""Mistakes about windows: padding, stride, dilation, rounding, and what one output sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archcalc.grading.mistakes.changes import axes, has, letters, on
from archcalc.grading.mistakes.rows import KnownMistake, WrongAnswer
from archcalc.grading.mistakes.ways import InRules, RuleChange
from archcalc.layers.base import Letters, Number
from archcalc.layers.views import SAME_POSITION, windows_of
from archcalc.layers.windows import padding_sides
from archcalc.results.rereading import Rules
from archcalc.words.language import marked

SHAPE = ("output", "view")
"""The rules that a mistake about the window of a layer is made in."""


def _padding(a: Letters, before: Number, after: Number) -> Letters | None:
    if not has(a, "padding"):
        return None
    if a.padding == "same":
        # What `same` pads is known only for a stride of 1: F − 1 in all.
        return a.replace(padding="symmetric", P=0) if before == after == 0 and a.F > 1 else None
    if a.padding == "sides":
        return a.replace(P_1=before, P_2=after) if a.P_1 or a.P_2 else None
    if before == after or not a.P:
        return a.replace(P=before) if a.P else None
    if "O" in a.__dict__:
        # A transposed convolution has no sides: what is cut off only once is added again.
        return a.replace(O=(a.O or 0) + a.P - after)
    return a.replace(padding="sides", P=None, P_1=before, P_2=after) if a.P else None


def _no_padding(a: Letters) -> Letters | None:
    return _padding(a, 0, 0)


def _once(a: Letters) -> Letters | None:
    """P for 2·P."""
    if has(a, "P"):
        return _padding(a, a.P, 0)
    if has(a, "padding", "F") and a.padding == "same" and a.F > 1 and a.S == 1:
        return a.replace(padding="sides", P_1=padding_sides(a)[0], P_2=0)
    return _padding(a, a.P_1, 0) if has(a, "P_1", "P_2") and a.P_2 else None


def _slides(a: Letters) -> bool:
    """Whether a window slides over this axis by ⌊(N + 2P − F)/S⌋ + 1."""
    return has(a, "N", "F", "S", "padding") and "O" not in a.__dict__ and a.padding != "same"


def _other_way(a: Letters) -> Letters | None:
    """⌈⌉ for ⌊⌋: without the rest that S − 1 more makes whole, and not limited as a pool's is."""
    return a.replace(N=a.N + a.S - 1) if _slides(a) and not a.ceil and a.S > 1 else None


def _floor(a: Letters) -> Letters | None:
    return a.replace(ceil=False) if _slides(a) and a.ceil else None


def _forget_one(a: Letters) -> Letters | None:
    """Without the + 1: as of an input that is a step shorter."""
    return a.replace(N=a.N - a.S) if _slides(a) else None


def _seen(resized: Callable[[Any], Any]) -> RuleChange:
    """The view of a layer with other windows."""

    def change(rules: Rules) -> Rules | None:
        view = rules.view.read()
        windows = windows_of(view)
        if windows is None or all(window is SAME_POSITION for window in windows):
            return None
        changed = (view[0], *map(resized, windows))
        return rules._replace(view=rules.view._replace(rule=lambda _: changed))

    return change


# 9 + 2·2 − 5 + 1 = 9
_PADDED = "{input: [3, 9, 9], layers: [{conv: 4, kernel: 5, padding: 2, name: c}]}"
# ⌊(12 − 3)/2⌋ + 1 = 5
_STRIDED = "{input: [3, 12, 12], layers: [{conv: 7, kernel: 3, stride: 2, name: c}]}"
# (4 − 1)·3 − 2·1 + 5 = 12
_TRANSPOSED = "{input: [3, 4, 4], layers: [{conv_transpose: 4, kernel: 5, stride: 3, padding: 1, name: up}]}"
# 3×3 over 3×3
_STACKED = "{input: [3, 20, 20], layers: [{conv: 4, kernel: 3, name: a}, {conv: 4, kernel: 3, name: b}]}"
# 3×3, a pool of 2×2 with stride 2, 3×3
_POOLED = (
    "{input: [3, 20, 20], "
    "layers: [{conv: 4, kernel: 3, name: a}, {max_pool: 2, name: p}, {conv: 4, kernel: 3, name: b}]}"
)

MISTAKES = (
    KnownMistake(
        "padding-forgotten",
        marked("the padding was left out"),
        InRules(on(SHAPE, axes(_no_padding))),
        examples=[
            WrongAnswer(
                _PADDED,
                "c.output.height",
                "5",
                "9 − 5 + 1 = 5; with the padding 9 + 2·2 − 5 + 1 = 9",
                "The padding was left out in c.",
            ),
            WrongAnswer(
                "{input: [3, 9, 9], layers: [{conv: 4, kernel: 5, padding: same, name: c}]}",
                "c.output",
                "4x5x5",
                "9 − 5 + 1 = 5; `same` pads to 9",
                "The padding was left out in c.",
            ),
            WrongAnswer(
                "{input: [3, 9, 9], layers: [{conv: 4, kernel: 5, padding: [[3, 1], [3, 1]], name: c}]}",
                "c.output.height",
                "5",
                "9 − 5 + 1 = 5; with the padding 9 + 3 + 1 − 5 + 1 = 9",
                "The padding was left out in c.",
            ),
            WrongAnswer(
                _TRANSPOSED,
                "up.output.height",
                "14",
                "(4 − 1)·3 + 5 = 14; the padding takes 2·1 off: 12",
                "The padding was left out in up.",
            ),
        ],
    ),
    KnownMistake(
        "padding-once",
        marked("P was used for 2·P"),
        InRules(on(SHAPE, axes(_once))),
        examples=[
            WrongAnswer(
                _PADDED,
                "c.output.height",
                "7",
                "9 + 2 − 5 + 1 = 7; padded on both sides 9 + 2·2 − 5 + 1 = 9",
                "P was used for 2·P in c.",
            ),
            WrongAnswer(
                "{input: [3, 9, 9], layers: [{conv: 4, kernel: 3, dilation: 2, padding: same, name: c}]}",
                "c.output.height",
                "7",
                "3 taps two apart reach over 5, so `same` pads by 2 on each side; 9 + 2 − 5 + 1 = 7 for 9",
                "P was used for 2·P in c.",
            ),
            WrongAnswer(
                _TRANSPOSED,
                "up.output.height",
                "13",
                "(4 − 1)·3 − 1 + 5 = 13; with 2·1 taken off 12",
                "P was used for 2·P in up.",
            ),
        ],
    ),
    KnownMistake(
        "one-forgotten",
        marked("the + 1 was forgotten"),
        InRules(on(("output",), axes(_forget_one))),
        examples=[
            WrongAnswer(
                _STRIDED,
                "c.output.height",
                "4",
                "⌊(12 − 3)/2⌋ = 4; with the + 1 it is 5",
                "The + 1 was forgotten in c.",
            )
        ],
    ),
    KnownMistake(
        "ceiling-for-floor",
        marked("the quotient was rounded up, not down"),
        InRules(on(("output",), axes(_other_way))),
        examples=[
            WrongAnswer(
                _STRIDED,
                "c.output.height",
                "6",
                "⌈(12 − 3)/2⌉ + 1 = ⌈4.5⌉ + 1 = 6; rounded down 5",
                "The quotient was rounded up, not down in c.",
            )
        ],
    ),
    KnownMistake(
        "floor-for-ceiling",
        marked("the quotient was rounded down, not up"),
        InRules(on(("output",), axes(_floor))),
        examples=[
            WrongAnswer(
                "{input: [3, 12, 12], layers: [{max_pool: 3, stride: 2, ceil: true, name: p}]}",
                "p.output.height",
                "5",
                "⌊(12 − 3)/2⌋ + 1 = 5; rounded up ⌈4.5⌉ + 1 = 6, and without the + 1 that is 5 as well",
                "The quotient was rounded down, not up in p.",
                beside=("one-forgotten",),
            )
        ],
    ),
    KnownMistake(
        "stride-ignored",
        marked("the stride was taken to be 1"),
        InRules(on(SHAPE, axes(letters(("F", "S"), S=1)))),
        examples=[
            WrongAnswer(
                _STRIDED,
                "c.output.height",
                "10",
                "12 − 3 + 1 = 10; with the stride ⌊(12 − 3)/2⌋ + 1 = 5",
                "The stride was taken to be 1 in c.",
            )
        ],
    ),
    KnownMistake(
        "dilation-ignored",
        marked("the dilation was left out"),
        InRules(on(SHAPE, axes(letters(("F", "D"), D=None)))),
        examples=[
            WrongAnswer(
                "{input: [3, 12, 12], layers: [{conv: 4, kernel: 3, dilation: 2, name: c}]}",
                "c.output.height",
                "10",
                "12 − 3 + 1 = 10; the dilated kernel reaches over 2·(3 − 1) + 1 = 5: 12 − 5 + 1 = 8",
                "The dilation was left out in c.",
            )
        ],
    ),
    KnownMistake(
        "dilation-times-kernel",
        marked("D·F was used for D·(F − 1) + 1"),
        InRules(on(SHAPE, axes(letters(("F", "D"), F=lambda a: a.F * a.D, D=None)))),
        examples=[
            WrongAnswer(
                "{input: [3, 12, 12], layers: [{conv: 7, kernel: 3, dilation: 3, name: c}]}",
                "c.output.height",
                "4",
                "12 − 3·3 + 1 = 4; the dilated kernel reaches over 3·(3 − 1) + 1 = 7: 12 − 7 + 1 = 6",
                "D·F was used for D·(F − 1) + 1 in c.",
            ),
            WrongAnswer(
                "{input: [3, 12, 12], layers: [{conv: 4, kernel: 3, dilation: 2, name: c}]}",
                "c.output.height",
                "7",
                "12 − 2·3 + 1 = 7, but 12 − 5 = 7 as well, the right 8 without its + 1",
                "D·F was used for D·(F − 1) + 1 in c.",
                beside=("one-forgotten",),
            ),
        ],
    ),
    KnownMistake(
        "kernel-whole",
        marked("F was used for F − 1"),
        InRules(_seen(lambda window: window._replace(size=window.size + 1))),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _STACKED,
                "b.receptive_field",
                "6x6",
                "3 + 3 = 6; the second adds 3 − 1, 5 in all",
                "F was used for F − 1 in b.",
            ),
            WrongAnswer(
                "{input: [3, 20, 20], layers: [{conv: 4, kernel: 3, name: a}, "
                "{max_pool: 2, stride: 1, name: p}]}",
                "a.receptive_field",
                "4x4",
                "1 + 3 = 4, but p after it sees 3 + 1 = 4 as well",
                "The answer is that of the layer after, p.",
                beside=("layer-after",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "layer-without-view",
        marked("the window was left out of the receptive field"),
        InRules(_seen(lambda _: SAME_POSITION)),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _POOLED,
                "b.receptive_field",
                "5x5",
                "1 + 2 + 2 = 5 of the convolutions alone; with the pool 1 + 2 + 1 + 2·2 = 8",
                "The window was left out of the receptive field in p.",
            ),
            WrongAnswer(
                "{input: [3, 20, 20], layers: [{conv: 4, kernel: 1, name: a}, {max_pool: 2, name: p}]}",
                "p.receptive_field",
                "1x1",
                "1 without the window of p, but that is what a sees as well",
                "The answer is that of the layer before, a.",
                beside=("layer-before",),
                instead=True,
            ),
        ],
    ),
)
