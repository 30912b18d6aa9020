"""Mistakes about parameters: biases, channels, groups, filters and kernels in the product."""

from __future__ import annotations

from collections.abc import Callable

from archcalc.algebra.symbols import exact_div
from archcalc.grading.mistakes.changes import (
    Changed,
    axes,
    has,
    letters,
    on,
    put_in,
    put_out,
    replaced,
    with_input,
    with_output,
)
from archcalc.grading.mistakes.rows import Example, KnownMistake
from archcalc.grading.mistakes.ways import InQuestion, InRules, Read, RuleChange, Taken
from archcalc.layers.base import Letters, Number
from archcalc.layers.convolution import Conv
from archcalc.results.rereading import Rules
from archcalc.results.counts import BYTES
from archcalc.results.quantities import Quantity
from archcalc.words.language import marked

PRODUCT = ("weights", "cost")
"""The rules that multiply the kernel, the channels and the filters."""


def _without_shift(rules: Rules) -> Rules | None:
    """The biases left out, also where they are the β of a norm."""
    x = rules.biases.letters
    if not (x.__dict__.get("bias") or x.__dict__.get("affine")):
        return None
    changed = on(("cost",), letters(("bias",), bias=False))(rules) or rules
    return replaced(changed, "biases", lambda _: 0)


def _by_convention(read: Read, asked: Quantity, *, bias: bool) -> list[Taken]:
    """The same number by the other convention about biases."""
    if read.convention.bias == bias or asked.name not in ("params", *BYTES):
        return []
    return [Taken(asked, convention=read.convention._replace(bias=bias))]


def _of_all(read: Read, asked: Quantity) -> list[Taken]:
    """All parameters for the weights."""
    if asked.name != "weights":
        return []
    return [Taken(asked._replace(name="params"), convention=read.convention._replace(bias=True))]


def _biased(x: Letters) -> Letters | None:
    return x.replace(bias=True) if x.__dict__.get("bias") is False else None


def _biases(put: Callable[[Letters], int]) -> Changed:
    return lambda x: with_output(x, put) if x.__dict__.get("bias") else None


def _out_for_in(x: Letters) -> Letters | None:
    return with_input(x, put_out)


def _in_for_out(x: Letters) -> Letters | None:
    return with_output(x, put_in)


def _one_side(x: Letters) -> Letters | None:
    return x.replace(axes=x.axes[:1]) if has(x, "axes") and len(x.axes) > 1 else None


def _with_statistics(rules: Rules) -> Rules | None:
    """The running mean and variance taken for parameters: as many as there are γ and β where these are learned."""
    if not has(rules.weights.letters, "running"):
        return None
    weights, biases = rules.weights.rule, rules.biases.rule

    def counted(x: Letters) -> Number:
        learned = x.replace(affine=True)
        return weights(x) + weights(learned) + biases(learned)

    return replaced(rules, "weights", counted)


def filtering(rules: Rules) -> Letters | None:
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
        x = filtering(rules)
        if x is None:
            return None
        x = fitted(x)
        return rules._replace(
            weights=rules.weights._replace(rule=Conv.weights, letters=x),
            biases=rules.biases._replace(rule=Conv.biases, letters=x),
        )

    return change


# 6 filters of 5×5×3 on 9×9: 25·3·6 = 450 weights and 6 biases, 456
_CONV = "{input: [3, 9, 9], layers: [{conv: 6, kernel: 5, name: c}]}"
_UNBIASED = "{input: [3, 9, 9], layers: [{conv: 6, kernel: 5, bias: false, name: c}]}"
# 6 filters of 3×3 in 3 groups of 2 channels each: 9·2·6 = 108 weights and 6 biases, 114
_GROUPED = "{input: [6, 9, 9], layers: [{conv: 6, kernel: 3, groups: 3, name: c}]}"
# 3·3·3·4 = 108, γ and β of 4; 3·3·4·2 = 72, γ and β of 2: 192 in all
_NORMED = (
    "{input: [3, 9, 9], layers: [{conv: 4, kernel: 3, bias: false, name: a}, {batch_norm: , name: n}, "
    "{conv: 2, kernel: 3, bias: false, name: b}, {batch_norm: , name: m}]}"
)
_POOL = "{input: [5, 12, 12], layers: [{max_pool: 3, name: p}]}"
# 4 projections of 8·8 weights and 8 biases: 256 and 32, 288
_ATTENTION = "{input: [5, 8], layers: [{attention: 2, name: att}]}"

MISTAKES = (
    KnownMistake(
        "bias-forgotten",
        marked("the biases were left out"),
        InRules(_without_shift),
        InQuestion(lambda read, asked: _by_convention(read, asked, bias=False), reach="layer", sort="rule"),
        rarity="often",
        examples=[
            Example(
                _CONV, "c.params", "450", "5·5·3·6 = 450; with 6 biases 456", "The biases were left out in c."
            ),
            Example(
                _CONV,
                "total.param_bytes",
                "1800 B",
                "4·450 = 1800; with the 6 biases 4·456 = 1824",
                "The biases were left out in c.",
            ),
        ],
    ),
    KnownMistake(
        "bias-counted",
        marked("biases were counted where there are none to count"),
        InRules(on(("biases",), _biased)),
        InQuestion(lambda read, asked: _by_convention(read, asked, bias=True), reach="layer", sort="rule"),
        InQuestion(_of_all, reach="layer", sort="rule"),
        rarity="often",
        examples=[
            Example(
                _UNBIASED,
                "c.params",
                "456",
                "5·5·3·6 + 6 = 456, but these filters have no biases: 450",
                "Biases were counted where there are none to count in c.",
            ),
            Example(
                _CONV,
                "c.weights",
                "456",
                "450 + 6 = 456; biases are no weights: 450",
                "Biases were counted where there are none to count in c.",
            ),
            Example(
                _CONV,
                "c.params",
                "456",
                "450 + 6 = 456; asked is without biases: 450",
                "Biases were counted where there are none to count in c.",
                keys="bias: false",
            ),
        ],
    ),
    KnownMistake(
        "one-bias",
        marked("one bias was counted in all, not one for each filter"),
        InRules(on(("biases",), _biases(lambda _: 1))),
        rarity="seldom",
        examples=[
            Example(
                _CONV,
                "c.params",
                "451",
                "450 + 1 = 451; one for each of 6 filters makes 456",
                "One bias was counted in all, not one for each filter in c.",
            )
        ],
    ),
    KnownMistake(
        "bias-per-channel",
        marked("one bias was counted for each input channel, not for each filter"),
        InRules(on(("biases",), _biases(put_in))),
        rarity="seldom",
        examples=[
            Example(
                _CONV,
                "c.params",
                "453",
                "450 + 3 = 453; one for each of 6 filters makes 456",
                "One bias was counted for each input channel, not for each filter in c.",
            )
        ],
    ),
    KnownMistake(
        "bias-per-kernel",
        marked("one bias was counted for each input channel of each filter, not one for each filter"),
        InRules(on(("biases",), _biases(lambda x: put_in(x) * put_out(x)))),
        rarity="seldom",
        examples=[
            Example(
                _CONV,
                "c.params",
                "468",
                "450 + 3·6 = 468; one for each of 6 filters makes 456",
                "One bias was counted for each input channel of each filter, not one for each filter in c.",
            )
        ],
    ),
    KnownMistake(
        "scale-and-shift-forgotten",
        marked("the scale and shift of the normalization (γ and β) were left out"),
        InRules(on(("weights", "biases"), letters(("affine",), affine=False))),
        examples=[
            Example(
                _NORMED,
                "total.params",
                "180",
                "108 + 72 = 180; γ and β of 4 and of 2 channels are 8 + 4 more: 192",
                "The scale and shift of the normalization (γ and β) were left out.",
            )
        ],
    ),
    KnownMistake(
        "running-statistics-counted",
        marked("running means and variances were counted as parameters"),
        InRules(_with_statistics),
        examples=[
            Example(
                _NORMED,
                "total.params",
                "204",
                "192 + 2·4 + 2·2 = 204; means and variances are no parameters: 192",
                "Running means and variances were counted as parameters.",
            ),
            Example(
                "{input: [5, 9, 9], layers: [{batch_norm: , affine: false, name: n}]}",
                "n.params",
                "10",
                "5 means and 5 variances; nothing is learned: 0",
                "Running means and variances were counted as parameters in n.",
            ),
        ],
    ),
    KnownMistake(
        "input-channels-ignored",
        marked("the input channels were left out"),
        InRules(on(PRODUCT, letters(("C", "K"), C=1, G=None))),
        examples=[
            Example(
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
            Example(
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
            Example(
                "{input: [6, 9, 9], layers: [{conv: 6, kernel: 5, groups: 2, name: c}]}",
                "c.weights",
                "225",
                "5·5·3·3 = 225 of one group with 3 channels and 3 filters; of two 450",
                "One group only was counted in c.",
            ),
            Example(
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
            Example(
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
            Example(
                _CONV,
                "c.params",
                "228",
                "5·5·3·3 + 3 = 228; there are 6 filters: 5·5·3·6 + 6 = 456",
                "The input channels were used for the output channels in c.",
            )
        ],
    ),
    KnownMistake(
        "kernel-once",
        marked("F was used for F·F"),
        InRules(on(PRODUCT, _one_side)),
        examples=[
            Example(
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
            Example(
                _CONV,
                "c.params",
                "24",
                "3·6 + 6 = 24; with the kernel 5·5·3·6 + 6 = 456",
                "The size of the kernel was left out in c.",
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
            Example(
                _POOL,
                "p.params",
                "230",
                "3·3·5·5 + 5 = 230 of 5 filters with biases; a pool has none: 0",
                "The pooling was given parameters, as if it were a convolution in p.",
            ),
            Example(
                _POOL,
                "p.params",
                "225",
                "3·3·5·5 = 225 of 5 filters; a pool has none: 0",
                "The pooling was given parameters, as if it were a convolution in p.",
            ),
            Example(
                _POOL,
                "p.params",
                "45",
                "3·3·5 = 45, a window a channel; a pool has none: 0",
                "The pooling was given parameters, as if it were a convolution in p.",
            ),
            Example(
                _POOL,
                "p.params",
                "9",
                "3·3 = 9 of one window; a pool has none: 0",
                "The pooling was given parameters, as if it were a convolution in p.",
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
            Example(
                _ATTENTION,
                "att.params",
                "216",
                "3·(8·8 + 8) = 216 of queries, keys and values; with the projection back 4·72 = 288",
                "The last projection of the attention was left out in att.",
            ),
            Example(
                _ATTENTION,
                "att.macs",
                "1360",
                "3·5·8·8 + 2·5·5·8 = 960 + 400 = 1360; with the projection back 320 more: 1680",
                "The last projection of the attention was left out in att.",
            ),
            Example(
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
            Example(
                _ATTENTION,
                "att.params",
                "72",
                "8·8 + 8 = 72; four of them are 288",
                "One projection was counted, not four in att.",
            )
        ],
    ),
)
