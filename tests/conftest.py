"""What several tests share: specs written into a folder of their own and loaded from there."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from archcalc import api
from archcalc.network.network import Network


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Network]:
    """Load a spec from its text. `files` are written beside it first, by their relative path."""

    def loaded(text: str, files: dict[str, str] | None = None, **options: Any) -> Network:
        for name, content in {**(files or {}), "my.yaml": text}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(content), encoding="utf-8")
        return api.load(str(tmp_path / "my.yaml"), **options)

    return loaded


@pytest.fixture
def steady_collector() -> Iterator[None]:
    """Keep what earlier tests have left in memory out of the collector's rounds, whose time is not the test's."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
