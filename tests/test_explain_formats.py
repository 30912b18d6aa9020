"""`explain` in every format, for every quantity; and no name of anyone's acts on a terminal, a page or a document."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from archcalc import api, render
from archcalc.algebra.symbols import value_of
from archcalc.cli.program import program
from archcalc.derivations import explanation
from archcalc.network.network import Network
from archcalc.render.formats.registry import Screen, choices, named
from archcalc.render.outputs import COMPARISON, EXPLANATION, SUMMARY
from archcalc.results import analysis
from archcalc.results.counts import COUNTS, OF_LAYERS
from archcalc.results.quantities import FIELDS, written
from archcalc.words.errors import ArchcalcError

Load = Callable[..., Network]

SPEC = """
name: All of it
input: [3, 16, 16]
layers:
  - {conv: 8, kernel: [3, 5], padding: [[1, 0], 2], name: c}
  - {conv: 8, kernel: 3, padding: same, stride: 2, name: s}
  - {max_pool: 3, stride: 2, name: p}
  - {upsample: 3, name: u}
  - {name: b, layers: [{add: [[], [{conv: 8, kernel: 1}]], name: join}, {dropout: 0.5, name: d}]}
  - {permute: [1, 2, 0], name: order}
  - {auxiliary: aux, layers: [flatten, {linear: 4, name: fc}]}
  - flatten
  - {linear: 2, name: fc}
published:
  - {quantity: total.macs, value: 1, source: nobody, note: a note, reason: wrong on purpose}
  - {quantity: c.kernel, value: "[3, 5]", source: Table 1}
  - {quantity: u.receptive_field.stride, value: 4/3x4/3, source: Table 2}
  - {quantity: error.top5, value: 7.3%, source: measured}
"""


def names(network: Network) -> Iterator[str]:
    """Every quantity that the grammar knows, of every layer and block, and every path."""
    report = api.analyse(network)
    for row in report.rows:
        yield from (
            row.name,
            *(f"{row.name}.{name}" for name in (*OF_LAYERS, *row.config, "output", "input")),
        )
        if row.receptive_field is not None:
            yield from (
                f"{row.name}.receptive_field{rest}" for rest in ("", ".size", *(f".{x}" for x in FIELDS))
            )
    for path in report.groups:
        yield from (path, *(f"{path}.{name}" for name in (*OF_LAYERS, "output")))
    for path in ("total", "total_with_auxiliary"):
        yield from (path, *(f"{path}.{name}" for name in (*COUNTS, "depth")))
        yield f"{path}.memory(batch=128)"


@pytest.fixture
def network(load: Load) -> Network:
    return load(SPEC)


def shown(form: str, found: explanation.Explanation) -> str:
    """An explanation in one of the formats."""
    return EXPLANATION.written(named(form), Screen(), found)


def plain(value: Any) -> Any:
    """An answer as JSON has it."""
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return value if isinstance(value, bool | int | float) else str(value)


def test_every_quantity_in_every_format(network: Network) -> None:
    for name in (None, *names(network)):
        found = api.explain(network, name)
        pages = {form: shown(form, found) for form in ("text", *choices(EXPLANATION.takes))}
        assert pages["text"] == pages["table"]
        content = json.loads(pages["json"])
        if found.answer is None:
            assert content["answer"] is None
        else:
            assert content["answer"] == plain(found.answer)
            assert f": {written(found.answer)}\n" in pages["text"], name
        for form in ("markdown", "latex"):
            # What one format shows, all of them do: letters, notes, sums and what is published.
            page = pages[form]
            for layer in found.layers:
                for note in layer.notes:
                    assert note[:20] in page, (name, form)
            for judged in found.published:
                assert judged.figure.source in page, (name, form)
        assert pages["latex"].count("{") == pages["latex"].count("}")
        assert pages["latex"].count("\\begin") == pages["latex"].count("\\end")
        rows = list(csv.reader(io.StringIO(pages["csv"])))
        assert {len(row) for row in rows} == {4}
        assert len(rows) > 1, name


def test_a_batch_a_type_and_biases(network: Network) -> None:
    """Formulas are of what is asked for: the numbers are those of `summary` with the same options."""
    report = api.analyse(network, batch=5, dtype="float16", bias=False)
    rows = {row.name: row for row in report.rows}
    for path in ("total", "b", "c", "fc", "u"):
        found = api.explain(network, path, batch=5, dtype="float16", bias=False)
        for layer in found.layers:
            row = rows[layer.name]
            assert layer.row == row
            for step in layer.steps:
                if step.quantity in OF_LAYERS:
                    assert value_of(step.expression) == getattr(row, step.quantity)
        for total in found.sums:
            if path == "total":
                assert total.value == getattr(report.totals, total.quantity.partition(".")[2])
            assert total.value == sum(value_of(term.expression) for term in total.terms)


def test_the_lectures_memory_can_be_asked_for() -> None:
    """138,357,544 · 4 + 128 · 15,237,608 · 4 bytes = 8.36 GB, by a batch in the name or as an option."""
    for found in (
        api.explain("vgg16", "total.memory(batch=128)"),
        api.explain("vgg16", "total.memory", batch=128),
        api.explain("vgg16", "total.memory(batch=128)", batch=2),
    ):
        assert found.answer == 138_357_544 * 4 + 128 * 15_237_608 * 4 == 8_355_085_472
        page = shown("text", found)
        assert "batch·activations·B = 128·15,237,608·4" in page
        assert "8.2 GB: not reproduced" in page


def test_a_network_is_analysed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not again for the answer and for published figures; once more for a batch that a figure of what is asked has."""
    network = api.load("vgg16")
    seen: list[object] = []

    def counting(network: Network, convention: Any = explanation.ONE) -> Any:
        seen.append(convention)
        return analysis.analyse(network, convention)

    monkeypatch.setattr(explanation, "analyse", counting)
    explanation.explain(network, "total.memory")
    assert [getattr(each, "batch", None) for each in seen] == [1, 128]  # the lecture's 8.2 GB is at batch 128
    seen.clear()
    explanation.explain(network, "total.macs")
    assert len(seen) == 1
    known = explanation.Known()
    explanation.explain(network, "total.macs", known=known)
    explanation.explain(network, "fc6.params", known=known)
    assert len(seen) == 2


def test_one_bias_is_one_bias(load: Load) -> None:
    """Five weights and one bias of one unit."""
    pages = [
        render.summary(api.analyse(load(f"input: {size}\nlayers: [{{linear: 1}}]"), bias=bias))
        for size, bias in ((5, True), (1, True), (5, False))
    ]
    for page, words in zip(
        pages,
        ("6 = 5 weights + 1 bias", "2 = 1 weight + 1 bias", "5 weights; 1 bias is not counted"),
        strict=True,
    ):
        assert f" {words}\n" in page


def test_notes_go_with_what_they_concern(network: Network) -> None:
    """Behind an upsampling the field has a note; the key of a layer has the meaning of the key instead."""
    (field,) = api.explain(network, "u.receptive_field").layers
    (key,) = api.explain(network, "u.factor").layers
    assert "upsampling" in " ".join(field.notes)
    assert key.notes == ()
    assert key.summary != field.summary


def test_code_in_the_words_about_a_key_stays_code(network: Network) -> None:
    found = api.explain(network, "c.padding")
    assert "`same`" in shown("markdown", found)
    assert r"\texttt{same}" in shown("latex", found)


def test_settings_are_written_as_yaml_has_them(network: Network) -> None:
    titles = {
        name: shown("text", api.explain(network, name)).splitlines()[0].rpartition(": ")[2]
        for name in ("c.kernel", "c.padding", "order.order", "c.bias", "c.output", "c.macs")
    }
    # 8 filters of 3·5·3 weights on 15×16 positions: (16 + 1 − 3) + 1 = 15 and (16 + 4 − 5) + 1 = 16
    assert titles == {
        "c.kernel": "[3, 5]",
        "c.padding": "[[1, 0], 2]",
        "order.order": "[1, 2, 0]",
        "c.bias": "true",
        "c.output": "8×15×16",
        "c.macs": "86,400",
    }


# --- names that would act ----------------------------------------------------------------------------------------

EVIL = r"a\r\\input{/etc/passwd}\e[31mRED\x9b32m\u202e |x| <b> $y$ & % _z_ `c` \u2028"
HOSTILE = f"""
name: "{EVIL}"
input: [3, 9, 9]
source: "{EVIL}"
family: "{EVIL}"
task: "{EVIL}"
year: 2000
note: "{EVIL}"
layers:
  - {{conv: 4, kernel: 3, name: c}}
  - {{max_pool: 2}}
published:
  - {{quantity: total.params, value: 300, source: "{EVIL}", note: "{EVIL}", reason: "{EVIL}"}}
  - {{quantity: error.top5, value: "7.3 {EVIL}", source: "{EVIL}"}}
"""

COMMANDS = [
    *(
        ("explain", "SPEC", *rest, "-f", form)
        for rest in ((), ("c",), ("total.params",))
        for form in choices(EXPLANATION.takes)
    ),
    *(("summary", "SPEC", "-f", form) for form in choices(SUMMARY.takes)),
    *(("compare", "SPEC", "lenet5", "-f", form) for form in choices(COMPARISON.takes)),
    ("explain", "SPEC", "\x1b[31m\x9b\u202e"),
    ("explain", "SPEC", "c.\u202e\x1b"),
    ("summary", "SPEC", "--set", "\x1b=\x9b1"),
    ("summary", "\x1b[31m\u202e.yaml"),
]


def acting(page: str) -> set[str]:
    """The characters of a page that a terminal, or TeX at the end of a line, would act on."""
    return {c for c in page if c != "\n" and (unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp"))}


def test_what_acts_is_seen() -> None:
    """Must fail: carriage returns, escapes, C1 codes, overrides, line separators, lone surrogates."""
    assert acting("a\rb\x1bc\x9bd\u202ee\u2028f\ud800") == set("\r\x1b\x9b\u202e\u2028\ud800")
    assert acting("a · b\n× ⌊é⌋") == set()


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: " ".join(map(ascii, arguments)))
def test_no_text_of_a_spec_acts(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    path = tmp_path / "evil.yaml"
    path.write_text(HOSTILE, encoding="utf-8")
    command = [str(path) if part == "SPEC" else part for part in arguments]
    result = CliRunner().invoke(program, command, prog_name="archcalc")
    if result.exit_code:
        assert isinstance(result.exception, ArchcalcError)
        assert acting(str(result.exception)) == set()
        return
    page = result.output
    form = command[-1]
    assert acting(page) - ({"\t"} if form == "tsv" else set()) == set(), page
    if form == "latex":
        assert not re.search(r"\\input|(?<!\\)\$y|(?<!\\)&amp|(?<!\\)% _z", _without_comments(page))
    if form == "markdown":
        assert not re.search(r"(?<!\\)<b>|(?<!\\)`c`|(?<!\\)\|x", page)
    if form == "json":
        assert json.loads(page)
    if form == "svg":
        assert "<b>" not in page


def _without_comments(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if not line.startswith("%"))
