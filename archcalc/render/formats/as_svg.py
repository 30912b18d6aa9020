"""A document as a picture of a terminal, for slides and pages. The one place where rich draws."""

from __future__ import annotations

import io
import re

from archcalc.render.formats import table
from archcalc.render.formats.sheet import Document, shown


def draw(document: Document, width: int = 100) -> str:
    """An SVG of the table in colours, `width` columns wide. Equal documents give equal pictures.

    It loads nothing from elsewhere: the letters are those of the reader's own monospaced font.
    """
    from rich.console import Console
    from rich.text import Text

    text = table.draw(document, width, colour=True)
    console = Console(file=io.StringIO(), record=True, width=width, force_terminal=True, legacy_windows=False)
    console.print(Text.from_ansi(text), soft_wrap=True)
    svg = console.export_svg(title=shown(document.title), unique_id="archcalc")
    return re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)
