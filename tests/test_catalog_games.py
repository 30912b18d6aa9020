"""Games and history: AlphaGo, the first LeNet, the Neocognitron, FaceNet and MSDNet against their papers, by hand."""

from __future__ import annotations

import pytest

import archcalc
from archcalc.results.report import Report


def parameters(report: Report, path: str) -> int:
    """Those of a layer or of all layers of a block."""
    return sum(row.params for row in report.rows if row.name == path or row.name.startswith(f"{path}."))


# --- AlphaGo ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("filters", [128, 192, 256, 384])
def test_alphago_policy(filters: int) -> None:
    """5×5 on 48 planes, eleven 3×3, one 1×1 without a bias of its own, and a bias for each of 361 positions."""
    weights = 25 * 48 * filters + 11 * 9 * filters * filters + filters
    report = archcalc.analyse(archcalc.load("alphago-policy", parameters={"filters": filters}))
    assert report.totals.weights == weights
    assert report.totals.biases == 12 * filters + 361
    # Every weight is used at every position: no size changes.
    assert report.totals.macs == 361 * weights
    assert report.depth == 13
    assert report.rows[-1].output == (361,)


def test_alphago_policy_of_the_match() -> None:
    """192 filters: 230,400 + 3,649,536 + 192 weights and 2,304 + 361 biases."""
    totals = archcalc.analyse("alphago-policy").totals
    assert (totals.weights, totals.biases) == (3_880_128, 2_665)


def test_alphago_on_another_board_is_refused() -> None:
    """The biases belong to 19×19 positions: 13×13 needs others."""
    with pytest.raises(archcalc.ArchcalcError, match="13"):
        archcalc.load("alphago-policy", input=(48, 13, 13))


# --- LeNet, 1990 ------------------------------------------------------------------------------------------

H3 = [{1}, {1, 2}, {1, 2}, {2}, {1, 2}, {1, 2}, {3}, {3, 4}, {3, 4}, {4}, {3, 4}, {3, 4}]
"""Table 1: the maps of H2 that each of the twelve maps of H3 reads."""


def test_lenet_1990() -> None:
    """The paper's 2,578 independent parameters, layer by layer."""
    report = archcalc.analyse("lenet-1990")
    assert [parameters(report, path) for path in ("h1", "h2", "h3", "h4", "output")] == [
        4 * (25 + 1),
        4 * (1 + 1),
        25 * sum(map(len, H3)) + 12,
        12 * (1 + 1),
        10 * (192 + 1),
    ]
    assert report.totals.params == 2578


def test_lenet_1990_reads_the_maps_of_table_1() -> None:
    """Each convolution of H3, with the maps of H2 that its slices leave, in the order of its output."""
    network = archcalc.load("lenet-1990")
    convs = [node for node in network.nodes if node.name.startswith("h3.") and node.layer.kind == "conv"]
    reads = []
    for node in convs:
        first, count = 1, node.shapes[0][0]
        index = node.inputs[0]
        while network.nodes[index].layer.kind == "slice":
            # What a slice leaves begins so many maps into what reaches it.
            first += network.nodes[index].layer.start or 0  # type: ignore[attr-defined]
            index = network.nodes[index].inputs[0]
        assert network.nodes[index].name == "h2.tanh1"
        reads += [set(range(first, first + count))] * node.output[0]
    assert reads == H3


def test_lenet_1990_connections() -> None:
    """98,442 in the paper: our MACs, three more for each average of four, and a bias at each of 3,850 units."""
    report = archcalc.analyse("lenet-1990")
    maps = {"h1": 4 * 24 * 24, "h2": 4 * 12 * 12, "h3": 12 * 8 * 8, "h4": 12 * 4 * 4, "output": 10}
    assert sum(maps.values()) == 3_850
    assert sum(maps.values()) + 28 * 28 + 1 == 4_635  # the paper's units, with the one that biases come from
    assert report.totals.macs + 3 * (maps["h2"] + maps["h4"]) + 3_850 == 98_442


def test_lenet_1990_is_not_lenet5() -> None:
    """The comparison can fail."""
    assert archcalc.analyse("lenet5").totals.params != 2578


# --- Neocognitron -----------------------------------------------------------------------------------------


def test_neocognitron() -> None:
    """24 planes of 5×5 on one, then 5×5×24 on 24, twice; each S-plane learns one inhibition beside them."""
    report = archcalc.analyse("neocognitron")
    synapses = [25, 25 * 24, 25 * 24]
    assert [parameters(report, path) for path in ("s1", "s2", "s3")] == [24 * (n + 1) for n in synapses]
    outputs = {row.name: row.output for row in report.rows}
    assert outputs["c1.crop1"] == (24, 10, 10)
    assert outputs["c3"] == (24, 1, 1)
    # Five windows of 5×5 and one of 2×2, all with stride 1, see 1 + 5·4 + 1 positions: more than the 16 there are.
    field = report.rows[-1].receptive_field
    assert field is not None
    assert field.size == (22, 22)


def test_neocognitron_needs_its_input() -> None:
    """The comparison can fail: 9×9 is smaller than the 10×10 that c1 keeps."""
    with pytest.raises(archcalc.ArchcalcError):
        archcalc.load("neocognitron", input=(1, 9, 9))


# --- FaceNet ----------------------------------------------------------------------------------------------


def test_facenet_nn1() -> None:
    """Table 1's kernels give 140 million parameters, most of them in fc1, where maxout needs twice the units."""
    kernels = [
        (7, 3, 64),
        (1, 64, 64),
        (3, 64, 192),
        (1, 192, 192),
        (3, 192, 384),
        (1, 384, 384),
        (3, 384, 256),
        *2 * [(1, 256, 256), (3, 256, 256)],
    ]
    convs = sum((side * side * channels + 1) * filters for side, channels, filters in kernels)
    fc1, fc2, fc7128 = (7 * 7 * 256 + 1) * 2 * 32 * 128, (32 * 128 + 1) * 2 * 32 * 128, (32 * 128 + 1) * 128
    report = archcalc.analyse("facenet-nn1")
    assert [parameters(report, path) for path in ("fc1", "fc2", "fc7128")] == [fc1, fc2, fc7128]
    assert report.totals.params == convs + fc1 + fc2 + fc7128 == 140_025_664


def test_facenet_nn1_without_maxout_has_half_of_fc1() -> None:
    """The comparison can fail: with one unit for each output fc1 would have 51 million."""
    assert parameters(archcalc.analyse("facenet-nn1"), "fc1") != (7 * 7 * 256 + 1) * 32 * 128


# --- MSDNet -----------------------------------------------------------------------------------------------


def conv_bn(channels: int, filters: int, side: int) -> int:
    """Parameters of a convolution without biases and of its batch norm."""
    return side * side * channels * filters + 2 * filters


def bottleneck(channels: int, filters: int, width: int) -> int:
    inner = min(channels, width * filters)
    return conv_bn(channels, inner, 1) + conv_bn(inner, filters, 3)


def msdnet_by_hand(layers: int, drops: tuple[int, ...], exits: tuple[int, ...]) -> int:
    """The parameters of MSDNet with scales of 1, 2, 4 and 4 times 32 maps that grow by as many times 16.

    `drops` are the layers that give up the finest scale and halve the others, `exits` those with a classifier.
    """
    factor = (1, 2, 4, 4)
    maps, finest = 32, 0
    # The first convolution has biases beside its batch norm.
    total = conv_bn(3, 32, 7) + 32 + conv_bn(32, 64, 3) + conv_bn(64, 128, 3) + conv_bn(128, 128, 3)
    for number in range(1, layers + 1):
        dropped = number in drops
        finest += dropped
        for scale in range(finest, 4):
            growth = 16 * factor[scale]
            if scale == finest and not dropped:
                total += bottleneck(maps * factor[scale], growth, factor[scale])
            else:
                total += bottleneck(maps * factor[scale - 1], growth // 2, factor[scale - 1])
                total += bottleneck(maps * factor[scale], growth // 2, factor[scale])
        maps += 16
        if dropped:
            total += sum(
                conv_bn(maps * factor[scale], maps * factor[scale] // 2, 1) for scale in range(finest, 4)
            )
            maps //= 2
        if number in exits:
            total += 2 * conv_bn(4 * maps, 4 * maps, 3) + (4 * maps + 1) * 1000
    return total


def test_msdnet() -> None:
    """62.31 million, as the authors' counter says."""
    expected = msdnet_by_hand(35, (10, 19, 28), (7, 14, 21, 28, 35))
    report = archcalc.analyse("msdnet")
    assert report.totals.params == expected
    assert round(expected / 1e4) == 6231


@pytest.mark.parametrize(
    ("exit_layer", "millions"), [(7, 8.76), (14, 20.15), (21, 31.73), (28, 41.86), (35, 62.31)]
)
def test_msdnet_up_to_each_exit(exit_layer: int, millions: float) -> None:
    """The authors' counter at every exit (kalviny/MSDNet-PyTorch, issue 10), from our own rows up to it."""
    report = archcalc.analyse("msdnet")
    counted = parameters(report, "first") + sum(
        parameters(report, str(number)) for number in range(1, exit_layer + 1)
    )
    counted += sum(parameters(report, f"exit{k}") for k in range(1, 6) if 7 * k <= exit_layer)
    assert round(counted / 1e6, 2) == millions
    assert counted == msdnet_by_hand(exit_layer, (10, 19, 28), tuple(range(7, exit_layer + 1, 7)))


def test_msdnet_with_another_drop_is_another_network() -> None:
    """The comparison can fail."""
    assert msdnet_by_hand(35, (9, 19, 28), (7, 14, 21, 28, 35)) != archcalc.analyse("msdnet").totals.params


def test_msdnet_as_its_counter_counts() -> None:
    """3253.79M: inputs of ReLU, 9 for an output of the max pool, 4 for one of an average, and biases beside MACs."""
    report = archcalc.analyse("msdnet")
    rows = {
        kind: [row for row in report.rows if row.kind == kind] for kind in ("relu", "max_pool", "avg_pool")
    }
    sizes = {
        kind: sum(c * h * w for c, h, w in (row.output for row in found)) for kind, found in rows.items()
    }
    assert sizes == {"relu": 6_692_144, "max_pool": 32 * 56 * 56, "avg_pool": 3_328}
    operations = report.totals.macs + sizes["relu"] + 9 * sizes["max_pool"] + 4 * sizes["avg_pool"] + 5 * 1000
    assert round(operations / 1e4) == 325_379


def test_msdnet_first_block_is_what_its_exit_needs() -> None:
    """Of layers 5, 6 and 7 it leaves out s1; s1 and s2; s1, s2 and s3; the rest is msdnet's."""
    lazy, whole = archcalc.analyse("msdnet-first-block"), archcalc.analyse("msdnet")
    # Beside s4, which has a name, a layer adds to s3, s2 and s1: its blocks 1, 2 and 3.
    left_out = ["5.3", "6.2", "6.3", "7.1", "7.2", "7.3"]
    saved = sum(parameters(whole, path) for path in left_out)
    up_to_exit = ["first", *map(str, range(1, 8)), "exit1"]
    assert saved == 183_552
    assert lazy.totals.params == sum(parameters(whole, path) for path in up_to_exit) - saved
