"""The tree of errors, and what an error looks like to the person who gets it."""

from __future__ import annotations

import pickle
import re

from archcalc.words import errors
from archcalc.words.errors import ArchcalcError, LayerError, Place, ReadError, SpecError

HERE = Place("specs/my.yaml", 14, 5)


def tree(cls: type[Exception]) -> dict[str, object]:
    return {each.__name__: tree(each) for each in cls.__subclasses__()}


def drawn_tree(text: str) -> dict[str, object]:
    """The tree as the module's docstring draws it: a name stands deeper by one branch than its parent."""
    root: dict[str, object] = {}
    levels = [root]
    for prefix, name in re.findall(r"^    ((?:[│ ]   )*[├└]── )(\w+)", text, re.MULTILINE):
        depth = len(prefix) // 4
        child: dict[str, object] = {}
        levels[depth - 1][name] = child
        levels[depth:] = [child]
    return root


def test_the_drawing_shows_the_tree_as_it_is() -> None:
    assert errors.__doc__ is not None
    assert drawn_tree(errors.__doc__) == tree(ArchcalcError)


def test_a_drawing_with_one_class_in_the_wrong_place_does_not_pass() -> None:
    assert errors.__doc__ is not None
    wrong = errors.__doc__.replace("├── CatalogError", "│   └── CatalogError")
    assert drawn_tree(wrong) != tree(ArchcalcError)


def test_every_error_is_exported_and_leaves_with_status_2() -> None:
    for name in errors.__all__:
        made = getattr(errors, name)
        if isinstance(made, type) and issubclass(made, ArchcalcError):
            assert made("x").exit_status == 2


def test_the_text_says_where_what_and_the_way_out() -> None:
    error = LayerError(
        "conv 'conv3': 64 input channels cannot be split into 6 groups.",
        hint="Use a divisor of 64: 1, 2, 4, 8, 16, 32 or 64.",
        place=HERE,
        calls=[("stage", Place("specs/my.yaml", 30, 5))],
    )
    assert str(error) == (
        "specs/my.yaml:14:5: conv 'conv3': 64 input channels cannot be split into 6 groups.\n"
        "  Use a divisor of 64: 1, 2, 4, 8, 16, 32 or 64.\n"
        "  in block 'stage', called at specs/my.yaml:30:5"
    )


def test_an_error_without_place_or_hint_is_its_message() -> None:
    assert str(ArchcalcError("no.")) == "no."


def test_the_innermost_place_stays() -> None:
    error = SpecError("wrong.").at(HERE).at(Place("other.yaml", 1, 1))
    assert isinstance(error, SpecError)
    assert error.place == HERE


def test_calls_are_told_from_the_inside_out_and_many_are_counted() -> None:
    calls = [(f"block{depth}", Place("f", depth, 1)) for depth in range(12)]
    lines = str(SpecError("wrong.", place=HERE, calls=calls)).splitlines()
    assert lines[1] == "  in block 'block0', called at f:0:1"
    assert lines[-1] == "  in 4 more blocks"
    assert len(lines) == 1 + 8 + 1


def test_nothing_in_the_text_reaches_a_terminal_as_a_code_or_another_line() -> None:
    evil = "\x1b]0;title\x07\n\u202e\ud800" + "A" * 100_000
    error = ReadError(evil, hint=evil, place=Place(evil, 1, 1), calls=[(evil, Place(evil, 2, 2))])
    text = str(error)
    assert all(line.isprintable() for line in text.split("\n"))
    assert len(text.split("\n")) == 3
    assert len(text) < 5_000
    text.encode("utf-8")


def test_an_error_survives_the_way_to_another_process() -> None:
    error = LayerError("wrong.", hint="right.", place=HERE, calls=[("b", HERE)])
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - we have just made it


def test_a_network_that_is_missing_is_no_wrong_spec() -> None:
    assert issubclass(ReadError, SpecError)
    assert not issubclass(errors.CatalogError, SpecError)
