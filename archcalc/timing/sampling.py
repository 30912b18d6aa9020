"""How often a step is timed: warm-up until it is stable, then repeats until the interval is narrow enough."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple, Protocol

from archcalc.timing.measurement import WarmUp
from archcalc.timing.quantiles import FEWEST, settled, times_of

MOST_REPEATS = 10_000

Step = Callable[[], object]


class Sample(NamedTuple):
    """One timed step, in seconds."""

    wall: float
    events: float | None = None
    """By the GPU's own clock, where there is one."""


class Clock(Protocol):
    """Times one step, from a device at rest to a device at rest."""

    def time(self, step: Step) -> Sample:
        """Run a step and say how long it took."""


class Rule(NamedTuple):
    """When enough is enough."""

    seconds: float = 10.0
    """The most that repeats may take, but for the six that an interval needs; warming up may take half of it."""
    precision: float = 0.01
    """Half the width of the median's interval, as a share of the median, that is aimed at."""
    repeats: int = 100
    """The fewest repeats, if there is time for them."""

    @property
    def least_seconds(self) -> float:
        """The least that repeats take, so that what disturbs them now and then is in them."""
        return self.seconds / 10

    @property
    def warm_up_seconds(self) -> float:
        """The most that warming up may take."""
        return self.seconds / 2


class Samples(NamedTuple):
    """All repeats of a step."""

    wall: list[float]
    events: list[float]
    """Empty where there is no GPU."""
    interrupted: bool
    """Whether Ctrl-C ended them."""


def warm_up(step: Step, clock: Clock, rule: Rule) -> WarmUp:
    """Run a step until its time is stable, or the time for that is over. At least two steps are run.

    The first does not count: what is done once, such as compiling, may take any time.
    """
    taken = [clock.time(step).wall]
    spent = 0.0
    while True:
        taken.append(clock.time(step).wall)
        spent += taken[-1]
        stable = settled(taken)
        if stable or spent >= rule.warm_up_seconds:
            return WarmUp(len(taken), taken[0] + spent, stable)


def repeat(step: Step, clock: Clock, rule: Rule, between: Step = lambda: None) -> Samples:
    """Time a step again and again until the rule is content; `between` is called after each, outside the time."""
    wall: list[float] = []
    events: list[float] = []
    spent = 0.0
    next_look = max(rule.repeats, FEWEST)
    try:
        while True:
            sample = clock.time(step)
            wall.append(sample.wall)
            if sample.events is not None:
                events.append(sample.events)
            spent += sample.wall
            between()
            count = len(wall)
            if count >= FEWEST and (spent >= rule.seconds or count >= MOST_REPEATS):
                break
            if count >= next_look and spent >= rule.least_seconds:
                error = times_of(wall).relative_error
                if error is not None and error <= rule.precision:
                    break
                # Looked at after each repeat, the interval would sooner or later be narrow by chance.
                next_look = math.ceil(1.1 * count)
    except KeyboardInterrupt:
        # The two clocks have the same steps, whichever of them was interrupted.
        return Samples(wall[: len(events)] if events else wall, events, True)
    return Samples(wall, events, False)
