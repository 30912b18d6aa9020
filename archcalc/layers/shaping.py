"""Layers whose output is another view of their input: flatten, reshape, permute, slice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from msgspec import Meta

from archcalc.algebra import shapes
from archcalc.algebra.symbols import ceil_div, exact_div, prod
from archcalc.layers.axes import GLOSSARY, axis_number, over
from archcalc.layers.base import Letters, Number, Shape, Shapes, kind
from archcalc.layers.fields import LARGEST, Count, Offset, about
from archcalc.layers.traits import Uncomputed, Unlearned, viewed
from archcalc.layers.views import SAME_POSITION, Moved, View, Window
from archcalc.words.errors import LayerError


class Moving(Unlearned, Uncomputed, frozen=True):
    """A layer that learns nothing and computes nothing: its output is another view of its input."""

    glossary = GLOSSARY

    @staticmethod
    def activations(x: Letters, out: tuple[Number, ...]) -> Number:
        """A view of its input, nothing new."""
        return 0


@kind("flatten", "shaping")
class Flatten(Moving, frozen=True):
    """Writes all elements one after another: a feature map becomes a vector, ready for linear.

    `flatten: 1` keeps axis 0 and flattens the rest: the positions of a feature map become one axis.

    Shape: the product of the flattened axes in their place.
    Parameters: none.
    Cost: none.
    Counting choices: the output is a view, no activations are counted.
    """

    axis: Annotated[Offset, about("first axis that is flattened; those before it stay")] = 0

    examples = (
        viewed({}, (16, 5, 5), (400,), "16·5·5 = 400"),
        viewed({"axis": 1}, (768, 14, 14), (768, 196), "768 stays; 14·14 = 196"),
        viewed({"axis": -2}, (8, 8, 7, 7, 96), (8, 8, 7, 672), "8, 8, 7 stay; 7·96 = 672"),
    )

    def check(self, inputs: Shapes, strict: bool) -> None:
        """The axis must exist."""
        axis_number(self.axis, inputs[0])

    def read(self, inputs: Shapes) -> Letters:
        """The shape of the input; the flattened axes as a mode."""
        return over(inputs[0], *range(axis_number(self.axis, inputs[0]), len(inputs[0])))

    @staticmethod
    def output(x: Letters) -> tuple[Number, ...]:
        """The axes before stay; the others are multiplied."""
        start = len(x.shape) - len(x.over)
        return (*x.shape[:start], prod(x.shape[start:]))

    @staticmethod
    def view(x: Letters) -> View:
        """The same elements in the same order."""
        return Moved(tuple(x.shape), tuple(range(len(x.shape))))

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.Flatten."""
        return torch.nn.Flatten(1 + axis_number(self.axis, inputs[0]))


Dimensions = Annotated[
    tuple[Annotated[int, Meta(ge=-1, le=LARGEST)], ...],
    Meta(min_length=1, max_length=8),
]


@kind("reshape", "shaping")
class Reshape(Moving, frozen=True):
    """Reads the same elements, in the same order, as another shape.

    Shape: the one given; a −1 in it is what remains, the number of elements over the product of the others.
    Parameters: none.
    Cost: none.
    Counting choices: the output is a view, no activations are counted.
    """

    shape: Annotated[Dimensions, about("the shape, without the batch; one size may be -1: what remains")]

    examples = (
        viewed({"shape": (64, 1, 1)}, (64,), (64, 1, 1), "64·1·1 = 64"),
        viewed(
            {"shape": (8, 7, 8, 7, -1)},
            (56, 56, 96),
            (8, 7, 8, 7, 96),
            "56·56·96 = 301,056; 301,056/(8·7·8·7) = 96",
        ),
    )

    def check(self, inputs: Shapes, strict: bool) -> None:
        """The element counts must match; at most one size is left open."""
        if 0 in self.shape or self.shape.count(-1) > 1:
            raise LayerError(
                f"shape {list(self.shape)} must have sizes of at least 1, and one -1 at most.",
                hint="-1 stands for what remains once the others are known.",
            )
        came, known = prod(inputs[0]), prod(size for size in self.shape if size != -1)
        described = shapes.described(inputs[0])
        if -1 in self.shape and came % known:
            raise LayerError(
                f"{came} elements ({described}) cannot be split into parts of {known} for the -1 "
                f"in {list(self.shape)}.",
                hint="The other sizes must divide the number of elements.",
            )
        if -1 not in self.shape and came != known:
            raise LayerError(
                f"shape {list(self.shape)} has {known} elements, but {described} came in, which has {came}.",
                hint="Write -1 for one size to have it computed.",
            )

    def read(self, inputs: Shapes) -> Letters:
        """The shape of the input; the shape asked for as a mode, None for what remains."""
        return Letters(
            shape=inputs[0], modes={"to": tuple(None if size == -1 else size for size in self.shape)}
        )

    @staticmethod
    def output(x: Letters) -> tuple[Number, ...]:
        """As asked for."""
        known = prod(size for size in x.to if size is not None)
        return tuple(exact_div(prod(x.shape), known) if size is None else size for size in x.to)

    @staticmethod
    def view(x: Letters) -> View:
        """The same elements in the same order."""
        return Moved(tuple(x.shape), tuple(range(len(x.shape))))

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """A reshape that leaves the batch alone."""
        return torch.Reshape(self.shape)


@kind("permute", "shaping")
class Permute(Moving, frozen=True):
    """Puts the axes in another order: `permute: [1, 2, 0]` makes [C, H, W] channels-last, [H, W, C].

    Shape: the same sizes in the order given.
    Parameters: none.
    Cost: none.
    Counting choices: the output is a view, no activations are counted.
    """

    order: Annotated[
        Annotated[tuple[Offset, ...], Meta(min_length=1, max_length=8)],
        about(
            "for each axis of the output, the axis of the input that it is; counted from 0 without the batch"
        ),
    ]

    also_called = ("transpose",)
    examples = (
        viewed({"order": (1, 2, 0)}, (96, 56, 56), (56, 56, 96), "axes 1, 2 and 0: 56, 56, 96"),
        viewed({"order": (1, 0)}, (768, 196), (196, 768), "axes 1 and 0: 196, 768"),
        viewed({"order": (-1, 0, 1)}, (56, 56, 96), (96, 56, 56), "axes 2, 0 and 1: 96, 56, 56"),
    )

    def check(self, inputs: Shapes, strict: bool) -> None:
        """Every axis must be named once."""
        (shape,) = inputs
        axes = len(shape)
        if sorted(axis + axes if axis < 0 else axis for axis in self.order) != list(range(axes)):
            raise LayerError(
                f"{list(self.order)} is not an order of the {len(shape)} axes of {shapes.described(shape)}.",
                hint=f"Name each of {list(range(axes))} once, or from the end {list(range(-axes, 0))}; the batch does "
                "not count.",
            )

    def read(self, inputs: Shapes) -> Letters:
        """The shape of the input; the order as a mode."""
        return Letters(shape=inputs[0], modes={"order": axes_in_order(self.order, inputs[0])})

    @staticmethod
    def output(x: Letters) -> tuple[Number, ...]:
        """The sizes in the order given."""
        return tuple(x.shape[axis] for axis in x.order)

    @staticmethod
    def view(x: Letters) -> View:
        """The same elements, the axes in the order given."""
        return Moved(tuple(x.shape), tuple(x.order))

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """A permutation that leaves the batch first."""
        return torch.Permute(axes_in_order(self.order, inputs[0]))


def axes_in_order(order: tuple[int, ...], shape: Shape) -> tuple[int, ...]:
    """The axes of an order, those counted from the end too by their place from the start."""
    return tuple(axis_number(axis, shape, "order") for axis in order)


@kind("slice", "shaping")
class Slice(Moving, frozen=True):
    """Keeps a range of positions along one axis, as Python's `[start:stop:step]` does.

    `{slice: 0, stop: 1}` takes the class token of [T, D]; `{slice: 1, step: 2}` every other row of [C, H, W].

    Shape: b − a along the axis, from a up to but without b; ⌈(b − a)/S⌉ with a step; the other axes stay.
    Parameters: none.
    Cost: none.
    Counting choices: the output is a view, no activations are counted.
    """

    axis: Annotated[Offset, about("axis that is cut, counted from 0 without the batch")] = 0
    start: Annotated[Offset | None, about("first position kept; negative from the end")] = None
    stop: Annotated[Offset | None, about("position after the last one kept; negative from the end")] = None
    step: Annotated[Count, about("keep every n-th position")] = 1

    glossary: ClassVar[Mapping[str, str]] = {
        **GLOSSARY,
        "a": "first position kept",
        "b": "position after the last",
        "S": "step",
    }
    examples = (
        viewed({"stop": 1}, (197, 768), (1, 768), "1 − 0 = 1"),
        viewed({"axis": 1, "start": 1, "step": 2}, (3, 9, 10), (3, 4, 10), "⌈(9 − 1)/2⌉ = 4 (1, 3, 5, 7)"),
        viewed({"axis": -1, "start": -3}, (3, 8, 10), (3, 8, 3), "10 − 7 = 3 (7, 8, 9)"),
    )

    def check(self, inputs: Shapes, strict: bool) -> None:
        """The axis must exist, and something be kept."""
        axis = axis_number(self.axis, inputs[0])
        size = inputs[0][axis]
        start, stop, _ = slice(self.start, self.stop).indices(size)
        if start >= stop:
            raise LayerError(
                f"nothing is left of axis {axis}: it has {size} positions, and {start} up to {stop} is none.",
                hint="As in Python, negative positions count from the end, and `stop` itself is not kept.",
            )

    def read(self, inputs: Shapes) -> Letters:
        """The shape, the range a to b inside it, the step S unless it is 1; the axis as a mode."""
        axis = axis_number(self.axis, inputs[0])
        start, stop, _ = slice(self.start, self.stop).indices(inputs[0][axis])
        return over(inputs[0], axis, a=start, b=stop, S=None if self.step == 1 else self.step)

    @staticmethod
    def output(x: Letters) -> tuple[Number, ...]:
        """What is kept of the axis; the others stay."""
        kept = x.b - x.a if x.S is None else ceil_div(x.b - x.a, x.S)
        return tuple(kept if axis in x.over else size for axis, size in enumerate(x.shape))

    @staticmethod
    def view(x: Letters) -> View:
        """Along the axis, the position that is kept; along the others the same one."""
        kept = Window(1, 1 if x.S is None else x.S, x.a)
        return tuple(kept if axis in x.over else SAME_POSITION for axis in range(len(x.shape)))

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """Python's slice of a tensor."""
        return torch.Slice(axis_number(self.axis, inputs[0]), self.start, self.stop, self.step)
