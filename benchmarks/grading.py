"""Time and memory of `archcalc grade`: `python benchmarks/grading.py [--students N] [--rows N] [--json FILE]`.

A class of 1,000 with 20 questions, with everything that is written by default, and one of 100,000 rows in one
CSV; each is graded, and graded again, where every result is there already; and the lectures. Answers have one seed:
two thirds right, in several spellings, a tenth blank, the others wrong. Wrong answers repeat, as they do in a
class: each question has so many different ones, and `--different` says how many. The bounds are those that the
project holds itself to on two cores; the exit status is 1 if one is broken.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from run import Result

from archcalc.grading.assignments.assignment import load_assignment
from archcalc.results.quantities import Answer

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

    seconds: float
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
    """Wrong answers: near the right one, a small multiple or part of it, or just a number."""
    found: list[str] = []
    while len(found) < different:
        if isinstance(key, tuple):
            found.append("x".join(str(max(size + chance.randrange(-3, 4), 1)) for size in key))
            continue
        number = Fraction(key) if isinstance(key, (int, Fraction)) else Fraction(1)
        changed = chance.choice(
            (
                number * chance.choice((2, 3, 4, Fraction(1, 2))),
                number + chance.randrange(-400, 400),
                Fraction(chance.randrange(1, 10**7)),
            )
        )
        found.append(str(round(abs(changed))))
    return found


def rows(keys: dict[str, Answer], count: int, different: int) -> Iterator[list[str]]:
    """A class: a header, and a row a student."""
    chance = random.Random(SEED)  # noqa: S311 - chance is for data, not for secrets
    right = [spellings(key) for key in keys.values()]
    wrong = [wrongs(key, chance, different) for key in keys.values()]
    yield ["id", "name", *keys]
    for student in range(count):
        answers = []
        for ours, others in zip(right, wrong, strict=True):
            drawn = chance.random()
            answers.append(
                chance.choice(ours) if drawn < 2 / 3 else "" if drawn < 0.77 else chance.choice(others)
            )
        yield [f"s{student}", f"Student {student}", *answers]


def timed(command: list[str]) -> Run:
    """One run; exit status 1 is a class in which something needs the teacher."""
    start = time.perf_counter()
    nowhere = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0o600)]
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=nowhere)
    _, status, usage = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"{' '.join(command)} left with {os.waitstatus_to_exitcode(status)}")
    # Linux counts kibibytes, macOS bytes.
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    return Run(time.perf_counter() - start, peak)


def measure(students: int, count: int, different: int) -> list[Result]:
    """Every figure; `students` in the class, `count` rows in the large table."""
    with tempfile.TemporaryDirectory() as folder:
        homework = Path(folder, "homework.yaml")
        homework.write_text(ASSIGNMENT, encoding="utf-8")
        keys = {question.id: question.key for question in load_assignment(homework).questions}

        def graded(name: str, size: int, *options: str) -> tuple[Run, Run]:
            sheets = Path(folder, f"{name}.csv")
            with sheets.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(rows(keys, size, different))
            command = [sys.executable, "-m", "archcalc", "grade", str(homework), str(sheets)]
            command += ["--output", str(Path(folder, name)), *options]
            return timed(command), timed(command)

        small, small_again = graded("class", students)
        large, large_again = graded("table", count, "--write", "gradebook,report")
        lectures = min(timed([sys.executable, "-m", "archcalc", "grade", "lectures"]) for _ in range(3))
    return [
        Result(
            f"{students:,} students × 20 questions, with gradebook and feedback", small.seconds, "s", 10.0
        ),
        Result("the same, peak memory", small.peak_mb, "MB", 300.0),
        Result("again, every result there / first run", small_again.seconds / small.seconds, "×", 1.0),
        Result(f"{count:,} rows in one CSV, time for 1,000", large.seconds * 1_000 / count, "s", 10.0),
        Result(f"{count:,} rows, peak memory", large.peak_mb, "MB", 300.0),
        Result(f"{count:,} rows again, peak memory", large_again.peak_mb, "MB", 300.0),
        Result("all statements of the five lecture decks, fastest of 3", lectures.seconds, "s", 2.0),
        Result(f"{count:,} rows again / first run", large_again.seconds / large.seconds, "×", 1.0),
    ]


def main() -> int:
    """Measure, print, and say whether every bound is kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=1_000, help="the class (default: 1000)")
    parser.add_argument("--rows", type=int, default=100_000, help="rows of the large table (default: 100000)")
    parser.add_argument("--different", type=int, default=50, help="wrong answers to a question (default: 50)")
    parser.add_argument("--json", metavar="FILE", help="write the figures to FILE as well")
    arguments = parser.parse_args()
    results = measure(arguments.students, arguments.rows, arguments.different)
    for result in results:
        verdict = "kept" if result.kept else "BROKEN"
        print(
            f"{result.value:9.2f} {result.unit:<3} ≤ {result.bound:g} {result.unit:<3} {verdict:<7} {result.what}"
        )
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump([result._asdict() | {"kept": result.kept} for result in results], file, indent=2)
    return 0 if all(result.kept for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
