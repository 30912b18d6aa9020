"""Blocks and imports: arguments, defaults, what a block sees, and copies that equal what is written out by hand."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archcalc import api
from archcalc.algebra.shapes import joined
from archcalc.network.network import Network
from archcalc.words.errors import ArchcalcError, ReadError, SpecError

Load = Callable[..., Network]

MAP = "input: [3, 8, 8]\n"

BLOCKS = """
input: [3, 8, 8]
parameters: {kernel_size: 3}
blocks:
  plain: {layers: [relu]}
  unit:
    description: one convolution
    parameters: {width, size: $kernel_size, stride: 1, pads: $size // 2}
    layers:
      - {conv: $width, kernel: $size, stride: $stride, padding: $pads}
  relative:
    parameters: {width: $channels * 2, more: $width + $channels}
    layers:
      - {conv: $width, kernel: 1}
      - {conv: $more, kernel: 1}
layers:
"""


def drawn(network: Network) -> list[str]:
    """One line a layer: its name, its kind, its shape and where its input comes from."""
    return [
        f"{node.name} {node.layer.kind} {joined(node.output)} < "
        + " ".join(network.source(i) for i in (*node.inputs, *node.references))
        for node in network.nodes
    ]


# --- calls -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "shape"),
    [
        ("{unit: 4}", "4×8×8"),
        ("{unit: [4]}", "4×8×8"),
        ("{unit: {width: 4}}", "4×8×8"),
        ("{unit: , width: 4}", "4×8×8"),
        ("{unit, width: 4}", "4×8×8"),
        ("{unit: [4, 1]}", "4×8×8"),
        ("{unit: [4, 5, 2]}", "4×4×4"),
        ("{unit: [4, 3, 1, 0]}", "4×6×6"),
        ("{unit: [4, 3], pads: 0}", "4×6×6"),
        ("{unit: 4, stride: 2}", "4×4×4"),
        ("{unit: {width: 4, stride: 2}, pads: 0}", "4×3×3"),
        ("{unit: $kernel_size + 2, size: 1}", "5×8×8"),
        ("{unit: {width: $channels, size: [3, 1], pads: 0}}", "3×6×8"),
    ],
)
def test_ways_to_give_arguments(load: Load, call: str, shape: str) -> None:
    (node,) = load(f"{BLOCKS}  - {call}\n").nodes
    assert joined(node.output) == shape
    assert node.name == "1.conv1"


@pytest.mark.parametrize("call", ["plain", "{plain: }", "{plain}", "{plain: []}", "{plain: {}}", "'plain'"])
def test_ways_to_call_a_block_without_arguments(load: Load, call: str) -> None:
    assert drawn(load(f"{BLOCKS}  - {call}\n")) == ["1.relu1 relu 3×8×8 < input"]


def test_defaults_use_the_shape_that_comes_in_and_the_parameters_before_them(load: Load) -> None:
    network = load(BLOCKS + "  - relative\n  - {relative: 5}\n  - {relative: {more: 1}}\n")
    # 3 → 3·2 and 6 + 3; 9 → 5 and 5 + 9; 14 → 14·2 and 1
    assert [node.output[0] for node in network.nodes] == [6, 9, 5, 14, 28, 1]


def test_a_default_does_not_see_a_later_parameter(load: Load) -> None:
    with pytest.raises(ArchcalcError, match=r"there is no \$b"):
        load(MAP + "blocks: {x: {parameters: {a: $b, b: 1}, layers: [{conv: $a, kernel: 1}]}}\nlayers: [x]")


def test_arguments_are_what_the_caller_sees(load: Load) -> None:
    """`$width` in a call is the caller's, even where the block has a parameter of the same name."""
    network = load(
        MAP
        + """
parameters: {width: 5}
blocks:
  inner: {parameters: {width}, layers: [{conv: $width, kernel: 1}]}
  outer: {parameters: {width}, layers: [{inner: $width * 2}, {inner: $channels}]}
layers: [{outer: $width}, {inner: $width}]
"""
    )
    assert [node.output[0] for node in network.nodes] == [10, 10, 5]


def test_a_block_sees_its_file_but_not_its_caller(load: Load) -> None:
    text = (
        MAP
        + """
parameters: {size: 3}
blocks:
  inner: {layers: [{conv: 4, kernel: $size, padding: same}]}
  outer: {parameters: {size}, layers: [inner]}
layers: [{outer: 5}]
"""
    )
    assert (
        load(text).nodes[0].layer
        == load(MAP + "layers: [{conv: 4, kernel: 3, padding: same}]").nodes[0].layer
    )
    with pytest.raises(ArchcalcError, match=r"there is no \$size"):
        load(text.replace("parameters: {size: 3}", ""))


def test_names_of_calls(load: Load) -> None:
    network = load(
        BLOCKS
        + """
  - plain
  - {plain: , name: a}
  - {plain: , repeat: 2}
  - {plain: , repeat: 2, name: b}
  - {layers: [plain], name: g}
  - plain
"""
    )
    assert [node.name for node in network.nodes] == [
        *("1.relu1", "a.relu1", "2.relu1", "3.relu1", "b.1.relu1", "b.2.relu1", "g.1.relu1", "4.relu1")
    ]
    assert network.groups["b"] == network.groups["b.2"] == 5


def test_from_input_is_what_reaches_the_innermost_block(load: Load) -> None:
    network = load(
        MAP
        + """
blocks:
  inner: {layers: [tanh, {layers: [relu, {add: [[], [{from: input}]]}]}]}
  outer: {layers: [sigmoid, inner, {add: [[], [{from: input}, relu]]}]}
layers: [relu, outer]
"""
    )
    assert drawn(network)[1:] == [
        "1.sigmoid1 sigmoid 3×8×8 < relu1",
        "1.1.tanh1 tanh 3×8×8 < 1.sigmoid1",
        "1.1.1.relu1 relu 3×8×8 < 1.1.tanh1",
        "1.1.1.add1 add 3×8×8 < 1.1.1.relu1 1.sigmoid1",
        "1.b2.relu1 relu 3×8×8 < relu1",
        "1.add1 add 3×8×8 < 1.1.1.add1 1.b2.relu1",
    ]


def test_a_block_may_read_a_layer_outside_which_is_another_each_time(load: Load) -> None:
    network = load(
        MAP
        + """
blocks:
  skip: {layers: [tanh, {add: [[], [{from: x}]]}]}
layers: [{relu: , as: x}, skip, {relu: , as: x}, skip]
"""
    )
    assert [line for line in drawn(network) if " add " in line] == [
        "1.add1 add 3×8×8 < 1.tanh1 relu1",
        "2.add1 add 3×8×8 < 2.tanh1 relu2",
    ]


def test_labels_of_a_block_are_its_own(load: Load) -> None:
    text = (
        MAP
        + """
blocks: {b: {layers: [{relu: , as: x}, tanh, {add: [[], [{from: x}]]}]}}
layers: [{tanh: , as: x}, b, b, {add: [[], [{from: x}]]}]
"""
    )
    assert drawn(load(text))[-1] == "add1 add 3×8×8 < 2.add1 tanh1"
    with pytest.raises(ArchcalcError, match="there is no layer 'x'"):
        load(text.replace("{tanh: , as: x}, ", ""))


def test_a_label_on_a_call_belongs_to_the_caller(load: Load) -> None:
    network = load(BLOCKS + "  - {plain: , as: x}\n  - tanh\n  - add: [[], [{from: x}]]\n")
    assert drawn(network)[-1] == "add1 add 3×8×8 < tanh1 1.relu1"


def test_heads_inside_blocks_belong_to_the_network(load: Load) -> None:
    network = load(
        MAP
        + """
blocks: {b: {parameters: {word}, layers: [relu, {head: $word, layers: [tanh]}, sigmoid]}}
layers: [{b: one}, {b: two}]
"""
    )
    assert network.heads == {"one": 1, "two": 4}
    assert drawn(network)[4] == "2.two.tanh1 tanh 3×8×8 < 2.relu1"


def test_the_same_call_on_another_shape_is_another_expansion(load: Load) -> None:
    network = load(BLOCKS + "  - {unit: 4}\n  - {unit: 4}\n  - {max_pool: 2}\n  - {unit: 4}\n")
    assert [joined(node.output) for node in network.nodes] == ["4×8×8", "4×8×8", "4×4×4", "4×4×4"]
    assert [node.shapes[0][0] for node in network.nodes] == [3, 4, 4, 4]


@pytest.mark.parametrize("second", ["true", "1.0", "'1'", "[true]"])
def test_arguments_that_python_takes_for_equal_are_told_apart(load: Load, second: str) -> None:
    text = MAP + "blocks: {b: {parameters: {s}, layers: [{conv: 3, kernel: 1, stride: $s}]}}\n"
    first = "[[1]]" if second.startswith("[") else "1"
    with pytest.raises(ArchcalcError, match="stride"):
        load(text + f"layers: [{{b: {first}}}, {{b: [{second}]}}]")


def test_an_empty_block_passes_on_what_comes_in(load: Load) -> None:
    network = load(
        MAP
        + """
blocks: {none: {layers: []}, off: {parameters: {n: 0}, layers: [{relu: , repeat: $n}]}, deep: {layers: [{layers: []}]}}
layers: [none, deep, deep, relu, off, none, {off: 1}, {add: [[], [none]]}]
"""
    )
    assert drawn(network) == [
        "relu1 relu 3×8×8 < input",
        "6.relu1 relu 3×8×8 < relu1",
        "add1 add 3×8×8 < 6.relu1 6.relu1",
    ]


def test_weights_shared_inside_a_block_are_those_of_the_same_call(load: Load) -> None:
    network = load(
        MAP
        + """
blocks: {twin: {layers: [{conv: 3, kernel: 1, name: a}, {conv: 3, kernel: 1, weights: a}]}}
layers: [twin, twin]
"""
    )
    assert [node.shares for node in network.nodes] == [None, 0, None, 2]


def test_weights_from_outside_are_the_same_at_every_call(load: Load) -> None:
    network = load(
        MAP
        + """
blocks: {same: {layers: [{conv: 3, kernel: 1, weights: w}]}}
layers: [{conv: 3, kernel: 1, name: w}, same, {same: , repeat: 2}]
"""
    )
    assert [node.shares for node in network.nodes] == [None, 0, 0, 0]


def test_references_inside_a_block_move_with_it(load: Load) -> None:
    network = load(
        MAP
        + """
blocks: {there: {layers: [{max_pool: 2, name: p}, relu, {max_unpool: p}]}}
layers: [there, there]
"""
    )
    assert drawn(network)[-1] == "2.max_unpool1 max_unpool 3×8×8 < 2.relu1 2.p"


# --- copies equal what is written out -------------------------------------------------------------------------


@st.composite
def bodies(draw: st.DrawFn, depth: int = 2) -> list[str]:
    """Items that keep three channels of 8×8, so that they fit behind one another in any order."""
    simple = st.sampled_from(
        [
            "relu",
            "{conv: 3, kernel: 3, padding: 1}",
            "{conv: $channels, kernel: 1, bias: false}",
            "{tanh: , repeat: 2}",
            "{add: [[], [{from: input}]]}",
            "{add: {left: [relu], right: []}, name: JOIN}",
            "{relu: , as: x}",
            "{layers: [sigmoid, {add: [[], [{from: input}]]}]}",
            "{layers: []}",
        ]
    )
    items = draw(st.lists(simple, max_size=4))
    items = [item.replace("JOIN", f"j{number}") for number, item in enumerate(items)]
    if any("as: x" in item for item in items):
        items.append("{mul: [[], [{from: x}]]}")
    if depth and draw(st.booleans()):
        items.append("CALL")
    return items


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(inner=bodies(depth=0), outer=bodies(), times=st.integers(1, 4))
def test_a_block_called_often_equals_its_copies_written_out(
    load: Load, inner: list[str], outer: list[str], times: int
) -> None:
    """Each call on its own has a block of its own: nothing can be copied, everything is written out."""

    def spec(own: Callable[[int], tuple[str, str]]) -> str:
        lines = [MAP + "blocks:"]
        seen = set()
        for number in range(times):
            a, b = own(number)
            if b not in seen:
                body = [item if item != "CALL" else a for item in outer]
                lines += [
                    f"  {a}: {{layers: [{', '.join(inner)}]}}",
                    f"  {b}: {{layers: [{', '.join(body)}]}}",
                ]
            seen.add(b)
        calls = ", ".join(own(number)[1] for number in range(times))
        return "\n".join([*lines, f"layers: [relu, {calls}]\n"])

    copied = load(spec(lambda _: ("inner", "outer")))
    written = load(spec(lambda number: (f"inner{number}", f"outer{number}")))
    assert without_places(copied) == without_places(written)


def without_places(network: Network) -> Any:
    nodes = [node._replace(place=None) for node in network.nodes]  # type: ignore[arg-type]
    return nodes, network.groups, network.output, network.heads


def test_the_comparison_of_copies_would_notice_a_difference(load: Load) -> None:
    """The oracle's own must-fail case: one more layer in one of two copies."""
    one = load(MAP + "blocks: {a: {layers: [relu]}}\nlayers: [a, a]")
    other = load(MAP + "blocks: {a: {layers: [relu]}, b: {layers: [tanh]}}\nlayers: [a, b]")
    assert without_places(one) != without_places(other)


# --- what cannot be a block or a parameter --------------------------------------------------------------------


@pytest.mark.parametrize(
    "word",
    ["conv", "relu", "name", "as", "repeat", "layers", "from", "head", "auxiliary", "weights", "channels"],
)
def test_names_of_blocks_and_parameters_shadow_nothing(load: Load, word: str) -> None:
    for text in (
        f"blocks: {{{word}: {{layers: [relu]}}}}\nlayers: [relu]",
        f"blocks: {{b: {{parameters: {{{word}: 1}}, layers: [relu]}}}}\nlayers: [b]",
        f"parameters: {{{word}: 1}}\nlayers: [relu]",
    ):
        with pytest.raises(SpecError, match=f"'{word}' cannot be the name of a"):
            load(MAP + text)


@pytest.mark.parametrize(
    "text",
    [
        "parameters: {b: 1}\nblocks: {b: {layers: [relu]}}",
        "blocks: {a: {parameters: {b: 1}, layers: [relu]}, b: {layers: [relu]}}",
        "blocks: {b: {parameters: {b: 1}, layers: [relu]}}",
    ],
)
def test_a_parameter_is_not_called_like_a_block(load: Load, text: str) -> None:
    with pytest.raises(SpecError, match="'b' is a parameter and a block"):
        load(MAP + text + "\nlayers: [b]")


# --- imports -------------------------------------------------------------------------------------------------

PARTS = "parameters: {size: 3}\nblocks:\n  part: {layers: [{conv: 4, kernel: $size}]}\n"
USE = MAP + "layers: [part]\n"


def test_an_import_is_relative_to_the_file(load: Load) -> None:
    for place in ("parts.yaml", "sub/parts.yaml", "./sub/other.yaml"):
        assert load(f"import: {place}\n{USE}", {place: PARTS}).nodes[0].output == (4, 6, 6)


def test_several_files_may_be_imported(load: Load) -> None:
    files = {"a.yaml": PARTS, "b.yaml": "blocks: {other: {layers: [relu]}}"}
    network = load("import: [a.yaml, b.yaml]\n" + MAP + "layers: [part, other]", files)
    assert drawn(network) == ["1.conv1 conv 4×6×6 < input", "2.relu1 relu 4×6×6 < 1.conv1"]


def test_an_import_falls_back_to_the_catalogue(load: Load) -> None:
    assert len(load("import: blocks/resnet.yaml\n" + MAP + "layers: [stem]").nodes) == 3


def test_a_file_beside_the_spec_comes_before_the_catalogue(load: Load) -> None:
    files = {"blocks/resnet.yaml": "blocks: {stem: {layers: [relu]}}"}
    assert len(load("import: blocks/resnet.yaml\n" + MAP + "layers: [stem]", files).nodes) == 1


def test_a_whole_network_may_be_imported_for_its_blocks(load: Load) -> None:
    files = {"net.yaml": MAP + PARTS + "layers: [part]\n"}
    assert len(load("import: net.yaml\n" + USE, files).nodes) == 1


def test_imported_blocks_use_their_own_parameters_and_imports(load: Load) -> None:
    files = {
        "a.yaml": "import: deep/b.yaml\nparameters: {size: 5}\n"
        "blocks: {outer: {layers: [part, {conv: 2, kernel: $size}]}}",
        "deep/b.yaml": "import: c.yaml\n" + PARTS,
        "deep/c.yaml": "blocks: {}",
    }
    network = load("import: a.yaml\nparameters: {size: 1}\n" + MAP + "layers: [outer]", files)
    # 8 − 3 + 1 = 6 with b's size, 6 − 5 + 1 = 2 with a's
    assert [joined(node.output) for node in network.nodes] == ["4×6×6", "2×2×2"]


def test_imports_are_not_handed_on(load: Load) -> None:
    files = {"a.yaml": "import: b.yaml\nblocks: {outer: {layers: [part]}}", "b.yaml": PARTS}
    with pytest.raises(SpecError, match="'part' is neither a kind of layer nor a block"):
        load("import: a.yaml\n" + USE, files)


def test_two_blocks_of_one_name_are_refused(load: Load) -> None:
    files = {"a.yaml": PARTS, "b.yaml": PARTS}
    with pytest.raises(SpecError, match=r"'part' .* a block already, at .*a\.yaml:3:3"):
        load("import: [a.yaml, b.yaml]\n" + USE, files)
    with pytest.raises(SpecError, match=r"'part' .* a block already"):
        load("import: a.yaml\nblocks: {part: {layers: [relu]}}\n" + USE, files)


@pytest.mark.parametrize(
    "wanted", ["../parts.yaml", "sub/../../parts.yaml", "'..\\parts.yaml'", "/etc/hostname"]
)
def test_imports_stay_inside_their_folder(load: Load, wanted: str) -> None:
    with pytest.raises(ReadError, match="must stay inside its folder or the catalogue"):
        load(f"import: {wanted}\n" + USE)


def test_a_symlink_does_not_lead_outside(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "parts.yaml").write_text(PARTS)
    home = tmp_path / "home"
    home.mkdir()
    (home / "link.yaml").symlink_to(outside / "parts.yaml")
    (home / "folder").symlink_to(outside)
    (home / "real.yaml").write_text(PARTS)
    (home / "inside.yaml").symlink_to(home / "real.yaml")
    for wanted, fits in [("link.yaml", False), ("folder/parts.yaml", False), ("inside.yaml", True)]:
        spec = home / "my.yaml"
        spec.write_text(f"import: {wanted}\n" + USE)
        if fits:
            assert len(api.load(str(spec)).nodes) == 1
        else:
            with pytest.raises(ReadError, match="must stay inside"):
                api.load(str(spec))


@pytest.mark.parametrize(
    "files",
    [
        {"a.yaml": "import: a.yaml\n" + PARTS},
        {"a.yaml": "import: b.yaml\n" + PARTS, "b.yaml": "import: a.yaml\nblocks: {}"},
        {"a.yaml": "import: my.yaml\n" + PARTS},
    ],
)
def test_files_that_import_one_another_are_refused(load: Load, files: dict[str, str]) -> None:
    with pytest.raises(ReadError, match="imports itself, directly or through others"):
        load("import: a.yaml\n" + USE, files)


def test_a_file_imported_from_two_sides_is_no_circle(load: Load) -> None:
    files = {
        "a.yaml": "import: c.yaml\nblocks: {a: {layers: [part]}}",
        "b.yaml": "import: c.yaml\nblocks: {b: {layers: [part]}}",
        "c.yaml": PARTS,
    }
    assert len(load("import: [a.yaml, b.yaml]\n" + MAP + "layers: [a, b]", files).nodes) == 2


@pytest.mark.parametrize(("count", "fits"), [(32, True), (33, False)])
def test_as_many_files_as_one_spec_may_import(load: Load, count: int, fits: bool) -> None:
    files = {f"f{number}.yaml": "blocks: {}" for number in range(count)}
    text = f"import: [{', '.join(files)}]\n" + MAP + "layers: [relu]"
    if fits:
        assert len(load(text, files).nodes) == 1
    else:
        with pytest.raises(ReadError, match="more than 32 files"):
            load(text, files)


@pytest.mark.parametrize("wanted", ["nothing.yaml", "folder", "pipe", "''", "my", "x" * 5000])
def test_what_is_no_file_cannot_be_imported(load: Load, tmp_path: Path, wanted: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ReadError, match="there is no file"):
        load(f"import: {wanted}\n" + USE)


def test_a_mistake_in_an_imported_file_has_its_place_there(load: Load) -> None:
    with pytest.raises(SpecError) as caught:
        load("import: a.yaml\n" + USE, {"a.yaml": "blocks:\n  part: {layers: [conw]}\n"})
    assert caught.value.place is not None
    assert (os.path.basename(caught.value.place.file), *caught.value.place[1:]) == ("a.yaml", 2, 19)
