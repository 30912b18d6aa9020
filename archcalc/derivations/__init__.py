"""The working: the rules read on symbols, sums with their terms, receptive fields step by step."""

from __future__ import annotations
