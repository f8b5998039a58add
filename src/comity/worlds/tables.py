"""How a world's plain files spell its parties, policies, items, holds and the rest.

Each class is the grammar of one table; `comity.accords.binding` reads them. Times without an offset are local to the zone
named in the file's head, or in the world's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from comity.accords.times import Instant, Span, Zone
from comity.errors import InvalidInput
from comity.labels import Item, Label, Level, Successor, Tagged
from comity.release.world import Authority, Hold, Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word in a language: ``{ in = "ko", is = "대한민국" }``."""

    in_: str
    is_: str


def by_language(words: Sequence[Word]) -> dict[str, str]:
    """Return words by language.

    Raises:
        InvalidInput: one language has two words.
    """
    found: dict[str, str] = {}
    for word in words:
        if word.in_ in found:
            raise InvalidInput(
                f"`{found[word.in_]}` and `{word.is_}` are both in `{word.in_}`",
                hint="give each language one word",
                code="language-twice",
            )
        found[word.in_] = word.is_
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldHead:
    """The head of ``world.toml``.

    Attributes:
        format: ``comity-world/1``.
        zone: of times without an offset in this world's files.
        order: the order in which accords are tried, by id; or ``by id``, that of the ids.
        categories, purposes, kinds, channels: the words that items and requests may use.
        display_kinds: the kinds that leave nothing with the recipient.
        authorities: whether written authorities count; off unless it says true.
    """

    format: str
    id: str
    title: str
    zone: Zone
    order: str | tuple[str, ...]
    categories: tuple[str, ...]
    purposes: tuple[str, ...]
    kinds: tuple[str, ...]
    channels: tuple[str, ...]
    display_kinds: tuple[str, ...] = ()
    authorities: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyTable:
    """A party: ``[[party]]`` in ``world.toml``.

    Attributes:
        seat: how one calls it for short; left out: its name.
        policy: by which it marks, by id; left out: the one of its own id.
    """

    id: str
    name: str
    zone: Zone
    seat: str = ""
    names: tuple[Word, ...] = ()
    policy: str = ""

    def value(self) -> Party:
        """Return the party.

        Raises:
            InvalidInput: two names in one language.
        """
        return Party(
            id=self.id,
            name=self.name,
            seat=self.seat or self.name,
            zone=self.zone,
            names=by_language(self.names),
            policy=self.policy,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentsHead:
    """The head of a file of ``instruments/``: which accord they are about."""

    accord: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingTable:
    """A party's recorded position on an open point: ``[[reading]]``."""

    party: str
    accord: str
    open_point: str
    reading: str
    since: str
    known: str | None = None
    source: str = ""
    attributed: str = ""
    recalled: bool = False

    def checked(self) -> None:
        """Refuse a reading that does not say where it is known from.

        Raises:
            InvalidInput: both or neither of ``source`` and ``recalled``.
        """
        what = f"the reading of `{self.open_point}`"
        _ = sourced(self.source, what, recalled=self.recalled)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldTable:
    """A party's own stop on sharing: ``[[hold]]``."""

    id: str
    by: str
    towards: tuple[str, ...]
    accords: tuple[str, ...]
    categories: tuple[str, ...]
    ground: str
    since: str
    before: str | None = None
    stops_accepting: bool = False
    source: str = ""

    def value(self, zone: Zone) -> Hold:
        """Return the hold: from the earliest at which it may begin to the latest it may end.

        Raises:
            InvalidInput: it is over before it begins, or an empty list, which would stop
                nothing.
        """
        if not (self.towards and self.accords and self.categories):
            raise InvalidInput(
                f"hold `{self.id}` has an empty list, so it would stop nothing",
                hint='name what it covers, or write `["any"]`',
                code="empty-list",
            )
        since = Span.parse(self.since, zone).start
        before = None if self.before is None else latest_end(self.before, zone)
        if before is not None and before <= since:
            raise InvalidInput(
                f"hold `{self.id}` is over before it begins",
                hint="`before` is its first instant or day out",
                code="bad-instant",
            )
        return Hold(
            id=self.id,
            by=self.by,
            towards=self.towards,
            accords=self.accords,
            categories=self.categories,
            ground=self.ground,
            since=since,
            before=before,
            stops_accepting=self.stops_accepting,
            source=self.source,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityTable:
    """A written authority to release one's own information: ``[[authority]]``."""

    id: str
    by: str
    signed_by: tuple[str, ...]
    to: tuple[str, ...]
    purposes: tuple[str, ...]
    since: str
    before: str
    items: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    levels: tuple[Level, ...] = ()
    conditions: tuple[str, ...] = ()
    source: str = ""

    def value(self, zone: Zone) -> Authority:
        """Return the authority.

        Raises:
            InvalidInput: fewer than two persons signed it.
        """
        if len(set(self.signed_by)) < 2:
            raise InvalidInput(
                f"authority `{self.id}` is signed by fewer than two persons",
                hint="two different persons sign, or it is none",
                code="one-signature",
            )
        return Authority(
            id=self.id,
            by=self.by,
            signed_by=self.signed_by,
            to=self.to,
            items=self.items,
            categories=self.categories,
            levels=self.levels,
            purposes=self.purposes,
            conditions=self.conditions,
            since=latest_end(self.since, zone),
            before=Span.parse(self.before, zone).start,
            source=self.source,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedTable:
    """The values of one tag set: ``{ set = "dissemination", values = ["ORCON"] }``."""

    set_: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuccessorTable:
    """The level from a day on: ``{ at = "2046-01-01", level = "kr:III" }``."""

    at: str
    level: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTable:
    """An item: the whole of an item file, or one ``[[item]]`` of several.

    Attributes:
        made: when it was made; needed where a group is to admit anybody.
        release_to: to whom the originator lets it go; left out: to nobody else; an
            empty list: to nobody.
        originators: left out or empty: not recorded, and nothing is released.
        made_from: the items of the world that it was made from, by id.
    """

    id: str
    title: str
    level: Level
    categories: tuple[str, ...]
    kind: str
    purpose: str
    channel: str
    originators: tuple[str, ...] = ()
    release_to: tuple[str, ...] | None = None
    display_to: tuple[str, ...] = ()
    tags: tuple[TaggedTable, ...] = ()
    made: str | None = None
    review: str | None = None
    successor: SuccessorTable | None = None
    compilation: str = ""
    made_from: tuple[str, ...] = ()
    synthetic: bool = False
    format: str = "comity-item/1"

    def value(self, zone: Zone) -> Item:
        """Return the item; a time without an offset is local to ``zone``.

        Raises:
            InvalidInput: a format that this version does not know, or a time that is none.
        """
        if self.format != "comity-item/1":
            raise InvalidInput(
                f"`{self.format}` is not a format of items",
                hint='write `format = "comity-item/1"`',
                code="bad-format",
            )
        after = (
            None
            if self.successor is None
            else Successor(
                at=latest_end(self.successor.at, zone),
                level=self.successor.level,
                earliest=Span.parse(self.successor.at, zone).start
                if "/" in self.successor.at
                else None,
            )
        )
        return Item(
            id=self.id,
            title=self.title,
            originators=self.originators,
            label=Label(
                level=self.level,
                categories=self.categories,
                release_to=self.release_to,
                display_to=self.display_to,
                tags=tuple(Tagged(set_=t.set_, values=t.values) for t in self.tags),
                review=exclusive(self.review, zone),
                successor=after,
                compilation=self.compilation,
            ),
            kind=self.kind,
            purpose=self.purpose,
            channel=self.channel,
            made=None if self.made is None else Span.parse(self.made, zone).start,
            synthetic=self.synthetic,
            made_from=self.made_from,
        )


def sourced(source: str, what: str, *, recalled: bool) -> str:
    """Return the source; exactly one of it and ``recalled`` is said.

    Raises:
        InvalidInput: both, or neither.
    """
    if bool(source) is recalled:
        raise InvalidInput(
            f"{what} has to say either its `source` or `recalled`",
            hint='add `source = "…"`, or `recalled = true` where nobody checked it',
            code="no-source",
        )
    return source


def latest_end(text: str, zone: Zone) -> Instant:
    """Return the last instant at which something may end; a day is the first day out."""
    span = Span.parse(text, zone)
    return span.last if "/" in text else span.start


def exclusive(text: str | None, zone: Zone) -> Instant | None:
    return None if text is None else Span.parse(text, zone).start


HOLDS = {"hold": HoldTable}
AUTHORITIES = {"authority": AuthorityTable}
