"""One accord against one request: every typed clause, and those that fail.

This is the plain evaluator. What it says of each clause is the meaning of that clause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from comity.accords import clauses as c
from comity.accords.accord import Accord, Existence
from comity.accords.doubt import TooUncertain
from comity.accords.table import RELEASING, Status
from comity.accords.times import FAR_FUTURE, FAR_PAST, Instant
from comity.labels import Caveat, Item, Level, Mark
from comity.release.consents import ends, in_force
from comity.release.handling import handling
from comity.release.lineage import originators
from comity.release.marked import members_at, releasable
from comity.release.onward import binding
from comity.release.request import Examined, Failing, Reason, Request, most_decisive_first
from comity.release.world import Hold, World

_STANDING = {
    Status.NOT_YET: Reason.NOT_YET_IN_FORCE,
    Status.SIGNED: Reason.NOT_YET_IN_FORCE,
    Status.UNSETTLED: Reason.UNSETTLED,
    Status.SUSPENDED: Reason.SUSPENDED,
    Status.ENDED: Reason.ENDED,
}


FAMILIES = (
    "standing",
    "authorised",
    "held",
    "scope",
    "equivalence",
    "purpose",
    "channel",
    "gates",
    "third_party",
    "received",
)
"""The families of clauses, in the order in which they are examined."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Said:
    """What one family of clauses of a text says of a request.

    Attributes:
        failing: each clause of the family that stands in the way.
        articles: those that admit what is asked.
        good_before: until when it says so, were nothing more done.
        handle_as, handle_tags: as in `Examined`; of the table of equivalence.
    """

    failing: tuple[Failing, ...] = ()
    articles: tuple[str, ...] = ()
    good_before: Instant = FAR_FUTURE
    handle_as: tuple[Level, ...] = ()
    handle_tags: tuple[Mark, ...] = ()


NOTHING = Said()


def examine(request: Request, accord: Accord, world: World) -> Examined:
    """Examine one accord for a request: every clause that fails, and what comes with it."""
    pair = (request.sender, request.recipient)
    try:
        versions = world.clock(accord.id).versions(request.at, pair)
    except TooUncertain as error:
        return _too_uncertain(accord, error)
    found = []
    for version in versions:
        examination = _Examination(request, version, world)
        found.append(examined(version, [examination.said(name) for name in FAMILIES]))
    worst = farthest(found)
    return worst if worst.failing else _together(found)


def said(name: str, request: Request, text: Accord, world: World) -> Said:
    """Return what one of `FAMILIES` says of a request, the others left aside."""
    return _Examination(request, text, world).said(name)


def examined(text: Accord, parts: Iterable[Said]) -> Examined:
    """Return what the families of a text, in the order of `FAMILIES`, say together."""
    every = tuple(parts)
    failing = most_decisive_first(f for part in every for f in part.failing)
    return Examined(
        accord=text.id,
        version="+".join((text.digest, *text.amended_by)),
        failing=failing,
        articles=tuple(dict.fromkeys(x for part in every for x in part.articles)),
        handle_as=tuple(x for part in every for x in part.handle_as),
        handle_tags=tuple(x for part in every for x in part.handle_tags),
        duties=() if failing else tuple(_duties(text)),
        good_before=earliest(*(part.good_before for part in every)),
        concealed=text.front.existence is Existence.CLASSIFIED,
    )


def farthest(found: Sequence[Examined]) -> Examined:
    """Return what is said of an accord of which several texts may hold: where most fails."""
    return max(found, key=lambda one: len(one.failing))


def _together(found: list[Examined]) -> Examined:
    """Return what several texts that may hold ask together, where each of them admits it."""
    return replace(
        found[0],
        articles=tuple(dict.fromkeys(x for one in found for x in one.articles)),
        handle_as=tuple(dict.fromkeys(x for one in found for x in one.handle_as)),
        handle_tags=tuple(dict.fromkeys(x for one in found for x in one.handle_tags)),
        duties=tuple(dict.fromkeys(x for one in found for x in one.duties)),
        good_before=earliest(*(one.good_before for one in found)),
    )


def _too_uncertain(accord: Accord, error: TooUncertain) -> Examined:
    failing = Failing(
        reason=Reason.UNSETTLED,
        accord=accord.id,
        article="",
        wants="the accord in force between the two",
        has=f"doubt: {error.message}",
    )
    return Examined(
        accord=accord.id,
        version=accord.digest,
        failing=(failing,),
        articles=(),
        handle_as=(),
        duties=(),
        good_before=FAR_FUTURE,
        concealed=accord.front.existence is Existence.CLASSIFIED,
    )


def earliest(*instants: Instant) -> Instant:
    """Return the earliest of some instants; of none, the far future."""
    return min(instants, default=FAR_FUTURE)


def _duties(accord: Accord) -> Iterator[tuple[str, str]]:
    for duty in accord.all(c.Duty):
        if duty.arises is c.Arises.ON_RELEASE:
            yield duty.cites, duty.what


class _Examination:
    """Every clause of one accord against one request."""

    def __init__(self, request: Request, accord: Accord, world: World) -> None:
        self._request = request
        self._accord = accord
        self._world = world
        self._members = members_at(request, world)
        self._originators = originators(request.item, world)
        self.articles: list[str] = []
        self.handle_as: tuple[Level, ...] = ()
        self.handle_tags: tuple[Mark, ...] = ()
        self.cuts: list[Instant] = []

    def said(self, name: str) -> Said:
        """Return what one family of clauses says."""
        self.articles, self.cuts = [], []
        self.handle_as, self.handle_tags = (), ()
        look: Callable[[], Iterator[Failing]] = getattr(self, f"_{name}")
        failing = tuple(look())
        if not (failing or self.articles or self.cuts or self.handle_as):
            return NOTHING
        return Said(
            failing=failing,
            articles=tuple(self.articles),
            good_before=earliest(*self.cuts),
            handle_as=self.handle_as,
            handle_tags=self.handle_tags,
        )

    def _fail(
        self,
        reason: Reason,
        article: str,
        wants: str,
        has: str,
        whose: tuple[str, ...] = (),
    ) -> Failing:
        return Failing(
            reason=reason,
            accord=self._accord.id,
            article=article,
            wants=wants,
            has=has,
            whose=whose,
        )

    def _admit(self, clause: c.Clause) -> None:
        self.articles.append(clause.cites)

    def _standing(self) -> Iterator[Failing]:
        """The accord stands under the sender's reading and under the recipient's."""
        request, clock = self._request, self._world.clock(self._accord.id)
        pair = (request.sender, request.recipient)
        seen: set[Status] = set()
        for side in pair:
            standing = clock.between(request.at, pair, party=side)
            if standing.before is not None:
                self.cuts.append(standing.before)
            if standing.status in RELEASING:
                self.articles.extend(standing.articles)
            elif standing.status not in seen:
                seen.add(standing.status)
                entry = self._accord.one(c.Entry)
                written = standing.articles or ((entry.cites,) if entry else ("",))
                said = f"one that is {str(standing.status).replace('_', ' ')}"
                said = f"{said} {self._since(standing.since)}".strip()
                yield self._fail(
                    _STANDING[standing.status],
                    written[0],
                    "the accord in force between the two",
                    ": ".join((said, *standing.because)),
                )

    def _authorised(self) -> Iterator[Failing]:
        """What authorises the sender to send stands, where a tie says that something has to."""
        request = self._request
        for tie in self._accord.all(c.Tied):
            if tie.how is not c.Depends.SENDING or request.sender not in tie.who:
                continue
            has = "none here"
            if tie.to in self._world.links().known:
                stands = self._world.clock(tie.to).whole(request.at, party=request.sender)
                if stands.before is not None:
                    self.cuts.append(stands.before)
                if stands.status in RELEASING:
                    self._admit(tie)
                    continue
                has = f"one that is {str(stands.status).replace('_', ' ')}"
                has = f"{has} {self._since(stands.since)}".strip()
            yield self._fail(
                Reason.SENDING_NOT_AUTHORISED,
                tie.cites,
                f"`{tie.to}`, on which the sending of `{request.sender}` rests, in force",
                has,
                whose=(request.sender,),
            )

    def _since(self, instant: Instant) -> str:
        if instant <= FAR_PAST:
            return ""
        return f"since {self._accord.zone.say(instant)}"

    def _held(self) -> Iterator[Failing]:
        for hold in holds(self._request, self._world, self._accord.id):
            if hold.stands(self._request.at):
                yield held(hold, self._world)
            elif hold.since > self._request.at:
                self.cuts.append(hold.since)

    def _scope(self) -> Iterator[Failing]:
        request, item = self._request, self._request.item
        scope = self._accord.one(c.Scope)
        if scope is None:
            yield self._fail(
                Reason.CATEGORY_NOT_COVERED, "", "a scope", "the accord states none"
            )
            return
        direction = f"{request.sender} to {request.recipient}"
        outside = [k for k in item.label.categories if not _lists(scope.categories, k)]
        answer = self._exception(c.Exempts.SCOPE)
        fails: list[Failing] = []
        if not _lists(scope.directions, direction):
            fails.append(
                self._fail(
                    Reason.DIRECTION_NOT_COVERED,
                    scope.cites,
                    "a direction: " + (", ".join(scope.directions) or "none"),
                    direction,
                )
            )
        if outside:
            fails.append(
                self._fail(
                    Reason.CATEGORY_NOT_COVERED,
                    scope.cites,
                    "categories: " + (", ".join(scope.categories) or "none"),
                    ", ".join(outside),
                )
            )
        if not _lists(scope.kinds, item.kind):
            fails.append(
                self._fail(
                    Reason.KIND_NOT_COVERED,
                    scope.cites,
                    "kinds: " + (", ".join(scope.kinds) or "none"),
                    item.kind,
                )
            )
        if answer is not None and answer.answer is c.Answer.PERMIT:
            self._admit(answer)
            fails = [f for f in fails if f.reason is not Reason.CATEGORY_NOT_COVERED]
        if answer is not None and answer.answer is c.Answer.DENY:
            yield self._excepted(answer)
        yield from fails
        if not fails:
            self._admit(scope)

    def _exception(self, to: c.Exempts) -> c.Exemption | None:
        """Return the exception that applies; of several that deny and permit, one that denies."""
        exceptions = [e for e in self._accord.all(c.Exemption) if e.to is to]
        if not exceptions:
            return None
        item, request = self._request.item, self._request

        def applies(exception: c.Exemption) -> bool:
            """One that refuses catches what has a part of it; one that permits, the whole."""
            asked = (
                (exception.categories, set(item.label.categories)),
                (exception.recipients, {request.recipient}),
                (exception.originators, set(self._originators)),
                (exception.purposes, {request.for_purpose}),
            )
            given = [(set(words), found) for words, found in asked if words]
            if exception.answer is c.Answer.DENY:
                return bool(given) and all(words & found for words, found in given)
            return bool(given) and all(found <= words for words, found in given)

        found = filter(applies, exceptions)
        return min(found, key=lambda e: e.answer is not c.Answer.DENY, default=None)

    def _excepted(self, exception: c.Exemption) -> Failing:
        return self._fail(
            Reason.EXCEPTED,
            exception.cites,
            f"nothing that the exception to {exception.to} refuses",
            "the exception applies",
        )

    def _equivalence(self) -> Iterator[Failing]:
        """Rows lead from the item's level and tags to the recipient's policy."""
        found = handling(self._request, self._accord, self._world)
        self.cuts += found.cuts
        self.handle_as, self.handle_tags = found.levels, found.tags
        self.articles += found.articles
        yield from found.failing

    def _purpose(self) -> Iterator[Failing]:
        request, rule = self._request, self._accord.one(c.Purpose)
        purpose = request.for_purpose
        if rule is None:
            yield self._fail(
                Reason.PURPOSE_NOT_ADMITTED,
                "",
                "a purpose clause",
                "the accord states none",
            )
            return
        answer = self._exception(c.Exempts.PURPOSE)
        if answer is not None:
            if answer.answer is c.Answer.DENY:
                yield self._excepted(answer)
            else:
                self._admit(answer)
            return
        if not _lists(rule.allowed, purpose):
            yield self._fail(
                Reason.PURPOSE_NOT_ADMITTED,
                rule.cites,
                "purposes: " + (", ".join(rule.allowed) or "none"),
                purpose,
            )
            return
        changed = [
            party
            for party in self._others()
            if any(part.purpose != purpose for part in self._of(party))
        ]
        if rule.as_given and changed:
            missing = tuple(p for p in changed if not self._consented(p))
            if missing:
                given = {part.purpose for p in missing for part in self._of(p)}
                words = ", ".join(f"`{word}`" for word in sorted(given - {purpose}))
                yield self._fail(
                    Reason.CONSENT_MISSING,
                    rule.cites,
                    f"use for {words}, or consent to `{purpose}`",
                    "no consent of " + ", ".join(self._world.name(p) for p in missing),
                    whose=missing,
                )
                return
        self._admit(rule)

    def _channel(self) -> Iterator[Failing]:
        rule, channel = self._accord.one(c.Channel), self._request.by_channel
        if rule is None:
            return
        if _lists(rule.allowed, channel):
            self._admit(rule)
            return
        yield self._fail(
            Reason.CHANNEL_NOT_ADMITTED,
            rule.cites,
            "channels: " + (", ".join(rule.allowed) or "none"),
            channel,
        )

    def _gates(self) -> Iterator[Failing]:
        request = self._request
        for gate in self._accord.all(c.Gate):
            sides = {
                c.Side.SENDER: (request.sender,),
                c.Side.RECIPIENT: (request.recipient,),
                c.Side.EACH: (request.sender, request.recipient),
            }[gate.who]
            missing = tuple(
                side
                for side in sides
                if not self._world.met(self._accord, gate, side, request.at)
            )
            if missing and gate.or_consent:
                asked = [p for p in self._originators if not self._consented(p)]
                missing = missing if asked or not self._originators else ()
            if missing:
                names = ", ".join(self._world.name(side) for side in missing)
                instead = (
                    ", or each originator's written consent" if gate.or_consent else ""
                )
                yield self._fail(
                    Reason.CONDITION_NOT_MET,
                    gate.cites,
                    gate.needs + instead,
                    f"not on record for {names}",
                    whose=missing,
                )
            else:
                self._admit(gate)

    def _others(self) -> list[str]:
        """Return the originators that are neither sender nor recipient."""
        pair = (self._request.sender, self._request.recipient)
        return [party for party in self._originators if party not in pair]

    def _consented(self, party: str) -> bool:
        asked = (party, self._accord.id, self._request, self._world)
        found = in_force(*asked)
        end = ends(*asked, found) if found else None
        if end is not None:
            self.cuts.append(end)
        return bool(found)

    def _of(self, party: str) -> tuple[Item, ...]:
        """Return what comes from a party: the item, parts of it, or nothing."""
        return tuple(member for member in self._members if party in member.originators)

    def _caveats(self, member: Item) -> frozenset[Caveat]:
        policy = self._world.policies.get(member.label.level.policy)
        return frozenset() if policy is None else policy.caveats(member.label)

    def _released(self, member: Item) -> bool:
        """Say whether the marking of the item, or of a part of it, names the recipient."""
        request = self._request
        return releasable(
            member, request.sender, request.recipient, self._world, request.at
        )

    def _third_party(self) -> Iterator[Failing]:
        """Every originator that is neither sender nor recipient has agreed."""
        yield from self._by_leave()
        others = self._others()
        if not others:
            return
        rule = self._accord.one(c.ThirdParty)
        answer = self._exception(c.Exempts.THIRD_PARTY)
        orcon = any(Caveat.ORCON in self._caveats(member) for member in self._members)
        if answer is not None and answer.answer is c.Answer.DENY:
            yield self._excepted(answer)
            return
        if answer is not None and not orcon:
            self._admit(answer)
            return
        if answer is None and (rule is None or rule.consent is c.Consent.NEVER):
            yield self._fail(
                Reason.ONWARD_NOT_ADMITTED,
                "" if rule is None else rule.cites,
                "a clause that lets a third party's information go on",
                "the accord states none" if rule is None else "it says never",
            )
            return
        clause: c.Clause | None = answer or rule
        consent = c.Consent.NOT_NEEDED if answer or rule is None else rule.consent
        missing = self._without_leave(others, consent, orcon=orcon)
        if missing:
            names = ", ".join(self._world.name(party) for party in missing)
            yield self._fail(
                Reason.CONSENT_MISSING,
                "" if clause is None else clause.cites,
                f"the written consent of {names}" + (" (orcon)" if orcon else ""),
                "none on record",
                whose=missing,
            )
        elif clause is not None:
            self._admit(clause)

    def _without_leave(
        self, others: list[str], consent: c.Consent, *, orcon: bool
    ) -> tuple[str, ...]:
        """Return the originators whose consent is asked for and not on record.

        ORCON asks for it whatever the accord says.
        """
        if consent is c.Consent.NOT_NEEDED and not orcon:
            return ()
        if consent is c.Consent.BY_MARKING and not orcon:
            others = [p for p in others if not all(map(self._released, self._of(p)))]
        return tuple(party for party in others if not self._consented(party))

    def _by_leave(self) -> Iterator[Failing]:
        """RELIDO: one that is not on the list needs the consent of every originator."""
        recipient = self._request.recipient
        off = [
            member
            for member in self._members
            if Caveat.RELIDO in self._caveats(member) and not self._released(member)
        ]
        asked = dict.fromkeys(p for m in off for p in m.originators if p != recipient)
        missing = tuple(party for party in asked if not self._consented(party))
        if missing:
            yield self._fail(
                Reason.CONSENT_MISSING,
                "",
                "the written leave of " + ", ".join(map(self._world.name, missing)),
                f"`{recipient}` is not on the list, and the label says relido",
                whose=missing,
            )

    def _received(self) -> Iterator[Failing]:
        """What was received under another accord goes on as that one says, also after its end.

        The consent of an originator under either of the two will do there.
        """
        try:
            bound = tuple(binding(self._request, self._world, self._accord.id))
        except TooUncertain as error:
            wants = "to know whether the accord still stands by which it was received"
            yield self._fail(Reason.UNSETTLED, "", wants, f"doubt: {error.message}")
            return
        for version, whose in bound:
            other = _Examination(self._request, version, self._world)
            theirs = other.said("third_party")
            for failing in theirs.failing:
                missing = tuple(
                    p for p in failing.whose if p in whose and not self._consented(p)
                )
                if missing or not failing.whose:
                    left = replace(failing, whose=missing)
                    yield _discreet(left, version, self._accord.id)
            self.cuts.append(theirs.good_before)


def _discreet(failing: Failing, version: Accord, under: str) -> Failing:
    """Leave out an accord whose existence is classified: a consent under the other will do."""
    if version.front.existence is not Existence.CLASSIFIED:
        return failing
    wants = "the written consent of every originator"
    has = "none on record"
    return replace(failing, accord=under, article="", wants=wants, has=has)


def _lists(words: tuple[str, ...], word: str) -> bool:
    return word in words or c.ANY in words


def held(hold: Hold, world: World) -> Failing:
    """Say what stands in the way while this hold stands."""
    return Failing(
        reason=Reason.HELD,
        accord="",
        article="",
        wants=f"no hold of {world.name(hold.by)}",
        has=f"hold `{hold.id}`: {hold.ground}",
        whose=(hold.by,),
    )


def holds(request: Request, world: World, accord: str | None) -> Iterator[Hold]:
    """Yield the holds that catch a request: on one accord or, with none named, on any."""
    for hold in world.holds_between(request.sender, request.recipient):
        if hold.covers(accord, request.sender, request.recipient, request.item):
            yield hold


def hold_cuts(request: Request, world: World, accord: str | None) -> Iterator[Instant]:
    """Yield the instants after the request at which a hold that catches it begins."""
    for hold in holds(request, world, accord):
        if hold.since > request.at:
            yield hold.since
