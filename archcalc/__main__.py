"""`python -m archcalc`: the command line without an installed script, from a bare checkout too."""

from __future__ import annotations

import sys

from archcalc.cli import main

if __name__ == "__main__":
    sys.exit(main())
