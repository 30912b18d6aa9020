"""Marks as other graders read them, a module a format, each with its documented fields and no others.

A score is a JSON number: whole, or rounded to four decimals. What is left for the teacher to decide is worth
nothing yet, and is said not to be decided where the format has a way to say so.
"""

from __future__ import annotations
