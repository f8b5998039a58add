"""An accord's clauses under one set of readings: when things begin, end and are late.

Everything that counts days is here; what it counts from is in the state.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.state import State
from comity.accords.times import (
    Count,
    FarEnd,
    Instant,
    Period,
    Rounding,
    first_day_out,
    first_of_next_month,
    is_ambiguous,
    latest_day,
)
from comity.errors import InvalidInput


class Rules:
    """The clauses of an accord with every open point answered.

    Args:
        accord: the text as signed; what is amended later is in the state.
        readings: the answer to each open point, by id; the text's default where none.
        rounding: what a day that does not exist becomes.
        amendments: the bytes of amendments, by id.

    Attributes:
        rounding: as given.
        rounded: whether a count so far fell on a day that does not exist.
    """

    def __init__(
        self,
        accord: Accord,
        *,
        readings: Mapping[str, str],
        rounding: Rounding,
        amendments: Mapping[str, bytes],
    ) -> None:
        self.accord = accord
        self.amendments = amendments
        self.rounded = False
        self._readings = readings
        self.rounding = rounding

    def reading(self, accord: Accord, point: str, default: str) -> str:
        """Return the answer to an open point: a reading, or the text's default."""
        declared = accord.open_point(point)
        fallback = default if declared is None else declared.default
        return self._readings.get(point, fallback)

    def choice(
        self, accord: Accord, said: StrEnum | c.PointRef, kind: type[StrEnum]
    ) -> StrEnum:
        """Return what a clause says, or the reading of the open point that it refers to.

        Raises:
            InvalidInput: a reading that the clause does not know.
        """
        if not isinstance(said, c.PointRef):
            return said
        reading = self.reading(accord, said.open_point, "")
        if reading not in {str(word) for word in kind}:
            raise InvalidInput(
                f"the open point `{said.open_point}` is read as `{reading}`, which the rule"
                " that refers to it does not know",
                hint="`comity check FILE` says where",
                code="no-reading",
            )
        return kind(reading)

    def when(
        self, state: State, when: c.When, party: str | None
    ) -> tuple[Instant, date] | None:
        """Return the instant and the local day that an expression comes to, if it does."""
        found = self._comes(state, when, party)
        if found is None or when.unless is None:
            return found
        barred = self._trigger(state, when.unless, c.Of.ANY_PARTY, party)
        return found if barred is None or barred >= found[0] else None

    def _comes(
        self, state: State, when: c.When, party: str | None
    ) -> tuple[Instant, date] | None:
        zone = state.accord.zone
        if when.about is not None and when.about in state.set_dates:
            day = state.set_dates[when.about]
            day += timedelta(days=when.until is not None)
            return zone.start_of(day), day
        if (
            when.if_ is not None
            and self._trigger(state, when.if_, c.Of.ANY_PARTY, party) is None
        ):
            return None if when.else_ is None else self.when(state, when.else_, party)
        if when.on is not None:
            return zone.start_of(when.on), when.on
        if when.until is not None:
            day = when.until + timedelta(days=1)
            return zone.start_of(day), day
        if when.earliest or when.latest:
            parts = [self.when(state, part, party) for part in when.earliest or when.latest]
            come = [part for part in parts if part is not None]
            if when.earliest:
                return min(come, default=None)
            return max(come) if len(come) == len(parts) else None
        found = [self._trigger(state, trigger, when.of, party) for trigger in when.from_]
        known = [instant for instant in found if instant is not None]
        if not known or (when.pick is c.Pick.LATEST and len(known) < len(found)):
            return None
        instant = max(known) if when.pick is c.Pick.LATEST else min(known)
        day = zone.day_of(instant)
        if not when.then:
            return instant, day
        for step in when.then:
            if step.period is None:
                day = first_of_next_month(day)
            else:
                day = self.out(day, step.period, when.count)
        return zone.start_of(day), day

    def _trigger(
        self, state: State, trigger: c.Trigger, of: c.Of, party: str | None
    ) -> Instant | None:
        if trigger.op is None or trigger.stage is None:
            return None if state.entered is None else state.entered[0]
        facts = state.facts.get((trigger.op, trigger.stage), {})
        if trigger.by is not None:
            return facts.get(trigger.by)
        facts = {name: at for name, at in facts.items() if name in state.members}
        if of is c.Of.THAT_PARTY:
            return facts.get(party or "")
        if of is c.Of.ANY_PARTY:
            return min(facts.values(), default=None)
        if of is c.Of.SECOND:
            return sorted(facts.values())[1] if len(facts) > 1 else None
        named = [facts.get(name) for name in state.accord.parties]
        known = [instant for instant in named if instant is not None]
        return max(known) if len(known) == len(named) else None

    def out(self, day: date, period: Period, count: Count) -> date:
        """Return the first day out, and remember whether it had to be rounded."""
        self.rounded = self.rounded or is_ambiguous(day, period)
        return first_day_out(day, period, count, self.rounding)

    def latest(self, out: date, length: c.Length, rounding: Rounding | None = None) -> date:
        """Return the last day on which a notice still keeps its length."""
        end = out if length.to is FarEnd.FIRST_DAY_OUT else out - timedelta(days=1)
        return latest_day(end, length.for_, length.count, rounding or self.rounding)

    def last_day(self, accord: Accord, rule: c.Exit, out: date) -> date | None:
        """Return the last day for a notice that ends the accord as ``out`` begins.

        The earlier of two where a count falls on a day that does not exist. None where the exit does not count from the end of a period.
        """
        if self.choice(accord, rule.takes_effect, c.Effect) is not c.Effect.END_OF_PERIOD:
            return None
        if rule.length is None:
            return out - timedelta(days=1)
        return min(self.latest(out, rule.length, rounding) for rounding in Rounding)

    def boundary(self, state: State, index: int) -> date | None:
        """Return the first day after the period of that number; 0 is the first day in.

        Counted anew from the day of entry each time, never from the period before.
        """
        term = state.accord.one(c.Term)
        if term is None or term.initial is None or state.entered is None:
            return None
        day = state.entered[1]
        if index == 0:
            return day
        initial, renewal = term.initial, term.renewal
        if index > 1 and renewal is None:
            return None
        extra = renewal.for_.times(index - 1) if renewal is not None else Period("", 0, 0)
        whole = Period(
            "", initial.for_.months + extra.months, initial.for_.days + extra.days
        )
        return self.out(day, whole, initial.count)

    def period(self, state: State, instant: Instant) -> tuple[int, date, date] | None:
        """Return the number, first day and first day out of the period at an instant."""
        today = state.accord.zone.day_of(instant)
        if state.agreed_end is not None and state.entered is not None:
            return 1, state.entered[1], state.accord.zone.day_of(state.agreed_end)
        first = self.boundary(state, 0)
        out = self.boundary(state, 1)
        if first is None or out is None:
            return None
        if today < first:
            return None
        index = 1
        term = state.accord.one(c.Term)
        if today >= out and term is not None and term.renewal is not None:
            longest = term.renewal.for_.months * 31 + term.renewal.for_.days
            index += max(0, (today - out).days // max(1, longest) - 1)
        while True:
            here, there = self.boundary(state, index - 1), self.boundary(state, index)
            if here is None or there is None:
                return None
            if here <= today < there:
                return index, here, there
            index += 1

    def term_end(self, state: State) -> Instant | None:
        """Return when the term ends by itself; None while it renews by silence."""
        if state.agreed_end is not None:
            return state.agreed_end
        term = state.accord.one(c.Term)
        zone = state.accord.zone
        if term is None:
            return None
        if term.until is not None:
            return zone.start_of(term.until + timedelta(days=1))
        if term.before is not None:
            return zone.start_of(term.before)
        silent = term.renewal is not None and term.renewal.by is c.RenewalBy.SILENCE
        out = self.boundary(state, 1)
        return None if silent or out is None else zone.start_of(out)
