"""Words in, words out: the command line. It has no rule of its own."""

from comity.cli.main import main

__all__ = ["main"]
