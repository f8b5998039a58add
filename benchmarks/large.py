"""Plausible large worlds, made up from a seed: parties, policies, accords and what was done.

The shape is that of a network of agreements: most are bilateral, a third has three parties,
a few have many; a few parties have most of them. Each accord is read from its text.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import permutations

from comity.accords import (
    Accord,
    Instant,
    Instrument,
    Op,
    Operation,
    Span,
    Stage,
    load_accord,
)
from comity.accords import clauses as c
from comity.accords.standing import Reading
from comity.accords.times import UTC_ZONE
from comity.labels import (
    Caveat,
    Group,
    Item,
    Label,
    Level,
    Membership,
    Policy,
    Rung,
    Tag,
    TagSet,
    TagType,
)
from comity.release import Hold, Party, World
from drafts import Draft, day_of, zone_of
from words import (
    CATEGORIES,
    CHANNELS,
    FIRST,
    KINDS,
    LAST,
    LEVELS,
    PURPOSES,
    Dice,
    start,
)

PARTIES = {1: 3, 10: 6, 100: 16, 1_000: 40, 10_000: 120}
"""How many parties there are, for so many accords."""

MIDDLE = date(2016, 1, 1)
_AWARE = 0.4  # of the parties that mark with tags


def large_world(accords: int, seed: int = 1) -> World:
    """Return a world of so many accords; the same seed gives the same world."""
    dice = Dice("world", accords, seed)
    names = tuple(f"p{n:03}" for n in range(_parties(accords)))
    groups = _groups(names, dice)
    tagged = frozenset(name for name in names if dice.chance(_AWARE)) or frozenset(
        names[:1]
    )
    texts, acts, amendments = _accords(accords, names, tagged, dice)
    items, consents = _consents(4 * accords + 16, texts, groups, dice)
    return World(
        id=f"large-{accords}",
        title=f"a made-up world of {accords} accords",
        parties={
            name: Party(id=name, name=name.upper(), seat=name, zone=UTC_ZONE)
            for name in names
        },
        policies={
            name: _policy(name, tuple(groups) if name in tagged else ()) for name in names
        },
        accords=texts,
        instruments=(*acts, *consents),
        readings=tuple(_readings(texts, dice)),
        holds=tuple(_holds(names, texts, dice)),
        categories=frozenset(CATEGORIES),
        purposes=frozenset(PURPOSES),
        kinds=frozenset(KINDS),
        channels=frozenset(CHANNELS),
        groups=groups,
        amendments=amendments,
        items=items,
    )


def _parties(accords: int) -> int:
    return PARTIES.get(accords) or max(3, round(0.9 * accords**0.55))


# -- who there is ----------------------------------------------------------------------


def _policy(name: str, holders: Sequence[str]) -> Policy:
    rungs = {
        level: Rung(name=level, above=LEVELS[place - 1 : place] if place else ())
        for place, level in enumerate(LEVELS)
    }
    return Policy(id=name, rungs=rungs, tag_sets=_tag_sets(holders) if holders else {})


def _tag_sets(holders: Sequence[str]) -> Mapping[str, TagSet]:
    named = zip(("DELTA", "ECHO"), holders, strict=False)
    compartments = {name: Tag(name=name, holders=group) for name, group in named}
    return {
        "control": TagSet(
            name="control",
            type_=TagType.INFORMATIVE,
            tags={
                "ORCON": Tag(name="ORCON", caveat=Caveat.ORCON),
                "DRAFT": Tag(name="DRAFT"),
            },
        ),
        "compartment": TagSet(
            name="compartment", type_=TagType.RESTRICTIVE, tags=compartments
        ),
    }


def _groups(names: Sequence[str], dice: Dice) -> Mapping[str, Group]:
    """Return a quarter as many groups as parties, whose members come and go."""
    found = {}
    for number in range(max(2, len(names) // 4)):
        members = []
        for party in dice.some(names, max(2, len(names) // 6), max(3, len(names) // 2)):
            since = dice.moment(FIRST, LAST)
            end = dice.moment(FIRST, LAST)
            before = end if end > since and dice.chance(0.5) else None
            members.append(Membership(party=party, since=since, before=before))
        name = f"group-{number:02}"
        found[name] = Group(id=name, title=name, members=tuple(members))
    return found


def _holds(names: Sequence[str], texts: Sequence[Accord], dice: Dice) -> Iterator[Hold]:
    """Yield a hold a party: towards some, under one accord or all, of some categories."""
    for number in range(len(names)):
        since = dice.moment(FIRST, LAST)
        yield Hold(
            id=f"hold-{number}",
            by=dice.one(names),
            towards=("any",) if dice.chance(0.3) else dice.some(names, 1, 4),
            accords=("any",) if dice.chance(0.8) else (dice.one(texts).id,),
            categories=("any",) if dice.chance(0.2) else dice.some(CATEGORIES, 1, 16),
            ground="a pause",
            since=since,
            before=Instant(since + 86_400 * dice.number(100, 2_000)),
            stops_accepting=dice.chance(0.3),
        )


# -- what they agreed ------------------------------------------------------------------


def _accords(
    count: int, names: Sequence[str], tagged: frozenset[str], dice: Dice
) -> tuple[tuple[Accord, ...], list[Instrument], dict[str, bytes]]:
    weights = [1 / (place + 1) ** 0.7 for place in range(len(names))]
    grades = {name: _grades(dice) for name in names}
    texts: list[Accord] = []
    acts: list[Instrument] = []
    amendments: dict[str, bytes] = {}
    for number in range(count):
        own = Dice("accord", number, dice.number(0, 1 << 40))
        parties = _drawn(own, names, weights, min(_size(number, own), len(names)))
        joins = len(parties) > 2 and own.chance(0.25 if len(parties) == 3 else 0.8)
        tied = number > 0 and own.chance(0.04)
        draft = Draft(
            id=f"a{number:05}",
            founders=parties[:-1] if joins else parties,
            joiner=parties[-1] if joins else None,
            grades=grades,
            tagged=tagged & set(parties),
            zone=zone_of(own),
            signed=day_of(own),
            earlier=(own.one(texts).id,) if tied else (),
            dice=own,
        )
        text = load_accord(draft.text())
        name = f"{draft.id}-amended" if own.chance(0.1) else None
        if name:
            amendments[name] = draft.amendment(text.digest)
        texts.append(text)
        acts += draft.acts(text, name)
    return tuple(texts), acts, amendments


def _size(number: int, dice: Dice) -> int:
    """Return of how many parties an accord is: one in fifty of many, the rest of two or three."""
    if number % 50 == 7:
        return dice.number(6, 12)
    return 2 if dice.chance(0.7) else 3


def _drawn(
    dice: Dice, names: Sequence[str], weights: Sequence[float], count: int
) -> tuple[str, ...]:
    found: dict[str, None] = {}
    while len(found) < count:
        found[dice.weighted(names, weights)] = None
    return tuple(found)


def _grades(dice: Dice) -> tuple[int, ...]:
    """Return how high each level of a party stands, from 1 to 4; two may stand as high."""
    return dice.weighted(
        ((1, 2, 3, 4), (1, 2, 2, 4), (1, 1, 3, 4), (2, 2, 3, 4)), (8, 1, 1, 1)
    )


def _readings(texts: Sequence[Accord], dice: Dice) -> Iterator[Reading]:
    """Yield readings of what texts leave open; some parties differ, and from different days."""
    for text in texts:
        points = [(p.id, p.readings) for p in text.all(c.OpenPoint)]
        points.append(("suspended-notice", ("dormant", "revoked", "agreed variation")))
        for point, possible in points:
            for party in text.parties if dice.chance(0.6) else ():
                if dice.chance(0.6):
                    yield Reading(
                        party=party,
                        accord=text.id,
                        open_point=point,
                        reading=dice.one(possible),
                        since=dice.moment(FIRST, MIDDLE),
                        source="made up",
                    )


# -- consents --------------------------------------------------------------------------


def _consents(
    count: int, texts: Sequence[Accord], groups: Mapping[str, Group], dice: Dice
) -> tuple[dict[str, Item], list[Instrument]]:
    """Return items on record, and consents and refusals of originators outside the pair."""
    partners: dict[str, set[str]] = defaultdict(set)
    for text in texts:
        for one, other in permutations(text.parties, 2):
            partners[one].add(other)
    asking = [t for t in texts if _may_go_on(t)] or list(texts)
    items: dict[str, Item] = {}
    acts: list[Instrument] = []
    given = 0
    while given < count:
        text = dice.one(asking)
        holder, to = dice.some(text.parties, 2, 2)[:: dice.one((1, -1))]
        outside = sorted(partners[holder] - {to})
        if not outside:
            asking = [t for t in asking if t is not text] or list(texts)
            continue
        owner = dice.one(outside)
        name = f"{text.id}/consent-{given}"
        terms: dict[str, object] = {
            "holder": holder,
            "to": to,
            "purposes": _most(text.one(c.Purpose), dice),
        }
        second = dice.one(outside) if dice.chance(0.3) else owner
        if dice.chance(0.25):
            item = _item(
                f"x{len(items):05}", owner, second, (holder, to), text, groups, dice
            )
            items[item.id] = item
            terms["item"] = item.id
        else:
            ceiling = dice.number(1, len(LEVELS))
            terms["categories"] = dice.some(CATEGORIES, 16, 64)
            terms["levels"] = tuple(f"{owner}:{level}" for level in LEVELS[:ceiling])
            if dice.chance(0.5):
                terms["ceiling"] = f"{owner}:{LEVELS[ceiling - 1]}"
                del terms["levels"]
        acts += _asked(name, text.id, owner, terms, dice)
        given += 1
        if second != owner and "ceiling" not in terms:  # marked by the one, of both
            acts += _asked(f"{name}-too", text.id, second, terms, dice)
    return items, acts


def _may_go_on(text: Accord) -> bool:
    rule = text.one(c.ThirdParty)
    return rule is not None and rule.consent is not c.Consent.NEVER


def _most(rule: c.Purpose | None, dice: Dice) -> tuple[str, ...]:
    allowed = PURPOSES if rule is None or "any" in rule.allowed else rule.allowed
    return dice.some(allowed, max(1, len(allowed) // 2), len(allowed))


def _asked(
    name: str, accord: str, owner: str, terms: Mapping[str, object], dice: Dice
) -> Iterator[Instrument]:
    """Yield a consent, from a day on or until one; some are revoked, or refused anew later."""
    day = dice.day(FIRST, LAST)
    when = dice.moment(day, day)

    def act(which: str, by: str, at: Instant, **said: object) -> Instrument:
        operation = Operation(**said)  # type: ignore[arg-type]
        operation.check(which)
        span = Span.at(at)
        return Instrument(
            id=which,
            accord=accord,
            by=(by,),
            form="written",
            times={(Stage.DATED, ""): span, (Stage.RECEIVED, ""): span},
            operations=(operation,),
            source="made up",
        )

    dated: dict[str, object] = {}
    if dice.chance(0.3):
        dated["since"] = (day + timedelta(days=dice.number(0, 200))).isoformat()
    if dice.chance(0.4):
        dated["until"] = (day + timedelta(days=dice.number(300, 5_000))).isoformat()
    yield act(name, owner, when, do=Op.CONSENT, **terms, **dated)
    later = Instant(when + 86_400 * dice.number(100, 3_000))
    match dice.weighted(("stands", "revoked", "refused"), (75, 15, 10)):
        case "revoked":
            yield act(f"{name}/revoked", owner, later, do=Op.REVOKE_CONSENT, consent=name)
        case "refused":
            holder, asked = str(terms["holder"]), f"{name}/asked"
            yield act(asked, holder, later, do=Op.REQUEST_CONSENT, of=owner, **terms)
            answer = Instant(later + 86_400 * dice.number(1, 60))
            yield act(f"{name}/refused", owner, answer, do=Op.REFUSE_CONSENT, answers=asked)
        case _:
            pass


def _item(
    name: str,
    owner: str,
    second: str,
    pair: tuple[str, str],
    text: Accord,
    groups: Mapping[str, Group],
    dice: Dice,
) -> Item:
    """Return an item that an originator outside the pair let the one have."""
    scope = text.one(c.Scope)
    words = CATEGORIES if scope is None or "any" in scope.categories else scope.categories
    kinds = KINDS if scope is None or "any" in scope.kinds else scope.kinds
    lists = [(*pair, owner, second), (pair[0], dice.one(tuple(groups))), tuple(groups)]
    return Item(
        id=name,
        title=name,
        originators=tuple(dict.fromkeys((owner, second))),
        label=Label(
            level=Level(owner, dice.one(LEVELS[:2])),
            categories=dice.some(words, 1, 3),
            release_to=dice.weighted(lists, (8, 1, 1)),
        ),
        kind=dice.one(kinds),
        purpose=dice.one(PURPOSES),
        channel=dice.one(CHANNELS),
        made=start(dice.day(FIRST, LAST)),
    )


def main() -> None:
    """Make a world of so many accords, and say how long that took."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    begun = time.perf_counter()
    world = large_world(count)
    took = time.perf_counter() - begun
    size = sum(len(world.lookup.ever(one)) == 2 for one in world.accords) / count
    print(
        f"{count} accords ({size:.0%} of two parties), {len(world.parties)} parties,"
        f" {len(world.instruments)} instruments, {len(world.amendments)} amendments:"
        f" {took:.1f} s, {1000 * took / count:.2f} ms an accord"
    )


if __name__ == "__main__":
    main()
