"""One made-up accord: its text as a person would write it, and what was done under it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import permutations

from comity.accords import Accord, Instant, Instrument, Op, Operation, Span, Stage
from comity.accords import clauses as c
from words import (
    CATEGORIES,
    CHANNELS,
    FIRST,
    KINDS,
    LAST,
    LEVELS,
    PURPOSES,
    ZONES,
    Dice,
    listed,
)

THIRD_PARTY = ("each originator", "by marking", "not needed", "never", "")
"""What a text says of third parties; the last says nothing."""

_WORDS = {
    1: "1. What may cross, for what, and who has to agree.",
    2: "2. Which levels correspond.",
    3: "3. Entry, duration, suspension and end.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is drawn for one accord.

    Attributes:
        founders: the parties of the text; ``joiner`` comes later, by accession.
        grades: for each party the grade, from 1 to 4, of each of its levels.
        tagged: the parties whose policy has tag sets.
        signed: the day of the last signature.
        earlier: accords that it may be tied to.
    """

    id: str
    founders: tuple[str, ...]
    joiner: str | None
    grades: Mapping[str, tuple[int, ...]]
    tagged: frozenset[str]
    zone: str
    signed: date
    earlier: tuple[str, ...]
    dice: Dice = field(compare=False)

    @property
    def members(self) -> tuple[str, ...]:
        """Everyone who ever is a party."""
        return self.founders + ((self.joiner,) if self.joiner else ())

    @property
    def several(self) -> bool:
        """Whether there are more than two."""
        return len(self.members) > 2

    # -- the text ------------------------------------------------------------------

    def text(self) -> bytes:
        """Return the accord's file."""
        front = [
            'format = "comity-accord/1"',
            f'id = "{self.id}"',
            'languages = ["en"]',
            'authentic = ["en"]',
            f'zone = "{self.zone}"',
            f'law = "{self.dice.one(("vclt", "vclt", "contract", "political"))}"',
            f"parties = {listed(self.founders)}",
        ]
        if self.joiner:
            front.append("open = true")
        lines = ["+++", *front, "+++", "", f"# Agreement {self.id}", ""]
        for number, rules in ((1, self.flow()), (2, self.levels()), (3, self.life())):
            lines += _article(number, rules)
        return "\n".join(lines).encode()

    def amendment(self, base: str) -> bytes:
        """Return the file of an amendment: another first article."""
        front = [
            'format = "comity-amendment/1"',
            f'id = "{self.id}-amended"',
            f'base = "{base}"',
            'languages = ["en"]',
            'authentic = ["en"]',
        ]
        lines = ["+++", *front, "+++", "", f"# Amendment of {self.id}", ""]
        lines += _article(1, self.flow(gate=False))
        return "\n".join(lines).encode()

    def flow(self, *, gate: bool = True) -> Iterator[str]:
        """Yield what may cross, for what, by which way, and who has to agree."""
        dice = self.dice
        directions: Sequence[str] = ("any",)
        if dice.chance(0.2):
            ways = [f"{one} to {other}" for one, other in permutations(self.members, 2)]
            directions = dice.some(ways, max(1, len(ways) // 2), len(ways) - 1)
        everything = dice.chance(0.08)
        yield from _table(
            "scope",
            categories=("any",) if everything else dice.some(CATEGORIES, 8, 64),
            kinds=dice.some(KINDS, 2, 4),
            directions=directions,
        )
        yield from _table(
            "purpose", allowed=dice.some(PURPOSES, 2, 12), as_given=dice.chance(0.6)
        )
        if dice.chance(0.7):
            yield from _table("channel", allowed=dice.some(CHANNELS, 1, 4))
        consent = dice.weighted(THIRD_PARTY, (40, 18, 12, 22, 8))
        if consent:
            yield from _table("third_party", consent=consent)
        if gate and dice.chance(0.18):
            yield from _table(
                "[gate]",
                id="assured",
                needs="word that the rules of protection are kept",
                who=dice.one(("sender", "recipient", "each")),
                or_consent=dice.chance(0.25),
            )
        if dice.chance(0.35):
            yield from self.exception()

    def exception(self) -> Iterator[str]:
        """Yield one exception beside the article."""
        dice = self.dice
        to = dice.one(("scope", "purpose", "third_party", "third_party"))
        cases: dict[str, tuple[str, ...]] = {"categories": dice.some(CATEGORIES, 2, 24)}
        if to == "third_party":
            cases["originators"] = dice.some(tuple(self.grades), 1, 12)
        if dice.chance(0.4):
            cases["recipients"] = dice.some(self.members, 1, len(self.members) - 1)
        if dice.chance(0.3) and to != "purpose":
            cases["purposes"] = dice.some(PURPOSES, 2, 8)
        yield from _table(
            "[exception]", to=to, answer=dice.one(("permit", "deny")), **cases
        )

    def levels(self) -> Iterator[str]:
        """Yield the table of levels: a row for each level of each up to a ceiling."""
        ceiling = self.dice.weighted((2, 3, 4), (2, 5, 3))
        for party in self.members:
            for name, grade in zip(LEVELS, self.grades[party], strict=True):
                if grade <= ceiling:
                    yield from self.row(party, name, grade)
            if party in self.tagged and self.dice.chance(0.6):
                yield from self.tags(party)

    def row(self, party: str, name: str, grade: int) -> Iterator[str]:
        """Yield the row of one level to all others; some have none, or say so, or a choice."""
        dice = self.dice
        if dice.chance(0.06):
            return  # a gap: nothing goes at this level
        if dice.chance(0.03):
            yield from _table(
                "[equivalence]", **{"from": f"{party}:{name}"}, to=(), relation="none"
            )
            return
        to: list[str] = []
        chosen = dice.chance(0.1)
        for other in self.members:
            if other == party:
                continue
            fit = [n for n, g in zip(LEVELS, self.grades[other], strict=True) if g >= grade]
            to += [f"{other}:{level}" for level in fit[: 2 if chosen else 1]]
        if not to:
            return
        more: dict[str, object] = {"choose": "recipient"} if chosen else {}
        if dice.chance(0.05):
            more["relation"] = "at least"
        if dice.chance(0.06):
            more["before" if dice.chance(0.5) else "since"] = dice.day(self.signed, LAST)
        yield from _table(
            "[equivalence]", **{"from": f"{party}:{name}"}, to=tuple(to), **more
        )

    def tags(self, party: str) -> Iterator[str]:
        """Yield the rows of a party's tags: to the like of those who have any, or left off."""
        others = [p for p in self.members if p in self.tagged and p != party]
        for tag in ("control/ORCON", "compartment/DELTA", "compartment/ECHO"):
            to = tuple(f"{p}:{tag}" for p in others)
            rest: dict[str, object] = {"to": to} if to else {"drop": True}
            yield from _table("[tag_equivalence]", **{"from": f"{party}:{tag}"}, **rest)

    def life(self) -> Iterator[str]:
        """Yield how it enters into force, goes on, hangs on others, is suspended and ends."""
        dice = self.dice
        if dice.chance(0.6):
            yield from _table("entry", when={"from": ("sign:dated",)})
        else:
            when = {
                "from": ("notify_completion:received",),
                "then": (dice.one(("P30D", "P2M", "first of next month")),),
                "count": dice.one(("nth day after", "anniversary")),
            }
            yield from _table("entry", when=when)
        effect: object = "after the length"
        late: object = "next period"
        kind = dice.weighted(("fixed", "indefinite", "renewed"), (2, 4, 4))
        years = f"P{dice.number(1, 6)}Y" if kind == "renewed" else f"P{dice.number(6, 15)}Y"
        if kind == "indefinite":
            yield from _table("term", indefinite=True)
        else:
            more: dict[str, object] = {}
            if kind == "renewed":
                more["renewal"] = {"for": "P1Y", "count": "anniversary", "by": "silence"}
                effect = "end of period"
            length = {"for": years, "count": "anniversary"}
            yield from _table("term", initial=length, **more)
        if dice.chance(0.35):
            default = str(effect)
            effect = {"open_point": "3-effect"}
            yield from _table(
                "[open_point]",
                id="3-effect",
                question="when does a notice take effect?",
                readings=("end of period", "after the length", "at once"),
                default=default,
            )
        yield from _table(
            "[exit]",
            form="written",
            length={"for": dice.one(("P90D", "P6M")), "count": "clear days"},
            takes_effect=effect,
            late=late,
            ends="part" if self.several else "accord",
        )
        yield from _table("[suspension]", length={"for": "P5D", "count": "nth day after"})
        yield from _table("amendment", by="every party")
        if self.joiner:
            when = {"from": ("deposit:dated",), "of": "that party", "then": ("P30D",)}
            yield from _table("joining", when=when)
        if self.earlier:
            how = dice.one(("while it stands", "start and end", "sending"))
            who = {"who": self.founders[:1]} if how == "sending" else {}
            yield from _table("[tied]", to=self.earlier[0], how=how, **who)

    # -- what was done -------------------------------------------------------------

    def acts(self, text: Accord, amendment: str | None) -> Iterator[Instrument]:
        """Yield what was done under it, but for consents.

        Args:
            text: as it was read.
            amendment: on which some agree, by id.
        """
        entry = text.one(c.Entry)
        yield from self.entry(notified=entry is not None and bool(entry.when.then))
        if self.dice.chance(0.7 if text.all(c.OpenPoint) else 0.25):
            yield from self.notice()
        for number in range(self.dice.weighted((0, 1, 2), (84, 12, 4))):
            yield from self.pause(number)
        if self.dice.chance(0.05):
            on = self.dice.day(self.signed, LAST).isoformat()
            yield self.act("extended", self.founders, self.later(), _op(Op.EXTEND, on=on))
        if text.all(c.Gate):
            yield from self.gate()
        if amendment:
            pair = self.dice.some(self.founders, 2, 2) if self.several else ()
            agreed = _op(Op.AMEND, amendment=amendment, between=pair)
            yield self.act("amended", self.founders, self.later(), agreed)
        for party in self.members:
            if self.dice.chance(0.04):
                name = f"{party}:{self.dice.one(LEVELS)}"
                day = self.later()
                yield self.act(
                    f"level-{party}", (party,), day, _op(Op.DESIGNATE, level=name)
                )

    def entry(self, *, notified: bool) -> Iterator[Instrument]:
        """Yield signatures and what follows them; a few are known to an interval only."""
        dice, day = self.dice, self.signed
        vague = dice.number(2, 24) if dice.chance(0.04) else 0
        yield self.act("signed", self.founders, day, _op(Op.SIGN), vague=vague)
        for number, party in enumerate(self.founders if notified else ()):
            when = day + timedelta(days=dice.number(20, 300))
            done = _op(Op.NOTIFY_COMPLETION)
            yield self.act(f"completed-{number}", (party,), when, done)
        if self.joiner:
            when = self.later()
            yield self.act("acceded", (self.joiner,), when, _op(Op.DEPOSIT))

    def notice(self) -> Iterator[Instrument]:
        """Yield a notice, and perhaps what suspends, prolongs, resumes or revokes it."""
        dice, day = self.dice, self.later()
        party = dice.one(self.founders)
        vague = dice.number(2, 24) if dice.chance(0.04) else 0
        given = _op(Op.GIVE_NOTICE, notice="n")
        yield self.act("notice", (party,), day, given, vague=vague)
        then = day + timedelta(days=dice.number(10, 80))
        match dice.weighted(
            ("bites", "revoked", "suspended", "prolonged", "resumed"), (45, 15, 15, 15, 10)
        ):
            case "revoked":
                yield self.act("revoked", (party,), then, _op(Op.REVOKE_NOTICE, notice="n"))
            case "suspended":
                yield self.act("stayed", (party,), then, _op(Op.SUSPEND_NOTICE, notice="n"))
            case "prolonged":
                until = then + timedelta(days=dice.number(30, 200))
                stay = _op(Op.SUSPEND_NOTICE, notice="n", until=until.isoformat())
                yield self.act("stayed", (party,), then, stay)
                again = until - timedelta(days=5)
                until += timedelta(days=dice.number(30, 400))
                stay = _op(Op.SUSPEND_NOTICE, notice="n", until=until.isoformat())
                yield self.act("prolonged", (party,), again, stay)
            case "resumed":
                yield self.act("stayed", (party,), then, _op(Op.SUSPEND_NOTICE, notice="n"))
                then += timedelta(days=dice.number(10, 500))
                go_on = _op(Op.RESUME_NOTICE, notice="n", days_left=dice.chance(0.5))
                yield self.act("resumed", (party,), then, go_on)
            case _:
                pass

    def pause(self, number: int) -> Iterator[Instrument]:
        """Yield a suspension of the operation, with its end or with a resumption."""
        day, party = self.later(), self.dice.one(self.founders)
        back = day + timedelta(days=self.dice.number(20, 700))
        if self.dice.chance(0.5):
            stop = _op(Op.SUSPEND, until=back.isoformat())
            yield self.act(f"paused-{number}", (party,), day, stop)
        else:
            yield self.act(f"paused-{number}", (party,), day, _op(Op.SUSPEND))
            yield self.act(f"resumed-{number}", (party,), back, _op(Op.RESUME))

    def gate(self) -> Iterator[Instrument]:
        """Yield who met the condition, until when, and who no longer does."""
        for party in self.members:
            if self.dice.chance(0.85):
                day = self.dice.day(self.signed, self.signed + timedelta(days=700))
                until = None
                if self.dice.chance(0.3):
                    until = (day + timedelta(days=self.dice.number(500, 5000))).isoformat()
                met = _op(Op.MEET, condition="assured", until=until)
                yield self.act(f"met-{party}", (party,), day, met)
                if self.dice.chance(0.15):
                    unmet = _op(Op.UNMEET, condition="assured")
                    yield self.act(f"unmet-{party}", (party,), self.later(), unmet)

    def later(self) -> date:
        """Return a day well after the signature."""
        return self.dice.day(self.signed + timedelta(days=400), LAST)

    def act(
        self, name: str, by: Sequence[str], day: date, *done: Operation, vague: int = 0
    ) -> Instrument:
        """Return an instrument of that day; ``vague`` is within how many hours it may have been."""
        begin = self.dice.moment(day, day)
        span = Span.at(begin) if not vague else Span(begin, Instant(begin + 3_600 * vague))
        return Instrument(
            id=f"{self.id}/{name}",
            accord=self.id,
            by=tuple(by),
            form="written",
            channel="diplomatic",
            times={(Stage.DATED, ""): span, (Stage.RECEIVED, ""): span},
            operations=done,
            source="made up",
        )


def _op(do: Op, **said: object) -> Operation:
    operation = Operation(do=do, **said)  # type: ignore[arg-type]
    operation.check(str(do))
    return operation


def _article(number: int, rules: Iterator[str]) -> Iterator[str]:
    yield f"## Article {number}. {_WORDS[number][3:-1]}"
    yield from ("", f"{_WORDS[number][3:]}", "", "```toml comity")
    for place, line in enumerate(rules):
        if line.startswith("[") and place:
            yield ""
        yield line if not line.startswith("cites") else f'cites = "{number}"'
    yield from ("```", "")


def _table(name: str, **values: object) -> Iterator[str]:
    yield f"[{name}]"
    yield "cites"
    for key, value in values.items():
        yield f"{key} = {_value(value)}"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (tuple, list)):
        return listed(value)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {_value(v)}" for k, v in value.items()) + " }"
    return f'"{value}"'


def zone_of(dice: Dice) -> str:
    """Return whose days an accord counts, mostly UTC's."""
    return dice.weighted(ZONES, (4, 3, 2, 1))


def day_of(dice: Dice) -> date:
    """Return when an accord is signed."""
    return dice.day(FIRST, date(2021, 1, 1))
