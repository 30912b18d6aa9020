"""How long networks really take: forward or training, timed on a device and put beside its peaks.

Importing this package does not import torch; calling it does, and raises MissingExtra where it is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from archcalc.pytorch import needs_torch
from archcalc.timing.measurement import Configuration, Measurement
from archcalc.timing.sampling import Rule

if TYPE_CHECKING:
    from archcalc.network.network import Network

__all__ = ["Configuration", "Measurement", "Rule", "run"]


def run(
    networks: Sequence[Network],
    configuration: Configuration | None = None,
    *,
    batches: Sequence[int] | None = None,
    rule: Rule | None = None,
    layers: bool = False,
    note: str | None = None,
    remeasure: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[Measurement]:
    """Time each network at each batch, and give each measurement as soon as it is there.

    `batches` stand in place of the configuration's own. `rule` says for how long and how exactly, `layers`
    times each layer of a forward pass too, `note` is recorded, `remeasure` measures the peaks of a device
    again that devices.yaml does not have, `say` is told what is being done.

    Raises MissingExtra without torch, OptionError for what cannot be timed and, after a last measurement,
    KeyboardInterrupt.
    """
    with needs_torch():
        from archcalc.timing.runs import Plan, timed
    wanted = configuration or Configuration()
    return timed(
        networks,
        wanted,
        tuple(batches or (wanted.batch,)),
        Plan(rule or Rule(), layers, note, remeasure),
        say,
    )
