"""Whether a step fits into the memory of a CPU at all.

A GPU refuses what it has no memory for. A Linux machine promises it, and ends the program when the promise
comes due: with it all that was measured. So what cannot fit is not begun.
"""

from __future__ import annotations

import os
import re

from archcalc.algebra.symbols import prod
from archcalc.algebra.units import dtype_bytes, size
from archcalc.results.report import Report
from archcalc.timing.measurement import Configuration

_CGROUP = "/sys/fs/cgroup"


def check_room(report: Report, configuration: Configuration) -> None:
    """Raise MemoryError if a step on the CPU needs more memory than is free, whatever it does otherwise."""
    free = free_bytes()
    needed = least_bytes(report, configuration)
    if free is not None and needed > free:
        raise MemoryError(
            f"weights and one layer's input and output take {size(needed)}, and {size(free)} are free"
        )


def least_bytes(report: Report, configuration: Configuration) -> int:
    """The weights, and the largest input and output that a layer with products has, which are there together.

    Everything else may be gone before or not yet there. The report is for the configuration's batch.
    """
    element = dtype_bytes(configuration.dtype)
    rows = [row for row in report.rows if row.macs and (configuration.training or not row.auxiliary)]
    largest = max((sum(map(prod, row.inputs)) + prod(row.output) for row in rows), default=0)
    weights = report.totals.params * dtype_bytes("float32" if configuration.amp else configuration.dtype)
    return int(configuration.batch * largest * element + weights)


def free_bytes(meminfo: str = "/proc/meminfo", cgroup: str = _CGROUP) -> int | None:
    """What this process could still get: of the machine, with its swap, or of its container; None if not told."""
    text = _read(meminfo)
    found = dict(re.findall(r"^(MemAvailable|SwapFree):\s+(\d+) kB$", text, re.MULTILINE))
    if "MemAvailable" not in found:
        return None
    free = 1024 * sum(map(int, found.values()))
    limit, used = (_read(os.path.join(cgroup, name)).strip() for name in ("memory.max", "memory.current"))
    if limit.isdigit() and used.isdigit():
        # What files have in the cache counts as used, and can be had back.
        cached = re.search(r"^inactive_file (\d+)$", _read(os.path.join(cgroup, "memory.stat")), re.MULTILINE)
        free = min(free, int(limit) - int(used) + int(cached[1] if cached else 0))
    return max(free, 0)


def _read(path: str) -> str:
    try:
        with open(path, encoding="ascii") as file:
            return file.read()
    except (OSError, ValueError):
        return ""
