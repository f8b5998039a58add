"""How a recipient handles what it receives: the table of an accord, applied to one label.

The originator's label stays as it is; what is found here stands beside it. No row, no
release; never the first of several, never *as is*. The table is not transitive: a level
is looked up in this accord's rows and in no other's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.state import NO_AUTHORITY
from comity.accords.times import FAR_FUTURE, FAR_PAST, Instant
from comity.errors import InvalidInput
from comity.labels import Item, Label, Level, Mark, TagType
from comity.release.lineage import lineage
from comity.release.lookup import Leading
from comity.release.request import Failing, Reason, Request
from comity.release.world import World

Row = TypeVar("Row", c.Equivalence, c.TagEquivalence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """What the recipient marks beside the originator's label.

    Attributes:
        levels: its own; several together until it has designated one.
        tags: its own.
        articles: of the rows that led there.
        failing: what is in the way; then the rest says what was found all the same.
        cuts: the instants after the request at which a row begins or ends.
    """

    levels: tuple[Level, ...] = ()
    tags: tuple[Mark, ...] = ()
    articles: tuple[str, ...] = ()
    failing: tuple[Failing, ...] = ()
    cuts: tuple[Instant, ...] = ()


def handling(request: Request, accord: Accord, world: World) -> Handling:
    """Return how the recipient would handle the item of a request under an accord.

    From the level at which the sender holds it, where it received it, and from the
    originator's own otherwise.
    """
    item, recipient = request.item, request.recipient
    theirs = world.policy_of(recipient)
    level = item.label.level if request.held_as is None else request.held_as
    tags = item.label.marks if request.held_as is None else request.held_tags
    if item.originators == (recipient,) and theirs and theirs.id == item.label.level.policy:
        return Handling(levels=(item.label.level,), tags=item.label.marks)
    if theirs is None:
        wants, has = f"a policy of `{recipient}`", "none here"
        return Handling(failing=(_none(accord, "", wants, has),))
    found = _Table(request, accord, world, theirs.id)
    levels = found.designated(*found.level(level))
    marked = found.tags((*tags, *_unanswered(request, world)))
    return Handling(
        levels=levels,
        tags=marked,
        articles=tuple(dict.fromkeys(found.articles)),
        failing=tuple(found.failing),
        cuts=tuple(found.cuts),
    )


def admitted(
    accord: Accord, world: World, recipient: str, at: Instant
) -> tuple[frozenset[Level], frozenset[Mark]]:
    """Return every level and tag that the rows of an instant lead on to a recipient.

    An informative tag needs no row, and is not among them.
    """
    theirs = world.policy_of(recipient)
    if theirs is None:
        return frozenset(), frozenset()
    asked = Request(item=_ANYTHING, sender="", recipient=recipient, at=at)
    found = _Table(asked, accord, world, theirs.id)
    common = accord.all(c.CommonPolicy)
    levels = {
        *(row.from_ for row in accord.all(c.Equivalence)),
        *(Level(rule.policy, name) for rule in common for name in rule.levels),
    }
    marks = {
        *(row.from_ for row in accord.all(c.TagEquivalence)),
        *(
            Mark(r.policy, *tag.split("/", 1))
            for r in common
            for tag in r.tags
            if "/" in tag
        ),
    }

    def passes(look: Callable[[], object]) -> bool:
        before = len(found.failing)
        look()
        return len(found.failing) == before

    return (
        frozenset(one for one in levels if passes(partial(found.level, one))),
        frozenset(one for one in marks if passes(partial(found.tags, (one,)))),
    )


_ANYTHING = Item(
    id="",
    title="",
    originators=(),
    label=Label(level=Level("", ""), categories=()),
    kind="",
    purpose="",
    channel="",
)


def _unanswered(request: Request, world: World) -> Iterator[Mark]:
    """Yield the parts' tags that none on the whole answers to: they need rows as well.

    What comes from the recipient alone comes home. What was dropped on the way to another
    policy is not asked for there.
    """
    label = request.item.label
    whole = set(label.marks)
    for part in lineage(request.item, world).members[1:]:
        for mark in part.label.marks if part.originators != (request.recipient,) else ():
            seen, dropped = marks_reached(mark, world)
            translated = mark.policy != label.level.policy
            if not ((dropped and translated) or seen & whole):
                yield mark


class _Table:
    """The rows of one accord that lead to one policy at one instant."""

    def __init__(self, request: Request, accord: Accord, world: World, theirs: str) -> None:
        self._request = request
        self._accord = accord
        self._world = world
        self._theirs = theirs
        self._common = tuple(
            rule for rule in accord.all(c.CommonPolicy) if rule.policy == theirs
        )
        self.articles: list[str] = []
        self.failing: list[Failing] = []
        self.cuts: list[Instant] = []
        rows = _leading(accord, world, theirs)
        self._levels = self._standing(rows.levels)
        self._tags = self._standing(rows.tags)

    def _standing(self, rows: tuple[tuple[Instant, Instant, Row], ...]) -> list[Row]:
        """Return the rows whose days the request's instant is in."""
        at = self._request.at
        for since, before, _ in rows:
            self.cuts += [cut for cut in (since, before) if at < cut < FAR_FUTURE]
        return [row for since, before, row in rows if since <= at < before]

    def level(self, level: Level) -> tuple[tuple[Level, ...], list[c.Equivalence]]:
        """Return the recipient's levels for one of the sender's, and the rows that lead there."""
        rows = self._levels
        mine = [row for row in rows if row.from_ == level]
        common = [
            rule
            for rule in self._common
            if level.policy == self._theirs and level.name in rule.levels
        ]
        none = [row for row in mine if row.relation is c.Relation.NONE]
        if none:
            wants = "a row that names a level"
            self._fail(none[0].cites, wants, f"the text says that `{level}` has none")
            return (), []
        if not mine and not common:
            known = [
                *(str(row.from_) for row in rows if row.relation is not c.Relation.NONE),
                *(f"{r.policy}:{name}" for r in self._common for name in r.levels),
            ]
            cites = [*(row.cites for row in rows), *(rule.cites for rule in self._common)]
            recipient = self._request.recipient
            wants = f"a level with a row for `{recipient}`: "
            wants += ", ".join(dict.fromkeys(known)) or "there is none"
            self._fail(next(iter(cites), ""), wants, str(level))
            return (), []
        targets = dict.fromkeys(
            [
                *(to for row in mine for to in row.to if to.policy == self._theirs),
                *((level,) if common else ()),
            ]
        )
        chosen = not common and all(r.choose is c.Choose.RECIPIENT for r in mine)
        several = len(targets) > 1 or len(mine) + len(common) > 1
        if several and not chosen:
            has = f"{len(mine) + len(common)} rows: " + ", ".join(map(str, targets))
            self._fail(
                (*mine, *common)[0].cites,
                "one row and one level, or a choice by the recipient",
                has,
            )
            return (), []
        self.articles += [rule.cites for rule in (*mine, *common)]
        return tuple(targets), mine

    def designated(
        self, targets: tuple[Level, ...], rows: list[c.Equivalence]
    ) -> tuple[Level, ...]:
        """Return the level that the recipient has designated, or all that the rows offer."""
        policy = self._world.policies.get(self._theirs)
        above = any(row.relation is c.Relation.AT_LEAST for row in rows)
        if len(targets) < 2 and not above:
            return targets
        allowed = set(targets)
        if above and policy is not None:
            names = [Level(self._theirs, name) for name in policy.rungs]
            allowed |= {one for one in names for to in targets if policy.dominates(one, to)}
        found = _designations(self._request, self._accord, self._world, allowed)
        return found or targets

    def tags(self, marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
        """Return the recipient's tags for the sender's; what has no row is in the way."""
        rows = self._tags
        carried: list[Mark] = []
        for mark in marks:
            policy = self._world.policies.get(mark.policy)
            known = None if policy is None else policy.tag_sets.get(mark.tag_set)
            if known is not None and known.type_ is TagType.INFORMATIVE:
                continue
            as_it_is = [
                rule
                for rule in self._common
                if mark.policy == self._theirs
                and f"{mark.tag_set}/{mark.value}" in rule.tags
            ]
            mine = [row for row in rows if row.from_ == mark]
            if not mine and not as_it_is:
                cites = next((row.cites for row in rows), "")
                self._fail(cites, "a row for every tag of the label", f"none for `{mark}`")
                continue
            self.articles += [rule.cites for rule in (*mine, *as_it_is)]
            carried += [mark] if as_it_is else []
            carried += [to for row in mine for to in row.to if to.policy == self._theirs]
        return tuple(dict.fromkeys(carried))

    def _fail(self, article: str, wants: str, has: str) -> None:
        self.failing.append(_none(self._accord, article, wants, has))


def _leading(accord: Accord, world: World, theirs: str) -> Leading:
    """Return the rows about levels and tags of one policy; one to none is about all."""
    found = world.tables.leading.get((accord, theirs))
    if found is None:
        zone = accord.zone

        def dated(row: Row) -> tuple[Instant, Instant, Row]:
            since = FAR_PAST if row.since is None else zone.start_of(row.since)
            before = FAR_FUTURE if row.before is None else zone.start_of(row.before)
            return since, before, row

        def about(row: Row) -> bool:
            if isinstance(row, c.TagEquivalence):
                none = row.drop
            else:
                none = row.relation is c.Relation.NONE and not row.to
            return none or any(to.policy == theirs for to in row.to)

        found = world.tables.leading[accord, theirs] = Leading(
            levels=tuple(dated(row) for row in accord.all(c.Equivalence) if about(row)),
            tags=tuple(dated(row) for row in accord.all(c.TagEquivalence) if about(row)),
        )
    return found


def _none(accord: Accord, article: str, wants: str, has: str) -> Failing:
    return Failing(
        reason=Reason.NO_EQUIVALENT,
        accord=accord.id,
        article=article,
        wants=wants,
        has=has,
    )


def _designations(
    request: Request, accord: Accord, world: World, allowed: set[Level]
) -> tuple[Level, ...]:
    """Return the level that the recipient's latest written designation names, if one does.

    One for the item beats a standing one. Of several of which nobody knows which is the
    latest each may be it: their levels together.
    """
    own: list[tuple[Instant, Instant, Level]] = []
    standing: list[tuple[Instant, Instant, Level]] = []
    for span, instrument, operation in world.lookup.designating.get(accord.id, ()):
        if (
            instrument.by != (request.recipient,)
            or instrument.form != "written"
            or instrument.authority == NO_AUTHORITY
            or instrument.recalled
            or span.last > request.at
        ):
            continue
        try:
            level = Level.parse(operation.level or "")
        except InvalidInput:
            continue
        about = set(request.item.label.categories) <= set(operation.categories)
        if level not in allowed or (operation.categories and not about):
            continue
        if operation.item == request.item.id:
            own.append((span.last, span.start, level))
        elif operation.item is None:
            standing.append((span.last, span.start, level))
    made = sorted(own or standing)
    latest = max((start for _, start, _ in made), default=Instant(0))
    return tuple(dict.fromkeys(level for last, _, level in made if last >= latest))


def misheld(request: Request, held: Level, world: World) -> Iterator[Failing]:
    """Say what is wrong with how the sender holds what it received.

    It holds it at a level of its own to which tables lead from the item's label, or at one
    above it, and no tag was lost on the way.
    """
    item = request.item
    if (held, request.held_tags) == (item.label.level, item.label.marks):
        return  # as its originator marked it, such as when it has come home
    policy = world.policy_of(request.sender)
    own = False
    if policy is not None and policy.knows(held):
        below = (Level(policy.id, name) for name in policy.below(held.name))
        own = not reached(item.label.level, world).isdisjoint(below)
    if not own or request.sender in item.originators:
        yield Failing(
            reason=Reason.NO_EQUIVALENT,
            accord="",
            article="",
            wants=f"a level of the holder to which a table leads from `{item.label.level}`",
            has=str(held),
        )
    for mark in _lost(request, world):
        yield Failing(
            reason=Reason.NO_EQUIVALENT,
            accord="",
            article="",
            wants=f"a tag of the holder to which a table leads from `{mark}`",
            has=", ".join(map(str, request.held_tags)) or "no tag",
        )


def reached(level: Level, world: World) -> frozenset[Level]:
    """Return the levels to which the tables lead from one, over however many parties.

    A row that says `none` leads nowhere, and no way round leads lower in the level's own
    policy: only an originator lowers.
    """
    known = world.tables.reached.get(level)
    if known is not None:
        return known
    policy = world.policies.get(level.policy)
    seen, waiting = {level}, [level]
    while waiting:
        one = waiting.pop()
        fresh = set(world.tables.levels.get(one, ())) - seen
        fresh = {
            to
            for to in fresh
            if to.policy != level.policy or (policy and policy.dominates(to, level))
        }
        seen |= fresh
        waiting += fresh
    world.tables.reached[level] = frozenset(seen)
    return world.tables.reached[level]


def _lost(request: Request, world: World) -> Iterator[Mark]:
    """Yield the originator's tags that the holder's do not answer to.

    One that some parties agreed to drop is lost all the same where a table of the holder's
    own leads to a tag of its.
    """
    own = _led_to(request.sender, world)
    for mark in request.item.label.marks:
        seen, dropped = marks_reached(mark, world)
        dropped = dropped and seen.isdisjoint(own)
        told = not _narrows(mark, world)
        if not (told or dropped or seen & set(request.held_tags)):
            yield mark


def _led_to(party: str, world: World) -> frozenset[Mark]:
    """Return the tags of a party to which the tables of its own accords lead."""
    known = world.tables.led_to.get(party)
    if known is None:
        policy = world.policy_of(party)
        known = world.tables.led_to[party] = frozenset(
            to
            for accord in world.accords
            if party in accord.parties
            for row in accord.all(c.TagEquivalence)
            for to in row.to
            if policy is not None and to.policy == policy.id
        )
    return known


def _narrows(mark: Mark, world: World) -> bool:
    """Say whether a tag is of a set that narrows who may have what bears it."""
    policy = world.policies.get(mark.policy)
    known = None if policy is None else policy.tag_sets.get(mark.tag_set)
    return known is None or known.type_ is not TagType.INFORMATIVE


def marks_reached(mark: Mark, world: World) -> tuple[frozenset[Mark], bool]:
    """Return the tags to which the tables lead from one, and whether one of them drops it."""
    known = world.tables.marks_reached.get(mark)
    if known is not None:
        return known
    seen, waiting, dropped = {mark}, [mark], False
    while waiting:
        one = waiting.pop()
        mine = world.tables.tags.get(one, ())
        dropped = dropped or any(row.drop for row in mine)
        fresh = {to for row in mine for to in row.to} - seen
        seen |= fresh
        waiting += fresh
    world.tables.marks_reached[mark] = (frozenset(seen), dropped)
    return world.tables.marks_reached[mark]
