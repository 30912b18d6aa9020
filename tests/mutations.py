"""Break every row of the table of mistakes on purpose, and see whether its examples notice: `make mutations`.

    python tests/mutations.py            every row broken in every way
    python tests/mutations.py CODE …     these rows only

Each way of a mistake is made to do nothing, and then what another row does; the clause is swapped for another's; what
is seldom made is made often, and the other way round. A broken row that its own examples still find right is a
survivor, and the script leaves with 1. How often a mistake is made shows only where another explains the same answer,
so those that do not show are counted and not held against the table.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from mistake_examples import faults

from archcalc.grading.mistakes.rows import KnownMistake, Rarity
from archcalc.grading.mistakes.table import TABLE
from archcalc.grading.mistakes.ways import Beside, InJoin, InPick, InRules

OTHER_RARITY: dict[Rarity, Rarity] = {"often": "sometimes", "sometimes": "seldom", "seldom": "sometimes"}


class Mutant(NamedTuple):
    """A row with one thing broken in it."""

    row: KnownMistake
    broken: str
    """What is: `change`, `clause`, `rarity`."""
    how: str


def mutants(row: KnownMistake) -> Iterator[Mutant]:
    """A row broken in every way, one at a time."""
    for number, way in enumerate(row.ways):
        if isinstance(way, Beside):
            continue  # what judging finds has no change of its own
        for how, other in (("does nothing", idle(way)), ("does what another does", another(row, way))):
            ways = (*row.ways[:number], other, *row.ways[number + 1 :])
            yield Mutant(row.but(ways=ways), "change", f"way {number + 1} {how}")
    clauses = [one.clause for one in TABLE.values() if one.clause != row.clause]
    yield Mutant(row.but(clause=clauses[0], variants={}), "clause", "says what is said of another")
    rarity = OTHER_RARITY[row.rarity]
    yield Mutant(row.but(rarity=rarity), "rarity", f"is made {rarity}, not {row.rarity}")


def idle(way: Any) -> Any:
    """A way in which nothing is done otherwise."""
    if isinstance(way, InRules):
        return InRules(lambda _: None)
    if isinstance(way, InJoin):
        return InJoin(lambda shapes, _: shapes)
    if isinstance(way, InPick):
        return InPick(lambda *_: "")
    return _with(way, lambda *_: ())


def another(row: KnownMistake, way: Any) -> Any:
    """What the next row of the table with a way of that sort does, in the same places; nothing where there is none."""
    codes = list(TABLE)
    place = codes.index(row.code)
    for code in (*codes[place + 1 :], *codes[:place]):
        for other in TABLE[code].ways:
            if type(other) is type(way) and not isinstance(other, Beside):
                return _with(way, other.change)
    return idle(way)


def _with(way: Any, change: Callable[..., Any]) -> Any:
    return way._replace(change=change)


@contextmanager
def put_in(row: KnownMistake) -> Iterator[None]:
    """The table with a broken row in it."""
    right = TABLE[row.code]
    TABLE[row.code] = row
    try:
        yield
    finally:
        TABLE[row.code] = right


def noticed(mutant: Mutant) -> bool:
    """Whether the examples of a broken row find fault with it."""
    with put_in(mutant.row):
        return any(True for _ in faults(mutant.row))


def main(codes: list[str]) -> int:
    """Break every row, or those of `codes`, and say which survived."""
    unknown = [code for code in codes if code not in TABLE]
    if unknown:
        print(f"no mistake is called {', '.join(unknown)}")
        return 2
    start, tried, found = time.perf_counter(), dict.fromkeys(("change", "clause", "rarity"), 0), []
    for code in codes or list(TABLE):
        for mutant in mutants(TABLE[code]):
            tried[mutant.broken] += 1
            if not noticed(mutant):
                found.append(mutant)
    survivors = [mutant for mutant in found if mutant.broken != "rarity"]
    for mutant in survivors:
        print(f"survived: {mutant.row.code} {mutant.how}")
    quiet = len(found) - len(survivors)
    print(
        f"{tried['change']} changes and {tried['clause']} clauses broken, {len(survivors)} survived; "
        f"how often a mistake is made turned round {tried['rarity']} times, {tried['rarity'] - quiet} noticed "
        f"and {quiet} that nothing else explains ({time.perf_counter() - start:.0f} s)"
    )
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
