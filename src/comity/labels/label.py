"""Levels, labels and the items that bear them.

A level is always a level *of somebody's policy*: ``kr:II``. Two policies' levels compare
only through an accord's table of equivalence, never by their names. Instants here are
whole UTC seconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from comity.errors import InvalidInput

_ID = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Level:
    """A level of one policy."""

    policy: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Level:
        """Read ``policy:level``.

        Raises:
            InvalidInput: not of that form.
        """
        policy, colon, name = text.partition(":")
        if not colon or not _ID.fullmatch(policy) or not name.strip():
            raise InvalidInput(
                f"`{text}` is not a level", hint="write `policy:level`", code="bad-level"
            )
        return cls(policy, name)

    def __str__(self) -> str:
        """Return the level as written."""
        return f"{self.policy}:{self.name}"


@dataclass(frozen=True, slots=True)
class Mark:
    """One value of a tag set of one policy: ``us:dissemination/ORCON``."""

    policy: str
    tag_set: str
    value: str

    @classmethod
    def parse(cls, text: str) -> Mark:
        """Read ``policy:set/value``.

        Raises:
            InvalidInput: not of that form.
        """
        policy, colon, rest = text.partition(":")
        tag_set, slash, value = rest.partition("/")
        if not (colon and slash and _ID.fullmatch(policy) and tag_set and value.strip()):
            raise InvalidInput(
                f"`{text}` is not a tag", hint="write `policy:set/value`", code="bad-tag"
            )
        return cls(policy, tag_set, value)

    def __str__(self) -> str:
        """Return the tag as written."""
        return f"{self.policy}:{self.tag_set}/{self.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """The values of one tag set on a label (ADatP-4774 *Category*).

    A permissive set that is present and empty admits nobody; it is not one that is absent.
    """

    set_: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """The level that an originator lets a label have from an instant on (ADatP-4774).

    Attributes:
        at: from when; the latest where it is not certain.
        earliest: the earliest, where it is not certain; a level that raises counts from it.
    """

    at: int
    level: Level
    earliest: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What an item is marked by its originator.

    Attributes:
        level: of the originator's policy.
        categories: what it is about; an accord must cover every one.
        release_to: parties and groups to which the originator lets it go. None: to nobody
            but the originator, or to the audience of the level; an empty list: to nobody
            at all.
        display_to: parties and groups that may be shown it and may not keep it.
        tags: caveats and other values of the policy's tag sets, one entry a set.
        review: when the originator means to look at it again; a past one changes nothing.
        successor: the level from an instant on.
        compilation: why the whole is marked higher than its parts, in the originator's
            words.
    """

    level: Level
    categories: tuple[str, ...]
    release_to: tuple[str, ...] | None = None
    display_to: tuple[str, ...] = ()
    tags: tuple[Tagged, ...] = ()
    review: int | None = None
    successor: Successor | None = None
    compilation: str = ""

    def at(self, instant: int) -> Label:
        """Return the label as it stands at an instant: from its date the successor's."""
        if self.successor is None or instant < self.successor.at:
            return self
        return replace(self, level=self.successor.level, successor=None)

    def tagged(self, name: str) -> tuple[str, ...] | None:
        """Return the values of a tag set; None where the label has none of it."""
        found = [entry.values for entry in self.tags if entry.set_ == name]
        return None if not found else tuple(value for values in found for value in values)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Every tag of the label, in its order."""
        return tuple(
            Mark(self.level.policy, entry.set_, value)
            for entry in self.tags
            for value in entry.values
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A piece of information that may or may not cross.

    Attributes:
        originators: the parties it comes from; empty where nobody recorded it.
        kind: in what form it goes: ``document``, ``oral``, ``electronic`` …
        purpose: for which its originators gave it.
        channel: by which way it is meant to go.
        made: when it was made, in UTC seconds; a group then admits those who were members
            of it. None where nobody recorded it, and a group admits nobody.
        synthetic: made up for a demonstration.
        made_from: the items that it was made from, by id; their originators are its own too.
        where: the file that it was read from, with the ``line``; no part of what it is.
    """

    id: str
    title: str
    originators: tuple[str, ...]
    label: Label
    kind: str
    purpose: str
    channel: str
    made: int | None = None
    synthetic: bool = False
    made_from: tuple[str, ...] = ()
    where: str = field(default="", compare=False, repr=False)
    line: int = field(default=0, compare=False, repr=False)
