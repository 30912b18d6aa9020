"""Mistakes that only some kinds lend themselves to: pools taken for convolutions, transposes, attention."""

from __future__ import annotations

from collections.abc import Callable

from archcalc.grading.mistakes.changes import axes, has, letters, on
from archcalc.grading.mistakes.rows import KnownMistake, WrongAnswer
from archcalc.grading.mistakes.ways import InRules, RuleChange
from archcalc.layers.base import Letters
from archcalc.layers.convolution import Conv
from archcalc.results.rereading import Rules
from archcalc.words.language import marked


def _n_for_n_less_one(a: Letters) -> Letters | None:
    return a.replace(N=a.N + 1) if "O" in a.__dict__ else None


def _not_transposed(rules: Rules) -> Rules | None:
    """The size of a transposed convolution by the rule of one that is not."""
    x = rules.output.letters
    if not (has(x, "axes") and "O" in x.axes[0].__dict__):
        return None
    return rules._replace(output=rules.output._replace(rule=Conv.output))


def _filtering(rules: Rules) -> Letters | None:
    """The letters of a pool as those of a convolution with as many filters as channels; None for what is no pool."""
    x = rules.output.letters
    if not has(x, "C", "axes") or "K" in x.__dict__ or not has(x.axes[0], "F", "S"):
        return None
    found = x.replace(K=x.C, G=None, bias=True)
    # What spreads values out, as an unpooling does, has windows too, but no convolution's output.
    return found if Conv.output(found) == rules.output.read() else None


def _pool_of_filters(fitted: Callable[[Letters], Letters]) -> RuleChange:
    """The parameters that a pool would have as a convolution."""

    def change(rules: Rules) -> Rules | None:
        x = _filtering(rules)
        if x is None:
            return None
        x = fitted(x)
        return rules._replace(
            weights=rules.weights._replace(rule=Conv.weights, letters=x),
            biases=rules.biases._replace(rule=Conv.biases, letters=x),
        )

    return change


_POOL = "{input: [5, 12, 12], layers: [{max_pool: 3, name: p}]}"


# 4 projections of 8·8 weights and 8 biases: 256 and 32, 288
_ATTENTION = "{input: [5, 8], layers: [{attention: 2, name: att}]}"


# (4 − 1)·3 − 2·1 + 5 = 12
_TRANSPOSED = "{input: [3, 4, 4], layers: [{conv_transpose: 4, kernel: 5, stride: 3, padding: 1, name: up}]}"


def _pool_of_products(fitted: Callable[[Letters], Letters]) -> RuleChange:
    """The MACs that a pool would have as a convolution."""

    def change(rules: Rules) -> Rules | None:
        x = _filtering(rules)
        if x is None:
            return None
        return rules._replace(cost=rules.cost._replace(rule=Conv.cost, letters=fitted(x)))

    return change


MISTAKES = (
    KnownMistake(
        "minus-one-forgotten",
        marked("N was used for N − 1"),
        InRules(on(("output",), axes(_n_for_n_less_one))),
        examples=[
            WrongAnswer(
                _TRANSPOSED,
                "up.output.height",
                "15",
                "4·3 − 2·1 + 5 = 15; (4 − 1)·3 − 2·1 + 5 = 12",
                "N was used for N − 1 in up.",
            )
        ],
    ),
    KnownMistake(
        "output-padding-forgotten",
        marked("the output padding was left out"),
        InRules(on(("output",), axes(letters(("O",), O=None)))),
        examples=[
            WrongAnswer(
                "{input: [3, 5, 5], layers: "
                "[{conv_transpose: 4, kernel: 3, stride: 2, padding: 1, output_padding: 1, name: up}]}",
                "up.output.height",
                "9",
                "(5 − 1)·2 − 2·1 + 3 = 9; with 1 added 10",
                "The output padding was left out in up.",
            )
        ],
    ),
    KnownMistake(
        "not-transposed",
        marked("the size was worked out as for a convolution that is not transposed"),
        InRules(_not_transposed),
        examples=[
            WrongAnswer(
                "{input: [3, 8, 8], "
                "layers: [{conv_transpose: 4, kernel: 4, stride: 2, padding: 1, name: up}]}",
                "up.output",
                "4x4x4",
                "(8 + 2·1 − 4)/2 + 1 = 4; transposed (8 − 1)·2 − 2·1 + 4 = 16",
                "The size was worked out as for a convolution that is not transposed in up.",
            )
        ],
    ),
    KnownMistake(
        "pooling-parameters",
        marked("the pooling was given parameters, as if it were a convolution"),
        InRules(_pool_of_filters(lambda x: x)),
        InRules(_pool_of_filters(lambda x: x.replace(bias=False))),
        InRules(_pool_of_filters(lambda x: x.replace(G=x.C, bias=False))),
        InRules(_pool_of_filters(lambda x: x.replace(C=1, K=1, bias=False))),
        examples=[
            WrongAnswer(
                _POOL,
                "p.params",
                "230",
                "3·3·5·5 + 5 = 230 of 5 filters with biases; a pool has none: 0",
                "The pooling was given parameters, as if it were a convolution in p.",
            ),
            WrongAnswer(
                _POOL,
                "p.params",
                "225",
                "3·3·5·5 = 225 of 5 filters; a pool has none: 0",
                "The pooling was given parameters, as if it were a convolution in p.",
            ),
            WrongAnswer(
                _POOL,
                "p.params",
                "45",
                "3·3·5 = 45, a window a channel; a pool has none: 0",
                "The pooling was given parameters, as if it were a convolution in p.",
            ),
            WrongAnswer(
                _POOL,
                "p.params",
                "9",
                "3·3 = 9 of one window; a pool has none: 0",
                "The pooling was given parameters, as if it were a convolution in p.",
            ),
        ],
    ),
    KnownMistake(
        "pooling-macs",
        marked("multiplications were counted for the pooling, as if it were a convolution"),
        InRules(_pool_of_products(lambda x: x)),
        InRules(_pool_of_products(lambda x: x.replace(G=x.C, bias=False))),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _POOL,
                "p.macs",
                "3600",
                "4·4·(3·3·5)·5 = 3600 of 5 filters; a pool multiplies nothing: 0",
                "Multiplications were counted for the pooling, as if it were a convolution in p.",
            ),
            WrongAnswer(
                _POOL,
                "p.macs",
                "720",
                "4·4·(3·3)·5 = 720, a window a channel; a pool multiplies nothing: 0",
                "Multiplications were counted for the pooling, as if it were a convolution in p.",
            ),
            WrongAnswer(
                "{input: [3, 5, 5], layers: [{conv: 1, kernel: 2, stride: 2, name: c}, "
                "{max_pool: 2, name: p}, {flatten: 0}, {linear: 4, name: fc}]}",
                "p.macs",
                "4",
                "2·2 = 4 at one position, but 1·4 = 4 are those of fc as well",
                "The answer is that of the layer after, fc.",
                beside=("layer-after",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "output-projection-forgotten",
        marked("the last projection of the attention was left out"),
        InRules(
            on(
                ("weights", "biases", "cost"),
                letters(("projections",), projections=lambda x: x.projections - 1),
            )
        ),
        examples=[
            WrongAnswer(
                _ATTENTION,
                "att.params",
                "216",
                "3·(8·8 + 8) = 216 of queries, keys and values; with the projection back 4·72 = 288",
                "The last projection of the attention was left out in att.",
            ),
            WrongAnswer(
                _ATTENTION,
                "att.macs",
                "1360",
                "3·5·8·8 + 2·5·5·8 = 960 + 400 = 1360; with the projection back 320 more: 1680",
                "The last projection of the attention was left out in att.",
            ),
            WrongAnswer(
                "{input: [4, 8], layers: [{attention: 4, relative_position: [2, 2], name: att}]}",
                "att.params",
                "252",
                "3·72 + 3·3·4 = 252, a table of 3·3 biases for each of 4 heads; 4·72 + 36 = 324",
                "The last projection of the attention was left out in att.",
            ),
        ],
    ),
    KnownMistake(
        "one-projection",
        marked("one projection was counted, not four"),
        InRules(on(("weights", "biases", "cost"), letters(("projections",), projections=1))),
        examples=[
            WrongAnswer(
                _ATTENTION,
                "att.params",
                "72",
                "8·8 + 8 = 72; four of them are 288",
                "One projection was counted, not four in att.",
            )
        ],
    ),
    KnownMistake(
        "scores-forgotten",
        marked("the scores and weighted sums of the attention were left out"),
        InRules(on(("cost",), letters(("products",), products=0))),
        examples=[
            WrongAnswer(
                "{input: [5, 8], layers: [{attention: 2, name: att}]}",
                "att.macs",
                "1280",
                "4·5·8·8 = 1280 of the projections; scores and sums are 2·5·5·8 = 400 more: 1680",
                "The scores and weighted sums of the attention were left out in att.",
            )
        ],
    ),
)
