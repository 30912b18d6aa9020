"""Words for people: text made safe to print, near misses, and lists in a sentence.

Names, keys and file names come from specs and from students' files. They may hold escape codes that repaint
a terminal, bidirectional overrides that reorder a line, or a megabyte of digits. Whatever is quoted in a
message goes through `printable` first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import NewType

__all__ = [
    "LONGEST_TEXT",
    "Safe",
    "did_you_mean",
    "listing",
    "printable",
    "printable_lines",
    "quote",
    "sentence",
]

Safe = NewType("Safe", str)
"""Text on one line that nothing acts on that prints it. Only `printable` makes it: whoever is to print what comes
from outside takes this type, and the types are checked."""

LONGEST_TEXT = 200
"""Characters of a text from a spec that are ever shown in a cell or a title."""

_COLOURS = re.compile(r"(\x1b\[[0-9;]*m)")

# Neither a word longer than any name nor a crowd of candidates may hold up a message.
_LONGEST_WORD = 64
_MOST_CANDIDATES = 2_000
_MOST_GUESSES = 3
_SHORTEST_SWAPPED = 3
_SHORTEST_DOUBLED = 5
_SHORTEST_MISSPELT = 6


def printable(text: str, limit: int = 80) -> Safe:
    r"""`text` with everything a terminal would act on made visible, shortened with `…` to `limit` characters.

    Control characters, escape codes, line breaks, bidirectional overrides, unusual spaces and lone surrogates
    are written as Python writes them: `\x1b`, `\n`, `\u202e`. The limit counts characters of `text`.
    """
    if len(text) > limit:
        text = text[: max(limit - 1, 0)] + "…"
    if text.isprintable():
        return Safe(text)
    return Safe("".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text))


def printable_lines(text: str, *, colours: bool = False) -> str:
    """Text of many lines with all else made visible that a terminal would act on, but its `colours` where it has any.

    What is laid out line by line passes through here as a whole at the end, whatever was thought of before.
    """
    if text.replace("\n", "").isprintable():
        return text
    return "\n".join(
        line if line.isprintable() else _printable_line(line, colours) for line in text.split("\n")
    )


def _printable_line(line: str, colours: bool) -> str:
    pieces = _COLOURS.split(line) if colours else [line]
    return "".join(piece if i % 2 else printable(piece, len(piece)) for i, piece in enumerate(pieces))


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
    """`Did you mean 'conv'?` where `word` is a slip of the pen for one of the candidates, or an empty string.

    Upper and lower case count as equal, and so do `-`, `_` and a space: `MaxPool` finds `max_pool`. Beyond that
    a slip is a key struck twice, two neighbours that have changed places, or one letter too many, too few or
    wrong in a word of six or more. A part of a name finds the whole: `dw` finds `ds1.dw`, `vgg` finds `vgg16`.

    A suggestion that misleads is worse than none: among short words (`selu`, `elu`) and numbers (`int4`,
    `int64`) one character makes another word.
    """
    if not word or len(word) > _LONGEST_WORD:
        return ""
    known = list(islice(candidates, _MOST_CANDIDATES))
    wanted = _fold(word)
    for near in (_same, _slipped, _part):
        found = list(dict.fromkeys(candidate for candidate in known if near(wanted, _fold(candidate))))
        if found:
            return f"Did you mean {listing(map(quote, found))}?" if len(found) <= _MOST_GUESSES else ""
    return ""


def _same(word: str, candidate: str) -> bool:
    return _plain(word) == _plain(candidate)


def _slipped(word: str, candidate: str) -> bool:
    """Whether the two differ by one slip of the pen."""
    one, two = sorted((_plain(word), _plain(candidate)), key=len)
    if len(two) - len(one) > 1 or len(two) < _SHORTEST_SWAPPED:
        return False
    at = next((i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), len(one))
    if len(one) == len(two):
        swapped = one[at : at + 2] == two[at : at + 2][::-1] and one[at + 2 :] == two[at + 2 :]
        changed = one[at : at + 1] + two[at : at + 1]
        return swapped or (one[at + 1 :] == two[at + 1 :] and _is_long(two, changed))
    if one[at:] != two[at + 1 :]:
        return False
    twice = at > 0 and two[at] == two[at - 1]
    return (twice and len(two) >= _SHORTEST_DOUBLED) or _is_long(two, two[at])


def _is_long(word: str, changed: str) -> bool:
    """Whether one wrong letter leaves a word as recognisable; a wrong digit makes another number."""
    return changed.isalpha() and sum(map(str.isalpha, word)) >= _SHORTEST_MISSPELT


def _part(word: str, candidate: str) -> bool:
    """Whether a candidate is the word with more in front of it (`max_pool1` for `pool1`), or only a number behind."""
    return candidate.endswith((f".{word}", f"_{word}")) or (
        candidate.startswith(word) and candidate[len(word) :].isdigit()
    )


def sentence(text: str) -> str:
    """`text` with a capital at its beginning; the rest, with its names, stays as it is."""
    return text[:1].upper() + text[1:]


def _fold(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_")


def _plain(word: str) -> str:
    return word.replace("_", "")
