"""Mistakes about biases and norms: what is added, scaled and shifted, counted or not."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import structs

from archcalc.grading.mistakes.changes import (
    Changed,
    has,
    letters,
    on,
    put_in,
    put_out,
    replaced,
    with_output,
)
from archcalc.grading.mistakes.rows import KnownMistake, WrongAnswer
from archcalc.grading.mistakes.ways import InQuestion, InRules, Read, TakenFor
from archcalc.layers.base import Cost, Letters, Number, Shape
from archcalc.results.counts import BYTES
from archcalc.results.quantities import QuantityName
from archcalc.results.rereading import Rules
from archcalc.words.language import marked


def _without_shift(rules: Rules) -> Rules | None:
    """The biases left out, also where they are the β of a norm."""
    x = rules.biases.letters
    if not (x.__dict__.get("bias") or x.__dict__.get("affine")):
        return None
    changed = on(("cost",), letters(("bias",), bias=False))(rules) or rules
    return replaced(changed, "biases", lambda _: 0)


def _by_convention(read: Read, asked: QuantityName, *, bias: bool) -> list[TakenFor]:
    """The same number by the other convention about biases."""
    if read.convention.bias == bias or asked.name not in ("params", *BYTES):
        return []
    return [TakenFor(asked, convention=read.convention._replace(bias=bias))]


def _of_all(read: Read, asked: QuantityName) -> list[TakenFor]:
    """All parameters for the weights."""
    if asked.name != "weights":
        return []
    return [TakenFor(asked._replace(name="params"), convention=read.convention._replace(bias=True))]


def _biased(x: Letters) -> Letters | None:
    return x.replace(bias=True) if x.__dict__.get("bias") is False else None


def _biases(put: Callable[[Letters], int]) -> Changed:
    return lambda x: with_output(x, put) if x.__dict__.get("bias") else None


def _with_statistics(rules: Rules) -> Rules | None:
    """The running mean and variance taken for parameters: as many as there are γ and β where these are learned."""
    if not has(rules.weights.letters, "running"):
        return None
    weights, biases = rules.weights.rule, rules.biases.rule

    def counted(x: Letters) -> Number:
        learned = x.replace(affine=True)
        return weights(x) + weights(learned) + biases(learned)

    return replaced(rules, "weights", counted)


_UNBIASED = "{input: [3, 9, 9], layers: [{conv: 6, kernel: 5, bias: false, name: c}]}"


# 3·3·3·4 = 108, γ and β of 4; 3·3·4·2 = 72, γ and β of 2: 192 in all
_NORMED = (
    "{input: [3, 9, 9], layers: [{conv: 4, kernel: 3, bias: false, name: a}, {batch_norm: , name: n}, "
    "{conv: 2, kernel: 3, bias: false, name: b}, {batch_norm: , name: m}]}"
)


# 6 filters of 5×5×3 on 9×9: 25·3·6 = 450 weights and 6 biases, 456
_CONV = "{input: [3, 9, 9], layers: [{conv: 6, kernel: 5, name: c}]}"


def _bias_in_macs(rules: Rules) -> Rules | None:
    """The additions that the biases are counted among the multiply-accumulates."""
    if not has(rules.cost.letters, "bias") or not rules.cost.letters.bias:
        return None
    rule = rules.cost.rule

    def cost(x: Letters, out: Shape) -> Cost:
        right: Cost = rule(x, out)
        adding = right.additions - rule(x.replace(bias=False), out).additions
        return structs.replace(right, macs=right.macs + adding)

    return replaced(rules, "cost", cost)


MISTAKES = (
    KnownMistake(
        "bias-forgotten",
        marked("the biases were left out"),
        InRules(_without_shift),
        InQuestion(lambda read, asked: _by_convention(read, asked, bias=False), reach="layer", sort="rule"),
        rarity="often",
        examples=[
            WrongAnswer(
                _CONV, "c.params", "450", "5·5·3·6 = 450; with 6 biases 456", "The biases were left out in c."
            ),
            WrongAnswer(
                _CONV,
                "total.param_bytes",
                "1800 B",
                "4·450 = 1800; with the 6 biases 4·456 = 1824",
                "The biases were left out in c.",
            ),
            WrongAnswer(
                "{input: [4, 8], "
                "layers: [{attention: 2, bias: false, relative_position: [2, 2], name: att}]}",
                "att.params",
                "256",
                "4·8·8 = 256; the table of 3·3 biases for each of 2 heads is 18 more: 274",
                "The biases were left out in att.",
            ),
            WrongAnswer(
                "{input: [3, 9, 9], layers: [{conv: 3, kernel: 3, bias: false, name: a}, "
                "{conv: 3, kernel: 3, name: b}, {conv: 3, kernel: 3, bias: false, name: c}]}",
                "b.params",
                "81",
                "3·3·3·3 = 81, with biases 84; a and c have 81, but biases are what is oftenest forgotten",
                "The biases were left out in b.",
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
            WrongAnswer(
                _UNBIASED,
                "c.params",
                "456",
                "5·5·3·6 + 6 = 456, but these filters have no biases: 450",
                "Biases were counted where there are none to count in c.",
            ),
            WrongAnswer(
                _CONV,
                "c.weights",
                "456",
                "450 + 6 = 456; biases are no weights: 450",
                "Biases were counted where there are none to count in c.",
            ),
            WrongAnswer(
                _CONV,
                "c.params",
                "456",
                "450 + 6 = 456; asked is without biases: 450",
                "Biases were counted where there are none to count in c.",
                keys="bias: false",
            ),
            WrongAnswer(
                "{input: [3, 9, 9], layers: [{conv: 3, kernel: 3, name: a}, "
                "{conv: 3, kernel: 3, bias: false, name: b}, {conv: 3, kernel: 3, name: c}]}",
                "b.params",
                "84",
                "3·3·3·3 + 3 = 84, without biases 81; a and c have 84, but biases are what is oftenest counted",
                "Biases were counted where there are none to count in b.",
            ),
        ],
    ),
    KnownMistake(
        "one-bias",
        marked("one bias was counted in all, not one for each filter"),
        InRules(on(("biases",), _biases(lambda _: 1))),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _CONV,
                "c.params",
                "451",
                "450 + 1 = 451; one for each of 6 filters makes 456",
                "One bias was counted in all, not one for each filter in c.",
            ),
            WrongAnswer(
                "{input: [1, 9, 9], layers: [{conv: 5, kernel: 5, padding: 1, name: a}, "
                "{conv: 1, kernel: 5, name: b}]}",
                "a.params",
                "126",
                "5·5·1·5 + 1 = 126, but b has 5·5·5·1 + 1 = 126 parameters",
                "The answer is that of the layer after, b.",
                beside=("layer-after",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "bias-per-channel",
        marked("one bias was counted for each input channel, not for each filter"),
        InRules(on(("biases",), _biases(put_in))),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _CONV,
                "c.params",
                "453",
                "450 + 3 = 453; one for each of 6 filters makes 456",
                "One bias was counted for each input channel, not for each filter in c.",
            ),
            WrongAnswer(
                "{input: [6, 7, 7], layers: [{conv: 2, kernel: 1, stride: 3, name: c}]}",
                "c.params",
                "18",
                "6·2 + 6 = 18, but 2·3·3 = 18 are the outputs as well",
                "The activations were given for the parameters.",
                beside=("activations-for-params",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "bias-per-kernel",
        marked("one bias was counted for each input channel of each filter, not one for each filter"),
        InRules(on(("biases",), _biases(lambda x: put_in(x) * put_out(x)))),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _CONV,
                "c.params",
                "468",
                "450 + 3·6 = 468; one for each of 6 filters makes 456",
                "One bias was counted for each input channel of each filter, not one for each filter in c.",
            ),
            WrongAnswer(
                "{input: [4, 7, 8], layers: [{conv: 7, kernel: 1, name: c}]}",
                "c.params",
                "56",
                "4·7 + 4·7 = 56, but 7·7 + 7 = 56 as well, with 7 channels for the 4 that come in",
                "The output channels were used for the input channels in c.",
                beside=("output-for-input-channels",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "bias-in-macs",
        marked("adding the biases was counted among the multiply-accumulates"),
        InRules(_bias_in_macs),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _CONV,
                "c.macs",
                "11,400",
                "11,250 + 5·5·6 = 11,400; adding is no multiply-accumulate: 11,250",
                "Adding the biases was counted among the multiply-accumulates in c.",
            ),
            WrongAnswer(
                "{input: [5, 8], layers: [{attention: 2, name: att}]}",
                "att.macs",
                "1840",
                "4·5·8·8 + 2·5·5·8 = 1680, and the biases of four projections are added 4·5·8 = 160 times",
                "Adding the biases was counted among the multiply-accumulates in att.",
            ),
            WrongAnswer(
                "{input: [1, 6, 7], layers: [{conv: 7, kernel: 1, stride: 2, name: c}]}",
                "c.macs",
                "168",
                "3·4·7 + 3·4·7 = 168, but 2·84 = 168 are the FLOPs as well",
                "The FLOPs were given for the MACs.",
                beside=("flops-for-macs",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "scale-and-shift-forgotten",
        marked("the scale and shift of the normalization (γ and β) were left out"),
        InRules(on(("weights", "biases"), letters(("affine",), affine=False))),
        examples=[
            WrongAnswer(
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
            WrongAnswer(
                _NORMED,
                "total.params",
                "204",
                "192 + 2·4 + 2·2 = 204; means and variances are no parameters: 192",
                "Running means and variances were counted as parameters.",
            ),
            WrongAnswer(
                "{input: [5, 9, 9], layers: [{batch_norm: , affine: false, name: n}]}",
                "n.params",
                "10",
                "5 means and 5 variances; nothing is learned: 0",
                "Running means and variances were counted as parameters in n.",
            ),
        ],
    ),
)
