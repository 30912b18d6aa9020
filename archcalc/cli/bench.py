"""`archcalc bench`: how long networks really take on a device."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import click

from archcalc import api, timing
from archcalc.cli import INTERRUPTED, options
from archcalc.cli.output import check_writable, screen, write, write_bytes
from archcalc.render.documents.of_bench import milliseconds, share
from archcalc.render.formats import chart
from archcalc.render.formats.registry import Format
from archcalc.render.outputs import BENCHMARK
from archcalc.results.analysis import checked_batch
from archcalc.timing import history
from archcalc.timing.measurement import FAILED, Configuration, Measurement
from archcalc.words.errors import OptionError
from archcalc.words.text import printable, quote

_LONGEST = 3_600.0
_AMP_DTYPE = "bfloat16"


def _batches(_context: click.Context, _parameter: click.Parameter, given: str) -> tuple[int, ...]:
    """The numbers in `1,8,32`."""
    if not re.fullmatch(r"\s*[0-9]{1,12}\s*(,\s*[0-9]{1,12}\s*)*", given):
        raise OptionError(
            f"--batch {quote(given)} is not a list of batches.", hint="For example --batch 1,8,32,128."
        )
    return tuple(dict.fromkeys(checked_batch(int(batch)) for batch in given.split(",")))


def _seconds(_context: click.Context, _parameter: click.Parameter, given: float) -> float:
    if not 0 < given <= _LONGEST:
        raise OptionError(
            f"--seconds must be more than 0 and at most {_LONGEST:,.0f}, not {given:g}.",
            hint="It is the time for one batch; 10 is usual.",
        )
    return given


class _Way(NamedTuple):
    """How it is measured."""

    batches: tuple[int, ...]
    rule: timing.Rule
    layers: bool
    note: str | None
    remeasure: bool


class _Files(NamedTuple):
    """Where results go."""

    output: str | None
    history: str | None
    plot: str | None


def _configuration(
    *,
    training: bool,
    device: str | None,
    dtype: str | None,
    amp: bool,
    channels_last: bool,
    compiled: bool,
    cuda_graph: bool,
    tf32: bool | None,
) -> Configuration:
    return Configuration(
        training=training,
        device=device or "",
        dtype=dtype or (_AMP_DTYPE if amp else "float32"),
        amp=amp,
        channels_last=channels_last,
        compile=compiled,
        cuda_graph=cuda_graph,
        tf32=tf32,
    )


def _way(
    *, batches: tuple[int, ...], seconds: float, layers: bool, note: str | None, remeasure: bool
) -> _Way:
    return _Way(batches, timing.Rule(seconds=seconds), layers, note, remeasure)


def _files(*, path: str | None, history_path: str | None, plot_path: str | None) -> _Files:
    return _Files(path, history_path, plot_path)


@click.command(
    epilog="""\b
Examples:
  archcalc bench resnet50
  archcalc bench resnet50 --device cuda --batch 1,8,32,128 --dtype bfloat16
  archcalc bench vgg16 --training --batch 32 --amp --channels-last
  archcalc bench alexnet --layers
  archcalc bench resnet18 resnet50 vgg16 --batch 1,32 --plot throughput.svg
  archcalc bench resnet50 --history runs.jsonl
"""
)
@click.argument(
    "networks", nargs=-1, required=True, metavar="NETWORK...", shell_complete=options.network_names
)
@options.changes
@click.option(
    "--batch",
    "batches",
    default="1",
    callback=_batches,
    metavar="N,N,...",
    show_default=True,
    help="Images at a time; several are timed one after the other.",
)
@click.option("--training", is_flag=True, help="Forward, backward and a step of the optimizer.")
@click.option(
    "--device",
    metavar="DEVICE",
    help="cpu, cuda, cuda:N or mps. By default the first of cuda, mps and cpu that is there.",
)
@click.option(
    "--dtype",
    metavar="TYPE",
    help="float32, float16 or bfloat16, of weights and activations. By default float32, with --amp bfloat16.",
)
@click.option("--amp", is_flag=True, help="Mixed precision by autocast: weights stay float32.")
@click.option("--channels-last", is_flag=True, help="Channels last in memory.")
@click.option("--compile", "compiled", is_flag=True, help="Through torch.compile.")
@click.option("--cuda-graph", is_flag=True, help="Recorded once as a CUDA graph, then replayed.")
@click.option(
    "--tf32/--no-tf32",
    default=None,
    help="TF32 in convolutions and matrix products, or in neither. By default torch's choice.",
)
@click.option("--layers", is_flag=True, help="Time each layer of a forward pass too.")
@click.option(
    "--seconds",
    type=float,
    default=10.0,
    callback=_seconds,
    metavar="S",
    show_default=True,
    help="The most that one batch is repeated for.",
)
@click.option(
    "--history",
    "history_path",
    type=click.Path(),
    metavar="FILE",
    help="Add the results to a file of JSON lines, and compare with the run before.",
)
@click.option(
    "--plot",
    "plot_path",
    type=click.Path(),
    metavar="FILE",
    help="Draw throughput over MACs into a file .svg or .png.",
)
@click.option("--note", metavar="TEXT", help="Words that are recorded with the results.")
@click.option(
    "--remeasure", is_flag=True, help="Measure the peaks of a device again that no profile describes."
)
@options.output(BENCHMARK.takes)
@options.gathered(configuration=_configuration, way=_way, files=_files)
def command(
    *,
    networks: tuple[str, ...],
    shape: tuple[int, ...] | None,
    settings: dict[str, object],
    configuration: Configuration,
    way: _Way,
    files: _Files,
    form: Format,
) -> int:
    """How long networks really take on a device.

    A step, forward or training, is run with PyTorch, and repeated until the confidence interval of its median
    is within 1%, or the time is over. The achieved TFLOP/s stand beside the peak of the device and beside
    what the bytes allow (the roofline). A batch that runs out of memory ends with a line; Ctrl-C prints what
    was measured until then. JSON lines and CSV have the whole environment.

    NETWORK is a name of the catalogue or a path to a YAML file. Needs PyTorch: pip install 'archcalc[torch]'.
    """
    plot_form = chart.form_of(files.plot) if files.plot else ""
    earlier = history.read(files.history) if files.history else []
    for place, option in ((files.output, "--output"), (files.plot, "--plot"), (files.history, "--history")):
        check_writable(place, option)
    loaded = [api.load(network, input=shape, parameters=settings) for network in networks]
    run = _Run(len(loaded) * len(way.batches), earlier, files.history)
    run.through(timing.run(loaded, configuration, **way._asdict(), say=_say))
    if run.found:
        write(BENCHMARK.pieces(form, screen(files.output), run.found), files.output)
        if files.plot and any(one.wall for one in run.found):
            write_bytes(chart.draw(run.found, plot_form), files.plot, "--plot")
    return run.status()


class _Run:
    """The measurements as they come, until the last one, Ctrl-C, or one that cannot be."""

    def __init__(self, wanted: int, earlier: Sequence[Measurement], history_path: str | None) -> None:
        self.wanted = wanted
        self.earlier = earlier
        self.history = history_path
        self.found: list[Measurement] = []
        self.interrupted = False
        self.failure: OptionError | None = None

    def through(self, running: Iterable[Measurement]) -> None:
        """Take all that comes, each compared with the run before."""
        try:
            for one in running:
                self.found.append(history.compared(one, self.earlier))
                if self.history:
                    # At once: a crash loses nothing.
                    history.append(self.history, one)
                _say(_line(one), stays=True)
        except KeyboardInterrupt:
            self.interrupted = True
        except OptionError as error:
            self.failure = error
        _say("")
        if self.interrupted:
            click.echo(f"interrupted: {len(self.found)} of {self.wanted} batches were measured.", err=True)

    def status(self) -> int:
        """The exit status. Raises the OptionError that ended the run."""
        if self.failure is not None:
            raise self.failure
        if self.interrupted:
            return INTERRUPTED
        return 1 if any(one.status == FAILED for one in self.found) else 0


def _line(one: Measurement) -> str:
    what = f"{one.network}, batch {one.configuration.batch}"
    if one.wall is None:
        return f"{what}: {one.status}: {one.reason}"
    return f"{what}: {milliseconds(one.wall.median)} ms ± {share(one.wall.relative_error)}"


def _say(text: str, *, stays: bool = False) -> None:
    """Tell somebody who waits at a terminal what is being done, in one line that the next one replaces."""
    if sys.stderr is not None and sys.stderr.isatty():
        clear = "\r\x1b[K"
        click.echo(f"{clear}{printable(text, 200)}" + ("\n" if stays else ""), err=True, nl=False)
