"""Changes of the letters that a rule is read on: P := 0, one channel, the filters of another layer.

A change gives None where there is nothing for it to change. It knows letters, never a kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from archcalc.layers.base import Letters
from archcalc.results.rereading import Rule, Rules

Changed: TypeAlias = Callable[[Letters], "Letters | None"]
"""The letters with something changed; None where they lack what would be."""


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


def features(x: Letters) -> bool:
    """Whether M units read the last axis of a shape."""
    return has(x, "shape", "M") and not has(x, "V")


def with_input(x: Letters, read: Callable[[Letters], int]) -> Letters | None:
    """The letters with other input channels, or other input features."""
    if has(x, "C", "K"):
        return None if read(x) == x.C else x.replace(C=read(x))
    if features(x):
        return None if read(x) == x.shape[-1] else x.replace(shape=(*x.shape[:-1], read(x)))
    return None


def with_output(x: Letters, put: Callable[[Letters], int]) -> Letters | None:
    """The letters with other filters, or other units."""
    name = "K" if has(x, "C", "K") else "M" if features(x) else ""
    return x.replace(**{name: put(x)}) if name and put(x) != x.__dict__[name] else None


def put_in(x: Letters) -> int:
    """The channels or features that come in."""
    return int(x.C if has(x, "C") else x.shape[-1])


def put_out(x: Letters) -> int:
    """The channels or features that go out."""
    return int(x.K if has(x, "K") else x.M)


def reading(size: int) -> Changed:
    """The letters of a layer that reads so many channels or features."""
    return lambda x: with_input(x, lambda _: size)


def putting_out(size: int) -> Changed:
    """The letters of a layer that has so many filters or units."""
    return lambda x: with_output(x, lambda _: size)
