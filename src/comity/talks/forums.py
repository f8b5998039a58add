"""Forums and their members: who could be in the room, on that day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from comity.accords.times import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A membership, which is dated.

    Attributes:
        party: the party of the world that the member is, if any.
        since: None where it is older than the record.
        before: the first instant no longer a member; None for no end.
    """

    name: str
    party: str | None = None
    since: Instant | None = None
    before: Instant | None = None

    def stands(self, at: Instant) -> bool:
        """Say whether it is a member at an instant."""
        return (self.since is None or self.since <= at) and (
            self.before is None or at < self.before
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Forum:
    """A standing body in whose margins parties meet.

    Attributes:
        members: its own.
        includes: forums whose members are members as well, by id.
        since: before it the forum was not there, and nobody a member.
    """

    id: str
    name: str
    members: tuple[Member, ...]
    includes: tuple[str, ...] = ()
    since: Instant | None = None
    source: str = ""
    recalled: bool = False
    where: str = ""
    line: int = 0


def members(forum: Forum, forums: Iterable[Forum], at: Instant) -> tuple[Member, ...]:
    """Return the members of a forum at an instant, its own first, each name once."""
    if forum.since is not None and at < forum.since:
        return ()
    by_id = {one.id: one for one in forums}
    found = {
        member.name: member
        for one in _with_included(forum, by_id, set())
        for member in reversed(one.members)
        if member.stands(at)
    }
    order = [m.name for one in _with_included(forum, by_id, set()) for m in one.members]
    return tuple(found[name] for name in dict.fromkeys(order) if name in found)


def _with_included(
    forum: Forum, by_id: dict[str, Forum], seen: set[str]
) -> Iterator[Forum]:
    if forum.id not in seen:
        seen.add(forum.id)
        yield forum
        for name in forum.includes:
            if name in by_id:
                yield from _with_included(by_id[name], by_id, seen)
