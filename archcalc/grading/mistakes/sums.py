"""Mistakes in sums over layers: a layer, a branch or a kind left out, counted twice or counted alone."""

from __future__ import annotations

from collections.abc import Iterator

from archcalc.grading.mistakes.rows import KnownMistake, WrongAnswer
from archcalc.grading.mistakes.ways import (
    Came,
    CountedLayers,
    InCount,
    InQuestion,
    InSum,
    Read,
    Summand,
    SumOfLayers,
    TakenFor,
)
from archcalc.results.counts import BYTES, OF_LAYERS
from archcalc.results.quantities import TOTALS, QuantityName
from archcalc.words.language import marked


def blocks_left_out(found: SumOfLayers) -> Iterator[Came]:
    """The sum without one of the blocks or branches in it."""
    return (Came(found.right - part.amount, {"branch": part.name}) for part in found.blocks)


def blocks_twice(found: SumOfLayers) -> Iterator[Came]:
    """The sum with one of the blocks or branches in it once more."""
    return (Came(found.right + part.amount, {"branch": part.name}) for part in found.blocks)


def _by_kind(found: SumOfLayers) -> dict[str, list[Summand]]:
    kinds: dict[str, list[Summand]] = {}
    for part in found.parts:
        kinds.setdefault(part.kind, []).append(part)
    return kinds


def _some_kinds(found: SumOfLayers) -> Iterator[tuple[str, int]]:
    """The kinds of which there are several layers, and several others beside: one layer is said by its name."""
    for kind, parts in _by_kind(found).items():
        if 1 < len(parts) < len(found.parts) - 1:
            yield kind, sum(part.amount for part in parts)


def _only_one_of_its_kind(found: SumOfLayers) -> Iterator[Came]:
    """The only layer of a kind, where others are of the same: it is often forgotten."""
    kinds = _by_kind(found)
    for parts in kinds.values():
        if len(parts) == 1 and len(found.parts) > len(kinds):
            yield Came(found.right - parts[0].amount, {"layer": parts[0].name})


def _any_layer_left_out(found: SumOfLayers) -> Iterator[Came]:
    return (Came(found.right - part.amount, {"layer": part.name}) for part in found.parts)


def _any_layer_twice(found: SumOfLayers) -> Iterator[Came]:
    return (Came(found.right + part.amount, {"layer": part.name}) for part in found.parts)


def _kind_alone(found: SumOfLayers) -> Iterator[Came]:
    return (Came(amount, {"kind": kind}) for kind, amount in _some_kinds(found))


def _kind_left_out(found: SumOfLayers) -> Iterator[Came]:
    return (Came(found.right - amount, {"kind": kind}) for kind, amount in _some_kinds(found))


def _one_kind_counted(found: CountedLayers) -> Iterator[Came]:
    if found.what == "layers":
        yield from (Came(count, {"kind": kind}) for kind, count in found.kinds.items())


def _one_kind_not_counted(found: CountedLayers) -> Iterator[Came]:
    if found.what == "layers":
        yield from (Came(found.right - count, {"kind": kind}) for kind, count in found.kinds.items())


def _kind_counted_too(found: CountedLayers) -> Iterator[Came]:
    if found.what == "depth":
        others = ((kind, count) for kind, count in found.kinds.items() if kind not in found.counting)
        yield from (Came(found.right + count, {"kind": kind}) for kind, count in others)


def _every_branch(found: CountedLayers) -> Iterator[Came]:
    if found.what == "depth":
        yield Came(sum(found.kinds[kind] for kind in found.counting))


def _without_input(found: SumOfLayers) -> Iterator[Came]:
    layers = sum(part.amount for part in found.parts)
    if found.parts and layers != found.right:
        yield Came(layers)


def _parameters_for_each_input(found: SumOfLayers) -> Iterator[Came]:
    if found.param_bytes is not None and found.batch > 1:
        yield Came(found.right + found.param_bytes * (found.batch - 1))


def _a_layer_of_all(read: Read, asked: QuantityName) -> Iterator[TakenFor]:
    """One layer or block for the whole network."""
    if asked.path in TOTALS and asked.name not in BYTES:
        blocks = read.network.groups if asked.name in OF_LAYERS else ()
        for path in (*(node.name for node in read.network.nodes), *blocks):
            yield TakenFor(asked._replace(path=path), {"layer": path})


# 3·3·3·4 + 4 = 112, 3·3·4·5 + 5 = 185, 3·3·5·2 + 2 = 92 and 7·7·2·10 + 10 = 990 of the linear layer: 1379 in all;
# 4·11·11 = 484 outputs, 5·9·9 = 405, 2·7·7 = 98 and 10; the input has 3·13·13 = 507: 1504 in all
_FOUR = (
    "{input: [3, 13, 13], layers: [{conv: 4, kernel: 3, name: a}, {conv: 5, kernel: 3, name: b}, "
    "{conv: 2, kernel: 3, name: c}, {flatten: 0, name: flat}, {linear: 10, name: fc}]}"
)
# 112 and 185 of convolutions, 8 and 10 of norms, 9·9·5·3 + 3 = 1218 and 3·2 + 2 = 8 of linear layers: 1541 in all
_KINDS = (
    "{input: [3, 13, 13], layers: [{conv: 4, kernel: 3}, batch_norm, {conv: 5, kernel: 3}, batch_norm, "
    "{flatten: 0}, {linear: 3}, {linear: 2}]}"
)
_RECTIFIED = (
    "{input: [3, 13, 13], layers: [{conv: 4, kernel: 3}, relu, {max_pool: 2}, {conv: 5, kernel: 3}, relu]}"
)
# a convolution, then branches of two and of three
_BRANCHES = (
    "{input: [3, 9, 9], layers: [{conv: 4, kernel: 1}, {concat: [[{conv: 4, kernel: 1}, {conv: 4, kernel: 1}], "
    "[{conv: 4, kernel: 1}, {conv: 4, kernel: 1}, {conv: 4, kernel: 1}]], name: join}]}"
)

MISTAKES = (
    KnownMistake(
        "layer-for-total",
        marked("only {layer} was counted"),
        InQuestion(_a_layer_of_all, reach="far"),
        guessed=True,
        examples=[
            WrongAnswer(
                _FOUR,
                "total.params",
                "185",
                "3·3·4·5 + 5 = 185 of b alone; all four have 112 + 185 + 92 + 990 = 1379",
                "Only b was counted.",
            )
        ],
    ),
    KnownMistake(
        "layer-left-out",
        marked("{layer} was left out"),
        InSum(_only_one_of_its_kind),
        InSum(_any_layer_left_out, far=True),
        examples=[
            WrongAnswer(
                _FOUR,
                "total.params",
                "389",
                "112 + 185 + 92 = 389; the linear layer has 990 more: 1379",
                "Fc was left out.",
            ),
            WrongAnswer(
                _FOUR,
                "total.params",
                "1194",
                "112 + 92 + 990 = 1194; b has 185 more: 1379",
                "B was left out.",
            ),
            WrongAnswer(
                "{input: [3, 13, 13], layers: [{conv: 4, kernel: 3, name: a}, "
                "{conv: 5, kernel: 3, name: b}, global_avg_pool, {linear: 12, name: fc}]}",
                "total.params",
                "297",
                "112 + 185 = 297 without the 72 of fc; 40 + 185 + 72 too, but the only one of its kind is nearer",
                "Fc was left out.",
            ),
        ],
    ),
    KnownMistake(
        "layer-twice",
        marked("{layer} was counted twice"),
        InSum(_any_layer_twice, far=True),
        examples=[
            WrongAnswer(
                _FOUR,
                "total.params",
                "1564",
                "112 + 2·185 + 92 + 990 = 1564; once 1379",
                "B was counted twice.",
            )
        ],
    ),
    KnownMistake(
        "only-kind",
        marked("only layers of the kind {kind} were counted"),
        InSum(_kind_alone),
        InCount(_one_kind_counted),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _KINDS,
                "total.params",
                "1226",
                "1218 + 8 = 1226 of the linear layers; with the convolutions' 297 and the norms' 18 it is 1541",
                "Only layers of the kind linear were counted.",
            ),
            WrongAnswer(
                _FOUR,
                "total.layers",
                "3",
                "3 convolutions; with flatten and the linear layer there are 5",
                "Only layers of the kind conv were counted.",
            ),
            WrongAnswer(
                _RECTIFIED,
                "total.layers",
                "2",
                "2 convolutions of 5 layers, but that is the depth as well",
                "The depth was given for the number of layers.",
                beside=("depth-for-layers",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "kind-left-out",
        marked("the layers of the kind {kind} were left out"),
        InSum(_kind_left_out),
        InCount(_one_kind_not_counted),
        rarity="seldom",
        examples=[
            WrongAnswer(
                _KINDS,
                "total.params",
                "1244",
                "18 + 1226 = 1244; the convolutions have 112 + 185 = 297 more: 1541",
                "The layers of the kind conv were left out.",
            ),
            WrongAnswer(
                _FOUR,
                "total.layers",
                "2",
                "flatten and the linear layer; with 3 convolutions there are 5",
                "The layers of the kind conv were left out.",
            ),
            WrongAnswer(
                "{input: [3, 13, 13], layers: [{conv: 4, kernel: 3}, relu, {conv: 5, kernel: 3}, relu]}",
                "total.layers",
                "2",
                "2 without the relus, but that is the depth as well",
                "The depth was given for the number of layers.",
                beside=("depth-for-layers",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "kind-counted-as-layer",
        marked("the layers of the kind {kind} were counted too"),
        InCount(_kind_counted_too),
        examples=[
            WrongAnswer(
                _RECTIFIED,
                "total.depth",
                "3",
                "2 convolutions and the pool, which has no weights: the depth is 2",
                "The layers of the kind max_pool were counted too.",
            )
        ],
    ),
    KnownMistake(
        "branches-counted",
        marked("the layers of all branches were counted, not those of the longest path"),
        InCount(_every_branch),
        examples=[
            WrongAnswer(
                _BRANCHES,
                "total.depth",
                "6",
                "1 + 2 + 3 = 6 convolutions in all, but the longest way goes through 1 + 3 = 4",
                "The layers of all branches were counted, not those of the longest path.",
            )
        ],
    ),
    KnownMistake(
        "input-left-out",
        marked("the input was left out"),
        InSum(_without_input),
        examples=[
            WrongAnswer(
                _FOUR,
                "total.activations",
                "997",
                "484 + 405 + 98 + 10 = 997; the input has 3·13·13 = 507 more: 1504",
                "The input was left out.",
            )
        ],
    ),
    KnownMistake(
        "parameters-times-batch",
        marked("the parameters were multiplied by the batch as well"),
        InSum(_parameters_for_each_input),
        examples=[
            WrongAnswer(
                _FOUR,
                "total.memory",
                "92,256 B",
                "8·4·(1379 + 1504) = 92,256; the parameters are there once: 4·1379 + 8·4·1504 = 53,644",
                "The parameters were multiplied by the batch as well.",
                keys="batch: 8",
            )
        ],
    ),
)
