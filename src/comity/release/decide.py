"""May this item go to that party at that instant, and under which articles?

`decide` is the meaning: for each accord between the two it examines every typed clause and
keeps those that fail. An accord with none permits. The explanation is the same
computation, in words (`comity.release.explain`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import InitVar, dataclass
from enum import StrEnum
from typing import TypeAlias

from comity.accords import clauses as c
from comity.accords.accord import Accord, Existence
from comity.accords.doubt import TooUncertain
from comity.accords.table import RELEASING, Status
from comity.accords.times import FAR_FUTURE, FAR_PAST, Instant
from comity.labels import Item, Level
from comity.release.world import Authority, Hold, World


class Reason(StrEnum):
    """Why not, most decisive first: the first that applies is the one given.

    Each has a heading in ``docs/reference.md`` that says whether later could help.
    """

    UNKNOWN_WORD = "unknown_word"
    MISSING_FACT = "missing_fact"
    ORIGINATOR_FORBIDS = "originator_forbids"
    HELD = "held"
    NO_ACCORD = "no_accord"
    NOT_YET_IN_FORCE = "not_yet_in_force"
    UNSETTLED = "unsettled"
    SUSPENDED = "suspended"
    ENDED = "ended"
    DIRECTION_NOT_COVERED = "direction_not_covered"
    CATEGORY_NOT_COVERED = "category_not_covered"
    KIND_NOT_COVERED = "kind_not_covered"
    NO_EQUIVALENT = "no_equivalent"
    PURPOSE_NOT_ADMITTED = "purpose_not_admitted"
    CHANNEL_NOT_ADMITTED = "channel_not_admitted"
    CONDITION_NOT_MET = "condition_not_met"
    EXCEPTED = "excepted"
    ONWARD_NOT_ADMITTED = "onward_not_admitted"
    CONSENT_MISSING = "consent_missing"


_ORDER = {reason: place for place, reason in enumerate(Reason)}

NOT_IN_FORCE = frozenset(
    {Reason.NOT_YET_IN_FORCE, Reason.UNSETTLED, Reason.SUSPENDED, Reason.ENDED}
)

_STANDING = {
    Status.NOT_YET: Reason.NOT_YET_IN_FORCE,
    Status.SIGNED: Reason.NOT_YET_IN_FORCE,
    Status.UNSETTLED: Reason.UNSETTLED,
    Status.SUSPENDED: Reason.SUSPENDED,
    Status.ENDED: Reason.ENDED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked: may this item go from one party to another at that instant.

    Attributes:
        purpose, channel: None takes the item's own.
        under: the accord that the sender names; None tries all in the stated order.
        held_as: the sender's own level for an item that it received; None for the
            originator's level.
    """

    item: Item
    sender: str
    recipient: str
    at: Instant
    purpose: str | None = None
    channel: str | None = None
    under: str | None = None
    held_as: Level | None = None

    @property
    def for_purpose(self) -> str:
        """The purpose asked for."""
        return self.item.purpose if self.purpose is None else self.purpose

    @property
    def by_channel(self) -> str:
        """The channel asked for."""
        return self.item.channel if self.channel is None else self.channel

    @property
    def digest(self) -> str:
        """What a permit binds: SHA-256 over every fact of the request."""
        item = self.item
        facts = [
            item.id,
            list(item.originators),
            str(item.label.level),
            list(item.label.categories),
            None if item.label.release_to is None else list(item.label.release_to),
            item.kind,
            item.purpose,
            self.sender,
            self.recipient,
            self.at,
            self.for_purpose,
            self.by_channel,
            self.under,
            None if self.held_as is None else str(self.held_as),
        ]
        raw = json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()
        return "sha256:" + hashlib.sha256(raw).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """One clause that stands in the way, with what it wants and what there is.

    Attributes:
        article: the place cited; empty where no article is concerned.
        wants, has: the values compared, in words.
        whose: the party whose act or consent would help.
    """

    reason: Reason
    accord: str
    article: str
    wants: str
    has: str
    whose: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One accord, examined for one request.

    Attributes:
        failing: every clause that fails, most decisive first; empty permits.
        articles: those that admit what is asked.
        handle_as: the recipient's levels; several await the recipient's choice.
        duties: that come with it, as (article, words).
        good_before: until when nothing changes by itself.
    """

    accord: str
    version: str
    failing: tuple[Failing, ...]
    articles: tuple[str, ...]
    handle_as: tuple[Level, ...]
    duties: tuple[tuple[str, str], ...]
    good_before: Instant
    concealed: bool = False


_MADE_HERE = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """It may go. Only `decide` makes one.

    Attributes:
        request: the digest of what was asked; a permit is for nothing else.
        accord: under which it may go; None for a written authority.
        version: the digest of the accord's text and rules.
        authority: the written authority it goes under instead.
        handle_as: the recipient's levels; with several, all together until the
            recipient has chosen.
        good_before: the next instant at which the answer may change by itself.
    """

    request: str
    accord: str | None
    version: str
    articles: tuple[str, ...]
    duties: tuple[tuple[str, str], ...]
    handle_as: tuple[Level, ...]
    good_before: Instant
    authority: str | None = None
    made: InitVar[object] = None

    def __post_init__(self, made: object) -> None:
        """Refuse to be built outside this room.

        Raises:
            TypeError: somebody tried.
        """
        if made is not _MADE_HERE:
            raise TypeError("a permit is made by decide() alone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """It may not go, and why.

    Attributes:
        reason: the most decisive of the nearest accord.
        accord: the nearest: the one with the fewest clauses in the way.
        failing: of that accord, most decisive first.
        considered: every accord between the two, nearest first.
    """

    request: str
    reason: Reason
    accord: str | None
    failing: tuple[Failing, ...]
    considered: tuple[Examined, ...] = ()

    @property
    def articles(self) -> tuple[str, ...]:
        """The articles that stand in the way, of the nearest accord."""
        return tuple(dict.fromkeys(f.article for f in self.failing if f.article))

    @property
    def consent_missing(self) -> tuple[str, ...]:
        """Whose consent alone is missing; empty where anything else is in the way."""
        if any(f.reason is not Reason.CONSENT_MISSING for f in self.failing):
            return ()
        return tuple(dict.fromkeys(p for f in self.failing for p in f.whose))


Decision: TypeAlias = Permit | Denial


def decide(request: Request, world: World) -> Decision:
    """Say whether an item may go, under which articles, or why not.

    Permits if and only if an accord stands between the two under both sides' recorded
    readings and every clause of it admits the request; or, where the world lets written
    authorities count, one covers the sender's own information. A hold, the originator's
    list of recipients and a word that nobody has defined refuse whatever an accord says.

    A permit means *may*, never *must*.
    """
    barred = tuple(_barred(request, world))
    if barred:
        first = min(barred, key=lambda f: _ORDER[f.reason])
        return Denial(
            request=request.digest,
            reason=first.reason,
            accord=None,
            failing=_sorted(barred),
        )
    considered = tuple(
        sorted(
            (examine(request, accord, world) for accord in _candidates(request, world)),
            key=_distance,
        )
    )
    if considered and not considered[0].failing:
        best = considered[0]
        return Permit(
            request=request.digest,
            accord=best.accord,
            version=best.version,
            articles=best.articles,
            duties=best.duties,
            handle_as=best.handle_as,
            good_before=best.good_before,
            made=_MADE_HERE,
        )
    authority = _authority(request, world)
    if authority is not None:
        return Permit(
            request=request.digest,
            accord=None,
            version="",
            articles=(),
            duties=tuple(("", condition) for condition in authority.conditions),
            handle_as=(),
            good_before=_earliest(authority.before, *_hold_cuts(request, world, None)),
            authority=authority.id,
            made=_MADE_HERE,
        )
    shown = tuple(e for e in considered if not e.concealed)
    if not shown:
        return _no_accord(request, world)
    nearest = shown[0]
    return Denial(
        request=request.digest,
        reason=nearest.failing[0].reason,
        accord=nearest.accord,
        failing=nearest.failing,
        considered=shown,
    )


def _no_accord(request: Request, world: World) -> Denial:
    """Deny as where there is none; so does an accord whose existence is classified."""
    between = f"{world.name(request.sender)} and {world.name(request.recipient)}"
    none = Failing(
        reason=Reason.NO_ACCORD,
        accord="",
        article="",
        wants=f"an accord between {between}",
        has="none",
    )
    return Denial(request=request.digest, reason=none.reason, accord=None, failing=(none,))


def _candidates(request: Request, world: World) -> Iterable[Accord]:
    if request.under is not None:
        named = world.accord(request.under)
        return (named,) if named in world.between(request.sender, request.recipient) else ()
    return world.between(request.sender, request.recipient)


def _distance(examined: Examined) -> tuple[bool, int, bool]:
    """How far an accord is from permitting; the stated order breaks ties.

    One that lets nothing go in this direction is farther than any that would; then the
    fewest clauses in the way, and of equals one that is in force.
    """
    reasons = {failing.reason for failing in examined.failing}
    return (
        Reason.DIRECTION_NOT_COVERED in reasons,
        len(examined.failing),
        bool(reasons & NOT_IN_FORCE),
    )


def _sorted(failing: Iterable[Failing]) -> tuple[Failing, ...]:
    return tuple(sorted(failing, key=lambda f: _ORDER[f.reason]))


# -- what binds whatever an accord permits ---------------------------------------


def _barred(request: Request, world: World) -> Iterator[Failing]:
    yield from _unknown(request, world)
    item = request.item
    allowed = item.label.release_to
    home = item.originators == (request.recipient,)
    if not home and (allowed is None or request.recipient not in allowed):
        yield Failing(
            reason=Reason.ORIGINATOR_FORBIDS,
            accord="",
            article="",
            wants=f"`{request.recipient}` on the originator's list of recipients",
            has="no list: the originator only"
            if allowed is None
            else ", ".join(allowed) or "an empty list: nobody",
            whose=item.originators,
        )
    for hold in _holds(request, world, None):
        if hold.stands(request.at) and c.ANY in hold.accords:
            yield _held(hold, world)


def _held(hold: Hold, world: World) -> Failing:
    return Failing(
        reason=Reason.HELD,
        accord="",
        article="",
        wants=f"no hold of {world.name(hold.by)}",
        has=f"hold `{hold.id}`: {hold.ground}",
        whose=(hold.by,),
    )


def _holds(request: Request, world: World, accord: str | None) -> Iterator[Hold]:
    for hold in world.holds:
        if hold.covers(accord, request.sender, request.recipient, request.item):
            yield hold


def _hold_cuts(request: Request, world: World, accord: str | None) -> Iterator[Instant]:
    for hold in _holds(request, world, accord):
        if hold.since > request.at:
            yield hold.since


def _unknown(request: Request, world: World) -> Iterator[Failing]:
    item = request.item

    def unknown(what: str, word: str, known: Iterable[str]) -> Failing:
        return Failing(
            reason=Reason.UNKNOWN_WORD,
            accord="",
            article="",
            wants=f"{what} among " + (", ".join(sorted(known)) or "none"),
            has=f"`{word}`",
        )

    def missing(what: str) -> Failing:
        return Failing(
            reason=Reason.MISSING_FACT,
            accord="",
            article="",
            wants=what,
            has="none on record",
        )

    for party in (request.sender, request.recipient, *item.originators):
        if party not in world.parties:
            yield unknown("a party", party, world.parties)
    if request.sender == request.recipient:
        yield Failing(
            reason=Reason.MISSING_FACT,
            accord="",
            article="",
            wants="a recipient other than the sender",
            has="one party on both sides",
        )
    if not item.originators:
        yield missing("the item's originator")
    if not item.label.categories:
        yield missing("what the item is about: at least one category")
    policy = world.policies.get(item.label.level.party)
    if policy is None or not policy.knows(item.label.level):
        known = (
            [] if policy is None else [f"{policy.party}:{name}" for name in policy.rungs]
        )
        yield unknown("a level", str(item.label.level), known)
    for what, word, words in (
        *(("a category", word, world.categories) for word in item.label.categories),
        ("a purpose", request.for_purpose, world.purposes),
        ("a kind", item.kind, world.kinds),
        ("a channel", request.by_channel, world.channels),
    ):
        if word not in words:
            yield unknown(what, word, words)
    yield from _another(item, world)
    if request.held_as is not None:
        yield from _misheld(request, request.held_as, world)


def _another(item: Item, world: World) -> Iterator[Failing]:
    """An id is one item's: a consent or authority for it is for no other."""
    if world.items.get(item.id, item) != item:
        yield Failing(
            reason=Reason.UNKNOWN_WORD,
            accord="",
            article="",
            wants=f"the item that bears the id `{item.id}` in this world",
            has="another with the same id",
        )


def _misheld(request: Request, held: Level, world: World) -> Iterator[Failing]:
    """A holder holds a thing at its own level, to which tables lead from the item's label."""
    seen, waiting = {request.item.label.level}, [request.item.label.level]
    rows = [row for accord in world.accords for row in accord.all(c.Equivalence)]
    while waiting:
        level = waiting.pop()
        fresh = {to for row in rows if row.from_ == level for to in row.to} - seen
        seen |= fresh
        waiting += fresh
    own = held.party == request.sender and request.sender not in request.item.originators
    if not own or held not in seen:
        yield Failing(
            reason=Reason.NO_EQUIVALENT,
            accord="",
            article="",
            wants=f"a level of the holder to which a table leads from"
            f" `{request.item.label.level}`",
            has=str(held),
        )


def _authority(request: Request, world: World) -> Authority | None:
    """Return the written authority that covers the sender's own information, if it counts."""
    own = request.item.originators == (request.sender,)
    if not world.authorities_on or not own or request.under is not None:
        return None
    for authority in world.authorities:
        stands = authority.since <= request.at < authority.before
        mine = authority.by == request.sender
        if (
            mine
            and stands
            and authority.covers(request.item, request.recipient, request.for_purpose)
        ):
            return authority
    return None


# -- one accord --------------------------------------------------------------------


def examine(request: Request, accord: Accord, world: World) -> Examined:
    """Examine one accord for a request: every clause that fails, and what comes with it."""
    pair = (request.sender, request.recipient)
    try:
        versions = world.clock(accord.id).versions(request.at, pair)
    except TooUncertain as error:
        return _too_uncertain(accord, error)
    found = [_examined(request, version, world) for version in versions]
    return max(found, key=lambda examined: len(examined.failing))


def _examined(request: Request, version: Accord, world: World) -> Examined:
    examination = _Examination(request, version, world)
    failing = _sorted(examination.failing())
    return Examined(
        accord=version.id,
        version="+".join((version.digest, *version.amended_by)),
        failing=failing,
        articles=tuple(dict.fromkeys(examination.articles)),
        handle_as=examination.handle_as,
        duties=() if failing else tuple(_duties(version)),
        good_before=_earliest(*examination.cuts),
        concealed=version.front.existence is Existence.CLASSIFIED,
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


def _earliest(*instants: Instant) -> Instant:
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
        self.articles: list[str] = []
        self.handle_as: tuple[Level, ...] = ()
        self.cuts: list[Instant] = []

    def failing(self) -> Iterator[Failing]:
        yield from self._standing()
        yield from self._held()
        yield from self._scope()
        yield from self._equivalence()
        yield from self._purpose()
        yield from self._channel()
        yield from self._gates()
        yield from self._third_party()

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
                yield self._fail(
                    _STANDING[standing.status],
                    written[0],
                    "the accord in force between the two",
                    f"{said} {self._since(standing.since)}".strip(),
                )

    def _since(self, instant: Instant) -> str:
        if instant <= FAR_PAST:
            return ""
        return f"since {self._accord.zone.say(instant)}"

    def _held(self) -> Iterator[Failing]:
        for hold in _holds(self._request, self._world, self._accord.id):
            if hold.stands(self._request.at):
                yield _held(hold, self._world)
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
        item, request = self._request.item, self._request

        def applies(exception: c.Exemption) -> bool:
            """One that refuses catches what has a part of it; one that permits, the whole."""
            asked = (
                (exception.categories, set(item.label.categories)),
                (exception.recipients, {request.recipient}),
                (exception.originators, set(item.originators)),
                (exception.purposes, {request.for_purpose}),
            )
            given = [(set(words), found) for words, found in asked if words]
            if exception.answer is c.Answer.DENY:
                return bool(given) and all(words & found for words, found in given)
            return bool(given) and all(found <= words for words, found in given)

        found = [e for e in self._accord.all(c.Exemption) if e.to is to and applies(e)]
        return min(found, key=lambda e: e.answer is not c.Answer.DENY, default=None)

    def _excepted(self, exception: c.Exemption) -> Failing:
        return self._fail(
            Reason.EXCEPTED,
            exception.cites,
            f"nothing that the exception to {exception.to} refuses",
            "the exception applies",
        )

    def _equivalence(self) -> Iterator[Failing]:
        """A row of the table leads from the item's level to the recipient's policy."""
        request, recipient = self._request, self._request.recipient
        level = request.item.label.level if request.held_as is None else request.held_as
        item = request.item
        if item.originators == (recipient,) and item.label.level.party == recipient:
            self.handle_as = (item.label.level,)  # its own information comes home as marked
            return
        rows = [
            row
            for row in self._accord.all(c.Equivalence)
            if row.from_ == level and any(to.party == recipient for to in row.to)
        ]
        if not rows:
            known = ", ".join(
                str(row.from_)
                for row in self._accord.all(c.Equivalence)
                if any(to.party == recipient for to in row.to)
            )
            table = next((r.cites for r in self._accord.all(c.Equivalence)), "")
            yield self._fail(
                Reason.NO_EQUIVALENT,
                table,
                f"a level with a row for `{recipient}`: {known or 'there is none'}",
                str(level),
            )
            return
        targets = [to for row in rows for to in row.to if to.party == recipient]
        chosen = all(row.choose is c.Choose.RECIPIENT for row in rows)
        if len(targets) > 1 and not chosen:
            yield self._fail(
                Reason.NO_EQUIVALENT,
                rows[0].cites,
                "one level, or a choice by the recipient",
                ", ".join(str(to) for to in targets),
            )
            return
        self.handle_as = tuple(dict.fromkeys(targets))
        for row in rows:
            self._admit(row)

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
        if rule.as_given and purpose != request.item.purpose:
            missing = tuple(p for p in self._others() if not self._consented(p))
            if missing:
                yield self._fail(
                    Reason.CONSENT_MISSING,
                    rule.cites,
                    f"use for `{request.item.purpose}`, or consent to `{purpose}`",
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
            if missing:
                names = ", ".join(self._world.name(side) for side in missing)
                yield self._fail(
                    Reason.CONDITION_NOT_MET,
                    gate.cites,
                    gate.needs,
                    f"not on record for {names}",
                    whose=missing,
                )
            else:
                self._admit(gate)

    def _others(self) -> list[str]:
        """Return the originators that are neither sender nor recipient."""
        pair = (self._request.sender, self._request.recipient)
        return [party for party in self._request.item.originators if party not in pair]

    def _consented(self, party: str) -> bool:
        request = self._request
        for consent in self._world.consents():
            covers = (
                consent.by == party
                and consent.accord == self._accord.id
                and consent.covers(
                    request.item, request.sender, request.recipient, request.for_purpose
                )
            )
            if covers and consent.stands(request.at):
                if consent.before is not None:
                    self.cuts.append(consent.before)
                return True
        return False

    def _third_party(self) -> Iterator[Failing]:
        """Every originator that is neither sender nor recipient has agreed."""
        others = self._others()
        if not others:
            return
        rule = self._accord.one(c.ThirdParty)
        answer = self._exception(c.Exempts.THIRD_PARTY)
        if answer is not None and answer.answer is c.Answer.DENY:
            yield self._excepted(answer)
            return
        if answer is not None:
            self._admit(answer)
            return
        if rule is None or rule.consent is c.Consent.NEVER:
            yield self._fail(
                Reason.ONWARD_NOT_ADMITTED,
                "" if rule is None else rule.cites,
                "a clause that lets a third party's information go on",
                "the accord states none" if rule is None else "it says never",
            )
            return
        if rule.consent is c.Consent.NOT_NEEDED:
            self._admit(rule)
            return
        missing = tuple(p for p in others if not self._consented(p))
        if missing:
            names = ", ".join(self._world.name(party) for party in missing)
            yield self._fail(
                Reason.CONSENT_MISSING,
                rule.cites,
                f"the written consent of {names}",
                "none on record",
                whose=missing,
            )
        else:
            self._admit(rule)


def _lists(words: tuple[str, ...], word: str) -> bool:
    return word in words or c.ANY in words
