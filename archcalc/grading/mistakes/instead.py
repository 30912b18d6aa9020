"""Mistakes of counting something else: one quantity given for another of the same layer, `macs-for-flops`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from archcalc.algebra.symbols import prod
from archcalc.grading.mistakes.rows import KnownMistake, Rarity, WrongAnswer
from archcalc.grading.mistakes.ways import InQuestion, InShape, Read, TakenFor
from archcalc.results.quantities import QuantityName
from archcalc.words.language import marked

CLAUSE = marked("{given} were given for {asked}")
CLAUSE_OF_ONE = marked("{given} was given for {asked}")
"""What is said where one quantity was given for another: each is called as in QUANTITIES."""

_ONE = frozenset(
    (
        "memory",
        "total-bytes",
        "param-bytes",
        "activation-bytes",
        "output",
        "input",
        "layers",
        "blocks",
        "depth",
    )
)
"""What is one thing, not many."""

QUANTITIES: Mapping[str, str] = {
    "params": marked("the parameters"),
    "weights": marked("the weights"),
    "biases": marked("the biases"),
    "macs": marked("the MACs"),
    "flops": marked("the FLOPs"),
    "activations": marked("the activations"),
    "input-activations": marked("the elements of the input"),
    "memory": marked("the memory in all"),
    "total-bytes": marked("the memory in all"),
    "param-bytes": marked("the memory of the parameters"),
    "activation-bytes": marked("the memory of the activations"),
    "output": marked("the output"),
    "input": marked("the input"),
    "multiplications": marked("the multiplications"),
    "additions": marked("the additions"),
    "layers": marked("the number of layers"),
    "blocks": marked("the number of blocks"),
    "depth": marked("the depth"),
}
"""What is counted, as codes and sentences call it."""


def clause_of(given: str) -> str:
    """What is said where a quantity was given for another."""
    return CLAUSE_OF_ONE if given in _ONE else CLAUSE


# 5·5·4·6 = 600 weights and 6 biases, 606; 5·5·600 = 15,000 MACs, 30,000 FLOPs; 6·5·5 = 150 outputs of 4·9·9 = 324
# inputs, 474 in all; 4 bytes each: 2424 of the parameters, 1896 of the activations, 4320 together
_CONV = "{input: [4, 9, 9], layers: [{conv: 6, kernel: 5, name: c}]}"
# and a norm over 5 channels that adds 5 times an element and multiplies twice: 750 and 300; biases are added 150 times
_NORMED = "{input: [4, 9, 9], layers: [{conv: 6, kernel: 5, name: c}, {lrn: 5, name: n}]}"
# four layers, two of them blocks' and three of them convolutions
_BLOCKS = (
    "{input: [3, 13, 13], layers: [{conv: 4, kernel: 3}, {layers: [{conv: 4, kernel: 3}, relu], name: one}, "
    "{layers: [{conv: 4, kernel: 3}], name: two}]}"
)
# four layers, two of them convolutions
_FOUR = "{input: [3, 13, 13], layers: [{conv: 4, kernel: 3}, relu, {conv: 4, kernel: 3}, {max_pool: 2}]}"


def _instead(
    given: str,
    asked: str,
    of: str,
    answer: str,
    working: str,
    *,
    network: str = _CONV,
    rarity: Rarity = "sometimes",
    more: Sequence[WrongAnswer] = (),
) -> KnownMistake:
    """`given` counted where `asked` was to be, with its example, of a layer or the total, and `more` of them."""

    def change(_: Read, quantity: QuantityName) -> Iterator[TakenFor]:
        if quantity.name == asked.replace("-", "_"):
            yield TakenFor(quantity._replace(name=given.replace("-", "_")))

    said = f"{QUANTITIES[given]} {'was' if given in _ONE else 'were'} given for {QUANTITIES[asked]}."
    example = WrongAnswer(
        network, f"{of}.{asked.replace('-', '_')}", answer, working, said[0].upper() + said[1:]
    )
    return KnownMistake(
        f"{given}-for-{asked}",
        clause_of(given),
        InQuestion(change, reach="layer"),
        rarity=rarity,
        examples=[example, *more],
    )


MISTAKES = (
    _instead(
        "biases",
        "params",
        "c",
        "6",
        "6 biases; with 600 weights 606",
        rarity="seldom",
        more=[
            WrongAnswer(
                "{input: [2, 9, 9], layers: [{conv: 2, kernel: 1, name: a}, {conv: 6, kernel: 3, name: c}]}",
                "c.params",
                "6",
                "6 biases, but a has 2·2 + 2 = 6 parameters as well",
                "The answer is that of the layer before, a.",
                beside=("layer-before",),
                instead=True,
            )
        ],
    ),
    _instead("macs", "params", "c", "15,000", "5·5·600 = 15,000 are MACs; 600 + 6 = 606 parameters"),
    _instead("activations", "params", "c", "150", "6·5·5 = 150 are outputs; 600 + 6 = 606 parameters"),
    _instead("biases", "weights", "c", "6", "6 are biases; 5·5·4·6 = 600 weights"),
    _instead("macs", "weights", "c", "15,000", "5·5·600 = 15,000 are MACs; 600 weights"),
    _instead("weights", "biases", "c", "600", "5·5·4·6 = 600 are weights; 6 biases"),
    _instead("params", "biases", "c", "606", "600 + 6 = 606 are weights too; 6 biases"),
    _instead(
        "flops",
        "macs",
        "c",
        "30,000",
        "2·15,000 = 30,000 are FLOPs; 15,000 MACs",
        rarity="often",
        more=[
            WrongAnswer(
                "{input: [6, 4, 4], layers: [{conv: 4, kernel: 1, name: a}, {conv: 3, kernel: 1, name: b}, "
                "{conv: 8, kernel: 1, name: c}]}",
                "b.macs",
                "384",
                "2·16·12 = 384; a and c have 16·24 = 384 MACs, but FLOPs are what is oftenest given for them",
                "The FLOPs were given for the MACs.",
            )
        ],
    ),
    _instead("params", "macs", "c", "606", "600 + 6 = 606 are parameters; 5·5·600 = 15,000 MACs"),
    _instead("activations", "macs", "c", "150", "6·5·5 = 150 are outputs; 5·5·600 = 15,000 MACs"),
    _instead(
        "macs",
        "flops",
        "c",
        "15,000",
        "5·5·600 = 15,000 are MACs; 30,000 FLOPs",
        rarity="often",
        more=[
            WrongAnswer(
                "{input: [3, 4, 4], layers: [{conv: 4, kernel: 1, name: a}, {conv: 6, kernel: 1, name: b}, "
                "{conv: 2, kernel: 1, name: c}]}",
                "b.flops",
                "384",
                "16·24 = 384; a and c have 2·16·12 = 384 FLOPs, but MACs are what is oftenest given for them",
                "The MACs were given for the FLOPs.",
            )
        ],
    ),
    _instead("params", "flops", "c", "606", "600 + 6 = 606 are parameters; 2·5·5·600 = 30,000 FLOPs"),
    _instead("params", "activations", "c", "606", "600 + 6 = 606 are parameters; 6·5·5 = 150 outputs"),
    _instead("param-bytes", "memory", "total", "2424 B", "4·606 = 2424 of the parameters; 4320 in all"),
    _instead("activation-bytes", "memory", "total", "1896 B", "4·474 = 1896 of activations; 4320 in all"),
    _instead("param-bytes", "total-bytes", "total", "2424 B", "4·606 = 2424 of the parameters; 4320 in all"),
    _instead(
        "activation-bytes", "total-bytes", "total", "1896 B", "4·474 = 1896 of activations; 4320 in all"
    ),
    _instead("activation-bytes", "param-bytes", "total", "1896 B", "4·474 = 1896; the parameters' are 2424"),
    _instead("memory", "param-bytes", "total", "4320 B", "2424 + 1896 = 4320; the parameters' are 2424"),
    _instead("param-bytes", "activation-bytes", "total", "2424 B", "4·606 = 2424; the activations' are 1896"),
    _instead(
        "memory", "activation-bytes", "total", "4320 B", "2424 + 1896 = 4320; the activations' are 1896"
    ),
    _instead(
        "activations", "input-activations", "total", "474", "324 + 150 = 474; the input has 4·9·9 = 324"
    ),
    _instead("input", "output", "c", "4x9x9", "4×9×9 comes in, 6×5×5 goes out"),
    _instead("output", "input", "c", "6x5x5", "6×5×5 goes out, 4×9×9 comes in"),
    _instead("additions", "multiplications", "total", "900", "150 + 750 = 900; 2·150 = 300", network=_NORMED),
    _instead("macs", "multiplications", "total", "15,000", "MACs are counted apart: 300", network=_NORMED),
    _instead("multiplications", "additions", "total", "300", "2·150 = 300; 150 + 750 = 900", network=_NORMED),
    _instead("macs", "additions", "total", "15,000", "MACs are counted apart: 900", network=_NORMED),
    _instead("depth", "layers", "total", "3", "3 convolutions one after another; 4 layers", network=_BLOCKS),
    _instead("blocks", "layers", "total", "2", "2 blocks; 4 layers", network=_BLOCKS),
    _instead("layers", "depth", "total", "4", "4 layers; 2 of them convolutions", network=_FOUR),
    KnownMistake(
        "activations-for-output",
        CLAUSE,
        InShape(lambda shape: [(prod(shape),)]),
        examples=[
            WrongAnswer(
                _CONV,
                "c.output",
                "150",
                "6·5·5 = 150 elements; the shape is 6×5×5",
                "The activations were given for the output.",
            )
        ],
    ),
)
