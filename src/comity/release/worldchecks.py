"""What is wrong with a world that loads: names, times and counts across its files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.clock import Clock
from comity.accords.doubt import TooUncertain
from comity.accords.instruments import Op
from comity.accords.operations import triggers
from comity.accords.state import Outcome, moment_span
from comity.accords.table import BY_ANYBODY
from comity.accords.times import FAR_FUTURE, Instant
from comity.errors import Finding, Severity
from comity.labels import faults
from comity.release import tablechecks
from comity.release.consentchecks import (
    answers_have_requests,
    ceilings_are_their_givers,
    parts_are_known,
    wholes_are_marked_over_their_parts,
)
from comity.release.decide import Denial, decide
from comity.release.dutychecks import (
    acts_on_items_name_what_exists,
    acts_show_something,
    releases_were_permitted,
)
from comity.release.linkchecks import (
    links_make_no_circle,
    links_name_accords,
    links_rest_on_acts,
)
from comity.release.request import Reason, Request
from comity.release.talkchecks import (
    measures_are_named_right,
    revised_positions_are_earlier,
    what_is_meant_exists,
    who_meets_is_a_member,
    who_speaks_is_a_party,
    who_speaks_is_known,
)
from comity.release.world import World

Check: TypeAlias = Callable[[World], Iterator[Finding]]


def check_world(world: World) -> list[Finding]:
    """Return every finding of every check."""
    return sorted(finding for one in ALWAYS for finding in one(world))


def misspelt(world: World) -> list[Finding]:
    """Return the errors that keep a world from loading.

    A circle is told alone: while one is there, no standing on its way can be computed.
    """
    if circles := sorted(links_make_no_circle(world)):
        return circles
    found = sorted(finding for one in NAMES for finding in one(world))
    return [finding for finding in found if finding.severity is Severity.ERROR]


def _warn(where: str, line: int, code: str, message: str, hint: str) -> Finding:
    return Finding(
        where=where,
        line=line,
        code=code,
        severity=Severity.WARNING,
        message=message,
        hint=hint,
    )


def deciding_times_are_recorded(world: World) -> Iterator[Finding]:
    """Each instrument has the time at which it counts."""
    for instrument in world.instruments:
        if moment_span(instrument).before >= FAR_FUTURE:
            yield _warn(
                instrument.where,
                instrument.line,
                "no-deciding-time",
                f"nobody recorded when `{instrument.id}` was received or dated, whichever"
                " counts; from its other times on the standing is unsettled",
                "record it, as an instant, a day or an interval",
            )


def triggers_find_their_times(world: World) -> Iterator[Finding]:
    """Each act that a clause counts from has the time at which that clause counts it."""
    for instrument in world.instruments:
        accord = world.accord(instrument.accord)
        done = {operation.do for operation in instrument.operations}
        for trigger in sorted(triggers(accord), key=str):
            stage = trigger.stage
            if trigger.op in done and stage is not None and instrument.span(stage) is None:
                yield _warn(
                    instrument.where,
                    instrument.line,
                    "no-deciding-time",
                    f"`{instrument.id}` does not say when it was {stage}, and the text"
                    f" counts from `{trigger}`: it counts for nothing there",
                    "record it, as an instant, a day or an interval",
                )


def performers_are_known(world: World) -> Iterator[Finding]:
    """Each instrument is performed by a party or an actor of its accord."""
    for instrument in world.instruments:
        accord = world.accord(instrument.accord)
        known = {*accord.parties, *(actor.id for actor in accord.all(c.Actor))}
        done = {operation.do for operation in instrument.operations}
        for name in instrument.by:
            if name in known or accord.front.open or done <= BY_ANYBODY:
                continue
            if name not in world.parties:
                yield Finding(
                    where=instrument.where,
                    line=instrument.line,
                    code="no-party",
                    message=f"`{instrument.id}` is by `{name}`, who is nobody here",
                    hint="its parties and actors: " + ", ".join(sorted(known)),
                )
            else:
                yield _warn(
                    instrument.where,
                    instrument.line,
                    "stranger",
                    f"`{instrument.id}` names `{name}`, who is no party to `{accord.id}`: what"
                    " it does alone is recorded and without effect",
                    "its parties and actors: " + ", ".join(sorted(known)),
                )


def times_are_known_well_enough(world: World) -> Iterator[Finding]:
    """No accord has so many uncertain times that nothing is settled."""
    for accord in world.accords:
        clock = world.clock(accord.id)
        latest = max((i.known() for i in clock.instruments), default=Instant(0))
        try:
            _ = clock.standing(latest)
        except TooUncertain as error:
            yield Finding(
                where=accord.where or accord.id,
                code=error.code,
                message=error.message,
                hint=error.hint,
            )


def _settled(world: World) -> Iterator[tuple[Accord, Clock, Instant]]:
    """Yield the accords whose times are known well enough, with their last instant."""
    if {finding.code for finding in times_are_known_well_enough(world)}:
        return
    for accord in world.accords:
        clock = world.clock(accord.id)
        yield accord, clock, max((i.known() for i in clock.instruments), default=Instant(0))


def instruments_have_effect(world: World) -> Iterator[Finding]:
    """An instrument without effect under the text's defaults is kept, and said."""
    lines = {i.id: (i.where, i.line) for i in world.instruments}
    for _, clock, latest in _settled(world):
        for effect in clock.standing(latest).effects if clock.instruments else ():
            if effect.outcome is Outcome.WITHOUT_EFFECT:
                where, line = lines[effect.instrument]
                yield _warn(
                    where,
                    line,
                    "without-effect",
                    f"`{effect.instrument}` ({effect.do}) is without effect: {effect.lacks}",
                    "it is kept all the same; mend the record if the record is wrong",
                )


def days_exist(world: World) -> Iterator[Finding]:
    """No count that decides something falls on a day that does not exist."""
    for accord, clock, latest in _settled(world):
        if clock.rounded(latest):
            yield _warn(
                accord.where or accord.id,
                0,
                "no-such-day",
                f"a count of `{accord.id}` falls on a day that does not exist; both results"
                " are kept, and what lies between is unsettled",
                "the accord may say whether the last day of the month or the next is meant",
            )


def items_use_known_words(world: World) -> Iterator[Finding]:
    """Each item uses levels, categories and purposes that the world defines."""
    parties = sorted(world.parties)
    for item in world.items.values():
        sender = item.originators[0] if item.originators else parties[0]
        recipient = next(p for p in parties if p != sender)
        request = Request(item=item, sender=sender, recipient=recipient, at=Instant(0))
        decision = decide(request, world)
        if isinstance(decision, Denial):
            for failing in decision.failing:
                if failing.reason is Reason.UNKNOWN_WORD:
                    yield Finding(
                        where=item.where or "items",
                        line=item.line,
                        code="unknown-word",
                        message=f"item `{item.id}` has {failing.has}; it wants {failing.wants}",
                        hint="define the word in `world.toml` or in a policy",
                    )


def lists_name_parties_and_groups(world: World) -> Iterator[Finding]:
    """Whom a release list names is a party or a group: a misspelt name admits nobody."""
    known = {*world.parties, *world.groups}
    for item in world.items.values():
        for name in (*(item.label.release_to or ()), *item.label.display_to):
            if name not in known:
                yield Finding(
                    where=item.where or "items",
                    line=item.line,
                    code="unknown-word",
                    message=f"item `{item.id}` is released to `{name}`, who is nobody here",
                    hint="its parties and groups: " + ", ".join(sorted(known)),
                )


def authorities_are_let_count(world: World) -> Iterator[Finding]:
    """An authority counts only where the world says so."""
    if world.authorities and not world.authorities_on:
        yield _warn(
            "authorities.toml",
            0,
            "authorities-off",
            "no authority counts here: `world.toml` does not say `authorities = true`",
            "say so there, or take the file away",
        )


def labels_are_valid(world: World) -> Iterator[Finding]:
    """Each item's label is one that its policy allows, of a policy of its originators."""
    for item in world.items.values():
        policy = world.policies.get(item.label.level.policy)
        wrongs = [] if policy is None else [*faults(item.label, policy, item.made)]
        theirs = [world.policy_of(party) for party in item.originators]
        if policy is not None and item.originators and policy not in theirs:
            wrongs.append(f"`{item.label.level}` is of no policy of its originators")
        for wrong in wrongs:
            yield Finding(
                where=item.where or "items",
                line=item.line,
                code="invalid-label",
                message=f"the label of item `{item.id}`: {wrong}",
                hint="only the originator can mend a label; until then it goes nowhere",
                severity=Severity.WARNING,
            )


def new_labels_are_the_originators(world: World) -> Iterator[Finding]:
    """A new label or a designation that changes nothing is kept, and said."""
    for instrument, operation in (*world.acts(Op.RELABEL), *world.acts(Op.DESIGNATE)):
        item = world.items.get(operation.item or "")
        level = operation.level or ""
        policy = world.policies.get(level.partition(":")[0])
        known = policy is not None and level.partition(":")[2] in policy.rungs
        stranger = (
            operation.do is Op.RELABEL
            and item is not None
            and not set(instrument.by) & set(item.originators)
        )
        lacks = [
            *([] if known else [f"`{level}` is no level here"]),
            *(["its item is none here"] if operation.item and item is None else []),
            *(["only an originator changes a label"] if stranger else []),
            *([] if instrument.form == "written" else ["it is not recorded as written"]),
        ]
        if lacks:
            yield _warn(
                instrument.where,
                instrument.line,
                "without-effect",
                f"`{instrument.id}` ({operation.do}) changes nothing: {'; '.join(lacks)}",
                "it is kept all the same; mend the record if the record is wrong",
            )


def names_are_known(world: World) -> Iterator[Finding]:
    """Holds, authorities and readings are by parties."""
    named = [
        *((f"hold `{h.id}`", h.by) for h in world.holds),
        *((f"authority `{a.id}`", a.by) for a in world.authorities),
        *((f"reading of `{r.open_point}`", r.party) for r in world.readings),
    ]
    for what, party in named:
        if party not in world.parties:
            yield Finding(
                where="world",
                code="no-party",
                message=f"{what} is by `{party}`, who is no party here",
                hint="its parties: " + ", ".join(sorted(world.parties)),
            )


def notices_have_ids_of_their_own(world: World) -> Iterator[Finding]:
    """Two notices under one accord do not bear one id."""
    seen: dict[tuple[str, str | None], str] = {}
    for instrument in world.instruments:
        for operation in instrument.operations:
            key = (instrument.accord, operation.notice)
            if operation.do is not Op.GIVE_NOTICE:
                continue
            first = seen.setdefault(key, instrument.id)
            if first != instrument.id:
                yield Finding(
                    where=instrument.where,
                    line=instrument.line,
                    code="id-twice",
                    message=f"`{instrument.id}` gives a notice `{operation.notice}`, and so"
                    f" does `{first}`",
                    hint="each notice has an id of its own, also when the first is revoked",
                )


def what_is_named_exists(world: World) -> Iterator[Finding]:
    """Consents taken back, acts confirmed, and sides that recorded times are there."""
    ids = {instrument.id for instrument in world.instruments}
    for instrument in world.instruments:
        named = [
            *(op.consent for op in instrument.operations if op.consent is not None),
            *(op.instrument for op in instrument.operations if op.instrument is not None),
        ]
        for name in named:
            if name not in ids:
                yield Finding(
                    where=instrument.where,
                    line=instrument.line,
                    code="no-instrument",
                    message=f"`{instrument.id}` is about `{name}`, which is no instrument here",
                    hint="name it by its id",
                )
        for side in sorted({side for _, side in instrument.times} - {""}):
            if side not in world.parties:
                yield Finding(
                    where=instrument.where,
                    line=instrument.line,
                    code="no-party",
                    message=f"`{instrument.id}` has a time that `{side}` recorded, who is"
                    " nobody here",
                    hint="its parties: " + ", ".join(sorted(world.parties)),
                )


def holds_cover_what_exists(world: World) -> Iterator[Finding]:
    """A hold names parties, accords and categories that the world has."""
    known = {
        "towards": set(world.parties),
        "accords": {accord.id for accord in world.accords},
        "categories": set(world.categories),
    }
    for hold in world.holds:
        for key, words in known.items():
            for word in getattr(hold, key):
                if word not in words and word != c.ANY:
                    yield Finding(
                        where="holds.toml",
                        code="unknown-word",
                        message=f"hold `{hold.id}` names `{word}` in `{key}`, which is nothing"
                        " here, so it would stop nothing",
                        hint="the words: " + ", ".join(sorted(words)),
                    )


def accords_use_known_words(world: World) -> Iterator[Finding]:
    """Each category and purpose of an accord is one that items here may use."""
    for accord in world.accords:
        used = [
            *(
                (s.line, w, world.categories)
                for s in accord.all(c.Scope)
                for w in s.categories
            ),
            *(
                (p.line, w, world.purposes)
                for p in accord.all(c.Purpose)
                for w in p.allowed
            ),
        ]
        for line, word, known in used:
            if word != c.ANY and word not in known:
                yield _warn(
                    accord.where or accord.id,
                    line,
                    "unknown-word",
                    f"the rule names `{word}`, which `world.toml` does not define, so no item"
                    " can have it",
                    "the words there: " + ", ".join(sorted(known)),
                )


def conditions_before_release_exist(world: World) -> Iterator[Finding]:
    """An act that meets a condition before release meets one that its accord has."""
    for instrument in world.instruments:
        gates = {gate.id for gate in world.accord(instrument.accord).all(c.Gate)}
        for operation in instrument.operations:
            if operation.do in (Op.MEET, Op.UNMEET) and operation.condition not in gates:
                yield Finding(
                    where=instrument.where,
                    line=instrument.line,
                    code="no-gate",
                    message=f"`{instrument.id}` is about the condition"
                    f" `{operation.condition}`, which its accord does not have",
                    hint="its conditions: " + (", ".join(sorted(gates)) or "none"),
                )


def consents_and_authorities_name_what_exists(world: World) -> Iterator[Finding]:
    """Whom, for what and at which level: a misspelt word there would cover nothing."""
    levels = {f"{p.id}:{name}" for p in world.policies.values() for name in p.rungs}
    known: dict[str, Iterable[str]] = {
        "party": world.parties,
        "category": world.categories,
        "purpose": world.purposes,
        "level": levels,
    }
    for what, where, line, kind, word in _named(world):
        if word not in known[kind]:
            yield Finding(
                where=where,
                line=line,
                code="unknown-word",
                message=f"{what} names the {kind} `{word}`, which is none here",
                hint="those here: " + ", ".join(sorted(known[kind])),
            )


def _named(world: World) -> Iterator[tuple[str, str, int, str, str]]:
    for instrument in world.instruments:
        for op in instrument.operations:
            if op.do not in (Op.CONSENT, Op.REQUEST_CONSENT):
                continue
            words = [
                *(
                    ("party", w)
                    for w in (*instrument.by, op.holder, op.to, op.of)
                    if w is not None
                ),
                *(("category", w) for w in op.categories),
                *(("purpose", w) for w in op.purposes),
                *(("level", w) for w in op.levels),
            ]
            for kind, word in words:
                yield f"`{instrument.id}`", instrument.where, instrument.line, kind, word
    for authority in world.authorities:
        words = [
            *(("party", w) for w in authority.to),
            *(("category", w) for w in authority.categories),
            *(("purpose", w) for w in authority.purposes),
            *(("level", str(level)) for level in authority.levels),
        ]
        for kind, word in words:
            yield f"authority `{authority.id}`", "authorities.toml", 0, kind, word


NAMES: tuple[Check, ...] = (
    links_make_no_circle,
    links_name_accords,
    performers_are_known,
    notices_have_ids_of_their_own,
    what_is_named_exists,
    items_use_known_words,
    lists_name_parties_and_groups,
    parts_are_known,
    names_are_known,
    who_speaks_is_a_party,
    who_speaks_is_known,
    measures_are_named_right,
    what_is_meant_exists,
    revised_positions_are_earlier,
    holds_cover_what_exists,
    consents_and_authorities_name_what_exists,
    *tablechecks.NAMES,
    ceilings_are_their_givers,
    answers_have_requests,
    conditions_before_release_exist,
    acts_on_items_name_what_exists,
)
"""Checks whose errors keep a world from loading: a misspelt name must not pass for none."""

ALWAYS: tuple[Check, ...] = (
    *NAMES,
    links_rest_on_acts,
    deciding_times_are_recorded,
    triggers_find_their_times,
    times_are_known_well_enough,
    instruments_have_effect,
    acts_show_something,
    releases_were_permitted,
    authorities_are_let_count,
    labels_are_valid,
    new_labels_are_the_originators,
    days_exist,
    wholes_are_marked_over_their_parts,
    accords_use_known_words,
    *tablechecks.TABLES,
    who_meets_is_a_member,
)
"""Every check of a world."""
