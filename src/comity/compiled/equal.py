"""Is the index what the plain evaluator means? Every clause, stretch and bit is compared.

What may go under a text is closed downwards: what may be about two matters may be about
one, and what may come from two parties may come from one. So a family of clauses is the same
on both sides if each largest request that the index lets pass passes plainly, and each that
has one thing more is answered alike. The families of the plain evaluator read different
parts of a request, `READS`; comparing each with its own part compares every combination.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, islice, product

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.doubt import TooUncertain
from comity.accords.table import RELEASING
from comity.accords.times import FAR_FUTURE, FAR_PAST, Instant
from comity.compiled.index import Index
from comity.compiled.leave import Consented
from comity.compiled.pair import Pair, Track, rows
from comity.compiled.terms import Term, families
from comity.compiled.words import union
from comity.labels import Caveat, Item, Label, Level, Tagged
from comity.release.consents import in_force
from comity.release.examine import said
from comity.release.marked import barred_by_label, label_at
from comity.release.request import Request

READS: Mapping[str, frozenset[str]] = {
    "scope": frozenset({"categories", "kind", "purpose", "originators"}),
    "purpose": frozenset({"categories", "purpose", "originators"}),
    "channel": frozenset({"channel"}),
    "third_party": frozenset({"categories", "purpose", "originators"}),
}
"""What each family of clauses looks at, beside the two parties, the instant and consents."""

ALONE: Mapping[str, frozenset[str]] = {
    "scope": frozenset({"categories", "kind"}),
    "purpose": frozenset({"purpose", "originators"}),
    "channel": frozenset({"channel"}),
    "third_party": frozenset({"originators"}),
}
"""The same where a text makes no exception to the family."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Differs:
    """What the index holds otherwise: a clause of an accord from one party to another."""

    what: str
    accord: str
    sender: str
    recipient: str
    at: Instant | None
    plainly: str
    compiled: str


@dataclass(slots=True, kw_only=True)
class Compared:
    """How much has been compared, and what differs.

    Attributes:
        pairs, texts, stretches, consents, labels: how many of each.
        answers: how many answers of the plain evaluator that took.
        blurred: the stretches in which the index itself asks the plain evaluator.
    """

    pairs: int = 0
    texts: int = 0
    stretches: int = 0
    consents: int = 0
    labels: int = 0
    answers: int = 0
    blurred: int = 0
    differs: list[Differs] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Asked:
    """The part of a request that families of clauses read."""

    categories: tuple[str, ...]
    originators: tuple[str, ...]
    kind: str
    purpose: str
    channel: str


class Comparing:
    """Compares an index with the plain evaluator, pair by pair and label by label."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.compared = Compared()
        self._texts: set[tuple[Accord, str, str]] = set()
        self._tables: set[tuple[Accord, str, int]] = set()
        self._leaves: set[tuple[object, ...]] = set()
        words, world = index.words, index.world
        self._words = {
            "categories": words.categories,
            "kind": words.kinds,
            "purpose": words.purposes,
            "channel": words.channels,
            "originators": {
                party: 1 << words.from_ + place for party, place in words.party.items()
            },
        }
        self._item = Item(
            id="a request of a proof",
            title="",
            originators=(),
            label=Label(
                level=next(iter(words.levels), Level("", "")), categories=(), release_to=()
            ),
            kind=next(iter(words.kinds), ""),
            purpose=next(iter(words.purposes), ""),
            channel=next(iter(words.channels), ""),
        )

        self._orcon = next(
            (
                Label(
                    level=Level(policy.id, next(iter(policy.rungs))),
                    categories=(),
                    release_to=(),
                    tags=(Tagged(set_=tag_set.name, values=(tag.name,)),),
                )
                for policy in world.policies.values()
                for tag_set in policy.tag_sets.values()
                for tag in tag_set.tags.values()
                if tag.caveat is Caveat.ORCON
            ),
            None,
        )

    @property
    def worth_it(self) -> bool:
        """Whether there is any request: a level, category, kind, purpose and channel."""
        return bool(self.index.words.levels) and all(self._words.values())

    def everything(self, items: Iterable[Item] = ()) -> Compared:
        """Compare every pair, and whom the labels of some items let have them.

        Without a level, category, kind, purpose and channel there is no request to compare.
        """
        if not self.worth_it:
            return self.compared
        parties = tuple(self.index.words.party)
        for sender in parties:
            for recipient in parties:
                self.pair(sender, recipient)
        for item in items:
            self.label(item)
        return self.compared

    def pair(self, sender: str, recipient: str) -> Compared:
        """Compare all that there is from one party to another."""
        pair = self.index.pair(sender, recipient)
        if pair is not None:
            self.compared.pairs += 1
            for track in pair.tracks:
                self._track(pair, track)
            self._held(pair)
        return self.compared

    def _same(
        self, what: str, accord: str, pair: Pair, at: Instant | None, *two: object
    ) -> None:
        self.compared.answers += 1
        plainly, compiled = two
        if plainly != compiled:
            self.compared.differs.append(
                Differs(
                    what=what,
                    accord=accord,
                    sender=pair.sender,
                    recipient=pair.recipient,
                    at=at,
                    plainly=str(plainly),
                    compiled=str(compiled),
                )
            )

    # -- time ------------------------------------------------------------------------

    def _track(self, pair: Pair, track: Track) -> None:
        """Compare what stands, with which text and gates, at both ends of every stretch."""
        accord, pairs = track.among.accord, self.index.pairs
        ends = [*track.cuts[1:], FAR_FUTURE]
        for since, before in zip(track.cuts, ends, strict=True):
            self.compared.stretches += 1
            if not all(seen.clear(since) for seen in track.seen):
                self.compared.blurred += 1
                continue
            mine = pairs.texts(track, pair, since)
            last = since if before >= FAR_FUTURE else Instant(before - 1)
            for at in dict.fromkeys((since, last)):
                self._same(
                    "texts", accord.id, pair, at, self._stands(accord, pair, at), set(mine)
                )
                for text in mine:
                    self._moment(text, pair, since, at)
            for text in mine:
                self._text(text, pair)
            if mine:
                self._consents(track, pair, since)

    def _stands(self, accord: Accord, pair: Pair, at: Instant) -> set[Accord]:
        """Return the texts under which something may go; none where it does not stand."""
        clock, two = self.index.world.clock(accord.id), (pair.sender, pair.recipient)
        try:
            texts = clock.versions(at, two)
        except TooUncertain:
            return set()
        sides = {clock.side(party): party for party in two}.values()
        if any(clock.between(at, two, party=p).status not in RELEASING for p in sides):
            return set()
        return set(texts)

    def _moment(self, text: Accord, pair: Pair, since: Instant, at: Instant) -> None:
        """Compare the gates, what authorises the sender, and the table of a text at an instant."""
        pairs, world = self.index.pairs, self.index.world
        asked = replace(self._request(pair, self._item), at=at)
        if text.all(c.Gate):
            shut = bool(said("gates", asked, text, world).failing)
            mine = pairs.asked_by_gates(text, pair, since)
            self._same("gates", text.id, pair, at, shut, mine != 0)
        if text.all(c.Tied):
            barred = bool(said("authorised", asked, text, world).failing)
            mine_too = not pairs.authorised(text, pair.sender, since)
            self._same("authorised", text.id, pair, at, barred, mine_too)
        table = pairs.table(text, pair, since)
        days = {day for row in rows(text) for day in (row.since, row.before) if day}
        edge = any(
            at in (text.zone.start_of(day) - 1, text.zone.start_of(day)) for day in days
        )
        key = (text, pair.recipient, table)
        if edge or key not in self._tables:
            self._tables.add(key)
            self._table(text, pair, at, table)

    def _table(self, text: Accord, pair: Pair, at: Instant, forbids: int) -> None:
        """Compare every level and tag that any row of the text is about, and one that none is."""
        words, world = self.index.words, self.index.world
        levels = {row.from_ for row in text.all(c.Equivalence)}
        common = text.all(c.CommonPolicy)
        levels |= {Level(rule.policy, name) for rule in common for name in rule.levels}
        other = next((level for level in words.levels if level not in levels), None)
        for level in (*levels, *(() if other is None else (other,))):
            if level in words.levels:
                label = replace(self._item.label, level=level)
                asked = replace(
                    self._request(pair, replace(self._item, label=label)), at=at
                )
                fails = bool(said("equivalence", asked, text, world).failing)
                self._same(
                    "level", text.id, pair, at, fails, bool(forbids & words.levels[level])
                )
        left = union(bit for level, bit in words.levels.items() if level not in levels)
        self._same("other levels", text.id, pair, at, left, forbids & left)
        marks = {row.from_ for row in text.all(c.TagEquivalence)}
        for mark, bit in words.tags.items():
            if mark in marks and self.index.marked(self._item.label.level, (mark,)) & bit:
                asked = replace(
                    self._request(pair, self._item),
                    at=at,
                    held_as=self._item.label.level,
                    held_tags=(mark,),
                )
                found = said("equivalence", asked, text, world)
                fails = any(f"`{mark}`" in failing.has for failing in found.failing)
                self._same("tag", text.id, pair, at, fails, bool(forbids & bit))

    # -- words -----------------------------------------------------------------------

    def _text(self, text: Accord, pair: Pair) -> None:
        """Compare each family of clauses of a text, over the part of a request that it reads."""
        key = (text, pair.sender, pair.recipient)
        if key in self._texts:
            return
        self._texts.add(key)
        self.compared.texts += 1
        found = families(text, self.index.words, pair.sender, pair.recipient)
        for name, ways in found.items():
            for asked in self._asked(name, text, pair, ways):
                self._family(name, text, pair, ways, asked)

    def _asked(
        self, name: str, text: Accord, pair: Pair, ways: tuple[Term, ...]
    ) -> Iterator[Asked]:
        """Yield, for each kind, purpose and channel, the largest that pass and the least that do not.

        What one way forbids passes by another; least is what takes one thing that each
        forbids. Words that the same ways forbid are alike: each is tried with one of the rest.
        """
        excepted = any(e.to == name for e in text.all(c.Exemption))
        reads = READS[name] if excepted else ALONE[name]
        single = {
            part: tuple(self._words[part])
            if part in reads
            else (getattr(self._item, part),)
            for part in ("kind", "purpose", "channel")
        }
        parties = tuple(self._words["originators"]) if excepted else self._parties(pair)
        everything = {
            "categories": tuple(self._words["categories"]),
            "originators": parties,
        }
        many = [
            (part, word)
            for part, words in everything.items()
            for word in (words if part in reads else words[:1])
        ]
        first = everything["categories"][:1]
        seen: set[tuple[tuple[bool, ...], ...]] = set()
        for chosen in product(*single.values()):
            kind, purpose, channel = chosen
            own = [(p, w) for p, w in zip(single, chosen, strict=True) if p in reads]
            alike = tuple(self._alike(part, word, ways) for part, word in own)
            bits = union(self._words[part][word] for part, word in own)
            open_ = [way for way in ways if not way.forbids & bits]
            for words in self._sets(many, open_, whole=alike not in seen):
                about = tuple(word for part, word in words if part == "categories")
                whose = tuple(word for part, word in words if part == "originators")
                yield Asked(about or first, whose or (pair.sender,), kind, purpose, channel)
            seen.add(alike)

    def _alike(self, part: str, word: str, ways: Sequence[Term]) -> tuple[bool, ...]:
        """Return which ways forbid a word."""
        bit = self._words[part][word]
        return tuple(bool(way.forbids & bit) for way in ways)

    def _sets(
        self, many: list[tuple[str, str]], ways: list[Term], *, whole: bool
    ) -> Iterator[tuple[tuple[str, str], ...]]:
        """Yield the largest set of words of each way, and the least ones that pass none.

        With ``whole`` each word that the same ways forbid is tried; else one of them.
        """
        alike: dict[tuple[bool, ...], list[tuple[str, str]]] = {}
        for part, word in many:
            alike.setdefault(self._alike(part, word, ways), []).append((part, word))
        for number in range(len(ways)):
            free = (some for forbids, some in alike.items() if not forbids[number])
            yield tuple(one for some in free for one in some)
        for count in range(1, max(len(ways), 1) + 1):
            for chosen in combinations(alike, count):
                if not all(any(forbids) for forbids in zip(*chosen, strict=True)):
                    continue
                least = tuple(alike[one][0] for one in chosen)
                yield least
                for place, one in enumerate(chosen) if whole else ():
                    for other in alike[one][1:]:
                        yield (*least[:place], other, *least[place + 1 :])

    def _parties(self, pair: Pair) -> tuple[str, ...]:
        """Return the two parties and another: all others are alike where no exception names one."""
        two = (pair.sender, pair.recipient)
        others = (party for party in self.index.words.party if party not in two)
        return (*two, *islice(others, 1))

    def _bits(self, name: str, asked: Asked) -> int:
        words = self._words
        found = 0
        for part in READS[name]:
            value = getattr(asked, part)
            found |= union(
                words[part][w] for w in ((value,) if isinstance(value, str) else value)
            )
        return found

    def _family(
        self, name: str, text: Accord, pair: Pair, ways: tuple[Term, ...], asked: Asked
    ) -> None:
        """Compare one request, and the same where its purpose has changed or its label says orcon."""
        words = self.index.words
        item = replace(
            self._item,
            label=replace(self._item.label, categories=asked.categories),
            originators=asked.originators,
            kind=asked.kind,
            purpose=asked.purpose,
            channel=asked.channel,
        )
        places = [words.party[party] for party in asked.originators]
        needs = self._bits(name, asked)
        tries = [(item, needs)]
        if name == "purpose":
            other = next(word for word in (*words.purposes, "") if word != asked.purpose)
            changed = union(1 << words.changed + place for place in places)
            tries.append((replace(item, purpose=other), needs | changed))
        if name == "third_party" and self._orcon is not None:
            label = replace(self._orcon, categories=asked.categories)
            orcon = union(1 << words.orcon + place for place in places)
            tries.append((replace(item, label=label), needs | orcon))
        for one, bits in tries:
            request = replace(self._request(pair, one), purpose=asked.purpose)
            fails = said(name, request, text, self.index.world).failing
            barred = any(not failing.whose for failing in fails)
            asks = {party for failing in fails for party in failing.whose}
            whom = [
                {
                    p
                    for p in asked.originators
                    if self._consents_of(p) & (w.asks | w.marked) & bits
                }
                for w in ways
                if not w.forbids & bits
            ]
            mine = min(whom, key=len, default=None)
            self._same(
                f"{name}: {asked}", text.id, pair, None, None if barred else asks, mine
            )

    def _consents_of(self, party: str) -> int:
        """Return the bits by which a way asks for the consent of a party."""
        words, place = self.index.words, self.index.words.party[party]
        return union(1 << by + place for by in (words.from_, words.changed, words.orcon))

    def _request(self, pair: Pair, item: Item) -> Request:
        return Request(item=item, sender=pair.sender, recipient=pair.recipient, at=FAR_PAST)

    # -- consents and holds ----------------------------------------------------------

    def _consents(self, track: Track, pair: Pair, at: Instant) -> None:
        """Compare what the consents of every giver cover at the beginning of a stretch."""
        accord, words = track.among.accord.id, self.index.words
        names = {place: party for party, place in words.party.items()}
        for place, consents in self.index.pairs.leave(track.among, pair, at).items():
            key = (accord, pair.sender, pair.recipient, names[place], consents)
            known = key in self._leaves
            self._leaves.add(key)
            for consent in consents:
                self.compared.consents += 1
                for item in islice(
                    self._about(consent, names[place]), 1 if known else None
                ):
                    asked = replace(self._request(pair, item), at=at)
                    given = in_force(names[place], accord, asked, self.index.world)
                    needs = union(
                        (
                            *(words.categories[k] for k in item.label.categories),
                            words.levels[item.label.level],
                            words.purposes[item.purpose],
                        )
                    )
                    mine = any(one.covers(needs, item.id) for one in consents)
                    self._same("consent", accord, pair, at, bool(given), mine)

    def _about(self, consent: Consented, giver: str) -> Iterator[Item]:
        """Yield the largest item that a consent covers, and each with one thing more or other."""
        words = self.index.words
        categories = [k for k, bit in words.categories.items() if not bit & consent.forbids]
        levels = [k for k, bit in words.levels.items() if not bit & consent.forbids]
        purposes = [k for k, bit in words.purposes.items() if not bit & consent.forbids]
        if not (levels and purposes and categories):
            return
        largest = replace(
            self._item,
            id=self._item.id if consent.item is None else consent.item,
            originators=(giver,),
            label=Label(level=levels[0], categories=tuple(categories)),
            purpose=purposes[0],
        )
        yield largest
        yield replace(largest, id="another")
        label = largest.label
        for word in words.categories:
            if word not in categories:
                yield replace(largest, label=replace(label, categories=(*categories, word)))
        policy = self.index.world.policy_of(giver)
        own = [] if policy is None else [Level(policy.id, name) for name in policy.rungs]
        for level in dict.fromkeys((*own, *levels)):
            yield replace(largest, label=replace(label, level=level))
        for word in words.purposes:
            yield replace(largest, purpose=word)

    def _held(self, pair: Pair) -> None:
        """Compare which categories each hold stops, under each accord, and which holds it is."""
        pairs, words, two = (
            self.index.pairs,
            self.index.words,
            (pair.sender, pair.recipient),
        )
        about = {
            word: replace(self._item, label=replace(self._item.label, categories=(word,)))
            for word in words.categories
        }
        everything = replace(
            self._item, label=replace(self._item.label, categories=tuple(words.categories))
        )
        for hold in self.index.world.holds:
            touches = hold.covers(None, *two, everything)
            mine = hold in pair.holds and bool(pairs.categories(hold))
            self._same("hold", hold.id, pair, hold.since, touches, mine)
            for track in pair.tracks if touches else ():
                name = track.among.accord.id
                stops = name in hold.accords or c.ANY in hold.accords
                for word, item in about.items():
                    caught = hold.covers(name, *two, item)
                    bit = stops and bool(pairs.categories(hold) & words.categories[word])
                    self._same("hold", name, pair, hold.since, caught, bit)

    # -- labels ----------------------------------------------------------------------

    def label(self, item: Item) -> Compared:
        """Compare to whom an item's label lets it go, from every sender, at every cut."""
        index, world = self.index, self.index.world
        marking = index.marking(item)
        self.compared.labels += 1
        for cut, part in zip(marking.cuts, marking.parts, strict=True):
            if part is None or part.plain:
                continue
            now = replace(item, label=label_at(item, world, cut))
            for sender in dict.fromkeys((*item.originators, *list(world.parties)[:2])):
                for recipient in world.parties:
                    pair = index.pair(sender, recipient)
                    if pair is None:
                        continue
                    asked = Request(item=now, sender=sender, recipient=recipient, at=cut)
                    barred = any(barred_by_label(asked, now, world))
                    lets = index.lets(part, marking, pair, cut)
                    self._same(f"label of {item.id}", "", pair, cut, barred, not lets)
        return self.compared
