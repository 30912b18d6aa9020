"""What other libraries write, and what is said of it: the translation, or that it is not there."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import pytest

from archcalc import api, layers
from archcalc.layers import KINDS
from archcalc.spec.elsewhere import (
    KEYS,
    NOT_HERE,
    SEEN,
    WRITTEN,
    about_key,
    about_kind,
    about_values,
    kind_of,
)
from archcalc.words import errors
from archcalc.words.errors import ArchcalcError

ERRORS = {name for name in errors.__all__ if name not in ("Place", "MissingExtra")}


@pytest.mark.parametrize(
    ("word", "given", "said"),
    [
        ("Dense", ["10"], "Here it is called `linear`: write `{linear: 10}`."),
        ("Conv2d", ["3", "32", "3"], "`{conv: 32, kernel: 3}`; the 3 that come in are seen, not written."),
        ("Conv2D", ["32", "3"], "Here it is called `conv`: write `{conv: 32, kernel: 3}`."),
        (
            "torch.nn.Conv1d(8, 4, 3, padding=1)",
            [],
            "write `{conv: 4, kernel: 3, padding: 1}`; the 8 that come in",
        ),
        ("Conv2d(3, 4, 3, device='cpu')", [], "Here it is called `conv`."),
        ("BatchNorm2d", ["64"], "write `batch_norm`; the 64 that come in are seen, not written."),
        ("GroupNorm", ["32", "256"], "write `{group_norm: 32}`; the 256 that come in"),
        ("Embedding", ["50257", "768"], "write `{embedding: 768, vocabulary: 50257}`."),
        ("MultiheadAttention", ["768", "12"], "write `{attention: 12}`; the 768 that come in"),
        ("MaxPooling2D", ["2", "2"], "write `{max_pool: 2, stride: 2}`."),
        ("GlobalAveragePooling2D()", [], "Here it is called `global_avg_pool`: write `global_avg_pool`."),
        ("DepthwiseConv2D", ["3"], "Write `{conv: CHANNELS, kernel: …, groups: depthwise}`."),
    ],
)
def test_a_layer_of_another_library_is_translated(word: str, given: Sequence[str], said: str) -> None:
    what, way_out = about_kind(word, given)
    assert what == ""
    assert said in way_out


CALLED = {name for cls in KINDS.values() for name in cls.also_called}
"""What kinds that are there are called by others: a word of this table may become one."""


def test_what_is_not_there_is_said_to_be_not_there() -> None:
    for word in {"rnn", "LSTM", "GRU", "GLU", "RMSNorm", *NOT_HERE} - set(KINDS) - CALLED:
        assert about_kind(word)[0] == "a kind of layer that archcalc does not have"
    assert about_kind("zebra") == about_kind("MaxPool") == ("", "")


def test_every_row_can_be_reached() -> None:
    for word in {*NOT_HERE, *WRITTEN} - set(KINDS) - CALLED:
        assert about_kind(word)[1] == {**NOT_HERE, **WRITTEN}[word]
        assert kind_of(word) is None
    fields = {name for cls in KINDS.values() for name in cls.__struct_fields__}
    for key, names in KEYS.items():
        assert set(names) <= fields, key
    assert about_key("kernel_size", KINDS["max_pool"].__struct_fields__) == "Here it is called `window`."
    assert about_key("kernel_size", KINDS["conv"].__struct_fields__) == "Here it is called `kernel`."
    assert about_key("kernel_size", KINDS["relu"].__struct_fields__) == ""
    assert all(about_key(key, ()).startswith("Leave it out") for key in SEEN)


def test_no_word_means_two_kinds() -> None:
    called = [(name, kind) for kind, cls in KINDS.items() for name in cls.also_called]
    assert len(dict(called)) == len(called)
    assert not set(dict(called)) & set(KINDS)


def test_the_order_elsewhere_names_fields() -> None:
    for cls in KINDS.values():
        assert set(cls.arguments) - {""} <= set(cls.__struct_fields__), cls.kind
    assert about_values("conv", (3, 32, 3)).startswith("Write `{conv: 32, kernel: 3}`; the 3 that come in")
    assert about_values("conv", (32,)) == about_values("relu", (3, 3)) == ""


def test_what_is_written_out_loads(tmp_path: object) -> None:
    """Every layer in a way out is one, once its words in capitals are numbers."""
    found = [
        item for way_out in {**NOT_HERE, **WRITTEN}.values() for item in re.findall(r"`(\{.*?\})`", way_out)
    ]
    assert len(found) > 8
    for item in found:
        written = re.sub(r"CHANNELS|FILTERS|KERNEL|…(?! \])", "2", item).replace("[ … ]", "[relu]")
        written = re.sub(r"\b[TD]\b", "8", written)
        path = f"{tmp_path}/my.yaml"
        for shape, text in product(([2, 8, 8], [8, 8]), (written,)):
            with open(path, "w", encoding="utf-8") as file:
                file.write(f"input: {shape}\nlayers: [{text}]")
            try:
                api.load(path)
                break
            except ArchcalcError as error:
                refused = error
        else:
            pytest.fail(f"{item}: {refused}")


def test_selu_is_elu_and_a_scale() -> None:
    torch = pytest.importorskip("torch")
    alpha, scale = map(float, re.findall(r"[0-9.]+[0-9]", NOT_HERE["selu"]))
    x = torch.linspace(-4, 4, 33)
    torch.testing.assert_close(scale * torch.nn.functional.elu(x, alpha), torch.nn.functional.selu(x))


def test_every_refusal_of_a_spec_is_written_with_a_way_out() -> None:
    """Every place that raises one gives it a hint; tests/mistakes.txt shows that it is not empty."""
    package = Path(layers.__file__).parent.parent
    bare = [
        f"{path.name}:{call.lineno}"
        for room in ("spec", "network", "layers")
        for path in sorted((package / room).glob("*.py"))
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ERRORS
        and "hint" not in {keyword.arg for keyword in call.keywords}
    ]
    assert bare == []
    assert {"ReadError", "NetworkError", "LayerError"} <= ERRORS
