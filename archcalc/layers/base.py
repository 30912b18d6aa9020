"""What a kind of layer is: its fields, and its rules read from letters.

A rule is a static function of `Letters`, the field's own symbols bound to a layer's numbers. It only does
arithmetic, so the same function run on ints gives the number, on traced symbols the derivation, and on
letters with one thing replaced what somebody gets who makes that mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple, Self, TypeVar

from msgspec import Struct

from archcalc.algebra import shapes
from archcalc.algebra.symbols import Traced, symbol, value_of
from archcalc.layers.views import View
from archcalc.words.errors import LayerError

Shape = tuple[int, ...]
"""The size of each axis, without the batch."""

Shapes = tuple[Shape, ...]
"""The shapes that reach a layer, one an input; those that its references add stand last."""

LARGEST_MAP = 4
"""The axes of the largest feature map: channels, depth, height, width."""


Number = Any
"""An int, a traced symbol or an array: whatever a rule is being read on."""


class Letters:
    """The field's letters of one layer, bound to numbers, and the modes that its rules may branch on.

    A letter is an int, a shape (a tuple of ints), a tuple of shapes, one a branch, or a tuple of Letters, one
    a spatial axis; None is a letter that this layer does without. What a rule decides by is one of the modes,
    of whatever type.
    """

    __slots__ = ("__dict__", "modes")

    modes: frozenset[str]
    """The names of the modes."""

    def __init__(self, *, modes: Mapping[str, Any] | None = None, **letters: Any) -> None:
        self.modes = frozenset(modes or ())
        self.__dict__.update(letters)
        if modes:
            self.__dict__.update(modes)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"no letter {name!r} among {', '.join(self.__dict__)}")

    def __iter__(self) -> Any:
        return iter(self.__dict__.items())

    def __repr__(self) -> str:
        return f"Letters({', '.join(f'{name}={value!r}' for name, value in self)})"

    def replace(self, **changes: Any) -> Letters:
        """The same letters with some changed: what a misconception is made of."""
        values = {**self.__dict__, **changes}
        return Letters(modes={name: values.pop(name) for name in self.modes}, **values)

    def traced(self, axis_names: Mapping[int, tuple[str, ...]], subscript: str = "") -> Letters:
        """The same letters as symbols that remember their names, with the subscript of their axis."""
        values = dict(self)
        modes = {name: values.pop(name) for name in self.modes}
        return Letters(
            modes=modes,
            **{name: _trace(name, value, axis_names, subscript) for name, value in values.items()},
        )


def _trace(name: str, value: Any, axis_names: Mapping[int, tuple[str, ...]], subscript: str) -> Any:
    if value is None:
        return None
    if type(value) is int:
        return symbol(f"{name}_{subscript}" if subscript else name, value)
    if not isinstance(value, tuple):
        raise TypeError(f"{name}={value!r} is no letter: give it as one of the modes")
    if value and isinstance(value[0], Letters):
        alike = all(dict(axis) == dict(value[0]) for axis in value)
        subscripts = [""] * len(value) if alike else shapes.SPATIAL_SUBSCRIPTS[len(value)]
        return tuple(axis.traced(axis_names, mark) for axis, mark in zip(value, subscripts, strict=True))
    if value and isinstance(value[0], tuple):
        return tuple(_trace(f"{name}{i}", part, axis_names, str(i)) for i, part in enumerate(value, 1))
    names = axis_names.get(len(value)) or tuple(f"N_{i}" for i in range(len(value)))
    return tuple(
        symbol(f"{axis}_{subscript}" if subscript else axis, size)
        for axis, size in zip(names, value, strict=True)
    )


class Cost(Struct, frozen=True):
    """What one pass over one input costs, by the kind of operation; a counting convention makes it one number.

    Multiply-accumulates are those of convolutions and matrix products; the rest is element-wise work, counted
    apart and never mixed into the MACs.
    """

    macs: Number = 0
    multiplications: Number = 0
    additions: Number = 0
    comparisons: Number = 0
    divisions: Number = 0
    exponentials: Number = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(*(mine + theirs for mine, theirs in zip(self.values(), other.values(), strict=True)))

    def values(self) -> tuple[Number, ...]:
        """The six counts in the order of the fields."""
        return (
            self.macs,
            self.multiplications,
            self.additions,
            self.comparisons,
            self.divisions,
            self.exponentials,
        )

    def scaled(self, factor: int) -> Cost:
        """The cost of `factor` inputs."""
        return Cost(*(factor * count for count in self.values()))


class Example(NamedTuple):
    """One layer worked by hand: tests run it, docs print it. `macs` and the rest are for one input."""

    fields: dict[str, Any]
    inputs: Shapes
    output: Shape
    weights: int
    biases: int
    macs: int
    working: str
    """The arithmetic, by hand, that the numbers come from."""
    activations: int | None = None
    """Elements of new output that are kept; None for all of the output."""
    cost: Cost | None = None
    """Every operation, MACs among them; None where the tests work it out on a shape of their own."""


class Layer(Struct, frozen=True, cache_hash=True):
    """One configured layer. Its fields are the YAML keys of its kind; the first is the main one.

    Rules are static functions of the letters that `read` binds; each kind (or the family it is derived from)
    defines every one of them, so that no layer is ever silently counted as nothing.
    """

    kind: ClassVar[str] = ""
    family: ClassVar[str] = ""
    arity: ClassVar[int | None] = 1
    """How many inputs it takes; None for a join, which takes a branch an input."""
    applied: ClassVar[tuple[str, ...]] = ()
    """The fields that say where the weights are applied, not what they are: shared weights may differ in them."""
    also_called: ClassVar[tuple[str, ...]] = ()
    """What others call it, so that a message can say which kind was meant."""
    arguments: ClassVar[tuple[str, ...]] = ()
    """Its fields in the order in which others take them, as torch does; empty for the size of what comes in."""
    activates: ClassVar[bool] = False
    """Whether it is an activation function, which makes another quantity of what goes in."""
    convolves: ClassVar[bool] = False
    """Whether its products are a convolution, which devices may compute in an arithmetic of its own."""
    ids_below: ClassVar[str] = ""
    """The field that says below what the whole numbers are that it reads; empty where it reads no ids."""
    slides: ClassVar[bool] = False
    """Whether a window slides over its input, so that the order of the axes tells."""
    operator: ClassVar[str] = ""
    """The sign that a join of its inputs is written with in Python; empty for what is no arithmetic."""
    references: ClassVar[tuple[str, ...]] = ()
    """The fields that name an earlier layer."""
    rectifies: ClassVar[bool] = False
    """Whether it lets about half of what reaches it through, which the first values of the weights before depend on."""
    composed: ClassVar[bool] = False
    """Whether it has learned layers of its own inside, as attention has projections."""
    additive: ClassVar[tuple[str, ...]] = ("bias",)
    """What the learned terms of its torch module that are added are called there; all its others are weights."""
    counts_as_layer: ClassVar[bool] = False
    """Whether the field counts it when it says how many layers a network has: convolutions, linear layers."""
    axis_names: ClassVar[Mapping[int, tuple[str, ...]]] = shapes.AXIS_LETTERS
    glossary: ClassVar[Mapping[str, str]] = {}
    """What each letter of its rules stands for."""
    examples: ClassVar[tuple[Example, ...]] = ()

    @classmethod
    def required(cls) -> int:
        """How many of its fields have no default; they stand first."""
        return len(cls.__struct_fields__) - len(cls.__struct_defaults__)

    @classmethod
    def instead(cls, field: str, value: Any, fields: Mapping[str, Any]) -> str:
        """The way out for a value that others give to a field and this kind does not know; empty if there is none.

        `fields` are all values that were given.
        """
        del field, value, fields
        return ""

    @classmethod
    def reads_tokens(cls) -> bool:
        """Whether two axes are tokens of features to it."""
        return cls.axis_names.get(2, ("",))[0] == "T"

    def check(self, inputs: Shapes, strict: bool) -> Letters | None:
        """Raise LayerError if the layer cannot take these inputs. `strict` refuses windows that do not fit.

        A kind that reads its letters to see that may give them back, so that they are read once.
        """
        return None

    def refer(self, field: str, layer: Layer, inputs: Shapes) -> tuple[Self, Shape]:
        """This layer with what it takes over from the one named in `field`, and the shape that one adds.

        `inputs` are those of that layer. Raises LayerError if it will not do.
        """
        raise NotImplementedError

    def read(self, inputs: Shapes) -> Letters:
        """Bind the letters of the rules to this layer's fields and input shapes."""
        raise NotImplementedError

    @staticmethod
    def output(x: Letters) -> tuple[Number, ...]:
        """The shape of the output, without the batch."""
        raise NotImplementedError

    @staticmethod
    def weights(x: Letters) -> Number:
        """The number of learned weights."""
        raise NotImplementedError

    @staticmethod
    def biases(x: Letters) -> Number:
        """The number of learned additive terms."""
        raise NotImplementedError

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """What one input costs, given the output shape."""
        raise NotImplementedError

    @staticmethod
    def activations(x: Letters, out: tuple[Number, ...]) -> Number:
        """Elements of new output kept for one input: 0 for what happens in place or is a view."""
        raise NotImplementedError

    @staticmethod
    def view(x: Letters) -> View:
        """What one output sees along each axis of the input, or where the same elements went."""
        raise NotImplementedError

    def headline(self, inputs: Shapes) -> str:
        """The settings that tell layers of this kind apart at a glance, as tables have them: `11×11 /4`."""
        return ""

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """The torch module of this layer, from its configuration and input shapes alone."""
        raise NotImplementedError

    def tensors(self) -> dict[str, Any]:
        """The configuration that the learned tensors depend on, beside the input's channels."""
        return {name: getattr(self, name) for name in self.__struct_fields__ if name not in self.applied}

    def feature_map(self, inputs: Shapes, at_least: int = 2) -> Shape:
        """The one input shape, or LayerError if it is not channels and at most three spatial axes."""
        (shape,) = inputs
        if len(shape) < at_least:
            axes = "channels and at least one spatial axis" if at_least == 2 else f"at least {at_least} axes"
            raise LayerError(
                f"{self.kind} works on feature maps ({axes}), but {shapes.described(shape)} came in.",
                hint="A vector has no positions: use linear, or place the layer before flatten.",
            )
        if len(shape) > LARGEST_MAP:
            raise LayerError(
                f"{self.kind} works on at most three spatial axes, but {shapes.described(shape)} came in.",
                hint="Reshape or permute to channels and up to three axes first.",
            )
        return shape

    def spread(self, field: str, value: Any, axes: int) -> tuple[Any, ...]:
        """`value` once an axis: a single number is repeated, a list must have one entry an axis."""
        if not isinstance(value, tuple):
            return (value,) * axes
        if len(value) != axes:
            raise LayerError(
                f"{field} has {len(value)} entries, but its input has {axes} spatial "
                f"{'axis' if axes == 1 else 'axes'}.",
                hint=f"Give one number for all axes, or a list of {axes}.",
            )
        return value


RULES = ("read", "output", "weights", "biases", "cost", "activations", "view", "build")

L = TypeVar("L", bound=type[Layer])


def kind(name: str, family: str) -> Callable[[L], L]:
    """Register a class as the kind `name`; a rule or an example that it lacks is an error at once."""

    def register(cls: L) -> L:
        missing = [rule for rule in RULES if getattr(cls, rule) is getattr(Layer, rule)]
        if not cls.examples:
            missing.append("examples")
        if missing:
            raise TypeError(f"kind {name!r} lacks {', '.join(missing)}")
        if name in KINDS:
            raise TypeError(f"kind {name!r} is defined twice")
        cls.kind = name
        cls.family = family
        KINDS[name] = cls
        return cls

    return register


KINDS: dict[str, type[Layer]] = {}
"""Every kind by the word that names it in a spec."""


def out_symbols(layer: Layer, out: tuple[Number, ...]) -> tuple[Number, ...]:
    """The traced output shape as short symbols, for the rules that start from it: `H_out` for its derivation."""
    names = axis_letters(layer, len(out))
    return tuple(
        size if isinstance(size, Traced) and size.is_symbol else symbol(f"{name}_out", value_of(size))
        for name, size in zip(names, out, strict=True)
    )


def axis_letters(layer: Layer, rank: int) -> tuple[str, ...]:
    """The letter for each axis of a shape: those of the field, or N_0, N_1 … where it has none."""
    return layer.axis_names.get(rank) or tuple(f"N_{i}" for i in range(rank))


def parameters(layer: Layer, x: Letters) -> Number:
    """Weights and biases together."""
    return layer.weights(x) + layer.biases(x)
