"""Many networks checked at once, on all cores where that pays."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import BaseContext
from typing import NamedTuple

from archcalc import pytorch
from archcalc.api import load
from archcalc.checks.checking import Check
from archcalc.layers.base import Shape
from archcalc.spec.catalog import STANDARD_INPUT
from archcalc.words.errors import OptionError

MOST_WORKERS = 4
"""Each takes some 150 MB of its own, beside what they share: all of them together stay below 1 GB."""

WORTH_WORKERS = 4
"""Networks from which on starting workers costs less than it saves."""


class Job(NamedTuple):
    """One network to be checked: its name or path, what is changed in it, and the device."""

    network: str
    input: Shape | None = None
    parameters: Mapping[str, object] = {}
    device: str = pytorch.META
    against: str | None = None
    published: bool = True
    """Whether its published figures are judged: those of a changed network say nothing."""


def run(job: Job) -> Check:
    """The check of one network. Raises ArchcalcError for what is wrong in its spec."""
    network = load(job.network, input=job.input, parameters=job.parameters)
    return pytorch.check(network, device=job.device, against=job.against, published=job.published)


def checks(jobs: Sequence[Job], workers: int | None = None) -> Iterator[tuple[int, Check]]:
    """Each check as soon as it is done, with the number of its job. `workers` are processes; 1 is this one.

    Raises MissingExtra without torch, ArchcalcError for what is wrong in a spec, OptionError where a process
    does not come back.
    """
    pytorch.require_torch()
    if workers is None:
        alone = len(jobs) < WORTH_WORKERS or any(job.network == STANDARD_INPUT for job in jobs)
        workers = 1 if alone else min(cores(), MOST_WORKERS, len(jobs))
    if workers == 1:
        yield from ((number, run(job)) for number, job in enumerate(jobs))
        return
    with ProcessPoolExecutor(workers, _context(), _settle) as pool:
        numbers: dict[Future[Check], int] = {pool.submit(run, job): number for number, job in enumerate(jobs)}
        try:
            for future in as_completed(numbers):
                yield numbers[future], future.result()
        except BrokenProcessPool:
            raise OptionError(
                "a process that checked networks was ended from outside, perhaps for want of memory.",
                hint="Check the networks one by one, or on --device meta, which takes none.",
            ) from None
        finally:
            pool.shutdown(cancel_futures=True)


def cores() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _context() -> BaseContext:
    """Workers are forked from a server that has imported torch once; where there is no fork, each imports it."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["archcalc.pytorch.witness"])
    return context


def _settle() -> None:
    """Ctrl-C reaches every process of a terminal; only the one that started the workers answers it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
