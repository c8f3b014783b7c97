"""The command line: arguments, progress and exit codes; no statistics."""

from conjoint.cli.run import main

__all__ = ["main"]
