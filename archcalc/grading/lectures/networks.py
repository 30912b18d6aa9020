"""The networks that decks speak of: those of a sheet, and all of the catalogue, each built when it is first asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from archcalc.grading.assignments.networks import Declared, Numbers
from archcalc.network.expansion import expand
from archcalc.network.network import Network
from archcalc.results.analysis import analyse
from archcalc.results.asked import Name
from archcalc.results.counts import Convention
from archcalc.results.quantities import Answer
from archcalc.results.report import Report
from archcalc.spec import catalog


class Networks(Mapping[str, Network]):
    """Networks by name: a sheet's own before those of the catalogue. Only those that were asked for are built."""

    def __init__(self, declared: Mapping[str, Declared]) -> None:
        self.declared = declared
        self.built: dict[str, Network] = {}

    def __getitem__(self, name: str) -> Network:
        if name not in self.built:
            if name not in self:
                raise KeyError(name)
            own = self.declared.get(name)
            self.built[name] = _of_catalogue(name) if own is None else own.build()
        return self.built[name]

    def __contains__(self, name: object) -> bool:
        return name in self.declared or name in _names()

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self.declared, *_names())))

    def __len__(self) -> int:
        return len({*self.declared, *_names()})


class _Numbers(Numbers):
    """Numbers that decks share where they are of the catalogue."""

    def __init__(self, networks: Networks) -> None:
        super().__init__(networks)
        self.declared = networks.declared

    def report(self, name: str, convention: Convention) -> Report:
        return super().report(name, convention) if name in self.declared else _report(name, convention)


class Known:
    """The networks of a deck with their numbers, each counted once for a convention."""

    def __init__(self, declared: Mapping[str, Declared]) -> None:
        self.networks = Networks(declared)
        self.numbers = _Numbers(self.networks)

    def read(self, name: Name, convention: Convention) -> Answer:
        """The number or shape that a name stands for. Raises QuantityError where there is none."""
        return self.numbers.read(name, convention)


@cache
def _of_catalogue(name: str) -> Network:
    """A network of the catalogue, which is the same for every deck."""
    return expand(catalog.load_spec(name))


@cache
def _report(name: str, convention: Convention) -> Report:
    return analyse(_of_catalogue(name), convention)


@cache
def _names() -> frozenset[str]:
    return frozenset(catalog.names())
