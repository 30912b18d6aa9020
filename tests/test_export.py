"""Exported files: they need only torch, and are the model that `build` gives, tensor by tensor, output by output."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from archcalc import Network, api, pytorch
from archcalc.cli import main
from archcalc.layers import KINDS, written
from archcalc.pytorch.export import export
from archcalc.pytorch.recording import Recorder
from archcalc.spec import catalog

torch = pytest.importorskip("torch")

Load = Callable[..., Network]

NETWORKS = {
    "windows": """
        input: [4, 13, 11]
        layers:
          - {conv: 6, kernel: [3, 2], stride: 2, padding: same, groups: 2}
          - {conv: 6, kernel: 3, padding: [[1, 0], 2], dilation: [1, 2], bias: false}
          - {conv: 8, kernel: 1, padding: valid}
          - {conv_transpose: 4, kernel: 3, stride: 2, padding: 1, output_padding: 1, groups: 2}
          - {conv: 4, kernel: 3, groups: depthwise}
          - {max_pool: 3, stride: 2, padding: [[1, 0], [0, 1]], ceil: true}
          - {avg_pool: 2, stride: 1, padding: same, count_padding: false}
          - {max_pool: 2, stride: 1, dilation: 1}
          - {avg_pool: 2, stride: 1, padding: 1}
          - {adaptive_avg_pool: [3, 2]}
        """,
    "norms": """
        input: [4, 6, 5]
        layers: [{batch_norm: }, {lrn: 3}, {group_norm: 2}, {instance_norm: true}, {layer_norm: 0},
                 {layer_norm: [0, 2]}, {layer_norm: -1, bias: false}, {batch_norm: false}, {instance_norm: }]
        """,
    "activations": """
        input: [4, 6]
        layers: [relu, relu6, {leaky_relu: 0.2}, {prelu: }, {prelu: true}, {elu: 0.5}, gelu, silu, hardswish,
                 sigmoid, hardsigmoid, tanh, {softmax: 0}, {dropout: 0.3}, softmax]
        """,
    "shapes": """
        input: [8, 6, 6]
        layers:
          - {pad: [[1, 0], 2]}
          - {pad: 1, mode: reflect}
          - {pad: 1, mode: replicate}
          - {pad: [[0, 4]], axis: 0}
          - {crop: [7, 9]}
          - {slice: 1, start: 1, stop: -1, step: 2}
          - {roll: [1, -2], axes: [1, 2]}
          - {upsample: [4, 2]}
          - {upsample: , size: [6, 6], mode: bilinear}
          - {channel_shuffle: 3}
          - {pixel_shuffle: 2}
          - {permute: [1, 0, 2]}
          - {reshape: [6, -1]}
          - {mean: 0}
        """,
    "pooled": """
        input: [3, 6, 6]
        layers: [{scale: 0.5}, {scale: [1.0, 2.0, 3.0], per: channel}, {scale: learned, per: channel},
                 global_avg_pool, {scale: learned}, {linear: 4}]
        """,
    "words": "input: [5]\nlayers: [{embedding: 6, vocabulary: 9}, {attention: 2}, {linear: 3}, {flatten: }]",
    "attention": """
        input: [2, 6, 8]
        layers: [{attention: 2, relative_position: [3, 2]}, {attention: 4, bias: false}, {linear: 8, axis: -1}]
        """,
    "residual blocks": """
        input: [4, 8, 8]
        blocks:
          residual:
            parameters: {width, stride: 1}
            layers:
              - {conv: $width, kernel: 3, stride: $stride, padding: 1, bias: false}
              - {batch_norm: }
              - add: [[], [{from: input}, {conv: $width, kernel: 1, stride: $stride, name: shortcut}]]
              - relu
        layers:
          - {residual: 4, repeat: 3, name: stage1}
          - {residual: [6, 2], name: stage2}
          - {residual: 6, repeat: 2, name: stage3}
          - {layers: [relu, {conv: 3, kernel: 1}, relu], repeat: 5, name: chain}
        """,
    "names that Python and torch need": """
        input: [3]
        layers:
          - {linear: 3, name: forward}
          - {linear: 3, name: class}
          - {linear: 3, name: 3x3}
          - {linear: 3, name: a-b}
          - {linear: 3, name: None}
          - {linear: 3, name: _x}
          - {layers: [{linear: 3, name: append}, {linear: 3, name: pop}], name: initialise}
          - {layers: [{linear: 3, name: type}], name: torch}
          - {layers: [{linear: 3, name: x}, {linear: 3, name: getattr}], name: nn}
        """,
    "joins": """
        input: [4, 6]
        layers:
          - concat: [[], [{conv: 2, kernel: 1}], [relu, {conv: 2, kernel: 1}]]
          - {concat: {left: [], right: [tanh]}, axis: -1, name: wide}
          - {add: {a: [{conv: 8, kernel: 1}], b: [], c: [{scale: 2.0}]}, name: sum}
          - {mul: [[], [global_avg_pool, {linear: 8}, sigmoid, {reshape: [8, 1]}]]}
        """,
    "labels": """
        input: [2, 8]
        layers:
          - {conv: 3, kernel: 3, padding: 1, name: first, as: skip}
          - {layers: [{max_pool: 2}, {conv: 4, kernel: 1}], name: low, as: deep}
          - {upsample: 2}
          - {concat: [[], [{from: skip}], [{from: first}, relu]]}
          - {conv: 2, kernel: 1}
          - {add: [[{from: deep}, {conv: 2, kernel: 1}, {upsample: 2}], []]}
        """,
    "unpooling": """
        input: [2, 9, 8]
        layers:
          - {layers: [{conv: 4, kernel: 3, padding: 1}, {max_pool: 2, ceil: true, name: pool}], name: down}
          - {conv: 4, kernel: 1}
          - {layers: [{max_unpool: down.pool}, {conv: 2, kernel: 1}], name: up}
        """,
    "tokens": """
        input: [5, 6]
        layers:
          - concat: {class: [{parameter: [1, 6], name: token}], rest: []}
          - add: [[], [{parameter: [6, 6], name: position}]]
          - {layers: [{add: [[{parameter: [6, 6]}, {linear: 6}], []]}, relu], name: deeper}
          - {add: [[], [{parameter: 6, role: bias}, {reshape: [1, 6]}]]}
        """,
    "shared weights": """
        input: [3]
        layers:
          - {linear: 3, name: first}
          - relu
          - {layers: [{linear: 3, name: again, weights: first}, relu], name: inner}
          - {linear: 3, name: last, weights: first}
        """,
    "heads": """
        input: [2, 8]
        blocks:
          trunk:
            layers:
              - {conv: 4, kernel: 1, name: a}
              - {head: inside, layers: [global_avg_pool, {linear: 3}]}
              - {auxiliary: helper, layers: [{conv: 2, kernel: 1}, relu, global_avg_pool]}
              - {conv: 4, kernel: 1, name: b}
        layers:
          - trunk
          - {head: side, layers: [flatten, {linear: 2}]}
          - {auxiliary: other, layers: [{add: [[], [relu]]}, flatten, {linear: 2}]}
          - {max_pool: 2}
          - {head: output, layers: [flatten, {linear: 5}]}
        """,
    "heads alone": """
        input: [4]
        layers: [{linear: 3}, {head: boxes, layers: [{linear: 4}]}, {head: classes, layers: [{linear: 2}]}]
        """,
    "volumes": """
        input: [2, 5, 6, 7]
        layers: [{conv: 3, kernel: [1, 2, 3], padding: same}, {max_pool: 2}, {batch_norm: }, {upsample: 2},
                 {conv_transpose: 2, kernel: 2, stride: [1, 2, 1]}, {adaptive_avg_pool: 2}]
        """,
}


def used_in(specs: Iterable[str]) -> set[str]:
    """The kinds that stand in specs."""
    return {key for text in specs for key in KINDS if re.search(rf"[\[{{ ]{key}[:,\]}}]", text)}


# A kind that stands in none of them stands in one by itself, as it is worked by hand.
NETWORKS |= {
    f"the example of {kind}": f"input: {list(cls.examples[0].inputs[0])}\n"
    f"layers: [{written.worked(cls, cls.examples[0])}]"
    for kind, cls in KINDS.items()
    if kind not in used_in(NETWORKS.values()) and cls.arity == 1 and not cls.references
}

CATALOGUE = ["lenet5", "alexnet-grouped", "googlenet", "resnet18", "unet", "vit-b32", "dcgan-generator"]
"""Looked at on the meta device: no weights."""

RUNNER = """
import importlib.util, json, sys
sys.modules["archcalc"] = None
import torch

def shapes(outputs):
    outputs = outputs if isinstance(outputs, dict) else {"": outputs}
    return {name: list(value.shape) for name, value in outputs.items()}

folder, results = sys.argv[1], {}
for number, name, shape, device in json.load(open(f"{folder}/jobs.json")):
    spec = importlib.util.spec_from_file_location(f"net{number}", f"{folder}/{number}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with torch.device(device):
        model = getattr(module, name)()
    results[number] = {"state": [[key, list(value.shape)] for key, value in model.state_dict().items()]}
    saved = None if device == "meta" else torch.load(f"{folder}/{number}.pt")
    if saved:
        model.load_state_dict(saved["state"])
    for mode in ("eval", "train"):
        model.train(mode == "train")
        torch.manual_seed(0)
        with torch.no_grad():
            outputs = model(saved["x"] if saved else torch.empty(2, *shape, device="meta"))
        results[number][mode] = shapes(outputs)
        if saved:
            torch.save(outputs, f"{folder}/{number}.{mode}.pt")
json.dump(results, open(f"{folder}/results.json", "w"))
"""


def whole_class(source: str) -> str:
    """The name of the class of the whole network: the one that the file itself runs."""
    return source.partition("model = ")[2].partition("(")[0]


def as_dict(outputs: Any) -> dict[str, Any]:
    return outputs if isinstance(outputs, dict) else {"": outputs}


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Every network's file, run by one process without archcalc: its state_dict and its outputs."""
    folder = tmp_path_factory.mktemp("exported")
    jobs, found = [], {}
    for number, name in enumerate([*NETWORKS, *CATALOGUE]):
        if name in NETWORKS:
            (folder / "my.yaml").write_text(NETWORKS[name].replace("\n        ", "\n"), encoding="utf-8")
            network = api.load(str(folder / "my.yaml"))
        else:
            network = api.load(name)
        source = export(network)
        (folder / f"{number}.py").write_text(source, encoding="utf-8")
        device = "cpu" if name in NETWORKS else "meta"
        torch.manual_seed(number)
        with torch.device(device):
            model = pytorch.build(network)
        x = torch.rand(2, *network.input, device=device)
        if device == "cpu":
            torch.save({"state": model.state_dict(), "x": x}, folder / f"{number}.pt")
        jobs.append((number, whole_class(source), network.input, device))
        found[name] = {"number": number, "network": network, "model": model, "x": x, "source": source}
    (folder / "jobs.json").write_text(json.dumps(jobs), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-c", RUNNER, str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    for entry in found.values():
        entry["result"] = results[str(entry["number"])]
        entry["folder"] = folder
    return found


def test_every_kind_is_exported() -> None:
    assert used_in(NETWORKS.values()) == set(KINDS)


@pytest.mark.parametrize("name", [*NETWORKS, *CATALOGUE])
def test_the_state_dict_has_the_names_and_shapes_of_the_model(name: str, exported: dict[str, Any]) -> None:
    state = exported[name]["model"].state_dict()
    assert exported[name]["result"]["state"] == [[key, list(value.shape)] for key, value in state.items()]


@pytest.mark.parametrize("mode", ["eval", "train"])
@pytest.mark.parametrize("name", [*NETWORKS, *CATALOGUE])
def test_the_outputs_are_those_of_the_model(name: str, mode: str, exported: dict[str, Any]) -> None:
    entry = exported[name]
    torch.manual_seed(0)
    with torch.no_grad():
        expected = as_dict(entry["model"].train(mode == "train")(entry["x"]))
    assert entry["result"][mode] == {key: list(value.shape) for key, value in expected.items()}
    if name in NETWORKS:
        # `eval` ran first there too, so that running statistics are the same.
        found = as_dict(torch.load(entry["folder"] / f"{entry['number']}.{mode}.pt"))
        assert list(found) == list(expected)
        for key, value in expected.items():
            torch.testing.assert_close(found[key], value)


def here(source: str) -> Any:
    """The model of an exported file, run in this process."""
    namespace: dict[str, Any] = {"__name__": "exported"}
    exec(compile(source, "exported", "exec"), namespace)  # noqa: S102 - what it does is what is tested
    return namespace[whole_class(source)]()


@pytest.mark.parametrize("name", catalog.names())
def test_every_network_of_the_catalogue_is_exported_as_it_is(name: str) -> None:
    network = api.load(name)
    with torch.device("meta"), torch.no_grad():
        models = [pytorch.build(network).eval(), here(export(network)).eval()]
        given = torch.empty(1, *network.input)
        found = [
            (
                [(key, value.shape) for key, value in model.state_dict().items()],
                {key: value.shape for key, value in as_dict(model(given)).items()},
            )
            for model in models
        ]
    assert found[0] == found[1]


# One a family, small enough to be computed in a moment.
COMPUTED = [
    *(
        "lenet5",
        "alexnet-torchvision",
        "vgg16-multitask",
        "resnet-cifar-56",
        "resnet50-v1.5",
        "densenet-bc-100",
    ),
    *("inception-v2", "msdnet-first-block", "dcgan-generator", "gan-mnist-discriminator", "neocognitron"),
]


@pytest.mark.parametrize("name", COMPUTED)
def test_exported_networks_of_the_catalogue_compute_what_the_model_does(name: str) -> None:
    small = {"vgg16-multitask": (3, 32, 32), "resnet50-v1.5": (3, 64, 64)}
    network = api.load(name, input=small.get(name))
    torch.manual_seed(0)
    ours, theirs = pytorch.build(network), here(export(network))
    theirs.load_state_dict(ours.state_dict())
    given = torch.rand(2, *network.input)
    for training in (False, True):
        outputs = []
        for model in (ours, theirs):
            torch.manual_seed(1)
            with torch.no_grad():
                outputs.append(as_dict(model.train(training)(given)))
        assert list(outputs[0]) == list(outputs[1])
        for key, value in outputs[0].items():
            assert value.std() > 0
            torch.testing.assert_close(outputs[1][key], value)


def test_the_file_runs_by_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "lenet.py"
    assert main(["export", "lenet5", "--to", "torch", "--output", str(path)]) == 0
    assert capsys.readouterr().out == ""
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", str(path)], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout == "61,706 parameters\n(1, 10)\n"


# --- how it reads ------------------------------------------------------------------------------------------


def test_blocks_that_are_alike_share_a_class(load: Load) -> None:
    source = export(load(NETWORKS["residual blocks"]))
    classes = [node.name for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    assert classes == ["Stage1_1", "Stage2", "My"]
    assert "stage1.1: 4×8×8 → 4×8×8; also stage1.2, stage1.3, stage3.1 and 1 more" in source
    # What is not the same in all of them is a parameter.
    assert '("1", Stage1_1(4)),' not in source
    assert '("1", Stage1_1(6)),' in source
    assert "self.stage2 = Stage2()" in source


def test_a_long_run_of_like_blocks_is_one_line() -> None:
    source = export(api.load("resnet152"))
    assert "*((str(i), Conv2_2(1024, 256)) for i in range(2, 37))," in source
    assert len(source.splitlines()) < 300


def test_settings_that_go_without_saying_are_left_out() -> None:
    source = export(api.load("alexnet"))
    assert "self.conv1 = nn.Conv2d(3, 96, kernel_size=11, stride=4)\n" in source
    assert "x = self.conv1(x)  # 96×55×55\n" in source


@pytest.mark.parametrize("name", ["resnet18", "googlenet", "unet", "vit-b32"])
def test_an_export_is_valid_python_that_imports_only_torch_and_the_standard_library(name: str) -> None:
    source = export(api.load(name))
    tree = ast.parse(source)
    imported = {
        alias.name if isinstance(node, ast.Import) else str(node.module)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert {module.partition(".")[0] for module in imported} <= {"torch", *sys.stdlib_module_names}
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert defined - used == set(), "a definition that nothing uses"
    for module in imported:
        assert module in ("__future__", "torch") or any(
            alias.name in used
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        )
    assert "archcalc." not in source.replace("archcalc 0.", "")


HOSTILE = r"""
name: "a\"\"\" + __import__('os').system('false') #\\"
source: 'ends in a backslash \'
input: [3]
layers: [{linear: 2}]
"""


def test_texts_of_a_spec_stay_texts(load: Load) -> None:
    source = export(load(HOSTILE))
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert "__import__" not in calls
    assert here(source)(torch.ones(1, 3)).shape == (1, 2)


def test_exporting_needs_no_torch() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\nfrom archcalc.cli import main\nsys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "export", "googlenet", "--to", "torch"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "class GoogLeNet(nn.Module):" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "word"), [([], "Missing option '--to'"), (["--to", "onnx"], "'onnx' is not 'torch'")]
)
def test_what_is_to_be_written_has_to_be_said(
    arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "lenet5", *arguments]) == 2
    assert word in capsys.readouterr().err


def test_a_changed_file_would_be_noticed(load: Load) -> None:
    network = load(NETWORKS["residual blocks"])
    source = export(network)
    torch.manual_seed(0)
    model, x = pytorch.build(network).eval(), torch.rand(2, *network.input)
    for code, same in ((source, True), (source.replace("y + x", "y - x"), False)):
        other = here(code).eval()
        other.load_state_dict(model.state_dict())
        assert torch.allclose(other(x), model(x), atol=1e-5) == same


# --- a toolkit that writes down ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "fields", "shape", "written"),
    [
        ("conv", {"filters": 8, "kernel": 3}, (4, 9, 9), "nn.Conv2d(4, 8, kernel_size=3)"),
        (
            "conv",
            {"filters": 8, "kernel": (3, 1), "stride": 2, "groups": 2, "bias": False},
            (4, 9, 9),
            "nn.Conv2d(4, 8, kernel_size=(3, 1), stride=2, groups=2, bias=False)",
        ),
        (
            "conv",
            {"filters": 8, "kernel": 3, "padding": "same"},
            (4, 9),
            "PaddedConv1d(4, 8, kernel_size=3, own_padding='same')",
        ),
        ("max_pool", {"window": 2}, (4, 9, 9), "nn.MaxPool2d(2)"),
        ("max_pool", {"window": 3, "stride": 2}, (4, 9, 9), "nn.MaxPool2d(3, stride=2)"),
        ("avg_pool", {"window": (2, 3), "ceil": True}, (4, 9, 9), "nn.AvgPool2d((2, 3), ceil_mode=True)"),
        ("instance_norm", {}, (4, 9), "nn.InstanceNorm1d(4)"),
        ("instance_norm", {"affine": True}, (4, 9), "nn.InstanceNorm1d(4, affine=True)"),
        ("batch_norm", {"affine": False}, (4, 9), "nn.BatchNorm1d(4, affine=False)"),
        ("layer_norm", {}, (5, 6), "nn.LayerNorm(6)"),
        ("layer_norm", {"axis": (0, 1)}, (5, 6), "nn.LayerNorm((5, 6))"),
        ("upsample", {"factor": 2}, (4, 9, 9), "nn.Upsample(scale_factor=2)"),
        ("attention", {"heads": 2}, (5, 6), "Attention(6, 2, bias=True)"),
    ],
)
def test_calls_are_written_as_people_write_them(
    kind: str, fields: dict[str, Any], shape: tuple[int, ...], written: str
) -> None:
    layer = KINDS[kind](**fields)
    assert repr(layer.build(Recorder(), (shape,))) == written
