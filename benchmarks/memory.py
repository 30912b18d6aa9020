"""Time and memory of `archcalc check --all`, over all its processes: `python benchmarks/memory.py [--runs N]`.

Memory is the proportional set size: a page that several processes share counts once, in parts. It is summed over
the program and all that it started, every 50 ms, from /proc, so that this needs Linux. Nothing else that uses
torch should run meanwhile: it would share pages, too, and take its part of them. The bounds are those that
the project holds itself to on two cores; the exit status is 1 if one is broken. Another command can be given:
`python benchmarks/memory.py -- archcalc check vgg16`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

CHECK_ALL = [sys.executable, "-m", "archcalc", "check", "--all"]
EVERY = 0.05
MOST_SECONDS = 45.0
MOST_MB = 1_000.0


class Measured(NamedTuple):
    """One run of a command."""

    seconds: float
    peak_mb: float
    """In MB (10⁶ bytes), of all processes together."""
    processes: int
    """At the peak."""
    samples: int


def family(pid: int) -> list[int]:
    """A process and all that it started, and those they started; what ends meanwhile is left out."""
    found = [pid]
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return found
    for thread in threads:
        try:
            children = Path(f"/proc/{pid}/task/{thread}/children").read_text(encoding="ascii")
        except OSError:
            continue
        for child in children.split():
            found += family(int(child))
    return found


def proportional_mb(pid: int) -> float:
    """The proportional set size of a process in MB, 0 where it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6


def measure(command: list[str]) -> Measured:
    """Run a command and watch it. Raises CalledProcessError if it does not succeed."""
    peak, processes, samples = 0.0, 0, 0
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as running:
        while running.poll() is None:
            pids = family(running.pid)
            together = sum(map(proportional_mb, pids))
            samples += 1
            if together > peak:
                peak, processes = together, len(pids)
            time.sleep(EVERY)
    if running.returncode:
        raise subprocess.CalledProcessError(running.returncode, command)
    return Measured(time.perf_counter() - start, peak, processes, samples)


def main() -> int:
    """Measure, print, and say whether the bounds are kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="runs (default: 3)")
    parser.add_argument("command", nargs="*", help="another command (default: archcalc check --all)")
    arguments = parser.parse_args()
    if not Path(f"/proc/{os.getpid()}/smaps_rollup").exists():
        print(
            "Memory is read from /proc/PID/smaps_rollup, which only Linux has: not measured.", file=sys.stderr
        )
        return 0
    kept = True
    print(
        f"{' '.join(arguments.command) or 'archcalc check --all'}, on {len(os.sched_getaffinity(0))} cores:"
    )
    for _ in range(arguments.runs):
        found = measure(arguments.command or CHECK_ALL)
        here = arguments.command or (found.seconds <= MOST_SECONDS and found.peak_mb <= MOST_MB)
        kept = kept and bool(here)
        bounds = "" if arguments.command else f" (≤ {MOST_SECONDS:g} s, ≤ {MOST_MB:,.0f} MB)"
        print(
            f"{found.seconds:6.1f} s, {found.peak_mb:6,.0f} MB in {found.processes} processes, "
            f"{found.samples} samples{bounds}{'' if here else '  BROKEN'}"
        )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
