"""What is counted: one table, the methods of `Counted` under `@count(…)`, which everything else reads.

A count is a name, a heading, a unit and a **rule**: how it comes from what the rules of the layers give (a `Tally`)
and from other counts. The rule stands here once and is read in two ways: on the numbers of a layer, a block or a
network (`row.macs`, `report.totals.macs`), and on letters, for the working that `explain` shows. So a rule uses
`+ - * //` and the helpers of `algebra/symbols.py`, and branches on the convention only.

Only tallies are added up over layers; a count of a block or a network comes from their sum by its rule. The rule is a
sum itself, so that it can be told what each layer adds.

Whoever shows counts reads `COUNTS`. A column of any of them, over rows, folds or networks:

    counted = COUNTS[name]
    heading = counted.column(report.convention)
    cells = [getattr(one, name) for one in fold(report)]     # where `name in OF_LAYERS`
    below = getattr(report.totals, name)

To add one: docs/adding-a-quantity.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

from archcalc.algebra.units import FLOPS_PER_MAC, dtype_bytes
from archcalc.layers.base import Cost, Number
from archcalc.words.docstrings import documentation
from archcalc.words.language import gettext, marked


class Convention(NamedTuple):
    """What is counted: the batch that cost and activations are for, the type of a number, and biases or not."""

    batch: int = 1
    dtype: str = "float32"
    bias: bool = True
    """Whether `params` counts biases; `weights` and `biases` are always given apart."""


class Tally(Struct, frozen=True):
    """What the rules of layers give, of one layer or added up; all that is counted comes from it."""

    weights: Number = 0
    biases: Number = 0
    cost: Cost = Cost()
    activations: Number = 0
    """Elements of new output; 0 for what happens in place or is a view."""

    def scaled(self, batch: int) -> Tally:
        """The tally of so many inputs: cost and activations grow, what is learned stays."""
        if batch == 1:
            return self
        return Tally(self.weights, self.biases, self.cost.scaled(batch), self.activations * batch)

    def learning_nothing(self) -> Tally:
        """The tally of a layer whose weights are another's, where they are counted."""
        return Tally(0, 0, self.cost, self.activations)


def added(tallies: Iterable[Tally]) -> Tally:
    """The sums of all of them."""
    parts = tuple(tallies)
    if len(parts) == 1:
        return parts[0]
    return Tally(
        sum([part.weights for part in parts]),
        sum([part.biases for part in parts]),
        Cost(*map(sum, zip(*[part.cost.values() for part in parts], strict=True))),
        sum([part.activations for part in parts]),
    )


class Count(property):
    """One counted quantity: an attribute of everything `Counted`, and a row of the table."""

    name: str
    """What it is asked for by, and its key in JSON and CSV."""
    title: str
    """Its heading, marked for translation; `{dtype}` in it is the type of a number. Its name where it has none."""
    unbiased: str
    """Its heading in a table where biases are not counted; its title where that makes no difference."""
    about: str
    """What it is, in English, for the docs and the schema of JSON."""
    unit: str
    """"B", "MAC", "FLOP", or nothing for a plain number."""
    letter: str
    """What it is written as in the working of others; where it has none, they write its own working."""
    term: str
    """What it is called as a part of a sum of bytes, marked for translation."""
    of_layers: bool
    """Whether a layer and a block have it; else only the whole network does."""
    per_input: bool
    """Whether it grows with the batch."""
    main: bool
    """Whether workings have it unasked, and where it is 0 too."""
    aspect: str
    """The aspect that it belongs to, of ASPECTS, or none."""
    shown: frozenset[str]
    """The documents of programs that have it, of DOCUMENTS."""

    def heading(self, convention: Convention) -> str:
        """Its title in the language of the moment, for numbers by this convention."""
        return gettext(self.title).format(dtype=convention.dtype)

    def column(self, convention: Convention) -> str:
        """Its heading in a table of layers, where parameters without biases are weights and called so."""
        return (
            self.heading(convention)
            if convention.bias
            else gettext(self.unbiased).format(dtype=convention.dtype)
        )

    @property
    def starts_from(self) -> tuple[str, ...]:
        """The counts that its rule reads."""
        names: tuple[str, ...] = self.fget.__code__.co_names  # type: ignore[union-attr]
        return tuple(name for name in names if name in COUNTS)

    if TYPE_CHECKING:

        def __get__(self, counted: Any, owner: type | None = None, /) -> int: ...  # type: ignore[override]

    def rule(self, counted: Any) -> Number:
        """What it comes to, of something counted, or of letters in its place."""
        assert self.fget is not None
        return self.fget(counted)


DOCUMENTS = ("summary", "ratios", "list", "list.csv")
"""`summary`: JSON and CSV of summary and compare. `ratios`: `ratio_to_first` of compare. The others: those of list."""

ASPECTS = ("params", "flops", "memory")
"""What is learned, computed and held: what networks can be compared in, and the order of the keys of a layer."""

COUNTS: dict[str, Count] = {}
"""Every count by its name, in the order that they are listed in; a whole network has all of them."""


def count(
    title: str = "",
    *,
    unit: str = "",
    letter: str = "",
    term: str = "",
    of_layers: bool = True,
    per_input: bool = True,
    main: bool = False,
    aspect: str = "",
    shown: str = "",
    unbiased: str = "",
) -> Callable[[Callable[[Any], Number]], Count]:
    """Make the rule that follows a counted quantity. Its docstring says what is counted, as `Count.about`."""

    def registered(rule: Callable[[Any], Number]) -> Count:
        made = Count(rule)
        made.name = rule.__name__
        made.title = title or made.name.replace("_", " ")
        made.about = documentation(rule).rstrip(".")
        made.unbiased = unbiased or made.title
        made.unit, made.letter, made.term = unit, letter, term or made.title
        made.of_layers, made.per_input, made.main = of_layers, per_input, main
        made.aspect, made.shown = aspect, frozenset(shown.split())
        if not made.shown <= {*DOCUMENTS} or aspect not in ("", *ASPECTS) or (shown and not aspect):
            raise TypeError(
                f"{made.name}: {shown!r} has to name documents, and {aspect!r} the aspect in them"
            )
        COUNTS[made.name] = made
        return made

    return registered


class Counted(Struct, frozen=True, kw_only=True):
    """Anything that is counted: a layer, a block, a whole network."""

    tally: Tally
    """For the whole batch."""
    convention: Convention
    given: Number = 0
    """The elements of a network's own input, for the whole batch; 0 where it is a part of a network."""

    @property
    def cost(self) -> Cost:
        """The six counts by kind of operation."""
        return self.tally.cost

    @property
    def element_bytes(self) -> int:
        """Bytes of one number."""
        return dtype_bytes(self.convention.dtype)

    # ---- what is learned

    @count(
        marked("parameters"),
        unbiased=marked("weights"),
        letter="params",
        per_input=False,
        main=True,
        aspect="params",
        shown="summary ratios list list.csv",
    )
    def params(self) -> Number:
        """Weights and biases together, or weights alone if counts_bias is false."""
        tally = self.tally
        return tally.weights + tally.biases if self.convention.bias else tally.weights

    @count(marked("weights"), per_input=False, main=True, aspect="params", shown="summary ratios list")
    def weights(self) -> Number:
        """Learned weights."""
        return self.tally.weights

    @count(marked("biases"), per_input=False, main=True, aspect="params", shown="summary ratios list")
    def biases(self) -> Number:
        """Learned additive terms; β of norms among them."""
        return self.tally.biases

    # ---- what is computed

    @count(
        marked("MACs"),
        unit="MAC",
        letter="MACs",
        main=True,
        aspect="flops",
        shown="summary ratios list list.csv",
    )
    def macs(self) -> Number:
        """Multiply-accumulates."""
        return self.tally.cost.macs

    @count(marked("FLOPs"), unit="FLOP", aspect="flops", shown="summary list list.csv")
    def flops(self) -> Number:
        """2 · macs."""
        return FLOPS_PER_MAC * self.macs

    @count(marked("multiplications"), aspect="flops")
    def multiplications(self) -> Number:
        """Element-wise multiplications."""
        return self.tally.cost.multiplications

    @count(marked("additions"), aspect="flops")
    def additions(self) -> Number:
        """Element-wise additions, those of biases among them."""
        return self.tally.cost.additions

    @count(marked("comparisons"), aspect="flops")
    def comparisons(self) -> Number:
        """Comparisons, as of poolings and rectifiers."""
        return self.tally.cost.comparisons

    @count(marked("divisions"), aspect="flops")
    def divisions(self) -> Number:
        """Divisions, as of norms and means."""
        return self.tally.cost.divisions

    @count(marked("exponentials"), aspect="flops")
    def exponentials(self) -> Number:
        """Exponentials, as of sigmoids."""
        return self.tally.cost.exponentials

    # ---- what is held

    @count(marked("activations"), letter="activations", main=True, aspect="memory", shown="summary ratios")
    def activations(self) -> Number:
        """Values of the input and of every new output."""
        return self.given + self.tally.activations

    @count(
        marked("numbers that go in"), term=marked("input"), of_layers=False, aspect="memory", shown="summary"
    )
    def input_activations(self) -> Number:
        """Those of the input."""
        return self.given

    @count(
        marked("bytes, {dtype}"),
        unit="B",
        term=marked("parameters"),
        of_layers=False,
        per_input=False,
        aspect="memory",
        shown="summary ratios",
    )
    def param_bytes(self) -> Number:
        """Bytes of params."""
        return self.params * self.element_bytes

    @count(
        marked("bytes, {dtype}"),
        unit="B",
        term=marked("activations"),
        of_layers=False,
        aspect="memory",
        shown="summary ratios",
    )
    def activation_bytes(self) -> Number:
        """Bytes of activations."""
        return self.activations * self.element_bytes

    @count(marked("bytes, {dtype}"), unit="B", of_layers=False, aspect="memory", shown="summary ratios")
    def total_bytes(self) -> Number:
        """Both together."""
        return self.param_bytes + self.activation_bytes

    @count(marked("bytes, {dtype}"), unit="B", of_layers=False, main=True, aspect="memory")
    def memory(self) -> Number:
        """Parameters and activations together: total_bytes as people ask for it."""
        return self.param_bytes + self.activation_bytes


def shown_in(document: str, aspect: str | None = None, *, of_layers: bool = False) -> tuple[str, ...]:
    """The counts that a document of DOCUMENTS has, of one aspect or of all; of layers or of a network."""
    return tuple(
        name
        for name, counted in COUNTS.items()
        if document in counted.shown and aspect in (None, counted.aspect) and counted.of_layers >= of_layers
    )


OF_LAYERS = {name: counted for name, counted in COUNTS.items() if counted.of_layers}
"""What layers and blocks have too."""

BYTES = frozenset(name for name, counted in COUNTS.items() if counted.unit == "B")
