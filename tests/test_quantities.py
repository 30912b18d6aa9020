"""The names of numbers: the grammar, paths with dots, sums of blocks, axes, the batch, and what is no quantity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcalc import api
from archcalc.network.network import Network
from archcalc.results.counts import COUNTS, OF_LAYERS
from archcalc.results.quantities import QuantityName, measure, parse_name
from archcalc.results.report import Report
from archcalc.words.errors import QuantityError

Load = Callable[..., Network]


def asked(network: Network | str) -> Callable[[str], Any]:
    """How quantities of a network are asked for."""

    loaded = api.load(network) if isinstance(network, str) else network
    reports: dict[int | None, Report] = {}

    def report_at(batch: int | None) -> Report:
        if batch not in reports:
            reports[batch] = api.analyse(loaded, batch=batch or 1)
        return reports[batch]

    return lambda name: measure(name, report_at)


# --- the grammar ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("conv1.output", (None, "conv1", "output", None, None)),
        ("pool1.output.height", (None, "pool1", "output", "height", None)),
        ("vgg16:total.weights", ("vgg16", "total", "weights", None, None)),
        ("resnet50-v1.5:total.params", ("resnet50-v1.5", "total", "params", None, None)),
        ("total.memory(batch=128)", (None, "total", "memory", None, 128)),
        ("total.memory( batch = 128 )", (None, "total", "memory", None, 128)),
        ("  3a.macs ", (None, "3a", "macs", None, None)),
        ("3a.5x5.conv.output.channels", (None, "3a.5x5.conv", "output", "channels", None)),
        ("3a.5x5.macs", (None, "3a.5x5", "macs", None, None)),
        ("error.top5", (None, "error", "top5", None, None)),
        ("total_with_auxiliary.params", (None, "total_with_auxiliary", "params", None, None)),
    ],
)
def test_names_taken_apart(text: str, parts: tuple[Any, ...]) -> None:
    known = ["conv1", "pool1", "3a", "3a.5x5", "3a.5x5.conv"]
    assert parse_name(text, known) == QuantityName(text, *parts)


NO_NAMES = """
conv2 | . | conv1. | .output | conv1..output | conv1 output | a:b:conv1.output | conv1.output() | :conv1.output
conv1.output(batch=0) | conv1.output(batch=-1) | conv1.output(dtype=int8) | conv1.output(batch=1e3)
conv1.output(batch=12 | conv1.öutput | (batch=3)
"""


@pytest.mark.parametrize(
    "text",
    ["", *(text.strip() for line in NO_NAMES.split("\n") for text in line.split("|") if text.strip())],
)
def test_what_is_no_name(text: str) -> None:
    with pytest.raises(QuantityError):
        parse_name(text, ["conv1"])


@pytest.mark.parametrize(
    "text", ["x" * 100_000, "a." * 50_000, "a." * 50_000 + "b"], ids=["word", "dots", "path"]
)
def test_what_is_far_too_long(text: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse_name(text, ["conv1"])
    assert len(str(caught.value)) < 300


@given(st.text(alphabet="ab.:()=1 batch", max_size=25))
def test_any_text_is_a_name_or_an_error(text: str) -> None:
    try:
        found = parse_name(text, ["a", "a.b", "b"])
    except QuantityError:
        return
    assert found.path in ("a", "a.b", "b")
    assert found.text == text


# --- what is there -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("network", "name", "value"),
    [
        ("alexnet", "conv1.output", (96, 55, 55)),
        ("alexnet", "conv1.output.channels", 96),
        ("alexnet", "conv1.output.height", 55),
        ("alexnet", "conv1.input", (3, 227, 227)),
        ("alexnet", "conv1.input.width", 227),
        ("alexnet", "conv1.weights", 34_848),
        ("alexnet", "conv1.biases", 96),
        ("alexnet", "conv1.params", 34_944),
        ("alexnet", "conv1.macs", 105_415_200),
        ("alexnet", "conv1.flops", 210_830_400),
        ("alexnet", "conv1.macs(batch=10)", 1_054_152_000),
        ("alexnet", "conv1.params(batch=10)", 34_944),
        ("alexnet", "conv1.activations", 290_400),
        ("alexnet", "conv1.additions", 290_400),
        ("alexnet", "pool1.comparisons", 96 * 27 * 27 * 8),
        ("alexnet", "conv1.kernel", 11),
        ("alexnet", "conv1.bias", True),
        ("alexnet", "pool1.padding", 0),
        ("alexnet", "fc6.output", (4096,)),
        ("alexnet", "fc6.output.features", 4096),
        ("alexnet", "alexnet:fc6.units", 4096),
        ("alexnet", "total.depth", 8),
        ("alexnet", "total.params", 62_378_344),
        ("vgg16", "conv5_3.receptive_field", (196, 196)),
        ("vgg16", "conv5_3.receptive_field.height", 196),
        ("vgg16", "conv5_3.receptive_field.size", (196, 196)),
        ("vgg16", "conv5_3.receptive_field.stride", (16, 16)),
        ("vgg16", "conv5_3.receptive_field.offset", (-90, -90)),
        ("vgg16", "total.weights", 138_344_128),
        ("vgg16", "total.biases", 13_416),
        ("vgg16", "total.activations", 15_237_608),
        ("vgg16", "total.input_activations", 150_528),
        ("vgg16", "total.param_bytes", 553_430_176),
        ("vgg16", "total.memory(batch=128)", 8_355_085_472),
        ("vgg16", "total.total_bytes(batch=128)", 8_355_085_472),
        ("vgg16", "total.flops", 30_940_528_640),
        ("googlenet", "total_with_auxiliary.params", 13_378_280),
        ("googlenet", "total.params", 6_998_552),
        # Table 1: 28×28×256 out of 192 channels, 128M multiply-adds, 159K parameters and 416 biases more
        ("googlenet", "3a.output", (256, 28, 28)),
        ("googlenet", "3a.input", (192, 28, 28)),
        (
            "googlenet",
            "3a.macs",
            28 * 28 * (192 * 64 + 192 * 96 + 96 * 9 * 128 + 192 * 16 + 16 * 25 * 32 + 192 * 32),
        ),
        ("googlenet", "3a.biases", 64 + 96 + 128 + 16 + 32 + 32),
        ("googlenet", "3a.5x5.output", (32, 28, 28)),
        ("googlenet", "3a.5x5.input.channels", 192),
        ("googlenet", "3a.receptive_field", (59, 59)),
        ("googlenet", "aux1.input", (512, 14, 14)),
        ("resnet50", "conv2.output", (256, 56, 56)),
        ("resnet50", "conv2.1.output.height", 56),
        ("resnet50", "conv2.1.shortcut.weights", 64 * 256 + 2 * 0 + 256),
        ("resnet50", "conv2.1.conv3.output", (256, 56, 56)),
        # the join has the name of the module, and its branches stand below it
        ("inception-reduced", "module.output", (480, 28, 28)),
        ("inception-reduced", "module.input", (256, 28, 28)),
        ("inception-reduced", "module.macs", 271_351_808),
        ("inception-reduced", "module.axis", 0),
        ("inception-reduced", "module.receptive_field", (5, 5)),
    ],
)
def test_quantities_of_known_networks(network: str, name: str, value: object) -> None:
    assert asked(network)(name) == value


@pytest.mark.parametrize("name", ["googlenet", "resnet18", "alexnet"])
def test_blocks_add_up_what_is_in_them(name: str) -> None:
    """The sums over the paths of one part are the totals, for everything that adds up."""
    report = api.analyse(name)
    ask = asked(name)
    tops = dict.fromkeys(row.name.split(".")[0] for row in report.rows if not row.auxiliary)
    for quantity in OF_LAYERS:
        whole = ask(f"total.{quantity}")
        if quantity == "activations":
            whole -= report.totals.input_activations
        assert sum(ask(f"{top}.{quantity}") for top in tops) == whole, quantity


def test_every_total_can_be_asked_for() -> None:
    ask = asked("googlenet")
    for quantity in COUNTS:
        assert ask(f"total_with_auxiliary.{quantity}") >= ask(f"total.{quantity}") >= 0


def test_axes_by_rank(load: Load) -> None:
    ask = asked(
        load(
            "input: [2, 3, 4, 5]\nlayers: [{relu: , name: a}, {reshape: [24, 5], name: b}, {flatten: , name: c}]"
        )
    )
    axes = {"channels": 2, "depth": 3, "height": 4, "width": 5}
    assert {axis: ask(f"a.output.{axis}") for axis in axes} == axes
    tokens = {"tokens": 24, "features": 5, "channels": 24, "length": 5}
    assert {axis: ask(f"b.output.{axis}") for axis in tokens} == tokens
    assert ask("c.output.features") == 120


def test_empty_groups_and_identity_blocks(load: Load) -> None:
    text = """
        input: [1, 4, 4]
        blocks: {off: {parameters: {n: 0}, layers: [{conv: 1, kernel: 1, repeat: $n}]}}
        layers: [{off: , name: first}, {conv: 1, kernel: 1, name: c}, {layers: [], name: g}, relu]
    """
    ask = asked(load(text))
    assert ask("first.output") == (1, 4, 4)
    assert ask("g.output") == (1, 4, 4)
    assert ask("g.params") == ask("first.macs") == 0
    for name in ("g.input", "first.receptive_field", "first.kernel"):
        with pytest.raises(QuantityError):
            ask(name)


def test_a_block_that_begins_with_a_bare_parameter(load: Load) -> None:
    ask = asked(load("input: [4, 6]\nlayers: [{layers: [{concat: [[{parameter: [1, 6]}], []]}], name: g}]"))
    assert ask("g.input") == (4, 6)
    assert ask("g.b1.output") == (1, 6)
    with pytest.raises(QuantityError, match="has no 'input'"):
        ask("g.b1.input")


def test_a_layer_called_like_a_quantity(load: Load) -> None:
    """The layer wins, here as in `explain`."""
    ask = asked(load("input: 5\nlayers: [{layers: [{linear: 3, name: output}], name: g}]"))
    with pytest.raises(QuantityError, match=r"'g\.output' is a layer or block"):
        ask("g.output")
    assert ask("g.output.output") == (3,)
    assert ask("g.output.params") == 18


# --- what is not there -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("covn5.output", "alexnet has no layer or block 'covn5'.", "Did you mean 'conv5'?"),
        (
            "zebra.output",
            "alexnet has no layer or block 'zebra'.",
            "`archcalc summary alexnet` lists its layers; a quantity stands behind a dot, as in total.params.",
        ),
        ("conv1", "'conv1' is a layer or block, not a quantity.", "Name one of it, such as conv1.params."),
        ("conv1.outptu", "conv1 has no 'outptu'.", "Did you mean 'output'?"),
        ("conv1.weights.height", "conv1 has no 'weights.height'.", "Did you mean 'weights'?"),
        (
            "conv1.output.depth",
            "'conv1.output.depth': a shape of 96×55×55 has no axis 'depth'.",
            "Its axes are channels, height, width, tokens and features.",
        ),
        (
            "fc6.receptive_field",
            "fc6 sees all positions of the input: flatten1 (flatten) takes them together.",
            None,
        ),
        ("total.output", "total has no 'output'.", None),
        ("total.parms", "total has no 'parms'.", "Did you mean 'params'?"),
        ("total_with_auxiliary.params", "alexnet has no auxiliary heads.", "Ask for total instead."),
        ("error.top5", "'error.top5' is measured, not calculated.", None),
        (
            "vgg16:conv1.output",
            "'vgg16:conv1.output' is of 'vgg16', not of 'alexnet'.",
            "Leave `vgg16:` out, or ask that network.",
        ),
        (
            "conv1.macs(images=3)",
            "'conv1.macs(images=3)': 'images=3' is no option.",
            "Only batch is: total.memory(batch=128).",
        ),
    ],
)
def test_what_there_is_not(name: str, message: str, hint: str | None) -> None:
    with pytest.raises(QuantityError) as caught:
        asked("alexnet")(name)
    assert caught.value.message == message
    if hint is not None:
        assert caught.value.hint == hint


def test_branches_with_other_strides_have_no_single_field(load: Load) -> None:
    ask = asked(load("input: [1, 8, 8]\nlayers: [{add: [[{max_pool: 2}], [{crop: 4}]], name: j}]"))
    with pytest.raises(QuantityError, match="j has no single receptive field"):
        ask("j.receptive_field")


# --- layers and blocks counted ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("network", "quantity", "count"),
    [
        # Simonyan & Zisserman, Table 1, column D: 2 + 2 + 3 + 3 + 3 convolutions and 3 fully connected layers.
        ("vgg16", "total.layers.conv", 13),
        ("vgg16", "total.layers.linear", 3),
        ("vgg16", "total.layers.max_pool", 5),
        ("vgg16", "total.layers.lstm_like", None),
        # He et al., Table 1: stages of 3, 4, 6 and 3 blocks; the first one of each stage projects its shortcut.
        ("resnet50", "conv2.blocks", 3),
        ("resnet50", "conv4.blocks", 6),
        ("resnet50", "conv4.depth", 18),
        ("resnet50", "conv4.layers.conv", 19),
        ("resnet50", "conv4.2.layers.conv", 3),
        ("resnet50", "conv4.1.shortcut.depth", 1),
        # Szegedy et al., Table 1, column depth: branches stand beside one another.
        ("googlenet", "3a.depth", 2),
        ("googlenet", "3a.blocks", 4),
        ("googlenet", "conv1.depth", 1),
        ("googlenet", "pool3.depth", 0),
        ("googlenet", "pool3.layers", 1),
        # The network has one linear layer, and two more in each auxiliary head.
        ("googlenet", "total.layers.linear", 1),
        ("googlenet", "total_with_auxiliary.layers.linear", 5),
    ],
)
def test_layers_and_blocks_are_counted(network: str, quantity: str, count: int | None) -> None:
    if count is None:
        with pytest.raises(QuantityError, match="no kind of layer"):
            asked(network)(quantity)
    else:
        assert asked(network)(quantity) == count
