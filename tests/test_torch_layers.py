"""Every kind against PyTorch: shape, weights, biases and MACs, on worked examples and random configurations."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from builders import made
from hypothesis import given, settings
from hypothesis import strategies as st

from archcalc.checks.checking import Figures
from archcalc.layers import KINDS, Layer
from archcalc.layers.base import Example, Shape, Shapes
from archcalc.layers.views import ALL, Window, windows_of
from archcalc.words.errors import LayerError

torch = pytest.importorskip("torch")

from archcalc.pytorch.attention import relative_positions  # noqa: E402
from archcalc.pytorch.tools import TOOLKIT  # noqa: E402
from archcalc.pytorch.witness import observe_layer  # noqa: E402

EXAMPLES = [
    pytest.param(name, example, id=f"{name}-{number}")
    for name, cls in KINDS.items()
    for number, example in enumerate(cls.examples, 1)
]


def ruled(layer: Layer, shapes: Shapes) -> Figures:
    """What archcalc's rules say of a layer, in the witness's form."""
    layer.check(shapes, strict=False)
    x = layer.read(shapes)
    output = layer.output(x)
    return Figures(output, layer.weights(x), layer.biases(x), layer.cost(x, output).macs)


# --- worked examples ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_torch_agrees_with_every_worked_example(name: str, example: Example) -> None:
    layer = made(name, example.fields)
    assert ruled(layer, example.inputs) == observe_layer(layer, example.inputs)
    assert observe_layer(layer, example.inputs) == (
        example.output,
        example.weights,
        example.biases,
        example.macs,
    )


CHANGES: list[tuple[str, dict[str, Any], dict[str, Any], Shapes]] = [
    ("conv", {"filters": 4, "kernel": 3}, {"kernel": 2}, ((2, 8, 8),)),
    ("conv", {"filters": 4, "kernel": 3}, {"filters": 5}, ((2, 8, 8),)),
    ("conv", {"filters": 4, "kernel": 3}, {"stride": 2}, ((2, 8, 8),)),
    ("conv", {"filters": 4, "kernel": 3}, {"padding": 1}, ((2, 8, 8),)),
    ("conv", {"filters": 4, "kernel": 3}, {"padding": [[1, 0], 0]}, ((2, 8, 8),)),
    ("conv", {"filters": 4, "kernel": 3}, {"padding": "same"}, ((2, 8, 8),)),
    ("conv", {"filters": 4, "kernel": 3}, {"dilation": 2}, ((2, 8, 8),)),
    ("conv", {"filters": 4, "kernel": 3}, {"groups": 2}, ((2, 8, 8),)),
    ("conv", {"filters": 4, "kernel": 3}, {"bias": False}, ((2, 8, 8),)),
    ("conv_transpose", {"filters": 4, "kernel": 3, "stride": 2}, {"output_padding": 1}, ((2, 5),)),
    ("conv_transpose", {"filters": 4, "kernel": 3, "stride": 2}, {"padding": 1}, ((2, 5),)),
    ("linear", {"units": 3}, {"units": 4}, ((5,),)),
    ("linear", {"units": 3}, {"bias": False}, ((5,),)),
    ("max_pool", {"window": 3, "stride": 2}, {"ceil": True}, ((2, 8),)),
    ("max_pool", {"window": 2, "stride": 2}, {"padding": 1}, ((2, 7),)),
    ("max_pool", {"window": 2, "stride": 2}, {"dilation": 3}, ((2, 7),)),
    ("avg_pool", {"window": 2}, {"stride": 1}, ((2, 7),)),
    ("avg_pool", {"window": 2}, {"padding": "same"}, ((2, 7),)),
    ("adaptive_avg_pool", {"size": 3}, {"size": 4}, ((2, 7),)),
    ("batch_norm", {}, {"affine": False}, ((2, 7),)),
    ("layer_norm", {}, {"bias": False}, ((4, 6),)),
    ("layer_norm", {}, {"axis": 0}, ((4, 6),)),
    ("group_norm", {"groups": 2}, {"affine": False}, ((4, 6),)),
    ("instance_norm", {}, {"affine": True}, ((4, 6),)),
    ("prelu", {}, {"shared": True}, ((4, 6),)),
    ("scale", {"value": "learned"}, {"per": "channel"}, ((4, 6),)),
    ("embedding", {"units": 4, "vocabulary": 9}, {"vocabulary": 10}, ((4,),)),
    ("parameter", {"shape": 4}, {"role": "bias"}, ()),
    ("parameter", {"shape": 4}, {"shape": 5}, ()),
    ("mean", {"axis": 0}, {"axis": 1}, ((4, 6),)),
    ("attention", {"heads": 2}, {"bias": False}, ((4, 6),)),
    ("attention", {"heads": 2}, {"relative_position": [2, 2]}, ((4, 6),)),
    ("concat", {}, {"axis": 1}, ((4, 6), (4, 6))),
    ("flatten", {}, {"axis": 1}, ((2, 3, 4),)),
    ("reshape", {"shape": [6, 4]}, {"shape": [4, -1]}, ((2, 3, 4),)),
    ("permute", {"order": [0, 2, 1]}, {"order": [1, 0, 2]}, ((2, 3, 4),)),
    ("slice", {"axis": 1, "stop": 4}, {"start": 1}, ((2, 6),)),
    ("slice", {"axis": 1}, {"step": 2}, ((2, 6),)),
    ("upsample", {"factor": 2}, {"factor": 3}, ((2, 6),)),
    ("upsample", {"factor": 1.5}, {"factor": 1.7}, ((2, 6),)),
    ("permute", {"order": [-1, 0, 1]}, {"order": [-1, 1, 0]}, ((2, 3, 4),)),
    ("pad", {"amount": -1}, {"amount": [[-1, 0]]}, ((2, 6),)),
    ("pad", {"amount": 1}, {"amount": [[1, 0]]}, ((2, 6),)),
    ("pad", {"amount": 1, "axis": 0}, {"axis": 1}, ((2, 6),)),
    ("pad", {"amount": 2, "axis": 0}, {"amount": 1}, ((2, 2, 2, 2, 6),)),
    ("crop", {"size": 4}, {"size": 3}, ((2, 6),)),
    ("pixel_shuffle", {"factor": 2}, {"factor": 1}, ((8, 6, 6),)),
]


@pytest.mark.parametrize(("name", "fields", "change", "shapes"), CHANGES)
def test_torch_notices_a_single_changed_field(
    name: str, fields: dict[str, Any], change: dict[str, Any], shapes: Shapes
) -> None:
    right = ruled(made(name, fields), shapes)
    assert observe_layer(made(name, fields), shapes) == right
    assert observe_layer(made(name, fields | change), shapes) != right


# --- random configurations ---------------------------------------------------------------------------------

MANY = settings(max_examples=400, deadline=None, derandomize=True)


def per_axis(values: st.SearchStrategy[Any], rank: int) -> st.SearchStrategy[Any]:
    """One value for all axes, or a list of one an axis."""
    return values | st.lists(values, min_size=rank, max_size=rank)


def paddings(rank: int) -> st.SearchStrategy[Any]:
    amount = st.integers(0, 3)
    side = amount | st.lists(amount, min_size=2, max_size=2)
    return st.one_of(amount, st.just("same"), st.just("valid"), st.lists(side, min_size=rank, max_size=rank))


Case = tuple[str, dict[str, Any], Shape]


@st.composite
def convolutions(draw: st.DrawFn) -> Case:
    rank, groups = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    channels = groups * draw(st.integers(1, 2))
    fields = {
        "filters": groups * draw(st.integers(1, 3)) + draw(st.sampled_from([0, 0, 0, 1])),
        "kernel": draw(per_axis(st.integers(1, 4), rank)),
        "stride": draw(per_axis(st.integers(1, 3), rank)),
        "padding": draw(paddings(rank)),
        "dilation": draw(per_axis(st.integers(1, 3), rank)),
        "groups": draw(st.sampled_from([groups, groups, "depthwise"])),
        "bias": draw(st.booleans()),
        "padding_mode": draw(st.sampled_from(["zero", "zero", "reflect", "replicate", "circular"])),
    }
    return "conv", fields, (channels, *draw(st.tuples(*[st.integers(1, 7)] * rank)))


@st.composite
def transposed_convolutions(draw: st.DrawFn) -> Case:
    _, fields, shape = draw(convolutions())
    rank = len(shape) - 1
    del fields["padding_mode"]
    fields["padding"] = draw(per_axis(st.integers(0, 3), rank))
    fields["output_padding"] = draw(per_axis(st.sampled_from([0, 0, 1, 2]), rank))
    return "conv_transpose", fields, shape


@st.composite
def pools(draw: st.DrawFn) -> Case:
    name, rank = draw(st.sampled_from(["max_pool", "avg_pool"])), draw(st.integers(1, 3))
    fields: dict[str, Any] = {
        "window": draw(per_axis(st.integers(1, 4), rank)),
        "padding": draw(paddings(rank)),
        "ceil": draw(st.booleans()),
    }
    if draw(st.booleans()):
        fields["stride"] = draw(per_axis(st.integers(1, 4), rank))
    if name == "max_pool":
        fields["dilation"] = draw(per_axis(st.integers(1, 3), rank))
    else:
        fields["count_padding"] = draw(st.booleans())
    return name, fields, (draw(st.integers(1, 3)), *draw(st.tuples(*[st.integers(1, 9)] * rank)))


@st.composite
def resamplings(draw: st.DrawFn) -> Case:
    rank = draw(st.integers(1, 3))
    shape = (draw(st.integers(1, 4)), *draw(st.tuples(*[st.integers(1, 6)] * rank)))
    modes = {1: ["nearest", "linear"], 2: ["nearest", "bilinear", "bicubic"], 3: ["nearest", "trilinear"]}
    sizes = per_axis(st.integers(1, 8), rank)
    amount = st.integers(-2, 3)
    sides = st.lists(amount | st.lists(amount, min_size=2, max_size=2), min_size=rank, max_size=rank)
    factors = st.integers(1, 3) | st.sampled_from([0.4, 0.5, 1.15, 1.5, 2.3, 2.75])
    fields: dict[str, st.SearchStrategy[dict[str, Any]]] = {
        "adaptive_avg_pool": st.fixed_dictionaries({"size": sizes}),
        "crop": st.fixed_dictionaries({"size": sizes}),
        "pad": st.fixed_dictionaries(
            {"amount": amount | sides, "mode": st.sampled_from(["zero", "reflect", "replicate", "circular"])}
        ),
        "upsample": st.fixed_dictionaries(
            {
                **draw(
                    st.sampled_from(
                        [{"factor": per_axis(factors, rank)}, {"size": per_axis(st.integers(1, 3), rank)}]
                    )
                ),
                "mode": st.sampled_from(modes[rank]),
            }
        ),
        "pixel_shuffle": st.fixed_dictionaries({"factor": st.integers(1, 2)}),
        "channel_shuffle": st.fixed_dictionaries({"groups": st.integers(1, 3)}),
    }
    name = draw(st.sampled_from(sorted(fields)))
    return name, draw(fields[name]), shape


STRICTER = (
    "is more than half of the window",  # torch cannot check a padding that it does not do itself
    "pixel_shuffle works on [C, H, W]",  # torch shuffles the last two axes of any shape
    "leaves nothing.",  # torch pads an input of which everything is cut off
    "in the floats of other libraries",  # where a factor and its float do not agree, neither is right for sure
)
"""What archcalc refuses though torch would go on, each for a reason of its own."""

NO_SMALL_AVG_POOL3D = "smaller than kernel size"
"""Torch's avg_pool3d, unlike its 1-D and 2-D ones, does not round up where the window is larger than its input."""


def agree(case: Case) -> None:
    """Torch and archcalc give the same numbers, or neither of them wants the layer."""
    name, fields, shape = case
    layer = made(name, fields)
    try:
        expected: Figures | LayerError = ruled(layer, (shape,))
    except LayerError as error:
        expected = error
    try:
        observed: Figures | Exception = observe_layer(layer, (shape,), "cpu")
    except (RuntimeError, ValueError, IndexError) as error:
        observed = error
    if isinstance(expected, LayerError):
        # Torch takes an output of no elements for one; archcalc does not.
        refused = isinstance(observed, Exception) or 0 in observed.output
        stricter = any(reason in str(expected) for reason in STRICTER)
        assert refused or stricter, f"torch has {observed}, archcalc: {expected}"
    elif isinstance(observed, Exception) and NO_SMALL_AVG_POOL3D in str(observed):
        assert (name, len(shape), layer.ceil) == ("avg_pool", 4, True)  # type: ignore[attr-defined]
    else:
        assert observed == expected


@MANY
@given(convolutions())
def test_random_convolutions_agree(case: Case) -> None:
    agree(case)


@MANY
@given(transposed_convolutions())
def test_random_transposed_convolutions_agree(case: Case) -> None:
    agree(case)


@MANY
@given(pools())
def test_random_pools_agree(case: Case) -> None:
    agree(case)


@MANY
@given(resamplings())
def test_random_resamplings_agree(case: Case) -> None:
    agree(case)


@MANY
@given(st.integers(-4, 4) | st.none(), st.integers(-4, 4) | st.none(), st.integers(1, 4), st.integers(1, 5))
def test_random_slices_agree(start: int | None, stop: int | None, step: int, size: int) -> None:
    layer = made("slice", {"axis": 1, "start": start, "stop": stop, "step": step})
    try:
        expected = ruled(layer, ((2, size),))
    except LayerError:
        assert observe_layer(layer, ((2, size),)).output[1] == 0
    else:
        assert observe_layer(layer, ((2, size),)) == expected


def test_a_wrong_rule_would_be_noticed_by_random_configurations(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = made("max_pool", {"window": 3, "stride": 2, "padding": [[1, 0]], "ceil": True})
    assert ruled(pool, ((1, 6),)) == observe_layer(pool, ((1, 6),), "cpu")
    monkeypatch.setattr(KINDS["max_pool"], "output", staticmethod(lambda x: (x.C, x.axes[0].N // 2)))
    refuted = False
    try:
        test_random_pools_agree()
    except (AssertionError, ExceptionGroup):
        refuted = True
    assert refuted


# --- what one output position sees -------------------------------------------------------------------------


def seen(layer: Layer, shape: Shape, position: int) -> set[int]:
    """The positions of a one-dimensional input that output `position` has a gradient for.

    A spike wanders over the input, so that every position is the largest of its window once.
    """
    module = layer.build(TOOLKIT, (shape,))
    for parameter in module.parameters():
        torch.nn.init.ones_(parameter)
    found: set[int] = set()
    for spike in range(shape[-1]):
        x = torch.zeros(1, *shape)
        x[..., spike] = 1.0
        x.requires_grad_()
        module(x)[0, :, position].sum().backward()
        found |= set(x.grad[0].sum(0).nonzero().flatten().tolist())
    return found


def taps(start: int, window: int, dilation: int, size: int) -> set[int]:
    return {at for at in range(start, start + window, dilation) if 0 <= at < size}


STEPS: list[dict[str, Any]] = [
    {"stride": 1},
    {"stride": 2, "padding": 1},
    {"stride": 3, "padding": "same"},
    {"stride": 1, "padding": [[1, 0]]},
    {"stride": 1, "padding": 1, "dilation": 2},
    {"stride": 2, "padding": "same", "dilation": 3},
]


def window_of(layer: Layer, shape: Shape) -> Window:
    """The one window of a layer over one spatial axis."""
    view = windows_of(layer.view(layer.read((shape,))))
    assert view is not None
    (window,) = view
    return window


VIEWS: list[tuple[str, dict[str, Any]]] = [
    (name, {"filters": 2, "kernel": size, **steps} if name == "conv" else {"window": size, **steps})
    for name in ("conv", "max_pool", "avg_pool")
    for size in (2, 3)
    for steps in STEPS
    if name != "avg_pool" or "dilation" not in steps
]


@pytest.mark.parametrize(("name", "fields"), VIEWS)
def test_windows_are_where_the_gradient_is(name: str, fields: dict[str, Any]) -> None:
    shape = (1, 11)
    layer = made(name, fields)
    size, stride, offset, per = window_of(layer, shape)
    assert per == 1
    for position in range(ruled(layer, (shape,)).output[1]):
        start = offset + position * stride
        assert seen(layer, shape, position) == taps(start, size, fields.get("dilation", 1), 11), position


def test_a_window_one_position_off_would_be_noticed() -> None:
    layer = made("conv", {"filters": 2, "kernel": 3, "padding": 1})
    size, _, offset, _ = window_of(layer, (1, 11))
    assert seen(layer, (1, 11), 5) == taps(offset + 5, size, 1, 11)
    assert seen(layer, (1, 11), 5) != taps(offset + 6, size, 1, 11)


FINER = [
    *(
        ("conv_transpose", {"filters": 1, "kernel": f, "stride": s, "padding": p})
        for f, s, p in product((1, 2, 3, 4, 5), (1, 2, 3), (0, 1))
        if f > p
    ),
    *(
        ("upsample", {"factor": f, "mode": mode})
        for f, mode in product((1, 2, 3, 4, 1.5, 0.75), ("nearest", "linear"))
    ),
]


@pytest.mark.parametrize(("name", "fields"), FINER)
def test_windows_on_a_finer_grid_are_where_the_gradient_is(name: str, fields: dict[str, Any]) -> None:
    shape = (1, 9)
    layer = made(name, fields)
    window = window_of(layer, shape)
    for position in range(ruled(layer, (shape,)).output[1]):
        found = seen(layer, shape, position)
        first = (window.stride * position + window.offset) // window.per
        last = (window.stride * position + window.offset + window.size - 1) // window.per
        # At the border interpolation repeats the outermost input.
        inside = {min(max(i, 0), 8) for i in range(first, last + 1) if name == "upsample" or 0 <= i <= 8}
        # Where the centres of an output and an input are the same, the neighbour counts 0 times.
        assert set(found) <= inside if fields.get("mode") == "linear" else set(found) == inside, position


EVERYWHERE: list[tuple[str, dict[str, Any], Shape]] = [
    ("group_norm", {"groups": 1}, (2, 5)),
    ("instance_norm", {}, (2, 5)),
    ("softmax", {"axis": -1}, (2, 5)),
]


@pytest.mark.parametrize(("name", "fields", "shape"), EVERYWHERE)
def test_a_view_of_everything_has_gradients_everywhere(
    name: str, fields: dict[str, Any], shape: Shape
) -> None:
    layer = made(name, fields)
    assert tuple(layer.view(layer.read((shape,))))[1:] == (ALL,)
    torch.manual_seed(0)
    x = torch.randn(1, *shape, requires_grad=True)
    layer.build(TOOLKIT, (shape,))(x)[0, 0, 2].backward()
    assert x.grad[0, 0].count_nonzero() == shape[-1]


# --- values ------------------------------------------------------------------------------------------------


def run(name: str, fields: dict[str, Any], *inputs: Any) -> Any:
    """The output of one layer for a batch of one, as nested lists; parameters are 1."""
    tensors = [torch.tensor(values, dtype=torch.float32)[None] for values in inputs]
    module = made(name, fields).build(TOOLKIT, tuple(tuple(tensor.shape[1:]) for tensor in tensors))
    for parameter in module.parameters():
        torch.nn.init.ones_(parameter)
    return module(*tensors)[0].tolist()


UP_TO_5 = [[1.0, 2.0, 3.0, 4.0, 5.0]]
GRID = [[[1.0, 2.0], [3.0, 4.0]]]

VALUES: list[tuple[str, dict[str, Any], tuple[Any, ...], Any]] = [
    ("concat", {}, ([[1, 2]], [[3, 4], [5, 6]]), [[1, 2], [3, 4], [5, 6]]),
    ("concat", {"axis": -1}, ([[1, 2]], [[3]]), [[1, 2, 3]]),
    ("add", {}, ([[1, 2], [3, 4]], [[10, 20]]), [[11, 22], [13, 24]]),
    ("mul", {}, ([[1, 2], [3, 4]], [[10], [100]], [[1, 2]]), [[10, 40], [300, 800]]),
    ("crop", {"size": 2}, (UP_TO_5,), [[2, 3]]),  # 3 to cut: 1 before, 2 after
    ("slice", {"axis": 1, "start": 1, "step": 2}, (UP_TO_5,), [[2, 4]]),
    ("slice", {"axis": 1, "start": -2}, (UP_TO_5,), [[4, 5]]),
    ("roll", {"shift": 1, "axes": 1}, (UP_TO_5,), [[5, 1, 2, 3, 4]]),
    ("roll", {"shift": -2, "axes": -1}, (UP_TO_5,), [[3, 4, 5, 1, 2]]),
    ("roll", {"shift": [1, 0], "axes": [1, 2]}, (GRID,), [[[3, 4], [1, 2]]]),
    ("permute", {"order": [1, 0]}, (UP_TO_5,), [[1], [2], [3], [4], [5]]),
    ("reshape", {"shape": [4]}, (GRID,), [1, 2, 3, 4]),
    ("flatten", {"axis": 1}, (GRID,), [[1, 2, 3, 4]]),
    ("mean", {"axis": 0}, ([[1, 2], [3, 6]],), [2, 4]),
    ("global_avg_pool", {}, (GRID,), [2.5]),
    ("pad", {"amount": [[0, 1], 1]}, (GRID,), [[[0, 1, 2, 0], [0, 3, 4, 0], [0, 0, 0, 0]]]),
    ("pad", {"amount": [[2, 0]], "mode": "reflect"}, (UP_TO_5,), [[3, 2, 1, 2, 3, 4, 5]]),
    ("pad", {"amount": [[0, 2]], "mode": "replicate"}, (UP_TO_5,), [[1, 2, 3, 4, 5, 5, 5]]),
    ("pad", {"amount": [[2, 1]], "mode": "circular"}, (UP_TO_5,), [[4, 5, 1, 2, 3, 4, 5, 1]]),
    ("pad", {"amount": [[-1, -2]]}, (UP_TO_5,), [[2, 3]]),
    ("pad", {"amount": [[-1, 2]]}, (UP_TO_5,), [[2, 3, 4, 5, 0, 0]]),
    ("permute", {"order": [-1, 0, 1]}, (GRID,), [[[1, 3]], [[2, 4]]]),
    # ⌊3·3/2⌋ = 4 outputs, of the inputs ⌊i·2/3⌋
    ("upsample", {"factor": 1.5}, ([[1, 2, 3]],), [[1, 1, 2, 3]]),
    # sums of three neighbours, of whom the first and the last have each other
    (
        "conv",
        {"filters": 1, "kernel": 3, "padding": 1, "padding_mode": "circular", "bias": False},
        (UP_TO_5,),
        [[8, 6, 9, 12, 10]],
    ),
    (
        "conv",
        {"filters": 1, "kernel": 2, "padding": "same", "padding_mode": "circular", "bias": False},
        (UP_TO_5,),
        [[3, 5, 7, 9, 6]],
    ),
    ("upsample", {"factor": 2}, ([[1, 2]],), [[1, 1, 2, 2]]),
    ("pixel_shuffle", {"factor": 2}, ([[[1]], [[2]], [[3]], [[4]]],), GRID),
    ("channel_shuffle", {"groups": 2}, ([[0], [1], [2], [3], [4], [5]],), [[0], [3], [1], [4], [2], [5]]),
    ("scale", {"value": 0.5}, ([2, 4],), [1, 2]),
    ("scale", {"value": [1.0, 10.0], "per": "channel"}, ([[[1]], [[2]]],), [[[1]], [[20]]]),
    ("scale", {"value": "learned", "per": "channel"}, ([2, 4],), [2, 4]),
    # `same`: 2 − 1 = 1 zero, after the input; sums of two neighbours
    ("conv", {"filters": 1, "kernel": 2, "padding": "same", "bias": False}, (UP_TO_5,), [[3, 5, 7, 9, 5]]),
    # `same` with stride 2 on 4: (2 − 1)·2 + 3 − 4 = 1 zero, after: 1+2+3 and 3+4+0
    (
        "conv",
        {"filters": 1, "kernel": 3, "stride": 2, "padding": "same", "bias": False},
        ([[1, 2, 3, 4]],),
        [[6, 7]],
    ),
    ("conv", {"filters": 1, "kernel": 3, "padding": [[2, 0]], "bias": False}, ([[1, 2]],), [[1, 3]]),
    # padding never is the largest
    ("max_pool", {"window": 2, "stride": 2, "padding": [[1, 0]]}, ([[-1, -2, -3]],), [[-1, -2]]),
    ("max_pool", {"window": 2, "stride": 1, "padding": "same"}, ([[-1, -2, -3]],), [[-1, -2, -3]]),
    # (0 + 1)/2 with the zero counted, 1/1 without; windows [0 1] [2 3]
    ("avg_pool", {"window": 2, "padding": [[1, 0]]}, ([[1, 2, 3]],), [[0.5, 2.5]]),
    ("avg_pool", {"window": 2, "padding": [[1, 0]], "count_padding": False}, ([[1, 2, 3]],), [[1, 2.5]]),
    ("avg_pool", {"window": 2, "stride": 1, "padding": "same"}, ([[1, 2, 3]],), [[1.5, 2.5, 1.5]]),
    (
        "avg_pool",
        {"window": 2, "stride": 1, "padding": "same", "count_padding": False},
        ([[1, 2, 3]],),
        [[1.5, 2.5, 3]],
    ),
    # the largest of 1 3 and of 2 4 stood at 1 and 3; of 0|1, 3 2 and 4 behind one position of padding at 0, 1, 3
    ("max_unpool", {"indices": "p", "window": 2}, ([[30, 40]], [[1, 3, 2, 4]]), [[0, 30, 0, 40]]),
    (
        "max_unpool",
        {"indices": "p", "window": 2, "padding": [[1, 0]], "ceil": True},
        ([[10, 30, 40]], [[1, 3, 2, 4]]),
        [[10, 30, 0, 40]],
    ),
    (
        "max_unpool",
        {"indices": "p", "window": 2, "padding": [[1, 0], [0, 1]]},
        ([[[5, 6], [7, 8]]], [[[1, 2, 9], [4, 3, 0], [0, 8, 7]]]),
        [[[0, 5, 6], [0, 0, 0], [0, 7, 8]]],
    ),
]


@pytest.mark.parametrize(("name", "fields", "inputs", "output"), VALUES)
def test_values_are_those_worked_by_hand(
    name: str, fields: dict[str, Any], inputs: tuple[Any, ...], output: Any
) -> None:
    assert run(name, fields, *inputs) == output


def test_layer_norm_over_channels_brings_each_position_to_mean_0_and_variance_1() -> None:
    # (1, 3) has mean 2 and deviation 1, (2, 6) mean 4 and deviation 2
    module = made("layer_norm", {"axis": 0}).build(TOOLKIT, ((2, 2),))
    normed = module(torch.tensor([[[1.0, 2.0], [3.0, 6.0]]]))
    torch.testing.assert_close(normed, torch.tensor([[[-1.0, -1.0], [1.0, 1.0]]]), atol=1e-4, rtol=0)


def test_lrn_is_the_papers_formula() -> None:
    # b = a/(k + α·Σa²)^β over 3 neighbouring channels: 2/(1 + 0.5·(1 + 4 + 9))^1 = 2/8
    (_, (middle,), _) = run("lrn", {"window": 3, "alpha": 0.5, "beta": 1.0, "k": 1.0}, [[1.0], [2.0], [3.0]])
    assert middle == pytest.approx(0.25)


def test_lrn_takes_3d_maps_however_they_lie_in_memory() -> None:
    layer = made("lrn", {"window": 3})
    module, x = layer.build(TOOLKIT, ((4, 2, 3, 5),)), torch.rand(2, 4, 2, 5, 3)
    turned = x.transpose(3, 4)
    torch.testing.assert_close(module(turned), module(turned.contiguous()))


def test_embedding_gives_the_rows_of_its_table() -> None:
    module = made("embedding", {"units": 2, "vocabulary": 3}).build(TOOLKIT, ((2,),))
    with torch.no_grad():
        module.weight.copy_(torch.tensor([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]))
    assert module(torch.tensor([[2.0, 0.0]])).tolist() == [[[4, 5], [0, 1]]]


# --- attention ---------------------------------------------------------------------------------------------


def test_attention_is_that_of_torch() -> None:
    torch.manual_seed(0)
    theirs = torch.nn.MultiheadAttention(12, 3, batch_first=True)
    ours = made("attention", {"heads": 3}).build(TOOLKIT, ((5, 12),))
    ours.qkv.load_state_dict({"weight": theirs.in_proj_weight, "bias": theirs.in_proj_bias})
    ours.proj.load_state_dict(theirs.out_proj.state_dict())
    x = torch.randn(2, 5, 12)
    torch.testing.assert_close(ours(x), theirs(x, x, x)[0])
    assert not torch.allclose(ours(x), theirs(x, x.flip(1), x)[0], atol=1e-3)


def test_windows_of_attention_do_not_see_each_other() -> None:
    module = made("attention", {"heads": 2}).build(TOOLKIT, ((3, 4, 8),))
    x = torch.randn(1, 3, 4, 8, requires_grad=True)
    module(x)[0, 1].sum().backward()
    assert x.grad[0, 1].abs().sum(-1).gt(0).all()
    assert x.grad[0, [0, 2]].count_nonzero() == 0


def test_relative_positions_are_one_row_for_each_distance() -> None:
    # along one axis of 2: distance 0 is the middle row of 3
    assert relative_positions((2,)).tolist() == [[1, 0], [2, 1]]
    # in a 2×2 window row = 3·(Δy + 1) + Δx + 1; tokens are 00, 01, 10, 11
    assert relative_positions((2, 2)).tolist() == [[4, 3, 1, 0], [5, 4, 2, 1], [7, 6, 4, 3], [8, 7, 5, 4]]
    # 7×7, as in Swin: (2·7 − 1)² distances, each of them somewhere
    assert set(relative_positions((7, 7)).flatten().tolist()) == set(range(169))


def test_a_relative_position_bias_reaches_the_scores() -> None:
    module = made("attention", {"heads": 1, "relative_position": [2]}).build(TOOLKIT, ((2, 4),))
    x = torch.randn(1, 2, 4)
    with torch.no_grad():
        module.relative_position_bias_table.copy_(torch.tensor([[-1e9], [0.0], [-1e9]]))
    # A token that sees only itself passes on its own value.
    value = module.qkv(x)[..., 8:]
    torch.testing.assert_close(module(x), module.proj(value))
