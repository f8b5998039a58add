"""An equivalence never lowers: every level of every table, on the way, back, and round.

Levels and stretches of time are few, so nothing is left to a solver: each case is asked of
`comity.release.handling`, as a decision asks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations, product

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.doubt import TooUncertain
from comity.accords.times import Instant
from comity.labels import Item, Label, Level, Policy
from comity.proof.spans import spans_of
from comity.release.handling import handling, reached
from comity.release.request import Request
from comity.release.world import World

Targets = Mapping[Level, tuple[Level, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """A level that a table leads to another that protects less.

    Attributes:
        about: what is lowered, and how, in words.
        at: the first instant at which it is.
    """

    accord: str
    about: str
    at: Instant
    real: bool = True

    def __str__(self) -> str:
        """Return what it shows, in words."""
        return f"{self.accord}: {self.about}"


def lowered(world: World) -> Iterator[Lowered | tuple[str, str, int]]:
    """Yield what a table lowers, and for each direction of each text how many cases were asked.

    Four things, at every instant: the recipient's level asks for all that the sender's asks
    for, unless the row says *handle as*; a higher level leads to no lower one; what comes
    back comes back no lower; and no way round leads lower in a level's own policy.
    """
    told: set[str] = set()
    asked: set[tuple[str, str, Accord]] = set()
    for pair in permutations(sorted(world.parties), 2):
        mine, theirs = (world.policy_of(party) for party in pair)
        accords = world.between(*pair)
        if mine is None or theirs is None or not accords:
            continue
        starts = spans_of(world, pair).starts
        for accord in accords:
            for start in starts:
                try:
                    texts = world.clock(accord.id).versions(start, pair)
                except TooUncertain:
                    continue
                for text in texts:
                    key = (mine.id, theirs.id, text)
                    if key in asked and not _dated(text):
                        continue
                    asked.add(key)
                    there = _targets(world, text, pair, start)
                    back = _targets(world, text, (pair[1], pair[0]), start)
                    yield (accord.id, " to ".join(pair), len(mine.rungs))
                    for about in _in(text, world, (mine, theirs), there, back):
                        if about not in told:
                            told.add(about)
                            yield Lowered(accord=accord.id, about=about, at=start)
    for policy in world.policies.values():
        for name in policy.rungs:
            level = Level(policy.id, name)
            for one in reached(level, world):
                if one.policy == policy.id and not policy.dominates(one, level):
                    about = f"`{level}` comes round as `{one}`, which stands below it"
                    yield Lowered(accord="all tables", about=about, at=Instant(0))


def _dated(text: Accord) -> bool:
    return any(row.since or row.before for row in text.all(c.Equivalence))


def _targets(world: World, text: Accord, pair: tuple[str, str], at: Instant) -> Targets:
    """Return to which of the recipient's levels each of the sender's leads."""
    policy = world.policy_of(pair[0])
    found: dict[Level, tuple[Level, ...]] = {}
    for name in () if policy is None else policy.rungs:
        level = Level(policy.id, name)  # type: ignore[union-attr]
        item = Item(
            id="(any item)",
            title="",
            originators=(),
            label=Label(level=level, categories=()),
            kind="",
            purpose="",
            channel="",
        )
        request = Request(item=item, sender=pair[0], recipient=pair[1], at=at)
        handled = handling(request, text, world)
        if not handled.failing:
            found[level] = handled.levels
    return found


def _in(
    text: Accord,
    world: World,
    policies: tuple[Policy, Policy],
    there: Targets,
    back: Targets,
) -> Iterator[str]:
    mine, theirs = policies
    for level, targets in there.items():
        as_said = any(
            row.from_ == level and row.relation is c.Relation.HANDLE_AS
            for row in text.all(c.Equivalence)
        )
        for to in targets:
            lost = set(mine.rungs[level.name].handling) - set(
                theirs.rungs[to.name].handling
            )
            if lost and not as_said:
                yield f"`{to}` does not ask for {', '.join(sorted(lost))}, as `{level}` does"
            homes = back.get(to, ())
            if homes and not any(mine.dominates(home, level) for home in homes):
                said = " or ".join(f"`{home}`" for home in homes)
                yield f"`{level}` goes as `{to}` and comes back as {said}"
    for upper, lower in permutations(there, 2):
        if mine.dominates(upper, lower):
            for high, low in product(there[upper], there[lower]):
                if not theirs.dominates(high, low):
                    yield (
                        f"`{upper}` leads to `{high}`, and the lower `{lower}` to `{low}`,"
                        f" over which `{high}` does not stand"
                    )
