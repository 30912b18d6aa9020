"""A file that runs are added to, and each compared with the one before it of the same configuration."""

from __future__ import annotations

import os
from collections.abc import Iterable

import msgspec

from archcalc.timing.measurement import Comparison, Measurement, Times, decode, encode
from archcalc.words.errors import OptionError
from archcalc.words.text import quote

# What may change from run to run: it is told, and does not make another configuration.
_CHANGING = ("archcalc", "python", "torch", "cuda", "cudnn", "driver", "threads", "system", "variables")


def read(path: str) -> list[Measurement]:
    """The measurements in a history, oldest first; none where there is no file yet.

    Raises OptionError for a file that cannot be read, or is none of ours.
    """
    try:
        with open(path, encoding="utf-8") as file:
            return decode(file.read(), path)
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise OptionError(
            f"the history {quote(path, 200)} cannot be read: {reason}.",
            hint="Give --history a file of JSON lines that archcalc bench wrote, or a new one.",
        ) from None


def append(path: str, measurement: Measurement) -> None:
    """Add a measurement at the end of a history. Raises OptionError if it cannot be written."""
    line = encode(measurement).encode()
    try:
        with open(path, "a+b") as file:
            # A run that was killed while it wrote may have left half a line.
            if file.tell() and not _ends_in_line_feed(path):
                line = b"\n" + line
            file.write(line)
    except OSError as error:
        raise OptionError(
            f"the history {quote(path, 200)} cannot be written: {error.strerror}.",
            hint="Give --history a file in a folder that exists and that you may write to.",
        ) from None


def compared(measurement: Measurement, history: Iterable[Measurement]) -> Measurement:
    """The measurement beside the last one in the history of the same configuration that has a time."""
    if measurement.wall is None:
        return measurement
    same = _identity(measurement)
    earlier = None
    for other in history:
        if other.wall is not None and _identity(other) == same:
            earlier = other
    if earlier is None or earlier.wall is None:
        return measurement
    before, now = msgspec.to_builtins(earlier.environment), msgspec.to_builtins(measurement.environment)
    comparison = Comparison(
        time=earlier.time,
        median=earlier.wall.median,
        ratio=measurement.wall.median / earlier.wall.median,
        outside=outside_both(measurement.wall, earlier.wall),
        changes={
            key: (_shown(before[key]), _shown(now[key])) for key in _CHANGING if before[key] != now[key]
        },
    )
    return msgspec.structs.replace(measurement, earlier=comparison)


def outside_both(one: Times, other: Times) -> bool | None:
    """Whether each median lies outside the other's confidence interval; None where one has none."""
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return None
    return not other.low <= one.median <= other.high and not one.low <= other.median <= one.high


def _identity(measurement: Measurement) -> tuple[object, ...]:
    """What makes two runs comparable: the network with its size, how it ran, and the device."""
    configuration = msgspec.structs.replace(measurement.configuration, tf32=None, device="")
    return (
        measurement.network,
        measurement.input,
        measurement.params,
        measurement.macs,
        configuration,
        measurement.arithmetic,
        measurement.environment.device,
    )


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key}={text}" for key, text in value.items())
    return "" if value is None else str(value)


def _ends_in_line_feed(path: str) -> bool:
    with open(path, "rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"
