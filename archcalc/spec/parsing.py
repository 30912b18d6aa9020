"""YAML → Spec: a file's keys, its parameters, its blocks and imports, its layers and its published figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from archcalc.layers import KINDS
from archcalc.spec.items import parse_items
from archcalc.spec.nodes import flag, is_null, mapping, no_value, text_of
from archcalc.spec.reader import Mapping, Node, Scalar, Sequence
from archcalc.spec.spec import (
    ABOUT_KEYS,
    DERIVED_NAMES,
    ITEM_KEYS,
    NAME,
    PARAMETER,
    PUBLISHED_KEYS,
    STRUCTURE_KEYS,
    TOP_KEYS,
    TOP_KEYS_ELSEWHERE,
    Block,
    File,
    Published,
    Spec,
)
from archcalc.words.errors import Place, SpecError
from archcalc.words.text import quote

Lookup = Callable[[str, Place], File]
"""Finds an imported file; it knows the importing file's folder and the catalogue."""


def parse(root: Node, name: str, path: str, lookup: Lookup) -> Spec:
    """The Spec in a file that `reader` has read. `name` is the network's name, `lookup` finds imports.

    Raises SpecError with the place of what is wrong.
    """
    top = mapping(root, "a spec", TOP_KEYS, TOP_KEYS_ELSEWHERE)
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
    given = {
        key: text_of(node, f"`{key}`") for key in ("name", *ABOUT_KEYS) if (node := top.get(key)) is not None
    }
    return Spec(
        name=name,
        title=given.pop("name", name),
        about=given,
        file=file,
        input=input_node,
        items=parse_items(layers, file, "`layers`"),
        strict=flag(top.get("strict"), "`strict`"),
        published=_published(top.get("published")),
        place=root.place,
    )


def parse_blocks(root: Node, path: str, lookup: Lookup) -> File:
    """The blocks of an imported file. A whole network may be imported too: its `blocks:` are what is used."""
    return _file(mapping(root, "an imported file", TOP_KEYS), path, lookup)


def _file(top: Mapping, path: str, lookup: Lookup) -> File:
    file = File(path)
    imports = top.get("import")
    for node in imports.items if isinstance(imports, Sequence) else [] if imports is None else [imports]:
        imported = lookup(text_of(node, "`import`"), node.place)
        for block in imported.own.values():
            _new_word(block.name, node.place, "block", file.blocks)
            file.blocks[block.name] = block
    parameters = top.get("parameters")
    names: list[Scalar] = []
    if parameters is not None:
        for key, value in mapping(parameters, "`parameters`").entries:
            _parameter_name(key)
            if is_null(value):
                no_value(key)
            file.parameters[key.text] = value
            names.append(key)
    blocks = top.get("blocks")
    bodies = mapping(blocks, "`blocks`").entries if blocks is not None else []
    for key, body in bodies:
        _new_word(key.text, key.place, "block", file.blocks)
        what = f"block {quote(key.text)}"
        if isinstance(body, Sequence):
            raise SpecError(
                f"{what} must be a mapping with `layers:`, not {body.describe()}.",
                hint=f"Write `{key.text}: {{layers: [ … ]}}`.",
                place=body.place,
            )
        entry = mapping(body, what, ("parameters", "layers", "description"))
        own = _block_parameters(entry.get("parameters"), what)
        names += own
        file.blocks[key.text] = file.own[key.text] = Block(
            key.text, key.place, file, {parameter.text: value for parameter, value in own.items()}
        )
    for key in names:
        if key.text in file.blocks:
            raise SpecError(
                f"{quote(key.text)} is a parameter and a block, which stands at {file.blocks[key.text].place}.",
                hint="Rename one of them.",
                place=key.place,
            )
    for key, body in bodies:
        inner = body.get("layers") if isinstance(body, Mapping) else None
        if inner is None:
            raise SpecError(
                f"block {quote(key.text)} has no `layers:`.",
                hint=f"Write `{key.text}: {{layers: [ … ]}}`.",
                place=key.place,
            )
        file.own[key.text].items = parse_items(inner, file, f"block {quote(key.text)}")
    return file


def _block_parameters(node: Node | None, what: str) -> dict[Scalar, Node | None]:
    if node is None:
        return {}
    parameters: dict[Scalar, Node | None] = {}
    if isinstance(node, Sequence):
        raise SpecError(
            f"the parameters of {what} must be a mapping, not {node.describe()}.",
            hint="For example `parameters: {width, stride: 1}`: one without a value is required.",
            place=node.place,
        )
    for key, value in mapping(node, f"the parameters of {what}").entries:
        _parameter_name(key)
        parameters[key] = None if is_null(value) else value
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
        if word in (*ITEM_KEYS, *STRUCTURE_KEYS, "weights")
        else f"what `${word}` says of the shape that comes in"
        if word in DERIVED_NAMES
        else f"a block already, at {known[word].place}"
        if word in known
        else ""
    )
    if taken:
        raise SpecError(
            f"{quote(word)} cannot be the name of a {what}: it is {taken}.", hint="Rename it.", place=place
        )


def _published(node: Node | None) -> tuple[Published, ...]:
    if node is None:
        return ()
    if not isinstance(node, Sequence):
        raise SpecError(
            f"`published` must be a list, not {node.describe()}.",
            hint="Begin each figure with `- `: `- {quantity: total.params, value: 138M, source: Table 2}`.",
            place=node.place,
        )
    return tuple(figure for item in node.items for figure in _figures(item))


def _figures(item: Node) -> Iterator[Published]:
    """The figures of one entry: one `quantity` with its `value`, or several `figures` of one source."""
    entry = mapping(item, "a published figure", PUBLISHED_KEYS)
    texts = {
        key.text: text_of(value, f"`{key.text}`") for key, value in entry.entries if key.text != "figures"
    }
    several = entry.get("figures")
    for needed in ("source",) if several is not None else ("quantity", "value", "source"):
        if not texts.get(needed):
            raise SpecError(
                f"a published figure needs `{needed}`.",
                hint="For example `{quantity: total.params, value: 138M, source: Table 2}`.",
                place=item.place,
            )
    source, note, reason = texts["source"], texts.get("note", ""), texts.get("reason", "")
    if several is None:
        yield Published(texts["quantity"], texts["value"], source, note, reason, item.place)
        return
    for single in ("quantity", "value"):
        if single in texts:
            raise SpecError(
                f"`{single}` cannot stand beside `figures`.",
                hint="Write `figures: {QUANTITY: VALUE, …}`, or one `quantity` with its `value`.",
                place=item.place,
            )
    for key, value in mapping(several, "`figures`").entries:
        yield Published(
            key.text, text_of(value, f"the figure {quote(key.text)}"), source, note, reason, key.place
        )
