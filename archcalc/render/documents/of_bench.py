"""Measured times as a document: a sheet of batches, one of layers for each network, and what has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from archcalc.algebra.units import grouped, size
from archcalc.render.formats.sheet import Cell, Column, Document, Line, Share, Sheet
from archcalc.timing.measurement import MEASURED, Arithmetic, Configuration, Measurement, Times

_NETWORK = Column("network", ink="name", least=12)
_BATCH = Column("batch", right=True)

_BATCHES = (
    _NETWORK,
    _BATCH,
    Column("ms", right=True),
    Column("± 95%", right=True, drop=2),
    Column("p90", right=True, drop=7),
    Column("p99", right=True, drop=8),
    Column("images/s", right=True),
    Column("", bar="length", drop=9, ink="first"),
    Column("TFLOP/s", right=True),
    Column("of peak", right=True, drop=3),
    Column("of roofline", right=True, drop=4),
    Column("memory", right=True, drop=5),
    Column("W", right=True, drop=6),
)


def document(measurements: Sequence[Measurement]) -> Document:
    """All that was measured, which is at least one batch, in one environment."""
    first = measurements[0]
    sheets = [_batches(measurements)]
    sheets += [_layers(found) for found in measurements if found.layers]
    changed = [found for found in measurements if found.earlier]
    if changed:
        sheets.append(_changes(changed))
    return Document(
        title=first.environment.device,
        particulars=tuple(_particulars(first)),
        sheets=tuple(sheets),
        notes=tuple(_notes(measurements)),
    )


def way(configuration: Configuration) -> str:
    """What is timed, in a word or two."""
    return "training step" if configuration.training else "forward pass"


def precision(arithmetic: Arithmetic) -> str:
    """The arithmetic of products, in a few words."""
    if arithmetic.convolutions == arithmetic.products:
        return arithmetic.products
    return f"{arithmetic.convolutions} in convolutions, {arithmetic.products} in matrix products"


def significant(value: float | None, digits: int = 4) -> str:
    """A number to so many significant digits, grouped in threes, never in exponents; empty for None."""
    if value is None:
        return ""
    if value == 0:
        return "0"
    exponent = int(f"{abs(value):.{digits - 1}e}".partition("e")[2])
    return f"{value:,.{max(digits - 1 - exponent, 0)}f}"


def share(value: float | None, digits: int = 3) -> str:
    """A share as percent, empty for None."""
    return "" if value is None else f"{significant(100 * value, digits)}%"


def milliseconds(seconds: float | None) -> str:
    """Seconds in milliseconds, without the unit."""
    return "" if seconds is None else significant(1e3 * seconds)


def _particulars(found: Measurement) -> Iterator[str]:
    configuration = found.configuration
    yield way(configuration)
    yield f"{configuration.dtype} by autocast" if configuration.amp else configuration.dtype
    if configuration.dtype == "float32" and found.arithmetic != Arithmetic("float32", "float32"):
        yield precision(found.arithmetic)
    if configuration.channels_last:
        yield "channels last"
    if configuration.compile:
        yield "compiled"
    if configuration.cuda_graph:
        yield "CUDA graph"
    yield f"torch {found.environment.torch}"
    if configuration.device == "cpu":
        threads = found.environment.threads
        yield f"{threads} thread{'s' if threads != 1 else ''}"


def _batches(measurements: Sequence[Measurement]) -> Sheet:
    fastest = max((round(1e3 * (found.images_per_second or 0)) for found in measurements), default=0)
    lines = tuple(
        Line((found.network, found.configuration.batch, *_cells(found, fastest))) for found in measurements
    )
    # A column of which nothing was measured says nothing.
    useful = [
        index for index in range(len(_BATCHES)) if any(line.cells[index] not in ("", None) for line in lines)
    ]
    return Sheet(
        tuple(_BATCHES[index] for index in useful),
        tuple(Line(tuple(line.cells[index] for index in useful)) for line in lines),
    )


def _cells(found: Measurement, fastest: int) -> tuple[Cell, ...]:
    wall = found.wall
    if wall is None:
        return found.status, *[None] * (len(_BATCHES) - 3)
    return (
        milliseconds(wall.median),
        share(wall.relative_error, 2),
        milliseconds(wall.p90),
        milliseconds(wall.p99),
        significant(found.images_per_second),
        Share(round(1e3 * (found.images_per_second or 0)), fastest, fastest),
        significant(found.tflops, 3),
        share(found.peak_share),
        share(found.roofline_share),
        "" if found.memory_bytes is None else size(found.memory_bytes),
        "" if found.power is None else significant(found.power.watts, 3),
    )


def _layers(found: Measurement) -> Sheet:
    whole = sum(layer.seconds for layer in found.layers)
    parts = [round(1e9 * layer.seconds) for layer in found.layers]
    columns = (
        Column("layer", ink="name", least=12),
        Column("kind", drop=2),
        Column("ms", right=True),
        Column("", bar="share", drop=1, ink="first"),
        Column("MACs", right=True, drop=4),
        Column("TFLOP/s", right=True, drop=3),
        Column("of roofline", right=True),
    )
    lines = tuple(
        Line(
            (
                layer.name,
                layer.kind,
                milliseconds(layer.seconds),
                Share(part, sum(parts), max(parts)),
                layer.macs,
                significant(2 * layer.macs / layer.seconds / 1e12, 3) if layer.macs and layer.seconds else "",
                share(layer.roofline_seconds / layer.seconds)
                if layer.roofline_seconds and layer.seconds
                else "",
            )
        )
        for layer, part in zip(found.layers, parts, strict=True)
    )
    total = Line(
        ("sum of layers", "", milliseconds(whole), None, sum(layer.macs for layer in found.layers), "", ""),
        "total",
    )
    return Sheet(
        columns, (*lines, total), f"{found.network}, batch {found.configuration.batch}, layer by layer"
    )


def _changes(measurements: Sequence[Measurement]) -> Sheet:
    columns = (
        _NETWORK,
        _BATCH,
        Column("before", right=True),
        Column("now", right=True),
        Column("ratio", right=True),
        Column("difference"),
        Column("measured", drop=1),
    )
    lines = []
    for found in measurements:
        earlier, wall = found.earlier, found.wall
        if earlier is not None and wall is not None:
            lines.append(
                Line(
                    (
                        found.network,
                        found.configuration.batch,
                        milliseconds(earlier.median),
                        milliseconds(wall.median),
                        f"{significant(earlier.ratio, 3)}×",
                        verdict(earlier.ratio, earlier.outside),
                        earlier.time[:16].replace("T", " "),
                    )
                )
            )
    return Sheet(columns, tuple(lines), "against the run before, ms")


def verdict(ratio: float, outside: bool | None) -> str:
    """What a ratio of two medians means, given whether each is outside the other's confidence interval."""
    if outside is None:
        return "too few repeats to tell"
    if not outside:
        return "within the intervals"
    return f"{'slower' if ratio > 1 else 'faster'}, outside both intervals"


def _notes(measurements: Sequence[Measurement]) -> Iterator[tuple[str, str]]:
    first = measurements[0]
    timed = [found for found in measurements if found.wall]
    if timed:
        yield "time", _method(timed)
        yield "TFLOP/s", _compute(first)
    if first.ceiling is not None and timed:
        yield "peak", _ceiling(first)
    if any(found.roofline_share for found in timed):
        yield (
            "roofline",
            "the time that peak and bandwidth allow layer by layer, every tensor moved once, as a share of ms",
        )
    if any(found.layers for found in measurements):
        yield "layers", "timed with a hook before and after each, which the step itself does not have"
    if first.configuration.training:
        yield "training", "forward, backward and one step of SGD with momentum"
    for found in measurements:
        if found.warm_up is not None and not found.warm_up.stable:
            yield _which(found), "was not stable after warming up: its times still drifted, or were disturbed"
        if found.status != MEASURED:
            reason = f": {found.reason}" if found.reason else " by Ctrl-C"
            yield _which(found), f"{found.status}{reason}"
    changes: Mapping[str, tuple[str, str]] = {}
    for found in measurements:
        changes = {**changes, **(found.earlier.changes if found.earlier else {})}
    for key, (before, now) in changes.items():
        yield f"{key} changed", f"{before or 'none'} → {now or 'none'}"
    if first.note:
        yield "note", first.note


def _which(found: Measurement) -> str:
    return f"{found.network}, batch {found.configuration.batch}"


def _method(timed: Sequence[Measurement]) -> str:
    walls: list[Times] = [found.wall for found in timed if found.wall]
    fewest, most = min(wall.repeats for wall in walls), max(wall.repeats for wall in walls)
    repeats = grouped(fewest) if fewest == most else f"{grouped(fewest)} to {grouped(most)}"
    text = f"median of {repeats} steps by the wall clock, ± half its {walls[0].confidence:.0%} confidence interval"
    apart = [found.wall.median / found.events.median - 1 for found in timed if found.wall and found.events]
    if apart:
        text += f"; up to {share(max(apart))} longer than by the GPU's events"
    return text


def _compute(found: Measurement) -> str:
    text = "2 FLOPs a MAC, of convolutions and matrix products"
    if found.configuration.training:
        text += "; backward once more for the weights' gradient and once for the input's"
    return text


def _ceiling(found: Measurement) -> str:
    ceiling = found.ceiling
    assert ceiling is not None
    wanted = dict.fromkeys((found.arithmetic.convolutions, found.arithmetic.products))
    figures = [
        f"{significant(ceiling.tflops[name], 3)} TFLOP/s {name}" for name in wanted if name in ceiling.tflops
    ]
    figures += [f"no peak known for {name}" for name in wanted if name not in ceiling.tflops]
    if ceiling.bandwidth is not None:
        figures.append(f"{significant(ceiling.bandwidth, 3)} GB/s")
    return f"{', '.join(figures)} ({ceiling.source})"
