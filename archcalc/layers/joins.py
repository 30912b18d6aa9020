"""Joins: layers that take several branches."""

from __future__ import annotations

from functools import reduce
from typing import Annotated, Any

from archcalc.algebra.shapes import axis_name, described
from archcalc.algebra.symbols import maximum, prod, total
from archcalc.layers.axes import GLOSSARY, axis_number
from archcalc.layers.base import Cost, Example, Letters, Number, Shape, Shapes, kind
from archcalc.layers.fields import Offset, about
from archcalc.layers.traits import Fresh, Uncomputed, Unlearned
from archcalc.layers.views import CONCATENATED, SAME_POSITION, View, here
from archcalc.words.errors import LayerError


class Join(Unlearned, Fresh, frozen=True):
    """A layer that takes the outputs of at least two branches, of the same number of axes."""

    arity = None
    glossary = GLOSSARY

    def check_ranks(self, inputs: Shapes) -> None:
        """Raise LayerError for a single branch, or one that has more or fewer axes than the first."""
        if len(inputs) < 2:
            came = "one branch" if inputs else "no branches"
            raise LayerError(
                f"it has {came}, and joins at least 2.",
                hint="Give a list of branches; `[]` is one that passes on what comes in.",
            )
        first = inputs[0]
        for number, shape in enumerate(inputs, 1):
            if len(shape) != len(first):
                raise LayerError(
                    f"branch {number} gives {described(shape)}, but branch 1 gives {described(first)}: "
                    f"{self.kind} needs the same number of axes.",
                    hint=self.way_to_same_axes(shape, first, number),
                )

    def way_to_same_axes(self, shape: Shape, first: Shape, number: int) -> str:
        """How to bring branch `number` and the first one, of different length, to the same axes."""
        fewer, more, which = (shape, first, number) if len(shape) < len(first) else (first, shape, 1)
        ones = [1] * (len(more) - len(fewer))
        # A vector beside a feature map is a factor or a term a channel, beside tokens one a feature.
        wanted = [*ones, *fewer] if len(more) == 2 else [*fewer, *ones]
        return f"End branch {which} with `- {{reshape: {wanted}}}` to give it {len(more)} axes."


def joined(fields: dict[str, Any], branches: Shapes, output: Shape, working: str) -> Example:
    """A worked example of a join: nothing is learned, no MACs."""
    return Example(fields, branches, output=output, weights=0, biases=0, macs=0, working=working)


@kind("concat", "joins")
class Concat(Uncomputed, Join, frozen=True):
    """Puts the outputs of its branches one after another, by default along the channels.

    Shape: the sum of the branches' sizes along the axis; all other sizes must agree.
    Parameters: none.
    Cost: none.
    Counting choices: the output is a copy and counts as activations.
    """

    axis: Annotated[
        Offset, about("axis along which the branches are put, counted from 0 without the batch")
    ] = 0

    also_called = ("merge", "cat", "depth_concat")
    examples = (
        joined(
            {},
            ((64, 28, 28), (128, 28, 28), (32, 28, 28), (32, 28, 28)),
            (256, 28, 28),
            "64 + 128 + 32 + 32 = 256",
        ),
        joined({"axis": 0}, ((1, 768), (196, 768)), (197, 768), "1 + 196 = 197"),
        joined({"axis": -1}, ((3, 8, 10), (3, 8, 5)), (3, 8, 15), "10 + 5 = 15"),
    )

    def check(self, inputs: Shapes, strict: bool) -> None:
        """All axes but the one joined must agree."""
        self.check_ranks(inputs)
        first, joint = inputs[0], axis_number(self.axis, inputs[0])
        for number, shape in enumerate(inputs, 1):
            for axis, (size, wanted) in enumerate(zip(shape, first, strict=True)):
                if axis != joint and size != wanted:
                    raise LayerError(
                        f"branch {number} gives {described(shape)}, but branch 1 gives {described(first)}: "
                        f"along {axis_name(axis, len(first))} {size} is not {wanted}.",
                        hint=f"Branches may differ along axis {joint} only: match strides and paddings, "
                        "or use `crop`, `pad` or `upsample` in one of them.",
                    )

    def way_to_same_axes(self, shape: Shape, first: Shape, number: int) -> str:
        """A token is one more row of [T, D]; a vector can only be put after another vector."""
        if max(len(shape), len(first)) == 2:
            return super().way_to_same_axes(shape, first, number)
        return "End a branch with flatten or reshape, so that all have the same axes."

    def read(self, inputs: Shapes) -> Letters:
        """The shape of each branch; the axis as a mode."""
        return Letters(shapes=inputs, modes={"over": frozenset({axis_number(self.axis, inputs[0])})})

    @staticmethod
    def output(x: Letters) -> tuple[Number, ...]:
        """The sum along the axis."""
        return tuple(
            total(shape[axis] for shape in x.shapes) if axis in x.over else size
            for axis, size in enumerate(x.shapes[0])
        )

    @staticmethod
    def view(x: Letters) -> View:
        """The same position of every branch; along the axis one branch after another."""
        return tuple(CONCATENATED if axis in x.over else SAME_POSITION for axis in range(len(x.shapes[0])))

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.cat."""
        return torch.Concat(axis_number(self.axis, inputs[0]))


class Broadcasting(Join, frozen=True):
    """A join that works element by element; a size of 1 is repeated to the size of the other branches.

    That is torch's broadcasting over branches with the same number of axes. Torch also lines up shapes of
    different length, from the last axis and with the batch in front: a vector of C beside [C, H, W] would
    meet the width, and its batch the channels. That is refused; [C, 1, 1] says what is meant.
    """

    def check(self, inputs: Shapes, strict: bool) -> None:
        """Along every axis the sizes must be equal, or 1."""
        self.check_ranks(inputs)
        for axis, sizes in enumerate(zip(*inputs, strict=True)):
            size = max(sizes)
            leader = sizes.index(size)
            for number, other in enumerate(sizes, 1):
                if other not in (1, size):
                    raise LayerError(
                        f"branch {number} gives {described(inputs[number - 1])}, "
                        f"but branch {leader + 1} gives {described(inputs[leader])}: "
                        f"along {axis_name(axis, len(inputs[0]))} {other} is not {size}.",
                        hint=_way_out(axis, len(inputs[0]), size),
                    )

    def read(self, inputs: Shapes) -> Letters:
        """The shape of each branch, and whether they differ."""
        return Letters(shapes=inputs, modes={"broadcast": any(shape != inputs[0] for shape in inputs)})

    @staticmethod
    def output(x: Letters) -> tuple[Number, ...]:
        """The largest size along each axis."""
        if not x.broadcast:
            return tuple(x.shapes[0])
        return tuple(reduce(maximum, sizes) for sizes in zip(*x.shapes, strict=True))

    @staticmethod
    def view(x: Letters) -> View:
        """The same position of every branch."""
        return here(len(x.shapes[0]))


def _way_out(axis: int, axes: int, size: int) -> str:
    if axes > 2 and axis == 0:
        return (
            f"Bring it to {size} channels with a 1×1 conv (a projection shortcut), or give it 1 to repeat it."
        )
    return f"Sizes must be equal, or 1 to be repeated: bring it to {size} or to 1 (stride, padding, crop)."


@kind("add", "joins")
class Add(Broadcasting, frozen=True):
    """Adds the outputs of its branches, element by element: `add: [[], [{from: input}]]` is a shortcut.

    Branches have the same number of axes; a size of 1 is repeated, as torch broadcasts.

    Shape: that of the branches, the largest size along each axis.
    Parameters: none.
    Cost: one addition an element for each branch after the first.
    Counting choices: additions are no MACs.
    """

    operator = "+"
    also_called = ("residual", "shortcut", "skip", "sum")
    examples = (
        joined({}, ((256, 56, 56), (256, 56, 56)), (256, 56, 56), "shapes are equal"),
        joined({}, ((197, 768), (1, 768)), (197, 768), "max(197, 1) = 197; 768"),
    )

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """A sum of as many terms as branches."""
        return Cost(additions=(len(x.shapes) - 1) * prod(out))

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """A sum of tensors."""
        return torch.Add()


@kind("mul", "joins")
class Mul(Broadcasting, frozen=True):
    """Multiplies the outputs of its branches, element by element: a gate, as in squeeze-and-excitation.

    Branches have the same number of axes; a size of 1 is repeated, as torch broadcasts: gates of [C, 1, 1]
    weigh the channels of [C, H, W] (Hu, Shen & Sun 2018, Squeeze-and-Excitation Networks, equation 4).

    Shape: that of the branches, the largest size along each axis.
    Parameters: none.
    Cost: one multiplication an element for each branch after the first.
    Counting choices: multiplications without a sum are no MACs.
    """

    operator = "*"
    examples = (
        joined({}, ((256, 56, 56), (256, 1, 1)), (256, 56, 56), "256; max(56, 1) = 56; max(56, 1) = 56"),
        joined({}, ((512,), (512,)), (512,), "shapes are equal"),
    )

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """A product of as many factors as branches."""
        return Cost(multiplications=(len(x.shapes) - 1) * prod(out))

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """A product of tensors."""
        return torch.Mul()
