"""Plain text as Markdown and as LaTeX that shows just this text: no mark-up, no command, no escape code in it acts."""

from __future__ import annotations

import re

from archcalc.words.text import printable

LONGEST = 2_000
"""Characters of a text that are shown."""

_MARKDOWN = re.compile(r"[\\`*<>\[\]|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|^[#+-]|(?<=^[0-9])[.)](?= )")

_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    **{sign: f"\\{sign}" for sign in "&%$#_"},
    # Behind the end of a row a bracket would be the distance to the next one.
    "[": "{[}",
    "]": "{]}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "−": "$-$",
    "–": "--",
    "—": "---",
    "…": r"\dots{}",
    "→": r"$\to$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "√": r"$\surd$",
    "±": r"$\pm$",
    "≈": r"$\approx$",
    "α": r"$\alpha$",
    "β": r"$\beta$",
    "γ": r"$\gamma$",
    "ε": r"$\varepsilon$",
    "σ": r"$\sigma$",
    "Φ": r"$\Phi$",
    "⁻": "$^-$",
    "ˣ": "$^x$",
    "²": "$^2$",
    "³": "$^3$",
    "⌊": r"$\lfloor$",
    "⌋": r"$\rfloor$",
    "⌈": r"$\lceil$",
    "⌉": r"$\rceil$",
}


def markdown(plain: str) -> str:
    """Text that means itself in Markdown, inside a table too, on one line."""
    return _MARKDOWN.sub(lambda match: f"\\{match[0]}", printable(plain, LONGEST).replace("&", "&amp;"))


def markdown_code(plain: str) -> str:
    """Text as code in Markdown, on one line and not in a table: every sign of it stands for itself."""
    text = printable(plain, LONGEST)
    if not text.strip():
        return ""
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    space = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{space}{text}{space}{fence}"


def latex(plain: str) -> str:
    """Text that means itself in LaTeX, on one line."""
    return "".join(_LATEX.get(sign, sign) for sign in printable(plain, LONGEST))


def markdown_prose(plain: str, bar: str = "|") -> str:
    """Text of our own documentation as Markdown: what is code there stays code, with `bar` for its bars."""
    pieces = plain.split("`")
    return "`".join(piece.replace("|", bar) if i % 2 else markdown(piece) for i, piece in enumerate(pieces))


def latex_prose(plain: str) -> str:
    """Text of our own documentation as LaTeX: what is code there is set as code."""
    pieces = map(latex, plain.split("`"))
    return "".join(rf"\texttt{{{piece}}}" if i % 2 else piece for i, piece in enumerate(pieces))
