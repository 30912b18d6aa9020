"""What is said of kinds: their documentation and the JSON Schema, read off the classes."""

from __future__ import annotations
