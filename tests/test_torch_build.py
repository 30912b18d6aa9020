"""What `build` gives beside shapes: first values of the weights, names, a repr that reads, torch.export."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from archcalc import Network, api, pytorch
from archcalc.layers import KINDS
from archcalc.pytorch.naming import RESERVED, module_paths
from archcalc.pytorch.rectifiers import feeds_rectifier

torch = pytest.importorskip("torch")

from archcalc.pytorch.model import Model  # noqa: E402 - only where torch is

Load = Callable[..., Network]


# --- first values ------------------------------------------------------------------------------------------

CASES: list[tuple[str, str, bool]] = [
    ("a ReLU behind it", "[{linear: 4, name: one}, relu]", True),
    ("a norm and a ReLU", "[{linear: 4, name: one}, {batch_norm: }, {leaky_relu: 0.1}]", True),
    ("nothing", "[{linear: 4, name: one}]", False),
    ("a softmax", "[{linear: 4, name: one}, softmax]", False),
    ("a sigmoid, then a ReLU", "[{linear: 4, name: one}, sigmoid, relu]", False),
    ("another layer first", "[{linear: 4, name: one}, {linear: 4}, relu]", False),
    ("attention first", "[{reshape: [1, 4]}, {linear: 4, name: one}, {attention: 1}, relu]", False),
    ("a ReLU behind a sum", "[{linear: 4, name: one}, {add: [[], [{from: input}]]}, relu]", True),
    ("a ReLU in one of two branches", "[{linear: 4, name: one}, {add: [[relu], [tanh]]}]", True),
]


@pytest.mark.parametrize(("layers", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_which_layers_feed_a_rectifier(load: Load, layers: str, expected: bool) -> None:
    assert ("one" in feeds_rectifier(load(f"input: [4]\nlayers: {layers}\n"))) == expected


def test_rectifiers_are_kinds() -> None:
    known = {"relu", "relu6", "leaky_relu", "prelu", "elu", "gelu", "silu", "hardswish"}
    assert {name for name, kind in KINDS.items() if kind.rectifies} == known


@pytest.mark.parametrize(
    ("layer", "shape", "terms"),
    [
        ("{linear: 300, name: one}", "[500]", 500),
        ("{conv: 64, kernel: [3, 5], groups: 2, name: one}", "[32, 5, 7]", 16 * 15),
        # An output of a transposed convolution sums over F/S windows along each axis: 4·4/(2·2), 32 channels
        ("{conv_transpose: 64, kernel: 4, stride: 2, name: one}", "[32, 5, 7]", 32 * 4),
    ],
)
@pytest.mark.parametrize("behind", ["relu", "tanh"])
def test_weights_have_hes_variance_where_a_rectifier_follows(
    load: Load, layer: str, shape: str, terms: int, behind: str
) -> None:
    gain = 2 if behind == "relu" else 1
    torch.manual_seed(0)
    model: Any = pytorch.build(load(f"input: {shape}\nlayers: [{layer}, {behind}]\n"))
    weight, deviation = model.one.weight.detach(), math.sqrt(gain / terms)
    assert float(weight.std()) == pytest.approx(deviation, rel=0.05)
    assert float(weight.mean()) == pytest.approx(0, abs=0.1 * deviation)
    assert not model.one.bias.detach().any()


@pytest.mark.parametrize("activation", ["relu", "elu"])
def test_a_deep_network_keeps_its_signal(load: Load, activation: str) -> None:
    layers = f"[{{layers: [{{conv: 32, kernel: 3, padding: same}}, {activation}], repeat: 20}}, {{conv: 8, kernel: 1}}]"
    torch.manual_seed(0)
    model = pytorch.build(load(f"input: [16, 12, 12]\nlayers: {layers}\n"))
    with torch.no_grad():
        strength = float(model(torch.randn(4, 16, 12, 12)).std())
    assert 0.05 < strength < 5
    # With torch's own first values next to nothing is left.
    module: Any
    for module in model.modules():
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()
        if getattr(module, "bias", None) is not None:
            torch.nn.init.zeros_(module.bias)
    with torch.no_grad():
        assert float(model(torch.randn(4, 16, 12, 12)).std()) < 1e-4


def test_a_seed_gives_the_same_weights() -> None:
    states = []
    for _ in range(2):
        torch.manual_seed(7)
        states.append(pytorch.build(api.load("lenet5")).state_dict())
    assert all(torch.equal(value, states[1][name]) for name, value in states[0].items())


def test_shared_weights_start_as_those_of_their_owner(load: Load) -> None:
    # `first` feeds a ReLU, `again` does not.
    layers = "[{linear: 500, name: first}, relu, {linear: 500, name: again, weights: first}]"
    model: Any = pytorch.build(load(f"input: [500]\nlayers: {layers}\n"))
    assert model.again.weight is model.first.weight
    assert float(model.first.weight.detach().std()) == pytest.approx(math.sqrt(2 / 500), rel=0.02)


# --- names -------------------------------------------------------------------------------------------------


def test_every_name_that_torch_needs_is_reserved() -> None:
    assert set(dir(torch.nn.Module())) - RESERVED == set()


def test_every_name_that_a_model_needs_is_reserved() -> None:
    model = pytorch.build(api.load("lenet5"))
    assert {name for name in (*vars(Model), *vars(model)) if not name.startswith("__")} - RESERVED == set()


def test_reserved_and_taken_names_get_underscores() -> None:
    paths = ["forward", "forward_", "block.type", "block.1", "a-b"]
    assert module_paths(paths) == {
        "forward": ("forward_",),
        "forward_": ("forward__",),
        "block": ("block",),
        "block.type": ("block", "type_"),
        "block.1": ("block", "1"),
        "a-b": ("a-b",),
    }


def test_branches_of_a_join_may_be_called_what_the_join_calls_its_own(load: Load) -> None:
    network = load("input: [2, 3]\nlayers: [{concat: {axis: [relu], _axis: [tanh]}, name: join}]\n")
    model = pytorch.build(network)
    assert model(torch.ones(1, 2, 3)).shape == (1, 4, 3)
    assert model.layer_at("join._axis.tanh1") is model.get_submodule("join._axis_.tanh1")


# --- repr and export ---------------------------------------------------------------------------------------

REPR = """\
Model(
  Small
  (conv1): Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1))
  (block): Scope(
    (1): Scope(
      (attention1): Attention(
        heads=2
        (qkv): Linear(in_features=2, out_features=6, bias=True)
        (proj): Linear(in_features=2, out_features=2, bias=True)
      )
    )
  )
  (concat1): Concat(axis=0)
)"""


def test_a_model_reads_as_the_spec_does(load: Load) -> None:
    spec = """\
    name: Small
    input: [1, 4, 4]
    layers:
      - {conv: 2, kernel: 3}
      - {layers: [{attention: 2}], name: block, repeat: 1}
      - concat: [[], []]
    """
    assert repr(pytorch.build(load(spec))) == REPR


HEADS = """\
input: [4, 6]
layers:
  - {conv: 3, kernel: 1, name: trunk}
  - {head: side, layers: [flatten, {linear: 2}]}
  - {auxiliary: helper, layers: [{max_pool: 2}, flatten, {linear: 5}]}
  - concat: [[], [{from: trunk}, relu]]
"""


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("training", [False, True])
def test_torch_export_takes_a_model_with_heads(load: Load, strict: bool, training: bool) -> None:
    model = pytorch.build(load(HEADS)).train(training)
    x = torch.randn(2, 4, 6)
    program = torch.export.export(model, (x,), strict=strict)
    expected = model(x)
    assert list(expected) == ["output", "side", "helper"][: 3 if training else 2]
    for name, value in program.module()(x).items():
        torch.testing.assert_close(value, expected[name])
    assert set(program.state_dict) == set(model.state_dict())


@pytest.mark.parametrize("name", ["googlenet", "vit-b32", "resnet18"])
def test_torch_export_takes_networks_of_the_catalogue(name: str) -> None:
    network = api.load(name)
    with torch.device("meta"):
        model = pytorch.build(network).eval()
        program = torch.export.export(model, (torch.rand(1, *network.input),))
    assert set(program.state_dict) == set(model.state_dict())
