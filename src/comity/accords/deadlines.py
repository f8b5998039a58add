"""Which dates lie ahead, by the clock alone?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from comity.accords import clauses as c
from comity.accords.clock import Clock
from comity.accords.fold import Fold
from comity.accords.state import State
from comity.accords.table import RELEASING, NoticeState, Status
from comity.accords.times import FAR_FUTURE, Instant, say_day

PERIODS_MAX = 40  # of one accord in one list; a monthly term fills three years


class Kind(StrEnum):
    """What a deadline is."""

    LAST_NOTICE = "last day for notice"
    RENEWS = "renews by silence"
    NOTICE_TAKES_EFFECT = "notice takes effect"
    NOTICE_GOES_ON = "suspended notice goes on"
    BEGINS = "begins"
    ENDS = "ends"
    HOLD_ENDS = "hold ends"
    AUTHORITY_ENDS = "authority ends"
    CONSENT_ENDS = "consent ends"
    DUTY_FALLS_DUE = "duty falls due"
    PROTECTION_ENDS = "protection ends"
    REVIEW = "review"


LAST_DAYS = frozenset({Kind.LAST_NOTICE, Kind.REVIEW})
"""What has to be done on a day at the latest; all others happen at an instant."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Deadline:
    """One date ahead.

    Attributes:
        before: exclusive: what has to be done must be done before it; for what happens
            by itself, the first instant at which it has.
        kind: what it is.
        accord: whose; empty for none.
        article: where it is written.
        what: in words.
        subject: what tells it apart from others of its kind, accord and instant; empty
            where nothing has to.
    """

    before: Instant
    kind: Kind
    accord: str
    article: str
    what: str
    subject: str = ""


def deadlines(clock: Clock, at: Instant, before: Instant) -> tuple[Deadline, ...]:
    """Return what lies ahead for an accord in ``[at, before)``, were nothing more done."""
    fold, state = clock.representative(at)
    found = set(_of_periods(fold, state, at, before))
    accord = clock.accord
    for later in fold.steps(state, Instant(before - 1)):
        if later.now <= at:
            continue
        event = _changed(state, later)
        own = event is not None and event[0] in (Kind.BEGINS, Kind.ENDS)
        if event is not None and not (own and clock.linked):
            kind, article, what = event
            found.add(
                Deadline(
                    before=later.now,
                    kind=kind,
                    accord=accord.id,
                    article=article,
                    what=what,
                )
            )
        state = later
    if clock.linked:
        found.update(_of_others(clock, at, before))
    return tuple(sorted(found))


def _of_others(clock: Clock, at: Instant, before: Instant) -> Iterator[Deadline]:
    """Yield when the standing changes, the accords that it hangs on looked at as well."""
    view = clock.view(at, None, None)
    status = view.status(at, None)
    for cut in sorted(cut for cut in view.cuts_after(at) if cut < before):
        new = view.status(cut, None)
        if new is status:
            continue
        why = view.because(cut, None) or view.because(at, None)
        ties = view.ties(cut, None)
        yield Deadline(
            before=cut,
            kind=_kind(status, new),
            accord=clock.accord.id,
            article=ties[0].cites if ties else "",
            what=f"the accord is {new} from then" + "".join(f"; {text}" for text in why),
        )
        status = new


def _kind(old: Status, new: Status) -> Kind:
    over = new is Status.ENDED or (old in RELEASING and new is Status.SIGNED)
    return Kind.ENDS if over else Kind.BEGINS


def _changed(old: State, new: State) -> tuple[Kind, str, str] | None:
    for notice in new.notices:
        before = old.notice(notice.id)
        if before is None or before.state is notice.state:
            continue
        article = notice.rule.cites
        if notice.state is NoticeState.EFFECTIVE:
            what = f"the notice {notice.id} of {notice.by} takes effect"
            return Kind.NOTICE_TAKES_EFFECT, article, what
        return Kind.NOTICE_GOES_ON, article, f"the notice {notice.id} runs again"
    if old.status() is not new.status():
        article = new.basis[0] if new.basis else ""
        kind = _kind(old.status(), new.status())
        return kind, article, f"the accord is {new.status()} from then"
    return None


def _of_periods(
    fold: Fold, state: State, at: Instant, before: Instant
) -> Iterator[Deadline]:
    """Yield the last days for notice and the renewals by silence."""
    accord, term = state.accord, state.accord.one(c.Term)
    running = fold.rules.period(state, at)
    if term is None or running is None or state.status() is Status.ENDED:
        return
    bites = [n.bites for n in state.notices if n.state in _OPEN]
    stops = min(
        (*bites, *((end,) if (end := fold.rules.term_end(state)) else ())),
        default=FAR_FUTURE,
    )
    ahead = max((_longest(rule) for rule in accord.all(c.Exit)), default=0)
    silent = term.renewal is not None and term.renewal.by is c.RenewalBy.SILENCE
    for number in range(running[0], running[0] + PERIODS_MAX):
        out = fold.rules.boundary(state, number)
        if out is None or accord.zone.start_of(out) - ahead >= before:
            return
        end = accord.zone.start_of(out)
        if end > stops or (end == stops and bites):
            return  # a notice ends it by then, or keeps it from renewing
        for rule in accord.all(c.Exit):
            last = fold.rules.last_day(accord, rule, out)
            if last is None:
                continue
            exclusive = accord.zone.start_of(last + timedelta(days=1))
            if at < exclusive < before:
                yield Deadline(
                    before=exclusive,
                    kind=Kind.LAST_NOTICE,
                    accord=accord.id,
                    article=rule.cites,
                    what=f"{say_day(last)} is the last day for a notice that ends it as"
                    f" {say_day(out)} begins",
                )
        if silent and at < end < before:
            yield Deadline(
                before=end,
                kind=Kind.RENEWS,
                accord=accord.id,
                article=term.cites,
                what=f"extended by silence for {term.renewal.for_ if term.renewal else ''}",
            )


_OPEN = frozenset({NoticeState.RUNNING, NoticeState.LATE, NoticeState.SUSPENDED})


def _longest(rule: c.Exit) -> int:
    """Return seconds that are no fewer than those from a last day for notice to the end."""
    months, days = (
        (0, 0) if rule.length is None else (rule.length.for_.months, rule.length.for_.days)
    )
    return (31 * months + days + 7) * 86_400
