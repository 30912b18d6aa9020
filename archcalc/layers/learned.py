"""Learned tensors that are no filters: scales, embeddings, bare parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from archcalc.algebra import shapes
from archcalc.algebra.symbols import prod
from archcalc.layers.axes import GLOSSARY, axis_number, features_axis, over, size_over
from archcalc.layers.base import Cost, Example, Letters, Number, Shape, Shapes, kind
from archcalc.layers.elementwise import Elementwise, kept
from archcalc.layers.fields import Count, Factor, Offset, Sizes, about
from archcalc.layers.traits import Fresh, Uncomputed
from archcalc.layers.views import View, here
from archcalc.words.errors import LayerError

Factors = Factor | Annotated[tuple[Factor, ...], Meta(min_length=1, max_length=10_000)] | Literal["learned"]


@kind("scale", "learned")
class Scale(Elementwise, frozen=True):
    """Multiplies its input by a factor: a number, or one that is learned; one for all, or one a channel.

    `scale: 0.17` damps a residual (Szegedy et al. 2017, Inception-v4, section 3.3);
    `{scale: learned, per: channel}` is the layer scale of CaiT and ConvNeXt (Touvron et al. 2021, section 2).
    Channels are the last axis of a vector or of tokens and axis 0 of a feature map, unless `axis` says
    otherwise.

    Shape: that of the input.
    Parameters: none if the factor is given; one weight if it is learned, or one a channel.
    Cost: one multiplication an element.
    Counting choices: a learned factor is a weight, not a bias.
    """

    value: Annotated[Factors, about("the factor: a number, a list with one a channel, or `learned`")]
    per: Annotated[
        Literal["layer", "channel"], about("one factor for the whole `layer`, or one for each `channel`")
    ] = "layer"
    axis: Annotated[
        Offset | None,
        about("axis of the channels; by default the last of a vector or tokens, 0 of a feature map"),
    ] = None

    examples = (
        kept({"value": 0.17}, (320, 35, 35), "0.17 is given, not learned"),
        kept(
            {"value": "learned", "per": "channel"},
            (196, 384),
            "one factor for each of 384 features",
            weights=384,
        ),
        kept(
            {"value": "learned", "per": "channel"},
            (96, 56, 56),
            "one factor for each of 96 channels",
            weights=96,
        ),
        kept({"value": "learned"}, (64,), "one factor for all 64 features", weights=1),
        kept({"value": (4.4, 4.5, 4.4), "per": "channel"}, (3, 224, 224), "three factors, given"),
    )

    def channel_axis(self, shape: Shape) -> int:
        """The axis that has one factor an entry; LayerError if it does not exist."""
        return features_axis(shape) if self.axis is None else axis_number(self.axis, shape)

    def check(self, inputs: Shapes, strict: bool) -> None:
        """A list of factors must have one a channel; an axis makes sense only with channels."""
        channels = inputs[0][self.channel_axis(inputs[0])]
        if self.per == "layer" and self.axis is not None:
            raise LayerError(
                f"axis {self.axis} chooses the channels, but the factor is one for the whole layer.",
                hint="Add `per: channel`, or drop `axis`.",
            )
        if not isinstance(self.value, tuple):
            return
        if self.per == "layer":
            raise LayerError(
                f"a list of {len(self.value)} factors was given for the whole layer.",
                hint="Add `per: channel`, or give one number.",
            )
        if len(self.value) != channels:
            raise LayerError(
                f"{len(self.value)} factors were given for {channels} channels.",
                hint=f"Give a list of {channels}, or one number for all.",
            )

    def read(self, inputs: Shapes) -> Letters:
        """The shape of the input."""
        (shape,) = inputs
        return over(
            shape, self.channel_axis(shape), modes={"learned": self.value == "learned", "per": self.per}
        )

    @staticmethod
    def weights(x: Letters) -> Number:
        """The learned factors."""
        if not x.learned:
            return 0
        return size_over(x) if x.per == "channel" else 1

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """One product an element."""
        return Cost(multiplications=prod(out))

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """A factor, learned or fixed, that is multiplied along the axis of the channels."""
        (shape,) = inputs
        axis = self.channel_axis(shape) if self.per == "channel" else None
        return torch.Scale(shape, self.value, axis)


@kind("embedding", "learned")
class Embedding(Uncomputed, Fresh, frozen=True):
    """Looks up a learned vector for each token: T numbers of words become T vectors.

    Shape: M features for each of T tokens. The input of such a network is `input: [T]`, the numbers of its
    words.
    Parameters: V·M weights, a vector of M for each of V words (Bengio et al. 2003, section 2).
    Cost: nothing: a row of a table is looked up.
    Counting choices: a look-up is no product with a one-hot vector, which would be T·V·M MACs.
    """

    units: Annotated[Count, about("features of each vector")]
    vocabulary: Annotated[Count, about("number of different tokens")]

    arguments = ("vocabulary", "units")
    ids_below = "vocabulary"
    axis_names: ClassVar[Mapping[int, tuple[str, ...]]] = {1: ("T",), 2: ("T", "D")}
    glossary: ClassVar[Mapping[str, str]] = {
        "T": "tokens",
        "M": "units (features)",
        "V": "vocabulary",
        "D": "features",
    }
    examples = (
        Example(
            {"units": 768, "vocabulary": 50257},
            ((1024,),),
            output=(1024, 768),
            weights=38_597_376,
            biases=0,
            macs=0,
            working="50,257·768 = 38,597,376",
        ),
    )

    def check(self, inputs: Shapes, strict: bool) -> None:
        """Only a row of token numbers can be looked up."""
        (shape,) = inputs
        if len(shape) != 1:
            raise LayerError(
                f"embedding looks up a row of token numbers, but {shapes.described(shape)} came in.",
                hint="It stands first, on an input of one axis: `input: [T]` for T tokens.",
            )

    def read(self, inputs: Shapes) -> Letters:
        """The shape of the input, M units and V words."""
        return Letters(shape=inputs[0], M=self.units, V=self.vocabulary)

    @staticmethod
    def output(x: Letters) -> tuple[Number, ...]:
        """M features for each token."""
        return (*x.shape, x.M)

    @staticmethod
    def weights(x: Letters) -> Number:
        """M for each word."""
        return x.V * x.M

    @staticmethod
    def biases(x: Letters) -> Number:
        """There are none."""
        return 0

    @staticmethod
    def view(x: Letters) -> View:
        """The token that is looked up."""
        return here(len(x.shape))

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.Embedding, taking token numbers of any dtype."""
        return torch.Embedding(self.vocabulary, self.units)


@kind("parameter", "learned")
class Parameter(Uncomputed, frozen=True):
    """A bare learned tensor that a join brings in: position embeddings, a class token, queries.

    It starts a branch and takes no input: `add: [[], [{parameter: [197, 768]}]]` adds learned positions
    (Dosovitskiy et al. 2021, An Image is Worth 16x16 Words, section 3.1).

    Shape: the one given.
    Parameters: one for each element, weights or, with `role: bias`, biases.
    Cost: nothing.
    Counting choices: it counts no activations, as its output is its parameters, which are counted already.
    """

    shape: Annotated[Sizes, about("shape of the tensor: a number or a list")]
    role: Annotated[Literal["weight", "bias"], about("what its elements count as")] = "weight"

    arity = 0
    glossary = GLOSSARY
    examples = (
        Example(
            {"shape": (197, 768)},
            (),
            output=(197, 768),
            weights=151_296,
            biases=0,
            macs=0,
            working="197·768 = 151,296",
            activations=0,
        ),
        Example(
            {"shape": 10, "role": "bias"},
            (),
            output=(10,),
            weights=0,
            biases=10,
            macs=0,
            working="10 additive terms",
            activations=0,
        ),
    )

    def read(self, inputs: Shapes) -> Letters:
        """The shape of the tensor."""
        shape = self.shape if isinstance(self.shape, tuple) else (self.shape,)
        return Letters(shape=shape, modes={"role": self.role})

    @staticmethod
    def output(x: Letters) -> tuple[Number, ...]:
        """The shape given."""
        return tuple(x.shape)

    @staticmethod
    def weights(x: Letters) -> Number:
        """Every element, if they are weights."""
        return prod(x.shape) if x.role == "weight" else 0

    @staticmethod
    def biases(x: Letters) -> Number:
        """Every element, if they are biases."""
        return prod(x.shape) if x.role == "bias" else 0

    @staticmethod
    def activations(x: Letters, out: tuple[Number, ...]) -> Number:
        """The parameters themselves."""
        return 0

    @staticmethod
    def view(x: Letters) -> View:
        """It has no input."""
        return ()

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """A module that returns its torch.nn.Parameter."""
        return torch.Parameter(self.shape if isinstance(self.shape, tuple) else (self.shape,), self.role)
