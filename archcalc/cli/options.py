"""The options that several commands share, and what they read from the command line."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from archcalc.errors import OptionError
from archcalc.render import FORMATS
from archcalc.text import quote
from archcalc.units import DTYPES

F = TypeVar("F", bound=Callable[..., Any])


class NetworkName(click.ParamType):
    """A name of the catalogue, a path to a YAML file, or `-`."""

    name = "network"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The names that begin so, or files where a path is being typed."""
        if os.sep in incomplete or incomplete.startswith("."):
            return [CompletionItem(incomplete, type="file")]
        from archcalc.catalog import names

        return [CompletionItem(name) for name in names() if name.startswith(incomplete)]


class InputShape(click.ParamType):
    """A shape as `3x64x64`, `3,64,64` or `3×64×64`."""

    name = "shape"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """The sizes of the axes."""
        if isinstance(value, tuple):
            return value
        parts = value.replace("×", "x").replace(",", "x").replace("X", "x").split("x")
        if not all(part.strip().isascii() and part.strip().isdigit() and len(part) < 20 for part in parts):
            raise OptionError(
                f"--input {quote(value)} is not a shape.",
                hint="Write channels, height and width, without the batch, as in --input 3x224x224.",
            )
        return tuple(map(int, parts))


class Setting(click.ParamType):
    """A parameter of a spec and its value, `key=value`."""

    name = "setting"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """The key and the value."""
        if isinstance(value, tuple):
            return value
        key, sign, text = value.partition("=")
        if not sign or not key or not text:
            raise OptionError(
                f"--set {quote(value)} is not key=value.", hint="For example --set classes=10."
            )
        return key, text


def _dtypes(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    return [name for name in DTYPES if name.startswith(incomplete)]


def network(function: F) -> F:
    """The argument NETWORK."""
    return click.argument("network", type=NetworkName())(function)


def changes(function: F) -> F:
    """--input and --set, which change the network."""
    function = click.option(
        "--set",
        "settings",
        type=Setting(),
        metavar="KEY=VALUE",
        multiple=True,
        help="Set a parameter of the spec, such as classes=10. May be repeated.",
    )(function)
    return click.option(
        "--input",
        "shape",
        type=InputShape(),
        metavar="SHAPE",
        help="Another input: 3x64x64, channels first, without the batch.",
    )(function)


def counting(function: F) -> F:
    """--batch, --dtype and --bias/--no-bias, which say what is counted."""
    function = click.option(
        "--bias/--no-bias",
        default=True,
        help="Whether `parameters` counts biases; the network stays the same.",
    )(function)
    function = click.option(
        "--dtype",
        default="float32",
        metavar="TYPE",
        shell_complete=_dtypes,
        show_default=True,
        help="The type of a number, for memory: float32, float16, int8, …",
    )(function)
    return click.option(
        "--batch",
        type=int,
        default=1,
        metavar="N",
        show_default=True,
        help="Inputs at a time; MACs and activations are for all of them.",
    )(function)


def output(*formats: str) -> Callable[[F], F]:
    """--format and --output."""

    def decorated(function: F) -> F:
        function = click.option(
            "--output", "-o", "path", type=click.Path(), metavar="FILE", help="Write to a file, all of it or none."
        )(function)
        return click.option(
            "--format",
            "-f",
            "form",
            type=click.Choice(formats or FORMATS),
            default="table",
            show_default=True,
            help="How the result is written.",
        )(function)

    return decorated


def depth(function: F) -> F:
    """--depth."""
    return click.option(
        "--depth",
        type=click.IntRange(min=1),
        metavar="N",
        help="Fold blocks below N levels; a large N gives every layer a row. By default about 25 rows.",
    )(function)
