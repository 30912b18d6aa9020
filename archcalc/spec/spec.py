"""The Spec: what a file says, checked as far as it can be without shapes.

A Spec holds the items as they stand in the file. Values stay text (nodes with their places) until a field
receives them, since only the field knows its type and only expansion knows the names in `$` arithmetic.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from archcalc.spec.reader import Node, Scalar
from archcalc.words.errors import Place

NAME = re.compile(r"[A-Za-z0-9_-]+")
PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

ITEM_KEYS = ("name", "as", "repeat")
"""Keys that may stand on every item beside its own."""

STRUCTURE_KEYS = ("layers", "from", "head", "auxiliary")
"""Keys that make an item of their own, as a kind or a block does."""

DERIVED_NAMES = ("channels", "features", "tokens")
"""Names that `$` arithmetic always knows, from the shape that reaches an item."""

RESERVED_NAMES = ("input", "total", "total_with_auxiliary", "error")
"""Names that mean something else where quantities and layers are named."""

ABOUT_KEYS = ("source", "family", "year", "task", "description", "note", "libraries")
TOP_KEYS = (
    "name",
    *ABOUT_KEYS,
    "input",
    "parameters",
    "import",
    "blocks",
    "strict",
    "layers",
    "published",
)
TOP_KEYS_ELSEWHERE = {
    **dict.fromkeys(
        ("inputs", "input_shape", "input_size"), "A network has one input: `input: [3, 224, 224]`."
    ),
    **dict.fromkeys(
        ("output", "outputs"),
        "The last layer gives the output; further ones stand under `layers:` as `{head: NAME, layers: [ … ]}`.",
    ),
    "title": "Here it is called `name`.",
}
"""Keys that others have, and the way out."""

PUBLISHED_KEYS = ("quantity", "value", "figures", "source", "note", "reason")


class Common(NamedTuple):
    """What every item may carry."""

    place: Place
    name: Scalar | None
    label: Scalar | None
    repeat: Scalar | None


class LayerItem(NamedTuple):
    """A layer: a kind and its fields. `branches` are those of a join, by name (None: not named)."""

    common: Common
    kind: str
    fields: tuple[tuple[str, Node], ...]
    branches: tuple[tuple[Scalar | None, tuple[Item, ...]], ...]
    weights: Scalar | None
    dynamic: bool
    """Whether a field holds `$` arithmetic, so that the layer has to be made anew at each use."""


class BlockItem(NamedTuple):
    """A call of a block with its arguments, by parameter."""

    common: Common
    block: Block
    arguments: dict[str, Node]


class GroupItem(NamedTuple):
    """Items that stand together."""

    common: Common
    items: tuple[Item, ...]


class FromItem(NamedTuple):
    """Goes on from an earlier layer."""

    common: Common
    target: Scalar


class HeadItem(NamedTuple):
    """An output beside the main way."""

    common: Common
    head: Scalar
    auxiliary: bool
    items: tuple[Item, ...]


Item = LayerItem | BlockItem | GroupItem | FromItem | HeadItem


class Block:
    """A named list of items with parameters. `items` are filled in once all blocks of the file are known."""

    __slots__ = ("file", "items", "name", "parameters", "place")

    def __init__(self, name: str, place: Place, file: File, parameters: dict[str, Node | None]) -> None:
        self.name = name
        self.place = place
        self.file = file
        self.parameters = parameters
        self.items: tuple[Item, ...] = ()


class File:
    """The blocks and parameters of one file: all that its items can see."""

    __slots__ = ("blocks", "own", "parameters", "path")

    def __init__(self, path: str) -> None:
        self.path = path
        self.parameters: dict[str, Node] = {}
        self.own: dict[str, Block] = {}
        self.blocks: dict[str, Block] = {}


class Published(NamedTuple):
    """A figure that others state: where, and if it does not follow from the architecture, why."""

    quantity: str
    value: str
    source: str
    note: str
    reason: str
    place: Place


class Spec(NamedTuple):
    """One network as its file has it."""

    name: str
    title: str
    about: dict[str, str]
    """source, family, year, task, description, note and libraries, as far as they are given."""
    file: File
    input: Node
    items: tuple[Item, ...]
    strict: bool
    published: tuple[Published, ...]
    place: Place
