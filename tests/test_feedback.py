"""Feedback sheets: what they say, and that nothing of what a student wrote acts in Markdown or HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from builders import graded, mark
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from archcalc.derivations.explanation import Explanation, explain
from archcalc.grading.assignments.assignment import load_assignment
from archcalc.grading.model import (
    Assignment,
    Cause,
    Diagnosis,
    Graded,
    Mark,
    Mistake,
)
from archcalc.render.formats.as_html import page
from archcalc.render.homework.feedback import Feedback
from archcalc.words.language import in_language
from archcalc.words.markup import LONGEST, markdown_code
from archcalc.words.text import printable

HOMEWORK = """
title: Homework 3
networks:
  alexnet: alexnet
  vgg: vgg16
  mine: {input: [1, 7, 7], layers: [{conv: 1, kernel: 3, name: conv}]}
questions:
  - {id: 1a, text: "Output of conv1?", ask: alexnet:conv1.output, points: 2}
  - {id: 1b, text: "Parameters of conv2?", ask: alexnet:conv2.params, points: 3, partial: {bias-forgotten: 1/2}}
  - {id: 2, text: "Memory?", ask: "vgg:total.memory(batch=128)", unit: GB, tolerance: 1%}
  - {id: 3, ask: "vgg:total.params / alexnet:total.params", figures: 2}
  - {id: 4, text: "Which has more?", options: {a: alexnet:total.params, b: vgg:total.params}, pick: largest}
  - {id: 5, fits: mine}
  - {id: 6, text: "Twice 1b?", ask: "$1b * 2"}
"""

BIAS = Diagnosis((Cause((Mistake("bias-forgotten", "rule", "conv2"),), 614400),))


@pytest.fixture(scope="module")
def homework(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    path = tmp_path_factory.mktemp("homework") / "hw3.yaml"
    path.write_text(HOMEWORK, encoding="utf-8")
    return load_assignment(path)


def sheet(*marks: Mark, name: str = "Ana Souza", problems: tuple[str, ...] = ()) -> Graded:
    return graded(*marks, name=name, problems=problems)


def usual(text: str = "55x55x96", name: str = "Ana Souza", problems: tuple[str, ...] = ()) -> Graded:
    return sheet(
        mark("1a", text, "right", 2),
        mark("1b", "614400", "partial", Fraction(3, 2), diagnosis=BIAS),
        mark("2", "7.8 GB", "wrong"),
        mark("3", "", "blank"),
        mark("4", "a", "wrong"),
        mark("5", "no", "right", 1),
        mark("6", "1228800", "followed", 1),
        name=name,
        problems=problems,
    )


def test_a_sheet_says_what_was_asked_given_and_got(homework: Assignment) -> None:
    text = Feedback(homework).markdown(usual())
    assert text.startswith("# Homework 3\n\n**Ana Souza** · ana\n\n**5.5 of 10 points**\n")
    assert "| 1b | 1.5 | 3 | \\~ partly right |" in text
    assert (
        "## 1a – Output of conv1?\n\nYour answer: `55x55x96`\n\n**2 of 2 points: ✓ right**\n\n## 1b" in text
    )
    assert "## 3 – vgg:total.params / alexnet:total.params\n\nYou gave no answer.\n" in text
    assert "- a: alexnet:total.params\n- b: vgg:total.params\n\nYour answer: `a`" in text
    assert "## 5 – Does mine fit?" in text


def test_a_wrong_answer_comes_with_what_went_wrong_and_the_right_working(homework: Assignment) -> None:
    text = Feedback(homework).markdown(usual())
    part = text[text.index("## 1b") : text.index("## 2 ")]
    # AlexNet's conv2 has 256 filters of 5×5 over 96 channels, and a bias each: 5·5·96·256 + 256 = 614,656.
    assert "The right answer: **614,656**" in part
    assert "5·5·96·256 + 256 = 614,656" in part
    assert "bias" in part
    part = text[text.index("## 2 ") : text.index("## 3 ")]
    # 138,357,544 parameters and 15,237,608 activations, 4 bytes each, the latter 128 times: 8.355 GB.
    assert "138,357,544·4 = 553,430,176" in part
    assert "128·15,237,608·4 = 7,801,655,296" in part
    assert "The right answer: **≈ 8.355 GB**" in part
    part = text[text.index("## 3 ") : text.index("## 4 ")]
    assert "138,357,544 / 62,378,344 ≈ 2.218" in part


def test_following_through_is_noted(homework: Assignment) -> None:
    text = Feedback(homework).markdown(usual())
    part = text[text.index("## 6") :]
    assert "→ right for the earlier answer" in part
    assert "It follows from your answer to 1b, which was not right." in part
    assert "answer 1b · 2 = 614,656 · 2 = 1,229,312" in part


def test_answers_to_decide_are_counted_and_shown_in_both_ways(homework: Assignment) -> None:
    from archcalc.grading.numbers import read

    reading = read("3,145", "number", locale=None)
    assert len(reading.ways) == 2
    text = Feedback(homework).markdown(sheet(Mark("3", reading, "ambiguous", Fraction(0))))
    assert "1 answer waits for your teacher and counts as nothing until then: 3." in text
    assert re.search(r"It reads as 3[,.]145 or 3[,.]145: the teacher decides", text)
    assert "3,145" in text
    assert "3.145" in text
    assert "The right answer" not in text


def test_a_sheet_that_could_not_be_read(homework: Assignment) -> None:
    text = Feedback(homework).markdown(sheet(problems=("not YAML at line 3",)))
    assert "This sheet could not be read, so there are no marks." in text
    assert "- not YAML at line 3" in text
    assert "points" not in text


def test_points_lost_for_a_unit_are_explained(homework: Assignment) -> None:
    graded = sheet(mark("2", "8.36", "right", Fraction(1, 2), mistakes=("unit-missing",)))
    text = Feedback(homework).markdown(graded)
    assert "**0.5 of 1 point: ✓ right**\n\nThe unit is missing.\n\nThe right answer: **≈ 8.355 GB**" in text


def test_numbers_and_the_page_are_in_the_language(homework: Assignment) -> None:
    with in_language("pt-BR"):
        text = Feedback(homework).markdown(usual())
        html = Feedback(homework).html(usual())
    assert "5·5·96·256 + 256 = 614.656" in text
    assert "138.357.544 / 62.378.344 ≈ 2,218" in text
    assert '<html lang="pt-BR">' in html
    assert '<html lang="en">' in Feedback(homework).html(usual())


# --- as HTML -----------------------------------------------------------------------------------------------

TAGS = {
    *("html", "head", "meta", "title", "style", "body", "main", "div"),
    *("h1", "h2", "p", "strong", "em", "code", "pre", "ul", "li"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "style"}


class Page(HTMLParser):
    """The tags, the attributes and the text of a page, as Python's own parser reads it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.codes: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attributes}
        if tag != "meta":
            self.open.append(tag)
        if tag == "code":
            self.codes.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "code":
            self.codes[-1] += data


HOSTILE = [
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "![x](https://example.org/x.png)",
    '<img src=x onerror="alert(1)">',
    "`</code><b>`` x",
    "` ",
    "a | b | c",
    "</title><script>",
    "&lt;b&gt; &amp; &#60;",
    "~~~~~~~~\n\n# Title\n\n~~~~~~~~",
    "<https://example.org> https://example.org www.example.org",
    "[a]: javascript:x\n\n[a]",
    "\x1b[31m \u202e \x00 \ud800",
    "**b** _i_ $x$ \\",
    "- [ ] x",
    "|---|---|",
    "    code",
    "}</style><style>*{display:none}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_student_wrote_stands_in_the_page_as_it_is(homework: Assignment, text: str) -> None:
    html = Feedback(homework).html(usual(text, name=text, problems=(text,)))
    found = Page(html)
    assert set(found.tags) <= TAGS
    assert found.attributes <= ATTRIBUTES
    assert found.tags == Page(Feedback(homework).html(usual("1", name="A", problems=("x",)))).tags
    assert printable(text, LONGEST) in found.codes
    assert html.encode()


@given(st.text(min_size=1, max_size=60))
@example("`")
@example(" ` `` ")
def test_code_is_any_text_exactly(text: str) -> None:
    written = markdown_code(text)
    if not printable(text, LONGEST).strip():
        assert written == ""
        return
    (paragraph,) = (token for token in MarkdownIt().parse(f"x {written} y") if token.type == "inline")
    kinds = [(token.type, token.content) for token in paragraph.children or ()]
    assert kinds == [("text", "x "), ("code_inline", printable(text, LONGEST)), ("text", " y")]


def flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from flat(token.children or [])


ACTING = {"html_inline", "html_block", "link_open", "image"}


@pytest.mark.parametrize("text", HOSTILE)
def test_in_markdown_it_acts_as_nothing_for_a_reader_that_allows_everything(
    homework: Assignment, text: str
) -> None:
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = list(flat(reader.parse(Feedback(homework).markdown(usual(text, name=text, problems=(text,))))))
    usual_ones = flat(reader.parse(Feedback(homework).markdown(usual("1", name="A", problems=("x",)))))
    assert [token.type for token in tokens if token.type in ACTING] == []
    skipped = {"text", "text_special", "softbreak"}
    assert [t.type for t in tokens if t.type not in skipped] == [
        t.type for t in usual_ones if t.type not in skipped
    ]


@pytest.mark.parametrize(
    "text", ["<b>x</b>", "[x](https://example.org)", "![x](y.png)", "<https://example.org>"]
)
def test_that_reader_would_notice(text: str) -> None:
    tokens = flat(MarkdownIt("commonmark", {"html": True}).parse(text))
    assert any(token.type in ACTING for token in tokens)


@pytest.mark.parametrize("text", [*HOSTILE, "<b>x</b>", "<!-- x -->", "[x](https://example.org)"])
def test_a_page_allows_no_tag_even_where_markdown_has_one(text: str) -> None:
    found = Page(page(f"# A\n\n{text}\n", text, "en"))
    assert set(found.tags) <= TAGS | {"ol", "hr"}
    assert found.attributes <= ATTRIBUTES


def test_a_page_stands_alone(homework: Assignment) -> None:
    html = Feedback(homework).html(usual())
    assert "default-src 'none'" in html
    for word in ("<script", "http://", "https://", "@import", "url(", "src=", "href="):
        assert word not in html
    assert "prefers-color-scheme: dark" in html
    assert "@media print" in html
    assert "<title>Homework 3 – Ana Souza</title>" in html


def test_what_all_sheets_have_in_common_is_worked_out_once(
    homework: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[object] = []

    def counted(*given: Any) -> Explanation:
        calls.append(given)
        return explain(*given)

    monkeypatch.setattr("archcalc.render.documents.workings.explain", counted)
    feedback = Feedback(homework)
    for _ in range(3):
        feedback.markdown(usual())
    # conv2.params, total.memory, and the total.params of both networks.
    assert len(calls) == 4


def test_a_file_is_written_in_utf_8(homework: Assignment, tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(Feedback(homework).html(usual(name="李小龍")).encode())
    assert "李小龍" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "student", [{"id": ""}, {"id": "  ", "name": " "}, {"id": "", "name": "Ana"}, {"id": "7"}]
)
def test_every_sheet_is_headed_by_a_name(homework: Assignment, student: dict[str, str]) -> None:
    """By where it stands if it says none: four asterisks would be a rule."""
    one = graded(problems=("This row could not be read.",), **student)
    one = one._replace(sheet=one.sheet._replace(source="answers.csv:7"))
    feedback = Feedback(homework)
    name = student.get("name", "").strip() or student["id"].strip() or "answers.csv:7"
    assert feedback.markdown(one).splitlines()[2] == f"**{name}**"
    assert "<hr" not in feedback.html(one)
    assert f"– {name}</title>" in feedback.html(one)
    # Must fail: what stood there before.
    assert "<hr" in MarkdownIt("commonmark").render("# Homework\n\n****\n")


def test_bars_of_a_page_are_marked_and_signs_in_them_are_not() -> None:
    html = page("| a | b |\n|---|---|\n| 3 | ██▌ |\n\n<b> & `█` ▏x\n", "t", "en")
    assert '<span class="bar">██▌</span>' in html
    assert "&lt;b&gt; &amp; <code>█</code>" in html
    assert html.count('class="bar"') == 2
