"""The JSON Schema of the spec language, made from the kinds: for editors, and for whoever generates specs.

It describes what a YAML loader makes of a file: `1_1` may be a number there and `no` a truth value, so names
are taken in any of these forms. It is as strict as can be without refusing what archcalc accepts. What it
cannot know are the blocks of an imported file: an unknown word counts as a block wherever a file has blocks.
"""

from __future__ import annotations

from typing import Any, NoReturn

import msgspec

from archcalc.derivations.working import summary
from archcalc.layers import KINDS, Layer
from archcalc.layers.fields import LARGEST
from archcalc.network.graph import MOST_LAYERS
from archcalc.spec.expressions import LONGEST
from archcalc.spec.fielderrors import expected
from archcalc.spec.spec import DERIVED_NAMES, ITEM_KEYS, NAME, PARAMETER, RESERVED_NAMES, STRUCTURE_KEYS
from archcalc.spec.values import LARGEST_RANK

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

_NAME = f"^{NAME.pattern}$"
_PATH = r"^[A-Za-z0-9_.-]+$"
_PARAMETER = f"^{PARAMETER.pattern}$"
_EXPRESSION = r"^[-+*/%<>=!().A-Za-z0-9_$ \t\n]*\$[A-Za-z_][-+*/%<>=!().A-Za-z0-9_$ \t\n]*$"
# YAML 1.1 loaders leave 1e-5 and 1.5e3 a text.
_EXPONENT = r"^-?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+$"


def spec_schema() -> Schema:
    """The JSON Schema (draft 2020-12) of a spec, and of a file of blocks that others import."""
    return {
        "$schema": DIALECT,
        "title": "archcalc spec",
        "description": "A network, written once, layer by layer; or blocks for other files to import.",
        "type": "object",
        "properties": _top(),
        "additionalProperties": False,
        "anyOf": [
            {"required": ["input", "layers"]},
            {"required": ["blocks"], "not": {"anyOf": [{"required": ["input"]}, {"required": ["layers"]}]}},
        ],
        # Without blocks, every word has to be a kind.
        "if": {"not": {"anyOf": [{"required": ["blocks"]}, {"required": ["import"]}]}},
        "then": {"properties": {"layers": _ref("kinds_only_items")}},
        "$defs": {**_values(), **_kinds(), **_items("", blocks=True), **_items("kinds_only_", blocks=False)},
    }


def _ref(name: str, **more: Any) -> Schema:
    return {"$ref": f"#/$defs/{name}", **more}


# ---- the top


def _top() -> Schema:
    def text(description: str) -> Schema:
        return _ref("text", description=description)

    return {
        "name": text("The network's title; its short name is that of the file."),
        "source": text("The paper, table and column that the network is taken from."),
        "family": text("The family that the network belongs to."),
        "year": text("The year it was published."),
        "task": text("What it does, such as image classification."),
        "description": text("The network in one sentence."),
        "note": text("What a reader has to know: where the network differs from others of its name."),
        "libraries": text(
            "The network of the catalogue that libraries mean by this title, if it is another."
        ),
        "input": {
            "description": "The shape that goes in, without the batch: [channels, height, width].",
            "anyOf": [
                _size(),
                {"type": "array", "items": _size(), "minItems": 1, "maxItems": LARGEST_RANK},
                _ref("expression"),
            ],
        },
        "parameters": {
            "description": "Names with values that `$name` stands for; --set NAME=VALUE replaces one.",
            "type": "object",
            "propertyNames": _ref("parameter_name"),
            "additionalProperties": _ref("value"),
        },
        "import": {
            "description": "Files whose blocks are used, relative to this file or to the catalogue.",
            "anyOf": [_ref("text"), {"type": "array", "items": _ref("text")}],
        },
        "blocks": {
            "description": "Lists of layers with a name and parameters, called like a kind.",
            "type": "object",
            "propertyNames": {"pattern": _NAME, "not": {"enum": _taken()}},
            "additionalProperties": _ref("block"),
        },
        "strict": {
            "description": "Whether a window that does not fit is an error instead of being rounded down.",
            "type": "boolean",
            "default": False,
        },
        "layers": _ref("items", description="The layers, in order.", minItems=1),
        "published": {
            "description": "What others state about the network, and where.",
            "type": "array",
            "items": _ref("published"),
        },
    }


def _size() -> Schema:
    return {"anyOf": [{"type": "integer", "minimum": 1, "maximum": LARGEST}, _ref("expression")]}


def _taken() -> list[str]:
    """The words that no block and no parameter may have for a name."""
    return [*KINDS, *ITEM_KEYS, *STRUCTURE_KEYS, "weights", *DERIVED_NAMES]


# ---- values


def _values() -> dict[str, Schema]:
    plain = {"type": ["string", "integer", "number", "boolean"]}
    name: Schema = {
        "anyOf": [
            {"type": "string", "pattern": _NAME, "not": {"enum": [*RESERVED_NAMES]}},
            {"type": ["integer", "boolean"]},
            _ref("expression"),
        ]
    }
    return {
        "text": plain,
        "expression": {
            "description": "Arithmetic on numbers and $names: + - * / // %, comparison, `a if b else c`.",
            "type": "string",
            "pattern": _EXPRESSION,
            "maxLength": LONGEST,
        },
        "value": {"anyOf": [plain, {"type": "array", "items": _ref("value")}]},
        "name": {"description": "Letters, digits, _ and -.", **name},
        "label": {
            "description": "A name that `from:` may use and that may be given again.",
            **name,
        },
        "layer_name": {
            "description": "The name of an earlier layer or block, parts joined by dots.",
            "anyOf": [
                {"type": "string", "pattern": _PATH},
                {"type": ["integer", "number", "boolean"]},
                _ref("expression"),
            ],
        },
        "repeat": {
            "description": "How often the item stands here, one after another; 0 leaves it out.",
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": MOST_LAYERS},
                {"type": "boolean"},
                _ref("expression"),
            ],
        },
        "parameter_name": {"pattern": _PARAMETER, "not": {"enum": _taken()}},
        "block": {
            "type": "object",
            "properties": {
                "description": _ref("text", description="What the block is."),
                "parameters": {
                    "description": "Parameters in positional order; one without a value is required.",
                    "type": "object",
                    "propertyNames": _ref("parameter_name"),
                    "additionalProperties": {"anyOf": [{"type": "null"}, _ref("value")]},
                },
                "layers": _ref("items"),
            },
            "required": ["layers"],
            "additionalProperties": False,
        },
        "published": {
            "type": "object",
            "properties": {
                "quantity": _ref("text", description="What is stated, such as total.params or conv1.output."),
                "value": _ref("text", description="As it is stated: 138M, 11.3e9, 96x55x55."),
                "figures": {
                    "description": "Several figures of one source: quantities with their values.",
                    "type": "object",
                    "additionalProperties": _ref("text"),
                },
                "source": _ref("text", description="Where: the table, the section, the page."),
                "note": _ref("text", description="What a reader has to know about it."),
                "reason": _ref("text", description="Why the figure does not follow from the architecture."),
            },
            "required": ["source"],
            "oneOf": [
                {"required": ["quantity", "value"], "not": {"required": ["figures"]}},
                {
                    "required": ["figures"],
                    "not": {"anyOf": [{"required": ["quantity"]}, {"required": ["value"]}]},
                },
            ],
            "additionalProperties": False,
        },
    }


# ---- kinds


def _kinds() -> dict[str, Schema]:
    return {f"kind_{name}": _kind(cls) for name, cls in KINDS.items() if cls.arity is not None}


def _kind(cls: type[Layer]) -> Schema:
    """An item that is one layer of a kind with a value under its key."""
    options, required = _fields(cls)
    main = next(iter(options), None)
    if main is None:
        value: Schema = {"type": "null", "description": summary(cls)}
        return _object({cls.kind: value, **_weights(), **_common()}, [cls.kind])
    described = f"{summary(cls)} {main}: {options[main]['description']}."
    schema = _object(
        {
            cls.kind: {"anyOf": [*_forms(options[main]), {"type": "null"}], "description": described},
            **options,
            **_weights(),
            **_common(),
        },
        [cls.kind, *(name for name in required if name != main)],
    )
    # The main field stands behind the kind's word, or under its own name if nothing stands there.
    schema["if"] = {"properties": {cls.kind: {"type": "null"}}}
    if main in required:
        schema["then"] = {"required": [main]}
    schema["else"] = {"not": {"required": [main]}}
    return schema


def _join(cls: type[Layer], items: str) -> Schema:
    options, required = _fields(cls)
    branches = {
        "description": f"{summary(cls)} Its branches: lists of items, [] passes on what comes in.",
        "anyOf": [
            {"type": "array", "items": _ref(items), "minItems": 2},
            {
                "type": "object",
                "propertyNames": _ref("name"),
                "additionalProperties": _ref(items),
                "minProperties": 2,
            },
        ],
    }
    return _object({cls.kind: branches, **options, **_weights(), **_common()}, [cls.kind, *required])


def _object(properties: Schema, required: list[str]) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _fields(cls: type[Layer]) -> tuple[dict[str, Schema], list[str]]:
    """The schema of each field of a kind, and the names of those that must be given."""
    info = msgspec.inspect.type_info(cls)
    assert isinstance(info, msgspec.inspect.StructType)
    schemas: dict[str, Schema] = {}
    for field in info.fields:
        kind: Any = field.type
        more: Schema = {}
        if isinstance(kind, msgspec.inspect.Metadata):
            kind, more = kind.type, dict(kind.extra_json_schema or {})
        if field.default is not None and not field.required:
            more["default"] = field.default
        schema = _ref("layer_name") if field.name in cls.references else _type(kind)
        schemas[field.name] = {**schema, "description": expected(cls, field.name), **more}
    return schemas, [field.name for field in info.fields if field.required]


def _forms(schema: Schema) -> list[Schema]:
    """The alternatives of a field's schema, without what is said about it."""
    bare = {key: value for key, value in schema.items() if key not in ("description", "default")}
    return bare["anyOf"] if set(bare) == {"anyOf"} else [bare]


def _type(kind: Any) -> Schema:
    """The schema of a field's type, in which every value may also be arithmetic."""
    return {"anyOf": [*_alternatives(kind), _ref("expression")]}


def _alternatives(kind: Any) -> list[Schema]:
    inspect = msgspec.inspect
    if isinstance(kind, inspect.Metadata):
        return _alternatives(kind.type)
    if isinstance(kind, inspect.UnionType):
        return [form for part in kind.types for form in _alternatives(part)]
    if isinstance(kind, inspect.LiteralType):
        return [{"enum": list(kind.values)}]
    if isinstance(kind, inspect.BoolType):
        return [{"type": "boolean"}]
    if isinstance(kind, inspect.IntType):
        return [{"type": "integer", **_bounds(kind)}]
    if isinstance(kind, inspect.FloatType):
        return [{"type": "number", **_bounds(kind)}, {"type": "string", "pattern": _EXPONENT}]
    if isinstance(kind, inspect.VarTupleType):
        lengths = {"minItems": kind.min_length, "maxItems": kind.max_length}
        given = {key: length for key, length in lengths.items() if length is not None}
        return [{"type": "array", "items": _type(kind.item_type), **given}]
    if isinstance(kind, inspect.NoneType):
        return []
    _unknown(kind)


def _unknown(kind: Any) -> NoReturn:
    raise TypeError(f"a field type without a schema: {kind!r}")


def _bounds(kind: Any) -> Schema:
    bounds = {
        "minimum": kind.ge,
        "exclusiveMinimum": kind.gt,
        "maximum": kind.le,
        "exclusiveMaximum": kind.lt,
    }
    return {key: bound for key, bound in bounds.items() if bound is not None}


# ---- items


def _common() -> dict[str, Schema]:
    return {"name": _ref("name"), "as": _ref("label"), "repeat": _ref("repeat")}


def _weights() -> dict[str, Schema]:
    return {"weights": _ref("layer_name", description="The layer whose weights this one uses too.")}


def _items(prefix: str, *, blocks: bool) -> dict[str, Schema]:
    """The items of a list; in two editions, as words that are no kinds can only be blocks."""
    items = f"{prefix}items"
    definitions: dict[str, Schema] = {
        items: {"type": "array", "items": _ref(f"{prefix}item")},
        f"{prefix}group": _object(
            {"layers": _ref(items, description="Items that stand together."), **_common()}, ["layers"]
        ),
        f"{prefix}head": _head("head", items, "An output beside the main way, counted in the totals."),
        f"{prefix}auxiliary": _head(
            "auxiliary", items, "An output used in training only, left out of the totals."
        ),
    }
    if not blocks:
        definitions["from"] = _object(
            {
                "from": _ref(
                    "layer_name", description="Go on from this earlier layer; input: from the block's."
                ),
                "as": _ref("label"),
            },
            ["from"],
        )
    joins = [name for name, cls in KINDS.items() if cls.arity is None]
    definitions.update({f"{prefix}kind_{name}": _join(KINDS[name], items) for name in joins})
    definitions[f"{prefix}item"] = {
        "anyOf": [
            _word(blocks),
            *(_ref(f"{prefix}kind_{name}" if name in joins else f"kind_{name}") for name in KINDS),
            *(_ref(name) for name in (f"{prefix}group", "from", f"{prefix}head", f"{prefix}auxiliary")),
            *([_ref("block_call")] if blocks else []),
        ]
    }
    if blocks:
        definitions["block_call"] = _block_call()
    return definitions


def _word(blocks: bool) -> Schema:
    alone = [name for name, cls in KINDS.items() if cls.arity is not None and not _fields(cls)[1]]
    kinds = {"enum": alone, "description": "A kind with its defaults."}
    if not blocks:
        return kinds
    block = {"type": "string", "pattern": _NAME, "not": {"enum": _taken()}, "description": "A block."}
    return {"anyOf": [kinds, block]}


def _block_call() -> Schema:
    """A block's name with its arguments, and any of its parameters beside it."""
    return {
        "description": "A call of a block: {block: [arguments], parameter: value, …}.",
        "type": "object",
        "properties": _common(),
        "propertyNames": {
            "pattern": _NAME,
            "not": {"enum": [*KINDS, *STRUCTURE_KEYS, "weights", *DERIVED_NAMES]},
        },
        "additionalProperties": {
            "anyOf": [
                {"type": "null"},
                _ref("value"),
                {
                    "type": "object",
                    "propertyNames": _ref("parameter_name"),
                    "additionalProperties": _ref("value"),
                },
            ]
        },
        "not": {"propertyNames": {"enum": list(ITEM_KEYS)}},
    }


def _head(key: str, items: str, description: str) -> Schema:
    properties = {key: _ref("name", description=description), "layers": _ref(items, minItems=1)}
    return _object(properties, [key, "layers"])
