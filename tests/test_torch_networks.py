"""Whole networks against PyTorch: the catalogue, layer by layer; receptive fields; how the model is wired."""

from __future__ import annotations

import copy
import io
import weakref
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from archcalc import Network, analyse, load, pytorch
from archcalc.checks.checking import checked
from archcalc.network.expansion import expand
from archcalc.spec import catalog
from archcalc.words.errors import SpecError

torch = pytest.importorskip("torch")

from archcalc.pytorch.witness import observe  # noqa: E402 - only where torch is


def network_of(text: str) -> Network:
    """The network of a spec written here."""
    return expand(catalog.load_spec("-", io.BytesIO(text.encode())))


def written(spec: dict[str, Any]) -> str:
    """A spec as YAML."""
    return yaml.dump(spec, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper))


def differences(network: Network) -> list[str]:
    """Every layer that torch has otherwise than archcalc."""
    check = checked(network, "torch", observe(network))
    assert [layer.name for layer in check.layers] == [node.name for node in network.nodes]
    return [
        f"{found.layer} {found.quantity}: archcalc {found.ours}, torch {found.theirs}"
        for found in check.differences
    ]


# --- the catalogue -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", catalog.names())
def test_torch_agrees_with_every_layer_of_the_catalogue(name: str) -> None:
    assert differences(load(name)) == []


# One long network a family; the others differ only in length.
@pytest.mark.parametrize("name", ["vgg16-c", "googlenet", "resnet18", "resnet50-v1.5", "alexnet-grouped"])
def test_totals_are_those_of_the_torch_model(name: str) -> None:
    network = load(name)
    report = analyse(network)
    with torch.device("meta"):
        model = pytorch.build(network)
    totals = report.totals_with_auxiliary or report.totals
    assert totals.params == sum(parameter.numel() for parameter in model.parameters())


CHANGES = [
    ("{conv: 4, kernel: 3", "{conv: 4, kernel: 5"),
    ("stride: 2", "stride: 1"),
    ("{linear: 3}", "{linear: 3, bias: false}"),
    ("{linear: 3}", "{linear: 4}"),
    ("{batch_norm: }", "{batch_norm: , affine: false}"),
]


@pytest.mark.parametrize(("right", "wrong"), CHANGES)
def test_a_changed_rule_would_be_noticed(right: str, wrong: str) -> None:
    text = """
    name: small
    input: [3, 9, 9]
    layers:
      - {conv: 4, kernel: 3, stride: 2}
      - {batch_norm: }
      - relu
      - flatten
      - {linear: 3}
    """
    network = network_of(text)
    assert differences(network) == []
    # The same graph and shapes, with one layer that is not what archcalc has counted.
    other = network_of(text.replace(right, wrong))
    assert text.replace(right, wrong) != text
    assert checked(network, "torch", observe(other)).differences


# --- receptive fields --------------------------------------------------------------------------------------

SMALL = st.integers(1, 3)
CONVOLUTIONS = {"conv": st.just(1), "kernel": SMALL, "stride": SMALL, "dilation": st.integers(1, 2)}
PADDED = st.one_of(
    st.fixed_dictionaries(
        {**CONVOLUTIONS, "padding": st.one_of(st.integers(0, 2), st.just("same"), st.just([[2, 1]]))}
    ),
    st.fixed_dictionaries({"avg_pool": SMALL, "stride": SMALL}),
    st.fixed_dictionaries({"pad": st.lists(st.lists(SMALL, min_size=2, max_size=2), min_size=1, max_size=1)}),
    st.builds(
        lambda kernel, other: {
            "add": [
                [{"conv": 1, "kernel": kernel, "padding": "same"}],
                [
                    {"conv": 1, "kernel": other, "padding": "same"},
                    {"conv": 1, "kernel": 2, "padding": "same"},
                ],
            ]
        },
        SMALL,
        SMALL,
    ),
)
CUT = st.one_of(
    st.fixed_dictionaries(CONVOLUTIONS),
    st.fixed_dictionaries({"avg_pool": SMALL, "stride": SMALL}),
    st.fixed_dictionaries({"slice": st.just(1), "start": SMALL, "step": SMALL}),
    st.fixed_dictionaries({"crop": st.integers(5, 14)}),
)


@st.composite
def chains(draw: st.DrawFn) -> str:
    """A spec of layers over one axis whose gradients are positive wherever they are not 0.

    Either layers pad or they cut: behind a cut, padding begins where the input has not ended.
    """
    items: list[Any] = []
    for item in draw(st.lists(draw(st.sampled_from([PADDED, CUT])), min_size=2, max_size=4)):
        spec = {"name": "chain", "input": [1, 23], "layers": ["relu", *items, item]}
        try:
            network_of(written(spec))
        except SpecError:
            continue
        items.append(item)
    return written({"name": "chain", "input": [1, 23], "layers": ["relu", *items]})


FINER = st.one_of(
    st.fixed_dictionaries({"upsample": st.integers(2, 3)}, optional={"mode": st.just("linear")}),
    st.fixed_dictionaries({"conv_transpose": st.just(1), "kernel": st.integers(1, 4), "stride": SMALL}),
    st.just({"add": [[], [{"max_pool": 2, "name": "pooled"}, {"max_unpool": "pooled"}]]}),
    # A gate that is as large as what it weighs slides with it.
    st.builds(lambda kernel: {"mul": [[], [{"conv": 1, "kernel": kernel, "padding": "same"}]]}, SMALL),
)


@st.composite
def finer_chains(draw: st.DrawFn) -> str:
    """A spec of layers over one axis, with some that make its grid finer."""
    items: list[Any] = []
    for item in draw(st.lists(st.one_of(FINER, PADDED, CUT), min_size=1, max_size=4)):
        try:
            network = network_of(
                written({"name": "chain", "input": [1, 23], "layers": ["relu", *items, item]})
            )
        except SpecError:
            continue
        if network.nodes[-1].output[1] <= 80:
            items.append(item)
    return written({"name": "chain", "input": [1, 23], "layers": ["relu", *items]})


def model_of_ones(network: Network) -> Any:
    """The torch model with every parameter 1: no gradient cancels another."""
    model = pytorch.build(network)
    for parameter in model.parameters():
        torch.nn.init.ones_(parameter)
    return model


def seen(model: Any, position: int) -> list[int]:
    """The input positions that output `position` has a gradient for, ascending."""
    x = torch.ones(1, 1, 23, requires_grad=True)
    model(x)[0, 0, position].backward()
    return [int(index) for index in x.grad[0, 0].nonzero()]


@settings(max_examples=50, deadline=None, derandomize=True)
@given(chains())
def test_receptive_fields_are_where_the_gradient_is(text: str) -> None:
    network = network_of(text)
    field = analyse(network).rows[-1].receptive_field
    assert field is not None
    model = model_of_ones(network)
    for position in range(network.nodes[-1].output[1]):
        (window,) = field.window((position,)) or ()
        found = seen(model, position)
        assert set(found) <= set(window)
        if window.start >= 0 and window.stop <= 23:
            assert (found[0], found[-1]) == (window.start, window.stop - 1)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(finer_chains())
def test_no_gradient_leaves_the_receptive_field_behind_an_upsampling(text: str) -> None:
    network = network_of(text)
    field = analyse(network).rows[-1].receptive_field
    assert field is not None
    model = model_of_ones(network)
    for position in range(network.nodes[-1].output[1]):
        windows = field.window((position,))
        if windows is not None:
            assert set(seen(model, position)) <= set(windows[0])


def test_the_gradient_of_a_pixel_shuffle_stays_in_its_field() -> None:
    """Along both axes: 4 channels of 3×3 windows become 2×2 pixels each, of which 2×2 windows see up to 4×4."""
    network = network_of(
        "input: [1, 9, 9]\nlayers: [relu, {conv: 4, kernel: 3, padding: 1}, {pixel_shuffle: 2}, {conv: 1, kernel: 2}]"
    )
    field = analyse(network).rows[-1].receptive_field
    assert field is not None
    assert field.size == (4, 4)
    model = model_of_ones(network)
    for position in range(17):
        x = torch.ones(1, 1, 9, 9, requires_grad=True)
        model(x)[0, 0, position, 16 - position].backward()
        for window, found in zip(
            field.window((position, 16 - position)) or (), x.grad[0, 0].nonzero().T, strict=True
        ):
            assert set(found.tolist()) == set(window) & set(range(9))


def test_a_gate_that_is_repeated_over_the_map_has_no_single_field() -> None:
    """Every output has a gradient for all of the 7 that the gate saw, however far away."""
    network = network_of("input: [1, 7]\nlayers: [relu, {mul: [[], [{conv: 1, kernel: 7}]]}]")
    field = analyse(network).rows[-1].receptive_field
    assert field is not None
    assert (field.size, field.aligned) == (None, False)
    model = model_of_ones(network)
    for position in range(7):
        x = torch.ones(1, 1, 7, requires_grad=True)
        model(x)[0, 0, position].backward()
        assert bool((x.grad > 0).all())


# --- wiring ------------------------------------------------------------------------------------------------


def test_submodules_stand_under_the_paths_of_the_spec() -> None:
    network = load("resnet18")
    with torch.device("meta"):
        model = pytorch.build(network)
    names = dict(model.named_modules())
    assert {node.name for node in network.nodes} <= set(names)
    assert names["conv2.1.conv1"] is model.layer_at("conv2.1.conv1")
    assert model.state_dict()["conv2.1.conv1.weight"].shape == (64, 64, 3, 3)


def test_state_dict_is_the_same_each_time_and_in_the_order_of_the_layers() -> None:
    text = """
    name: small
    input: [2, 4, 4]
    layers:
      - {conv: 3, kernel: 3, padding: same}
      - {name: block, repeat: 2, layers: [{conv: 3, kernel: 1, bias: false}, {batch_norm: }]}
    """
    keys = list(pytorch.build(network_of(text)).state_dict())
    assert keys == list(pytorch.build(network_of(text)).state_dict())
    assert keys[:3] == ["conv1.weight", "conv1.bias", "block.1.conv1.weight"]
    assert [key for key in keys if key.startswith("block.2.")] == [
        "block.2.conv1.weight",
        *(f"block.2.batch_norm1.{name}" for name in ("weight", "bias", "running_mean", "running_var")),
        "block.2.batch_norm1.num_batches_tracked",
    ]


HARD_NAMES = ["forward", "type", "training", "parameters", "T_destination", "1", "3x3", "a-b", "layer_at"]


def test_names_that_torch_needs_itself_are_harmless() -> None:
    layers = "".join(f"\n  - {{linear: 3, name: '{name}'}}" for name in HARD_NAMES)
    network = network_of(f"name: names\ninput: [3]\nlayers:{layers}")
    model = pytorch.build(network)
    assert differences(network) == []
    assert model.train().training
    assert not model.eval().training
    assert model(torch.ones(2, 3)).shape == (2, 3)
    assert len(list(model.parameters())) == 2 * len(HARD_NAMES)
    assert model.layer_at("forward") is model.get_submodule("forward_")
    assert model.layer_at("3x3") is model.get_submodule("3x3")
    loaded = pytorch.build(network).eval()
    loaded.load_state_dict(model.state_dict())
    assert torch.equal(loaded(torch.ones(2, 3)), model(torch.ones(2, 3)))
    exported = torch.export.export(model, (torch.ones(2, 3),)).module()
    assert torch.equal(exported(torch.ones(2, 3)), model(torch.ones(2, 3)))


def test_the_branches_of_a_named_join_stand_under_it() -> None:
    network = network_of("""
    name: join
    input: [2, 4]
    layers:
      - {add: {left: [{conv: 2, kernel: 1}], right: []}, name: sum}
    """)
    model = pytorch.build(network)
    assert set(model.state_dict()) == {"sum.left.conv1.weight", "sum.left.conv1.bias"}
    assert differences(network) == []
    x = torch.randn(2, 2, 4)
    torch.testing.assert_close(model(x), model.layer_at("sum.left.conv1")(x) + x)


HEADS = """
name: heads
input: [4]
layers:
  - {linear: 3, name: trunk}
  - {head: side, layers: [{linear: 2}]}
  - {auxiliary: helper, layers: [{linear: 5}]}
  - {linear: 1, name: end}
"""


def test_heads_are_a_dict_of_outputs_and_auxiliary_ones_run_in_training_only() -> None:
    model = pytorch.build(network_of(HEADS))
    in_training = model(torch.ones(3, 4))
    assert {name: tuple(out.shape) for name, out in in_training.items()} == {
        "output": (3, 1),
        "side": (3, 2),
        "helper": (3, 5),
    }
    assert list(model.eval()(torch.ones(3, 4))) == ["output", "side"]


def test_a_head_may_be_called_output() -> None:
    model = pytorch.build(network_of(HEADS.replace("head: side", "head: output"))).eval()
    assert {name: tuple(out.shape) for name, out in model(torch.ones(3, 4)).items()} == {
        "output": (3, 2),
        "output_": (3, 1),
    }


SHARED = """
name: shared
input: [3]
layers:
  - {linear: 3, name: first}
  - relu
  - {linear: 3, name: again, weights: first}
"""


def test_shared_weights_are_one_tensor() -> None:
    network = network_of(SHARED)
    model: Any = pytorch.build(network)
    assert model.first.weight is model.again.weight
    assert model.first.bias is model.again.bias
    assert sum(parameter.numel() for parameter in model.parameters()) == 3 * 3 + 3
    assert differences(network) == []
    alone: Any = pytorch.build(network_of(SHARED.replace(", weights: first", "")))
    assert alone.first.weight is not alone.again.weight


def test_max_unpool_is_given_what_went_into_its_pool() -> None:
    network = network_of("""
    name: unpool
    input: [1, 4]
    layers:
      - {scale: 2.0}
      - {max_pool: 2, name: pool}
      - {scale: 10.0}
      - {max_unpool: pool, window: 2}
    """)
    model = pytorch.build(network)
    x = torch.tensor([[[1.0, 3.0, 4.0, 2.0]], [[8.0, 7.0, 6.0, 9.0]]])
    assert model(x).tolist() == [[[0, 60, 80, 0]], [[160, 0, 0, 180]]]
    assert differences(network) == []


def test_a_bare_parameter_is_there_for_every_input_of_the_batch() -> None:
    network = network_of("""
    name: token
    input: [5, 4]
    layers:
      - concat: [[{parameter: [1, 4], name: class}], []]
    """)
    model = pytorch.build(network)
    x = torch.randn(3, 5, 4)
    torch.testing.assert_close(model(x)[:, 1:], x)
    assert torch.equal(model(x)[2, 0], model.state_dict()["b1.class.weight"][0])
    assert differences(network) == []


@pytest.mark.parametrize("batch", [1, 3])
def test_a_model_runs_on_any_batch_in_training_and_evaluation(batch: int) -> None:
    model = pytorch.build(load("lenet5"))
    for training in (True, False):
        x = torch.randn(batch, 1, 32, 32)
        before = x.clone()
        assert model.train(training)(x).shape == (batch, 10)
        assert torch.equal(x, before)


def test_a_layer_can_be_replaced_and_a_model_copied() -> None:
    model: Any = pytorch.build(network_of(SHARED)).eval()
    other = copy.deepcopy(model)
    model.again = torch.nn.Linear(3, 7)
    assert model(torch.ones(1, 3)).shape == (1, 7)
    assert other(torch.ones(1, 3)).shape == (1, 3)
    assert other.first.weight is other.again.weight
    assert other.first.weight is not model.first.weight


def test_what_nobody_reads_any_more_is_let_go() -> None:
    layers = "\n".join(["  - {linear: 100}"] * 20)
    model = pytorch.build(network_of(f"name: long\ninput: [100]\nlayers:\n{layers}"))
    alive: list[int] = []
    outputs: list[Any] = []

    def count(_module: Any, _inputs: Any, output: Any) -> None:
        outputs.append(weakref.ref(output))
        alive.append(sum(reference() is not None for reference in outputs))

    for module in model.children():
        module.register_forward_hook(count)
    with torch.no_grad():
        model(torch.ones(1, 100))
    assert len(alive) == 20
    assert max(alive) <= 2
