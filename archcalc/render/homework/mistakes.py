"""What went wrong, in a sentence: a clause for each mistake, and where it was made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from archcalc.grading.model import Cause, Diagnosis, Mistake
from archcalc.words.language import _, gettext, localized, marked
from archcalc.words.text import printable

MOST_NAMED = 3
"""Layers and numbers that one sentence names where a class made the same mistake in several."""

MOST_OF_FACT = 200
"""Characters of a name that is put into a sentence."""

CLAUSES: Mapping[str, str] = {
    # the window
    "padding-forgotten": marked("the padding was left out"),
    "padding-once": marked("P was used for 2·P"),
    "one-forgotten": marked("the + 1 was forgotten"),
    "minus-one-forgotten": marked("N was used for N − 1"),
    "output-padding-forgotten": marked("the output padding was left out"),
    "ceiling-for-floor": marked("the quotient was rounded up, not down"),
    "floor-for-ceiling": marked("the quotient was rounded down, not up"),
    "stride-ignored": marked("the stride was taken to be 1"),
    "dilation-ignored": marked("the dilation was left out"),
    "dilation-times-kernel": marked("D·F was used for D·(F − 1) + 1"),
    "kernel-whole": marked("F was used for F − 1"),
    "layer-without-view": marked("the window was left out of the receptive field"),
    "not-transposed": marked("the size was worked out as for a convolution that is not transposed"),
    # parameters and products
    "bias-forgotten": marked("the biases were left out"),
    "bias-counted": marked("biases were counted where there are none to count"),
    "one-bias": marked("one bias was counted in all, not one for each filter"),
    "bias-per-channel": marked("one bias was counted for each input channel, not for each filter"),
    "bias-per-kernel": marked(
        "one bias was counted for each input channel of each filter, not one for each filter"
    ),
    "scale-and-shift-forgotten": marked("the scale and shift of the normalization (γ and β) were left out"),
    "running-statistics-counted": marked("running means and variances were counted as parameters"),
    "input-channels-ignored": marked("the input channels were left out"),
    "groups-ignored": marked("the groups were left out"),
    "one-group": marked("one group only was counted"),
    "output-for-input-channels": marked("the output channels were used for the input channels"),
    "input-for-output-channels": marked("the input channels were used for the output channels"),
    "one-filter": marked("one filter only was counted"),
    "kernel-once": marked("F was used for F·F"),
    "kernel-ignored": marked("the size of the kernel was left out"),
    "pooling-parameters": marked("the pooling was given parameters, as if it were a convolution"),
    "pooling-macs": marked("multiplications were counted for the pooling, as if it were a convolution"),
    "output-projection-forgotten": marked("the last projection of the attention was left out"),
    "one-projection": marked("one projection was counted, not four"),
    # MACs
    "positions-forgotten": marked("the weights were not multiplied by the output positions"),
    "positions-once": marked("the output positions were counted along one axis only"),
    "input-positions": marked("the positions of the input were used for those of the output"),
    "bias-in-macs": marked("adding the biases was counted among the multiply-accumulates"),
    "scores-forgotten": marked("the scores and weighted sums of the attention were left out"),
    # shapes and activations
    "channels-only": marked("only the channels were counted, not the positions"),
    "positions-only": marked("only the positions were counted, not the channels"),
    "one-axis-left-out": marked("one axis was left out of the product"),
    "in-place-counted": marked("what happens in place, or is only a view, was counted as a new output"),
    "output-not-counted": marked("the output was not counted"),
    # what was taken from elsewhere
    "channels-of-another-layer": marked("the {size} channels of {layer} were read"),
    "filters-of-another-layer": marked("the {size} filters of {layer} were used"),
    "kernel-of-another-layer": marked("the kernel {size} of {layer} was used"),
    "stride-of-another-layer": marked("the stride {size} of {layer} was used"),
    "padding-of-another-layer": marked("the padding {size} of {layer} was used"),
    "branch-left-out": marked("the branch {branch} was left out"),
    "branch-twice": marked("the branch {branch} was counted twice"),
    # what was asked
    "other-axis": marked("another axis was given, the {axis}"),
    "axes-order": marked("the axes are in another order"),
    "axis-left-out": marked("an axis of the shape was left out"),
    "other-setting": marked("another setting was given, the {key}"),
    "auxiliary-counted": marked("the auxiliary heads were counted"),
    "auxiliary-left-out": marked("the auxiliary heads were left out"),
    "total-for-layer": marked("the total of the network was given"),
    "layer-for-total": marked("only {layer} was counted"),
    "block-for-layer": marked("the whole of {layer} was counted"),
    "layer-before": marked("the answer is that of the layer before, {layer}"),
    "layer-after": marked("the answer is that of the layer after, {layer}"),
    "other-layer": marked("the answer is that of another layer, {layer}"),
    "layer-left-out": marked("{layer} was left out"),
    "layer-twice": marked("{layer} was counted twice"),
    "only-kind": marked("only layers of the kind {kind} were counted"),
    "kind-left-out": marked("the layers of the kind {kind} were left out"),
    "kind-counted-as-layer": marked("the layers of the kind {kind} were counted too"),
    "branches-counted": marked("the layers of all branches were counted, not those of the longest path"),
    "input-left-out": marked("the input was left out"),
    "batch-forgotten": marked("the batch was left out"),
    "parameters-times-batch": marked("the parameters were multiplied by the batch as well"),
    "opposite-end": marked("the opposite end was picked"),
    # arithmetic
    "ratio-upside-down": marked("the ratio is upside down"),
    "difference-for-ratio": marked("the difference was given, not the ratio"),
    "divisor-forgotten": marked("it was not divided"),
    "complement": marked("what is left of 1 was given, not the share itself"),
    "excess-for-ratio": marked("how much more was given, not how many times as much"),
    "difference-reversed": marked("the difference is the other way round"),
    "ratio-for-difference": marked("the ratio was given, not the difference"),
    "sum-for-difference": marked("it was added, not subtracted"),
    "subtrahend-forgotten": marked("nothing was subtracted"),
    "term-left-out": marked("a term of the sum was left out"),
    "term-twice": marked("a term of the sum was counted twice"),
    "factor-left-out": marked("a factor of the product was left out"),
    # units
    "decimal-for-binary": marked("the number is in {counted}, but {written} was meant"),
    "binary-for-decimal": marked("the number is in {counted}, but {written} was meant"),
    "bits-for-bytes": marked("bits were given for bytes"),
    "bytes-over-eight": marked("it was divided by 8, though it is in bytes already"),
    "element-bytes-forgotten": marked("the bytes of each number were left out"),
    "bytes-called-bits": marked("bytes were called bits"),
    "macs-called-flops": marked("MACs were called FLOPs"),
    "flops-called-macs": marked("FLOPs were called MACs"),
    "bytes-for-elements": marked("bytes were given, not how many numbers there are"),
    "other-dtype": marked("numbers of the type {dtype} were counted"),
    "unit-missing": marked("the unit is missing, and it is not the one that was asked for"),
    "factor-1000": marked("the unit is off by a factor of {factor}"),
    "factor-100": marked("it is off by a factor of {factor}, as percent and shares are"),
    "factor-10": marked("the decimal point is off by a factor of {factor}"),
}
"""What each mistake is called, by its code; in braces the facts of the mistake."""

QUANTITIES: Mapping[str, str] = {
    "params": marked("the parameters"),
    "weights": marked("the weights"),
    "biases": marked("the biases"),
    "macs": marked("the MACs"),
    "flops": marked("the FLOPs"),
    "activations": marked("the activations"),
    "input-activations": marked("the elements of the input"),
    "memory": marked("the memory in all"),
    "total-bytes": marked("the memory in all"),
    "param-bytes": marked("the memory of the parameters"),
    "activation-bytes": marked("the memory of the activations"),
    "output": marked("the output"),
    "input": marked("the input"),
    "multiplications": marked("the multiplications"),
    "additions": marked("the additions"),
    "layers": marked("the number of layers"),
    "blocks": marked("the number of blocks"),
    "depth": marked("the depth"),
}
"""What is called what where one was given for the other: `macs-for-flops`."""


def sentence(diagnosis: Diagnosis | Cause | Mistake) -> str:
    """What went wrong, as a sentence in the language of the moment; empty where it is not known."""
    if isinstance(diagnosis, Diagnosis):
        clauses = [cause(found) for found in diagnosis.causes]
    else:
        clauses = [cause(diagnosis) if isinstance(diagnosis, Cause) else clause(diagnosis)]
    return _sentence(clauses)


def together(variants: Sequence[tuple[Cause, ...]]) -> str:
    """What several did wrong in the same way, in one sentence: it names every layer, number or unit of theirs.

    All variants are of the same codes: as many causes, in the same order, with as many mistakes each.
    """
    return _sentence(
        [
            _and([clause(*made) for made in zip(*(found.mistakes for found in causes), strict=True)])
            for causes in zip(*variants, strict=True)
        ]
    )


def cause(found: Cause) -> str:
    """One cause: its mistake, or both of them."""
    return _and([clause(made) for made in found.mistakes])


def clause(*made: Mistake) -> str:
    """A mistake and where it was made, as a part of a sentence; of several of one code all that they name."""
    first = made[0]
    facts = _merged([_facts(one) for one in made])
    scope = _alternatives([printable(one.scope) for one in made])
    said = _said(first.code, facts)
    # Where several are named, what else each might have been is too much for a sentence.
    also = facts.get("also", "") if len(set(made)) == 1 else ""
    if first.sort != "rule":
        return _("{clause} (or: {others})").format(clause=said, others=also) if also else said
    if "kind" in facts:
        return _("{clause} in the layers of the kind {kind}").format(clause=said, kind=facts["kind"])
    if "where" in facts:
        return _("{clause} in every layer").format(clause=said)
    if scope and also:
        return _("{clause} in {layer} (or in {others})").format(clause=said, layer=scope, others=also)
    return _("{clause} in {layer}").format(clause=said, layer=scope) if scope else said


def _sentence(clauses: Sequence[str]) -> str:
    if not clauses:
        return ""
    said = (
        clauses[0]
        if len(clauses) == 1
        else _("either {one}, or {other}").format(one=clauses[0], other=clauses[1])
    )
    return f"{said[0].upper()}{said[1:]}."


def _and(clauses: Sequence[str]) -> str:
    return f" {_('and')} ".join(clauses)


def _said(code: str, facts: Mapping[str, str]) -> str:
    """What a mistake is called, with its facts put in."""
    given, apart, asked = code.partition("-for-")
    if code == "opposite-end" and "wanted" in facts:
        wanted = facts["wanted"]
        return (
            _("the smallest was picked, not the largest")
            if wanted == "largest"
            else _("the largest was picked, not the smallest")
        )
    text = CLAUSES.get(code)
    if text is not None:
        return gettext(text).format_map(_Facts(facts))
    if apart and given in QUANTITIES and asked in QUANTITIES:
        return _("{given} were given for {asked}").format(
            given=gettext(QUANTITIES[given]), asked=gettext(QUANTITIES[asked])
        )
    return code.replace("-", " ")


def _facts(made: Mistake) -> dict[str, str]:
    """What a sentence about a mistake puts in, as the language of the moment writes it."""
    facts = {
        name: localized(fact) if name == "size" else printable(fact, MOST_OF_FACT)
        for name, fact in made.facts
    }
    if "factor" in facts:
        facts["factor"] = _factor(facts["factor"])
    if "axis" in facts:
        facts["axis"] = gettext(facts["axis"])
    return facts


def _merged(every: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The facts of several mistakes by their names, alternatives where they differ."""
    names = dict.fromkeys(name for facts in every for name in facts)
    return {name: _alternatives([facts[name] for facts in every if name in facts]) for name in names}


def _alternatives(words: Iterable[str]) -> str:
    """`conv1`, `conv1 or conv2`, `conv1, conv2, conv3 or 4 more`."""
    different = [word for word in dict.fromkeys(words) if word]
    more = len(different) - MOST_NAMED
    if more > 0:
        named = ", ".join(different[:MOST_NAMED])
        return _("{names} or {count} more").format(names=named, count=more)
    *before, last = different or [""]
    return f"{', '.join(before)} {_('or')} {last}" if before else last


class _Facts(dict[str, str]):
    """Facts by name; one that a mistake lacks is left as it is named."""

    def __missing__(self, name: str) -> str:
        return name


def _factor(text: str) -> str:
    """A factor as people say it: 1,000, or 1/1,000."""
    above, apart, below = text.partition("/")
    shown = localized(f"{int(above):,}")
    return f"{shown}/{localized(f'{int(below):,}')}" if apart else shown
