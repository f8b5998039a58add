"""What was given under an accord, as far as it is on record, and what has taken it over.

Releases that happened are instruments with the operation ``release``, recorded afterwards
by either side. Where none is on record between two parties, *whatever was given* stands for
all of it. A successor that adopts takes over what was given before it, between the parties
for whom it is in force.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import permutations

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.clock import Clock
from comity.accords.instruments import Instrument, Op, Operation, Stage
from comity.accords.links import History
from comity.accords.state import GONE, moment_span
from comity.accords.table import RELEASING, Status
from comity.accords.times import Instant, Span
from comity.release.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Giving:
    """One item, or whatever was given, that came from one party to another.

    Attributes:
        item: None for whatever was given.
        under: every accord by which it was given or adopted, the first one first.
        acts: each time it was given, as far as is known, with the recording instrument;
            none for whatever was given.
        received: each time it was received, likewise.
    """

    item: str | None
    giver: str
    holder: str
    under: tuple[str, ...]
    acts: tuple[tuple[Span, str], ...] = ()
    received: tuple[Span, ...] = ()

    @property
    def pair(self) -> tuple[str, str]:
        """Between whom it was given."""
        return (self.giver, self.holder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """From when on an accord is over between two: ended, or applied no longer.

    Attributes:
        earliest: under anyone's readings, however what is in doubt has turned out.
        latest: likewise; None while it may still stand.
    """

    earliest: Instant
    latest: Instant | None


def acts(world: World, accord: str, at: Instant) -> Iterator[tuple[Instrument, Operation]]:
    """Yield what may have been done under an accord by an instant."""
    for instrument in world.of(accord):
        if moment_span(instrument).start <= at:
            for operation in instrument.operations:
                yield instrument, operation


def giver_of(instrument: Instrument, operation: Operation) -> str | None:
    """Return who released an item by a recorded release; None where it does not say."""
    if operation.holder is not None:
        return operation.holder
    return next((party for party in instrument.by if party != operation.to), None)


def given(world: World, accord: Accord, at: Instant) -> tuple[Giving, ...]:
    """Return what was given under an accord, or adopted by it, by an instant.

    Of two that have no release on record: whatever was given, in each direction that the
    scope admits, if the accord ever stood between them.
    """
    return _given(world, accord, at, frozenset())


def _given(
    world: World, accord: Accord, at: Instant, seen: frozenset[str]
) -> tuple[Giving, ...]:
    found = {(*giving.pair, giving.item): giving for giving in _recorded(world, accord, at)}
    for giving in _taken_over(world, accord, at, seen):
        key = (*giving.pair, giving.item)
        own = found.get(key)
        found[key] = giving if own is None else _joined(giving, own)
    named = {(giver, holder) for giver, holder, _ in found}
    clock = world.clock(accord.id)
    for giver, holder in permutations(clock.members(at), 2):
        if (giver, holder) in named or not _admits(clock, at, giver, holder):
            continue
        if any(
            word in RELEASING for h in clock.histories(at, (giver, holder)) for _, word in h
        ):
            found[giver, holder, None] = Giving(
                item=None, giver=giver, holder=holder, under=(accord.id,)
            )
    return tuple(found.values())


def _joined(taken: Giving, own: Giving) -> Giving:
    """Return what was taken over and has been given again since."""
    return replace(
        taken, acts=(*taken.acts, *own.acts), received=(*taken.received, *own.received)
    )


def _recorded(world: World, accord: Accord, at: Instant) -> Iterator[Giving]:
    kept: dict[tuple[str, str, str], list[tuple[Span, Span, str]]] = {}
    members = set(world.clock(accord.id).members(at))
    for instrument, operation in world.acts(Op.RELEASE):
        giver = giver_of(instrument, operation)
        when = moment_span(instrument)
        if instrument.accord != accord.id or when.start > at or giver is None:
            continue
        if operation.item is None or operation.to is None:
            continue
        if not {giver, operation.to} <= members:
            continue  # an accord binds nobody who is no party to it (VCLT 34)
        received = instrument.span(Stage.RECEIVED, operation.to) or when
        key = (giver, operation.to, operation.item)
        kept.setdefault(key, []).append((when, received, instrument.id))
    for (giver, holder, item), times in kept.items():
        yield Giving(
            item=item,
            giver=giver,
            holder=holder,
            under=(accord.id,),
            acts=tuple(sorted(((w, name) for w, _, name in times), key=_by_start)),
            received=tuple(received for _, received, _ in times),
        )


def _by_start(one: tuple[Span, str]) -> tuple[Instant, Instant, str]:
    return one[0].start, one[0].before, one[1]


def _admits(clock: Clock, at: Instant, giver: str, holder: str) -> bool:
    """Say whether some version that holds between two lets anything go in this direction."""
    scopes = [v.one(c.Scope) for v in clock.versions(at, (giver, holder))]
    return any(
        scope is None
        or c.ANY in scope.directions
        or f"{giver} to {holder}" in scope.directions
        for scope in scopes
    )


def over(clock: Clock, at: Instant, pair: tuple[str, str]) -> Over | None:
    """Return from when on an accord is over between two; None while nobody reads it so.

    Over is what once stood and has ended, or is applied provisionally no longer; what
    another accord leaves unsettled may be over. What is suspended is not.
    """
    ends = [_over(history) for history in clock.histories(at, pair)]
    known = [end for end in ends if end is not None]
    if not known:
        return None
    return Over(earliest=min(known), latest=max(known) if len(known) == len(ends) else None)


def _over(history: History) -> Instant | None:
    stood = False
    since: Instant | None = None
    for moment, status in history:
        if status is Status.UNSETTLED:
            since = since or (moment if stood else None)
        elif status not in GONE:
            stood, since = True, None
        elif stood and since is None:
            since = moment
    return since


def adopted(
    world: World, giving: Giving, accord: str, at: Instant
) -> tuple[str, Span] | None:
    """Return the successor that has taken over what was given under an accord, and when.

    Only one that is certain: it came into force between the two by then, however what is
    in doubt has turned out, and the item was certainly given before.
    """
    for successor in world.lookup.adopting.get(accord, ()):
        begun = _begun(world.clock(successor.id), at, giving.pair)
        if begun is not None and all(when.last <= begun.last for when, _ in giving.acts):
            return successor.id, begun
    return None


def _begun(clock: Clock, at: Instant, pair: tuple[str, str]) -> Span | None:
    """Return when an accord came into force between two, if it certainly has."""
    if not set(pair) <= set(clock.members(at)):
        return None
    firsts = [
        next((moment for moment, status in history if status in RELEASING), None)
        for history in clock.histories(at, pair)
    ]
    known = [first for first in firsts if first is not None]
    if len(known) < len(firsts) or not known:
        return None
    return Span(min(known), Instant(max(known) + 1))


def _taken_over(
    world: World, accord: Accord, at: Instant, seen: frozenset[str]
) -> Iterator[Giving]:
    """Yield what was given under the accords that this one supersedes and adopts from."""
    for rule in accord.all(c.Supersedes):
        earlier = next((a for a in world.accords if a.id == rule.accord), None)
        if earlier is None or not rule.adopts or earlier.id in {*seen, accord.id}:
            continue
        for giving in _given(world, earlier, at, seen | {accord.id}):
            taken = adopted(world, giving, earlier.id, at)
            if taken is not None and taken[0] == accord.id:
                yield replace(giving, under=(*giving.under, accord.id))
