"""The options that several commands share, and what they read from the command line."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from functools import wraps
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from archcalc.render.formats import registry
from archcalc.render.formats.registry import Format, Takes
from archcalc.words.errors import OptionError
from archcalc.words.language import ENGLISH, LANGUAGES, Language, in_language, language_of
from archcalc.words.text import listing, quote

F = TypeVar("F", bound=Callable[..., Any])


def network_names(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """What a shell completes `typed` to: names of the catalogue, or files where a path is being typed."""
    if os.sep in typed or typed.startswith("."):
        return [CompletionItem(typed, type="file")]
    from archcalc.spec.catalog import ENDINGS, names

    here = sorted(file for file in os.listdir() if file.endswith(ENDINGS))
    return [CompletionItem(name) for name in [*names(), *here] if name.startswith(typed)]


def _dtypes(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    from archcalc.algebra.units import DTYPES

    return [CompletionItem(name) for name in DTYPES if name.startswith(typed)]


def _shape(_context: click.Context, _parameter: click.Parameter, given: str | None) -> tuple[int, ...] | None:
    """The sizes in `3x64x64`, `3,64,64` or `3×64×64`."""
    if given is None:
        return None
    sizes = [size.strip() for size in re.split("[x×,X]", given)]
    if not all(re.fullmatch("[0-9]{1,12}", size) for size in sizes):
        raise OptionError(
            f"--input {quote(given)} is not a shape.",
            hint="Write channels, height and width, without the batch, as in --input 3x224x224.",
        )
    return tuple(map(int, sizes))


def _settings(
    _context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]
) -> dict[str, object]:
    """The values of `key=value` by key; `key=[4, 5]` is a list."""
    settings: dict[str, object] = {}
    for setting in given:
        key, sign, value = setting.partition("=")
        if not (sign and key and value):
            raise OptionError(
                f"--set {quote(setting)} is not key=value.", hint="For example --set classes=10."
            )
        if key in settings:
            raise OptionError(f"--set {quote(key)} is given twice.", hint="Leave one of them out.")
        is_list = value.startswith("[") and value.endswith("]")
        settings[key] = [part.strip() for part in value[1:-1].split(",")] if is_list else value
    return settings


FILE_ENDINGS = frozenset(
    (
        ".pdf",
        ".png",
        ".jpg",
        ".jpeg",
        ".gif",
        ".html",
        ".htm",
        ".doc",
        ".docx",
        ".odt",
        ".xls",
        ".xlsx",
        ".ods",
    )
) | {".ppt", ".pptx", ".yaml", ".yml", ".xml", ".rtf", ".zip"}
"""How the names of well-known files end that are not formats of every output."""

_PLAIN_ENDING = ".txt"


class FormatChoice(click.Choice):  # type: ignore[type-arg,unused-ignore]  # it is generic since click 8.2
    """The formats that can write something, which are looked for only where they have to be listed."""

    def __init__(self, takes: Takes) -> None:
        self.takes = takes
        self.case_sensitive = True

    def __getattr__(self, name: str) -> Any:
        if name != "choices":
            raise AttributeError(name)
        return registry.choices(self.takes)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The name as it is where it is one; else the error that lists them."""
        with suppress(OptionError):
            form = registry.named(value)
            if self.takes(form):
                return form
        return super().convert(value, param, ctx)


def _form(takes: Takes) -> Callable[[click.Context, click.Parameter, Format | None], Format]:
    """The format asked for, or the one that --output FILE ends in, or the first."""

    def chosen(context: click.Context, _parameter: click.Parameter, given: Format | None) -> Format:
        if given is not None:
            return given
        ending = os.path.splitext(context.params.get("path") or "")[1].lower()
        if ending in ("", _PLAIN_ENDING):
            return registry.named(registry.FIRST)
        form = registry.by_ending(ending)
        if form is not None and takes(form):
            return form
        if is_of_a_file(ending):
            known = [one.endings[0] for one in registry.every() if one.endings and takes(one)]
            raise OptionError(
                f"{quote(ending[1:])} is nothing that can be written here.",
                hint=f"A file may end in {listing([*known, _PLAIN_ENDING])}; --format says what is written otherwise.",
            )
        return registry.named(registry.FIRST)

    return chosen


def is_of_a_file(ending: str) -> bool:
    """Whether the names of well-known files end so."""
    # All formats are imported to be asked for their endings.
    known = ending in FILE_ENDINGS or ending == _PLAIN_ENDING
    return known or (ending != "" and registry.by_ending(ending) is not None)


def gathered(**records: Callable[..., object]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Options gathered in records: each function here takes those that it names, and gives the argument of its name."""

    def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def called(**given: Any) -> Any:
            for name, record in records.items():
                code = record.__code__
                taken = code.co_varnames[: code.co_kwonlyargcount]
                given[name] = record(**{option: given.pop(option) for option in taken})
            return function(**given)

        return called

    return decorated


def network(function: F) -> F:
    """The argument NETWORK."""
    return click.argument("network", shell_complete=network_names)(function)


def changes(function: F) -> F:
    """--input and --set, which change the network."""
    function = click.option(
        "--set",
        "settings",
        callback=_settings,
        metavar="KEY=VALUE",
        multiple=True,
        help="Set a parameter of the spec, such as classes=10. May be repeated.",
    )(function)
    return click.option(
        "--input",
        "shape",
        callback=_shape,
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
        help="The type of a number, for memory: float32, float16, int8, ...",
    )(function)
    return click.option(
        "--batch",
        type=int,
        default=1,
        metavar="N",
        show_default=True,
        help="Inputs at a time; MACs and activations are for all of them.",
    )(function)


def output(takes: Takes) -> Callable[[F], F]:
    """--format, which may be whatever can write the output, and --output."""

    def decorated(function: F) -> F:
        return click.option(
            "--format",
            "-f",
            "form",
            type=FormatChoice(takes),
            callback=_form(takes),
            help=f"How the result is written; by default as the name of FILE ends, else {registry.FIRST}.",
        )(to_file(function))

    return decorated


def to_file(function: F) -> F:
    """--output."""
    return click.option(
        "--output",
        "-o",
        "path",
        type=click.Path(),
        # Read before --format, which may follow from it.
        is_eager=True,
        metavar="FILE",
        help="Write to a file, all of it or none.",
    )(function)


def _language(_context: click.Context, _parameter: click.Parameter, given: str) -> str:
    return language_of(given)


def languages(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """What a shell completes `typed` to: the languages that are spoken here."""
    return [CompletionItem(code) for code in LANGUAGES if code.startswith(typed)]


def language(function: F) -> F:
    """--lang."""
    return click.option(
        "--lang",
        "lang",
        envvar="ARCHCALC_LANG",
        default=ENGLISH.code,
        callback=_language,
        metavar="|".join(LANGUAGES),
        shell_complete=languages,
        show_default=True,
        show_envvar=True,
        help="The language of texts for people; JSON, CSV and messages of errors are in English.",
    )(function)


def speaking(lang: str, form: Format) -> AbstractContextManager[Language]:
    """Within it, texts are in the language asked for, if `form` is a format for people."""
    return in_language(lang if form.is_for_people else ENGLISH.code)


def depth(function: F) -> F:
    """--depth."""
    return click.option(
        "--depth",
        type=click.IntRange(min=1),
        metavar="N",
        help="Fold blocks below N levels; a large N gives every layer a row. By default about 25 rows.",
    )(function)
