"""Mistakes about what was asked: another layer, axis, batch or setting in place of the right one."""

from __future__ import annotations

from collections.abc import Iterator

from archcalc.algebra.shapes import AXIS_INDEX
from archcalc.algebra.units import DTYPES
from archcalc.grading.mistakes.rows import KnownMistake, WrongAnswer
from archcalc.grading.mistakes.ways import InQuestion, Read, TakenFor
from archcalc.results.counts import BYTES
from archcalc.results.quantities import QuantityName
from archcalc.words.language import marked

_DTYPES = ("float64", "float32", "float16")
"""One of each size that somebody may think of."""


def _one_input(read: Read, asked: QuantityName) -> Iterator[TakenFor]:
    if read.convention.batch > 1:
        yield TakenFor(asked, convention=read.convention._replace(batch=1))


def _other_dtypes(read: Read, asked: QuantityName) -> Iterator[TakenFor]:
    if asked.name in BYTES:
        for dtype in _DTYPES:
            if DTYPES[dtype] != DTYPES[read.convention.dtype]:
                yield TakenFor(asked, {"dtype": dtype}, read.convention._replace(dtype=dtype))


def _other_axes(_: Read, asked: QuantityName) -> Iterator[TakenFor]:
    if asked.axis in AXIS_INDEX:
        for word in AXIS_INDEX:
            if word != asked.axis:
                yield TakenFor(asked._replace(axis=word), {"axis": word})


def settings(read: Read, path: str) -> tuple[str, ...]:
    """The keys of a layer; none of what is no layer."""
    index = read.index.get(path)
    return () if index is None else tuple(read.report.rows[index].config)


def _other_settings(read: Read, asked: QuantityName) -> Iterator[TakenFor]:
    keys = settings(read, asked.path)
    if asked.name in keys:
        for key in keys:
            if key != asked.name:
                yield TakenFor(asked._replace(name=key), {"key": key})


# 9 + 2 − 4 over 3, + 1: 3 high and 5 wide
_OBLONG = "{input: [3, 9, 15], layers: [{conv: 6, kernel: 4, stride: 3, padding: 1, name: c}]}"

# 11·11·(3·3·3·4) = 13,068 MACs; 108 + 4 = 112 parameters of 4 bytes
_ONE = "{input: [3, 13, 13], layers: [{conv: 4, kernel: 3, name: a}]}"

MISTAKES = (
    KnownMistake(
        "batch-forgotten",
        marked("the batch was left out"),
        InQuestion(_one_input, reach="layer"),
        examples=[
            WrongAnswer(
                _ONE,
                "a.macs",
                "13,068",
                "11·11·108 = 13,068 for one input; for 8 it is 104,544",
                "The batch was left out.",
                keys="batch: 8",
            )
        ],
    ),
    KnownMistake(
        "other-dtype",
        marked("numbers of the type {dtype} were counted"),
        InQuestion(_other_dtypes, reach="layer", sort="unit"),
        examples=[
            WrongAnswer(
                _ONE,
                "total.param_bytes",
                "224 B",
                "2·112 = 224 with 2 bytes each; a float32 has 4: 448",
                "Numbers of the type float16 were counted.",
            )
        ],
    ),
    KnownMistake(
        "other-axis",
        marked("another axis was given, the {axis}"),
        InQuestion(_other_axes, reach="layer"),
        examples=[
            WrongAnswer(
                _OBLONG,
                "c.output.height",
                "5",
                "⌊(15 + 2 − 4)/3⌋ + 1 = 5 is the width; the height is ⌊(9 + 2 − 4)/3⌋ + 1 = 3",
                "Another axis was given, the width.",
            )
        ],
    ),
    KnownMistake(
        "other-setting",
        marked("another setting was given, the {key}"),
        InQuestion(_other_settings, reach="layer"),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _OBLONG,
                "c.stride",
                "6",
                "6 is the number of filters; the stride is 3",
                "Another setting was given, the filters.",
            ),
            WrongAnswer(
                "{input: [3, 9, 9], layers: [{conv: 6, kernel: 3, stride: 2, name: a}, "
                "{conv: 2, kernel: 4, stride: 3, name: b}]}",
                "b.stride",
                "2",
                "2 are the filters of b, but also the stride of a",
                "The answer is that of the layer before, a.",
                beside=("layer-before",),
                instead=True,
            ),
        ],
    ),
)
