"""Work that is shared among processes: the same results in the same order, whatever becomes of a process."""

from __future__ import annotations

import csv
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from archcalc.cli import main
from archcalc.grading import forking
from archcalc.grading.forking import Sharing, blocks, can_fork
from archcalc.grading.gradebook import RESULTS

needs_fork = pytest.mark.skipif(not can_fork(), reason="there is no fork here, or there are threads")


def square(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


@needs_fork
@pytest.mark.parametrize("jobs", [1, 2, 3, 7])
def test_results_come_in_order_from_as_many_processes(jobs: int) -> None:
    done = list(Sharing(square, jobs).done(range(200)))
    assert [number for (number, _), _ in done] == [number * number for number in range(200)]
    others = {process for (_, process), elsewhere in done if elsewhere}
    assert len(others) == (0 if jobs == 1 else jobs)
    assert os.getpid() not in others
    assert all(process == os.getpid() for (_, process), elsewhere in done if not elsewhere)


@needs_fork
def test_what_is_worked_out_before_is_there_in_every_process() -> None:
    known: list[int] = []

    def work(number: int) -> int:
        known.append(number)
        return len(known)

    done = [result for result, elsewhere in Sharing(work, 2).done(range(100)) if elsewhere]
    # 40 are done here first; each of two processes goes on from there, and what they learn stays theirs.
    assert done == [41 + place // 2 for place in range(60)]
    assert len(known) == 40


@needs_fork
def test_a_process_that_is_killed_costs_nothing() -> None:
    here = os.getpid()

    def work(number: int) -> int:
        if number == 71 and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    assert [result for result, _ in Sharing(work, 2).done(range(100))] == list(range(100))


@needs_fork
def test_an_error_is_raised_here_behind_what_came_before() -> None:
    def work(number: int) -> int:
        if number == 71:
            raise OSError("full")
        return number

    came: list[int] = []
    with pytest.raises(OSError, match="full"):
        came.extend(result for result, _ in Sharing(work, 2).done(range(100)))
    assert came == list(range(71))


@needs_fork
def test_no_process_is_left_behind() -> None:
    found = Sharing(square, 2).done(range(1_000))
    processes = {process for (_, process), _ in (next(found) for _ in range(60))} - {os.getpid()}
    assert len(processes) == 2
    found.close()
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_nothing_is_forked_beside_threads() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert not can_fork()
        assert not any(elsewhere for _, elsewhere in Sharing(square, 2).done(range(100)))
    finally:
        stop.set()
        thread.join()


def test_blocks_hold_what_came_before_an_error() -> None:
    def coming() -> Iterator[int]:
        yield from range(5)
        raise OSError("gone")

    for jobs, expected in ((1, [[0], [1], [2], [3], [4]]), (2, [[0, 1, 2], [3, 4]])):
        found: list[list[int]] = []
        with pytest.raises(OSError, match="gone"):
            found.extend(blocks(coming(), jobs, most=3))
        assert found == expected
    assert list(blocks(range(4), 2, most=2)) == [[0, 1], [2, 3]]
    # A long one fills a block alone.
    assert list(blocks(["a" * 9, "b", "c"], 2, len, 3)) == [["a" * 9], ["b", "c"]]


HOMEWORK = """\
title: Homework
numbers: en
networks: lenet5
questions:
  - {id: 1, ask: c1.params, partial: {bias-forgotten: 1/2}}
  - {id: 2, ask: $1 * 4, unit: B}
  - {id: 3, ask: c1.output}
"""


def test_any_number_of_processes_leaves_the_same_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("homework.yaml").write_text(HOMEWORK, encoding="utf-8")
    with Path("answers.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "1", "2", "3"])
        rows.writerows(
            [f"s{i % 140}", 150 + i % 13, 4 * (150 + i % 17), f"{28 - i % 3}x28x6"] for i in range(150)
        )
    left = {}
    forked: list[int] = []
    for jobs in ("1", "2", "3"):
        monkeypatch.setattr(forking, "_forked", counted(forking._forked, forked))
        main(["grade", "homework.yaml", "answers.csv", "-o", jobs, "--jobs", jobs, "-f", "jsonl"])
        files = {
            str(path.relative_to(jobs)): path.read_bytes() for path in Path(jobs).rglob("*") if path.is_file()
        }
        left[jobs] = capsys.readouterr(), files
        monkeypatch.undo()
        monkeypatch.chdir(tmp_path)
    assert len(left["1"][1]) > 150
    assert left["1"][1].keys() >= {
        RESULTS,
        "gradebook.csv",
        "report.md",
        "feedback/s0.md",
        "feedback/s0-2.md",
    }
    assert left["2"] == left["1"]
    assert left["3"] == left["1"]
    # Once for marks and once for feedback.
    assert len(forked) == (2 * 2 + 2 * 3 if can_fork() else 0)


def counted(function: object, calls: list[int]) -> object:
    def call(*arguments: object) -> object:
        calls.append(1)
        return function(*arguments)  # type: ignore[operator]

    return call
