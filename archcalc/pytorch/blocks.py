"""A network's graph as blocks in blocks, each with what goes in and what comes out. Needs no torch."""

from __future__ import annotations

from collections.abc import Iterator

from archcalc.network.network import INPUT, Network


class Block:
    """A scope of the spec (a block, group, repeat, branch or head), or the whole network (path empty).

    `members` are layers, by index, and blocks, in the order they run in; the indices from `first` up to but
    without `end` are all that is inside.
    """

    def __init__(self, path: str, first: int) -> None:
        self.path = path
        self.first = first
        self.end = first
        self.members: list[int | Block] = []
        self.inputs: list[int] = []
        """What is read from outside: indices of layers, or INPUT, in the order they are first read in."""
        self.outputs: list[int] = []
        """The layers inside whose output is read outside, or is one of the network's."""


class Blocks:
    """The blocks of a network, and who reads what."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.top = self._tree()
        last = {network.output, *network.heads.values(), *network.auxiliary_heads.values()}
        self.read_by: list[list[int]] = [[] for _ in network.nodes]
        self._beside: dict[int, int] = {}
        for index in range(len(network.nodes)):
            for source in self._plainly_reads(index):
                if source != INPUT:
                    self.read_by[source].append(index)
        for block in self.inside(self.top):
            block.inputs = self._inputs(block)
        self._feed_parameters()
        for block in self.inside(self.top):
            block.inputs = self._inputs(block) or [INPUT]
            block.outputs = [
                index
                for index in range(block.first, block.end)
                if index in last or any(reader >= block.end for reader in self.read_by[index])
            ]

    def reads(self, index: int) -> tuple[int, ...]:
        """The sources of a layer: its inputs and what its references name.

        A bare parameter takes none of these, but a tensor that says how large the batch is.
        """
        return self._plainly_reads(index) or (self._beside[index],)

    def inside(self, block: Block) -> Iterator[Block]:
        """A block and all those in it, the inner ones first."""
        for member in block.members:
            if isinstance(member, Block):
                yield from self.inside(member)
        yield block

    def _plainly_reads(self, index: int) -> tuple[int, ...]:
        node = self.network.nodes[index]
        named = (self.network.nodes[reference].inputs[0] for reference in node.references)
        return *node.inputs, *named

    def _tree(self) -> Block:
        """Names are unique and scopes nest, so that the layers of a scope stand together."""
        top = Block("", 0)
        stack = [top]
        holders = {scope for node in self.network.nodes for scope in _scopes(node.name)}
        for index, node in enumerate(self.network.nodes):
            # A join that holds its branches stands in a block of its own name.
            scope = node.name if node.name in holders else node.name.rpartition(".")[0]
            while not _holds(stack[-1].path, scope):
                stack.pop()
            parts = scope.split(".") if scope else []
            while len(stack) <= len(parts):
                block = Block(".".join(parts[: len(stack)]), index)
                stack[-1].members.append(block)
                stack.append(block)
            stack[-1].members.append(index)
            for block in stack:
                block.end = index + 1
        return top

    def _inputs(self, block: Block) -> list[int]:
        sources = (
            source
            for index in range(block.first, block.end)
            for source in (
                *self._plainly_reads(index),
                *([self._beside[index]] if index in self._beside else []),
            )
            if source < block.first
        )
        return list(dict.fromkeys(sources))

    def _feed_parameters(self) -> None:
        """For each bare parameter something that its block reads anyway, or the block around it, and so on."""
        nodes = self.network.nodes

        def feed(block: Block, fallback: int) -> None:
            # What an auxiliary head computes is not there in evaluation.
            lasting = (source for source in block.inputs if source == INPUT or not nodes[source].auxiliary)
            at_hand = next(lasting, fallback)
            for member in block.members:
                if isinstance(member, Block):
                    feed(member, at_hand)
                elif not self._plainly_reads(member):
                    self._beside[member] = at_hand

        feed(self.top, INPUT)


def _scopes(path: str) -> Iterator[str]:
    """The paths around a path."""
    while path := path.rpartition(".")[0]:
        yield path


def _holds(path: str, scope: str) -> bool:
    return not path or scope == path or scope.startswith(f"{path}.")
