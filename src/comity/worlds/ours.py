"""Which files are a world's: a misspelt name must not pass for a file that is not there."""

from __future__ import annotations

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
    "policies/*.toml",
    "accords/*.accord.md",
    "accords/*.amendment.md",
    "accords/*.tests.toml",
    "instruments/*.toml",
    "items/*.toml",
)
BESIDE = ("README.md", "*.csv", "*.txt", "*.pdf", "*.html", "*.ics")  # for people and tools


def _fits(place: Path, pattern: str) -> bool:
    """Say whether a path has a pattern's folders, and a name that fits."""
    folder, _, name = pattern.rpartition("/")
    here = place.parent.as_posix()
    return here == (folder or ".") and fnmatchcase(place.name, name)


def unread(root: Path) -> Iterator[Path]:
    """Yield the files that nothing would read: a misspelt name must not pass for none."""
    for path in sorted(root.rglob("*")):
        place = path.relative_to(root)
        if path.is_dir() or any(part.startswith(".") for part in place.parts):
            continue  # an editor's own, and what a version control keeps
        read = any(_fits(place, one) for one in READ)
        if not read and not any(place.match(one) for one in BESIDE):
            yield path
