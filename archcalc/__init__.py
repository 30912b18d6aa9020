"""An architecture calculator: shapes, parameters, multiplications and memory of a network, working shown.

    >>> import archcalc
    >>> report = archcalc.analyse("vgg16")
    >>> report.totals.params
    138357544

Nothing is imported before it is used, and torch only by `check`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from archcalc.words.version import __version__

if TYPE_CHECKING:
    from archcalc.api import analyse, compare, explain, kinds, load, networks, spec_schema
    from archcalc.checks.checking import Check
    from archcalc.network.network import Network
    from archcalc.pytorch import check
    from archcalc.results.comparison import Comparison
    from archcalc.results.report import Report
    from archcalc.words.errors import ArchcalcError

__all__ = [
    "ArchcalcError",
    "Check",
    "Comparison",
    "Network",
    "Report",
    "__version__",
    "analyse",
    "check",
    "compare",
    "explain",
    "kinds",
    "load",
    "networks",
    "spec_schema",
]

_HOME = {
    "ArchcalcError": "words.errors",
    "Check": "checks.checking",
    "Comparison": "results.comparison",
    "Network": "network.network",
    "Report": "results.report",
    "check": "pytorch",
}
"""The module of each name that does not stand in `archcalc.api`."""


def __getattr__(name: str) -> Any:
    if name.startswith("_") or name not in __all__:
        raise AttributeError(f"module 'archcalc' has no attribute {name!r}")
    value = getattr(import_module(f"archcalc.{_HOME.get(name, 'api')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
