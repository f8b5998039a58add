"""A decision in words, and what the clock alone would make of it later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from comity.accords import clauses as c
from comity.accords.doubt import TooUncertain
from comity.accords.times import FAR_FUTURE, Instant, Zone
from comity.labels import Level, level_mark
from comity.release.asking import Missing, missing
from comity.release.decide import Decision, Denial, Permit, decide
from comity.release.marked import label_cuts
from comity.release.request import Examined, Failing, Reason, Request
from comity.release.world import World

HEADINGS = {
    Reason.UNKNOWN_WORD: "a word that nobody has defined",
    Reason.MISSING_FACT: "a fact is missing",
    Reason.INVALID_LABEL: "the label is not one that its policy allows",
    Reason.ORIGINATOR_FORBIDS: "the originator does not release it to them",
    Reason.CAVEAT_NOT_ADMITTED: "a caveat of the label keeps it from them",
    Reason.HELD: "a hold stops it",
    Reason.NO_ACCORD: "no accord between them",
    Reason.NOT_YET_IN_FORCE: "the accord is not yet in force",
    Reason.UNSETTLED: "whether the accord is in force is not settled",
    Reason.SUSPENDED: "the accord is suspended",
    Reason.ENDED: "the accord has ended",
    Reason.SENDING_NOT_AUTHORISED: "nothing authorises the sender to send",
    Reason.DIRECTION_NOT_COVERED: "the accord does not cover this direction",
    Reason.CATEGORY_NOT_COVERED: "the accord does not cover what it is about",
    Reason.KIND_NOT_COVERED: "the accord does not cover this kind",
    Reason.NO_EQUIVALENT: "the recipient has no corresponding level",
    Reason.PURPOSE_NOT_ADMITTED: "the accord does not admit the purpose",
    Reason.CHANNEL_NOT_ADMITTED: "the accord does not admit the channel",
    Reason.CONDITION_NOT_MET: "a condition before release is not met",
    Reason.EXCEPTED: "an exception refuses it",
    Reason.ONWARD_NOT_ADMITTED: "a third party's information may not go on under it",
    Reason.CONSENT_MISSING: "an originator's consent is missing",
}

HINTS = {
    Reason.UNKNOWN_WORD: "use a word that the world defines, or define it there",
    Reason.MISSING_FACT: "record it; what is not recorded releases nothing",
    Reason.INVALID_LABEL: "only the originator can mend its label",
    Reason.ORIGINATOR_FORBIDS: "ask the originator to name the recipient; for one put out of a"
    " community, on an item made since",
    Reason.CAVEAT_NOT_ADMITTED: "only the originator can take the caveat off",
    Reason.HELD: "only the one who placed the hold can lift it",
    Reason.NO_ACCORD: "look for a way by another party: `comity route`",
    Reason.NOT_YET_IN_FORCE: "what its entry waits for has not happened; see the article",
    Reason.UNSETTLED: "wait until the instant is past, or settle the fact",
    Reason.SUSPENDED: "see `comity ways` for who can let it go on",
    Reason.ENDED: "it takes a new agreement, or another way: `comity route`",
    Reason.SENDING_NOT_AUTHORISED: "only what authorises it can help, such as the statute",
    Reason.DIRECTION_NOT_COVERED: "look for a way by another party: `comity route`",
    Reason.CATEGORY_NOT_COVERED: "it takes another accord, or an amendment of this one",
    Reason.KIND_NOT_COVERED: "send it in a form that the accord covers",
    Reason.NO_EQUIVALENT: "only the originator can lower the level; no row, no release",
    Reason.PURPOSE_NOT_ADMITTED: "ask for a purpose that the accord admits",
    Reason.CHANNEL_NOT_ADMITTED: "send it by a channel that the accord admits",
    Reason.CONDITION_NOT_MET: "have the condition met and recorded, then ask again",
    Reason.EXCEPTED: "the exception stands beside the article; read it",
    Reason.ONWARD_NOT_ADMITTED: "it takes another accord; no consent helps under this one",
    Reason.CONSENT_MISSING: "ask them for written consent, then ask again",
}

LATER_HELPS: frozenset[Reason] = frozenset(
    {
        Reason.HELD,
        Reason.NOT_YET_IN_FORCE,
        Reason.UNSETTLED,
        Reason.SUSPENDED,
        Reason.SENDING_NOT_AUTHORISED,
        Reason.CONDITION_NOT_MET,
        Reason.CONSENT_MISSING,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """When the answer changes by itself, were nothing more done.

    Attributes:
        opens: the next instant at which the same request would be permitted.
        closes: the next at which it no longer would; None where no date is fixed.
    """

    opens: Instant | None
    closes: Instant | None


def outlook(request: Request, decision: Decision, world: World) -> Outlook:
    """Return the next opening or closing instant, by the clock alone.

    Only what was done by the request's instant counts; whatever anybody does later
    changes it.
    """
    by_then = world.as_of(request.at)
    permitted = isinstance(decision, Permit)
    for cut in _cuts(request, by_then):
        later = decide(replace(request, at=cut), by_then)
        if isinstance(later, Permit) is not permitted:
            if permitted:
                return Outlook(opens=None, closes=cut)
            return Outlook(opens=cut, closes=None)
    return Outlook(opens=None, closes=None)


CUTS_MAX = 64  # instants tried; a living agreement has a handful of dates ahead


def _cuts(request: Request, world: World) -> Iterator[Instant]:
    """Yield, in order, the later instants at which something changes by itself."""
    found: set[Instant] = set(label_cuts(request, world))
    for accord in world.between(request.sender, request.recipient):
        pair = (request.sender, request.recipient)
        for side in pair:
            at = request.at
            while len(found) < CUTS_MAX:
                try:
                    before = world.clock(accord.id).between(at, pair, party=side).before
                except TooUncertain:
                    break  # what nobody can tell now opens at no instant that can be named
                if before is None:
                    break
                found.add(before)
                at = before
        for tie in accord.all(c.Tied):
            if tie.to in world.links().known:
                whole = world.clock(tie.to).whole(request.at, party=request.sender)
                found.update(() if whole.before is None else (whole.before,))
    for hold in world.holds:
        found.update(i for i in (hold.since, hold.before) if i is not None)
    for consent in world.consents():
        found.update(i for i in (consent.since, consent.before) if i is not None)
    for authority in world.authorities:
        found.update((authority.since, authority.before))
    yield from sorted(i for i in found if request.at < i < FAR_FUTURE)[:CUTS_MAX]


def explain(request: Request, decision: Decision, world: World) -> str:
    """Return the decision in words: the answer, the articles, every clause in the way."""
    zone = world.party(request.sender).zone if request.sender in world.parties else None
    match decision:
        case Permit():
            return "\n".join(_permit(request, decision, world, zone))
        case Denial():
            return "\n".join(_denial(request, decision, world, zone))


def _asked(request: Request, world: World, zone: Zone | None) -> str:
    when = "" if zone is None else f" at {zone.say(request.at)}"
    return (
        f"{request.item.id} ({request.item.label.level}) from {world.name(request.sender)}"
        f" to {world.name(request.recipient)}{when}"
    )


def _permit(
    request: Request, permit: Permit, world: World, zone: Zone | None
) -> Iterator[str]:
    yield f"permit: {_asked(request, world, zone)}"
    if permit.authority is not None:
        yield f"  under the written authority `{permit.authority}`, outside any accord"
    else:
        accord = world.accord(permit.accord or "")
        yield f"  under {accord.title}"
        yield f"  articles: {', '.join(permit.articles)}"
    if len(permit.handle_as) == 1:
        yield f"  they handle it as {_mark(permit.handle_as[0], world)}"
    elif permit.handle_as:
        marks = " or ".join(_mark(level, world) for level in permit.handle_as)
        yield f"  they must choose: {marks}; until then all of them together apply"
    if permit.handle_tags:
        yield f"  and mark it {', '.join(map(str, permit.handle_tags))}"
    for article, words in permit.duties:
        yield f"  duty{' ' + article if article else ''}: {words}"
    if permit.good_before < FAR_FUTURE and zone is not None:
        yield f"  good before {zone.say(permit.good_before)}"
    yield "  a permit means may, never must"


def _mark(level: Level, world: World) -> str:
    policy = world.policies.get(level.policy)
    rung = None if policy is None else policy.rungs.get(level.name)
    if rung is None or not rung.marks:
        return str(level)
    return f"{level_mark(level, policy, '')} ({level})"


def _denial(
    request: Request, denial: Denial, world: World, zone: Zone | None
) -> Iterator[str]:
    cites = f" [{denial.articles[0]}]" if denial.articles else ""
    yield f"deny: {HEADINGS[denial.reason]}{cites}: {_asked(request, world, zone)}"
    if denial.accord is not None:
        yield f"  nearest: {world.accord(denial.accord).title}"
    for failing in denial.failing:
        yield f"  - {_failing(failing, world)}"
    for one in missing(request, denial, world):
        yield f"  missing: {missing_words(one, world)}"
    for other in denial.considered[1:]:
        yield f"  also considered: {_other(other, world)}"
    later = "may" if denial.reason in LATER_HELPS else "does not"
    yield f"  hint: {HINTS[denial.reason]} (asking again later {later} help)"


def missing_words(one: Missing, world: World) -> str:
    """Return whose consent is missing to what, under which accord, and whether it was asked."""
    zone = world.accord(one.accord).zone
    place = " ".join([one.accord, ", ".join(filter(None, one.articles))]).strip()
    asked = "nobody has asked"
    if one.refused is not None:
        asked = f"refused by `{one.refused}`"
    if one.asked is not None and one.asked_since is not None:
        asked = (
            f"asked by `{one.asked}` since {zone.say(one.asked_since)}, and no answer yet"
        )
    return (
        f"the written consent of {world.name(one.of)} that {world.name(one.holder)} may"
        f" release it to {world.name(one.to)} for {one.purpose} [{place}]: {asked}"
    )


def _failing(failing: Failing, world: World) -> str:
    place = ""
    if failing.article:
        place = f"{world.accord(failing.accord).place(failing.article)}: "
    return f"{place}{HEADINGS[failing.reason]}: it wants {failing.wants}; there is {failing.has}"


def _other(examined: Examined, world: World) -> str:
    title = world.accord(examined.accord).title
    reasons = ", ".join(dict.fromkeys(HEADINGS[f.reason] for f in examined.failing))
    return f"{title}: {reasons}"
