"""YAML to Spec: reader, items, parsing, expressions, imports, the catalogue."""

from __future__ import annotations
