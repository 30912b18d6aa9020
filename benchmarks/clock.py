"""The clock of `archcalc bench` beside torch.utils.benchmark's: `make bench`, or `python benchmarks/clock.py`.

Both time the same forward pass of the same model on the CPU, one step each in turn, the one that begins
changing every round, so that a machine that is disturbed disturbs both alike. The median of the ratios must
be within 3% of 1; the exit status is 1 if it is not. Where the machine is so busy that the interval of the
ratio is wider than that, nothing is decided, and the script says so.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from typing import NamedTuple

from archcalc.timing.quantiles import FEWEST, interval_rank

NETWORK = "resnet18"
BOUND = 0.03


class Found(NamedTuple):
    """What came out."""

    ratio: float
    """The median of the ratios, ours by torch's."""
    low: float
    """Its 95% interval."""
    high: float
    ours: float
    """The medians of both, in seconds."""
    theirs: float

    @property
    def verdict(self) -> str:
        """Whether the bound is kept, or cannot be told."""
        if (self.high - self.low) / 2 > BOUND:
            return "undecided, the machine is too busy"
        return "kept" if abs(self.ratio - 1) <= BOUND else "BROKEN"


def compared(rounds: int) -> Found:
    """Time a step by both clocks, in turn."""
    import torch
    from torch.utils.benchmark import Timer

    from archcalc import load
    from archcalc.timing import Configuration, Rule
    from archcalc.timing.clock import clock_of
    from archcalc.timing.sampling import warm_up
    from archcalc.timing.steps import workload

    device = torch.device("cpu")
    work = workload(load(NETWORK), Configuration(device="cpu"), device)
    clock = clock_of(device)
    timer = Timer("step()", globals={"step": work.step}, num_threads=torch.get_num_threads())
    ours: list[float] = []
    theirs: list[float] = []
    with work.surroundings():
        warm_up(work.step, clock, Rule())
        for number in range(rounds):
            if number % 2:
                theirs.append(timer.timeit(1).median)
            # The timer warms up with two steps of its own before the one that it times: so does this one.
            for _ in range(2):
                work.step()
            ours.append(clock.time(work.step).wall)
            if not number % 2:
                theirs.append(timer.timeit(1).median)
    ratios = sorted(one / other for one, other in zip(ours, theirs, strict=True))
    rank = interval_rank(rounds)
    assert rank is not None
    return Found(
        statistics.median(ratios),
        ratios[rank - 1],
        ratios[rounds - rank],
        statistics.median(ours),
        statistics.median(theirs),
    )


def main() -> int:
    """Measure, print, and say whether the bound is kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=101, help="steps of each (default: 101)")
    arguments = parser.parse_args()
    if arguments.rounds < FEWEST:
        parser.error(f"there must be at least {FEWEST} rounds")
    try:
        found = compared(arguments.rounds)
    except ImportError:
        print("torch is not installed: the clock of bench is not compared.", file=sys.stderr)
        return 0
    print(
        f"{found.ratio:9.3f} ×   ± {BOUND:.0%}  {found.verdict}: {NETWORK}, one step by bench's clock / by "
        f"torch.utils.benchmark\n{'':13}95% interval {found.low:.3f} … {found.high:.3f}; medians "
        f"{1e3 * found.ours:.2f} ms and {1e3 * found.theirs:.2f} ms"
    )
    return 1 if found.verdict == "BROKEN" else 0


if __name__ == "__main__":
    sys.exit(main())
