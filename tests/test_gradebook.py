"""Runs of grading: nothing is lost by a kill, a full disk or Ctrl-C, and nothing is marked twice."""

from __future__ import annotations

import csv
import fcntl
import hashlib
import json
import os
import pty
import random
import resource
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcalc.algebra.units import WrittenNumber
from archcalc.cli import INTERRUPTED, main
from archcalc.cli.grade import streams
from archcalc.cli.grade.sheets import command
from archcalc.grading import gradebook
from archcalc.grading.assignments.assignment import load_assignment
from archcalc.grading.files import LEFT, LOCK, FileNames, replacing
from archcalc.grading.gradebook import RESULTS, marked, opened
from archcalc.grading.marking import Marker
from archcalc.grading.memory import Codec, Stale, fingerprint, fingerprint_of
from archcalc.grading.model import (
    Assignment,
    Cause,
    Diagnosis,
    Graded,
    Mark,
    Mistake,
    Reading,
    Sheet,
    Student,
)
from archcalc.grading.sheets import AGAIN, EARLIER, Intake
from archcalc.render.formats.registry import choices, named
from archcalc.render.outputs import marks
from archcalc.results.quantities import Setting
from archcalc.words.errors import OptionError

ARCHCALC = [sys.executable, "-m", "archcalc"]

HOMEWORK = """\
title: Homework
numbers: en
networks: {lenet: lenet5}
questions:
  - {id: 1a, text: Output of c1?, ask: lenet:c1.output}
  - {id: 1b, text: Parameters of c1?, ask: lenet:c1.params, points: 2, partial: {bias-forgotten: 1/3}}
  - {id: 2, text: Parameters in all?, ask: lenet:total.params}
  - {id: 3, text: Bytes?, ask: $1b * 4, unit: B}
"""
# c1 of LeNet-5: 6 filters 5×5 on 1×32×32, so 6×28×28 and (5·5·1 + 1)·6 = 156 parameters, 150 without biases.
ANSWERS = """\
id,name,1a,1b,2,3
ana,Ana,6x28x28,156,61706,624
bo,Bo,28x28x6,150,"61,706",600 B
cy,Cy,,,61.706,?
dora,Dora,6x27x27,1,2,3
"""


class Class:
    """An assignment and its sheets in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.homework = self.put("homework.yaml", HOMEWORK)
        self.answers = self.put("answers.csv", ANSWERS)
        self.out = folder / "graded"

    def put(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, "utf-8")
        return path

    @property
    def assignment(self) -> Assignment:
        return load_assignment(str(self.homework))

    def sheets(self) -> list[Sheet]:
        return list(Intake([str(self.answers)], self.assignment))

    def run(self, sheets: Iterable[Sheet] | None = None) -> tuple[list[Graded], int]:
        """The marks, and how many were there already."""
        assignment = self.assignment
        with opened(str(self.out), assignment) as book:
            graded = list(book.grade(self.sheets() if sheets is None else sheets, Marker(assignment)))
            book.finish()
            assert [one.sheet.source for one in book.results()] == [one.sheet.source for one in graded]
            return graded, book.kept

    @property
    def results(self) -> bytes:
        return (self.out / RESULTS).read_bytes()


@pytest.fixture
def homework(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Class:
    monkeypatch.chdir(tmp_path)
    for variable in ("COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    return Class(tmp_path)


# ---- lines


QUANTITY = WrittenNumber("8,2 GB", Fraction(8_200_000_000), "B", 2, Fraction(10**8))
MISTAKE = Mistake("other-layer", "asked", "conv1", (("layer", "conv2"),))
MARKS = (
    Mark("1a", Reading("8,2 GB", (QUANTITY,)), "right", Fraction(1, 3)),
    Mark("1b", Reading("55x55", ((QUANTITY, QUANTITY),)), "rounded", Fraction(2)),
    Mark("2", Reading("b", ("b",)), "partial", Fraction(0), Diagnosis((Cause((MISTAKE, MISTAKE), 10**30),))),
    Mark(
        "3",
        Reading("yes", (True,)),
        "wrong",
        Fraction(0),
        Diagnosis((Cause((), (1, (2, "x"), Fraction(1, 7))),)),
    ),
    Mark("4", Reading("3,145", (QUANTITY, QUANTITY)), "ambiguous", Fraction(0), mistakes=("unit-missing",)),
    Mark("5", Reading("é\x1b\n", (), "not a number"), "unreadable", Fraction(0)),
    Mark("6", Reading("", ()), "blank", Fraction(0), Diagnosis((Cause((MISTAKE,), Setting((1, "same"))),))),
)
SHEET = Sheet(Student("x\x1b", "Ana\n", "a@b"), {"1a": "8,2 GB"}, "a.csv:2", ("one", "two"))
QUESTIONS = tuple(mark.question for mark in MARKS)


def test_a_line_gives_back_exactly_what_was_written() -> None:
    for graded in (Graded(SHEET, MARKS), Graded(SHEET._replace(readable=False), ())):
        line = Codec().line(graded, "0" * 32)
        assert line.count(b"\n") == 1
        back = Codec().graded(line, QUESTIONS)
        assert back == graded
        # Tuples compare equal to settings.
        assert repr(back) == repr(graded)
        if graded.marks:
            assert type(back.marks[6].diagnosis.causes[0].value) is Setting
        assert Codec().fingerprint(line) == "0" * 32


@given(
    st.recursive(
        st.integers() | st.booleans() | st.fractions() | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: st.lists(inner, max_size=3).map(tuple),
        max_leaves=8,
    )
)
def test_whatever_a_mistake_leads_to_comes_back(value: Any) -> None:
    mark = Mark("1", Reading("5", ()), "wrong", Fraction(0), Diagnosis((Cause((MISTAKE,), value),)))
    back = Codec().graded(Codec().line(Graded(SHEET, (mark,)), "0" * 32), ("1",))
    assert repr(back.marks[0]) == repr(mark)


def test_a_line_for_other_questions_or_of_no_sense_is_stale() -> None:
    codec = Codec()
    line = codec.line(Graded(SHEET, MARKS), "0" * 32)
    with pytest.raises(Stale):
        codec.graded(line, QUESTIONS[:-1])
    with pytest.raises(Stale):
        Codec(b"another assignment").graded(line, QUESTIONS)
    for wrong in (
        line.replace(b'"Mark"', b'"Nothing"', 1),
        line.replace(b'["Fraction","1/3"]', b'["Fraction","1/0"]'),
        line.replace(b'["Fraction","1/3"]', b'"1/3"'),
        line.replace(b'["Fraction","1/3"]', b"[" * 100_000 + b"]" * 100_000),
        line[:-5] + b"\n",
        b"{}\n",
    ):
        assert wrong != line
        with pytest.raises(Stale):
            Codec().graded(wrong, QUESTIONS)
        # Whoever makes the checksum anew is not believed either.
        with pytest.raises(Stale):
            Codec().graded(signed(wrong), QUESTIONS)
    with pytest.raises(Stale):
        Codec().fingerprint(line[:-1])


def signed(line: bytes) -> bytes:
    """A line with the checksum that it should have."""
    body = b"{" + line[len('{"checksum":"') + 16 + 2 : -1]
    return b'{"checksum":"%s",%s\n' % (hashlib.blake2b(body, digest_size=8).hexdigest().encode(), body[1:])


def test_a_line_that_is_signed_by_hand_holds_what_can_be() -> None:
    """Whatever stands where something else should be makes the line stale, and never a mark that nothing can print."""
    line = Codec().line(Graded(SHEET, MARKS), "0" * 32)
    assert signed(line) == line
    whole = json.loads(line)
    impossible: list[Any] = [[], ["tuple", 1], {}, 1.5, ["Mark"], ["Fraction", "x"], ["Nothing"], None]
    for mark in range(len(MARKS)):
        for part in range(1, len(whole["marks"][mark])):
            for wrong in impossible:
                changed = json.loads(line)
                if changed["marks"][mark][part] == wrong:
                    continue
                changed["marks"][mark][part] = wrong
                text = json.dumps(changed, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
                with pytest.raises(Stale):
                    Codec().graded(signed(text), QUESTIONS)


def test_no_changed_byte_is_believed() -> None:
    line = Codec(b"key").line(Graded(SHEET, MARKS), "0" * 32)
    chance = random.Random(1)
    for place in range(len(line)):
        spoilt = bytearray(line)
        spoilt[place] ^= chance.randrange(1, 256)
        with pytest.raises(Stale):
            Codec(b"key").graded(bytes(spoilt), QUESTIONS)
        with pytest.raises(Stale):
            Codec(b"key").graded(line[:place] + line[place + 1 :], QUESTIONS)


def test_damaged_results_are_told(homework: Class, run: Callable[..., Said]) -> None:
    run("homework.yaml", "answers.csv", "--output", "graded")
    whole = homework.results
    (homework.out / RESULTS).write_bytes(whole.replace(b"ana", b"amy"))
    _, out, _ = run("homework.yaml", "answers.csv", "--output", "graded")
    assert out.startswith("! 1 result of an earlier run was damaged, and is not believed")
    assert homework.results == whole
    assert "damaged" not in run("homework.yaml", "answers.csv", "--output", "graded")[1]


def test_a_fingerprint_is_of_all_that_marks_depend_on(homework: Class) -> None:
    assignment = homework.assignment
    sheet = homework.sheets()[0]
    prints = {
        fingerprint(sheet, fingerprint_of(assignment)),
        fingerprint(sheet._replace(answers={**sheet.answers, "1a": "7"}), fingerprint_of(assignment)),
        fingerprint(sheet._replace(student=Student("else")), fingerprint_of(assignment)),
        fingerprint(sheet._replace(source="else"), fingerprint_of(assignment)),
    }
    for change in (
        ("points: 2", "points: 3"),
        ("numbers: en", "numbers: pt-BR"),
        ("lenet: lenet5}", "lenet: {network: lenet5, set: {classes: 11}}}"),
        ("1/3}", "1/4}"),
        ("unit: B", "unit: kB"),
    ):
        homework.put("homework.yaml", HOMEWORK.replace(*change))
        prints.add(fingerprint(sheet, fingerprint_of(homework.assignment)))
    assert len(prints) == 9
    homework.put("homework.yaml", "# a comment\n" + HOMEWORK.replace("title: Homework", "title: Another"))
    assert fingerprint(sheet, fingerprint_of(homework.assignment)) in prints


# ---- a run


class Counting(Marker):
    """Knows what it has marked."""

    seen: list[str]

    def mark(self, sheet: Sheet) -> Graded:
        self.seen.append(sheet.student.id)
        return super().mark(sheet)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The students whose sheets were marked."""
    seen: list[str] = []
    monkeypatch.setattr(Counting, "seen", seen, raising=False)
    monkeypatch.setitem(globals(), "Marker", Counting)
    return seen


def test_a_second_run_marks_nothing_and_says_the_same(homework: Class, counting: list[str]) -> None:
    first, kept = homework.run()
    assert (kept, counting) == (0, ["ana", "bo", "cy", "dora"])
    before = homework.results
    second, kept = homework.run()
    assert (second, kept) == (first, 4)
    assert len(counting) == 4
    assert homework.results == before
    # 1 + 2 + 1 + 1; Bo forgot the biases: a third of 2, and 600 follows from it.
    assert [graded.points for graded in first] == [5, Fraction(11, 3), 0, 0]


def test_only_what_changed_is_marked_again(homework: Class, counting: list[str]) -> None:
    homework.run()
    counting.clear()
    homework.put("answers.csv", ANSWERS.replace("6x27x27", "6x28x28"))
    graded, kept = homework.run()
    assert (counting, kept) == (["dora"], 3)
    assert graded[3].points == 1
    # The line of what Dora wrote before is gone.
    assert homework.results.count(b"\n") == 5
    assert b"6x27x27" not in homework.results
    counting.clear()
    homework.put("homework.yaml", HOMEWORK.replace("points: 2", "points: 4"))
    homework.run()
    assert len(counting) == 4


def test_a_sheet_that_is_not_there_any_more_is_left_out(homework: Class) -> None:
    homework.run()
    homework.put("answers.csv", "".join(ANSWERS.splitlines(keepends=True)[:3]))
    graded, kept = homework.run()
    assert (len(graded), kept) == (2, 2)
    assert homework.results.count(b"\n") == 3


def test_results_are_there_as_they_come(homework: Class) -> None:
    class Cut(Exception):
        pass

    def some() -> Iterator[Sheet]:
        sheets = homework.sheets()
        yield from sheets[:2]
        assert homework.results.count(b"\n") == 3
        raise Cut

    with pytest.raises(Cut):
        homework.run(some())
    assert homework.results.count(b"\n") == 3
    assert homework.run()[1] == 2


def test_a_line_that_was_cut_is_graded_again_wherever_it_was_cut(homework: Class) -> None:
    first, _ = homework.run()
    whole = homework.results
    end = whole.rindex(b"\n", 0, -1) + 1
    for place in (*range(end, len(whole), 97), len(whole) - 1):
        (homework.out / RESULTS).write_bytes(whole[:place])
        graded, kept = homework.run()
        assert (graded, kept) == (first, 3)
        assert homework.results == whole
    # In the line that says whose results these are.
    for place in range(whole.index(b"\n") + 1):
        (homework.out / RESULTS).write_bytes(whole[:place])
        assert homework.run() == (first, 0)
        assert homework.results == whole


def test_lines_that_were_spoilt_are_graded_again(homework: Class) -> None:
    first, _ = homework.run()
    whole = homework.results
    lines = whole.splitlines(keepends=True)
    lines[2] = b"rubbish\n"
    lines[3] = lines[3].replace(b"Reading", b"Wedding")
    (homework.out / RESULTS).write_bytes(b"".join(lines))
    assert homework.run() == (first, 2)
    assert homework.results == whole


def test_sheets_that_cannot_be_read_are_kept_too(homework: Class) -> None:
    homework.put("answers.csv", ANSWERS + 'eve,"5,6\n')
    graded, _ = homework.run()
    assert graded[4].marks == ()
    assert homework.run()[1] == 5


def test_both_sheets_of_one_student_say_so(homework: Class) -> None:
    homework.put("answers.csv", ANSWERS + "Bo ,Bo,,,,\n")
    assignment = homework.assignment
    with opened(str(homework.out), assignment) as book:
        list(book.grade(homework.sheets(), Marker(assignment)))
        problems = [graded.sheet.problems for graded in book.results()]
    assert problems == [(), (EARLIER,), (), (), (AGAIN,)]


def test_without_a_folder_nothing_is_kept(homework: Class) -> None:
    before = sorted(os.listdir(homework.folder))
    graded = list(marked(homework.sheets(), Marker(homework.assignment)))
    assert len(graded) == 4
    assert sorted(os.listdir(homework.folder)) == before


# ---- the folder


def test_a_folder_with_something_else_in_it_is_left_alone(homework: Class) -> None:
    homework.out.mkdir()
    (homework.out / "precious.txt").write_text("x")
    with pytest.raises(OptionError, match="no results"):
        homework.run()
    assert os.listdir(homework.out) == ["precious.txt"]


def test_the_folder_of_another_assignment_is_left_alone(homework: Class) -> None:
    homework.run()
    before = homework.results
    homework.homework = homework.put("other.yaml", HOMEWORK)
    with pytest.raises(OptionError, match="another assignment"):
        homework.run()
    assert homework.results == before


def test_two_runs_do_not_write_into_one_folder(homework: Class) -> None:
    homework.run()
    with (homework.out / LOCK).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(OptionError, match="another run"):
            homework.run()
    homework.run()


def test_a_file_is_complete_or_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with replacing(str(path)) as file:
        file.write(b"one")

    def interrupted() -> None:
        with replacing(str(path)) as file:
            file.write(b"two")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["x"]
    with pytest.raises(OptionError, match="cannot write"), replacing(str(tmp_path / "none" / "x")):
        pass


# ---- names of files


@pytest.mark.parametrize(
    "name",
    [
        *("../../etc/passwd", "/etc/passwd", "..", ".", "", "~", "C:\\x", "a/b", "a\\b", ".hidden", "-rf"),
        *("con", "NUL", "com1.txt", "Lpt9", "aux.md", "x\0y", "x\x1b[31m", "x\ny", "x ", "x.", "a:b", "a*b?"),
        *("é" * 500, "\U0001f600" * 100, "\ud800", "a" * 500),
    ],
)
def test_a_name_leads_nowhere_and_is_no_device(name: str, tmp_path: Path) -> None:
    safe = FileNames().name(name)
    assert not set(safe) & set('/\\:*?"<>|\0\n\x1b')
    assert safe.strip(". ") == safe
    assert safe[0] not in ".-~"
    assert safe.partition(".")[0].lower() not in {"con", "prn", "aux", "nul", "com1", "lpt9"}
    (tmp_path / f"{safe}.html").write_text("x")
    assert os.listdir(tmp_path) == [f"{safe}.html"]


@given(
    st.lists(
        st.text(max_size=6) | st.sampled_from(["ana", "Ana", "ANA", "ana-2", "a/b", "a_b", "a\\b"]),
        max_size=12,
    )
)
def test_no_two_names_are_alike(ids: list[str]) -> None:
    names = FileNames()
    given = [names.name(identity) for identity in ids]
    assert len({name.casefold() for name in given}) == len(ids)


def test_a_plain_name_stays() -> None:
    names = FileNames()
    assert [
        names.name(one) for one in ("ana", "20261234", "ana.souza@example.org", "João", "ana", "Ana")
    ] == [
        *("ana", "20261234", "ana.souza@example.org", "João", "ana-2", "Ana-3"),
    ]


# ---- the command


Said = tuple[int, str, str]


@pytest.fixture
def run(homework: Class, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    assert homework.homework.exists()

    def ran(*arguments: str) -> Said:
        status = main(["grade", *arguments])
        return (status, *capsys.readouterr())

    return ran


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in (LOCK, LEFT)
    }


def test_the_examples_of_the_help_run(homework: Class, run: Callable[..., Said]) -> None:
    homework.put("homework-answers.csv", ANSWERS)
    examples = [
        shlex.split(line)
        for line in (command.epilog or "").splitlines()
        if line.strip().startswith("archcalc")
    ]
    assert len(examples) >= 4
    for words in examples:
        status, out, _ = run(*words[2:])
        # `?` for an answer is for the teacher.
        assert (status, bool(out)) == (1, True), words
    assert (homework.folder / "graded" / "gradescope" / "ana.json").exists()


def test_what_a_run_leaves(homework: Class, run: Callable[..., Said]) -> None:
    status, out, err = run("homework.yaml", "answers.csv", "--output", "graded")
    assert (status, err) == (1, "")
    assert "4 sheets graded" in out
    assert "graded/: gradebook.csv, feedback/*.md, report.md and undecided.csv" in out
    assert list(files(homework.out)) == [
        *(f"feedback/{name}.md" for name in ("ana", "bo", "cy", "dora")),
        *("gradebook.csv", "report.md", RESULTS, "undecided.csv"),
    ]
    rows = list(csv.DictReader((homework.out / "gradebook.csv").read_text("utf-8").splitlines()))
    assert [(row["student"], row["points"], row["1b verdict"]) for row in rows] == [
        ("ana", "5", "right"),
        ("bo", "3.6667", "partial"),
        ("cy", "0", "blank"),
        ("dora", "0", "wrong"),
    ]


def test_everything_that_can_be_written(homework: Class, run: Callable[..., Said]) -> None:
    what = "gradebook,feedback,html,report,json,gradescope,nbgrader,check50,prairielearn"
    assert run("homework.yaml", "answers.csv", "-o", "graded", "--write", what)[0] == 1
    found = files(homework.out)
    for pattern in ("feedback/bo.html", "gradescope/bo.json", "check50/bo.json", "prairielearn/bo.json"):
        assert pattern in found
    assert json.loads(found["gradescope/bo.json"])["score"] == 3.6667
    assert [json.loads(line)["student"]["id"] for line in found["grades.jsonl"].splitlines()] == [
        *("ana", "bo", "cy", "dora"),
    ]
    assert len(found["nbgrader.csv"].splitlines()) == 5
    page = found["report.html"].decode()
    assert page.startswith('<!doctype html>\n<html lang="en">')
    for told in ("4 sheets", "<h3>Questions</h3>", "explain again"):
        assert told in page


def test_the_report_is_a_page_only_beside_feedback_that_is(homework: Class, run: Callable[..., Said]) -> None:
    for what in ("report", "html"):
        assert run("homework.yaml", "answers.csv", "-o", "graded", "--write", what)[0] == 1
        assert "report.html" not in files(homework.out)


def test_the_formats_on_standard_output(run: Callable[..., Said]) -> None:
    whole = json.loads(run("homework.yaml", "answers.csv", "--format", "json")[1])
    assert whole["schema"] == streams.SCHEMA
    assert [sheet["points"] for sheet in whole["sheets"]] == [5, 3.6667, 0, 0]
    assert whole["class"]["sheets"] == 4
    lines = run("homework.yaml", "answers.csv", "--format", "jsonl")[1].splitlines()
    assert [json.loads(line) for line in lines] == whole["sheets"]
    assert len(run("homework.yaml", "answers.csv", "--format", "csv")[1].splitlines()) == 5
    assert "| Bo bo |" in run("homework.yaml", "answers.csv", "--format", "markdown")[1]
    # In English for programs, whatever is spoken.
    in_portuguese = run("homework.yaml", "answers.csv", "--format", "json", "--lang", "pt-BR")[1]
    assert json.loads(in_portuguese)["sheets"] == whole["sheets"]


def test_the_exit_status_says_whether_a_teacher_has_to_look(
    homework: Class, run: Callable[..., Said]
) -> None:
    clean = "id,1a,1b,2,3\nana,6x28x28,156,61706,624\nbo,7,8,9,\n"
    for extra, status in (
        ("", 0),
        ("cy,6x28x28,many,,\n", 1),
        ("cy,,,61.706,\n", 1),
        ('cy,"1\n', 1),
        ("ana,,,,\n", 1),
        ("cy,,,,\n", 0),
    ):
        homework.put("answers.csv", clean + extra)
        assert run("homework.yaml", "answers.csv")[0] == status, extra
        said = run("homework.yaml", "answers.csv", "--format", "csv")
        assert said[0] == status
        assert bool(said[2]) == bool(status)


def test_columns_are_told_where_they_are_called_otherwise(homework: Class, run: Callable[..., Said]) -> None:
    assert "columns" not in run("homework.yaml", "answers.csv")[1]
    homework.put("answers.csv", "Matrícula,Output of c1?,Shoe\nana,6x28x28,42\n")
    out = run("homework.yaml", "answers.csv")[1]
    assert "id = 'Matrícula', 1a = 'Output of c1?'" in " ".join(out.split())
    assert "'Shoe'" in out
    err = run("homework.yaml", "answers.csv", "--format", "csv")[2]
    assert "columns that mean nothing here: 'Shoe'" in err
    assert "no column for 1b, 2 and 3" in err


def test_names_that_are_formulas_or_escape_codes(homework: Class, run: Callable[..., Said]) -> None:
    homework.put(
        "answers.csv",
        "id,name,1a\n=1+1,\x1b[31mRed\x07,6x28x28\n../../x,<script>alert(1)</script>,\x1b]0;t\x07\n",
    )
    out = run(
        "homework.yaml", "answers.csv", "-o", "graded", "--write", "gradebook,feedback,html,nbgrader,report"
    )[1]
    assert "\x1b" not in out
    found = files(homework.out)
    for name, content in found.items():
        assert b"\x1b" not in content, name
        assert not name.startswith("..")
    assert sum(name.startswith("feedback/") for name in found) == 4
    assert b"'=1+1" in found["gradebook.csv"]
    assert not any(b"<script>" in content for name, content in found.items() if name.endswith(".html"))
    assert not (homework.folder.parent / "x.md").exists()


@pytest.mark.parametrize("form", choices(marks))
def test_a_table_without_students(form: str, homework: Class, run: Callable[..., Said]) -> None:
    homework.put("answers.csv", "id,1a,1b,2,3\n")
    status, out, err = run("homework.yaml", "answers.csv", "--format", form)
    out = out.replace("&#160;", " ")
    assert status == 0
    assert "nobody answered yet" in (out if named(form).is_for_people else err)
    assert out or form == "jsonl"


def test_a_large_class_is_shown_in_part(homework: Class, run: Callable[..., Said]) -> None:
    rows = "".join(f"s{i},6x28x28,{i}\n" for i in range(1_000))
    homework.put("answers.csv", f"id,1a,1b\n{rows}last,6x28x28,many\n")
    out = run("homework.yaml", "answers.csv")[1]
    assert len(out.splitlines()) < 200
    assert "and 900 more sheets" in out
    assert "1,001 sheets graded, 1 answer not understood" in " ".join(out.split())
    assert "last" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("homework.yaml",), "Missing argument"),
        (("homework.yaml", "nowhere.csv"), "cannot be read"),
        (("nowhere.yaml", "answers.csv"), "no file"),
        (("homework.yaml", "answers.csv", "--write", "html"), "--output DIR"),
        (("homework.yaml", "answers.csv", "-o", "x", "--write", "gradebok"), "Did you mean 'gradebook'"),
        (("homework.yaml", "answers.csv", "-o", "answers.csv"), "cannot write"),
        (("homework.yaml", "answers.csv", "-o", ""), "--output has no name"),
        (("homework.yaml", "answers.csv", "--lang", "tlh"), "no language"),
    ],
)
def test_what_is_wrong_with_the_command_is_said(
    arguments: tuple[str, ...], words: str, homework: Class, run: Callable[..., Said]
) -> None:
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert words in err
    assert not homework.out.exists()


def test_a_folder_may_have_the_assignment_and_the_results_in_it(
    homework: Class, run: Callable[..., Said]
) -> None:
    assert run("homework.yaml", ".", "-o", "graded")[0] == 1
    before = files(homework.out)
    out = run("homework.yaml", ".", "-o", "graded")[1]
    assert "4 sheets graded" in out
    assert files(homework.out) == before


# ---- what ends a run


def many(homework: Class, rows: int) -> None:
    homework.put(
        "answers.csv",
        "id,name,1a,1b,2,3\n" + "".join(f"s{i},Ana {i},6x28x28,{i},{i * 7},\n" for i in range(rows)),
    )


def started(homework: Class, after: int) -> subprocess.Popen[bytes]:
    """A run that has kept so many results; whoever watches comes in before it is over, on a busy machine too."""
    process = subprocess.Popen(
        ["nice", "-n", "19", *ARCHCALC, "grade", "homework.yaml", "answers.csv", "-o", "graded"],
        cwd=homework.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    results = homework.out / RESULTS
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if results.exists() and results.read_bytes().count(b"\n") > after:
            break
        time.sleep(0.01)
    return process


def fresh(homework: Class) -> dict[str, bytes]:
    """What a run leaves that nothing has interrupted."""
    subprocess.run(
        [*ARCHCALC, "grade", "homework.yaml", "answers.csv", "-o", "whole"],
        cwd=homework.folder,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return files(homework.folder / "whole")


def again(homework: Class) -> str:
    done = subprocess.run(
        [*ARCHCALC, "grade", "homework.yaml", "answers.csv", "-o", "graded"],
        cwd=homework.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def earlier(out: str) -> int:
    """How many sheets a run found done."""
    (line,) = (line for line in out.splitlines() if "by an earlier run" in line)
    return int(line.split()[0].replace(",", ""))


def test_a_killed_run_loses_nothing_and_is_gone_on_from(homework: Class) -> None:
    many(homework, 2_000)
    whole = fresh(homework)
    for _ in range(3):
        process = started(homework, 300)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    kept = homework.results.count(b"\n") - 1
    assert kept >= 300
    assert kept - 1 <= earlier(again(homework)) <= kept
    assert files(homework.out) == whole


@pytest.mark.skipif(
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN,
    reason="started in the background, where Ctrl-C reaches nobody",
)
def test_ctrl_c_says_where_it_is_and_the_next_run_goes_on(homework: Class) -> None:
    many(homework, 5_000)
    process = started(homework, 300)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == INTERRUPTED
    assert b"Traceback" not in err
    assert b"interrupted: " in err
    assert b"kept in graded; the same command goes on from there" in err
    assert not (homework.out / "gradebook.csv").exists()
    assert earlier(again(homework)) >= 300
    assert len(files(homework.out)) == 5_003


def test_ctrl_c_while_feedback_is_written_loses_nothing(
    homework: Class, run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("archcalc.cli.grade.outputs.of_grades.record", interrupted)
        status, _, err = run("homework.yaml", "answers.csv", "-o", "graded")
    assert status == INTERRUPTED
    assert (
        err == "interrupted: 4 sheets were graded and kept in graded; the same command goes on from there.\n"
    )
    # No file in part, and nothing that was there before is harmed.
    assert not [name for name in files(homework.out) if name.endswith((".part", "gradebook.csv"))]
    assert "4 of them by an earlier run" in run("homework.yaml", "answers.csv", "-o", "graded")[1]


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_what_an_earlier_run_graded_stands_under_what_was_graded(
    form: str, homework: Class, run: Callable[..., Said]
) -> None:
    """Not under what is to decide, of which there is something too."""
    homework.put("answers.csv", "id,1a,1b,2,3\nana,1.234,many,,\nbob,6x28x28,,,\n")
    run("homework.yaml", "answers.csv", "-o", "graded")
    out = run("homework.yaml", "answers.csv", "-o", "graded", "--format", form)[1]
    lines = [line.strip(" -*") for line in out.splitlines()]
    place = lines.index("2 of them by an earlier run")
    assert "sheets graded" in lines[place - 1]
    if form == "table":
        assert lines[place - 1].startswith("graded ")
        assert lines[place + 1].startswith("to decide ")
    else:
        assert lines[place - 2] == "graded:"


def test_a_full_disk_is_said_and_leaves_whole_lines(homework: Class) -> None:
    many(homework, 500)

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = subprocess.run(
        [*ARCHCALC, "grade", "homework.yaml", "answers.csv", "-o", "graded"],
        cwd=homework.folder,
        capture_output=True,
        check=False,
        preexec_fn=limited,
    )
    assert done.returncode == 2
    assert b"cannot write" in done.stderr
    assert b"Traceback" not in done.stderr
    assert homework.results.endswith(b"}\n")
    assert len(homework.results) > 90_000
    assert earlier(again(homework)) == homework.results[:100_000].count(b"\n") - 1


def test_a_bar_is_drawn_on_a_terminal_only(homework: Class) -> None:
    many(homework, 2_000)
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [*ARCHCALC, "grade", "homework.yaml", "answers.csv"],
        cwd=homework.folder,
        stdout=subprocess.DEVNULL,
        stderr=slave,
    )
    os.close(slave)
    seen = b""
    try:
        while part := os.read(master, 65_536):
            seen += part
    except OSError:
        pass
    os.close(master)
    assert process.wait() == 0
    assert b"grading" in seen
    quiet = subprocess.run(
        [*ARCHCALC, "grade", "homework.yaml", "answers.csv"],
        cwd=homework.folder,
        capture_output=True,
        check=True,
    )
    assert quiet.stderr == b""


def test_what_is_only_for_waiting_is_not_imported(homework: Class) -> None:
    code = (
        "import sys; from archcalc.cli import main; main(sys.argv[1:]);"
        "print([m for m in ('rich', 'torch', 'numpy', 'zipfile') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "grade", "homework.yaml", "answers.csv", "--format", "csv"],
        cwd=homework.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.splitlines()[-1] == "[]"


def test_the_script_that_measures_a_class_runs() -> None:
    script = Path(__file__).parent.parent / "benchmarks" / "grading.py"
    done = subprocess.run(
        [sys.executable, str(script), "--students", "20", "--rows", "40", "--different", "3", "--runs", "1"],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert "Not measured: nothing beside an older build" in done.stderr
    assert {line.split()[0] for line in lines if "write otherwise" in line} <= {"0.000"}
    assert len(lines) >= 7
    # 1 where a bound is broken, as some are for a class of 20.
    assert done.returncode == int("BROKEN" in done.stdout)


def test_there_would_be_a_difference_if_results_were_kept_at_the_end_only(
    homework: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gradebook.Gradebook, "_append", lambda book, _: book._size)
    with pytest.raises(AssertionError):
        test_results_are_there_as_they_come(homework)
