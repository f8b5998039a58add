"""A security policy: its levels, which of them stand above which, and its tag sets.

Levels form a partial order: a statutory regime beside the ladder is not a rung of it. The
notions are those of ISO/IEC 15816 and ADatP-4774: a classification, and categories that
are restrictive, permissive or informative.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from comity.labels.label import Label, Level, Mark


class TagType(StrEnum):
    """How the values of a tag set narrow who may have an item."""

    RESTRICTIVE = "restrictive"
    """A reader needs every value."""
    PERMISSIVE = "permissive"
    """A reader needs one of the values; none at all admits nobody."""
    INFORMATIVE = "informative"
    """It tells, and decides nothing."""


class Caveat(StrEnum):
    """What a tag asks of a release, whatever an accord permits."""

    ORCON = "orcon"
    """Nobody releases it onward without the originator's recorded consent."""
    NOFORN = "noforn"
    """Nobody but the originator."""
    EYES_ONLY = "eyes-only"
    """To those on the list, and no further, not even among them."""
    RELIDO = "relido"
    """To one that is not on the list with the originator's recorded consent."""
    DISPLAY_ONLY = "display-only"
    """To those on the display list in forms that leave nothing with them."""


class Audience(StrEnum):
    """To whom a level of itself releases, and how far on (TLP 2.0, FIRST 2022)."""

    NAMED = "named"
    """The recipients named, and nobody further."""
    ORGANISATION = "organisation"
    """The organisations named, and nobody further."""
    CLIENTS = "clients"
    """The organisations named, and their clients."""
    COMMUNITY = "community"
    """The members of the policy's community."""
    PUBLIC = "public"
    """Everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One level of a policy.

    Attributes:
        above: the levels that stand directly below it.
        marks: the marking, by language.
        handling: the minimum by which it is protected, as words that policies share.
        obsolete: from when, in UTC seconds, no new item bears it; old ones are read.
        audience: to whom it releases of itself; None: to nobody.
    """

    name: str
    above: tuple[str, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)
    handling: tuple[str, ...] = ()
    obsolete: int | None = None
    audience: Audience | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """One value of a tag set.

    Attributes:
        caveat: what it asks of a release.
        holders: the group whose members may have what bears it; empty: all, for a
            restrictive value, and nobody, for a permissive one.
        levels: the only levels that it may stand beside; None for all.
        not_with: values, as ``set/value``, beside which it may not stand.
        needs: values beside which alone it may stand.
        obsolete: from when no new item bears it.
    """

    name: str
    marks: Mapping[str, str] = field(default_factory=dict)
    caveat: Caveat | None = None
    holders: str = ""
    levels: tuple[str, ...] | None = None
    not_with: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    obsolete: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagSet:
    """A set of values of one type.

    Attributes:
        at_most: how many values a label may have of it; None for any number.
        required: whether every label has to have it.
    """

    name: str
    type_: TagType
    tags: Mapping[str, Tag]
    at_most: int | None = None
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Levels and tag sets, by one authority; a party marks by one policy.

    Attributes:
        community: the group meant by the audience ``community``.
    """

    id: str
    rungs: Mapping[str, Rung]
    tag_sets: Mapping[str, TagSet] = field(default_factory=dict)
    community: str = ""
    source: str = ""

    def knows(self, level: Level) -> bool:
        """Say whether the level is one of this policy's."""
        return level.policy == self.id and level.name in self.rungs

    def dominates(self, upper: Level, lower: Level) -> bool:
        """Say whether ``upper`` is ``lower`` or stands above it in this policy.

        Levels that are not this policy's, or stand beside one another, do not dominate.
        """
        if not (self.knows(upper) and self.knows(lower)):
            return False
        return lower.name in self.below(upper.name)

    def below(self, name: str) -> set[str]:
        """Return a level's name and every name below it, however far."""
        waiting, seen = [name], set[str]()
        while waiting:
            one = waiting.pop()
            if one not in seen and one in self.rungs:
                seen.add(one)
                waiting.extend(self.rungs[one].above)
        return seen

    def tag(self, mark: Mark) -> Tag | None:
        """Return a tag of this policy, or None."""
        known = self.tag_sets.get(mark.tag_set) if mark.policy == self.id else None
        return None if known is None else known.tags.get(mark.value)

    def caveats(self, label: Label) -> frozenset[Caveat]:
        """Return what the tags of a label ask of a release."""
        found = (self.tag(mark) for mark in label.marks)
        return frozenset(tag.caveat for tag in found if tag and tag.caveat)

    def audience(self, level: Level) -> Audience | None:
        """Return to whom a level of itself releases; None: to nobody."""
        return self.rungs[level.name].audience if self.knows(level) else None
