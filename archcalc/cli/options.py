"""The options that several commands share, and what they read from the command line."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from archcalc.algebra.units import DTYPES
from archcalc.render import FORMATS
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


ENDINGS = {
    ".json": "json",
    ".jsonl": "jsonl",
    ".csv": "csv",
    ".md": "markdown",
    ".tex": "latex",
    ".svg": "svg",
}
"""The formats that the name of a file gives away."""


FILE_ENDINGS = frozenset(
    (*ENDINGS, ".txt", ".pdf", ".png", ".jpg", ".jpeg", ".gif", ".html", ".htm", ".doc", ".docx", ".odt")
) | {".xls", ".xlsx", ".ods", ".ppt", ".pptx", ".yaml", ".yml", ".xml", ".rtf", ".zip"}
"""How the names of well-known files end."""

_PLAIN_ENDINGS = (".txt",)


def _form(known: tuple[str, ...]) -> Callable[[click.Context, click.Parameter, str | None], str]:
    """The format asked for, or the one that --output FILE ends in, or the first."""

    def chosen(context: click.Context, _parameter: click.Parameter, given: str | None) -> str:
        if given is not None:
            return given
        ending = os.path.splitext(context.params.get("path") or "")[1].lower()
        form = ENDINGS.get(ending, known[0])
        if (
            ending in FILE_ENDINGS
            and ending not in _PLAIN_ENDINGS
            and (ending not in ENDINGS or form not in known)
        ):
            written = [name for name, one in ENDINGS.items() if one in known]
            raise OptionError(
                f"{quote(ending[1:])} is nothing that can be written here.",
                hint=f"A file may end in {listing([*written, '.txt'])}; --format says what is written otherwise.",
            )
        return form if form in known else known[0]

    return chosen


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


def output(*formats: str) -> Callable[[F], F]:
    """--format and --output."""
    known = formats or tuple(FORMATS)

    def decorated(function: F) -> F:
        return click.option(
            "--format",
            "-f",
            "form",
            type=click.Choice(known),
            callback=_form(known),
            help=f"How the result is written; by default as the name of FILE ends, else {known[0]}.",
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


PROGRAMS_READ = ("json", "jsonl", "csv")
"""The formats that are in English, whichever language is spoken."""


def speaking(lang: str, form: str) -> AbstractContextManager[Language]:
    """Within it, texts are in the language asked for, if `form` is a format for people."""
    return in_language(ENGLISH.code if form in PROGRAMS_READ else lang)


def depth(function: F) -> F:
    """--depth."""
    return click.option(
        "--depth",
        type=click.IntRange(min=1),
        metavar="N",
        help="Fold blocks below N levels; a large N gives every layer a row. By default about 25 rows.",
    )(function)
