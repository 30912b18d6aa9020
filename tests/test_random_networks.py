"""Random networks of every kind against PyTorch: shapes, weights, biases and MACs, layer by layer; their exports too.

ARCHCALC_RANDOM_NETWORKS sets how many; the suite takes 500. docs/verification.md has the figure of a long run.
"""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from archcalc import Network, catalog, pytorch
from archcalc.checking import checked
from archcalc.errors import SpecError
from archcalc.expansion import expand
from archcalc.layers import KINDS
from archcalc.layers.base import Shape
from archcalc.pytorch.export import export

torch = pytest.importorskip("torch")

from archcalc.pytorch.witness import observe  # noqa: E402 - only where torch is

COUNT = int(os.environ.get("ARCHCALC_RANDOM_NETWORKS", "500"))

Item = dict[str, Any]


class Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """YAML in which nothing is `~`, as specs have it."""


Dumper.add_representer(type(None), lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", "~"))


def network_of(spec: dict[str, Any]) -> tuple[Network, str]:
    """The network of a spec, and the spec as YAML."""
    text = yaml.dump(spec, Dumper=Dumper, sort_keys=False)
    return expand(catalog.load_spec("-", io.BytesIO(text.encode()))), text


# --- one layer, for a shape --------------------------------------------------------------------------------


class Drawn:
    """Draws settings for a shape: channels and up to three spatial axes, or a vector."""

    def __init__(self, draw: st.DrawFn, shape: Shape) -> None:
        self.draw = draw
        self.shape = shape
        self.rank = len(shape) - 1

    def number(self, least: int, most: int) -> int:
        return self.draw(st.integers(least, max(least, most)))

    def one_of(self, *values: Any) -> Any:
        return self.draw(st.sampled_from(values))

    def divisor(self, *numbers: int) -> int:
        return int(self.one_of(*[d for d in range(1, 7) if all(n % d == 0 for n in numbers)]))

    def per_axis(self, least: int, most: int) -> int | list[int]:
        """One number for all axes, or a list of one an axis."""
        if self.draw(st.booleans()):
            return self.number(least, most)
        return [self.number(least, most) for _ in range(self.rank)]

    def padding(self, most: int) -> Any:
        """Every form that padding has."""
        form = self.one_of("number", "number", "list", "pairs", "same", "valid")
        if form == "number":
            return self.number(0, most)
        if form == "list":
            return [self.number(0, most) for _ in range(self.rank)]
        if form == "pairs":
            return [[self.number(0, most), self.number(0, most)] for _ in range(self.rank)]
        return form

    def some(self, **settings: Callable[[], Any]) -> Item:
        """Each setting, or its default."""
        return {name: value() for name, value in settings.items() if self.draw(st.booleans())}

    def axis(self) -> int:
        return self.number(-len(self.shape), self.rank)


def conv(d: Drawn) -> Item:
    channels = d.shape[0]
    groups = d.one_of(1, 1, "depthwise", d.divisor(channels))
    step = channels if groups == "depthwise" else groups
    return {
        "conv": step * d.number(1, 3),
        "kernel": d.per_axis(1, 3),
        "groups": groups,
        **d.some(
            stride=lambda: d.per_axis(1, 3),
            padding=lambda: d.padding(2),
            dilation=lambda: d.per_axis(1, 2),
            bias=lambda: d.draw(st.booleans()),
        ),
    }


def conv_transpose(d: Drawn) -> Item:
    groups, stride = d.divisor(d.shape[0]), d.number(1, 3)
    return {
        "conv_transpose": groups * d.number(1, 3),
        "kernel": d.per_axis(1, 3),
        "stride": stride,
        "groups": groups,
        **d.some(
            padding=lambda: d.per_axis(0, 1),
            output_padding=lambda: d.per_axis(0, stride - 1),
            dilation=lambda: d.per_axis(1, 2),
            bias=lambda: d.draw(st.booleans()),
        ),
    }


def max_pool(d: Drawn) -> Item:
    return {
        "max_pool": d.per_axis(1, 3),
        **d.some(
            stride=lambda: d.per_axis(1, 3),
            padding=lambda: d.padding(1),
            ceil=lambda: True,
            dilation=lambda: d.per_axis(1, 2),
        ),
    }


def avg_pool(d: Drawn) -> Item:
    return {
        "avg_pool": d.per_axis(1, 3),
        **d.some(
            stride=lambda: d.per_axis(1, 3),
            padding=lambda: d.padding(1),
            # torch's AvgPool3d does not round up where the window is larger than its input.
            ceil=lambda: d.rank < 3,
            count_padding=lambda: False,
        ),
    }


def upsample(d: Drawn) -> Item:
    modes = {1: ["linear"], 2: ["bilinear", "bicubic"], 3: ["trilinear"]}[d.rank]
    item: Item = {"upsample": d.per_axis(1, 2), "mode": d.one_of("nearest", *modes)}
    if d.draw(st.booleans()):
        item |= {"upsample": None, "size": d.per_axis(1, 9)}
    return item


def pad(d: Drawn) -> Item:
    if d.draw(st.booleans()):
        return {"pad": [[d.number(0, 2), d.number(0, 2)]], "axis": d.axis()}
    sides = [[d.number(0, 2), d.number(0, 2)] for _ in range(d.rank)]
    return {"pad": d.one_of(d.number(0, 2), sides), "mode": d.one_of("zero", "reflect", "replicate")}


def attention(d: Drawn) -> Item:
    windows = [[d.shape[-2]], [1, d.shape[-2]], *([[2, d.shape[-2] // 2]] if d.shape[-2] % 2 == 0 else [])]
    return {
        "attention": d.divisor(d.shape[-1]),
        **d.some(bias=lambda: False, relative_position=lambda: d.one_of(*windows)),
    }


def scale(d: Drawn) -> Item:
    if d.draw(st.booleans()):
        return {"scale": d.one_of("learned", 0.5), "per": "layer"}
    axis = d.axis()
    return {"scale": d.one_of("learned", [0.5] * d.shape[axis]), "per": "channel", "axis": axis}


def reshape(d: Drawn) -> Item:
    size = prod(d.shape)
    first = d.divisor(size)
    return {"reshape": d.one_of([first, -1], [first, size // first], [-1], [1, first, -1])}


def roll(d: Drawn) -> Item:
    axes = d.draw(st.lists(st.integers(0, d.rank), min_size=1, max_size=2, unique=True))
    return {"roll": [d.number(-3, 3) for _ in axes], "axes": axes}


Drawing = Callable[[Drawn], Item]


def always(item: Item) -> Drawing:
    return lambda _: item


ANYWHERE: dict[str, Drawing] = {
    **{
        name: always({name: None})
        for name in ("relu", "relu6", "gelu", "silu", "hardswish", "sigmoid", "hardsigmoid", "tanh")
    },
    "leaky_relu": always({"leaky_relu": 0.2}),
    "elu": always({"elu": 0.5}),
    "dropout": always({"dropout": 0.2}),
    "prelu": lambda d: {"prelu": d.draw(st.booleans())},
    "softmax": lambda d: {"softmax": d.axis()},
    "batch_norm": lambda d: {"batch_norm": d.draw(st.booleans())},
    "layer_norm": lambda d: {
        "layer_norm": d.one_of(d.axis(), list(range(len(d.shape)))),
        **d.some(affine=lambda: False, bias=lambda: False),
    },
    "scale": scale,
    "flatten": lambda d: {"flatten": d.number(0, d.rank)},
    "reshape": reshape,
    "slice": lambda d: {
        "slice": d.axis(),
        **d.some(start=lambda: d.number(-3, 3), stop=lambda: d.number(-3, 9), step=lambda: d.number(1, 3)),
    },
    "roll": roll,
}
ON_VECTORS: dict[str, Drawing] = {
    **ANYWHERE,
    "linear": lambda d: {"linear": d.number(1, 6), **d.some(bias=lambda: False)},
}
ON_MAPS: dict[str, Drawing] = {
    **ANYWHERE,
    "conv": conv,
    "conv_transpose": conv_transpose,
    "max_pool": max_pool,
    "avg_pool": avg_pool,
    "adaptive_avg_pool": lambda d: {"adaptive_avg_pool": d.per_axis(1, 4)},
    "global_avg_pool": always({"global_avg_pool": None}),
    "linear": lambda d: {"linear": d.number(1, 6), "axis": -1, **d.some(bias=lambda: False)},
    "group_norm": lambda d: {"group_norm": d.divisor(d.shape[0]), **d.some(affine=lambda: False)},
    "instance_norm": lambda d: {"instance_norm": d.draw(st.booleans())},
    "lrn": lambda d: {"lrn": d.number(1, 5)},
    "attention": attention,
    "mean": lambda d: {"mean": d.axis()},
    "permute": lambda d: {"permute": d.draw(st.permutations(range(len(d.shape))))},
    "pad": pad,
    "crop": lambda d: {"crop": [d.number(1, size) for size in d.shape[1:]]},
    "upsample": upsample,
    "channel_shuffle": lambda d: {"channel_shuffle": d.divisor(d.shape[0])},
    "pixel_shuffle": lambda d: {"pixel_shuffle": d.one_of(1, 2)},
}


COUNTS = st.integers(1, 6)
WINDOWED = ("conv", "conv_transpose", "max_pool", "avg_pool")


def layer(draw: st.DrawFn, shape: Shape, number: int = 1) -> Item:
    """A layer that may well fit a shape."""
    kinds = ON_VECTORS if len(shape) == 1 else ON_MAPS if len(shape) <= 4 else ANYWHERE
    if number == 0 and len(shape) == 1 and draw(st.booleans()):
        # Only what goes into the network are numbers of words.
        return {"embedding": draw(COUNTS), "vocabulary": draw(COUNTS)}
    # Those with most settings come most often.
    names = [*sorted(kinds), *[name for name in WINDOWED if name in kinds] * 4]
    return kinds[draw(st.sampled_from(names))](Drawn(draw, shape))


# --- items that hold items ---------------------------------------------------------------------------------


def keeping(draw: st.DrawFn, shape: Shape, channels: int) -> list[Item]:
    """Layers after which a shape is the same, but for its channels."""
    if len(shape) == 1:
        return [{"linear": channels}, {"relu": None}]
    if len(shape) > 4:
        return [{"tanh": None}]
    items: list[Item] = [
        {"conv": channels, "kernel": 3, "padding": draw(st.sampled_from(["same", 1]))},
        {"max_pool": 3, "stride": 1, "padding": "same"},
        {"batch_norm": None},
    ]
    return items[: draw(st.integers(1, 3))]


def grown(draw: st.DrawFn, shape: Shape, number: int) -> list[Item]:
    """One layer, or a structure of several; `number` makes its names its own."""
    channels = shape[0]
    form = draw(st.sampled_from([*["layer"] * 24, *STRUCTURES]))
    if form == "group":
        return [{"layers": [layer(draw, shape), {"relu": None}], "repeat": draw(st.integers(0, 2))}]
    if form == "concat":
        others = [keeping(draw, shape, draw(st.integers(1, 4))) for _ in range(draw(st.integers(1, 2)))]
        return [{"concat": [[], *others], "axis": 0}]
    if form == "wide":
        return [{"concat": {"a": [], "b": [{"relu": None}]}, "axis": -1, "name": f"join{number}"}]
    if form == "shortcut":
        return [{"add": [keeping(draw, shape, channels), []]}, {"relu": None}]
    if form == "gate":
        ones = [1] * (len(shape) - 1)
        gate: list[Item] = [{"mean": list(range(1, len(shape)))}] if len(shape) > 1 else []
        return [
            {"mul": [[], [*gate, {"linear": channels}, {"sigmoid": None}, {"reshape": [channels, *ones]}]]}
        ]
    if form == "parameter":
        role = draw(st.sampled_from(["weight", "bias"]))
        return [{"add": [[], [{"parameter": [*shape], "role": role}]]}]
    if form == "token":
        return [{"concat": [[{"parameter": [2, *shape[1:]], "name": f"token{number}"}], []]}]
    if form == "shared":
        weighty: Item = {"linear": shape[-1], "axis": -1} if len(shape) > 2 else {"linear": shape[-1]}
        first, again = {"name": f"first{number}"}, {"weights": f"first{number}"}
        return [{**weighty, **first}, {"relu": None}, {**weighty, **again}]
    if form == "unpool":
        pool = (
            {**max_pool(Drawn(draw, shape)), "name": f"pool{number}"}
            if 2 <= len(shape) <= 4
            else {"relu": None}
        )
        return [pool, {"tanh": None}, {"max_unpool": f"pool{number}"}]
    if form == "label":
        return [
            {"relu": None, "as": f"label{number}"},
            *keeping(draw, shape, channels),
            {"concat": [[], [{"from": f"label{number}"}]]},
        ]
    if form in ("head", "auxiliary"):
        return [{form: f"{form}{number}", "layers": [layer(draw, shape), {"tanh": None}]}]
    return [layer(draw, shape, number)]


STRUCTURES = (
    *("group", "concat", "wide", "shortcut", "gate", "parameter", "token", "shared", "unpool", "label"),
    *("head", "auxiliary"),
)

SHAPES = st.one_of(
    st.tuples(st.integers(1, 6), st.integers(1, 9), st.integers(1, 9)),
    st.tuples(st.integers(1, 6), st.integers(3, 9), st.integers(3, 9)),
    st.tuples(st.integers(1, 6), st.integers(1, 9)),
    st.tuples(st.integers(1, 9)),
    st.tuples(*[st.integers(1, 5)] * 4),
)


@st.composite
def networks(draw: st.DrawFn) -> tuple[Network, str]:
    """A network with its spec, grown item by item; what does not fit what is there already is left away."""
    spec: dict[str, Any] = {"name": "random", "input": list(draw(SHAPES)), "layers": [{"relu": None}]}
    network, text = network_of(spec)
    for number in range(draw(st.integers(6, 14))):
        # A head that stands last takes the place of the output.
        end = next(node for node in reversed(network.nodes) if node.head is None)
        items = grown(draw, end.output, number)
        longer = {**spec, "layers": [*spec["layers"], *items]}
        try:
            network, text = network_of(longer)
        except SpecError:
            continue
        spec = longer
    return network, text


# --- the comparison ----------------------------------------------------------------------------------------


def differences(network: Network) -> list[str]:
    check = checked(network, "torch", observe(network))
    return [
        f"{found.layer} {found.quantity}: archcalc {found.ours}, torch {found.theirs} {found.their_working}"
        for found in check.differences
    ]


def features(network: Network) -> Iterator[str]:
    """What a network has that a comparison is to have seen: kinds, forms of padding, options, ranks, structure."""
    for node in network.nodes:
        kind = node.layer.kind
        yield kind
        if node.shares is not None:
            yield "shared weights"
        if node.auxiliary:
            yield "auxiliary head"
        elif node.head:
            yield "head"
        if kind in ("conv", "conv_transpose", "max_pool", "avg_pool"):
            yield f"{kind} {len(node.output) - 1}-D"
        for name in node.layer.__struct_fields__:
            if name in OPTIONS:
                yield f"{kind} {name} {form_of(getattr(node.layer, name))}"


OPTIONS = {
    *("padding", "dilation", "groups", "output_padding", "stride", "kernel", "bias", "ceil", "count_padding")
}


def form_of(value: Any) -> str:
    """What kind of setting it is: a word, a truth, a list, a list of pairs, or 0, 1 or more."""
    if isinstance(value, tuple):
        return "pairs" if any(isinstance(side, tuple) for side in value) else "list"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if value < 2 else "more"
    return str(value)


EXPECTED = {
    *KINDS,
    *("shared weights", "head", "auxiliary head"),
    *(
        f"{kind} {rank}-D"
        for kind in ("conv", "conv_transpose", "max_pool", "avg_pool")
        for rank in (1, 2, 3)
    ),
    *(
        f"{kind} padding {form}"
        for kind in ("conv", "max_pool", "avg_pool")
        for form in ("1", "list", "pairs", "same", "valid")
    ),
    *("max_pool ceil True", "avg_pool ceil True", "avg_pool count_padding False", "max_pool dilation more"),
    *("conv dilation more", "conv dilation list", "conv groups more", "conv groups depthwise"),
    *("conv kernel list", "conv stride list", "conv bias False", "attention bias False"),
    *("conv_transpose output_padding 1", "conv_transpose output_padding list"),
    *("conv_transpose groups more", "conv_transpose dilation more"),
}


def test_random_networks_agree_with_torch() -> None:
    seen: Counter[str] = Counter()
    texts: set[str] = set()
    layers = 0

    # Many draws come to the same network, as what does not fit is left away: each is compared once.
    @settings(
        max_examples=COUNT,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.filter_too_much],
    )
    @given(networks())
    def agree(found: tuple[Network, str]) -> None:
        nonlocal layers
        network, text = found
        assume(text not in texts)
        assert differences(network) == [], text
        seen.update(set(features(network)))
        texts.add(text)
        layers += len(network.nodes)

    agree()
    assert len(texts) == COUNT
    print(f"{len(texts):,} networks of {layers:,} layers")  # noqa: T201 - for long runs
    assert EXPECTED - set(seen) == set()


def test_a_wrong_rule_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = KINDS["max_pool"].output
    monkeypatch.setattr(
        KINDS["max_pool"],
        "output",
        staticmethod(lambda x: right(x.replace(axes=tuple(a.replace(ceil=False) for a in x.axes)))),
    )

    @settings(max_examples=200, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
    @given(networks())
    def agree(found: tuple[Network, str]) -> None:
        assert differences(found[0]) == []

    with pytest.raises((AssertionError, ExceptionGroup)):
        agree()


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(networks())
def test_exports_of_random_networks_compute_the_same(found: tuple[Network, str]) -> None:
    network, _ = found
    source = export(network)
    namespace: dict[str, Any] = {"__name__": "exported"}
    exec(compile(source, "exported", "exec"), namespace)  # noqa: S102 - what it does is what is tested
    ours = pytorch.build(network)
    theirs = namespace[source.partition("model = ")[2].partition("(")[0]]()
    assert {name: tensor.shape for name, tensor in ours.state_dict().items()} == {
        name: tensor.shape for name, tensor in theirs.state_dict().items()
    }
    theirs.load_state_dict(ours.state_dict())
    x = torch.rand(2, *network.input)
    for training in (False, True):
        outputs = []
        for model in (ours, theirs):
            torch.manual_seed(0)
            with torch.no_grad():
                given_out = model.train(training)(x)
            outputs.append(given_out if isinstance(given_out, dict) else {"": given_out})
        assert list(outputs[0]) == list(outputs[1])
        for name, value in outputs[0].items():
            torch.testing.assert_close(outputs[1][name], value, equal_nan=True)
