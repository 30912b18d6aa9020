"""Work on many items shared among processes forked from this one: results in order, as if there were one process.

A child inherits all that was worked out before it was forked, so nothing is sent to it; it does every n-th item and
sends back what came of it. It is gone when this process is, and holds no file and no lock. Where there is no fork, or
one processor, everything is done here; so is what a child leaves undone, whatever the reason, so that errors are
raised here.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import BinaryIO, Generic, NamedTuple, TypeVar

MOST_JOBS = 64

USUAL_JOBS = 8
"""As many as there are processors, but no more than this unless more are asked for."""

_ALONE = 40
"""Items that are done here first, so that what all of them need is worked out before anything is shared."""

_FEWEST = 60
"""Items for which it is worth to fork."""

_BLOCK = 2_000
"""Items that are in memory together."""

_BLOCK_SECONDS = 0.5
"""Seconds after which what has come is worked on, though more may come."""

_MOST_FILES = 1 << 16

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class _Child(NamedTuple):
    """A process that works, and what comes from it."""

    process: int
    results: BinaryIO


def usual_jobs() -> int:
    """How many processes work where nobody says how many: one for each processor that this one may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, min(len(os.sched_getaffinity(0)), USUAL_JOBS))
    return max(1, min(os.cpu_count() or 1, USUAL_JOBS))


def can_fork() -> bool:
    """Whether there is a fork that may be used: not on macOS, whose libraries do not bear it, nor beside threads."""
    return hasattr(os, "fork") and sys.platform != "darwin" and threading.active_count() == 1


def blocks(
    items: Iterable[_Item], jobs: int, size: Callable[[_Item], int] = lambda _item: 1, most: int = _BLOCK
) -> Iterator[list[_Item]]:
    """Items in lists that are worked on together, of a size of `most`; one by one for a single process.

    Where reading them raises something, it is raised behind those that came before.
    """
    coming = iter(items)
    problem: BaseException | None = None
    while problem is None:
        block: list[_Item] = []
        room, until = most, time.monotonic() + _BLOCK_SECONDS
        while room > 0 and time.monotonic() < until:
            try:
                item = next(coming)
            except StopIteration:
                if block:
                    yield block
                return
            except Exception as error:  # noqa: BLE001 - raised again below
                problem = error
                break
            block.append(item)
            room -= size(item) if jobs > 1 else room
        if block:
            yield block
    raise problem


class Sharing(Generic[_Item, _Result]):
    """Work that is done for some lists of items, after the first ones shared among processes."""

    def __init__(self, work: Callable[[_Item], _Result], jobs: int) -> None:
        self._work = work
        self._jobs = jobs
        self._alone = _ALONE

    def done(self, items: Sequence[_Item]) -> Generator[tuple[_Result, bool], None, None]:
        """What the work makes of each item, in their order, and whether another process did it."""
        here = items[: self._alone] if self._jobs > 1 and len(items) >= _FEWEST and can_fork() else items
        for item in here:
            self._alone -= self._alone > 0
            yield self._work(item), False
        rest = items[len(here) :]
        if rest:
            yield from _shared(rest, self._work, min(self._jobs, len(rest)))


def _shared(
    items: Sequence[_Item], work: Callable[[_Item], _Result], jobs: int
) -> Iterator[tuple[_Result, bool]]:
    import pickle

    children: list[_Child] = []
    try:
        with contextlib.suppress(OSError):  # too many processes: what is not forked is done here
            children.extend(_forked(items[first::jobs], work) for first in range(jobs))
        # One for each child, as both know what was sent before. It comes from a process that ran this very program.
        loads = [pickle.Unpickler(child.results).load for child in children]  # noqa: S301
        works = [True] * len(loads) + [False] * (jobs - len(loads))
        for place, item in enumerate(items):
            child = place % jobs
            try:
                result: _Result | None = loads[child]() if works[child] else None
            except (EOFError, OSError, pickle.UnpicklingError):
                # It was killed, or its work raised something, which is raised here again.
                works[child] = False
            yield (result, True) if works[child] else (work(item), False)  # type: ignore[misc]
    finally:
        for each in children:
            _end(each)


def _forked(items: Sequence[_Item], work: Callable[[_Item], _Result]) -> _Child:
    """A child that does some items."""
    reading, writing = os.pipe()
    # Ctrl-C reaches every process of a terminal: this one ends the others.
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process = os.fork()
        if not process:
            _work(items, work, writing)
    except OSError:
        os.close(reading)
        raise
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
        os.close(writing)
    return _Child(process, os.fdopen(reading, "rb"))


def _work(items: Sequence[_Item], work: Callable[[_Item], _Result], writing: int) -> None:
    """What a child does; it never returns."""
    parent = os.getppid()
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        # No file of the parent's, and no lock on its folder.
        os.closerange(3, writing)
        os.closerange(max(writing + 1, 3), _MOST_FILES)
        import pickle

        with os.fdopen(writing, "wb") as results:
            dump = pickle.Pickler(results, pickle.HIGHEST_PROTOCOL).dump
            for item in items:
                if os.getppid() != parent:
                    break
                dump(work(item))
                results.flush()
        status = 0
    except BaseException:  # noqa: BLE001 - the parent does what is left, and raises what there is to be raised
        status = 1
    finally:
        os._exit(status)


def _end(child: _Child) -> None:
    """Let a child go, done or not."""
    with contextlib.suppress(OSError):
        child.results.close()
    with contextlib.suppress(OSError):
        os.kill(child.process, signal.SIGKILL)
    with contextlib.suppress(OSError):
        os.waitpid(child.process, 0)
