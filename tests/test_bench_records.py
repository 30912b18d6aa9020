"""Measurements written and read again, compared with earlier ones, and drawn as table, CSV and chart."""

from __future__ import annotations

import csv
import importlib
import io
import json
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import msgspec
import pytest

from archcalc import render
from archcalc.render.documents.of_bench import significant, verdict
from archcalc.render.formats import chart
from archcalc.timing import history
from archcalc.timing.measurement import (
    Arithmetic,
    Ceiling,
    Configuration,
    Environment,
    LayerTime,
    Measurement,
    Power,
    Times,
    WarmUp,
    decode,
    encode,
)
from archcalc.words.errors import MissingExtra, OptionError

# Round figures, so that what is made of them can be worked out by hand.
ENVIRONMENT = Environment(
    archcalc="0.1.0",
    python="3.11.7",
    torch="2.13.0",
    cuda=None,
    cudnn=None,
    driver=None,
    device="Test CPU",
    compute_capability=None,
    multiprocessors=None,
    memory_bytes=16 * 10**9,
    system="Linux 6.1 x86_64",
    cpu="Test CPU",
    cores=4,
    threads=4,
    cpu_capability="AVX2",
    cudnn_benchmark=True,
    load=0.5,
    variables={"OMP_NUM_THREADS": "4"},
)
CEILING = Ceiling("a source", {"float32": 0.5}, 20.0)


def times(median: float, low: float | None = None, high: float | None = None, repeats: int = 200) -> Times:
    """Times about a median; the interval is ± 1% unless given."""
    low, high = (median * 0.99 if low is None else low), (median * 1.01 if high is None else high)
    return Times(median, low, high, 0.95, median * 1.1, median * 1.2, median * 0.9, repeats)


def measured(**changes: Any) -> Measurement:
    """One image in 20 ms: 10⁹ MACs, hence 0.1 TFLOP/s of 0.5."""
    found = Measurement(
        time="2026-01-02T03:04:05+00:00",
        network="tiny",
        title="Tiny",
        input=(3, 8, 8),
        params=1_000_000,
        macs=10**9,
        flops=2 * 10**9,
        configuration=Configuration(device="cpu"),
        arithmetic=Arithmetic("float32", "float32"),
        status="measured",
        wall=times(0.02),
        warm_up=WarmUp(12, 0.3, True),
        images_per_second=50.0,
        tflops=0.1,
        ceiling=CEILING,
        peak_share=0.2,
        roofline_seconds=0.005,
        roofline_share=0.25,
        environment=ENVIRONMENT,
    )
    return msgspec.structs.replace(found, **changes)


def at_batch(batch: int, **changes: Any) -> Measurement:
    """The same at another batch, in a time that grows with it."""
    return measured(
        configuration=Configuration(device="cpu", batch=batch),
        macs=batch * 10**9,
        flops=2 * batch * 10**9,
        wall=times(0.02 * batch),
        **changes,
    )


LAYERS = (LayerTime("conv1", "conv", 0.015, 9 * 10**8, 0.003), LayerTime("relu1", "relu", 0.005, 0, 0.0))
POWER = Power(310.0, 700.0, 1980.0, 1980.0, 2619.0, 61.0)


# --- JSON lines --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "found",
    [
        measured(),
        measured(events=times(0.019), layers=LAYERS, power=POWER, memory_bytes=10**9, note="a\nnote"),
        measured(status="out of memory", reason="no room", wall=None, warm_up=None, ceiling=None),
    ],
    ids=["plain", "everything", "nothing"],
)
def test_json_lines_are_read_as_they_were_written(found: Measurement) -> None:
    line = encode(found)
    assert line.count("\n") == 1
    assert decode(line + "\n" + line, "f") == [found, found]
    assert render.benchmark([found], "jsonl") == line


def test_json_lines_have_the_whole_environment() -> None:
    written = json.loads(encode(measured()))
    assert written["schema"] == "archcalc.bench/1"
    assert written["environment"] == msgspec.to_builtins(ENVIRONMENT)
    assert written["wall"]["median"] == 0.02


def test_json_lines_do_no_harm_to_a_terminal() -> None:
    line = render.benchmark([measured(title="red \x1b[31m \u202e \u009b")], "jsonl")
    assert line.strip().isprintable()
    assert json.loads(line)["title"] == "red \x1b[31m \u202e \u009b"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("{}", r"line 1 of 'f' is no measurement: "),
        (encode(measured()) + "nonsense", "line 2 of 'f' is no measurement: "),
        (encode(measured(schema="other/2")), "its schema is 'other/2', not archcalc.bench/1"),
    ],
)
def test_what_is_no_measurement_is_refused(lines: str, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        decode(lines, "f")


# --- history -----------------------------------------------------------------------------------------------


def test_a_history_grows(tmp_path: Path) -> None:
    path = str(tmp_path / "runs.jsonl")
    assert history.read(path) == []
    history.append(path, measured())
    history.append(path, at_batch(8))
    assert history.read(path) == [measured(), at_batch(8)]


def test_half_a_line_does_not_spoil_the_next(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    path.write_text("half", "utf-8")
    history.append(str(path), measured())
    assert path.read_text("utf-8") == "half\n" + encode(measured())


def test_a_history_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    with pytest.raises(OptionError, match="cannot be read: it is not UTF-8"):
        history.read(str(tmp_path / "bytes"))
    with pytest.raises(OptionError, match="cannot be read: Is a directory"):
        history.read(str(tmp_path))
    with pytest.raises(OptionError, match="cannot be written: No such file or directory"):
        history.append(str(tmp_path / "none" / "runs.jsonl"), measured())


def test_a_run_is_compared_with_the_last_of_the_same_configuration() -> None:
    """20 ms before, 21 ms now: 1.05 times as long. Before 19.8 … 20.2, now 20.79 … 21.21: outside both."""
    first = measured(wall=times(0.03), time="2026-01-01T00:00:00+00:00")
    second = measured()
    now = measured(wall=times(0.021), time="2026-02-02T00:00:00+00:00")
    found = history.compared(now, [first, second, at_batch(8), measured(network="other")])
    assert found.earlier is not None
    assert found.earlier.ratio == pytest.approx(1.05)
    assert (found.earlier.time, found.earlier.median) == (second.time, 0.02)
    assert found.earlier.outside is True
    assert found.earlier.changes == {}


@pytest.mark.parametrize(
    ("now", "outside"),
    [
        (times(0.0201, 0.0200, 0.0202), False),
        # Its own interval holds the old median, although it lies outside the old interval.
        (times(0.0210, 0.0195, 0.0225), False),
        # The old interval holds the new median.
        (times(0.02015, 0.0201, 0.0202), False),
        (times(0.0190, 0.0189, 0.0191), True),
        (msgspec.structs.replace(times(0.03), low=None, high=None), None),
    ],
)
def test_outside_both_intervals(now: Times, outside: bool | None) -> None:
    found = history.compared(measured(wall=now), [measured()])
    assert found.earlier is not None
    assert found.earlier.outside is outside


@pytest.mark.parametrize(
    "other",
    [
        measured(configuration=Configuration(device="cpu", training=True)),
        measured(configuration=Configuration(device="cpu", dtype="bfloat16")),
        measured(configuration=Configuration(device="cpu", amp=True)),
        measured(arithmetic=Arithmetic("tf32", "float32")),
        measured(input=(3, 16, 16)),
        measured(macs=1),
        measured(environment=msgspec.structs.replace(ENVIRONMENT, device="Another")),
        measured(status="out of memory", wall=None),
    ],
)
def test_another_configuration_is_not_compared(other: Measurement) -> None:
    assert history.compared(measured(), [other]).earlier is None


def test_what_is_new_in_the_environment_is_told() -> None:
    newer = msgspec.structs.replace(ENVIRONMENT, torch="2.14.0", variables={}, load=9.0)
    found = history.compared(measured(environment=newer), [measured()])
    assert found.earlier is not None
    assert found.earlier.changes == {"torch": ("2.13.0", "2.14.0"), "variables": ("OMP_NUM_THREADS=4", "")}
    table = render.benchmark([found])
    assert "torch changed" in table
    assert "2.13.0 → 2.14.0" in table


@pytest.mark.parametrize(
    ("ratio", "outside", "words"),
    [
        (1.2, True, "slower, outside both intervals"),
        (0.8, True, "faster, outside both intervals"),
        (1.2, False, "within the intervals"),
        (1.2, None, "too few repeats to tell"),
    ],
)
def test_verdicts(ratio: float, outside: bool | None, words: str) -> None:
    assert verdict(ratio, outside) == words


# --- the table ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.000123456, "0.0001235"),
        (0.5, "0.5000"),
        (12.3456, "12.35"),
        (9.9996, "10.00"),
        (123456.7, "123,457"),
        (0.0, "0"),
        (None, ""),
    ],
)
def test_significant_digits(value: float | None, text: str) -> None:
    assert significant(value) == text


def test_the_table() -> None:
    out_of_memory = measured(
        configuration=Configuration(device="cpu", batch=4096),
        status="out of memory",
        reason="no room",
        wall=None,
    )
    table = render.benchmark([at_batch(1), at_batch(8), out_of_memory], width=120)
    lines = table.splitlines()
    assert lines[0].split(" · ") == [
        lines[0].split(" · ")[0],
        "float32",
        "torch 2.13.0",
        "4 threads",
    ]
    assert re.search(r"^tiny +1 +20\.00 +1\.0% .* 50\.00 .* 0\.100 +20\.0% +25\.0%$", table, re.MULTILINE)
    assert re.search(r"^tiny +4,096 +out of memory$", table, re.MULTILINE)
    assert "out of memory: no room" in table
    assert "0.500 TFLOP/s float32, 20.0 GB/s (a source)" in table
    assert "2 FLOPs a MAC" in table
    # Neither memory nor power of a CPU is measured: they have no column.
    assert "memory" not in lines[2]


def test_the_table_of_a_gpu() -> None:
    """The precision that is really used, memory and power stand in it."""
    found = measured(
        configuration=Configuration(device="cuda"),
        arithmetic=Arithmetic("tf32", "float32"),
        events=times(0.016),
        ceiling=Ceiling("data sheet", {"tf32": 495.0}, 3350.0),
        memory_bytes=2 * 10**9,
        power=POWER,
    )
    table = render.benchmark([found], width=140)
    assert "tf32 in convolutions, float32 in matrix products" in table
    assert "495 TFLOP/s tf32, no peak known for float32" in table
    # 20 ms by the wall clock are a quarter more than 16 ms by events.
    assert "up to 25.0% longer than by the GPU's events" in table
    assert re.search(r"2\.00 GB +310$", table, re.MULTILINE)


def test_a_table_is_never_wider_than_its_terminal() -> None:
    for width in (60, 80, 100):
        found = measured(power=POWER, memory_bytes=10**9, events=times(0.016), layers=LAYERS)
        table = render.benchmark([found, at_batch(8)], width=width)
        assert max(map(len, table.splitlines())) <= width


def test_layers_stand_below_their_network() -> None:
    table = render.benchmark([measured(layers=LAYERS)])
    # 15 of 20 ms; 2·0.9·10⁹ FLOPs in 15 ms are 0.12 TFLOP/s; 3 of 15 ms are 20%.
    assert re.search(r"^conv1 +conv +15\.00 +75\.0% .* 900,000,000 +0\.120 +20\.0%$", table, re.MULTILINE)
    assert re.search(r"^relu1 +relu +5\.000 +25\.0%", table, re.MULTILINE)
    assert re.search(r"^sum of layers +20\.00 +900,000,000$", table, re.MULTILINE)


def test_what_was_disturbed_or_interrupted_is_told() -> None:
    found = measured(status="interrupted", warm_up=WarmUp(3, 5.0, False), note="beside a compiler")
    table = render.benchmark([found])
    assert "not stable after warming up" in table
    assert "interrupted by Ctrl-C" in table
    assert "beside a compiler" in table


@pytest.mark.parametrize("form", ["markdown", "latex"])
def test_other_formats(form: str) -> None:
    assert "tiny" in render.benchmark([measured(), at_batch(8)], form)


# --- CSV ---------------------------------------------------------------------------------------------------


def test_csv_has_a_line_a_batch_with_everything() -> None:
    oom = measured(status="out of memory", reason="=no", wall=None, warm_up=None)
    rows = list(csv.DictReader(io.StringIO(render.benchmark([measured(), at_batch(8), oom], "csv"))))
    assert [row["configuration.batch"] for row in rows] == ["1", "8", "1"]
    assert rows[0]["wall.median"] == "0.02"
    assert rows[0]["configuration.training"] == "false"
    assert rows[0]["environment.torch"] == "2.13.0"
    assert rows[0]["environment.variables"] == "OMP_NUM_THREADS=4"
    assert rows[0]["input"] == "3x8x8"
    assert rows[0]["power.watts"] == rows[2]["wall.median"] == ""
    # No spreadsheet takes a reason for a formula.
    assert rows[2]["reason"] == "'=no"
    assert {len(row) for row in rows} == {len(rows[0])}


def test_csv_has_the_same_columns_whatever_was_measured() -> None:
    def header(**changes: object) -> str:
        return render.benchmark([measured(**changes)], "csv").splitlines()[0]

    full = header(power=POWER, events=times(1), earlier=history.compared(measured(), [measured()]).earlier)
    assert full == header() == header(wall=None, warm_up=None, ceiling=None)


def test_csv_of_layers_has_a_line_a_layer() -> None:
    rows = list(csv.DictReader(io.StringIO(render.benchmark([measured(layers=LAYERS)], "csv"))))
    assert [row["layer.name"] for row in rows] == ["conv1", "relu1"]
    assert [row["network"] for row in rows] == ["tiny", "tiny"]
    assert rows[0]["layer.seconds"] == "0.015"


# --- the chart ---------------------------------------------------------------------------------------------


def test_the_chart_shows_every_network_and_batch() -> None:
    pytest.importorskip("matplotlib")
    other = [
        measured(network="$huge$ <b>", params=10**8, macs=10**10, images_per_second=5.0),
        at_batch(8, images_per_second=60.0),
        measured(wall=None, images_per_second=None, network="failed"),
    ]
    svg = chart.draw([measured(), *other], "svg").decode()
    root = ET.fromstring(svg)  # noqa: S314 - our own
    texts = ["".join(element.itertext()) for element in root.iter() if element.tag.endswith("}text")]
    assert {"tiny", "$huge$ <b>", "batch 1", "batch 8", "images a second", "100 M parameters"} <= set(texts)
    assert "failed" not in texts
    assert any("MACs an image, forward pass" in text for text in texts)
    # The same figures, the same file.
    assert chart.draw([measured(), *other], "svg").decode() == svg


def test_the_area_of_a_circle_is_for_the_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    axes_module = pytest.importorskip("matplotlib.axes")
    areas = []
    scatter = axes_module.Axes.scatter

    def kept(self: object, x: float, y: float, **style: float) -> object:
        areas.append((x, y, style["s"]))
        return scatter(self, x, y, **style)

    monkeypatch.setattr(axes_module.Axes, "scatter", kept)
    chart.draw([measured(params=25 * 10**6, images_per_second=9.0), measured(params=100 * 10**6)], "svg")
    # The larger circle first, so that the smaller one is seen: four times the area for four times as many.
    (x, y, large), (x2, y2, small) = areas
    assert (x, y, x2, y2) == (1.0, 50.0, 1.0, 9.0)
    assert large == pytest.approx(4 * small)


def test_what_did_not_settle_is_no_circle_like_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A median of 20 ms between 10 and 40 is 50 images a second, or 25, or 100: ± 75%."""
    axes_module = pytest.importorskip("matplotlib.axes")
    drawn: dict[str, list[Any]] = {"scatter": [], "errorbar": [], "plot": []}

    def kept(name: str) -> Any:
        method = getattr(axes_module.Axes, name)

        def called(self: object, *given: Any, **style: Any) -> object:
            drawn[name].append((given, style))
            return method(self, *given, **style)

        return called

    for name in drawn:
        monkeypatch.setattr(axes_module.Axes, name, kept(name))
    wide = Times(0.02, 0.01, 0.04, 0.95, None, None, 0.01, 6)
    drifting = measured(network="drifting", warm_up=WarmUp(12, 0.3, False))
    few = measured(network="few", wall=Times(0.02, None, None, 0.95, None, None, 0.02, 2))
    assert [one.settled for one in (measured(), measured(wall=wide), drifting, few)] == [
        True,
        False,
        False,
        False,
    ]
    svg = chart.draw([measured(), measured(network="wide", wall=wide), drifting, few], "svg").decode()
    assert "not stable" in svg
    assert [style.get("linestyle") for _, style in drawn["scatter"]] == [None, "dashed", "dashed", "dashed"]
    # Only what settled is on the line of its network; who has no interval has no bar.
    assert [list(given[0]) for given, style in drawn["plot"] if style.get("zorder") == 0] == [
        [1.0],
        [],
        [],
        [],
    ]
    assert [style["yerr"] for given, style in drawn["errorbar"]][1] == [[25.0], [50.0]]
    assert len(drawn["errorbar"]) == 3
    assert "not stable" not in chart.draw([measured()], "svg").decode()


def test_the_chart_as_png() -> None:
    pytest.importorskip("matplotlib")
    assert chart.draw([measured()], "png").startswith(b"\x89PNG\r\n")


def test_nothing_to_draw() -> None:
    with pytest.raises(OptionError, match="nothing to draw"):
        chart.draw([measured(images_per_second=None)], "svg")


def test_a_chart_needs_a_format_that_there_is() -> None:
    with pytest.raises(OptionError, match=r"--plot 'x\.gif' does not say what to draw") as caught:
        chart.form_of("x.gif")
    assert ".svg or .png" in str(caught.value)


def test_without_matplotlib_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra) as caught:
        chart.form_of("x.svg")
    assert str(caught.value) == "matplotlib is not installed; install it with: pip install 'archcalc[plot]'"


# --- the page of results -----------------------------------------------------------------------------------


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The page that docs/benchmarks_page.py makes of these measurements."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent.parent / "docs"))
    benchmarks_page = importlib.import_module("benchmarks_page")

    def made(**files: list[Measurement]) -> str:
        for name, found in files.items():
            (tmp_path / f"{name}.jsonl").write_text("".join(map(encode, found)), "utf-8")
        return str(benchmarks_page.page(tmp_path))

    return made


GPU = msgspec.structs.replace(
    ENVIRONMENT,
    device="NVIDIA X",
    cuda="12.8",
    cudnn="90100",
    compute_capability="9.0",
    multiprocessors=132,
    memory_bytes=80 * 2**30,
)


def test_without_a_gpu_its_rows_are_empty(page: Any) -> None:
    broken = measured(network="alexnet", status="failed", reason="no <kernel>", wall=None)
    text = page(cpu=[measured(network="lenet5"), measured(network="lenet5", wall=times(0.04)), broken])
    assert "| alexnet | 1.14 G | failed | – | – | – | – |" in text
    assert r"* Failed, no \<kernel\>: alexnet" in text
    assert "Not measured: no GPU was available." in text
    rows = [line for line in text.splitlines() if line.startswith(("| forward", "| training"))]
    assert len(rows) == 6
    assert all(line.endswith("| – | – |") for line in rows)
    assert "## Test CPU" in text
    # The last measurement counts; 416,520 MACs are those of the catalogue.
    assert "| lenet5 | 417 k | 40.00 | 1.0% | 50.00 | 20.0% | 25.0% |" in text


def test_what_a_gpu_could_not_do_stays_empty(page: Any) -> None:
    def on_gpu(network: str, batch: int, **changes: Any) -> Measurement:
        configuration = Configuration(device="cuda", batch=batch, tf32=True)
        return measured(
            network=network,
            configuration=configuration,
            arithmetic=Arithmetic("tf32", "tf32"),
            environment=GPU,
            memory_bytes=10**9,
            note="a <b>",
            **changes,
        )

    found = [on_gpu("vgg16", 1), on_gpu("vgg16", 128, status="out of memory", reason="full", wall=None)]
    text = page(gpu=found, cpu=[measured(network="lenet5")])
    assert "no GPU was available" not in text
    assert text.index("## NVIDIA X") < text.index("## Test CPU")
    assert "### Forward, tf32" in text
    assert r"a \<b\>" in text
    assert "CUDA 12.8, cuDNN 90100, driver not told" in text
    empty = " | –" * 5
    assert f"20.00 | 1.0% | 50.00 | 20.0% | 25.0% | 1.00 GB | out of memory{empty} |" in text
    # Every other network of the catalogue has a row with nothing in it.
    assert re.search(r"^\| resnet50 \| 3\.86 G( \| –){12} \|$", text, re.MULTILINE)


def test_the_page_of_results_is_current() -> None:
    """What was measured and committed stands on it."""
    text = (Path(__file__).parent.parent / "docs" / "benchmarks.md").read_text("utf-8")
    for path in (Path(__file__).parent.parent / "benchmarks" / "results").glob("*.jsonl"):
        for found in history.read(str(path)):
            assert f"## {found.environment.device}" in text
            assert not found.note or found.note in text
