"""Time and memory of `archcalc grade` as ratios: `python benchmarks/grading.py [--before CHECKOUT] [--json FILE]`.

A class of 1,000 with 20 questions and 5,000 distinct wrong answers, with everything that is written by default, and
one of 100,000 rows in one CSV; each is graded, and graded again, where every result is there already; and the
lectures. Answers have one seed: two thirds right, in several spellings, a tenth blank, the others wrong, each of
`--different` to a question at least once.

Times are user and system time, which a busy machine makes longer for both sides of a ratio alike; only what several
processes gain is wall time. Beside `--before`, a checkout of an older build that the same Python runs, runs are made in
turn, and the median of the ratios counts. The bounds are those that the project holds itself to; the exit status is 1
if one is broken. What is not there to be measured (an older build, a second processor) is said and left out.
"""

from __future__ import annotations

import argparse
import csv
import filecmp
import json
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from run import Result

from archcalc.grading.assignments.assignment import load_assignment
from archcalc.grading.forking import can_fork, usual_jobs
from archcalc.results.quantities import Answer

ROOT = Path(__file__).resolve().parents[1]

BARE_IMPORTS = ["-c", "import click, yaml, rich.console, rich.table"]

ASSIGNMENT = """\
title: Twenty questions
numbers: en
networks: {alexnet: alexnet, vgg: vgg16, google: googlenet}
questions:
  - {id: 1a, ask: alexnet:conv1.output}
  - {id: 1b, ask: alexnet:conv1.params}
  - {id: 1c, ask: alexnet:conv1.macs}
  - {id: 2a, ask: alexnet:conv2.output}
  - {id: 2b, ask: alexnet:conv2.params, partial: {bias-forgotten: 1/2}}
  - {id: 2c, ask: alexnet:conv2.macs}
  - {id: 3a, ask: alexnet:conv3.params}
  - {id: 3b, ask: alexnet:fc6.params}
  - {id: 3c, ask: alexnet:fc6.weights}
  - {id: 3d, ask: alexnet:pool1.output.height}
  - {id: 4a, ask: vgg:conv1_1.params}
  - {id: 4b, ask: vgg:conv3_1.output}
  - {id: 4c, ask: vgg:conv3_1.macs}
  - {id: 4d, ask: vgg:total.params}
  - {id: 4e, ask: vgg:fc6.params}
  - {id: 5a, ask: google:3a.output}
  - {id: 5b, ask: google:3a.params}
  - {id: 5c, ask: google:3b.macs}
  - {id: 6, ask: "vgg:total.params / alexnet:total.params", figures: 2}
  - {id: 7, ask: $1b * 4, unit: B}
"""

SEED = 20_260_501


class Run(NamedTuple):
    """One run of the command."""

    used: float
    """Seconds of user and system time, with those of the processes that it forked."""
    wall: float
    """Seconds that it took."""
    peak_mb: float
    """In MB (10⁶ bytes)."""


def spellings(key: Answer) -> list[str]:
    """A right answer as people write it."""
    if isinstance(key, tuple):
        return ["x".join(map(str, key)), f"({', '.join(map(str, key))})", " × ".join(map(str, key))]
    number = Fraction(key) if isinstance(key, (int, Fraction)) else Fraction(0)
    if number.denominator > 1:
        return [f"{float(number):.2g}"]
    return [f"{number.numerator}", f"{number.numerator:,}"]


def wrongs(key: Answer, chance: random.Random, different: int) -> list[str]:
    """So many different wrong answers: near the right one, a small multiple or part of it, or just a number."""
    found: dict[str, None] = {}
    right = set(spellings(key))
    while len(found) < different:
        if isinstance(key, tuple):
            wrong = "x".join(str(max(size + chance.randrange(-9, 10), 1)) for size in key)
        else:
            number = Fraction(key) if isinstance(key, (int, Fraction)) else Fraction(1)
            changed = chance.choice(
                (
                    number * chance.choice((2, 3, 4, Fraction(1, 2))),
                    number + chance.randrange(-400, 400),
                    Fraction(chance.randrange(1, 10**7)),
                )
            )
            wrong = str(round(abs(changed)))
        if wrong not in right:
            found[wrong] = None
    return list(found)


def rows(keys: dict[str, Answer], count: int, different: int) -> Iterator[list[str]]:
    """A class: a header, and a row a student."""
    chance = random.Random(SEED)  # noqa: S311 - chance is for data, not for secrets
    yield ["id", "name", *keys]
    columns = []
    for key in keys.values():
        wrong = wrongs(key, chance, different)
        column = (wrong * (count // 4 // different + 1))[: count // 4] + [""] * (count // 10)
        column += chance.choices(spellings(key), k=count - len(column))
        chance.shuffle(column)
        columns.append(column)
    for student, answers in enumerate(zip(*columns, strict=True)):
        yield [f"s{student}", f"Student {student}", *answers]


def run(arguments: Sequence[str], folder: Path = ROOT) -> Run:
    """One run of this Python in a folder; exit status 1 is a class in which something needs the teacher."""
    command = [sys.executable, *arguments]
    nowhere = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0o600)]
    before = os.getcwd()
    os.chdir(folder)
    start = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=nowhere)
    os.chdir(before)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"{' '.join(command)} left with {os.waitstatus_to_exitcode(status)}")
    # Linux counts kibibytes, macOS bytes.
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    return Run(usage.ru_utime + usage.ru_stime, wall, peak)


class Class:
    """A class whose sheets are graded in one way or another."""

    def __init__(self, folder: Path, name: str, size: int, different: int) -> None:
        self.homework = folder / "homework.yaml"
        self.homework.write_text(ASSIGNMENT, encoding="utf-8")
        self.sheets = folder / f"{name}.csv"
        self.out = folder / name
        keys = {question.id: question.key for question in load_assignment(self.homework).questions}
        with self.sheets.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows(keys, size, different))

    def graded(self, *options: str, of: Path = ROOT, again: bool = False) -> Run:
        """One run; a fresh one unless it is said to be `again`."""
        if not again:
            shutil.rmtree(self.out, ignore_errors=True)
        command = ["-m", "archcalc", "grade", str(self.homework), str(self.sheets), "-o", str(self.out)]
        return run([*command, *options], of)

    def left(self, *options: str) -> Path:
        """A copy of what a fresh run leaves."""
        self.graded(*options)
        kept = self.out.with_name(f"{self.out.name}-{'-'.join(options)}")
        shutil.copytree(self.out, kept)
        return kept


def differing(one: Path, other: Path) -> int:
    """How many files are in one folder only, or not the same in both."""
    names = [
        {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()} for folder in (one, other)
    ]
    both = names[0] & names[1]
    same, _, _ = filecmp.cmpfiles(one, other, list(map(str, both)), shallow=False)
    return len(names[0] | names[1]) - len(same)


def of_processes(students: Class, what: str, before: Path | None, runs: int) -> Iterator[Result]:
    """What more processes gain, and that they change nothing."""
    if usual_jobs() < 2 or not can_fork():
        print("Not measured: two processes (one processor, or no fork).", file=sys.stderr)
        return
    left = [students.left("--jobs", jobs) for jobs in ("1", "2")]
    yield Result("files that one process and two write otherwise", differing(*left), "", 0)
    if before is not None:
        pairs = [(students.graded("--jobs", "2"), students.graded(of=before)) for _ in range(runs)]
        ratio = statistics.median(ours.wall / theirs.wall for ours, theirs in pairs)
        yield Result(f"{what}, two processes / before, wall time", ratio, "×", 0.35)


def measure(arguments: argparse.Namespace) -> Iterator[Result]:
    """Every figure, as it comes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        students = Class(folder, "class", arguments.students, arguments.different)
        what = f"{arguments.students:,} students × 20 questions"
        before: Path | None = arguments.before and arguments.before.resolve()
        if before is None:
            print("Not measured: nothing beside an older build (--before CHECKOUT).", file=sys.stderr)
        else:
            pairs = [
                (students.graded("--jobs", "1"), students.graded(of=before)) for _ in range(arguments.runs)
            ]
            ratio = statistics.median(ours.used / theirs.used for ours, theirs in pairs)
            yield Result(f"{what} / before", ratio, "×", 0.5)
        yield from of_processes(students, what, before, arguments.runs)
        first = students.graded("--jobs", "1")
        yield Result(f"{what}, peak memory", first.peak_mb, "MB", 300.0)
        again = students.graded("--jobs", "1", again=True)
        yield Result("again, every result there / first run", again.used / first.used, "×", 1.0)
        table = Class(folder, "table", arguments.rows, min(arguments.different, 50))
        tables = ("--jobs", "1", "--write", "gradebook,report")
        large, large_again = table.graded(*tables), table.graded(*tables, again=True)
        a_row = (large.used / arguments.rows) / (first.used / arguments.students)
        yield Result(f"a row of {arguments.rows:,} in one CSV / one of the class", a_row, "×", 1.0)
        yield Result(f"{arguments.rows:,} rows, peak memory", large.peak_mb, "MB", 300.0)
        yield Result(f"{arguments.rows:,} rows again, peak memory", large_again.peak_mb, "MB", 300.0)
        yield Result(f"{arguments.rows:,} rows again / first run", large_again.used / large.used, "×", 1.0)
        lectures = ["-m", "archcalc", "grade", "lectures"]
        pairs = [(run(lectures), run(BARE_IMPORTS)) for _ in range(arguments.runs)]
        ratio = statistics.median(ours.used / theirs.used for ours, theirs in pairs)
        yield Result("all statements of the five lecture decks / bare imports", ratio, "×", 25.0)


def main() -> int:
    """Measure, print, and say whether every bound is kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="pairs of runs (default: 3)")
    parser.add_argument("--before", type=Path, metavar="CHECKOUT", help="a checkout of an older build")
    parser.add_argument("--students", type=int, default=1_000, help="the class (default: 1000)")
    parser.add_argument("--rows", type=int, default=100_000, help="rows of the large table (default: 100000)")
    parser.add_argument(
        "--different", type=int, default=250, help="wrong answers to a question (default: 250)"
    )
    parser.add_argument("--json", metavar="FILE", help="write the figures to FILE as well")
    arguments = parser.parse_args()
    results = []
    for result in measure(arguments):
        results.append(result)
        bound = f"≤ {result.bound:.3g} {result.unit}"
        verdict = "kept" if result.kept else "BROKEN"
        print(f"{result.value:9.3f} {result.unit:<3} {bound:>9}  {verdict:<7} {result.what}", flush=True)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump([result._asdict() | {"kept": result.kept} for result in results], file, indent=2)
    return 0 if all(result.kept for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
