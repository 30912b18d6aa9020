"""What is right as written and often meant otherwise: remarks on a network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archcalc.algebra.symbols import prod
from archcalc.network.network import Network
from archcalc.network.orders import other_order
from archcalc.results.report import Namesake, Remark, RepeatedProducts, Row


def remarks(network: Network, rows: Sequence[Row]) -> Iterator[Remark]:
    """Everything that is to be remarked on a network, given what was counted of its layers."""
    other = network.spec.about.get("libraries")
    if other:
        yield Namesake(network.title, other)
    order = other_order(network.input)
    if order is not None and any(
        node.layer.slides and network.input in node.shapes for node in network.nodes
    ):
        yield order
    # A join that multiplies gives more than each of its branches has: a product of all with all.
    products = [
        row
        for node, row in zip(network.nodes, rows, strict=True)
        if node.layer.arity is None
        and row.cost.multiplications
        and prod(row.output) > max(map(prod, row.inputs))
    ]
    if products:
        yield RepeatedProducts(
            tuple(row.name for row in products), sum(row.cost.multiplications for row in products)
        )
