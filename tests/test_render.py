"""What is printed: snapshots at width 100, printed columns added up again, and texts that cannot do harm.

`ARCHCALC_UPDATE_SNAPSHOTS=1 pytest tests/test_render.py` writes the snapshots anew; read the difference.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

import archcalc
from archcalc import api, render
from archcalc.network.network import Network
from archcalc.render.formats import table
from archcalc.render.formats.sheet import Column, Document, Label, Line, Share, Sheet
from archcalc.results.report import Report
from archcalc.spec import catalog
from archcalc.words import markup
from archcalc.words.errors import OptionError

SNAPSHOTS = Path(__file__).with_name("snapshots")
ANSI = re.compile(r"\x1b\[[0-9;]*m")

HOSTILE = r"""
name: "=cmd|'/C calc'!A0 \e[31mred\e[0m [bold]loud[/bold] {x}_$1~^&%#\\ <b> \u202ereversed \u009b31m | `code`"
input: [2, 4, 4]
layers:
  - {conv: 3, kernel: 1, name: -1_x}
  - {head: -2, layers: [relu]}
  - {max_pool: 2}
"""
TWO_HEADS = """\
name: Two heads
input: [3, 8, 8]
layers:
  - {conv: 4, kernel: 3, padding: 1, name: trunk}
  - relu
  - {head: boxes, layers: [{conv: 2, kernel: 1, name: out}]}
  - {auxiliary: early, layers: [flatten, {linear: 2, name: out}]}
  - {max_pool: 2, name: pool}
  - flatten
  - {linear: 10, name: fc}
  - softmax
"""


@pytest.fixture
def network(tmp_path: Path) -> Callable[[str], Network]:
    """The network of a spec written down in a test."""

    def loaded(text: str) -> Network:
        path = tmp_path / "tiny.yaml"
        path.write_text(text, "utf-8")
        return api.load(str(path))

    return loaded


@pytest.fixture
def report(network: Callable[[str], Network]) -> Callable[[str], Report]:
    """The report of a spec written down in a test."""
    return lambda text: api.analyse(network(text))


def unlike(name: str, text: str) -> bool:
    """Whether a text is not as its snapshot has it, which is written first where that is asked for."""
    path = SNAPSHOTS / name
    if os.environ.get("ARCHCALC_UPDATE_SNAPSHOTS"):
        path.write_text(text, "utf-8")
    return text != path.read_text("utf-8")


def column(text: str, title: str) -> list[tuple[str, int]]:
    """The numbers printed below a title, each with the first word of its line. They stand flush right with it."""
    lines = text.splitlines()
    (start,) = (i for i, line in enumerate(lines) if re.match("layer +kind ", line))
    end = lines[start].index(title) + len(title)
    found = []
    for line in lines[start + 1 :]:
        if line.startswith("parameters "):
            break
        cell = line[:end].split(" ")[-1]
        if re.fullmatch(r"\d{1,3}(,\d{3})*", cell):
            found.append((line.split(" ")[0], int(cell.replace(",", ""))))
    return found


def added(text: str, title: str) -> tuple[int, int]:
    """The sum of the numbers above the total of a column, and the total as printed."""
    numbers = column(text, title)
    last = [name for name, _ in numbers].index("total")
    return sum(number for _, number in numbers[:last]), numbers[last][1]


# ---- snapshots


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("vgg16-batch-128.txt", {"batch": 128}),
        ("vgg16-no-bias.txt", {"bias": False, "dtype": "float16"}),
    ],
)
def test_summary_of_vgg16(name: str, arguments: dict[str, object]) -> None:
    assert not unlike(name, render.summary(api.analyse("vgg16", **arguments)))  # type: ignore[arg-type]


@pytest.mark.parametrize("network", ["googlenet", "resnet152", "inception-reduced"])
def test_summary(network: str) -> None:
    assert not unlike(f"{network}.txt", render.summary(api.analyse(network)))


@pytest.mark.parametrize(
    ("form", "ending"),
    [("json", "json"), ("csv", "csv"), ("markdown", "md"), ("latex", "tex"), ("table", "txt")],
)
def test_every_format_of_a_network_with_heads(
    form: str, ending: str, report: Callable[[str], Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archcalc.render.formats.as_json.__version__", "0.0.0", raising=False)
    assert not unlike(f"two-heads.{ending}", render.summary(report(TWO_HEADS), form))


def test_comparison() -> None:
    compared = api.compare("googlenet", "alexnet")
    assert not unlike("googlenet-alexnet.txt", render.comparison(compared))
    assert not unlike("googlenet-alexnet.csv", render.comparison(compared, "csv"))


def test_catalogue() -> None:
    shown = ("lenet5", "alexnet", "vgg11-lrn", "googlenet", "resnet152")
    entries = [entry for entry in api.networks() if entry.name in shown]
    assert not unlike("catalogue.txt", render.catalogue(entries))


def test_a_changed_number_is_unlike_its_snapshot() -> None:
    text = (SNAPSHOTS / "resnet152.txt").read_text("utf-8").replace("60,192,808", "60,192,809")
    assert text != (SNAPSHOTS / "resnet152.txt").read_text("utf-8")
    if not os.environ.get("ARCHCALC_UPDATE_SNAPSHOTS"):
        assert unlike("resnet152.txt", text)


# ---- sums


@pytest.mark.parametrize("depth", [None, 1, 99])
@pytest.mark.parametrize("name", catalog.names())
def test_the_printed_columns_add_up_to_the_printed_totals(name: str, depth: int | None) -> None:
    report = api.analyse(name)
    text = render.summary(report, depth=depth, width=240)
    assert added(text, "parameters") == (report.totals.params,) * 2
    assert added(text, "MACs") == (report.totals.macs,) * 2
    assert added(text, "activations") == (report.totals.activations,) * 2


def test_with_auxiliary_heads_the_columns_add_up_to_the_second_total() -> None:
    report = api.analyse("googlenet")
    assert report.totals_with_auxiliary is not None
    numbers = column(render.summary(report), "MACs")
    rows = [number for name, number in numbers if name not in ("total", "in")]
    assert numbers[-1] == ("in", report.totals_with_auxiliary.macs)
    assert sum(rows) == report.totals_with_auxiliary.macs


def test_a_number_that_was_printed_wrong_does_not_add_up() -> None:
    text = render.summary(api.analyse("lenet5"))
    total, printed = added(text.replace("2,416", "2,417"), "parameters")
    assert (total, printed) == (61_707, 61_706)


@pytest.mark.parametrize("name", ["vgg16", "googlenet", "resnet18"])
def test_the_csv_adds_up_too(name: str) -> None:
    report = api.analyse(name, batch=2)
    rows = list(csv.DictReader(io.StringIO(render.summary(report, "csv"))))
    main = [row for row in rows if row["auxiliary"] == "no"]
    for key in ("params", "weights", "biases", "macs", "flops", "activations"):
        assert sum(int(row[key]) for row in main) == getattr(report.totals, key)
    assert len(rows) == 1 + len(report.rows)


def test_the_lectures_memory_of_vgg16() -> None:
    # Lecture deck 5: 553 MB of parameters, 60.95 MB an image, at batch 128 8.36 GB in all.
    text = render.summary(api.analyse("vgg16", batch=128))
    assert re.search(r"parameters +553\.43 MB +527\.79 MiB", text)
    assert "1,950,413,824 values, 60.95 MB an input" in text
    assert re.search(r"together +8\.36 GB +7\.78 GiB", text)


# ---- the table


@pytest.mark.parametrize("width", [40, 60, 72, 80, 100, 120, 200])
@pytest.mark.parametrize("name", ["vgg16", "googlenet", "resnet50", "inception-naive", "inception-v3"])
def test_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    compared = api.compare(name, "alexnet-torchvision", "lenet5", "resnet152-v1.5")
    texts = (
        render.summary(api.analyse(name), width=width),
        render.summary(api.analyse(name), depth=99, width=width),
        render.comparison(compared, width=width),
        render.catalogue(api.networks(name), width=width),
    )
    for line in "".join(texts).splitlines():
        assert table.columns_of(line) <= width, line


def test_a_long_name_gives_way_to_the_numbers() -> None:
    text = render.summary(api.analyse("inception-v3"), depth=99, width=40)
    assert "Conv2d_1a_3x3.batch_no…" in text
    assert "5,713,216,096" in text
    assert "23,834,568" in text


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_number_is_lost_in_a_narrow_terminal(width: int) -> None:
    text = render.summary(api.analyse("alexnet"), width=width)
    for number in ("34,944", "105,415,200", "37,752,832", "62,378,344", "1,135,256,096"):
        assert number in text


def test_colours_only_add_codes() -> None:
    report = api.analyse("googlenet")
    plain, coloured = render.summary(report), render.summary(report, colour=True)
    assert "\x1b" not in plain
    assert ANSI.sub("", coloured) == plain
    # Bold, cyan and magenta of the terminal's own palette, and nothing else.
    assert set(ANSI.findall(coloured)) == {"\x1b[0m", "\x1b[1m", "\x1b[35m", "\x1b[36m"}


@pytest.mark.parametrize(
    ("part", "drawn"),
    [(0, ""), (1, "▏"), (4, "▌"), (8, "█"), (12, "█▌"), (16, "██"), (32, "████")],
)
def test_a_bar_is_drawn_in_eighths(part: int, drawn: str) -> None:
    assert table.bar(Share(part, 64, 32), 4) == drawn


def test_what_is_not_nothing_is_seen() -> None:
    assert table.bar(Share(1, 10**9, 10**9), 4) == "▏"


def test_wide_characters_take_two_columns() -> None:
    assert table.columns_of("网络 né") == 7
    assert table.cut("网络网络", 5) == "网络…"


@pytest.mark.parametrize(
    ("first", "second", "drawn"),
    [
        # In 40 columns, with gaps of 2: 5 + 6 + 5 leaves room for the whole label.
        ("a" * 5, "b" * 6, "aaaaa  bbbbbb  third  x + y + z"),
        # 20 + 2 + 6 + 2 + 5 + 2 = 37 leave 3 for it.
        ("a" * 20, "b" * 6, f"{'a' * 20}  bbbbbb  third  x …"),
        # 20 + 2 + 12 + 2 + 5 + 2 = 43: the third column goes, 4 are left.
        ("a" * 20, "b" * 12, f"{'a' * 20}  {'b' * 12}  x …"),
        # 20 + 2 + 17 + 2 = 41: the second goes too.
        ("a" * 20, "b" * 17, f"{'a' * 20}  x + y + z"),
    ],
)
def test_columns_go_in_the_order_that_they_say_and_labels_lose_their_tails(
    first: str, second: str, drawn: str
) -> None:
    columns = (Column("a"), Column("b", drop=1), Column("c", drop=2), Column("d"))
    sheet = Sheet(columns, (Line((first, second, "third", Label("x", ("+ y", "+ z")))),))
    lines = table.draw(Document("t", (), (sheet,)), 40).splitlines()
    # What goes is named below the table.
    gone = [name for name, text in (("b", second), ("c", "third")) if text not in drawn]
    assert lines[-1 if not gone else -2] == drawn
    assert (f"No room at this width for: {', '.join(gone)}." == lines[-1]) == bool(gone)


def test_what_has_no_room_stands_in_a_panel_below() -> None:
    columns = (Column("name"), Column("one", right=True), Column("two", right=True))
    lines = (Line(("a", "1" * 30, "2" * 30)),)
    text = table.draw(Document("t", (), (Sheet(columns, lines),)), 40)
    assert f"a     {'1' * 30}\n" in text
    assert text.endswith(f"a     {'2' * 30}\n")


# ---- JSON


def test_the_json_has_the_keys_of_the_contract() -> None:
    found = json.loads(render.summary(api.analyse("googlenet", batch=2), "json"))
    assert list(found) == [
        *("schema", "version", "network", "title", "input", "batch", "dtype", "counts_bias", "depth"),
        *("totals", "totals_with_auxiliary", "layers"),
    ]
    assert (found["schema"], found["version"]) == ("archcalc.summary/1", archcalc.__version__)
    assert found["totals_with_auxiliary"]["params"] == 13_378_280
    layer = found["layers"][0]
    assert layer == {
        "name": "conv1",
        "kind": "conv",
        "from": ["input"],
        "inputs": [[3, 224, 224]],
        "output": [64, 112, 112],
        "config": {
            "filters": 64,
            "kernel": 7,
            "stride": 2,
            "padding": 3,
            "dilation": 1,
            "groups": 1,
            "bias": True,
            "padding_mode": "zero",
        },
        "params": 9472,
        "weights": 9408,
        "biases": 64,
        "shared_with": None,
        "head": None,
        "auxiliary": False,
        # 64·112·112 outputs of 3·7·7 products each, for two inputs.
        "macs": 2 * 118_013_952,
        "flops": 4 * 118_013_952,
        "cost": {
            "macs": 2 * 118_013_952,
            "multiplications": 0,
            "additions": 2 * 802_816,
            "comparisons": 0,
            "divisions": 0,
            "exponentials": 0,
        },
        "activations": 2 * 802_816,
        "receptive_field": {"size": [7, 7], "stride": [2, 2], "offset": [-3, -3], "aligned": True},
    }


def test_json_sums_are_those_of_its_layers() -> None:
    found = json.loads(render.summary(api.analyse("resnet50"), "json"))
    assert sum(layer["params"] for layer in found["layers"]) == found["totals"]["params"] == 25_557_032
    assert sum(layer["macs"] for layer in found["layers"]) == found["totals"]["macs"] == 3_857_973_248


def test_a_fraction_is_a_text_and_the_whole_input_is_null(report: Callable[[str], Report]) -> None:
    spec = "input: [2, 4, 4]\nlayers: [{conv_transpose: 2, kernel: 2, stride: 2}, global_avg_pool]"
    first, second = json.loads(render.summary(report(spec), "json"))["layers"]
    assert first["receptive_field"]["stride"] == ["1/2", "1/2"]
    assert second["receptive_field"] is None


def test_numbers_beyond_64_bits_stay_exact() -> None:
    found = json.loads(render.summary(api.analyse("vgg19", batch=10**9), "json"))
    assert found["totals"]["macs"] == 19_632_062_464 * 10**9


def test_json_refuses_a_depth() -> None:
    with pytest.raises(OptionError, match="JSON has every layer, a depth does not apply"):
        render.summary(api.analyse("lenet5"), "json", depth=2)


def test_the_json_of_a_comparison() -> None:
    found = json.loads(render.comparison(api.compare("googlenet", "alexnet"), "json"))
    first, second = found["networks"]
    assert found["schema"] == "archcalc.compare/1"
    assert first["ratio_to_first"]["macs"] == 1.0
    assert second["ratio_to_first"]["macs"] == pytest.approx(1_135_256_096 / 1_582_671_872, rel=1e-15)
    assert second["kinds"]["conv"] == 5
    assert second["layers"] == sum(second["kinds"].values())


def test_the_json_of_the_catalogue() -> None:
    found = json.loads(render.catalogue(api.networks("vgg16-c"), "json"))
    (network,) = found["networks"]
    assert found["schema"] == "archcalc.list/1"
    assert (network["name"], network["year"], network["macs"]) == ("vgg16-c", 2014, 11_770_888_192)
    assert network["error.top5"][0]["value"] == "9.4%"


# ---- other formats


def test_the_picture_is_valid_xml_of_the_table(report: Callable[[str], Report]) -> None:
    drawn = render.summary(report(HOSTILE), "svg", width=80)
    text = "".join(ET.fromstring(drawn).itertext()).replace("\xa0", " ")  # noqa: S314 - we wrote it
    assert "-1_x" in text
    assert "[bold]loud[/bold]" in text
    assert drawn == render.summary(report(HOSTILE), "svg", width=80)


def test_markdown_tables_have_one_number_of_cells(report: Callable[[str], Report]) -> None:
    text = render.summary(report(TWO_HEADS), "markdown")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {9}


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(OptionError, match=r"there is no format 'tabel'\.\n  Did you mean 'table'\?"):
        render.summary(api.analyse("lenet5"), "tabel")


# ---- texts that would do harm


@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown", "latex", "svg"])
def test_nothing_that_a_terminal_acts_on_gets_through(form: str, network: Callable[[str], Network]) -> None:
    hostile = network(HOSTILE)
    # What the test would find if a title were printed as it is.
    assert {"\x1b", "\x9b", "\u202e"} <= set(hostile.title)
    for text in (
        render.summary(api.analyse(hostile), form),
        render.comparison(api.compare(hostile, hostile), form),
    ):
        assert all(line.isprintable() for line in text.replace("\xa0", " ").split("\n"))


def test_markup_of_rich_is_printed_as_it_is(report: Callable[[str], Report]) -> None:
    assert "[bold]loud[/bold]" in render.summary(report(HOSTILE), width=200)


def test_no_cell_of_a_csv_is_a_formula(network: Callable[[str], Network]) -> None:
    hostile = network(HOSTILE)
    texts = (
        render.summary(api.analyse(hostile), "csv"),
        render.comparison(api.compare(hostile, hostile), "csv"),
    )
    cells = [cell for text in texts for row in csv.reader(io.StringIO(text)) for cell in row]
    assert any(cell.startswith("'=cmd|") for cell in cells)
    assert "'-1_x" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]


def test_numbers_of_a_csv_stay_numbers() -> None:
    text = render.summary(api.analyse("lenet5"), "csv")
    assert text.splitlines()[2] == "c1,conv,6x28x28,156,150,6,117600,235200,4704,,no"


def test_signs_of_markdown_mean_themselves(report: Callable[[str], Report]) -> None:
    title = render.summary(report(HOSTILE), "markdown").splitlines()[0]
    assert title.startswith(r"## =cmd\|'/C calc'!A0")
    assert r"\[bold\]loud\[/bold\]" in title
    assert r"\`code\`" in title
    assert r"\<b\>" in title
    assert "&amp;%" in title


def test_signs_of_latex_mean_themselves(report: Callable[[str], Report]) -> None:
    text = render.summary(report(HOSTILE), "latex")
    # The title stands in a comment, the name of the layer in a cell.
    assert text.startswith("% =cmd|")
    assert r"  -1\_x & conv 1$\times$1 & 3$\times$4$\times$4 & 9 &" in text


@pytest.mark.parametrize(
    ("sign", "escaped"),
    [
        ("a_b", r"a\_b"),
        ("50%", r"50\%"),
        ("$x$", r"\$x\$"),
        ("{a}", r"\{a\}"),
        ("a\\b", r"a\textbackslash{}b"),
        ("~^", r"\textasciitilde{}\textasciicircum{}"),
        ("A & B", r"A \& B"),
        ("[3]", "{[}3{]}"),
    ],
)
def test_latex_escapes(sign: str, escaped: str) -> None:
    assert markup.latex(sign) == escaped
