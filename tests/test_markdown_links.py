"""Names, titles and answers that look like addresses stay text in GitHub's Markdown and in others that make links."""

from __future__ import annotations

import html
import re

import pytest
from builders import assignment, graded, mark, question, reported
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from archcalc.render.formats import as_markdown
from archcalc.render.formats.sheet import Column, Document, Line, Sheet
from archcalc.render.homework import of_class, of_grades
from archcalc.render.homework.feedback import Feedback
from archcalc.words.markup import markdown

ADDRESSES = [
    *("http://evil.example/x", "https://evil.example", "HTTP://evil.example", "ftp://evil.example"),
    *("www.evil.example", "(www.evil.example)", "x*www.evil.example", "~www.evil.example", "**www.a.b"),
    *("ana@example.org", "a.b+c_d@x-y.example.com", "mailto:ana@example.org", "xmpp:ana@example.org/r"),
    *("Ana <ana@example.org>", "a_@b.co", "a@b@c.de", "aa.@b.c", "+@b.c", "www.a@b.c", "http://a@b.c"),
    *("`ana@example.org`", "a|b@c.de|f", "x@y.z@w.v", "ann@ex.org, bob@ex.org", "see http://e.example."),
]

SAFE = ["Ana", "conv1.params", "a @ b", "3:1", "wwwhat.x", "ana@host", "e.g. VGG-16"]


def text_of(page: str) -> str:
    """What a reader sees of a page of CommonMark."""
    return html.unescape(re.sub("<[^>]*>", "", MarkdownIt("commonmark").render(page))).strip()


# The rules of GFM, section 6.9, in the words of its specification, on Markdown as it stands: links are looked for in
# the source, but addresses of mailboxes in the text that is left when escapes have gone. Code has neither.
CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
PAGES = re.compile(r"(?:(?:^|(?<=[\s*_~(]))www\.|(?i:https?|ftp)://)[A-Za-z0-9]")
MAILBOX = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+")


def links(page: str) -> list[str]:
    """What GitHub makes links of in one line of Markdown."""
    # An escaped backtick begins no code; one behind an escaped backslash does.
    source = CODE.sub("\n", re.sub(r"\\\\|\\`", lambda sign: sign[0].replace("\\`", "\x00"), page))
    unescaped = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", source)
    return [*PAGES.findall(source), *MAILBOX.findall(unescaped)]


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_looks_like_an_address_is_seen(address: str) -> None:
    """Must fail: as it is, and with the signs escaped that mean something in Markdown itself."""
    assert links(address.replace("`", ""))
    assert links(re.sub(r"[\\`*<>\[\]|~$]", r"\\\g<0>", address).replace("\\`", ""))


@pytest.mark.parametrize("text", [*ADDRESSES, *SAFE])
def test_an_address_is_text(text: str) -> None:
    assert links(markdown(text)) == []
    assert text_of(markdown(text)) == text


@pytest.mark.parametrize("text", SAFE)
def test_what_is_no_address_is_not_touched(text: str) -> None:
    assert markdown(text) == text


@given(st.lists(st.sampled_from([*ADDRESSES, *SAFE, " ", "`", "\\", "_", "*", "|", "<", "://", "@", "."])))
def test_no_mixture_is_a_link(pieces: list[str]) -> None:
    assert links(markdown("".join(pieces).strip())) == []


def page_of(address: str) -> str:
    """Feedback and report of a class where everything is called so."""
    of = assignment([question("1")._replace(text=address)], title=address)
    sheets = [graded(mark("1", address, "ambiguous"), id=address, name=f"{address} {n}") for n in range(2)]
    report = reported(of, sheets)
    documents = of_grades.document(of, sheets, report, [address]), of_class.document(of, report)
    return "\n".join((Feedback(of).markdown(sheets[0]), *map(as_markdown.draw, documents)))


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_has_a_link(address: str) -> None:
    assert [found for line in page_of(address).splitlines() for found in links(line)] == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_github_makes_no_link(address: str) -> None:
    """By GitHub's own program, where it is installed; it does make one of the address alone."""
    github = pytest.importorskip("cmarkgfm").github_flavored_markdown_to_html
    assert "<a " in github(address) or "`" in address
    assert "<a " not in github(page_of(address))
    cell = Sheet((Column(address),), (Line((address,)), Line((address,), "total")), address)
    document = Document(address, (address,), (cell,), [(address, address), ("", address)], [address])
    assert "<a " not in github(as_markdown.draw(document))


# ---- several notes under one label


def items(page: str) -> list[tuple[int, str]]:
    """Every item of the lists of a page with how deep it stands."""
    found, depth = [], 0
    tokens = MarkdownIt("commonmark").parse(page)
    for token, following in zip(tokens, [*tokens[1:], tokens[-1]], strict=True):
        depth += {"bullet_list_open": 1, "bullet_list_close": -1}.get(token.type, 0)
        if token.type == "paragraph_open" and depth:
            found.append((depth, following.content))
    return found


def test_notes_of_one_label_are_items_of_the_same_depth() -> None:
    notes = [("", "alone"), ("again", "first"), ("", "second"), ("", "third"), ("nobody", "1a"), ("r", "x")]
    page = as_markdown.draw(Document("t", (), (), notes))
    assert items(page) == [
        *((1, "alone"), (1, "again:"), (2, "first"), (2, "second"), (2, "third")),
        *((1, "nobody: 1a"), (1, "r: x")),
    ]


def test_what_was_before_is_seen() -> None:
    """Must fail: the first entry holds the others."""
    assert items("- again: first\n  - second\n  - third\n") != [
        *((1, "again:"), (2, "first"), (2, "second"), (2, "third"))
    ]


def test_a_long_note_is_told_in_full() -> None:
    page = as_markdown.draw(Document("t", (), (), [("why", "word " * 200)]))
    assert page.count("word") == 200


def test_the_histogram_has_its_bars() -> None:
    """Two of three have all points, one none: 20 signs for two, 10 for one, nothing for nobody."""
    of = assignment([question("1")])
    right = [graded(mark("1", "1", "right", 1), id=name) for name in "ab"]
    sheets = [*right, graded(mark("1", "2", "wrong"), id="c")]
    page = as_markdown.draw(of_class.document(of, reported(of, sheets)))
    assert "| 0–10% | 1 | ██████████ |" in page
    assert "| 10–20% | 0 |  |" in page
    assert f"| 90–100% | 2 | {'█' * 20} |" in page
