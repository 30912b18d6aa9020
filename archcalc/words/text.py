"""Words for people: text made safe to print, near misses, and lists in a sentence.

Names, keys and file names come from specs and from students' files. They may hold escape codes that repaint
a terminal, bidirectional overrides that reorder a line, or a megabyte of digits. Whatever is quoted in a
message goes through `printable` first.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

__all__ = ["did_you_mean", "listing", "printable", "quote", "sentence"]

# difflib takes quadratic time: neither a word longer than any name nor a crowd of candidates may hold it up.
_LONGEST_WORD = 64
_MOST_CANDIDATES = 2_000


def printable(text: str, limit: int = 80) -> str:
    r"""`text` with everything a terminal would act on made visible, shortened with `…` to `limit` characters.

    Control characters, escape codes, line breaks, bidirectional overrides, unusual spaces and lone surrogates
    are written as Python writes them: `\x1b`, `\n`, `\u202e`. The limit counts characters of `text`.
    """
    if len(text) > limit:
        text = text[: max(limit - 1, 0)] + "…"
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def quote(text: str, limit: int = 40) -> str:
    """`text` made printable and put in quotes: `'conv3'`."""
    mark = '"' if "'" in text and '"' not in text else "'"
    return f"{mark}{printable(text, limit)}{mark}"


def listing(words: Iterable[str], last: str = "or", limit: int = 24) -> str:
    """The words as a sentence has them: `a, b or c`. `last` is the word before the last one.

    Beyond `limit` words the rest is only counted: `a, b, c and 40 more`. No words give an empty string.
    """
    shown = [printable(word) for word in words]
    if len(shown) > limit:
        return f"{', '.join(shown[:limit])} and {len(shown) - limit} more"
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} {last} {shown[-1]}"


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """`Did you mean 'conv'?` for the candidate nearest to `word`, or an empty string when none is near.

    Upper and lower case count as equal, and so do `-`, `_` and a space: `MaxPool` finds `max_pool`.
    """
    if not word or len(word) > _LONGEST_WORD:
        return ""
    import difflib

    folded = {_fold(candidate): candidate for candidate in islice(candidates, _MOST_CANDIDATES)}
    near = difflib.get_close_matches(_fold(word), folded, n=1, cutoff=0.66)
    return f"Did you mean {quote(folded[near[0]])}?" if near else ""


def sentence(text: str) -> str:
    """`text` with a capital at its beginning; the rest, with its names, stays as it is."""
    return text[:1].upper() + text[1:]


def _fold(word: str) -> str:
    return word.casefold().replace("-", "").replace("_", "").replace(" ", "")
