"""The tests of an accord: rows beside its file, and which articles they show to be kept.

An article is *enforced* only if removing its rules changes the answer of a row about a
release or a standing. That is computed here, never typed. *Evidenced* is one that no decision
enforces but whose keeping a recorded act shows, also by a row about duties; all others are
*recorded only*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.clock import Clock
from comity.accords.instruments import Instrument
from comity.accords.table import NoticeState
from comity.accords.text import Citation
from comity.accords.times import Instant, Zone
from comity.errors import InvalidInput, NotKnown
from comity.labels import Group, Item, Policy, Rung
from comity.release.decide import Permit, decide
from comity.release.duties import duties
from comity.release.request import Request
from comity.release.world import Hold, Party, World


class Kept(StrEnum):
    """How an article is kept."""

    ENFORCED = "enforced"
    EVIDENCED = "evidenced"
    RECORDED = "recorded only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One test of an accord: an instant, perhaps a release, and the answer expected.

    Attributes:
        item, sender, recipient: None where the row asks for the standing alone.
        duties: the party whose duties the row asks for; None where it asks for none.
        readings: followed in place of the text's defaults.
        without: instruments of the file that this row leaves out.
        of: another accord beside this one, whose standing the row asks for.
        between: two parties, where the row asks for the standing between them.
        text: whether the answer also names the amendments that are part of the text.
        answer: as `answer` returns it.
    """

    name: str
    at: Instant
    answer: str
    item: Item | None = None
    sender: str | None = None
    recipient: str | None = None
    purpose: str | None = None
    channel: str | None = None
    duties: str | None = None
    readings: Mapping[str, str]
    without: tuple[str, ...] = ()
    of: str | None = None
    between: tuple[str, ...] = ()
    text: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A file of tests: its own instruments, and the rows.

    Attributes:
        about: the digest of the accord that the rows were written for.
        beside: the other accords that its standing hangs on.
        amendments: the bytes of those that the instruments agree on, by id.
        holds: that stand in the rows.
        policy: by which every party of the rows marks; None: each by its own.
        groups: that its community, its tags and the items' lists name.
    """

    about: str
    instruments: tuple[Instrument, ...]
    rows: tuple[Row, ...]
    beside: tuple[Accord, ...] = ()
    amendments: Mapping[str, bytes] = field(default_factory=dict)
    holds: tuple[Hold, ...] = ()
    policy: Policy | None = None
    groups: Mapping[str, Group] = field(default_factory=dict)
    _answered: dict[tuple[str, tuple[c.Clause, ...]], list[str]] = field(
        default_factory=dict, repr=False, compare=False, init=False
    )

    def answers(self, accord: Accord) -> list[str]:
        """Return what an accord answers to each row; asked once for each set of rules."""
        key = (accord.digest, accord.clauses)
        if key not in self._answered:
            world = bench(accord, self)
            self._answered[key] = [_said(row, world, accord) for row in self.rows]
        return self._answered[key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A row whose answer is another than expected."""

    row: Row
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleKept:
    """How one article is kept, and which rows show it."""

    number: str
    title: str
    kept: Kept
    rows: tuple[str, ...]


def bench(accord: Accord, rows: Rows) -> World:
    """Return a world of this accord, and those beside it, that knows every word in use."""
    items = [row.item for row in rows.rows if row.item is not None]
    instruments = rows.instruments
    scopes, purposes = accord.all(c.Scope), accord.all(c.Purpose)
    levels = [
        level for row in accord.all(c.Equivalence) for level in (row.from_, *row.to)
    ] + [item.label.level for item in items]
    names = {
        *accord.parties,
        *(party for other in rows.beside for party in other.parties),
        *(party for item in items for party in item.originators),
        *(party for i in instruments for party in i.by),
        *(m.party for group in rows.groups.values() for m in group.members),
    }
    shared = rows.policy
    return World(
        id="bench",
        title="one accord alone",
        parties={
            name: Party(
                id=name,
                name=name,
                seat=name,
                zone=accord.zone,
                policy="" if shared is None else shared.id,
            )
            for name in names
        },
        policies={
            party: Policy(
                id=party,
                rungs={lv.name: Rung(name=lv.name) for lv in levels if lv.policy == party},
            )
            for party in {level.policy for level in levels}
        }
        | ({} if shared is None else {shared.id: shared}),
        groups=rows.groups,
        accords=(accord, *rows.beside),
        instruments=tuple(instruments),
        amendments=rows.amendments,
        holds=rows.holds,
        categories=frozenset(
            word
            for words in (
                *(scope.categories for scope in scopes),
                *(item.label.categories for item in items),
            )
            for word in words
        ),
        kinds=frozenset(
            (*(kind for scope in scopes for kind in scope.kinds), *(i.kind for i in items))
        ),
        channels=frozenset(
            (
                *(word for rule in accord.all(c.Channel) for word in rule.allowed),
                *(item.channel for item in items),
                *(row.channel for row in rows.rows if row.channel is not None),
            )
        ),
        purposes=frozenset(
            word
            for words in (
                *(purpose.allowed for purpose in purposes),
                *((item.purpose,) for item in items),
                *((row.purpose,) for row in rows.rows if row.purpose is not None),
            )
            for word in words
        ),
    )


def answer(row: Row, world: World, accord: Accord) -> str:
    """Return what the accord answers to a row.

    A standing is ``in_force``, with each notice that is not gone: ``in_force; n1 running,
    bites 2019-11-23T00:00:00+09:00``. A release is ``permit kr:III`` with the levels it is
    handled as, or ``deny`` with the reason and the first article. A row about the text adds
    ``as amended by`` and the amendments. Duties are as in `duties_answer`.
    """
    world = world.without(row.without)
    if row.readings:
        world = world.reading(accord.id, row.readings)
    if row.duties is not None:
        return duties_answer(world, accord, row.duties, row.at)
    if row.item is None or row.sender is None or row.recipient is None:
        clock = world.clock(row.of or accord.id)
        pair = (row.between[0], row.between[1]) if row.between else None
        said = standing_answer(clock, row.at, pair)
        names = [one.front.id for one in clock.state(row.at).accord.amendments]
        amended = "as amended by " + ", ".join(names) if names else "as agreed first"
        return f"{said}; {amended}" if row.text else said
    request = Request(
        item=row.item,
        sender=row.sender,
        recipient=row.recipient,
        at=row.at,
        purpose=row.purpose,
        channel=row.channel,
        under=accord.id if len(world.accords) > 1 else None,
    )
    return release_answer(request, world)


def release_answer(request: Request, world: World) -> str:
    """Return a decision as rows and scenarios write it."""
    decision = decide(request, world)
    if isinstance(decision, Permit):
        if decision.authority is not None:
            return f"permit by authority {decision.authority}"
        return f"permit {' or '.join(map(str, decision.handle_as))}".strip()
    first = decision.articles[0] if decision.articles else ""
    return f"deny {decision.reason} {first}".strip()


def duties_answer(world: World, accord: Accord, party: str, at: Instant) -> str:
    """Return a party's duties that stand, as rows and scenarios write them.

    ``return 3(2) of report-7, before 2030-01-31T00:00:00+01:00; survival 4(1)``; what is
    overdue says so, and ``none`` is none.
    """
    parts: list[str] = []
    for due in duties(world, at, accord=accord.id, party=party):
        if due.stands:
            text = f"{due.id} {due.article}".strip()
            text += "" if due.item is None else f" of {due.item}"
            text += "" if due.before is None else f", before {accord.zone.show(due.before)}"
            parts.append(f"{text}, overdue" if due.overdue(at) else text)
    return "; ".join(parts) or "none"


def standing_answer(clock: Clock, at: Instant, pair: tuple[str, str] | None = None) -> str:
    """Return a standing as rows and scenarios write it."""
    standing = clock.standing(at, pair=pair)
    parts = [str(standing.status)]
    zone = clock.accord.zone
    for notice in standing.notices:
        text = f"{notice.id} {notice.state}"
        if notice.state in (NoticeState.RUNNING, NoticeState.LATE):
            text += f", bites {zone.show(notice.bites)}"
        parts.append(text)
    return "; ".join(parts)


def _said(row: Row, world: World, accord: Accord) -> str:
    try:
        return answer(row, world, accord)
    except (InvalidInput, NotKnown, ValueError) as error:
        return f"error {error}"


def run(rows: Rows, accord: Accord) -> tuple[Failed, ...]:
    """Return the rows whose answer is not the one expected."""
    answers = rows.answers(accord)
    return tuple(
        Failed(row=row, answer=got)
        for row, got in zip(rows.rows, answers, strict=True)
        if got != row.answer
    )


def kept(rows: Rows | None, accord: Accord) -> tuple[ArticleKept, ...]:
    """Return how each article is kept: its rules are removed, and the rows asked again."""
    base = [] if rows is None else rows.answers(accord)
    found: list[ArticleKept] = []
    for article in accord.document.articles:
        if not article.number:
            continue
        rules = rules_of(accord, article.number)
        changed = _changed(rows, base, accord, rules)
        enforced = any(row.duties is None for row in changed)
        evidenced = changed or any(isinstance(rule, c.Evidence) for rule in rules)
        how = Kept.ENFORCED if enforced else Kept.EVIDENCED if evidenced else Kept.RECORDED
        names = tuple(row.name for row in changed)
        found.append(
            ArticleKept(number=article.number, title=article.title, kept=how, rows=names)
        )
    return tuple(found)


def rules_of(accord: Accord, number: str) -> tuple[c.Clause, ...]:
    """Return the rules read from an article."""
    return tuple(
        clause
        for clause in accord.clauses
        if (cited := Citation.parse(clause.cites)) is not None and cited.article == number
    )


def unproven(rows: Rows, accord: Accord) -> tuple[c.Clause, ...]:
    """Return the rules that a decision uses and that no row would miss.

    A term without limit is left out: without it the accord has no end either.
    """
    base = rows.answers(accord)
    quiet = (
        c.Evidence,
        c.Duty,
        c.Survival,
        c.Amendment,
        c.OpenPoint,
        c.Actor,
        c.Declassification,
    )
    return tuple(
        clause
        for clause in accord.clauses
        if not isinstance(clause, quiet)
        and not (isinstance(clause, c.Term) and clause.indefinite)
        and not _changed(rows, base, accord, (clause,))
    )


def _changed(
    rows: Rows | None, base: list[str], accord: Accord, rules: Sequence[c.Clause]
) -> tuple[Row, ...]:
    if rows is None or not rules:
        return ()
    after = rows.answers(accord.without(rules))
    return tuple(
        row for row, old, new in zip(rows.rows, base, after, strict=True) if old != new
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A boundary row proposed for a person to confirm."""

    name: str
    at: Instant
    answer: str


def propose(accord: Accord, instruments: Sequence[Instrument]) -> tuple[Proposed, ...]:
    """Return rows at every edge: the second before each cut and the cut itself.

    The answers are what the rules say now; whether that is what the text means is for a
    person to confirm.
    """
    clock = Clock(accord, instruments)
    cuts: set[Instant] = set()
    for instrument in clock.instruments:
        for stage, side in instrument.times:
            span = instrument.span(stage, side)
            if span is not None:
                cuts.update((span.start, span.before) if not span.exact else (span.start,))
    for start in sorted(cuts):
        before = clock.standing(start).before
        while before is not None and before not in cuts:
            cuts.add(before)
            before = clock.standing(before).before
        period = clock.standing(start).period
        if period is not None:
            cuts.update(period)
    zone: Zone = accord.zone
    edges = [Instant(at) for cut in sorted(cuts) for at in (cut - 1, cut)]
    return tuple(
        Proposed(name=zone.say(at), at=at, answer=standing_answer(clock, at))
        for at in edges
    )
