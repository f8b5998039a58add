"""Whose consent is missing, who has been asked, and the act that would give it, as a draft."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from comity.accords import clauses as c
from comity.accords.instruments import Operation
from comity.accords.times import Instant, Zone
from comity.release.approval import ConsentAsked, ConsentGiven
from comity.release.consents import after, granted, pending, refused
from comity.release.decide import Denial
from comity.release.marked import label_at
from comity.release.request import Reason, Request
from comity.release.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """One originator's consent that a release wants and does not have.

    Attributes:
        of: the originator.
        accord, articles: under which it is wanted, and where that is written.
        holder, to: who would release to whom.
        asked, asked_since: the request for it that has no answer yet, and since when.
        refused: the instrument by which the originator refused it.
    """

    of: str
    accord: str
    articles: tuple[str, ...]
    holder: str
    to: str
    item: str
    purpose: str
    asked: str | None = None
    asked_since: Instant | None = None
    refused: str | None = None


def missing(request: Request, denial: Denial, world: World) -> tuple[Missing, ...]:
    """Return each consent that is missing under the nearest accord, whatever else is."""
    label = label_at(request.item, world, request.at)
    request = replace(request, item=replace(request.item, label=label))
    found: dict[tuple[str, str], list[str]] = {}
    for failing in denial.failing:
        if failing.reason is Reason.CONSENT_MISSING:
            for party in failing.whose:
                found.setdefault((party, failing.accord), []).append(failing.article)
    return tuple(
        _missing(party, accord, tuple(dict.fromkeys(articles)), request, world)
        for (party, accord), articles in found.items()
    )


def _missing(
    party: str, accord: str, articles: tuple[str, ...], request: Request, world: World
) -> Missing:
    asked = min(
        pending(party, accord, request, world), key=lambda a: (a.since, a.id), default=None
    )
    no = [r for r in refused(party, accord, request, world) if r.since <= request.at]
    last = max(no, key=lambda r: (r.last, r.id), default=None)
    return Missing(
        of=party,
        accord=accord,
        articles=articles,
        holder=request.sender,
        to=request.recipient,
        item=request.item.id,
        purpose=request.for_purpose,
        asked=None if asked is None else asked.id,
        asked_since=None if asked is None else asked.since,
        refused=None if last is None else last.id,
    )


def draft(found: Iterable[Missing], at: Instant, world: World) -> str:
    """Return the instruments that would give these consents, as a file to complete.

    They are dated at an instant and supposed, so that one may ask what they would change
    (``--suppose``). Nothing is done until somebody with authority signs one and it is
    recorded with its source. Empty where no consent is missing.
    """
    blocks = [_block(one, at, world) for one in found]
    if not blocks:
        return ""
    first = next(iter(blocks))[0]
    lines = [
        "# A draft. Nobody has given these consents. Whoever gives one replaces `dated` and",
        "# `signatory` by what is true, and `supposed` by its `source`.",
        f"accord = {_quoted(first)}",
    ]
    for accord, block in blocks:
        lines += ["", "[[instrument]]", *block]
        if accord != first:
            lines.append(f"accord = {_quoted(accord)}")
    return "\n".join(lines) + "\n"


def _block(one: Missing, at: Instant, world: World) -> tuple[str, list[str]]:
    name = f"draft-{one.of}-consent-{one.accord}-{one.item}-{one.holder}-{one.to}"
    words = [
        ("do", _quoted("consent")),
        *((("answers", _quoted(one.asked)),) if one.asked is not None else ()),
        ("holder", _quoted(one.holder)),
        ("to", _quoted(one.to)),
        ("item", _quoted(one.item)),
        ("purposes", f"[{_quoted(one.purpose)}]"),
    ]
    operation = ", ".join(f"{key} = {value}" for key, value in words)
    title = (
        f"{world.name(one.of)} lets {world.name(one.holder)} release {one.item} to"
        f" {world.name(one.to)}"
    )
    basis = ", ".join(article for article in one.articles if article)
    return one.accord, [
        f"id = {_quoted(name)}",
        f"title = {_quoted(title)}",
        f"by = [{_quoted(one.of)}]",
        'form = "written"',
        'signatory = "to be named"',
        f"dated = {_quoted(world.accord(one.accord).zone.show(at))}",
        *([f"basis = {_quoted(basis)}"] if basis else []),
        f"operations = [{{ {operation} }}]",
        'supposed = "a draft: nobody has given this consent"',
    ]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


# -- the list ------------------------------------------------------------------------------


class State(StrEnum):
    """What a consent, or a request for one, is at an instant."""

    IN_FORCE = "in force"
    NOT_YET = "not yet"
    EXPIRED = "expired"
    REVOKED = "revoked"
    WITHOUT_EFFECT = "without effect"
    PENDING = "pending"
    GRANTED = "granted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A consent or a request, as it is at an instant.

    Attributes:
        id: of its instrument.
        of: the originator who gave it, or is asked.
        by: who asked; empty for a consent.
        article: where the accord wants it.
        what: the operation, with what is covered or asked.
        since, before: from when and until when it counts; of a request, since when it
            waits.
        note: what a person should know beside the state.
    """

    id: str
    of: str
    by: tuple[str, ...]
    accord: str
    article: str
    what: Operation
    since: Instant
    before: Instant | None
    state: State
    note: str = ""


def consents_at(world: World, at: Instant, party: str | None = None) -> tuple[Entry, ...]:
    """Return every consent and request made by an instant, in the order of the instruments.

    Args:
        world: where they are recorded.
        at: the instant.
        party: only those in which this party gives, is asked, asks, holds or receives.
    """
    world = world.as_of(at)
    found = world.approvals()
    entries = [
        *(_given(one, at, world) for one in found.consents),
        *(_asked(one, at, world) for one in found.asked),
    ]
    return tuple(
        entry
        for entry in entries
        if party is None or party in (entry.of, *entry.by, entry.what.holder, entry.what.to)
    )


def _given(one: ConsentGiven, at: Instant, world: World) -> Entry:
    note = ""
    if one.lacks:
        state, note = State.WITHOUT_EFFECT, f"it lacks {one.lacks}"
    elif one.revoked is not None:
        state = State.REVOKED
    elif one.before is not None and one.before <= at:
        state = State.EXPIRED
    elif one.since > at:
        state = State.NOT_YET
    else:
        state, note = State.IN_FORCE, "; ".join(_exceptions(one, world))
    return Entry(
        id=one.id,
        of=one.by,
        by=(),
        accord=one.accord,
        article=_article(one.accord, world),
        what=one.operation,
        since=one.since,
        before=one.before,
        state=state,
        note=note,
    )


def _exceptions(one: ConsentGiven, world: World) -> Iterator[str]:
    """Say which refusals may take something out of a consent that stands."""
    for refusal in world.approvals().refusals:
        asked, op, no = refusal.asked, one.operation, refusal.asked.operation
        same = (refusal.by, asked.accord, no.holder, no.to) == (
            one.by,
            one.accord,
            op.holder,
            op.to,
        )
        apart = None not in (op.item, no.item) and op.item != no.item
        about = same and not apart and bool(set(op.purposes) & set(no.purposes))
        if about and not after(one, refusal):
            yield f"except what `{refusal.id}` refuses"


def _asked(one: ConsentAsked, at: Instant, world: World) -> Entry:
    yes = granted(one, at, world)
    no = [r for r in world.approvals().refusals if r.asked == one]
    state, note = State.PENDING, ""
    if yes:
        state, note = State.GRANTED, "by " + ", ".join(f"`{k.id}`" for k in yes)
    if any(all(not after(k, r) for k in yes) for r in no):
        state, note = State.REFUSED, "by " + ", ".join(f"`{r.id}`" for r in no)
    return Entry(
        id=one.id,
        of=one.of,
        by=one.by,
        accord=one.accord,
        article=_article(one.accord, world),
        what=one.operation,
        since=one.since,
        before=None,
        state=state,
        note=note,
    )


def _article(accord: str, world: World) -> str:
    rule = next((a.one(c.ThirdParty) for a in world.accords if a.id == accord), None)
    return "" if rule is None else rule.cites


def entry_words(entry: Entry, world: World, zone: Zone) -> str:
    """Return an entry as a person reads it: who lets, or asks, whom do what, and since when."""
    op = entry.what
    subject = f"item `{op.item}`" if op.item is not None else "items"
    limits = [
        *([f"about {', '.join(op.categories)}"] if op.categories else []),
        *([f"at {', '.join(op.levels)}"] if op.levels else []),
        *([f"up to {op.ceiling}"] if op.ceiling is not None else []),
    ]
    what = " ".join([subject, *limits, f"for {', '.join(op.purposes)}"])
    holder, to = world.name(op.holder or ""), world.name(op.to or "")
    place = f"{entry.accord} {entry.article}".strip()
    if entry.by:
        who = ", ".join(world.name(party) for party in entry.by)
        waits = f"since {zone.say(entry.since)}"
        text = (
            f"`{entry.id}` [{place}]: {who} asks {world.name(entry.of)} {waits}, that {holder}"
            f" may release to {to}: {what}"
        )
    else:
        end = "" if entry.before is None else f", before {zone.say(entry.before)}"
        text = (
            f"`{entry.id}` [{place}]: {world.name(entry.of)} lets {holder} release to {to}:"
            f" {what}; from {zone.say(entry.since)}{end}"
        )
    note = f" ({entry.note})" if entry.note else ""
    return f"{entry.state}: {text}{note}"
