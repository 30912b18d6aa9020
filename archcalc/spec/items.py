"""Items: nodes → layers, block calls, groups, branches and heads, as they stand in a list of layers."""

from __future__ import annotations

from collections.abc import Sequence as Sequence_
from typing import NoReturn

from archcalc.layers import KINDS, Layer
from archcalc.spec.expressions import CALLS, interpret
from archcalc.spec.nodes import (
    is_dynamic,
    is_null,
    lost_colon,
    no_value,
    optional_scalar,
    scalar,
    unknown_key,
)
from archcalc.spec.reader import Mapping, Node, Scalar, Sequence
from archcalc.spec.spec import (
    ITEM_KEYS,
    STRUCTURE_KEYS,
    Block,
    BlockItem,
    Common,
    File,
    FromItem,
    GroupItem,
    HeadItem,
    Item,
    LayerItem,
)
from archcalc.words.errors import SpecError
from archcalc.words.text import did_you_mean, listing, quote, sentence


def parse_items(node: Node, file: File, what: str) -> tuple[Item, ...]:
    """The items of a list; messages call the list `what`. Raises SpecError with the place of what is wrong."""
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
        optional_scalar(node.get("name"), "`name`"),
        optional_scalar(node.get("as"), "`as`"),
        optional_scalar(node.get("repeat"), "`repeat`"),
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
        _no_options(options, "a group", ITEM_KEYS)
        return GroupItem(common, parse_items(main, file, "`layers`"))
    if word == "from":
        _no_options(options, "`from`", ("as",))
        _no_common(common, ("name", "repeat"), "`from`")
        return FromItem(common, scalar(main, "`from`"))
    if word in KINDS:
        return _layer(word, main, options, common, file)
    return _call(file.blocks[word], main, options, common)


def _word_item(node: Scalar, file: File) -> Item:
    common = Common(node.place, None, None, None)
    empty = Scalar(node.file, node.line, node.column, "", False)
    if node.text in KINDS:
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
    _unknown_word(entries[0], file, _without_keys(node, entries[0].text))


def _without_keys(node: Mapping, word: str) -> list[str]:
    """The values that stand behind a word without keys of their own: 3, 32 and 3 in `{Conv2d: 3, 32, 3}`."""
    main = node.get(word)
    values = [main.text] if isinstance(main, Scalar) and not main.is_null else []
    return [*values, *(key.text for key, value in node.entries if key.text != word and is_null(value))]


def _unknown_word(key: Scalar, file: File, given: Sequence_[str] = ()) -> NoReturn:
    if key.text in STRUCTURE_KEYS:
        raise SpecError(
            f"{quote(key.text)} is no layer by itself.", hint=f"Write `{{{key.text}: …}}`.", place=key.place
        )
    from archcalc.spec.elsewhere import about_kind

    known = [*KINDS, *file.blocks, *STRUCTURE_KEYS]
    what, way_out = about_kind(key.text, given)
    raise SpecError(
        f"{quote(key.text)} is {what or 'neither a kind of layer nor a block'}.",
        hint=lost_colon(key.text, known)
        or way_out
        or ("`archcalc layers` lists the kinds that there are." if what else "")
        or sentence(did_you_mean(key.text, known))
        or "`archcalc layers` lists the kinds; blocks stand under `blocks:` or are imported.",
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
            weights = scalar(value, "`weights`")
            continue
        if key.text not in names:
            if isinstance(value, Scalar) and value.text in KINDS:
                raise SpecError(
                    f"{kind} has no key {quote(key.text)}.",
                    hint=f"What follows a layer is an item of its own: write `- {value.text}` behind it.",
                    place=key.place,
                )
            unknown_key(key, value, kind, [*names, *ITEM_KEYS, "weights"], _foreign(cls, main, options, key))
        if isinstance(value, Scalar) and value.is_null:
            no_value(key)
        if key.text == names[0] and not empty and cls.arity is not None:
            raise SpecError(
                f"{quote(key.text)} is given twice: after `{kind}:` and by its own name.",
                hint="Leave one of them out.",
                place=key.place,
            )
        fields.append((key.text, value))
    return LayerItem(
        common, kind, tuple(fields), branches, weights, any(is_dynamic(value) for _, value in fields)
    )


def _foreign(cls: type[Layer], main: Node, options: list[tuple[Scalar, Node]], key: Scalar) -> str:
    """The way out for a key that a kind does not have, where others write it so."""
    from archcalc.spec import elsewhere

    if any(other is key and not is_null(value) for other, value in options):
        return elsewhere.about_key(key.text, cls.__struct_fields__)
    texts = [main, *(other for other, value in options if is_null(value))]
    values = [interpret(text.text) for text in texts if isinstance(text, Scalar)]
    if isinstance(main, Scalar) and "(" in main.text and ")" not in main.text:
        return CALLS if "$" in main.text else ""
    return elsewhere.about_values(cls.kind, values, input_first=len(values) > cls.required())


def _branches(kind: str, main: Node, file: File) -> tuple[tuple[Scalar | None, tuple[Item, ...]], ...]:
    what = f"a branch of {kind}"
    found: list[tuple[Scalar | None, tuple[Item, ...]]]
    if isinstance(main, Sequence):
        found = [(None, parse_items(branch, file, what)) for branch in main.items]
    elif isinstance(main, Mapping):
        found = [(key, parse_items(branch, file, what)) for key, branch in main.entries]
    else:
        found = []
    if len(found) < 2:
        way_out = f"For example `{kind}: [[{{conv: 64, kernel: 1}}], []]`; [] is the identity."
        if isinstance(main, Scalar) and not main.is_null:
            way_out = f"Write `{kind}: [[], [{{from: {main.text}}}]]` to join an earlier layer."
        raise SpecError(
            f"{kind} joins at least two branches, but {main.describe()} was given.",
            hint=way_out,
            place=main.place,
        )
    return tuple(found)


def _call(block: Block, main: Node, options: list[tuple[Scalar, Node]], common: Common) -> BlockItem:
    names = list(block.parameters)
    what = f"block {quote(block.name)}"
    takes = f"It takes {listing(names, 'and')}." if names else f"Write `{block.name}` alone."
    arguments: dict[str, Node] = {}
    if isinstance(main, Mapping):
        given = main.entries
    else:
        values = main.items if isinstance(main, Sequence) else [] if is_null(main) else [main]
        if len(values) > len(names):
            raise SpecError(
                f"{what} takes {len(names)} argument{'' if len(names) == 1 else 's'}, but {len(values)} "
                f"{'is' if len(values) == 1 else 'are'} given.",
                hint=takes
                + (f" To give it a list, write `{{{block.name}: [[ … ]]}}`." if len(names) == 1 else ""),
                place=main.place,
            )
        arguments.update(zip(names, values, strict=False))
        given = []
    for key, value in [*given, *options]:
        if key.text not in block.parameters:
            unknown_key(key, value, what, [*names, *ITEM_KEYS])
        if key.text in arguments:
            raise SpecError(f"{quote(key.text)} of {what} is given twice.", hint=takes, place=key.place)
        if is_null(value):
            no_value(key)
        arguments[key.text] = value
    for name, default in block.parameters.items():
        if default is None and name not in arguments:
            raise SpecError(f"{what} needs {quote(name)}.", hint=takes, place=common.place)
    return BlockItem(common, block, arguments)


def _head(node: Mapping, key: str, common: Common, file: File) -> HeadItem:
    name, layers = scalar(node.get(key), f"`{key}`"), node.get("layers")
    rest = [(k, v) for k, v in node.entries if k.text not in (key, "layers", *ITEM_KEYS)]
    _no_options(rest, f"`{key}`", ("layers",))
    _no_common(common, ("name", "repeat", "as"), f"`{key}`")
    if not isinstance(layers, Sequence) or not layers.items:
        raise SpecError(
            f"the {key} {quote(name.text)} has no layers.",
            hint=f"Write `{{{key}: {name.text}, layers: [ … ]}}`.",
            place=node.place,
        )
    return HeadItem(common, name, key == "auxiliary", parse_items(layers, file, f"{key} {quote(name.text)}"))


def _no_options(options: list[tuple[Scalar, Node]], what: str, keys: tuple[str, ...]) -> None:
    if options:
        unknown_key(*options[0], what, list(keys))


def _no_common(common: Common, keys: tuple[str, ...], what: str) -> None:
    for key, node in (("name", common.name), ("repeat", common.repeat), ("as", common.label)):
        if key in keys and node is not None:
            raise SpecError(
                f"`{key}` cannot stand beside {what}.", hint=f"Leave `{key}` out.", place=node.place
            )
