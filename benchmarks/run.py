"""Speed and memory as ratios within one run: `make bench`, or `python benchmarks/run.py [--runs N] [--json FILE]`.

Whole processes are timed in turn, A B A B …, so that a machine whose speed drifts still gives a fair ratio; the
median of the ratios is what counts. The bounds are those that the project holds itself to. The exit status is 1
if one is broken.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

# What any command line program of this kind pays before it does anything.
BARE_IMPORTS = "import click, yaml, rich.console, rich.table"
NETWORK = "resnet152"


class Result(NamedTuple):
    """One figure, the bound it has to keep, and whether larger is better."""

    what: str
    value: float
    unit: str
    bound: float
    at_least: bool = False

    @property
    def kept(self) -> bool:
        """Whether the figure keeps its bound."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """The wall time of one run of a whole process."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - start


def process_ratio(command: list[str], baseline: list[str], runs: int, environment: dict[str, str]) -> float:
    """The median of the ratios of two commands, run in turn; the first pair warms the disk cache."""
    ratios = []
    for number in range(runs + 1):
        ours, theirs = seconds(command, environment), seconds(baseline, environment)
        if number:
            ratios.append(ours / theirs)
    return statistics.median(ratios)


def peak_mb(command: list[str], environment: dict[str, str]) -> float:
    """The peak resident memory, in MB (10⁶ bytes), of one run of a process."""
    pid = os.posix_spawn(
        command[0],
        command,
        environment,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0o600)],
    )
    _, _, usage = os.wait4(pid, 0)
    # Linux counts kibibytes, macOS bytes.
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def median_ms(work: Callable[[], object], runs: int) -> float:
    """The median time of a call, in milliseconds, after one to warm up."""
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3


def calculate() -> None:
    """Parse, expand and analyse the network from its file: nothing is kept from one call to the next."""
    from archcalc.network.expansion import expand
    from archcalc.results.analysis import analyse
    from archcalc.spec.catalog import load_spec

    analyse(expand(load_spec(NETWORK)))


def flop_counter() -> Callable[[], object] | None:
    """Torch's own count of a ready-built model, on the meta device, in train mode, at batch 2; None without torch."""
    try:
        import torch
        from torch.utils.flop_counter import FlopCounterMode
    except ImportError:
        return None
    from archcalc import load
    from archcalc.pytorch import build

    with torch.device("meta"):
        model = build(load(NETWORK)).train()
        images = torch.empty(2, 3, 224, 224)

    def count() -> object:
        with FlopCounterMode(display=False) as counter:
            model(images)
        return counter.get_total_flops()

    return count


def measure(runs: int) -> list[Result]:
    """Every figure."""
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "120"}
    # Compiled modules are written once by an installer and read ever after: time that, not the compiler.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    baseline = [sys.executable, "-c", BARE_IMPORTS]
    table = [sys.executable, "-m", "archcalc", "summary", NETWORK]
    results = [
        Result(
            f"summary {NETWORK}, whole process / bare imports",
            process_ratio(table, baseline, runs, environment),
            "×",
            2.0,
        ),
        Result(
            f"summary {NETWORK} --format json, whole process / bare imports",
            process_ratio([*table, "--format", "json"], baseline, runs, environment),
            "×",
            1.5,
        ),
        Result(
            f"summary {NETWORK} --depth 99 (every layer), whole process / bare imports",
            process_ratio([*table, "--depth", "99"], baseline, runs, environment),
            "×",
            2.0,
        ),
        Result(f"summary {NETWORK}, peak memory", peak_mb(table, environment), "MB", 40.0),
    ]
    ours = median_ms(calculate, 3 * runs)
    results.append(Result(f"parse + expand + analyse {NETWORK}, in process", ours, "ms", 10.0))
    counter = flop_counter()
    if counter is None:
        print("torch is not installed: the comparison with FlopCounterMode is not measured.", file=sys.stderr)
    else:
        theirs = median_ms(counter, max(runs // 3, 3))
        results.append(
            Result(
                "torch FlopCounterMode on the meta device / parse + expand + analyse",
                theirs / ours,
                "×",
                25.0,
                at_least=True,
            )
        )
    return results


def main() -> int:
    """Measure, print, and say whether every bound is kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=11, help="pairs of runs (default: 11)")
    parser.add_argument("--json", metavar="FILE", help="write the figures to FILE as well")
    arguments = parser.parse_args()
    results = measure(arguments.runs)
    for result in results:
        bound = f"{'≥' if result.at_least else '≤'} {result.bound:g} {result.unit}"
        verdict = "kept" if result.kept else "BROKEN"
        print(f"{result.value:9.2f} {result.unit:<3} {bound:>9}  {verdict:<7} {result.what}")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump([result._asdict() | {"kept": result.kept} for result in results], file, indent=2)
    return 0 if all(result.kept for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
