"""What a run of the benchmark finds out, and how it is written: a JSON object a line, one for each batch.

Seconds, bytes, watts; a figure that could not be measured is None, never an estimate. docs/bench.md says what
every key means.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from archcalc.words.errors import OptionError
from archcalc.words.text import quote

SCHEMA = "archcalc.bench/1"

MEASURED = "measured"
WIDEST = 0.1
"""Half the width of a median's interval, as a share of it, beyond which it is marked as not settled."""

INTERRUPTED = "interrupted"
"""Ctrl-C ended it: its figures are of fewer repeats than were wanted."""
OUT_OF_MEMORY = "out of memory"
FAILED = "failed"


class Configuration(Struct, frozen=True, kw_only=True):
    """What is to be timed."""

    batch: int = 1
    training: bool = False
    """Forward, backward and a step of the optimizer; otherwise forward alone, in evaluation mode."""
    device: str = ""
    """`cpu`, `cuda`, `cuda:N` or `mps`; empty stands for the first of cuda, mps and cpu that is there."""
    dtype: str = "float32"
    """Of weights and activations; with `amp` the type that autocast computes in."""
    amp: bool = False
    """Automatic mixed precision: float32 weights, products and convolutions in `dtype`."""
    channels_last: bool = False
    compile: bool = False
    cuda_graph: bool = False
    tf32: bool | None = None
    """TF32 in convolutions and matrix products, or in neither; None leaves torch's own choice."""


class Arithmetic(Struct, frozen=True):
    """The precision that products are really computed in: `float32`, `tf32`, `bfloat16` or `float16`."""

    convolutions: str
    products: str
    """Matrix products: linear layers and attention."""


class Times(Struct, frozen=True):
    """Seconds of one step, over all repeats."""

    median: float
    low: float | None
    """The confidence interval of the median; None where there are too few repeats for one."""
    high: float | None
    confidence: float
    p90: float | None
    """None below 10 repeats."""
    p99: float | None
    """None below 100 repeats."""
    fastest: float
    repeats: int

    @property
    def relative_error(self) -> float | None:
        """Half the width of the interval, as a share of the median."""
        if self.low is None or self.high is None:
            return None
        return (self.high - self.low) / 2 / self.median


class WarmUp(Struct, frozen=True):
    """The steps before the first repeat."""

    steps: int
    seconds: float
    stable: bool
    """Whether the times had settled; False if the time for warming up was over before."""


class Ceiling(Struct, frozen=True):
    """What a device can do at best, and who says so."""

    source: str
    tflops: Mapping[str, float]
    """Dense peaks, in 10¹² FLOP/s, by arithmetic; one that is not known is left out."""
    bandwidth: float | None
    """Of the memory, in 10⁹ byte/s."""


class Power(Struct, frozen=True):
    """What NVML said while the repeats ran; None is what this GPU does not tell."""

    watts: float | None
    limit_watts: float | None
    sm_mhz: float | None
    highest_sm_mhz: float | None
    memory_mhz: float | None
    celsius: float | None


class LayerTime(Struct, frozen=True):
    """One layer of a forward pass."""

    name: str
    kind: str
    seconds: float
    """The median over the repeats."""
    macs: int
    """Of the whole batch."""
    roofline_seconds: float | None


class Environment(Struct, frozen=True, kw_only=True):
    """Where it was measured."""

    archcalc: str
    python: str
    torch: str
    cuda: str | None
    cudnn: str | None
    driver: str | None
    device: str
    """The device's own name."""
    compute_capability: str | None
    multiprocessors: int | None
    memory_bytes: int | None
    """Of the device; for a CPU that of the machine."""
    system: str
    cpu: str
    cores: int
    """That this process may use."""
    threads: int
    """That torch uses for one operation on the CPU."""
    cpu_capability: str
    cudnn_benchmark: bool
    load: float | None
    """Processes that wanted to run in the minute before, on average: what the machine had to do beside this."""
    variables: Mapping[str, str]
    """Environment variables that change how torch computes, those that are set."""


class Comparison(Struct, frozen=True):
    """A run beside the one before it of the same configuration."""

    time: str
    """When that was."""
    median: float
    ratio: float
    """The new median by the old one."""
    outside: bool | None
    """Whether each median is outside the other's confidence interval; None where one has no interval."""
    changes: Mapping[str, tuple[str, str]]
    """What is different about the environment: before and now."""


class Measurement(Struct, frozen=True, kw_only=True):
    """One network at one batch."""

    schema: str = SCHEMA
    time: str
    """When it was measured, UTC."""
    network: str
    title: str
    input: tuple[int, ...]
    params: int
    macs: int
    """Multiply-accumulates of the step that was timed: forward, or forward and backward."""
    flops: int
    """2 a MAC."""
    configuration: Configuration
    arithmetic: Arithmetic
    status: str
    reason: str | None = None
    """Why it could not be measured."""
    wall: Times | None = None
    """By the wall clock, from a device at rest to a device at rest."""
    events: Times | None = None
    """By events on the GPU."""
    warm_up: WarmUp | None = None
    images_per_second: float | None = None
    tflops: float | None = None
    """Achieved, in 10¹² FLOP/s."""
    ceiling: Ceiling | None = None
    peak_share: float | None = None
    """The time that the products need at the peak of their arithmetic, as a share of the median."""
    roofline_seconds: float | None = None
    roofline_share: float | None = None
    memory_bytes: int | None = None
    """The most that torch had allocated on the GPU at a time, after the warm-up."""
    power: Power | None = None
    layers: tuple[LayerTime, ...] = ()
    note: str | None = None
    environment: Environment
    earlier: Comparison | None = None

    @property
    def settled(self) -> bool:
        """Whether the median says something: the times were stable, and its interval is known and narrow."""
        error = self.wall.relative_error if self.wall else None
        stable = self.warm_up is None or self.warm_up.stable
        return stable and error is not None and error <= WIDEST


def encode(measurement: Measurement) -> str:
    """A measurement as one line of JSON, with its line feed."""
    return msgspec.json.encode(measurement).decode() + "\n"


def decode(lines: str, file: str) -> list[Measurement]:
    """The measurements that JSON lines hold; `file` is what messages call them.

    Raises OptionError with the number of the line that is none.
    """
    found = []
    for number, line in enumerate(lines.split("\n"), 1):
        if not line.strip():
            continue
        try:
            measurement = msgspec.json.decode(line, type=Measurement)
        except (msgspec.DecodeError, UnicodeError) as error:
            raise _not_ours(file, number, str(error)) from None
        if measurement.schema != SCHEMA:
            raise _not_ours(file, number, f"its schema is {quote(measurement.schema)}, not {SCHEMA}")
        found.append(measurement)
    return found


def _not_ours(file: str, number: int, reason: str) -> OptionError:
    return OptionError(
        f"line {number} of {quote(file, 200)} is no measurement: {reason}.",
        hint="Give a file that archcalc bench wrote, or one that does not exist yet.",
    )
