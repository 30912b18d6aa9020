"""The networks of an assignment: where they come from, and the numbers in them."""

from __future__ import annotations

import os
from collections.abc import Collection
from collections.abc import Mapping as MappingOf
from fractions import Fraction
from typing import Any, NamedTuple

from archcalc.grading.assignments import fields
from archcalc.layers.base import Shape
from archcalc.network.expansion import expand
from archcalc.network.network import Network
from archcalc.results.analysis import analyse
from archcalc.results.asked import Name
from archcalc.results.counts import Convention
from archcalc.results.quantities import Answer, measure
from archcalc.results.report import Report
from archcalc.spec import catalog
from archcalc.spec.imports import Imports, beside
from archcalc.spec.nodes import mapping, text_of
from archcalc.spec.parsing import parse
from archcalc.spec.reader import Mapping, Node, Scalar, Sequence, load_file
from archcalc.spec.spec import Spec
from archcalc.spec.values import Values, input_shape, value_of
from archcalc.words.errors import ArchcalcError, MisfitError, Place, QuantityError, SpecError
from archcalc.words.text import did_you_mean, listing, quote

MOST_NETWORKS = 64

CHANGES = ("network", "set", "input")
"""The keys of a network that is another with something changed."""


class Home(NamedTuple):
    """Where an assignment lies."""

    folder: str
    """The folder that the paths in it start from."""
    shown: str
    """How messages call that folder; empty for the current one."""


class Declared(NamedTuple):
    """A network as the assignment has it, not built yet."""

    spec: Spec
    shape: Shape | None
    parameters: Values
    place: Place

    def build(self, *, strict: bool = False) -> Network:
        """The network. `strict` asks every window to fit, whatever the spec says. Raises ArchcalcError."""
        spec = self.spec._replace(strict=True) if strict else self.spec
        try:
            return expand(spec, self.shape, self.parameters)
        except ArchcalcError as error:
            raise error.at(self.place) from None


class Numbers:
    """The numbers of networks, each counted once for a convention."""

    def __init__(self, networks: MappingOf[str, Network], misfits: Collection[str] = ()) -> None:
        self.networks = networks
        self.misfits = misfits
        """The names of those that cannot be built, because a window does not fit."""
        self.reports: dict[tuple[str, Convention], Report] = {}

    def called(self, name: str | None) -> str:
        """The network that a question means by `name`: without one, the only one there is.

        Raises QuantityError.
        """
        known = listing(self.networks, "and")
        if name is None:
            if len(self.networks) == 1:
                return next(iter(self.networks))
            raise QuantityError(
                "of which network is not said, and the assignment has several."
                if self.networks
                else "the assignment has no network.",
                hint=f"Put it in front, as in {next(iter(self.networks))}:total.params. There are {known}."
                if self.networks
                else "Name one under `networks:`, as in `networks: {alexnet: alexnet}`.",
            )
        if name in self.misfits:
            raise QuantityError(
                f"{quote(name)} does not fit, and has no numbers.",
                hint="Ask for them in a network without `strict: true`.",
            )
        if name not in self.networks:
            raise QuantityError(
                f"the assignment has no network {quote(name)}.",
                hint=did_you_mean(name, self.networks) or f"It has {known or 'none'}: see `networks:`.",
            )
        return name

    def report(self, name: str, convention: Convention) -> Report:
        """Everything counted about one network by a convention."""
        key = name, convention
        if key not in self.reports:
            self.reports[key] = analyse(self.networks[name], convention)
        return self.reports[key]

    def read(self, name: Name, convention: Convention) -> Answer:
        """The number or shape that a name stands for. Raises QuantityError where there is none."""
        network = self.called(name.network)

        def report_at(batch: int | None) -> Report:
            return self.report(network, convention if batch is None else convention._replace(batch=batch))

        found: Any = measure(name.quantity, report_at)
        # Fields such as the rate of dropout are floats, all with few decimals.
        return Fraction(str(found)) if isinstance(found, float) else found


def declared(node: Node | None, home: Home, file: str) -> dict[str, Declared]:
    """The networks under `networks:`, by name: a mapping, a list of names of the catalogue, or just one.

    Raises ArchcalcError with its place.
    """
    if node is None:
        return {}
    entries: list[tuple[Node, Node]]
    if isinstance(node, Scalar):
        entries = [(node, node)]
    elif isinstance(node, Sequence):
        entries = [(item, item) for item in node.items]
    else:
        entries = [(key, value) for key, value in node.entries]
    if len(entries) > MOST_NETWORKS:
        raise SpecError(
            f"an assignment has at most {MOST_NETWORKS} networks, not {len(entries)}.",
            hint="Split it.",
            place=node.place,
        )
    found: dict[str, Declared] = {}
    for key, value in entries:
        name = fields.name(key, "the name of a network", ".")
        if name in found:
            raise SpecError(f"there are two networks {quote(name)}.", hint="Leave one out.", place=key.place)
        found[name] = _declared(name, value, home, file)
    return found


def _declared(name: str, node: Node, home: Home, file: str) -> Declared:
    if isinstance(node, Mapping) and node.get("network") is None:
        if node.get("layers") is None:
            raise SpecError(
                f"the network {quote(name)} has neither `network:` nor `layers:`.",
                hint="Name one, as in `{network: vgg16, set: {classes: 10}}`, or write a spec: "
                "`{input: [1, 7, 7], layers: [{conv: 1, kernel: 3}]}`.",
                place=node.place,
            )
        return Declared(parse(node, name, file, _imports(home).lookup(home.folder, ())), None, {}, node.place)
    if isinstance(node, Mapping):
        changed = mapping(node, f"the network {quote(name)}", CHANGES)
        wanted, settings, given = (changed.get(key) for key in CHANGES)
        assert wanted is not None
        values = mapping(settings, "`set`").entries if settings is not None else []
        return Declared(
            _spec(wanted, home),
            None if given is None else input_shape(given, {}),
            {key.text: value_of(value, {}) for key, value in values},
            node.place,
        )
    return Declared(_spec(node, home), None, {}, node.place)


def _spec(node: Node, home: Home) -> Spec:
    """The spec of a name of the catalogue, or of a file beside the assignment."""
    text = text_of(node, "a network")
    try:
        if text.endswith(catalog.ENDINGS) or "/" in text or "\\" in text:
            path = beside(text, home.folder, node.place)
            shown = os.path.join(home.shown, text)
            lookup = _imports(home).lookup(os.path.dirname(path), (path,))
            return parse(load_file(path, shown), os.path.splitext(os.path.basename(text))[0], shown, lookup)
        known = catalog.names()
        if text not in known:
            raise SpecError(
                f"there is no network {quote(text)} in the catalogue.",
                hint=did_you_mean(text, known)
                or "`archcalc list` shows all; a file beside the assignment is named by its path, such as my.yaml.",
            )
        return catalog.load_spec(text)
    except ArchcalcError as error:
        raise error.at(node.place) from None


def _imports(home: Home) -> Imports:
    def shown(path: str) -> str:
        inside = os.path.relpath(path, home.folder)
        return path if inside.startswith(os.pardir) else os.path.join(home.shown, inside)

    return Imports(shown)


def misfit(network: Declared) -> MisfitError | None:
    """Why a window of a network does not fit its input without a rest; None if all do.

    Raises ArchcalcError for other faults.
    """
    try:
        network.build(strict=True)
    except MisfitError as error:
        return error
    return None
