"""The spec language, feature by feature: items, values, structure, names. Blocks are in test_spec_blocks.py.

A network is drawn as one line a layer, `name kind shape < sources`, and compared with what was drawn by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from archcalc import api
from archcalc.algebra.shapes import joined
from archcalc.layers import KINDS
from archcalc.network.network import Network
from archcalc.results import analysis
from archcalc.words.errors import ArchcalcError, NetworkError

Load = Callable[..., Network]

MAP = "input: [3, 8, 8]\n"
VECTOR = "input: 10\n"


def drawn(network: Network) -> list[str]:
    """One line a layer: its name, its kind, its shape and where its input comes from."""
    return [
        f"{node.name} {node.layer.kind} {joined(node.output)} < "
        + " ".join(network.source(i) for i in (*node.inputs, *node.references))
        for node in network.nodes
    ]


def names(network: Network) -> list[str]:
    return [node.name for node in network.nodes]


# --- items -------------------------------------------------------------------------------------------------


def test_an_item_is_a_word_or_a_mapping_with_its_kind_as_a_key(load: Load) -> None:
    network = load(
        MAP + "layers: [{conv: 4, kernel: 3}, relu, {max_pool: 2, stride: 1}, {dropout: }, softmax]"
    )
    assert drawn(network) == [
        "conv1 conv 4×6×6 < input",
        "relu1 relu 4×6×6 < conv1",
        "max_pool1 max_pool 4×5×5 < relu1",
        "dropout1 dropout 4×5×5 < max_pool1",
        "softmax1 softmax 4×5×5 < dropout1",
    ]


def test_the_order_of_keys_does_not_matter_and_the_main_key_may_be_named(load: Load) -> None:
    network = load(MAP + "layers: [{kernel: 3, name: a, conv: 4}, {conv: , filters: 4, kernel: 3, name: b}]")
    assert network.nodes[0].layer == network.nodes[1].layer


@pytest.mark.parametrize(
    "item", ["relu", "'relu'", '"relu"', "{relu}", "{relu: }", "{relu: ~}", "{'relu': }"]
)
def test_ways_to_write_a_layer_without_settings(load: Load, item: str) -> None:
    assert drawn(load(MAP + f"layers: [{item}]")) == ["relu1 relu 3×8×8 < input"]


@pytest.mark.parametrize(
    ("item", "shape"),
    [
        ("{conv: 4, kernel: 3}", "4×6×6"),
        ("{conv: 4, kernel: [3, 1]}", "4×6×8"),
        ("{conv: 4, kernel: 3, stride: [2, 3]}", "4×3×2"),
        ("{conv: 4, kernel: 3, padding: 1}", "4×8×8"),
        ("{conv: 4, kernel: 3, padding: [1, 0]}", "4×8×6"),
        ("{conv: 4, kernel: 3, padding: [[1, 0], [0, 0]]}", "4×7×6"),
        ("{conv: 4, kernel: 3, padding: [1, [0, 1]]}", "4×8×7"),
        ("{conv: 4, kernel: 3, padding: same}", "4×8×8"),
        ("{conv: 4, kernel: 3, padding: same, stride: 3}", "4×3×3"),
        ("{conv: 4, kernel: 3, padding: valid}", "4×6×6"),
        ("{conv: 4, kernel: 3, dilation: 2}", "4×4×4"),
        ("{conv: 6, kernel: 3, groups: 3}", "6×6×6"),
        ("{conv: 3, kernel: 3, groups: depthwise}", "3×6×6"),
        ("{max_pool: 3, stride: 2}", "3×3×3"),
        # ⌈(8 − 3)/2⌉ + 1 = 4
        ("{max_pool: 3, stride: 2, ceil: true}", "3×4×4"),
        ("{max_pool: [2, 4]}", "3×4×2"),
        ("{avg_pool: 2}", "3×4×4"),
        ("{adaptive_avg_pool: [2, 3]}", "3×2×3"),
        ("global_avg_pool", "3"),
        ("flatten", "192"),
        ("{upsample: 2}", "3×16×16"),
        ("{crop: 4}", "3×4×4"),
        ("{linear: 5, axis: -1}", "3×8×5"),
    ],
)
def test_sizes_are_a_number_or_a_list_with_one_an_axis(load: Load, item: str, shape: str) -> None:
    assert joined(load(MAP + f"layers: [{item}]").nodes[-1].output) == shape


@pytest.mark.parametrize(
    ("shape", "item", "output"),
    [
        ("[4, 100]", "{conv: 8, kernel: 9, stride: 2}", (8, 46)),
        ("[3, 32, 20]", "{conv: 8, kernel: 3}", (8, 30, 18)),
        ("[1, 16, 32, 20]", "{conv: 8, kernel: 3}", (8, 14, 30, 18)),
        ("[4, 100]", "{max_pool: 4}", (4, 25)),
        ("[1, 16, 32, 20]", "{max_pool: [2, 4, 5]}", (1, 8, 8, 4)),
        ("[1, 16, 32, 20]", "global_avg_pool", (1,)),
        ("[197, 768]", "{linear: 3072}", (197, 3072)),
        ("[197, 768]", "{attention: 12}", (197, 768)),
        ("[64, 49, 96]", "{attention: 3}", (64, 49, 96)),
        ("[128]", "{embedding: 64, vocabulary: 1000}", (128, 64)),
        ("128", "{linear: 7}", (7,)),
    ],
)
def test_one_two_and_three_dimensions_and_tokens(
    load: Load, shape: str, item: str, output: tuple[int, ...]
) -> None:
    assert load(f"input: {shape}\nlayers: [{item}]").nodes[0].output == output


def test_every_kind_can_be_written_in_a_spec(load: Load) -> None:
    """Through YAML, the first worked example of every kind comes out as it was worked by hand."""

    def written(value: object) -> str:
        if isinstance(value, tuple):
            return f"[{', '.join(map(written, value))}]"
        return str(value).lower() if isinstance(value, bool) else str(value)

    for kind, cls in KINDS.items():
        example = cls.examples[0]
        if cls.references or cls.arity is None:
            continue
        fields = "".join(f", {key}: {written(value)}" for key, value in example.fields.items())
        item = f"{{{kind}: {fields}}}"
        if cls.arity == 0:
            # What takes nothing in stands beside what does.
            shape, item = list(example.output), f"{{add: [[{item}], []]}}"
        else:
            shape = list(example.inputs[0])
        node = load(f"input: {shape}\nlayers: [{item}]").nodes[0]
        assert (node.layer.kind, node.output) == (kind, example.output)


# --- values ------------------------------------------------------------------------------------------------


def test_arithmetic_stands_in_any_value(load: Load) -> None:
    network = load("""
        input: [3, $size, $size // 2]
        parameters: {size: 16, width: 4, wide: 1, word: stem, sizes: [3, 1]}
        layers:
          - {conv: $width * 4, kernel: $sizes, stride: 2 if $wide else 1, padding: [$width - 4, 1], name: $word}
          - {conv: $channels // 2, kernel: 1, repeat: $width - 2}
          - {max_pool: [$width // 2, 1], name: $width * 2}
    """)
    assert drawn(network) == [
        # ⌊(16 − 3)/2⌋ + 1 = 7 and ⌊(8 + 2 − 1)/2⌋ + 1 = 5
        "stem conv 16×7×5 < input",
        "conv2 conv 8×7×5 < stem",
        "conv3 conv 4×7×5 < conv2",
        "8 max_pool 4×3×5 < conv3",
    ]


def test_channels_features_and_tokens_are_those_that_reach_the_item(load: Load) -> None:
    network = load("""
        input: [6, 9, 5]
        layers:
          - {conv: $channels * 2, kernel: 1}
          - {conv: $channels * 2, kernel: 1}
          - {conv: $features, kernel: 1}
          - {conv: $tokens, kernel: 1}
          - {reshape: [$channels * $tokens, $features]}
          - {linear: $tokens}
    """)
    assert [node.output for node in network.nodes] == [
        (12, 9, 5),
        (24, 9, 5),
        (5, 9, 5),
        (9, 9, 5),
        (81, 5),
        (81, 81),
    ]


def test_a_vector_has_features_and_channels_but_no_tokens(load: Load) -> None:
    assert load(VECTOR + "layers: [{linear: $features + $channels}]").nodes[0].output == (20,)
    with pytest.raises(ArchcalcError, match=r"there is no \$tokens"):
        load(VECTOR + "layers: [{linear: $tokens}]")


def test_names_are_text_whatever_yaml_would_make_of_them(load: Load) -> None:
    network = load(
        MAP + "layers: [{relu: , name: 1_1}, {relu: , name: no}, {relu: , name: 010}, {relu: , name: true}]"
    )
    assert names(network) == ["1_1", "no", "010", "true"]


def test_a_parameter_may_use_those_before_it(load: Load) -> None:
    text = VECTOR + "parameters: {a: 3, b: $a * 2, c: $a + $b}\nlayers: [{linear: $c}]"
    assert load(text).nodes[0].output == (9,)
    with pytest.raises(ArchcalcError, match=r"there is no \$b"):
        load(VECTOR + "parameters: {a: $b, b: 2}\nlayers: [{linear: $a}]")


@pytest.mark.parametrize(
    ("given", "output"), [({}, 9), ({"a": 5}, 15), ({"a": "5"}, 15), ({"b": 1}, 4), ({"a": 1, "c": 8}, 8)]
)
def test_parameters_are_replaced_from_outside_before_others_use_them(
    load: Load, given: dict[str, object], output: int
) -> None:
    text = VECTOR + "parameters: {a: 3, b: $a * 2, c: $a + $b}\nlayers: [{linear: $c}]"
    assert load(text, parameters=given).nodes[0].output == (output,)


def test_parameters_from_outside_may_be_lists_and_truth_values(load: Load) -> None:
    text = MAP + "parameters: {k: 1, b: true}\nlayers: [{conv: 2, kernel: $k, bias: $b}]"
    network = load(text, parameters={"k": [3, 1], "b": False})
    assert network.nodes[0].output == (2, 6, 8)
    assert analysis.analyse(network).totals.biases == 0


def test_the_input_is_replaced_from_outside(load: Load) -> None:
    network = load(MAP + "layers: [{conv: $channels, kernel: 3}]", input=[5, 20, 10])
    assert network.input == (5, 20, 10)
    assert network.nodes[0].output == (5, 18, 8)


def test_the_title_and_what_is_said_about_a_network(load: Load) -> None:
    network = load(VECTOR + "name: My net\nsource: a paper\nyear: 2014\nlayers: [relu]")
    assert (network.name, network.title) == ("my", "My net")
    assert network.spec.about == {"source": "a paper", "year": "2014"}
    assert load(VECTOR + "layers: [relu]").title == "my"


def test_a_network_is_named_by_its_file_or_its_place_in_the_catalogue(load: Load, tmp_path: Path) -> None:
    load(VECTOR + "layers: [relu]")
    assert api.load(str(tmp_path / "my.yaml")).name == api.load(tmp_path / "my.yaml").name == "my"
    assert api.load("lenet5").name == "lenet5"
    for unknown in ("lenet", "my", "", "nothing", "."):
        with pytest.raises(ArchcalcError):
            api.load(unknown)


# --- strict ------------------------------------------------------------------------------------------------


def test_strict_refuses_what_does_not_fit(load: Load) -> None:
    """(7 − 3)/3 + 1 = 2.33 is 2 unless the spec is strict."""
    text = "input: [3, 7, 7]\nlayers: [{conv: 4, kernel: 3, stride: 3}]\n"
    assert load(text + "strict: false").nodes[0].output == (4, 2, 2)
    with pytest.raises(ArchcalcError, match="does not fit along the height"):
        load(text + "strict: true")
    assert load(text.replace("7, 7", "9, 9") + "strict: true").nodes[0].output == (4, 3, 3)


# --- groups and repeats ------------------------------------------------------------------------------------


def test_groups_are_scopes_for_names(load: Load) -> None:
    network = load(
        MAP
        + """
layers:
  - {layers: [relu, {layers: [relu], name: in}], name: g}
  - {layers: [relu, relu]}
  - {layers: [{layers: [relu]}]}
"""
    )
    assert names(network) == ["g.relu1", "g.in.relu1", "1.relu1", "1.relu2", "2.1.relu1"]
    assert network.groups == {"g.in": 1, "g": 1, "1": 3, "2.1": 4, "2": 4}


def test_unnamed_repeats_are_numbered_on(load: Load) -> None:
    network = load(
        MAP
        + """
layers:
  - relu
  - {relu: , repeat: 2}
  - {layers: [relu], repeat: 2}
  - {layers: [relu]}
  - relu
"""
    )
    assert names(network) == ["relu1", "relu2", "relu3", "1.relu1", "2.relu1", "3.relu1", "relu4"]


def test_named_repeats_are_numbered_under_their_name(load: Load) -> None:
    network = load(
        MAP
        + """
layers:
  - {relu: , repeat: 2, name: a}
  - {layers: [relu], repeat: 2, name: g}
  - {relu: , repeat: 1, name: once}
  - {add: [[relu], []], repeat: 2, name: j}
"""
    )
    assert names(network) == [
        *("a.1", "a.2", "g.1.relu1", "g.2.relu1", "once.1"),
        *("j.1.b1.relu1", "j.1", "j.2.b1.relu1", "j.2"),
    ]
    assert network.groups == {
        "a": 1,
        "g.1": 2,
        "g.2": 3,
        "g": 3,
        "once": 4,
        "j.1.b1": 5,
        "j.2.b1": 7,
        "j": 8,
    }


@pytest.mark.parametrize("count", ["0", "false", "$n", "$n > 0"])
def test_repeat_zero_leaves_an_item_out_with_its_name(load: Load, count: str) -> None:
    network = load(
        MAP + f"parameters: {{n: 0}}\nlayers: [relu, {{conv: 9, kernel: 99, repeat: {count}, name: x}}, "
        f"{{layers: [{{conv: 9, kernel: 99}}], repeat: {count}}}, {{relu: , name: x}}]"
    )
    assert names(network) == ["relu1", "x"]


def test_a_condition_may_repeat_once(load: Load) -> None:
    assert names(load(MAP + "parameters: {n: 2}\nlayers: [{relu: , repeat: $n > 1}]")) == ["relu1"]


def test_repeats_multiply(load: Load) -> None:
    network = load(MAP + "layers: [{layers: [{relu: , repeat: 3}, {layers: [relu], repeat: 2}], repeat: 4}]")
    assert len(network.nodes) == 4 * (3 + 2)


def test_each_repeat_sees_what_the_one_before_gives(load: Load) -> None:
    network = load(VECTOR + "layers: [{linear: $features * 2, repeat: 3}]")
    assert [node.output for node in network.nodes] == [(20,), (40,), (80,)]


# --- branches ----------------------------------------------------------------------------------------------


def test_concat_puts_branches_side_by_side(load: Load) -> None:
    network = load(
        MAP
        + """
layers:
  - concat:
      - [{conv: 2, kernel: 1}]
      - [{conv: 3, kernel: 1}, relu]
      - []
  - relu
"""
    )
    assert drawn(network) == [
        "b1.conv1 conv 2×8×8 < input",
        "b2.conv1 conv 3×8×8 < input",
        "b2.relu1 relu 3×8×8 < b2.conv1",
        "concat1 concat 8×8×8 < b1.conv1 b2.relu1 input",
        "relu1 relu 8×8×8 < concat1",
    ]


@pytest.mark.parametrize(("axis", "shape"), [(0, "6×8×8"), (1, "3×16×8"), (2, "3×8×16"), (-1, "3×8×16")])
def test_concat_takes_an_axis(load: Load, axis: int, shape: str) -> None:
    network = load(MAP + f"layers: [{{concat: [[relu], []], axis: {axis}}}]")
    assert joined(network.nodes[-1].output) == shape


def test_branches_by_name_stand_under_the_name_of_their_join(load: Load) -> None:
    network = load(
        MAP
        + """
layers:
  - concat: {1x1: [{conv: 2, kernel: 1}], pool: [{max_pool: 3, stride: 1, padding: 1}]}
    name: 3a
  - concat: {left: [relu], right: [{concat: {in: [relu], out: []}, name: deep}]}
"""
    )
    assert names(network) == [
        *("3a.1x1.conv1", "3a.pool.max_pool1", "3a"),
        *("left.relu1", "right.deep.in.relu1", "right.deep", "concat2"),
    ]
    assert network.groups["3a.pool"] == 1


def test_branches_of_unnamed_joins_are_numbered_on(load: Load) -> None:
    network = load(
        MAP + "layers: [{add: [[relu], [relu]]}, {mul: [[], [relu]]}, {add: [[relu], []], name: x}]"
    )
    assert names(network) == ["b1.relu1", "b2.relu1", "add1", "b4.relu1", "mul1", "x.b1.relu1", "x"]


def test_add_and_mul_repeat_sizes_of_one(load: Load) -> None:
    network = load(
        MAP
        + "layers: [{mul: [[], [global_avg_pool, {reshape: [3, 1, 1]}]]}, {add: [[], [{parameter: [3, 8, 1]}]]}]"
    )
    assert [joined(network.nodes[i].output) for i in (-3, -1)] == ["3×8×8", "3×8×8"]


def test_a_residual_block_ends_in_the_join(load: Load) -> None:
    network = load(MAP + "layers: [{conv: 3, kernel: 1}, {add: [[], [{from: input}]]}, relu]")
    assert drawn(network)[1:] == ["add1 add 3×8×8 < conv1 input", "relu1 relu 3×8×8 < add1"]


# --- from, as ----------------------------------------------------------------------------------------------


def test_from_goes_on_from_an_earlier_layer(load: Load) -> None:
    network = load(
        MAP
        + """
layers:
  - {relu: , name: a}
  - {layers: [{relu: , name: b}, {relu: , name: c}], name: g}
  - add:
      - [{from: a}, tanh]
      - [{from: g.b}, tanh]
      - [{from: g}, tanh]
      - [{from: input}, tanh]
  - {layers: [{from: a}, sigmoid, {add: [[], [{from: add1}]]}], name: h}
"""
    )
    assert drawn(network)[3:] == [
        "b1.tanh1 tanh 3×8×8 < a",
        "b2.tanh1 tanh 3×8×8 < g.b",
        "b3.tanh1 tanh 3×8×8 < g.c",
        "b4.tanh1 tanh 3×8×8 < input",
        "add1 add 3×8×8 < b1.tanh1 b2.tanh1 b3.tanh1 b4.tanh1",
        "h.sigmoid1 sigmoid 3×8×8 < a",
        "h.add1 add 3×8×8 < h.sigmoid1 add1",
    ]


def test_a_name_means_the_innermost_layer_that_has_it(load: Load) -> None:
    network = load(
        MAP
        + """
layers:
  - {relu: , name: a}
  - {layers: [{relu: , name: a}, relu, {add: [[], [{from: a}]]}], name: g}
  - add: [[], [{from: a}]]
"""
    )
    assert drawn(network)[-2:] == ["g.add1 add 3×8×8 < g.relu2 g.a", "add1 add 3×8×8 < g.add1 a"]


def test_a_label_may_be_bound_again(load: Load) -> None:
    network = load(
        MAP
        + """
layers:
  - {relu: , as: x}
  - {layers: [tanh, {add: [[], [{from: x}]], as: x}], repeat: 2}
  - {from: input, as: y}
  - add: [[{from: x}], [{from: y}]]
"""
    )
    assert drawn(network)[1:] == [
        "1.tanh1 tanh 3×8×8 < relu1",
        "1.add1 add 3×8×8 < 1.tanh1 relu1",
        "2.tanh1 tanh 3×8×8 < 1.add1",
        "2.add1 add 3×8×8 < 2.tanh1 1.add1",
        "add1 add 3×8×8 < 2.add1 input",
    ]


def test_a_repeated_item_gets_its_label_at_the_end(load: Load) -> None:
    network = load(MAP + "layers: [{relu: , repeat: 2, as: x}, tanh, {add: [[], [{from: x}]]}]")
    assert drawn(network)[-1] == "add1 add 3×8×8 < tanh1 relu2"


def test_a_name_in_from_may_be_computed(load: Load) -> None:
    network = load(
        MAP + "parameters: {n: 1}\nlayers: [{layers: [relu], repeat: 2}, {add: [[], [{from: $n * 1}]]}]"
    )
    assert drawn(network)[-1] == "add1 add 3×8×8 < 2.relu1 1.relu1"


# --- heads -------------------------------------------------------------------------------------------------

DETECTOR = (
    MAP
    + """
layers:
  - {conv: 4, kernel: 1, name: base}
  - {head: class, layers: [{conv: 2, kernel: 1}, softmax]}
  - {auxiliary: helper, layers: [flatten, {linear: 7}]}
  - {conv: 5, kernel: 1, name: last}
"""
)


def test_heads_leave_the_main_way_where_it_was(load: Load) -> None:
    network = load(DETECTOR)
    assert drawn(network) == [
        "base conv 4×8×8 < input",
        "class.conv1 conv 2×8×8 < base",
        "class.softmax1 softmax 2×8×8 < class.conv1",
        "helper.flatten1 flatten 256 < base",
        "helper.linear1 linear 7 < helper.flatten1",
        "last conv 5×8×8 < base",
    ]
    assert (network.output, network.heads, network.auxiliary_heads) == (5, {"class": 2}, {"helper": 4})
    assert [(node.head, node.auxiliary) for node in network.nodes] == [
        *((None, False), ("class", False), ("class", False)),
        *(("helper", True), ("helper", True), (None, False)),
    ]


def test_totals_have_heads_but_no_auxiliary_ones(load: Load) -> None:
    """base 4·(3 + 1) = 16, class 2·(4 + 1) = 10, helper 7·(256 + 1) = 1799, last 5·(4 + 1) = 25."""
    report = analysis.analyse(load(DETECTOR))
    assert report.totals.params == 16 + 10 + 25
    assert report.totals_with_auxiliary is not None
    assert report.totals_with_auxiliary.params == 16 + 10 + 25 + 1799


def test_a_network_may_end_in_heads_only(load: Load) -> None:
    network = load(MAP + "layers: [relu, {head: a, layers: [tanh]}, {head: b, layers: [tanh]}]")
    assert (network.output, network.heads) == (None, {"a": 1, "b": 2})


def test_the_main_way_still_ends_where_only_auxiliary_heads_read_its_end(load: Load) -> None:
    network = load(MAP + "layers: [relu, {auxiliary: a, layers: [tanh]}]")
    assert (network.output, network.auxiliary_heads) == (0, {"a": 1})


def test_a_head_may_start_anywhere_and_read_another(load: Load) -> None:
    network = load(
        MAP
        + """
layers:
  - {relu: , name: a}
  - tanh
  - {head: one, layers: [{from: a}, sigmoid]}
  - {head: two, layers: [{from: one.sigmoid1}, relu]}
"""
    )
    assert drawn(network)[2:] == ["one.sigmoid1 sigmoid 3×8×8 < a", "two.relu1 relu 3×8×8 < one.sigmoid1"]


# --- what is read ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layers", "unread"),
    [
        ("[relu, {from: input}, tanh]", "relu1"),
        ("[{layers: [relu, tanh, {from: relu1}]}, relu]", "1.tanh1"),
        ("[relu, {parameter: 3}]", "relu1"),
        ("[{add: [[relu, {from: input}], [tanh]]}]", "b1.relu1"),
        ("[relu, {head: h, layers: [tanh, {from: input}, relu]}]", "h.tanh1"),
        ("[relu, {auxiliary: h, layers: [tanh, {from: input}, relu]}]", "h.tanh1"),
    ],
)
def test_an_output_that_nobody_reads_is_an_error(load: Load, layers: str, unread: str) -> None:
    with pytest.raises(NetworkError, match=f"nothing reads the output of '{unread}'"):
        load(MAP + f"layers: {layers}")


def test_an_auxiliary_head_does_not_count_as_a_reader_of_the_main_way(load: Load) -> None:
    with pytest.raises(NetworkError, match="only an auxiliary head reads the output of 'relu1'"):
        load(MAP + "layers: [relu, {auxiliary: h, layers: [tanh]}, {from: input}, tanh]")
    assert load(MAP + "layers: [relu, {head: h, layers: [tanh]}, {from: input}, tanh]").heads == {"h": 1}


# --- shared weights and parameters --------------------------------------------------------------------------


def test_shared_weights_are_counted_once_their_work_every_time(load: Load) -> None:
    network = load(
        MAP
        + """
layers:
  - {conv: 3, kernel: 3, padding: 1, name: a}
  - {conv: 3, kernel: 3, padding: 2, dilation: 2, weights: a}
  - {max_pool: 2}
  - {conv: 3, kernel: 3, padding: same, weights: conv2, name: c}
"""
    )
    report = analysis.analyse(network)
    assert [(row.params, row.shared_with) for row in report.rows] == [
        (84, None),
        (0, "a"),
        (0, None),
        (0, "a"),
    ]
    assert report.totals.params == 3 * 3 * 3 * 3 + 3
    assert report.totals.macs == 81 * 64 + 81 * 64 + 81 * 16


@pytest.mark.parametrize(
    "item",
    [
        "{conv: 4, kernel: 3, padding: 1, weights: a}",
        "{conv: 3, kernel: 1, weights: a}",
        "{conv: 3, kernel: 3, bias: false, weights: a}",
        "{conv: 3, kernel: 3, groups: 3, weights: a}",
        "{conv_transpose: 3, kernel: 3, weights: a}",
        "{batch_norm: , weights: a}",
    ],
)
def test_weights_that_do_not_fit_are_refused(load: Load, item: str) -> None:
    with pytest.raises(NetworkError, match="cannot use the weights of a"):
        load(MAP + f"layers: [{{conv: 3, kernel: 3, padding: 1, name: a}}, {item}]")


def test_the_main_way_cannot_share_the_weights_of_an_auxiliary_head(load: Load) -> None:
    head = "{auxiliary: x, layers: [{conv: 3, kernel: 1, name: w}, {conv: 3, kernel: 1, weights: w}]}"
    assert load(MAP + f"layers: [relu, {head}]").nodes[2].shares == 1
    with pytest.raises(NetworkError, match="belongs to an auxiliary head"):
        load(MAP + f"layers: [{head}, {{conv: 3, kernel: 1, weights: x.w}}]")


def test_an_auxiliary_head_may_share_the_weights_of_the_main_way(load: Load) -> None:
    network = load(
        MAP
        + "layers: [{conv: 3, kernel: 1, name: w}, {auxiliary: x, layers: [{conv: 3, kernel: 1, weights: w}]}]"
    )
    report = analysis.analyse(network)
    assert report.totals_with_auxiliary is not None
    assert report.totals.params == report.totals_with_auxiliary.params == 12


def test_a_bare_parameter_is_counted_as_a_weight_or_a_bias(load: Load) -> None:
    network = load("""
        input: [4, 6]
        layers:
          - {concat: [[{parameter: [1, 6]}], []]}
          - {add: [[], [{parameter: [5, 6], role: bias, name: positions}]]}
    """)
    assert drawn(network) == [
        "b1.parameter1 parameter 1×6 < ",
        "concat1 concat 5×6 < b1.parameter1 input",
        "b4.positions parameter 5×6 < ",
        "add1 add 5×6 < concat1 b4.positions",
    ]
    totals = analysis.analyse(network).totals
    assert (totals.weights, totals.biases) == (6, 30)


def test_a_field_may_name_an_earlier_layer(load: Load) -> None:
    network = load("""
        input: [3, 9, 9]
        layers:
          - {max_pool: 2, name: pool}
          - {layers: [relu, {max_unpool: pool}]}
    """)
    assert drawn(network)[-1] == "1.max_unpool1 max_unpool 3×9×9 < 1.relu1 pool"


# --- names -------------------------------------------------------------------------------------------------


def test_an_unnamed_layer_is_its_kind_and_its_ordinal_in_its_scope(load: Load) -> None:
    """Named ones are counted too, so that conv2 is the second convolution."""
    network = load(MAP + "layers: [{relu: , name: first}, relu, tanh, relu, {layers: [relu, tanh]}, relu]")
    assert names(network) == ["first", "relu2", "tanh1", "relu3", "1.relu1", "1.tanh1", "relu4"]


@pytest.mark.parametrize(
    "layers",
    [
        "[{relu: , name: a}, {relu: , name: a}]",
        "[{relu: , name: relu2}, relu]",
        "[{relu: , name: '1'}, {layers: [relu]}]",
        "[{layers: [relu], name: a}, {relu: , name: a}]",
        "[{relu: , name: a}, {layers: [relu], name: a}]",
        "[{relu: , name: a}, {head: a, layers: [relu]}]",
        "[{relu: , repeat: 2, name: a}, {relu: , name: a}]",
        "[{add: [[relu], []], name: b1}, {add: [[relu], []]}, {relu: , name: b1}]",
        "[{add: {a: [relu], b: []}}, {add: {a: [relu], b: []}}]",
    ],
)
def test_a_name_that_is_taken_is_an_error(load: Load, layers: str) -> None:
    with pytest.raises(NetworkError, match="is taken at"):
        load(MAP + f"layers: {layers}")


@pytest.mark.parametrize("name", ["input", "total", "total_with_auxiliary", "error"])
@pytest.mark.parametrize(
    "item",
    [
        "{{relu: , name: {}}}",
        "{{relu: , as: {}}}",
        "{{head: {}, layers: [relu]}}",
        "{{add: {{{}: [], b: []}}}}",
    ],
)
def test_words_that_mean_something_else_are_no_names(load: Load, item: str, name: str) -> None:
    with pytest.raises(NetworkError, match=f"cannot be '{name}'"):
        load(MAP + f"layers: [relu, {item.format(name)}]")


@pytest.mark.parametrize("name", ["a b", "a.b", "é", "a/b", "'[red]'", "''", "'$'"])
def test_names_are_letters_digits_dashes(load: Load, name: str) -> None:
    with pytest.raises(ArchcalcError):
        load(MAP + f"layers: [{{relu: , name: {name}}}]")


def test_a_path_has_at_most_200_characters(load: Load) -> None:
    assert names(load(MAP + f"layers: [{{relu: , name: {'a' * 200}}}]")) == ["a" * 200]
    with pytest.raises(NetworkError, match="more than 200 characters"):
        load(MAP + f"layers: [{{relu: , name: {'a' * 201}}}]")
