"""Which duties stand, from when, until when, and which act has discharged them?

Nothing here is stored: duties are what an accord's clauses make of the acts on record. In
doubt a duty begins at the earliest instant at which it may have begun, falls due at the
earliest that can be meant, and protection ends at the latest. Only an act, an adoption by a
successor or its own time ends one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.times import FAR_FUTURE, Instant, Span
from comity.errors import NotKnown
from comity.release.arising import Event, events, since_end
from comity.release.discharge import discharged
from comity.release.given import Giving, Over, given
from comity.release.protection import Kept, counted, protection, resting
from comity.release.record import Record
from comity.release.world import World

SURVIVAL = "survival"
"""The id of the duty that the survival clause brings, or in its silence the law."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One duty of one party, as it stands at an instant.

    Attributes:
        id: of the ``[[duty]]``, or `SURVIVAL`.
        article: where it is written; empty where no rule is, and it is taken to be so.
        who: who bears it; ``towards``: to whom it is owed.
        arises: what it arises from.
        since: from when on it stands, at the earliest.
        before: what has to be done must be done before it; of one that lasts, the first
            instant at which it is over. None for no end.
        item: None for whatever was given.
        lasting: it is kept as long as it stands, and not done once.
        discharged: the instrument that discharged it; ``discharged_at`` is when.
        adopted: the accord that has taken the item over; the duty runs no longer.
        paused: the article by which it rests while the operation is suspended.
    """

    accord: str
    id: str
    article: str
    what: str
    who: str
    towards: tuple[str, ...]
    arises: c.Arises
    since: Instant
    before: Instant | None
    item: str | None = None
    lasting: bool = False
    discharged: str | None = None
    discharged_at: Instant | None = None
    adopted: str | None = None
    paused: str = ""

    @property
    def stands(self) -> bool:
        """Whether it is still to be kept or done: neither discharged, adopted nor resting."""
        return self.discharged is None and self.adopted is None and not self.paused

    def overdue(self, at: Instant) -> bool:
        """Say whether what has to be done was not done in time."""
        late = not self.lasting and self.before is not None and self.before <= at
        return self.stands and late


def duties(
    world: World,
    at: Instant,
    *,
    accord: str | None = None,
    party: str | None = None,
    item: str | None = None,
) -> tuple[Due, ...]:
    """Return every duty that has arisen by an instant and is not over by its own time.

    Those overdue come first, then by when they fall due; then those that an act has
    discharged or a successor has taken over.

    Args:
        world: with the acts on record; those of later instants count for nothing yet.
        at: the instant asked about.
        accord: of this one only.
        party: borne by this one only.
        item: about this one only.

    Raises:
        NotKnown: an accord, party or item that the world does not have.
        InvalidInput: times so uncertain that the standing cannot be told.
    """
    accords = world.accords if accord is None else (world.accord(accord),)
    if party is not None:
        _ = world.party(party)
    if item is not None and item not in world.items:
        raise NotKnown(
            f"the world `{world.id}` has no item `{item}`",
            hint="`comity show WORLD` lists its items",
            code="no-item",
        )
    found = (
        due
        for one in accords
        for due in _all(Record(world=world, accord=one, at=at))
        if (party is None or due.who == party) and (item is None or due.item == item)
    )
    return tuple(sorted(_together(found), key=lambda due: _order(due, at)))


def beginning(world: World, accord: str, at: Instant) -> tuple[Due, ...]:
    """Return the duties that the end of an accord brings, as they stand at an instant.

    Empty as long as nobody reads the accord as ended; they begin with the earliest end
    under anyone's readings.

    Raises:
        NotKnown: the world has no such accord.
        InvalidInput: times so uncertain that the standing cannot be told.
    """
    found = duties(world, at, accord=accord)
    return tuple(due for due in found if due.arises is c.Arises.AFTER_END)


def _order(due: Due, at: Instant) -> tuple[object, ...]:
    return (
        not due.stands,
        not due.overdue(at),
        FAR_FUTURE if due.before is None else due.before,
        due.since,
        due.accord,
        due.article,
        due.id,
        due.item or "",
        due.who,
        due.towards,
    )


def _together(found: Iterable[Due]) -> Iterator[Due]:
    """Join those that differ only in to whom they are owed."""
    owed: dict[Due, set[str]] = {}
    for due in found:
        owed.setdefault(replace(due, towards=()), set()).update(due.towards)
    for due, towards in owed.items():
        yield replace(due, towards=tuple(sorted(towards)))


def _all(here: Record) -> Iterator[Due]:
    """Yield every duty that has arisen."""
    givings = given(here.world, here.accord, here.at)
    for giving in givings:
        end = here.over(giving.pair)
        if end is not None:
            for version in here.versions(giving.pair):
                yield from _surviving(here, version, giving, end)
    brought: dict[c.Duty, list[Event]] = {}
    for pair in here.pairs(givings):
        for version in here.versions(pair):
            for rule in version.all(c.Duty):
                if rule not in brought:
                    brought[rule] = list(events(here, rule, givings))
                own = [e for e in brought[rule] if {e.who, e.towards} == set(pair)]
                yield from _of(here, rule, version, own)


def _of(
    here: Record, rule: c.Duty, version: Accord, brought: Iterable[Event]
) -> Iterator[Due]:
    """Yield the duties that a rule makes of events: those still open, those discharged."""
    groups: dict[tuple[str, str, str | None], list[Event]] = {}
    for event in brought:
        key = (event.who, event.towards, event.giving.item)
        groups.setdefault(key, []).append(event)
    for group in groups.values():
        if rule.lasting:
            yield from _kept(here, rule, version, group)
            continue
        parts: dict[tuple[str, Instant] | None, list[Event]] = {}
        for event in group:
            parts.setdefault(discharged(here, rule, event), []).append(event)
        for act, part in parts.items():
            yield _due(here, rule, part, act)


def _due(
    here: Record, rule: c.Duty, part: list[Event], act: tuple[str, Instant] | None
) -> Due:
    """Return one duty: from the earliest event on, until the earliest deadline."""
    first = part[0]
    ends = [_deadline(here, rule, event.when.start) for event in part]
    taken = None
    if act is None and (
        rule.arises is c.Arises.AFTER_END or set(rule.discharge) & set(c.DISPOSAL)
    ):
        taken = here.taken(first.giving)
    return Due(
        accord=here.accord.id,
        id=rule.id,
        article=rule.cites,
        what=rule.what,
        who=first.who,
        towards=(first.towards,),
        arises=rule.arises,
        since=Instant(min(event.when.start for event in part)),
        before=min((end for end in ends if end is not None), default=None),
        item=first.giving.item,
        discharged=None if act is None else act[0],
        discharged_at=None if act is None else act[1],
        adopted=taken,
    )


def _deadline(here: Record, rule: c.Duty, since: Instant) -> Instant | None:
    """Return before when a duty that arose at an instant must be done; the earliest."""
    if rule.within is None:
        return None
    if isinstance(rule.within, c.Within):
        return since
    return min(counted(here.accord.zone, since, rule.within), default=None)


def _surviving(here: Record, version: Accord, giving: Giving, end: Over) -> Iterator[Due]:
    """Yield the duty that the survival clause brings to who holds what was given."""
    event = Event(
        giving=giving,
        who=giving.holder,
        towards=giving.giver,
        when=Span.at(since_end(giving, end)),
    )
    kept = protection(here, version, giving)
    found = _lasting(here, version, kept, [event])
    if found is not None:
        yield found


def _kept(here: Record, rule: c.Duty, version: Accord, group: list[Event]) -> Iterator[Due]:
    """Yield a duty that is kept as long as what was given is protected."""
    kept = protection(here, version, group[0].giving)
    found = _lasting(here, version, kept, group)
    if found is not None:
        yield replace(
            found, id=rule.id, article=rule.cites, what=rule.what, arises=rule.arises
        )


def _lasting(here: Record, version: Accord, kept: Kept, group: list[Event]) -> Due | None:
    """Return a duty that lasts as long as protection does; None where its time is over."""
    first = group[0]
    if kept.before is not None and kept.before <= here.at:
        return None
    return Due(
        accord=here.accord.id,
        id=SURVIVAL,
        article=kept.article,
        what=kept.says,
        who=first.who,
        towards=(first.towards,),
        arises=c.Arises.AFTER_END,
        since=Instant(min(event.when.start for event in group)),
        before=kept.before,
        item=first.giving.item,
        lasting=True,
        discharged=None if kept.ended_by is None else kept.ended_by[0],
        discharged_at=None if kept.ended_by is None else kept.ended_by[1],
        adopted=None if kept.ended_by else here.taken(first.giving),
        paused=resting(here, version, first.giving.pair),
    )
