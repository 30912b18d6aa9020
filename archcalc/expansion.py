"""Spec → Network: blocks, repeats, `$` arithmetic, branches and names become a flat graph of layers.

Each layer's shape rule runs as it is reached, because blocks may ask for `$channels`. A block called twice
with the same arguments on the same shape is expanded once and its nodes are copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn

import msgspec

from archcalc.errors import ArchcalcError, LayerError, NetworkError, Place
from archcalc.expressions import evaluate, interpret
from archcalc.fielderrors import field_error
from archcalc.layers import KINDS, Layer
from archcalc.layers.base import Shape
from archcalc.network import INPUT, Network, Node
from archcalc.reader import Mapping as MappingNode
from archcalc.reader import Node as YamlNode
from archcalc.reader import Scalar
from archcalc.spec import (
    NAME,
    RESERVED_NAMES,
    Block,
    BlockItem,
    Common,
    FromItem,
    GroupItem,
    HeadItem,
    Item,
    LayerItem,
    Spec,
)
from archcalc.text import did_you_mean, quote, sentence

MOST_LAYERS = 100_000
"""More layers than any network has; ResNet-1202 has some 6,000 with all its norms and activations."""

DEEPEST_CALLS = 64
"""Blocks called inside one another."""

LARGEST_RANK = 8

Values = Mapping[str, Any]


def expand(
    spec: Spec, input_shape: Shape | None = None, parameters: Mapping[str, str] | None = None
) -> Network:
    """The network of a spec. `input_shape` and `parameters` replace what the file says.

    Raises SpecError with the place of the item that is wrong and of the calls that lead to it.
    """
    return _Expansion(spec, parameters or {}).run(input_shape)


class _Scope:
    """Where names are made and looked up: the network, a block, a group, a repeat or a branch."""

    __slots__ = ("block", "counters", "entry", "joins", "labels", "parent", "prefix", "units", "values")

    def __init__(
        self, parent: _Scope | None, prefix: str, entry: int, values: Values, block: Block | None = None
    ) -> None:
        self.parent = parent
        self.prefix = prefix
        self.entry = entry
        self.values = values
        self.block = block
        self.counters: dict[str, int] = {}
        self.units = 0
        self.joins = 0
        # Labels belong to the block (or the network), so that repeats and branches of it can hand them on.
        is_root = parent is None or block is not None
        self.labels: dict[str, int] = {} if is_root or parent is None else parent.labels

    def inside(self, name: str) -> _Scope:
        """The scope of a group, a repeat or a branch called `name`."""
        return _Scope(self, f"{self.prefix}{name}.", self.entry, self.values)


class _Template(NamedTuple):
    start: int
    size: int
    entry: int
    prefix: str
    result: int
    groups: tuple[tuple[str, int], ...]


class _Expansion:
    def __init__(self, spec: Spec, parameters: Mapping[str, str]) -> None:
        self.spec = spec
        self.nodes: list[Node] = []
        self.calls: list[tuple[tuple[str, Place], ...]] = []
        self.names: dict[str, int] = {}
        self.group_order: list[tuple[str, int]] = []
        self.read: set[int] = set()
        self.heads: dict[str, int] = {}
        self.auxiliary_heads: dict[str, int] = {}
        self.head: tuple[str, bool] | None = None
        self.stack: tuple[tuple[str, Place], ...] = ()
        self.blocks: tuple[Block, ...] = ()
        self.repeats = 1
        self.outer_reads = 0
        self.templates: dict[Any, _Template] = {}
        self.fixed: dict[int, Layer] = {}
        self.outputs: dict[Any, Shape] = {}
        self.file_values: dict[int, dict[str, Any]] = {}
        self.given = parameters

    # ---- the whole

    def run(self, input_shape: Shape | None) -> Network:
        spec = self.spec
        values = self._main_values()
        self.input = _input_shape(spec, values) if input_shape is None else input_shape
        if not spec.items:
            raise NetworkError("the network has no layers.", place=spec.place)
        root = _Scope(None, "", INPUT, values)
        last = self._items(spec.items, root, INPUT)
        if not self.nodes:
            raise NetworkError("the network has no layers.", place=spec.place)
        output: int | None = None if last in self.read or last == INPUT else last
        self._refuse_unread({output, *self.heads.values(), *self.auxiliary_heads.values()})
        return Network(
            spec.name,
            spec.title,
            self.input,
            tuple(self.nodes),
            output,
            self.heads,
            self.auxiliary_heads,
            dict(self.group_order),
            spec,
        )

    def _main_values(self) -> dict[str, Any]:
        """The parameters of the main file, those given from outside in place of its own."""
        file = self.spec.file
        for name in self.given:
            if name not in file.parameters:
                known = ", ".join(file.parameters) or "none"
                raise NetworkError(
                    f"{self.spec.name} has no parameter {quote(name)}.",
                    hint=sentence(did_you_mean(name, file.parameters)) or f"Its parameters: {known}.",
                )
        values: dict[str, Any] = {}
        for name, node in file.parameters.items():
            values[name] = interpret(self.given[name]) if name in self.given else _value(node, values)
        self.file_values[id(file)] = values
        return values

    def _values_of(self, file: Any) -> dict[str, Any]:
        values = self.file_values.get(id(file))
        if values is None:
            values = {}
            for name, node in file.parameters.items():
                values[name] = _value(node, values)
            self.file_values[id(file)] = values
        return values

    def _refuse_unread(self, outputs: set[int | None]) -> None:
        for index, node in enumerate(self.nodes):
            if index not in self.read and index not in outputs:
                raise NetworkError(
                    f"nothing reads the output of {node.name}.",
                    hint="Join it with add or concat, go on from it, or make it an output with "
                    "`{head: NAME, layers: [ … ]}`.",
                    place=node.place,
                    calls=self.calls[index],
                )

    # ---- items

    def _items(self, items: tuple[Item, ...], scope: _Scope, current: int) -> int:
        for item in items:
            try:
                current = self._repeated(item, scope, current)
            except ArchcalcError as error:
                raise self._placed(error, item.common.place) from None
        return current

    def _placed(self, error: ArchcalcError, place: Place) -> ArchcalcError:
        if error.place is None:
            error.place, error.calls = place, self.stack
        elif not error.calls and self.stack:
            error.calls = self.stack
        return error

    def _repeated(self, item: Item, scope: _Scope, current: int) -> int:
        common = item.common
        if common.repeat is None:
            current = self._item(item, scope, current, self._name(common, scope, current))
        else:
            count = _whole(common.repeat, self._names(scope, current), "`repeat`")
            before = self.repeats
            self.repeats *= max(count, 1)
            if self.repeats > MOST_LAYERS:
                raise NetworkError(
                    f"`repeat: {count}` makes more than {MOST_LAYERS:,} layers.",
                    hint="No network has as many: check the number, and the repeats around it.",
                    place=common.repeat.place,
                )
            name = self._name(common, scope, current)
            for number in range(1, count + 1):
                current = self._item(item, scope, current, name and f"{name}.{number}")
            if name is not None and count:
                self._group(scope.prefix + name, current, common.place)
            self.repeats = before
        if common.label is not None:
            label = self._word(common.label, scope, current, "`as`")
            scope.labels[label] = current
        return current

    def _item(self, item: Item, scope: _Scope, current: int, name: str | None) -> int:
        if isinstance(item, LayerItem):
            return self._layer(item, scope, current, name)
        if isinstance(item, BlockItem):
            return self._block(item, scope, current, self._unit(scope, name))
        if isinstance(item, GroupItem):
            unit = self._unit(scope, name)
            end = self._items(item.items, scope.inside(unit), current)
            self._group(scope.prefix + unit, end, item.common.place)
            return end
        if isinstance(item, FromItem):
            return self._resolve(item.target, scope, current)
        return self._head(item, scope, current)

    def _unit(self, scope: _Scope, name: str | None) -> str:
        if name is not None:
            return name
        scope.units += 1
        return str(scope.units)

    def _head(self, item: HeadItem, scope: _Scope, current: int) -> int:
        name = self._word(item.head, scope, current, "a head")
        if self.head is not None:
            raise NetworkError(
                f"head {quote(name)} stands inside head {quote(self.head[0])}.",
                hint="Put it on the main way, or go there with `{from: NAME}`.",
            )
        heads = self.auxiliary_heads if item.auxiliary else self.heads
        if name in self.heads or name in self.auxiliary_heads:
            raise NetworkError(f"there are two heads {quote(name)}.", hint="Rename one.")
        self.head = (name, item.auxiliary)
        first = len(self.nodes)
        end = self._items(item.items, scope.inside(name), current)
        self.head = None
        if end < first:
            raise NetworkError(f"head {quote(name)} adds no layer.", hint="Give it at least one layer.")
        heads[name] = end
        self._group(scope.prefix + name, end, item.common.place)
        return current

    # ---- layers

    def _layer(self, item: LayerItem, scope: _Scope, current: int, name: str | None) -> int:
        ordinal = scope.counters.get(item.kind, 0) + 1
        scope.counters[item.kind] = ordinal
        own = name or f"{item.kind}{ordinal}"
        cls = KINDS[item.kind]
        inputs: tuple[int, ...] = (current,) if cls.arity == 1 else ()
        if cls.arity is None:
            inputs = self._branches(item, scope, current, name)
        try:
            layer = self._configured(item, scope, current)
            references, extra = self._references(layer, item, scope, current)
            shapes = (*(self._shape(index) for index in inputs), *extra)
            output = self._output(layer, shapes)
        except LayerError as error:
            shown = quote(own) if name or item.dynamic else own
            error.message = f"{item.kind} {shown}: {error.message}"
            raise
        shares = None
        if item.weights is not None:
            shares = self._shared(item, layer, shapes, scope, current)
        self.read.update(inputs, references)
        return self._add(
            Node(
                scope.prefix + own,
                layer,
                inputs,
                references,
                shapes,
                output,
                self.head[0] if self.head else None,
                self.head[1] if self.head else False,
                shares,
                item.common.place,
            )
        )

    def _add(self, node: Node) -> int:
        index = len(self.nodes)
        if index >= MOST_LAYERS:
            raise NetworkError(
                f"the network has more than {MOST_LAYERS:,} layers.", hint="Check its repeats and blocks."
            )
        self._claim(node.name, index, node.place)
        self.nodes.append(node)
        self.calls.append(self.stack)
        return index

    def _claim(self, path: str, index: int, place: Place) -> None:
        if path in self.names:
            taken = self.names[path]
            other = f" at {self.nodes[taken].place}" if taken != INPUT else ""
            raise NetworkError(
                f"the name {quote(path)} is taken{other}.",
                hint="Names are unique among their neighbours: rename one, or name the join of one.",
                place=place,
            )
        self.names[path] = index

    def _group(self, path: str, end: int, place: Place) -> None:
        self._claim(path, end, place)
        self.group_order.append((path, end))

    def _branches(self, item: LayerItem, scope: _Scope, current: int, name: str | None) -> tuple[int, ...]:
        ends: list[int] = []
        for key, items in item.branches:
            if key is None:
                scope.joins += 1
                branch = f"b{len(ends) + 1}" if name else f"b{scope.joins}"
            else:
                branch = self._word(key, scope, current, "a branch")
            path = f"{name}.{branch}" if name else branch
            first = len(self.nodes)
            end = self._items(items, scope.inside(path), current)
            if len(self.nodes) > first:
                self._group(scope.prefix + path, end, item.common.place)
            ends.append(end)
        return tuple(ends)

    def _configured(self, item: LayerItem, scope: _Scope, current: int) -> Layer:
        """The layer of an item. One without `$` is made once and for all."""
        if not item.dynamic and id(item) in self.fixed:
            return self.fixed[id(item)]
        cls = KINDS[item.kind]
        names: Values = self._names(scope, current) if item.dynamic else {}
        values = {
            field: node.text if field in cls.references and isinstance(node, Scalar) else _value(node, names)
            for field, node in item.fields
        }
        try:
            layer = msgspec.convert(values, cls)
        except msgspec.ValidationError as error:
            raise field_error(error, cls, values, dict(item.fields)) from None
        if not item.dynamic:
            self.fixed[id(item)] = layer
        return layer

    def _references(
        self, layer: Layer, item: LayerItem, scope: _Scope, current: int
    ) -> tuple[tuple[int, ...], tuple[Shape, ...]]:
        if not layer.references:
            return (), ()
        nodes, shapes = [], []
        fields = dict(item.fields)
        for field in layer.references:
            node = fields[field]
            assert isinstance(node, Scalar)
            index = self._resolve(node, scope, current)
            if index == INPUT:
                raise LayerError(f"{field} must name a layer, not the input.", place=node.place)
            target = self.nodes[index]
            shapes.append(layer.refer(field, target.layer, target.shapes, target.output))
            nodes.append(index)
        return tuple(nodes), tuple(shapes)

    def _output(self, layer: Layer, shapes: tuple[Shape, ...]) -> Shape:
        key = (layer, shapes)
        output = self.outputs.get(key)
        if output is None:
            layer.check(shapes, self.spec.strict)
            output = layer.output(layer.read(shapes))
            self.outputs[key] = output
        return output

    def _shared(
        self, item: LayerItem, layer: Layer, shapes: tuple[Shape, ...], scope: _Scope, current: int
    ) -> int:
        assert item.weights is not None
        index = self._resolve(item.weights, scope, current)
        place = item.weights.place
        if index == INPUT:
            raise NetworkError("the input has no weights to share.", place=place)
        other = self.nodes[index]
        if other.shares is not None:
            index = other.shares
            other = self.nodes[index]
        mine, theirs = layer.read(shapes), other.layer.read(other.shapes)
        same = (
            type(layer) is type(other.layer)
            and layer.tensors() == other.layer.tensors()
            and layer.weights(mine) == layer.weights(theirs)
            and layer.biases(mine) == layer.biases(theirs)
        )
        if not same:
            raise NetworkError(
                f"{item.kind} cannot use the weights of {other.name}: "
                f"it needs {layer.weights(mine)} weights and {layer.biases(mine)} biases, that {other.layer.kind} "
                f"has {other.layer.weights(theirs)} and {other.layer.biases(theirs)}.",
                hint="Both must be of one kind, with the same configuration and the same input channels.",
                place=place,
            )
        if not layer.weights(mine) + layer.biases(mine):
            raise NetworkError(f"{item.kind} has no weights to share.", place=place)
        return index

    # ---- blocks

    def _block(self, item: BlockItem, scope: _Scope, current: int, name: str) -> int:
        block = item.block
        if block in self.blocks:
            cycle = " → ".join([*(b.name for b in self.blocks[self.blocks.index(block) :]), block.name])
            raise NetworkError(f"blocks call each other without end: {cycle}.", hint="Break the circle.")
        if len(self.blocks) >= DEEPEST_CALLS:
            raise NetworkError(f"blocks are called more than {DEEPEST_CALLS} deep.", hint="Use `repeat`.")
        arguments = self._arguments(item, scope, current)
        prefix = f"{scope.prefix}{name}."
        key = (id(block), tuple(arguments.items()), self._shape(current), self.head)
        template = self.templates.get(key)
        before = self.stack, self.blocks
        # Innermost first, as the message lists them.
        self.stack = ((block.name, item.common.place), *self.stack)
        self.blocks = (*self.blocks, block)
        if template is not None:
            end = self._copy(template, prefix, current)
        else:
            start, groups, outer = len(self.nodes), len(self.group_order), self.outer_reads
            inner = _Scope(scope, prefix, current, {**self._values_of(block.file), **arguments}, block)
            heads = len(self.heads) + len(self.auxiliary_heads)
            end = self._items(block.items, inner, current)
            # What reaches outside the block (an outer name, a head) is not the same at the next call.
            if outer == self.outer_reads and heads == len(self.heads) + len(self.auxiliary_heads):
                self.templates[key] = _Template(
                    start,
                    len(self.nodes) - start,
                    current,
                    prefix,
                    end,
                    tuple(self.group_order[groups:]),
                )
        self.stack, self.blocks = before
        self._group(scope.prefix + name, end, item.common.place)
        return end

    def _arguments(self, item: BlockItem, scope: _Scope, current: int) -> dict[str, Any]:
        caller = self._names(scope, current)
        values = dict(self._values_of(item.block.file))
        arguments: dict[str, Any] = {}
        for parameter, default in item.block.parameters.items():
            given = item.arguments.get(parameter)
            if given is not None:
                value = _value(given, caller)
            else:
                assert default is not None  # parsing has refused calls without required arguments
                value = _value(default, {**_derived(self._shape(current)), **values})
            arguments[parameter] = values[parameter] = value
        return arguments

    def _copy(self, template: _Template, prefix: str, current: int) -> int:
        """The nodes of a template again under another prefix, reading from `current`."""
        shift = len(self.nodes) - template.start
        cut, entry, first = len(template.prefix), template.entry, template.start
        if len(self.nodes) + template.size > MOST_LAYERS:
            raise NetworkError(
                f"the network has more than {MOST_LAYERS:,} layers.", hint="Check its repeats and blocks."
            )

        def moved(index: int) -> int:
            return current if index == entry and index < first else index + shift

        for node in self.nodes[first : first + template.size]:
            inputs = tuple(map(moved, node.inputs))
            references = tuple(map(moved, node.references))
            copy = Node(
                prefix + node.name[cut:],
                node.layer,
                inputs,
                references,
                node.shapes,
                node.output,
                node.head,
                node.auxiliary,
                None if node.shares is None else moved(node.shares),
                node.place,
            )
            self.read.update(inputs, references)
            self._add(copy)
        for path, end in template.groups:
            self._group(prefix + path[cut:], moved(end), self.nodes[-1].place)
        return moved(template.result)

    # ---- names and values

    def _shape(self, index: int) -> Shape:
        return self.input if index == INPUT else self.nodes[index].output

    def _names(self, scope: _Scope, current: int) -> Values:
        return {**_derived(self._shape(current)), **scope.values}

    def _name(self, common: Common, scope: _Scope, current: int) -> str | None:
        return None if common.name is None else self._word(common.name, scope, current, "a name")

    def _word(self, node: Scalar, scope: _Scope, current: int, what: str) -> str:
        text = node.text
        if "$" in text:
            text = str(_value(node, self._names(scope, current)))
        if not NAME.fullmatch(text):
            raise NetworkError(
                f"{what} cannot be {quote(text)}.", hint="Use letters, digits, _ and -.", place=node.place
            )
        if text in RESERVED_NAMES:
            raise NetworkError(
                f"{what} cannot be {quote(text)}: the word means something else.",
                hint="Rename it.",
                place=node.place,
            )
        return text

    def _resolve(self, node: Scalar, scope: _Scope, current: int) -> int:
        """The node that a name means, looked up from the innermost scope outwards."""
        text = node.text
        if "$" in text:
            text = str(_value(node, self._names(scope, current)))
        if text == "input":
            return scope.entry
        here: _Scope | None = scope
        while here is not None:
            found = here.labels.get(text, self.names.get(here.prefix + text))
            if found is not None:
                return found
            if here.block is not None:
                self.outer_reads += 1
            here = here.parent
        self._unknown(node, text, scope)

    def _unknown(self, node: Scalar, text: str, scope: _Scope) -> NoReturn:
        near = [path[len(scope.prefix) :] for path in self.names if path.startswith(scope.prefix)]
        known = [*scope.labels, *near, *self.names, "input"]
        raise NetworkError(
            f"there is no layer {quote(text)} before this one.",
            hint=sentence(did_you_mean(text, known))
            or "Name an earlier layer, a label given with `as:`, or input.",
            place=node.place,
        )


def _input_shape(spec: Spec, values: Values) -> Shape:
    value = _value(spec.input, values)
    sizes = value if isinstance(value, tuple) else (value,)
    return checked_shape(sizes, spec.input.place)


def checked_shape(sizes: tuple[Any, ...], place: Place | None = None) -> Shape:
    """`sizes` as a shape, or NetworkError: whole numbers of at least 1, one to eight of them."""
    bad = [size for size in sizes if type(size) is not int or not 1 <= size <= 10**9]
    if bad or not 1 <= len(sizes) <= LARGEST_RANK:
        came = ", ".join(str(size) for size in (bad or sizes)[:8])
        raise NetworkError(
            f"the input shape must be 1 to {LARGEST_RANK} whole numbers of at least 1, not {quote(came)}.",
            hint="For example [3, 224, 224]: channels, height, width, without the batch.",
            place=place,
        )
    return tuple(sizes)


def _derived(shape: Shape) -> dict[str, Any]:
    """`$channels`, `$features` and `$tokens` of what reaches an item."""
    derived = {"channels": shape[0], "features": shape[-1]}
    if len(shape) > 1:
        derived["tokens"] = shape[-2]
    return derived


def _value(node: YamlNode, names: Values) -> Any:
    """What a node stands for: text interpreted, `$` arithmetic done, lists as tuples."""
    if isinstance(node, Scalar):
        if "$" not in node.text:
            return interpret(node.text, node.quoted)
        try:
            return evaluate(node.text, names)
        except ArchcalcError as error:
            raise error.at(node.place) from None
    if isinstance(node, MappingNode):
        raise NetworkError(
            f"expected a value or a list of values, not {node.describe()}.",
            hint="Only items and `parameters` are mappings.",
            place=node.place,
        )
    return tuple(_value(item, names) for item in node.items)


def _whole(node: Scalar, names: Values, what: str) -> int:
    value = _value(node, names)
    if type(value) is not int or value < 0:
        raise NetworkError(
            f"{what} must be a whole number of at least 0, not {quote(str(value))}.",
            hint="For example `repeat: 3`; 0 leaves the item out.",
            place=node.place,
        )
    return value
