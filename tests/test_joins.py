"""Joins: shapes as numpy joins arrays, what is refused, and the trap in torch's broadcasting."""

from __future__ import annotations

import numpy
import pytest
from builders import made
from hypothesis import given
from hypothesis import strategies as st

from archcalc.algebra.notation import derivation, text
from archcalc.layers import Layer
from archcalc.layers.base import Cost, Shape, Shapes
from archcalc.words.errors import LayerError


def joined(layer: Layer, *branches: Shape) -> Shape:
    layer.check(branches, strict=False)
    return tuple(layer.output(layer.read(branches)))


def cost(layer: Layer, *branches: Shape) -> Cost:
    return layer.cost(layer.read(branches), joined(layer, *branches))


SHAPES = st.integers(1, 4).flatmap(
    lambda axes: st.lists(st.tuples(*[st.integers(1, 3)] * axes), min_size=2, max_size=4)
)


@given(kind=st.sampled_from(["add", "mul"]), branches=SHAPES)
def test_branches_broadcast_as_numpy_does(kind: str, branches: list[Shape]) -> None:
    try:
        expected = numpy.broadcast_shapes(*branches)
    except ValueError:
        with pytest.raises(LayerError, match=r"^branch \d gives"):
            joined(made(kind), *branches)
    else:
        assert joined(made(kind), *branches) == expected


@given(branches=SHAPES, data=st.data())
def test_concat_is_numpys_concatenation(branches: list[Shape], data: st.DataObject) -> None:
    axes = len(branches[0])
    axis = data.draw(st.integers(-axes, axes - 1))
    try:
        expected = numpy.concatenate([numpy.empty(shape) for shape in branches], axis).shape
    except ValueError:
        with pytest.raises(LayerError, match=r"^branch \d gives"):
            joined(made("concat", axis=axis), *branches)
    else:
        assert joined(made("concat", axis=axis), *branches) == expected


@given(kind=st.sampled_from(["add", "mul", "concat"]), branches=SHAPES, data=st.data())
def test_another_number_of_axes_is_always_refused(
    kind: str, branches: list[Shape], data: st.DataObject
) -> None:
    # with the batch in front, torch would line up what does not belong together
    place = data.draw(st.integers(0, len(branches) - 1))
    branches[place] = (*branches[place], 1)
    with pytest.raises(LayerError, match="needs the same number of axes"):
        joined(made(kind), *branches)


def test_what_right_alignment_would_make_of_a_vector_of_gates() -> None:
    # Why a vector is refused: in a batch of 16, 16 gates beside 16 channels of 16×16 would scale the rows of
    # each image by the gates of the others, and nothing would complain.
    batch = channels = size = 16
    maps = (batch, channels, size, size)
    assert numpy.broadcast_shapes(maps, (batch, channels)) == maps
    with pytest.raises(LayerError):
        joined(made("mul"), maps[1:], (channels,))
    assert joined(made("mul"), maps[1:], (channels, 1, 1)) == maps[1:]


def test_the_four_branches_of_an_inception_module() -> None:
    # GoogLeNet 3a, 3b, 4e and 5b: their channels add up to 256, 480, 832 and 1024 (Szegedy et al. 2015, Table 1)
    for size, channels, together in (
        (28, (64, 128, 32, 32), 256),
        (28, (128, 192, 96, 64), 480),
        (14, (256, 320, 128, 128), 832),
        (7, (384, 384, 128, 128), 1024),
    ):
        branches = [(c, size, size) for c in channels]
        assert joined(made("concat"), *branches) == (together, size, size)
        assert cost(made("concat"), *branches) == Cost()


def test_a_join_costs_one_operation_less_than_it_has_branches() -> None:
    # 2·3·4 = 24 outputs, each of 3 terms or factors
    branches = ((2, 3, 4), (2, 1, 1), (1, 3, 4))
    assert cost(made("add"), *branches) == Cost(additions=48)
    assert cost(made("mul"), *branches) == Cost(multiplications=48)


def test_joins_learn_nothing_and_their_output_is_new() -> None:
    for kind in ("add", "mul", "concat"):
        layer = made(kind)
        x = layer.read(((2, 3, 4), (2, 3, 4)))
        out = layer.output(x)
        assert (layer.weights(x), layer.biases(x)) == (0, 0)
        assert layer.activations(x, out) == numpy.prod(out)


def test_the_working_names_the_branches() -> None:
    layer = made("concat")
    x = layer.read(((64, 28, 28), (128, 28, 28))).traced(layer.axis_names)
    assert [derivation(size) for size in layer.output(x)] == [
        "C_1 + C_2 = 64 + 128 = 192",
        "H_1 = 28",
        "W_1 = 28",
    ]
    gate = made("mul")
    x = gate.read(((64, 28, 28), (64, 1, 1))).traced(gate.axis_names)
    assert [text(size) for size in gate.output(x)] == ["max(C_1, C_2)", "max(H_1, H_2)", "max(W_1, W_2)"]


SPLIT = "Give a list of branches; `[]` is one that passes on what comes in."


@pytest.mark.parametrize(
    ("layer", "branches", "message", "hint"),
    [
        (made("add"), (), "it has no branches, and joins at least 2.", SPLIT),
        (made("concat"), ((3, 4),), "it has one branch, and joins at least 2.", SPLIT),
        (
            made("mul"),
            ((64, 56, 56), (64,)),
            "branch 2 gives a vector of 64, but branch 1 gives 64×56×56: mul needs the same number of axes.",
            "End branch 2 with `- {reshape: [64, 1, 1]}` to give it 3 axes.",
        ),
        (
            made("add"),
            ((768,), (197, 768)),
            "branch 2 gives 197×768, but branch 1 gives a vector of 768: add needs the same number of axes.",
            "End branch 1 with `- {reshape: [1, 768]}` to give it 2 axes.",
        ),
        (
            made("concat"),
            ((768,), (196, 768)),
            "branch 2 gives 196×768, but branch 1 gives a vector of 768: concat needs the same number of axes.",
            "End branch 1 with `- {reshape: [1, 768]}` to give it 2 axes.",
        ),
        (
            made("concat"),
            ((16, 5, 5), (10,)),
            "branch 2 gives a vector of 10, but branch 1 gives 16×5×5: concat needs the same number of axes.",
            "End a branch with flatten or reshape, so that all have the same axes.",
        ),
        (
            made("add"),
            ((64, 56, 56), (256, 56, 56)),
            "branch 1 gives 64×56×56, but branch 2 gives 256×56×56: along axis 0 (channels) 64 is not 256.",
            "Bring it to 256 channels with a 1×1 conv (a projection shortcut), or give it 1 to repeat it.",
        ),
        (
            made("add"),
            ((64, 56, 56), (64, 56, 56), (64, 56, 28)),
            "branch 3 gives 64×56×28, but branch 1 gives 64×56×56: along axis 2 (width) 28 is not 56.",
            "Sizes must be equal, or 1 to be repeated: bring it to 56 or to 1 (stride, padding, crop).",
        ),
        (
            made("concat"),
            ((64, 28, 28), (32, 27, 28)),
            "branch 2 gives 32×27×28, but branch 1 gives 64×28×28: along axis 1 (height) 27 is not 28.",
            (
                "Branches may differ along axis 0 only: match strides and paddings, "
                "or use `crop`, `pad` or `upsample` in one of them."
            ),
        ),
        (
            made("concat", axis=2),
            ((4, 9), (4, 9)),
            "axis 2 does not exist: the input is 4×9 (2 axes).",
            "Axes are counted from 0 without the batch: use -2 to 1.",
        ),
    ],
)
def test_what_is_wrong_is_said(layer: Layer, branches: Shapes, message: str, hint: str) -> None:
    with pytest.raises(LayerError) as caught:
        layer.check(branches, strict=False)
    assert str(caught.value) == f"{message}\n  {hint}"
