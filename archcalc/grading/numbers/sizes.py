"""The sizes of a shape in plain characters: `55x55x96`, `(96, 55, 55)`, `96@55x55`, `C=96 H=55 W=55`, `4096`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from archcalc.algebra.units import WrittenNumber
from archcalc.grading.numbers.characters import Unreadable, folded
from archcalc.grading.numbers.numerals import numerals
from archcalc.grading.numbers.words import is_counted
from archcalc.words.language import _
from archcalc.words.text import quote

MOST_SIZES = 8
"""Of a shape."""

_EXAMPLES = "55x55x96, (96, 55, 55), 96@55x55"
_SIZE = r"[0-9]{1,12}"
_BETWEEN = re.compile(r" *[xX×*·] *| +por +| +by +")
# What stands first where the batch is left open: Keras' None, torch's -1, the N of a formula.
_BATCH = re.compile(r"(?:none|-1|n|batch|\?) *[,;x×*] *", re.IGNORECASE)
_AXES = {
    "C": "c d ch canal canais channel channels filtro filtros filter filters mapa mapas map maps feature features "
    "profundidade depth",
    "H": "h altura height linhas rows",
    "W": "w largura width colunas columns cols",
}
_AXIS = {word: axis for axis, words in _AXES.items() for word in words.split()}
_LETTERS = frozenset({"c", "d", "h", "w"})
_PIECE = re.compile(
    r"(?P<filler>[\s,;()]+|(?:com|with|de|of|e|and|each|cada)\b|h *[x×*] *w *[=:]?)"
    rf"|(?P<pair>(?P<height>{_SIZE}) *[x×*] *(?P<width>{_SIZE})(?![0-9])(?! *[x×*]))"
    rf"|(?P<name>[^\W\d_]+) *[=:]? *(?P<named>{_SIZE})(?![0-9])"
    rf"|(?P<counted>{_SIZE}) *(?P<noun>[^\W\d_]{{3,}})",
    re.IGNORECASE,
)
_AT = re.compile(rf"({_SIZE}) *@ *({_SIZE})[xX×* ]+({_SIZE})")


class Sizes(NamedTuple):
    """What a shape comes to with one decimal sign."""

    sizes: tuple[WrittenNumber, ...]
    doubtful: bool
    """Whether a sign in one of them may be the other one, as in `Numeral`."""


def named_sizes(text: str) -> tuple[WrittenNumber, ...] | None:
    """Channels, height and width where the text says which is which: `96 canais, 55x55`; None where it does not."""
    at = _AT.fullmatch(text)
    if at is not None:
        return _plain_sizes(at.groups())
    found: dict[str, str] = {}
    place = 0
    while place < len(text):
        match = _PIECE.match(text, place)
        if match is None:
            return None
        place = match.end()
        if match["filler"]:
            continue
        said = (
            {"H": match["height"], "W": match["width"]}
            if match["pair"]
            else {_axis_of(match): match["named"] or match["counted"]}
        )
        if "" in said or said.keys() & found.keys():
            return None
        found |= said
    return _plain_sizes([found[axis] for axis in "CHW"]) if len(found) == len("CHW") else None


def separated(text: str) -> tuple[WrittenNumber, ...] | None:
    """Whole sizes between commas or spaces without brackets, `55, 55, 96`; None if they are something else."""
    pieces = re.split(r" *, *| +", text)
    plain = 1 < len(pieces) <= MOST_SIZES and all(
        re.fullmatch(r"0|[1-9][0-9]{0,11}", piece) for piece in pieces
    )
    return _plain_sizes(pieces) if plain else None


def sizes(text: str, point: str, locale: str | None) -> Sizes:
    """The sizes where `point` is the decimal sign. Raises Unreadable."""
    inner = _unbracketed(text)
    body = _BATCH.sub("", inner or text, count=1)
    body = _without_words(body)
    if ";" in body:
        pieces = body.split(";")
    elif inner is not None and "," in body:
        pieces = body.removesuffix(",").split(",")
    elif inner is not None and " " in body and not _BETWEEN.search(body):
        pieces = body.split()
    else:
        pieces = _BETWEEN.split(body)
    if len(pieces) > MOST_SIZES:
        raise Unreadable(
            _("it has {count} sizes, and at most {most} are read.").format(count=len(pieces), most=MOST_SIZES)
        )
    found = []
    doubtful = False
    for piece in map(str.strip, pieces):
        if not piece[:1].isdigit() or not piece[-1:].isdigit() or "e" in piece.casefold():
            raise _no_shape(piece)
        try:
            (numeral,) = numerals(piece, point, locale)
        except (Unreadable, ValueError):
            raise _no_shape(piece) from None
        found.append(numeral.quantity)
        doubtful = doubtful or numeral.doubtful
    return Sizes(tuple(found), doubtful)


def _plain_sizes(pieces: Sequence[str]) -> tuple[WrittenNumber, ...]:
    return tuple(
        WrittenNumber(piece, Fraction(int(piece)), None, len(str(int(piece))), Fraction(1))
        for piece in pieces
    )


def _axis_of(match: re.Match[str]) -> str:
    word = folded(match["name"] or match["noun"])
    return "" if word in _LETTERS and not re.search("[=:]", match[0]) else _AXIS.get(word, "")


def _unbracketed(text: str) -> str | None:
    """What stands in the brackets round a text, also in those of `torch.Size([…])`; None if there are none."""
    bare = re.sub(r"^(?:torch\.)?size *(?=[(\[])|^shape *(?=[(\[])", "", text, flags=re.IGNORECASE)
    inner = bare
    while len(inner) > 1 and inner[0] + inner[-1] in ("()", "[]", "{}"):
        inner = inner[1:-1].strip()
    return None if inner in (text, bare) else inner


def _without_words(text: str) -> str:
    match = re.fullmatch(r"(?P<sizes>.*[0-9)\]]) *(?P<words>[^\W\d_x×][^0-9]*)", text)
    return match["sizes"] if match and is_counted(match["words"]) else text


def _no_shape(piece: str) -> Unreadable:
    return Unreadable(
        _("{piece} is not a size: write a shape such as {examples}.").format(
            piece=quote(piece) if piece else _("nothing"), examples=_EXAMPLES
        )
    )
