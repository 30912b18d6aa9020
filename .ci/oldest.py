"""Print constraints that hold what archcalc needs at the lowest versions that pyproject.toml accepts.

    python .ci/oldest.py > CONSTRAINTS

Tools of development stay at the versions of constraints.txt. torch is left out of it: the lowest one would be another
witness, of gigabytes. `make test-oldest` calls this; nothing but the standard library is needed.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

ALSO = ("numpy",)
"""What is no dependency, but is read by the rules where it is there."""


def normal(name: str) -> str:
    """A name as pip compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def lowest(pyproject: str) -> dict[str, str]:
    """The lowest version of each package that users install, but torch, by its name.

    Raises ValueError for one without a lower bound.
    """
    table = tomllib.loads(pyproject)
    project = table["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["plot"]]
    asked += [line for line in table["dependency-groups"]["dev"] if line.startswith(ALSO)]
    found = {}
    for requirement in asked:
        bound = re.fullmatch(r"([\w.-]+)>=([\w.]+)(,.*)?", requirement)
        if bound is None:
            raise ValueError(f"pyproject.toml: {requirement} does not begin with a lower bound.")
        found[normal(bound[1])] = bound[2]
    return found


def oldest(pyproject: str, constraints: str) -> str:
    """The lock with what users install at its lowest version."""
    locked = {normal(name): version for name, version in re.findall(r"(?m)^([\w.-]+)==(\S+)", constraints)}
    versions = {**locked, **lowest(pyproject)}
    return "".join(f"{name}=={version}\n" for name, version in sorted(versions.items()))


if __name__ == "__main__":
    sys.stdout.write(
        oldest(*((ROOT / name).read_text("utf-8") for name in ("pyproject.toml", "constraints.txt")))
    )
