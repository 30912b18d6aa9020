"""Our own Markdown as a page of HTML: complete in itself, light or dark as the reader has it, fit to print.

What comes in is written by the other modules here, which have made every text of a student or of a spec safe.
It is not trusted all the same: tags, links and pictures stay the text that they are, and the page may load and
run nothing, whatever stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from html import escape
from typing import TYPE_CHECKING

from archcalc.render.formats import as_markdown
from archcalc.render.formats.registry import Format, Screen
from archcalc.render.formats.sheet import Document
from archcalc.words.language import language
from archcalc.words.text import printable

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_NOT_READ = ("html_block", "html_inline", "link", "image", "autolink", "reference")
"""What Markdown has and these pages have not."""

_BAR = re.compile("[█▉▊▋▌▍▎▏]+")
_BAR_SPAN = r'<span class="bar">\g<0></span>'

_STYLE = """\
:root {
  color-scheme: light dark;
  --ink: #1c1f23; --paper: #ffffff; --faint: #5b6470; --line: #d5dae1; --field: #f3f5f8; --accent: #0b5cad;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e4e7eb; --paper: #16191d; --faint: #9aa5b1; --line: #3a424c; --field: #20252b; --accent: #79b8ff;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 1.5rem 1.25rem 3rem; max-width: 46rem;
  color: var(--ink); background: var(--paper);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", Roboto, sans-serif;
  overflow-wrap: anywhere;
}
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 {
  font-size: 1.15rem; line-height: 1.35; margin: 2rem 0 .5rem; padding-top: 1rem;
  border-top: 1px solid var(--line);
}
main > h2:first-child { font-size: 1.6rem; line-height: 1.25; margin-top: 0; padding-top: 0; border-top: 0; }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p, ul, ol { margin: .5rem 0; }
ul, ol { padding-left: 1.4rem; }
strong { font-weight: 650; }
code, pre { font: .92em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { padding: .1em .3em; border-radius: .25em; background: var(--field); }
pre {
  margin: .6rem 0; padding: .7rem .9rem; border-left: 3px solid var(--accent); background: var(--field);
  white-space: pre-wrap;
}
pre code { padding: 0; background: none; font-size: 1em; }
.scroll { overflow-x: auto; }
.wide { max-width: 72rem; }
.bar { color: var(--accent); letter-spacing: -.03em; white-space: nowrap; }
table { border-collapse: collapse; margin: .75rem 0; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
th, td { padding: .35rem 1rem .35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { color: var(--faint); font-weight: 600; font-size: .9rem; }
td:last-child, th:last-child { padding-right: 0; }
@media print {
  :root { --ink: #000; --paper: #fff; --faint: #444; --line: #bbb; --field: #f3f3f3; --accent: #444; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  h2 { break-after: avoid; }
  pre, li, tr { break-inside: avoid; }
}
"""


def page(markdown: str, title: str, language: str, *, wide: bool = False) -> str:
    """Markdown of ours as a whole page in `language`, such as `pt-BR`. Needs nothing beside it.

    Prose is as wide as it can be read; what is mostly tables may be wider.
    """
    body = '<body class="wide">' if wide else "<body>"
    return (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(printable(title, 200))}</title>\n<style>\n{_STYLE}</style>\n</head>\n"
        f"{body}\n<main>\n{_parser().render(markdown)}</main>\n</body>\n</html>\n"
    )


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable(list(_NOT_READ))
    # A table that is too wide for a telephone is moved, not the page.
    parser.add_render_rule("table_open", lambda *_: '<div class="scroll">\n<table>\n')
    parser.add_render_rule("table_close", lambda *_: "</table>\n</div>\n")
    parser.add_render_rule(
        "text",
        lambda _self, tokens, place, *_: _BAR.sub(_BAR_SPAN, escape(tokens[place].content, quote=True)),
    )
    return parser


def draw(documents: Sequence[Document], _screen: Screen) -> str:
    """The documents as one page."""
    return page("\n".join(map(as_markdown.draw, documents)), documents[0].title, language().code, wide=True)


FORMAT = Format("html", "A page that is complete in itself.", endings=(".html", ".htm"), draw=draw)
