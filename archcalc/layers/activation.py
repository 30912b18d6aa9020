"""Activation functions: one family, each kind a function of single elements (softmax: of one axis)."""

from __future__ import annotations

from typing import Annotated, Any

from archcalc.algebra.shapes import SEQUENCE_LETTERS
from archcalc.algebra.symbols import prod
from archcalc.layers.axes import GLOSSARY, axis_number, count_beside, features_axis, over
from archcalc.layers.base import Cost, Letters, Number, Shape, Shapes, kind
from archcalc.layers.elementwise import Elementwise, in_place
from archcalc.layers.fields import Factor, Offset, about
from archcalc.layers.views import View, within


class Activation(Elementwise, frozen=True):
    """A function of each element, computed in place: it keeps no activations of its own."""

    activates = True
    glossary = GLOSSARY

    @staticmethod
    def activations(x: Letters, out: tuple[Number, ...]) -> Number:
        """In place."""
        return 0


@kind("relu", "activation")
class ReLU(Activation, frozen=True):
    """Rectified linear unit: max(0, x) (Nair & Hinton 2010, section 2).

    Shape: that of the input.
    Parameters: none.
    Cost: one comparison an element.
    Counting choices: none.
    """

    rectifies = True
    examples = (in_place({}, (96, 55, 55)),)

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """The larger of x and 0."""
        return Cost(comparisons=prod(out))

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.ReLU."""
        return torch.nn.ReLU()


@kind("relu6", "activation")
class ReLU6(Activation, frozen=True):
    """ReLU cut off at 6: min(max(0, x), 6) (Krizhevsky 2010; Sandler et al. 2018, MobileNetV2, section 4).

    Shape: that of the input.
    Parameters: none.
    Cost: two comparisons an element.
    Counting choices: none.
    """

    rectifies = True
    examples = (in_place({}, (32, 112, 112)),)

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """With 0 and with 6."""
        return Cost(comparisons=2 * prod(out))

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.ReLU6."""
        return torch.nn.ReLU6()


@kind("leaky_relu", "activation")
class LeakyReLU(Activation, frozen=True):
    """Leaky ReLU: x where x is positive, `slope`·x elsewhere (Maas, Hannun & Ng 2013, section 2).

    Shape: that of the input.
    Parameters: none.
    Cost: one comparison and one multiplication an element.
    Counting choices: the multiplication counts for every element, as the sign is not known beforehand.
    """

    slope: Annotated[Factor, about("factor of negative elements")] = 0.01

    rectifies = True
    examples = (in_place({}, (64, 28, 28)),)

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """The sign, and the product with the slope."""
        return Cost(comparisons=prod(out), multiplications=prod(out))

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.LeakyReLU."""
        return torch.nn.LeakyReLU(self.slope)


@kind("prelu", "activation")
class PReLU(Activation, frozen=True):
    """Parametric ReLU: x where x is positive, a·x elsewhere, with learned slopes a.

    He et al. 2015, section 2.1. Channels are axis 0, also where a shape has two axes (C×L), as in torch.

    Shape: that of the input.
    Parameters: one weight a channel, or one in all if `shared`.
    Cost: one comparison and one multiplication an element.
    Counting choices: slopes are weights, not biases; the multiplication counts for every element, as the sign
    is not known beforehand.
    """

    shared: Annotated[
        bool, about("one slope for all channels, torch's default, instead of one each, the paper's")
    ] = False

    arguments = ("",)
    axis_names = SEQUENCE_LETTERS
    rectifies = True
    examples = (
        in_place({}, (64, 112, 112), "a slope for each of 64 channels", weights=64),
        in_place({"shared": True}, (64, 112, 112), "one slope for all", weights=1),
    )

    def read(self, inputs: Shapes) -> Letters:
        """The shape of the input."""
        return Letters(shape=inputs[0], modes={"shared": self.shared})

    @staticmethod
    def weights(x: Letters) -> Number:
        """The slopes."""
        return 1 if x.shared else x.shape[0]

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """The sign, and the product with the slope."""
        return Cost(comparisons=prod(out), multiplications=prod(out))

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.PReLU."""
        return torch.nn.PReLU(1 if self.shared else inputs[0][0])


@kind("elu", "activation")
class ELU(Activation, frozen=True):
    """Exponential linear unit: x where x is positive, α·(eˣ − 1) elsewhere (Clevert et al. 2016, section 3).

    Shape: that of the input.
    Parameters: none.
    Cost: a comparison, an exponential, an addition and a multiplication an element.
    Counting choices: the negative side counts for every element, as the sign is not known beforehand; so does
    α = 1.
    """

    alpha: Annotated[Factor, about("α, the limit on the negative side is −α")] = 1.0

    rectifies = True
    examples = (in_place({}, (32, 32, 32)), in_place({"alpha": -0.5}, (8, 4)))

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """The sign, and α·(eˣ − 1)."""
        return Cost(
            comparisons=prod(out), exponentials=prod(out), additions=prod(out), multiplications=prod(out)
        )

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.ELU."""
        return torch.nn.ELU(self.alpha)


@kind("gelu", "activation")
class GELU(Activation, frozen=True):
    """Gaussian error linear unit: x·Φ(x) = x/2·(1 + erf(x/√2)) (Hendrycks & Gimpel 2016, section 2).

    Shape: that of the input.
    Parameters: none.
    Cost: three multiplications, an addition and an exponential an element.
    Counting choices: erf counts as one exponential; halving and the division by √2 are products with
    constants.
    """

    rectifies = True
    examples = (in_place({}, (197, 3072)),)

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """x·½·(1 + erf(x·(1/√2)))."""
        return Cost(multiplications=3 * prod(out), additions=prod(out), exponentials=prod(out))

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.GELU."""
        return torch.nn.GELU()


@kind("silu", "activation")
class SiLU(Activation, frozen=True):
    """Sigmoid linear unit, or swish: x·σ(x) = x/(1 + e⁻ˣ) (Elfwing et al. 2018; Ramachandran et al. 2017).

    Shape: that of the input.
    Parameters: none.
    Cost: an exponential, an addition and a division an element.
    Counting choices: the sign before x is free; x takes the place of the 1 that the sigmoid divides.
    """

    rectifies = True
    also_called = ("swish",)
    examples = (in_place({}, (32, 112, 112)),)

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """x/(1 + e⁻ˣ)."""
        return Cost(exponentials=prod(out), additions=prod(out), divisions=prod(out))

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.SiLU."""
        return torch.nn.SiLU()


@kind("hardswish", "activation")
class Hardswish(Activation, frozen=True):
    """Swish made of straight lines: x·min(max(0, x + 3), 6)/6 (Howard et al. 2019, section 5.2).

    Shape: that of the input.
    Parameters: none.
    Cost: an addition, two comparisons, a multiplication and a division an element.
    Counting choices: dividing by 6 counts as a division.
    """

    rectifies = True
    examples = (in_place({}, (16, 112, 112)),)

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """x·relu6(x + 3)/6."""
        return Cost(
            additions=prod(out), comparisons=2 * prod(out), multiplications=prod(out), divisions=prod(out)
        )

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.Hardswish."""
        return torch.nn.Hardswish()


@kind("sigmoid", "activation")
class Sigmoid(Activation, frozen=True):
    """The logistic function: σ(x) = 1/(1 + e⁻ˣ).

    Shape: that of the input.
    Parameters: none.
    Cost: an exponential, an addition and a division an element.
    Counting choices: the sign before x is free.
    """

    also_called = ("logistic",)
    examples = (in_place({}, (64,)),)

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """1/(1 + e⁻ˣ)."""
        return Cost(exponentials=prod(out), additions=prod(out), divisions=prod(out))

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.Sigmoid."""
        return torch.nn.Sigmoid()


@kind("hardsigmoid", "activation")
class Hardsigmoid(Activation, frozen=True):
    """The sigmoid made of straight lines: min(max(0, x + 3), 6)/6 (Howard et al. 2019, section 5.2).

    Shape: that of the input.
    Parameters: none.
    Cost: an addition, two comparisons and a division an element.
    Counting choices: dividing by 6 counts as a division.
    """

    examples = (in_place({}, (72, 1, 1)),)

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """relu6(x + 3)/6."""
        return Cost(additions=prod(out), comparisons=2 * prod(out), divisions=prod(out))

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.Hardsigmoid."""
        return torch.nn.Hardsigmoid()


@kind("tanh", "activation")
class Tanh(Activation, frozen=True):
    """The hyperbolic tangent: tanh(x) = 1 − 2/(e²ˣ + 1).

    Shape: that of the input.
    Parameters: none.
    Cost: a multiplication, an exponential, two additions and a division an element.
    Counting choices: written with one exponential, as above.
    """

    examples = (in_place({}, (6, 28, 28)),)

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """1 − 2/(e²ˣ + 1)."""
        return Cost(
            multiplications=prod(out), exponentials=prod(out), additions=2 * prod(out), divisions=prod(out)
        )

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.Tanh."""
        return torch.nn.Tanh()


@kind("softmax", "activation")
class Softmax(Activation, frozen=True):
    """Makes the elements along one axis positive, with sum 1: eˣ divided by the sum of all eˣ (Bridle 1990).

    The axis is the last one of a vector or of tokens, and the channels of a feature map, unless `axis` says
    otherwise.

    Shape: that of the input.
    Parameters: none.
    Cost: an exponential and a division an element, and the additions of each sum: one an element less one a
    sum.
    Counting choices: subtracting the maximum first, which guards against overflow, does not count.
    """

    axis: Annotated[
        Offset | None,
        about("axis that sums to 1; by default the last of a vector or tokens, 0 of a feature map"),
    ] = None

    examples = (
        in_place({}, (1000,)),
        in_place({"axis": -1}, (12, 197, 197)),
    )

    def along(self, shape: Shape) -> int:
        """The axis that sums to 1; LayerError if it does not exist."""
        return features_axis(shape) if self.axis is None else axis_number(self.axis, shape)

    def check(self, inputs: Shapes, strict: bool) -> None:
        """The axis must exist."""
        self.along(inputs[0])

    def read(self, inputs: Shapes) -> Letters:
        """The shape of the input."""
        return over(inputs[0], self.along(inputs[0]))

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """The powers, their sums, the quotients."""
        elements = prod(out)
        return Cost(additions=elements - count_beside(x), divisions=elements, exponentials=elements)

    @staticmethod
    def view(x: Letters) -> View:
        """All positions along the axis that sums to 1."""
        return within(len(x.shape), *x.over)

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.Softmax, which counts the batch as axis 0."""
        return torch.nn.Softmax(dim=self.along(inputs[0]) + 1)
