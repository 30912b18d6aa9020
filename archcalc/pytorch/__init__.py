"""PyTorch, the witness: the real model of a network, built to prove what archcalc computes.

Importing this package does not import torch; calling it does, and raises MissingExtra where it is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archcalc.errors import MissingExtra

if TYPE_CHECKING:
    from archcalc.network import Network
    from archcalc.pytorch.model import Model

__all__ = ["build"]


def build(network: Network) -> Model:
    """The torch module of a network, its submodules named by the layers' paths.

    It takes a batch of inputs and returns the output, or a dict of outputs where the network has heads.
    Built `with torch.device("meta")` it has shapes and no numbers, and takes no memory.

    Raises MissingExtra if torch is not installed.
    """
    try:
        from archcalc.pytorch.model import Model
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise MissingExtra(
            "PyTorch is not installed; install it with: pip install 'archcalc[torch]'"
        ) from None
    return Model(network)
