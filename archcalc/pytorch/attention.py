# ruff: noqa: D102 - the docstring of a module says what its forward gives
"""Attention, written out in matrix products so that every one of them is seen by who counts."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Attention(nn.Module):
    """Multi-head self-attention over the last two axes, tokens and features.

    Axes between the batch and the tokens are windows that do not see each other. `relative_position`, the
    size of a window of tokens along each of its axes, adds a learned number for each head and each distance
    between two tokens to the scores (Liu et al. 2021, Swin Transformer, section 3.2).
    """

    relative_position_index: Tensor

    def __init__(
        self,
        features: int,
        heads: int,
        *,
        bias: bool = True,
        relative_position: Sequence[int] | None = None,
    ) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(features, 3 * features, bias=bias)
        self.proj = nn.Linear(features, features, bias=bias)
        if relative_position is None:
            self.relative_position_bias_table = None
            return
        distances = math.prod(2 * size - 1 for size in relative_position)
        self.relative_position_bias_table = nn.Parameter(
            nn.init.trunc_normal_(torch.empty(distances, heads), std=0.02)
        )
        index = relative_positions(tuple(relative_position))
        self.register_buffer("relative_position_index", index, persistent=False)

    def extra_repr(self) -> str:
        return f"heads={self.heads}"

    def forward(self, x: Tensor) -> Tensor:
        *outer, tokens, features = x.shape
        split = self.qkv(x).reshape(*outer, tokens, 3, self.heads, features // self.heads)
        # [..., tokens, 3, heads, features of a head] → three times [..., heads, tokens, features of a head]
        q, k, v = split.movedim(-3, 0).transpose(-3, -2)
        scores = q @ k.transpose(-2, -1) / math.sqrt(features // self.heads)
        if self.relative_position_bias_table is not None:
            scores = scores + self.relative_position_bias_table[self.relative_position_index].permute(2, 0, 1)
        mixed = scores.softmax(-1) @ v
        result: Tensor = self.proj(mixed.transpose(-3, -2).reshape(*outer, tokens, features))
        return result


def relative_positions(window: tuple[int, ...]) -> Tensor:
    """For each pair of tokens of a window, the row of the table for the distance between them."""
    places = torch.stack(torch.meshgrid(*map(torch.arange, window), indexing="ij"), -1).flatten(0, -2)
    rows = torch.zeros(len(places), len(places), dtype=torch.long)
    for axis, size in enumerate(window):
        distances = places[:, None, axis] - places[None, :, axis]
        rows = rows * (2 * size - 1) + distances + size - 1
    return rows
