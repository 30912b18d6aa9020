"""Layers that make the grid of a feature map finer: upsample, max_unpool."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

import msgspec

from archcalc.algebra import shapes
from archcalc.algebra.shapes import SEQUENCE_LETTERS, window_positions
from archcalc.algebra.symbols import prod
from archcalc.layers.base import Cost, Example, Layer, Letters, Number, Shape, Shapes, kind
from archcalc.layers.fields import Factors, LayerName, Padding, Sizes, about
from archcalc.layers.headlines import extent
from archcalc.layers.pooling import MaxPool
from archcalc.layers.traits import Fresh, Uncomputed, Unlearned, moved
from archcalc.layers.views import View, Window, sliding
from archcalc.layers.windows import GLOSSARY, padding_sides, reaching
from archcalc.words.errors import LayerError
from archcalc.words.text import listing, printable, quote

_TAPS = {"nearest": 1, "linear": 2, "bilinear": 2, "trilinear": 2, "bicubic": 4}
_AXES = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}


@kind("upsample", "resampling")
class Upsample(Unlearned, Fresh, frozen=True):
    """Makes a feature map larger by a factor, or brings it to a size, by interpolation.

    Shape: N·f along each axis, ⌊N·f/g⌋ for a factor f over g that is not whole; or the size asked for.
    Parameters: none.
    Cost: an output of `linear` is a weighted sum of 2 inputs, of `bilinear` of 4, of `trilinear` of 8 and of
    `bicubic` of 16: as many multiplications and one addition less. `nearest` only copies.
    Counting choices: fixed weights make no MACs; computing the weights is not counted; outputs at the border,
    where inputs are repeated, cost as much as all others.
    """

    factor: Annotated[
        Factors | None, about("number of outputs for each input, whole or not, such as 1.5; or give `size`")
    ] = None
    mode: Annotated[
        Literal["nearest", "linear", "bilinear", "bicubic", "trilinear"],
        about("`nearest`; or for one axis `linear`, for two `bilinear` or `bicubic`, for three `trilinear`"),
    ] = "nearest"
    size: Annotated[Sizes | None, about("size of the output, instead of a factor")] = None

    axis_names = SEQUENCE_LETTERS
    glossary: ClassVar[dict[str, str]] = {
        "C": "channels",
        "N": "input size",
        "f": "factor, or what it is times g",
        "g": "what a factor that is not whole is divided by",
        "M": "output size",
    }
    also_called = ("resize", "interpolate", "upsampling", "up_sampling", "unpool")
    examples = (
        moved({"factor": 2}, (256, 14, 14), (256, 28, 28), "14·2 = 28"),
        moved({"factor": (1, 3), "mode": "bilinear"}, (8, 5, 4), (8, 5, 12), "5·1 = 5, 4·3 = 12"),
        moved({"size": (33, 40), "mode": "bicubic"}, (8, 17, 20), (8, 33, 40), "33×40 as asked for"),
        moved({"factor": (1.5, 0.5)}, (8, 15, 15), (8, 22, 7), "⌊15·3/2⌋ = 22, ⌊15·1/2⌋ = 7"),
    )

    def check(self, inputs: Shapes, strict: bool) -> None:
        """Either a factor or a size; the mode must be one for as many axes."""
        axes = len(self.feature_map(inputs)) - 1
        if (self.factor is None) == (self.size is None):
            raise LayerError(
                f"it takes a factor or a size, and {'none' if self.factor is None else 'both'} came.",
                hint="Write `{upsample: 2}`, or `{upsample, size: [56, 56]}`.",
            )
        given = self.spread("size" if self.factor is None else "factor", self.factor or self.size, axes)
        if self.factor is not None:
            self.check_factors(given, inputs[0][1:])
        wanted = _AXES.get(self.mode, axes)
        if wanted != axes:
            fitting = [mode for mode, count in _AXES.items() if count == axes]
            raise LayerError(
                f"mode {self.mode} is for feature maps of {wanted} spatial {'axis' if wanted == 1 else 'axes'}, "
                f"but {shapes.described(inputs[0])} has {axes}.",
                hint=f"Use {listing(['nearest', *fitting])}.",
            )

    @staticmethod
    def check_factors(factors: tuple[Any, ...], sizes: Shape) -> None:
        """Something must be left, and torch's floats must round down to the same size as the factor itself."""
        for factor, size in zip(factors, sizes, strict=True):
            f, g = fraction_of(factor)
            exact = size * f // g
            if not exact:
                raise LayerError(
                    f"a factor of {factor} leaves nothing of {size} positions.",
                    hint="Use a larger factor, or `size`.",
                )
            if exact != int(size * float(factor)):
                raise LayerError(
                    f"{size}·{factor} is {exact} once it is rounded down, and {int(size * float(factor))} in the "
                    "floats of other libraries.",
                    hint=f"Say which is meant: `size: {exact}`.",
                )

    def read(self, inputs: Shapes) -> Letters:
        """C, and N with the factor f, or f/g, or the size M of each axis; the interpolation as a mode."""
        channels, *sizes = inputs[0]
        given = self.spread("size", self.factor or self.size, len(sizes))
        axes = tuple(
            Letters(N=n, M=value) if self.factor is None else scaled(n, *fraction_of(value))
            for n, value in zip(sizes, given, strict=True)
        )
        return Letters(C=channels, axes=axes, modes={"mode": self.mode, "sized": self.factor is None})

    @staticmethod
    def output(x: Letters) -> tuple[Number, ...]:
        """The factor times the input, or the size asked for."""
        return (x.C, *(a.M if x.sized else a.N * a.f if a.g is None else a.N * a.f // a.g for a in x.axes))

    @staticmethod
    def cost(x: Letters, out: tuple[Number, ...]) -> Cost:
        """A weighted sum of the inputs that are mixed."""
        if x.mode == "nearest":
            return Cost()
        mixed = _TAPS[x.mode] ** len(x.axes)
        outputs = prod(out)
        return Cost(multiplications=outputs * mixed, additions=outputs * (mixed - 1))

    @staticmethod
    def view(x: Letters) -> View:
        """The inputs that are mixed: around the centre of output i, at ((i + ½)·N/M − ½); or the one it is in."""
        taps = _TAPS[x.mode]
        # Twice the positions make the centre a whole number of them.
        return sliding(
            *(
                Window(1, n, 0, m)
                if taps == 1
                else Window((taps - 1) * 2 * m + 1, 2 * n, n - m - (taps - 2) * m, 2 * m)
                for n, m in ((a.N, a.M) if x.sized else (1 if a.g is None else a.g, a.f) for a in x.axes)
            )
        )

    def headline(self, inputs: Shapes) -> str:
        """The factor or the size."""
        return f"×{extent(self.factor, 1)}" if self.factor else extent(self.size or (), len(inputs[0]) - 1)

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """torch.nn.Upsample."""
        return torch.nn.Upsample(size=self.size, scale_factor=self.factor, mode=self.mode)


def fraction_of(factor: float) -> tuple[int, int]:
    """A factor as it is written, in lowest terms: 1.5 is 3/2."""
    if type(factor) is int:
        return factor, 1
    from decimal import Decimal

    return Decimal(str(factor)).as_integer_ratio()


def scaled(size: int, f: int, g: int) -> Letters:
    """The letters of an axis that is scaled by f/g; g is None where the factor is whole."""
    return Letters(N=size, f=f, g=None if g == 1 else g)


@kind("max_unpool", "resampling")
class MaxUnpool(Unlearned, Uncomputed, Fresh, frozen=True):
    """Puts every value back where an earlier max_pool found the largest one, and zeros elsewhere.

    It is the decoder's counterpart of that pool, as in SegNet (Badrinarayanan, Kendall & Cipolla 2017,
    section 3): `{max_unpool: pool1}`. What comes in has the shape of the pool's output. The other keys are
    taken over from the pool; a value that is given must be the pool's own.

    Shape: that of the pool's input.
    Parameters: none.
    Cost: none.
    Counting choices: the pool's remembered positions are not counted as activations.
    """

    indices: Annotated[LayerName, about("name of the max_pool that is undone")]
    window: Annotated[Sizes | None, about("size of that pool's window")] = None
    stride: Annotated[Sizes | None, about("step of that pool's window")] = None
    padding: Annotated[Padding | None, about("padding of that pool")] = None
    dilation: Annotated[Sizes | None, about("dilation of that pool")] = None
    ceil: Annotated[bool | None, about("whether that pool rounds up")] = None

    references = ("indices",)
    axis_names = SEQUENCE_LETTERS
    glossary: ClassVar[dict[str, str]] = {
        **GLOSSARY,
        "C": "channels",
        "N": "size of the pool's input",
        "F": "size of the pool's window",
    }
    examples = (
        Example(
            {"indices": "pool1", "window": 2},
            ((64, 112, 112), (64, 224, 224)),
            output=(64, 224, 224),
            weights=0,
            biases=0,
            macs=0,
            working="224×224 went into the pool: (224 − 2)/2 + 1 = 112 came out",
        ),
        Example(
            {"indices": "pool1", "window": 3, "stride": 2},
            ((8, 4), (8, 10)),
            output=(8, 10),
            weights=0,
            biases=0,
            macs=0,
            working="10 went into the pool: ⌊(10 − 3)/2⌋ + 1 = 4 came out",
        ),
    )

    def refer(self, field: str, layer: Layer, inputs: Shapes) -> tuple[Self, Shape]:
        """This layer with the pool's settings, and the shape of the pool's input.

        Raises LayerError if the layer is no max_pool, or if a setting given here is another one.
        """
        name = quote(self.indices)
        if not isinstance(layer, MaxPool):
            raise LayerError(
                f"indices must name a max_pool, but {name} is {layer.kind}.",
                hint="Only a max_pool remembers where its largest values were.",
            )
        theirs = {key: getattr(layer, key) for key in layer.__struct_fields__}
        for key, value in theirs.items():
            own = getattr(self, key)
            if own is not None and own != value:
                raise LayerError(
                    f"{key} is {_written(own)} here, but {_written(value)} in {name}.",
                    hint=f"Leave {key} out: it is taken over from the pool.",
                )
        return msgspec.structs.replace(self, **theirs), inputs[0]

    def pool(self) -> MaxPool:
        """The pool that is undone; what was neither given nor taken over is as a pool has it."""
        keys = MaxPool.__struct_fields__
        return MaxPool(**{key: value for key in keys if (value := getattr(self, key)) is not None})

    def check(self, inputs: Shapes, strict: bool) -> None:
        """What comes in must have the shape of the pool's output."""
        own, pooled = inputs
        undone = self.pool()
        for a in undone.read((pooled,)).axes:
            if sees_only_padding(a):
                raise LayerError(
                    f"a window of {quote(self.indices)} lies in its padding alone: {a.D} positions lie between its "
                    f"taps, over an input of {a.N}.",
                    hint="There is no largest value to put back: give that pool less padding or dilation.",
                )
        given = undone.output(undone.read((pooled,)))
        if own != given:
            raise LayerError(
                f"{shapes.described(own)} came in, but {quote(self.indices)} gave {shapes.described(given)}.",
                hint="There is a place for each value of the pool's output: bring the input to that shape, "
                "or name the pool that gave it.",
            )

    def read(self, inputs: Shapes) -> Letters:
        """C, and N, F, S, P and D of each axis of the pool."""
        return self.pool().read(inputs[1:])

    @staticmethod
    def output(x: Letters) -> tuple[Number, ...]:
        """The shape that went into the pool."""
        return (x.C, *(a.N for a in x.axes))

    @staticmethod
    def view(x: Letters) -> View:
        """The windows of the pool that hold one position."""
        return sliding(*reaching(x.axes))

    def headline(self, inputs: Shapes) -> str:
        """The pool's."""
        return self.pool().headline(inputs)

    def build(self, torch: Any, inputs: Shapes) -> Any:
        """A module that takes the values and what went into the pool."""
        return torch.max_unpool(len(inputs[0]) - 1, **msgspec.structs.asdict(self.pool()))


def sees_only_padding(a: Letters) -> bool:
    """Whether some window of a dilated pool has every tap in the padding, along one axis."""
    if a.D is None or a.D <= a.N:
        return False
    # Of a window that begins before the input, the first tap at 0 or later is the only one that can lie inside.
    before = padding_sides(a)[0]
    starts = range(-before, 0, a.S)[: window_positions(a)]
    return any(start % a.D >= a.N for start in starts)


def _written(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_written(entry) for entry in value)}]"
    return str(value).lower() if isinstance(value, bool) else printable(str(value))
