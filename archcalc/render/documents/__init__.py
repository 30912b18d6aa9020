"""What results look like to people, as documents of paragraphs and tables for any format to draw."""

from __future__ import annotations
