"""`archcalc check`: every number against a model that torch runs, and against what others publish."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from archcalc import api
from archcalc.checks import checking
from archcalc.checks.checking import Check
from archcalc.cli import options
from archcalc.cli.output import screen, write
from archcalc.pytorch import META, many
from archcalc.render.formats.registry import Format
from archcalc.render.outputs import CHECKS
from archcalc.spec import catalog
from archcalc.words.errors import OptionError

DIFFERS = 1
"""The exit status where something differs."""


@click.command(
    epilog="""\b
Examples:
  archcalc check vgg16
  archcalc check --all
  archcalc check lenet5 --layers
  archcalc check alexnet --device cpu
  archcalc check resnet50-v1.5 --against torchvision:resnet50
  archcalc check --all --no-torch
"""
)
@click.argument("networks", nargs=-1, metavar="[NETWORK]...", shell_complete=options.network_names)
@click.option("--all", "everything", is_flag=True, help="Check every network of the catalogue.")
@click.option(
    "--device",
    default=META,
    metavar="DEVICE",
    show_default=True,
    help="meta has shapes and no numbers; cpu, cuda, cuda:N and mps really run the model.",
)
@click.option(
    "--against",
    metavar="LIBRARY:NAME",
    help="Compare layer by layer with a library's own model too, as torchvision:resnet18.",
)
@click.option(
    "--torch/--no-torch",
    "by_torch",
    default=True,
    help="Whether torch is asked, or only published figures are looked at.",
)
@click.option("--layers", is_flag=True, help="Show every layer. JSON and CSV always have all.")
@options.changes
@options.output(CHECKS.takes)
def command(
    *,
    networks: tuple[str, ...],
    everything: bool,
    device: str,
    against: str | None,
    by_torch: bool,
    layers: bool,
    shape: tuple[int, ...] | None,
    settings: dict[str, object],
    form: Format,
    path: str | None,
) -> int:
    """Prove the numbers: against a model that PyTorch builds and runs, and against what others publish.

    Of every layer the output shape, the weights, the biases and the MACs are compared, then the totals.
    Every published figure has to come out, exactly, rounded or truncated, or the spec has to say why it does
    not; of a network changed by --input or --set they are left out. A difference is shown with the working of
    both sides, and the exit status is 1.
    """
    names = _chosen(networks, everything, against)
    changed = shape is not None or bool(settings)
    if by_torch:
        jobs = [many.Job(name, shape, settings, device, against, not changed) for name in names]
        found = _by_torch(jobs)
    elif against is not None or device != META:
        raise OptionError(
            "--no-torch runs nothing, on no device and against no library.", hint="Leave one of them out."
        )
    elif layers:
        raise OptionError(
            "--layers shows what torch has of each layer, and --no-torch does not ask it.",
            hint="Leave one of them out; archcalc summary --depth 99 shows every layer.",
        )
    else:
        loaded = [api.load(name, input=shape, parameters=settings) for name in names]
        found = [checking.checked(network, published=not changed) for network in loaded]
    write(CHECKS.written(form, screen(path), found, layers), path)
    return 0 if all(check.agrees for check in found) else DIFFERS


def _chosen(networks: tuple[str, ...], everything: bool, against: str | None) -> list[str]:
    if everything and networks:
        raise OptionError("--all is every network of the catalogue.", hint="Name networks, or give --all.")
    if not everything and not networks:
        raise OptionError(
            "there is no network to check.", hint="Name one, as in archcalc check vgg16, or give --all."
        )
    if against is not None and len(networks) != 1:
        raise OptionError("--against compares one network.", hint="Name the one to compare.")
    return catalog.names() if everything else list(dict.fromkeys(networks))


def _by_torch(jobs: list[many.Job]) -> list[Check]:
    """The checks in the order of the jobs."""
    found: dict[int, Check] = {}
    with _progress(len(jobs)) as advance:
        for number, check in many.checks(jobs):
            found[number] = check
            advance()
    return [found[number] for number in range(len(jobs))]


@contextmanager
def _progress(count: int) -> Iterator[Callable[[], None]]:
    """A bar on standard error, only where that is a terminal and there is something to wait for."""
    if count == 1 or sys.stderr is None or not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(length=count, label="Checking", file=sys.stderr, show_pos=True) as bar:
        yield lambda: bar.update(1)
