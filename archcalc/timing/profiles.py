"""The devices whose peaks their makers state: devices.yaml beside this module, read like any other YAML of ours."""

from __future__ import annotations

import functools
import os.path
from typing import NamedTuple

from archcalc.spec.nodes import mapping, scalar, text_of
from archcalc.spec.reader import Node, Sequence, load_file
from archcalc.timing.measurement import Ceiling
from archcalc.words.errors import SpecError

FILE = os.path.join(os.path.dirname(__file__), "devices.yaml")

ARITHMETICS = ("float32", "tf32", "float16", "bfloat16")

_KEYS = ("name", "reported", "memory", "bandwidth", "peaks", "source")


class Profile(NamedTuple):
    """A device as its maker describes it."""

    name: str
    reported: tuple[str, ...]
    """What the driver calls it."""
    memory: float
    """GB, as on the box."""
    ceiling: Ceiling


def profile_of(reported: str) -> Profile | None:
    """The profile of the device that the driver calls `reported`, None for one that is not described."""
    return next((profile for profile in profiles() if reported in profile.reported), None)


@functools.cache
def profiles(path: str = FILE) -> tuple[Profile, ...]:
    """Every device that a file describes.

    Raises SpecError with the place of what is wrong.
    """
    top = mapping(load_file(path, os.path.basename(path)), "a file of devices", ("devices",))
    return tuple(map(_profile, _items(top.get("devices"), top, "devices")))


def _profile(node: Node) -> Profile:
    device = mapping(node, "a device", _KEYS)
    found = {key.text: value for key, value in device.entries}
    missing = [key for key in _KEYS if key not in found]
    if missing:
        raise SpecError(f"a device must have {missing[0]!r}.", place=device.place)
    peaks = mapping(found["peaks"], "peaks", ARITHMETICS)
    return Profile(
        text_of(found["name"], "name"),
        tuple(text_of(item, "reported") for item in _items(found["reported"], device, "reported")),
        _number(found["memory"], "memory"),
        Ceiling(
            text_of(found["source"], "source"),
            {key.text: _number(value, key.text) for key, value in peaks.entries},
            _number(found["bandwidth"], "bandwidth"),
        ),
    )


def _items(node: Node | None, owner: Node, what: str) -> list[Node]:
    if not isinstance(node, Sequence):
        raise SpecError(f"{what!r} must be a list.", place=(node or owner).place)
    return node.items


def _number(node: Node, what: str) -> float:
    text = scalar(node, what).text
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise SpecError(f"{what!r} must be a number above 0, not {text!r}.", place=node.place)
    return number
