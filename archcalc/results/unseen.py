"""Why a layer has no receptive field: it sees everything or nothing, has no positions, or it is not known."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from archcalc.algebra.shapes import described
from archcalc.layers import KINDS
from archcalc.results.receptive_field import Cause
from archcalc.results.report import Report, Row


class Reason(StrEnum):
    """The cases in which there are no numbers; their words are those of CSV."""

    EVERYTHING = "everything"
    """A layer on the way takes all positions together: global pooling, linear behind flatten."""
    NO_POSITIONS = "no positions"
    """The input is a vector, or tokens of features: there is nothing for a window to stand on."""
    NOTHING = "nothing"
    """It depends on parameters alone."""
    UNKNOWN = "unknown"
    """A layer on the way puts positions, or takes some of them together, as no window describes."""
    STRIDES = "several strides"
    """Branches whose windows move differently were joined on the way."""
    TOO_LARGE = "too large"
    """A number of it exceeds 10¹²."""


class Unseen(NamedTuple):
    """Why a layer has no receptive field."""

    reason: Reason
    cause: Cause | None = None
    """The layer that it is because of; for EVERYTHING and UNKNOWN."""


def unseen(report: Report) -> list[Unseen | None]:
    """For each row why it has no receptive field; None for one that has."""
    found: dict[str, Unseen | None] = {}
    bare = {row.name for row in report.rows if not row.sources}
    for row in report.rows:
        if row.sources and all(source in bare for source in row.sources):
            bare.add(row.name)
        field = row.receptive_field
        if field is not None:
            found[row.name] = None
            if field.size is None:
                reason = Reason.TOO_LARGE if field.aligned else Reason.STRIDES
                found[row.name] = Unseen(Reason.UNKNOWN, field.lost) if field.lost else Unseen(reason)
        elif row.name in bare:
            found[row.name] = Unseen(Reason.NOTHING)
        else:
            came = [found.get(source) for source in row.sources if source not in bare]
            whole = (
                each for each in came if each and each.reason in (Reason.EVERYTHING, Reason.NO_POSITIONS)
            )
            found[row.name] = next(whole, None) or _whole(report, row)
    return list(found.values())


def _whole(report: Report, row: Row) -> Unseen:
    """Why the first layer on its way has none."""
    if len(report.input) == 1 or (len(report.input) == 2 and _reads_tokens(report, row)):
        return Unseen(Reason.NO_POSITIONS)
    return Unseen(Reason.EVERYTHING, Cause(row.name, row.kind))


def _reads_tokens(report: Report, row: Row) -> bool:
    """Whether two axes are tokens of features to a layer, and nothing has slid a window over them before."""
    before = report.rows[: report.rows.index(row)]
    slid = any(KINDS[each.kind].slides for each in before)
    return not slid and KINDS[row.kind].reads_tokens()


def sentence_of(row: Row, why: Unseen, report: Report) -> str:
    """Why a layer has no receptive field, as a sentence of an error."""
    name, cause = row.name, why.cause
    if why.reason is Reason.EVERYTHING and cause is not None:
        through = f"{cause.kind} takes" if cause.layer == name else f"{cause.layer} ({cause.kind}) takes"
        return f"{name} sees all positions of the input: {through} them together."
    if why.reason is Reason.UNKNOWN and cause is not None:
        return (
            f"the receptive field of {name} is not known: {cause.layer} ({cause.kind}) puts positions "
            "where no window describes them."
        )
    if why.reason is Reason.NO_POSITIONS:
        read = ", read as tokens of features," if len(report.input) > 1 else ""
        return f"{name} has no receptive field: an input of {described(report.input)}{read} has no positions."
    if why.reason is Reason.NOTHING:
        return f"{name} sees nothing of the input: it depends on parameters alone."
    reason = (
        "a number of it exceeds 10¹²"
        if why.reason is Reason.TOO_LARGE
        else "branches that move differently are joined before it"
    )
    return f"{name} has no single receptive field: {reason}."


def last_seen(report: Report, row: Row) -> str | None:
    """The nearest layer before one that has a receptive field."""
    rows = {each.name: each for each in report.rows}
    ahead = list(row.sources)
    done: set[str] = set()
    while ahead:
        name = ahead.pop(0)
        before = rows.get(name)
        if before is None or name in done:
            continue
        done.add(name)
        if before.receptive_field is not None and before.receptive_field.size is not None:
            return name
        ahead += before.sources
    return None
