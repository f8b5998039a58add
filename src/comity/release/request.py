"""What is asked of a decision, the closed list of reasons, and what stands in the way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from comity.accords.times import Instant
from comity.labels import Item, Label, Level, Mark


class Reason(StrEnum):
    """Why not, most decisive first: the first that applies is the one given.

    Each has a heading in ``docs/reference.md`` that says whether later could help.
    """

    UNKNOWN_WORD = "unknown_word"
    MISSING_FACT = "missing_fact"
    INVALID_LABEL = "invalid_label"
    ORIGINATOR_FORBIDS = "originator_forbids"
    CAVEAT_NOT_ADMITTED = "caveat_not_admitted"
    HELD = "held"
    NO_ACCORD = "no_accord"
    NOT_YET_IN_FORCE = "not_yet_in_force"
    UNSETTLED = "unsettled"
    SUSPENDED = "suspended"
    ENDED = "ended"
    SENDING_NOT_AUTHORISED = "sending_not_authorised"
    DIRECTION_NOT_COVERED = "direction_not_covered"
    CATEGORY_NOT_COVERED = "category_not_covered"
    KIND_NOT_COVERED = "kind_not_covered"
    NO_EQUIVALENT = "no_equivalent"
    PURPOSE_NOT_ADMITTED = "purpose_not_admitted"
    CHANNEL_NOT_ADMITTED = "channel_not_admitted"
    CONDITION_NOT_MET = "condition_not_met"
    EXCEPTED = "excepted"
    ONWARD_NOT_ADMITTED = "onward_not_admitted"
    CONSENT_MISSING = "consent_missing"


_ORDER = {reason: place for place, reason in enumerate(Reason)}

NOT_IN_FORCE = frozenset(
    {Reason.NOT_YET_IN_FORCE, Reason.UNSETTLED, Reason.SUSPENDED, Reason.ENDED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked: may this item go from one party to another at that instant.

    Attributes:
        purpose, channel: None takes the item's own.
        under: the accord that the sender names; None tries all in the stated order.
        held_as: the sender's own level for an item that it received; None for the
            originator's level.
        held_tags: the sender's own tags beside that level.
        received: from whom and under which accord the sender would have it, on a way;
            what is on record counts besides.
    """

    item: Item
    sender: str
    recipient: str
    at: Instant
    purpose: str | None = None
    channel: str | None = None
    under: str | None = None
    held_as: Level | None = None
    held_tags: tuple[Mark, ...] = ()
    received: tuple[str, str] | None = None

    @property
    def for_purpose(self) -> str:
        """The purpose asked for."""
        return self.item.purpose if self.purpose is None else self.purpose

    @property
    def by_channel(self) -> str:
        """The channel asked for."""
        return self.item.channel if self.channel is None else self.channel

    @property
    def digest(self) -> str:
        """What a permit binds: SHA-256 over every fact of the request."""
        item = self.item
        facts = [
            item.id,
            list(item.originators),
            _facts(item.label),
            item.made,
            item.kind,
            item.purpose,
            list(item.made_from),
            self.sender,
            self.recipient,
            self.at,
            self.for_purpose,
            self.by_channel,
            self.under,
            None if self.held_as is None else str(self.held_as),
            [str(mark) for mark in self.held_tags],
            None if self.received is None else list(self.received),
        ]
        raw = json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()
        return "sha256:" + hashlib.sha256(raw).hexdigest()


def _facts(label: Label) -> list[object]:
    """Return everything that a label says, in a fixed order."""
    after = label.successor
    return [
        str(label.level),
        list(label.categories),
        None if label.release_to is None else list(label.release_to),
        list(label.display_to),
        [[entry.set_, list(entry.values)] for entry in label.tags],
        label.review,
        None if after is None else [after.at, after.earliest, str(after.level)],
        label.compilation,
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """One clause that stands in the way, with what it wants and what there is.

    Attributes:
        article: the place cited; empty where no article is concerned.
        wants, has: the values compared, in words.
        whose: the party whose act or consent would help.
    """

    reason: Reason
    accord: str
    article: str
    wants: str
    has: str
    whose: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One accord, examined for one request.

    Attributes:
        failing: every clause that fails, most decisive first; empty permits.
        articles: those that admit what is asked.
        handle_as: the recipient's levels; several await the recipient's choice.
        handle_tags: the recipient's tags beside them.
        duties: that come with it, as (article, words).
        good_before: until when nothing changes by itself.
    """

    accord: str
    version: str
    failing: tuple[Failing, ...]
    articles: tuple[str, ...]
    handle_as: tuple[Level, ...]
    duties: tuple[tuple[str, str], ...]
    good_before: Instant
    handle_tags: tuple[Mark, ...] = ()
    concealed: bool = False


def most_decisive_first(failing: Iterable[Failing]) -> tuple[Failing, ...]:
    """Return what stands in the way, in the order of the reasons."""
    return tuple(sorted(failing, key=lambda f: _ORDER[f.reason]))
