"""YAML text → nodes that know their place, and nothing a spec has no use for.

One loop over the parser's events with a stack of its own. PyYAML's composer is not used: it recurses, so deep
nesting crashes the interpreter; it follows aliases, so a kilobyte can stand for a gigabyte; it lets a later
key silently replace an earlier one; and it turns `no`, `010` and `1:30` into a boolean and two numbers.

Scalars stay text here. What they mean is said by the field that receives them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, BinaryIO, final

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from archcalc.words.errors import Place, ReadError
from archcalc.words.text import did_you_mean, listing, quote

__all__ = [
    "DEEPEST",
    "LONGEST_FILE",
    "MOST_NODES",
    "Mapping",
    "Node",
    "Scalar",
    "Sequence",
    "load_file",
    "load_stream",
    "read",
]

LONGEST_FILE = 1_000_000  # bytes
DEEPEST = 64  # lists and mappings inside one another
MOST_NODES = 100_000
_LONGEST_KEPT = 16_000  # bytes; files of blocks have some 2,000

# PyYAML built without libyaml has no C parser; its own gives the same events, only slower.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# libyaml takes quadratic time for many directives before it tells of the first. No plain text begins with %.
_DIRECTIVES = ("\n%", "\r%", "\x85%", "\u2028%", "\u2029%")


class _Located:
    __slots__ = ("column", "file", "line")

    def __init__(self, file: str, line: int, column: int) -> None:
        self.file = file
        self.line = line
        self.column = column

    @property
    def place(self) -> Place:
        """Where it begins."""
        return Place(self.file, self.line, self.column)


@final
class Scalar(_Located):
    """One piece of text. `quoted` is true when it stood in quotes or as a `|` or `>` block."""

    __slots__ = ("quoted", "text")

    def __init__(self, file: str, line: int, column: int, text: str, quoted: bool) -> None:
        self.file = file
        self.line = line
        self.column = column
        self.text = text
        self.quoted = quoted

    @property
    def is_null(self) -> bool:
        """Whether nothing was written, or `~`. The word `null` is a word like any other."""
        return not self.quoted and self.text in ("", "~")

    def describe(self) -> str:
        """It in words, for a message: `'conv3'`, or `nothing`."""
        return "nothing" if self.is_null else quote(self.text)


@final
class Sequence(_Located):
    """A list."""

    __slots__ = ("items",)

    def __init__(self, file: str, line: int, column: int) -> None:
        super().__init__(file, line, column)
        self.items: list[Node] = []

    def describe(self) -> str:
        """It in words, for a message: `a list of 3`."""
        return f"a list of {len(self.items)}" if self.items else "an empty list"


@final
class Mapping(_Located):
    """Keys with their values, in the order written. No key stands twice."""

    __slots__ = ("_entries",)

    def __init__(self, file: str, line: int, column: int) -> None:
        super().__init__(file, line, column)
        self._entries: dict[str, tuple[Scalar, Node]] = {}

    @property
    def entries(self) -> list[tuple[Scalar, Node]]:
        """Each key with its value."""
        return list(self._entries.values())

    def keys(self) -> list[str]:
        """The text of each key."""
        return list(self._entries)

    def key(self, text: str) -> Scalar | None:
        """The key with that text, for its place; None where there is none."""
        entry = self._entries.get(text)
        return entry[0] if entry else None

    def get(self, key: str) -> Node | None:
        """The value of `key`, None where there is no such key."""
        entry = self._entries.get(key)
        return entry[1] if entry else None

    def add(self, key: Scalar, value: Node) -> None:
        """Puts a value under a key that is not there yet."""
        self._entries[key.text] = (key, value)

    def describe(self) -> str:
        """It in words, for a message: `a mapping of conv and kernel`."""
        return f"a mapping of {listing(self._entries, 'and', 4)}" if self._entries else "an empty mapping"


Node = Scalar | Sequence | Mapping


def load_file(path: str | os.PathLike[str], file: str | None = None, *, imported: bool = False) -> Node:
    """The node a YAML file holds. Messages call the file `file`, or what `path` calls it.

    What is `imported` by many specs is opened each time, and parsed again only if its bytes are others.

    Raises ReadError when there is no such file, when it is not a plain file, not UTF-8 or larger than 1 MB,
    or when `read` refuses what is in it.
    """
    name = os.fspath(path)
    file = name if file is None else file
    try:
        mode = os.stat(name).st_mode
        # Opening a named pipe waits for a writer, and a device may never end.
        if not stat.S_ISREG(mode):
            raise _not_a_file(file, mode)
        with open(name, "rb") as stream:
            if imported:
                data = stream.read(LONGEST_FILE + 1)
                return (_read_before if len(data) <= _LONGEST_KEPT else read)(data, file)
            return load_stream(stream, file)
    except (OSError, ValueError) as error:
        raise _unopened(error, name, file) from None


def load_stream(stream: BinaryIO, file: str) -> Node:
    """The node an open stream holds, such as standard input. It is read to its end, or to just past 1 MB.

    Raises ReadError when it is larger or not UTF-8, or when `read` refuses what is in it.
    """
    return read(stream.read(LONGEST_FILE + 1), file)


@lru_cache(maxsize=32)
def _read_before(data: bytes, file: str) -> Node:
    return read(data, file)


def read(data: bytes, file: str) -> Node:
    """The node that YAML in UTF-8 holds; messages call it `file`.

    Raises ReadError for what is not YAML, and for what a spec may not hold: anchors and aliases, tags, merge
    keys, the same key twice, keys that are not words, several documents, nothing at all, more than 64 levels
    of nesting, 100,000 values or 1 MB.
    """
    if len(data) > LONGEST_FILE:
        raise ReadError(
            f"{quote(file, 200)} is larger than 1 MB, which no spec needs.",
            hint="A spec is text: check that this is the right file.",
        )
    try:
        text = data.decode("utf-8-sig")
        if text.startswith("%") or any(line in text for line in _DIRECTIVES):
            from archcalc.spec.yaml_errors import directive

            raise directive(text, file)
        return _parsed(text, file)
    except (yaml.YAMLError, UnicodeDecodeError, OverflowError, ValueError) as error:
        # The last two: PyYAML's own parser on an escape such as "\UFFFFFFFF".
        from archcalc.spec.yaml_errors import explained

        raise explained(error, data, file) from None


def _parsed(text: str, file: str) -> Node:
    try:
        return _build(yaml.parse(text, Loader=_Loader), file)
    except yaml.MarkedYAMLError as error:
        if "nesting depth" not in (error.problem or "") or error.problem_mark is None:
            raise
        # Since 6.0.4 PyYAML has a limit of its own, of 1,000 levels, and its scanner runs ahead of the events:
        # it meets that limit before ours is counted. What stands before it is deep enough for ours.
        _build(yaml.parse(text[: error.problem_mark.index], Loader=_Loader), file)
        mark = error.problem_mark
        raise _too_deep(Place(file, mark.line + 1, mark.column + 1)) from None


def _build(events: Iterator[Any], file: str) -> Node:
    root: Node | None = None
    parent: Sequence | Mapping | None = None
    outer: list[Sequence | Mapping | None] = []
    key: Scalar | None = None
    budget = MOST_NODES
    for event in events:
        if isinstance(event, NodeEvent):
            budget -= 1
            if budget < 0:
                raise _too_many(_place(event, file))
            node = _node(event, file)
            if parent is None:
                root = node
            else:
                key = _put(node, parent, key)
            if type(node) is not Scalar:
                outer.append(parent)
                if len(outer) > DEEPEST:
                    raise _too_deep(node.place)
                parent = node
        elif isinstance(event, (SequenceEndEvent, MappingEndEvent)):
            parent = outer.pop()
        elif root is not None and isinstance(event, DocumentStartEvent):
            raise _several_documents(_place(event, file))
    if root is None or (type(root) is Scalar and root.is_null):
        raise ReadError(f"{quote(file, 200)} is empty.", hint="A spec has at least `input:` and `layers:`.")
    return root


def _node(event: Any, file: str) -> Node:
    """The node an event begins. Raises ReadError for an alias, an anchor and a tag."""
    if event.anchor is not None:
        raise _shared(event, _place(event, file))
    if event.tag is not None:
        raise _tagged(event.tag, _place(event, file))
    mark = event.start_mark
    if type(event) is ScalarEvent:
        return Scalar(file, mark.line + 1, mark.column + 1, event.value, not event.implicit[0])
    kind = Sequence if type(event) is SequenceStartEvent else Mapping
    return kind(file, mark.line + 1, mark.column + 1)


def _put(node: Node, parent: Sequence | Mapping, key: Scalar | None) -> Scalar | None:
    """Puts a node where it belongs in `parent` and gives the key that waits for its value from now on."""
    if type(parent) is Sequence:
        parent.items.append(node)
        return None
    if key is None:
        return _key(node, parent)
    if type(node) is Scalar and not node.text:
        # The parser places a value that is not there wherever the next thing begins.
        node.line, node.column = key.line, key.column
    parent.add(key, node)
    return None


def _key(node: Node, parent: Mapping) -> Scalar:
    """`node` as the next key of `parent`. Raises ReadError when it cannot be one."""
    if type(node) is not Scalar:
        raise ReadError(
            f"expected a word as the key, came {node.describe()}.",
            hint="Quote it if it is text.",
            place=node.place,
        )
    if node.is_null:
        raise ReadError("there is no key in front of this `:`.", hint="Write `key: value`.", place=node.place)
    if node.text == "<<" and not node.quoted:
        raise ReadError(
            "merge keys (`<<`) are not part of the spec language.",
            hint="Write the keys out, or make the shared part a block.",
            place=node.place,
        )
    first = parent.key(node.text)
    if first is not None:
        raise ReadError(
            f"the key {quote(node.text)} stands here a second time; the first is in line {first.line}.",
            hint="A list has square brackets, [3, 3]; settings stand behind their keys, `stride: 2`."
            if node.text.isdigit()
            else "Remove one of the two.",
            place=node.place,
        )
    return node


def _place(event: Any, file: str) -> Place:
    return Place(file, event.start_mark.line + 1, event.start_mark.column + 1)


def _shared(event: Any, place: Place) -> ReadError:
    sign, word = ("*", "alias") if isinstance(event, AliasEvent) else ("&", "anchor")
    return ReadError(
        f"{quote(f'{sign}{event.anchor}')} is a YAML {word}, which the spec language does not have.",
        hint="Make what comes again a block; quote the text if it is meant literally.",
        place=place,
    )


def _tagged(tag: str, place: Place) -> ReadError:
    return ReadError(
        f"{quote(tag)} is a YAML tag, which the spec language does not have.",
        hint="Remove it: the field says of what type its value is. Quote the text if it is meant literally.",
        place=place,
    )


def _several_documents(place: Place) -> ReadError:
    return ReadError(
        "a second YAML document begins here; a spec is one document.",
        hint="Remove the `---`, or give each network a file of its own.",
        place=place,
    )


def _too_many(place: Place) -> ReadError:
    return ReadError(
        f"more than {MOST_NODES:,} values, which no spec needs.",
        hint="Use blocks and `repeat` for what comes again.",
        place=place,
    )


def _too_deep(place: Place) -> ReadError:
    return ReadError(
        f"nested more than {DEEPEST} deep.", hint="Make the inner part a block and call it.", place=place
    )


def _not_a_file(file: str, mode: int) -> ReadError:
    if stat.S_ISDIR(mode):
        return ReadError(f"{quote(file, 200)} is a directory.", hint="Name one YAML file in it.")
    return ReadError(
        f"{quote(file, 200)} is not a plain file.",
        hint="Pass a pipe as standard input, with `-` as its name.",
    )


def _unopened(error: OSError | ValueError, name: str, file: str) -> ReadError:
    if isinstance(error, FileNotFoundError):
        return ReadError(f"there is no file {quote(file, 200)}.", hint=_sibling(name) or None)
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return ReadError(
        f"{quote(file, 200)} cannot be read: {reason}.", hint="Check the name and the permissions."
    )


def _sibling(name: str) -> str:
    """`did you mean …?` for a YAML file beside the one that is missing."""
    folder, wanted = os.path.split(name)
    try:
        with os.scandir(folder or ".") as entries:
            names = [entry.name for entry in islice(entries, 1_000) if entry.name.endswith((".yaml", ".yml"))]
    except OSError:
        return ""
    return did_you_mean(wanted, names)
