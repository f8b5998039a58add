"""Clauses: the rules of an accord, each a small typed value with its article.

A clause's class is the whole of its grammar: its fields are the keys that a ``toml
comity`` block may have, and the JSON Schema for editors is made from them. Every clause
has ``cites``, the place of the words it was read from; a rule without one does not load.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from comity.accords.binding import register
from comity.accords.instruments import Op, Stage
from comity.accords.times import Count, FarEnd, Period
from comity.errors import InvalidInput
from comity.labels import Level, Mark

ANY = "any"  # the word by which a list admits everything; an empty list admits nothing


@dataclass(frozen=True, slots=True)
class Trigger:
    """An event that a clause counts from: an operation at a named stage, or the entry.

    Attributes:
        by: whose act it is, a party's or an actor's; None leaves it to the *when*.
    """

    op: Op | None
    stage: Stage | None
    by: str | None = None

    @classmethod
    def parse(cls, text: str) -> Trigger:
        """Read ``notify_completion:dated``, ``object:dated by congress``, or ``entry``.

        Raises:
            InvalidInput: no such operation or stage, or no stage named.
        """
        if text == "entry":
            return cls(None, None)
        event, _, by = text.partition(" by ")
        name, _, stage = event.partition(":")
        try:
            return cls(Op(name), Stage(stage), by or None)
        except ValueError:
            raise InvalidInput(
                f"`{text}` is not a trigger",
                hint="name the act and its stage, such as `notify_completion:dated` or"
                " `deposit:received`; or `entry`",
                code="bad-trigger",
            ) from None

    def __str__(self) -> str:
        """Return the trigger as written."""
        if self.op is None:
            return "entry"
        return f"{self.op}:{self.stage}" + (f" by {self.by}" if self.by else "")


FIRST_OF_NEXT_MONTH = "first of next month"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a count: a period, or on to the first day of the next month."""

    period: Period | None

    @classmethod
    def parse(cls, text: str) -> Step:
        """Read ``P6M`` or ``first of next month``."""
        return cls(None) if text == FIRST_OF_NEXT_MONTH else cls(Period.parse(text))

    def __str__(self) -> str:
        """Return the step as written."""
        return FIRST_OF_NEXT_MONTH if self.period is None else self.period.text


register(Trigger, Trigger.parse, r"^(entry|[a-z_]+:[a-z]+( by .+)?)$")
register(Step, Step.parse, rf"^({FIRST_OF_NEXT_MONTH}|P.+)$")
register(Level, Level.parse, r"^[a-z][a-z0-9-]*:.+$")
register(Mark, Mark.parse, r"^[a-z][a-z0-9-]*:[^/]+/.+$")


class Of(StrEnum):
    """Whose act a trigger waits for."""

    EVERY_PARTY = "every party"
    ANY_PARTY = "any party"
    THAT_PARTY = "that party"
    SECOND = "second"
    """The second of two or more: *thirty days after two deposits*."""


class Pick(StrEnum):
    """Which of several triggers counts."""

    LATEST = "latest"
    EARLIEST = "earliest"


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """When something begins or ends: from triggers, by steps, in order.

    Attributes:
        from_: the triggers; several are picked from by ``pick``.
        of: whose act each trigger waits for.
        then: steps, in the order they stand; none means the instant itself.
        count: how the days of the steps are counted.
        on: a day, instead of triggers; it comes as that day begins.
        until: a last day, instead of triggers; it comes as the next day begins.
        earliest, latest: the earliest (latest) of several; one that never comes is left
            out of ``earliest`` and keeps ``latest`` from coming.
        if_, else_: where the trigger ``if`` has occurred this holds, and otherwise
            ``else``.
        unless: where this trigger has occurred before it comes, it never does.
        set_by: an actor who may set another day by the operation ``set_date``, with
            ``about`` naming it.
        about: the name by which it is set.
    """

    from_: tuple[Trigger, ...] = ()
    of: Of = Of.EVERY_PARTY
    pick: Pick = Pick.LATEST
    then: tuple[Step, ...] = ()
    count: Count = Count.ANNIVERSARY
    on: date | None = None
    until: date | None = None
    earliest: tuple[When, ...] = ()
    latest: tuple[When, ...] = ()
    if_: Trigger | None = None
    else_: When | None = None
    unless: Trigger | None = None
    set_by: str | None = None
    about: str | None = None

    def __post_init__(self) -> None:
        """Refuse an expression that says nothing, or two things.

        Raises:
            InvalidInput: not exactly one of the five ways to say when.
        """
        ways = [
            bool(self.from_),
            self.on is not None,
            self.until is not None,
            bool(self.earliest),
            bool(self.latest),
        ]
        if sum(ways) != 1:
            raise InvalidInput(
                "a *when* says exactly one of `from`, `on`, `until`, `earliest` and `latest`",
                hint='for example `{ from = ["notify_completion:dated"] }`',
                code="bad-when",
            )
        if self.then and not self.from_:
            raise InvalidInput(
                "`then` needs `from`: steps are counted from an event",
                hint="move `then` into the *when* that has the trigger",
                code="bad-when",
            )
        if (self.set_by is None) is not (self.about is None):
            raise InvalidInput(
                "`set_by` and `about` go together",
                hint="name the actor and what it sets",
                code="bad-when",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """A period with the rule by which it is counted."""

    for_: Period
    count: Count
    to: FarEnd = FarEnd.FIRST_DAY_OUT


class RenewalBy(StrEnum):
    """What makes a term renew."""

    SILENCE = "silence"
    AGREEMENT = "agreement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """How a term goes on: by silence unless notice is given, or only by agreement."""

    for_: Period
    count: Count
    by: RenewalBy


@dataclass(frozen=True, slots=True, kw_only=True)
class PointRef:
    """A question that the text leaves open, by the id of its ``[[open_point]]``."""

    open_point: str


class Effect(StrEnum):
    """When an exit takes effect."""

    END_OF_PERIOD = "end of period"
    AFTER_LENGTH = "after the length"
    ON_DATE_NAMED = "on the date named"
    AT_ONCE = "at once"


class Late(StrEnum):
    """What a notice does that comes too late for the running period."""

    NEXT_PERIOD = "next period"
    WITHOUT_EFFECT = "without effect"


class Ends(StrEnum):
    """What an exit ends."""

    ACCORD = "accord"
    PART = "part"
    """Only the notifier's part; the accord goes on between the others."""


class Suspended(StrEnum):
    """What a suspended notice is: readings of a question no convention answers."""

    DORMANT = "dormant"
    """The notifier may let it take effect at any time, at once."""
    REVOKED = "revoked"
    """The notice is gone; to end the accord takes a new one."""
    AGREED_VARIATION = "agreed variation"
    """Both sides agreed to go on; only the accord's own exit ends it."""


class Protect(StrEnum):
    """How long information stays protected after the end."""

    ALWAYS = "always"
    WHILE_CLASSIFIED = "while classified"
    """Until every originator has declassified it."""
    UNTIL_RETURNED = "until returned or destroyed"
    NOT_SAID = "not said"
    """Left to the governing law; VCLT 70(1)(b) keeps what was created before the end."""


class CountedFrom(StrEnum):
    """From what the years of protection are counted."""

    END = "end"
    RECEIPT = "receipt"
    """Of each item, by the one who holds it."""


@dataclass(frozen=True, slots=True)
class Onward:
    """What holds for onward release after the end.

    Attributes:
        place: the third-party rule that goes on, as cited; None: never any.
    """

    place: str | None

    @classmethod
    def parse(cls, text: str) -> Onward:
        """Read ``as 6(a)``, or ``never``.

        Raises:
            InvalidInput: anything else; what is not known never permits.
        """
        if text == "never":
            return cls(None)
        word, _, place = text.partition(" ")
        if word != "as" or not place or " " in place:
            raise InvalidInput(
                f"`{text}` does not say what holds for onward release",
                hint="write `as 6(a)`, the place of the third-party rule that goes on, or"
                " `never`",
                code="bad-onward",
            )
        return cls(place)

    def __str__(self) -> str:
        """Return it as written."""
        return "never" if self.place is None else f"as {self.place}"


register(Onward, Onward.parse, r"^(never|as [^ ]+)$")


class Choose(StrEnum):
    """Who picks where an equivalence row has several targets."""

    RECIPIENT = "recipient"
    NOBODY = "nobody"


class Relation(StrEnum):
    """How the levels of a row correspond."""

    EQUAL = "equal"
    AT_LEAST = "at least"
    """The recipient handles it at this level or at one above it."""
    HANDLE_AS = "handle as"
    """The recipient has no such level, and handles it as this one."""
    NONE = "none"
    """No level corresponds, and the text says so: nothing goes."""


class Consent(StrEnum):
    """Whose consent an onward release needs."""

    EACH_ORIGINATOR = "each originator"
    BY_MARKING = "by marking"
    """That of each originator, unless its own marking releases it to the recipient."""
    NEVER = "never"
    """No onward release at all."""
    NOT_NEEDED = "not needed"


class Depends(StrEnum):
    """How the standing of one accord hangs on that of another."""

    START_AND_END = "start and end"
    """It stands not before the other does, and no longer; a suspension stays the other's."""
    WHILE_IT_STANDS = "while it stands"
    """As `START_AND_END`, and it is suspended while the other is."""
    SENDING = "sending"
    """Only what some parties send: the other authorises their sending, as a statute does."""


class Side(StrEnum):
    """Who has to meet a gate, or bears a duty."""

    SENDER = "sender"
    RECIPIENT = "recipient"
    EACH = "each"


class YearsFrom(StrEnum):
    """From when the years of a classification are counted."""

    MARKING = "the marking"
    FIRST_OF_NEXT_YEAR = "1 January of the next year"


class Arises(StrEnum):
    """When a duty arises."""

    ON_RELEASE = "on release"
    AFTER_END = "after the end"
    ON_LOSS = "on loss"
    ON_CHANGE_OF_LAW = "on change of law"
    ON_REQUEST = "on request"


class Within(StrEnum):
    """How long there is, where it is no length."""

    AT_ONCE = "at once"


class Meanwhile(StrEnum):
    """What becomes of protection while the operation is suspended."""

    GOES_ON = "goes on"
    STOPS = "stops"


class Exempts(StrEnum):
    """Which family of clauses an exception stands beside."""

    SCOPE = "scope"
    PURPOSE = "purpose"
    THIRD_PARTY = "third_party"


class Answer(StrEnum):
    """What an exception answers where it applies."""

    PERMIT = "permit"
    DENY = "deny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """What every rule has.

    Attributes:
        cites: the place in the text, ``"21(3)"``; its label stands in a line there.
        read: the digest of the words that the rule was read from, in all authentic
            languages; only ``comity confirm`` writes it.
        read_by: who read them.
        line: in the file.
    """

    cites: str
    read: str | None = None
    read_by: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Clause):
    """When the accord enters into force."""

    when: When


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining(Clause):
    """When it enters into force for a party that comes later, or comes back.

    Attributes:
        admitted_by: the actor without whom nobody joins: both perform the instrument. None:
            a newcomer joins alone.
    """

    when: When
    admitted_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisional(Clause):
    """From when to when it is applied provisionally; only between those who declared."""

    when: When
    ends: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Term(Clause):
    """How long it stays in force.

    Exactly one of ``initial``, ``indefinite``, ``until`` (last day) and ``before`` (first
    day out).
    """

    initial: Length | None = None
    renewal: Renewal | None = None
    indefinite: bool = False
    until: date | None = None
    before: date | None = None

    def __post_init__(self) -> None:
        """Refuse a term that says nothing or two things.

        Raises:
            InvalidInput: not exactly one length.
        """
        said = [self.initial, self.until, self.before]
        if sum(part is not None for part in said) + self.indefinite != 1:
            raise InvalidInput(
                "a term says exactly one of `initial`, `indefinite`, `until` and `before`",
                hint='for example `initial = { for = "P1Y", count = "anniversary" }`',
                code="bad-term",
            )
        if self.renewal is not None and self.initial is None:
            raise InvalidInput(
                "`renewal` needs `initial`: a term renews from where the first one ends",
                hint="say `initial` as well",
                code="bad-term",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit(Clause):
    """How a party ends the accord, or its part in it, by notice.

    Attributes:
        who: ``either``, or a party or actor by id.
        form, channel: what the notice needs; None asks nothing.
        length: how far ahead; counted back from the end of the period, or forward from
            receipt where it takes effect after the length.
        requires: acts of the same party that must have been done before.
        not_before: no notice counts before this.
        takes_effect, late: or an open point.
        ends: the accord, or the notifier's part.
        revocable: whether a notice may be taken back before it takes effect; None leaves
            it to the governing law (VCLT 68: yes).
    """

    who: str = "either"
    form: str | None = None
    channel: str | None = None
    length: Length | None = None
    requires: tuple[Op, ...] = ()
    not_before: When | None = None
    takes_effect: Effect | PointRef = Effect.END_OF_PERIOD
    late: Late | PointRef = Late.NEXT_PERIOD
    ends: Ends = Ends.ACCORD
    revocable: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension(Clause):
    """How a party suspends the accord's operation.

    Attributes:
        who, form, channel, requires: as for an exit; ``requires = ["allege_breach"]`` asks
            for a claimed breach.
        length: how long after receipt it begins; None is at once.
        at_most: how long it lasts at most.
        part: whether the actor in ``who`` suspends one party's part, which its act names.
        protection: whether what was given stays protected meanwhile. Suspension frees
            from performance (VCLT 72); protection stops only where the text says so.
    """

    who: str = "either"
    form: str | None = None
    channel: str | None = None
    length: Length | None = None
    requires: tuple[Op, ...] = ()
    at_most: Length | None = None
    part: bool = False
    protection: Meanwhile = Meanwhile.GOES_ON


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival(Clause):
    """What stays after the end.

    Attributes:
        protect: how long what was given stays protected.
        counted_from: of a length, from what it is counted.
        onward: what holds for onward release; None: as the third-party rule said.
        requires: what else goes on, in words.
    """

    protect: Protect | Length
    counted_from: CountedFrom = CountedFrom.END
    onward: Onward | None = None
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment(Clause):
    """How the text is changed: by written consent of all."""

    by: Of = Of.EVERY_PARTY


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope(Clause):
    """What may cross: categories, kinds of medium and directions.

    ``["any"]`` admits all; a list that is left out or empty admits nothing. A direction
    is written ``kr to jp``.
    """

    categories: tuple[str, ...]
    kinds: tuple[str, ...]
    directions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivalence(Clause):
    """One row of the table of levels: directed, and silent rows release nothing.

    Attributes:
        from_: the originator's or holder's level.
        to: the recipient's levels; several need a choice.
        choose: who picks among several.
        relation: how they correspond.
        since: the first day of the row; None: from entry into force.
        before: its first day out, in the accord's zone.
    """

    from_: Level
    to: tuple[Level, ...]
    choose: Choose = Choose.NOBODY
    relation: Relation = Relation.EQUAL
    since: date | None = None
    before: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagEquivalence(Clause):
    """One row of the table of tags: a restrictive or permissive value without one stays.

    Attributes:
        from_: a value of the originator's or holder's policy.
        to: the recipient's values, all of which it then bears.
        drop: the parties agree that the value is left off; ``to`` is empty then.
        since: the first day of the row; None: from entry into force.
        before: its first day out, in the accord's zone.
    """

    from_: Mark
    to: tuple[Mark, ...] = ()
    drop: bool = False
    since: date | None = None
    before: date | None = None

    def __post_init__(self) -> None:
        """Refuse a row that leads nowhere and does not say so.

        Raises:
            InvalidInput: both or neither of ``to`` and ``drop``.
        """
        if bool(self.to) is self.drop:
            raise InvalidInput(
                f"the row of `{self.from_}` says both or neither of `to` and `drop`",
                hint="name the recipient's tags, or say `drop = true` where the text drops it",
                code="bad-row",
            )


Row: TypeAlias = Equivalence | TagEquivalence


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonPolicy(Clause):
    """Both sides mark by one policy: what bears these levels and tags goes as it is.

    Attributes:
        policy: by id.
        levels: those that go, by name; an empty list lets none go.
        tags: those that go, as ``set/value``.
    """

    policy: str
    levels: tuple[str, ...]
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose(Clause):
    """For what it may be used.

    Attributes:
        allowed: purposes by name, or ``["any"]``.
        as_given: only for the purpose for which it was given; another needs the consent
            of every originator.
    """

    allowed: tuple[str, ...]
    as_given: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdParty(Clause):
    """What an originator outside the pair has to say."""

    consent: Consent


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate(Clause):
    """A condition that must be met, by a recorded act, before a release.

    Attributes:
        id: by which acts ``meet`` it.
        needs: in words.
        who: whose act meets it.
        or_consent: whether the written consent of every originator to that very release
            stands in for it.
    """

    id: str
    needs: str
    who: Side
    or_consent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Declassification(Clause):
    """When a classification lapses by the text alone.

    Attributes:
        after: how long it lasts.
        counted: from when that is counted.
        unless: what keeps it from lapsing, in words.
        announce: how far ahead the originator announces another classification.
    """

    after: Period
    counted: YearsFrom
    unless: str | None = None
    announce: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel(Clause):
    """By which ways an item may go; others are refused."""

    allowed: tuple[str, ...]


DISPOSAL: tuple[Op, ...] = (Op.RETURN, Op.CERTIFY_DESTRUCTION)
"""The acts by which an item is no longer held."""

DISCHARGING: tuple[Op, ...] = (Op.REPORT, *DISPOSAL, Op.REPORT_LOSS)
"""The acts that may discharge a duty: each is evidence of what was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty(Clause):
    """A duty that a release, a loss, a request, a change of law or the end brings with it.

    Attributes:
        id: by which acts name it.
        what: in words, an order to the one who bears it.
        who: who bears it.
        arises: when.
        within: how long there is, counted in the accord's zone; None: no last day is said.
        discharge: the acts that discharge it, each alone.
        choice: whose choice it is between return and destruction; None: the bearer's.
        lasting: kept as long as the information is protected; no act discharges it.
    """

    id: str
    what: str
    who: Side
    arises: Arises
    within: Length | Within | None = None
    discharge: tuple[Op, ...] = (Op.REPORT,)
    choice: Side | None = None
    lasting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence(Clause):
    """Words that no decision enforces, but whose keeping a recorded act shows."""

    act: Op
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPoint(Clause):
    """A question the text leaves open, with its possible readings.

    Attributes:
        id: by which readings answer it.
        question: in words.
        readings: the possible ones, as the clause that refers to it knows them.
        default: what is followed until a party says.
    """

    id: str
    question: str
    readings: tuple[str, ...]
    default: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption(Clause):
    """An exception beside the article that makes it; never folded into the rule.

    It applies where every list that it gives matches: one that permits needs the whole of
    what is asked in its lists, one that denies catches what has a part there. Two that can
    apply and answer differently are an error.
    """

    to: Exempts
    answer: Answer
    categories: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    originators: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor(Clause):
    """An organ, a depositary or a joint body, with the acts it may do."""

    id: str
    is_: str
    may: tuple[Op, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Supersedes(Clause):
    """This accord takes the place of an earlier one, between those for whom it is in force.

    Once it has been in force between two parties, the earlier one has ended between them,
    and stays so; it goes on between all others (VCLT 30, 59).

    Attributes:
        accord: the earlier accord, by id.
        adopts: whether the items given under the earlier one count as given under this one.
    """

    accord: str
    adopts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tied(Clause):
    """The standing of this accord hangs on that of another at the same instant.

    Attributes:
        to: the other accord, by id.
        how: in what.
        who: with ``sending``, the parties who may send only while the other stands.
    """

    to: str
    how: Depends
    who: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a tie of sending for nobody, and names that no other tie asks for.

        Raises:
            InvalidInput: ``who`` and ``how`` do not go together.
        """
        if (self.how is Depends.SENDING) is not bool(self.who):
            raise InvalidInput(
                '`who` goes with `how = "sending"`, and with nothing else',
                hint="name the parties who may send only while the other stands; a tie of the"
                " whole accord names nobody",
                code="bad-tie",
            )


SINGLE: Mapping[str, type[Clause]] = {
    "entry": Entry,
    "joining": Joining,
    "provisional": Provisional,
    "term": Term,
    "survival": Survival,
    "amendment": Amendment,
    "scope": Scope,
    "purpose": Purpose,
    "third_party": ThirdParty,
    "declassification": Declassification,
    "channel": Channel,
}
"""Tables that stand once in an accord."""

MANY: Mapping[str, type[Clause]] = {
    "exit": Exit,
    "suspension": Suspension,
    "equivalence": Equivalence,
    "tag_equivalence": TagEquivalence,
    "common_policy": CommonPolicy,
    "gate": Gate,
    "duty": Duty,
    "evidence": Evidence,
    "open_point": OpenPoint,
    "exception": Exemption,
    "supersedes": Supersedes,
    "tied": Tied,
    "actor": Actor,
}
"""Tables that form lists."""

NAMES: Mapping[type[Clause], str] = {
    kind: name for table in (SINGLE, MANY) for name, kind in table.items()
}
