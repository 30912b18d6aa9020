"""What is said and how: text made safe, markup, errors, the language of people. Knows no networks."""

from __future__ import annotations
