"""The item statement: what an originator says of an item, signed once, unchanged on any way.

It names the item, commits to its content and carries its label. Every hop passes on the
bytes that the originator signed, so that one in the middle can neither alter nor invent.
The format is ``docs/formats/item.md``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from comity.accords.times import Instant
from comity.labels import Item, Label, Successor, Tagged
from comity.signed import text
from comity.wire.fields import Fields, Value, read_level, refuse, written

FORMAT = "comity-item/1"
STATEMENT_BYTES_MAX = 64 * 1024  # a label, and the ids of some thousand parts

_WHAT = "an item statement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """An item statement as read; its bytes are kept as they came.

    Attributes:
        by: the originator that signs it.
        content: the commitment to the content (`comity.wire.content`).
        at: when it says that it was made, a claim.
        digest: of the bytes.
    """

    item: Item
    by: str
    content: str
    at: Instant
    digest: str
    raw: bytes = field(repr=False)


def statement_of(item: Item, *, by: str, content: str, at: Instant) -> bytes:
    """Return the bytes that an originator signs about its item.

    Raises:
        InvalidInput: ``by`` is none of the item's originators, or a value that no
            statement can carry.
    """
    return state(item, by=by, content=content, at=at).raw


def state(item: Item, *, by: str, content: str, at: Instant) -> Statement:
    """Return the statement of an originator about its item, as whoever gets it will read it.

    Raises:
        InvalidInput: as `statement_of`.
    """
    if by not in item.originators:
        refuse(
            f"`{by}` is no originator of the item `{item.id}`",
            code="not-originator",
            hint="one of its originators signs its statement; record them with the item",
        )
    _ = text.read_digest(content)
    value: Value = {
        "at": written(at),
        "by": by,
        "channel": item.channel,
        "content": content,
        "format": FORMAT,
        "item": item.id,
        "kind": item.kind,
        "label": _label_value(item.label),
        "made": None if item.made is None else written(Instant(item.made)),
        "made_from": list(item.made_from),
        "originators": list(item.originators),
        "purpose": item.purpose,
        "synthetic": item.synthetic,
        "title": item.title,
    }
    return read_statement(text.write(value))  # nothing is signed that would not be read


def read_statement(raw: bytes) -> Statement:
    """Read the bytes of a statement. Who signed them is another question.

    Raises:
        InvalidInput: another form, or a signer that is no originator.
    """
    fields = Fields.of(raw, FORMAT, _WHAT, limit=STATEMENT_BYTES_MAX)
    by = fields.word("by")
    originators = fields.words("originators", least=1)
    if by not in originators:
        refuse(f"`{by}` signs {_WHAT} and is no originator", code="not-originator")
    item = Item(
        id=fields.word("item"),
        title=fields.prose("title"),
        originators=originators,
        label=_read_label(fields.inner("label")),
        kind=fields.word("kind"),
        purpose=fields.word("purpose"),
        channel=fields.word("channel"),
        made=fields.time_or_none("made"),
        synthetic=fields.flag("synthetic"),
        made_from=fields.words("made_from"),
    )
    return Statement(
        item=item,
        by=by,
        content=fields.digest("content"),
        at=fields.time("at"),
        digest=text.digest_text(hashlib.sha256(raw).digest()),
        raw=raw,
    )


def _label_value(label: Label) -> Value:
    after = label.successor
    return {
        "categories": list(label.categories),
        "compilation": label.compilation,
        "display_to": list(label.display_to),
        "level": str(label.level),
        "release_to": None if label.release_to is None else list(label.release_to),
        "review": None if label.review is None else written(Instant(label.review)),
        "successor": None
        if after is None
        else {
            "at": written(Instant(after.at)),
            "earliest": None
            if after.earliest is None
            else written(Instant(after.earliest)),
            "level": str(after.level),
        },
        "tags": [{"set": one.set_, "values": list(one.values)} for one in label.tags],
    }


def _read_label(fields: Fields) -> Label:
    after = fields.inner_or_none("successor")
    return Label(
        level=fields.level("level"),
        categories=fields.words("categories"),
        release_to=fields.words_or_none("release_to"),
        display_to=fields.words("display_to"),
        tags=tuple(
            Tagged(set_=one.word("set"), values=one.words("values"))
            for one in fields.inners("tags")
        ),
        review=fields.time_or_none("review"),
        successor=None
        if after is None
        else Successor(
            at=after.time("at"),
            level=read_level(after.word("level")),
            earliest=after.time_or_none("earliest"),
        ),
        compilation=fields.prose("compilation"),
    )
