"""The whole catalogue on one device, into benchmarks/results/: `python benchmarks/gpu.py`.

Every network at batch 1 and 128, forward and training, in float32 with TF32 and without, and in bfloat16. Each
measurement is added to a file of JSON lines named after the device as soon as it is there, and what the file
has is not measured again: run the script until it says that nothing is left. It stops by itself when its
time is nearly over, with exit status 1 if something is left.

    python benchmarks/gpu.py                                     everything, on the first CUDA device
    python benchmarks/gpu.py --minutes 9                         as much as there is time for
    python benchmarks/gpu.py --device cpu --networks lenet5 --batches 1,2 --seconds 0.1 --output try.jsonl

A batch that does not fit is recorded as such. docs/generate.py makes docs/benchmarks.md of the files.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import torch

from archcalc import analyse, load, timing
from archcalc.network.network import Network
from archcalc.pytorch.devices import device_named
from archcalc.render.documents.of_bench import milliseconds, share
from archcalc.spec import catalog
from archcalc.timing import history
from archcalc.timing.devices import name_of
from archcalc.timing.measurement import Measurement
from archcalc.words.errors import ArchcalcError

RESULTS = Path(__file__).resolve().parent / "results"

PRECISIONS: tuple[tuple[str, bool | None], ...] = (("bfloat16", None), ("float32", True), ("float32", False))
ON_CPU: tuple[tuple[str, bool | None], ...] = (("float32", None), ("bfloat16", None))


class Task(NamedTuple):
    """One measurement to be made."""

    network: str
    batch: int
    training: bool
    dtype: str
    tf32: bool | None


def tasks(networks: Sequence[str], batches: Sequence[int], on_cuda: bool) -> Iterator[Task]:
    """All of them: forward before training, and each way through the whole catalogue before the next."""
    for training in (False, True):
        for dtype, tf32 in PRECISIONS if on_cuda else ON_CPU:
            for batch in batches:
                for network in networks:
                    yield Task(network, batch, training, dtype, tf32)


def task_of(found: Measurement) -> Task:
    """The task that a measurement answers."""
    configuration = found.configuration
    return Task(
        found.network, configuration.batch, configuration.training, configuration.dtype, configuration.tf32
    )


def described(task: Task) -> str:
    """A task in words."""
    tf32 = {True: " TF32", False: " without TF32", None: ""}[task.tf32]
    way = "training" if task.training else "forward"
    return f"{task.network}, batch {task.batch}, {way}, {task.dtype}{tf32}"


def smallest_first(names: Sequence[str]) -> list[str]:
    """The networks by their MACs: the cheapest ones are never kept waiting."""
    macs = {name: analyse(name).totals.macs for name in names}
    return sorted(names, key=lambda name: (macs[name], name))


def measure(task: Task, network: Network, device: str, seconds: float, note: str | None) -> Measurement:
    """Carry out a task."""
    configuration = timing.Configuration(
        training=task.training, device=device, dtype=task.dtype, tf32=task.tf32, batch=task.batch
    )
    rule = timing.Rule(seconds=seconds, repeats=30)
    (found,) = timing.run([network], configuration, rule=rule, note=note)
    return found


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda", help="cuda, cuda:N, or cpu to try it out (default: cuda)")
    parser.add_argument("--networks", help="names, with commas (default: the whole catalogue)")
    parser.add_argument("--batches", default="1,128", help="batches, with commas (default: 1,128)")
    parser.add_argument("--minutes", type=float, help="stop before so many minutes are over")
    parser.add_argument("--seconds", type=float, default=1.0, help="the most for one batch (default: 1)")
    parser.add_argument("--note", help="words that are recorded with every result")
    parser.add_argument("--output", type=Path, help="another file than benchmarks/results/DEVICE.jsonl")
    return parser.parse_args()


def main() -> int:
    """Measure what is not measured yet; 1 if something is left."""
    begun = time.monotonic()
    given = arguments()
    device = device_named(given.device)
    slug = re.sub("[^a-z0-9]+", "-", name_of(device).lower()).strip("-")
    path = given.output or RESULTS / f"{slug}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    names = given.networks.split(",") if given.networks else catalog.names()
    batches = [int(batch) for batch in given.batches.split(",")]
    done = {
        task_of(found)
        for found in history.read(str(path))
        if found.environment.device == name_of(device) and found.environment.torch == torch.__version__
    }
    left = [task for task in tasks(smallest_first(names), batches, device.type == "cuda") if task not in done]
    print(f"{name_of(device)}: {len(done)} measured, {len(left)} left; {path}")
    longest = 0.0
    for number, task in enumerate(left):
        spent = time.monotonic() - begun
        # What comes may take as long as the longest so far did, and half as long again.
        if given.minutes is not None and spent + 1.5 * longest > 60 * given.minutes:
            print(f"the time is over: {len(left) - number} left; run this again to go on")
            return 1
        before = time.monotonic()
        found = measure(task, load(task.network), given.device, given.seconds, given.note)
        longest = max(longest, time.monotonic() - before)
        history.append(str(path), found)
        result = (
            f"{milliseconds(found.wall.median)} ms ± {share(found.wall.relative_error, 2)}"
            if found.wall
            else f"{found.status}: {found.reason}"
        )
        print(f"{number + 1}/{len(left)} {described(task)}: {result}", flush=True)
    print("nothing is left")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ArchcalcError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_status)
    except KeyboardInterrupt:
        sys.exit("interrupted; run this again to go on")
