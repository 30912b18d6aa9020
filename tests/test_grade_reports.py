"""What a teacher and a student read of a class: sentences that are whole, and that name what they are about."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import pytest

from archcalc.cli import main
from archcalc.grading.assignments.assignment import load_assignment
from archcalc.grading.marking import Marker
from archcalc.grading.model import Assignment, Cause, Mistake, Sheet, Student
from archcalc.grading.statistics import Statistics
from archcalc.render.documents.workings import Workings
from archcalc.render.homework import mistakes
from archcalc.render.homework.reasons import reason, told
from archcalc.words.language import in_language

HOMEWORK = """\
networks: {v: vgg16, a: alexnet}
questions:
  - {id: 1, ask: v:conv1_1.params}
  - {id: 2, ask: a:conv1.params}
  - {id: 3, ask: v:fc8.params}
  - {id: 4, ask: v:conv3_1.params}
  - {id: 5, pick: largest, options: {a: v:total.macs / a:total.macs, b: v:total.macs / a:total.params}}
  - {id: 6, ask: $4 * 4, unit: MB, figures: 3}
"""


@pytest.fixture
def homework(tmp_path: Path) -> Assignment:
    path = tmp_path / "homework.yaml"
    path.write_text(HOMEWORK, encoding="utf-8")
    return load_assignment(str(path))


def test_a_reason_is_a_whole_sentence(homework: Assignment) -> None:
    # 3·3 · 128 · 256 weights and a bias for each of the 128 · 256 kernels: 10 · 128 · 256 = 327,680.
    graded = Marker(homework).mark(Sheet(Student("s"), {"4": "327680"}, "here"))
    said = reason(homework.questions[3], graded.marks[3])
    assert said == (
        "One bias was counted for each input channel of each filter, not one for each filter in conv3_1."
    )
    with in_language("pt-BR"):
        assert reason(homework.questions[3], graded.marks[3]).endswith("não um para cada filtro em conv3_1.")


def test_the_report_names_every_layer_of_a_mistake(homework: Assignment) -> None:
    statistics, marker = Statistics(homework), Marker(homework)
    # Without biases: 3·3·3·64, 11·11·3·96, 4096·1000.
    answers = {"1": "1728", "2": "34848", "3": "4096000"}
    for student in ("a", "b"):
        statistics.add(marker.mark(Sheet(Student(student), answers, student)))
    report = statistics.report()
    assert [told(found) for found in report.misconceptions] == [
        "The biases were left out in conv1_1, conv1 or fc8."
    ]
    assert told(report.items[1].misconceptions[0]) == "The biases were left out in conv1."


def made(code: str, scope: str = "", **facts: str) -> tuple[Cause, ...]:
    sort = "unit" if code.startswith("factor") else "asked" if facts else "rule"
    return (Cause((Mistake(code, sort, scope, tuple(facts.items())),), Fraction(1)),)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("variants", "says"),
    [
        ([made("bias-forgotten", "a"), made("bias-forgotten", "a")], "The biases were left out in a."),
        (
            [made("bias-forgotten", name) for name in "abcdefg"],
            "The biases were left out in a, b, c or 4 more.",
        ),
        (
            [made("factor-1000", factor="1000"), made("factor-1000", factor="1/1000")],
            "The unit is off by a factor of 1,000 or 1/1,000.",
        ),
        (
            [made("other-layer", layer="pool3"), made("other-layer", layer="conv4_1")],
            "The answer is that of another layer, pool3 or conv4_1.",
        ),
        (
            [made("opposite-end", wanted="largest")],
            "The smallest was picked, not the largest.",
        ),
        (
            [made("opposite-end", wanted="smallest")],
            "The largest was picked, not the smallest.",
        ),
    ],
)
def test_a_sentence_for_several(variants: list[tuple[Cause, ...]], says: str) -> None:
    assert mistakes.together(variants) == says


def test_a_name_of_any_length_is_cut_and_the_sentence_is_not() -> None:
    said = mistakes.sentence(Mistake("other-layer", "asked", "", (("layer", "x" * 500),)))
    assert said.startswith("The answer is that of another layer, xxx")
    assert said.endswith("x….")


def test_the_working_of_a_choice_has_no_raw_fractions(homework: Assignment) -> None:
    # VGG-16 has 15,470,264,320 MACs, AlexNet 1,135,256,096 of them and 62,378,344 parameters.
    lines = Workings(homework).lines(homework.questions[4])
    assert lines[0].startswith("a: ≈ 13.63 ")
    assert lines[1].startswith("b: ≈ 248.0 ")


def test_the_working_says_what_its_letters_mean(homework: Assignment) -> None:
    assert Workings(homework).lines(homework.questions[0])[-1] == (
        "C: input channels · K: filters (output channels) · F: kernel size"
    )
    # Nor a letter where there is none.
    assert Workings(homework).lines(homework.questions[5]) == (
        "answer 4 · 4 = 295,168 · 4 = 1,180,672 ≈ 1.181 MB",
    )


# --- what a teacher decides ---------------------------------------------------------------------------------

# c1 of LeNet-5: 6 filters 5×5 on 1×32×32, so (5·5·1 + 1)·6 = 156 parameters; 61,706 in all.
LENET = """\
title: Homework
numbers: en
networks: lenet5
questions:
  - {id: 1, text: Parameters of c1?, ask: c1.params, points: 2}
  - {id: 2, text: Parameters in all?, ask: total.params}
"""
ANSWERS = "id,name,1,2\nana,Ana,156,61706\nbo,Bo,about a hundred,61.706\n007,Cy,many,61706\n"
READY = "--output", "graded"


class Said(NamedTuple):
    """What a command said."""

    status: int
    out: str
    err: str


class Folder:
    """An assignment and its sheets in the folder of the moment."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self.capsys = capsys
        self.put("homework.yaml", LENET)
        self.put("answers.csv", ANSWERS)

    def put(self, name: str, text: str) -> None:
        (self.path / name).write_text(text, encoding="utf-8")

    def read(self, name: str) -> str:
        return (self.path / name).read_text(encoding="utf-8")

    def table(self, name: str, delimiter: str = ",") -> list[dict[str, str]]:
        with (self.path / name).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file, delimiter=delimiter))

    def fill(self, name: str, points: Sequence[str], comment: str = "") -> None:
        """Fill the points of the rows in, in their order."""
        rows = self.table(name)
        with (self.path / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            for row, got in zip(rows, points, strict=True):
                writer.writerow({**row, "points": got, "comment": comment if got else ""})

    def grade(self, *arguments: str) -> Said:
        status = main(["grade", "homework.yaml", "answers.csv", *arguments])
        return Said(status, *self.capsys.readouterr())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Folder:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    return Folder(tmp_path, capsys)


def test_what_is_left_to_decide_is_listed_everywhere(folder: Folder) -> None:
    done = folder.grade(*READY)
    assert done.status == 1
    for line in (
        "Bo (answers.csv:3), 1: about a hundred",
        "Bo (answers.csv:3), 2: 61.706",
        "Cy (answers.csv:4)",
    ):
        assert line in done.out
        assert line in folder.read("graded/report.md")
    assert "--decisions graded/undecided.csv" in done.out
    rows = folder.table("graded/undecided.csv")
    assert [(row["student"], row["question"], row["answer"], row["points"]) for row in rows] == [
        ("bo", "1", "about a hundred", ""),
        ("bo", "2", "61.706", ""),
        ("007", "1", "many", ""),
    ]
    assert "It reads as" in rows[1]["why"]
    assert [row["max_points"] for row in rows] == ["2", "1", "2"]
    book = folder.table("graded/gradebook.csv")
    assert [(row["open"], row["to_decide"]) for row in book] == [
        ("0", ""),
        ("2", "1: about a hundred | 2: 61.706"),
        ("1", "1: many"),
    ]
    sheet = folder.read("graded/feedback/bo.md")
    assert "2 answers wait for your teacher and count as nothing until then: 1, 2." in sheet
    # Nor is 156 given away, which is still to be decided on.
    assert "156" not in sheet
    assert "right answer" not in sheet


def test_decisions_win_and_are_kept(folder: Folder) -> None:
    folder.grade(*READY)
    folder.fill("graded/undecided.csv", ["0,5", "1", ""], "Give the number.")
    done = folder.grade(*READY, "--decisions", "graded/undecided.csv")
    assert done.status == 1
    book = {row["student"]: row for row in folder.table("graded/gradebook.csv")}
    assert (book["bo"]["points"], book["bo"]["1 points"], book["bo"]["1 verdict"]) == (
        "1.5",
        "0.5",
        "decided",
    )
    assert book["007"]["1 verdict"] == "unreadable"
    assert [row["student"] for row in folder.table("graded/undecided.csv")] == ["007"]
    sheet = folder.read("graded/feedback/bo.md")
    assert "**0.5 of 2 points: \\* decided by the teacher**\n\nYour teacher says: Give the number." in sheet
    # What has not all points is explained, what has is not.
    assert sheet.count("The right answer") == 1
    # A run without them still has them, and one with the last one has all.
    folder.grade(*READY)
    assert folder.table("graded/gradebook.csv")[1]["points"] == "1.5"
    folder.fill("graded/undecided.csv", ["2"])
    done = folder.grade(*READY, "--decisions", "graded/undecided.csv", "--format", "json")
    assert done.status == 0
    whole = json.loads(done.out)
    assert [sheet["points"] for sheet in whole["sheets"]] == [3, 1.5, 3]
    assert whole["sheets"][1]["marks"][0]["comment"] == "Give the number."
    assert whole["class"]["open"] == 0
    assert whole["class"]["questions"][0]["verdicts"]["decided"] == 2
    assert not (folder.path / "graded/undecided.csv").exists()


def test_a_decision_is_about_one_answer(folder: Folder) -> None:
    folder.grade(*READY)
    # A spreadsheet has made 7 of 007, and a number of the answer: the row is found all the same.
    folder.put("decided.csv", folder.read("graded/undecided.csv").replace("007,Cy,1,many,", "7,Cy,1,0,"))
    folder.fill("decided.csv", ["", "", "2"])
    folder.grade(*READY, "--decisions", "decided.csv")
    assert folder.table("graded/gradebook.csv")[2]["points"] == "3"
    # Another answer of the same student is another matter, and told.
    folder.put("answers.csv", ANSWERS.replace("many", "lots"))
    done = folder.grade(*READY, "--decisions", "decided.csv")
    assert done.status == 1
    assert done.out.startswith("! decided.csv:4: student '7' has no such answer to 1 any more")
    assert folder.table("graded/gradebook.csv")[2]["points"] == "1"


def test_a_decision_by_hand_wins_over_any_mark(folder: Folder) -> None:
    folder.put("mine.csv", "matrícula;questão;pontos;comentário\nANA;1;1,5;Copied.\n")
    done = folder.grade("--decisions", "mine.csv", "--format", "csv")
    first = next(csv.DictReader(done.out.splitlines()))
    assert (first["points"], first["1 points"], first["1 verdict"]) == ("2.5", "1.5", "decided")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("bo,9,1", "mine.csv:2: there is no question '9'. "),
        ("bo,1,2.5", "mine.csv:2: '2.5' is more than question 1 is worth, 2 points."),
        ("bo,1,-1", "mine.csv:2: '-1' is no number of points."),
        ("bo,1,1/0", "mine.csv:2: '1/0' is no number of points."),
        (",1,1", "mine.csv:2: it does not say whose answer it is."),
        ("bo,1,1\nBO,1,2", "mine.csv:3: this answer is decided twice; mine.csv:2 has it too."),
    ],
)
def test_a_decision_that_cannot_be(row: str, words: str, folder: Folder) -> None:
    folder.put("mine.csv", f"student,question,points\n{row}\n")
    done = folder.grade(*READY, "--decisions", "mine.csv")
    assert (done.status, done.out) == (2, "")
    assert " ".join(words.split()) in " ".join(done.err.split())
    assert not (folder.path / "graded").exists()


def test_a_table_that_is_none_of_decisions(folder: Folder) -> None:
    for text, words in (("", "is empty"), ("a,b\n1,2\n", "no column 'student', 'question' and 'points'")):
        folder.put("mine.csv", text)
        assert words in folder.grade("--decisions", "mine.csv").err
    assert "cannot read 'nowhere.csv'" in folder.grade("--decisions", "nowhere.csv").err


def test_a_decision_about_nobody_is_told_on_top(folder: Folder) -> None:
    folder.put("mine.csv", "student,question,points\nzoe,1,1\nbo,1,1\n")
    done = folder.grade("--decisions", "mine.csv")
    assert done.status == 1
    assert done.out.startswith("! mine.csv:2: there is no sheet of student 'zoe'.")
    folder.grade(*READY, "--decisions", "mine.csv")
    assert [row["student"] for row in folder.table("graded/decided.csv")] == ["bo"]


def test_points_that_are_filled_in_are_not_written_over(folder: Folder) -> None:
    folder.grade(*READY)
    folder.fill("graded/undecided.csv", ["1", "1", "1"])
    before = folder.read("graded/undecided.csv")
    done = folder.grade(*READY)
    assert done.status == 2
    assert "--decisions graded/undecided.csv" in done.err
    assert folder.read("graded/undecided.csv") == before


HEAD = "student,name,question,answer,why,points,max_points,comment,row"


def resaved(text: str, *, header: bool) -> str:
    """A table as a spreadsheet that separates by semicolons saves it: whole rows in a cell, points in the next."""
    first, *rows = text.splitlines()
    doubled = (row.replace('"', '""') for row in rows)
    head = f'"{first}";' if header else first
    return "\n".join([head, *(f'"{row}";2' for row in doubled)]) + "\n"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda text: resaved(text, header=False),
            "graded/undecided.csv:2: not a row of a table: ',' expected after '\"'.",
        ),
        (lambda text: resaved(text, header=True), "graded/undecided.csv:1: not a row of a table"),
        (
            lambda text: resaved(text, header=False).replace('";2', '"'),
            ":2: it has 1 field, and the header has 9.",
        ),
        (lambda _text: f"{HEAD}\n", "has a header and no rows"),
        (lambda text: text.replace("bo,Bo,1,", "bo;Bo;1;", 1), ":2: it has 6 fields, and the header has 9."),
        (
            lambda text: text.replace(",,2,,", ",1,2,,", 1).replace("bo,Bo,1", "bo,Bo,1,1"),
            ":2: it has 10 fields",
        ),
        (lambda text: text.replace(",,2,,", ",,2,Half of it,", 1), ":2: it has a comment and no points"),
        (
            lambda text: text.replace(",row", ",row,").replace("\n", ",1\n").replace("row,,1", "row,"),
            "which has no header",
        ),
        (lambda text: text.replace("comment", "points"), ":1: two columns are the points"),
        (lambda text: text.replace("about a hundred", '"about'), "not a row of a table"),
    ],
)
def test_what_was_typed_is_never_passed_over(
    change: Callable[[str], str], words: str, folder: Folder
) -> None:
    folder.grade(*READY)
    typed = change(folder.read("graded/undecided.csv"))
    folder.put("graded/undecided.csv", typed)
    for arguments in ((*READY, "--decisions", "graded/undecided.csv"), READY):
        done = folder.grade(*arguments)
        assert (done.status, done.out) == (2, "")
        assert words in done.err
        assert folder.read("graded/undecided.csv") == typed


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_that_a_spreadsheet_saved_whole_is_read(delimiter: str, folder: Folder) -> None:
    folder.grade(*READY)
    rows = [list(row.values()) for row in folder.table("graded/undecided.csv")]
    with (folder.path / "mine.csv").open("w", encoding="utf-8-sig", newline="") as file:
        file.write(f"sep={delimiter}\r\n")
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n")
        writer.writerow(HEAD.split(","))
        writer.writerows([*row[:5], "1", *row[6:]] for row in rows)
    done = folder.grade(*READY, "--decisions", "mine.csv")
    assert done.status == 0
    assert [row["points"] for row in folder.table("graded/gradebook.csv")] == ["3", "2", "2"]


def test_what_somebody_wrote_in_a_table_is_kept_beside_the_new_one(folder: Folder) -> None:
    folder.grade(*READY)
    folder.grade(*READY)
    assert not list(folder.path.glob("graded/*-[0-9].csv"))  # nobody wrote anything
    noted = (
        folder.read("graded/undecided.csv").replace("\n", ",my note\n").replace("row,my note", "row,notes")
    )
    folder.put("graded/undecided.csv", noted)
    done = folder.grade(*READY)
    assert "kept in undecided-1.csv" in done.out
    assert folder.read("graded/undecided-1.csv") == noted
    folder.fill("graded/undecided.csv", ["1", "1", "1"])
    filled = folder.read("graded/undecided.csv")
    folder.grade(*READY, "--decisions", "graded/undecided.csv")
    assert folder.read("graded/undecided-2.csv") == filled
    assert not (folder.path / "graded/undecided.csv").exists()
    book = folder.read("graded/gradebook.csv").replace("ana,Ana,,3", "ana,Ana,,2.5")
    folder.put("graded/gradebook.csv", book)
    folder.put("graded/decided.csv", folder.read("graded/decided.csv").replace(",1,,", ",0.5,Half.,", 1))
    folder.grade(*READY)
    assert folder.read("graded/gradebook-1.csv") == book
    assert folder.table("graded/decided.csv")[0]["comment"] == "Half."
    assert folder.read("graded/decided-1.csv") == folder.read("graded/decided.csv")


def test_what_is_to_be_decided_is_no_formula(folder: Folder) -> None:
    folder.put("answers.csv", 'id,name,1,2\n=1+1,@x,"=HYPERLINK(""x"")",\n')
    folder.grade(*READY)
    (row,) = folder.table("graded/undecided.csv")
    assert (row["student"], row["name"], row["answer"]) == ("'=1+1", "'@x", '\'=HYPERLINK("x")')
    folder.fill("graded/undecided.csv", ["1"])
    assert folder.grade(*READY, "--decisions", "graded/undecided.csv").status == 0


def test_the_mark_of_a_row_that_a_spreadsheet_has_cut_is_said_to_be(folder: Folder) -> None:
    folder.grade(*READY)
    folder.fill("graded/undecided.csv", ["2", "1", "0"])
    table = folder.read("graded/undecided.csv")
    for damaged in (
        re.sub(r"\b(r-[0-9a-f]{6})[0-9a-f]{10}\b", r"\1", table),
        re.sub(r"\br-([0-9a-f]{16})\b", r"R_\1", table),
    ):
        folder.put("mine.csv", damaged)
        done = folder.grade(*READY, "--decisions", "mine.csv")
        assert done.status == 2
        assert "mine.csv:2: " in done.err
        assert "is not what was written there: it was cut or changed." in done.err
        assert folder.read("graded/undecided.csv") == table
    # Emptied, or with what another separator has left behind each line, every row is found.
    without = re.sub(r"\br-[0-9a-f]{16}\b", "", table)
    for kept in (without, "".join(f"{line};\n" for line in table.splitlines())):
        folder.put("mine.csv", kept)
        assert folder.grade(*READY, "--decisions", "mine.csv").status == 0
        (folder.path / "graded/undecided.csv").unlink(missing_ok=True)
        shutil.rmtree(folder.path / "graded")
        folder.grade(*READY)


def test_a_decided_answer_is_passed_for_other_graders(folder: Folder) -> None:
    folder.put("mine.csv", "student,question,points\nbo,1,2\nbo,2,0\n")
    folder.grade(*READY, "--decisions", "mine.csv", "--write", "gradescope,check50")
    tests = json.loads(folder.read("graded/gradescope/bo.json"))["tests"]
    assert [test["status"] for test in tests] == ["passed", "failed"]
    checks = json.loads(folder.read("graded/check50/bo.json"))["results"]
    assert [check["passed"] for check in checks] == [True, False]
    waiting = json.loads(folder.read("graded/gradescope/007.json"))["tests"][0]
    assert waiting["tags"] == ["to-decide"]
    assert "156" not in waiting["output"]
    assert "156" not in folder.read("graded/check50/007.json")


# --- the files ----------------------------------------------------------------------------------------------


def test_a_gradebook_in_portuguese_is_for_a_spreadsheet_in_brazil(folder: Folder) -> None:
    folder.put("homework.yaml", LENET.replace("numbers: en", "numbers: pt-BR\nlanguage: pt-BR"))
    folder.put("answers.csv", "id;nome;1;2\nana;Ána;156,0;61.706\nbo;Bo;muitos;1\n")
    folder.put("mine.csv", "student;question;points\nana;1;0,5\n")
    folder.grade(*READY, "--decisions", "mine.csv")
    data = (folder.path / "graded/gradebook.csv").read_bytes()
    assert data.startswith("\ufeffstudent;name;".encode())
    ana, _bo = folder.table("graded/gradebook.csv", ";")
    assert (ana["name"], ana["points"], ana["1 points"]) == ("Ána", "1,5", "0,5")
    (row,) = folder.table("graded/undecided.csv", ";")
    assert row["max_points"] == "2"
    # What is printed is for programs.
    assert folder.grade("--format", "csv").out.startswith("student,name,")


def test_students_of_an_earlier_run_are_missed(folder: Folder) -> None:
    folder.grade(*READY)
    folder.put("answers.csv", "id,name,1,2\nana,Ana,156,61707\nzoe,Zoe,1,1\n")
    out = " ".join(folder.grade(*READY).out.split())
    assert "2 students of an earlier run are not among these sheets" in out
    assert "give all sheets in one command" in out
    # A sheet that was changed is not missed.
    folder.put("answers.csv", "id,name,1,2\nana,Ana,156,61706\nzoe,Zoe,1,1\n")
    assert "earlier run are not" not in folder.grade(*READY).out


@pytest.mark.parametrize("name", ["marks.csv", "marks.JSON", "marks.pdf"])
def test_an_output_that_is_called_like_a_file(name: str, folder: Folder) -> None:
    done = folder.grade("--format", "csv", "--output", name)
    assert done.status == 2
    assert f"--output is a folder here, and '{name}' is called like a file." in done.err
    assert "--output marks makes a folder" in done.err
    assert not (folder.path / name).exists()


def test_a_key_is_not_written_into_a_file_of_another_kind(folder: Folder) -> None:
    status = main(["grade", "key", "homework.yaml", "-o", "key.pdf"])
    err = folder.capsys.readouterr().err
    assert status == 2
    assert "'pdf' is nothing that can be written here." in err
    assert ".md" in err
    assert not (folder.path / "key.pdf").exists()
    for name in ("key", "key.txt", "key.md", "key.v2"):
        assert main(["grade", "key", "homework.yaml", "-o", name]) == 0
    assert main(["grade", "key", "homework.yaml", "-o", "key.pdf", "--format", "markdown"]) == 0


# --- the sheets ---------------------------------------------------------------------------------------------


def test_what_must_not_be_overlooked_stands_on_top(folder: Folder) -> None:
    folder.put("answers.csv", "id,1) How tall is the Eiffel tower today?\nana,300\n")
    for form, mark in (("table", "! "), ("markdown", "> **")):
        out = folder.grade("--format", form).out
        assert out.startswith(f"{mark}answers.csv: these columns ask something else")
        assert out.index("no column for 2") < out.index("Homework")
    # The words of the question, or some of them, are no contradiction.
    folder.put("answers.csv", "id,1) How many parameters of c1?,2) Params\nana,156,61706\n")
    assert folder.grade().out.startswith("Homework")


def test_two_of_one_name_are_told_apart_however_narrow(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    folder.put("answers.csv", "id,name,1,2\n123456,Ana Souza,156,1\n123457,Ana Souza,156,1\n")
    lines = [line for line in folder.grade().out.splitlines() if line.startswith("Ana")]
    assert "123456" in lines[0]
    assert "123457" in lines[1]


def test_columns_of_a_quiz_with_the_ids_of_questions(folder: Folder) -> None:
    one = "1) Parameters of c1?"
    for score, note in (("[Score]", "[Feedback]"), ("[Pontuação]", "[Comentários]")):
        folder.put(
            "answers.csv", f"Timestamp,Username,{one},{one} {score},{one} {note}\nx,ana,156,0 / 2,no\n"
        )
        found = json.loads(folder.grade("--format", "json").out)["sheets"]
        assert [mark["verdict"] for mark in found[0]["marks"]] == ["right", "blank"]


def test_two_columns_of_one_question_are_told_by_what_differs(folder: Folder) -> None:
    long = "1) Parameters of c1? " + "please, " * 20
    folder.put("answers.csv", f'id,"{long} first","{long} second"\nana,1,2\n')
    said = folder.grade("--format", "csv").out
    assert "first'" in said
    assert "second'" in said


@pytest.mark.parametrize("number", ["Matrícula", "RA", "id"])
def test_a_student_beside_a_number_is_a_name(number: str, folder: Folder) -> None:
    folder.put("answers.csv", f"{number},Aluno,1\n123,Ana,156\n")
    (found,) = json.loads(folder.grade("--format", "json").out)["sheets"]
    assert (found["student"]["id"], found["student"]["name"]) == ("123", "Ana")
    folder.put("ana.yaml", f"aluno: Ana\n{number}: 123\n1: 156\n")
    main(["grade", "homework.yaml", "ana.yaml", "--format", "json"])
    (found,) = json.loads(folder.capsys.readouterr().out)["sheets"]
    assert (found["student"]["id"], found["student"]["name"]) == ("123", "Ana")


def test_a_student_alone_is_an_id(folder: Folder) -> None:
    folder.put("answers.csv", "Aluno,1\nana,156\n")
    assert json.loads(folder.grade("--format", "json").out)["sheets"][0]["student"]["id"] == "ana"


def test_q3_is_question_3_where_there_is_one(folder: Folder) -> None:
    questions = "".join(f"  - {{id: {name}, ask: c1.params}}\n" for name in ("1a", "1b", "1c", "2", "3"))
    folder.put("homework.yaml", f"networks: lenet5\nquestions:\n{questions}")
    folder.put("answers.csv", "id,Q3\nana,156\n")
    (found,) = json.loads(folder.grade("--format", "json").out)["sheets"]
    assert [mark["question"] for mark in found["marks"] if mark["verdict"] == "right"] == ["3"]


def test_who_never_submitted_is_no_zero(folder: Folder) -> None:
    folder.put(
        "answers.csv",
        "Username,State,Response 1,Response 2\nana,Finished,156,61706\nbo,Never submitted,-,-\ncy,Finished,-,-\n",
    )
    done = folder.grade("--format", "json")
    whole = json.loads(done.out)
    assert [sheet["student"]["id"] for sheet in whole["sheets"]] == ["ana", "cy"]
    assert "1 student who never submitted was left out" in done.err


def test_answers_as_a_list_and_with_a_comma(folder: Folder) -> None:
    for text in ("answers: [{1: 156}, {2: '61706'}]", "answers: {1: 156, 2: 61,706}"):
        folder.put("ana.yaml", f"student: ana\n{text}\n")
        main(["grade", "homework.yaml", "ana.yaml", "--format", "json"])
        (found,) = json.loads(folder.capsys.readouterr().out)["sheets"]
        assert [mark["verdict"] for mark in found["marks"]] == ["right", "right"], text
    assert "was read as '61,706': put what has a comma in it in quotes." in found["problems"][0]
