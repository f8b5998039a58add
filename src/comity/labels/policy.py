"""A party's own policy: which levels it has and which of them stand above which.

Levels form a partial order: a statutory regime beside the ladder is not a rung of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from comity.labels.label import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One level of a policy.

    Attributes:
        above: the levels that stand directly below it.
        marks: the marking, by language.
    """

    name: str
    above: tuple[str, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The levels of one party."""

    party: str
    rungs: Mapping[str, Rung]
    source: str = ""

    def knows(self, level: Level) -> bool:
        """Say whether the level is one of this policy's."""
        return level.party == self.party and level.name in self.rungs

    def dominates(self, upper: Level, lower: Level) -> bool:
        """Say whether ``upper`` is ``lower`` or stands above it in this policy.

        Levels that are not this policy's, or stand beside one another, do not dominate.
        """
        if not (self.knows(upper) and self.knows(lower)):
            return False
        waiting, seen = [upper.name], set[str]()
        while waiting:
            name = waiting.pop()
            if name == lower.name:
                return True
            if name not in seen:
                seen.add(name)
                waiting.extend(n for n in self.rungs[name].above if n in self.rungs)
        return False

    def mark(self, level: Level) -> str:
        """Return the level's marking in the first language that the policy gives, or nothing."""
        rung = self.rungs.get(level.name)
        return "" if rung is None else next(iter(rung.marks.values()), "")
