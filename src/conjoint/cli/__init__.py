"""The command line: arguments, progress and exit codes; no statistics."""

from __future__ import annotations

import sys
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """Run the command line; loading it takes a moment, in which it may be stopped, too."""
    try:
        from conjoint.cli.run import main as run
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. Nothing was written.\n")
        raise SystemExit(130) from None
    run()
