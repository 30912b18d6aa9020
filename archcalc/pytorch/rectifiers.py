"""Which layers feed a rectifier: what the initialisation of weights depends on. Needs no torch."""

from __future__ import annotations

from archcalc.network.network import INPUT, Network, Node


def feeds_rectifier(network: Network) -> frozenset[str]:
    """The layers whose output meets a rectifier before any other activation or layer with a weight matrix.

    Norms, pools, dropout, joins and whatever else moves values on are looked through.
    """
    met = [False] * len(network.nodes)
    feeds: list[bool] = [False] * len(network.nodes)
    for index in range(len(network.nodes) - 1, -1, -1):
        node = network.nodes[index]
        met[index] = node.layer.rectifies or (feeds[index] and not _stops(node))
        for source in node.inputs:
            if source != INPUT and met[index]:
                feeds[source] = True
    return frozenset(node.name for node, fed in zip(network.nodes, feeds, strict=True) if fed)


def _stops(node: Node) -> bool:
    """Whether what went in is another quantity when it comes out."""
    layer = node.layer
    return layer.counts_as_layer or layer.composed or layer.activates
