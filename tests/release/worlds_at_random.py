"""Small worlds at random, and every request in them, one by one."""

from __future__ import annotations

from itertools import product

from hypothesis import strategies as st

from comity.accords import Op, Operation
from comity.accords.times import Instant
from comity.labels import Level
from comity.release import Hold, Request
from make import AFTER, SIGNED, accord, act, at, item, notice, world

PARTIES = ("a", "b", "c")
LEVELS = ("LOW", "HIGH")
CATEGORIES = ("k", "l", "m")
KINDS = ("document",)  # few words, or a test takes minutes
PURPOSES = ("p", "q")
CHANNELS = ("mail", "fax")
DAYS = ("2019-06-01", "2020-02-01", "2020-06-01", "2020-09-01", "2021-03-01")
NAMES = ("t", "u")


def some(words, least=0):
    return st.lists(st.sampled_from(words), min_size=least, max_size=3, unique=True)


def listed(words):
    """Some of the words, often all, as in a clause."""
    return st.one_of(st.just(["any"]), some(words, 1))


def said(words):
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"


@st.composite
def texts(draw):
    """Rules of one accord."""
    directions = [f"{one} to {other}" for one, other in product(PARTIES, PARTIES)]
    lines = [
        SIGNED,
        AFTER,
        '[[suspension]]\ncites = "1"',
        '[scope]\ncites = "1"',
        f"categories = {said(draw(listed(CATEGORIES)))}",
        f"kinds = {said(draw(listed(KINDS)))}",
        f"directions = {said(draw(st.one_of(st.just(['any']), some(directions, 1))))}",
        '[purpose]\ncites = "1"',
        f"allowed = {said(draw(listed(PURPOSES)))}",
    ]
    if draw(st.booleans()):
        lines.append(f'[channel]\ncites = "1"\nallowed = {said(draw(listed(CHANNELS)))}')
    if draw(st.booleans()):
        consent = draw(st.sampled_from(["each originator", "never", "not needed"]))
        lines.append(f'[third_party]\ncites = "1"\nconsent = "{consent}"')
    if draw(st.booleans()):
        to = draw(st.sampled_from(["scope", "purpose", "third_party"]))
        answer = draw(st.sampled_from(["permit", "deny"]))
        lines.append(f'[[exception]]\ncites = "1"\nto = "{to}"\nanswer = "{answer}"')
        lines.append(f"categories = {said(draw(some(CATEGORIES, 1)))}")
        lines.append(f"originators = {said(draw(some(PARTIES)))}")
    rows = [(x, y, level) for x in PARTIES for y in PARTIES if x != y for level in LEVELS]
    lines.extend(
        f'[[equivalence]]\ncites = "1"\nfrom = "{one}:{level}"\n'
        f'to = ["{other}:{draw(st.sampled_from(LEVELS))}"]'
        for one, other, level in rows
        if draw(st.booleans())
    )
    return "\n".join(lines)


@st.composite
def accords(draw, name):
    parties = draw(some(PARTIES, 2))
    return accord(draw(texts()), name=name, parties=sorted(parties))


@st.composite
def acts(draw, text):
    """What was done under one accord."""
    by = st.sampled_from(sorted(text.parties))
    day = st.sampled_from(DAYS)
    done = [
        act(f"sign-{text.id}", sorted(text.parties), draw(day), Op.SIGN, of=text.id),
    ]
    if draw(st.booleans()):
        done.append(notice(draw(day), draw(by), f"n-{text.id}", of=text.id))
    if draw(st.booleans()):
        done.append(act(f"stop-{text.id}", draw(by), draw(day), Op.SUSPEND, of=text.id))
    for number in range(draw(st.integers(0, 2))):
        owner, holder, to = draw(st.permutations(PARTIES))
        given_ = f"consent-{text.id}-{number}"
        consent = Operation(
            do=Op.CONSENT,
            holder=holder,
            to=to,
            categories=tuple(draw(some(CATEGORIES, 1))),
            levels=tuple(f"{owner}:{level}" for level in draw(some(LEVELS, 1))),
            purposes=tuple(draw(some(PURPOSES, 1))),
        )
        done.append(act(given_, owner, draw(day), consent, of=text.id))
        if draw(st.booleans()):
            back = Operation(do=Op.REVOKE_CONSENT, consent=given_)
            done.append(act(f"no-{given_}", owner, draw(day), back, of=text.id))
    return done


@st.composite
def holds(draw, number):
    since = at(draw(st.sampled_from(DAYS)))
    return Hold(
        id=f"hold-{number}",
        by=draw(st.sampled_from(PARTIES)),
        towards=tuple(draw(listed(PARTIES))),
        accords=tuple(draw(listed(NAMES))),
        categories=tuple(draw(listed(CATEGORIES))),
        ground="a test",
        since=since,
        before=draw(st.sampled_from([None, Instant(since + 86_400 * 40)])),
        stops_accepting=draw(st.booleans()),
    )


@st.composite
def worlds(draw):
    """A world of three parties, with one or two accords, acts and perhaps a hold."""
    found = [draw(accords(name)) for name in NAMES[: draw(st.integers(1, 2))]]
    return world(
        found,
        [done for text in found for done in draw(acts(text))],
        holds=tuple(draw(holds(n)) for n in range(draw(st.integers(0, 1)))),
        categories=frozenset(CATEGORIES),
        kinds=frozenset(KINDS),
        purposes=frozenset(PURPOSES),
        channels=frozenset(CHANNELS),
    )


instants = st.sampled_from(DAYS).map(lambda day: at(f"{day}T00:00:00"))


def led_to(level, rows):
    """The levels to which a chain of rows leads."""
    reached = {level}
    for _ in rows:
        reached |= {to for one, to in rows if one in reached}
    return reached - {level}


def every_request(worlds_, when):
    """Every request of one item of one category and originator, one by one."""
    rows = {
        (str(row.from_), str(to))
        for one in worlds_
        for text in one.accords
        for row in text.clauses
        if type(row).__name__ == "Equivalence"
        for to in row.to
    }
    for sender, recipient in product(PARTIES, PARTIES):
        if sender == recipient:
            continue
        for owner, name in product(PARTIES, LEVELS):
            level = f"{owner}:{name}"
            held = [to for to in sorted(led_to(level, rows)) if to.startswith(f"{sender}:")]
            for held_as in [None] if owner == sender else held:
                for words in product(CATEGORIES, KINDS, PURPOSES, CHANNELS):
                    category, kind, purpose, channel = words
                    yield Request(
                        item=item(
                            "(any item)",
                            originators=(owner,),
                            level=level,
                            categories=(category,),
                            kind=kind,
                            purpose=purpose,
                            channel=channel,
                        ),
                        sender=sender,
                        recipient=recipient,
                        at=when,
                        held_as=None if held_as is None else Level.parse(held_as),
                    )


def facts(request):
    """What tells one request of a region from another."""
    asked = request.item
    return (
        request.sender,
        request.recipient,
        asked.originators,
        str(asked.label.level),
        str(request.held_as),
        asked.label.categories,
        asked.kind,
        request.for_purpose,
        request.by_channel,
    )


__all__ = ["every_request", "facts", "instants", "worlds"]
