"""PyTorch, the witness: the real model of a network, built to prove what archcalc computes.

Importing this package does not import torch; calling it does, and raises MissingExtra where it is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from archcalc.errors import MissingExtra

if TYPE_CHECKING:
    from archcalc.network import Network
    from archcalc.pytorch.model import Model

__all__ = ["build", "needs_torch"]


def build(network: Network) -> Model:
    """The torch module of a network, its submodules named by the layers' paths.

    It takes a batch of inputs and returns the output, or a dict of outputs where the network has heads.
    Built `with torch.device("meta")` it has shapes and no numbers, and takes no memory.

    Raises MissingExtra if torch is not installed.
    """
    with needs_torch():
        from archcalc.pytorch.model import Model
    return Model(network)


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
