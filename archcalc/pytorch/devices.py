"""Devices by the names that people give them."""

from __future__ import annotations

import platform
import re

import torch

from archcalc.words.errors import OptionError
from archcalc.words.text import quote


def device_named(name: str) -> torch.device:
    """The device `cpu`, `cuda`, `cuda:N` or `mps`.

    Raises OptionError for another name, or where there is no such device.
    """
    found = re.fullmatch(r"(cpu|mps|cuda)(?::([0-9]{1,3}))?", name)
    if found is None or (found[2] and found[1] != "cuda"):
        raise OptionError(f"there is no device {quote(name)}.", hint="Give cpu, cuda, cuda:N or mps.")
    if found[1] == "mps" and not torch.backends.mps.is_available():
        raise OptionError(
            f"no Apple GPU (mps) was found: {_torch()} on {platform.system()}; use --device cpu."
        )
    if found[1] == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if not count:
            raise OptionError(f"no CUDA device was found: {_why_not()}; use --device cpu.")
        if int(found[2] or 0) >= count:
            names = ", ".join(f"cuda:{i} ({torch.cuda.get_device_name(i)})" for i in range(count))
            raise OptionError(f"there is no {name}: found {names}; use one of them, or --device cpu.")
        return torch.device("cuda", int(found[2] or 0))
    return torch.device(found[1])


def _torch() -> str:
    return f"PyTorch {torch.__version__}"


def _why_not() -> str:
    if torch.version.cuda is None:
        return f"{_torch()} is built without CUDA"
    return f"{_torch()} is built for CUDA {torch.version.cuda}, but sees no NVIDIA GPU or no driver for it"
