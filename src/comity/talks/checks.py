"""What is wrong with readouts: names, numbers, dates and relations that contradict each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from comity.errors import Finding, InvalidInput
from comity.talks.readouts import Account, Fact, Meeting, Passage, Point, Readouts, Relation
from comity.talks.wording import meanings, weekday

Check: TypeAlias = Callable[[Readouts], Iterator[Finding]]


def check_readouts(readouts: Readouts, *, whole: bool = True) -> list[Finding]:
    """Return every error of a world's readouts, each with its file and line.

    Args:
        readouts: as far as they could be read.
        whole: whether that is all of them; else nothing is said of what may be missing
            only because it could not be read.
    """
    checks = ALONE + TOGETHER if whole else ALONE
    found = [finding for one in checks for finding in one(readouts)]
    if whole and not found:
        found = list(relations_are_what_the_accounts_say(readouts))
    return sorted(set(found))


def _find(
    thing: Meeting | Account | Point | Passage, code: str, message: str, hint: str
) -> Finding:
    return Finding(
        where=thing.where, line=thing.line, code=code, message=message, hint=hint
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)) or "none"


def meetings_are_known(readouts: Readouts) -> Iterator[Finding]:
    """Each account and each point is of a meeting that is there."""
    known = {meeting.id for meeting in readouts.meetings}
    hint = "the meetings: " + _listed(known)
    for account in readouts.accounts:
        if account.meeting not in known:
            message = f"account `{account.id}` is of `{account.meeting}`, which is no meeting here"
            yield _find(account, "no-meeting", message, hint)
    for point in readouts.points:
        if point.meeting not in known:
            message = (
                f"point {point.number} is of `{point.meeting}`, which is no meeting here"
            )
            yield _find(point, "no-meeting", message, hint)


def passages_are_placed(readouts: Readouts) -> Iterator[Finding]:
    """Each passage is of an account and of a point of one meeting, in a paragraph it has."""
    accounts = {account.id: account for account in readouts.accounts}
    numbers = {(point.meeting, point.number) for point in readouts.points}
    for passage in readouts.passages:
        account = accounts.get(passage.account)
        if account is None:
            message = f"the passage is of account `{passage.account}`, which is none here"
            hint = "the accounts: " + _listed(accounts)
            yield _find(passage, "no-account", message, hint)
            continue
        if (account.meeting, passage.point) not in numbers:
            there = [number for meeting, number in numbers if meeting == account.meeting]
            message = (
                f"the passage is of point {passage.point}, which `{account.meeting}` lacks"
            )
            hint = f"add a `[[point]]` of that number; {len(there)} are there"
            yield _find(passage, "no-point", message, hint)
        last = account.paragraphs
        if passage.paragraph < 1 or (last is not None and passage.paragraph > last):
            message = f"account `{account.id}` has no paragraph {passage.paragraph}"
            hint = "count its lines that are not empty, from 1"
            yield _find(passage, "no-paragraph", message, hint)


def points_are_numbered_once(readouts: Readouts) -> Iterator[Finding]:
    """Each point of a meeting has a number of its own."""
    seen: dict[tuple[str, int], Point] = {}
    for point in readouts.points:
        first = seen.setdefault((point.meeting, point.number), point)
        if first is not point:
            message = f"two points of `{point.meeting}` bear the number {point.number}"
            hint = f"the other stands at {first.where}:{first.line}; number each once"
            yield _find(point, "id-twice", message, hint)


def points_are_told(readouts: Readouts) -> Iterator[Finding]:
    """Some account tells of each point."""
    meeting_of = {account.id: account.meeting for account in readouts.accounts}
    told = {(meeting_of.get(p.account), p.point) for p in readouts.passages}
    for point in readouts.points:
        if (point.meeting, point.number) not in told:
            message = f"no account tells of point {point.number}"
            yield _find(point, "untold", message, "add a `[[passage]]`, or take it out")


def datelines_fall_on_their_weekday(readouts: Readouts) -> Iterator[Finding]:
    """Where an account names a weekday beside its date, the date falls on it."""
    for account in readouts.accounts:
        real = weekday(account.day)
        if account.weekday is not None and account.weekday != real:
            message = f"account `{account.id}` is dated {account.weekday}, {account.day},"
            message += f" which was a {real}"
            hint = "check the date against the account; weekdays in it count from there"
            yield _find(account, "other-weekday", message, hint)


def revisions_take_an_earlier_place(readouts: Readouts) -> Iterator[Finding]:
    """What an account revises is an earlier account of the same meeting."""
    accounts = {account.id: account for account in readouts.accounts}
    for account in readouts.accounts:
        if account.revises is None:
            continue
        earlier = accounts.get(account.revises)
        if earlier is None:
            message = (
                f"account `{account.id}` revises `{account.revises}`, which is none here"
            )
            hint = "the accounts: " + _listed(accounts)
            yield _find(account, "no-account", message, hint)
        elif (
            earlier.meeting != account.meeting or earlier.dated.start >= account.dated.start
        ):
            message = f"account `{account.id}` revises `{earlier.id}`, which is of another"
            message += " meeting or no earlier"
            hint = "a revision is of the same meeting, and dated later"
            yield _find(account, "bad-revision", message, hint)


def facts_can_be_compared(readouts: Readouts) -> Iterator[Finding]:
    """An account says one thing of one matter; its times can be read, as they are meant."""
    accounts = {account.id: account for account in readouts.accounts}
    seen: set[tuple[str, int, str]] = set()
    for passage in readouts.passages:
        account = accounts.get(passage.account)
        for fact in passage.facts:
            key = (passage.account, passage.point, fact.of)
            if key in seen:
                message = f"account `{passage.account}` says two things of `{fact.of}`"
                yield _find(passage, "id-twice", message, "give one of them another `of`")
            seen.add(key)
            if account is not None and fact.time:
                yield from _time(passage, fact, account)


def _time(passage: Passage, fact: Fact, account: Account) -> Iterator[Finding]:
    try:
        may_be = meanings(fact.time, account.day, account.zone)
    except InvalidInput as error:
        yield _find(passage, error.code, error.message, error.hint)
        return
    if fact.means is not None and not any(
        span.start <= fact.means < span.before for span in may_be
    ):
        said = "; ".join(span.say(account.zone) for span in may_be)
        message = f"`{fact.time}` cannot mean {account.zone.show(fact.means)}"
        yield _find(passage, "not-a-meaning", message, f"it may be: {said}")


def relations_are_what_the_accounts_say(readouts: Readouts) -> Iterator[Finding]:
    """No relation that a person stated contradicts what the passages' facts show."""
    for meeting in readouts.meetings:
        for compared in readouts.compared(meeting.id):
            stated, computed = compared.point.relation, compared.computed
            told = {passage.account for passage in compared.passages}
            if computed is not None and computed is not stated:
                number = compared.point.number
                message = f"point {number} is stated as `{stated}`, and what the accounts"
                message += f" say of it is `{computed}`"
            elif computed is None and (stated is Relation.ONE) is (len(told) > 1):
                message = f"point {compared.point.number} is stated as `{stated}`, and"
                message += f" {len(told)} of the accounts tell of it"
            else:
                continue
            hint = "mend the relation, or the passages' facts, whichever is wrong"
            yield _find(compared.point, "relation-contradicted", message, hint)


ALONE: tuple[Check, ...] = (
    points_are_numbered_once,
    datelines_fall_on_their_weekday,
    facts_can_be_compared,
)
"""Checks of one table, or of two that are there."""

TOGETHER: tuple[Check, ...] = (
    meetings_are_known,
    passages_are_placed,
    points_are_told,
    revisions_take_an_earlier_place,
)
"""Checks of what names what; relations come after, once all of these hold."""
