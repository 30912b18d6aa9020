"""Attention: parameters and multiplications against the papers' formulas, by hand and in a whole network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcalc import api
from archcalc.algebra.notation import derivation
from archcalc.layers.attention import Attention
from archcalc.layers.base import Shape
from archcalc.words.errors import LayerError


def attention(**fields: Any) -> Attention:
    return msgspec.convert(fields, Attention)


def params(layer: Attention, shape: Shape) -> int:
    layer.check((shape,), strict=False)
    x = layer.read((shape,))
    return int(layer.weights(x) + layer.biases(x))


def macs(layer: Attention, shape: Shape) -> int:
    layer.check((shape,), strict=False)
    x = layer.read((shape,))
    return int(layer.cost(x, layer.output(x)).macs)


def test_vit_b_16_has_the_attention_that_everybody_counts() -> None:
    # 4·(768·768 + 768) = 4·590,592
    assert params(attention(heads=12), (197, 768)) == 2_362_368


def test_heads_share_the_features_and_change_no_count() -> None:
    assert {
        (params(attention(heads=h), (10, 12)), macs(attention(heads=h), (10, 12))) for h in (1, 3, 12)
    } == {
        # 4·(12·12 + 12) = 624; 4·10·12·12 + 2·10·10·12 = 5760 + 2400
        (624, 8160)
    }


def test_without_biases_a_position_table_is_still_one() -> None:
    layer = attention(heads=4, bias=False, relative_position=(3, 5))
    x = layer.read(((15, 8),))
    # distances −2 … 2 and −4 … 4, for each head
    assert layer.biases(x) == 5 * 9 * 4
    assert layer.weights(x) == 4 * 8 * 8


def test_a_volume_of_tokens_has_a_table_along_three_axes() -> None:
    layer = attention(heads=2, bias=False, relative_position=(2, 3, 3))
    assert layer.biases(layer.read(((18, 8),))) == 3 * 5 * 5 * 2


SIDES = st.integers(1, 12)


@given(windows_down=SIDES, windows_across=SIDES, m=st.integers(1, 9), c=st.integers(1, 64))
def test_windows_cost_what_the_swin_paper_says(
    windows_down: int, windows_across: int, m: int, c: int
) -> None:
    # Liu et al. 2021, equations 1 and 2, for h×w patches of C channels in windows of M×M
    h, w = windows_down * m, windows_across * m
    grid = (windows_down * windows_across, m * m, c)
    assert macs(attention(heads=1), grid) == 4 * h * w * c * c + 2 * m * m * h * w * c
    assert macs(attention(heads=1), (h * w, c)) == 4 * h * w * c * c + 2 * (h * w) * (h * w) * c


def test_windows_may_stand_on_several_axes() -> None:
    layer = attention(heads=3, relative_position=(7, 7))
    assert macs(layer, (8, 8, 49, 96)) == macs(layer, (64, 49, 96)) == 145_108_992
    assert params(layer, (8, 8, 49, 96)) == params(layer, (49, 96))


def test_the_working_has_the_letters_of_the_papers() -> None:
    layer = attention(heads=3, relative_position=(7, 7))
    x = layer.read(((64, 49, 96),)).traced(layer.axis_names)
    assert derivation(layer.weights(x)) == "4·D·D = 4·96·96 = 36,864"
    assert derivation(layer.biases(x)) == ("4·D + (2·M − 1)·(2·M − 1)·h = 4·96 + (2·7 − 1)·(2·7 − 1)·3 = 891")
    assert derivation(layer.cost(x, layer.output(x)).macs) == (
        "n·(4·T·D·D + 2·T·T·D) = 64·(4·49·96·96 + 2·49·49·96) = 145,108,992"
    )


@pytest.mark.parametrize(
    ("fields", "shape", "message", "hint"),
    [
        (
            {"heads": 4},
            (768,),
            "attention works on tokens, [T, D], but a vector of 768 came in.",
            "A feature map becomes tokens with `- {flatten: 1}` and `- {permute: [1, 0]}`.",
        ),
        (
            {"heads": 10},
            (197, 768),
            "768 features cannot be split into 10 heads.",
            "Use a divisor of 768, such as 8.",
        ),
        (
            {"heads": 10**9},
            (197, 6),
            "6 features cannot be split into 1000000000 heads.",
            "Use a divisor of 6, such as 6.",
        ),
        (
            {"heads": 3, "relative_position": (7, 7)},
            (3136, 96),
            "a window of 7×7 has 49 tokens, but 3136 came in.",
            "Split the grid first: the second-to-last axis is the tokens of one window.",
        ),
    ],
)
def test_what_is_wrong_is_said(fields: dict[str, Any], shape: Shape, message: str, hint: str) -> None:
    with pytest.raises(LayerError) as caught:
        attention(**fields).check((shape,), strict=False)
    assert str(caught.value) == f"{message}\n  {hint}"


VIT_B_16 = """
name: ViT-B/16
source: Dosovitskiy et al. (2021), An Image is Worth 16x16 Words, Table 1
input: [3, 224, 224]
blocks:
  encoder:
    parameters: {heads, mlp, width: $features}
    layers:
      - layer_norm
      - attention: $heads
      - {add: [[], [{from: input}]], name: attended}
      - layer_norm
      - linear: $mlp
      - gelu
      - linear: $width
      - add: [[], [{from: attended}]]
layers:
  - {conv: 768, kernel: 16, stride: 16, name: patches}
  - {flatten: 1}
  - {permute: [1, 0]}
  - concat: [[{parameter: [1, 768], name: class_token}], []]
  - add: [[], [{parameter: [197, 768], name: position}]]
  - {encoder: [12, 3072], repeat: 12}
  - layer_norm
  - {slice: 0, stop: 1}
  - flatten
  - linear: 1000
"""


def test_a_vision_transformer_adds_up(tmp_path: Path) -> None:
    file = tmp_path / "vit.yaml"
    file.write_text(VIT_B_16, encoding="utf-8")
    totals = api.analyse(api.load(str(file))).totals
    # torchvision's documented vit_b_16 (num_params); 197·768·(4·768 + 2·3072)·12 of linear layers,
    # 2·197·197·768·12 of scores and sums, 196·768·768 of patches, 768·1000 of the classifier
    assert totals.params == 86_567_656
    assert totals.cost.macs == 16_732_127_232 + 715_327_488 + 115_605_504 + 768_000 == 17_563_828_224


def test_torchs_own_attention_has_as_many_parameters() -> None:
    nn = pytest.importorskip("torch.nn")
    own = nn.MultiheadAttention(768, 12, batch_first=True)
    assert sum(p.numel() for p in own.parameters()) == params(attention(heads=12), (197, 768))
    without = nn.MultiheadAttention(768, 12, bias=False, batch_first=True)
    assert sum(p.numel() for p in without.parameters()) == params(attention(heads=12, bias=False), (197, 768))
