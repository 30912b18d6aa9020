"""Two models of one network, layer by layer: ours and a library's. Needs no torch.

Layers are those that have parameters or multiply. Each is paired with the library's layer that has the same
parameters, output and MACs, in the order they run in; sizes of 1 do not matter, as a class token is 1×768 in one
place and 1×1×768 in the other, and a 1×1 convolution is a linear layer.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Sequence
from difflib import SequenceMatcher
from fractions import Fraction
from typing import Literal, NamedTuple

from archcalc.layers.base import Shape, Shapes

Verdict = Literal["same", "axes in another order", "different", "only here", "only there"]

SAME = ("same", "axes in another order")
"""Verdicts that are no difference: an output may be laid out channels last."""


class Unit(NamedTuple):
    """One layer of one of the models, for one input."""

    name: str
    module: str
    """The class of the module."""
    parameters: Shapes
    output: Shape | None
    """None for a parameter that stands on its own."""
    macs: int | Fraction

    @property
    def params(self) -> int:
        """The elements of its parameters."""
        count = 0
        for shape in self.parameters:
            size = 1
            for axis in shape:
                size *= axis
            count += size
        return count


class Pair(NamedTuple):
    """A layer of ours and its counterpart, one of them missing where there is none."""

    ours: Unit | None
    theirs: Unit | None
    verdict: Verdict


class Counterparts(NamedTuple):
    """A network and a library's model of it."""

    other: str
    """What it was compared with, such as `torchvision:resnet18, torchvision 0.28.0`."""
    pairs: tuple[Pair, ...]
    reordered: int
    """Pairs that run at another point there, as branches may."""
    totals: dict[str, tuple[int | Fraction, int | Fraction]]
    """`params` and `macs`, ours and theirs."""

    @property
    def agrees(self) -> bool:
        """Whether every layer has its counterpart and the totals are the same."""
        return all(pair.verdict in SAME for pair in self.pairs) and all(
            ours == theirs for ours, theirs in self.totals.values()
        )


def paired(ours: Sequence[Unit], theirs: Sequence[Unit]) -> tuple[tuple[Pair, ...], int]:
    """Every layer with its counterpart, in the order of ours, and how many of them are out of order.

    Runs of layers that are alike are laid beside one another first. What they leave, such as branches that run
    in another order or layers that differ, is then paired with what is most like it.
    """
    found: dict[int, int] = {}
    alike = SequenceMatcher(
        None, [_any_layout(unit) for unit in ours], [_any_layout(unit) for unit in theirs], autojunk=False
    )
    for start, start_there, length in alike.get_matching_blocks():
        found.update((start + i, start_there + i) for i in range(length))
    for key in (_any_layout, _without_output, _by_form):
        _match(ours, theirs, found, key)
    pairs = [
        Pair(unit, theirs[found[i]], _verdict(unit, theirs[found[i]]))
        if i in found
        else Pair(unit, None, "only here")
        for i, unit in enumerate(ours)
    ]
    taken = set(found.values())
    pairs += [Pair(None, unit, "only there") for j, unit in enumerate(theirs) if j not in taken]
    return tuple(pairs), len(found) - _longest_rise([found[i] for i in sorted(found)])


def _match(
    ours: Sequence[Unit],
    theirs: Sequence[Unit],
    found: dict[int, int],
    key: Callable[[Unit], Hashable],
) -> None:
    """Pair what has the same key and no counterpart yet, the first with the first."""
    taken = set(found.values())
    free: dict[Hashable, list[int]] = {}
    for j, unit in enumerate(theirs):
        if j not in taken:
            free.setdefault(key(unit), []).append(j)
    for i, unit in enumerate(ours):
        if i not in found and (candidates := free.get(key(unit))):
            found[i] = candidates.pop(0)


def squeezed(shape: Shape) -> Shape:
    """A shape without its sizes of 1."""
    return tuple(size for size in shape if size != 1)


def _parameters(unit: Unit) -> Hashable:
    return tuple(sorted(squeezed(shape) for shape in unit.parameters))


def _exactly(unit: Unit) -> Hashable:
    return _parameters(unit), unit.macs, unit.output and squeezed(unit.output)


def _any_layout(unit: Unit) -> Hashable:
    return _parameters(unit), unit.macs, unit.output and tuple(sorted(squeezed(unit.output)))


def _without_output(unit: Unit) -> Hashable:
    return _parameters(unit), unit.macs


def _by_form(unit: Unit) -> Hashable:
    """How many parameters of how many axes, as for a convolution with a bias or a norm; whether it multiplies."""
    return tuple(len(squeezed(shape)) for shape in unit.parameters), unit.macs > 0


def _verdict(ours: Unit, theirs: Unit) -> Verdict:
    if _without_output(ours) != _without_output(theirs):
        return "different"
    if ours.output is None or theirs.output is None or _exactly(ours) == _exactly(theirs):
        return "same"
    return "axes in another order" if _any_layout(ours) == _any_layout(theirs) else "different"


def _longest_rise(numbers: Sequence[int]) -> int:
    """The length of the longest rising subsequence: what stands in order if the rest is taken out."""
    ends: list[int] = []
    for number in numbers:
        place = bisect_left(ends, number)
        ends[place : place + 1] = [number]
    return len(ends)
