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
        at: an instant at which it is.
        real: asked of the plain tables themselves, it always is.
    """

    accord: str
    about: str
    at: Instant
    real: bool = True

    def __str__(self) -> str:
        """Return what it shows, in words."""
        return f"{self.accord}: {self.about}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The levels of a text between two parties, at an instant."""

    text: Accord
    pair: tuple[str, str]
    mine: Policy
    theirs: Policy
    at: Instant


def tables(world: World) -> Iterator[Table]:
    """Yield every table of a world: each text in each direction, and at each row's edge.

    Two pairs that mark by the same two policies have the same table.
    """
    asked: set[tuple[str, str, Accord]] = set()
    for pair in permutations(sorted(world.parties), 2):
        mine, theirs = (world.policy_of(party) for party in pair)
        if mine is None or theirs is None or not world.between(*pair):
            continue
        for text, at in _texts(world, pair):
            key = (mine.id, theirs.id, text)
            if key not in asked or _dated(text):
                asked.add(key)
                yield Table(text=text, pair=pair, mine=mine, theirs=theirs, at=at)


def _texts(world: World, pair: tuple[str, str]) -> Iterator[tuple[Accord, Instant]]:
    for start, _ in spans_of(world, pair):
        for accord in world.between(*pair):
            try:
                texts = world.clock(accord.id).versions(start, pair)
            except TooUncertain:
                continue  # nothing goes under it then
            yield from ((text, start) for text in texts)


def lowered(table: Table, world: World) -> Iterator[Lowered]:
    """Yield what a table lowers.

    Three things: the recipient's level asks for all that the sender's asks for, unless the
    row says *handle as*; what comes back comes back no lower; and a higher level leads to
    no lower one.
    """
    text, pair, at = table.text, table.pair, table.at
    there = _targets(world, text, pair, at)
    back = _targets(world, text, (pair[1], pair[0]), at)
    for about in (
        *_unprotected(table, there),
        *_back(table, there, back),
        *_out_of_order(table, there),
    ):
        yield Lowered(accord=text.id, about=about, at=at)


def round_about(world: World) -> Iterator[Lowered]:
    """Yield the levels that the tables of a world lead to a lower one of the same policy."""
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


def _unprotected(table: Table, there: Targets) -> Iterator[str]:
    for level, targets in there.items():
        as_said = any(
            row.from_ == level and row.relation is c.Relation.HANDLE_AS
            for row in table.text.all(c.Equivalence)
        )
        wanted = set(table.mine.rungs[level.name].handling)
        for to in targets:
            lost = wanted - set(table.theirs.rungs[to.name].handling)
            if lost and not as_said:
                yield f"`{to}` does not ask for {', '.join(sorted(lost))}, as `{level}` does"


def _back(table: Table, there: Targets, back: Targets) -> Iterator[str]:
    for level, targets in there.items():
        for to in targets:
            homes = back.get(to, ())
            if homes and not any(table.mine.dominates(home, level) for home in homes):
                said = " or ".join(f"`{home}`" for home in homes)
                yield f"`{level}` goes as `{to}` and comes back as {said}"


def _out_of_order(table: Table, there: Targets) -> Iterator[str]:
    for upper, lower in permutations(there, 2):
        if table.mine.dominates(upper, lower):
            for high, low in product(there[upper], there[lower]):
                if not table.theirs.dominates(high, low):
                    yield (
                        f"`{upper}` leads to `{high}`, and the lower `{lower}` to `{low}`,"
                        f" over which `{high}` does not stand"
                    )
