"""Auxiliary heads are left out of the totals, so nothing that stays may depend on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from archcalc import api
from archcalc.network.network import Network
from archcalc.words.errors import NetworkError

HEAD = "{auxiliary: early, layers: [{conv: 8, kernel: 1, name: x}, relu]}"


def load(folder: Path, *items: str) -> Network:
    path = folder / "spec.yaml"
    lines = ["input: [8, 16, 16]", "layers:", "  - {conv: 8, kernel: 1, name: a}", f"  - {HEAD}"]
    path.write_text("\n".join([*lines, *(f"  - {item}" for item in items)]), encoding="utf-8")
    return api.load(str(path))


@pytest.mark.parametrize(
    "items",
    [
        ["{concat: [[], [{from: early.x}]]}"],
        ["{mul: [[], [{from: early.x}, sigmoid]]}"],
        ["{head: boxes, layers: [{from: early.x}, {conv: 4, kernel: 1}]}", "tanh"],
    ],
)
def test_what_stays_may_not_read_them(items: list[str], tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match=r"reads 'early\.x', a layer of the auxiliary head 'early'"):
        load(tmp_path, *items)


def test_an_auxiliary_head_may_read_another(tmp_path: Path) -> None:
    network = load(
        tmp_path, "tanh", "{auxiliary: late, layers: [{from: early.x}, flatten, {linear: 10}]}", "relu"
    )
    late = next(node for node in network.nodes if node.name == "late.flatten1")
    assert [network.source(index) for index in late.inputs] == ["early.x"]


def test_shared_layers_stand_before_the_head(tmp_path: Path) -> None:
    network = load(tmp_path, "{concat: [[], [{from: a}]]}")
    assert [network.source(index) for index in network.nodes[-1].inputs] == ["a", "a"]
