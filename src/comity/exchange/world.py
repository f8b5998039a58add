"""The world that a node decides in: that of its folder, and what came to the node since.

Its version is a row, read in the transaction of every release and bumped in that of
every instrument, hold and key list: no release rests on a world that has moved on.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace

from comity.accords.instruments import MOMENT, Instrument, Op, Stage
from comity.accords.times import Instant, Span
from comity.compiled import Index
from comity.release import World
from comity.store import Database, Row
from comity.wire.instrument import read_table
from comity.worlds import holds_in

_TIGHTENS = frozenset({Op.GIVE_NOTICE, Op.RESUME_NOTICE, Op.SUSPEND, Op.END_PROVISIONAL})
"""Acts after which nobody may release more than before."""


@dataclass(frozen=True, slots=True)
class Now:
    """A world at one version, with what answers quickly about it."""

    version: int
    world: World
    index: Index


class NodeWorld:
    """Keeps the world of a database at hand, and rebuilds what an act touched."""

    def __init__(self, base: World, database: Database, us: str) -> None:
        self.base = base
        self._database = database
        self._us = us
        self._now: Now | None = None
        self._last = 0
        found = database.one("world")
        digest = base_digest(base)
        if found is None or found["base"] != digest:
            with database.transaction():
                database.run("begin_world", (digest,))

    def now(self) -> Now:
        """Return the world as the database has it at this moment."""
        row = self._database.one("world")
        version = 0 if row is None else int(row["version"])
        if self._now is not None and self._now.version == version:
            return self._now
        if self._now is None:
            rows = self._database.all("instruments_after", (0,))
            first = [one for row in rows if (one := self.instrument(row)) is not None]
            world = self._with_holds(self.base).supposing(first)
            index = Index(world)
        else:
            rows = self._database.all("instruments_after", (self._last,))
            again = [one for row in rows if (one := self.instrument(row)) is not None]
            known = {one.id: one for one in self._now.world.instruments}
            again += [
                made
                for row in self._database.all("instruments_after", (0,))
                if row["n"] <= self._last
                and (made := self.instrument(row)) is not None
                and made != known.get(made.id)
            ]
            world = self._with_holds(self._now.world)
            index = (
                self._now.index.after(again)
                if world is self._now.world
                else Index(world.supposing(again))
            )
            world = index.world
        self._last = max([self._last, *(int(row["n"]) for row in rows)])
        self._now = Now(version, world, index)
        return self._now

    def forget(self) -> bool:
        """Let go of a world that the database does not have: it was undone. Say whether."""
        if self._now is None:
            return False
        if not self._database.broken:
            row = self._database.one("world")
            if row is not None and int(row["version"]) == self._now.version:
                return False
        self._now, self._last = None, 0
        return True

    def bump(self) -> None:
        """Say that the world has changed; in the transaction of what changed it."""
        self._database.run("bump_world")

    def read(self, accord: str, text: str) -> Instrument:
        """Return the instrument that a text spells, about an accord of this world.

        Raises:
            NotKnown: no such accord here.
            Unreadable: with every finding.
        """
        return read_table(text, self.base.accord(accord))

    def instrument(self, row: Row) -> Instrument | None:
        """Return a kept instrument, with the times at which its recipients logged it.

        When a record that others signed was received, they do not say: its recipients do.
        One of ours that counts on receipt, and whose receipt nobody has logged yet, counts
        at once if all it does is tighten, and otherwise not yet: then there is none.
        """
        made = self.read(row["accord"], row["text"])
        times = dict(made.times)
        if row["record"] is not None and self._us not in made.by:
            times = {key: at for key, at in times.items() if key[0] is not Stage.RECEIVED}
        logged = json.loads(row["received"])
        if not any(stage is Stage.RECEIVED for stage, _ in times):
            for party, at in logged.items():
                times[Stage.RECEIVED, party] = Span.at(Instant(at))
            pending = not logged and row["came"] == self._us and row["record"] is not None
            does = {operation.do for operation in made.operations}
            if pending and any(MOMENT[do] == (Stage.RECEIVED,) for do in does):
                if not does <= _TIGHTENS:
                    return None
                times[Stage.RECEIVED, ""] = Span.at(Instant(row["known"]))
        return replace(made, times=times, recorded=Instant(row["known"]))

    def _with_holds(self, world: World) -> World:
        """Add the holds that the node's own officers set; one that was ended has an end."""
        added = []
        for row in self._database.all("holds"):
            for hold in holds_in(row["text"], world.zone, "the hold"):
                before = hold.before
                if row["ended"] is not None:
                    ended = Instant(row["ended"])
                    before = ended if before is None else min(before, ended)
                if before is None or before > hold.since:
                    added.append(replace(hold, before=before))
        names = {hold.id for hold in added}
        holds = (*(h for h in self.base.holds if h.id not in names), *added)
        return world if holds == world.holds else replace(world, holds=holds)


def base_digest(world: World) -> str:
    """Return a digest of everything that a folder's world says, to notice another folder."""
    said = repr(
        (
            world.id,
            sorted(world.parties.items()),
            sorted(world.policies.items()),
            [(accord.digest, accord.amended_by) for accord in world.accords],
            world.instruments,
            world.readings,
            world.holds,
            world.authorities,
            world.authorities_on,
            sorted(world.groups.items()),
            sorted(world.items.items()),
        )
    )
    return hashlib.sha256(said.encode()).hexdigest()
