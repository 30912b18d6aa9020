"""What a class comes back as: the table, the gradebook, JSON, and the report of the class."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import builders
import pytest
from builders import graded, reported

from archcalc.cli.output import encodable
from archcalc.grading.model import (
    Assignment,
    Cause,
    Diagnosis,
    Graded,
    Mark,
    Mistake,
    Question,
    Verdict,
)
from archcalc.grading.statistics import VERDICTS
from archcalc.render.documents.labels import exact_or_near
from archcalc.render.formats import as_csv, as_markdown, table
from archcalc.render.formats.encoding import encoded
from archcalc.render.homework import of_class, of_grades
from archcalc.render.homework.answers import answer, read_as
from archcalc.render.homework.marks import LEGEND, SIGNS, WORDS, of_points, plain, points
from archcalc.results.asked import parse_asked
from archcalc.words.language import in_language


def question(name: str, worth: Fraction | int = 1, **more: Any) -> Question:
    asked = {"text": f"What is {name}?", "asked": parse_asked("conv1.params"), "key": 34944}
    return builders.question(name, worth, **{**asked, **more})


def assignment(*names: str) -> Assignment:
    return builders.assignment(map(question, names), "hw1", "Homework 1")


def mark(name: str, verdict: Verdict, worth: Fraction | int = 0, text: str = "1", **more: Any) -> Mark:
    return builders.mark(name, text, verdict, worth, **more)


BIAS = Diagnosis((Cause((Mistake("bias-forgotten", "rule", "conv1"),), 34848),))
EITHER = Diagnosis(
    (
        Cause((Mistake("one-forgotten", "rule", "conv1", (("size", "54"),)),), (96, 54, 54)),
        Cause((Mistake("padding-once", "rule", "conv1"),), (96, 54, 54)),
    )
)


AB = assignment("a", "b")
CLASS = [
    graded(mark("a", "right", 1), mark("b", "partial", Fraction(1, 3), "34848", diagnosis=BIAS), name="Ana"),
    graded(mark("a", "wrong", text="54", diagnosis=EITHER), mark("b", "blank", text=""), id="bo"),
    graded(mark("a", "ambiguous", text="3,145"), mark("b", "unreadable", text="?"), id="cy"),
    graded(id="zip", problems=("it is no zip",)),
]


def width_of(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in line)


# --- the table ---------------------------------------------------------------------------------------------


def test_the_table_of_a_class() -> None:
    # b: (1/3 + 0 + 0)/3 = 1/9; all: (4/3 + 0 + 0)/3 = 4/9. The sheet that was not read is not in the means.
    assert table.draw(of_grades.document(AB, CLASS, reported(AB, CLASS)), 80) == (
        "Homework 1\n"
        "4 sheets · 2 points\n"
        "\n"
        "student  points     a       b\n"
        "─────────────────────────────\n"
        "Ana ana    1.33   ✓ 1  ~ 0.33\n"
        "bo            0   ✗ 0     – 0\n"
        "cy            0   ? 0     ! 0\n"
        "zip           –\n"
        "─────────────────────────────\n"
        "mean       0.44  0.33    0.11\n"
        "\n"
        "signs      ✓ right, ~ partly right, ✗ wrong, – not answered, ? for the teacher\n"
        "           to decide, ! not understood\n"
        "to decide  cy (cy.yaml), a: 3,145\n"
        "           cy (cy.yaml), b: ?\n"
        "problems   zip: it is no zip\n"
    )


@pytest.mark.parametrize("width", [60, 80, 120])
def test_many_questions_are_folded_to_the_width_and_none_is_lost(width: int) -> None:
    names = [f"q{i}" for i in range(1, 41)]
    of = assignment(*names)
    people = ["Ana Souza da Silva Pereira de Albuquerque", "李小龍 " * 6, "Zoë", "e\u0301" * 12]
    sheets = [graded(*(mark(q, "right", 1) for q in names), id=f"s{i}", name=p) for i, p in enumerate(people)]
    drawn = table.draw(of_grades.document(of, sheets, reported(of, sheets)), width)
    assert max(map(width_of, drawn.splitlines())) <= width
    titles = [word for line in drawn.splitlines() if line.startswith("student") for word in line.split()]
    assert [title for title in titles if title not in ("student", "points")] == names
    assert drawn.count("✓ 1") == 40 * len(people)


def test_no_escape_reaches_the_terminal() -> None:
    hostile = "\x1b[31mAna\x07\u202e\r\n"
    sheets = [
        graded(mark("a", "ambiguous", text=hostile), mark("b", "blank"), id=hostile, problems=(hostile,))
    ]
    document = of_grades.document(AB, sheets, reported(AB, sheets))
    for text in (table.draw(document, 80), as_markdown.draw(document)):
        assert text.replace("\n", "").isprintable()
    report = of_class.document(AB, reported(AB, sheets))
    assert table.draw(report, 80).replace("\n", "").isprintable()


def test_of_a_large_class_the_rest_is_counted() -> None:
    text = table.draw(of_grades.document(AB, CLASS[:1], reported(AB, CLASS * 400)), 80)
    assert "1,600 sheets" in text
    assert "and 1,599 more sheets" in text


def test_only_so_many_notes() -> None:
    sheets = [graded(mark("a", "ambiguous"), mark("b", "right", 1), id=f"s{i}") for i in range(50)]
    text = table.draw(of_grades.document(AB, sheets, reported(AB, sheets)), 80)
    assert text.count(", a: 1") == of_grades.MOST_NOTES
    assert "and 30 more" in text


def test_a_terminal_without_our_signs_gets_others() -> None:
    text = encodable(table.draw(of_grades.document(AB, CLASS, reported(AB, CLASS)), 80), "ascii")
    assert "+ 1  ~ 0.33" in text
    assert "+ right, ~ partly right, x wrong, - not answered" in text


def test_the_table_in_markdown() -> None:
    sheets = [graded(mark("a", "right", 1), mark("b", "wrong"), name="a|b `x` <i>")]
    text = as_markdown.draw(of_grades.document(AB, sheets, reported(AB, sheets)))
    assert "| student | points | a | b |\n| :--- | ---: | ---: | ---: |\n" in text
    assert r"| a\|b \`x\` \<i\> ana | 1 | ✓ 1 | ✗ 0 |" in text
    assert "| **mean** | **1** | **1** | **0** |" in text


def test_every_verdict_has_a_sign_and_words() -> None:
    assert set(SIGNS) == set(WORDS) == set(VERDICTS)
    assert set(SIGNS.values()) == set(LEGEND)


def test_the_table_in_portuguese() -> None:
    with in_language("pt-BR"):
        text = table.draw(of_grades.document(AB, CLASS, reported(AB, CLASS)), 80)
    assert "1,33" in text
    assert "0,44" in text


# --- the gradebook -----------------------------------------------------------------------------------------


def rows(of: Assignment, sheets: Sequence[Graded]) -> list[dict[str, str]]:
    text = as_csv.write(of_grades.header(of), (of_grades.record(of, sheet) for sheet in sheets))
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_gradebook() -> None:
    found = rows(AB, CLASS)
    assert found[0] == {
        "student": "ana",
        "name": "Ana",
        "email": "",
        "points": "1.3333",
        "max_points": "2",
        "open": "0",
        "to_decide": "",
        "source": "ana.yaml",
        "problems": "",
        "a points": "1",
        "a verdict": "right",
        "b points": "0.3333",
        "b verdict": "partial",
    }
    assert (found[2]["open"], found[2]["a verdict"], found[2]["b verdict"]) == (
        "2",
        "ambiguous",
        "unreadable",
    )
    assert found[2]["to_decide"] == "a: 3,145 | b: ?"
    # No marks are not no points.
    assert (found[3]["points"], found[3]["a points"], found[3]["problems"]) == ("", "", "it is no zip")


@pytest.mark.parametrize(
    "formula",
    ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "＝1", '=HYPERLINK("x")', "=1\n=2"],  # noqa: RUF001
)
def test_no_cell_is_a_formula(formula: str) -> None:
    (found,) = rows(AB, [graded(mark("a", "right", 1), mark("b", "wrong"), id=formula, name=formula)])
    for cell in found.values():
        assert not unicodedata.normalize("NFKC", cell).strip().startswith(("=", "+", "-", "@", "\t", "\r"))
    assert found["name"].lstrip("'").strip()


def test_a_negative_number_is_a_number() -> None:
    # Whoever has a alone has less of the rest: its correlation is negative, and no text.
    sheets = [
        graded(mark("a", "right", 1), mark("b", "wrong")),
        graded(mark("a", "wrong"), mark("b", "right", 1)),
        graded(mark("a", "wrong"), mark("b", "right", 1)),
    ]
    text = as_csv.write(of_class.HEADER, of_class.records(reported(AB, sheets)))
    assert text.splitlines()[1].split(",")[5] == "-1"


# --- JSON --------------------------------------------------------------------------------------------------


def test_a_sheet_as_json() -> None:
    found = json.loads(encoded(of_grades.to_json(AB, CLASS[0])))
    assert found["schema"] == "archcalc.grade/1"
    assert (found["points"], found["exact"], found["max_points"]) == (1.3333, "4/3", 2)
    first, second = found["marks"]
    assert (first["points"], first["exact"], first["causes"], first["reason"]) == (1, None, [], None)
    assert (second["points"], second["exact"]) == (0.3333, "1/3")
    assert second["causes"] == [
        {
            "mistakes": [{"code": "bias-forgotten", "sort": "rule", "scope": "conv1", "facts": {}}],
            "value": 34848,
        }
    ]
    assert second["reason"]
    assert "\n" not in encoded(of_grades.to_json(AB, CLASS[0]))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction(4), "4"),
        (Fraction(1, 3), "0.3333"),
        (Fraction(2, 3), "0.6667"),
        (Fraction(1, 10) * 3, "0.3"),
        (Fraction(1, 20_000), "0.0001"),
        (Fraction(1, 20_001), "0"),
        (Fraction(39_999_999, 10_000_000), "4"),
        (-Fraction(1, 3), "-0.3333"),
    ],
)
def test_points_for_programs_have_four_decimals_at_most(value: Fraction, expected: str) -> None:
    assert json.dumps(plain(value)) == expected


@pytest.mark.parametrize(
    ("value", "english", "portuguese"),
    [
        (2, "2", "2"),
        ("3/2", "1.5", "1,5"),
        ("1/3", "0.33", "0,33"),
        ("1/4", "0.25", "0,25"),
        (1234, "1,234", "1.234"),
    ],
)
def test_points_for_people(value: str | int, english: str, portuguese: str) -> None:
    assert points(Fraction(value)) == english
    with in_language("pt-BR"):
        assert points(Fraction(value)) == portuguese


def test_one_point_and_several() -> None:
    assert of_points(Fraction(1, 2), Fraction(1)) == "0.5 of 1 point"
    assert of_points(Fraction(1), Fraction(3, 2)) == "1 of 1.5 points"


# --- the class ---------------------------------------------------------------------------------------------


def test_the_report_of_a_class() -> None:
    text = table.draw(of_class.document(AB, reported(AB, CLASS)), 80)
    # Scores 0, 0 and 4/3 of 2: two in the first tenth, one in the seventh (67%).
    assert "3 sheets · mean 0.44 of 2 · median 0 · quartiles 0 and 0.67" in text
    assert "  0–10%       2 ██" in text
    assert " 60–70%       1 ██" in text
    assert "90–100%       0\n" in text
    # Of a: 1, 0, 0 with 1/3, 0, 0 in b: they go together wholly.
    assert "a              1   33%  1.00  1.00      1       0      1      0     1" in text
    assert "explain again  1×: The biases were left out in conv1. Question b, for example" in text
    assert "either … or    1×: Either the + 1 was forgotten in conv1, or P was used for 2·P" in text
    assert "nobody got     b\n" in text
    assert "not read       1 sheet could not be read and is left out" in text
    assert max(map(width_of, text.splitlines())) <= 80


@pytest.mark.parametrize("sheets", [[], CLASS[3:], CLASS[1:2], CLASS[1:2] * 5], ids=len)
def test_small_classes_and_equal_ones_have_dashes(sheets: list[Graded]) -> None:
    report = reported(AB, sheets)
    text = table.draw(of_class.document(AB, report), 80)
    assert "–" in text
    everything = (
        text + as_markdown.draw(of_class.document(AB, report)) + encoded(of_class.to_json(AB, report))
    )
    assert "nan" not in everything.lower()
    assert "None" not in everything


def test_the_report_as_json() -> None:
    found = json.loads(encoded(of_class.to_json(AB, reported(AB, CLASS))))
    assert found["schema"] == "archcalc.class/1"
    assert (found["sheets"], found["unread"], found["open"], found["max_points"]) == (3, 1, 2, 2)
    assert found["scores"] == [{"points": 0, "sheets": 2}, {"points": 1.3333, "sheets": 1}]
    assert found["quartiles"] == [0, 0, 0.6667]
    assert [one["codes"] for one in found["misconceptions"]] == [
        [["bias-forgotten"]],
        [["one-forgotten"], ["padding-once"]],
    ]
    assert found["misconceptions"][0]["questions"] == {"b": 1}
    assert found["misconceptions"][0]["answer"] == "34848"
    assert found["questions"][0]["verdicts"]["ambiguous"] == 1
    assert found["nobody"] == ["b"]


def test_the_report_as_csv() -> None:
    text = as_csv.write(of_class.HEADER, of_class.records(reported(AB, CLASS)))
    first, second = csv.DictReader(io.StringIO(text))
    assert (first["question"], first["difficulty"], first["discrimination"]) == ("a", "0.3333", "1")
    assert (first["misconception"], first["times"]) == ("one-forgotten | padding-once", "1")
    assert (second["mean"], second["blank"], second["misconception"]) == ("0.1111", "1", "bias-forgotten")


# --- answers in words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (138_357_544, None, "138,357,544"),
        (8_355_085_472, "GB", "≈ 8.355 GB"),
        (2_500_000_000, "GB", "2.5 GB"),
        (Fraction(138_357_544, 62_378_344), None, "≈ 2.218"),
        (Fraction(1, 3), "%", "≈ 33.33%"),
        (Fraction(1, 2), "%", "50%"),
        ((96, 55, 55), None, "96×55×55"),
        (Fraction(1, 3000), None, "≈ 0.0003333"),
        (Fraction(123_456_789, 10), None, "≈ 12,345,679"),
        (True, None, "yes"),
    ],
)
def test_answers(value: Any, unit: str | None, expected: str) -> None:
    assert answer(question("a", unit=unit), value) == expected


def test_ways_to_read_an_answer_do_not_look_alike() -> None:
    from archcalc.grading.numbers import read

    for text in ("3,145", "1.000", "12,345"):
        ways = read(text, "number", locale=None).ways
        assert len({read_as(way) for way in ways}) == len(ways) == 2


def test_near_and_exact() -> None:
    assert exact_or_near(Fraction(5, 2)) == "2.5"
    assert exact_or_near(Fraction(7, 3), 6) == "≈ 2.33333"
    assert exact_or_near(-Fraction(7, 3)) == "≈ -2.333"
