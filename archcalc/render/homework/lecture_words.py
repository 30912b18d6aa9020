"""What is said of the statements of a deck: verdicts, right values and reasons in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction

from archcalc.algebra.units import WrittenNumber
from archcalc.grading.lectures.model import (
    Deck,
    Follows,
    JudgedFigure,
    JudgedStatement,
    NotCalculated,
    OfAnother,
    OwnTerms,
    Reason,
    Slip,
    Topic,
    Verdict,
)
from archcalc.render.documents.labels import exact_or_near
from archcalc.render.homework import mistakes
from archcalc.render.homework.answers import answer
from archcalc.results.asked import Name
from archcalc.results.quantities import Answer
from archcalc.words.language import _, decimal, gettext, marked, number
from archcalc.words.text import listing

VERDICTS: Mapping[Verdict, str] = {
    "right": marked("right"),
    "rounded": marked("right as rounded"),
    "truncated": marked("right as truncated"),
    "terms": marked("right from its own rounded terms"),
    "wrong": marked("wrong"),
    "not calculated": marked("not a matter of calculation"),
}

SHORT: Mapping[Verdict, str] = {
    "right": marked("right"),
    "rounded": marked("rounded"),
    "truncated": marked("truncated"),
    "terms": marked("own terms"),
    "wrong": marked("wrong"),
    "not calculated": marked("not calculated"),
}
"""The verdicts where there is room for a word or two."""

TOPICS: Mapping[Topic, str] = {
    "shapes": marked("shapes"),
    "parameters": marked("parameters"),
    "multiplications": marked("multiplications"),
    "memory": marked("memory"),
    "layers": marked("layers and their settings"),
    "ratios": marked("ratios"),
    "receptive field": marked("receptive field"),
    "other": marked("other"),
}

NOT_CALCULATED: Mapping[NotCalculated, str] = {
    "measured": marked("measured"),
    "date": marked("a date"),
    "fact": marked("a fact of history"),
    "hyperparameter": marked("chosen for training or design"),
    "name": marked("part of a name or definition"),
    "example": marked("a value of an example"),
    "beyond": marked("beyond what is calculated here"),
}

_SLIPS = {
    "changed": marked("One digit is another: {says} for {right}."),
    "missing": marked("A digit is missing: {says} for {right}."),
    "added": marked("A digit too many: {says} for {right}."),
    "swapped": marked("Two digits have changed places: {says} for {right}."),
}

_SIDE = re.compile(r"[0-9]+")
_SIDES = re.compile(r"\s*[0-9]+(?:\s*[x×]\s*[0-9]+)+\s*")
"""A size that a setting has along every axis: 3x3."""
_BINARY = (1 << 10, 1 << 20, 1 << 30)
"""What a prefix may stand for instead of 1,000 and its powers."""

_PREFIXED = re.compile(r"[≈~±\s]*([0-9]+)(?:[.,]([0-9]+))?\s*(?:[kKMGT]|mil\b|milh)")


def deck_title(deck: Deck) -> str:
    """A deck as it is called: `Deck 5 (PUCRS): Convolutional networks`."""
    place = f" ({deck.institution})" if deck.institution else ""
    return _("Deck {number}{place}: {title}").format(
        number=deck.number, place=place, title=gettext(deck.title)
    )


def verdict(judged: JudgedStatement) -> str:
    """The verdict on a statement, and for what is not calculated why that is."""
    words = gettext(VERDICTS[judged.verdict])
    why = judged.statement.not_calculated
    return words if why is None else f"{words}: {gettext(NOT_CALCULATED[why])}"


def right(judged: JudgedFigure) -> str:
    """The right answer to a figure, exactly, and where the figure has a prefix in that too: `9,472 (9.25K)`."""
    key = judged.right
    sides = _SIDES.fullmatch(judged.figure.says)
    if sides is not None and isinstance(key, int):
        return "×".join([str(key)] * len(_SIDE.findall(sides[0])))
    shown = answer(judged.figure.question, key)
    written = judged.figure.written
    if isinstance(written, WrittenNumber) and isinstance(key, int | Fraction):
        near = _as_prefixed(written, Fraction(key))
        if written.unit == "B":
            shown = f"{shown} B"
        elif _is_macs(judged):
            # What a deck calls FLOPs may be these.
            shown = f"{shown} MACs"
        if near:
            return f"{shown} ({near})"
    return shown


def _is_macs(judged: JudgedFigure) -> bool:
    """Whether what is right is a number of MACs, which the figure does not say of itself."""
    question, written = judged.figure.question, judged.figure.written
    root = None if question.asked is None else question.asked.root
    is_bare = isinstance(written, WrittenNumber) and written.unit is None and question.unit is None
    return is_bare and isinstance(root, Name) and root.quantity.rpartition(".")[2] == "macs"


def right_values(judged: JudgedStatement) -> str:
    """The right answers to all figures of a statement."""
    return "; ".join(map(right, judged.figures))


def why(judged: JudgedFigure, *, noted: bool = False) -> str:
    """Why a figure is wrong, in a sentence or several; `noted` says that a note about it stands below."""
    found = [_reason(reason) for reason in judged.reasons]
    if judged.verdict == "wrong" and not any(
        isinstance(reason, Follows | OfAnother | Slip) or not isinstance(reason, OwnTerms) or reason.misfits
        for reason in judged.reasons
    ):
        found.append(_("Not found by calculation; see the note.") if noted else _("Why is not known."))
    return " ".join(found)


def reasons(judged: JudgedStatement) -> Iterator[tuple[str, str]]:
    """For every figure that is wrong: what it says with the right value, and why."""
    noted = bool(judged.statement.about)
    for figure in judged.wrong:
        reason = why(figure, noted=noted)
        if agrees_itself(figure):
            yield _("{says}: the working does not come to it").format(says=figure.figure.says), reason
        else:
            says = figure.figure.says
            yield _("{says}: right is {value}").format(says=says, value=right(figure)), reason
    if judged.verdict == "terms":
        for figure in judged.figures:
            if figure.verdict == "terms" and figure.terms is not None:
                yield (
                    _("{says}: unrounded it is {value}").format(says=figure.figure.says, value=right(figure)),
                    _("Its terms are rounded, and come to {value}.").format(value=_value(figure.terms)),
                )


def agrees_itself(judged: JudgedFigure) -> bool:
    """Whether a figure is right, and only the working that the deck shows for it is not."""
    return any(isinstance(reason, OwnTerms) and reason.says_right for reason in judged.reasons)


def _reason(reason: Reason) -> str:
    if isinstance(reason, OwnTerms):
        said = _("Its own terms come to {value}.").format(value=_value(reason.value))
        stands = [
            _("{says} stands where {quantity} is {right}.").format(
                says=misfit.says, quantity=misfit.quantity, right=_value(misfit.right)
            )
            for misfit in reason.misfits
        ]
        return " ".join((said, *stands))
    if isinstance(reason, Follows):
        others = [f"{says} ({statement})" for says, statement in reason.figures]
        return _("It follows from {others}, which is wrong itself.").format(others=listing(others, _("and")))
    if isinstance(reason, OfAnother):
        return _("It is the figure that the deck gives for {network} ({statement}).").format(
            network=reason.network, statement=reason.statement
        )
    if isinstance(reason, Slip):
        return gettext(_SLIPS[reason.how]).format(says=reason.says, right=reason.right)
    return mistakes.sentence(reason)


def _value(value: Answer) -> str:
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return exact_or_near(Fraction(value))
    return str(value) if not isinstance(value, tuple) else "×".join(map(str, value))


def _as_prefixed(written: WrittenNumber, key: Fraction) -> str:
    """The right value with the prefix that a figure has, to one digit more; empty without one."""
    says = written.text
    match = _PREFIXED.match(says)
    mantissa = Fraction(f"{match[1]}.{match[2] or '0'}") if match else Fraction(0)
    if match is None or not mantissa:
        return ""
    scale = written.value / mantissa
    digits = len(match[2] or "") + 1
    behind = says[match.end(2 if match[2] else 1) :].strip()
    gap = "" if says[match.end(2 if match[2] else 1) :].startswith(behind) else " "
    near = f"{decimal(key / scale, digits)}{gap}{behind}"
    if scale in _BINARY and "i" not in behind:
        text = _("{number}, with {prefix} = {size}")
        return text.format(number=near, prefix=behind[:1], size=number(int(scale)))
    return near
