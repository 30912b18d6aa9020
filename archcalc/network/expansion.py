"""Spec → Network: blocks, repeats, `$` arithmetic, branches and names become a flat graph of layers.

Each layer's shape rule runs as it is reached, because blocks may ask for `$channels`. A block called twice
with the same arguments on the same shape is expanded once and its nodes are copied.
"""

from __future__ import annotations

from typing import Any

from archcalc.algebra.shapes import joined
from archcalc.layers import KINDS, Layer
from archcalc.layers.base import LARGEST_MAP, Shape
from archcalc.network.graph import MOST_LAYERS, Calls, Graph, Template
from archcalc.network.layering import Layers, check_shared
from archcalc.network.network import INPUT, Network, Node
from archcalc.network.orders import other_order, with_channels_first
from archcalc.network.scopes import Scope
from archcalc.spec.reader import Scalar
from archcalc.spec.spec import (
    Block,
    BlockItem,
    Common,
    File,
    FromItem,
    GroupItem,
    HeadItem,
    Item,
    LayerItem,
    Spec,
)
from archcalc.spec.values import (
    Values,
    derived,
    distinct,
    entries,
    input_shape,
    of_file,
    text_of,
    value_of,
    whole,
    word,
)
from archcalc.words.errors import ArchcalcError, LayerError, NetworkError, OptionError, Place, SpecError
from archcalc.words.language import deferred
from archcalc.words.text import did_you_mean, quote, sentence

DEEPEST_CALLS = 64
"""Blocks called inside one another."""


def expand(spec: Spec, shape: Shape | None = None, parameters: Values | None = None) -> Network:
    """The network of a spec. `shape` replaces its input shape, `parameters` some of the values in its file.

    Raises SpecError with the place of the item that is wrong and of the calls that lead to it, OptionError for
    a parameter that the file does not have.
    """
    given = parameters or {}
    for name in given:
        if name not in spec.file.parameters:
            known = ", ".join(spec.file.parameters) or "none"
            raise OptionError(
                f"{quote(spec.name)} has no parameter {quote(name)}.",
                hint=sentence(did_you_mean(name, spec.file.parameters)) or f"Its parameters: {known}.",
            )
    values = of_file(spec.file, given)
    own = input_shape(spec.input, values)
    if shape is not None:
        _comparable(shape, own, spec)
    try:
        return _Expansion(spec, values, own if shape is None else shape).run()
    except SpecError as error:
        changed = [f"the input {joined(shape)}"] if shape is not None and shape != own else []
        changed += [f"{name} = {str(value).lower()}" for name, value in given.items()]
        if changed:
            way_out = f"{error.hint} " if error.hint else ""
            error.hint = f"{way_out}Given in place of the spec's own: {', '.join(changed)}."
        raise


def _comparable(shape: Shape, own: Shape, spec: Spec) -> None:
    """Raise OptionError for an input of another kind than the spec's: other axes, or channels last."""
    if len(shape) != len(own):
        raise OptionError(
            f"the input of {quote(spec.name)} has {len(own)} axes, {joined(own)}; {joined(shape)} has {len(shape)}.",
            hint="Give channels, height and width, without the batch, such as 3x224x224."
            if len(own) == LARGEST_MAP - 1
            else f"Give {len(own)} numbers, without the batch.",
        )
    meant = with_channels_first(shape, own[0]) if len(own) == LARGEST_MAP - 1 else None
    if meant is not None:
        raise OptionError(
            f"the input {joined(shape)} has its channels last.",
            hint=f"Channels come first: {joined(meant)}.",
        )


class _Expansion:
    def __init__(self, spec: Spec, values: Values, shape: Shape) -> None:
        self.spec = spec
        self.graph = Graph(shape)
        self.heads: dict[str, int] = {}
        self.auxiliary_heads: dict[str, int] = {}
        self.head: tuple[str, bool] | None = None
        self.stack: Calls = ()
        self.blocks: tuple[Block, ...] = ()
        self.repeats = 1
        self.outer_reads = 0
        self.templates: dict[Any, Template] = {}
        self.layers = Layers(self.graph, spec.strict)
        self.file_values: dict[int, Values] = {id(spec.file): values}

    def run(self) -> Network:
        spec, graph = self.spec, self.graph
        root = Scope(None, "", INPUT, self._values_of(spec.file))
        last = self._items(spec.items, root, INPUT)
        if all(node.auxiliary for node in graph.nodes):
            beside = " beside its auxiliary heads" if graph.nodes else ""
            raise NetworkError(
                f"the network has no layers{beside}.",
                hint="Write at least one under `layers:`; `repeat: 0` leaves an item out.",
                place=spec.place,
            )
        output: int | None = None if last in graph.read or last == INPUT else last
        graph.refuse_unread({output, *self.heads.values(), *self.auxiliary_heads.values()})
        graph.refuse_unread_input(spec.input.place)
        return Network(
            name=spec.name,
            title=spec.title,
            input=graph.input,
            nodes=tuple(graph.nodes),
            output=output,
            heads=self.heads,
            auxiliary_heads=self.auxiliary_heads,
            groups=dict(graph.groups),
            spec=spec,
            fitted=self.layers.fitted,
        )

    def _values_of(self, file: File) -> Values:
        values = self.file_values.get(id(file))
        if values is None:
            self.file_values[id(file)] = values = of_file(file, {})
        return values

    # ---- items

    def _items(self, items: tuple[Item, ...], scope: Scope, current: int) -> int:
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

    def _repeated(self, item: Item, scope: Scope, current: int) -> int:
        common = item.common
        if common.repeat is None:
            current = self._item(item, scope, current, self._name(common, scope, current))
        else:
            count = whole(common.repeat, self._names(scope, current), "`repeat`")
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
                self.graph.group(scope.prefix + name, current, common.place)
            self.repeats = before
        if common.label is not None:
            scope.labels[self._word(common.label, scope, current, "`as`")] = current
        return current

    def _item(self, item: Item, scope: Scope, current: int, name: str | None) -> int:
        # Groups without layers and `from` cost time too, however few layers come of them.
        self.graph.spend(1)
        if isinstance(item, LayerItem):
            return self._layer(item, scope, current, name)
        if isinstance(item, BlockItem):
            return self._block(item, scope, current, scope.unit(name))
        if isinstance(item, GroupItem):
            unit = scope.unit(name)
            end = self._items(item.items, scope.inside(unit), current)
            self.graph.group(scope.prefix + unit, end, item.common.place)
            return end
        if isinstance(item, FromItem):
            return self._resolve(item.target, scope, current)
        return self._head(item, scope, current)

    def _head(self, item: HeadItem, scope: Scope, current: int) -> int:
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
        first = len(self.graph.nodes)
        end = self._items(item.items, scope.inside(name), current)
        self.head = None
        if end < first:
            raise NetworkError(f"head {quote(name)} adds no layer.", hint="Give it at least one layer.")
        heads[name] = end
        self.graph.group(scope.prefix + name, end, item.common.place)
        return current

    # ---- layers

    def _layer(self, item: LayerItem, scope: Scope, current: int, name: str | None) -> int:
        own = name or f"{item.kind}{scope.count(item.kind)}"
        if name is not None:
            scope.count(item.kind)
        cls = KINDS[item.kind]
        inputs: tuple[int, ...] = (current,) if cls.arity == 1 else ()
        if cls.arity is None:
            inputs = self._branches(item, scope, current, name)
        try:
            layer = self.layers.configured(item, self._names(scope, current) if item.dynamic else {})
            references: tuple[int, ...] = ()
            shapes = tuple([self.graph.shape(index) for index in inputs])
            if cls.references:
                layer, references, extra = self._references(layer, item, scope, current)
                shapes += extra
            output = self.layers.output(layer, shapes)
        except LayerError as error:
            error.message = deferred(
                "{kind} {layer}: {why}",
                kind=item.kind,
                layer=quote(scope.prefix + own),
                why=error.message,
            )
            error.hint = " ".join(filter(None, (error.hint, self._also(cls, inputs, scope, current)))) or None
            raise
        shares = None
        if item.weights is not None:
            shares = self._shared(item.weights, layer, shapes, scope, current)
        head, auxiliary = self.head or (None, False)
        node = Node(
            name=scope.prefix + own,
            layer=layer,
            inputs=inputs,
            references=references,
            shapes=shapes,
            output=output,
            head=head,
            auxiliary=auxiliary,
            shares=shares,
            place=item.common.place,
        )
        return self.graph.add(node, self.stack)

    def _also(self, cls: type[Layer], inputs: tuple[int, ...], scope: Scope, current: int) -> str:
        """What else a layer may be refused for: what `input` means here, the order in which a shape is given."""
        if cls.arity is None and scope.entry in inputs and current != scope.entry:
            return scope.about_input()
        order = other_order(self.graph.input) if cls.slides else None
        return order.advice if order is not None and self.graph.shape(current) == order.shape else ""

    def _branches(self, item: LayerItem, scope: Scope, current: int, name: str | None) -> tuple[int, ...]:
        ends: list[int] = []
        for key, items in item.branches:
            if key is None:
                scope.joins += 1
                branch = f"b{len(ends) + 1}" if name else f"b{scope.joins}"
            else:
                branch = self._word(key, scope, current, "a branch")
            path = f"{name}.{branch}" if name else branch
            first = len(self.graph.nodes)
            end = self._items(items, scope.inside(path), current)
            if len(self.graph.nodes) > first:
                self.graph.group(scope.prefix + path, end, item.common.place)
            ends.append(end)
        return tuple(ends)

    def _references(
        self, layer: Layer, item: LayerItem, scope: Scope, current: int
    ) -> tuple[Layer, tuple[int, ...], tuple[Shape, ...]]:
        nodes: list[int] = []
        shapes: list[Shape] = []
        for field in layer.references:
            node = dict(item.fields)[field]
            assert isinstance(node, Scalar)
            index = self._resolve(node, scope, current)
            if index == INPUT:
                raise LayerError(
                    f"{field} must name a layer, not the input.",
                    hint="Name an earlier layer.",
                    place=node.place,
                )
            target = self.graph.nodes[index]
            layer, shape = layer.refer(field, target.layer, target.shapes)
            nodes.append(index)
            shapes.append(shape)
        return layer, tuple(nodes), tuple(shapes)

    def _shared(
        self, wanted: Scalar, layer: Layer, shapes: tuple[Shape, ...], scope: Scope, current: int
    ) -> int:
        """The node whose weights a layer uses; NetworkError if they do not fit it."""
        index, place = self._resolve(wanted, scope, current), wanted.place
        if index == INPUT:
            raise NetworkError(
                "the input has no weights to share.", hint="Name an earlier layer.", place=place
            )
        other = self.graph.nodes[index]
        if other.shares is not None:
            index = other.shares
            other = self.graph.nodes[index]
        if other.auxiliary and not (self.head and self.head[1]):
            raise NetworkError(
                f"{other.name} belongs to an auxiliary head, and its weights are left out of the totals.",
                hint="Put the layer that has the weights on the main way; the head can share them.",
                place=place,
            )
        check_shared(layer, shapes, other, place)
        return index

    # ---- blocks

    def _block(self, item: BlockItem, scope: Scope, current: int, name: str) -> int:
        block, graph = item.block, self.graph
        if block in self.blocks:
            cycle = " → ".join([*(b.name for b in self.blocks[self.blocks.index(block) :]), block.name])
            raise NetworkError(f"blocks call each other without end: {cycle}.", hint="Break the circle.")
        if len(self.blocks) >= DEEPEST_CALLS:
            raise NetworkError(f"blocks are called more than {DEEPEST_CALLS} deep.", hint="Use `repeat`.")
        before = self.stack, self.blocks
        given = self._given(item, scope, current)
        self.graph.spend(2 + sum(map(entries, given.values())))
        # Innermost first, as the message lists them.
        self.stack = ((block.name, item.common.place), *self.stack)
        self.blocks = (*self.blocks, block)
        arguments = self._arguments(block, given, current)
        prefix = f"{scope.prefix}{name}."
        key = (id(block), tuple(map(distinct, arguments.values())), graph.shape(current), self.head)
        template = self.templates.get(key)
        if template is not None:
            end = graph.copy(template, prefix, current, self.stack, item.common.place)
        else:
            start, groups, outer = len(graph.nodes), len(graph.groups), self.outer_reads
            heads = len(self.heads) + len(self.auxiliary_heads)
            inner = Scope(scope, prefix, current, {**self._values_of(block.file), **arguments}, block)
            end = self._items(block.items, inner, current)
            # What reaches outside the block (an outer name, a head) is not the same at the next call.
            if outer == self.outer_reads and heads == len(self.heads) + len(self.auxiliary_heads):
                self.templates[key] = graph.template(start, groups, prefix, end)
        self.stack, self.blocks = before
        graph.group(scope.prefix + name, end, item.common.place)
        return end

    def _given(self, item: BlockItem, scope: Scope, current: int) -> dict[str, Any]:
        """The arguments of a call, as its caller sees them."""
        if not item.arguments:
            return {}
        names = self._names(scope, current)
        return {parameter: value_of(node, names) for parameter, node in item.arguments.items()}

    def _arguments(self, block: Block, given: dict[str, Any], current: int) -> dict[str, Any]:
        """A value for each parameter: the one given, or the default, which may use the parameters before it."""
        values = {**derived(self.graph.shape(current)), **self._values_of(block.file)}
        arguments: dict[str, Any] = {}
        for parameter, default in block.parameters.items():
            if parameter in given:
                value = given[parameter]
            else:
                assert default is not None  # parsing has refused calls without required arguments
                value = value_of(default, values)
            arguments[parameter] = values[parameter] = value
        return arguments

    # ---- names and values

    def _names(self, scope: Scope, current: int) -> Values:
        return scope.names(self.graph.shape(current))

    def _word(self, node: Scalar, scope: Scope, current: int, what: str) -> str:
        return word(node, self._names(scope, current) if "$" in node.text else {}, what)

    def _name(self, common: Common, scope: Scope, current: int) -> str | None:
        return None if common.name is None else self._word(common.name, scope, current, "a name")

    def _resolve(self, node: Scalar, scope: Scope, current: int) -> int:
        """The node that a name means, looked up from the innermost scope outwards."""
        text = text_of(node, self._names(scope, current)) if "$" in node.text else node.text
        if text == "input":
            return scope.entry
        try:
            index, outside = scope.find(text, self.graph.paths)
        except NetworkError as error:
            raise error.at(node.place) from None
        self.outer_reads += outside
        return index
