"""Mistakes about parameters: biases, channels, groups, filters and kernels in the product."""

from __future__ import annotations

from archcalc.algebra.symbols import exact_div
from archcalc.grading.mistakes.changes import (
    axes,
    has,
    letters,
    on,
    put_in,
    put_out,
    with_input,
    with_output,
)
from archcalc.grading.mistakes.rows import KnownMistake, WrongAnswer
from archcalc.grading.mistakes.ways import InRules
from archcalc.layers.base import Letters
from archcalc.words.language import marked

PRODUCT = ("weights", "cost")
"""The rules that multiply the kernel, the channels and the filters."""


def _out_for_in(x: Letters) -> Letters | None:
    return with_input(x, put_out)


def _in_for_out(x: Letters) -> Letters | None:
    return with_output(x, put_in)


def _one_side(x: Letters) -> Letters | None:
    return x.replace(axes=x.axes[:1]) if has(x, "axes") and len(x.axes) > 1 else None


# 6 filters of 5×5×3 on 9×9: 25·3·6 = 450 weights and 6 biases, 456
_CONV = "{input: [3, 9, 9], layers: [{conv: 6, kernel: 5, name: c}]}"
# 6 filters of 3×3 in 3 groups of 2 channels each: 9·2·6 = 108 weights and 6 biases, 114
_GROUPED = "{input: [6, 9, 9], layers: [{conv: 6, kernel: 3, groups: 3, name: c}]}"

MISTAKES = (
    KnownMistake(
        "input-channels-ignored",
        marked("the input channels were left out"),
        InRules(on(PRODUCT, letters(("C", "K"), C=1, G=None))),
        examples=[
            WrongAnswer(
                _CONV,
                "c.params",
                "156",
                "5·5·6 + 6 = 156; with the 3 channels 5·5·3·6 + 6 = 456",
                "The input channels were left out in c.",
            )
        ],
    ),
    KnownMistake(
        "groups-ignored",
        marked("the groups were left out"),
        InRules(on(PRODUCT, letters(("G",), G=None))),
        examples=[
            WrongAnswer(
                _GROUPED,
                "c.params",
                "330",
                "3·3·6·6 + 6 = 330; each filter reads 6/3 = 2 channels: 3·3·2·6 + 6 = 114",
                "The groups were left out in c.",
            )
        ],
    ),
    KnownMistake(
        "one-group",
        marked("one group only was counted"),
        InRules(on(("weights",), letters(("G", "K"), K=lambda x: exact_div(x.K, x.G)))),
        rarity="seldom",
        examples=[
            WrongAnswer(
                "{input: [6, 9, 9], layers: [{conv: 6, kernel: 5, groups: 2, name: c}]}",
                "c.weights",
                "225",
                "5·5·3·3 = 225 of one group with 3 channels and 3 filters; of two 450",
                "One group only was counted in c.",
            ),
            WrongAnswer(
                _GROUPED,
                "c.weights",
                "36",
                "3·3·2·2 = 36 of one group of three, but 3·2·6 = 36 as well, with F for F·F",
                "F was used for F·F in c.",
                beside=("kernel-once",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "output-for-input-channels",
        marked("the output channels were used for the input channels"),
        InRules(on(PRODUCT, _out_for_in)),
        examples=[
            WrongAnswer(
                _CONV,
                "c.params",
                "906",
                "5·5·6·6 + 6 = 906; 3 channels come in: 5·5·3·6 + 6 = 456",
                "The output channels were used for the input channels in c.",
            )
        ],
    ),
    KnownMistake(
        "input-for-output-channels",
        marked("the input channels were used for the output channels"),
        InRules(on(("output", "biases", *PRODUCT), _in_for_out)),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _CONV,
                "c.params",
                "228",
                "5·5·3·3 + 3 = 228; there are 6 filters: 5·5·3·6 + 6 = 456",
                "The input channels were used for the output channels in c.",
            ),
            WrongAnswer(
                "{input: [4, 7, 8], layers: [{conv: 7, kernel: 1, name: c}]}",
                "c.output",
                "4x7x8",
                "4 filters in place of 7 would leave the shape of the input, 4×7×8",
                "The input was given for the output.",
                beside=("input-for-output",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "kernel-once",
        marked("F was used for F·F"),
        InRules(on(PRODUCT, _one_side)),
        examples=[
            WrongAnswer(
                _CONV,
                "c.params",
                "96",
                "5·3·6 + 6 = 96; 5·5·3·6 + 6 = 456",
                "F was used for F·F in c.",
            )
        ],
    ),
    KnownMistake(
        "kernel-ignored",
        marked("the size of the kernel was left out"),
        InRules(on(PRODUCT, axes(letters(("F",), F=1)))),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _CONV,
                "c.params",
                "24",
                "3·6 + 6 = 24; with the kernel 5·5·3·6 + 6 = 456",
                "The size of the kernel was left out in c.",
            ),
            WrongAnswer(
                "{input: [3, 8, 8], layers: [{conv: 3, kernel: 5, stride: 3, name: c}]}",
                "c.params",
                "12",
                "3·3 + 3 = 12, but 3·2·2 = 12 are the outputs as well",
                "The activations were given for the parameters.",
                beside=("activations-for-params",),
                instead=True,
            ),
        ],
    ),
)
