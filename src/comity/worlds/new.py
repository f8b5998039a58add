"""Write a small world of one's own to start from."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from comity.accords.text import digest
from comity.errors import InvalidInput

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

_PLACES = {
    "world.toml": "world.toml",
    "north.toml": "policies/north.toml",
    "south.toml": "policies/south.toml",
    "accord.md": "accords/NAME.accord.md",
    "tests.toml": "accords/NAME.tests.toml",
    "instruments.toml": "instruments/NAME.toml",
    "items.toml": "items/items.toml",
}


def write_skeleton(parent: Path, name: str) -> Path:
    """Write the folder ``parent/name`` with a world that works as it stands.

    Raises:
        InvalidInput: the name cannot be an id, something stands there already, or the
            folder cannot be written.
    """
    if not _NAME.fullmatch(name) or len(name) > NAME_MAX:
        raise InvalidInput(
            f"`{name}` cannot be the id of an agreement",
            hint="use lower-case letters, digits and hyphens: `north-south`",
            code="bad-name",
        )
    root = parent / name
    if root.is_symlink() or root.exists():
        raise InvalidInput(
            f"`{root}` stands there already",
            hint="choose another name; nothing was written",
            code="exists",
        )
    source = files("comity.worlds.skeleton")
    written = {
        place: source.joinpath(stored).read_text(encoding="utf-8").replace("NAME", name)
        for stored, place in _PLACES.items()
    }
    accord = written["accords/NAME.accord.md"]
    written["accords/NAME.tests.toml"] = written["accords/NAME.tests.toml"].replace(
        "DIGEST", digest(accord.encode())
    )
    try:
        for place, text in written.items():
            path = root / place.replace("NAME", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            _ = path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise InvalidInput(
            f"`{root}` cannot be written: {(error.strerror or 'error').lower()}",
            hint="choose another folder with `--in`",
            code="cannot-write",
        ) from None
    return root


NAME_MAX = 60  # characters: an id stands in file names, logs and calendars
