"""Windows that slide: what convolutions and pools have in common."""

from __future__ import annotations

from typing import Any, ClassVar

from archcalc.algebra.shapes import (
    SEQUENCE_LETTERS,
    effective_kernel,
    same_padding,
    spatial_name,
    window_positions,
)
from archcalc.layers.base import Layer, Letters, Number, Shapes
from archcalc.layers.views import Window
from archcalc.words.errors import LayerError, MisfitError
from archcalc.words.language import Deferred, deferred

GLOSSARY = {
    "N": "input size",
    "F": "kernel size",
    "S": "stride",
    "P": "padding on each side",
    "P_1": "padding before",
    "P_2": "padding after",
    "D": "dilation",
}


class Windowed(Layer, frozen=True):
    """A layer whose window slides over the spatial axes of a feature map (1-D, 2-D or 3-D)."""

    window_key: ClassVar[str] = "kernel"
    """The key that gives the size of the window, as messages name it."""
    slides = True
    axis_names = SEQUENCE_LETTERS
    applied: ClassVar[tuple[str, ...]] = ("stride", "padding", "dilation")

    def window_axes(
        self, inputs: Shapes, kernel: Any, stride: Any, padding: Any, *, dilation: Any = 1, ceil: bool = False
    ) -> tuple[Letters, ...]:
        """The letters N, F, S, P and D of each spatial axis; a dilation of 1 is the mode None."""
        _, *sizes = self.feature_map(inputs)
        axes = len(sizes)
        axes_read: dict[tuple[Any, ...], Letters] = {}
        found = []
        for along in zip(
            sizes,
            self.spread(self.window_key, kernel, axes),
            self.spread("stride", stride, axes),
            self.spread("padding", padding, axes),
            self.spread("dilation", dilation, axes),
            strict=True,
        ):
            letters = axes_read.get(along)
            if letters is None:
                n, f, s, p, d = along
                letters = axes_read[along] = Letters(
                    N=n,
                    F=f,
                    S=s,
                    D=None if d == 1 else d,
                    modes={"padding": padding_form(p), "ceil": ceil},
                    **padding_letters(p),
                )
            found.append(letters)
        return tuple(found)

    def check_fit(self, axes: tuple[Letters, ...], strict: bool) -> None:
        """Raise MisfitError where the window is larger than its padded input or, if strict, leaves a rest."""
        for number, a in enumerate(axes):
            if a.padding == "same":
                continue
            before, after = padding_sides(a)
            extent, padded = effective_kernel(a), a.N + before + after
            # A last, partial window may begin inside an input that is shorter than it.
            if extent > padded and not (a.ceil and window_positions(a) >= 1):
                raise self._larger(a, extent, padded, _where(number, len(axes)))
            rest = (padded - extent) % a.S
            if strict and rest:
                from fractions import Fraction

                raise MisfitError(
                    deferred(
                        "the {window} does not fit {where}: {working}, and {exact} without rounding down.",
                        window=self.window_key,
                        where=_where(number, len(axes)),
                        working=worked(window_positions(a.traced({}))),
                        exact=window_positions(a) + Fraction(rest, a.S),
                    ),
                    hint="Change the stride, the padding or the input size, or drop `strict: true` to round down.",
                )

    def _larger(self, a: Letters, extent: int, padded: int, where: Deferred) -> MisfitError:
        """The error for a window that is larger than its padded input."""
        dilated = deferred(" (dilated to {extent})", extent=extent) if extent != a.F else ""
        with_padding = deferred(" ({padded} with its padding)", padded=padded) if padded != a.N else ""
        return MisfitError(
            deferred(
                "a {window} of {size}{dilated} is larger than its input of {input}{padded} {where}.",
                window=self.window_key,
                size=a.F,
                dilated=dilated,
                input=a.N,
                padded=with_padding,
                where=where,
            ),
            hint=f"Use a {self.window_key} of at most {padded}, add padding, or shrink the input less before.",
        )


def check_border(mode: str, axes: tuple[Letters, ...]) -> None:
    """Raise LayerError where a border of a mode needs more of its input than there is."""
    for number, a in enumerate(axes):
        sides = padding_sides(a)
        largest = max(sides)
        most = {"reflect": a.N - 1, "circular": a.N + min(*sides, 0)}.get(mode, largest)
        if largest > most:
            reason = "the outermost one is not repeated" if mode == "reflect" else "it goes round once"
            raise LayerError(
                f"{mode} cannot pad {largest} positions to the {spatial_name(number, len(axes))} of {a.N}: {reason}.",
                hint=f"Pad at most {most}, or use `zero` or `replicate`.",
            )


def _where(number: int, axes: int) -> Deferred:
    """Along which of so many axes, in words."""
    if axes == 1:
        return deferred("along its length")
    axis = spatial_name(number, axes)
    words = {
        "height": deferred("along the height"),
        "width": deferred("along the width"),
        "depth": deferred("along the depth"),
    }
    return words.get(axis) or deferred("along {axis}", axis=axis)


def worked(number: Number) -> str:
    """How a traced number comes about, for a message: the rule, the numbers put in, the result."""
    # Only messages print rules; layers that are right do not wait for this import.
    from archcalc.algebra.notation import derivation

    return derivation(number)


def padding_form(padding: Any) -> str:
    """The form of the padding of one axis, the mode that its rules go by: `symmetric`, `sides` or `same`."""
    return "same" if padding == "same" else "sides" if isinstance(padding, tuple) else "symmetric"


def padding_letters(padding: Any) -> dict[str, Any]:
    """The letters of the padding of one axis: P, or P_1 and P_2; None where the input and the stride say it."""
    if isinstance(padding, tuple):
        return {"P_1": padding[0], "P_2": padding[1]}
    return {"P": None if padding == "same" else 0 if padding == "valid" else padding}


def padding_sides(a: Letters) -> tuple[int, int]:
    """The padding before and after, in elements, of one axis."""
    if a.padding == "same":
        return same_padding(a.N, effective_kernel(a), a.S)
    return (a.P_1, a.P_2) if a.padding == "sides" else (a.P, a.P)


def positions(axes: tuple[Letters, ...]) -> tuple[Any, ...]:
    """The output size along each axis."""
    return tuple(window_positions(a) for a in axes)


def windows(axes: tuple[Letters, ...]) -> tuple[Window, ...]:
    """What one output position sees along each axis."""
    return tuple(Window(effective_kernel(a), a.S, -padding_sides(a)[0]) for a in axes)


def reaching(axes: tuple[Letters, ...]) -> tuple[Window, ...]:
    """The other way round: at which positions n a window holds position i, n·S − P ≤ i ≤ n·S − P + F − 1.

    From ⌈(i + P − F + 1)/S⌉ to ⌊(i + P)/S⌋; none of them where the window is smaller than its stride.
    """
    return tuple(
        Window(extent - a.S + 1, 1, padding_sides(a)[0] - extent + a.S, a.S)
        for a, extent in ((a, effective_kernel(a)) for a in axes)
    )


def wrapped(mode: str, axes: tuple[Letters, ...]) -> frozenset[int]:
    """The axes whose border shows what is at the other end."""
    return frozenset(number for number, a in enumerate(axes) if mode == "circular" and any(padding_sides(a)))


def same_zeros(x: Letters) -> tuple[tuple[Number, Number], ...]:
    """The zeros that `same` puts before and after along each axis; empty for letters without it."""
    return tuple(padding_sides(a) for a in getattr(x, "axes", ()) if getattr(a, "padding", None) == "same")
