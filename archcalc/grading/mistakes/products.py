"""Mistakes about MACs: the positions, the filters and the biases that the weights are multiplied with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from archcalc.grading.mistakes.changes import features, has, on, putting_out, replaced
from archcalc.grading.mistakes.rows import KnownMistake, WrongAnswer
from archcalc.grading.mistakes.ways import InRules, RuleChange
from archcalc.layers.base import Letters, Shape
from archcalc.results.rereading import Rules
from archcalc.words.language import marked

Resized: TypeAlias = "Callable[[Letters, Shape], Shape | None]"


def _cost_on(size: Resized) -> RuleChange:
    """The cost of another output than the layer has."""

    def change(rules: Rules) -> Rules | None:
        rule, x = rules.cost.rule, rules.cost.letters
        if not (has(x, "K", "axes") or features(x)) or size(x, tuple(rules.output.read())) is None:
            return None
        return replaced(rules, "cost", lambda x, out: rule(x, size(x, out) or out))

    return change


def _axis(x: Letters) -> dict[str, Any]:
    return x.axes[0].__dict__ if has(x, "axes") else {}


def _one_position(x: Letters, out: Shape) -> Shape | None:
    one = (out[0], *(1 for _ in out[1:])) if has(x, "axes") else out[-1:]
    return None if "O" in _axis(x) or one == out else one


def _input_positions(x: Letters, out: Shape) -> Shape | None:
    came = (out[0], *(a.N for a in x.axes)) if has(x, "axes") else out
    return None if "O" in _axis(x) or came == out else came


def _one_row(x: Letters, out: Shape) -> Shape | None:
    return out[:2] if has(x, "axes") and len(out) > 2 and "O" not in _axis(x) else None


def _one_filter(x: Letters, out: Shape) -> Shape:
    return (1, *out[1:]) if has(x, "axes") else (*out[:-1], 1)


# 6 filters of 5×5×3 on 9×9: 5×5 positions, 25·3·6 = 450 weights, 25·450 = 11,250 MACs
_CONV = "{input: [3, 9, 9], layers: [{conv: 6, kernel: 5, name: c}]}"
# windows of 3×3 on 9×9: 3×3 positions
_POOL = "{input: [5, 9, 9], layers: [{max_pool: 3, name: p}]}"

MISTAKES = (
    KnownMistake(
        "one-filter",
        marked("one filter only was counted"),
        InRules(on(("weights", "biases"), putting_out(1))),
        InRules(on(("weights",), putting_out(1))),
        InRules(_cost_on(_one_filter)),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _CONV,
                "c.params",
                "76",
                "5·5·3 + 1 = 76 of one filter; 6 of them have 456",
                "One filter only was counted in c.",
            ),
            WrongAnswer(
                _CONV,
                "c.params",
                "81",
                "5·5·3 + 6 = 81, one filter with the biases of 6; 6 of them have 456",
                "One filter only was counted in c.",
            ),
            WrongAnswer(
                _CONV,
                "c.macs",
                "1875",
                "5·5·(5·5·3) = 1875 of one filter; 6 of them have 11,250",
                "One filter only was counted in c.",
            ),
            WrongAnswer(
                "{input: [3, 8, 8], layers: [{conv: 3, kernel: 5, stride: 3, name: c}]}",
                "c.params",
                "78",
                "5·5·3 + 3 = 78 of one filter with 3 biases, but of 3 filters that read one channel as well",
                "The input channels were left out in c.",
                beside=("input-channels-ignored",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "positions-forgotten",
        marked("the weights were not multiplied by the output positions"),
        InRules(_cost_on(_one_position)),
        examples=[
            WrongAnswer(
                _CONV,
                "c.macs",
                "450",
                "5·5·3·6 = 450 weights; used at 5·5 positions 11,250 times",
                "The weights were not multiplied by the output positions in c.",
            )
        ],
    ),
    KnownMistake(
        "positions-once",
        marked("the output positions were counted along one axis only"),
        InRules(_cost_on(_one_row)),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _CONV,
                "c.macs",
                "2250",
                "5·450 = 2250 along one axis, but 5·5·(5·3·6) = 2250 as well, with F for F·F",
                "F was used for F·F in c.",
                beside=("kernel-once",),
                instead=True,
            ),
            WrongAnswer(
                "{input: [3, 10, 10], layers: [{conv: 6, kernel: 4, name: c}]}",
                "c.macs",
                "2016",
                "7·(4·4·3·6) = 7·288 = 2016; at 7·7 positions 14,112",
                "The output positions were counted along one axis only in c.",
            ),
        ],
    ),
    KnownMistake(
        "input-positions",
        marked("the positions of the input were used for those of the output"),
        InRules(_cost_on(_input_positions)),
        examples=[
            WrongAnswer(
                _CONV,
                "c.macs",
                "36,450",
                "9·9·450 = 36,450; the output has 5·5 positions: 11,250",
                "The positions of the input were used for those of the output in c.",
            )
        ],
    ),
)
