"""The time of each layer of a forward pass, by hooks around its module."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

import torch

from archcalc.network.network import Network
from archcalc.timing.sampling import Rule
from archcalc.timing.steps import Workload

MOST_PASSES = 100
FEWEST_PASSES = 3


class Marks:
    """Where a device is in its work: a moment of the wall clock, or an event in a GPU's queue."""

    def __init__(self, device: torch.device, cuda: Any = torch.cuda) -> None:
        self.device = device
        self.cuda = cuda
        self.on_gpu = device.type == "cuda"

    def mark(self) -> Any:
        """This moment."""
        if self.on_gpu:
            event = self.cuda.Event(enable_timing=True)
            event.record()
            return event
        self.synchronise()
        return perf_counter()

    def synchronise(self) -> None:
        """Wait until the device has done everything."""
        if self.on_gpu:
            self.cuda.synchronize(self.device)
        elif self.device.type == "mps":
            torch.mps.synchronize()

    def seconds(self, start: Any, end: Any) -> float:
        """The time from one moment to another; the device must be at rest."""
        seconds: float = start.elapsed_time(end) / 1e3 if self.on_gpu else end - start
        return seconds


def layer_times(
    network: Network, work: Workload, device: torch.device, rule: Rule, marks: Marks | None = None
) -> dict[str, float]:
    """Seconds of each layer that runs, by its path: the median over up to 100 passes, or half the rule's time."""
    marks = marks or Marks(device)
    starts: dict[str, Any] = {}
    ends: dict[str, Any] = {}
    hooks = []
    for node in network.nodes:
        module = work.model.layer_at(node.name)
        hooks.append(module.register_forward_pre_hook(_marking(starts, node.name, marks)))
        hooks.append(module.register_forward_hook(_marking(ends, node.name, marks)))
    taken: dict[str, list[float]] = {}
    spent = 0.0
    try:
        with work.surroundings():
            for number in range(MOST_PASSES + 1):
                starts.clear()
                begun = perf_counter()
                work.step()
                marks.synchronise()
                spent += perf_counter() - begun
                # Hooks and events are slower the first time.
                if number:
                    for name, start in starts.items():
                        taken.setdefault(name, []).append(marks.seconds(start, ends[name]))
                if number >= FEWEST_PASSES and spent >= rule.seconds / 2:
                    break
    finally:
        for hook in hooks:
            hook.remove()
    return {name: median(seconds) for name, seconds in taken.items()}


def _marking(moments: dict[str, Any], name: str, marks: Marks) -> Callable[..., None]:
    def hook(*_: Any) -> None:
        moments[name] = marks.mark()

    return hook
