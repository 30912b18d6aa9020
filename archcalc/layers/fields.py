"""The types that the fields of kinds are made of: bounds and words for messages, docs and the schema."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

LARGEST = 10**9
"""The largest size a field takes; no axis of a real network comes near it."""

Count = Annotated[int, Meta(ge=1, le=LARGEST)]
Amount = Annotated[int, Meta(ge=0, le=LARGEST)]
Offset = Annotated[int, Meta(ge=-LARGEST, le=LARGEST)]
Rate = Annotated[float, Meta(ge=0.0, le=1.0)]
Factor = Annotated[float, Meta(gt=-1e12, lt=1e12)]
Positive = Annotated[float, Meta(gt=0.0, lt=1e12)]
NotNegative = Annotated[float, Meta(ge=0.0, lt=1e12)]

Sizes = Count | Annotated[tuple[Count, ...], Meta(min_length=1, max_length=8)]
"""A number for every axis, or a list with one number an axis."""

Scaling = Count | Annotated[float, Meta(gt=0.0, le=LARGEST)]
Factors = Scaling | Annotated[tuple[Scaling, ...], Meta(min_length=1, max_length=8)]
"""A factor for every axis, whole or not, or a list with one an axis."""

Amounts = Amount | Annotated[tuple[Amount, ...], Meta(min_length=1, max_length=8)]
Border = Literal["zero", "reflect", "replicate", "circular"]
"""What stands in a border: zeros, the mirror image, the edge repeated, or the other end."""

Offsets = Offset | Annotated[tuple[Offset, ...], Meta(min_length=1, max_length=8)]

Pairs = Annotated[
    tuple[Amount | Annotated[tuple[Amount, ...], Meta(min_length=2, max_length=2)], ...],
    Meta(min_length=1, max_length=8),
]
Borders = Annotated[
    tuple[Offset | Annotated[tuple[Offset, ...], Meta(min_length=2, max_length=2)], ...],
    Meta(min_length=1, max_length=8),
]
"""The same where a negative number cuts off."""
Padding = Amount | Pairs | Literal["same", "valid"]
"""A number for every side, a list with a number or a [before, after] pair an axis, `same` or `valid`."""

LayerName = Annotated[str, Meta(min_length=1, max_length=200)]
"""The name of an earlier layer."""


def about(text: str) -> Meta:
    """The line that docs, messages and the schema print for a field."""
    return Meta(description=text)
