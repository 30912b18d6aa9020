"""What is confused about what was asked: another quantity, layer, axis, batch or unit in place of the right one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from archcalc.algebra.shapes import AXIS_INDEX
from archcalc.algebra.units import BITS_PER_BYTE, DTYPES, SUFFIXES
from archcalc.grading.assignments.dimensions import CONVERSIONS
from archcalc.grading.diagnosis.misreading import Misreader
from archcalc.grading.model import Mistake, Sort
from archcalc.network.network import INPUT
from archcalc.results.counts import BYTES, OF_LAYERS, Convention
from archcalc.results.quantities import TOTALS, Quantity


class Confusion(NamedTuple):
    """Another quantity, or another convention, than the one that was asked for."""

    mistake: Mistake
    quantity: Quantity
    convention: Convention


def mistake(code: str, sort: Sort, scope: str = "", **facts: str) -> Mistake:
    """A mistake with its facts by name."""
    return Mistake(code, sort, scope, tuple(facts.items()))


INSTEAD = {
    "params": ("biases", "macs", "activations"),
    "weights": ("biases", "macs"),
    "biases": ("weights", "params"),
    "macs": ("flops", "params", "activations"),
    "flops": ("macs", "params"),
    "activations": ("params",),
    "memory": ("param_bytes", "activation_bytes"),
    "total_bytes": ("param_bytes", "activation_bytes"),
    "param_bytes": ("activation_bytes", "memory"),
    "activation_bytes": ("param_bytes", "memory"),
    "input_activations": ("activations",),
    "output": ("input",),
    "input": ("output",),
    "multiplications": ("additions", "macs"),
    "additions": ("multiplications", "macs"),
    "layers": ("depth", "blocks"),
    "depth": ("layers",),
}
"""What is given in place of a quantity, by its name."""


def of_quantity(reader: Misreader, asked: Quantity) -> Iterator[Confusion]:
    """Everything close to what was asked: another quantity of the same layer, its neighbours, the whole for a part."""
    yield from of_same_layer(reader, asked)
    scope = _scope(asked)
    if asked.path in TOTALS:
        other, code = (
            ("total_with_auxiliary", "auxiliary-counted")
            if asked.path == "total"
            else ("total", "auxiliary-left-out")
        )
        yield Confusion(mistake(code, "asked"), asked._replace(path=other), reader.convention)
        return
    if asked.name in OF_LAYERS:
        yield Confusion(
            mistake("total-for-layer", "asked", scope), asked._replace(path="total"), reader.convention
        )
    for code, path in neighbours(reader, asked):
        yield Confusion(
            mistake(code, "asked", scope, layer=path), asked._replace(path=path), reader.convention
        )


def of_same_layer(reader: Misreader, asked: Quantity) -> Iterator[Confusion]:
    """What is close in the same layer: another of its quantities, or another convention."""
    yield from _other_conventions(reader.convention, asked)
    yield from _other_names(reader, asked)


def _scope(asked: Quantity) -> str:
    return "" if asked.path in TOTALS else asked.path


def _other_names(reader: Misreader, asked: Quantity) -> Iterator[Confusion]:
    """Another quantity of the same layer, another axis, another of its settings."""
    scope, convention = _scope(asked), reader.convention
    for name in INSTEAD.get(asked.name, ()):
        code = f"{name}-for-{asked.name}".replace("_", "-")
        yield Confusion(mistake(code, "asked", scope), asked._replace(name=name), convention)
    if asked.axis in AXIS_INDEX:
        for word in AXIS_INDEX:
            if word != asked.axis:
                found = mistake("other-axis", "asked", scope, axis=word)
                yield Confusion(found, asked._replace(axis=word), convention)
    settings = _settings(reader, asked.path)
    if asked.name in settings:
        for key in settings:
            if key != asked.name:
                found = mistake("other-setting", "asked", scope, key=key)
                yield Confusion(found, asked._replace(name=key), convention)


def _other_conventions(convention: Convention, asked: Quantity) -> Iterator[Confusion]:
    """The same quantity with biases or without, for one input, of another type of numbers."""
    scope = _scope(asked)
    if convention.bias and asked.name in ("params", *BYTES):
        found = mistake("bias-forgotten", "rule", scope)
        yield Confusion(found, asked, convention._replace(bias=False))
    if not convention.bias and asked.name in ("params", *BYTES):
        found = mistake("bias-counted", "rule", scope)
        yield Confusion(found, asked, convention._replace(bias=True))
    if asked.name == "weights":
        found = mistake("bias-counted", "rule", scope)
        yield Confusion(found, asked._replace(name="params"), convention._replace(bias=True))
    if convention.batch > 1:
        yield Confusion(mistake("batch-forgotten", "asked", scope), asked, convention._replace(batch=1))
    if asked.name in BYTES:
        for dtype in _DTYPES:
            if DTYPES[dtype] != DTYPES[convention.dtype]:
                found = mistake("other-dtype", "unit", scope, dtype=dtype)
                yield Confusion(found, asked, convention._replace(dtype=dtype))


_DTYPES = ("float64", "float32", "float16")
"""One of each size that somebody may think of."""


def _settings(reader: Misreader, path: str) -> tuple[str, ...]:
    index = reader.index.get(path)
    return () if index is None else tuple(reader.report.rows[index].config)


def neighbours(reader: Misreader, asked: Quantity) -> Iterator[tuple[str, str]]:
    """The layers before and after, with which they are; blocks that a layer stands in; the blocks beside a block."""
    network, path = reader.network, asked.path
    index = reader.index.get(path)
    parts = path.split(".")
    for end in range(1, len(parts)):
        if asked.name in OF_LAYERS:
            yield "block-for-layer", ".".join(parts[:end])
    if index is None:
        groups = [name for name in network.groups if name.rpartition(".")[0] == path.rpartition(".")[0]]
        place = groups.index(path) if path in groups else -1
        inside = set(reader.members(path))
        came = (i for member in reader.members(path) for i in network.nodes[member].inputs)
        for i in dict.fromkeys(i for i in came if i != INPUT and i not in inside):
            yield "layer-before", network.nodes[i].name
        if place > 0:
            yield "layer-before", groups[place - 1]
        if 0 <= place < len(groups) - 1:
            yield "layer-after", groups[place + 1]
        return
    nodes = network.nodes
    before = [i for i in nodes[index].inputs if i != INPUT]
    after = [i for i, node in enumerate(nodes) if index in node.inputs]
    alike = [i for i, node in enumerate(nodes) if type(node.layer) is type(nodes[index].layer)]
    place = alike.index(index)
    before += alike[max(place - 1, 0) : place]
    after += alike[place + 1 : place + 2]
    # What only hands on has nothing of what is asked: the next that has some is meant.
    having = reader.having(asked)
    before += [i for i in having if i < index][-1:]
    after += [i for i in having if i > index][:1]
    for code, found in (("layer-before", before), ("layer-after", after)):
        for i in dict.fromkeys(found):
            yield code, nodes[i].name


def of_others(reader: Misreader, asked: Quantity) -> Iterator[Confusion]:
    """The same quantity of every other layer of the network, of whole blocks where a sum was asked for."""
    if asked.name in BYTES or asked.name in _settings(reader, asked.path):
        return
    for node in reader.network.nodes:
        if node.name != asked.path:
            code = "layer-for-total" if asked.path in TOTALS else "other-layer"
            scope = "" if asked.path in TOTALS else asked.path
            yield Confusion(
                mistake(code, "asked", scope, layer=node.name),
                asked._replace(path=node.name),
                reader.convention,
            )
    for group in reader.network.groups:
        if group != asked.path and asked.name in OF_LAYERS and asked.path in TOTALS:
            yield Confusion(
                mistake("layer-for-total", "asked", layer=group),
                asked._replace(path=group),
                reader.convention,
            )


# ---- units


class Scaling(NamedTuple):
    """A slip in the unit: the right number comes out so many times as large."""

    mistake: Mistake
    factor: Fraction


CALLED: Mapping[tuple[str | None, str], str] = {
    ("FLOP", "MAC"): "macs-called-flops",
    ("MAC", "FLOP"): "flops-called-macs",
    ("bit", "B"): "bytes-called-bits",
}
"""The right number under the name of another unit, by the unit that was written and the one asked for."""


def of_unit(
    unit: str | None, kind: str, element_bytes: int, *, elements: bool, share: bool
) -> Iterator[Scaling]:
    """The slips in a unit that an answer was written in: `MB`, `GiB`, `kB`, `FLOP`; None for a bare count.

    `kind` is what is counted: "B" for bytes, else anything; `elements` says whether each of it may be taken to have
    bytes. The factors are on what the answer says in units of one.
    """
    if (unit, kind) in CALLED:
        yield Scaling(mistake(CALLED[unit, kind], "unit"), CONVERSIONS[unit, kind])
    if kind == "B":
        yield from _other_base(unit or "")
        yield Scaling(mistake("bits-for-bytes", "unit"), Fraction(BITS_PER_BYTE))
        yield Scaling(mistake("bytes-over-eight", "unit"), Fraction(1, BITS_PER_BYTE))
        yield Scaling(mistake("element-bytes-forgotten", "unit"), Fraction(1, element_bytes))
    elif elements:
        yield Scaling(mistake("bytes-for-elements", "unit"), Fraction(element_bytes))
    for exponent in (1, 2, 3):
        for factor in (Fraction(1000) ** exponent, Fraction(1, 1000) ** exponent):
            yield Scaling(mistake("factor-1000", "unit", factor=str(factor)), factor)
    if share:
        for factor in (Fraction(100), Fraction(1, 100)):
            yield Scaling(mistake("factor-100", "unit", factor=str(factor)), factor)
    for factor in (Fraction(10), Fraction(1, 10)):
        yield Scaling(mistake("factor-10", "unit", factor=str(factor)), factor)


def _other_base(unit: str) -> Iterator[Scaling]:
    """MB were written and MiB counted, or the other way round."""
    binary = unit.endswith("iB")
    letter = unit[:1].upper()
    # A thousand has a small letter, 1024 a large one.
    other = f"{letter.replace('K', 'k')}B" if binary else f"{letter}iB"
    if unit != other and unit in SUFFIXES and other in SUFFIXES:
        code = "binary-for-decimal" if binary else "decimal-for-binary"
        factor = Fraction(SUFFIXES[unit][0], SUFFIXES[other][0])
        yield Scaling(mistake(code, "unit", written=unit, counted=other), factor)
