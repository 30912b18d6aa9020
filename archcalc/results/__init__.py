"""Network to Report: what is counted about a network, how numbers are asked for, folded, compared and listed."""

from __future__ import annotations
