"""Groups of parties with dated membership, such as a community or an alliance.

A name on a release list may be a group's. Membership changes: a new member does not see
what was released before it came, and one that left sees nothing more (ADatP-4774.1 §4:
context values are frozen at the date of the item).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """One party's membership in a group: half-open, in UTC seconds; None for no end.

    Attributes:
        removed: it ended because the others put the party out. What was addressed to it by
            name before then is not for it any more.
        last: the latest at which it may have been put out, where that is not certain.
    """

    party: str
    since: int
    before: int | None = None
    removed: bool = False
    last: int | None = None
    source: str = ""
    recalled: bool = False

    def stands(self, at: int) -> bool:
        """Say whether it stands at an instant."""
        return self.since <= at and (self.before is None or at < self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A named set of parties, each for its time.

    Attributes:
        accord: the accord for whose parties it stands; it lists no members then, and who
            is one at an instant is the clock's business (`comity.release.membership`).
        clients_of: the party whose clients these are (TLP 2.0), or empty.
    """

    id: str
    title: str
    members: tuple[Membership, ...] = ()
    clients_of: str = ""
    accord: str = ""

    def has(self, party: str, at: int) -> bool:
        """Say whether a party is a member at an instant."""
        return any(m.party == party and m.stands(at) for m in self.members)

    def put_out(self, party: str, at: int) -> int | None:
        """Return when a party was last put out, at the latest; None if never, or it is in again."""
        ends = [
            m.before if m.last is None else m.last
            for m in self.members
            if m.party == party and m.removed and m.before is not None and m.before <= at
        ]
        return None if self.has(party, at) else max(ends, default=None)

    def cuts(self, party: str) -> Iterator[int]:
        """Yield the instants at which a party's membership begins or ends."""
        for member in self.members:
            if member.party == party:
                yield member.since
                if member.before is not None:
                    yield member.before
