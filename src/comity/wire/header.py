"""The header of an envelope: everything about one hop that both ends decide by.

One envelope has one recipient. The header is written once; its SHA-256 is bound into the
key and the data of the seal, and what is signed is the hash of the header beside that of
the ciphertext. The format is ``docs/formats/envelope.md``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from comity.accords.times import FAR_FUTURE, Instant
from comity.labels import Level, Mark
from comity.signed import text
from comity.signed.algorithms import X25519, XWING
from comity.wire.content import SALT_BYTES
from comity.wire.fields import Fields, Value, refuse, written

FORMAT = "comity-envelope/1"
HEADER_BYTES_MAX = 64 * 1024  # lineage is what may be long: a digest for each part
CHUNK: Final = 64 * 1024  # plaintext bytes of one chunk of the body
FRONT_BYTES: Final = SALT_BYTES + 8  # salt and length, before the content of a body
CHUNKS_MAX = 1 << 40  # beyond any body; the counter has 11 bytes

HYBRID: Final = "hybrid-1"
CLASSIC: Final = "classic-1"
PROFILES = {HYBRID: XWING, CLASSIC: X25519}
"""The algorithm to which each profile seals. An accord names its profile; nobody chooses."""

_WHAT = "an envelope's header"


class Kind(StrEnum):
    """What an envelope carries."""

    ITEM = "item"
    """An item, under a permit."""
    INSTRUMENT = "instrument"
    """An instrument, which needs none: it has to leave after a lapse too."""


class Precedence(StrEnum):
    """How urgent it is, most urgent first (ACP 121)."""

    FLASH = "FLASH"
    IMMEDIATE = "IMMEDIATE"
    PRIORITY = "PRIORITY"
    ROUTINE = "ROUTINE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Releasing:
    """What the header of an item says, and that of an instrument leaves out.

    Attributes:
        item: its id.
        statement: the digest of the originator's statement.
        articles, handle_as, handle_tags, request, authority: of the permit.
        held_as, held_tags: the sender's own level and tags of the item.
        purpose: for which it is released.
        lineage: the digests of the envelopes by which the sender had it; none for its own.
        good_before: the first instant at which it may no longer go by this decision; the
            far future, and null in the bytes, where nothing changes by itself.
    """

    item: str
    statement: str
    articles: tuple[str, ...]
    handle_as: tuple[Level, ...]
    handle_tags: tuple[Mark, ...]
    request: str
    authority: str | None
    held_as: Level
    held_tags: tuple[Mark, ...]
    purpose: str
    lineage: tuple[str, ...]
    good_before: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The header of an envelope.

    Attributes:
        recipient_key: the id of the key that it is sealed to.
        box: the id of the box that holds its batch key.
        content: the commitment to the content.
        accord, version: under which it goes; both None under a written authority.
        terms: the digest of everything that the decision used; None without an accord.
        acts: the digest of the instruments that the sender knows of that accord.
        at: the sender's instant; a claim.
        padded, chunks: the size of the padded plaintext, and into how many chunks it is cut.
        supersedes: the digest of the envelope of which it is another seal.
        releasing: of an item; None of an instrument.
    """

    profile: str
    sender: str
    recipient: str
    recipient_key: str
    box: str
    content: str
    accord: str | None
    version: str | None
    terms: str | None
    acts: str | None
    precedence: Precedence
    channel: str
    at: Instant
    padded: int
    chunks: int
    supersedes: str | None = None
    releasing: Releasing | None = None

    @property
    def kind(self) -> Kind:
        """Whether it carries an item or an instrument."""
        return Kind.INSTRUMENT if self.releasing is None else Kind.ITEM


@dataclass(frozen=True, slots=True)
class Written:
    """A header and the bytes that it was written as, or came as.

    Attributes:
        digest: SHA-256 of the bytes.
    """

    header: Header
    raw: bytes = field(repr=False)
    digest: bytes = field(repr=False)


def write_header(header: Header) -> Written:
    """Return a header with its bytes.

    Raises:
        InvalidInput: a value that no header can carry.
    """
    value: Value = {
        "accord": header.accord,
        "acts": header.acts,
        "at": written(header.at),
        "box": header.box,
        "channel": header.channel,
        "chunks": header.chunks,
        "content": header.content,
        "format": FORMAT,
        "kind": str(header.kind),
        "padded": header.padded,
        "precedence": str(header.precedence),
        "profile": header.profile,
        "recipient": header.recipient,
        "recipient_key": header.recipient_key,
        "sender": header.sender,
        "supersedes": header.supersedes,
        "terms": header.terms,
        "version": header.version,
    }
    if header.releasing is not None:
        value.update(_releasing_value(header.releasing))
    raw = text.write(value)
    return Written(header, raw, hashlib.sha256(raw).digest())


def _releasing_value(releasing: Releasing) -> Value:
    return {
        "decision": {
            "articles": list(releasing.articles),
            "authority": releasing.authority,
            "handle_as": list(map(str, releasing.handle_as)),
            "handle_tags": list(map(str, releasing.handle_tags)),
            "request": releasing.request,
        },
        "good_before": None
        if releasing.good_before == FAR_FUTURE
        else written(releasing.good_before),
        "item": releasing.item,
        "label": {
            "level": str(releasing.held_as),
            "tags": list(map(str, releasing.held_tags)),
        },
        "lineage": list(releasing.lineage),
        "purpose": releasing.purpose,
        "statement": releasing.statement,
    }


def read_header(raw: bytes) -> Written:
    """Read a header's bytes. That it is signed, and sealed so, is shown elsewhere.

    Raises:
        InvalidInput: another form; an unknown profile, kind or precedence; sizes that do
            not fit together; an accord without its version, or one party on both sides.
    """
    fields = Fields.of(raw, FORMAT, _WHAT, limit=HEADER_BYTES_MAX)
    kind = fields.choice("kind", _KINDS)
    header = Header(
        profile=fields.choice("profile", PROFILES),
        sender=fields.word("sender"),
        recipient=fields.word("recipient"),
        recipient_key=fields.id32("recipient_key"),
        box=fields.id32("box"),
        content=fields.digest("content"),
        accord=fields.word_or_none("accord"),
        version=fields.word_or_none("version"),
        terms=fields.digest_or_none("terms"),
        acts=fields.digest_or_none("acts"),
        precedence=_PRECEDENCES[fields.choice("precedence", _PRECEDENCES)],
        channel=fields.word("channel"),
        at=fields.time("at"),
        padded=fields.number("padded", FRONT_BYTES, CHUNK * CHUNKS_MAX),
        chunks=fields.number("chunks", 1, CHUNKS_MAX),
        supersedes=fields.digest_or_none("supersedes"),
        releasing=_read_releasing(fields) if kind == Kind.ITEM else None,
    )
    _fits_together(header)
    return Written(header, raw, hashlib.sha256(raw).digest())


_KINDS = frozenset(str(kind) for kind in Kind)
_PRECEDENCES = {str(one): one for one in Precedence}


def _read_releasing(fields: Fields) -> Releasing:
    decision, label = fields.inner("decision"), fields.inner("label")
    before = fields.time_or_none("good_before")
    return Releasing(
        item=fields.word("item"),
        statement=fields.digest("statement"),
        articles=decision.words("articles"),
        handle_as=decision.levels("handle_as"),
        handle_tags=decision.marks("handle_tags"),
        request=decision.digest("request"),
        authority=decision.word_or_none("authority"),
        held_as=label.level("level"),
        held_tags=label.marks("tags"),
        purpose=fields.word("purpose"),
        lineage=fields.digests("lineage"),
        good_before=FAR_FUTURE if before is None else before,
    )


def _fits_together(header: Header) -> None:
    """Refuse a header that contradicts itself.

    Raises:
        InvalidInput: it does.
    """
    if header.sender == header.recipient:
        refuse(f"{_WHAT} names `{header.sender}` on both sides")
    under = (header.accord, header.version, header.terms, header.acts)
    if len({one is None for one in under}) != 1:
        refuse(
            f"{_WHAT} names an accord without version, terms and acts, or these without it"
        )
    releasing = header.releasing
    if header.accord is None and (releasing is None or releasing.authority is None):
        refuse(f"{_WHAT} names neither an accord nor an authority")
    if (
        releasing is not None
        and header.accord is not None
        and releasing.authority is not None
    ):
        refuse(f"{_WHAT} names both an accord and an authority")
    if header.chunks != chunks_of(header.padded):
        refuse(f"{_WHAT} cuts {header.padded} bytes into {header.chunks} chunks")


def chunks_of(padded: int) -> int:
    """Return into how many chunks a padded plaintext is cut: at least one."""
    return max(1, -(-padded // CHUNK))
