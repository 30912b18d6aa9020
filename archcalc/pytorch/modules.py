# ruff: noqa: D102 - the docstring of a module says what its forward gives
"""Small modules that torch.nn does not have, one for each thing a layer does that is only a function there.

Axes and shapes leave the batch out, as everywhere in archcalc; tensors have it first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from archcalc.pytorch.padding import Side, spread


def batched(axis: int) -> int:
    """The same axis in a tensor whose first axis is the batch; negative ones count from the end anyway."""
    return axis + 1 if axis >= 0 else axis


class _Named(nn.Module):
    """A module whose settings are what its repr shows."""

    def __init__(self, **settings: Any) -> None:
        super().__init__()
        self._settings = settings

    def extra_repr(self) -> str:
        return ", ".join(f"{name}={value!r}" for name, value in self._settings.items())


class Mean(_Named):
    """The mean over some axes, which are gone from the output."""

    def __init__(self, axes: Sequence[int]) -> None:
        super().__init__(axes=tuple(axes))
        self.axes = [batched(axis) for axis in axes]

    def forward(self, x: Tensor) -> Tensor:
        return x.mean(self.axes)


def pad(x: Tensor, sides: Sequence[Side], value: float | None = None, mode: str = "constant") -> Tensor:
    """`x` with `value`, or what another mode puts there, before and after its last axes, one pair an axis."""
    if not any(map(any, sides)):
        return x
    return functional.pad(x, [amount for side in reversed(sides) for amount in side], mode, value)


class ZeroPad(_Named):
    """Zeros before and after each of the last axes, one pair an axis."""

    def __init__(self, sides: Sequence[Side]) -> None:
        super().__init__(sides=tuple(sides))
        self.sides = tuple(sides)

    def forward(self, x: Tensor) -> Tensor:
        return pad(x, self.sides)


class Concat(_Named):
    """Its inputs one after another along an axis."""

    def __init__(self, axis: int) -> None:
        super().__init__(axis=axis)
        self._axis = batched(axis)

    def forward(self, *xs: Tensor) -> Tensor:
        return torch.cat(xs, self._axis)


class Add(nn.Module):
    """The sum of its inputs, broadcast."""

    def forward(self, first: Tensor, *others: Tensor) -> Tensor:
        for other in others:
            first = first + other
        return first


class Mul(nn.Module):
    """The product of its inputs, broadcast."""

    def forward(self, first: Tensor, *others: Tensor) -> Tensor:
        for other in others:
            first = first * other
        return first


class Slice(_Named):
    """Every `step`-th position of one axis, from `start` up to but without `stop`, as Python slices."""

    def __init__(self, axis: int, start: int | None, stop: int | None, step: int = 1) -> None:
        super().__init__(axis=axis, start=start, stop=stop, step=step)
        self.axis = batched(axis)
        self.slice = slice(start, stop, step)

    def forward(self, x: Tensor) -> Tensor:
        return x.movedim(self.axis, 0)[self.slice].movedim(0, self.axis)


class Roll(_Named):
    """Each axis shifted in a circle: what leaves at the end comes back at the start."""

    def __init__(self, shifts: Mapping[int, int]) -> None:
        super().__init__(shifts=dict(shifts))
        self.shifts = list(shifts.values())
        self.axes = [batched(axis) for axis in shifts]

    def forward(self, x: Tensor) -> Tensor:
        return torch.roll(x, self.shifts, self.axes)


class Crop(_Named):
    """The middle of a feature map; where an odd number is cut, the larger part is cut at the end."""

    def __init__(self, size: int | Sequence[int]) -> None:
        super().__init__(size=size)
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        for axis, size in enumerate(spread(self.size, x.dim() - 2), start=2):
            x = x.narrow(axis, (x.shape[axis] - size) // 2, size)
        return x


class Reshape(_Named):
    """The same elements in another shape; one size may be −1."""

    def __init__(self, shape: Sequence[int]) -> None:
        super().__init__(shape=tuple(shape))
        self.shape = tuple(shape)

    def forward(self, x: Tensor) -> Tensor:
        return x.reshape(x.shape[0], *self.shape)


class Permute(_Named):
    """The axes in another order."""

    def __init__(self, order: Sequence[int]) -> None:
        super().__init__(order=tuple(order))
        self.order = (0, *(batched(axis) for axis in order))

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(self.order)


class AxisNorm(nn.LayerNorm):
    """Layer normalization over any axes, such as the channels of a feature map; `sizes` are those of `axes`."""

    def __init__(
        self, sizes: Sequence[int], axes: Sequence[int], *, affine: bool = True, bias: bool = True
    ) -> None:
        super().__init__(list(sizes), elementwise_affine=affine, bias=bias)
        self.axes = tuple(batched(axis) for axis in axes)

    def forward(self, x: Tensor) -> Tensor:
        last = tuple(range(-len(self.axes), 0))
        return super().forward(x.movedim(self.axes, last)).movedim(last, self.axes)

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, axes={self.axes}"


class LocalResponseNorm3d(nn.LocalResponseNorm):
    """Local response normalization of 3-D maps, which torch's own takes only if they lie in memory in order."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.contiguous())


class Scale(_Named):
    """Multiplies by a factor for the layer, or by one a channel along `axis`: learned from 1, or given."""

    def __init__(self, shape: Sequence[int], value: Any, axis: int | None = None) -> None:
        super().__init__(value=value, axis=axis)
        factor = torch.tensor(1.0 if value == "learned" else value, dtype=torch.get_default_dtype())
        if axis is not None:
            along = [size if number == axis else 1 for number, size in enumerate(shape)]
            factor = factor.expand(shape[axis]).reshape(along).clone()
        if value == "learned":
            self.weight = nn.Parameter(factor)
        else:
            self.register_buffer("weight", factor, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight


class Embedding(nn.Embedding):
    """A row of a table for each id; ids come as any dtype, as one network input has only one."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.long())


class Parameter(nn.Module):
    """A learned tensor of no other layer, such as a class token, as a batch of one.

    It is called `weight` or `bias`, whichever it is to be counted as.
    """

    def __init__(self, shape: Sequence[int], role: str = "weight") -> None:
        super().__init__()
        self.role = role
        self.register_parameter(role, nn.Parameter(nn.init.normal_(torch.empty(tuple(shape)), std=0.02)))

    def forward(self) -> Tensor:
        tensor: Tensor = getattr(self, self.role)
        return tensor[None]


def share(module: nn.Module, other: nn.Module) -> None:
    """Make `module` use the parameters of `other`, which has the same ones by name and shape."""
    for path, parameter in list(other.named_parameters()):
        *scopes, name = path.split(".")
        owner = module.get_submodule(".".join(scopes))
        own = getattr(owner, name)
        if own.shape != parameter.shape:
            raise ValueError(
                f"{path} is {tuple(own.shape)} in one layer, {tuple(parameter.shape)} in the other"
            )
        setattr(owner, name, parameter)
