"""Misconceptions: what people read in place of a rule, as named changes of the letters that it is read on.

Each knows letters and modes, never a kind: `P := 0` concerns whatever has a P. What only one kind lends itself
to, the kind says itself (`Layer.mistaken`). A change gives None where there is nothing for it to change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from archcalc.analysis import Rule, Rules
from archcalc.layers.base import SAME_POSITION, Cost, Layer, Letters, Number
from archcalc.symbols import exact_div, prod

Changed: TypeAlias = Callable[[Letters], "Letters | None"]
"""The letters with something changed; None where they lack what would be."""

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

    def then(self, other: Misconception) -> Callable[[Rules], Rules | None]:
        """Both, this one first."""

        def both(rules: Rules) -> Rules | None:
            changed = self.change(rules)
            return None if changed is None else other.change(changed)

        return both


def on(names: Iterable[str], changed: Changed) -> Callable[[Rules], Rules | None]:
    """The change of the letters that some rules are read on."""

    def change(rules: Rules) -> Rules | None:
        replaced = {}
        for name in names:
            rule: Rule = getattr(rules, name)
            letters = changed(rule.letters)
            if letters is not None:
                replaced[name] = rule._replace(letters=letters)
        return rules._replace(**replaced) if replaced else None

    return change


def replaced(rules: Rules, name: str, rule: Callable[..., Any]) -> Rules:
    """The rules with another in place of the one called `name`, read on the same letters."""
    return rules._replace(**{name: getattr(rules, name)._replace(rule=rule)})


# ---- letters


def has(x: Letters, *names: str) -> bool:
    """Whether the letters have all of these, and do not do without them."""
    return all(x.__dict__.get(name) is not None for name in names)


def letters(condition: tuple[str, ...], **changes: Any) -> Changed:
    """The letters with some replaced, or computed from all, where those of `condition` are there."""

    def changed(x: Letters) -> Letters | None:
        if not has(x, *condition):
            return None
        new = {name: value(x) if callable(value) else value for name, value in changes.items()}
        if all(x.__dict__.get(name) == value for name, value in new.items()):
            return None
        return x.replace(**new)

    return changed


def axes(changed: Changed) -> Changed:
    """The change of each spatial axis; None if it concerns none of them."""

    def all_axes(x: Letters) -> Letters | None:
        if not has(x, "axes"):
            return None
        new = [changed(a) for a in x.axes]
        if all(a is None for a in new):
            return None
        return x.replace(axes=tuple(was if a is None else a for was, a in zip(x.axes, new, strict=True)))

    return all_axes


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


_forget_one: Changed = lambda a: a.replace(N=a.N - a.S) if _slides(a) else None  # noqa: E731
_transposed: Changed = lambda a: a.replace(N=a.N + 1) if "O" in a.__dict__ else None  # noqa: E731
_floor: Changed = lambda a: a.replace(ceil=False) if _slides(a) and a.ceil else None  # noqa: E731
_no_padding: Changed = lambda a: _padding(a, 0, 0)  # noqa: E731
_no_stride = letters(("F", "S"), S=1)
_no_dilation = letters(("F", "D"), D=None)
_spread = letters(("F", "D"), F=lambda a: a.F * a.D, D=None)
_no_kernel = letters(("F",), F=1)
_unbiased = letters(("bias",), bias=False)
_shiftless = letters(("affine",), affine=False)
_biased: Changed = lambda x: x.replace(bias=True) if x.__dict__.get("bias") is False else None  # noqa: E731


def _features(x: Letters) -> bool:
    """Whether M units read the last axis of a shape."""
    return has(x, "shape", "M") and not has(x, "V")


def _reading(x: Letters, read: Callable[[Letters], int]) -> Letters | None:
    """The letters with other input channels, or other input features."""
    if has(x, "C", "K"):
        return None if read(x) == x.C else x.replace(C=read(x))
    if _features(x):
        return None if read(x) == x.shape[-1] else x.replace(shape=(*x.shape[:-1], read(x)))
    return None


def _putting_out(x: Letters, put: Callable[[Letters], int]) -> Letters | None:
    """The letters with other filters, or other units."""
    name = "K" if has(x, "C", "K") else "M" if _features(x) else ""
    return x.replace(**{name: put(x)}) if name and put(x) != x.__dict__[name] else None


def put_in(x: Letters) -> int:
    """The channels or features that come in."""
    return int(x.C if has(x, "C") else x.shape[-1])


def put_out(x: Letters) -> int:
    """The channels or features that go out."""
    return int(x.K if has(x, "K") else x.M)


def reading(size: int) -> Changed:
    """The letters of a layer that reads so many channels or features."""
    return lambda x: _reading(x, lambda _: size)


def putting_out(size: int) -> Changed:
    """The letters of a layer that has so many filters or units."""
    return lambda x: _putting_out(x, lambda _: size)


_one_channel = letters(("C", "K"), C=1, G=None)
_out_for_in: Changed = lambda x: _reading(x, put_out)  # noqa: E731
_in_for_out: Changed = lambda x: _putting_out(x, put_in)  # noqa: E731
_one_output: Changed = lambda x: _putting_out(x, lambda _: 1)  # noqa: E731
_no_groups = letters(("G",), G=None)
_one_group = letters(("G", "K"), K=lambda x: exact_div(x.K, x.G))
_one_side: Changed = lambda x: x.replace(axes=x.axes[:1]) if has(x, "axes") and len(x.axes) > 1 else None  # noqa: E731


def _biases(put: Callable[[Letters], int]) -> Changed:
    return lambda x: _putting_out(x, put) if x.__dict__.get("bias") else None


# ---- whole rules


def _cost_on(
    size: Callable[[Letters, tuple[int, ...]], tuple[int, ...] | None],
) -> Callable[..., Rules | None]:
    """MACs of another output than the layer has."""

    def change(rules: Rules) -> Rules | None:
        rule, x = rules.cost.rule, rules.cost.letters
        if not (has(x, "K", "axes") or _features(x)) or size(x, tuple(rules.output.read())) is None:
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
    Misconception("minus-one-forgotten", on(("output",), axes(_transposed))),
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
