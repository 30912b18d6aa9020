"""One student's sheet in YAML or JSON: a mapping of answers, with or without who it is of.

    student: {id: 123, name: Ana, email: ana@example.org}
    answers: {1a: 96x55x55, 1b: 34.944, 2: "8,2 GB"}

What is written stays text: `1.10` and `138_344` are no floats here, and `no` is no boolean.
"""

from __future__ import annotations

from typing import TypeAlias

from archcalc.grading.model import Sheet, Student
from archcalc.grading.sheets.decoding import decode
from archcalc.grading.sheets.limits import LONGEST_SHEET, MOST_KEYS
from archcalc.grading.sheets.outcome import answer, limited, name, said, unread
from archcalc.grading.sheets.questions import Questions
from archcalc.grading.sheets.sources import Source
from archcalc.grading.sheets.words import ANSWERS, PEOPLE, STUDENT, folded
from archcalc.spec.reader import Node, Scalar, Sequence, read
from archcalc.words.errors import ArchcalcError, ReadError
from archcalc.words.language import _, gettext, number
from archcalc.words.text import did_you_mean, listing, printable, quote

Value: TypeAlias = "str | bool | list[Value] | _Mapping | None"
Pairs: TypeAlias = list[tuple[str, Value]]

_DEEPEST_LIST = 2
_MOST_TOGETHER = 3
"""Answers to one question that are shown where there are more."""


class _Mapping:
    """Keys with their values, in the order written; a key may stand twice."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: Pairs) -> None:
        self.pairs = pairs


def read_document(source: Source, questions: Questions) -> Sheet:
    """The sheet that a file is; one without answers if it cannot be read."""
    with source.open() as stream:
        data = stream.read(LONGEST_SHEET + 1)
    if len(data) > LONGEST_SHEET:
        return unread(source.name, _("it is larger than 1 MB, which no sheet is."), source.owner)
    text, foreign = decode(data)
    if not text.strip():
        return unread(source.name, _("it is empty."), source.owner)
    try:
        root = _json(text) if _is_json(source, text) else _yaml(text, source.name)
    except ArchcalcError as error:
        return unread(source.name, said(error), source.owner)
    if not isinstance(root, _Mapping):
        return unread(
            source.name, _("it is no mapping: write `question: answer`, a line each."), source.owner
        )
    if _keys(root) > MOST_KEYS:
        said_of = _("it has more than {most} keys, which no sheet has.")
        return unread(source.name, said_of.format(most=number(MOST_KEYS)), source.owner)
    problems = [_("it is not UTF-8: what is not was read as Windows-1252.")] if foreign else []
    return _sheet(root, source, questions, problems)


def _sheet(root: _Mapping, source: Source, questions: Questions, problems: list[str]) -> Sheet:
    person: dict[str, str] = {}
    groups: list[_Mapping] = []
    others: Pairs = []
    has_id = any(_role(key) == "id" and folded(key) not in STUDENT for key, _value in root.pairs)
    for key, raw in root.pairs:
        words = folded(key)
        value = _joined(raw) if words in ANSWERS else raw
        if isinstance(value, _Mapping) and words in ANSWERS:
            groups.append(value)
        elif isinstance(value, _Mapping) and words in STUDENT:
            for part, what in value.pairs:
                _personal(part, what, person, problems, of=_("{key} of the student was not read."))
        elif not questions.find(key).ids and _role(key):
            _personal("name" if has_id and words in STUDENT else key, value, person, problems)
        else:
            others.append((key, value))
    if len(groups) > 1:
        return unread(source.name, _("it has two mappings of answers."), source.owner)
    if groups:
        beside = _("{key} is beside the answers, and was not read.")
        problems += [beside.format(key=quote(key)) for key, _value in others]
    given = groups[0].pairs if groups else others
    answers = _answers(given, questions, problems)
    if given and not answers:
        # As a table without a column for a question: somebody has to see what it is.
        problems.insert(0, _("none of its keys is a question."))
        return Sheet(_student(person, source.owner), {}, source.name, limited(problems), readable=False)
    return Sheet(_student(person, source.owner), answers, source.name, limited(problems))


def _keys(root: _Mapping) -> int:
    """The keys of a sheet, with those of the mappings in it."""
    inner = (value for _key, value in root.pairs)
    parts = (part for value in inner for part in (value if isinstance(value, list) else (value,)))
    return len(root.pairs) + sum(len(part.pairs) for part in parts if isinstance(part, _Mapping))


def _joined(value: Value) -> Value:
    """A list of mappings, `[{1a: 55}, {1b: 7}]`, as one; anything else as it is."""
    if not isinstance(value, list) or not value:
        return value
    if not all(isinstance(part, _Mapping) for part in value):
        return value
    return _Mapping([pair for part in value if isinstance(part, _Mapping) for pair in part.pairs])


def _cut_at_commas(given: Pairs, questions: Questions, problems: list[str]) -> Pairs:
    """Answers put together again that YAML cut at a comma: `{1b: 614,656}` is 614 and a key 656 without a value."""
    whole: Pairs = []
    for key, value in given:
        before = whole[-1][1] if whole else None
        is_rest = value is None and key.isdecimal() and not questions.find(key).ids
        if is_rest and isinstance(before, str) and before[-1:].isdecimal():
            asked, text = whole.pop()[0], f"{before},{key}"
            problems.append(
                _(
                    "the answer to {question} was read as {answer}: put what has a comma in it in quotes."
                ).format(question=printable(asked), answer=quote(text))
            )
            whole.append((asked, text))
        else:
            whole.append((key, value))
    return whole


def _answers(given: Pairs, questions: Questions, problems: list[str]) -> dict[str, str]:
    answers: dict[str, list[str]] = {}
    for key, value in _cut_at_commas(given, questions, problems):
        found = questions.find(key)
        question = found.ids[0] if len(found.ids) == 1 else None
        if question is None and not found.ids and found.number is not None and found.word == "answer":
            question = questions.at(found.number)
        if question is None:
            guess = did_you_mean(key, questions.order)
            problems.append(
                _("{key} may be question {questions}.").format(
                    key=quote(key), questions=listing(found.ids, _("or"))
                )
                if found.ids
                else _("there is no question {key}.").format(key=quote(key)) + (f" {guess}" if guess else "")
            )
            continue
        text = _text(value)
        if text is None:
            problems.append(
                _("the answer to {question} is no text, number or shape.").format(question=question)
            )
            text = _described(value)
        text = answer(text, question, problems)
        if question in answers:
            problems.append(_("question {question} is answered twice.").format(question=question))
        answers.setdefault(question, []).append(text)
    # Of several answers none is better than another, and all together are read as none.
    return {question: " | ".join(texts[:_MOST_TOGETHER]) for question, texts in answers.items()}


def _text(value: Value, depth: int = 0) -> str | None:
    """What an answer is as text: `[96, 55, 55]` is the shape `(96, 55, 55)`; None for what is no answer."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value
    if isinstance(value, _Mapping) or depth == _DEEPEST_LIST:
        return None
    parts = [_text(part, depth + 1) for part in value]
    return None if None in parts else f"({', '.join(str(part) for part in parts)})"


def _described(value: Value) -> str:
    """What is no answer, in words that are none either."""
    return "{…}" if isinstance(value, _Mapping) else "[…]"


def _role(key: str) -> str:
    words = folded(key)
    return next((what for what, names in PEOPLE.items() if words in names), "")


def _personal(key: str, value: Value, person: dict[str, str], problems: list[str], of: str = "") -> None:
    role = _role(key)
    text = _text(value)
    if not role or text is None:
        problems.append((of or _("{key} was not read.")).format(key=quote(key)))
    elif role in person:
        problems.append(
            _("{key} says the {role} a second time; the first counts.").format(
                key=quote(key), role=gettext(role)
            )
        )
    else:
        person[role] = name(text)


def _student(person: dict[str, str], owner: Student) -> Student:
    """Who is named; the names of file and folder say what is not."""
    full = f"{person.get('first name', '')} {person.get('last name', '')}".strip()
    full = full or person.get("name", "")
    email = person.get("email", "")
    identity = person.get("id") or email or full or owner.id
    return Student(identity, full or owner.name, email or owner.email)


def _is_json(source: Source, text: str) -> bool:
    return source.ending == ".json" or (
        source.ending not in (".yaml", ".yml") and text.lstrip().startswith("{")
    )


def _json(text: str) -> Value:
    """What JSON holds, its numbers as they are written. Raises ReadError."""
    # Not msgspec, which neither keeps `1.10` apart from `1.1` nor sees that a key stands twice.
    import json

    try:
        root: Value = json.loads(
            text, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_Mapping
        )
    except json.JSONDecodeError as error:
        raise ReadError(f"line {error.lineno}, column {error.colno}: not JSON: {error.msg}.") from None
    except RecursionError:
        raise ReadError("it is nested too deep.") from None
    return root


def _yaml(text: str, file: str) -> Value:
    """What YAML holds. Raises ReadError."""
    return _value(read(text.encode("utf-8", "replace"), file))


def _value(node: Node) -> Value:
    """A node without its places; the reader has seen to it that it is not deep."""
    if isinstance(node, Scalar):
        return None if node.is_null else node.text
    if isinstance(node, Sequence):
        return [_value(item) for item in node.items]
    return _Mapping([(key.text, _value(value)) for key, value in node.entries])
