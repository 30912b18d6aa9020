"""What may be said for a whole slide, a table, a column or one statement; the innermost counts."""

from __future__ import annotations

from typing import NamedTuple, cast

from archcalc.algebra.shapes import AXIS_INDEX
from archcalc.grading.assignments import fields
from archcalc.grading.lectures.model import TOPICS, Topic
from archcalc.results.asked import Asked, Name
from archcalc.results.counts import COUNTS, Convention
from archcalc.spec.nodes import text_of
from archcalc.spec.reader import Mapping
from archcalc.words.language import LANGUAGES

KEYS = ("network", "topic", "bias", "batch", "dtype", "kilo", "numbers")
"""The keys that stand for options, wherever they may stand."""

KILO = 1000
LARGEST_KILO = 1024

_OF_ASPECTS: dict[str, Topic] = {"params": "parameters", "flops": "multiplications", "memory": "memory"}

_TOPICS: dict[str, Topic] = {
    **dict.fromkeys(("output", "input"), "shapes"),
    **{name: _OF_ASPECTS[count.aspect] for name, count in COUNTS.items() if count.aspect},
    "receptive_field": "receptive field",
}


class Options(NamedTuple):
    """How the figures of some statements are meant."""

    network: str | None = None
    """The network of quantities that name none."""
    topic: Topic | None = None
    """None: what the first quantity is about."""
    convention: Convention = Convention()
    kilo: int = KILO
    """What K stands for in them: 1000, or 1024."""
    numbers: str | None = None
    """How numbers are written: `en`, `pt-BR`; None if both ways may come."""

    def within(self, entry: Mapping) -> Options:
        """These options with what a mapping says otherwise. Raises SpecError."""
        found = self
        network, topic, kilo, numbers = (entry.get(key) for key in ("network", "topic", "kilo", "numbers"))
        if network is not None:
            found = found._replace(network=text_of(network, "`network`"))
        if topic is not None:
            found = found._replace(topic=cast(Topic, fields.one_of(topic, "`topic`", TOPICS)))
        if kilo is not None:
            found = found._replace(kilo=fields.whole(kilo, "`kilo`", LARGEST_KILO))
        if numbers is not None:
            found = found._replace(numbers=fields.one_of(numbers, "`numbers`", tuple(LANGUAGES)))
        return found._replace(convention=fields.convention(entry.get, found.convention))


def topic_of(asked: Asked) -> Topic:
    """What a question is about, as far as its quantities say."""
    names = list(asked.names())
    if len({name.network for name in names}) > 1 and "/" in asked.text:
        return "ratios"
    return _of_name(names[0]) if names else "other"


def _of_name(name: Name) -> Topic:
    words = name.quantity.partition("(")[0].split(".")
    word = words[-2] if words[-1] in AXIS_INDEX and len(words) > 1 else words[-1]
    return _TOPICS.get(word, "layers")
