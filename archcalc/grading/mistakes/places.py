"""Mistakes about where: another layer, a block or the whole network taken for what was asked."""

from __future__ import annotations

from collections.abc import Iterator

from archcalc.grading.mistakes.asked import settings
from archcalc.grading.mistakes.rows import KnownMistake, WrongAnswer
from archcalc.grading.mistakes.ways import InQuestion, Read, TakenFor
from archcalc.network.network import INPUT
from archcalc.results.counts import BYTES, OF_LAYERS
from archcalc.results.quantities import TOTALS, QuantityName
from archcalc.words.language import marked


def _with_auxiliary(_: Read, asked: QuantityName) -> Iterator[TakenFor]:
    if asked.path == "total":
        yield TakenFor(asked._replace(path="total_with_auxiliary"))


def _without_auxiliary(_: Read, asked: QuantityName) -> Iterator[TakenFor]:
    if asked.path == "total_with_auxiliary":
        yield TakenFor(asked._replace(path="total"))


def _whole_network(_: Read, asked: QuantityName) -> Iterator[TakenFor]:
    if asked.name in OF_LAYERS and asked.path not in TOTALS:
        yield TakenFor(asked._replace(path="total"))


def _blocks_around(_: Read, asked: QuantityName) -> Iterator[TakenFor]:
    parts = asked.path.split(".")
    if asked.name in OF_LAYERS and asked.path not in TOTALS:
        for end in range(1, len(parts)):
            path = ".".join(parts[:end])
            yield TakenFor(asked._replace(path=path), {"layer": path})


def _blocks_beside(read: Read, path: str) -> tuple[list[str], int]:
    """The blocks beside a block, itself among them, and its place there; -1 where it has none."""
    groups = [name for name in read.network.groups if name.rpartition(".")[0] == path.rpartition(".")[0]]
    return groups, groups.index(path) if path in groups else -1


def _alike(read: Read, index: int) -> tuple[list[int], int]:
    """The layers of the same kind, and the place of a layer among them."""
    nodes = read.network.nodes
    alike = [i for i, node in enumerate(nodes) if type(node.layer) is type(nodes[index].layer)]
    return alike, alike.index(index)


def _before(read: Read, asked: QuantityName) -> Iterator[str]:
    nodes, index = read.network.nodes, read.index.get(asked.path)
    if index is None:
        inside = set(read.members(asked.path))
        came = (i for member in read.members(asked.path) for i in nodes[member].inputs)
        yield from (nodes[i].name for i in dict.fromkeys(came) if i != INPUT and i not in inside)
        groups, place = _blocks_beside(read, asked.path)
        yield from groups[place - 1 : place] if place > 0 else ()
        return
    alike, place = _alike(read, index)
    before = [i for i in nodes[index].inputs if i != INPUT]
    before += alike[max(place - 1, 0) : place]
    # What only hands on has nothing of what is asked: the next that has some is meant.
    before += [i for i in read.having(asked) if i < index][-1:]
    yield from (nodes[i].name for i in dict.fromkeys(before))


def _after(read: Read, asked: QuantityName) -> Iterator[str]:
    nodes, index = read.network.nodes, read.index.get(asked.path)
    if index is None:
        groups, place = _blocks_beside(read, asked.path)
        yield from groups[place + 1 : place + 2] if place >= 0 else ()
        return
    alike, place = _alike(read, index)
    after = [i for i, node in enumerate(nodes) if index in node.inputs]
    after += alike[place + 1 : place + 2]
    after += [i for i in read.having(asked) if i > index][:1]
    yield from (nodes[i].name for i in dict.fromkeys(after))


def _layers_before(read: Read, asked: QuantityName) -> Iterator[TakenFor]:
    if asked.path not in TOTALS:
        yield from (TakenFor(asked._replace(path=path), {"layer": path}) for path in _before(read, asked))


def _layers_after(read: Read, asked: QuantityName) -> Iterator[TakenFor]:
    if asked.path not in TOTALS:
        yield from (TakenFor(asked._replace(path=path), {"layer": path}) for path in _after(read, asked))


def _any_layer(read: Read, asked: QuantityName) -> Iterator[TakenFor]:
    if asked.path in TOTALS or asked.name in (*BYTES, *settings(read, asked.path)):
        return
    for node in read.network.nodes:
        if node.name != asked.path:
            yield TakenFor(asked._replace(path=node.name), {"layer": node.name})


# 3·3·3·4 + 4 = 112 parameters, 3·3·4·5 + 5 = 185, 3·3·5·2 + 2 = 92, 3·3·2·7 + 7 = 133: 522 in all
_FOUR = (
    "{input: [3, 13, 13], layers: [{conv: 4, kernel: 3, name: a}, {conv: 5, kernel: 3, name: b}, "
    "{conv: 2, kernel: 3, name: c}, {conv: 7, kernel: 3, name: d}]}"
)


# 112, and in the block 185 and 92
_BLOCK = (
    "{input: [3, 13, 13], layers: [{conv: 4, kernel: 3, name: a}, {layers: [{conv: 5, kernel: 3, name: b}, "
    "{conv: 2, kernel: 3, name: c}], name: block}]}"
)


# 112 and 3·3·4·5 + 5 = 185 of the main way; 4·3 + 3 = 15 and 3·10 + 10 = 40 of the head beside it
_HEAD = (
    "{input: [3, 13, 13], layers: [{conv: 4, kernel: 3, name: a}, "
    "{auxiliary: side, layers: [{conv: 3, kernel: 1}, global_avg_pool, {linear: 10}]}, {conv: 5, kernel: 3, name: b}]}"
)


MISTAKES = (
    KnownMistake(
        "auxiliary-counted",
        marked("the auxiliary heads were counted"),
        InQuestion(_with_auxiliary),
        examples=[
            WrongAnswer(
                _HEAD,
                "total.params",
                "352",
                "112 + 185 + 15 + 40 = 352; the auxiliary head is for training only: 297",
                "The auxiliary heads were counted.",
            )
        ],
    ),
    KnownMistake(
        "auxiliary-left-out",
        marked("the auxiliary heads were left out"),
        InQuestion(_without_auxiliary),
        examples=[
            WrongAnswer(
                _HEAD,
                "total_with_auxiliary.params",
                "297",
                "112 + 185 = 297; with the 55 of the auxiliary head 352",
                "The auxiliary heads were left out.",
            )
        ],
    ),
    KnownMistake(
        "total-for-layer",
        marked("the total of the network was given"),
        InQuestion(_whole_network),
        examples=[
            WrongAnswer(
                _FOUR,
                "b.params",
                "522",
                "112 + 185 + 92 + 133 = 522 of the whole network; b alone has 185",
                "The total of the network was given.",
            )
        ],
    ),
    KnownMistake(
        "block-for-layer",
        marked("the whole of {layer} was counted"),
        InQuestion(_blocks_around),
        elsewhere=True,
        examples=[
            WrongAnswer(
                _BLOCK,
                "block.b.params",
                "277",
                "185 + 92 = 277 of the whole block; b alone has 185",
                "The whole of block was counted.",
            )
        ],
    ),
    KnownMistake(
        "layer-before",
        marked("the answer is that of the layer before, {layer}"),
        InQuestion(_layers_before),
        elsewhere=True,
        examples=[
            WrongAnswer(
                _FOUR,
                "b.params",
                "112",
                "3·3·3·4 + 4 = 112 are those of a; b has 3·3·4·5 + 5 = 185",
                "The answer is that of the layer before, a.",
            ),
            WrongAnswer(
                _BLOCK,
                "block.params",
                "112",
                "3·3·3·4 + 4 = 112 are those of a; the block has 185 + 92 = 277",
                "The answer is that of the layer before, a.",
            ),
        ],
    ),
    KnownMistake(
        "layer-after",
        marked("the answer is that of the layer after, {layer}"),
        InQuestion(_layers_after),
        elsewhere=True,
        examples=[
            WrongAnswer(
                _FOUR,
                "b.params",
                "92",
                "3·3·5·2 + 2 = 92 are those of c; b has 3·3·4·5 + 5 = 185",
                "The answer is that of the layer after, c.",
            ),
            WrongAnswer(
                _FOUR,
                "b.params",
                "133",
                "133 are those of d, which does not come next",
                "The answer is that of another layer, d.",
                beside=("other-layer",),
                instead=True,
            ),
        ],
    ),
    KnownMistake(
        "other-layer",
        marked("the answer is that of another layer, {layer}"),
        InQuestion(_any_layer, reach="far"),
        rarity="seldom",
        elsewhere=True,
        examples=[
            WrongAnswer(
                _FOUR,
                "b.params",
                "133",
                "3·3·2·7 + 7 = 133 are those of d; b has 3·3·4·5 + 5 = 185",
                "The answer is that of another layer, d.",
            ),
            WrongAnswer(
                "{input: [3, 10, 10], layers: [{conv: 4, kernel: 3, padding: 2, name: a}, "
                "{conv: 5, kernel: 1, name: b}, {conv: 2, kernel: 1, name: c}, "
                "{conv: 5, kernel: 5, name: d}]}",
                "b.output",
                "5x8x8",
                "d puts out 12 − 5 + 1 = 8, but a without its padding 10 − 3 + 1 = 8 as well, and b after it",
                "The padding was left out in a.",
                beside=("padding-forgotten",),
                instead=True,
            ),
        ],
    ),
)
