"""The Python API in a few functions; the command line does nothing that they do not.

Each imports what it needs when it is called, so that a command starts as fast as what it does.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archcalc.derivations.explanation import Explanation
    from archcalc.network.network import Network
    from archcalc.reference.kinddocs import KindDoc
    from archcalc.results.comparison import Comparison
    from archcalc.results.listing import Entry
    from archcalc.results.report import Report


def load(
    name: str | os.PathLike[str],
    *,
    input: Sequence[int] | None = None,
    parameters: Mapping[str, object] | None = None,
) -> Network:
    """The network of a catalogue name, of a path to a YAML file, or of standard input (`-`).

    `input` replaces the input shape (channels first, no batch), `parameters` those of the file.
    Raises ArchcalcError with the place of what is wrong.
    """
    from archcalc.network.expansion import expand
    from archcalc.spec import catalog
    from archcalc.spec.values import checked_shape, given_value

    given = {key: given_value(key, value) for key, value in (parameters or {}).items()}
    shape = None if input is None else checked_shape(tuple(input))
    return expand(catalog.load_spec(os.fspath(name)), shape, given)


def analyse(network: Network | str, *, batch: int = 1, dtype: str = "float32", bias: bool = True) -> Report:
    """Everything counted about a network: shapes, parameters, MACs, activations, receptive fields, totals.

    `batch` scales cost and activations, `dtype` sets the bytes of a number, `bias` whether `params` counts
    biases.
    """
    from archcalc.results import analysis
    from archcalc.results.counts import Convention

    found = load(network) if isinstance(network, str) else network
    return analysis.analyse(found, Convention(batch, dtype, bias))


def explain(
    network: Network | str,
    path: str | None = None,
    *,
    batch: int = 1,
    dtype: str = "float32",
    bias: bool = True,
) -> Explanation:
    """How the numbers of a network come about: the rules in letters, with the numbers put in.

    `path` is a layer (`conv1`), a block (`3a`), a quantity (`fc6.params`, `total.memory(batch=128)`, whose
    batch goes before) or arithmetic of quantities (`total.params - fc6.params`); None explains the whole network.
    Raises QuantityError where there is no such path.
    """
    from archcalc.derivations import explanation
    from archcalc.results.counts import Convention

    found = load(network) if isinstance(network, str) else network
    return explanation.explain(found, path, Convention(batch, dtype, bias))


def compare(
    *networks: Network | str, batch: int = 1, dtype: str = "float32", bias: bool = True
) -> Comparison:
    """Two or more networks counted by one convention, side by side; ratios are to the first.

    Raises OptionError if there are fewer than two.
    """
    from archcalc.results.comparison import compared

    return compared([analyse(network, batch=batch, dtype=dtype, bias=bias) for network in networks])


def networks(
    *words: str, family: str | None = None, task: str | None = None, year: str | int | None = None
) -> tuple[Entry, ...]:
    """The networks of the catalogue with their main numbers, family by family.

    Only those whose texts have all of the words, and of a family, a task, and a year: 2014 or "2012-2015".
    Raises CatalogError if there is none.
    """
    from archcalc.results.listing import entries

    return entries(words, family=family, task=task, year=None if year is None else str(year))


def kinds(*names: str) -> tuple[KindDoc, ...]:
    """The documentation of all kinds of layers, by family, or of those named.

    Raises OptionError for a kind that does not exist.
    """
    from archcalc.reference import kinddocs

    return tuple(map(kinddocs.kind_doc, names)) if names else kinddocs.kinds()


def spec_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the spec language."""
    from archcalc.reference import schema

    return schema.spec_schema()
