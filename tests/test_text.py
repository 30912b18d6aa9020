"""Text that people read: safe to print, near misses, lists in a sentence."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcalc.words.text import did_you_mean, listing, printable, quote


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("conv3_1", "conv3_1"),
        ("Größe × 2 – été", "Größe × 2 – été"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x9b31m", r"\x9b31m"),
        ("a\nb\tc\rd", r"a\nb\tc\rd"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("a\u200bb", r"a\u200bb"),
        ("non\xa0breaking", r"non\xa0breaking"),
        ("\ud800", r"\ud800"),
        ("\x00", r"\x00"),
        ("[bold]markup[/bold]", "[bold]markup[/bold]"),
    ],
)
def test_what_a_terminal_would_act_on_is_made_visible(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_whatever_goes_in_what_comes_out_is_printable_and_short(text: str) -> None:
    shown = printable(text, 40)
    assert shown.isprintable()
    # The longest escape is that of a character beyond the basic plane: backslash, U and eight digits.
    assert len(shown) <= 40 * 10
    assert quote(text).isprintable()


def test_text_at_the_limit_stays_and_beyond_it_ends_in_an_ellipsis() -> None:
    assert printable("a" * 80) == "a" * 80
    assert printable("a" * 81) == "a" * 79 + "…"
    assert printable("abcdef", 4) == "abc…"


def test_quotes_do_not_collide_with_the_text() -> None:
    assert quote("conv3") == "'conv3'"
    assert quote("it's") == '"it\'s"'


@pytest.mark.parametrize(
    ("words", "sentence"),
    [([], ""), (["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c"), (["\n"], r"\n")],
)
def test_a_list_reads_as_in_a_sentence(words: list[str], sentence: str) -> None:
    assert listing(words) == sentence


def test_a_list_takes_another_last_word_and_counts_the_rest_of_a_long_one() -> None:
    assert listing("abc", "and") == "a, b and c"
    assert listing("abcdef", limit=4) == "a, b, c, d and 2 more"
    assert listing("abcd", limit=4) == "a, b, c or d"


KINDS = ["conv", "conv_transpose", "linear", "max_pool", "avg_pool", "batch_norm", "relu", "relu6", "softmax"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("Conv", "conv"),
        ("cnov", "conv"),
        ("MaxPool", "max_pool"),
        ("maxpool", "max_pool"),
        ("max-pool", "max_pool"),
        ("BatchNorm", "batch_norm"),
        ("ReLU", "relu"),
        ("lineer", "linear"),
        ("soft max", "softmax"),
        ("rleu", "relu"),
        ("convv", "conv"),
        ("relu66", "relu6"),
        ("transpose", "conv_transpose"),
    ],
)
def test_a_near_miss_is_found(word: str, meant: str) -> None:
    assert did_you_mean(word, KINDS) == f"Did you mean '{meant}'?"


@pytest.mark.parametrize(
    ("word", "candidates", "meant"),
    [
        ("dw", ["ds1.dw", "ds1.pw"], "'ds1.dw'"),
        ("pool1", ["max_pool1", "conv1"], "'max_pool1'"),
        ("pool", ["max_pool", "avg_pool"], "'max_pool' or 'avg_pool'"),
        ("vgg", ["vgg16", "alexnet"], "'vgg16'"),
        ("vgg61", ["vgg16", "vgg19"], "'vgg16'"),
        ("densent121", ["densenet121", "densenet169"], "'densenet121'"),
    ],
)
def test_a_part_of_a_name_finds_the_whole(word: str, candidates: list[str], meant: str) -> None:
    assert did_you_mean(word, candidates) == f"Did you mean {meant}?"


@pytest.mark.parametrize(
    ("word", "candidate"),
    [
        ("rnn", "lrn"),
        ("glu", "gelu"),
        ("selu", "elu"),
        ("selu", "silu"),
        ("celu", "gelu"),
        ("gru", "relu"),
        ("int4", "int64"),
        ("uint16", "int16"),
        ("global_max_pool", "global_avg_pool"),
        ("pixel_unshuffle", "pixel_shuffle"),
        ("softmin", "softmax"),
        ("Mo", "mio"),
        ("vgg15", "vgg16"),
        ("conv9", "conv5"),
    ],
)
def test_another_word_is_no_slip(word: str, candidate: str) -> None:
    assert did_you_mean(word, [candidate, "zebra"]) == ""


def test_a_crowd_of_near_ones_is_no_suggestion() -> None:
    names = [f"group{number}.conv" for number in range(4)]
    assert did_you_mean("conv", names[:3]) != ""
    assert did_you_mean("conv", names) == ""


@pytest.mark.parametrize("word", ["", "zzz", "attention", "c", "x" * 10_000])
def test_nothing_is_suggested_for_a_word_that_is_near_to_nothing(word: str) -> None:
    assert did_you_mean(word, KINDS) == ""
    assert did_you_mean("conv", []) == ""


def test_a_suggestion_is_safe_to_print() -> None:
    assert did_you_mean("zebra", ["\x1b.zebra"]) == r"Did you mean '\x1b.zebra'?"


@pytest.mark.usefixtures("steady_collector")
def test_a_crowd_of_candidates_takes_no_longer_than_a_second() -> None:
    began = time.process_time()
    did_you_mean("a" * 64, (f"{'b' * 40}{number}" for number in range(1_000_000)))
    assert time.process_time() - began < 1
