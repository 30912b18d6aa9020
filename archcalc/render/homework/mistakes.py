"""What went wrong, in a sentence: a clause for each mistake, and where it was made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from archcalc.grading.mistakes.instead import CLAUSE, CLAUSE_OF_ONE, QUANTITIES
from archcalc.grading.mistakes.instead import clause_of as of_quantity
from archcalc.grading.mistakes.table import TABLE
from archcalc.grading.model import Cause, Diagnosis, Mistake
from archcalc.words.language import _, gettext, localized
from archcalc.words.text import printable

MOST_NAMED = 3
"""Layers and numbers that one sentence names where a class made the same mistake in several."""

MOST_OF_FACT = 200
"""Characters of a name that is put into a sentence."""


def sentence(diagnosis: Diagnosis | Cause | Mistake) -> str:
    """What went wrong, as a sentence in the language of the moment; empty where it is not known."""
    if isinstance(diagnosis, Diagnosis):
        clauses = [cause(found) for found in diagnosis.causes]
    else:
        clauses = [cause(diagnosis) if isinstance(diagnosis, Cause) else clause(diagnosis)]
    return _sentence(clauses)


def beside(code: str) -> str:
    """What is held against an answer beside a mistake in its value, as a sentence."""
    return _sentence([_said(code, {})])


def together(variants: Sequence[tuple[Cause, ...]]) -> str:
    """What several did wrong in the same way, in one sentence: it names every layer, number or unit of theirs.

    All variants are of the same codes: as many causes, in the same order, with as many mistakes each.
    """
    return _sentence(
        [
            _and([clause(*made) for made in zip(*(found.mistakes for found in causes), strict=True)])
            for causes in zip(*variants, strict=True)
        ]
    )


def cause(found: Cause) -> str:
    """One cause: its mistake, or both of them."""
    return _and([clause(made) for made in found.mistakes])


def clause(*made: Mistake) -> str:
    """A mistake and where it was made, as a part of a sentence; of several of one code all that they name."""
    first = made[0]
    facts = _merged([_facts(one) for one in made])
    scope = _alternatives([printable(one.scope) for one in made])
    said = _said(first.code, facts)
    # Where several are named, what else each might have been is too much for a sentence.
    also = facts.get("also", "") if len(set(made)) == 1 else ""
    if first.sort != "rule":
        return _("{clause} (or: {others})").format(clause=said, others=also) if also else said
    if "kind" in facts:
        return _("{clause} in the layers of the kind {kind}").format(clause=said, kind=facts["kind"])
    if "where" in facts:
        return _("{clause} in every layer").format(clause=said)
    if scope and also:
        return _("{clause} in {layer} (or in {others})").format(clause=said, layer=scope, others=also)
    return _("{clause} in {layer}").format(clause=said, layer=scope) if scope else said


def _sentence(clauses: Sequence[str]) -> str:
    if not clauses:
        return ""
    said = (
        clauses[0]
        if len(clauses) == 1
        else _("either {one}, or {other}").format(one=clauses[0], other=clauses[1])
    )
    return f"{said[0].upper()}{said[1:]}."


def _and(clauses: Sequence[str]) -> str:
    return f" {_('and')} ".join(clauses)


def _said(code: str, facts: Mapping[str, str]) -> str:
    """What a mistake is called, with its facts put in."""
    text = clause_of(code, facts)
    if text in (CLAUSE, CLAUSE_OF_ONE):
        given, _apart, asked = code.partition("-for-")
        facts = {**facts, "given": gettext(QUANTITIES[given]), "asked": gettext(QUANTITIES[asked])}
    return code.replace("-", " ") if text is None else gettext(text).format_map(_Facts(facts))


def named(code: str) -> str:
    """What a mistake is called where none was made: its facts are left as they are named, {layer}."""
    given, _apart, asked = code.partition("-for-")
    facts = {"given": QUANTITIES.get(given, ""), "asked": QUANTITIES.get(asked, "")}
    text = clause_of(code) or code
    return text.format_map(facts) if text in (CLAUSE, CLAUSE_OF_ONE) else text


def clause_of(code: str, facts: Mapping[str, str] = MappingProxyType({})) -> str | None:
    """What is said of a mistake, in English with its facts in braces; None for a code that is none."""
    row = TABLE.get(code)
    if row is not None:
        return next((row.variants[fact] for fact in facts.items() if fact in row.variants), row.clause)
    given, _apart, asked = code.partition("-for-")
    return of_quantity(given) if given in QUANTITIES and asked in QUANTITIES else None


def _facts(made: Mistake) -> dict[str, str]:
    """What a sentence about a mistake puts in, as the language of the moment writes it."""
    facts = {
        name: localized(fact) if name == "size" else printable(fact, MOST_OF_FACT)
        for name, fact in made.facts
    }
    if "factor" in facts:
        facts["factor"] = _factor(facts["factor"])
    if "axis" in facts:
        facts["axis"] = gettext(facts["axis"])
    return facts


def _merged(every: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The facts of several mistakes by their names, alternatives where they differ."""
    names = dict.fromkeys(name for facts in every for name in facts)
    return {name: _alternatives([facts[name] for facts in every if name in facts]) for name in names}


def _alternatives(words: Iterable[str]) -> str:
    """`conv1`, `conv1 or conv2`, `conv1, conv2, conv3 or 4 more`."""
    different = [word for word in dict.fromkeys(words) if word]
    more = len(different) - MOST_NAMED
    if more > 0:
        named = ", ".join(different[:MOST_NAMED])
        return _("{names} or {count} more").format(names=named, count=more)
    *before, last = different or [""]
    return f"{', '.join(before)} {_('or')} {last}" if before else last


class _Facts(dict[str, str]):
    """Facts by name; one that a mistake lacks is left as it is named."""

    def __missing__(self, name: str) -> str:
        return name


def _factor(text: str) -> str:
    """A factor as people say it: 1,000, or 1/1,000."""
    above, apart, below = text.partition("/")
    shown = localized(f"{int(above):,}")
    return f"{shown}/{localized(f'{int(below):,}')}" if apart else shown
