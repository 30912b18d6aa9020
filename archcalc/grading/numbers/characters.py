r"""The characters of an answer made plain: one kind of digit, minus, quote and space, whatever keyboard it came from.

Digits are those of ASCII, whichever they were; `10⁸` and `10^8` are the same, and so are `½` and `1/2`, `\times` and
`×`. What cannot be seen is refused: an answer with characters hidden in it may not be what it looks like.
"""

from __future__ import annotations

import re
import unicodedata

from archcalc.words.language import _

LONGEST = 300
"""Characters of an answer."""

INVISIBLE = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060"
"""What copying from elsewhere leaves round a text: marks of order and direction, spaces and joiners of no width."""

POINT = "٫"
"""The Arabic decimal sign, which is nothing else."""

APART = "٬"
"""The Arabic sign between thousands."""

_SPACES = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)

# Other, control; format; lone surrogate; private use; not a character.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_SAME = str.maketrans(
    {
        **dict.fromkeys("−‐‑‒–﹣", "-"),
        **dict.fromkeys("✕✖⨯╳", "×"),
        **dict.fromkeys("∗⋆", "*"),
        **dict.fromkeys("⋅∙•‧", "·"),
        **dict.fromkeys("‘’‛′`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("≃≅∼≒≐≑⩰〜", "≈"),
        "~": "≈",
        "∕": "/",
        "⁄": "/",
        "÷": "/",
        "⇒": "→",
        "∶": ":",
    }
)
# What Markdown and LaTeX write for a sign.
_TYPESET = (
    ("\\times", "×"),
    ("\\cdot", "·"),
    ("\\approx", "≈"),
    ("\\sim", "≈"),
    ("\\%", "%"),
    ("{,}", ","),
    ("\\,", " "),
    ("==", "="),
    ("≈=", "≈"),
    ("=≈", "≈"),
    ("->", "→"),
    ("=>", "→"),
)


_PLAIN = re.compile(r"[0-9A-Za-z .,:;%/*()+]*")
"""What is as plain as it can be, as most answers are."""


class Unreadable(Exception):
    """An answer cannot be read; its text says why, and how to write it."""


def trimmed(text: str) -> str:
    """`text` without the space and the invisible marks around it."""
    return text.strip(_SPACES + INVISIBLE)


def plain(text: str) -> str:
    """A trimmed answer in plain characters. A line break or tab becomes two spaces, so that it never groups digits.

    Raises Unreadable if it is too long or has characters that cannot be seen.
    """
    if len(text) > LONGEST:
        raise Unreadable(
            _("it has {count} characters, and at most {most} are read: write the answer alone.").format(
                count=len(text), most=LONGEST
            )
        )
    if _PLAIN.fullmatch(text):
        return re.sub(" {2,}", "  ", text)
    for place, character in enumerate(text, start=1):
        if unicodedata.category(character) in _UNSEEN and character not in "\t\n\r":
            raise Unreadable(
                _(
                    "its character {place}, U+{code}, cannot be seen, and may hide something: type the answer anew."
                ).format(place=place, code=f"{ord(character):04X}")
            )
    text = re.sub("[⁰¹²³⁴-⁹⁺⁻]+", lambda match: "^" + match[0].translate(_RAISED), text)
    text = re.sub("[½⅓⅔¼¾⅕-⅞⅐⅑⅒]", lambda match: " " + unicodedata.normalize("NFKC", match[0]), text)
    if re.search("[₀-₉]", text):
        raise Unreadable(_("digits below the line are not read: write the number in plain digits."))
    # A minus and an acute that stand alone would become a space and a mark above it.
    text = unicodedata.normalize("NFKC", text.translate(_SAME)).translate(_SAME)
    text = "".join(str(unicodedata.decimal(c, c)) if c > "\x7f" else c for c in text)
    for typeset, sign in _TYPESET:
        text = text.replace(typeset, sign)
    return re.sub(r"[^\S ]|\s{2,}", "  ", text).strip()


def folded(text: str) -> str:
    """`text` for comparing words: lower case, no accents, single spaces."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(bare.split())
