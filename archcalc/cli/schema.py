"""`archcalc schema`: the JSON Schema of the spec language."""

from __future__ import annotations

import click
import msgspec

from archcalc import api
from archcalc.cli import options
from archcalc.cli.output import write


@click.command(
    epilog="""\b
Examples:
  archcalc schema
  archcalc schema --output spec.schema.json

\b
Editors with a YAML language server check a spec whose first line is
  # yaml-language-server: $schema=spec.schema.json
"""
)
@options.to_file
def command(path: str | None) -> None:
    """The JSON Schema (draft 2020-12) of the spec language, so that editors complete and check specs."""
    schema = msgspec.json.format(msgspec.json.encode(api.spec_schema()), indent=2)
    write(f"{schema.decode()}\n", path)
