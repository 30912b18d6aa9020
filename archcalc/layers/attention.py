"""Attention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from msgspec import Meta

from archcalc.algebra.shapes import described, joined
from archcalc.algebra.symbols import prod
from archcalc.layers.base import Cost, Example, Letters, Number, Shapes, kind
from archcalc.layers.fields import Count, about
from archcalc.layers.traits import Fresh
from archcalc.layers.views import View, within
from archcalc.words.errors import LayerError

_WINDOWS = {0: (), 1: ("n",), **{axes: tuple(f"n_{i}" for i in range(1, axes + 1)) for axes in range(2, 7)}}


@kind("attention", "attention")
class Attention(Fresh, frozen=True):
    """Multi-head self-attention: every token gathers from all, weighted by a softmax of their likeness.

    Three projections of the tokens, D to D each (queries, keys, values), are split into h heads; each head
    weighs the values by softmax(Q·Kᵀ/√(D/h)), and a last projection mixes the heads (Vaswani et al. 2017,
    Attention Is All You Need, section 3.2). It works on the last two axes, tokens of features; axes before
    them are windows that do not see each other. `relative_position` adds to each score a learned bias by
    the distance of its two tokens in a window (Liu et al. 2021, Swin Transformer, section 3.2, equation 4).

    Shape: that of the input.
    Parameters: 4·D·D weights and 4·D biases of the projections; a bias table of (2M − 1)·(2M − 1) a head.
    Cost: 4·T·D·D multiply-accumulates of the projections and 2·T·T·D of scores and weighted sums, a window;
    softmax's h·T·T exponentials and divisions apart.
    Counting choices: the table counts as biases; scores are scaled by one multiplication each; the scores
    themselves are not counted as activations, nor the comparisons of a softmax that subtracts the maximum.
    """

    heads: Annotated[Count, about("number of heads; must divide the features")]
    bias: Annotated[
        bool, about("whether the projections of queries, keys, values and output have biases")
    ] = True
    relative_position: Annotated[
        Annotated[tuple[Count, ...], Meta(min_length=1, max_length=3)] | None,
        about("size of the window that the tokens form, such as [7, 7], for a relative position bias"),
    ] = None

    axis_names: ClassVar[Mapping[int, tuple[str, ...]]] = {
        axes + 2: (*letters, "T", "D") for axes, letters in _WINDOWS.items()
    }
    composed = True
    additive = ("bias", "relative_position_bias_table")
    glossary: ClassVar[Mapping[str, str]] = {
        "T": "tokens",
        "D": "features",
        "h": "heads",
        "n": "windows",
        "M": "size of the window",
    }
    also_called = ("self_attention", "multi_head_attention", "mha", "multihead_attention")
    arguments = ("", "heads")
    examples = (
        Example(
            {"heads": 12},
            ((197, 768),),
            output=(197, 768),
            weights=2_359_296,
            biases=3072,
            macs=524_391_936,
            working="4·768·768 = 2,359,296; 4·768 = 3072; "
            "197·2,359,296 + 2·197·197·768 = 464,781,312 + 59,610,624 = 524,391,936",
        ),
        Example(
            {"heads": 3, "relative_position": (7, 7)},
            ((64, 49, 96),),
            output=(64, 49, 96),
            weights=36_864,
            biases=891,
            macs=145_108_992,
            working="4·96·96 = 36,864; 4·96 + 13·13·3 = 384 + 507 = 891; "
            "64·(49·36,864 + 2·49·49·96) = 64·(1,806,336 + 460,992) = 145,108,992",
        ),
        Example(
            {"heads": 1, "bias": False},
            ((5, 8),),
            output=(5, 8),
            weights=256,
            biases=0,
            macs=1680,
            working="4·8·8 = 256; 5·256 + 2·5·5·8 = 1280 + 400 = 1680",
        ),
    )

    def check(self, inputs: Shapes, strict: bool) -> None:
        """Tokens have to come in, the heads divide their features, the window hold all of them."""
        (shape,) = inputs
        if len(shape) < 2:
            raise LayerError(
                f"attention works on tokens, [T, D], but {described(shape)} came in.",
                hint="A feature map becomes tokens with `- {flatten: 1}` and `- {permute: [1, 0]}`.",
            )
        tokens, features = shape[-2:]
        if features % self.heads:
            near = max(h for h in range(1, min(self.heads, features, 4096) + 1) if features % h == 0)
            raise LayerError(
                f"{features} features cannot be split into {self.heads} heads.",
                hint=f"Use a divisor of {features}, such as {near}.",
            )
        if self.relative_position is not None and prod(self.relative_position) != tokens:
            raise LayerError(
                f"a window of {joined(self.relative_position)} has {prod(self.relative_position)} tokens, "
                f"but {tokens} came in.",
                hint="Split the grid first: the second-to-last axis is the tokens of one window.",
            )

    def headline(self, inputs: Shapes) -> str:
        """How many heads."""
        return f"{self.heads} heads"

    def read(self, inputs: Shapes) -> Letters:
        """The input's shape, h heads, and the window's M along each axis, None without a position bias.

        Its modes are how many projections it has, and how many products of tokens with tokens: scores, weighted sums.
        """
        window = self.relative_position
        return Letters(
            shape=inputs[0],
            h=self.heads,
            window=None if window is None else tuple(Letters(M=size) for size in window),
            modes={"bias": self.bias, "projections": 4, "products": 2},
        )

    @staticmethod
    def output(x: Letters) -> tuple[Number, ...]:
        """The shape of the input."""
        return tuple(x.shape)

    @staticmethod
    def weights(x: Letters) -> Number:
        """Projections to queries, keys and values, and back."""
        return x.projections * x.shape[-1] * x.shape[-1]

    @staticmethod
    def biases(x: Letters) -> Number:
        """One a feature of each projection, and for each head one for every distance in the window."""
        projections = x.projections * x.shape[-1] if x.bias else 0
        if x.window is None:
            return projections
        return projections + prod(2 * a.M - 1 for a in x.window) * x.h

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """Projections, scores and weighted sums, and the softmax over each row of T·T scores a head."""
        *windows, tokens, features = x.shape
        scores = prod((*windows, x.h, tokens, tokens))
        biased = x.projections * prod(out) if x.bias else 0
        return Cost(
            macs=prod(windows)
            * (x.projections * tokens * features * features + x.products * tokens * tokens * features),
            multiplications=scores,
            additions=biased
            + prod((*windows, x.h, tokens)) * (tokens - 1)
            + (0 if x.window is None else scores),
            divisions=scores,
            exponentials=scores,
        )

    @staticmethod
    def view(x: Letters) -> View:
        """Every feature of every token; of one window, where there are several."""
        return within(len(x.shape), len(x.shape) - 2, len(x.shape) - 1)

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """Projections and scaled dot-product attention."""
        return torch.Attention(
            inputs[0][-1], self.heads, bias=self.bias, relative_position=self.relative_position
        )
