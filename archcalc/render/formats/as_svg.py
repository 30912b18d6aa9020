"""A document as a picture of a terminal, for slides and pages. The one place where rich draws."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

from archcalc.render.formats.registry import Format, Screen
from archcalc.render.formats.sheet import Document


def draw(documents: Sequence[Document], screen: Screen) -> str:
    """An SVG of the tables in colours, as wide as the screen. Equal documents give equal pictures.

    It loads nothing from elsewhere: the letters are those of the reader's own monospaced font.
    """
    from rich.console import Console
    from rich.text import Text

    from archcalc.render.formats import table

    width = screen.width
    text = "\n".join(table.draw(document, width, colour=True) for document in documents)
    # With a width and a height rich does not look at COLUMNS, which may be no number.
    console = Console(
        file=io.StringIO(), record=True, width=width, height=25, force_terminal=True, legacy_windows=False
    )
    console.print(Text.from_ansi(text), soft_wrap=True)
    svg = console.export_svg(title=documents[0].title, unique_id="archcalc")
    return re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)


FORMAT = Format("svg", "A picture of a terminal, for slides and pages.", endings=(".svg",), draw=draw)
