"""Blocks written as Python classes: what is made in __init__, and how it runs in forward. Needs no torch."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from archcalc.algebra.shapes import joined
from archcalc.network.network import Network
from archcalc.pytorch.blocks import Block, Blocks
from archcalc.pytorch.naming import module_paths
from archcalc.pytorch.recording import Recorder
from archcalc.pytorch.templates import Snippet, Templates, snippet, together

INDENT = "    "
_NAMES = ("x", "y", "z", "u", "v", "w")
_OF_SEQUENTIAL = frozenset(
    """
    append extend insert pop _get_item_by_idx __add__ __delitem__ __getitem__ __iadd__ __imul__ __iter__ __len__
    __mul__ __rmul__ __setitem__
    """.split()  # noqa: SIM905 - as a list it would be as long again in quotes
)
"""Names that a submodule of nn.Sequential cannot have, beside those that none can have."""


class Writer:
    """Writes the blocks of a network; blocks whose code differs in numbers only are one class.

    `templates` has every class but that of the whole network.
    """

    def __init__(self, network: Network, recorder: Recorder, taken: set[str]) -> None:
        self.network = network
        self.recorder = recorder
        self.blocks = Blocks(network)
        self.places = module_paths(node.name for node in network.nodes)
        self.templates = Templates()
        self._taken = taken
        self._made: dict[int, Snippet] = {}
        for block in self.blocks.inside(self.blocks.top):
            if block is not self.blocks.top:
                self._made[id(block)] = self._construction(block)

    # ---- what is made

    def _construction(self, block: Block) -> Snippet:
        """The expression that makes the module of a block."""
        if self._is_chain(block):
            entries = [(self._name(member), self._expression(member)) for member in block.members]
            inside = together(entry.indented(INDENT) for entry in _entries(entries))
            return Snippet(("nn.Sequential(OrderedDict([", *inside.lines, "]))"), inside.values)
        made, run = self._init(block), list(self._forward(block))
        lines, shapes = tuple(line for line, _ in run), tuple(shape for _, shape in run)
        template = self.templates.known(made.lines, lines)
        if template is None:
            name = unique(class_name(block.path), self._taken)
            template = self.templates.new(name, made.lines, lines)
        return template.add(block, made.values, shapes)

    def _expression(self, member: int | Block) -> Snippet:
        if isinstance(member, Block):
            return self._made[id(member)]
        node = self.network.nodes[member]
        return snippet(repr(node.layer.build(self.recorder, node.shapes)))

    def _init(self, block: Block) -> Snippet:
        """The statements that make the modules of a block."""
        statements = []
        for member in block.members:
            if not isinstance(member, Block) and self._is_join(member):
                continue
            name, expression = self._name(member), self._expression(member)
            plain = _is_plain(name)
            before, after = (f"self.{name} = ", "") if plain else (f'self.add_module("{name}", ', ")")
            statements.append(expression.between(before, after))
        return together(statements)

    def whole(self) -> list[str]:
        """The statements that make the modules of the whole network."""
        made = self._init(self.blocks.top)
        return self.templates.filled(made.lines, list(map(str, made.values)))

    def _name(self, member: int | Block) -> str:
        path = member.path if isinstance(member, Block) else self.network.nodes[member].name
        return self.places[path][-1]

    def _is_join(self, index: int) -> bool:
        return self.network.nodes[index].layer.arity is None

    def _is_chain(self, block: Block) -> bool:
        """Whether each member takes what the one before it gives and nothing else, so that a list says it all."""
        if len(block.inputs) != 1 or len(block.outputs) != 1:
            return False
        before = block.inputs[0]
        for member in block.members:
            if isinstance(member, Block):
                inputs, outputs = member.inputs, member.outputs
            else:
                node = self.network.nodes[member]
                if node.layer.arity != 1:
                    return False
                inputs, outputs = list(self.blocks.reads(member)), [member]
            if inputs != [before] or len(outputs) != 1 or self._name(member) in _OF_SEQUENTIAL:
                return False
            (before,) = outputs
        auxiliary = {self.network.nodes[index].auxiliary for index in range(block.first, block.end)}
        return block.outputs == [before] and len(auxiliary) == 1

    # ---- how it runs

    def _forward(self, block: Block) -> Iterator[tuple[str, str]]:
        """The method, each line with the shape of what it gives."""
        variables = self.variables(block)
        arguments = ", ".join(f"{variables.of(source)}: Tensor" for source in block.inputs)
        several = len(block.outputs) != 1
        yield f"def forward(self, {arguments}) -> {'tuple[Tensor, ...]' if several else 'Tensor'}:", ""
        for line, shape in self.statements(block, variables):
            yield INDENT + line, shape
        results = [self._result(block, index, variables) for index in block.outputs]
        yield f"{INDENT}return {', '.join(results)}", ""

    def _result(self, block: Block, index: int, variables: Variables) -> str:
        """An output; that of an auxiliary head is None in evaluation, unless the whole block is part of it."""
        nodes = self.network.nodes
        if nodes[index].auxiliary and not all(n.auxiliary for n in nodes[block.first : block.end]):
            return f"{variables.of(index)} if self.training else None"
        return variables.of(index)

    def variables(self, block: Block) -> Variables:
        """Names for the values of a block."""
        return Variables(block, self.blocks)

    def statements(self, block: Block, variables: Variables) -> Iterator[tuple[str, str]]:
        """What runs, a statement a member, each with the shape of what it gives."""
        alone = all(node.auxiliary for node in self.network.nodes[block.first : block.end])
        for auxiliary, members in groupby(block.members, self._is_auxiliary):
            guarded = auxiliary and not alone
            if guarded:
                yield "if self.training:", ""
            for member in members:
                line, shape = self._statement(member, variables)
                yield (INDENT if guarded else "") + line, shape

    def _is_auxiliary(self, member: int | Block) -> bool:
        indices = range(member.first, member.end) if isinstance(member, Block) else [member]
        return all(self.network.nodes[index].auxiliary for index in indices)

    def _statement(self, member: int | Block, variables: Variables) -> tuple[str, str]:
        nodes = self.network.nodes
        if isinstance(member, Block):
            inputs, outputs = member.inputs, member.outputs
        else:
            inputs, outputs = list(self.blocks.reads(member)), [member]
        given = [variables.of(source) for source in inputs]
        called = self._called(member, given)
        results = variables.take(member, inputs, outputs)
        shapes = ", ".join(joined(nodes[index].output) for index in outputs)
        return f"{', '.join(results)} = {called}", shapes

    def _called(self, member: int | Block, given: Sequence[str]) -> str:
        name = self._name(member)
        module = f"self.{name}" if _is_plain(name) else f'getattr(self, "{name}")'
        if isinstance(member, Block):
            return f"{module}({', '.join(given)})"
        node = self.network.nodes[member]
        if node.layer.operator:
            return f" {node.layer.operator} ".join(given)
        if self._is_join(member):
            axis = node.layer.build(self.recorder, node.shapes).settings[0]
            return f"torch.cat([{', '.join(given)}], dim={axis + 1})"
        if node.layer.arity == 0:
            return f"{module}().expand(len({given[0]}), {', '.join(['-1'] * len(node.output))})"
        return f"{module}({', '.join(given)})"


class Variables:
    """Names for the values of one forward: a value that nobody reads any more leaves its name to the next."""

    def __init__(self, block: Block, blocks: Blocks) -> None:
        self._names: dict[int, str] = {}
        self._free = [*_NAMES]
        self._more = 1
        self._last = _last_reads(block, blocks)
        for source in block.inputs:
            self._names[source] = self._next()

    def of(self, index: int) -> str:
        """The name of the value of a layer, or of the input."""
        return self._names[index]

    def take(self, member: int | Block, inputs: Sequence[int], outputs: Sequence[int]) -> list[str]:
        """Names for what a member gives, once it has read its inputs."""
        here = member.first if isinstance(member, Block) else member
        for source in dict.fromkeys(inputs):
            if self._last.get(source) == here:
                self._free.append(self._names.pop(source))
        self._free.sort(key=_order)
        for index in outputs:
            self._names[index] = self._next()
        return [self._names[index] for index in outputs]

    def _next(self) -> str:
        if not self._free:
            self._more += 1
            self._free = [f"{name}{self._more}" for name in _NAMES]
        return self._free.pop(0)


def _order(name: str) -> tuple[int, int]:
    return int(name[1:] or 1), _NAMES.index(name[0])


def _last_reads(block: Block, blocks: Blocks) -> dict[int, int]:
    """For each value that is read in a block and not given on, the first index of the member that reads it last."""
    last: dict[int, int] = {}
    for member in block.members:
        if isinstance(member, Block):
            sources, here = member.inputs, member.first
        else:
            sources, here = list(blocks.reads(member)), member
        for source in sources:
            last[source] = here
    for index in block.outputs:
        last.pop(index, None)
    return last


def _entries(entries: Sequence[tuple[str, Snippet]]) -> Iterator[Snippet]:
    """The entries of an OrderedDict; a run of numbered ones that are alike is one line."""
    number = 0
    while number < len(entries):
        name, expression = entries[number]
        end = number + 1
        while len(expression.lines) == 1 and end < len(entries) and _continues(entries, number, end):
            end += 1
        if end - number > 2:
            numbers = f"range({name}, {int(name) + end - number})"
            yield expression.between("*((str(i), ", f") for i in {numbers}),")
            number = end
            continue
        number += 1
        yield expression.between(f'("{name}", ', "),")


def _continues(entries: Sequence[tuple[str, Snippet]], start: int, end: int) -> bool:
    name, expression = entries[start]
    other, other_expression = entries[end]
    return name.isdecimal() and other == str(int(name) + end - start) and expression == other_expression


def _is_plain(name: str) -> bool:
    """Whether a name can be written as an attribute. Within a class Python gives `__x` another name.

    Nothing may be called `__debug__`, though it is no keyword.
    """
    is_private = name.startswith("__") and (not name.endswith("__") or name == "__debug__")
    return name.isidentifier() and name.isascii() and not keyword.iskeyword(name) and not is_private


def class_name(path: str) -> str:
    """A name for the class of what stands at a path: `Conv2_1` for conv2.1, `Block3a` for 3a."""
    words = (re.split(r"[^A-Za-z0-9]+", part) for part in path.split("."))
    name = "_".join("".join(word[:1].upper() + word[1:] for word in part) for part in words)
    return name if name[:1].isalpha() else f"Block{name}"


def unique(name: str, taken: set[str]) -> str:
    """A name that is not taken, nor a word of Python; it is taken then."""
    number, found = 1, name
    while found in taken or keyword.iskeyword(found):
        number += 1
        found = f"{name}_{number}"
    taken.add(found)
    return found
