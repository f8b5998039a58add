"""May this item go to that party at that instant, and under which articles?

`decide` is the meaning: for each accord between the two it examines every typed clause and
keeps those that fail. An accord with none permits. The explanation is the same
computation, in words (`comity.release.explain`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import InitVar, dataclass, field, replace
from typing import TypeAlias

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.times import Instant
from comity.labels import Item, Level, Mark
from comity.release.examine import earliest, examine, held, hold_cuts, holds
from comity.release.handling import misheld
from comity.release.lineage import Lineage, lineage, originators
from comity.release.marked import (
    barred_by_label,
    below_parts,
    label_at,
    label_cuts,
    members_at,
    releasable,
    shown,
)
from comity.release.request import (
    NOT_IN_FORCE,
    Examined,
    Failing,
    Reason,
    Request,
    most_decisive_first,
)
from comity.release.world import Authority, World

_MADE_HERE = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """It may go. Only `decide` makes one.

    Attributes:
        asked: what was asked; a permit is for nothing else.
        accord: under which it may go; None for a written authority.
        version: the digest of the accord's text and rules.
        authority: the written authority it goes under instead.
        handle_as: the recipient's levels; with several, all together until the
            recipient has chosen.
        handle_tags: the recipient's tags beside them.
        good_before: the next instant at which the answer may change by itself.
        world: in which it was decided; a world never changes, so it is this very one.
    """

    asked: Request
    accord: str | None
    version: str
    articles: tuple[str, ...]
    duties: tuple[tuple[str, str], ...]
    handle_as: tuple[Level, ...]
    good_before: Instant
    handle_tags: tuple[Mark, ...] = ()
    authority: str | None = None
    world: World = field(repr=False, compare=False)
    made: InitVar[object] = None

    def __post_init__(self, made: object) -> None:
        """Refuse to be built outside this room.

        Raises:
            TypeError: somebody tried.
        """
        if made is not _MADE_HERE:
            raise TypeError("a permit is made by decide() alone")

    @property
    def request(self) -> str:
        """The digest of what was asked."""
        return self.asked.digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """It may not go, and why.

    Attributes:
        asked: what was asked.
        reason: the most decisive of the nearest accord.
        accord: the nearest: the one with the fewest clauses in the way.
        failing: of that accord, most decisive first.
        considered: every accord between the two, nearest first.
    """

    asked: Request
    reason: Reason
    accord: str | None
    failing: tuple[Failing, ...]
    considered: tuple[Examined, ...] = ()

    @property
    def request(self) -> str:
        """The digest of what was asked."""
        return self.asked.digest

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

Distance: TypeAlias = tuple[bool, int, bool]
"""How far an accord is from permitting; the least is the nearest."""


def decide(request: Request, world: World) -> Decision:
    """Say whether an item may go, under which articles, or why not.

    Permits if and only if an accord stands between the two under both sides' recorded
    readings and every clause of it admits the request; or, where the world lets written
    authorities count, one covers the sender's own information. A hold, the originator's
    list of recipients and a word that nobody has defined refuse whatever an accord says.

    A permit means *may*, never *must*.
    """
    asked, request = request, at_its_instant(request, world)
    barred = (
        *_another(asked.item, world),
        *_unknown(request, world),
        *bars(request, world),
    )
    if barred:
        return barring(barred, asked=asked)
    considered = tuple(
        sorted(
            (examine(request, accord, world) for accord in _candidates(request, world)),
            key=distance,
        )
    )
    if considered and not considered[0].failing:
        best = considered[0]
        return Permit(
            asked=asked,
            accord=best.accord,
            version=best.version,
            articles=best.articles,
            duties=best.duties,
            handle_as=best.handle_as,
            handle_tags=best.handle_tags,
            good_before=earliest(best.good_before, *label_cuts(request, world)),
            world=world,
            made=_MADE_HERE,
        )
    authority = _authority(request, world)
    if authority is not None:
        return Permit(
            asked=asked,
            accord=None,
            version="",
            articles=(),
            duties=tuple(("", condition) for condition in authority.conditions),
            handle_as=(),
            good_before=earliest(
                authority.before,
                *hold_cuts(request, world, None),
                *label_cuts(request, world),
            ),
            authority=authority.id,
            world=world,
            made=_MADE_HERE,
        )
    return denied(request, considered, world, asked=asked)


def at_its_instant(request: Request, world: World) -> Request:
    """Return a request with its item's label as it stands at the request's instant."""
    item = request.item
    if item.label.level.policy not in world.policies:
        return request  # a level that nobody knows
    label = label_at(item, world, request.at)
    if label is item.label:
        return request
    return replace(request, item=replace(item, label=label))


def barring(failing: Iterable[Failing], *, asked: Request) -> Denial:
    """Return the denial where something binds whatever an accord permits."""
    found = most_decisive_first(failing)
    return Denial(asked=asked, reason=found[0].reason, accord=None, failing=found)


def denied(
    request: Request, considered: Sequence[Examined], world: World, *, asked: Request
) -> Denial:
    """Return the denial where none of some accords, nearest first, lets it go."""
    shown = tuple(e for e in considered if not e.concealed)
    if not shown:
        return _no_accord(request, world, asked)
    nearest = shown[0]
    return Denial(
        asked=asked,
        reason=nearest.failing[0].reason,
        accord=nearest.accord,
        failing=nearest.failing,
        considered=shown,
    )


def _no_accord(request: Request, world: World, asked: Request) -> Denial:
    """Deny as where there is none; so does an accord whose existence is classified."""
    between = f"{world.name(request.sender)} and {world.name(request.recipient)}"
    none = Failing(
        reason=Reason.NO_ACCORD,
        accord="",
        article="",
        wants=f"an accord between {between}",
        has="none",
    )
    return Denial(asked=asked, reason=none.reason, accord=None, failing=(none,))


def _candidates(request: Request, world: World) -> Iterable[Accord]:
    if request.under is not None:
        named = world.accord(request.under)
        return (named,) if named in world.between(request.sender, request.recipient) else ()
    return world.between(request.sender, request.recipient)


def distance(examined: Examined) -> Distance:
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


# -- what binds whatever an accord permits ---------------------------------------


def bars(request: Request, world: World) -> Iterator[Failing]:
    """Yield what binds whatever an accord permits, every word being known."""
    if request.held_as is not None:
        yield from misheld(request, request.held_as, world)
    members = members_at(request, world)
    if request.item.made_from:
        yield from _unclear(lineage(request.item, world))
    for member in members:
        yield from barred_by_label(request, member, world)
    if request.item.made_from:
        yield from _marked_below(request, members, world)
    for hold in holds(request, world, None):
        if hold.stands(request.at) and c.ANY in hold.accords:
            yield held(hold, world)


def _marked_below(
    request: Request, members: tuple[Item, ...], world: World
) -> Iterator[Failing]:
    """The whole is marked at least as its parts, each by a policy that is known here.

    What comes from the recipient alone, parts and all, comes home however it is marked.
    """
    for part in members[1:]:
        policy = world.policies.get(part.label.level.policy)
        if policy is None or not policy.knows(part.label.level):
            yield Failing(
                reason=Reason.UNKNOWN_WORD,
                accord="",
                article="",
                wants=f"a level of a policy here, for its part `{part.id}`",
                has=f"`{part.label.level}`",
            )
    if originators(request.item, world) == (request.recipient,):
        return
    for part, wants, has in below_parts(members, world):
        yield Failing(
            reason=Reason.INVALID_LABEL,
            accord="",
            article="",
            wants=wants,
            has=has,
            whose=part.originators,
        )


def _unclear(found: Lineage) -> Iterator[Failing]:
    """Every part is an item of the world whose originator is recorded, and none its own part."""
    item = found.members[0]
    wrong = [
        *((f"the part `{name}` of `{of}`", "none on record") for of, name in found.unknown),
        *(
            (f"parts of `{item.id}` that are not parts of themselves", " → ".join(circle))
            for circle in found.circles
        ),
        *(
            (f"the originator of `{member.id}`, a part of `{item.id}`", "none on record")
            for member in found.members[1:]
            if not member.originators
        ),
    ]
    for wants, has in wrong:
        yield Failing(
            reason=Reason.MISSING_FACT, accord="", article="", wants=wants, has=has
        )


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

    for party in (request.sender, request.recipient, *originators(item, world)):
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
    policy = world.policies.get(item.label.level.policy)
    if policy is None or not policy.knows(item.label.level):
        known = [] if policy is None else [f"{policy.id}:{name}" for name in policy.rungs]
        yield unknown("a level", str(item.label.level), known)
    for what, asked, words in (
        ("a category", item.label.categories, world.categories),
        ("a purpose", (request.for_purpose,), world.purposes),
        ("a kind", (item.kind,), world.kinds),
        ("a channel", (request.by_channel,), world.channels),
    ):
        if not words.issuperset(asked):
            yield from (unknown(what, word, words) for word in asked if word not in words)


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


def _authority(request: Request, world: World) -> Authority | None:
    """Return the written authority that covers the sender's own information, if it counts."""
    own = originators(request.item, world) == (request.sender,)
    if not world.authorities_on or not own or request.under is not None:
        return None
    if _off_the_list(request, world):
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


def _off_the_list(request: Request, world: World) -> bool:
    """Say whether a list leaves the recipient out: then RELIDO asks for consent, under an accord."""
    sender, recipient, at = request.sender, request.recipient, request.at
    return not all(
        releasable(member, sender, recipient, world, at)
        or shown(member, recipient, world, at)
        for member in members_at(request, world)
    )
