"""Everything between two parties, compiled: the instants between which nothing changes.

What an accord is in each stretch, which of its texts hold, which holds and consents stand:
found once, from the clock and the clauses, when somebody first asks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import NamedTuple

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.cuts import Stretches
from comity.accords.instruments import Instrument, Op
from comity.accords.operations import day_after
from comity.accords.state import moment_span
from comity.accords.table import RELEASING
from comity.accords.times import FAR_FUTURE, FAR_PAST, Instant
from comity.compiled.leave import Consented, leave
from comity.compiled.terms import Term, terms, together
from comity.compiled.told import KEPT_MAX, Kept, Told
from comity.compiled.words import Words, inside, outside, union
from comity.release.approval import ANSWERS, ConsentGiven, Refusal
from comity.release.handling import admitted
from comity.release.world import Hold, World


class Answer(NamedTuple):
    """May it go? The answer of `decide`, without the words.

    Attributes:
        accord: under which it may; None where it may not, or goes under an authority.
        authority: the written authority it goes under.
        before: until when this is so for certain, of what is on record now.
    """

    accord: str | None
    authority: str | None
    before: Instant

    @property
    def permitted(self) -> bool:
        """Whether it may go."""
        return self.accord is not None or self.authority is not None


class Way(NamedTuple):
    """One way under one accord, in one stretch of time.

    Attributes:
        forbids, asks, marked: as of its `Term`.
        accord: by id.
        leave: the consents between the two, by the place of their giver.
        plain: the accord, where only the plain evaluator can tell.
    """

    forbids: int
    asks: int
    marked: int
    accord: str
    leave: Mapping[int, tuple[Consented, ...]]
    plain: Accord | None = None


class Cell(NamedTuple):
    """What may go between two in one stretch of time, in the stated order of the accords.

    Attributes:
        before: the end of the stretch.
        clear: whether it is the same all through it; else only the plain evaluator can tell.
    """

    ways: tuple[Way, ...]
    before: Instant
    clear: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Among:
    """One accord, as its pairs need it.

    Attributes:
        approvals: the ids of every consent and request for one: what a *no* may answer.
    """

    accord: Accord
    approvals: frozenset[str]
    consents: dict[tuple[str | None, str | None], list[ConsentGiven]]
    refusals: dict[tuple[str | None, str | None], list[Refusal]]
    gates: tuple[Instant, ...]
    texts_vary: bool


@dataclass(slots=True, kw_only=True)
class Track:
    """One accord from one party to another: what it lets go, stretch by stretch.

    Attributes:
        seen: the accord under the view of each of the two.
        cuts: the far past first.
        ways: of each stretch; None until somebody asks.
        told: what has been said of it in words, once somebody has asked.
    """

    among: Among
    seen: tuple[Stretches, ...]
    cuts: list[Instant]
    ways: list[tuple[Way, ...] | None]
    told: Told | None = None


@dataclass(slots=True, kw_only=True)
class Pair:
    """From one party to another.

    Attributes:
        from_, to: their masks.
        theirs: the policy of the recipient, by id.
        tracks: one for each accord that ever joined them, in the stated order.
        holds: that stop anything between them.
        cuts: the far past first.
        cells: of each stretch; None until somebody asks.
        authorised: whether a written authority may count where no accord lets it go.
    """

    sender: str
    recipient: str
    from_: int
    to: int
    theirs: str | None
    tracks: tuple[Track, ...]
    holds: tuple[Hold, ...]
    cuts: list[Instant]
    cells: list[Cell | None]
    authorised: bool


@dataclass(slots=True)
class Pairs:
    """Compiles pairs of one world, and each stretch of a pair when it is asked for.

    Attributes:
        known: the pairs compiled so far, by sender and recipient.
        kept: how much has been kept of what was said in words.
        _left: of pairs that an act touched, what it left as it was.
    """

    world: World
    words: Words
    known: dict[tuple[str, str], Pair | None] = field(default_factory=dict)
    kept: Kept = field(default_factory=Kept)
    _among: dict[str, Among] = field(default_factory=dict)
    _stretches: dict[str, dict[str | None, Stretches]] = field(default_factory=dict)
    _left: dict[tuple[str, str], tuple[Track, ...]] = field(default_factory=dict)
    _terms: dict[tuple[Accord, str, str], tuple[Term, ...]] = field(default_factory=dict)
    _tables: dict[tuple[Accord, str, int], int] = field(default_factory=dict)

    def of(self, sender: str, recipient: str) -> Pair | None:
        """Return a pair; None of a party with itself, or with one that nobody knows."""
        key = (sender, recipient)
        if key not in self.known:
            places = self.words.party
            known = sender in places and recipient in places and sender != recipient
            self.known[key] = self._pair(sender, recipient) if known else None
        return self.known[key]

    def keep(self, older: Pairs, added: Sequence[Instrument]) -> None:
        """Take over from an older world what some more acts leave as it was."""
        links, world = self.world.links(), self.world
        hanging = set(links.hanging({act.accord for act in added}))
        noes = [op for act in added for op in act.operations if op.do in ANSWERS]
        if noes:  # a *no* may answer what was given or asked under any accord
            named = {name for op in noes for name in (op.consent, op.answers)}
            known = older._among.items()
            hanging |= {n for n, one in known if not one.approvals.isdisjoint(named)}
        stale = {
            pair
            for name in hanging
            if name in links.known
            for pair in permutations(sorted(world.lookup.ever(world.accord(name))), 2)
        }
        self.known, self._among = older.known.copy(), older._among.copy()
        self._stretches, self._left = older._stretches.copy(), older._left.copy()
        for name in hanging:
            self._among.pop(name, None)
            self._stretches.pop(name, None)
        for key in stale:
            pair = self.known.pop(key, None)
            tracks = self._left.get(key, ()) if pair is None else pair.tracks
            self._left[key] = tuple(t for t in tracks if t.among.accord.id not in hanging)
        self._terms, self._tables = older._terms, older._tables
        self.kept = older.kept

    def cell(self, pair: Pair, at: Instant) -> Cell:
        """Return what may go between a pair at an instant."""
        place = (bisect_right(pair.cuts, at) or 1) - 1
        return pair.cells[place] or self.made(pair, place)

    def made(self, pair: Pair, place: int) -> Cell:
        """Compile one stretch of a pair."""
        pair.cells[place] = cell = self._cell(pair, place)
        return cell

    def told(self, pair: Pair, track: Track) -> Told:
        """Return what has been said of an accord between a pair."""
        if self.kept.entries > KEPT_MAX:
            self.kept.entries = 0
            self.kept.shapes.clear()
            for one in self.known.values():
                for other in () if one is None else one.tracks:
                    other.told = None
        if track.told is None:
            two, among = (pair.sender, pair.recipient), track.among
            consents = (one.operation for one in among.consents.get(two, ()))
            refusals = (one.asked.operation for one in among.refusals.get(two, ()))
            ends = (
                end for h in pair.holds for end in (h.since, h.before) if end is not None
            )
            track.told = Told(
                self.world,
                among.accord,
                two,
                seen=track.seen,
                approvals=(*consents, *refusals),
                cuts=(*track.cuts, *ends),
                kept=self.kept,
            )
        return track.told

    # -- cuts ------------------------------------------------------------------------

    def _pair(self, sender: str, recipient: str) -> Pair:
        world, places = self.world, self.words.party
        left = {t.among.accord.id: t for t in self._left.pop((sender, recipient), ())}
        tracks = tuple(
            left.get(accord.id) or self._track(self._of(accord), sender, recipient)
            for accord in world.between(sender, recipient)
        )
        holds = world.holds_between(sender, recipient)
        ends = {end for h in holds for end in (h.since, h.before) if end is not None}
        cuts = sorted({FAR_PAST, *ends, *(cut for track in tracks for cut in track.cuts)})
        policy = world.policy_of(recipient)
        return Pair(
            sender=sender,
            recipient=recipient,
            from_=1 << places[sender],
            to=1 << places[recipient],
            theirs=None if policy is None else policy.id,
            tracks=tracks,
            holds=holds,
            cuts=cuts,
            cells=[None] * len(cuts),
            authorised=world.authorities_on
            and any(a.by == sender and recipient in a.to for a in world.authorities),
        )

    def _of(self, accord: Accord) -> Among:
        if accord.id not in self._among:
            world = self.world
            consents: dict[tuple[str | None, str | None], list[ConsentGiven]] = {}
            for consent in world.consents(accord.id):
                key = (consent.operation.holder, consent.operation.to)
                consents.setdefault(key, []).append(consent)
            refusals: dict[tuple[str | None, str | None], list[Refusal]] = {}
            for refusal in world.approvals(accord.id).refusals:
                asked = refusal.asked.operation
                refusals.setdefault((asked.holder, asked.to), []).append(refusal)
            ids = {request.id for request in world.approvals(accord.id).asked}
            ids.update(consent.id for consent in world.consents(accord.id))
            acts = [op.do for i in world.of(accord.id) for op in i.operations]
            self._among[accord.id] = Among(
                accord=accord,
                approvals=frozenset(ids),
                consents=consents,
                refusals=refusals,
                gates=tuple(self._gates(accord)),
                texts_vary=not _ANOTHER_TEXT.isdisjoint(acts),
            )
        return self._among[accord.id]

    def _gates(self, accord: Accord) -> Iterator[Instant]:
        for instrument in self.world.of(accord.id):
            for operation in instrument.operations:
                if operation.do in (Op.MEET, Op.UNMEET):
                    span = moment_span(instrument)
                    yield from (span.start, span.last)
                    if operation.until is not None:
                        yield day_after(accord, operation.until)

    def _track(self, among: Among, sender: str, recipient: str) -> Track:
        accord, pair = among.accord, frozenset((sender, recipient))
        seen = tuple(dict.fromkeys(self._seen(accord.id, p) for p in (sender, recipient)))
        found = {FAR_PAST, *among.gates, *(cut for side in seen for cut in side.cuts)}
        texts = {accord}
        if among.texts_vary:
            texts |= {
                t for side in seen for cut in side.cuts for t in side.texts(cut, pair)
            }
        for text in texts:
            days = (day for row in rows(text) for day in (row.since, row.before))
            found.update(text.zone.start_of(day) for day in days if day is not None)
            for tie in _sending(text, sender):
                if tie.to in self.world.links().known:
                    seen = (*seen, self._seen(tie.to, sender))
                    found.update(seen[-1].cuts)
        for consent in among.consents.get((sender, recipient), ()):
            found |= {consent.since, consent.before or FAR_FUTURE}
        for refusal in among.refusals.get((sender, recipient), ()):
            found.add(refusal.since)
        cuts = sorted(cut for cut in found if cut < FAR_FUTURE)
        return Track(among=among, seen=seen, cuts=cuts, ways=[None] * len(cuts))

    def _seen(self, accord: str, party: str) -> Stretches:
        clock = self.world.clock(accord)
        known, side = self._stretches.setdefault(accord, {}), clock.side(party)
        if side not in known:
            known[side] = Stretches.of(clock, side)
        return known[side]

    # -- one stretch -----------------------------------------------------------------

    def _cell(self, pair: Pair, place: int) -> Cell:
        at = pair.cuts[place]
        before = pair.cuts[place + 1] if place + 1 < len(pair.cuts) else FAR_FUTURE
        held = [hold for hold in pair.holds if hold.stands(at)]
        ways: list[Way] = []
        for track in pair.tracks:
            found = self._ways(track, pair, at)
            accord = track.among.accord.id
            stopped = union(self.categories(h) for h in held if _in(accord, h.accords))
            if stopped:
                found = tuple(way._replace(forbids=way.forbids | stopped) for way in found)
            ways += found
        return Cell(tuple(ways), before, all(way.plain is None for way in ways))

    def _ways(self, track: Track, pair: Pair, at: Instant) -> tuple[Way, ...]:
        place = max(bisect_right(track.cuts, at) - 1, 0)
        found = track.ways[place]
        if found is None:
            found = tuple(self._made(track, pair, track.cuts[place]))
            track.ways[place] = found
        return found

    def _made(self, track: Track, pair: Pair, at: Instant) -> Iterator[Way]:
        accord = track.among.accord
        if not all(seen.clear(at) for seen in track.seen):
            yield Way(0, 0, 0, accord.id, {}, accord)
            return
        found = self._terms_at(track, pair, at)
        leave = {}
        if any(term.asks | term.marked for term in found):
            leave = self.leave(track.among, pair, at)
        for term in found:
            yield Way(term.forbids, term.asks, term.marked, accord.id, leave)

    def categories(self, hold: Hold) -> int:
        words = self.words.categories
        if c.ANY in hold.categories:
            return union(words.values())
        return inside(words, hold.categories)

    def leave(
        self, among: Among, pair: Pair, at: Instant
    ) -> dict[int, tuple[Consented, ...]]:
        key = (pair.sender, pair.recipient)
        consents = among.consents.get(key, ())
        refusals = among.refusals.get(key, ())
        return leave(consents, refusals, at, self.world, self.words)

    def _terms_at(self, track: Track, pair: Pair, at: Instant) -> tuple[Term, ...]:
        """Return the ways under every text that may hold, none where it does not stand."""
        texts = self.texts(track, pair, at)
        if not texts:
            return ()
        return together(self._of_text(text, pair, at) for text in texts)

    def texts(self, track: Track, pair: Pair, at: Instant) -> tuple[Accord, ...]:
        """Return the texts that may hold between a pair; none where it does not stand."""
        accord, both = track.among.accord, frozenset((pair.sender, pair.recipient))
        sides = [seen for seen in track.seen if seen.clock.accord.id == accord.id]
        if any(seen.status(at, both) not in RELEASING for seen in sides):
            return ()
        if not track.among.texts_vary:
            return (accord,)
        return tuple(dict.fromkeys(t for seen in sides for t in seen.texts(at, both)))

    def _of_text(self, text: Accord, pair: Pair, at: Instant) -> tuple[Term, ...]:
        asked = self.asked_by_gates(text, pair, at)
        if asked is None or not self.authorised(text, pair.sender, at):
            return ()
        key = (text, pair.sender, pair.recipient)
        if key not in self._terms:
            self._terms[key] = terms(text, self.words, pair.sender, pair.recipient)
        return together((self._terms[key], (Term(self.table(text, pair, at), asks=asked),)))

    def authorised(self, text: Accord, sender: str, at: Instant) -> bool:
        return all(
            tie.to in self.world.links().known
            and self.world.clock(tie.to).whole(at, party=sender).status in RELEASING
            for tie in _sending(text, sender)
        )

    def asked_by_gates(self, text: Accord, pair: Pair, at: Instant) -> int | None:
        """Return whose consent stands in for a gate; None where one bars the way."""
        asked = 0
        for gate in text.all(c.Gate):
            sides = {
                c.Side.SENDER: (pair.sender,),
                c.Side.RECIPIENT: (pair.recipient,),
                c.Side.EACH: (pair.sender, pair.recipient),
            }[gate.who]
            if not all(self.world.met(text, gate, side, at) for side in sides):
                if not gate.or_consent:
                    return None
                asked |= self.words.everybody << self.words.from_
        return asked

    def table(self, text: Accord, pair: Pair, at: Instant) -> int:
        """Return the levels and tags that no row of an instant leads on to the recipient."""
        zone = text.zone
        days = (day for row in rows(text) for day in (row.since, row.before) if day)
        past = sum(zone.start_of(day) <= at for day in set(days))
        key = (text, pair.recipient, past)
        if key not in self._tables:
            levels, tags = admitted(text, self.world, pair.recipient, at)
            words = self.words
            self._tables[key] = (
                outside(words.levels, levels) | outside(words.tags, tags) | words.other_tag
            )
        return self._tables[key]


def _sending(text: Accord, sender: str) -> Iterator[c.Tied]:
    for tie in text.all(c.Tied):
        if tie.how is c.Depends.SENDING and sender in tie.who:
            yield tie


def rows(text: Accord) -> Iterator[c.Equivalence | c.TagEquivalence]:
    """Yield every row of a text's tables."""
    yield from text.all(c.Equivalence)
    yield from text.all(c.TagEquivalence)


_ANOTHER_TEXT = frozenset({Op.AMEND, Op.RESERVE, Op.CONFIRM})


def _in(word: str, words: tuple[str, ...]) -> bool:
    return word in words or c.ANY in words
