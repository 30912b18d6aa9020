"""What tables say of a layer beside its kind; and the stride of a pool that was given none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import made

from archcalc import api
from archcalc.layers import KINDS, Layer
from archcalc.layers.base import Shapes
from archcalc.render.documents.labels import layer as label
from archcalc.results.quantities import measure

MAP = ((8, 12, 12),)

HEADLINES: list[tuple[str, dict[str, Any], Shapes, str]] = [
    ("conv", {"filters": 96, "kernel": 11, "stride": 4}, MAP, "11×11 /4"),
    ("conv", {"filters": 96, "kernel": 3}, ((8, 12),), "3"),
    ("conv", {"filters": 96, "kernel": 3}, ((8, 12, 12, 12),), "3×3×3"),
    ("conv", {"filters": 96, "kernel": (1, 7), "stride": (2, 2)}, MAP, "1×7 /2"),
    ("conv", {"filters": 96, "kernel": 3, "stride": (2, 1), "dilation": 2}, MAP, "3×3 /2×1 dilation 2"),
    ("conv", {"filters": 96, "kernel": 3, "groups": 4}, MAP, "3×3 groups 4"),
    ("conv", {"filters": 8, "kernel": 3, "groups": "depthwise"}, MAP, "3×3 groups depthwise"),
    ("conv", {"filters": 8, "kernel": 3, "stride": (1, 1), "dilation": (1, 1)}, MAP, "3×3"),
    ("conv_transpose", {"filters": 8, "kernel": 4, "stride": 2}, MAP, "4×4 /2"),
    ("max_pool", {"window": 2}, MAP, "2×2 /2"),
    ("max_pool", {"window": 3, "stride": 1, "dilation": 2}, MAP, "3×3 /1 dilation 2"),
    ("avg_pool", {"window": (3, 2)}, MAP, "3×2 /3×2"),
    ("max_unpool", {"indices": "pool1", "window": 2}, ((8, 6, 6), (8, 12, 12)), "2×2 /2"),
    ("adaptive_avg_pool", {"size": 6}, MAP, "6×6"),
    ("crop", {"size": (4, 5)}, MAP, "4×5"),
    ("upsample", {"factor": 2}, MAP, "×2"),
    ("upsample", {"factor": (1, 2)}, MAP, "×1×2"),
    ("upsample", {"size": 20}, MAP, "20×20"),
    ("pixel_shuffle", {"factor": 2}, MAP, "×2"),
    ("channel_shuffle", {"groups": 4}, MAP, "groups 4"),
    ("group_norm", {"groups": 4}, MAP, "groups 4"),
    ("lrn", {}, MAP, "5"),
    ("dropout", {"rate": 0.25}, MAP, "0.25"),
    ("attention", {"heads": 12}, ((197, 768),), "12 heads"),
]


@pytest.mark.parametrize(("name", "fields", "inputs", "headline"), HEADLINES)
def test_a_headline_has_what_tells_layers_apart(
    name: str, fields: dict[str, Any], inputs: Shapes, headline: str
) -> None:
    layer = made(name, fields)
    layer.check(inputs, strict=False)
    assert layer.headline(inputs) == headline


def test_every_kind_that_has_a_headline_is_tried() -> None:
    assert {name for name, cls in KINDS.items() if cls.headline is not Layer.headline} == {
        name for name, *_ in HEADLINES
    }


def test_a_pool_has_its_window_as_stride_wherever_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "tiny.yaml"
    path.write_text("input: [1, 6, 9]\nlayers:\n  - {max_pool: [2, 3], name: pool1}\n  - relu\n", "utf-8")
    report = api.analyse(str(path))
    pool = report.rows[0]

    assert pool.config["stride"] == (2, 3)
    assert measure("pool1.stride", lambda _: report) == (2, 3)
    assert label(pool) == "max_pool 2×3 /2×3"
    assert label(report.rows[1]) == "relu"


def test_a_stride_that_is_given_is_kept_and_one_that_is_not_makes_the_same_layer() -> None:
    pool = made("max_pool", {"window": 2})

    assert pool == made("max_pool", {"window": 2, "stride": 2})
    assert pool != made("max_pool", {"window": 2, "stride": 1})
    with pytest.raises(AttributeError):
        pool.stride = 3  # type: ignore[attr-defined]
