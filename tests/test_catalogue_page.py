"""The page of the catalogue says of every network what was published, and which of it does not reproduce."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import Any

import pytest

import archcalc
from archcalc.derivations.explanation import judge_all
from archcalc.spec import catalog

DOCS = Path(__file__).resolve().parent.parent / "docs"
sys.path.insert(0, str(DOCS))
catalogue_page: Any = importlib.import_module("catalogue_page")


@pytest.fixture(scope="module")
def page() -> str:
    """The page as it would be written now."""
    written: str = catalogue_page.page()
    return written


def row(page: str, start: str) -> list[str]:
    """The cells of the one row of a table that begins like that."""
    (found,) = [line for line in page.splitlines() if line.startswith(f"| {start}")]
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", found)[1:-1]]


def test_the_page_is_current(page: str) -> None:
    assert (DOCS / "catalogue.md").read_text(encoding="utf-8") == page


def test_every_network_has_its_row_and_its_spec(page: str) -> None:
    linked = dict(re.findall(r"^\| \[([\w.-]+)\]\(\.\./(specs/[\w./-]+)\)", page, re.MULTILINE))
    assert sorted(linked) == catalog.names()
    missing = [path for path in linked.values() if not (DOCS.parent / path).is_file()]
    assert missing == []


def test_a_row(page: str) -> None:
    """Parameters and MACs of ResNet-50 as torch counts them; the paper's 3.8 is 3.858 cut off."""
    name, source, params, macs, published, _ = row(page, "[resnet50]")
    assert name == "[resnet50](../specs/resnet50.yaml)"
    assert source.startswith("He, Zhang, Ren &amp; Sun (2015)")
    assert (params, macs) == ("25,557,032", "3,857,973,248")
    assert "3.8e9 MACs (truncated)" in published
    assert "50 layers deep (exactly)" in published


def test_what_does_not_reproduce_is_listed_with_its_reason(page: str) -> None:
    """Every figure that is marked in a spec, and no other."""
    _, _, table = page.partition("## What does not reproduce")
    listed = sorted(re.findall(r"^\| ([\w.-]+) \| `([^`]+)` \| ([^|]+?) \|", table, re.MULTILINE))
    marked = sorted(
        (name, figure.quantity, figure.value)
        for name in catalog.names()
        for figure in archcalc.load(name).spec.published
        if figure.reason
    )
    assert listed == marked
    cells = row(page, "googlenet | `conv1.weights`")
    assert cells[2:4] == ["2.7K", "9,408"]
    assert cells[4].startswith("7·7·3·64 = 9,408")
    assert cells[5] == "Table 1, params"


def test_counts_add_up(page: str) -> None:
    """The sentence at the top against the figures themselves."""
    counts = [0, 0, 0, 0]
    for name in catalog.names():
        for found in judge_all(archcalc.load(name)):
            if found.verdict != "measured":
                counts[["exact", "rounded", "truncated", "different"].index(found.verdict)] += 1
    assert (
        f"{len(catalog.names())} networks with {sum(counts):,} figures: {counts[0]:,} exactly, {counts[1]:,} "
        f"rounded, {counts[2]:,} truncated; {counts[3]:,} do not reproduce"
    ) in page


def test_another_figure_makes_another_page(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparisons above can fail: with one published figure changed, its row and the list change."""
    spec = catalog.load_spec("vgg16")
    first, *others = spec.published
    wrong = first._replace(value="17")

    def with_another(name: str) -> Any:
        network = archcalc.api.load(name)
        if name != "vgg16":
            return network
        return network._replace(spec=spec._replace(published=(wrong, *others)))

    monkeypatch.setattr(catalogue_page.archcalc, "load", with_another)
    changed: str = catalogue_page.page()
    assert "17 layers deep (**not**)" in row(changed, "[vgg16]")[4]
    assert row(changed, "vgg16 | `total.depth`")[2:4] == ["17", "16"]
    assert changed != page


def test_text_from_a_spec_is_no_markup() -> None:
    """A reason may hold a bar or brackets without breaking the table."""
    assert catalogue_page.escaped("a | b < c") == r"a \| b \< c"
