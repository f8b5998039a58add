"""Levels, labels and the items that bear them.

A level is always a level *of somebody's policy*: ``kr:II``. Two parties' levels compare
only through an accord's table of equivalence, never by their names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from comity.errors import InvalidInput

_PARTY = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Level:
    """A level of one party's policy."""

    party: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Level:
        """Read ``party:level``.

        Raises:
            InvalidInput: not of that form.
        """
        party, colon, name = text.partition(":")
        if not colon or not _PARTY.fullmatch(party) or not name.strip():
            raise InvalidInput(
                f"`{text}` is not a level", hint="write `party:level`", code="bad-level"
            )
        return cls(party, name)

    def __str__(self) -> str:
        """Return the level as written."""
        return f"{self.party}:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What an item is marked by its originator.

    Attributes:
        level: of the originator's policy.
        categories: what it is about; an accord must cover every one.
        release_to: to whom the originator lets it go. None: to nobody but the originator;
            an empty list: to nobody at all.
    """

    level: Level
    categories: tuple[str, ...]
    release_to: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A piece of information that may or may not cross.

    Attributes:
        originators: the parties it comes from; empty where nobody recorded it.
        kind: in what form it goes: ``document``, ``oral``, ``electronic`` …
        purpose: for which its originators gave it.
        channel: by which way it is meant to go.
        synthetic: made up for a demonstration.
        made_from: the items that it was made from, by id; their originators are its own too.
    """

    id: str
    title: str
    originators: tuple[str, ...]
    label: Label
    kind: str
    purpose: str
    channel: str
    synthetic: bool = False
    made_from: tuple[str, ...] = ()
