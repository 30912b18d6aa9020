"""`check`: every wrong rule is caught, every difference is told with both workings, published figures are judged."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from archcalc.checks import checking
from archcalc.checks.checking import Check, checked
from archcalc.cli import main
from archcalc.layers import KINDS
from archcalc.layers.base import Layer, Letters
from archcalc.network.network import Network
from archcalc.render import checks
from archcalc.spec import catalog
from archcalc.words.errors import MissingExtra, OptionError

torch = pytest.importorskip("torch")

import archcalc  # noqa: E402 - only where torch is
from archcalc.pytorch import many  # noqa: E402
from archcalc.pytorch.witness import observe  # noqa: E402

Load = Callable[..., Network]

MIXED = """\
name: Mixed
input: [4, 12, 12]
layers:
  - {conv: 6, kernel: [3, 2], stride: 2, padding: 1, dilation: 2, groups: 2, name: conv}
  - {batch_norm: , name: norm}
  - {prelu: , name: slope}
  - {max_pool: 3, stride: 2, ceil: true, padding: 1, name: pool}
  - {conv_transpose: 4, kernel: 3, stride: 2, padding: 1, output_padding: 1, name: up}
  - {concat: {left: [{conv: 4, kernel: 1, name: one}], right: []}, name: join}
  - {flatten: 1, name: tokens}
  - {layer_norm: , name: layer_norm}
  - {attention: 1, name: attention}
  - {scale: learned, per: channel, name: scale}
  - flatten
  - {linear: 5, name: fc}
  - {head: other, layers: [{linear: 3, name: out}]}
  - {auxiliary: helper, layers: [{linear: 7, name: out}]}
  - softmax
published:
  - {quantity: fc.output, value: 5, source: somewhere}
"""


def differing(check: Check) -> set[tuple[str, str]]:
    """The layers and quantities that differ."""
    return {(found.layer, found.quantity) for found in check.differences}


def text(network: Network, form: str = "table", **options: Any) -> str:
    """What `check` prints of a network."""
    return checks([archcalc.check(network)], form, **options)


def test_a_network_of_many_kinds_agrees(load: Load) -> None:
    check = archcalc.check(load(MIXED))
    assert check.differences == ()
    assert check.agrees
    assert [layer.name for layer in check.layers] == [row.name for row in check.report.rows]
    assert all(layer.ours == layer.theirs for layer in check.layers)


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_a_network_by_name_agrees_on_every_device(device: str) -> None:
    check = archcalc.check("lenet5", device=device)
    assert check.agrees
    assert check.witness == f"torch {torch.__version__} on {device}"


def test_totals_differ_by_named_entries_only(load: Load) -> None:
    check = archcalc.check(load(MIXED))
    params, macs = check.totals
    # the auxiliary head: 5·7 weights and 7 biases
    assert [(entry.name, entry.value) for entry in params.entries] == [("auxiliary head helper", 42)]
    assert params.theirs == params.ours + 42
    assert macs.theirs == macs.ours + 35
    assert "42 more in auxiliary head helper: used in training only" in text(load(MIXED))


# --- one rule at a time ------------------------------------------------------------------------------------


def axes(**changes: Callable[[Any], Any]) -> Callable[[Letters], Letters]:
    """The letters with one of each axis changed."""
    return lambda x: x.replace(
        axes=tuple(
            a.replace(**{name: change(getattr(a, name)) for name, change in changes.items()}) for a in x.axes
        )
    )


def letters(**changes: Callable[[Any], Any]) -> Callable[[Letters], Letters]:
    """The letters of the layer with one changed."""
    return lambda x: x.replace(**{name: change(getattr(x, name)) for name, change in changes.items()})


WRONG: list[tuple[str, str, str, str, Callable[[Letters], Letters]]] = [
    # what is wrong, kind, rule, where it must show
    ("the padding is forgotten", "conv", "output", "conv", axes(P=lambda _: 0)),
    ("a stride of 1", "conv", "output", "conv", axes(S=lambda _: 1)),
    ("the dilation is forgotten", "conv", "output", "conv", axes(D=lambda _: None)),
    ("a larger kernel", "conv", "output", "conv", axes(F=lambda f: 2 * f - 1)),
    ("a filter too many", "conv", "output", "conv", letters(K=lambda k: k + 1)),
    ("a larger kernel", "conv", "weights", "conv", axes(F=lambda f: f + 1)),
    ("the groups are forgotten", "conv", "weights", "conv", letters(G=lambda _: None)),
    ("a channel too few", "conv", "weights", "conv", letters(C=lambda c: c - 2)),
    ("the bias is forgotten", "conv", "biases", "conv", letters(bias=lambda _: False)),
    ("the groups are forgotten", "conv", "macs", "conv", letters(G=lambda _: None)),
    ("a smaller kernel", "conv", "macs", "conv", axes(F=lambda f: f - 1)),
    ("no rounding up", "max_pool", "output", "pool", axes(ceil=lambda _: False)),
    ("the padding is forgotten", "max_pool", "output", "pool", axes(P=lambda _: 0)),
    ("the output padding is forgotten", "conv_transpose", "output", "up", axes(O=lambda _: None)),
    ("counted at the output", "conv_transpose", "macs", "up", axes(N=lambda n: 2 * n)),
    ("groups where there are none", "conv_transpose", "weights", "up", letters(G=lambda _: 2)),
    ("the bias is forgotten", "conv_transpose", "biases", "up", letters(bias=lambda _: False)),
    ("one slope for all", "prelu", "weights", "slope", letters(shared=lambda _: True)),
    ("a unit too many", "linear", "weights", "fc", letters(M=lambda m: m + 1)),
    ("the bias is forgotten", "linear", "biases", "fc", letters(bias=lambda _: False)),
    ("a feature too few", "linear", "macs", "fc", letters(shape=lambda s: (*s[:-1], s[-1] - 1))),
    ("the biases are forgotten", "attention", "biases", "attention", letters(bias=lambda _: False)),
    ("a token too many", "attention", "macs", "attention", letters(shape=lambda s: (s[0] + 1, s[1]))),
]


def with_rule(
    monkeypatch: pytest.MonkeyPatch, kind: str, rule: str, change: Callable[[Letters], Letters]
) -> None:
    """Let a rule of a kind read changed letters."""
    name = "cost" if rule == "macs" else rule
    right = getattr(KINDS[kind], name)
    monkeypatch.setattr(KINDS[kind], name, staticmethod(lambda x, *rest: right(change(x), *rest)))


@pytest.mark.parametrize(
    "case",
    WRONG,
    ids=[f"{case[1]}-{case[2]}-{case[0].replace(' ', '-')}" for case in WRONG],
)
def test_a_rule_with_one_thing_changed_is_caught(
    load: Load, monkeypatch: pytest.MonkeyPatch, case: tuple[str, str, str, str, Any]
) -> None:
    _, kind, rule, layer, change = case
    with_rule(monkeypatch, kind, rule, change)
    check = archcalc.check(load(MIXED))
    assert not check.agrees
    assert (layer, rule) in differing(check)


def as_list(size: int | tuple[int, ...], rank: int) -> list[int]:
    return [size] * rank if isinstance(size, int) else list(size)


def with_one_change(layer: Layer, field: str, rank: int) -> Layer:
    """A layer with a larger kernel or stride along its last axis, or with the other choice of a bias."""
    value = getattr(layer, field)
    if field == "bias":
        return replace(layer, bias=not value)
    *others, last = as_list(value, rank)
    return replace(layer, **{field: (*others, last + 1)})


def changes(network: Network) -> Iterator[tuple[int, str, str]]:
    """Each layer whose kernel, bias or stride can be changed: its index, the field, and where it must show."""
    shows = {"kernel": "weights", "window": "output", "bias": "biases", "stride": "output"}
    for index, node in enumerate(network.nodes):
        rank = len(node.output) - 1
        for field, quantity in shows.items():
            if node.shares is not None or not hasattr(node.layer, field):
                continue
            if field == "bias" and getattr(node.layer, "affine", True) is False:
                continue
            if quantity == "output":
                changed = with_one_change(node.layer, field, rank)
                if changed.output(changed.read(node.shapes))[1:] == node.output[1:]:
                    # As many positions fit: then the two have the same shapes, parameters and MACs.
                    continue
            yield index, field, quantity


@pytest.mark.parametrize(
    ("name", "least"), [("lenet5", 12), ("resnet18", 60), ("googlenet", 150), ("unet", 60), ("vit-b32", 30)]
)
def test_one_layer_of_a_network_with_another_kernel_bias_or_stride_is_caught(name: str, least: int) -> None:
    network = archcalc.load(name)
    tried = list(changes(network))
    assert len(tried) >= least
    # Of long networks every n-th change, all over them.
    for index, field, quantity in tried[:: 1 + len(tried) // 30]:
        node = network.nodes[index]
        other = node._replace(layer=with_one_change(node.layer, field, len(node.output) - 1))
        built = network._replace(nodes=(*network.nodes[:index], other, *network.nodes[index + 1 :]))
        check = checked(network, "torch", observe(built))
        # Or torch does not run the layer at all, as a kernel that is larger than its input.
        assert {(node.name, quantity), (node.name, "module")} & differing(check), f"{node.name}: {field}"


FLATTENED = """\
input: [1, 8]
layers:
  - {conv: 2, kernel: 3, padding: 1}
  - flatten
  - {linear: 3}
"""


def test_what_torch_refuses_is_told_with_its_layer(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    with_rule(monkeypatch, "conv", "output", axes(P=lambda _: 0))
    check = archcalc.check(load(FLATTENED))
    assert ("conv1", "output") in differing(check)
    (refused,) = [found for found in check.differences if found.quantity == "module"]
    # The linear layer was built for 2·6 features and gets 2·8.
    assert refused.layer == "linear1"
    assert [int(size) for size in re.findall("[0-9]+", refused.their_working[0])] == [2, 16, 12, 3]
    assert check.layers[-1].theirs is None
    assert not [found for found in check.differences if found.layer == "linear1" and found is not refused]


def test_what_torch_cannot_even_build_is_told_with_its_layer(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = load(FLATTENED)
    monkeypatch.setattr(KINDS["conv"], "build", lambda *_: torch.nn.Conv1d(1, 2, 3, groups=3))
    check = checked(network, "torch", observe(network))
    (refused,) = check.differences
    assert (refused.layer, refused.quantity) == ("conv1", "module")
    assert "divisible by groups" in refused.their_working[0]


def test_products_outside_of_layers_are_told(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    from archcalc.pytorch.model import Model

    forward = Model.forward

    def busy(self: Any, x: Any) -> Any:
        torch.eye(3, device="meta") @ torch.eye(3, device="meta")
        return forward(self, x)

    monkeypatch.setattr(Model, "forward", busy)
    check = archcalc.check(load(FLATTENED))
    assert differing(check) == {("network", "macs"), ("total", "macs")}
    rows = csv.DictReader(io.StringIO(checks([check], "csv")))
    # 3·3·3 products, for both inputs of the batch
    found = [(row["layer"], row["other"]) for row in rows if row["verdict"] == "differs"]
    assert ("network", "27") in found


def test_a_layer_that_takes_its_batch_for_an_axis_is_told(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    from archcalc.pytorch.modules import Mean

    monkeypatch.setattr(Mean, "forward", lambda self, x: x.mean([axis - 1 for axis in self.axes]))
    network = load("input: [6, 2]\nlayers:\n  - {mean: 0}\n")
    # [2, 6, 2] without its first axis instead of its second
    assert archcalc.check(network).layers[0].theirs == ((6, 2), 0, 0, 0)


# --- what is said about a difference -----------------------------------------------------------------------


def test_a_difference_has_both_values_and_both_workings(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    network = load("input: [3, 8, 8]\nlayers:\n  - {conv: 4, kernel: 3, groups: 1, name: c}\n")
    with_rule(monkeypatch, "conv", "macs", letters(C=lambda c: c + 1))
    said = text(network)
    # 4·3·3·4·6·6 = 5,184 by the wrong rule; 3·3·3·4·6·6 = 3,888
    assert "c, MACs: 5,184 by archcalc, 3,888 by torch" in said
    assert "= 5,184" in said.partition("by torch")[2]
    assert "Conv2d(3, 4, kernel_size=(3, 3), stride=(1, 1))" in said
    assert "convolution: 2×3×8×8, 4×3×3×3, 4 → 2×4×6×6, 7,776 MACs" in said


def test_a_difference_in_parameters_shows_those_of_torch(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    with_rule(monkeypatch, "linear", "biases", letters(bias=lambda _: False))
    said = text(load("input: [3]\nlayers:\n  - {linear: 2}\n"))
    assert "linear1, biases: 0 by archcalc, 2 by torch" in said
    assert "weight 2×3, bias 2" in said


def test_many_differences_are_cut_short_for_people_only(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    with_rule(monkeypatch, "linear", "biases", letters(bias=lambda _: False))
    network = load("input: [3]\nlayers:\n" + "  - {linear: 3}\n" * 14)
    said = text(network)
    assert said.count("by archcalc") == 10
    # 14 layers and the total
    assert "5 more differences" in said
    rows = list(csv.DictReader(io.StringIO(text(network, "csv"))))
    assert sum(row["verdict"] == "differs" for row in rows) == 15


def test_every_layer_is_shown_where_that_is_asked_for(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    network = load(MIXED)
    assert not re.search("^attention +attention", text(network), re.MULTILINE)
    assert re.search("^attention +attention", text(network, layers=True), re.MULTILINE)
    with_rule(monkeypatch, "linear", "biases", letters(bias=lambda _: False))
    (line,) = [line for line in text(network, layers=True).splitlines() if line.startswith("fc  ")]
    assert line.endswith("biases 5")


# --- published figures -------------------------------------------------------------------------------------

FIGURE = "input: [3]\nlayers:\n  - {{linear: 2}}\npublished:\n  - {{quantity: total.params, value: {}, source: s{}}}\n"


@pytest.mark.parametrize(
    ("value", "reason", "word"),
    [
        ("8", "", ""),
        ("9", ", reason: they count one more", ""),
        ("9", "", "not reproduced, and gives no reason"),
        ("8", ", reason: none is needed", "drop the reason"),
    ],
)
def test_published_figures_reproduce_or_say_why_not(load: Load, value: str, reason: str, word: str) -> None:
    network = load(FIGURE.format(value, reason))
    check = archcalc.check(network)
    assert check.agrees == (not word)
    assert word in " ".join(text(network).split())
    assert check.agrees == checked(network).agrees


def test_figures_of_a_changed_network_say_nothing(tmp_path: Path) -> None:
    spec = tmp_path / "my.yaml"
    spec.write_text(FIGURE.format("8", ""), encoding="utf-8")
    assert main(["check", str(spec), "--no-torch"]) == 0
    assert main(["check", str(spec), "--no-torch", "--input", "4"]) == 0
    spec.write_text(FIGURE.format("9", ""), encoding="utf-8")
    assert main(["check", str(spec), "--no-torch"]) == 1


# --- the command line --------------------------------------------------------------------------------------


def test_the_exit_status_is_1_where_something_differs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "lenet5"]) == 0
    assert capsys.readouterr().err == ""
    with_rule(monkeypatch, "conv", "weights", axes(F=lambda f: f + 1))
    assert main(["check", "lenet5"]) == 1
    assert "c1, weights: 216 by archcalc, 150 by torch" in capsys.readouterr().out


def test_json_has_both_sides_of_every_layer(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "lenet5", "vgg11", "--format", "json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["schema"] == "archcalc.check/1"
    assert printed["agrees"] is True
    assert [found["network"] for found in printed["networks"]] == ["lenet5", "vgg11"]
    first = printed["networks"][0]["layers"][0]
    expected = {"output": [6, 28, 28], "weights": 150, "biases": 6, "macs": 117_600}
    assert first == {"name": "c1", "kind": "conv", "archcalc": expected, "torch": expected}
    assert printed["networks"][0]["totals"][0]["theirs"] == 61_706


def test_csv_has_a_row_a_number(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "lenet5", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    by_torch = [row for row in rows if row["by"].startswith("torch") and row["layer"] != "total"]
    assert len(by_torch) == 4 * 13
    assert {"layer": "c3", "quantity": "output", "archcalc": "16x10x10", "other": "16x10x10"}.items() <= (
        next(row for row in by_torch if (row["layer"], row["quantity"]) == ("c3", "output")).items()
    )
    published = {(row["layer"], row["quantity"]): row["verdict"] for row in rows if row not in by_torch}
    assert published["c1", "params"] == "exact"


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_people_get_a_line_a_network(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "lenet5", "vgg11", "--format", form]) == 0
    said = capsys.readouterr().out
    assert "61,706" in said
    assert "132,863,336" in said
    assert "all agree" in said


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ([], "there is no network to check"),
        (["--all", "lenet5"], "--all is every network"),
        (["lenet5", "vgg11", "--against", "torchvision:vgg11"], "compares one network"),
        (["lenet5", "--no-torch", "--device", "cpu"], "--no-torch runs nothing"),
        (["lenet5", "--no-torch", "--layers"], "--no-torch does not ask it"),
        (["lenet5", "--no-torch", "--against", "torchvision:vgg11"], "--no-torch runs nothing"),
        (["lenet5", "--device", "abacus"], "there is no device 'abacus'"),
        (["lenet6"], "no network 'lenet6'"),
    ],
)
def test_what_makes_no_sense_is_refused(
    arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *arguments]) == 2
    said = capsys.readouterr()
    assert word in said.err
    assert said.out == ""


def test_all_is_the_catalogue(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(catalog, "names", lambda: ["alexnet", "lenet5"])
    assert main(["check", "--all"]) == 0
    assert "2 networks" in capsys.readouterr().out


def test_published_figures_of_the_whole_catalogue_without_torch(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--all", "--no-torch"]) == 0
    assert "published figures only · all agree" in capsys.readouterr().out


WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None
from archcalc.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("networks", [["lenet5"], ["lenet5", "vgg11", "vgg13", "vgg16"]])
def test_without_torch_one_line_says_what_to_install(networks: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, "check", *networks],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "PyTorch is not installed; install it with: pip install 'archcalc[torch]'\n"


def test_published_figures_need_no_torch() -> None:
    arguments = [sys.executable, "-c", WITHOUT_TORCH, "check", "lenet5", "--no-torch"]
    assert subprocess.run(arguments, capture_output=True, check=False).returncode == 0


# --- many at once ------------------------------------------------------------------------------------------


def test_workers_find_what_one_process_finds() -> None:
    jobs = [many.Job(name) for name in ("vgg11", "lenet5", "resnet18")]
    alone, together = dict(many.checks(jobs, workers=1)), dict(many.checks(jobs, workers=2))
    assert together == alone
    assert [alone[number].network for number in range(3)] == ["vgg11", "lenet5", "resnet18"]


def test_what_is_wrong_in_a_spec_reaches_the_user_from_a_worker(tmp_path: Path) -> None:
    spec = tmp_path / "my.yaml"
    spec.write_text("input: [3]\nlayers: [{linear: -1}]\n", encoding="utf-8")
    jobs = [many.Job("lenet5"), many.Job(str(spec))]
    with pytest.raises(archcalc.ArchcalcError, match=r"my\.yaml:2:19"):
        list(many.checks(jobs, workers=2))


def test_few_networks_are_checked_without_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "ProcessPoolExecutor", None)
    monkeypatch.setattr(many, "cores", lambda: 8)
    assert len(list(many.checks([many.Job("lenet5")] * 3))) == 3
    monkeypatch.setattr(many, "cores", lambda: 1)
    assert len(list(many.checks([many.Job("lenet5")] * 5))) == 5


# --- beside a library's model ------------------------------------------------------------------------------


class _Block(torch.nn.Module):  # type: ignore[misc, name-defined]
    """A residual block whose shortcut runs first, where ours runs last."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.downsample = torch.nn.Conv2d(4, channels, 1)
        self.conv = torch.nn.Conv2d(4, channels, 3, padding=1, bias=False)
        self.gamma = torch.nn.Parameter(torch.ones(1, channels, 1, 1))

    def forward(self, x: Any) -> Any:
        shortcut = self.downsample(x)
        return self.conv(x) * self.gamma + shortcut


class _Attention(torch.nn.Module):  # type: ignore[misc, name-defined]
    """Channels last, with an attention whose output projection never runs as a module."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.attention = torch.nn.MultiheadAttention(channels, 1, batch_first=True)

    def forward(self, x: Any) -> Any:
        x = x.flatten(2).transpose(1, 2)
        return self.attention(x, x, x)[0]


OURS = """\
input: [4, 6, 6]
layers:
  - add:
      - [{conv: 8, kernel: 3, padding: 1, bias: false, name: conv}, {scale: learned, per: channel, name: gamma}]
      - [{conv: 8, kernel: 1, name: projection}]
  - {flatten: 1}
  - {permute: [1, 0]}
  - {attention: 1, name: attention}
"""


@pytest.fixture
def torchvision(monkeypatch: pytest.MonkeyPatch) -> None:
    """A torchvision of our own."""
    builders: dict[str, Callable[..., Any]] = {
        "small": lambda **_: torch.nn.Sequential(_Block(8), _Attention(8)),
        "wider": lambda **_: torch.nn.Sequential(_Block(16), _Attention(16)),
        "larger": lambda **_: torch.nn.Sequential(_Block(8), torch.nn.BatchNorm2d(8), _Attention(8)),
    }
    models = types.ModuleType("torchvision.models")
    models.list_models = lambda: list(builders)  # type: ignore[attr-defined]
    models.get_model_builder = builders.__getitem__  # type: ignore[attr-defined]
    models.get_model = lambda name, **settings: builders[name](**settings)  # type: ignore[attr-defined]
    library = types.ModuleType("torchvision")
    library.__version__ = "0.0"  # type: ignore[attr-defined]
    library.models = models  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torchvision", library)
    monkeypatch.setitem(sys.modules, "torchvision.models", models)


@pytest.mark.usefixtures("torchvision")
def test_a_library_model_is_compared_layer_by_layer(load: Load) -> None:
    check = archcalc.check(load(OURS), against="torchvision:small")
    counterparts = check.counterparts
    assert counterparts is not None
    assert counterparts.agrees
    assert check.agrees
    assert counterparts.other == "torchvision:small, torchvision 0.0"
    assert {
        (pair.ours and pair.ours.name, pair.theirs and pair.theirs.name) for pair in counterparts.pairs
    } == {
        ("b1.conv", "0.conv"),
        ("b1.gamma", "0.gamma"),
        ("b2.projection", "0.downsample"),
        ("attention", "1.attention"),
    }
    # There the convolution is the last of its block.
    assert counterparts.reordered == 1
    # 8·4·9 + 8 + (8·4 + 8) + 4·8·8 + 4·8
    assert counterparts.totals["params"] == (624, 624)


@pytest.mark.usefixtures("torchvision")
def test_layers_that_differ_from_the_library_are_told(load: Load) -> None:
    check = archcalc.check(load(OURS), against="torchvision:wider")
    assert not check.agrees
    assert check.counterparts is not None
    assert {pair.verdict for pair in check.counterparts.pairs} == {"different"}
    said = checks([check])
    assert "unlike torchvision:wider" in said
    assert "0 of 4 layers are the same" in said


@pytest.mark.usefixtures("torchvision")
def test_layers_that_only_the_library_has_are_told(load: Load) -> None:
    check = archcalc.check(load(OURS), against="torchvision:larger")
    assert check.counterparts is not None
    (other,) = [pair for pair in check.counterparts.pairs if pair.verdict != "same"]
    assert (other.ours, other.verdict) == (None, "only there")
    assert other.theirs is not None
    assert other.theirs.module == "BatchNorm2d"
    assert not check.agrees


@pytest.mark.usefixtures("torchvision")
@pytest.mark.parametrize(
    ("other", "word"),
    [
        ("torchvision:smal", "Did you mean 'small'"),
        ("torchvision", "is no model to compare with"),
        ("timm:small", "is no model to compare with"),
    ],
)
def test_a_model_that_is_not_there_is_refused(load: Load, other: str, word: str) -> None:
    with pytest.raises(OptionError, match=word):
        archcalc.check(load(OURS), against=other)


@pytest.mark.usefixtures("torchvision")
def test_a_model_that_does_not_take_the_input_is_refused(load: Load) -> None:
    with pytest.raises(OptionError, match="does not run on the input"):
        archcalc.check(load("input: [3, 6, 6]\nlayers: [relu]"), against="torchvision:small")


@pytest.mark.parametrize("broken", [None, "for another torch"])
def test_without_torchvision_one_line_says_so(
    load: Load, monkeypatch: pytest.MonkeyPatch, broken: str | None
) -> None:
    import importlib

    from archcalc.pytorch import libraries

    def failing(_name: str) -> Any:
        if broken:
            raise RuntimeError(f"operator torchvision::nms does not exist, it is {broken}\nmore of it")
        return importlib.import_module("archcalc.no_such_module")

    monkeypatch.setattr(libraries, "import_module", failing)
    with pytest.raises(MissingExtra, match="torchvision cannot be imported") as raised:
        archcalc.check(load(OURS), against="torchvision:small")
    assert "\n" not in str(raised.value)


def test_checking_needs_no_torch() -> None:
    assert not any("torch" in name for name in vars(checking))


def test_an_input_that_no_tensor_can_have_is_told(load: Load) -> None:
    check = archcalc.check(load("input: [1000000000, 1000000000, 100]\nlayers: [relu]\n"))
    (refused,) = check.differences
    assert (refused.layer, refused.quantity) == ("network", "module")
    assert "overflow" in refused.their_working[0]


def test_a_network_too_large_for_any_memory_is_checked_on_meta(load: Load) -> None:
    check = archcalc.check(load("input: [1000000000]\nlayers: [{linear: 1000000000}]\n"))
    assert check.agrees
    assert check.report.totals.params == 10**18 + 10**9


def test_a_worker_that_does_not_come_back_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pool(ProcessPoolExecutor):
        def submit(self, function: Any, /, *_arguments: Any, **_settings: Any) -> Any:
            # As a system does that is out of memory.
            return super().submit(os._exit, 1)

    monkeypatch.setattr(many, "ProcessPoolExecutor", Pool)
    with pytest.raises(OptionError, match="was ended from outside"):
        list(many.checks([many.Job("lenet5")] * 2, workers=2))
