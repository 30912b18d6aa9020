"""What NVML tells about an NVIDIA GPU while it works, where nvidia-ml-py is installed."""

from __future__ import annotations

import re
from collections.abc import Callable
from statistics import fmean, median
from time import perf_counter
from typing import Any

import torch

from archcalc.timing.measurement import Power

INTERVAL = 0.1
"""Seconds between two looks: NVML itself looks no more often than that."""


def _nvml() -> Any:
    """The module of nvidia-ml-py, ready for use; None without it or without NVIDIA's driver."""
    try:
        import pynvml
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return None
    return pynvml


def driver_version(path: str = "/proc/driver/nvidia/version") -> str | None:
    """The version of NVIDIA's driver, None where nobody tells it."""
    nvml = _nvml()
    if nvml is not None:
        version = nvml.nvmlSystemGetDriverVersion()
        return version.decode() if isinstance(version, bytes) else str(version)
    try:
        with open(path, encoding="utf-8") as file:
            found = re.search(r"NVRM version:.*?\b([0-9]+(?:\.[0-9]+)+)\b", file.read())
    except OSError:
        return None
    return found[1] if found else None


class Meter:
    """Looks at power, clocks and temperature of one GPU between the repeats of a step."""

    def __init__(self, nvml: Any, handle: Any, now: Callable[[], float] = perf_counter) -> None:
        self.nvml = nvml
        self.handle = handle
        self.now = now
        self.begun = self.looked = now()
        self.energy = self._energy()
        self.watts: list[float] = []
        self.sm_mhz: list[float] = []
        self.memory_mhz: list[float] = []
        self.celsius: list[float] = []

    def look(self) -> None:
        """Read everything, if the last time is long enough ago."""
        if self.now() - self.looked < INTERVAL:
            return
        nvml = self.nvml
        for values, read, of in (
            (self.watts, nvml.nvmlDeviceGetPowerUsage, ()),
            (self.sm_mhz, nvml.nvmlDeviceGetClockInfo, (nvml.NVML_CLOCK_SM,)),
            (self.memory_mhz, nvml.nvmlDeviceGetClockInfo, (nvml.NVML_CLOCK_MEM,)),
            (self.celsius, nvml.nvmlDeviceGetTemperature, (nvml.NVML_TEMPERATURE_GPU,)),
        ):
            value = self._read(read, *of)
            if value is not None:
                values.append(value)
        self.looked = self.now()

    def result(self) -> Power:
        """What has been seen since the beginning. Power is energy by time where the GPU counts energy."""
        energy, seconds = self._energy(), self.now() - self.begun
        limit = self._read(self.nvml.nvmlDeviceGetEnforcedPowerLimit)
        if energy is not None and self.energy is not None and seconds > INTERVAL:
            watts: float | None = (energy - self.energy) / seconds / 1e3
        else:
            watts = fmean(self.watts) / 1e3 if self.watts else None
        return Power(
            watts=watts,
            limit_watts=None if limit is None else limit / 1e3,
            sm_mhz=median(self.sm_mhz) if self.sm_mhz else None,
            highest_sm_mhz=self._read(self.nvml.nvmlDeviceGetMaxClockInfo, self.nvml.NVML_CLOCK_SM),
            memory_mhz=median(self.memory_mhz) if self.memory_mhz else None,
            celsius=max(self.celsius, default=None),
        )

    def _energy(self) -> float | None:
        """Millijoules since the driver was loaded; GPUs before Volta do not count them."""
        return self._read(self.nvml.nvmlDeviceGetTotalEnergyConsumption)

    def _read(self, read: Callable[..., Any], *of: Any) -> float | None:
        try:
            return float(read(self.handle, *of))
        except self.nvml.NVMLError:
            return None


def meter_of(device: torch.device) -> Meter | None:
    """The meter of a CUDA device; None for others, and where NVML is not there or does not know the device."""
    nvml = _nvml() if device.type == "cuda" else None
    if nvml is None:
        return None
    # By its UUID: CUDA_VISIBLE_DEVICES renumbers the devices of torch and not those of NVML.
    identity = str(torch.cuda.get_device_properties(device).uuid)
    try:
        handle = nvml.nvmlDeviceGetHandleByUUID(
            identity if identity.startswith(("GPU-", "MIG-")) else f"GPU-{identity}"
        )
    except nvml.NVMLError:
        return None
    return Meter(nvml, handle)
