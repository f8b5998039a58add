"""What is wrong with an accord that loads: a list of small checks, each with one sentence.

All findings come at once, with line, message and hint. `ALWAYS` is run by every command
that reads an accord file; nobody changes the list in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from comity.accords import clauses as c
from comity.accords.accord import Accord, Law
from comity.accords.actorchecks import acts_are_by_those_who_may, parts_are_ended_by_actors
from comity.accords.instruments import Op
from comity.accords.state import SUSPENDED_NOTICE
from comity.accords.text import warning, words_digest
from comity.accords.times import Period, Rounding, first_day_out, is_ambiguous
from comity.errors import Finding, InvalidInput
from comity.labels import Level

Check: TypeAlias = Callable[[Accord], Iterator[Finding]]


def check(accord: Accord, where: str = "") -> list[Finding]:
    """Return every finding of every check, in the file's order."""
    found = [finding for one in ALWAYS for finding in one(accord)]
    return sorted(replace(finding, where=where) for finding in found)


def rules_are_fresh(accord: Accord) -> Iterator[Finding]:
    """The words that a rule was read from are the words that stand there."""
    for clause in accord.clauses:
        now = words_digest(accord.document, clause.cites)
        if clause.read is None:
            yield warning(
                clause.line,
                "unread-rule",
                f"nobody has confirmed that this rule says what {clause.cites} says",
                f"read both, then `comity confirm FILE {clause.cites} --by NAME`",
            )
        elif clause.read != now:
            yield _error(
                clause.line,
                "stale-rule",
                f"the words of {clause.cites} have changed since this rule was read from them",
                f"read both again, then `comity confirm FILE {clause.cites} --by NAME`",
            )


def what_a_release_needs_is_stated(accord: Accord) -> Iterator[Finding]:
    """An accord without these clauses permits nothing; that should be on purpose."""
    if accord.front.law is Law.STATUTE:
        return  # others are tied to it; it lets nothing cross by itself
    needed: tuple[tuple[type[c.Clause], str], ...] = (
        (c.Entry, "when it enters into force"),
        (c.Scope, "what may cross"),
        (c.Purpose, "for which purposes"),
        (c.ThirdParty, "what originators outside the pair have to say"),
    )
    for kind, what in needed:
        if not accord.all(kind):
            name = c.NAMES[kind]
            heading = f"[{name}]" if name in c.SINGLE else f"[[{name}]]"
            yield warning(
                0,
                "not-stated",
                f"no rule says {what}: silence is refusal",
                f"add `{heading}` under the article that says it",
            )
    if not accord.all(c.Equivalence) and not accord.all(c.CommonPolicy):
        yield warning(
            0,
            "not-stated",
            "no rule says which levels correspond: silence is refusal",
            "add `[[equivalence]]`, or `[[common_policy]]` where both mark by one policy",
        )


def term_and_exit_are_stated(accord: Accord) -> Iterator[Finding]:
    """How it ends is said; where it is not, the governing law's answer is named."""
    if accord.one(c.Term) is None:
        yield warning(
            0,
            "not-stated",
            "no rule says how long it stays in force: it is taken to have no end",
            "add `[term]`, with `indefinite = true` where the text says so",
        )
    if not accord.all(c.Exit) and accord.front.law is not Law.STATUTE:
        law = (
            "VCLT 56 then opens an exit only where the parties meant one"
            if accord.front.law is Law.VCLT
            else "its own words open none"
        )
        yield warning(
            0,
            "not-stated",
            f"no rule says how a party gets out: {law}",
            "add `[[exit]]` under the article that says it",
        )


def who_admits_may_sign(accord: Accord) -> Iterator[Finding]:
    """Whoever has to join in where a party joins is an actor that may sign or deposit."""
    rule = accord.one(c.Joining)
    if rule is None or rule.admitted_by is None:
        return
    actors = {actor.id: actor for actor in accord.all(c.Actor)}
    found = actors.get(rule.admitted_by)
    if found is None or not {Op.SIGN, Op.DEPOSIT} & set(found.may):
        yield _error(
            rule.line,
            "no-party",
            f"`admitted_by` names `{rule.admitted_by}`, which is no actor that may sign",
            "add an `[[actor]]` that may `sign` or `deposit`: "
            + (", ".join(sorted(actors)) or "there is none"),
        )


def names_are_parties(accord: Accord) -> Iterator[Finding]:
    """Parties named in rules are parties to the accord, or actors in it."""
    known = {*accord.parties, *(actor.id for actor in accord.all(c.Actor))}
    if accord.front.open:
        return
    hint = "its parties and actors: " + ", ".join(sorted(known))
    rules: tuple[c.Exit | c.Suspension, ...] = (
        *accord.all(c.Exit),
        *accord.all(c.Suspension),
    )
    for rule in rules:
        if rule.who not in ("either", *known):
            yield _error(
                rule.line,
                "no-party",
                f"`who` names `{rule.who}`, which is no party here",
                hint,
            )
    policies = known | {rule.policy for rule in accord.all(c.CommonPolicy)}
    for row in _tables(accord):
        for policy in dict.fromkeys(one.policy for one in (row.from_, *row.to)):
            if policy not in policies:
                yield _error(
                    row.line,
                    "no-party",
                    f"the row is about the policy `{policy}`",
                    hint + "; a policy in common is named by `[[common_policy]]`",
                )
    for scope in accord.all(c.Scope):
        pair = " to ".join(accord.parties[:2])
        for direction in scope.directions:
            if direction == c.ANY:
                continue
            sender, to, recipient = direction.partition(" to ")
            if not to or sender not in known or recipient not in known:
                yield _error(
                    scope.line,
                    "bad-direction",
                    f"`{direction}` is no direction between parties",
                    f'write two of the parties with `to` between, such as `"{pair}"`',
                )


def rows_are_not_lists_of_nothing(accord: Accord) -> Iterator[Finding]:
    """An empty list admits nothing: a rule that can never permit is a dead clause."""
    for scope in accord.all(c.Scope):
        for key in ("categories", "kinds", "directions"):
            if not getattr(scope, key):
                yield _dead(scope, f"`{key}` is empty, so nothing may cross")
    for purpose in accord.all(c.Purpose):
        if not purpose.allowed:
            yield _dead(purpose, "`allowed` is empty, so no purpose is admitted")
    for channel in accord.all(c.Channel):
        if not channel.allowed:
            yield _dead(channel, "`allowed` is empty, so no channel is admitted")
    for row in accord.all(c.Equivalence):
        if not row.to and row.relation is not c.Relation.NONE:
            yield _dead(row, "`to` is empty, so the row leads nowhere")


def _tables(accord: Accord) -> tuple[c.Row, ...]:
    return (*accord.all(c.Equivalence), *accord.all(c.TagEquivalence))


def tables_lead_somewhere(accord: Accord) -> Iterator[Finding]:
    """A row stands on some day, and a policy in common lets something go."""
    for rule in accord.all(c.CommonPolicy):
        if not rule.levels:
            yield _dead(rule, "`levels` is empty, so nothing goes as it is")
    for row in _tables(accord):
        if (row.since or date.min) >= (row.before or date.max):
            yield _dead(row, "the row ends before it begins")


def equivalence_is_unambiguous(accord: Accord) -> Iterator[Finding]:
    """One level leads to one level of each party, or somebody is named who chooses."""
    targets: dict[tuple[Level, str], list[c.Equivalence]] = {}
    for row in accord.all(c.Equivalence):
        if row.relation is c.Relation.NONE and row.to:
            yield _error(
                row.line,
                "ambiguous-row",
                f"the row of `{row.from_}` says `none` and names levels",
                "leave one of the two out",
            )
        for party in dict.fromkeys(level.policy for level in row.to):
            targets.setdefault((row.from_, party), []).append(row)
    for (level, party), rows in targets.items():
        together = _overlapping(rows)
        count = len({to for row in together for to in row.to if to.policy == party})
        doubled = len(together) > 1
        if (count > 1 or doubled) and any(r.choose is c.Choose.NOBODY for r in together):
            levels = f"{count} levels" if count > 1 else "1 level"
            several = f"{len(together)} rows" if doubled else "1 row"
            yield _error(
                rows[-1].line,
                "ambiguous-row",
                f"`{level}` leads to {levels} of `{party}` in {several} and nobody chooses",
                'say `choose = "recipient"`, or leave one row and one level',
            )


def _overlapping(rows: list[c.Equivalence]) -> list[c.Equivalence]:
    """Return the rows of one level where two stand at one time, and else the last alone."""
    for place, one in enumerate(rows):
        for other in rows[place + 1 :]:
            first = max(r.since or date.min for r in (one, other))
            out = min(r.before or date.max for r in (one, other))
            if first < out:
                return rows
    return rows[-1:]


def exceptions_agree(accord: Accord) -> Iterator[Finding]:
    """Two exceptions that can both apply give the same answer."""
    exceptions = accord.all(c.Exemption)
    for place, one in enumerate(exceptions):
        if not (one.categories or one.recipients or one.originators or one.purposes):
            yield _error(
                one.line,
                "exception-to-everything",
                "the exception names no case, so it never applies",
                "name the categories, recipients, originators or purposes it is for",
            )
        for other in exceptions[place + 1 :]:
            if (
                one.to is other.to
                and one.answer is not other.answer
                and _overlap(one, other)
            ):
                yield _error(
                    other.line,
                    "conflicting-exceptions",
                    f"this exception and the one on line {one.line} answer the same case"
                    " differently",
                    "narrow one of them; each stays beside its article",
                )


def _overlap(one: c.Exemption, other: c.Exemption) -> bool:
    pairs = (
        (one.categories, other.categories),
        (one.recipients, other.recipients),
        (one.originators, other.originators),
        (one.purposes, other.purposes),
    )
    return all(not a or not b or set(a) & set(b) for a, b in pairs)


def open_points_are_whole(accord: Accord) -> Iterator[Finding]:
    """An open point's default is one of its readings, and a rule refers to it."""
    referred: dict[str, type[StrEnum]] = {SUSPENDED_NOTICE: c.Suspended}
    for rule in accord.all(c.Exit):
        answers: tuple[tuple[StrEnum | c.PointRef, type[StrEnum]], ...] = (
            (rule.takes_effect, c.Effect),
            (rule.late, c.Late),
        )
        for said, said_in in answers:
            if isinstance(said, c.PointRef):
                referred[said.open_point] = said_in
                if accord.open_point(said.open_point) is None:
                    yield _error(
                        rule.line,
                        "no-open-point",
                        f"the rule refers to the open point `{said.open_point}`,"
                        " which is not declared",
                        "add `[[open_point]]` with its question, readings and default",
                    )
    for point in accord.all(c.OpenPoint):
        if point.default not in point.readings:
            yield _error(
                point.line,
                "bad-default",
                f"the default `{point.default}` is none of the readings",
                "the readings: " + ", ".join(point.readings),
            )
        kind = referred.get(point.id)
        if kind is None:
            yield _dead(point, f"no rule refers to the open point `{point.id}`")
            continue
        known = [str(word) for word in kind]
        for reading in point.readings:
            if reading not in known:
                yield _error(
                    point.line,
                    "no-reading",
                    f"the rule that refers to it does not know the reading `{reading}`",
                    "it knows: " + ", ".join(known),
                )


def exits_can_be_used(accord: Accord) -> Iterator[Finding]:
    """An exit at the end of a period needs periods; one after a length needs a length."""
    term = accord.one(c.Term)
    for rule in accord.all(c.Exit):
        effects = _effects(accord, rule)
        if c.Effect.END_OF_PERIOD in effects and (term is None or term.initial is None):
            yield _dead(rule, "it takes effect at the end of a period, and there is none")
        if c.Effect.AFTER_LENGTH in effects and rule.length is None:
            yield _error(
                rule.line,
                "no-length",
                "it takes effect after the length, and none is said",
                'add `length = { for = "P6M", count = "anniversary" }`',
            )


def _effects(accord: Accord, rule: c.Exit) -> set[str]:
    if not isinstance(rule.takes_effect, c.PointRef):
        return {rule.takes_effect}
    point = accord.open_point(rule.takes_effect.open_point)
    return set() if point is None else set(point.readings)


def days_exist(accord: Accord) -> Iterator[Finding]:
    """Counts from a day that the text names fall on days that exist."""
    entry, term = accord.one(c.Entry), accord.one(c.Term)
    if entry is not None and entry.when.on is not None and term is not None:
        yield from _boundaries(term, entry.when.on)


def _boundaries(term: c.Term, day: date) -> Iterator[Finding]:
    if term.initial is None:
        return
    for times in range(PERIODS_AHEAD):
        extra = term.renewal.for_.times(times) if term.renewal else Period("", 0, 0)
        whole = Period(
            "",
            term.initial.for_.months + extra.months,
            term.initial.for_.days + extra.days,
        )
        try:
            if is_ambiguous(day, whole):
                down, up = (
                    first_day_out(day, whole, term.initial.count, r) for r in Rounding
                )
                yield warning(
                    term.line,
                    "no-such-day",
                    f"period {times + 1} from {day} ends on a day that does not exist:"
                    f" {down} or {up}",
                    "the text leaves it open; until it says, the standing between the two"
                    " is unsettled and nothing is released",
                )
                return
        except InvalidInput:
            return
        if term.renewal is None:
            return


PERIODS_AHEAD = 60  # enough to meet a leap day for yearly and monthly terms


def term_is_not_over_before_it_begins(accord: Accord) -> Iterator[Finding]:
    """A fixed end lies after a fixed entry."""
    entry, term = accord.one(c.Entry), accord.one(c.Term)
    if entry is None or term is None or entry.when.on is None:
        return
    day = entry.when.on
    if term.until is not None and term.until < day:
        yield _dead(
            term, f"its last day is {term.until}, and it enters into force on {day}"
        )
    if term.before is not None and term.before <= day:
        yield _dead(term, f"it is over on {term.before}, and enters into force on {day}")


def ids_are_their_own(accord: Accord) -> Iterator[Finding]:
    """No two open points bear one id, nor two gates, duties or actors: acts name them by it."""
    named: tuple[type[c.OpenPoint | c.Gate | c.Duty | c.Actor], ...] = (
        c.OpenPoint,
        c.Gate,
        c.Duty,
        c.Actor,
    )
    for kind in named:
        first: dict[str, int] = {}
        for rule in accord.all(kind):
            if rule.id in first:
                yield _error(
                    rule.line,
                    "id-twice",
                    f"two `[[{c.NAMES[kind]}]]` bear the id `{rule.id}`",
                    f"the other stands on line {first[rule.id]}; give each its own",
                )
            _ = first.setdefault(rule.id, rule.line)


def links_lead_elsewhere(accord: Accord) -> Iterator[Finding]:
    """No accord is tied to itself or takes its own place; who may send is a party."""
    named = [
        *((tie.line, tie.to) for tie in accord.all(c.Tied)),
        *((rule.line, rule.accord) for rule in accord.all(c.Supersedes)),
    ]
    for line, name in named:
        if name == accord.id:
            yield _error(
                line,
                "circle",
                f"the rule names `{name}`, which is this accord itself",
                "name another accord, or remove the rule",
            )
    for tie in accord.all(c.Tied):
        for party in tie.who:
            if party not in accord.parties and not accord.front.open:
                yield _error(
                    tie.line,
                    "no-party",
                    f"`who` names `{party}`, which is no party here",
                    "its parties: " + ", ".join(accord.parties),
                )


def duties_can_be_kept(accord: Accord) -> Iterator[Finding]:
    """A duty can be discharged by an act that shows it, or lasts and ends with protection."""
    survival = accord.one(c.Survival)
    for duty in accord.all(c.Duty):
        if duty.arises is c.Arises.AFTER_END and survival is None:
            yield warning(
                duty.line,
                "no-survival",
                f"the duty `{duty.id}` stands after the end, and no rule says what survives:"
                " protection is taken to go on",
                "add `[survival]` under the article that says it, if one does",
            )
        if duty.lasting:
            if duty.within is not None or duty.choice is not None:
                yield _dead(duty, "it lasts, so `within` and `choice` say nothing")
            continue
        shows = [op for op in duty.discharge if op in c.DISCHARGING]
        if len(shows) < len(duty.discharge) or not shows:
            yield _error(
                duty.line,
                "no-discharge",
                f"nothing can evidence that `{duty.id}` is discharged: "
                + (
                    "`discharge` is empty" if not duty.discharge else "no such act shows it"
                ),
                "name acts that show it: "
                + ", ".join(f"`{op}`" for op in c.DISCHARGING)
                + "; or say `lasting = true`",
            )
        elif Op.REPORT_LOSS in shows and duty.arises is not c.Arises.ON_LOSS:
            yield _error(
                duty.line,
                "no-discharge",
                f"`report_loss` shows nothing of `{duty.id}`, which arises {duty.arises}",
                'say `arises = "on loss"`, or name another act',
            )
        if duty.choice is not None and not set(c.DISPOSAL) <= set(shows):
            yield _dead(duty, "`choice` is between `return` and `certify_destruction`")


def survival_is_whole(accord: Accord) -> Iterator[Finding]:
    """What survives refers to rules that are there."""
    for survival in accord.all(c.Survival):
        place = None if survival.onward is None else survival.onward.place
        rule = accord.one(c.ThirdParty)
        if place is not None and (rule is None or rule.cites != place):
            there = "there is none" if rule is None else f"the one here cites {rule.cites}"
            yield _error(
                survival.line,
                "no-third-party-rule",
                f"`onward` goes on as {place}, where no third-party rule stands: {there}",
                "name the place that `[third_party]` cites",
            )
        length = isinstance(survival.protect, c.Length)
        if survival.counted_from is not c.CountedFrom.END and not length:
            yield _dead(survival, "`counted_from` counts nothing: `protect` is no length")


def confirmations_are_digests(accord: Accord) -> Iterator[Finding]:
    """A confirmed rule says who read it."""
    for clause in accord.clauses:
        if clause.read is not None and clause.read_by is None:
            yield warning(
                clause.line,
                "nobody-read",
                "the rule has a digest of the words it was read from, but no reader",
                f"`comity confirm FILE {clause.cites} --by NAME` writes both",
            )


def _error(line: int, code: str, message: str, hint: str) -> Finding:
    return Finding(line=line, code=code, message=message, hint=hint)


def _dead(clause: c.Clause, why: str) -> Finding:
    return warning(
        clause.line,
        "dead-clause",
        f"the clause can never apply: {why}",
        "mend or remove it",
    )


ALWAYS: tuple[Check, ...] = (
    rules_are_fresh,
    confirmations_are_digests,
    ids_are_their_own,
    duties_can_be_kept,
    survival_is_whole,
    what_a_release_needs_is_stated,
    term_and_exit_are_stated,
    names_are_parties,
    who_admits_may_sign,
    rows_are_not_lists_of_nothing,
    tables_lead_somewhere,
    equivalence_is_unambiguous,
    exceptions_agree,
    open_points_are_whole,
    exits_can_be_used,
    days_exist,
    term_is_not_over_before_it_begins,
    links_lead_elsewhere,
    acts_are_by_those_who_may,
    parts_are_ended_by_actors,
)
"""Every check, in the order in which a reader would make them."""
