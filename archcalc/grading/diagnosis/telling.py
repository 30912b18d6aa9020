"""What is told of the mistakes that lead to an answer: one cause, either of two, or none where they are more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from archcalc.grading.diagnosis.summands import Candidate
from archcalc.grading.diagnosis.tiers import Tier
from archcalc.grading.mistakes.table import TABLE
from archcalc.grading.mistakes.ways import OfNeighbour
from archcalc.grading.model import NOT_KNOWN, Cause, Diagnosis

_MOST_TOLD = 2


class Considered(NamedTuple):
    """What an answer is told to come from, and the causes that were found and are too many to be told."""

    diagnosis: Diagnosis
    untold: tuple[Cause, ...] = ()

    @property
    def found(self) -> bool:
        """Whether there is any cause."""
        return bool(self.diagnosis.causes or self.untold)


NOTHING = Considered(NOT_KNOWN)


def searched(
    tiers: Iterator[Tier],
    find: Callable[[Tier], Sequence[Candidate]],
    believed: Callable[[Tier], bool],
) -> Considered | None:
    """What the first tier that holds an answer says about it, nothing where that is not believed; None if none does."""
    for tier in tiers:
        found = find(tier)
        if not found:
            continue
        if not believed(tier):
            return NOTHING
        if tier.name == "far" and not tier.rare and all(_is_guessed(c) for c in found):
            rest = next(tiers, None)
            found = [*found, *(find(rest) if rest is not None else ())]
        considered = told(causes_of(found))
        if tier.name != "near":
            return considered
        return considered._replace(diagnosis=_with_carried(considered.diagnosis, tiers, find))
    return None


def _is_guessed(candidate: Candidate) -> bool:
    """Whether a number was taken from another layer, of which so many are tried that the layer itself is as likely."""
    return all(
        any(isinstance(way, OfNeighbour) for way in TABLE[made.code].ways) for made in candidate.mistakes
    )


def _with_carried(
    told: Diagnosis, tiers: Iterator[Tier], find: Callable[[Tier], Sequence[Candidate]]
) -> Diagnosis:
    """A single mistake in a rule, or another one that was made in a layer before and carried on."""
    if len(told.causes) != 1 or told.causes[0].mistakes[0].sort != "rule":
        return told
    (cause,) = told.causes
    far = next((tier for tier in tiers if tier.name == "far"), None)
    carried = [
        c
        for c in (find(far) if far else ())
        if c.mistakes[0].sort == "rule"
        and not c.mistakes[0].facts
        and c.mistakes[0].code != cause.mistakes[0].code
    ]
    others = causes_of(carried)
    return Diagnosis((cause, *others)) if len(others) == 1 else told


def causes_of(found: Iterable[Candidate]) -> list[Cause]:
    """The candidates as causes: those with the same mistakes, made in several places, are one."""
    alike: dict[tuple[str, ...], list[Candidate]] = {}
    for candidate in found:
        alike.setdefault(tuple(sorted(made.code for made in candidate.mistakes)), []).append(candidate)
    return [_one(candidates) for candidates in alike.values()]


def _one(candidates: list[Candidate]) -> Cause:
    """One cause for candidates of the same mistakes: the narrowest place, the others among its facts."""
    first = min(candidates, key=lambda c: sum(not made.scope for made in c.mistakes))
    others = {
        place: None
        for candidate in candidates
        for made in candidate.mistakes
        if (place := made.scope or made.elsewhere)
    }
    mine = first.mistakes[0]
    place = mine.scope or mine.elsewhere
    if len(first.mistakes) == 1 and len(others) > 1 and place:
        also = ", ".join(other for other in others if other != place)
        mine = mine._replace(facts=(*mine.facts, ("also", also)))
        return Cause((mine,), first.value)
    return Cause(first.mistakes, first.value)


def told(causes: Sequence[Cause]) -> Considered:
    """One cause or two; of more those in the layer itself, if they are so few and one is common."""
    if len(causes) > _MOST_TOLD:
        here = [c for c in causes if not any(TABLE[made.code].elsewhere for made in c.mistakes)]
        common = any(TABLE[made.code].rarity == "often" for cause in here for made in cause.mistakes)
        if not common or len(here) > _MOST_TOLD:
            return Considered(NOT_KNOWN, tuple(causes))
        causes = here
    return Considered(Diagnosis(tuple(causes)))
