"""Which parameters of a module are biases the kind says, by their names: a name by itself may mislead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from builders import made

from archcalc.layers import KINDS, Layer
from archcalc.layers.base import Shapes

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

from archcalc.pytorch.tools import TOOLKIT  # noqa: E402
from archcalc.pytorch.witness import observe_layer, own_parameters  # noqa: E402


class Attention(nn.Module):
    """torch's own, with its learned key and value behind those of the tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(4, 2, add_bias_kv=True, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        attended: Tensor = self.attention(x, x, x)[0]
        return attended


class Recurrent(nn.Module):
    """One layer of torch's LSTM."""

    def __init__(self) -> None:
        super().__init__()
        self.cells = nn.LSTM(3, 2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        states: Tensor = self.cells(x)[0]
        return states


class Affine(nn.Module):
    """A factor and a term, called otherwise than torch calls them."""

    def __init__(self) -> None:
        super().__init__()
        self.unbiased = nn.Parameter(torch.ones(4))
        self.offset = nn.Parameter(torch.zeros(3, 4))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.unbiased + self.offset


def layer_of(module: Callable[[], nn.Module], names: tuple[str, ...] | None) -> Layer:
    """A layer that builds a module and says what its biases are called; None: nothing of its own."""

    class Built(Layer, frozen=True):
        additive: ClassVar[tuple[str, ...]] = Layer.additive if names is None else names

        def build(self, torch: Any, inputs: Shapes) -> Any:
            return module()

    return Built()


CASES = [
    # Projections of 3·4·4 and 4·4 with a term for each output; bias_k and bias_v are 4 numbers of a key and a value,
    # which nothing is added to.
    pytest.param(Attention, ("in_proj_bias", "bias"), (3, 4), (48 + 16 + 4 + 4, 12 + 4), id="attention"),
    # Four gates of 2 units, each of 3 inputs and 2 states; two terms for each.
    pytest.param(Recurrent, ("bias_ih_l0", "bias_hh_l0"), (5, 3), (8 * 3 + 8 * 2, 8 + 8), id="lstm"),
    pytest.param(Affine, ("offset",), (3, 4), (4, 12), id="unbiased"),
    pytest.param(lambda: nn.Linear(4, 2), None, (3, 4), (8, 2), id="linear"),
]


@pytest.mark.parametrize(("module", "names", "shape", "counts"), CASES)
def test_the_kind_says_what_its_biases_are(
    module: Callable[[], nn.Module], names: tuple[str, ...], shape: tuple[int, ...], counts: tuple[int, int]
) -> None:
    seen = observe_layer(layer_of(module, names), (shape,), "cpu")
    assert (seen.weights, seen.biases) == counts


def test_what_the_kind_does_not_say_is_a_weight() -> None:
    """Must differ: nothing is guessed from names, so that a kind that forgets a bias is noticed by its rules."""
    seen = observe_layer(layer_of(Recurrent, None), ((5, 3),), "cpu")
    assert (seen.weights, seen.biases) == (40 + 16, 0)


@pytest.mark.parametrize("name", KINDS)
def test_what_a_kind_calls_its_biases_is_there(name: str) -> None:
    """In its own module, wherever its examples have biases at all."""
    built = [
        made(name, example.fields).build(TOOLKIT, example.inputs)
        for example in KINDS[name].examples
        if example.biases
    ]
    there = {path.rpartition(".")[2] for module in built for path, _ in own_parameters(module)}
    assert not built or there >= set(KINDS[name].additive)
