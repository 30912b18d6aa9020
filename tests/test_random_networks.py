"""Random networks of every kind against PyTorch: shapes, weights, biases and MACs, layer by layer; their exports too.

ARCHCALC_RANDOM_NETWORKS sets how many; the suite takes 500. docs/verification.md has the figure of a long run.
"""

from __future__ import annotations

import io
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from archcalc import Network, pytorch
from archcalc.checks.checking import checked
from archcalc.layers import KINDS
from archcalc.layers.base import Layer, Shape
from archcalc.network.expansion import expand
from archcalc.pytorch.export import export
from archcalc.spec import catalog
from archcalc.words.errors import SpecError

torch = pytest.importorskip("torch")

from archcalc.pytorch.witness import observe  # noqa: E402 - only where torch is

USUAL = 500
COUNT = int(os.environ.get("ARCHCALC_RANDOM_NETWORKS", USUAL))
LONG = 5_000
"""From so many networks on, rare combinations must have come up too."""

Item = dict[str, Any]
Feature = tuple[str, str, str]
"""A kind, a setting of it, and the form that it has: `conv`, `padding`, `pairs`."""


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
            padding_mode=lambda: d.one_of("zero", "reflect", "replicate", "circular"),
        ),
    }


def conv_transpose(d: Drawn) -> Item:
    channels = d.shape[0]
    groups = d.one_of(1, "depthwise", d.divisor(channels))
    stride = d.per_axis(1, 3)
    smallest = min(stride) if isinstance(stride, list) else stride
    return {
        "conv_transpose": (channels if groups == "depthwise" else groups) * d.number(1, 3),
        "kernel": d.per_axis(1, 3),
        "stride": stride,
        "groups": groups,
        **d.some(
            padding=lambda: d.per_axis(0, 2),
            output_padding=lambda: d.per_axis(0, smallest - 1),
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
    window = d.per_axis(1, 3)
    # torch's AvgPool3d refuses a window larger than its input, even where rounding up leaves an output.
    fits = all(size >= (max(window) if isinstance(window, list) else window) for size in d.shape[1:])
    return {
        "avg_pool": window,
        **d.some(
            stride=lambda: d.per_axis(1, 3),
            padding=lambda: d.padding(1),
            ceil=lambda: d.rank < 3 or fits,
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
    pairs = [[d.number(0, 2), d.number(0, 2)] for _ in range(d.rank)]
    return {
        "pad": d.one_of(d.number(0, 2), [before for before, _ in pairs], pairs),
        "mode": d.one_of("zero", "reflect", "replicate", "circular"),
    }


def attention(d: Drawn) -> Item:
    windows = [[d.shape[-2]], [1, d.shape[-2]], *([[2, d.shape[-2] // 2]] if d.shape[-2] % 2 == 0 else [])]
    return {
        "attention": d.divisor(d.shape[-1]),
        **d.some(bias=lambda: False, relative_position=lambda: d.one_of(*windows)),
    }


def scale(d: Drawn) -> Item:
    if d.draw(st.booleans()):
        return {"scale": d.one_of("learned", 0.5), "per": "layer"}
    # Without an axis: tokens have their channels last, all else has them first.
    axis = d.axis() if d.draw(st.booleans()) else -1 if len(d.shape) <= 2 else 0
    item: Item = {"scale": d.one_of("learned", [0.5] * d.shape[axis]), "per": "channel"}
    return item | d.some(axis=lambda: axis)


def mean(d: Drawn) -> Item:
    axes = d.draw(st.lists(st.integers(0, d.rank), min_size=1, max_size=2, unique=True))
    return {"mean": d.one_of(d.axis(), axes)}


def lrn(d: Drawn) -> Item:
    return {"lrn": d.number(1, 5), **d.some(alpha=lambda: 0.002, beta=lambda: 0.5, k=lambda: 1.0)}


def embedding(d: Drawn) -> Item:
    return {"embedding": d.number(1, 6), "vocabulary": d.number(1, 6)}


def reshape(d: Drawn) -> Item:
    size = prod(d.shape)
    first = d.divisor(size)
    return {"reshape": d.one_of([first, -1], [first, size // first], [-1], [1, first, -1])}


def roll(d: Drawn) -> Item:
    if d.draw(st.booleans()):
        return {"roll": d.number(-3, 3), "axes": d.axis()}
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
    "leaky_relu": lambda d: {"leaky_relu": d.one_of(None, 0.2)},
    "elu": lambda d: {"elu": d.one_of(None, 0.5)},
    "dropout": lambda d: {"dropout": d.one_of(None, 0.2)},
    "prelu": lambda d: {"prelu": d.draw(st.booleans())},
    "softmax": lambda d: {"softmax": d.one_of(None, d.axis())},
    "batch_norm": lambda d: {"batch_norm": d.draw(st.booleans())},
    "layer_norm": lambda d: {
        "layer_norm": d.one_of(d.axis(), list(range(len(d.shape)))),
        **d.some(affine=lambda: False, bias=lambda: False),
    },
    "scale": scale,
    "flatten": lambda d: {"flatten": d.axis()},
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
    "lrn": lrn,
    "attention": attention,
    "mean": mean,
    "permute": lambda d: {"permute": d.draw(st.permutations(range(len(d.shape))))},
    "pad": pad,
    "crop": lambda d: {
        "crop": d.one_of(d.number(1, min(d.shape[1:])), [d.number(1, size) for size in d.shape[1:]])
    },
    "upsample": upsample,
    "channel_shuffle": lambda d: {"channel_shuffle": d.divisor(d.shape[0])},
    "pixel_shuffle": lambda d: {"pixel_shuffle": d.one_of(1, 2)},
}


WINDOWED = ("conv", "conv_transpose", "max_pool", "avg_pool")


def as_in_examples(kind: type[Layer]) -> Drawing:
    """A kind that nobody has written a drawing for: as one of its examples has it, where that fits."""

    def drawn(d: Drawn) -> Item:
        fields = dict(d.one_of(*[example.fields for example in kind.examples]))
        first = next(iter(kind.__struct_fields__), "")
        return {kind.kind: fields.pop(first, None), **fields}

    return drawn


def kinds_for(shape: Shape) -> dict[str, Drawing]:
    known = ON_VECTORS if len(shape) == 1 else ON_MAPS if len(shape) <= 4 else ANYWHERE
    ranks = {name: {len(one.inputs[0]) for one in KINDS[name].examples} for name in UNLISTED}
    return {
        **known,
        **{name: as_in_examples(KINDS[name]) for name, found in ranks.items() if len(shape) in found},
    }


def layer(draw: st.DrawFn, shape: Shape) -> Item:
    """A layer that may well fit a shape."""
    kinds = kinds_for(shape)
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


def grown(draw: st.DrawFn, shape: Shape, number: int, theme: str) -> list[Item]:
    """One layer, or a structure of several; about half are the theme. `number` makes their names their own."""
    form = theme if draw(st.booleans()) else draw(st.sampled_from([*["layer"] * 24, *STRUCTURES]))
    if form in kinds_for(shape):
        return [kinds_for(shape)[form](Drawn(draw, shape))]
    return structure(draw, shape, number, form)


def structure(draw: st.DrawFn, shape: Shape, number: int, form: str) -> list[Item]:
    channels = shape[0]
    if form == "group":
        return [{"layers": [layer(draw, shape), {"relu": None}], "repeat": draw(st.integers(0, 2))}]
    if form == "concat":
        others = [keeping(draw, shape, draw(st.integers(1, 4))) for _ in range(draw(st.integers(1, 2)))]
        axis: Item = draw(st.sampled_from([{}, {"axis": 0}]))
        return [{"concat": [[], *others], **axis}]
    if form == "wide":
        return [
            {
                "concat": {"a": [], "b": [{"relu": None}]},
                "axis": draw(st.integers(-1, len(shape) - 1)),
                "name": f"join{number}",
            }
        ]
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
        # A number is a vector, and stands for every position of the last axis.
        held = draw(st.sampled_from([[*shape], shape[-1]]))
        return [{"add": [[], [{"parameter": held, "role": role}]]}]
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
    return [layer(draw, shape)]


STRUCTURES = (
    *("group", "concat", "wide", "shortcut", "gate", "parameter", "token", "shared", "unpool", "label"),
    *("head", "auxiliary"),
)

SHAPES = {
    0: st.tuples(st.integers(1, 9)),
    1: st.tuples(st.integers(1, 6), st.integers(1, 9)),
    2: st.one_of(
        st.tuples(st.integers(1, 6), st.integers(1, 9), st.integers(1, 9)),
        st.tuples(st.integers(1, 6), st.integers(3, 9), st.integers(3, 9)),
    ),
    3: st.tuples(*[st.integers(1, 5)] * 4),
}
"""Of inputs, by the number of spatial axes."""

Theme = tuple[str, int | None]
"""What a network has much of: a kind or a structure, and the axes of its input, None if any will do."""

THEMES: tuple[Theme, ...] = (
    *((kind, rank) for kind in WINDOWED for rank in (1, 2, 3)),
    *(("upsample", rank) for rank in (1, 2, 3)),
    ("embedding", 0),
    *((kind, None) for kind in (*ON_MAPS, *STRUCTURES) if kind not in (*WINDOWED, "upsample")),
)


@st.composite
def networks(draw: st.DrawFn, theme: Theme | None = None) -> tuple[Network, str]:
    """A network with its spec, grown item by item; what does not fit what is there already is left away."""
    much, rank = draw(st.sampled_from(THEMES)) if theme is None else theme
    if rank is None:
        rank = draw(st.integers(0, 3)) if much in (*ANYWHERE, *STRUCTURES) else draw(st.integers(1, 3))
    spec: dict[str, Any] = {"name": "random", "input": list(draw(SHAPES[rank])), "layers": []}
    # Only what goes into the network are numbers of words.
    items: list[Item] = [{"relu": None}] if much != "embedding" else [embedding(Drawn(draw, (1,)))]
    network, text = network_of(spec := {**spec, "layers": items})
    for number in range(draw(st.integers(6, 14))):
        # A head that stands last takes the place of the output.
        end = next(node for node in reversed(network.nodes) if node.head is None)
        items = grown(draw, end.output, number, much)
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


def features(network: Network, text: str) -> Iterator[Feature]:
    """What a network has that a comparison is to have seen: of each layer its kind, its axes and its settings."""
    for word in WRITTEN:
        if re.search(rf"^[ -]*{word}:", text, re.MULTILINE):
            yield STRUCTURE, word, ""
    for node in network.nodes:
        kind = node.layer.kind
        yield kind, "", ""
        if node.shares is not None:
            yield STRUCTURE, "shared weights", ""
        rank = f"{len(node.shapes[0]) - 1}-D" if kind in EVERY_RANK else ""
        for name in node.layer.__struct_fields__:
            yield kind, name, form_of(getattr(node.layer, name))
            if rank:
                yield f"{kind} {rank}", name, form_of(getattr(node.layer, name))


def form_of(value: Any) -> str:
    """What kind of setting it is: a word, a truth, none, a list, a list of pairs, 0, 1, more or negative."""
    if isinstance(value, tuple):
        return "pairs" if any(isinstance(side, tuple) for side in value) else "list"
    if isinstance(value, float):
        return "number"
    if isinstance(value, int) and not isinstance(value, bool):
        return "negative" if value < 0 else str(value) if value < 2 else "more"
    return str(value).lower()


STRUCTURE = "structure"
WRITTEN = ("repeat", "head", "auxiliary", "as", "from", "weights", "add", "concat", "mul")
"""Keys of a spec that are no layer's, and the joins."""

EVERY_RANK = ("conv", "conv_transpose", "max_pool", "avg_pool")
"""Of these a long run has every setting in 1-D, 2-D and 3-D."""

SETTINGS: dict[str, dict[str, str]] = yaml.safe_load("""
conv: {filters: 1 more, kernel: &sizes 1 more list, stride: *sizes, padding: 0 1 more list pairs same valid,
       dilation: *sizes, groups: 1 more depthwise, bias: &truth true false,
       padding_mode: &border zero reflect replicate circular}
conv_transpose: {filters: 1 more, kernel: *sizes, stride: *sizes, padding: 0 1 more list, dilation: *sizes,
                 groups: 1 more depthwise, bias: *truth, output_padding: 0 1 more list}
max_pool: {window: *sizes, stride: *sizes, padding: &padding 0 1 list pairs same valid, ceil: *truth,
           dilation: *sizes}
avg_pool: {window: *sizes, stride: *sizes, padding: *padding, ceil: *truth, count_padding: *truth}
max_unpool: {indices: "", window: *sizes, stride: *sizes, padding: *padding, ceil: *truth, dilation: *sizes}
adaptive_avg_pool: {size: *sizes}
linear: {units: 1 more, bias: *truth, axis: none negative}
embedding: {units: 1 more, vocabulary: 1 more}
attention: {heads: 1 more, bias: *truth, relative_position: none list}
batch_norm: {affine: *truth}
layer_norm: {axis: negative 0 1 more list, affine: *truth, bias: *truth}
group_norm: {groups: 1 more, affine: *truth}
instance_norm: {affine: *truth}
lrn: {window: 1 more, alpha: number, beta: number, k: number}
prelu: {shared: *truth}
leaky_relu: {slope: number}
elu: {alpha: number}
softmax: {axis: none negative 0 1 more}
dropout: {rate: number}
concat: {axis: negative 0 1 more}
scale: {value: learned number list, per: channel layer, axis: none negative 0 1 more}
parameter: {shape: 1 more list, role: weight bias}
mean: {axis: negative 0 1 more list}
flatten: {axis: negative 0 1 more}
reshape: {shape: list}
permute: {order: list}
slice: {axis: negative 0 1 more, start: none negative 0 1 more, stop: none negative 1 more, step: 1 more}
roll: {shift: negative 0 1 more list, axes: negative 0 1 more list}
pad: {amount: 0 1 more list pairs, mode: *border, axis: none negative 0 1 more}
crop: {size: *sizes}
upsample: {factor: none 1 more list, size: none 1 more list, mode: nearest linear bilinear bicubic trilinear}
channel_shuffle: {groups: 1 more}
pixel_shuffle: {factor: 1 more}
""")
"""Of every kind that has settings, the forms that each of them is to be seen in."""


def missing(seen: Counter[Feature], long: bool) -> Iterator[str]:
    """What has not come up and should have.

    A `long` run has every form of every setting, those of windows in each number of axes. A short one has
    every kind, every form of the settings of windows, and of other settings two forms where there are two.
    """
    wanted: list[Feature] = [(STRUCTURE, name, "") for name in (*WRITTEN, "shared weights")]
    for kind in KINDS:
        wanted.append((kind, "", ""))
        for name, words in SETTINGS.get(kind, {}).items():
            forms = words.split()
            if long or kind in EVERY_RANK:
                kinds = [kind, *(f"{kind} {rank}-D" for rank in (1, 2, 3) if long and kind in EVERY_RANK)]
                wanted += [(which, name, form) for which in kinds for form in forms]
            elif sum((kind, name, form) in seen for form in forms) < min(2, len(forms)):
                yield f"another {name} of {kind}"
    yield from (" ".join(feature).rstrip() for feature in wanted if feature not in seen)


def coverage(seen: Counter[Feature]) -> Iterator[str]:
    """A Markdown table: for each kind and setting the number of networks in which each form of it stood."""
    yield "| kind | networks | settings, with the networks that have them |"
    yield "|---|--:|---|"
    for kind in [STRUCTURE, *KINDS, *(f"{kind} {rank}-D" for kind in EVERY_RANK for rank in (1, 2, 3))]:
        named: dict[str, list[str]] = {}
        for (which, name, form), count in sorted(seen.items()):
            if which == kind and name and name != "indices":
                named.setdefault(name, []).append(f"{form} {count:,}".strip())
        whole = f"{seen[kind, '', '']:,}" if seen[kind, "", ""] else ""
        yield f"| {kind} | {whole} | {'; '.join(f'{n}: ' + ', '.join(found) for n, found in named.items())} |"


UNLISTED = [
    kind
    for kind, layer in KINDS.items()
    if layer.arity == 1 and kind not in {*ON_VECTORS, *ON_MAPS, *SETTINGS, *STRUCTURES}
]
"""Kinds that none of these tables has: new ones, which come up as their examples have them."""


def test_every_setting_of_every_kind_is_to_be_seen() -> None:
    assert {
        kind: set(layer.__struct_fields__)
        for kind, layer in KINDS.items()
        if layer.__struct_fields__ and kind not in UNLISTED
    } == {kind: set(settings) for kind, settings in SETTINGS.items()}


def test_a_kind_that_no_table_has_comes_up_as_in_its_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(ON_MAPS, "global_avg_pool")
    monkeypatch.setitem(globals(), "UNLISTED", ["global_avg_pool"])
    assert "global_avg_pool" in kinds_for((2, 5, 5))
    assert "global_avg_pool" not in kinds_for((5,))

    @st.composite
    def pooled(draw: st.DrawFn) -> Item:
        shape = KINDS["global_avg_pool"].examples[0].inputs[0]
        return kinds_for(shape)["global_avg_pool"](Drawn(draw, shape))

    @settings(max_examples=1, deadline=None, derandomize=True, database=None)
    @given(pooled())
    def drawn(made: Item) -> None:
        assert made == {"global_avg_pool": None}

    drawn()


def test_random_networks_agree_with_torch() -> None:
    seen: Counter[Feature] = Counter()
    texts: set[str] = set()
    layers = 0

    # Many draws come to the same network, as what does not fit is left away: each is compared once.
    def agree(found: tuple[Network, str]) -> None:
        nonlocal layers
        network, text = found
        assume(text not in texts)
        assert differences(network) == [], text
        seen.update(set(features(network, text)))
        texts.add(text)
        layers += len(network.nodes)

    for number, theme in enumerate(THEMES):
        share = COUNT // len(THEMES) + (number < COUNT % len(THEMES))
        usual = settings(
            max_examples=share,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=[HealthCheck.filter_too_much],
        )
        usual(given(networks(theme))(agree))()
    assert len(texts) == COUNT
    report = [f"{len(texts):,} networks of {layers:,} layers, no disagreement", "", *coverage(seen)]
    print("\n".join(report))  # noqa: T201 - for long runs
    assert COUNT < USUAL or list(missing(seen, long=COUNT >= LONG)) == []


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
