"""The documentation of the kinds of layers, read off their classes: for `archcalc layers` and the docs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from archcalc.derivations.working import Letter, Step, letters_of, steps_of
from archcalc.layers import KINDS, Layer, written
from archcalc.layers.base import Example, Shape, Shapes
from archcalc.spec.fielderrors import description, expected
from archcalc.words.docstrings import documentation
from archcalc.words.errors import OptionError
from archcalc.words.text import did_you_mean, quote

FAMILIES = (
    "convolution",
    "linear",
    "pooling",
    "reduction",
    "normalization",
    "activation",
    "regularization",
    "attention",
    "joins",
    "learned",
    "shaping",
    "shuffling",
    "borders",
    "resampling",
)
"""The families in the order of the docs; any other comes last."""

HEADINGS = ("Shape", "Parameters", "Cost", "Counting choices")
"""The headed paragraphs of a kind's docstring."""

REQUIRED = "required"


class Key(NamedTuple):
    """One key of a kind."""

    name: str
    takes: str
    """What values it takes, in words."""
    default: str
    """As YAML has it; REQUIRED where there is none, and empty where leaving it out has a meaning of its own."""
    about: str


class Worked(NamedTuple):
    """One layer worked out: by its rules, and by hand."""

    item: str
    """The layer as a line of YAML; the branches of a join are only `…`."""
    inputs: Shapes
    output: Shape
    weights: int
    biases: int
    macs: int
    letters: tuple[Letter, ...]
    steps: tuple[Step, ...]
    by_hand: str


class KindDoc(NamedTuple):
    """All there is to say about one kind."""

    name: str
    family: str
    summary: str
    """What it does, in a sentence or two."""
    details: tuple[str, ...]
    """What else there is to know, a text a paragraph."""
    sections: tuple[tuple[str, str], ...]
    """What it does to the shape, its parameters, its cost, and what was chosen in counting: heading and text."""

    @property
    def is_join(self) -> bool:
        """Whether branches stand behind its word, so that no key is the main one."""
        return KINDS[self.name].arity is None

    @property
    def keys(self) -> tuple[Key, ...]:
        """Its keys, the main one first: that one's value may stand behind the kind's own word."""
        return tuple(_keys(KINDS[self.name]))

    @property
    def examples(self) -> tuple[Worked, ...]:
        """Layers worked out, by the rules and by hand."""
        cls = KINDS[self.name]
        return tuple(_worked(cls, example) for example in cls.examples)


def kinds() -> tuple[KindDoc, ...]:
    """The documentation of every kind, by family."""
    families = [*FAMILIES, *(cls.family for cls in KINDS.values())]
    return tuple(map(kind_doc, sorted(KINDS, key=lambda name: families.index(KINDS[name].family))))


def kind_doc(name: str) -> KindDoc:
    """The documentation of the kind `name`; OptionError if there is no such kind."""
    if name not in KINDS:
        from archcalc.spec.elsewhere import about_kind

        what, way_out = about_kind(name)
        raise OptionError(
            f"there is no kind of layer {quote(name)}.",
            hint=way_out or ("" if what else did_you_mean(name, KINDS)) or "`archcalc layers` lists them.",
        )
    cls = KINDS[name]
    (_, summary), *others = _paragraphs(documentation(cls))
    return KindDoc(
        name,
        cls.family,
        summary,
        tuple(text for heading, text in others if not heading),
        tuple((heading, text) for heading, text in others if heading),
    )


def _paragraphs(docstring: str) -> list[tuple[str, str]]:
    """The paragraphs, each on one line, with their headings; a heading begins a paragraph of its own."""
    found: list[tuple[str, str]] = []
    between = True
    for line in map(str.strip, docstring.splitlines()):
        heading, _, rest = line.partition(":")
        if heading in HEADINGS:
            found.append((heading, rest.strip()))
        elif line and between:
            found.append(("", line))
        elif line:
            found[-1] = (found[-1][0], f"{found[-1][1]} {line}")
        between = not line
    return found


def _keys(cls: type[Layer]) -> Iterator[Key]:
    info = msgspec.inspect.type_info(cls)
    assert isinstance(info, msgspec.inspect.StructType)
    for field in info.fields:
        default = (
            REQUIRED if field.required else "" if field.default is None else written.value(field.default)
        )
        yield Key(field.name, expected(cls, field.name), default, description(cls, field.name))


def _worked(cls: type[Layer], example: Example) -> Worked:
    layer = msgspec.convert(example.fields, cls)
    steps = tuple(steps_of(layer, example.inputs))
    return Worked(
        item=written.worked(cls, example),
        inputs=example.inputs,
        output=example.output,
        weights=example.weights,
        biases=example.biases,
        macs=example.macs,
        letters=tuple(letters_of(layer, example.inputs, steps)),
        steps=steps,
        by_hand=example.working,
    )
