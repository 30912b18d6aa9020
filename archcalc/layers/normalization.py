"""Normalization layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from archcalc.algebra import shapes
from archcalc.algebra.shapes import SEQUENCE_LETTERS
from archcalc.algebra.symbols import prod
from archcalc.layers.axes import GLOSSARY, axis_numbers, check_groups, count_beside, over, size_over
from archcalc.layers.base import (
    Cost,
    Letters,
    Number,
    Shape,
    Shapes,
    kind,
)
from archcalc.layers.elementwise import Elementwise, kept
from archcalc.layers.fields import Count, NotNegative, Offsets, Positive, about
from archcalc.layers.headlines import unless_one
from archcalc.layers.views import Together, View, Window, here, within
from archcalc.words.errors import LayerError


class ChannelNorm(Elementwise, frozen=True):
    """A norm over feature maps, whose channels come first; if affine it learns γ and β of each channel."""

    axis_names = SEQUENCE_LETTERS

    @staticmethod
    def weights(x: Letters) -> Number:
        """γ, one a channel."""
        return x.shape[0] if x.affine else 0

    @staticmethod
    def biases(x: Letters) -> Number:
        """β, one a channel."""
        return x.shape[0] if x.affine else 0


def normalizing(elements: Number, sets: Number, scaled: bool, shifted: bool) -> Cost:
    """What it costs to normalize `elements` in `sets` of equal size with statistics taken at that moment.

    With n elements in a set: n − 1 additions and a division for the mean, n subtractions of it, n squares,
    n − 1 additions and a division for the variance, one addition of ε, one power −1/2, n products with that;
    then γ and β.
    """
    return Cost(
        multiplications=(3 if scaled else 2) * elements,
        additions=(4 if shifted else 3) * elements - sets,
        divisions=2 * sets,
        exponentials=sets,
    )


@kind("lrn", "normalization")
class LocalResponseNorm(Elementwise, frozen=True):
    """Local response normalization: divides each element by a power of the squares in nearby channels.

    b = a / (k + α·Σa²)^β, the sum running over `window` channels at the same position, the element's own in
    the middle (Krizhevsky, Sutskever & Hinton 2012, section 3.3, whose constants are the defaults). torch and
    Caffe divide α by the window; `alpha` here is the paper's.

    Shape: that of the input.
    Parameters: none.
    Cost: an element takes its square, F − 1 additions in its window, a product with α, the addition of k, one
    power and one division.
    Counting choices: windows that reach over the first or last channel count whole; every window is summed
    anew; the power β counts as one exponential.
    """

    window: Annotated[Count, about("number of neighbouring channels summed over")] = 5
    alpha: Annotated[NotNegative, about("α, the factor of the sum of squares")] = 1e-4
    beta: Annotated[Positive, about("β, the exponent")] = 0.75
    k: Annotated[NotNegative, about("k, added to the sum")] = 2.0

    axis_names = SEQUENCE_LETTERS
    glossary: ClassVar[Mapping[str, str]] = {**GLOSSARY, "F": "window, in channels"}
    also_called = ("local_response_norm", "contrast_norm", "norm")
    examples = (kept({}, (96, 27, 27), "96×27×27 stays; α, β and k are chosen, not learned"),)

    def check(self, inputs: Shapes, strict: bool) -> None:
        """Channels need positions."""
        self.feature_map(inputs)

    def read(self, inputs: Shapes) -> Letters:
        """The shape of the input, and F channels in the window."""
        return Letters(shape=inputs[0], F=self.window)

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """A square, a product with α, F − 1 additions and that of k, a power and a division an element."""
        elements = prod(out)
        return Cost(
            multiplications=2 * elements,
            additions=elements * x.F,
            divisions=elements,
            exponentials=elements,
        )

    @staticmethod
    def view(x: Letters) -> View:
        """The same position, nearby channels of it."""
        return (Window(x.F, 1, -(x.F // 2)), *here(len(x.shape) - 1))

    def headline(self, inputs: Shapes) -> str:
        """The channels in a window."""
        return str(self.window)

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.LocalResponseNorm, which divides its alpha by the window."""
        norm = torch.LocalResponseNorm3d if len(inputs[0]) == 4 else torch.nn.LocalResponseNorm
        return norm(self.window, alpha=self.alpha * self.window, beta=self.beta, k=self.k)


@kind("batch_norm", "normalization")
class BatchNorm(ChannelNorm, frozen=True):
    """Batch normalization: brings each channel to mean 0 and variance 1, then scales and shifts it.

    Works on vectors and on feature maps of one to three spatial axes; channels are axis 0, also where a shape
    has two axes (there C×L). In use the mean and variance are fixed running averages.

    Shape: that of the input (Ioffe & Szegedy 2015, algorithm 1 and section 3.2).
    Parameters: with `affine` γ (weights) and β (biases), one a channel each.
    Cost: one multiplication and one addition an element.
    Counting choices: the running mean and variance are buffers, not parameters. The cost is that of use,
    where statistics, γ and β fold into one factor and one shift a channel; folding them into the layer before
    is not assumed.
    """

    affine: Annotated[bool, about("whether each channel learns γ and β")] = True

    also_called = ("bn", "batch_normalization", "spatial_batch_norm")
    arguments = ("",)
    examples = (
        kept({}, (64, 112, 112), "γ and β of 64 channels: 64 + 64", weights=64, biases=64),
        kept({"affine": False}, (128,), "running statistics only, which are no parameters"),
    )

    def check(self, inputs: Shapes, strict: bool) -> None:
        """At most three spatial axes."""
        check_axes(self.kind, inputs[0])

    def read(self, inputs: Shapes) -> Letters:
        """The shape of the input; and that it keeps a running mean and variance of each channel."""
        return Letters(shape=inputs[0], modes={"affine": self.affine, "running": True})

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """The factor and the shift of its channel for each element."""
        return Cost(multiplications=prod(out), additions=prod(out))

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.BatchNorm1d, 2d or 3d."""
        (shape,) = inputs
        norm = getattr(torch.nn, f"BatchNorm{max(len(shape) - 1, 1)}d")
        return norm(shape[0], affine=self.affine)


@kind("layer_norm", "normalization")
class LayerNorm(Elementwise, frozen=True):
    """Layer normalization: brings the features of each position to mean 0 and variance 1, then scales them.

    A vector or tokens are normalized over their features, the last axis. On larger shapes say which axes are
    meant: `layer_norm: 0` for the channels of a feature map at each position (ConvNeXt), `layer_norm: -1` for
    the last axis (Swin's windows of tokens), `layer_norm: [0, 1, 2]` for the whole map.

    Shape: that of the input (Ba, Kiros & Hinton 2016, section 3).
    Parameters: with `affine` γ (weights) and β (biases), one each for every element along the normalized
    axes.
    Cost: the mean, the variance and the normalized value: 3 additions and 2 multiplications an element, 2
    divisions and one power a position, less one addition a position; one multiplication more with γ, one
    addition more with β.
    Counting choices: statistics are taken at use, so they count; 1/√(variance + ε) counts as one exponential.
    """

    axis: Annotated[
        Offsets | None,
        about("axis normalized over, or a list of them; by default the last of a vector or tokens"),
    ] = None
    affine: Annotated[bool, about("whether it learns γ and β")] = True
    bias: Annotated[bool, about("whether it learns β, if affine")] = True

    also_called = ("ln", "layer_normalization")
    arguments = ("",)
    examples = (
        kept({}, (197, 768), "γ and β of 768 features: 768 + 768", weights=768, biases=768),
        kept({"axis": 0}, (96, 56, 56), "γ and β of 96 channels: 96 + 96", weights=96, biases=96),
        kept({"axis": (-2, -1), "bias": False}, (8, 7, 5), "γ of 7·5 = 35 elements, no β", weights=35),
    )

    def axes(self, shape: Shape) -> tuple[int, ...]:
        """The axes normalized over; LayerError if they are not in the shape, or have to be said."""
        if self.axis is not None:
            return axis_numbers(self.axis, shape)
        if len(shape) > 2:
            raise LayerError(
                f"layer_norm does not know which axes of {shapes.described(shape)} to normalize over.",
                hint="Say `layer_norm: 0` for the channels of a map, `layer_norm: -1` for the last axis.",
            )
        return (len(shape) - 1,)

    def check(self, inputs: Shapes, strict: bool) -> None:
        """The axes must exist, and be clear."""
        self.axes(inputs[0])

    def read(self, inputs: Shapes) -> Letters:
        """The shape of the input."""
        (shape,) = inputs
        return over(
            shape, *self.axes(shape), modes={"affine": self.affine, "bias": self.affine and self.bias}
        )

    @staticmethod
    def weights(x: Letters) -> Number:
        """γ of each element along the normalized axes."""
        return size_over(x) if x.affine else 0

    @staticmethod
    def biases(x: Letters) -> Number:
        """β of each element along the normalized axes."""
        return size_over(x) if x.bias else 0

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """Mean and variance of each position, then the values."""
        return normalizing(prod(out), count_beside(x), x.affine, x.bias)

    @staticmethod
    def view(x: Letters) -> View:
        """All positions along the axes that are normalized over."""
        return within(len(x.shape), *x.over)

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.LayerNorm, the axes brought last for it where they are not."""
        return torch.layer_norm(inputs[0], self.axes(inputs[0]), affine=self.affine, bias=self.bias)


@kind("group_norm", "normalization")
class GroupNorm(ChannelNorm, frozen=True):
    """Group normalization: brings each group of channels to mean 0 and variance 1 over all its positions.

    Channels are axis 0, also where a shape has two axes (there C×L).

    Shape: that of the input (Wu & He 2018, section 3).
    Parameters: with `affine` γ (weights) and β (biases), one a channel each.
    Cost: the mean, the variance and the normalized value: 3 additions and 2 multiplications an element, 2
    divisions and one power a group, less one addition a group; one multiplication and one addition more with
    γ and β.
    Counting choices: statistics are taken at use, so they count; 1/√(variance + ε) counts as one exponential.
    As they are taken over all positions, every output depends on the whole input.
    """

    groups: Annotated[Count, about("number of groups that the channels are split into")]
    affine: Annotated[bool, about("whether each channel learns γ and β")] = True

    applied = ("groups",)
    also_called = ("gn", "group_normalization")
    arguments = ("groups", "")
    glossary: ClassVar[Mapping[str, str]] = {**GLOSSARY, "G": "groups"}
    examples = (
        kept(
            {"groups": 32},
            (256, 56, 56),
            "γ and β of 256 channels, whatever the groups: 256 + 256",
            weights=256,
            biases=256,
        ),
    )

    def check(self, inputs: Shapes, strict: bool) -> None:
        """The groups must divide the channels, and have more than one value to take statistics of."""
        (shape,) = inputs
        check_groups(shape[0], self.groups, "channels")
        check_values(self.kind, prod(shape) // self.groups, shape)

    def read(self, inputs: Shapes) -> Letters:
        """The shape of the input, and G groups."""
        return Letters(shape=inputs[0], G=self.groups, modes={"affine": self.affine})

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """Mean and variance of each group, then the values."""
        return normalizing(prod(out), x.G, x.affine, x.affine)

    @staticmethod
    def view(x: Letters) -> View:
        """The statistics are those of all positions of the group's channels."""
        return (Together(x.G), *within(len(x.shape) - 1, *range(len(x.shape) - 1)))

    def headline(self, inputs: Shapes) -> str:
        """The groups."""
        return unless_one("groups {}", self.groups)

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.GroupNorm."""
        return torch.nn.GroupNorm(self.groups, inputs[0][0], affine=self.affine)


@kind("instance_norm", "normalization")
class InstanceNorm(ChannelNorm, frozen=True):
    """Instance normalization: brings each channel to mean 0 and variance 1 over all its positions.

    Shape: that of the input (Ulyanov, Vedaldi & Lempitsky 2016, section 2).
    Parameters: with `affine` γ (weights) and β (biases), one a channel each; none by default, as in torch.
    Cost: the mean, the variance and the normalized value: 3 additions and 2 multiplications an element, 2
    divisions and one power a channel, less one addition a channel; one multiplication and one addition more
    with γ and β.
    Counting choices: statistics are taken at use, so they count; 1/√(variance + ε) counts as one exponential.
    As they are taken over all positions, every output depends on the whole input.
    """

    affine: Annotated[bool, about("whether each channel learns γ and β")] = False

    also_called = ("instance_normalization",)
    arguments = ("",)
    examples = (
        kept({}, (64, 128, 128), "nothing is learned"),
        kept({"affine": True}, (3, 100), "γ and β of 3 channels: 3 + 3", weights=3, biases=3),
    )

    def check(self, inputs: Shapes, strict: bool) -> None:
        """One to three spatial axes, and more than one position to take statistics of."""
        shape = self.feature_map(inputs)
        check_values(self.kind, prod(shape[1:]), shape)

    def read(self, inputs: Shapes) -> Letters:
        """The shape of the input."""
        return Letters(shape=inputs[0], modes={"affine": self.affine})

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """Mean and variance of each channel, then the values."""
        return normalizing(prod(out), x.shape[0], x.affine, x.affine)

    @staticmethod
    def view(x: Letters) -> View:
        """The statistics are those of all positions of the channel."""
        return within(len(x.shape), *range(1, len(x.shape)))

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.InstanceNorm1d, 2d or 3d."""
        (shape,) = inputs
        norm = getattr(torch.nn, f"InstanceNorm{len(shape) - 1}d")
        return norm(shape[0], affine=self.affine)


def check_values(name: str, values: int, shape: Shape) -> None:
    """Raise LayerError if a mean and a variance would be taken of a single value."""
    if values == 1:
        raise LayerError(
            f"{name} would take the mean of single values, as {shapes.described(shape)} came in.",
            hint="A value less its own mean is always 0: use larger groups, or normalize an earlier layer.",
        )


def check_axes(name: str, shape: Shape) -> None:
    """Raise LayerError if the shape has more than three spatial axes."""
    if len(shape) > 4:
        raise LayerError(
            f"{name} works on at most three spatial axes, but {shapes.described(shape)} came in.",
            hint="Reshape or permute to channels and up to three axes first.",
        )
