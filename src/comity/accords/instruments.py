"""Instruments: what parties and actors did, as recorded, whatever its effect.

An instrument is one document or statement: who performed it, who signed and by what
authority, by which channel, its times as each side recorded them, the basis it claims,
and one or more operations that apply together. Everything received is kept; what it
does is the clock's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from comity.accords.times import FAR_FUTURE, Instant, Span, Zone, parse_day, parse_instant
from comity.errors import InvalidInput
from comity.labels import Level


class Op(StrEnum):
    """What one operation of an instrument does; law of treaties in brackets."""

    SIGN = "sign"
    """Signature (VCLT 12)."""
    NOTIFY_COMPLETION = "notify_completion"
    """Written word that domestic procedures are complete (VCLT 11, 16)."""
    DEPOSIT = "deposit"
    """Ratification, acceptance, approval or accession, with its deposit (VCLT 14–16)."""
    DELIVER = "deliver"
    """Delivery of a signed counterpart (VCLT 13)."""
    DECLARE_PROVISIONAL = "declare_provisional"
    """Declaration to apply provisionally (VCLT 25(1))."""
    END_PROVISIONAL = "end_provisional"
    """Word that one will not become a party (VCLT 25(2))."""
    GIVE_NOTICE = "give_notice"
    """Notice of termination or withdrawal under the accord (VCLT 54(a), 67)."""
    SUSPEND_NOTICE = "suspend_notice"
    """Suspension of a notice's effect; in no convention."""
    RESUME_NOTICE = "resume_notice"
    """The suspension of a notice's effect is ended; also said *revive*."""
    WITHDRAW_SUSPENSION = "withdraw_suspension"
    """The instrument that suspended a notice is itself withdrawn."""
    REVOKE_NOTICE = "revoke_notice"
    """Revocation of a notice before it takes effect (VCLT 68)."""
    SUSPEND = "suspend"
    """Suspension of the accord's operation (VCLT 57, 60)."""
    RESUME = "resume"
    """The suspended operation goes on."""
    TERMINATE = "terminate"
    """Termination by consent of all (VCLT 54(b))."""
    EXTEND = "extend"
    """Agreement of all on a later end."""
    AMEND = "amend"
    """Agreement on another text (VCLT 39–41)."""
    SET_DATE = "set_date"
    """An actor sets a date that the text lets it set."""
    ENACT = "enact"
    """A legislature puts a statute in force, prolongs it, or brings it back."""
    LAY = "lay"
    """It is laid before a body that may object within a time."""
    OBJECT = "object"
    """Objection: of such a body, or of a party to a reservation (VCLT 20)."""
    RESERVE = "reserve"
    """A party reserves articles, on expressing its consent (VCLT 19)."""
    WITHDRAW_RESERVATION = "withdraw_reservation"
    """A reservation is taken back (VCLT 22)."""
    CONFIRM = "confirm"
    """Confirmation of an act done without authority (VCLT 8)."""
    CONSENT = "consent"
    """An originator's written approval of onward release or another purpose."""
    REQUEST_CONSENT = "request_consent"
    """A holder asks an originator for consent."""
    REFUSE_CONSENT = "refuse_consent"
    """An originator refuses what it was asked for."""
    REVOKE_CONSENT = "revoke_consent"
    """A consent is taken back for the future."""
    MEET = "meet"
    """A condition before release is met: authorities notified, assurance given."""
    UNMEET = "unmeet"
    """A condition before release no longer holds."""
    RELEASE = "release"
    """The record that an item was released under the accord, made afterwards."""
    DESIGNATE = "designate"
    """A recipient says at which of several levels it handles what it receives."""
    RELABEL = "relabel"
    """An originator changes an item's level, in writing."""
    REPORT = "report"
    """Evidence that a duty was observed: a receipt, a certificate, a notification."""
    REQUEST = "request"
    """A party asks for what a duty promises it, and may say by which means."""
    RETURN = "return"
    """What was received goes back."""
    CERTIFY_DESTRUCTION = "certify_destruction"
    """Written certificate that what was received is destroyed."""
    REPORT_LOSS = "report_loss"
    """Word that an item is, or may be, lost or compromised."""
    CHANGE_LAW = "change_law"
    """A party's law has changed in what touches protection."""
    DECLASSIFY = "declassify"
    """The originator's written word that an item is no longer classified."""
    ALLEGE_BREACH = "allege_breach"
    """Claim of a material breach (VCLT 60); opens options and ends nothing."""
    PROTEST = "protest"
    """Protest, demand or reservation of rights; changes no standing by itself."""


class Means(StrEnum):
    """What is to become of an item that is no longer to be held."""

    RETURN = "return"
    DESTROY = "destroy"


class Stage(StrEnum):
    """At which of its times an instrument counts."""

    DATED = "dated"
    SENT = "sent"
    DELIVERED = "delivered"
    RECEIVED = "received"
    INFORMED = "informed"
    """Told by the depositary: received by a State only then (VCLT 78(c))."""


MOMENT: Mapping[Op, tuple[Stage, ...]] = {
    op: (Stage.RECEIVED,)
    if op
    in (
        Op.GIVE_NOTICE,
        Op.SUSPEND_NOTICE,
        Op.RESUME_NOTICE,
        Op.WITHDRAW_SUSPENSION,
        Op.REVOKE_NOTICE,
        Op.SUSPEND,
        Op.RESUME,
        Op.END_PROVISIONAL,
        Op.WITHDRAW_RESERVATION,
    )
    else (Stage.DATED, Stage.SENT, Stage.DELIVERED, Stage.RECEIVED)
    for op in Op
}
"""At which stage an operation takes place; the first that is recorded.

What one side does to the other counts on receipt (VCLT 78); what is done jointly or for
oneself counts from its date.
"""


_NEEDS: Mapping[Op, tuple[str, ...]] = {
    Op.GIVE_NOTICE: ("notice",),
    Op.SUSPEND_NOTICE: ("notice",),
    Op.RESUME_NOTICE: ("notice",),
    Op.WITHDRAW_SUSPENSION: ("notice",),
    Op.REVOKE_NOTICE: ("notice",),
    Op.AMEND: ("amendment",),
    Op.SET_DATE: ("about", "on"),
    Op.CONFIRM: ("instrument",),
    Op.RESERVE: ("articles",),
    Op.WITHDRAW_RESERVATION: ("instrument",),
    Op.CONSENT: ("holder", "to", "purposes"),
    Op.REQUEST_CONSENT: ("of", "holder", "to", "purposes"),
    Op.REFUSE_CONSENT: ("answers",),
    Op.REVOKE_CONSENT: ("consent",),
    Op.MEET: ("condition",),
    Op.UNMEET: ("condition",),
    Op.RELEASE: ("item", "to"),
    Op.REQUEST: ("about",),
    Op.REPORT_LOSS: ("item",),
    Op.DECLASSIFY: ("item",),
    Op.DESIGNATE: ("level",),
    Op.RELABEL: ("item", "level"),
}
"""What an operation has to say, by what it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of an instrument.

    Attributes:
        do: what it does.
        notice: the notice that it gives or touches, by id.
        until: the last day of what it does, as written; also the end it agrees on.
        on: the day that a notice, an agreed end or an actor names; of an end, the first
            day out.
        to: the party that a consent lets receive, that an item was released to, or that
            it goes back to.
        holder: the party that a consent lets release onward, that released an item, or that
            lost it; where it is left out there, whoever performs.
        item: the one item that it is about; none for a standing consent or designation, or
            for whatever was given.
        level: the level that is designated, or the new one.
        categories, levels, purposes: what a consent covers.
        ceiling: the level of its giver's policy up to which a consent reaches, beside
            those that it lists.
        since: the first day on which a consent counts, as written.
        of: the originator who is asked for consent.
        answers: the request that a consent or a refusal answers, by id.
        consent: the consent that is revoked, by id.
        condition: the gate that is met or not, by the accord's id for it.
        about: the duty that a report or a request is about, or what a set date sets, by
            the accord's id for it.
        means: which of return and destruction a request asks for.
        instrument: the instrument that is confirmed, or whose reservation it is about; the
            loss or the change of law that a report answers.
        articles: the articles that are reserved, by number.
        opposes: on objecting to a reservation: the accord is not to be in force between the
            two.
        party: the party whose part an actor suspends or ends; none for the accord.
        amendment: the amendment agreed on, by id.
        between: the pair for which a suspension or amendment holds; none for all.
        days_left: on resuming a notice: it runs for the days it had left when its effect
            was suspended. Left out, the days ran on, and one that is past its day takes
            effect at once.
    """

    do: Op
    notice: str | None = None
    until: str | None = None
    on: str | None = None
    to: str | None = None
    holder: str | None = None
    item: str | None = None
    level: str | None = None
    categories: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    ceiling: str | None = None
    since: str | None = None
    of: str | None = None
    answers: str | None = None
    consent: str | None = None
    condition: str | None = None
    about: str | None = None
    means: Means | None = None
    instrument: str | None = None
    amendment: str | None = None
    between: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    opposes: bool = False
    party: str | None = None
    days_left: bool = False

    def check(self, instrument: str) -> None:
        """Refuse an operation that does not say what it does.

        Raises:
            InvalidInput: a notice without its id, a consent to nothing, a pair or a day that
                is none, and the like.
        """
        missing = [key for key in _NEEDS.get(self.do, ()) if not getattr(self, key)]
        if (
            self.do in (Op.CONSENT, Op.REQUEST_CONSENT)
            and self.item is None
            and not (self.categories and (self.levels or self.ceiling))
        ):
            missing.append("item (or categories, and levels or a ceiling)")
        if self.ceiling is not None:
            _ = Level.parse(self.ceiling)
        days = [parse_day(day) for day in (self.since, self.until) if day is not None]
        if days != sorted(days):
            raise InvalidInput(
                f"`{self.do}` of `{instrument}` is over before it begins",
                hint="`since` is its first day and `until` its last",
                code="bad-instant",
            )
        if missing:
            raise InvalidInput(
                f"`{self.do}` of `{instrument}` does not say {' and '.join(missing)}",
                hint=f'add it to the operation: `{{ do = "{self.do}", … }}`',
                code="empty-operation",
            )
        if self.between and len(set(self.between)) != 2:
            raise InvalidInput(
                f"`between` of `{instrument}` names {len(set(self.between))} parties",
                hint="name two; several pairs are several operations",
                code="bad-pair",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One recorded document or statement.

    Attributes:
        id: unique in its world.
        accord: the accord it is about, by id.
        by: the party, parties or actor who performed it; several perform jointly.
        form: ``written`` or ``oral``; None where nobody recorded it.
        channel: by which way it went, such as ``diplomatic``.
        signatory, authority: who signed, and by what right; ``none`` says that the
            signatory had none.
        times: by stage and by the recording party (``""`` for all), as spans.
        assumed: stages whose time is an assumption, with ``assumption`` saying which.
        recorded: when it became known to us; None for when it was received.
        basis: the article or rule that the instrument itself claims.
        operations: applied together; their order in the file does not matter.
        source: where the fact was read; exclusive with ``recalled``.
        recalled: True where nobody has checked it against a source.
        supposed: why it is supposed, where it is no fact at all but a demonstration's
            assumption.
        note: one sentence that helps a reader.
    """

    id: str
    accord: str
    by: tuple[str, ...]
    title: str = ""
    form: str | None = None
    channel: str | None = None
    signatory: str = ""
    authority: str = ""
    times: Mapping[tuple[Stage, str], Span] = field(default_factory=dict)
    assumed: tuple[Stage, ...] = ()
    assumption: str = ""
    recorded: Instant | None = None
    basis: str = ""
    operations: tuple[Operation, ...] = ()
    source: str = ""
    recalled: bool = False
    supposed: str = ""
    note: str = ""
    where: str = ""
    line: int = 0

    def span(self, stage: Stage, side: str | None = None) -> Span | None:
        """Return when a stage was reached, as ``side`` recorded it.

        Without a side, or where that side recorded nothing, the times that all others
        recorded are joined: nobody's word decides alone.
        """
        own = self.times.get((stage, side or "")) or self.times.get((stage, ""))
        if own is not None:
            return own
        spans = [span for (s, _), span in self.times.items() if s is stage]
        if not spans:
            return None
        return Span(min(s.start for s in spans), max(s.before for s in spans))

    def known(self) -> Instant:
        """Return the instant by which it was known to us for certain."""
        if self.recorded is not None:
            return self.recorded
        spans = [
            self.span(stage) for stage in (Stage.RECEIVED, Stage.DELIVERED, Stage.DATED)
        ]
        return next((span.last for span in spans if span is not None), FAR_FUTURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentTable:
    """An instrument as a file spells it: ``[[instrument]]``.

    The times take an instant with its offset (``2019-11-22T18:00+09:00``), a day in the
    accord's zone, or an interval ``A/B``; or an inline table of such by party, where the
    sides recorded different times.
    """

    id: str
    by: tuple[str, ...]
    operations: tuple[Operation, ...]
    title: str = ""
    form: str | None = None
    channel: str | None = None
    signatory: str = ""
    authority: str = ""
    dated: str | TimesByParty | None = None
    sent: str | TimesByParty | None = None
    delivered: str | TimesByParty | None = None
    received: str | TimesByParty | None = None
    informed: str | TimesByParty | None = None
    assumed: tuple[Stage, ...] = ()
    assumption: str = ""
    recorded: str | None = None
    basis: str = ""
    source: str = ""
    recalled: bool = False
    supposed: str = ""
    note: str = ""
    accord: str | None = None
    line: int = 0

    def instrument(self, accord: str, zone: Zone, where: str = "") -> Instrument:
        """Return the instrument, its times read in the accord's zone.

        Raises:
            InvalidInput: a time that cannot be read, no operation, no performer, or not
                exactly one of ``source``, ``recalled`` and ``supposed``.
        """
        if not self.operations or not self.by:
            raise InvalidInput(
                f"instrument `{self.id}` names no performer or no operation",
                hint="say `by` and `operations`",
                code="empty-instrument",
            )
        if bool(self.source) + self.recalled + bool(self.supposed) != 1:
            raise InvalidInput(
                f"instrument `{self.id}` has to say where it is known from",
                hint='one of `source = "…"`, `recalled = true` where nobody checked it, and'
                ' `supposed = "why"` where it is an assumption',
                code="no-source",
            )
        for operation in self.operations:
            operation.check(self.id)
        times: dict[tuple[Stage, str], Span] = {}
        for stage in Stage:
            written: str | TimesByParty | None = getattr(self, stage.value)
            if isinstance(written, str):
                times[stage, ""] = Span.parse(written, zone)
            elif written is not None:
                for part in written.by:
                    if (stage, part.side) in times:
                        raise InvalidInput(
                            f"`{self.id}` says twice when `{part.side}` recorded `{stage}`",
                            hint="one time a side",
                            code="side-twice",
                        )
                    times[stage, part.side] = Span.parse(part.at, zone)
        if not times:
            raise InvalidInput(
                f"instrument `{self.id}` has no time at all",
                hint="record one, however vague: a day, or an interval `A/B`",
                code="no-time",
            )
        return Instrument(
            id=self.id,
            accord=self.accord or accord,
            by=self.by,
            title=self.title,
            form=self.form,
            channel=self.channel,
            signatory=self.signatory,
            authority=self.authority,
            times=times,
            assumed=self.assumed,
            assumption=self.assumption,
            recorded=None if self.recorded is None else parse_instant(self.recorded, zone),
            basis=self.basis,
            operations=self.operations,
            source=self.source,
            recalled=self.recalled,
            supposed=self.supposed,
            note=self.note,
            where=where,
            line=self.line,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SideTime:
    """When one side says that something happened."""

    side: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesByParty:
    """The times that the sides recorded, where they differ."""

    by: tuple[SideTime, ...]


def read_aloud(instrument: Instrument, names: Mapping[str, str], zone: Zone) -> str:
    """Return one sentence that says the instrument as one would on the telephone."""
    who = _joined(names.get(party, party) for party in instrument.by)
    when = next(
        (
            span.say(zone)
            for span in (instrument.span(s) for s in (Stage.RECEIVED, *Stage))
            if span is not None
        ),
        "at a time that nobody recorded",
    )
    does = _joined(
        _SAY[op.do].format(
            notice=op.notice or "",
            item=op.item or "",
            to=names.get(op.to or "", op.to or ""),
        )
        for op in instrument.operations
    )
    how = [
        f"by the hand of {instrument.signatory}" if instrument.signatory else "",
        f"by the {instrument.channel} channel" if instrument.channel else "",
        f"under {instrument.basis}" if instrument.basis else "",
    ]
    tail = ", ".join(part for part in how if part)
    sentence = f"{who} {does} {when}{', ' + tail if tail else ''}"
    return sentence + (" (recalled, not checked)." if instrument.recalled else ".")


_SAY: Mapping[Op, str] = {
    Op.SIGN: "signed",
    Op.NOTIFY_COMPLETION: "notified that domestic procedures are complete",
    Op.DEPOSIT: "deposited the consent to be bound",
    Op.DELIVER: "delivered the signed counterpart",
    Op.DECLARE_PROVISIONAL: "declared provisional application",
    Op.END_PROVISIONAL: "gave word that it will not become a party",
    Op.GIVE_NOTICE: "gave notice {notice} of termination",
    Op.SUSPEND_NOTICE: "suspended the effect of notice {notice}",
    Op.RESUME_NOTICE: "ended the suspension of notice {notice}",
    Op.WITHDRAW_SUSPENSION: "took back the suspension of notice {notice}",
    Op.REVOKE_NOTICE: "revoked notice {notice}",
    Op.SUSPEND: "suspended the operation",
    Op.RESUME: "resumed the operation",
    Op.TERMINATE: "agreed to end it",
    Op.EXTEND: "agreed on a later end",
    Op.AMEND: "agreed to amend it",
    Op.SET_DATE: "set a date",
    Op.ENACT: "enacted it",
    Op.LAY: "laid it before a body that may object",
    Op.OBJECT: "objected",
    Op.RESERVE: "reserved a part of it",
    Op.WITHDRAW_RESERVATION: "took a reservation back",
    Op.CONFIRM: "confirmed an earlier act",
    Op.CONSENT: "consented to onward release",
    Op.REQUEST_CONSENT: "asked for consent to onward release",
    Op.REFUSE_CONSENT: "refused the consent that was asked for",
    Op.REVOKE_CONSENT: "took a consent back",
    Op.MEET: "met a condition before release",
    Op.UNMEET: "no longer meets a condition before release",
    Op.RELEASE: "released {item} to {to}",
    Op.DESIGNATE: "designated the level at which it handles what it receives",
    Op.RELABEL: "changed the level of an item",
    Op.REPORT: "reported that a duty was observed",
    Op.REQUEST: "asked that a duty be observed",
    Op.RETURN: "returned what was received",
    Op.CERTIFY_DESTRUCTION: "certified the destruction of what was received",
    Op.REPORT_LOSS: "reported the loss of {item}",
    Op.CHANGE_LAW: "changed its law",
    Op.DECLASSIFY: "declassified {item}",
    Op.ALLEGE_BREACH: "claimed a material breach",
    Op.PROTEST: "protested",
}


def _joined(parts: Iterable[str]) -> str:
    words = list(parts)
    if len(words) < 2:
        return "".join(words)
    return ", ".join(words[:-1]) + " and " + words[-1]
