"""The Python API in a few functions; the command line does nothing that they do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archcalc import analysis, catalog
from archcalc.expansion import checked_shape, expand
from archcalc.network import Network
from archcalc.report import Convention, Report


def load(
    name: str, *, input: Sequence[int] | None = None, parameters: Mapping[str, object] | None = None
) -> Network:
    """The network of a catalogue name, of a path to a YAML file, or of standard input (`-`).

    `input` replaces the input shape (channels first, no batch), `parameters` those of the file.
    Raises ArchcalcError with the place of what is wrong.
    """
    given = {key: _text(value) for key, value in (parameters or {}).items()}
    shape = None if input is None else checked_shape(tuple(input))
    return expand(catalog.load_spec(name), shape, given)


def analyse(network: Network | str, *, batch: int = 1, dtype: str = "float32", bias: bool = True) -> Report:
    """Everything counted about a network: shapes, parameters, MACs, activations, receptive fields, totals.

    `batch` scales cost and activations, `dtype` sets the bytes of a number, `bias` whether `params` counts
    biases.
    """
    found = load(network) if isinstance(network, str) else network
    return analysis.analyse(found, Convention(batch, dtype, bias))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
