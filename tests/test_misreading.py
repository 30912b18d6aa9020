"""Networks read with something changed: the consequences are carried on, and what makes no sense is dropped."""

from __future__ import annotations

from pathlib import Path

import pytest

from archcalc import Network, api
from archcalc.grading.diagnosis.misreading import Misreader, pinned
from archcalc.grading.mistakes.rows import Misreading
from archcalc.grading.mistakes.table import in_rules
from archcalc.results.analysis import Analysis, analyse
from archcalc.results.counts import Convention
from archcalc.results.rereading import Rules, reread

ONE = Convention()


def misconception(code: str) -> Misreading:
    return next(one for one in in_rules() if one.code == code)


def reader(name: str) -> Misreader:
    return Misreader(api.load(name), ONE)


def written(tmp_path: Path, text: str) -> Network:
    path = tmp_path / "net.yaml"
    path.write_text(text, encoding="utf-8")
    return api.load(path)


def outputs(analysis: Analysis) -> dict[str, tuple[int, ...]]:
    return {row.name: row.output for row in analysis.rows}


def test_a_padding_forgotten_is_carried_on_to_the_last_layer() -> None:
    alexnet = reader("alexnet")
    found = alexnet.changed(misconception("padding-forgotten"), alexnet.index["conv2"], 100)
    assert found is not None
    sizes = outputs(found)
    assert sizes["conv2"] == (256, 23, 23)  # 27 − 5 + 1
    assert sizes["pool2"] == (256, 11, 11)  # (23 − 3)/2 + 1
    assert sizes["conv5"] == (256, 11, 11)  # 3×3 with padding 1
    assert sizes["pool5"] == (256, 5, 5)  # (11 − 3)/2 + 1
    fc6 = found.rows[alexnet.index["fc6"]]
    assert fc6.weights == 5 * 5 * 256 * 4096
    assert fc6.biases == 4096


def test_forgotten_everywhere_it_adds_up() -> None:
    alexnet = reader("alexnet")
    found = alexnet.everywhere(misconception("padding-forgotten"))
    assert found is not None
    sizes = outputs(found)
    assert sizes["conv2"] == (256, 23, 23)
    assert sizes["conv3"] == (384, 9, 9)  # 11 − 3 + 1
    assert sizes["conv4"] == (384, 7, 7)
    assert sizes["conv5"] == (256, 5, 5)
    assert sizes["pool5"] == (256, 2, 2)  # (5 − 3)/2 + 1


def test_layers_that_a_change_does_not_reach_are_as_they_were() -> None:
    alexnet = reader("alexnet")
    before = alexnet.right.rows[:]
    found = alexnet.changed(misconception("bias-forgotten"), alexnet.index["conv3"], 100)
    assert found is not None
    changed = [mine.name for mine, theirs in zip(found.rows, before, strict=True) if mine is not theirs]
    assert changed == ["conv3"]
    assert alexnet.right.rows == before
    assert found.report().totals.params == analyse(alexnet.network).totals.params - 384


def test_no_change_reads_the_network_as_it_is() -> None:
    network = api.load("googlenet")
    right = analyse(network)._replace(remarks=())
    assert Analysis(network).report() == right
    again = reread(Analysis(network), {})
    assert again is not None
    assert again.report() == right


def test_branches_that_no_longer_fit_are_dropped() -> None:
    """Without its padding the 3×3 puts out 26×26, which cannot be put beside the 28×28 of the 1×1."""
    module = reader("inception-reduced")
    index = module.index["module.3x3.conv"]
    assert module.changed(misconception("padding-forgotten"), index, index + 1) is not None
    assert module.changed(misconception("padding-forgotten"), index, len(module.network.nodes)) is None


def test_sizes_that_vanish_are_dropped(tmp_path: Path) -> None:
    network = written(tmp_path, "input: [1, 2, 2]\nlayers: [{conv: 1, kernel: 3, padding: 1, name: conv}]\n")
    tiny = Misreader(network, ONE)
    assert tiny.everywhere(misconception("padding-forgotten")) is None  # 2 − 3 + 1 = 0
    assert tiny.everywhere(misconception("padding-once")) is not None  # 2 + 1 − 3 + 1 = 1


def test_receptive_fields_follow() -> None:
    """Two 3×3 see 5; two pools of stride 2 between would make it grow by 2·4: with all strides 1 it is a sum."""
    vgg = reader("vgg16")
    right = vgg.report.rows[vgg.index["conv3_1"]].receptive_field
    found = vgg.everywhere(misconception("stride-ignored"))
    assert right is not None
    assert found is not None
    assert right.size == (24, 24)  # 1 + 2 + 2 + 1 + 2·(2 + 2) + 2·1 + 4·2
    field = found.rows[vgg.index["conv3_1"]].receptive_field
    assert field is not None
    assert field.size == (13, 13)  # 1 + 2 + 2 + 1 + 2 + 2 + 1 + 2


def test_a_change_may_put_another_rule_in_the_place_of_one() -> None:
    """What a kind says of its own mistakes: a pooling of 3×3 over 96 channels as if it were a convolution."""
    alexnet = reader("alexnet")
    index = alexnet.index["pool1"]
    own = [one for one in alexnet.misconceptions if one.code == "pooling-parameters"]
    weights = [alexnet.alone(one, index) for one in own]
    assert [(row.weights, row.biases) for row in weights if row is not None] == [
        (3 * 3 * 96 * 96, 96),
        (3 * 3 * 96 * 96, 0),
        (3 * 3 * 96, 0),
        (3 * 3, 0),
    ]
    assert alexnet.alone(own[0], alexnet.index["conv1"]) is None


def test_a_mistake_that_cannot_be_made_is_none() -> None:
    alexnet = reader("alexnet")
    for code, layer in (
        ("padding-forgotten", "conv1"),
        ("groups-ignored", "conv2"),
        ("bias-counted", "conv1"),
        ("dilation-ignored", "conv3"),
        ("kernel-once", "fc6"),
        ("one-forgotten", "relu1"),
    ):
        assert not alexnet.applies(misconception(code), alexnet.index[layer]), (code, layer)


def test_a_layer_that_nothing_is_said_about_is_read_as_it_stands() -> None:
    alexnet = reader("alexnet")

    def unchanged(rules: Rules) -> Rules:
        return rules

    found = reread(alexnet.right, {alexnet.index["conv1"]: unchanged})
    assert found is not None
    assert found.report() == alexnet.report


# ---- going on from somebody's own numbers


def test_going_on_from_an_output_of_ones_own() -> None:
    """conv1 taken to put out 54×54: pool1 ⌊(54 − 3)/2⌋ + 1 = 26; conv2 26; pool2 ⌊(26 − 3)/2⌋ + 1 = 12."""
    alexnet = reader("alexnet")
    for said in ({"conv1.output": (96, 54, 54)}, {"conv1.output.height": 54, "conv1.output.width": 54}):
        found = pinned(alexnet, said)
        assert found is not None
        sizes = outputs(found)
        assert (sizes["pool1"], sizes["conv2"], sizes["pool2"]) == (
            (96, 26, 26),
            (256, 26, 26),
            (256, 12, 12),
        )


def test_going_on_from_figures_of_ones_own() -> None:
    alexnet = reader("alexnet")
    right = alexnet.report.totals
    found = pinned(alexnet, {"fc8.params": 4_096_000, "conv1.macs": 5})
    assert found is not None
    totals = found.report().totals
    assert totals.params == right.params - 1000  # the biases of fc8 left out
    assert totals.macs == right.macs - 55 * 55 * 11 * 11 * 3 * 96 + 5


@pytest.mark.parametrize(
    "said",
    [
        {"nowhere.output": (1, 2, 3)},
        {"conv1.output": (96, 54)},
        {"conv1.output": "96x54x54"},
        {"total.params": 5},
        {"conv1.kernel": 3},
    ],
)
def test_what_cannot_be_gone_on_from_is_passed_over(said: dict[str, object]) -> None:
    alexnet = reader("alexnet")
    found = pinned(alexnet, said)  # type: ignore[arg-type]
    assert found is not None
    assert found.report().totals == alexnet.report.totals


def test_answers_that_make_no_sense_together_give_nothing() -> None:
    module = reader("inception-reduced")
    assert pinned(module, {"module.1x1.conv.output": (128, 27, 27)}) is None
