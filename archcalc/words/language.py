"""The language that people are spoken to: English, or Brazilian Portuguese from a gettext catalogue.

A text for people is written in English where it is printed, and marked:

    _("forgot the bias of {layer}").format(layer=name)

`_` gives the text in the language of the moment, which `in_language` sets. What JSON, CSV and messages of
errors say is not marked: programs and search engines read those. Numbers follow the language too: 138,344,128
and 8.2 GB in English are 138.344.128 and 8,2 GB in Portuguese.

English needs no catalogue, and the library that reads catalogues is imported where another language is asked
for. `make translations` brings the catalogues up to date.
"""

from __future__ import annotations

import os.path
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from archcalc.words.errors import OptionError
from archcalc.words.files import PACKAGE
from archcalc.words.text import did_you_mean, listing, quote

if TYPE_CHECKING:
    from fractions import Fraction
    from gettext import GNUTranslations

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "Deferred",
    "Language",
    "_",
    "decimal",
    "deferred",
    "gettext",
    "in_language",
    "language",
    "language_of",
    "localized",
    "marked",
    "ngettext",
    "number",
    "pgettext",
]

CATALOGUES = os.path.join(PACKAGE, "locale")
"""Where the catalogues are, as gettext wants them: `pt_BR/LC_MESSAGES/archcalc.mo`. No Path: pathlib loads slowly."""

DOMAIN = "archcalc"


class Language(NamedTuple):
    """A language, and how it writes numbers."""

    code: str
    """As HTML and the command line name it: `pt-BR`."""
    name: str
    """In the language itself."""
    thousands: str
    point: str
    """The decimal sign."""
    plurals: str
    """How many forms a counted noun has, and which one goes with n, as the head of a catalogue says it."""


ENGLISH = Language("en", "English", ",", ".", "nplurals=2; plural=(n != 1)")

LANGUAGES: Mapping[str, Language] = {
    "en": ENGLISH,
    "pt-BR": Language("pt-BR", "Português (Brasil)", ".", ",", "nplurals=2; plural=(n > 1)"),
}
"""Every language by its code."""

_spoken: ContextVar[Language] = ContextVar("_spoken", default=ENGLISH)


def language() -> Language:
    """The language of the moment."""
    return _spoken.get()


@contextmanager
def in_language(code: str) -> Iterator[Language]:
    """Within it, texts are in the language `code`, in whichever way `language_of` reads it.

    It holds for what runs inside, in this thread, and may be nested. Raises OptionError for another language.
    """
    token = _spoken.set(LANGUAGES[language_of(code)])
    try:
        yield _spoken.get()
    finally:
        _spoken.reset(token)


def language_of(text: str) -> str:
    """The code of the language that `text` names: `pt-BR`, `pt_BR`, `pt`, `en`, `en-US`, with any encoding behind.

    Raises OptionError, with the nearest one, for one that is not spoken here.
    """
    plain = text.strip().partition(".")[0].replace("_", "-").casefold()
    known = {code.casefold(): code for code in LANGUAGES}
    code = known.get(plain) or _REGIONS.get(plain) or ("en" if plain.startswith("en-") else None)
    if code is None:
        near = next((code for short, code in _REGIONS.items() if plain.startswith(f"{short}-")), None)
        guess = f"Did you mean {quote(near)}?" if near else did_you_mean(text, LANGUAGES)
        raise OptionError(
            f"there is no language {quote(text)}.", hint=guess or f"Choose one of {listing(LANGUAGES)}."
        )
    return code


_REGIONS = {"pt": "pt-BR"}
"""What is spoken where a language is named without its region."""


def gettext(message: str) -> str:
    """`message` in the language of the moment; as it is where there is no translation.

    For texts that stand elsewhere, marked there with `marked`; one that stands here is marked with `_`.
    """
    spoken = _spoken.get()
    # The translation of nothing would be the head of the catalogue.
    if spoken is ENGLISH or not message:
        return message
    if isinstance(message, Deferred):
        return message.again()
    return _catalogue(spoken.code).gettext(message)


_ = gettext


def ngettext(one: str, many: str, count: int) -> str:
    """`one` or `many`, as the language of the moment counts: English has the plural for 0, Portuguese has not."""
    spoken = _spoken.get()
    if spoken is ENGLISH:
        return one if count == 1 else many
    return _catalogue(spoken.code).ngettext(one, many, count)


def pgettext(context: str, message: str) -> str:
    """`message` where English has one word for two things: `context` says which is meant."""
    spoken = _spoken.get()
    return message if spoken is ENGLISH else _catalogue(spoken.code).pgettext(context, message)


def marked(message: str) -> str:
    """`message` itself: it stands in a table here, and is translated by `gettext` where it is printed."""
    return message


class Deferred(str):
    """A text in English that can be said again: it keeps its message and the facts that were put in."""

    __slots__ = ("facts", "message")

    message: str
    facts: Mapping[str, str | int | Fraction]

    def again(self) -> str:
        """The text in the language of the moment."""
        return gettext(self.message).format(**{name: _fact(fact) for name, fact in self.facts.items()})


def deferred(message: str, **facts: str | int | Fraction) -> Deferred:
    """`message` in English with its facts put in, which `gettext` says in another language later.

    A fact may be deferred itself; a Fraction is written with two decimals; the rest stays as it is.
    """
    with in_language(ENGLISH.code):
        said = Deferred(message.format(**{name: _fact(fact) for name, fact in facts.items()}))
    said.message = message
    said.facts = facts
    return said


def _fact(fact: str | int | Fraction) -> str | int:
    if isinstance(fact, Deferred):
        return fact.again()
    return fact if isinstance(fact, str | int) else decimal(fact, 2)


def number(n: int) -> str:
    """A whole number with its thousands apart: `138,344,128`, `138.344.128`."""
    return localized(f"{n:,}")


def decimal(value: Fraction | int, digits: int) -> str:
    """A number to so many decimals, halves away from zero: `8.2`, `8,2`."""
    rounded = (2 * 10**digits * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    whole, fraction = divmod(rounded, 10**digits)
    sign = "-" if value < 0 and rounded else ""
    return localized(f"{sign}{whole:,}.{fraction:0{digits}}" if digits else f"{sign}{whole:,}")


def localized(written: str) -> str:
    """A number that is written in English, `1,234.5`, as the language of the moment writes it: `1.234,5`."""
    spoken = _spoken.get()
    if spoken is ENGLISH:
        return written
    return written.translate({ord(","): spoken.thousands, ord("."): spoken.point})


@cache
def _catalogue(code: str) -> GNUTranslations:
    """The catalogue of a language other than English. Raises OptionError if it is not there."""
    from gettext import GNUTranslations

    path = os.path.join(CATALOGUES, code.replace("-", "_"), "LC_MESSAGES", f"{DOMAIN}.mo")
    try:
        with open(path, "rb") as file:
            return GNUTranslations(file)
    except OSError as error:
        raise OptionError(
            f"the texts in {LANGUAGES[code].name} are missing: cannot read {quote(path, 200)}: "
            f"{error.strerror}.",
            hint="Install archcalc again, or use --lang en.",
        ) from None
