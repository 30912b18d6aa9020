"""A document as LaTeX: a tabular a sheet, with the rules of booktabs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archcalc.render.formats.registry import Format, Screen
from archcalc.render.formats.sheet import Document, SafeCell, Sheet, shown
from archcalc.words import markup


def draw(document: Document) -> str:
    """Comments that say what it is, and a tabular a sheet, to stand in a table environment."""
    lines = [
        *(f"% {text}" for text in document.warnings),
        f"% {document.title}: {', '.join(document.particulars)}",
        r"% \usepackage{booktabs}",
    ]
    for sheet in document.sheets:
        if sheet.title:
            lines.append(f"% {sheet.title}")
        # A blank line apart, or LaTeX would set the tables side by side.
        lines += ["", *_tabular(sheet)] if sheet is not document.sheets[0] else _tabular(sheet)
    lines += [f"% {label:<12} {text}".rstrip() for label, text in document.notes]
    return "\n".join(lines) + "\n"


def _tabular(sheet: Sheet) -> Iterator[str]:
    columns = [(i, column) for i, column in enumerate(sheet.columns) if column.bar != "length"]
    yield rf"\begin{{tabular}}{{{''.join('r' if c.right or c.bar else 'l' for _, c in columns)}}}"
    yield r"  \toprule"
    yield _row([_cell(column.title) for _, column in columns])
    yield r"  \midrule"
    for line in sheet.lines:
        if line.kind == "section":
            yield r"  \addlinespace"
            yield rf"  \multicolumn{{{len(columns)}}}{{l}}{{\textit{{{_cell(line.cells[0])}}}}} \\"
            continue
        if line.kind == "total":
            yield r"  \midrule"
        yield _row([_cell(line.cells[i]) for i, _ in columns])
    yield r"  \bottomrule"
    yield r"\end{tabular}"


def _cell(cell: SafeCell) -> str:
    return markup.latex(shown(cell))


def _row(cells: list[str]) -> str:
    return f"  {' & '.join(cells)} \\\\"


def _written(documents: Sequence[Document], _screen: Screen) -> str:
    return "\n".join(map(draw, documents))


FORMAT = Format(
    "latex",
    "Tables and formulas to be read into a document of LaTeX.",
    endings=(".tex",),
    draw=_written,
    markup="latex",
)
