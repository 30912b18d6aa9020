"""The clocks: the wall clock around a device at rest, and events on a CUDA device beside it."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import torch

from archcalc.timing.sampling import Clock, Sample, Step


class WallClock:
    """From before the step until the device has done all of it. `synchronise` waits for the device."""

    def __init__(self, synchronise: Callable[[], object] = lambda: None) -> None:
        self.synchronise = synchronise

    def time(self, step: Step) -> Sample:
        """Run a step and say how long it took."""
        self.synchronise()
        start = perf_counter()
        step()
        self.synchronise()
        return Sample(perf_counter() - start)


class EventClock:
    """The wall clock, and beside it two events in the GPU's own queue, around the step's kernels.

    `cuda` is torch.cuda, or what stands in for it in a test.
    """

    def __init__(self, device: torch.device, cuda: Any = torch.cuda) -> None:
        self.device = device
        self.cuda = cuda
        self.start = cuda.Event(enable_timing=True)
        self.end = cuda.Event(enable_timing=True)

    def time(self, step: Step) -> Sample:
        """Run a step and say how long it took by both."""
        self.cuda.synchronize(self.device)
        begun = perf_counter()
        self.start.record()
        step()
        self.end.record()
        self.cuda.synchronize(self.device)
        wall = perf_counter() - begun
        # Events count in milliseconds.
        return Sample(wall, self.start.elapsed_time(self.end) / 1e3)


def clock_of(device: torch.device) -> Clock:
    """The clock for a device."""
    if device.type == "cuda":
        return EventClock(device)
    return WallClock(torch.mps.synchronize if device.type == "mps" else lambda: None)
