"""A class of students who make known mistakes, worked out in plain Python: nothing of it knows how they are found.

Networks are lists of layers, their numbers the textbook's arithmetic, and a mistake is a word that the arithmetic
below looks for. Everything comes from one seed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import prod
from typing import Any, NamedTuple

import yaml

Flags = frozenset[str]
Size = tuple[int, ...]


class Layer(NamedTuple):
    """One layer; sizes are one number for all axes."""

    kind: str
    name: str
    k: int = 0
    f: int = 1
    s: int = 1
    p: int = 0
    g: int = 1
    d: int = 1
    bias: bool = True
    ceil: bool = False


class Branches(NamedTuple):
    """Branches that are put one after another along the channels."""

    name: str
    ways: dict[str, tuple[Layer, ...]]


class Net(NamedTuple):
    """A network of an assignment."""

    name: str
    came: Size
    items: tuple[Layer | Branches, ...]


def conv(name: str, k: int, f: int, s: int = 1, p: int = 0, **other: Any) -> Layer:
    return Layer("conv", name, k, f, s, p, **other)


def pool(name: str, f: int, s: int, **other: Any) -> Layer:
    return Layer("max_pool", name, f=f, s=s, **other)


def fc(name: str, k: int, **other: Any) -> Layer:
    return Layer("linear", name, k, **other)


FLAT = Layer("flatten", "flat")

NETS = (
    Net(
        "alex",
        (3, 227, 227),
        (
            conv("c1", 96, 11, 4),
            pool("p1", 3, 2),
            conv("c2", 256, 5, p=2),
            pool("p2", 3, 2),
            conv("c3", 384, 3, p=1),
            conv("c4", 384, 3, p=1),
            conv("c5", 256, 3, p=1),
            pool("p5", 3, 2),
            FLAT,
            fc("f6", 4096),
            fc("f7", 4096),
            fc("f8", 1000),
        ),
    ),
    Net(
        "small",
        (3, 64, 48),
        (
            conv("c1", 24, 5, 2, 2),
            conv("c2", 40, 3, p=1, bias=False),
            pool("p2", 2, 2),
            conv("c3", 72, 3, 2, 1),
            FLAT,
            fc("f4", 120),
            fc("f5", 10, bias=False),
        ),
    ),
    Net(
        "grouped",
        (6, 90, 90),
        (
            conv("c1", 36, 7, 3, 2),
            conv("c2", 60, 3, p=2, g=6, d=2),
            pool("p2", 3, 2, ceil=True),
            conv("c3", 84, 5, 2, 1, g=12),
            conv("c4", 42, 1, bias=False),
            FLAT,
            fc("f5", 17),
        ),
    ),
    Net(
        "sound",
        (2, 4000),
        (
            conv("c1", 32, 80, 4, 38),
            pool("p1", 4, 4),
            conv("c2", 48, 3, p=1),
            conv("c3", 64, 9, 2, 4),
            pool("p3", 4, 3, ceil=True),
            FLAT,
            fc("f4", 35),
        ),
    ),
    Net(
        "volume",
        (1, 20, 40, 36),
        (conv("c1", 12, 3, 1, 1), pool("p1", 2, 2), conv("c2", 30, 3, 2, 1), FLAT, fc("f3", 9)),
    ),
    Net(
        "module",
        (200, 30, 30),
        (
            conv("stem", 180, 3, 1, 1),
            Branches(
                "mix",
                {
                    "b1": (conv("one", 52, 1),),
                    "b3": (conv("reduce", 88, 1), conv("three", 116, 3, 1, 1)),
                    "b5": (conv("reduce", 20, 1), conv("five", 44, 5, 1, 2)),
                    "bp": (pool("pool", 3, 1, p=1), conv("proj", 36, 1)),
                },
            ),
            conv("after", 70, 3, 2),
        ),
    ),
)


class Figures(NamedTuple):
    """What is known of one layer."""

    out: Size
    weights: int
    biases: int
    macs: int


def along(layer: Layer, n: int, flags: Flags) -> int:
    """The size along one axis behind a window."""
    extent = layer.f if "no dilation" in flags else layer.d * (layer.f - 1) + 1
    padding = 0 if "no padding" in flags else layer.p if "P for 2P" in flags else 2 * layer.p
    stride = 1 if "stride 1" in flags else layer.s
    above = n + padding - extent
    up = layer.ceil
    if "ceiling" in flags:
        up = True
    if "floor" in flags:
        up = False
    size = -(-above // stride) if up else above // stride
    return size if "no + 1" in flags else size + 1


def figures(layer: Layer, came: Size, flags: Flags) -> Figures:
    """The textbook's arithmetic of one layer, as somebody does it who makes the mistakes in `flags`."""
    if layer.kind == "flatten":
        return Figures((came[0] if "channels only" in flags else prod(came),), 0, 0, 0)
    if layer.kind == "linear":
        return Figures((layer.k,), came[0] * layer.k, biases(layer, flags), came[0] * layer.k)
    sizes = tuple(along(layer, n, flags) for n in came[1:])
    channels = came[0]
    window = layer.f if "F once" in flags else layer.f ** len(sizes)
    if layer.kind == "max_pool":
        given = window * channels * channels if "pool weights" in flags else 0
        return Figures((channels, *sizes), given, channels if given else 0, 0)
    read = 1 if "one channel" in flags else channels if "no groups" in flags else channels // layer.g
    if "K for C" in flags:
        read = layer.k // layer.g
    filters = layer.k
    weights = window * read * filters
    at = came[1:] if "input positions" in flags else (1,) if "no positions" in flags else sizes
    return Figures((layer.k, *sizes), weights, biases(layer, flags), weights * prod(at))


def biases(layer: Layer, flags: Flags) -> int:
    if "one bias" in flags and layer.bias:
        return 1
    counted = (layer.bias and "no bias" not in flags) or (not layer.bias and "bias anyway" in flags)
    return layer.k if counted else 0


def work(net: Net, where: dict[str, Flags]) -> dict[str, Figures]:
    """Every layer of a network by its path; `where` has the mistakes by path, `*` for everywhere."""
    found: dict[str, Figures] = {}

    def through(layers: Sequence[Layer], came: Size, prefix: str) -> Size:
        for layer in layers:
            path = prefix + layer.name
            found[path] = figures(layer, came, where.get(path, frozenset()) | where.get("*", frozenset()))
            if min(found[path].out) < 1:
                raise ArithmeticError(path)
            came = found[path].out
        return came

    came = net.came
    for item in net.items:
        if isinstance(item, Layer):
            came = through([item], came, "")
            continue
        ends = [through(way, came, f"{item.name}.{name}.") for name, way in item.ways.items()]
        if len({end[1:] for end in ends}) > 1:
            raise ArithmeticError(item.name)
        came = (sum(end[0] for end in ends), *ends[0][1:])
        found[item.name] = Figures(came, 0, 0, 0)
    return found


def layers(net: Net) -> dict[str, Layer]:
    """Every layer by its path."""
    found: dict[str, Layer] = {}
    for item in net.items:
        if isinstance(item, Layer):
            found[item.name] = item
        else:
            for name, way in item.ways.items():
                found.update({f"{item.name}.{name}.{layer.name}": layer for layer in way})
    return found


# ---- what is asked


class Ask(NamedTuple):
    """A question: the quantity, in the grammar of assignments, and how it is read from the figures."""

    net: Net
    path: str
    quantity: str
    unit: str | None = None
    batch: int = 1

    @property
    def text(self) -> str:
        batch = f"(batch={self.batch})" if self.batch > 1 else ""
        return f"{self.net.name}:{self.path}.{self.quantity}{batch}"


def value(ask: Ask, found: dict[str, Figures]) -> Any:
    """The answer by some figures."""
    return counted(ask, ask.path, ask.quantity, found)


def counted(ask: Ask, path: str, quantity: str, found: dict[str, Figures]) -> Any:
    if path == "total":
        return sum(counted(ask, name, quantity, found) for name in found) + (
            4 * ask.batch * prod(ask.net.came) if quantity == "memory" else 0
        )
    one = found[path]
    kind = layers(ask.net)[path].kind if path in layers(ask.net) else "concat"
    if quantity == "memory":
        kept = 0 if kind == "flatten" else prod(one.out)
        return 4 * (one.weights + one.biases + ask.batch * kept)
    return {
        "output": one.out,
        "output.height": one.out[-2] if len(one.out) > 2 else None,
        "output.width": one.out[-1] if len(one.out) > 1 else None,
        "params": one.weights + one.biases,
        "weights": one.weights,
        "macs": ask.batch * one.macs,
        "flops": 2 * ask.batch * one.macs,
        "param_bytes": 4 * (one.weights + one.biases),
    }[quantity]


def questions() -> list[Ask]:
    """The questions of the assignment."""
    asked = []
    for net in NETS:
        for path, layer in layers(net).items():
            if layer.kind in ("conv", "max_pool"):
                asked.append(Ask(net, path, "output"))
            if layer.kind in ("conv", "max_pool", "linear"):
                asked.append(Ask(net, path, "params"))
            if layer.kind == "conv":
                asked += [Ask(net, path, "weights"), Ask(net, path, "macs")]
                if len(net.came) == 3:
                    asked.append(Ask(net, path, "output.height"))
        asked += [Ask(net, "total", "params"), Ask(net, "total", "macs"), Ask(net, "total", "flops")]
        asked += [Ask(net, "total", "macs", batch=24), Ask(net, "total", "param_bytes", "MB")]
        asked.append(Ask(net, "total", "memory", "MB", 24))
    return asked


def assignment(asked: Sequence[Ask]) -> str:
    """The assignment as YAML."""

    def item(layer: Layer) -> Any:
        given: dict[str, Any] = {"name": layer.name}
        if layer.kind == "flatten":
            return {"flatten": 0, **given}
        if layer.kind == "linear":
            return {"linear": layer.k, "bias": layer.bias, **given}
        given |= {"stride": layer.s, "padding": layer.p}
        if layer.kind == "max_pool":
            return {"max_pool": layer.f, "ceil": layer.ceil, **given}
        return {
            "conv": layer.k,
            "kernel": layer.f,
            "groups": layer.g,
            "dilation": layer.d,
            "bias": layer.bias,
            **given,
        }

    def items(net: Net) -> Iterator[Any]:
        for part in net.items:
            if isinstance(part, Layer):
                yield item(part)
            else:
                yield {
                    "concat": {name: [item(one) for one in way] for name, way in part.ways.items()},
                    "name": part.name,
                }

    return yaml.safe_dump(
        {
            "title": "A simulated class",
            "numbers": "en",
            "networks": {net.name: {"input": list(net.came), "layers": list(items(net))} for net in NETS},
            "questions": [
                {"id": f"q{number}", "ask": ask.text, **({"unit": ask.unit} if ask.unit else {})}
                for number, ask in enumerate(asked)
            ],
        },
        sort_keys=False,
    )


# ---- mistakes


class Slip(NamedTuple):
    """A mistake with what it leads to."""

    word: str
    place: str
    """The layer; `*` for everywhere, empty where there is no such thing."""
    value: Any
    codes: frozenset[str]
    """What the program may call it."""


RULES = {
    "no padding": "padding-forgotten",
    "P for 2P": "padding-once",
    "no + 1": "one-forgotten",
    "ceiling": "ceiling-for-floor",
    "floor": "floor-for-ceiling",
    "stride 1": "stride-ignored",
    "no dilation": "dilation-ignored",
    "no bias": "bias-forgotten",
    "bias anyway": "bias-counted",
    "one bias": "one-bias",
    "one channel": "input-channels-ignored",
    "no groups": "groups-ignored",
    "K for C": "output-for-input-channels",
    "F once": "kernel-once",
    "pool weights": "pooling-parameters",
    "no positions": "positions-forgotten",
    "input positions": "input-positions",
    "channels only": "channels-only",
}
"""The mistakes in the rules, and what the program calls them."""


def slips(ask: Ask) -> list[Slip]:
    """Every single mistake that changes the answer to a question."""
    net, right = ask.net, value(ask, work(ask.net, {}))
    names = list(layers(net))
    found: list[Slip] = []

    def add(word: str, place: str, wrong: Any, *codes: str) -> None:
        if wrong not in (None, right, 0) and wrong != ():
            found.append(Slip(word, place, wrong, frozenset(codes)))

    for word, code in RULES.items():
        places = ["*"]
        if ask.path == "total":
            places += names
        else:
            # In the layer itself, or in one before it with what comes of that.
            places += names[: names.index(ask.path) + 1]
        for place in places:
            try:
                add(word, place, value(ask, work(net, {place: frozenset([word])})), code)
            except ArithmeticError:
                continue
    found += list(_asked(ask, right))
    return found


def _asked(ask: Ask, right: Any) -> Iterator[Slip]:
    """What was taken for what was asked, or written in another unit."""
    plain = work(ask.net, {})
    found = [*_other_quantity(ask, plain), *_other_place(ask, right, plain), *_units(ask, right)]
    if ask.path == "total":
        found += list(_parts(ask, right, plain))
    return (slip for slip in found if slip.value not in (None, right, 0))


def _other_quantity(ask: Ask, plain: dict[str, Figures]) -> Iterator[Slip]:
    pairs = {
        "macs": ("flops", "flops-for-macs"),
        "flops": ("macs", "macs-for-flops"),
        "params": ("weights", "bias-forgotten"),
        "weights": ("params", "bias-counted"),
    }
    if ask.quantity in pairs:
        quantity, code = pairs[ask.quantity]
        yield Slip("another quantity", "", counted(ask, ask.path, quantity, plain), frozenset([code]))
    if ask.batch > 1:
        yield Slip("no batch", "", value(ask._replace(batch=1), plain), frozenset(["batch-forgotten"]))


def _other_place(ask: Ask, right: Any, plain: dict[str, Figures]) -> Iterator[Slip]:
    if ask.quantity.startswith("output.") and len(ask.net.came) == 3:
        width = counted(ask, ask.path, "output.width", plain)
        yield Slip("other axis", "", width, frozenset(["other-axis"]))
    if isinstance(right, tuple) and len(right) > 2:
        yield Slip("order", "", (right[1], right[0], *right[2:]), frozenset(["axes-order"]))
    names = [name for name, layer in layers(ask.net).items() if layer.kind != "flatten"]
    if ask.path not in names or "." in ask.path:
        return
    number = names.index(ask.path)
    for code, near in (("layer-before", number - 1), ("layer-after", number + 1)):
        if 0 <= near < len(names) and "." not in names[near]:
            wrong = counted(ask, names[near], ask.quantity, plain)
            if not isinstance(right, tuple) or len(wrong) == len(right):
                yield Slip(code, "", wrong, frozenset([code]))
    if not isinstance(right, tuple) and not ask.quantity.startswith("output"):
        total = counted(ask, "total", ask.quantity, plain)
        yield Slip("total", "", total, frozenset(["total-for-layer"]))


def _parts(ask: Ask, right: Any, plain: dict[str, Figures]) -> Iterator[Slip]:
    """Layers and branches of a sum left out, or counted twice."""
    parts = {("layer", name): counted(ask, name, ask.quantity, plain) for name in plain}
    for item in ask.net.items:
        for way in item.ways if isinstance(item, Branches) else ():
            path = f"{item.name}.{way}"
            inside = [name for name in plain if name.startswith(f"{path}.")]
            if len(inside) > 1:
                parts["branch", path] = sum(parts["layer", name] for name in inside)
    for (sort, path), part in parts.items():
        if part:
            yield Slip("left out", path, right - part, frozenset([f"{sort}-left-out"]))
            yield Slip("twice", path, right + part, frozenset([f"{sort}-twice"]))


def _units(ask: Ask, right: Any) -> Iterator[Slip]:
    if ask.unit == "MB":
        mebi = Fraction(right * 10**6, 2**20)
        yield Slip("MiB", "", mebi, frozenset(["decimal-for-binary"]))
        yield Slip("bits", "", right * 8, frozenset(["bits-for-bytes"]))
        yield Slip("no bytes", "", Fraction(right, 4), frozenset(["element-bytes-forgotten"]))
    if ask.path == "total":
        yield Slip("a thousand", "", right * 1000, frozenset(["factor-1000"]))


# ---- students


class Answer(NamedTuple):
    """What a student writes, and what went wrong on the way: no slips where it is right."""

    text: str
    slips: tuple[Slip, ...]


class Student(NamedTuple):
    """A student's sheet: the answers by question."""

    id: str
    answers: dict[str, Answer]


def written(ask: Ask, wrong: Any, chance: random.Random, *, rounded: bool) -> str:
    """A number or a shape as somebody writes it."""
    if isinstance(wrong, tuple):
        if len(wrong) > 2 and chance.random() < 0.3 and wrong[0] > max(wrong[1:]):
            wrong = (*wrong[1:], wrong[0])
        return chance.choice(["{}", "({})"]).format("x".join(map(str, wrong)))
    scale = 10**6 if ask.unit == "MB" else 1
    exact = Fraction(wrong) / scale
    if exact.denominator == 1 and not rounded:
        return chance.choice([f"{int(exact)}", f"{int(exact):,}"])
    if scale > 1:
        digits = 6 if not rounded else 3
        return f"{float(exact):.{digits}f} MB" if chance.random() < 0.5 else f"{float(exact):.{digits}f}"
    for name, factor in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if exact >= factor:
            return f"{float(exact / factor):.3f}{name}"
    return f"{int(exact)}"


def students(asked: Sequence[Ask], count: int, seed: int, *, double: bool = False) -> Iterator[Student]:
    """Sheets of 20 questions, three out of ten answers wrong by one mistake, or by two where `double`."""
    chance = random.Random(seed)
    choices = [slips(ask) for ask in asked]
    possible = [number for number, found in enumerate(choices) if found]
    for student in range(count):
        answers = {}
        for number in sorted(chance.sample(possible, 20)):
            ask = asked[number]
            made: tuple[Slip, ...] = ()
            given = value(ask, work(ask.net, {}))
            if chance.random() < 0.3:
                by_word: dict[str, list[Slip]] = {}
                for slip in choices[number]:
                    by_word.setdefault(slip.word, []).append(slip)
                slip = _one(ask, by_word[chance.choice(sorted(by_word))], chance)
                made, given = (slip,), slip.value
                if double:
                    both = _second(ask, slip, chance)
                    if both is None:
                        continue
                    made, given = both
            text = written(ask, given, chance, rounded=bool(made) and chance.random() < 0.2)
            answers[f"q{number}"] = Answer(text, made)
        yield Student(f"s{student:04}", answers)


def _one(ask: Ask, alike: Sequence[Slip], chance: random.Random) -> Slip:
    """One of the places of a mistake: nine times out of ten the layer that is asked for, or everywhere."""
    near = [slip for slip in alike if ask.path == "total" or slip.place in ("", "*", ask.path)]
    return chance.choice(near if near and chance.random() < 0.9 else alike)


def _second(ask: Ask, first: Slip, chance: random.Random) -> tuple[tuple[Slip, ...], Any] | None:
    """Another mistake in the rules on top of a first one."""
    if first.word not in RULES:
        return None
    right = value(ask, work(ask.net, {}))
    singles = {slip.value for slip in slips(ask)}
    words = [word for word in RULES if word != first.word]
    chance.shuffle(words)
    for word in words:
        try:
            wrong = value(ask, work(ask.net, {first.place: frozenset([first.word, word])}))
        except ArithmeticError:
            continue
        if wrong not in (None, 0, right) and wrong not in singles:
            return (first, Slip(word, first.place, wrong, frozenset([RULES[word]]))), wrong
    return None
