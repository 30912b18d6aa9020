"""Devices as torch has them: named on the command line, asked for what they are, set to what is to be measured."""

from __future__ import annotations

import os
import platform
import re
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch

from archcalc.timing.measurement import Arithmetic, Configuration

_FIRST_WITH_TF32 = (8, 0)
"""The compute capability of Ampere."""


def default_device() -> str:
    """The fastest kind of device that is there."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def current(device: torch.device) -> AbstractContextManager[Any]:
    """In it a CUDA device is the current one: events and graphs belong to that, whatever is computed where."""
    return torch.cuda.device(device) if device.type == "cuda" else nullcontext()


def name_of(device: torch.device) -> str:
    """What a device is called by its maker."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return cpu_name() if device.type == "cpu" else f"{cpu_name()} GPU"


def cpu_name() -> str:
    """The processor's name as the system has it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            found = re.search(r"^model name\s*:\s*(.+)$", file.read(), re.MULTILINE)
    except OSError:
        found = None
    return found[1].strip() if found else platform.processor() or platform.machine()


def memory_of(device: torch.device) -> int | None:
    """Bytes of memory of a device; of a CPU those of the machine. None where that is not told."""
    if device.type == "cuda":
        return int(torch.cuda.get_device_properties(device).total_memory)
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None


def arithmetic_of(configuration: Configuration, device: torch.device) -> Arithmetic:
    """The precision that products are computed in, with torch's settings as they are now."""
    if configuration.dtype != "float32" or device.type != "cuda":
        return Arithmetic(configuration.dtype, configuration.dtype)
    if torch.cuda.get_device_capability(device) < _FIRST_WITH_TF32:
        return Arithmetic("float32", "float32")
    with _no_warnings():
        return Arithmetic(
            "tf32" if torch.backends.cudnn.allow_tf32 else "float32",
            "tf32" if torch.backends.cuda.matmul.allow_tf32 else "float32",
        )


@contextmanager
def settings(tf32: bool | None) -> Iterator[None]:
    """Set torch to what is measured: TF32 in all products, in none or (None) as it was; cuDNN's own trials.

    Shapes never change while a network is timed, so that cuDNN may try its algorithms once, in the warm-up.
    """
    with _no_warnings():
        cudnn, matmul = torch.backends.cudnn, torch.backends.cuda.matmul
        before = cudnn.allow_tf32, matmul.allow_tf32, cudnn.benchmark
        if tf32 is not None:
            cudnn.allow_tf32 = matmul.allow_tf32 = tf32
        cudnn.benchmark = True
    try:
        yield
    finally:
        with _no_warnings():
            cudnn.allow_tf32, matmul.allow_tf32, cudnn.benchmark = before


@contextmanager
def _no_warnings() -> Iterator[None]:
    # The names of these settings have changed with torch 2.9, which may warn about the ones that 2.6 knows.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
