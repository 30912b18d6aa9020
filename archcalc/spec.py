"""YAML → Spec: what a file says, checked as far as it can be without shapes.

A Spec holds the items as they stand in the file. Values stay text (nodes with their places) until a field
receives them, since only the field knows its type and only expansion knows the names in `$` arithmetic.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, NoReturn

from archcalc.errors import NetworkError, Place, SpecError
from archcalc.layers import KINDS
from archcalc.reader import Mapping, Node, Scalar, Sequence
from archcalc.text import did_you_mean, listing, quote

NAME = re.compile(r"[A-Za-z0-9_-]+")
PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

ITEM_KEYS = ("name", "as", "repeat")
"""Keys that may stand on every item beside its own."""

STRUCTURE_KEYS = ("layers", "from", "head", "auxiliary")
"""Keys that make an item of their own, as a kind or a block does."""

RESERVED_NAMES = ("input", "total", "total_with_auxiliary", "error")
"""Names that mean something else where quantities and layers are named."""

TOP_KEYS = (
    "name",
    "source",
    "family",
    "year",
    "task",
    "description",
    "note",
    "input",
    "parameters",
    "import",
    "blocks",
    "strict",
    "layers",
    "published",
)
PUBLISHED_KEYS = ("quantity", "value", "source", "note", "reason")

Lookup = Callable[[str, Place], "File"]
"""Finds an imported file; it knows the importing file's folder and the catalogue."""


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
    """source, family, year, task, description and note, as far as they are given."""
    file: File
    input: Node
    items: tuple[Item, ...]
    strict: bool
    published: tuple[Published, ...]
    place: Place


def parse(root: Node, name: str, path: str, lookup: Lookup) -> Spec:
    """The Spec in a file that `reader` has read. `name` is the network's name, `lookup` finds imports.

    Raises SpecError with the place of what is wrong.
    """
    top = _mapping(root, "a spec", TOP_KEYS)
    layers, input_node = top.get("layers"), top.get("input")
    if input_node is None:
        raise SpecError(
            "a spec needs `input:`, the shape that goes in.",
            hint="For example `input: [3, 224, 224]`: channels, height, width.",
            place=root.place,
        )
    if layers is None:
        raise SpecError(
            "a spec needs `layers:`, the list of its layers.",
            hint="For example `layers: [{conv: 64, kernel: 3}, relu]`.",
            place=root.place,
        )
    file = _file(top, path, lookup)
    texts = ("name", "source", "family", "year", "task", "description", "note")
    given = {key: _text(node, f"`{key}`") for key in texts if (node := top.get(key)) is not None}
    return Spec(
        name=name,
        title=given.pop("name", name),
        about=given,
        file=file,
        input=input_node,
        items=_items(layers, file, "`layers`"),
        strict=_flag(top.get("strict"), "`strict`"),
        published=_published(top.get("published")),
        place=root.place,
    )


def parse_blocks(root: Node, path: str, lookup: Lookup) -> File:
    """The blocks of an imported file. A whole network may be imported too: its `blocks:` are what is used."""
    return _file(_mapping(root, "an imported file", TOP_KEYS), path, lookup)


def _file(top: Mapping, path: str, lookup: Lookup) -> File:
    file = File(path)
    imports = top.get("import")
    for node in imports.items if isinstance(imports, Sequence) else [] if imports is None else [imports]:
        imported = lookup(_text(node, "`import`"), node.place)
        for block in imported.own.values():
            _new_word(block.name, node.place, "block", file.blocks)
            file.blocks[block.name] = block
    parameters = top.get("parameters")
    if parameters is not None:
        for key, value in _mapping(parameters, "`parameters`").entries:
            _parameter_name(key)
            if isinstance(value, Scalar) and value.is_null:
                _no_value(key)
            file.parameters[key.text] = value
    blocks = top.get("blocks")
    bodies = _mapping(blocks, "`blocks`").entries if blocks is not None else []
    for key, body in bodies:
        _new_word(key.text, key.place, "block", file.blocks)
        what = f"block {quote(key.text)}"
        entry = _mapping(body, what, ("parameters", "layers", "description"))
        file.blocks[key.text] = file.own[key.text] = Block(
            key.text, key.place, file, _block_parameters(entry.get("parameters"), what)
        )
    for parameter in file.parameters:
        if parameter in file.blocks:
            raise SpecError(
                f"{quote(parameter)} is a parameter and a block.",
                hint="Rename one of them.",
                place=file.parameters[parameter].place,
            )
    for key, body in bodies:
        inner = body.get("layers") if isinstance(body, Mapping) else None
        if inner is None:
            raise SpecError(f"block {quote(key.text)} has no `layers:`.", place=key.place)
        file.own[key.text].items = _items(inner, file, f"block {quote(key.text)}")
    return file


def _block_parameters(node: Node | None, what: str) -> dict[str, Node | None]:
    if node is None:
        return {}
    parameters: dict[str, Node | None] = {}
    if isinstance(node, Sequence):
        raise SpecError(
            f"the parameters of {what} must be a mapping, not {node.describe()}.",
            hint="For example `parameters: {width, stride: 1}`: one without a value is required.",
            place=node.place,
        )
    for key, value in _mapping(node, f"the parameters of {what}").entries:
        _parameter_name(key)
        parameters[key.text] = None if isinstance(value, Scalar) and value.is_null else value
    return parameters


def _parameter_name(key: Scalar) -> None:
    if not PARAMETER.fullmatch(key.text):
        raise SpecError(
            f"{quote(key.text)} cannot be the name of a parameter.",
            hint="Use letters, digits and _, not beginning with a digit.",
            place=key.place,
        )
    _new_word(key.text, key.place, "parameter", {})


def _new_word(word: str, place: Place, what: str, known: dict[str, Block]) -> None:
    if not NAME.fullmatch(word):
        raise SpecError(
            f"{quote(word)} cannot be the name of a {what}.",
            hint="Use letters, digits, _ and -.",
            place=place,
        )
    taken = (
        "a kind of layer"
        if word in KINDS
        else "a key of items"
        if word in ITEM_KEYS or word in STRUCTURE_KEYS or word in ("weights", "channels", "features", "tokens")
        else "a block already"
        if word in known
        else ""
    )
    if taken:
        raise SpecError(
            f"{quote(word)} cannot be the name of a {what}: it is {taken}.", hint="Rename it.", place=place
        )


def _items(node: Node, file: File, what: str) -> tuple[Item, ...]:
    if not isinstance(node, Sequence):
        raise SpecError(
            f"{what} must be a list of layers, not {node.describe()}.",
            hint="Begin each layer with `- ` on a line of its own, or write [ … ].",
            place=node.place,
        )
    return tuple(_item(item, file) for item in node.items)


def _item(node: Node, file: File) -> Item:
    if isinstance(node, Scalar):
        return _word_item(node, file)
    if isinstance(node, Sequence):
        raise SpecError(
            "a list cannot stand where a layer is expected.",
            hint="Use `{layers: [ … ]}` to group layers.",
            place=node.place,
        )
    common = Common(
        node.place,
        _scalar(node.get("name"), "`name`"),
        _scalar(node.get("as"), "`as`"),
        _scalar(node.get("repeat"), "`repeat`"),
    )
    for key in ("head", "auxiliary"):
        if node.get(key) is not None:
            return _head(node, key, common, file)
    words = [key for key in node.keys() if key in KINDS or key in file.blocks or key in ("layers", "from")]
    if len(words) > 1:
        raise SpecError(
            f"an item is one layer, but {listing(map(quote, words), 'and')} stand together here.",
            hint="Begin the second one on a line of its own with `- `.",
            place=node.place,
        )
    if not words:
        _unknown_item(node, file)
    (word,) = words
    main = node.get(word)
    assert main is not None
    options = [(key, value) for key, value in node.entries if key.text != word and key.text not in ITEM_KEYS]
    if word == "layers":
        _no_options(options, "a group")
        return GroupItem(common, _items(main, file, "`layers`"))
    if word == "from":
        _no_options(options, "`from`")
        _no_common(common, ("name", "repeat"), "`from`")
        return FromItem(common, _required_scalar(main, "`from`"))
    if word in KINDS:
        return _layer(word, main, options, common, file)
    return _call(file.blocks[word], main, options, common)


def _word_item(node: Scalar, file: File) -> Item:
    common = Common(node.place, None, None, None)
    empty = Scalar(node.file, node.line, node.column, "", False)
    if node.text in KINDS and not node.quoted:
        return _layer(node.text, empty, [], common, file)
    if node.text in file.blocks:
        return _call(file.blocks[node.text], empty, [], common)
    if node.is_null:
        raise SpecError("an item of the list is empty.", hint="Remove the `-`.", place=node.place)
    _unknown_word(node, file)


def _unknown_item(node: Mapping, file: File) -> NoReturn:
    entries = [key for key, _ in node.entries if key.text not in ITEM_KEYS]
    if not entries:
        raise SpecError(
            "this item names no kind of layer and no block.",
            hint="For example `{conv: 64, kernel: 3, name: conv1}`.",
            place=node.place,
        )
    _unknown_word(entries[0], file)


def _unknown_word(key: Scalar, file: File) -> NoReturn:
    known = [*KINDS, *file.blocks, *STRUCTURE_KEYS]
    guess = did_you_mean(key.text, known) or did_you_mean(key.text.split(" ")[0], known)
    raise SpecError(
        f"{quote(key.text)} is neither a kind of layer nor a block.",
        hint=_sentence(guess) or "`archcalc layers` lists the kinds; blocks stand under `blocks:` or are imported.",
        place=key.place,
    )


def _layer(
    kind: str, main: Node, options: list[tuple[Scalar, Node]], common: Common, file: File
) -> LayerItem:
    cls = KINDS[kind]
    names = cls.__struct_fields__
    fields: list[tuple[str, Node]] = []
    branches: tuple[tuple[Scalar | None, tuple[Item, ...]], ...] = ()
    empty = isinstance(main, Scalar) and main.is_null
    if cls.arity is None:
        branches = _branches(kind, main, file)
    elif not empty:
        if not names:
            raise SpecError(
                f"{kind} has no settings, but {main.describe()} was given.",
                hint=f"Write `{kind}` alone.",
                place=main.place,
            )
        fields.append((names[0], main))
    weights: Scalar | None = None
    for key, value in options:
        if key.text == "weights" and "weights" not in names:
            weights = _required_scalar(value, "`weights`")
            continue
        if key.text not in names:
            _unknown_key(key, value, kind, [*names, *ITEM_KEYS, "weights"])
        if isinstance(value, Scalar) and value.is_null:
            _no_value(key)
        if key.text == names[0] and not empty and cls.arity is not None:
            raise SpecError(
                f"{key.text} is given twice: after `{kind}:` and by its own name.", place=key.place
            )
        fields.append((key.text, value))
    return LayerItem(
        common, kind, tuple(fields), branches, weights, any(_dynamic(value) for _, value in fields)
    )


def _branches(kind: str, main: Node, file: File) -> tuple[tuple[Scalar | None, tuple[Item, ...]], ...]:
    what = f"a branch of {kind}"
    found: list[tuple[Scalar | None, tuple[Item, ...]]]
    if isinstance(main, Sequence):
        found = [(None, _items(branch, file, what)) for branch in main.items]
    elif isinstance(main, Mapping):
        found = [(key, _items(branch, file, what)) for key, branch in main.entries]
    else:
        found = []
    if len(found) < 2:
        raise SpecError(
            f"{kind} joins at least two branches, but {main.describe()} was given.",
            hint=f"For example `{kind}: [[{{conv: 64, kernel: 1}}], []]`; [] is the identity.",
            place=main.place,
        )
    return tuple(found)


def _call(block: Block, main: Node, options: list[tuple[Scalar, Node]], common: Common) -> BlockItem:
    names = list(block.parameters)
    what = f"block {quote(block.name)}"
    takes = f"It takes {listing(names, 'and')}." if names else "It takes no arguments."
    arguments: dict[str, Node] = {}
    if isinstance(main, Mapping):
        given = main.entries
    else:
        values = main.items if isinstance(main, Sequence) else [] if _is_null(main) else [main]
        if len(values) > len(names):
            raise NetworkError(
                f"{what} takes {len(names)} arguments, but {len(values)} are given.",
                hint=takes,
                place=main.place,
            )
        arguments.update(zip(names, values, strict=False))
        given = []
    for key, value in [*given, *options]:
        if key.text not in block.parameters:
            _unknown_key(key, value, what, [*names, *ITEM_KEYS])
        if key.text in arguments:
            raise NetworkError(f"{key.text} of {what} is given twice.", hint=takes, place=key.place)
        if _is_null(value):
            _no_value(key)
        arguments[key.text] = value
    for name, default in block.parameters.items():
        if default is None and name not in arguments:
            raise NetworkError(f"{what} needs {quote(name)}.", hint=takes, place=common.place)
    return BlockItem(common, block, arguments)


def _head(node: Mapping, key: str, common: Common, file: File) -> HeadItem:
    name, layers = _required_scalar(node.get(key), f"`{key}`"), node.get("layers")
    rest = [(k, v) for k, v in node.entries if k.text not in (key, "layers", *ITEM_KEYS)]
    _no_options(rest, f"`{key}`")
    _no_common(common, ("name", "repeat", "as"), f"`{key}`")
    if not isinstance(layers, Sequence) or not layers.items:
        raise SpecError(
            f"the {key} {quote(name.text)} has no layers.",
            hint=f"Write `{{{key}: {name.text}, layers: [ … ]}}`.",
            place=node.place,
        )
    return HeadItem(common, name, key == "auxiliary", _items(layers, file, f"{key} {quote(name.text)}"))


def _published(node: Node | None) -> tuple[Published, ...]:
    if node is None:
        return ()
    if not isinstance(node, Sequence):
        raise SpecError(f"`published` must be a list, not {node.describe()}.", place=node.place)
    figures = []
    for item in node.items:
        entry = _mapping(item, "a published figure", PUBLISHED_KEYS)
        texts = {key.text: _text(value, f"`{key.text}`") for key, value in entry.entries}
        for needed in ("quantity", "value", "source"):
            if not texts.get(needed):
                raise SpecError(f"a published figure needs `{needed}`.", place=item.place)
        figures.append(
            Published(
                texts["quantity"],
                texts["value"],
                texts["source"],
                texts.get("note", ""),
                texts.get("reason", ""),
                item.place,
            )
        )
    return tuple(figures)


def _mapping(node: Node, what: str, keys: Iterable[str] | None = None) -> Mapping:
    if not isinstance(node, Mapping):
        raise SpecError(
            f"{what} must be a mapping of keys to values, not {node.describe()}.", place=node.place
        )
    if keys is not None:
        for key, value in node.entries:
            if key.text not in keys:
                _unknown_key(key, value, what, list(keys))
    return node


def _unknown_key(key: Scalar, value: Node, what: str, known: list[str]) -> NoReturn:
    guess = _sentence(did_you_mean(key.text, known))
    if _is_null(value) and not guess:
        raise SpecError(
            f"{what}: {quote(key.text)} is a key without a value.",
            hint="Quote the text if the comma before it belongs to it, or write `key: value`.",
            place=key.place,
        )
    raise SpecError(
        f"{what} has no key {quote(key.text)}.",
        hint=guess or f"Its keys are {listing(known, 'and')}.",
        place=key.place,
    )


def _no_value(key: Scalar) -> NoReturn:
    raise SpecError(
        f"{quote(key.text)} has no value.",
        hint="Write `key: value`; quote a text with a comma in it.",
        place=key.place,
    )


def _no_options(options: list[tuple[Scalar, Node]], what: str) -> None:
    if options:
        _unknown_key(*options[0], what, list(ITEM_KEYS))


def _no_common(common: Common, keys: tuple[str, ...], what: str) -> None:
    for key, node in (("name", common.name), ("repeat", common.repeat), ("as", common.label)):
        if key in keys and node is not None:
            raise SpecError(f"`{key}` cannot stand beside {what}.", place=node.place)


def _text(node: Node, what: str) -> str:
    if not isinstance(node, Scalar):
        raise SpecError(f"{what} must be a text, not {node.describe()}.", place=node.place)
    return node.text


def _scalar(node: Node | None, what: str) -> Scalar | None:
    return None if node is None else _required_scalar(node, what)


def _required_scalar(node: Any, what: str) -> Scalar:
    if not isinstance(node, Scalar) or node.is_null or not node.text:
        came = node.describe() if not _is_null(node) else "nothing"
        raise SpecError(f"{what} must be a single word or number, not {came}.", place=node.place)
    return node


def _flag(node: Node | None, what: str) -> bool:
    if node is None:
        return False
    text = _text(node, what)
    if text not in ("true", "false"):
        raise SpecError(f"{what} must be true or false, not {quote(text)}.", place=node.place)
    return text == "true"


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_null


def _dynamic(node: Node) -> bool:
    if isinstance(node, Scalar):
        return "$" in node.text
    if isinstance(node, Sequence):
        return any(_dynamic(item) for item in node.items)
    return False


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
