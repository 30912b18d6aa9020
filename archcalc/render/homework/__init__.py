"""What grading looks like to people: keys, feedback, reports on classes and lectures."""

from __future__ import annotations
