"""Answers in words: one of the options of a choice, and yes or no."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archcalc.grading.numbers.characters import Unreadable, folded
from archcalc.language import _
from archcalc.text import listing, quote

BLANKS = frozenset(
    (
        "n/a",
        "na",
        "n.a.",
        "n.a",
        "n/d",
        "n.d.",
        "nd",
        "null",
        "nan",
        "#n/a",
        "nil",
        "blank",
        "empty",
        "vazio",
        "idk",
    )
) | {
    "em branco",
    "(em branco)",
    "(blank)",
    "deixei em branco",
    "nao sei",
    "nao sei.",
    "sei la",
    "nao fiz",
    "nao respondi",
    "nao respondida",
    "nao respondido",
    "nao consegui",
    "sem resposta",
    "no answer",
    "no response",
    "not answered",
    "unanswered",
    "no idea",
    "don't know",
    "dont know",
    "i don't know",
    "i dont know",
    "do not know",
    "i do not know",
    "not known",
    "unknown",
}
"""What is written where there is no answer, folded; beside it, nothing but dashes, points and question marks."""

_YES = frozenset(
    (
        "sim",
        "s",
        "yes",
        "y",
        "true",
        "t",
        "verdadeiro",
        "verdade",
        "v",
        "cabe",
        "fits",
        "certo",
        "correto",
        "correct",
    )
) | {"it fits", "ele cabe", "ela cabe", "e verdade", "that is true", "it does", "cabem"}
_NO = frozenset(("nao", "n", "no", "false", "f", "falso", "errado", "incorreto", "incorrect", "wrong")) | {
    "nao cabe",
    "nao cabem",
    "ele nao cabe",
    "ela nao cabe",
    "does not fit",
    "doesn't fit",
    "doesnt fit",
    "it does not fit",
    "it doesn't fit",
    "it does not",
    "it doesn't",
    "not true",
    "nao e verdade",
}
_REASONS = re.compile(r"[,;.:–-]? *\b(?:pois|porque|por que|ja que|uma vez que|because|since|as)\b.*")
_INTRODUCTION = re.compile(
    r"(?:(?:resposta|answer|letra|letter|opcao|option|alternativa|alternative|item|choice)\b *[:=]? *)+"
)


def is_blank(text: str) -> bool:
    """Whether a trimmed answer says that there is none: nothing, `-`, `?`, `n/a`, `não sei`."""
    if len(text) > 40:
        return False
    return not text.strip("-–—−_.…?*'\"/ ") or folded(text.replace("\u2019", "'")).rstrip("!? ") in BLANKS


def option(text: str, labels: Sequence[str], texts: Sequence[str]) -> tuple[str, ...]:
    """The label of the option that `text` names by its label or by its text. Raises Unreadable.

    Several where several options have that text.
    """
    if text in labels:
        return (text,)
    by_label = {folded(label): label for label in labels}
    said = folded(text)
    bare = said.strip("'\"*`. !()[]")
    for name in (said, bare, _INTRODUCTION.sub("", bare, count=1).strip("'\"() .")):
        if name in by_label:
            return (by_label[name],)
        meant = tuple(
            label for label, its in zip(labels, texts, strict=False) if name and folded(its) == name
        )
        if meant:
            return meant
    # `a) AlexNet` names one twice over.
    first, bracket, rest = said.lstrip("(").partition(")")
    label = by_label.get(first.strip())
    its_text = dict(zip(labels, texts, strict=False)).get(label or "", None)
    if bracket and label is not None and its_text is not None and folded(its_text) == rest.strip(" -:."):
        return (label,)
    raise Unreadable(
        _("it is none of the options: write one of {labels}.").format(labels=listing(labels, last=_("or")))
    )


def truth(text: str) -> bool:
    """Whether `text` says yes. A reason behind it is not read. Raises Unreadable."""
    said = _REASONS.sub("", folded(text), count=1)
    parts = [part.strip(" '\"*`()[]") for part in re.split("[,;.:!]", said)]
    verdicts = {part in _YES for part in parts if part in _YES | _NO}
    if len(verdicts) != 1 or any(part and part not in _YES | _NO for part in parts):
        raise Unreadable(_("{text} is neither yes nor no: write one of the two.").format(text=quote(text)))
    return verdicts.pop()
