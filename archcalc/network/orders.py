"""Shapes that may stand in another library's order: channels last, or with a batch in front.

Both readings are legitimate, so that this only ever adds a remark, or a way out where something is wrong anyway.
"""

from __future__ import annotations

from typing import NamedTuple

from archcalc.algebra.shapes import channels_first, joined
from archcalc.layers.base import Shape
from archcalc.words.language import Deferred, deferred

_CHANNELS_OF_IMAGES = (1, 3)
_SMALLEST_SQUARE = 8
_SMALLEST_SIDE = 16
_LONGEST = 2  # times the shorter side


class OtherOrder(NamedTuple):
    """An input shape and the one that may be meant: the channels first, or without a batch."""

    shape: Shape
    meant: Shape
    has_batch: bool

    @property
    def advice(self) -> Deferred:
        """What is to be said of such an input, and how what may be meant is written."""
        shape, meant, has_batch = self
        if has_batch:
            return deferred(
                "If the {first} in front of {shape} are a batch, leave them out: {meant}.",
                first=shape[0],
                shape=joined(shape),
                meant=str(list(meant)),
            )
        return deferred(
            "Channels come first: if those of {shape} stand last, write {meant}.",
            shape=joined(shape),
            meant=str(list(meant)),
        )


def with_channels_first(shape: Shape, channels: int | None = None) -> Shape | None:
    """The shape with its channels first, if they seem to stand last; None if not.

    `channels` is how many there should be, where that is known; else they are as many as images have, behind
    two sizes that are those of an image.
    """
    if channels is not None:
        return channels_first(shape) if shape[-1] == channels != shape[0] else None
    return channels_first(shape) if _is_image(shape[-3:-1]) and shape[-1] in _CHANNELS_OF_IMAGES else None


def without_batch(shape: Shape) -> Shape | None:
    """The shape without its first axis, if that seems to be a batch of images; None if not."""
    if len(shape) == 4 and shape[1] in _CHANNELS_OF_IMAGES and _is_image(shape[2:]):
        return shape[1:]
    return None


def other_order(shape: Shape) -> OtherOrder | None:
    """The order that an input may be meant in, if that is another one."""
    image = without_batch(shape)
    meant = image or with_channels_first(shape)
    return None if meant is None else OtherOrder(shape, meant, image is not None)


def _is_image(sizes: Shape) -> bool:
    if len(sizes) != 2:
        return False
    short, long = sorted(sizes)
    return (
        short >= _SMALLEST_SQUARE if short == long else short >= _SMALLEST_SIDE and long <= _LONGEST * short
    )
