"""`summary --columns`: what JSON has of a layer as columns, in every format that draws a table."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from archcalc import api, render
from archcalc.cli import main
from archcalc.render.documents.columns import NAME, OFFERED
from archcalc.words.errors import OptionError

SPEC = """
input: [1, 8, 8]
layers:
  - {conv: 4, kernel: 3, padding: 1, name: c}
  - {name: block, layers: [{max_pool: 2, name: p}, {roll: 1, axes: 1, name: r}]}
  - flatten
  - {linear: 2, name: fc}
"""


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "net.yaml"
    path.write_text(SPEC)
    return str(path)


def rows(spec: str, *options: str, capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    assert main(["summary", spec, "--format", "csv", *options]) == 0
    return list(csv.reader(io.StringIO(capsys.readouterr().out)))


def test_chosen_columns_stand_in_order_in_csv(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    """c: 3·3·1·4 + 4 = 40 parameters; p sees 3 + (2 − 1)·1 = 4, 2 apart, from −1 on; fc: 4·4·4·2 + 2 = 130."""
    assert rows(spec, "--columns", "receptive_field,stride,offset,kind,params", capsys=capsys) == [
        ["name", "receptive_field", "stride", "offset", "kind", "params"],
        ["input", "", "", "", "", ""],
        ["c", "3x3", "1x1", "(-1, -1)", "conv 3x3", "40"],
        ["block.p", "4x4", "2x2", "(-1, -1)", "max_pool 2x2 /2", "0"],
        ["block.r", "not known: block.r", "", "", "roll", "0"],
        ["flatten1", "everything", "", "", "flatten", "0"],
        ["fc", "everything", "", "", "linear", "130"],
    ]


def test_a_block_has_the_field_of_its_end_and_the_sum_of_its_counts(
    spec: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folded = rows(spec, "--columns", "name,output,receptive_field,activations", "--depth", "1", capsys=capsys)
    # 4·4·4 of the pool and as many of the roll
    assert folded[3] == ["block", "4x4x4", "not known: block.r", "128"]
    assert folded[1] == ["input", "1x8x8", "", "64"]


@pytest.mark.parametrize("form", ["table", "markdown", "latex", "html", "svg"])
def test_every_table_has_them(spec: str, form: str) -> None:
    text = render.summary(api.analyse(api.load(spec)), form, columns=("receptive_field", "params"))
    assert "receptive" in text
    assert "MACs" not in text.split("total")[0]


def test_every_column_can_be_asked_for_and_json_has_it(spec: str) -> None:
    report = api.analyse(api.load(spec))
    written = render.summary(report, "csv", columns=tuple(OFFERED))
    assert written.splitlines()[0] == ",".join((NAME, *OFFERED))
    layer = json.loads(render.summary(report, "json"))["layers"][0]
    known = {**layer, **layer["receptive_field"], **layer["cost"]}
    assert known.keys() >= OFFERED.keys()


@pytest.mark.parametrize(
    ("columns", "form", "message", "hint"),
    [
        (
            ("recptive_field",),
            "csv",
            "there is no column 'recptive_field'.",
            "Did you mean 'receptive_field'?",
        ),
        (("kind", "kind"), "table", "the column 'kind' is named twice.", "For example"),
        (("name",), "table", "no column is named.", "For example"),
        (("",), "table", "there is no column ''.", "There are name, kind"),
        (("kind",), "json", "JSON has every column, none can be chosen.", "Leave out --columns"),
    ],
)
def test_what_is_no_column_is_refused(
    spec: str, columns: tuple[str, ...], form: str, message: str, hint: str
) -> None:
    with pytest.raises(OptionError) as caught:
        render.summary(api.analyse(api.load(spec)), form, columns=columns)
    assert caught.value.message == message
    assert (caught.value.hint or "").startswith(hint)


def test_parameters_without_biases_are_called_weights(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    for bias, word in (("--bias", "parameters"), ("--no-bias", "weights")):
        for options in ((), ("--columns", "params,macs")):
            assert main(["summary", spec, bias, *options]) == 0
            head = capsys.readouterr().out.split("\n\n")[1].splitlines()[0]
            assert ("weights" in head, "parameters" in head) == (word == "weights", word == "parameters")
