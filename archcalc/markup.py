"""Plain text as Markdown and as LaTeX that shows just this text: no mark-up, no command, no escape code in it acts."""

from __future__ import annotations

import re

from archcalc.text import printable

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


def latex(plain: str) -> str:
    """Text that means itself in LaTeX, on one line."""
    return "".join(_LATEX.get(sign, sign) for sign in printable(plain, LONGEST))
