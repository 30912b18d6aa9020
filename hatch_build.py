"""What a build puts into the wheel beside the sources: the catalogue worked out once for all."""

from __future__ import annotations

import os
import sys
import tempfile
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class StoredResults(BuildHookInterface[Any]):
    """Writes what `archcalc.results.stored` reads, under the key of the sources that are built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files to a wheel; an editable install has a checkout that changes, and keeps its own."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        try:
            from archcalc.cli import summary
            from archcalc.render.documents import kept
            from archcalc.results import listing, stored
            from archcalc.spec import catalog

            numbers = stored.written(stored.key_of_now(), listing.computed())
            key = stored.key_of_now((*stored.ROOMS, *kept.ROOMS))
            pages = {
                f"summary-{name}": stored.written(key, summary.laid_out(name)) for name in catalog.names()
            }
        finally:
            sys.path.remove(self.root)
        self._folder = tempfile.TemporaryDirectory()
        for name, content in {listing.STORED: numbers, **pages}.items():
            path = os.path.join(self._folder.name, f"{name}.json")
            with open(path, "wb") as file:
                file.write(content)
            build_data["force_include"][path] = f"archcalc/stored/{name}.json"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove them from where they were made."""
        if version != "editable":
            self._folder.cleanup()
