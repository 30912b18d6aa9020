"""Tables and working for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from archcalc.render.formats.registry import Format, Screen
from archcalc.render.formats.sheet import Document


def draw(documents: Sequence[Document], screen: Screen) -> str:
    """The documents below one another."""
    from archcalc.render.formats import table

    return "\n".join(table.draw(document, *screen) for document in documents)


FORMAT = Format("table", "For people at a terminal.", also=("text",), draw=draw, markup="text")
