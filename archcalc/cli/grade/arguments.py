"""The arguments that the commands of `archcalc grade` share."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from archcalc.cli.options import languages
from archcalc.words.language import LANGUAGES, language_of

F = TypeVar("F", bound=Callable[..., Any])


def assignment_files(
    _context: click.Context, _parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    """What a shell completes `typed` to: YAML files here, or any where a path is being typed."""
    if os.sep in typed:
        return [CompletionItem(typed, type="file")]
    here = sorted(file for file in os.listdir() if file.endswith((".yaml", ".yml")))
    return [CompletionItem(name) for name in here if name.startswith(typed)]


def assignment(function: F) -> F:
    """The argument ASSIGNMENT."""
    return click.argument("assignment", shell_complete=assignment_files)(function)


def _language(_context: click.Context, _parameter: click.Parameter, given: str | None) -> str | None:
    return None if given is None else language_of(given)


def language(function: F) -> F:
    """--lang, by default the language that the assignment names: None."""
    return click.option(
        "--lang",
        "lang",
        callback=_language,
        metavar="|".join(LANGUAGES),
        shell_complete=languages,
        help="The language of texts for people; by default the one that the assignment names.",
    )(function)
