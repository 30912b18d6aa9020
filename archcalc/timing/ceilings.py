"""The peaks of a device: its maker's where devices.yaml has them, else measured once and kept."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import torch

from archcalc.algebra.units import FLOPS_PER_MAC
from archcalc.timing.clock import clock_of
from archcalc.timing.devices import name_of, settings
from archcalc.timing.measurement import Ceiling
from archcalc.timing.profiles import profile_of

MEASURED = "measured here: the fastest matrix product and the fastest copy"

_SMALLEST, _LARGEST = 256, 8192
_LONG_ENOUGH = 0.02
"""Seconds of one matrix product from which on it is not made any larger."""
_TRIES = 10
_COPIED = 2**28
"""Bytes: more than the caches of any device."""


def ceiling_of(
    device: torch.device,
    arithmetics: Iterable[str],
    *,
    again: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Ceiling:
    """The peaks of a device for these arithmetics: `float32`, `tf32`, `bfloat16`, `float16`.

    A device that nobody describes is measured, and what comes out is kept in the user's cache, by the
    device's name, torch's version and its threads. `again` measures it anew. `say` is told when it takes time.
    """
    profile = profile_of(name_of(device))
    if profile is not None:
        return profile.ceiling
    path = cache_path()
    known = {} if again else _load(path)
    figures: dict[str, float | None] = {}
    for what in ("copy", *dict.fromkeys(arithmetics)):
        key = _key(device, what)
        if key not in known:
            say(f"measuring {name_of(device)} once: {what}")
            known[key] = measured(device, what)
            _keep(path, key, known[key])
        figures[what] = known[key]
    return Ceiling(
        MEASURED,
        {what: figure for what, figure in figures.items() if what != "copy" and figure is not None},
        figures["copy"],
    )


def measured(device: torch.device, what: str) -> float | None:
    """The best of some tries: a `copy` in 10⁹ byte/s read and written, else a matrix product in 10¹² FLOP/s.

    None where the device cannot do it.
    """
    try:
        return _copy(device) if what == "copy" else _product(device, what)
    except (RuntimeError, TypeError):
        return None


def _copy(device: torch.device) -> float:
    source = torch.rand(_COPIED // 4, device=device)
    target = torch.empty_like(source)
    clock = clock_of(device)
    fastest = min(_seconds(clock.time(lambda: target.copy_(source))) for _ in range(_TRIES))
    return 2 * _COPIED / fastest / 1e9


def _product(device: torch.device, arithmetic: str) -> float:
    dtype = getattr(torch, "float32" if arithmetic == "tf32" else arithmetic)
    clock = clock_of(device)
    best = 0.0
    size = _SMALLEST
    with settings(arithmetic == "tf32"), torch.inference_mode():
        while size <= _LARGEST:
            a, b = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
            product = partial(torch.matmul, a, b)
            # The first is slower: it chooses an algorithm and gets its memory.
            seconds = [_seconds(clock.time(product)) for _ in range(_TRIES)]
            best = max(best, FLOPS_PER_MAC * size**3 / min(seconds) / 1e12)
            if min(seconds) >= _LONG_ENOUGH:
                break
            size *= 2
    return best


def _seconds(sample: Any) -> float:
    seconds: float = sample.wall if sample.events is None else sample.events
    return seconds


def cache_path() -> str:
    """Where measured peaks are kept: a JSON file in the user's cache."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(cache, "archcalc", "devices.json")


def _key(device: torch.device, what: str) -> str:
    """Everything that the figure depends on, so that none is ever out of date."""
    threads = f", {torch.get_num_threads()} threads" if device.type == "cpu" else ""
    return f"{name_of(device)}, torch {torch.__version__}{threads}: {what}"


def _load(path: str) -> dict[str, float | None]:
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: figure for key, figure in found.items() if figure is None or type(figure) is float}


def _keep(path: str, key: str, figure: float | None) -> None:
    # Without a cache it is measured again the next time, which is no reason to fail.
    with contextlib.suppress(OSError):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        beside = f"{path}.{os.getpid()}.part"
        with open(beside, "w", encoding="utf-8") as file:
            json.dump(_load(path) | {key: figure}, file, indent=1)
        os.replace(beside, path)
