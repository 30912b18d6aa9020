"""Speed and memory as ratios within one run: `python benchmarks/run.py [--before CHECKOUT] [--json FILE]`.

Times are user and system time: a busy machine makes those of both sides longer alike, wall time it does not. Whole
processes run in turn, A B A B …, and the median of the ratios counts. Commands are beside **bare imports**, what any
program of this kind pays before it does anything, or, with `--before`, beside an older build: a checkout of it, which
the same Python runs. `explain` in process is beside `analyse`, both of a network that is loaded already; torch's
counter over a model that is ready is beside reading the spec, expanding and analysing it. The bounds are those that
the project holds itself to; the exit status is 1 if one is broken. What is not there to be measured (an older
build, torch, torchvision) is said and left out.

A ready model of torchvision needs no more than its Python files: `pip install --no-deps --target DIR torchvision
pillow`, then `--torchvision DIR`.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]

BARE_IMPORTS = [sys.executable, "-c", "import click, yaml, rich.console, rich.table"]
NETWORK = "resnet152"

DEEP = "input: [8, 16, 16]\nlayers:\n" + 3_333 * (
    "  - {conv: 8, kernel: 3, padding: 1}\n  - batch_norm\n  - relu\n"
)
"""Some 10,000 layers, written out one by one, each with a receptive field of its own."""

BRANCHES = "input: [8, 16, 16]\nlayers:\n  - concat:\n" + 4_000 * "    - []\n"

REPEATED = "input: [8, 16, 16]\nlayers:\n  - repeat: {count}\n    layers: [{{conv: 8, kernel: 3, padding: 1}}, relu]\n"

QUESTIONS = """\
title: Twenty questions
networks: {alexnet: alexnet, vgg: vgg16, google: googlenet}
questions:
""" + "".join(
    f"  - {{id: q{number}, ask: {ask}}}\n"
    for number, ask in enumerate(
        (
            "alexnet:conv1.output",
            "alexnet:conv1.params",
            "alexnet:conv1.macs",
            "alexnet:conv2.output",
            "alexnet:conv2.params",
            "alexnet:conv2.macs",
            "alexnet:conv3.params",
            "alexnet:fc6.params",
            "alexnet:fc6.weights",
            "alexnet:pool1.output.height",
            "vgg:conv1_1.params",
            "vgg:conv3_1.output",
            "vgg:conv3_1.macs",
            "vgg:total.params",
            "vgg:fc6.params",
            "google:3a.output",
            "google:3a.params",
            "google:3b.macs",
            '"vgg:total.params / alexnet:total.params"',
            "vgg:total.macs",
        ),
        1,
    )
)


class Result(NamedTuple):
    """One figure, the bound it has to keep, and whether larger is better."""

    what: str
    value: float
    unit: str
    bound: float
    at_least: bool = False

    @property
    def kept(self) -> bool:
        """Whether the figure keeps its bound."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound


class Used(NamedTuple):
    """What one process used."""

    seconds: float
    """User and system time."""
    peak_mb: float
    """Resident memory at its peak, in 10⁶ bytes."""


class Command(NamedTuple):
    """A process to run, and in which folder."""

    arguments: list[str]
    folder: Path = ROOT

    def run(self, environment: dict[str, str]) -> Used:
        """Run it once; it has to succeed."""
        before = os.getcwd()
        os.chdir(self.folder)
        pid = os.posix_spawn(
            self.arguments[0],
            self.arguments,
            environment,
            file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0o600)],
        )
        os.chdir(before)
        _, status, usage = os.wait4(pid, 0)
        if status:
            raise SystemExit(f"{' '.join(self.arguments)} in {self.folder} failed")
        # Linux counts kibibytes, macOS bytes.
        return Used(
            usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6,
        )


def archcalc(*arguments: str, of: Path = ROOT) -> Command:
    """A command of the program in a checkout."""
    return Command([sys.executable, "-m", "archcalc", *arguments], of)


def ratios(ours: Command, theirs: Command, runs: int, environment: dict[str, str]) -> tuple[float, float]:
    """The medians of the ratios of time and of memory, run in turn; the first pair warms caches and is dropped."""
    pairs = [(ours.run(environment), theirs.run(environment)) for _ in range(runs + 1)][1:]
    times = [one.seconds / other.seconds for one, other in pairs]
    return statistics.median(times), statistics.median(one.peak_mb / other.peak_mb for one, other in pairs)


def of_commands(runs: int, folder: Path, environment: dict[str, str]) -> Iterator[Result]:
    """Whole processes beside bare imports."""
    questions = folder / "questions.yaml"
    questions.write_text(QUESTIONS, encoding="utf-8")
    commands = (
        (("--help",), 0.45),
        (("list",), 1.1),
        (("list", "vgg"), 1.1),
        (("summary", NETWORK), 0.85),
        (("grade", "key", str(questions)), 1.3),
    )
    bare = Command(BARE_IMPORTS)
    for arguments, bound in commands:
        what = " ".join(arguments).replace(str(questions), "(20 questions)")
        time_ratio, _ = ratios(archcalc(*arguments), bare, runs, environment)
        yield Result(f"{what} / bare imports", time_ratio, "×", bound)


def beside_before(before: Path, runs: int, folder: Path, environment: dict[str, str]) -> Iterator[Result]:
    """Whole processes beside the same of an older build."""
    deep, branches = folder / "deep.yaml", folder / "branches.yaml"
    deep.write_text(DEEP, encoding="utf-8")
    branches.write_text(BRANCHES, encoding="utf-8")
    for form in ("text", "json"):
        arguments = ("explain", str(deep), "--format", form)
        used = ratios(archcalc(*arguments), archcalc(*arguments, of=before), runs, environment)
        what = f"explain of 10,000 layers as {form} / before"
        yield Result(f"{what}, time", used[0], "×", 1 / 10)
        yield Result(f"{what}, memory", used[1], "×", 1 / 3)
    arguments = ("explain", str(branches))
    used = ratios(archcalc(*arguments), archcalc(*arguments, of=before), 1, environment)
    yield Result("explain of one concat of 4,000 branches / before", used[0], "×", 1 / 50)


def of_large(folder: Path, environment: dict[str, str]) -> Iterator[Result]:
    """As many layers by `repeat` as are accepted."""
    from archcalc.network.graph import MOST_LAYERS

    spec = folder / "repeated.yaml"
    spec.write_text(REPEATED.format(count=MOST_LAYERS // 2), encoding="utf-8")
    used = archcalc("summary", str(spec)).run(environment)
    bare = Command(BARE_IMPORTS).run(environment)
    what = f"summary of {MOST_LAYERS:,} layers by repeat"
    yield Result(f"{what} / bare imports", used.seconds / bare.seconds, "×", 85)
    yield Result(f"{what}, memory", used.peak_mb, "MB", 400)


def seconds(work: Callable[[], object]) -> float:
    """The user and system time of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def call_ratio(ours: Callable[[], object], theirs: Callable[[], object], runs: int) -> float:
    """The median of the ratios of two calls, made in turn; the first pair is dropped."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(runs + 1)][1:]
    return statistics.median(one / other for one, other in pairs)


def in_process(runs: int) -> Iterator[Result]:
    """An explanation with every layer worked, beside analysing the same network."""
    from archcalc import analyse, explain, load

    network = load(NETWORK)
    ratio = call_ratio(lambda: list(explain(network).layers), lambda: analyse(network), 2 * runs)
    yield Result(f"explain {NETWORK}, all layers / analyse, in process", ratio, "×", 10)


def beside_torch(runs: int) -> Iterator[Result]:
    """FlopCounterMode over a ready model of torchvision on the meta device, in eval mode, at batch 1."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from archcalc import analyse, load

    library = torch.library.Library("torchvision", "DEF")
    # Compiled operations that no classifier calls; the Python files of torchvision ask that they exist.
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import torchvision

    for name, bound in ((NETWORK, 25), ("densenet161", 18)):
        with torch.device("meta"):
            model = getattr(torchvision.models, name)().eval()
            images = torch.empty(1, 3, 224, 224)

        def count(model: Any = model, images: Any = images) -> None:
            with FlopCounterMode(display=False), torch.no_grad():
                model(images)

        def counted(name: str = name) -> object:
            return analyse(load(name))

        ratio = call_ratio(count, counted, max(runs, 5))
        what = f"FlopCounterMode over torchvision's {name} / load and analyse"
        yield Result(what, ratio, "×", bound, at_least=True)


def measure(arguments: argparse.Namespace) -> Iterator[Result]:
    """Every figure that can be measured here."""
    runs = arguments.runs
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "120", "XDG_CACHE_HOME": temporary}
        # Compiled modules are written once by an installer and read ever after: time that, not the compiler.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        yield from of_commands(runs, folder, environment)
        if arguments.before is None:
            print("Not measured: nothing beside an older build (--before CHECKOUT).", file=sys.stderr)
        else:
            yield from beside_before(arguments.before.resolve(), max(runs // 3, 1), folder, environment)
        yield from of_large(folder, environment)
    yield from in_process(runs)
    if arguments.torchvision is not None:
        sys.path.append(str(arguments.torchvision))
    if all(importlib.util.find_spec(name) for name in ("torch", "torchvision")):
        yield from beside_torch(runs)
    else:
        print("Not measured: FlopCounterMode (torch and --torchvision DIR).", file=sys.stderr)


def main() -> int:
    """Measure, print, and say whether every bound is kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=11, help="pairs of runs (default: 11)")
    parser.add_argument("--before", type=Path, metavar="CHECKOUT", help="a checkout of an older build")
    parser.add_argument(
        "--torchvision", type=Path, metavar="DIR", help="where torchvision is, if not installed"
    )
    parser.add_argument("--json", metavar="FILE", help="write the figures to FILE as well")
    arguments = parser.parse_args()
    results = []
    for result in measure(arguments):
        results.append(result)
        bound = f"{'≥' if result.at_least else '≤'} {result.bound:.3g} {result.unit}"
        verdict = "kept" if result.kept else "BROKEN"
        print(f"{result.value:9.3f} {result.unit:<3} {bound:>9}  {verdict:<7} {result.what}", flush=True)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump([result._asdict() | {"kept": result.kept} for result in results], file, indent=2)
    return 0 if all(result.kept for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
