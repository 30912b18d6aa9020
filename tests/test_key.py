"""`archcalc grade key` and `grade new`: every format, in both languages, and the way from one to the other."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import pytest

from archcalc import api
from archcalc.cli import main
from archcalc.grading.assignments.assignment import load_assignment
from archcalc.grading.marking import Marker
from archcalc.grading.model import Graded, Sheet, Student
from archcalc.render.formats.registry import choices
from archcalc.render.outputs import KEY

HOMEWORK = """\
title: Week 3
networks:
  alexnet: alexnet
  vgg: vgg16
  tiny: {input: [1, 7, 7], layers: [{conv: 1, kernel: 3, stride: 3}]}
questions:
  - {id: a, text: Output?, ask: alexnet:conv1.output, points: 2, axes: HWC}
  - {id: b, ask: alexnet:conv1.params, bias: false, points: 1/3, partial: {bias-counted: 1/2}}
  - {id: c, ask: vgg:total.param_bytes, unit: MiB, unit_points: 1/2, tolerance: 1%}
  - {id: d, ask: "vgg:total.params / alexnet:total.params", figures: 3}
  - {id: e, text: Which?, options: {x: alexnet:total.params, y: vgg:total.params}, pick: largest}
  - {id: f, fits: tiny}
  - {id: g, ask: "$b * 2 + 1", tolerance: 5}
  - {id: h, ask: vgg:conv1_1.macs, batch: 10, unit: GMACs}
"""


@pytest.fixture
def homework(tmp_path: Path) -> Path:
    path = tmp_path / "homework.yaml"
    path.write_text(HOMEWORK, encoding="utf-8")
    return path


class Said(NamedTuple):
    status: int
    out: str
    err: str


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Said:
    status = main(arguments)
    captured = capsys.readouterr()
    return Said(status, captured.out, captured.err)


def test_the_key_for_a_terminal(homework: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, "grade", "key", str(homework))
    assert (said.status, said.err) == (0, "")
    parts = said.out.split("\n\n")
    assert parts[0] == "Week 3: the key\n8 questions · 8.33 points"
    assert parts[1] == (
        "a  Output?\n"
        "   2 points · in the order H×W×C\n"
        "   Answer: 55×55×96\n"
        "     conv1 (conv): 3×227×227 → 96×55×55\n"
        "       output channels: K = 96\n"
        "       output height and width: ⌊(N + 2·P − F)/S⌋ + 1 = ⌊(227 + 2·0 − 11)/4⌋ + 1 = 55\n"
        "     K: filters (output channels) · N: input size · F: kernel size · S: stride · P: padding on each side"
    )
    assert "0.33 points · biases not counted · 50% for bias-counted" in parts[2]
    assert "= 11·11·3·96 = 34,848" in parts[2]
    # 138,357,544·4/2²⁰ = 527.79…
    assert "1 point · 0.5 of them for the unit · within 1%" in parts[3]
    assert "Answer: ≈ 527.8 MiB" in parts[3]
    assert "= 138,357,544 / 62,378,344 ≈ 2.218" in parts[4]
    assert "Answer: y: vgg:total.params" in parts[5]
    assert "x: 62,378,344" in parts[5]
    assert "Answer: no" in parts[6]
    assert "⌊(7 + 2·0 − 3)/3⌋ + 1 = 2, and 2.33 without rounding down" in parts[6]
    assert "1 point · within 5 · follows from b" in parts[7]
    assert "= 34,848 · 2 + 1 = 69,697" in parts[7]
    # 10·3·3·3·64·224·224 = 867,041,280
    assert "batch 10" in parts[8]
    assert "Answer: ≈ 0.8670 GMACs" in parts[8]


def test_the_key_in_portuguese(homework: Path, capsys: pytest.CaptureFixture[str]) -> None:
    english, spoken = (
        run(capsys, "grade", "key", str(homework), "--lang", lang).out for lang in ("en", "pt-BR")
    )
    assert "34.848" in spoken
    assert "34,848" not in spoken
    assert english.count("\n\n") == spoken.count("\n\n")
    homework.write_text(HOMEWORK.replace("title: Week 3", "title: Week 3\nlanguage: pt-BR"), encoding="utf-8")
    assert run(capsys, "grade", "key", str(homework)).out == spoken
    assert run(capsys, "grade", "key", str(homework), "--lang", "en").out == english


def test_the_key_as_csv(homework: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(run(capsys, "grade", "key", str(homework), "-f", "csv").out)))
    assert [row["question"] for row in rows] == list("abcdefgh")
    assert [row["answer"] for row in rows[:2]] == ["55x55x96", "34848"]
    assert (float(rows[2]["answer"]), rows[2]["unit"]) == (138_357_544 * 4 / 2**20, "MiB")
    assert rows[3]["exact"] == "17294693/7797293"
    assert [row["answer"] for row in rows[4:7]] == ["y", "no", "69697"]
    assert rows[1]["points"] == "0.3333"


def test_the_key_as_json(homework: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = json.loads(run(capsys, "grade", "key", str(homework), "-f", "json", "--lang", "pt-BR").out)
    assert (content["schema"], content["title"]) == ("archcalc.key/1", "Week 3")
    a, b, c, d, e, f, g, h = content["questions"]
    assert a["key"] == [96, 55, 55]  # as everywhere in JSON
    assert (b["key"], b["counts_bias"], b["partial"]) == (34_848, False, {"bias-counted": 0.5})
    assert (c["key"], c["unit"], c["tolerance"]["relative"]) == (4 * 138_357_544, "MiB", 0.01)
    assert (d["key"], d["tolerance"]["figures"]) == ("17294693/7797293", 3)
    assert (e["key"], [option["right"] for option in e["options"]]) == ("y", [False, True])
    assert (f["key"], f["fits"]) == (False, "tiny")
    assert (g["key"], g["follows"]) == (69_697, ["b"])
    assert (h["key"], h["batch"]) == (867_041_280, 10)
    assert any(line.endswith("= 34,848") for line in b["working"])


def test_the_key_as_markdown_and_latex(homework: Path, capsys: pytest.CaptureFixture[str]) -> None:
    markdown = run(capsys, "grade", "key", str(homework), "-f", "markdown").out
    assert [line for line in markdown.splitlines() if line.startswith("## ")][:2] == [
        "## a – Output?",
        "## b – alexnet:conv1.params",
    ]
    assert markdown.count("~~~~~~~~") % 2 == 0
    latex = run(capsys, "grade", "key", str(homework), "-f", "latex").out
    assert latex.count(r"\begin{flushleft}") == latex.count(r"\end{flushleft}") == 8
    bare = re.sub(r"\\[{}]", "", latex)
    assert bare.count("{") == bare.count("}")
    assert r"\textbf{34,848}" in latex
    assert not re.search(r"[⌊⌋×·−→≈]", latex)
    assert r"\quad parameters: $F \cdot F \cdot C \cdot K = 11 \cdot 11 \cdot 3 \cdot 96 = 34{,}848$" in latex


def test_a_key_is_written_to_a_file_in_the_format_of_its_name(
    homework: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = homework.with_name("key.md")
    assert run(capsys, "grade", "key", str(homework), "--output", str(path)) == (0, "", "")
    assert path.read_text(encoding="utf-8").startswith("# Week 3: the key\n")


@pytest.mark.parametrize("form", choices(KEY.takes))
def test_no_text_of_an_assignment_acts(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "homework.yaml"
    path.write_text(
        'title: "=1+1 \\e[31m \\\\input{x} <b>"\nnetworks: alexnet\n'
        'questions: [{text: "=cmd() \\e[31m \\\\input{x} <script> | `", ask: conv1.params}]\n',
        encoding="utf-8",
    )
    out = run(capsys, "grade", "key", str(path), "-f", form).out
    assert "\x1b" not in out
    if form == "csv":
        assert next(csv.DictReader(io.StringIO(out)))["text"].startswith("'=cmd()")
    if form == "latex":
        assert r"\input{x}" not in out
    if form == "markdown":
        assert "<script>" not in out
        assert r"\<script\>" in out


def test_what_is_wrong_leaves_with_2_and_the_place(
    homework: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    homework.write_text(HOMEWORK.replace("conv1.params, bias", "conv1.parms, bias"), encoding="utf-8")
    said = run(capsys, "grade", "key", str(homework))
    assert (said.status, said.out) == (2, "")
    assert said.err == f"{homework}:8:18: conv1 has no 'parms'.\n  Did you mean 'params'?\n"
    missing = run(capsys, "grade", "key", str(homework.with_name("none.yaml")))
    assert missing.status == 2
    assert "there is no file" in missing.err


def test_a_key_needs_neither_torch_nor_numpy_nor_rich(homework: Path) -> None:
    code = """
import sys
from archcalc.cli import main
assert main(sys.argv[1:]) == 0
print({"torch", "numpy", "rich", "markdown_it"} & set(sys.modules), file=sys.stderr)
"""
    for before, found in (("", "set()"), ("import rich\n", "{'rich'}")):
        process = subprocess.run(
            [sys.executable, "-c", before + code, "grade", "key", str(homework)],
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        assert process.stderr.strip() == found


# ---- grade new


def test_the_new_assignment_runs_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    said = run(capsys, "grade", "new", "homework")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("Wrote homework.yaml and homework-answers.csv. Next:\n")
    assert run(capsys, "grade", "key", "homework.yaml").status == 0
    assignment = load_assignment("homework.yaml")
    keys = {question.id: question.key for question in assignment.questions}
    # 5·5·96·256 + 256 parameters of 4 bytes each
    assert keys["1b"] == 614_656
    assert keys["1c"] == 4 * 614_656
    assert (keys["1a"], keys["3"], keys["4"]) == ((96, 55, 55), "b", False)
    marked = graded_answers(Path("homework-answers.csv"), Marker(assignment))
    verdicts = {name: [mark.verdict for mark in one.marks] for name, one in marked.items()}
    assert verdicts == {
        "Ada Example": ["right", "right", "right", "truncated", "right", "right"],
        "Bo Example": ["right", "wrong", "followed", "rounded", "wrong", "blank"],
        "Cy Example": ["wrong", "partial", "right", "wrong", "right", "right"],
    }
    assert [one.points for one in marked.values()] == [Fraction(7), Fraction(3), Fraction(4)]


def graded_answers(path: Path, marker: Marker) -> dict[str, Graded]:
    """The marks by the name of the student, from the CSV read by another reader than ours."""
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["name"]: marker.mark(Sheet(Student(row["id"], row["name"]), row, "test"))
            for row in csv.DictReader(file)
        }


def test_nothing_is_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for there in ("homework.yaml", "homework-answers.csv"):
        Path(there).write_text("mine")
        said = run(capsys, "grade", "new", "homework.yaml")
        assert said == (
            2,
            "",
            f"'{there}' is there already.\n  Choose another name, or replace it with --force.\n",
        )
        assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]
        Path(there).unlink()
    Path("homework.yaml").write_text("mine")
    assert run(capsys, "grade", "new", "homework", "--force").status == 0
    assert Path("homework.yaml").read_text(encoding="utf-8") != "mine"


@pytest.mark.parametrize("name", ["", "-x y", "a b", "é"])
def test_a_name_that_is_none(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    said = run(capsys, "grade", "new", "--", name)
    assert said.status == 2
    assert "cannot be the name of an assignment" in said.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lang", ["en", "pt-BR"])
def test_every_letter_of_a_working_has_its_meaning(
    lang: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a receptive field, whose legend is longer than a line: r + (k − 1)·j, j·s, o + w·j; in feedback too."""
    path = tmp_path / "homework.yaml"
    path.write_text("networks: vgg16\nquestions: [{ask: pool2.receptive_field}]\n", encoding="utf-8")
    (layer,) = api.explain("vgg16", "pool2.receptive_field").layers
    meanings = {letter.name: letter.meaning for letter in layer.letters}
    out = run(capsys, "grade", "key", str(path), "--lang", lang).out
    legend = [line.strip() for line in out.splitlines() if re.match(r" +[a-z]: ", line)]
    assert len(legend) > 1
    letters = [piece.partition(": ")[0] for line in legend for piece in line.split(" · ")]
    assert letters == list("rkjsow")
    if lang == "en":
        assert all(f"{letter}: {meaning}" in "\n".join(legend) for letter, meaning in meanings.items())
    assert all(len(line) <= 100 for line in out.splitlines())
    (tmp_path / "answers.csv").write_text("id,1\nana,15x15\n", encoding="utf-8")
    folder = tmp_path / "graded"
    run(capsys, "grade", str(path), str(tmp_path / "answers.csv"), "-o", str(folder), "--lang", lang)
    feedback = (folder / "feedback" / "ana.md").read_text(encoding="utf-8")
    assert all(line in feedback for line in legend)
