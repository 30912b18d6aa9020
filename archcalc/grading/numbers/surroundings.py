"""What stands round the number of an answer: labels, words for roughly, quotes, what is compared with what."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archcalc.grading.numbers.calculations import is_to_one
from archcalc.grading.numbers.characters import Unreadable
from archcalc.grading.numbers.words import meanings
from archcalc.words.language import _

ABOUT = re.compile(
    r"(?:cerca de|por volta de|em torno de|perto de|mais ou menos|aproximadamente|aprox\.?|quase|approximately|"
    r"approx\.?|about|around|roughly|nearly|almost|circa|(?:ca?\.|uns|umas)(?=\s))\s*",
    re.IGNORECASE,
)
LEADING = re.compile(
    r"(?:(?:o|a|the|total|resposta|answer|resultado|result|valor|value)\s+)+(?:(?:é|e|is|are|são|sao|de|of)\s+)?(?=\S)",
    re.IGNORECASE,
)
# 20x mais, 20 times as many; 20x menos is either 20 or 1/20 of what was asked for.
_TIMES_AS = re.compile(
    r"(?:(?<=[0-9]) *[x×]|\b(?:vezes|times)) +(?:a +)?(?:(?P<more>mais|maior(?:es)?|more|larger|bigger|greater|higher|"
    r"as +(?:many|much|large|big|high))|menos|menor(?:es)?|fewer|less|smaller|lower)"
    r"(?: +(?P<behind>[^0-9<>=≈+*/]*))?$",
    re.IGNORECASE,
)
_THAN = re.compile(r"(?:do +)?que\b|than\b|as\b", re.IGNORECASE)
_INEQUALITY = re.compile("[<>≤≥≠±]")
ARROWS = re.compile("[=→]")
# Between two signs: an answer and the name of the next one, as in `C=96 H=55`.
_ANOTHER = re.compile(r"[0-9][^=]*[\s,]+(?:[A-Za-z]|[A-Za-z_]+[0-9]+)\s*$")
# In front of a colon: an answer before the label of the next one, as in `34944; conv2: 614656`.
_AN_ANSWER = re.compile(r";|[0-9]{3,} *,")
ROUND = " '\"*$"


def chain(text: str) -> list[str]:
    """What stands between the signs `=` and arrows; the last without its label. Raises Unreadable."""
    if _INEQUALITY.search(text):
        raise Unreadable(_("it is a bound, not a number: write the number itself."))
    *before, last = ARROWS.split(text)
    if any(";" in part for part in before) or any(_ANOTHER.search(part) for part in before[1:]):
        raise Unreadable(_("there is more than one number in it: write the answer alone."))
    return [*before, label_off(last)]


def label_off(text: str) -> str:
    """What stands behind a label and its colon."""
    label, colon, rest = text.rpartition(":")
    if not colon or is_to_one(text.strip("≈ ")):
        return text
    several = (":" in label and re.search(r"(?<![\w.])[0-9]", label)) or _AN_ANSWER.search(label)
    if several or not re.search(r"[^\W\d_]", label) or not rest.strip():
        raise Unreadable(_("what stands behind the colon is not clear: write the answer alone."))
    return rest


def without_quotes(text: str) -> str:
    """Without quotes, brackets and emphasis around it, and the sign that ends a sentence."""
    bare = text.strip(ROUND).rstrip(".;,! ").strip(ROUND)
    while len(bare) > 1 and bare[0] + bare[-1] in ("()", "[]"):
        bare = bare[1:-1].strip(ROUND)
    return bare


def as_times(text: str) -> tuple[str, bool]:
    """`20×` for `20 vezes mais MACs que a AlexNet`, and whether it says how many times fewer; others as they are."""
    times = re.fullmatch(r"[xX×] *([0-9].*)", text)
    if times is not None:
        return f"{times[1]}×", False
    times_as = _TIMES_AS.search(text)
    if times_as is None or not _is_compared((times_as["behind"] or "").split()):
        return text, False
    return f"{text[: times_as.start()]}×", not times_as["more"]


def _is_compared(words: Sequence[str]) -> bool:
    """Whether words say only what is counted, or what it is compared with: `MACs que a AlexNet`."""
    places = range(len(words) + 1)
    than = next((place for place in places if _THAN.match(" ".join(words[place:]))), len(words))
    return not than or bool(meanings(" ".join(words[:than]), None))
