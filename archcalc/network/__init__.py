"""Spec to Network: names in scope, blocks and repeats expanded to a flat graph with shapes."""

from __future__ import annotations
