"""Specs made to keep the program busy, to fill the memory or to crash it: an error, soon, and never a traceback."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archcalc import api
from archcalc.layers import KINDS
from archcalc.results import analysis
from archcalc.spec import catalog
from archcalc.spec.reader import Mapping, Node, Scalar, load_file, read
from archcalc.spec.spec import ITEM_KEYS, STRUCTURE_KEYS, TOP_KEYS
from archcalc.words.errors import ArchcalcError, SpecError

MAP = "input: [3, 8, 8]\n"

MOST_MEMORY = 400  # MB
LONGEST = (
    8  # seconds of processor time: some two of ours, for as many layers as there may be, on a slower machine
)


def towers(bottom: str, call: str, levels: int, parameters: str = "") -> str:
    """Blocks that call the one below, b0 being `bottom`; `call` is formatted with the number of that one."""
    own = f"parameters: {{{parameters}}}, " if parameters else ""
    blocks = [f"  b0: {{{own}layers: [{bottom}]}}"]
    blocks += [f"  b{level}: {{{own}layers: [{call.format(level - 1)}]}}" for level in range(1, levels + 1)]
    return MAP + "blocks:\n" + "\n".join(blocks) + "\n"


HOSTILE: dict[str, tuple[str, str]] = {
    # what it is: the spec, and part of the error; an empty part: the spec is odd, but a network
    "a repeat of 10^9": (MAP + "layers: [{relu: , repeat: 1000000000}]", "more than 100,000 layers"),
    "repeats that multiply": (
        MAP + "layers: [{layers: [{layers: [{relu: , repeat: 900}], repeat: 900}], repeat: 900}]",
        "more than 100,000 layers",
    ),
    "repeats one after another": (
        MAP + f"layers: [{', '.join(['{relu: , repeat: 90000}'] * 9)}]",
        "more than 100,000 layers",
    ),
    "repeats of nothing": (
        MAP + f"layers: [{', '.join(['{layers: [], repeat: 9000}'] * 9000)}, relu]",
        "more than 250,000 items",
    ),
    "repeats of from": (
        MAP + f"layers: [relu, {', '.join(['{layers: [{from: relu1}], repeat: 9000}'] * 5000)}]",
        "more than 250,000 items",
    ),
    "a long name, often": (
        MAP + f"layers: [{{relu: , repeat: 9000, name: {'a' * 900_000}}}]",
        "more than 200 characters",
    ),
    "blocks that double 40 times": (
        towers("relu", "b{0}, b{0}", 40) + "layers: [b40]",
        "more than 100,000 layers",
    ),
    "blocks of nothing that double": (
        towers("{layers: []}", "b{0}, b{0}", 40) + "layers: [relu, b40]",
        "more than 250,000 items",
    ),
    "blocks that double and reach outside": (
        towers("{from: x}", "b{0}, b{0}", 40) + "layers: [{relu: , name: x}, b40]",
        "more than 250,000 items",
    ),
    "blocks that double, no two alike": (
        towers("relu", "{{b{0}: 2 * $n}}, {{b{0}: 2 * $n + 1}}", 36, "n") + "layers: [{b36: 1}]",
        "more than 250,000 items",
    ),
    "a billion laughs": (
        towers("relu", ", ".join(["b{0}"] * 10), 9) + "layers: [b9]",
        "more than 100,000 layers",
    ),
    "64 calls deep": (towers("relu", "b{0}", 63) + "layers: [b63]", ""),
    "65 calls deep": (towers("relu", "b{0}", 64) + "layers: [b64]", "more than 64 deep"),
    "calls deep in groups": (
        towers("relu", "{{layers: [" * 25 + "b{0}" + "]}}" * 25, 63) + "layers: [b63]",
        "more than 200 characters",
    ),
    "calls deep in branches": (
        towers("relu", "{{add: [[], [" * 15 + "b{0}" + "]]}}" * 15, 63) + "layers: [b63]",
        "more than 200 characters",
    ),
    "axes of 10^9": (
        "input: [1000000000, 1000000000, 1000000000]\nlayers: [{conv: 1000000000, kernel: 1000000000}]",
        "",
    ),
    "sizes that explode": (
        MAP + "layers: [{conv_transpose: 1, kernel: 1, stride: 1000000000, repeat: 9000}]",
        "more than 1,000,000,000,000 positions",
    ),
    "strides that shrink": (
        "input: [3, 8, 8]\nlayers: [{repeat: 4990, layers: [{upsample: 3}, {crop: 8}]}]",
        "",
    ),
    "vectors that explode": (
        "input: [1000000000, 1000000000]\nlayers: [flatten]",
        "more than 1,000,000,000,000 positions",
    ),
    "a megabyte of words": (MAP + "layers:\n" + "- relu\n" * 142_000, "more than 100,000 values"),
    "a megabyte of items": (MAP + "layers:\n" + "- {relu: }\n" * 33_000, ""),
    "as many layers as there may be": (
        MAP + "layers: [{conv: 3, kernel: 3, padding: 1, repeat: 100000}]",
        "",
    ),
    "one layer more": (
        MAP + "layers: [{layers: [relu, tanh], repeat: 50000}, relu]",
        "more than 100,000 layers",
    ),
    "as many long names": (MAP + f"layers: [{{relu: , repeat: 100000, name: {'a' * 193}}}]", ""),
    "a wrong item behind many": (
        MAP + "layers:\n" + "- {relu: }\n" * 9_000 + "- {from: relo}\n",
        "there is no layer",
    ),
    "many blocks": (
        MAP + "blocks:\n" + "".join(f"  b{i}: {{layers: [relu]}}\n" for i in range(12_000)) + "layers: [c1]",
        "neither a kind of layer nor a block",
    ),
    "a long list": (MAP + f"layers: [{{conv: 3, kernel: [{'1, ' * 90_000}1]}}]", "kernel must be"),
    "a long list as an argument, often": (
        MAP
        + f"parameters: {{n: [{'1, ' * 80_000}1]}}\nblocks: {{b: {{parameters: {{n}}, layers: [relu]}}}}\n"
        "layers: [{b: $n, repeat: 10000}]",
        "more than 250,000 items",
    ),
    "a long text": (
        MAP + f"parameters: {{n: {'x' * 900_000}}}\nlayers: [{{conv: $n, kernel: 1}}]",
        "not 'xxx",
    ),
    "brackets": ("[" * 100_000, "nested more than 64 deep"),
    "an import that reaches itself by others": (
        "import: chain0.yaml\n" + MAP + "layers: [relu]",
        "more than 32 files",
    ),
    "imports that double": (
        "import: [two0a.yaml, two0b.yaml]\n" + MAP + "layers: [relu]",
        "more than 32 files",
    ),
    "a large import, often": (f"import: [{'large.yaml, ' * 20_000}]\n" + MAP + "layers: [relu]", ""),
    "many published figures": (
        MAP + "layers: [relu]\npublished:\n" + "- {quantity: total.params, value: 3, source: x}\n" * 14_000,
        "",
    ),
}

RUNNER = """
import json, os, resource, sys
from archcalc.results import analysis
from archcalc import api
from archcalc.words.errors import ArchcalcError

longest, folder = int(sys.argv[1]), sys.argv[2]
for name in sys.argv[3:]:
    there, here = os.pipe()
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_CPU, (longest, longest))
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
        try:
            network = api.load(os.path.join(folder, name))
            said = ""
            analysis.analyse(network)
        except ArchcalcError as error:
            said = str(error)
        except BaseException as error:
            said = f"TRACEBACK {type(error).__name__} {str(error)[:200]}"
        os.write(here, json.dumps(said).encode())
        os._exit(0)
    os.close(here)
    with os.fdopen(there, "rb") as pipe:
        said = pipe.read().decode() or '"TRACEBACK killed"'
    _, status, used = os.wait4(child, 0)
    print(json.dumps([name, json.loads(said), used.ru_maxrss // 1024]), flush=True)
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, int]]:
    """What each hostile spec ended in, and the memory it took in MB: one process for each, with limits."""
    folder = tmp_path_factory.mktemp("hostile")
    for level in range(100):
        (folder / f"chain{level}.yaml").write_text(f"import: chain{level + 1}.yaml\nblocks: {{}}")
        for side in "ab":
            deeper = f"[two{level + 1}a.yaml, two{level + 1}b.yaml]"
            (folder / f"two{level}{side}.yaml").write_text(f"import: {deeper}\nblocks: {{}}")
    (folder / "large.yaml").write_text("blocks: {}\n" + "#" * 900_000)
    files = {}
    for number, (name, (text, _)) in enumerate(HOSTILE.items()):
        files[f"{number}.yaml"] = name
        (folder / f"{number}.yaml").write_text(text)
    command = [sys.executable, "-c", RUNNER, str(LONGEST), str(folder), *files]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {files[name]: (said, memory) for name, said, memory in lines}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits are set in a forked process")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_spec_ends_soon_in_an_error(name: str, answers: dict[str, tuple[str, int]]) -> None:
    said, memory = answers[name]
    wanted = HOSTILE[name][1]
    assert (wanted in said) if wanted else not said, said
    assert memory < MOST_MEMORY


# --- random damage -------------------------------------------------------------------------------------------

ALL_FEATURES = """
name: Everything
input: [3, $size, $size]
parameters: {size: 16, classes: 10, flag: true}
import: blocks/resnet.yaml
strict: false
blocks:
  unit:
    description: a unit
    parameters: {width, stride: 1, half: $width // 2}
    layers:
      - {conv: $width, kernel: [3, 3], stride: $stride, padding: same, groups: 1, bias: false}
      - {batch_norm: , repeat: $flag}
      - {relu: , as: last}
      - add:
          left: [{conv: $half, kernel: 1}, {conv: $width, kernel: 1}]
          right: [{from: last}]
        name: join
layers:
  - {stem: , name: s}
  - {unit: [8, 2], name: u}
  - {unit: 8, repeat: 2, name: v}
  - {layers: [{max_pool: 2, name: pool}, {max_unpool: pool}], name: g}
  - {concat: [[], [{conv: 4, kernel: 3, padding: [[1, 1], 1], name: w}], [{from: u}]], axis: 0}
  - {conv: 8, kernel: 1, repeat: 2 if $flag else 1}
  - {mul: [[], [global_avg_pool, {reshape: [-1, 1, 1]}]]}
  - {auxiliary: helper, layers: [flatten, {linear: $classes}]}
  - {head: other, layers: [{conv: 8, kernel: 1, weights: conv2}, tanh]}
  - flatten
  - {dropout: 0.5}
  - {linear: $classes, name: fc}
  - softmax
published:
  - {quantity: total.params, value: "1.2M", source: Table 1, reason: none}
"""

NASTY = [
    *(
        "0",
        "-1",
        "1000000000",
        "99999999999999999999",
        "1e400",
        "-0",
        "0.5",
        "3.0",
        ".nan",
        ".inf",
        "010",
        "0x10",
    ),
    *(
        "1_000",
        "1:30",
        "no",
        "true",
        "null",
        "~",
        "",
        "''",
        '"\\e[31m"',
        '"\\u202e"',
        "[red]",
        "[]",
        "{}",
        "[[]]",
    ),
    *(
        "[1, 2, 3]",
        "{a: 1}",
        "$size",
        "$nothing",
        "$size / 0",
        "$size / 3",
        "$",
        "$size**9",
        "9**9**9",
        "'$('",
    ),
    *(
        "input",
        "conv1",
        "u.conv1",
        "total",
        "x.y",
        "same",
        "valid",
        "depthwise",
        "relu",
        "unit",
        "conv",
        "&a 1",
        "*a",
    ),
    *(
        "!!python/object:os.system x",
        "'a b'",
        "'a\\nb'",
        "'Object missing required field `x`'",
        "- at `$.x`",
        "#",
    ),
]
WORDS = sorted(
    {*KINDS, *ITEM_KEYS, *STRUCTURE_KEYS, *TOP_KEYS, "weights", "axis", "kernel", "unit", "width", "<<", "?"}
)


class Pairs(list[Any]):
    """A mapping that may be damaged: entries, whose keys may come twice."""


class Entry(list[Any]):
    """A key and its value."""


def plain(node: Node) -> Any:
    """A node as lists, Pairs and texts of YAML, to be taken apart."""
    if isinstance(node, Scalar):
        bare = re.fullmatch(r"[\w.$ *+/%()<=>-]*", node.text) and not node.quoted
        return node.text if bare else json.dumps(node.text)
    if isinstance(node, Mapping):
        return Pairs(Entry([plain(key), plain(value)]) for key, value in node.entries)
    return [plain(item) for item in node.items]


def yaml_of(tree: Any) -> str:
    """The tree in YAML's flow style."""
    if isinstance(tree, str):
        return tree
    if isinstance(tree, Entry):
        return ": ".join(map(yaml_of, tree))
    inside = ", ".join(map(yaml_of, tree))
    return f"{{{inside}}}" if isinstance(tree, Pairs) else f"[{inside}]"


def spots(tree: Any) -> list[tuple[list[Any], int]]:
    """Every place where something can be changed: a list (or Pairs, or Entry) and an index in it."""
    if not isinstance(tree, list):
        return []
    return [(tree, index) for index in range(len(tree))] + [spot for part in tree for spot in spots(part)]


def damage(tree: list[Any], data: st.DataObject) -> None:
    """Change one thing in the tree, at random."""
    places = spots(tree)
    holder, index = data.draw(st.sampled_from(places), label="where")
    old = holder[index]
    change = data.draw(
        st.sampled_from(["replace", "drop", "double", "insert", "copy", "rename"]), label="change"
    )
    nasty: Any = data.draw(st.sampled_from(NASTY), label="nasty")
    word = data.draw(st.sampled_from(WORDS), label="word")
    if isinstance(old, Entry):
        nasty = Entry([word, nasty])
    if change == "rename" and isinstance(old, Entry):
        old[0] = word
    elif change == "copy":
        alike = [
            part for part in (h[i] for h, i in places) if isinstance(part, Entry) == isinstance(old, Entry)
        ]
        holder[index] = deepcopy(data.draw(st.sampled_from(alike), label="copied"))
    elif change in ("replace", "rename") or isinstance(holder, Entry):
        holder[index] = nasty
    elif change == "drop":
        del holder[index]
    else:
        holder.insert(index, deepcopy(old) if change == "double" else nasty)


def trees() -> list[tuple[str, Node]]:
    """Valid specs to damage: one with every feature, and some of the catalogue."""
    shipped = ["googlenet", "resnet50", "inception-reduced", "lenet5"]
    return [
        ("everything", read(ALL_FEATURES.encode(), "everything")),
        *((name, load_file(catalog.path_of(name))) for name in shipped),
    ]


def accepted(path: Path) -> bool:
    """Whether the spec is a network. Anything but a well-placed error or a network fails the test."""
    error: ArchcalcError | None = None
    try:
        analysis.analyse(api.load(str(path)))
    except ArchcalcError as raised:
        error = raised
    if error is not None:
        assert not isinstance(error, SpecError) or error.place is not None, error
        assert str(error).replace("\n", "").isprintable()
        assert len(str(error)) < 6_000
    return error is None


@settings(deadline=None, max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_spec_is_an_error_or_a_network(data: st.DataObject, tmp_path: Path) -> None:
    _, node = data.draw(st.sampled_from(trees()))
    tree = plain(node)
    for _ in range(data.draw(st.integers(1, 4), label="changes")):
        if spots(tree):
            damage(tree, data)
    path = tmp_path / "my.yaml"
    path.write_text(yaml_of(tree), encoding="utf-8")
    accepted(path)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_text_with_holes_is_an_error_or_a_network(data: st.DataObject, tmp_path: Path) -> None:
    text = ALL_FEATURES
    for _ in range(data.draw(st.integers(1, 6))):
        at, length = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 12))
        text = (
            text[:at]
            + data.draw(st.text(alphabet="{}[],:-#&*!|>'\"%@`$ \n\tax01é\x1b", max_size=5))
            + text[at + length :]
        )
    path = tmp_path / "my.yaml"
    path.write_text(text, encoding="utf-8")
    accepted(path)


def test_undamaged_specs_are_networks(tmp_path: Path) -> None:
    """What the two tests above start from; the damage is worth something only if this holds."""
    path = tmp_path / "my.yaml"
    for name, node in trees():
        path.write_text(yaml_of(plain(node)), encoding="utf-8")
        assert accepted(path), name
    path.write_text(ALL_FEATURES, encoding="utf-8")
    assert accepted(path)
