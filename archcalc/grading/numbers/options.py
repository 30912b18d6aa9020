"""Answers in words: one of the options of a choice, and yes or no."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from archcalc.grading.numbers.characters import Unreadable, folded
from archcalc.words.language import _
from archcalc.words.text import listing, quote

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
    "nao sei.",
    "sei la",
    "nao respondida",
    "nao respondido",
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
    "i forgot",
    "esqueci",
    "pulei",
    "sem tempo",
    *(
        f"{no} {verb}"
        for no in ("nao", "n")
        for verb in (
            *(
                "sei",
                "sei fazer",
                "sei responder",
                "sei como fazer",
                "lembro",
                "me lembro",
                "soube",
                "soube fazer",
            ),
            *("soube responder", "consegui", "consegui fazer", "fiz", "respondi", "deu tempo", "tive tempo"),
        )
    ),
    *(
        f"{subject}{verb}"
        for subject in ("", "i ")
        for verb in ("don't remember", "dont remember", "do not remember", "can't remember")
    ),
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
        "verdadeira",
        "verdade",
        "v",
        "cabe",
        "fits",
        "certo",
        "correto",
        "correta",
        "correct",
    )
) | {
    *("it fits", "e verdade", "that is true", "it does", "cabem", "encaixam", "encaixa"),
    *("ele cabe", "ela cabe", "ele encaixa", "ela encaixa"),
}
_NO = frozenset(
    ("nao", "n", "no", "false", "f", "falso", "falsa", "errado", "errada", "incorreto", "incorreta")
) | {
    *("incorrect", "wrong"),
    *("nao cabe", "nao cabem", "nao encaixa", "nao encaixam"),
    *("ele nao cabe", "ela nao cabe", "ele nao encaixa", "ela nao encaixa"),
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
_REASONS = re.compile(r"[,;.:–-]? *\b(?:pois|porque|por que|ja que|uma vez que|because|since)\b.*")
_INTRODUCTION = re.compile(
    r"(?:(?:resposta|answer|letra|letter|opcao|option|alternativa|alternative|item|choice)\b *[:=]? *|r *[:=] *)+"
)
_ARTICLE = re.compile(r"(?:o|a|os|as|the)(?: (?:rede|modelo|network|model))? +(?=\S)")
# Where one side is a word: VGG-16, VGG 16 and vgg16 are one, 3 - 2 and -2 stay what they are.
_JOINS = re.compile(r"(?<=[^\W\d_])[-_ ]+(?=\w)|(?<=[0-9])[-_ ]+(?=[^\W\d_])")
# Of yes and no, behind which a reason may stand.
_SEPARATOR = re.compile(r" *(?:[,;.:!(]| -+(?= ))")
_CONDITION = re.compile(
    r"\b(?:se|caso|mas|porem|depende|talvez|acho|quando|so|somente|apenas|ou|exceto|salvo|a menos|if|but|depends|"
    r"maybe|perhaps|unless|only|when|or|except|however|think)\b"
)
_DENIED = re.compile(
    r"\b(?:nao|not|nem|nunca|never|falso|falsa|false|errado|errada|wrong|incorret[oa]|incorrect)\b|n't\b"
)
_AFFIRMED = re.compile(r"\b(?:sim|yes|true|verdadeir[oa])\b|(?<!nao )(?<!not )\b(?:cabem?|encaixam?|fits?)\b")


def is_blank(text: str) -> bool:
    """Whether a trimmed answer says that there is none: nothing, `-`, `?`, `n/a`, `não sei`."""
    # A blank has no number in it.
    if len(text) > 40 or "0" <= text[:1] <= "9":
        return False
    return not text.strip("-–—−_.…?*'\"/ ") or folded(text.replace("\u2019", "'")).rstrip("!? ") in BLANKS


def option(text: str, labels: Sequence[str], texts: Sequence[str]) -> tuple[str, ...]:
    """The label of the option that `text` names by its label or by its text. Raises Unreadable.

    Several where several options have that text.
    """
    if text in labels:
        return (text,)
    by_label = {folded(label): label for label in labels}
    by_text = {label: folded(its) for label, its in zip(labels, texts, strict=False)}
    said = folded(text)
    for answer in (said, _REASONS.sub("", said, count=1)):
        bare = answer.strip("'\"*`. !()[]")
        introduced = _INTRODUCTION.sub("", bare, count=1).strip("'\"() .")
        for name in (answer, bare, introduced):
            meant = _named(name, by_label, by_text)
            if meant:
                return meant
        for name in (bare.strip("'\"*`. !["), answer.lstrip("(["), introduced):
            meant = _labelled(name, by_label, by_text)
            if meant:
                return meant
    raise Unreadable(
        _("it is none of the options: write one of {labels}.").format(labels=listing(labels, last=_("or")))
    )


def _named(name: str, by_label: Mapping[str, str], by_text: Mapping[str, str]) -> tuple[str, ...]:
    """The labels of the options that a folded name is of: exactly, or but for spaces and hyphens."""
    if name in by_label:
        return (by_label[name],)
    if not name:
        return ()
    exact = tuple(label for label, its in by_text.items() if its == name)
    if exact:
        return exact
    joined = _joined(name)
    alike = tuple(label for label, its in by_text.items() if _joined(its) == joined)
    return alike or tuple(
        label for folded_label, label in by_label.items() if _joined(folded_label) == joined
    )


def _labelled(name: str, by_label: Mapping[str, str], by_text: Mapping[str, str]) -> tuple[str, ...]:
    """The options of a label with its text or a remark behind it: `a) VGG-16`, `a - VGG-16`, `a (a maior)`.

    `a VGG-16` is a label or the article of Portuguese: where it is not clear which, both. None where the label and
    what stands behind it contradict each other.
    """
    found: dict[str, None] = {}
    article = _ARTICLE.match(name)
    if article is not None:
        found |= dict.fromkeys(_named(name[article.end() :], by_label, by_text))
    for folded_label, label in by_label.items():
        rest = name.removeprefix(folded_label)
        if rest == name or rest[:1].isalnum():
            continue
        behind = rest.lstrip(" )].:,=-(")
        sign = rest[: len(rest) - len(behind)].strip()
        behind = behind.strip(" '\"*`.!()[]")
        meant = _named(behind, by_label, by_text)
        if label in meant:
            return (label,)
        if found and not sign and folded_label in ("a", "o"):
            found[label] = None
        if sign == "(" and not meant and not _is_of_others(behind, label, by_text):
            return (label,)
    return tuple(found)


def _is_of_others(remark: str, label: str, by_text: Mapping[str, str]) -> bool:
    """Whether a remark is a part of the texts of other options, and not of the one with this label."""
    part = _joined(remark)
    inside = {other for other, its in by_text.items() if len(part) > 1 and part in _joined(its)}
    return bool(inside) and label not in inside


def _joined(text: str) -> str:
    return _JOINS.sub("", text)


def truth(text: str) -> bool:
    """Whether `text` says yes. What stands behind that is its reason, which may neither deny it nor set a condition.

    Raises Unreadable.
    """
    whole = _INTRODUCTION.sub("", folded(text).strip(" '\"*`([").removesuffix(")"), count=1)
    said = _REASONS.sub("", whole, count=1).strip(" '\"*`()[]")
    separator = _SEPARATOR.search(said)
    verdict = (said[: separator.start()] if separator else said).strip(" '\"*`()[]")
    behind = (said[separator.end() :] if separator else "").strip(" '\"*`()[].!")
    is_yes = verdict in _YES
    if not (is_yes or verdict in _NO) or not _goes_with(is_yes, behind):
        raise Unreadable(_("{text} is neither yes nor no: write one of the two.").format(text=quote(text)))
    return is_yes


def _goes_with(is_yes: bool, behind: str) -> bool:
    """Whether what stands behind a verdict may be its reason."""
    parts = {part.strip(" '\"*`()[]") for part in re.split("[,;.:!]", behind)}
    against = (_NO, _DENIED) if is_yes else (_YES, _AFFIRMED)
    return not (_CONDITION.search(behind) or parts & against[0] or against[1].search(behind))
