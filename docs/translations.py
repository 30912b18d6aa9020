"""Bring the catalogues of translations up to date, or say what they lack: `make translations`.

    python docs/translations.py           extract → update → compile
    python docs/translations.py --check   change nothing; leave with 1 and name what is missing or stale

Messages are what the marks of archcalc.words.language hold, what the kinds of layers say about themselves, the titles
and remarks of the catalogue's specs, and what the sheets of the lectures call their statements. A new message is
written into `archcalc.po` without a translation; whoever writes one there runs this again, which compiles it.
"""

from __future__ import annotations

import ast
import datetime
import io
import re
import string
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

from archcalc.derivations.working import summary
from archcalc.grading.lectures import DECKS, load_deck
from archcalc.layers import KINDS
from archcalc.spec import catalog
from archcalc.spec.fielderrors import description
from archcalc.words.language import CATALOGUES, DOMAIN, ENGLISH, LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "archcalc"
WIDTH = 110

MARKS = {"_": 1, "gettext": 1, "marked": 1, "deferred": 1, "ngettext": 2, "pgettext": 2}
"""The functions of archcalc.words.language whose arguments are messages, and how many of these each has."""

DYNAMIC = "gettext"
"""The one that may be given a message that stands elsewhere."""

# Git says when a catalogue was changed; a date in it would make every two of them differ.
_NO_DATE = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)


class Message(NamedTuple):
    """A text to be translated, and the file it stands in."""

    text: str | tuple[str, str]
    """With its plural, if it has one."""
    file: str
    context: str | None = None


class MarkError(Exception):
    """A mark that nothing can be extracted from."""


def messages() -> Iterator[Message]:
    """Every message of the package, file by file."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield from marked_in(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())
    for cls in KINDS.values():
        file = f"{cls.__module__.replace('.', '/')}.py"
        yield Message(summary(cls), file)
        yield from (Message(text, file) for text in cls.glossary.values())
        yield from (Message(description(cls, field), file) for field in cls.__struct_fields__)
    for name in catalog.names():
        spec = catalog.load_spec(name)
        file = spec.file.path
        yield Message(spec.title, file)
        for figure in spec.published:
            yield from (Message(text, file) for text in (figure.source, figure.note, figure.reason) if text)
    for number in DECKS:
        deck, _known = load_deck(number)
        file = f"archcalc/lectures/deck{number}.yaml"
        yield Message(deck.title, file)
        for statement in deck.statements:
            texts = (statement.place, statement.text, statement.about)
            yield from (Message(text, file) for text in texts if text)


def marked_in(source: str, file: str) -> Iterator[Message]:
    """The messages that the marks in a module hold. Raises MarkError for one that cannot be read."""
    tree = ast.parse(source)
    known = set(_imported(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known:
            texts = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
            wanted = MARKS[node.func.id]
            words = [text for text in texts[:wanted] if isinstance(text, str)]
            if len(words) == wanted:
                yield _message(node.func.id, words, file)
            elif node.func.id != DYNAMIC:
                raise MarkError(
                    f"{file}:{node.lineno}: {node.func.id}(…) takes plain strings, and .format() behind it; "
                    f"a message that stands elsewhere goes through {DYNAMIC}(…)."
                )
    _check_names(tree, file, known)


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "archcalc.words.language":
            yield from (alias.name for alias in node.names if alias.name in MARKS and not alias.asname)


def _message(mark: str, words: list[str], file: str) -> Message:
    if mark == "pgettext":
        return Message(words[1], file, context=words[0])
    return Message((words[0], words[1]) if mark == "ngettext" else words[0], file)


def _check_names(tree: ast.Module, file: str, known: set[str]) -> None:
    """Raise MarkError where a mark is assigned to: `_` is no name for what is not needed in such a module."""
    inside = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp)
        for name in ast.walk(node)
    }
    for node in ast.walk(tree):
        named = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node not in inside
        if named and node.id in known:
            raise MarkError(f"{file}:{node.lineno}: {node.id} is the mark of messages: use another name.")


def template(found: Iterator[Message]) -> Catalog:
    """The messages as a catalogue without translations."""
    made = Catalog(domain=DOMAIN, project="archcalc", creation_date=_NO_DATE, fuzzy=False)
    for message in found:
        made.add(message.text, locations=[(message.file, 0)], context=message.context)
    return made


def po_path(code: str) -> Path:
    """Where the translations into a language are written."""
    return Path(CATALOGUES) / code.replace("-", "_") / "LC_MESSAGES" / f"{DOMAIN}.po"


def others() -> list[str]:
    """The languages that have a catalogue."""
    return [code for code in LANGUAGES if code != ENGLISH.code]


def updated(code: str, wanted: Catalog) -> Catalog:
    """The catalogue of a language with just the messages that are wanted, and the translations it had."""
    path = po_path(code)
    locale = code.replace("-", "_")
    old = read_po(io.BytesIO(path.read_bytes()), locale=locale) if path.exists() else Catalog(locale=locale)
    made = Catalog(
        locale=locale,
        domain=DOMAIN,
        project="archcalc",
        version="",
        msgid_bugs_address="",
        creation_date=_NO_DATE,
        revision_date=_NO_DATE,
        last_translator="archcalc contributors",
        language_team="archcalc contributors",
        fuzzy=False,
        header_comment=f"# The texts of archcalc in {LANGUAGES[code].name}. Brought up to date by `make translations`.",
    )
    _set_plurals(made, code)
    for message in wanted:
        if message.id:
            known = old.get(message.id, message.context)
            # Only a message that had a plural before can have the translations of one.
            fits = known is not None and isinstance(known.id, str) == isinstance(message.id, str)
            made.add(
                message.id,
                known.string if fits else None,
                locations=message.locations,
                context=message.context,
            )
    return made


def as_po(made: Catalog) -> bytes:
    """A catalogue as the text that translators edit; files are named without lines, which change all the time."""
    out = io.BytesIO()
    write_po(out, made, width=WIDTH, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    # Which release of Babel wrote it would make two catalogues differ that say the same.
    return re.sub(rb'"Generated-By: .*\n', b"", out.getvalue())


def _set_plurals(made: Catalog, code: str) -> None:
    """Give a catalogue our plural forms: those that Babel knows for a locale change with its releases."""
    made.mime_headers = [("Plural-Forms", LANGUAGES[code].plurals)]


def as_mo(made: Catalog) -> bytes:
    """A catalogue as gettext reads it, without what is not translated."""
    done = Catalog(locale=made.locale, project="archcalc", version="", creation_date=_NO_DATE, fuzzy=False)
    done.revision_date = _NO_DATE
    done.mime_headers = [("Plural-Forms", made.plural_forms)]
    for message in made:
        if message.id and all(_forms(message.string)):
            done.add(message.id, message.string, context=message.context)
    out = io.BytesIO()
    write_mo(out, done)
    return out.getvalue()


def faults(made: Catalog) -> Iterator[str]:
    """What is wrong with the translations: missing, fuzzy, or with other placeholders than the message."""
    for message in made:
        if not message.id:
            continue
        ids, strings = _forms(message.id), _forms(message.string)
        if not all(strings) or len(strings) < len(ids):
            yield f"not translated: {ids[0]!r}"
        elif message.fuzzy:
            yield f"fuzzy: {ids[0]!r}"
        elif len({*map(placeholders, (*ids, *strings))}) > 1:
            yield f"other placeholders: {ids[0]!r} and {strings[0]!r}"


def _forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def placeholders(text: str) -> tuple[str, ...]:
    """The names between braces, each once; none where the braces are no placeholders, as in a YAML example."""
    try:
        return tuple(sorted({name for _, name, _, _ in string.Formatter().parse(text) if name}))
    except ValueError:
        return ()


def translations(made: Catalog) -> dict[object, object]:
    """Every translation by its message and context: what has to be equal in two catalogues."""
    return {(_forms(m.id), m.context): _forms(m.string) for m in made if m.id and all(_forms(m.string))}


def alike(one: Catalog, other: Catalog) -> bool:
    """Whether two catalogues say the same, and count alike."""
    return translations(one) == translations(other) and one.plural_forms == other.plural_forms


def stale(code: str) -> Iterator[str]:
    """What is not as it should be in the files of a language."""
    po = po_path(code)
    mo = po.with_suffix(".mo")
    name = po.relative_to(ROOT).as_posix()
    made = updated(code, template(messages()))
    yield from (f"{name}: {fault}" for fault in faults(made))
    if not po.exists() or not alike(read_po(io.BytesIO(po.read_bytes())), made):
        yield f"{name} is stale: run `make translations`"
    if not mo.exists() or not alike(read_mo(io.BytesIO(mo.read_bytes())), made):
        yield f"{name.removesuffix('.po')}.mo is stale: run `make translations`"


def write(code: str) -> None:
    """Write the files of a language again."""
    made = updated(code, template(messages()))
    path = po_path(code)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(as_po(made))
    path.with_suffix(".mo").write_bytes(as_mo(made))


def main(arguments: list[str]) -> int:
    """Write or check every catalogue; the exit status is 1 where something is left to do."""
    found = []
    for code in others():
        if arguments != ["--check"]:
            write(code)
        found += stale(code)
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
