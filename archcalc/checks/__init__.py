"""A network against its witnesses."""

from __future__ import annotations
