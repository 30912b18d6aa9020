"""PyTorch, the witness: the real model of a network, built to prove what archcalc computes.

Importing this package does not import torch; calling it does, and raises MissingExtra where it is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from archcalc.words.errors import MissingExtra

if TYPE_CHECKING:
    from archcalc.checks.checking import Check
    from archcalc.network.network import Network
    from archcalc.pytorch.model import Model

__all__ = ["META", "build", "check", "needs_torch", "require_torch"]

META = "meta"
"""The device that has shapes and no numbers: everything is checked, nothing is computed."""


def build(network: Network) -> Model:
    """The torch module of a network, its submodules named by the layers' paths.

    It takes a batch of inputs and returns the output, or a dict of outputs where the network has heads.
    Built `with torch.device("meta")` it has shapes and no numbers, and takes no memory.

    Raises MissingExtra if torch is not installed.
    """
    with needs_torch():
        from archcalc.pytorch.model import Model
    return Model(network)


def check(
    network: Network | str, *, device: str = META, against: str | None = None, published: bool = True
) -> Check:
    """A network, or one of the catalogue by name, held against the model that torch builds of it and runs.

    Output shape, weights, biases and MACs of every layer, the totals, and the published figures. On `meta`
    nothing is computed and no memory taken; `cpu`, `cuda`, `cuda:N` and `mps` really run it, two inputs at once.
    `against` names a library's model to compare with, layer by layer: `torchvision:resnet18`.
    `published` says whether the published figures are judged, which hold for the network as it is.

    Raises MissingExtra if torch or that library is not installed, OptionError for a device or a model that is
    not there.
    """
    with needs_torch():
        import torch

        from archcalc.pytorch.witness import observe
    from archcalc import api
    from archcalc.checks import checking

    if device != META:
        from archcalc.pytorch.devices import device_named

        device = str(device_named(device))
    found = api.load(network) if isinstance(network, str) else network
    observed = observe(found, device)
    counterparts = None
    if against is not None:
        from archcalc.pytorch import libraries

        counterparts = libraries.against(found, observed, against)
    witness = f"torch {torch.__version__} on {device}"
    return checking.checked(found, witness, observed, counterparts, published=published)


@contextmanager
def needs_torch() -> Iterator[None]:
    """Around an import of what imports torch: raises MissingExtra, one line that says what to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise MissingExtra(
            "PyTorch is not installed; install it with: pip install 'archcalc[torch]'"
        ) from None


def require_torch() -> None:
    """Raise MissingExtra where torch is not installed, without importing it."""
    with needs_torch():
        if find_spec("torch") is None:
            raise ModuleNotFoundError(name="torch")
