"""The condition under which a world permits any request between a pair.

From the same typed clauses that the plain evaluator reads (`comity.release.decide`,
`comity.release.examine`), method for method, so that the two can be read side by side. That
they are equal is tested request by request, and never assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import z3

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.clock import Clock
from comity.accords.doubt import TooUncertain
from comity.accords.table import RELEASING
from comity.accords.times import Instant
from comity.labels import Caveat, looks
from comity.proof.asked import NOWHERE, STRANGE, Asked, every, fixed, some
from comity.proof.consented import Consents
from comity.proof.handled import Tables
from comity.proof.labelled import Labels
from comity.proof.received import bindings
from comity.proof.spans import Spans, within
from comity.release.world import Authority, Hold, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a world permits between a pair, as conditions on any request.

    Attributes:
        labels: the conditions of the labels, with the request and the world.
        instead: clauses, consents, holds and authorities that are taken to be another, or
            with None not to be. The clock goes on as the text has it.
        more: holds that are taken to stand beside the world's.
    """

    labels: Labels
    instead: Mapping[object, object] = field(default_factory=dict)
    more: tuple[Hold, ...] = ()
    _kept: dict[tuple[str, object], z3.BoolRef] = field(default_factory=dict)
    _consents: dict[tuple[str, str], z3.BoolRef] = field(default_factory=dict)
    _onward: dict[Accord, tuple[z3.BoolRef, dict[str, z3.BoolRef]]] = field(
        default_factory=dict
    )

    # -- the decision ------------------------------------------------------------

    def permits(self) -> z3.BoolRef:
        """Return the condition that `decide` permits, whichever accord is named or none."""
        return z3.And(
            self.unbarred(),
            z3.Or(some(self.under(accord) for accord in self.accords), self.authorised()),
        )

    def but(self, instead: Mapping[object, object]) -> Terms:
        """Return the terms with some clauses or acts taken to be another, or not to be.

        What binds whatever an accord permits is asked again only where it may change.
        """
        changed = replace(
            self, instead={**self.instead, **instead}, _kept={}, _consents={}, _onward={}
        )
        if not any(isinstance(one, Hold) for one in instead):
            changed.keep("unbarred", None, self.unbarred)
        return changed

    def permits_under(self, accord: Accord) -> z3.BoolRef:
        """Return the condition that `decide` permits when the request names an accord."""
        return z3.And(self.unbarred(), self.under(accord))

    @property
    def accords(self) -> tuple[Accord, ...]:
        """The accords between the pair."""
        return self.world.between(*self.asked.pair)

    @property
    def world(self) -> World:
        """The world that permits."""
        return self.labels.world

    @property
    def asked(self) -> Asked:
        """Any request between the pair."""
        return self.labels.asked

    @property
    def spans(self) -> Spans:
        """The stretches of time between the pair."""
        return self.labels.spans

    @property
    def consents(self) -> Consents:
        """The conditions of the consents on record."""
        return Consents(
            world=self.world, asked=self.asked, dropped=self._dropped, found=self._consents
        )

    @property
    def _dropped(self) -> frozenset[object]:
        return frozenset(one for one, other in self.instead.items() if other is None)

    # -- what binds whatever an accord permits -----------------------------------

    def unbarred(self) -> z3.BoolRef:
        """Return the condition that nothing is in the way whatever an accord permits."""
        return self.keep(
            "unbarred",
            None,
            lambda: every(
                (
                    self.known(),
                    *(
                        z3.Implies(m.there, self.labels.admits(m))
                        for m in self.asked.members
                    ),
                    self.marked_over_its_parts(),
                    *(z3.Not(self.catches(h)) for h in self.holds(None)),
                )
            ),
        )

    def known(self) -> z3.BoolRef:
        """Return the condition that every word is defined and every fact is there."""
        asked, item = self.asked, self.asked.item
        tables = Tables(world=self.world, asked=asked, spans=self.spans)
        return every(
            (
                *(z3.Not(z3.And(m.there, m.originators[STRANGE])) for m in asked.members),
                *(z3.Implies(m.there, some(m.originators.values())) for m in asked.members),
                some(item.categories.values()),
                z3.Not(item.categories[STRANGE]),
                *(z3.Not(z3.And(m.there, m.level.is_(NOWHERE))) for m in asked.members),
                z3.Not(asked.purpose.is_(STRANGE)),
                z3.Not(asked.kind.is_(STRANGE)),
                z3.Not(asked.channel.is_(STRANGE)),
                z3.Not(asked.broken),
                tables.well_held(),
            )
        )

    def marked_over_its_parts(self) -> z3.BoolRef:
        """Return the condition that the whole is marked at least as its parts are."""
        asked = self.asked
        tables = Tables(world=self.world, asked=asked, spans=self.spans)
        comes_home = every(
            z3.Or(z3.Not(m.there), m.only(asked.pair[1])) for m in asked.members
        )
        return z3.Or(
            comes_home,
            every(
                z3.Implies(
                    part.there,
                    every(
                        (
                            *(
                                z3.Implies(symbol, asked.item.categories[word])
                                for word, symbol in part.categories.items()
                            ),
                            tables.stands_over(part),
                        )
                    ),
                )
                for part in asked.parts
            ),
        )

    def holds(self, accord: str | None) -> Iterator[Hold]:
        """Yield the holds that may catch the request: on an accord, or with None on all."""
        sender, recipient = self.asked.pair
        for hold in (*self.world.holds, *self.more):
            named = (
                c.ANY in hold.accords if accord is None else _lists(hold.accords, accord)
            )
            theirs = hold.by == recipient and hold.stops_accepting
            other = recipient if hold.by == sender else sender if theirs else None
            if (
                named
                and other is not None
                and _lists(hold.towards, other)
                and self.instead.get(hold, hold) is not None
            ):
                yield hold

    def catches(self, hold: Hold) -> z3.BoolRef:
        """Return the condition that a hold stands and is about what the item is about."""
        about = some(
            symbol
            for word, symbol in self.asked.item.categories.items()
            if _lists(hold.categories, word)
        )
        return z3.And(within(self.asked.at, hold.since, hold.before), about)

    def authorised(self) -> z3.BoolRef:
        """Return the condition that a written authority covers the sender's own information."""
        asked, world = self.asked, self.world
        labels = self.labels
        if not world.authorities_on:
            return fixed(value=False)
        own = every(z3.Or(z3.Not(m.there), m.only(asked.pair[0])) for m in asked.members)
        on_the_list = every(
            z3.Implies(m.there, z3.Or(labels.releasable(m), labels.shown(m)))
            for m in asked.members
        )
        return every((own, on_the_list, some(map(self.covered_by, world.authorities))))

    def covered_by(self, authority: Authority) -> z3.BoolRef:
        """Return the condition that a written authority stands and is for this release."""
        asked, item = self.asked, self.asked.item
        sender, recipient = asked.pair
        if (
            authority.by != sender
            or recipient not in authority.to
            or not _signed(authority)
        ):
            return fixed(value=False)
        if self.instead.get(authority, authority) is None:
            return fixed(value=False)
        if authority.items:
            described = item.id.among(authority.items)
        else:
            described = every(
                (
                    fixed(value=bool(authority.categories)),
                    *(
                        z3.Not(symbol)
                        for word, symbol in item.categories.items()
                        if word not in authority.categories
                    ),
                    item.level.among(authority.levels),
                )
            )
        return every(
            (
                within(asked.at, authority.since, authority.before),
                asked.purpose.among(authority.purposes),
                described,
            )
        )

    # -- one accord --------------------------------------------------------------

    def under(self, accord: Accord) -> z3.BoolRef:
        """Return the condition that no clause of an accord is in the way.

        Of each text that may hold then: what any of them refuses is refused.
        """
        return self.keep(
            "under",
            accord.id,
            lambda: some(
                every(
                    (
                        self.spans.when(starts.__contains__, self.asked.at),
                        *(self.admits(version) for version in versions),
                    )
                )
                for versions, starts in self.versions(accord).items()
            ),
        )

    def versions(self, accord: Accord) -> dict[tuple[Accord, ...], set[Instant]]:
        """Return the texts that hold between the pair, each with the stretches in which it does."""
        clock = self.world.clock(accord.id)
        found: dict[tuple[Accord, ...], set[Instant]] = {}
        for start, _ in self.spans:
            try:
                if self._stands_at(accord, start):
                    found.setdefault(clock.versions(start, self.asked.pair), set()).add(
                        start
                    )
            except TooUncertain:
                continue
        return found

    def admits(self, version: Accord) -> z3.BoolRef:
        """Return the condition that every clause of one text admits the request."""
        text = self._as_taken(version)
        return self.keep(
            "admits",
            text,
            lambda: every(
                (
                    self.stands(text),
                    self.sending(text),
                    *(z3.Not(self.catches(hold)) for hold in self.holds(text.id)),
                    self.scope(text),
                    self.tables(text).leads(),
                    self.purpose(text),
                    self.channel(text),
                    self.gates(text),
                    self.third_party(text),
                    self.as_received(text),
                )
            ),
        )

    def _as_taken(self, version: Accord) -> Accord:
        if not any(clause in self.instead for clause in version.clauses):
            return version
        taken = (self.instead.get(clause, clause) for clause in version.clauses)
        return replace(version, clauses=tuple(x for x in taken if isinstance(x, c.Clause)))

    def tables(self, text: Accord) -> Tables:
        """Return the tables of an accord."""
        return Tables(world=self.world, asked=self.asked, spans=self.spans, text=text)

    def _stands_at(self, accord: Accord, at: Instant) -> bool:
        pair, clock = self.asked.pair, self.world.clock(accord.id)
        return all(clock.between(at, pair, party=p).status in RELEASING for p in pair)

    def stands(self, text: Accord) -> z3.BoolRef:
        """Return the condition that it stands under the sender's reading and the recipient's."""
        return self.keep(
            "stands",
            text.id,
            lambda: self.spans.when(lambda t: self._stands_at(text, t), self.asked.at),
        )

    def sending(self, text: Accord) -> z3.BoolRef:
        """Return the condition that what authorises the sender to send stands."""
        sender, world = self.asked.pair[0], self.world
        found: list[z3.BoolRef] = []
        for tie in text.all(c.Tied):
            if tie.how is c.Depends.SENDING and sender in tie.who:
                if tie.to not in world.links().known:
                    return fixed(value=False)
                clock = world.clock(tie.to)
                found.append(self.spans.when(_whole(clock, sender), self.asked.at))
        return every(found)

    def scope(self, text: Accord) -> z3.BoolRef:
        """Return the condition that the scope, or an exception to it, admits the request."""
        scope, asked = text.one(c.Scope), self.asked
        if scope is None or not _lists(scope.directions, " to ".join(asked.pair)):
            return fixed(value=False)
        denied, permitted = self.exception(text, c.Exempts.SCOPE)
        return every(
            (
                z3.Or(permitted, self.categories_in(scope)),
                _listed(asked.kind.options, scope.kinds),
                z3.Not(denied),
            )
        )

    def categories_in(self, scope: c.Scope) -> z3.BoolRef:
        """Return the condition that a scope lists everything that the item is about."""
        return every(
            z3.Not(symbol)
            for word, symbol in self.asked.item.categories.items()
            if not _lists(scope.categories, word)
        )

    def exception(self, text: Accord, to: c.Exempts) -> tuple[z3.BoolRef, z3.BoolRef]:
        """Return when an exception to a family of clauses refuses, and when one permits instead."""
        found = [e for e in text.all(c.Exemption) if e.to is to]
        denied = some(self.applies(e) for e in found if e.answer is c.Answer.DENY)
        permitted = some(self.applies(e) for e in found if e.answer is c.Answer.PERMIT)
        return denied, z3.And(permitted, z3.Not(denied))

    def applies(self, exception: c.Exemption) -> z3.BoolRef:
        """Return the condition that an exception applies.

        One that refuses catches what has a part of it; one that permits, the whole.
        """
        asked = self.asked
        recipient = {asked.pair[1]: fixed(value=True)}
        originators = {p: asked.originates(p) for p in asked.item.originators}
        lists = (
            (exception.categories, asked.item.categories),
            (exception.recipients, recipient),
            (exception.originators, originators),
            (exception.purposes, asked.purpose.options),
        )
        given = [(words, symbols) for words, symbols in lists if words]
        if not given:
            return fixed(value=False)
        if exception.answer is c.Answer.DENY:
            return every(
                some(s for word, s in symbols.items() if word in words)
                for words, symbols in given
            )
        return every(
            z3.Not(s)
            for words, symbols in given
            for word, s in symbols.items()
            if word not in words
        )

    def purpose(self, text: Accord) -> z3.BoolRef:
        """Return the condition that the purpose is one for which it may be used."""
        rule, asked = text.one(c.Purpose), self.asked
        if rule is None:
            return fixed(value=False)
        denied, permitted = self.exception(text, c.Exempts.PURPOSE)
        found = [_listed(asked.purpose.options, rule.allowed)]
        if rule.as_given:
            found += [
                z3.Or(self.as_given(party), self.consents.consented(party, text.id))
                for party in self.others()
            ]
        return z3.Or(permitted, every((z3.Not(denied), *found)))

    def as_given(self, party: str) -> z3.BoolRef:
        """Return the condition that what comes from a party is asked for as it was given."""
        asked = self.asked
        return every(
            z3.Implies(
                z3.And(m.there, m.originators[party]),
                some(
                    z3.And(symbol, asked.purpose.is_(word))
                    for word, symbol in m.purpose.options.items()
                ),
            )
            for m in asked.members
        )

    def channel(self, text: Accord) -> z3.BoolRef:
        """Return the condition that the channel is one by which it may go."""
        rule = text.one(c.Channel)
        if rule is None:
            return fixed(value=True)
        return _listed(self.asked.channel.options, rule.allowed)

    def gates(self, text: Accord) -> z3.BoolRef:
        """Return the condition that every condition before release is met."""
        return every(self.gate(text, gate) for gate in text.all(c.Gate))

    def gate(self, text: Accord, gate: c.Gate) -> z3.BoolRef:
        """Return the condition that a condition before release is met, or consented to."""
        sender, recipient = self.asked.pair
        sides = {
            c.Side.SENDER: (sender,),
            c.Side.RECIPIENT: (recipient,),
            c.Side.EACH: (sender, recipient),
        }[gate.who]
        met = every(
            self.spans.when(partial(self.world.met, text, gate, side), self.asked.at)
            for side in sides
        )
        if not gate.or_consent:
            return met
        everybody = every(
            z3.Implies(
                self.asked.originates(party), self.consents.consented(party, text.id)
            )
            for party in self.asked.item.originators
        )
        return z3.Or(met, everybody)

    # -- third parties -----------------------------------------------------------

    def others(self) -> tuple[str, ...]:
        """Return who may be an originator and is neither sender nor recipient."""
        return tuple(p for p in self.asked.item.originators if p not in self.asked.pair)

    def third_party(self, text: Accord) -> z3.BoolRef:
        """Return the condition that every originator outside the pair has agreed."""
        refused, missing = self.onward(text)
        return z3.And(z3.Not(refused), *(z3.Not(term) for term in missing.values()))

    def onward(self, text: Accord) -> tuple[z3.BoolRef, dict[str, z3.BoolRef]]:
        """Return when it may not go onward at all, and when whose consent is missing."""
        if text not in self._onward:
            self._onward[text] = self._goes_onward(text)
        return self._onward[text]

    def _goes_onward(self, text: Accord) -> tuple[z3.BoolRef, dict[str, z3.BoolRef]]:
        rule, asked, others = text.one(c.ThirdParty), self.asked, self.others()
        theirs = {party: asked.originates(party) for party in others}
        any_ = some(theirs.values())
        denied, permitted = self.exception(text, c.Exempts.THIRD_PARTY)
        orcon = some(
            z3.And(m.there, self.labels.caveat(m, Caveat.ORCON)) for m in asked.members
        )
        silent = fixed(value=rule is None or rule.consent is c.Consent.NEVER)
        refused = z3.And(any_, z3.Or(denied, z3.And(z3.Not(permitted), silent)))
        free = fixed(value=rule is not None and rule.consent is c.Consent.NOT_NEEDED)
        free = z3.And(z3.Or(permitted, free), z3.Not(orcon))
        missing = {
            party: every(
                (
                    theirs[party],
                    z3.Not(refused),
                    z3.Not(free),
                    z3.Not(z3.And(self.by_marking(rule, party), z3.Not(orcon))),
                    z3.Not(self.consents.consented(party, text.id)),
                )
            )
            for party in others
        }
        for party, term in self.by_leave(text).items():
            missing[party] = z3.Or(missing[party], term) if party in missing else term
        return refused, missing

    def by_marking(self, rule: c.ThirdParty | None, party: str) -> z3.BoolRef:
        """Return the condition that the text leaves it to the marking, and that releases it."""
        if rule is None or rule.consent is not c.Consent.BY_MARKING:
            return fixed(value=False)
        return every(
            z3.Implies(z3.And(m.there, m.originators[party]), self.labels.releasable(m))
            for m in self.asked.members
        )

    def by_leave(self, text: Accord) -> dict[str, z3.BoolRef]:
        """Return when RELIDO asks for whose consent, and it is missing."""
        recipient = self.asked.pair[1]
        off = [
            (m, z3.And(m.there, self.labels.caveat(m, Caveat.RELIDO), z3.Not(listed)))
            for m in self.asked.members
            for listed in (self.labels.releasable(m),)
        ]
        return {
            party: z3.And(
                some(z3.And(term, m.originators[party]) for m, term in off),
                z3.Not(self.consents.consented(party, text.id)),
            )
            for party in self.asked.item.originators
            if party != recipient
        }

    def as_received(self, text: Accord) -> z3.BoolRef:
        """Return the condition that what the sender received it under lets it go on as well."""
        found: list[z3.BoolRef] = []
        for bound in bindings(
            self.world, self.asked, self.spans, text.id, self.labels.bound
        ):
            if bound.text is None:
                found.append(z3.Not(bound.when))
                continue
            refused, missing = self.onward(self._as_taken(bound.text))
            whose = bound.whose
            lets = z3.And(
                z3.Not(refused),
                *(
                    z3.Or(
                        z3.Not(term),
                        z3.Not(whose(party)),
                        self.consents.consented(party, text.id),
                    )
                    for party, term in missing.items()
                ),
            )
            found.append(z3.Implies(bound.when, lets))
        return every(found)

    def keep(self, what: str, of: object, make: Callable[[], z3.BoolRef]) -> z3.BoolRef:
        key = (what, of)
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]


def _whole(clock: Clock, party: str) -> Callable[[Instant], bool]:
    return lambda at: clock.whole(at, party=party).status in RELEASING


def _signed(authority: Authority) -> bool:
    """Say whether two different persons signed it: by fewer it is none."""
    return len({looks(name) for name in authority.signed_by}) >= 2


def _lists(words: Iterable[str], word: str) -> bool:
    found = tuple(words)
    return word in found or c.ANY in found


def _listed(symbols: Mapping[str, z3.BoolRef], words: Iterable[str]) -> z3.BoolRef:
    """Return the condition that a choice is one that a list admits."""
    listed = tuple(words)
    return some(symbol for word, symbol in symbols.items() if _lists(listed, word))
