"""How often bench repeats a step and what it makes of the times, with clocks that only pretend."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

import pytest

from archcalc.timing.quantiles import interval_rank, percentile, settled, times_of
from archcalc.timing.sampling import MOST_REPEATS, Rule, Sample, repeat, warm_up


class FakeClock:
    """Says for each step the next of these times; an exception among them is raised."""

    def __init__(self, times: Iterable[float | BaseException], events: float | None = None) -> None:
        self.times: Iterator[float | BaseException] = iter(times)
        self.events = events

    def time(self, step: Callable[[], object]) -> Sample:
        step()
        time = next(self.times)
        if isinstance(time, BaseException):
            raise time
        return Sample(time, self.events)


def nothing() -> None:
    """A step."""


# --- statistics --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([1, 2, 3, 4], 0.5, 2.5),
        ([1, 2, 3, 4], 0.9, 3.7),  # place 0.9 · 3 = 2.7: 3 + 0.7 · (4 − 3)
        (list(range(1, 12)), 0.9, 10),  # place 0.9 · 10 = 9, the tenth value
        (list(range(101)), 0.99, 99),
        ([7], 0.99, 7),
    ],
)
def test_percentiles(values: list[float], share: float, expected: float) -> None:
    assert percentile(values, share) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("count", "rank"),
    # From the table for the confidence interval of a median, at least 95%, in Conover, Practical
    # Nonparametric Statistics (binomial with p = 1/2): the ranks are k and n + 1 − k.
    [(1, None), (5, None), (6, 1), (8, 1), (9, 2), (11, 2), (12, 3), (15, 4), (20, 6), (25, 8), (30, 10)],
)
def test_the_ranks_of_the_interval(count: int, rank: int | None) -> None:
    assert interval_rank(count) == rank


@pytest.mark.parametrize("count", [6, 7, 33, 64, 100, 499])
def test_the_interval_covers_enough_and_no_more_than_it_must(count: int) -> None:
    def coverage(rank: int) -> Fraction:
        return 1 - 2 * Fraction(sum(math.comb(count, i) for i in range(rank)), 2**count)

    rank = interval_rank(count)
    assert rank is not None
    assert coverage(rank) >= Fraction(95, 100) > coverage(rank + 1)


@pytest.mark.parametrize("count", [501, 1000, 1999])
def test_for_many_repeats_the_normal_distribution_gives_the_same_rank(count: int) -> None:
    below, exact = 0, 0
    while 40 * (below + math.comb(count, exact)) <= 2**count:
        below += math.comb(count, exact)
        exact += 1
    found = interval_rank(count)
    assert found is not None
    assert abs(found - exact) <= 1


def test_the_interval_holds_the_median_as_often_as_it_says() -> None:
    """The median of an exponential distribution is ln 2; 2,000 samples of 30 must hold it 95% of the time."""
    chance = random.Random(1)
    held = 0
    for _ in range(2_000):
        found = times_of([chance.expovariate(1) for _ in range(30)])
        assert found.low is not None
        assert found.high is not None
        held += found.low <= math.log(2) <= found.high
    # 95.7% is what ranks 10 and 21 of 30 give; ± 4 standard deviations of the count.
    assert 1_914 - 36 <= held <= 1_914 + 36


def test_times_of_many_steps() -> None:
    found = times_of([float(n) for n in range(100, 0, -1)])
    assert (found.median, found.p90, found.p99) == pytest.approx((50.5, 90.1, 99.01))
    # The ranks for n = 100 are 40 and 61.
    assert (found.low, found.high, found.fastest, found.repeats) == (40, 61, 1, 100)
    assert found.relative_error == pytest.approx(10.5 / 50.5)


def test_what_few_steps_cannot_say_stays_empty() -> None:
    few = times_of([3, 1, 2])
    assert (few.low, few.high, few.relative_error, few.p90, few.p99) == (None,) * 5
    assert times_of(range(1, 11)).p90 is not None
    assert times_of(range(1, 100)).p99 is None


def test_settled() -> None:
    assert not settled([1.0] * 9)
    assert settled([1.0] * 10)
    # Medians 1 and 1.01 are within 2%, 1.03 is not. One outlier in five does not matter.
    assert settled([1.0] * 5 + [1.01, 1.01, 1.01, 1.01, 9.0])
    assert not settled([1.0] * 5 + [1.03] * 5)
    # What came before the last ten is forgotten.
    assert settled([50.0] * 5 + [1.0] * 10)


# --- warming up --------------------------------------------------------------------------------------------


def test_warming_up_ends_when_times_are_stable() -> None:
    """From 2 s down to 1 s, then level: the last ten are level from the fifteenth on, their medians from the 13th."""
    found = warm_up(nothing, FakeClock([2.0, 1.8, 1.6, 1.4, 1.2, *[1.0] * 20]), Rule(seconds=100))
    # Five before: 1.6 1.4 1.2 1 1 → 1.2 at 12 steps; 1.4 1.2 1 1 1 → 1 at 13 steps.
    assert (found.steps, found.stable) == (13, True)
    assert found.seconds == pytest.approx(2.0 + 1.8 + 1.6 + 1.4 + 1.2 + 8)


def test_warming_up_gives_up_when_its_time_is_over() -> None:
    falling = FakeClock(10 * 0.8**n for n in range(100))
    found = warm_up(nothing, falling, Rule(seconds=60))
    # After the first, 8 + 6.4 + 5.12 + 4.096 + 3.277 + 2.621 = 29.514; with 2.097 it is more than 30.
    assert (found.steps, found.stable) == (8, False)


def test_what_is_done_once_has_time() -> None:
    """A minute of compiling does not use up the five seconds for warming up."""
    found = warm_up(nothing, FakeClock([60.0, *[0.1] * 20]), Rule(seconds=10))
    assert (found.steps, found.stable) == (10, True)
    assert found.seconds == pytest.approx(60.9)


def test_warming_up_takes_two_steps_at_least() -> None:
    assert warm_up(nothing, FakeClock([99.0, 99.0]), Rule(seconds=1)).steps == 2


# --- repeating ---------------------------------------------------------------------------------------------


def test_equal_times_are_repeated_a_hundred_times() -> None:
    steps = itertools.count()
    found = repeat(lambda: next(steps), FakeClock(itertools.repeat(0.02)), Rule(seconds=10))
    assert (len(found.wall), next(steps), found.events, found.interrupted) == (100, 100, [], False)


def test_short_steps_are_repeated_for_a_tenth_of_the_time() -> None:
    """1/1024 s a step, 1 s at least: 1024 repeats, at the next look after that."""
    found = repeat(nothing, FakeClock(itertools.repeat(1 / 1024)), Rule(seconds=10))
    assert len(found.wall) == 1024


def test_long_steps_are_repeated_six_times() -> None:
    assert len(repeat(nothing, FakeClock(itertools.repeat(60.0)), Rule(seconds=10)).wall) == 6


def test_unsteady_times_are_repeated_until_the_time_is_over() -> None:
    """1/8 s and 3/8 s in turn, 1/4 s on average: 40 repeats in 10 s, 1000 in 250 s."""
    assert len(repeat(nothing, FakeClock(itertools.cycle([0.125, 0.375])), Rule(seconds=10)).wall) == 40
    assert len(repeat(nothing, FakeClock(itertools.cycle([0.125, 0.375])), Rule(seconds=250)).wall) == 1000


def test_no_more_repeats_than_anybody_needs() -> None:
    found = repeat(nothing, FakeClock(itertools.cycle([1e-6, 3e-6])), Rule(seconds=10))
    assert len(found.wall) == MOST_REPEATS


def test_a_looser_precision_is_reached_sooner() -> None:
    """n values spread evenly over 1 … 2 have an interval from rank (n − 1.96·√n)/2 on: ± 0.98/√n.

    2% of the median 1.5 is reached with (0.98/0.03)² = 1067 values, 1% with 4268; one looks every tenth only.
    """
    # Multiples of the golden ratio fill every stretch evenly, however many there are.
    spread = [1 + n * (5**0.5 - 1) / 2 % 1 for n in range(20_000)]
    for precision, count in ((0.02, 1067), (0.01, 4268)):
        found = repeat(nothing, FakeClock(spread), Rule(seconds=9_000, precision=precision))
        assert 0.98 * count <= len(found.wall) <= 1.12 * count


def test_what_is_called_between_repeats() -> None:
    calls = itertools.count()
    repeat(nothing, FakeClock(itertools.repeat(5.0)), Rule(seconds=10), between=lambda: next(calls))
    assert next(calls) == 6


def test_events_are_kept_beside_the_wall_clock() -> None:
    found = repeat(nothing, FakeClock(itertools.repeat(5.0), events=4.0), Rule(seconds=10))
    assert (found.wall, found.events) == ([5.0] * 6, [4.0] * 6)


def test_an_interrupt_keeps_what_was_measured() -> None:
    found = repeat(nothing, FakeClock([1.0, 2.0, KeyboardInterrupt()]), Rule(seconds=10))
    assert (found.wall, found.interrupted) == ([1.0, 2.0], True)
    with pytest.raises(ZeroDivisionError):
        repeat(nothing, FakeClock([1.0, ZeroDivisionError()]), Rule(seconds=10))
