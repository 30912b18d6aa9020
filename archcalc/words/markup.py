"""Plain text as Markdown and as LaTeX that shows just this text: no mark-up, no command, no escape code in it acts."""

from __future__ import annotations

import re

from archcalc.words.text import printable

LONGEST = 2_000
"""Characters of a text that are shown."""

_SIGNS = r"[\\`*<>\[\]|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|^[#+-]|(?<=^[0-9])[.)](?= )"
# GitHub makes links of what only looks like an address, https://… and www.… among them, unless a sign of it is escaped.
_ADDRESS = r":(?=//)|(?i:(?<=www)\.)"
_MARKDOWN = re.compile(f"{_SIGNS}|{_ADDRESS}")

_EMAIL = re.compile(r"([A-Za-z0-9.+_-]+@[A-Za-z0-9@._-]*\.[A-Za-z0-9@._-]+)")
"""What GitHub takes for the address of a mailbox, however it is escaped: only code is left alone."""

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
    shown = printable(plain, LONGEST)
    if "@" not in shown:
        return _escaped(shown)
    pieces = _EMAIL.split(shown)
    return "".join(f"`{piece}`" if i % 2 else _escaped(piece) for i, piece in enumerate(pieces))


def _escaped(shown: str) -> str:
    return _MARKDOWN.sub(lambda match: f"\\{match[0]}", shown.replace("&", "&amp;"))


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
