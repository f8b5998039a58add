"""Which files are a world's: a misspelt name must not pass for a file that is not there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from comity.worlds.talks import TALKS

FILES = (
    "world.toml",
    "groups.toml",
    "readings.toml",
    "holds.toml",
    "authorities.toml",
    *TALKS,
)


READ = (
    *FILES,
    "book.toml",  # of a book of agreements, beside what a decision looks at
    "policies/*.toml",
    "accords/*.accord.md",
    "accords/*.amendment.md",
    "accords/*.tests.toml",
    "instruments/*.toml",
    "items/*.toml",
)
BESIDE = ("README.md", "*.csv", "*.txt", "*.pdf", "*.html", "*.ics")  # for people and tools


def _by_folder() -> dict[str, tuple[str, ...]]:
    """Return the patterns of the files that are read, by their folder."""
    found: dict[str, tuple[str, ...]] = {}
    for pattern in READ:
        folder, _, name = pattern.rpartition("/")
        found[folder] = (*found.get(folder, ()), name)
    return found


_PATTERNS = _by_folder()


def unread(root: Path) -> Iterator[Path]:
    """Yield the files that nothing would read: a misspelt name must not pass for none."""
    for here, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        folder = Path(here).relative_to(root).as_posix().removeprefix(".")
        patterns = (*_PATTERNS.get(folder, ()), *BESIDE)
        for name in sorted(names):
            if name.startswith("."):
                continue  # an editor's own, and what a version control keeps
            if not any(fnmatchcase(name, pattern) for pattern in patterns):
                yield Path(here) / name
