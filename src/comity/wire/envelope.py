"""Envelopes: sealed, then signed; an item under a permit alone, an instrument without one.

Sealing derives everything that binds from the permit itself, so that a header cannot say
what was not decided, and refuses whatever beside it does not fit: another world, accord,
pair or profile, a time that is over. What is signed is SHA-256(header) ‖
SHA-256(ciphertext), and the *envelope digest* is SHA-256 of these 64 bytes. The format is
``docs/formats/envelope.md``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import NoReturn

from comity.accords.times import Instant
from comity.errors import InvalidInput
from comity.release import Permit
from comity.signed import text
from comity.wire.content import commitment
from comity.wire.fields import refuse
from comity.wire.group import Grouped, Groups, Signed
from comity.wire.header import (
    Header,
    Precedence,
    Releasing,
    Written,
    chunks_of,
    read_header,
    write_header,
)
from comity.wire.instrument import Recorded
from comity.wire.reveals import require_may_see
from comity.wire.seal import (
    Batch,
    Box,
    Read,
    Write,
    item_key,
    padded_size,
    seal_bytes,
    seal_stream,
)
from comity.wire.statement import Statement, read_statement
from comity.wire.terms import Terms


@dataclass(frozen=True, slots=True)
class Stream:
    """A content that is not held whole: where it is read from, and the body written to.

    Attributes:
        length: of the content, in bytes.
    """

    read: Read = field(repr=False)
    length: int
    write: Write = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed envelope that is yet to be signed.

    Attributes:
        body: the ciphertext; None where it was written to a stream.
        thing: the 64 bytes to be signed, in a group of kind ``envelope``.
    """

    written: Written
    body: bytes | None = field(repr=False)
    thing: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        """The envelope digest, by which receipts and lineage name it."""
        return envelope_digest(self.thing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """What the sender says of one hop beside the decision.

    Attributes:
        at: its instant.
        lineage: the envelopes by which it had the item, by digest; none for its own.
        supersedes: the digest of the envelope of which this is another seal.
    """

    at: Instant
    precedence: Precedence = Precedence.ROUTINE
    lineage: tuple[str, ...] = ()
    supersedes: str | None = None


def envelope_digest(thing: bytes) -> str:
    """Return the digest of an envelope from the 64 bytes that are signed."""
    return f"sha256:{hashlib.sha256(thing).hexdigest()}"


# -- items ---------------------------------------------------------------------------------


def seal_item(
    permit: Permit,
    statement: Statement,
    content: bytes | Stream,
    *,
    salt: bytes,
    batch: Batch,
    under: Terms | None,
    going: Going,
) -> Sealed:
    """Seal an item as a permit lets it go.

    Args:
        permit: what was decided; everything that binds comes from it.
        statement: the originator's, of the very item that was asked about.
        content: whole, or as a stream that is read once more.
        salt: of the statement's commitment.
        batch: the recipient's box, with its key.
        under: the terms of the permit's accord, of the same world; None for an authority.
        going: the sender's instant and the rest.

    Raises:
        InvalidInput: permit, statement, box and terms are not about one and the same
            release, in one and the same world; the sender's instant is before the decision
            or not before its end; or the content is not the one committed to.
    """
    asked, box = permit.asked, batch.box
    _same_release(permit, statement, box, under)
    length = len(content) if isinstance(content, bytes) else content.length
    padded = padded_size(length)
    header = Header(
        profile=box.profile,
        sender=asked.sender,
        recipient=asked.recipient,
        recipient_key=box.key,
        box=box.id,
        content=statement.content,
        accord=permit.accord,
        version=None if permit.accord is None else permit.version,
        terms=None if under is None else under.digest,
        acts=None if under is None else under.acts,
        precedence=going.precedence,
        channel=asked.by_channel,
        at=going.at,
        padded=padded,
        chunks=chunks_of(padded),
        supersedes=going.supersedes,
        releasing=_releasing(permit, statement.digest, going.lineage),
    )
    _in_time(permit, header)
    return _sealed(write_header(header), content, salt, batch.key)


def _releasing(permit: Permit, statement: str, lineage: tuple[str, ...]) -> Releasing:
    asked = permit.asked
    label = asked.item.label
    if asked.held_as is None:
        held_as, held_tags = label.at(asked.at).level, label.marks
    else:
        held_as, held_tags = asked.held_as, asked.held_tags
    return Releasing(
        item=asked.item.id,
        statement=statement,
        articles=permit.articles,
        handle_as=permit.handle_as,
        handle_tags=permit.handle_tags,
        request=permit.request,
        authority=permit.authority,
        held_as=held_as,
        held_tags=held_tags,
        purpose=asked.for_purpose,
        lineage=lineage,
        good_before=permit.good_before,
    )


def _same_release(
    permit: Permit, statement: Statement, box: Box, under: Terms | None
) -> None:
    asked = permit.asked
    if statement.item != asked.item:
        _mismatch(f"the statement is of `{statement.item.id}` as it was not asked about")
    if (box.sender, box.recipient) != (asked.sender, asked.recipient):
        _mismatch(f"the box is from `{box.sender}` to `{box.recipient}`")
    if box.accord != permit.accord:
        _mismatch(f"the box is for `{box.accord}`")
    _same_terms(permit, under)
    if under is not None and box.profile != under.profile:
        _mismatch(f"the accord's profile is `{under.profile}`, the box's `{box.profile}`")


def _same_terms(permit: Permit, under: Terms | None) -> None:
    """Refuse terms that are not those of the permit, of the very world it was decided in."""
    if (under is None) != (permit.accord is None):
        _mismatch("a permit under an accord goes with terms, and an authority with none")
    if under is None:
        return
    pair = (permit.asked.sender, permit.asked.recipient)
    if under.world is not permit.world:
        _mismatch("the terms are of another world than it was decided in")
    if under.accord != permit.accord or set(under.pair) != set(pair):
        _mismatch(f"the terms are of `{under.accord}` between {' and '.join(under.pair)}")
    if permit.version not in under.versions:
        _mismatch("the terms are of another version")


def _in_time(permit: Permit, header: Header) -> None:
    if not permit.asked.at <= header.at < permit.good_before:
        raise InvalidInput(
            "the permit is not for this instant: its time is over, or has not begun",
            hint="decide again, and seal what that permits",
            code="permit-over",
        )


def require_permitted(permit: Permit, header: Header, under: Terms | None) -> None:
    """Refuse an envelope that is not the one a permit, decided anew, lets go as it is.

    The courier decides again before each attempt. The instant of the request is another
    then, and so is its digest; everything else has to be as the header says.

    Raises:
        InvalidInput: something differs, or the header counts on a longer time.
    """
    releasing = header.releasing
    if releasing is None:
        _mismatch("an instrument needs no permit")
    asked = permit.asked
    now = _releasing(permit, releasing.statement, releasing.lineage)
    told = (
        ("item", now.item, releasing.item),
        ("sender", asked.sender, header.sender),
        ("recipient", asked.recipient, header.recipient),
        ("accord", permit.accord, header.accord),
        ("version", permit.version or None, header.version),
        ("authority", now.authority, releasing.authority),
        ("articles", now.articles, releasing.articles),
        ("levels", now.handle_as, releasing.handle_as),
        ("tags", now.handle_tags, releasing.handle_tags),
        ("purpose", now.purpose, releasing.purpose),
        ("channel", asked.by_channel, header.channel),
    )
    for what, allowed, written in told:
        if allowed != written:
            _mismatch(f"its {what} differ: `{allowed}` is permitted, `{written}` is sealed")
    if asked.held_as is not None and releasing.held_as != asked.held_as:
        _mismatch(f"the sender holds it as `{asked.held_as}`, not `{releasing.held_as}`")
    _same_terms(permit, under)
    if under is not None and (under.digest, under.acts) != (header.terms, header.acts):
        _mismatch("the terms, or the acts known, have become others")
    if not asked.at < releasing.good_before <= permit.good_before:
        _mismatch("the time of the sealed decision is over, or has become shorter")


# -- instruments ---------------------------------------------------------------------------


def seal_instrument(
    recorded: Recorded,
    *,
    salt: bytes,
    batch: Batch,
    under: Terms,
    going: Going,
) -> Sealed:
    """Seal a signed instrument to somebody who may see it; it needs no permit.

    Args:
        recorded: the instrument and its signed record; the record is the content.
        salt: new for each sealing.
        batch: the recipient's box under the accord, with its key.
        under: the terms of the accord between the two.
        going: the sender's instant and the rest.

    Raises:
        InvalidInput: the table of what an instrument may reveal keeps it from this
            recipient, or box and terms are of another accord or pair.
    """
    instrument, box = recorded.instrument, batch.box
    if not box.accord == under.accord == instrument.accord:
        _mismatch(
            f"the instrument is about `{instrument.accord}`, the terms are of"
            f" `{under.accord}` and the box for `{box.accord}`"
        )
    if set(under.pair) != {box.sender, box.recipient}:
        _mismatch(f"the terms are between {' and '.join(under.pair)}")
    if box.profile != under.profile:
        _mismatch(f"the accord's profile is `{under.profile}`, the box's `{box.profile}`")
    require_may_see(instrument, box.recipient, under.world)
    padded = padded_size(len(recorded.raw))
    header = Header(
        profile=box.profile,
        sender=box.sender,
        recipient=box.recipient,
        recipient_key=box.key,
        box=box.id,
        content=commitment(salt, [recorded.raw]),
        accord=under.accord,
        version=under.versions[0],
        terms=under.digest,
        acts=under.acts,
        precedence=going.precedence,
        channel=instrument.channel or "node",
        at=going.at,
        padded=padded,
        chunks=chunks_of(padded),
        supersedes=going.supersedes,
    )
    return _sealed(write_header(header), recorded.raw, salt, batch.key)


def _sealed(written: Written, content: bytes | Stream, salt: bytes, key: bytes) -> Sealed:
    body_key = item_key(key, written.digest)
    if isinstance(content, bytes):
        body = seal_bytes(content, salt, written, body_key)
        return Sealed(written, body, written.digest + hashlib.sha256(body).digest())
    made = seal_stream(
        content.read, written, body_key, content.write, salt=salt, length=content.length
    )
    return Sealed(written, None, written.digest + text.read_digest(made))


# -- at the other end ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope whose signatures hold and whose parts belong together; not yet opened.

    Attributes:
        statement: the originator's; None of an instrument.
        digest: the envelope digest.
    """

    written: Written
    statement: Statement | None
    box: Box
    digest: str


def verify_envelope(
    header: bytes,
    ciphertext: bytes,
    *,
    signed: Grouped,
    statement: Grouped | None,
    box: Box,
    envelopes: Groups,
    statements: Groups,
) -> Envelope:
    """Return an envelope as it came, once everything that is signed about it holds.

    1. The header is one, and its sender signed it with the ciphertext.
    2. The statement is signed by the originator that it names, and is the one that the
       header names, of the same item and content.
    3. The box is the one that the header names, between the same two, under the same accord
       and profile, to the same key.

    Whether it may be kept is a decision, and not made here; nor is the body opened.

    Args:
        header: the bytes as they came.
        ciphertext: SHA-256 of the body as it came.
        signed: the 64 bytes with their proof.
        statement: the statement with its proof; None for an instrument.
        box: as it came.
        envelopes: verifies groups by the keys that may sign envelopes now.
        statements: verifies groups by the keys that might sign statements, whenever.

    Raises:
        InvalidInput: one of these does not hold.
    """
    read = read_header(header)
    if signed.thing != read.digest + ciphertext:
        refuse("what is signed is another header or body", code="envelope-mismatch")
    sender = envelopes.verify(signed, Signed.ENVELOPE)
    if sender != read.header.sender:
        refuse(
            f"`{sender}` signed an envelope that names `{read.header.sender}` as its sender",
            code="other-signer",
        )
    stated = None if statement is None else _stated(statement, statements)
    _belong(read.header, stated)
    _boxed(read.header, box)
    return Envelope(read, stated, box, envelope_digest(signed.thing))


def _stated(statement: Grouped, statements: Groups) -> Statement:
    stated = read_statement(statement.thing)
    by = statements.verify(statement, Signed.STATEMENT)
    if by != stated.by:
        refuse(
            f"`{by}` signed a statement that names `{stated.by}`",
            code="other-signer",
        )
    return stated


def _belong(header: Header, stated: Statement | None) -> None:
    """Refuse a header and a statement that are not about the same item."""
    releasing = header.releasing
    if (releasing is None) != (stated is None):
        refuse("an item goes with its statement, and an instrument with none")
    if releasing is None or stated is None:
        return
    if (releasing.item, releasing.statement, header.content) != (
        stated.item.id,
        stated.digest,
        stated.content,
    ):
        refuse("the header is of another item than the statement", code="envelope-mismatch")


def _boxed(header: Header, box: Box) -> None:
    """Refuse a box that is not the one that the header names."""
    named = (
        header.box,
        header.profile,
        header.sender,
        header.recipient,
        header.accord,
        header.recipient_key,
    )
    if named != (box.id, box.profile, box.sender, box.recipient, box.accord, box.key):
        refuse("the header names another box than came with it", code="envelope-mismatch")


def _mismatch(message: str) -> NoReturn:
    raise InvalidInput(
        f"this must not be sealed: {message}",
        hint="decide again, and seal what that permits",
        code="envelope-mismatch",
    )
