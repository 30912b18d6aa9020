"""What many times of the same step say: percentiles, an interval for the median, and whether they have settled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist, median

from archcalc.timing.measurement import Times

CONFIDENCE = 0.95
FEWEST = 6
"""Repeats below which no interval between two of them holds the median with 95%: 1 − 2/2⁵ is 93.75%."""

WINDOW = 5
TOLERANCE = 0.02

_EXACT = 500
"""Up to so many repeats the binomial distribution is summed up; beyond, the normal one is as good."""


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which a share of the ordered values lies, linear between two of them, as numpy has it."""
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def interval_rank(count: int, confidence: float = CONFIDENCE) -> int | None:
    """The rank k, from 1, for which the k-th smallest and the k-th largest of `count` values hold the median.

    However the times are distributed, the median lies between the two with a probability of
    1 − 2·P(B < k), B binomial with `count` throws of a coin; k is the largest for which that is at least
    `confidence`. None if even the smallest and the largest value are not enough.
    """
    if count > _EXACT:
        z = NormalDist().inv_cdf((1 + confidence) / 2)
        return math.floor((count - z * math.sqrt(count)) / 2)
    ways, below, rank = 1, 0, 0
    # `below` of the 2^count ways to throw have fewer than `rank` heads.
    while 2 * (below + ways) <= (1 - confidence) * 2**count:
        below += ways
        ways = ways * (count - rank) // (rank + 1)
        rank += 1
    return rank or None


def times_of(samples: Sequence[float], confidence: float = CONFIDENCE) -> Times:
    """What the samples, of which there is at least one, say together."""
    ordered = sorted(samples)
    count = len(ordered)
    rank = interval_rank(count, confidence)
    return Times(
        median=percentile(ordered, 0.5),
        low=ordered[rank - 1] if rank else None,
        high=ordered[count - rank] if rank else None,
        confidence=confidence,
        p90=percentile(ordered, 0.9) if count >= 10 else None,
        p99=percentile(ordered, 0.99) if count >= 100 else None,
        fastest=ordered[0],
        repeats=count,
    )


def settled(samples: Sequence[float], window: int = WINDOW, tolerance: float = TOLERANCE) -> bool:
    """Whether the medians of the last `window` samples and of those before differ by no more than `tolerance`."""
    if len(samples) < 2 * window:
        return False
    before, last = median(samples[-2 * window : -window]), median(samples[-window:])
    return abs(last - before) <= tolerance * before
