"""How documents and records are written: a module a format."""

from __future__ import annotations
