"""Where the catalogue's specs are: inside an installed package, or at the top of a checkout."""

from __future__ import annotations

import os.path

from archcalc.words.errors import CatalogError
from archcalc.words.files import PACKAGE

__all__ = ["specs_directory"]


def specs_directory() -> str:
    """The directory of the shipped specs: `archcalc/specs` where installed, `specs` in a checkout.

    A wheel carries the specs inside the package. In a checkout, and so in an editable install, they stand
    beside it.

    Raises CatalogError if the installation has lost its specs.
    """
    shipped = os.path.join(PACKAGE, "specs")
    if os.path.isdir(shipped):
        return shipped
    # Beside an installed package is site-packages, where `specs` may be a stranger's: only a checkout
    # has the project file there too.
    root = os.path.dirname(PACKAGE)
    beside = os.path.join(root, "specs")
    if os.path.isdir(beside) and os.path.isfile(os.path.join(root, "pyproject.toml")):
        return beside
    raise CatalogError(
        f"the specs of the catalogue are missing: there is no {shipped}.",
        hint="Install archcalc again: pip install --force-reinstall archcalc",
    )
