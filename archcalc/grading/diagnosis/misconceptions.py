"""Misconceptions: what people read in place of a rule, as named changes of the letters that it is read on.

Each knows letters and modes, never a kind: `P := 0` concerns whatever has a P. What only one kind lends itself
to, the kind says itself (`Layer.mistaken`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

from archcalc.algebra.symbols import exact_div, prod
from archcalc.grading.diagnosis.changes import (
    Changed,
    axes,
    features,
    has,
    letters,
    on,
    put_in,
    put_out,
    putting_out,
    replaced,
    with_input,
    with_output,
)
from archcalc.layers.base import SAME_POSITION, Cost, Layer, Letters, Number
from archcalc.results.rereading import Rules

SHAPE = ("output", "view")
"""The rules that a mistake about the window of a layer is made in."""

PRODUCT = ("weights", "cost")
"""The rules that multiply the kernel, the channels and the filters."""


class Misconception(NamedTuple):
    """A mistake that somebody makes in the rules of a layer."""

    code: str
    change: Callable[[Rules], Rules | None]
    """The rules of one layer as they are misread; None where the mistake cannot be made."""
    facts: tuple[tuple[str, str], ...] = ()
    """What the sentence about it says, by name."""
    owner: type[Layer] | None = None
    """The one kind that it can be made about; None if that goes by the letters."""


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


def _once(a: Letters) -> Letters | None:
    """P for 2·P."""
    if has(a, "P"):
        return _padding(a, a.P, 0)
    if has(a, "padding", "F") and a.padding == "same" and a.F > 1 and a.S == 1:
        return a.replace(padding="sides", P_1=(a.F - 1) // 2, P_2=0)
    return _padding(a, a.P_1, 0) if has(a, "P_1", "P_2") and a.P_2 else None


def _slides(a: Letters) -> bool:
    """Whether a window slides over this axis by ⌊(N + 2P − F)/S⌋ + 1."""
    return has(a, "N", "F", "S", "padding") and "O" not in a.__dict__ and a.padding != "same"


def _other_way(a: Letters) -> Letters | None:
    """⌈⌉ for ⌊⌋: without the rest that S − 1 more makes whole, and not limited as a pool's is."""
    return a.replace(N=a.N + a.S - 1) if _slides(a) and not a.ceil and a.S > 1 else None


def _forget_one(a: Letters) -> Letters | None:
    """Without the + 1: as of an input that is a step shorter."""
    return a.replace(N=a.N - a.S) if _slides(a) else None


def _n_for_n_less_one(a: Letters) -> Letters | None:
    return a.replace(N=a.N + 1) if "O" in a.__dict__ else None


def _floor(a: Letters) -> Letters | None:
    return a.replace(ceil=False) if _slides(a) and a.ceil else None


def _no_padding(a: Letters) -> Letters | None:
    return _padding(a, 0, 0)


def _biased(x: Letters) -> Letters | None:
    return x.replace(bias=True) if x.__dict__.get("bias") is False else None


def _out_for_in(x: Letters) -> Letters | None:
    return with_input(x, put_out)


def _in_for_out(x: Letters) -> Letters | None:
    return with_output(x, put_in)


def _one_side(x: Letters) -> Letters | None:
    return x.replace(axes=x.axes[:1]) if has(x, "axes") and len(x.axes) > 1 else None


_no_stride = letters(("F", "S"), S=1)
_no_dilation = letters(("F", "D"), D=None)
_spread = letters(("F", "D"), F=lambda a: a.F * a.D, D=None)
_no_kernel = letters(("F",), F=1)
_unbiased = letters(("bias",), bias=False)
_shiftless = letters(("affine",), affine=False)


_one_channel = letters(("C", "K"), C=1, G=None)
_one_output = putting_out(1)
_no_groups = letters(("G",), G=None)
_one_group = letters(("G", "K"), K=lambda x: exact_div(x.K, x.G))


def _biases(put: Callable[[Letters], int]) -> Changed:
    return lambda x: with_output(x, put) if x.__dict__.get("bias") else None


# ---- whole rules


def _cost_on(
    size: Callable[[Letters, tuple[int, ...]], tuple[int, ...] | None],
) -> Callable[..., Rules | None]:
    """MACs of another output than the layer has."""

    def change(rules: Rules) -> Rules | None:
        rule, x = rules.cost.rule, rules.cost.letters
        if not (has(x, "K", "axes") or features(x)) or size(x, tuple(rules.output.read())) is None:
            return None
        return replaced(rules, "cost", lambda x, out: rule(x, size(x, out) or out))

    return change


def _one_position(x: Letters, out: tuple[int, ...]) -> tuple[int, ...] | None:
    one = (out[0], *(1 for _ in out[1:])) if has(x, "axes") else out[-1:]
    return None if "O" in _axis(x) or one == out else one


def _input_positions(x: Letters, out: tuple[int, ...]) -> tuple[int, ...] | None:
    came = (out[0], *(a.N for a in x.axes)) if has(x, "axes") else out
    return None if "O" in _axis(x) or came == out else came


def _one_row(x: Letters, out: tuple[int, ...]) -> tuple[int, ...] | None:
    return out[:2] if has(x, "axes") and len(out) > 2 and "O" not in _axis(x) else None


def _axis(x: Letters) -> dict[str, Any]:
    return x.axes[0].__dict__ if has(x, "axes") else {}


def _bias_in_macs(rules: Rules) -> Rules | None:
    if not rules.cost.letters.__dict__.get("bias") or not has(rules.cost.letters, "bias"):
        return None
    rule = rules.cost.rule

    def cost(x: Letters, out: tuple[int, ...]) -> Cost:
        right: Cost = rule(x, out)
        return Cost(macs=right.macs + prod(out), additions=right.additions)

    return replaced(rules, "cost", cost)


def _kept_in_place(rules: Rules) -> Rules | None:
    return replaced(rules, "activations", lambda _, out: prod(out))


def _not_kept(rules: Rules) -> Rules | None:
    return replaced(rules, "activations", lambda *_: 0)


def _without_shift(rules: Rules) -> Rules | None:
    """The biases left out, also where they are the β of a norm."""
    x = rules.biases.letters
    if not (x.__dict__.get("bias") or x.__dict__.get("affine")):
        return None
    changed = on(("cost",), _unbiased)(rules) or rules
    return replaced(changed, "biases", lambda _: 0)


def _windows(resized: Callable[[Any], Any]) -> Callable[[Rules], Rules | None]:
    """The view of a layer with other windows."""

    def change(rules: Rules) -> Rules | None:
        view = rules.view.read()
        if isinstance(view, str) or all(window is SAME_POSITION for window in view):
            return None
        rule = rules.view.rule
        return replaced(rules, "view", lambda x: tuple(resized(window) for window in rule(x)))

    return change


def _flattened(kept: Callable[[int, int], bool]) -> Callable[[Rules], Rules | None]:
    """A feature map written as a vector, some of its axes forgotten: `kept(axis, axes)` says which are not."""

    def change(rules: Rules) -> Rules | None:
        x = rules.output.letters
        if not has(x, "shape", "over") or len(x.shape) < 2 or len(rules.output.read()) != 1:
            return None
        shape = tuple(size if kept(axis, len(x.shape)) else 1 for axis, size in enumerate(x.shape))
        return on(("output",), letters(("shape",), shape=shape))(rules)

    return change


TABLE: tuple[Misconception, ...] = (
    # the window
    Misconception("padding-forgotten", on(SHAPE, axes(_no_padding))),
    Misconception("padding-once", on(SHAPE, axes(_once))),
    Misconception("one-forgotten", on(("output",), axes(_forget_one))),
    Misconception("minus-one-forgotten", on(("output",), axes(_n_for_n_less_one))),
    Misconception("output-padding-forgotten", on(("output",), axes(letters(("O",), O=None)))),
    Misconception("ceiling-for-floor", on(("output",), axes(_other_way))),
    Misconception("floor-for-ceiling", on(("output",), axes(_floor))),
    Misconception("stride-ignored", on(SHAPE, axes(_no_stride))),
    Misconception("dilation-ignored", on(SHAPE, axes(_no_dilation))),
    Misconception("dilation-times-kernel", on(SHAPE, axes(_spread))),
    Misconception("kernel-whole", _windows(lambda window: window._replace(size=window.size + 1))),
    Misconception("layer-without-view", _windows(lambda _: SAME_POSITION)),
    # parameters and products
    Misconception("bias-forgotten", _without_shift),
    Misconception("bias-counted", on(("biases",), _biased)),
    Misconception("one-bias", on(("biases",), _biases(lambda _: 1))),
    Misconception("bias-per-channel", on(("biases",), _biases(put_in))),
    Misconception("bias-per-kernel", on(("biases",), _biases(lambda x: put_in(x) * put_out(x)))),
    Misconception("scale-and-shift-forgotten", on(("weights", "biases"), _shiftless)),
    Misconception("input-channels-ignored", on(PRODUCT, _one_channel)),
    Misconception("groups-ignored", on(PRODUCT, _no_groups)),
    Misconception("one-group", on(("weights",), _one_group)),
    Misconception("output-for-input-channels", on(PRODUCT, _out_for_in)),
    Misconception("input-for-output-channels", on(("output", "biases", *PRODUCT), _in_for_out)),
    Misconception("one-filter", on(("weights", "biases"), _one_output)),
    Misconception("one-filter", on(("weights",), _one_output)),
    Misconception("kernel-once", on(PRODUCT, _one_side)),
    Misconception("kernel-ignored", on(PRODUCT, axes(_no_kernel))),
    # MACs
    Misconception("positions-forgotten", _cost_on(_one_position)),
    Misconception("positions-once", _cost_on(_one_row)),
    Misconception("input-positions", _cost_on(_input_positions)),
    Misconception("one-filter", _cost_on(lambda x, out: (1, *out[1:]) if has(x, "axes") else (*out[:-1], 1))),
    Misconception("bias-in-macs", _bias_in_macs),
    # shapes and activations
    Misconception("channels-only", _flattened(lambda axis, _: axis == 0)),
    Misconception("positions-only", _flattened(lambda axis, _: axis > 0)),
    Misconception("one-axis-left-out", _flattened(lambda axis, axes: axis < axes - 1)),
    Misconception("in-place-counted", _kept_in_place),
    Misconception("output-not-counted", _not_kept),
)
"""Every misconception about letters. Two of the same code are two ways to make the same mistake."""


def of_kind(layer: type[Layer]) -> tuple[Misconception, ...]:
    """What a kind says about mistakes of its own."""
    return tuple(
        Misconception(mistaken.code, partial(_in_place, mistaken.rules), owner=layer)
        for mistaken in layer.mistaken
    )


def _in_place(others: Mapping[str, Callable[..., Any]], rules: Rules) -> Rules:
    for name, rule in others.items():
        rules = replaced(rules, name, rule)
    return rules


def of_branches(rules: Rules, names: tuple[str, ...]) -> Iterable[Misconception]:
    """A join with one of its branches, called `names`, left out or counted twice."""
    x = rules.output.letters
    if not has(x, "shapes", "over"):
        return
    for number, name in enumerate(names):
        shapes = x.shapes
        rest = (*shapes[:number], *shapes[number + 1 :])
        for code, taken in (("branch-left-out", rest), ("branch-twice", (*shapes, shapes[number]))):
            if taken:
                changed = letters(("shapes",), shapes=taken)
                yield Misconception(code, on(("output",), changed), (("branch", name),))
