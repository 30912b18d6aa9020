"""`archcalc schema`: the JSON Schemas of specs and of assignments."""

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
  archcalc schema --assignment --output assignment.schema.json

\b
Editors with a YAML language server check a spec whose first line is
  # yaml-language-server: $schema=spec.schema.json
"""
)
@click.option("--assignment", is_flag=True, help="That of assignments of homework instead.")
@options.to_file
def command(assignment: bool, path: str | None) -> None:
    """The JSON Schema (draft 2020-12) of the spec language, so that editors complete and check specs."""
    if assignment:
        from archcalc.grading.assignments.schema import assignment_schema

        content = assignment_schema()
    else:
        content = api.spec_schema()
    schema = msgspec.json.format(msgspec.json.encode(content), indent=2)
    write(f"{schema.decode()}\n", path)
