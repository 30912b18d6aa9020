"""Padding on torch's side: worked out from the tensor that arrives, by TensorFlow's own description of it.

Nothing here comes from archcalc's rules; that is what makes torch a witness to them. It is plain arithmetic
on sizes and needs no torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

Side = tuple[int, int]


def spread(value: int | Sequence[int], rank: int) -> tuple[int, ...]:
    """One number an axis, from one for all or a list. Raises ValueError if the list has another length."""
    sizes = (value,) * rank if isinstance(value, int) else tuple(value)
    if len(sizes) != rank:
        raise ValueError(f"{value} does not have one entry for each of {rank} axes")
    return sizes


def symmetric(padding: Any, rank: int) -> tuple[int, ...] | None:
    """The padding in the form that torch's own layers take, None where they have no such form."""
    if padding == "same":
        return None
    sides = explicit_sides(padding, rank)
    if any(before != after for before, after in sides):
        return None
    return tuple(before for before, _ in sides)


def explicit_sides(padding: Any, rank: int) -> tuple[Side, ...]:
    """What stands before and after along each axis, for every form but `same`."""
    if padding == "valid":
        padding = 0
    entries = (padding,) * rank if isinstance(padding, int) else tuple(padding)
    if len(entries) != rank:
        raise ValueError(f"{padding} does not have one entry for each of {rank} axes")
    return tuple((entry, entry) if isinstance(entry, int) else (entry[0], entry[1]) for entry in entries)


def same_side(size: int, window: int, stride: int, dilation: int) -> Side:
    """What `same` adds before and after `size` elements.

    https://www.tensorflow.org/api_docs/python/tf/nn, "Notes on padding": by whether the stride divides the
    input, and the odd one goes after.
    """
    reach = (window - 1) * dilation + 1
    missing = max(reach - (stride if size % stride == 0 else size % stride), 0)
    return missing // 2, missing - missing // 2


def sides_of(
    x: Tensor, padding: Any, window: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> tuple[Side, ...]:
    """What stands before and after each spatial axis of the batch `x`, for every form of padding."""
    if padding != "same":
        return explicit_sides(padding, x.dim() - 2)
    return tuple(map(same_side, x.shape[2:], window, stride, dilation))
