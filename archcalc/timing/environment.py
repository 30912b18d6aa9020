"""Everything about the machine and the software that a time depends on, recorded with it."""

from __future__ import annotations

import os
import platform
import re

import torch

from archcalc.timing.devices import cpu_name, memory_of, name_of
from archcalc.timing.measurement import Environment
from archcalc.timing.power import driver_version
from archcalc.words.version import __version__

VARIABLES = (
    "CUDA_LAUNCH_BLOCKING",
    "CUDA_VISIBLE_DEVICES",
    "CUBLAS_WORKSPACE_CONFIG",
    "KMP_AFFINITY",
    "KMP_BLOCKTIME",
    "LD_PRELOAD",
    "MKL_NUM_THREADS",
    "NVIDIA_TF32_OVERRIDE",
    "OMP_NUM_THREADS",
    "ONEDNN_DEFAULT_FPMATH_MODE",
    "ONEDNN_MAX_CPU_ISA",
    "PYTORCH_ALLOC_CONF",
    "PYTORCH_CUDA_ALLOC_CONF",
    "TORCH_CUDNN_V8_API_DISABLED",
)


def environment_of(device: torch.device) -> Environment:
    """The environment that something is measured in on this device."""
    is_cuda = device.type == "cuda"
    properties = torch.cuda.get_device_properties(device) if is_cuda else None
    return Environment(
        archcalc=__version__,
        python=platform.python_version(),
        torch=str(torch.__version__),
        cuda=torch.version.cuda if is_cuda else None,
        cudnn=_cudnn() if is_cuda else None,
        driver=driver_version() if is_cuda else None,
        device=name_of(device),
        compute_capability=f"{properties.major}.{properties.minor}" if properties else None,
        multiprocessors=properties.multi_processor_count if properties else None,
        memory_bytes=memory_of(device),
        system=_system(),
        cpu=cpu_name(),
        cores=_cores(),
        threads=torch.get_num_threads(),
        cpu_capability=torch.backends.cpu.get_cpu_capability(),
        cudnn_benchmark=torch.backends.cudnn.benchmark,
        load=_load(),
        variables={name: os.environ[name] for name in VARIABLES if name in os.environ},
    )


def _system() -> str:
    # Without what somebody called a kernel of his own.
    version = re.match("[0-9.]*", platform.release())
    return " ".join(filter(None, (platform.system(), version and version[0], platform.machine())))


def _cudnn() -> str | None:
    version = torch.backends.cudnn.version()  # type: ignore[no-untyped-call]
    return None if version is None else str(version)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _load() -> float | None:
    try:
        return round(os.getloadavg()[0], 2)
    except (OSError, AttributeError):
        return None
