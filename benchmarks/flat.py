"""A world as flat rows, for engines that have no clock, no table of levels and no clauses.

What the plain evaluator says of one accord between two parties at an instant is written
down for each stretch of time in which nothing changes, as what a row leaves out: a request
that needs nothing of it is let go, if those whom the row asks have consented. A text with
exceptions has several rows, and any of them will do. No engine tested here could make
these rows by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations, product

from comity.accords import Accord, Instant, Op
from comity.accords import clauses as c
from comity.accords.cuts import Stretches
from comity.accords.operations import day_after
from comity.accords.state import moment_span
from comity.accords.table import RELEASING
from comity.accords.times import FAR_FUTURE, FAR_PAST
from comity.labels import Level
from comity.release import Hold, World
from words import CATEGORIES, CHANNELS, KINDS, LEVELS, PURPOSES

TAGS = ("compartment/DELTA", "compartment/ECHO")
"""The tags that need a row; the others tell, and ask for consent by their caveat."""

_WORDS = [
    *(("category", word) for word in CATEGORIES),
    *(("kind", word) for word in KINDS),
    *(("channel", word) for word in CHANNELS),
    *(("purpose", word) for word in PURPOSES),
    *(("level", word) for word in LEVELS),
    *(("tag", word) for word in TAGS),
    ("others", ""),
]
BIT: Mapping[tuple[str, str], int] = {word: 1 << n for n, word in enumerate(_WORDS)}
"""What a request may need: categories in the first 64 bits, and the rest above them."""

CATEGORY_BITS = (1 << len(CATEGORIES)) - 1
OTHERS, CHANGED, ORCON, GATE = 1, 2, 4, 8
"""Who has to consent: originators outside the pair, of a changed purpose, of what bears
ORCON; and each originator, for a gate."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way of release: the needs and originators that it leaves out, and who is asked."""

    out: int = 0
    owners_out: int = 0
    asks: int = 0

    def with_(self, other: Way) -> Way:
        """Return what both ask together."""
        return Way(
            self.out | other.out, self.owners_out | other.owners_out, self.asks | other.asks
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One way under one accord from one party to another, in one stretch of time."""

    accord: str
    sender: str
    recipient: str
    since: Instant
    before: Instant
    way: Way


class Flat:
    """The rows of a world, accord by accord and pair by pair."""

    def __init__(self, world: World) -> None:
        """Number the parties; nothing else is done before somebody asks."""
        self.world = world
        self.places = {party: n for n, party in enumerate(sorted(world.parties))}
        self._everybody = (1 << len(self.places)) - 1
        self._stretches: dict[tuple[str, str | None], Stretches] = {}
        self._undated: dict[tuple[Accord, str, str], tuple[Way, ...]] = {}
        self._by: dict[str, list[Hold]] = {}
        for hold in world.holds:
            self._by.setdefault(hold.by, []).append(hold)
        self._legs: dict[tuple[str, str, str], tuple[Row, ...]] = {}

    def rows(self) -> Iterator[Row]:
        """Yield every row of the world."""
        for accord in self.world.accords:
            for sender, recipient in permutations(sorted(self.members(accord)), 2):
                yield from self.leg(accord, sender, recipient)

    def members(self, accord: Accord) -> set[str]:
        """Return whoever ever was a party."""
        return self.world.lookup.ever(accord)

    def owners(self, parties: Iterable[str]) -> int:
        """Return a bit for each of some parties."""
        return sum(1 << self.places[party] for party in dict.fromkeys(parties))

    def leg(self, accord: Accord, sender: str, recipient: str) -> tuple[Row, ...]:
        """Return the rows of an accord from one party to another, in order of time."""
        key = (accord.id, sender, recipient)
        if key not in self._legs:
            self._legs[key] = tuple(self._leg(accord, sender, recipient))
        return self._legs[key]

    def _leg(self, accord: Accord, sender: str, recipient: str) -> Iterator[Row]:
        cuts = self._cuts(accord, sender, recipient)
        running: dict[Way, Instant] = {}
        for since in (*cuts, FAR_FUTURE):
            ways = (
                self._ways(accord, sender, recipient, since) if since < FAR_FUTURE else ()
            )
            for way in [way for way in running if way not in ways]:
                begun = running.pop(way)
                yield Row(accord.id, sender, recipient, begun, since, way)
            for way in ways:
                running.setdefault(way, since)

    # -- when it may become another --------------------------------------------------

    def _cuts(self, accord: Accord, sender: str, recipient: str) -> list[Instant]:
        world, pair = self.world, frozenset((sender, recipient))
        found = {FAR_PAST}
        for party in pair:
            seen = self._seen(accord.id, party)
            found.update(seen.cuts or ())
            texts = {text for cut in seen.cuts or () for text in seen.texts(cut, pair)}
            for text in texts:
                found.update(self._dated(text, sender))
        for instrument in world.of(accord.id):
            for operation in instrument.operations:
                if operation.do in (Op.MEET, Op.UNMEET):
                    span = moment_span(instrument)
                    found.update((span.start, span.last))
                    if operation.until is not None:
                        found.add(day_after(accord, operation.until))
        for hold in self._holds(accord, sender, recipient):
            found.update((hold.since, hold.before or FAR_FUTURE))
        return sorted(cut for cut in found if cut < FAR_FUTURE)

    def _seen(self, accord: str, party: str) -> Stretches:
        clock = self.world.clock(accord)
        key = (accord, clock.side(party))
        if key not in self._stretches:
            found = Stretches.of(clock, key[1])
            if found.cuts is None:
                raise ValueError(f"{accord}: a time is known to more than a day")
            self._stretches[key] = found
        return self._stretches[key]

    def _dated(self, text: Accord, sender: str) -> Iterator[Instant]:
        rows: tuple[c.Row, ...] = (*text.all(c.Equivalence), *text.all(c.TagEquivalence))
        for row in rows:
            yield from (text.zone.start_of(day) for day in (row.since, row.before) if day)
        for tie in _sending(text, sender):
            yield from self._seen(tie.to, sender).cuts or ()

    # -- one stretch -------------------------------------------------------------------

    def _ways(
        self, accord: Accord, sender: str, recipient: str, at: Instant
    ) -> tuple[Way, ...]:
        """Return every way at an instant; none where it does not stand for both."""
        pair = frozenset((sender, recipient))
        sides = [self._seen(accord.id, party) for party in (sender, recipient)]
        if any(seen.status(at, pair) not in RELEASING for seen in sides):
            return ()
        texts = dict.fromkeys(text for seen in sides for text in seen.texts(at, pair))
        families = [self._of_text(text, sender, recipient, at) for text in texts]
        for hold in self._holds(accord, sender, recipient):
            if hold.stands(at):
                out = CATEGORY_BITS & ~_without("category", CATEGORIES, hold.categories)
                families.append((Way(out),))
        return _together(families)

    def _holds(self, accord: Accord, sender: str, recipient: str) -> Iterator[Hold]:
        for hold in self._by.get(sender, ()):
            if _in(recipient, hold.towards) and _in(accord.id, hold.accords):
                yield hold
        for hold in self._by.get(recipient, ()):
            if not hold.stops_accepting or sender == recipient:
                continue
            if _in(sender, hold.towards) and _in(accord.id, hold.accords):
                yield hold

    def _of_text(
        self, text: Accord, sender: str, recipient: str, at: Instant
    ) -> tuple[Way, ...]:
        for tie in _sending(text, sender):
            if self.world.clock(tie.to).whole(at, party=sender).status not in RELEASING:
                return ()
        key = (text, sender, recipient)
        if key not in self._undated:
            self._undated[key] = _together(
                (
                    self._scope(text, sender, recipient),
                    self._purpose(text, recipient),
                    (Way(_without("channel", CHANNELS, _allowed(text.one(c.Channel)))),),
                    self._third_party(text, recipient),
                )
            )
        gates = self._gates(text, sender, recipient, at)
        table = (self._table(text, sender, recipient, at),)
        return _together((self._undated[key], gates, table))

    def _scope(self, text: Accord, sender: str, recipient: str) -> tuple[Way, ...]:
        rule = text.one(c.Scope)
        if rule is None or not _in(f"{sender} to {recipient}", rule.directions):
            return ()
        kinds = Way(_without("kind", KINDS, rule.kinds))
        listed = Way(_without("category", CATEGORIES, rule.categories))
        ways = (listed, *self._permitted(text, c.Exempts.SCOPE, recipient))
        return _together((ways, (kinds,), *self._denied(text, c.Exempts.SCOPE, recipient)))

    def _purpose(self, text: Accord, recipient: str) -> tuple[Way, ...]:
        rule = text.one(c.Purpose)
        if rule is None:
            return ()
        asks = CHANGED if rule.as_given else 0
        listed = Way(_without("purpose", PURPOSES, rule.allowed), asks=asks)
        ways = (listed, *self._permitted(text, c.Exempts.PURPOSE, recipient))
        return _together((ways, *self._denied(text, c.Exempts.PURPOSE, recipient)))

    def _third_party(self, text: Accord, recipient: str) -> tuple[Way, ...]:
        rule = text.one(c.ThirdParty)
        ways = [
            way.with_(Way(asks=ORCON))
            for way in self._permitted(text, c.Exempts.THIRD_PARTY, recipient)
        ]
        if rule is not None and rule.consent is not c.Consent.NEVER:
            each = rule.consent is c.Consent.EACH_ORIGINATOR
            ways.append(Way(asks=OTHERS | ORCON if each else ORCON))
        nobody_else = Way(BIT["others", ""])
        denied = self._denied(text, c.Exempts.THIRD_PARTY, recipient)
        return (nobody_else, *_together((tuple(ways), *denied)))

    def _permitted(self, text: Accord, to: c.Exempts, recipient: str) -> Iterator[Way]:
        """Yield what an exception lets go besides: what lies in its lists as a whole."""
        for one in _exceptions(text, to, c.Answer.PERMIT, recipient):
            owners = self.owners(one.originators) if one.originators else self._everybody
            out = _without("category", CATEGORIES, one.categories or (c.ANY,))
            out |= _without("purpose", PURPOSES, one.purposes or (c.ANY,))
            yield Way(out, self._everybody & ~owners)

    def _denied(
        self, text: Accord, to: c.Exempts, recipient: str
    ) -> Iterator[tuple[Way, ...]]:
        """Yield the ways past an exception that refuses: nothing in one of its lists."""
        for one in _exceptions(text, to, c.Answer.DENY, recipient):
            ways: list[Way] = []
            if one.categories:
                ways.append(Way(_bits("category", one.categories)))
            if one.purposes:
                ways.append(Way(_bits("purpose", one.purposes)))
            if one.originators:
                ways.append(Way(owners_out=self.owners(one.originators)))
            yield tuple(ways)

    def _gates(
        self, text: Accord, sender: str, recipient: str, at: Instant
    ) -> tuple[Way, ...]:
        asks = 0
        for gate in text.all(c.Gate):
            sides = {
                c.Side.SENDER: (sender,),
                c.Side.RECIPIENT: (recipient,),
                c.Side.EACH: (sender, recipient),
            }[gate.who]
            if not all(self.world.met(text, gate, side, at) for side in sides):
                if not gate.or_consent:
                    return ()
                asks = GATE
        return (Way(asks=asks),)

    def _table(self, text: Accord, sender: str, recipient: str, at: Instant) -> Way:
        """Leave out the levels and tags of the sender that no row leads on at that instant."""
        mine = [row for row in text.all(c.Equivalence) if _stands(text, row, at)]
        out = 0
        for name in LEVELS:
            rows = [
                row
                for row in mine
                if row.from_ == Level(sender, name)
                and (
                    any(to.policy == recipient for to in row.to)
                    or (row.relation is c.Relation.NONE and not row.to)
                )
            ]
            targets = {to for row in rows for to in row.to if to.policy == recipient}
            none = any(row.relation is c.Relation.NONE for row in rows)
            chosen = all(row.choose is c.Choose.RECIPIENT for row in rows)
            several = len(targets) > 1 or len(rows) > 1
            if not rows or none or (several and not chosen):
                out |= BIT["level", name]
        led = {
            str(row.from_)
            for row in text.all(c.TagEquivalence)
            if _stands(text, row, at)
            and (row.drop or any(to.policy == recipient for to in row.to))
        }
        return Way(out | _bits("tag", [t for t in TAGS if f"{sender}:{t}" not in led]))


def _stands(text: Accord, row: c.Row, at: Instant) -> bool:
    since = FAR_PAST if row.since is None else text.zone.start_of(row.since)
    before = FAR_FUTURE if row.before is None else text.zone.start_of(row.before)
    return since <= at < before


def _sending(text: Accord, sender: str) -> Iterator[c.Tied]:
    for tie in text.all(c.Tied):
        if tie.how is c.Depends.SENDING and sender in tie.who:
            yield tie


def _exceptions(
    text: Accord, to: c.Exempts, answer: c.Answer, recipient: str
) -> Iterator[c.Exemption]:
    for one in text.all(c.Exemption):
        named = not one.recipients or recipient in one.recipients
        if (one.to, one.answer) == (to, answer) and named:
            yield one


def _together(families: Iterable[Sequence[Way]]) -> tuple[Way, ...]:
    """Return each way that takes one of every family, and no other that asks for more."""
    found: tuple[Way, ...] = (Way(),)
    for family in families:
        found = tuple(dict.fromkeys(a.with_(b) for a, b in product(found, family)))
    return found


def _allowed(rule: c.Channel | None) -> tuple[str, ...]:
    return CHANNELS if rule is None else rule.allowed


def _without(kind: str, known: Sequence[str], allowed: Sequence[str]) -> int:
    return _bits(kind, [word for word in known if not _in(word, allowed)])


def _bits(kind: str, words: Iterable[str]) -> int:
    found = 0
    for word in words:
        found |= BIT[kind, word]
    return found


def _in(word: str, words: Sequence[str]) -> bool:
    return word in words or c.ANY in words


__all__ = [
    "BIT",
    "CATEGORY_BITS",
    "CHANGED",
    "GATE",
    "ORCON",
    "OTHERS",
    "Flat",
    "Row",
    "Way",
]
