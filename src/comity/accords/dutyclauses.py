"""What one owes who received something, and what stays after the end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from comity.accords.binding import register
from comity.accords.clause import Clause, Side
from comity.accords.instruments import Op
from comity.accords.when import Length
from comity.errors import InvalidInput


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
