"""A small world on disk to break: the skeleton, and one change of one of its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.errors import Finding, Unreadable
from comity.worlds import load_world, write_skeleton

HEAD = "world.toml"
ACCORD = "accords/small.accord.md"
TESTS = "accords/small.tests.toml"
NORTH = "policies/north.toml"
ACTS = "instruments/small.toml"
ITEMS = "items/items.toml"


def small(folder: Path) -> Path:
    """Write the world ``small`` into a folder and return its root."""
    return write_skeleton(folder, "small")


def change(root: Path, name: str, old: str, new: str) -> str:
    """Change one place of one file, and return its text; the place has to be there."""
    path = root / name
    text = path.read_text("utf-8")
    assert old in text, old
    text = text.replace(old, new, 1)
    _ = path.write_text(text, "utf-8", newline="\n")
    return text


def refused(root: Path) -> tuple[Finding, ...]:
    """Return the findings of a world that does not load."""
    with pytest.raises(Unreadable) as error:
        _ = load_world(root)
    assert all(f.where for f in error.value.findings), "a finding without its file"
    return error.value.findings


def said(findings: tuple[Finding, ...], root: Path) -> list[tuple[str, int, str]]:
    """Return (file below the root, line, code) of each finding, in order."""
    return sorted((str(Path(f.where).relative_to(root)), f.line, f.code) for f in findings)


def line_in(root: Path, name: str, needle: str, nth: int = 1) -> int:
    """Return the line of a file that has the needle."""
    lines = (root / name).read_text("utf-8").split("\n")
    return [n for n, line in enumerate(lines, start=1) if needle in line][nth - 1]
