"""Does an accord stand between two parties at an instant? The instruments walked in order.

Every way in which uncertain times may have turned out is walked from the beginning, and so is
each side's reading of what the text leaves open. The accord stands if it does in all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import product

from oracle.reads import (
    NotCovered,
    add_period,
    day_of,
    first_day_out,
    next_day,
    only,
    span_of,
    start_of,
)

CONSENTING = ("sign", "notify_completion", "deposit", "deliver")
LIVING = (
    *CONSENTING, "enact", "give_notice", "suspend_notice", "resume_notice", "withdraw_suspension",
    "revoke_notice", "suspend", "resume", "terminate",
)  # fmt: skip
"""The operations that an accord's life hangs on."""

IN_ONE_INSTRUMENT = {"revoke_notice": 1, "withdraw_suspension": 2}
"""Operations of one instrument that come before its others, in this order."""

MOST = 20_000
"""So many ways are walked for one question, and no more."""


@dataclass
class Notice:
    by: str
    whose_part: str | None
    """The party whose part it ends; None for the whole accord."""
    exit: dict
    bites: int
    state: str = "running"
    asleep_before: int | None = None
    """The first instant at which a suspension with an end is over."""
    by_actor: bool = False


@dataclass
class Pause:
    by: frozenset
    touches: frozenset | None
    """The pair, or the one party; None for all."""
    since: int
    before: int | None
    one_sided: str | None = None


@dataclass
class Life:
    """What has become of one accord in one way of telling."""

    consents: dict = field(default_factory=dict)
    """By party: its acts of consent that still count, as (instant, act)."""
    bound: set = field(default_factory=set)
    left: set = field(default_factory=set)
    put_out: dict = field(default_factory=dict)
    """By party: when an actor ended its part, and which."""
    began: date | None = None
    ends: int | None = None
    """A fixed end: of a term that is not renewed, of a statute, of an agreed end."""
    over: bool = False
    notices: dict = field(default_factory=dict)
    pauses: list = field(default_factory=list)
    steps: list = field(default_factory=list)
    """The instants at which the clock itself did something."""

    def between(self, one: str, other: str, at: int) -> bool:
        """Say whether it is in operation between the two."""
        if not {one, other} <= self.bound:
            return False
        return not any(
            pause.since <= at
            and (pause.before is None or at < pause.before)
            and touches(pause, one, other)
            for pause in self.pauses
        )


def touches(pause: Pause, one: str, other: str) -> bool:
    if pause.one_sided:
        return pause.one_sided in (one, other) and (
            pause.touches is None or {one, other} == pause.touches
        )
    return pause.touches is None or {one, other} == pause.touches


# -- what the questions are --------------------------------------------------------------------


def stands(world: dict, accord: str, one: str, other: str, at: int) -> bool:
    """Say whether it stands between the two, as each of them reads it, however it turned out."""
    return all(
        life.between(one, other, at)
        for viewer in (one, other)
        for life in lives(world, accord, viewer, at)
    )


def is_member(world: dict, accord: str, party: str, at: int) -> bool:
    """Say whether it is certainly in force for a party, whose own part nobody suspends."""
    return all(
        party in life.bound
        and not any(
            pause.one_sided == party
            and pause.touches is None
            and pause.since <= at
            and (pause.before is None or at < pause.before)
            for pause in life.pauses
        )
        for life in lives(world, accord, None, at)
    )


def put_out_at(world: dict, accord: str, party: str, at: int) -> list[int]:
    """Return the instants so far at which somebody may have ended a party's part."""
    every = lives(world, accord, None, at)
    return [life.put_out[party][0] for life in every if party in life.put_out]


def stands_at_all(world: dict, accord: str, at: int) -> bool:
    return all(len(life.bound) > 1 for life in lives(world, accord, None, at))


def lives(world: dict, accord: str, viewer: str | None, at: int) -> list[Life]:
    """Return the accord's life in every way in which it may have been, for one side's reading."""
    memory = world.setdefault("lives", {})
    found = []
    for readings in readings_of(world, accord, viewer, at):
        key = (accord, at, *sorted(readings.items()))
        if key not in memory:
            memory[key] = [
                walk(world["accords"][accord], acts, at, readings)
                for acts in turnings(world, accord, readings, at)
            ]
        found += memory[key]
    return found


def readings_of(world: dict, accord: str, viewer: str | None, at: int) -> list[dict]:
    """Return what the viewer may hold at the instant of each open point, by point."""
    rows = [
        (span_of(row["since"], world["zone"]), row)
        for row in world["readings"]
        if (row["party"], row["accord"]) == (viewer, accord) and not row.get("recalled")
    ]
    rows = sorted((row for row in rows if row[0][0] <= at), key=lambda row: row[0])
    options = []
    for taken in product(
        *((True,) if span[1] <= at else (False, True) for span, _ in rows)
    ):
        follows = {
            row["open_point"]: row["reading"]
            for (_, row), yes in zip(rows, taken, strict=True)
            if yes
        }
        if follows not in options:
            options.append(follows)
    return options


def turnings(world: dict, accord: str, readings: dict, at: int) -> list[list]:
    """Return every order and time of the acts that may matter, as lists of (instant, act)."""
    acts = [a for a in world["acts"] if a["accord"] == accord and a["do"] in LIVING]
    acts = [act for act in acts if act["span"][0] <= at]
    spans = {act["id"]: act["span"] for act in acts}
    text = world["accords"][accord]
    happens = {at} | {edge for span in spans.values() for edge in span}
    for end in (0, 1):
        told = walk(text, [(act["span"][end], act) for act in acts], at, readings)
        happens.update(told.steps)
    points = {}
    for name, (first, last) in spans.items():
        within = {moment for moment in happens if first < moment < last}
        tried = {first, last} | {moment + step for moment in within for step in (-1, 0, 1)}
        tried = {min(moment, at + 1) for moment in tried}
        points[name] = sorted(tried)
    ways = 1
    for tried in points.values():
        ways *= len(tried)
    if ways > MOST:
        raise NotCovered(f"{accord}: {ways} ways to walk")
    names = list(points)
    found = []
    for moments in product(*points.values()):
        at_which = dict(zip(names, moments, strict=True))
        found.append([(at_which[act["id"]], act) for act in acts])
    return found


# -- the walk ------------------------------------------------------------------------------------


def walk(accord: dict, acts: list, at: int, readings: dict) -> Life:
    """Apply the acts and the clock in order, up to and with an instant."""
    life = Life()
    order = {act["id"]: number for number, (_, act) in enumerate(acts)}
    ahead = sorted(
        (pair for pair in acts if pair[0] <= at),
        key=lambda pair: (
            pair[0],
            order[pair[1]["id"]],
            IN_ONE_INSTRUMENT.get(pair[1]["do"], 3),
        ),
    )
    now = 0
    while True:
        due = min(clock_steps(accord, life, now), key=lambda step: step[0], default=None)
        if due and due[0] <= at and (not ahead or due[0] <= ahead[0][0]):
            now = max(now, due[0])
            life.steps.append(due[0])
            due[1]()
        elif ahead:
            now, act = ahead.pop(0)
            apply(accord, life, now, act, readings)
        else:
            return life


def clock_steps(accord: dict, life: Life, now: int) -> list:
    """Return what the clock would do by itself, as (instant, what)."""
    steps = []
    if not life.over:
        if life.began is None and "when" in accord["entry"] and len(life.consents) > 1:
            comes = when_comes(accord["entry"]["when"], accord, life.consents)
            if comes is not None:
                steps.append((max(comes, now), lambda: enter(accord, life, comes)))
        elif life.began is not None:
            for party in set(life.consents) - life.bound:
                comes = joins(accord, life, party)
                if comes is not None:
                    steps.append((max(comes, now), lambda who=party: life.bound.add(who)))
    if life.ends is not None and life.bound:
        steps.append((life.ends, lambda: end_all(life)))
    for notice in life.notices.values():
        if notice.state == "running":
            steps.append((max(notice.bites, now), lambda it=notice: bite(life, it)))
        if notice.state == "suspended" and notice.asleep_before is not None:
            steps.append((notice.asleep_before, lambda it=notice: wake(it)))
    return steps


def enter(accord: dict, life: Life, comes: int) -> None:
    """Bring it into force for those who have consented, and start its term."""
    zone, term = accord["zone"], accord["term"]
    life.bound |= set(life.consents)
    life.began = day_of(comes, zone)
    life.ends = fixed_end(accord, life.began)
    if not accord["term"] and accord["exit"]:
        raise NotCovered(f"{accord['id']}: an exit and no term")
    only(term, "cites read read_by initial renewal indefinite until before", "term")


def fixed_end(accord: dict, began: date | None) -> int | None:
    term, zone = accord["term"], accord["zone"]
    if "until" in term:
        return start_of(next_day(date.fromisoformat(term["until"])), zone)
    if "before" in term:
        return start_of(date.fromisoformat(term["before"]), zone)
    if "initial" in term and "renewal" not in term:
        return start_of(first_day_out(began, term["initial"]), zone)
    return None


def joins(accord: dict, life: Life, party: str) -> int | None:
    """Return when a later party is bound, by its own acts alone."""
    if not accord["joining"]:
        raise NotCovered(f"{accord['id']}: {party} is late and nothing says when it joins")
    needed = {accord["joining"].get("admitted_by")} - {None}
    if party in life.put_out:
        needed.add(life.put_out[party][1])
    acts = [(moment, act) for moment, act in life.consents[party] if needed <= {*act["by"]}]
    when = {"of": "that party", **accord["joining"]["when"]}
    return when_comes(when, accord, {party: acts})


def when_comes(when: dict, accord: dict, acts_of: dict) -> int | None:
    """Return the instant of a *when*, from the acts so far; None if it has not come."""
    only(when, "from of pick on latest earliest", "when")
    if "on" in when:
        return start_of(date.fromisoformat(when["on"]), accord["zone"])
    if "latest" in when:
        found = [when_comes(part, accord, acts_of) for part in when["latest"]]
        return None if None in found else max(found)
    if "earliest" in when:
        found = [when_comes(part, accord, acts_of) for part in when["earliest"]]
        return min((moment for moment in found if moment is not None), default=None)
    moments = []
    for trigger in when["from"]:
        operation, stage = trigger.split(":")
        firsts = {}
        for party, acts in acts_of.items():
            done = [stage_time(m, act, stage) for m, act in acts if act["do"] == operation]
            if done:
                firsts[party] = min(done)
        of = when.get("of", "every party")
        if of == "every party":
            whole = set(accord["parties"]) <= set(firsts)
            moments.append(max(firsts.values()) if whole else None)
        elif of == "second":
            moments.append(sorted(firsts.values())[1] if len(firsts) > 1 else None)
        else:
            moments.append(min(firsts.values(), default=None))
    if when.get("pick", "latest") == "earliest":
        return min((moment for moment in moments if moment is not None), default=None)
    return None if None in moments else max(moments)


def stage_time(moment: int, act: dict, stage: str) -> int:
    """Return when an act reached a stage; where that is the one that counts, as it is told."""
    if act["times"].get(stage) != act["span"]:
        raise NotCovered(f"{act['id']}: {stage} is another time than the one that counts")
    return moment


def end_all(life: Life) -> None:
    life.left |= life.bound
    life.bound, life.consents, life.over = set(), {}, True


def bite(life: Life, notice: Notice) -> None:
    notice.state = "effective"
    if notice.whose_part is None:
        end_all(life)
        return
    life.bound.discard(notice.whose_part)
    life.consents.pop(notice.whose_part, None)
    life.left.add(notice.whose_part)
    if notice.by_actor:
        life.put_out[notice.whose_part] = (life.steps[-1], notice.by)


def wake(notice: Notice) -> None:
    notice.state, notice.bites = "running", max(notice.bites, notice.asleep_before)


# -- acts --------------------------------------------------------------------------------------


def apply(accord: dict, life: Life, now: int, act: dict, readings: dict) -> None:
    """Let one act have the effect that the text gives it; most have one condition or another."""
    do = act["do"]
    if do in CONSENTING:
        for party in act["by"]:
            if may_consent(accord, life, party, do):
                life.consents.setdefault(party, []).append((now, act))
    elif do == "enact":
        enact(accord, life, act)
    elif do == "give_notice":
        for performer in act["by"]:
            give_notice(accord, life, now, act, performer, readings)
    elif do == "terminate":
        if life.bound and life.bound <= set(act["by"]):
            zone = accord["zone"]
            if "on" in act:
                day = max(now, start_of(date.fromisoformat(act["on"]), zone))
                life.ends = day if life.ends is None else min(life.ends, day)
            else:
                end_all(life)
    elif do in ("suspend", "resume"):
        pause_or_resume(accord, life, now, act)
    else:
        for performer in act["by"]:
            touch_notice(accord, life, now, act, performer, readings)


def may_consent(accord: dict, life: Life, party: str, do: str) -> bool:
    actors = {actor["id"] for actor in accord["actor"]}
    if life.over or party in life.bound or party in actors:
        return False
    if party not in accord["parties"] and not accord.get("open"):
        return False
    return not (party in life.left and do not in ("sign", "deposit"))


def enact(accord: dict, life: Life, act: dict) -> None:
    able = [actor["id"] for actor in accord["actor"] if "enact" in actor["may"]]
    if accord["law"] != "statute" or not set(able) & set(act["by"]):
        return
    life.bound, life.over = set(accord["parties"]), False
    if "until" in act:
        life.ends = start_of(next_day(date.fromisoformat(act["until"])), accord["zone"])
    else:
        life.ends = fixed_end(accord, None)


def give_notice(accord, life, now, act, performer, readings) -> None:
    actors = {actor["id"] for actor in accord["actor"]}
    exits = [
        rule
        for rule in accord["exit"]
        if rule.get("who", "either") == performer
        or (rule.get("who", "either") == "either" and performer in life.bound)
    ]
    exits = [rule for rule in exits if in_form(rule, act)]
    if not exits or not life.bound:
        return
    if len(exits) > 1:
        raise NotCovered(f"{act['id']}: two exits fit")
    rule = exits[0]
    whose = act.get("party", performer) if rule.get("ends") == "part" else None
    if whose is not None and whose not in life.bound:
        return
    zone = accord["zone"]
    received = day_of(now, zone)
    effect = reading_of(accord, rule.get("takes_effect", "end of period"), readings)
    late = False
    if effect == "at once":
        bites = now
    elif effect == "after the length":
        bites = start_of(first_day_out(received, rule["length"]), zone)
    elif effect == "on the date named":
        if "length" in rule or "on" not in act:
            raise NotCovered(f"{act['id']}: a day named")
        bites = max(now, start_of(date.fromisoformat(act["on"]), zone))
    elif "initial" in accord["term"] and "renewal" in accord["term"]:
        coming = [end for end in period_ends(accord, life.began) if end > received]
        end = next(end for end in coming if in_time(rule, received, end))
        late = end != coming[0]
        if (
            late
            and reading_of(accord, rule.get("late", "next period"), readings)
            != "next period"
        ):
            return
        bites = start_of(end, zone)
    else:
        raise NotCovered(f"{act['id']}: the end of which period?")
    life.notices[act["notice"], performer] = Notice(
        performer, whose, rule, bites, by_actor=performer in actors
    )


def in_form(rule: dict, act: dict) -> bool:
    for wanted, there in (("form", "form"), ("channel", "way")):
        if wanted in rule and act[there] is None:
            raise NotCovered(f"{act['id']}: its {wanted} is not recorded")
        if wanted in rule and act[there] != rule[wanted]:
            return False
    return True


def reading_of(accord: dict, value, readings: dict) -> str:
    """Return a word of a rule, or what the reading says that it is."""
    if isinstance(value, str):
        return value
    return point(accord, value["open_point"], readings)


def point(accord: dict, name: str, readings: dict) -> str:
    defaults = {row["id"]: row["default"] for row in accord["open_point"]}
    return readings.get(
        name, defaults.get(name, "dormant" if name == "suspended-notice" else None)
    )


@cache
def _ends(began: date, initial: str, renewal: str) -> tuple:
    first = add_period(began, initial)
    return tuple(add_period(first, renewal, times) for times in range(80))


def period_ends(accord: dict, began: date) -> tuple:
    """Return the first days out of the running periods, each counted from the first day."""
    term = accord["term"]
    if {term["initial"]["count"], term["renewal"]["count"]} != {"anniversary"}:
        raise NotCovered(f"{accord['id']}: terms that are no anniversaries")
    if term["renewal"]["by"] != "silence":
        raise NotCovered(f"{accord['id']}: renewal by {term['renewal']['by']}")
    return _ends(began, term["initial"]["for"], term["renewal"]["for"])


def in_time(rule: dict, received: date, end: date) -> bool:
    if "length" not in rule:
        return True
    goal = end - timedelta(days=1) if rule["length"].get("to") == "last day in" else end
    return first_day_out(received, rule["length"]) <= goal


def touch_notice(accord, life, now, act, performer, readings) -> None:
    """Suspend, resume, take back: only the giver's own, in the form that the notice needed."""
    notice = life.notices.get((act["notice"], performer))
    if notice is None or not in_form(notice.exit, act):
        return
    revocable = notice.exit.get("revocable", accord["law"] == "vclt")
    reading = point(accord, "suspended-notice", readings)
    do, state = act["do"], notice.state
    if do == "revoke_notice" and revocable and state in ("running", "suspended"):
        notice.state = "revoked"
    elif do == "suspend_notice" and revocable and state == "running":
        if reading == "revoked":
            notice.state = "revoked"
            return
        notice.state = "suspended"
        if "until" in act:
            day = next_day(date.fromisoformat(act["until"]))
            notice.asleep_before = start_of(day, accord["zone"])
    elif do == "suspend_notice" and revocable and state == "suspended":
        raise NotCovered(f"{act['id']}: a second suspension of a notice")
    elif do in ("resume_notice", "withdraw_suspension") and state == "suspended":
        if act.get("days_left"):
            raise NotCovered(f"{act['id']}: the days left")
        if reading == "agreed variation":
            return  # one side alone does not undo what rests on both
        notice.state, notice.bites = "running", max(notice.bites, now)


def pause_or_resume(accord: dict, life: Life, now: int, act: dict) -> None:
    zone, by = accord["zone"], frozenset(act["by"])
    pair = frozenset(act["between"]) if "between" in act else None
    jointly = bool(life.bound) and (pair or life.bound) <= by
    if act["do"] == "resume":
        for pause in life.pauses:
            if (jointly or pause.by <= by) and (pair is None or pair == pause.touches):
                over = now if pause.before is None else min(now, pause.before)
                pause.before = over
        return
    before = None
    if "until" in act:
        before = start_of(next_day(date.fromisoformat(act["until"])), zone)
    if jointly:
        life.pauses.append(Pause(by, pair, now, before))
        return
    for performer in act["by"]:
        for rule in accord["suspension"]:
            who = rule.get("who", "either")
            if not in_form(rule, act) or not (
                who == performer or (who == "either" and performer in life.bound)
            ):
                continue
            limit = before
            if "at_most" in rule:
                most = start_of(first_day_out(day_of(now, zone), rule["at_most"]), zone)
                limit = most if limit is None else min(limit, most)
            whose = act.get("party") if rule.get("part") else performer
            if whose in life.bound:
                life.pauses.append(Pause(frozenset([performer]), pair, now, limit, whose))
