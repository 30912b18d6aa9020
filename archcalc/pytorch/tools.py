"""The toolkit of real torch modules."""

from __future__ import annotations

from types import SimpleNamespace

from torch import nn

from archcalc.pytorch import attention, modules, windows
from archcalc.pytorch.toolkit import Toolkit

SMALL_MODULES: dict[str, type[nn.Module]] = {
    found.__name__: found
    for module in (modules, attention, windows)
    for found in vars(module).values()
    if isinstance(found, type) and issubclass(found, nn.Module) and found.__module__ == module.__name__
}
"""What torch.nn does not have, by name."""

TOOLKIT = Toolkit(nn, SimpleNamespace(**SMALL_MODULES))
