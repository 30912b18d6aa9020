"""Networks timed one after the other: built, warmed up, repeated, and put beside what the device can do."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
import torch

from archcalc.algebra.units import FLOPS_PER_MAC, dtype_bytes
from archcalc.network.network import Network
from archcalc.pytorch.devices import device_named
from archcalc.results.analysis import analyse
from archcalc.results.counts import Convention
from archcalc.results.report import Report
from archcalc.timing import measurement as record
from archcalc.timing.ceilings import ceiling_of
from archcalc.timing.clock import clock_of
from archcalc.timing.devices import arithmetic_of, current, default_device, settings
from archcalc.timing.environment import environment_of
from archcalc.timing.layertimes import layer_times
from archcalc.timing.measurement import Arithmetic, Ceiling, Configuration, LayerTime, Measurement
from archcalc.timing.power import meter_of
from archcalc.timing.quantiles import times_of
from archcalc.timing.roofline import (
    Bytes,
    Work,
    layer_seconds,
    optimizer_seconds,
    product_seconds,
    step_seconds,
    work_of,
)
from archcalc.timing.room import check_room
from archcalc.timing.sampling import Clock, Rule, repeat, warm_up
from archcalc.timing.steps import check, workload

Say = Callable[[str], None]


class Plan(NamedTuple):
    """What is wanted beside the configuration."""

    rule: Rule = Rule()
    layers: bool = False
    """Time each layer of a forward pass as well."""
    note: str | None = None
    remeasure: bool = False
    """Measure the peaks of a device again that nobody describes."""


class Bench(NamedTuple):
    """What all measurements of a run share."""

    device: torch.device
    arithmetic: Arithmetic
    ceiling: Ceiling
    clock: Clock
    plan: Plan = Plan()


def timed(
    networks: Sequence[Network],
    configuration: Configuration,
    batches: Sequence[int],
    plan: Plan,
    say: Say,
) -> Iterator[Measurement]:
    """Each network at each batch, as soon as it is measured; `say` is told what is being done.

    Running out of memory, or an error of torch, ends a batch, not the run. After Ctrl-C the batch that was
    being repeated is given with the repeats it had, and KeyboardInterrupt is raised.
    """
    configuration = msgspec.structs.replace(configuration, device=configuration.device or default_device())
    device = device_named(configuration.device)
    for network in networks:
        check(configuration, network, plan.layers)
    with current(device), settings(configuration.tf32):
        arithmetic = arithmetic_of(configuration, device)
        wanted = arithmetic.convolutions, arithmetic.products
        ceiling = ceiling_of(device, wanted, again=plan.remeasure, say=say)
        bench = Bench(device, arithmetic, ceiling, clock_of(device), plan)
        for network in networks:
            for batch in batches:
                say(f"{network.name}, batch {batch}")
                found = measure(network, msgspec.structs.replace(configuration, batch=batch), bench)
                yield found
                if found.status == record.INTERRUPTED:
                    raise KeyboardInterrupt


def measure(network: Network, configuration: Configuration, bench: Bench) -> Measurement:
    """One network at one batch. What torch cannot do is the measurement's reason, not an error."""
    report = analyse(network, Convention(configuration.batch, configuration.dtype))
    works = work_of(report, configuration.training)
    macs = sum(work.macs for work in works)
    empty = Measurement(
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        network=network.name,
        title=network.title,
        input=network.input,
        params=_params(report, configuration),
        macs=macs,
        flops=FLOPS_PER_MAC * macs,
        configuration=configuration,
        arithmetic=bench.arithmetic,
        status=record.MEASURED,
        ceiling=bench.ceiling,
        note=bench.plan.note,
        environment=environment_of(bench.device),
    )
    try:
        if bench.device.type == "cpu":
            check_room(report, configuration)
        return _measured(empty, network, works, bench)
    except (RuntimeError, ValueError, TypeError, NotImplementedError, MemoryError) as error:
        status = record.OUT_OF_MEMORY if is_out_of_memory(error) else record.FAILED
        reason = _first_line(error)
    finally:
        # Outside the `except`: the error holds the frames that hold the tensors.
        _free(bench.device, configuration)
    return msgspec.structs.replace(empty, status=status, reason=reason)


def _measured(empty: Measurement, network: Network, works: Sequence[Work], bench: Bench) -> Measurement:
    device, arithmetic, ceiling, clock, plan = bench
    configuration = empty.configuration
    work = workload(network, configuration, device)
    with work.surroundings():
        warm = warm_up(work.step, clock, plan.rule)
        if device.type == "cuda" and not configuration.cuda_graph:
            torch.cuda.reset_peak_memory_stats(device)
        meter = meter_of(device)
        samples = repeat(work.step, clock, plan.rule, between=meter.look if meter else lambda: None)
    if not samples.wall:
        raise KeyboardInterrupt
    power = meter.result() if meter else None
    memory = torch.cuda.max_memory_allocated(device) if device.type == "cuda" else None
    wall = times_of(samples.wall)
    size = _bytes(configuration)
    products = product_seconds(works, arithmetic, ceiling)
    roofline = step_seconds(works, arithmetic, ceiling, size)
    if roofline is not None and configuration.training:
        roofline += optimizer_seconds(empty.params, ceiling, size)
    times = layer_times(network, work, device, plan.rule) if plan.layers and not samples.interrupted else {}
    return msgspec.structs.replace(
        empty,
        status=record.INTERRUPTED if samples.interrupted else record.MEASURED,
        wall=wall,
        events=times_of(samples.events) if samples.events else None,
        warm_up=warm,
        images_per_second=configuration.batch / wall.median,
        tflops=empty.flops / wall.median / 1e12,
        peak_share=None if products is None else products / wall.median,
        roofline_seconds=roofline,
        roofline_share=None if roofline is None else roofline / wall.median,
        memory_bytes=memory,
        power=power,
        layers=tuple(
            LayerTime(
                one.name,
                one.kind,
                times[one.name],
                one.macs,
                layer_seconds(one, arithmetic, ceiling, size),
            )
            for one in works
            if one.name in times
        ),
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory has run out, in one of the forms that torch has for it."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    text = str(error)
    signs = ("out of memory", "can't allocate memory", "ALLOC_FAILED")
    return isinstance(error, RuntimeError) and any(sign in text for sign in signs)


def _params(report: Report, configuration: Configuration) -> int:
    totals = report.totals_with_auxiliary if configuration.training else None
    return (totals or report.totals).params


def _bytes(configuration: Configuration) -> Bytes:
    activation = dtype_bytes(configuration.dtype)
    return Bytes(activation, dtype_bytes("float32") if configuration.amp else activation)


def _free(device: torch.device, configuration: Configuration) -> None:
    if configuration.compile:
        torch.compiler.reset()
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()


def _first_line(error: BaseException) -> str:
    lines: Iterable[Any] = (line.strip() for line in str(error).splitlines())
    return next((str(line) for line in lines if line), type(error).__name__)
