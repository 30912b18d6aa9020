"""What people read when a spec is wrong: the message, the way out, and the place, to the column."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from archcalc import api
from archcalc.words.errors import ArchcalcError

MARKS = "▸①②"
MISTAKES = Path(__file__).parent / "mistakes.txt"


class Mistake(NamedTuple):
    """One case of mistakes.txt."""

    text: str
    message: str
    hint: str | None
    places: dict[str, tuple[int, int]]
    """The line and the column of each mark."""


def mistakes() -> list[Mistake]:
    found = []
    for case in MISTAKES.read_text(encoding="utf-8").split("\n\n"):
        if case.startswith("#"):
            continue
        spec, _, said = case.rstrip("\n").partition("\n! ")
        message, _, hint = said.partition("\n? ")
        if spec.startswith("- "):
            spec = f"input: [3, 8, 8]\nlayers: [{spec.removeprefix('- ')}]"
        text, places = unmarked(spec)
        found.append(Mistake(text, message, hint or None, places))
    return found


def unmarked(spec: str) -> tuple[str, dict[str, tuple[int, int]]]:
    """The spec without its marks, and where they stood."""
    places: dict[str, tuple[int, int]] = {}
    lines = []
    for number, line in enumerate(spec.split("\n"), 1):
        kept = ""
        for character in line:
            if character in MARKS:
                places[character] = (number, len(kept) + 1)
            else:
                kept += character
        lines.append(kept)
    return "\n".join(lines), places


def refused(text: str, folder: Path) -> ArchcalcError:
    """The error that loading the text ends in."""
    path = folder / "my.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ArchcalcError) as caught:
        api.load(str(path))
    return caught.value


@pytest.mark.parametrize("case", mistakes(), ids=lambda case: case.message[:50])
def test_a_mistake(case: Mistake, tmp_path: Path) -> None:
    error = refused(case.text, tmp_path)
    assert (error.message, error.hint) == (case.message, case.hint)
    assert error.hint, "every refusal has a way out"
    assert error.place is not None
    assert (error.place.line, error.place.column) == case.places["▸"]
    outer = [case.places[mark] for mark in MARKS[1:] if mark in case.places]
    assert [(place.line, place.column) for _, place in error.calls][: len(outer)] == outer
    assert bool(error.calls) == bool(outer)
    assert str(error).replace("\n", "").isprintable()


def test_the_cases_are_read(tmp_path: Path) -> None:
    """Must fail: another message, another column; and there are as many cases as there are messages."""
    cases = mistakes()
    assert len(cases) == MISTAKES.read_text(encoding="utf-8").count("\n! ") > 100
    assert len({each.text for each in cases}) == len(cases)
    case = next(each for each in cases if "kernal" in each.text)
    for wrong in (case._replace(message="conv has no key"), case._replace(places={"▸": (2, 19)})):
        with pytest.raises(AssertionError):
            test_a_mistake(wrong, tmp_path)


def test_the_whole_text_of_an_error(tmp_path: Path) -> None:
    error = refused(
        "input: [64, 8, 8]\nblocks:\n  stage: {layers: [{conv: 64, kernel: 3, groups: 6, name: conv3}]}\n"
        "layers:\n  - {stage: , name: s1}\n",
        tmp_path,
    )
    path = tmp_path / "my.yaml"
    assert str(error) == (
        f"{path}:3:20: conv 's1.conv3': 64 input channels cannot be split into 6 groups.\n"
        "  Use a divisor of 64: 1, 2, 4, 8, 16, 32 or 64.\n"
        f"  in block 'stage', called at {path}:5:5"
    )


def test_an_expression_is_quoted_in_part(tmp_path: Path) -> None:
    error = refused(f"input: 3\nlayers: [{{linear: $channels{' + 1' * 2500}}}]", tmp_path)
    assert (
        error.message
        == "'$channels + 1 + 1 + 1 + 1 + 1 + 1 + 1 +…': 10,009 characters, expected at most 200."
    )
    assert error.place is not None
    assert (error.place.line, error.place.column) == (2, 19)


def test_nothing_reaches_the_terminal_as_markup_or_escape_codes(tmp_path: Path) -> None:
    text = 'input: 3\nlayers: [{"\\e[31m[bold]\\u202e": 3}]'
    assert (
        str(refused(text, tmp_path))
        .splitlines()[0]
        .endswith(r"'\x1b[31m[bold]\u202e' is neither a kind of layer nor a block.")
    )


def test_an_unknown_parameter_names_the_nearest_or_all(tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    path.write_text("input: 3\nparameters: {width: 3, depth: 1}\nlayers: [{linear: $width, repeat: $depth}]")
    for name, hint in (("widht", "Did you mean 'width'?"), ("q", "Its parameters: width, depth.")):
        with pytest.raises(ArchcalcError) as caught:
            api.load(path, parameters={name: 1})
        assert caught.value.hint == hint
    assert api.load(path, parameters={"width": 10**9}).nodes[0].output == (10**9,)
    with pytest.raises(ArchcalcError, match="units must be"):
        api.load(path, parameters={"width": 10**12})
    with pytest.raises(ArchcalcError, match="cannot be 'int'"):
        api.load(path, parameters={"width": 10**12 + 1})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"parameters": {"q": 1}}, "'my' has no parameter 'q'."),
        ({"parameters": {"n": object()}}, "the parameter 'n' cannot be 'object'."),
        ({"parameters": {"n": float("nan")}}, "the parameter 'n' cannot be 'float'."),
        ({"parameters": {"n": 10**10000}}, "the parameter 'n' cannot be 'int'."),
        ({"parameters": {"n": [[10**13]]}}, "the parameter 'n' cannot be 'int'."),
        (
            {"parameters": {"n": " - at `$.units`"}},
            "linear 'linear1': units must be a whole number of at least 1, not ' - at `$.units`'.",
        ),
        (
            {"input": [3, 0]},
            "the input shape is 1 to 8 whole numbers from 1 to 1,000,000,000, not '0'.",
        ),
        (
            {"input": []},
            "the input shape is 1 to 8 whole numbers from 1 to 1,000,000,000, not an empty list.",
        ),
        ({"input": [True]}, "the input shape is 1 to 8 whole numbers from 1 to 1,000,000,000, not true."),
    ],
)
def test_what_is_given_from_outside(options: dict[str, object], message: str, tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    path.write_text("input: 3\nparameters: {n: 3}\nlayers: [{linear: $n}]")
    with pytest.raises(ArchcalcError) as caught:
        api.load(str(path), **options)  # type: ignore[arg-type]
    assert caught.value.message == message
