"""The consignment: the only form in which anything crosses, and the answer to it.

A line that names the format, a line of strict JSON that says what follows and how long
each is, and then the byte strings one after another. So a reader knows every count and
length, and holds them against its limits, before it reads what they are of. The same bytes
travel on a disk. The format is ``docs/formats/consignment.md``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NoReturn, TypeAlias

from comity.signed import text
from comity.wire.contact import CONTACT_BYTES_MAX
from comity.wire.envelope import Envelope, verify_envelope
from comity.wire.fields import Fields, Value, refuse
from comity.wire.group import GROUP_BYTES_MAX, HASH_BYTES, Grouped, Groups, Signed
from comity.wire.header import HEADER_BYTES_MAX, Kind, Precedence
from comity.wire.receipt import RECEIPT_BYTES_MAX
from comity.wire.seal import BOX_BYTES_MAX, Box, Read, read_box
from comity.wire.statement import STATEMENT_BYTES_MAX

FORMAT = "comity-consignment/1"
ANSWER = "comity-answer/1"

PARTS_MAX = 512  # a bulk batch has 500
HEAD_BYTES_MAX = 1024 * 1024  # two kilobytes for each part
INLINE_BYTES_MAX = 256 * 1024  # a longer body is uploaded before, in pieces
TOTAL_BYTES_MAX = 32 * 1024 * 1024  # 500 parts of 60 kilobytes; more go in several
UPLOAD_BYTES_MAX = 1 << 50
PROOF_BYTES_MAX = 63 * HASH_BYTES
_GROUPS_MAX = 2 * PARTS_MAX + 1  # each part's, each statement's, and the contact's


@dataclass(frozen=True, slots=True)
class Upload:
    """A body that came before: SHA-256 of the ciphertext, and how long it is."""

    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Part:
    """One envelope of a consignment, as bytes.

    Attributes:
        signed: the 64 bytes of the envelope, with their proof.
        statement: of an item; None for an instrument.
        body: the ciphertext, or where it was uploaded.
    """

    kind: Kind
    header: bytes = field(repr=False)
    signed: Grouped
    statement: Grouped | None
    box: Box
    body: bytes | Upload = field(repr=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A signed receipt, refusal or acknowledgement of one envelope."""

    kind: Signed
    said: Grouped


@dataclass(frozen=True, slots=True)
class Consignment:
    """Envelopes from one party to another; none where there are only words.

    Attributes:
        contact: the sender's contact statement.
        words: what the sender says of envelopes of the recipient: acknowledgements.
    """

    sender: str
    recipient: str
    contact: Grouped
    parts: tuple[Part, ...]
    words: tuple[Verdict, ...] = ()


class Waiting(StrEnum):
    """Why there is no verdict yet; the same consignment is to be sent again."""

    ACTS_FIRST = "acts first"
    """The two do not know the same instruments; these are exchanged before."""
    BODY_MISSING = "body missing"
    """The upload that a part names is not complete."""
    BUSY = "busy"
    HELD = "held"
    """The recipient has stopped exchange with the sender, and looks into it."""


Answered: TypeAlias = Verdict | Waiting


@dataclass(frozen=True, slots=True)
class Answer:
    """What the recipient says of each part, in their order.

    Attributes:
        sender: of the answer.
        contact: its contact statement.
        words: what it says, besides, of envelopes after whose fate it was asked.
    """

    sender: str
    recipient: str
    contact: Grouped
    verdicts: tuple[Answered, ...]
    words: tuple[Verdict, ...] = ()


# -- writing -------------------------------------------------------------------------------


class _Writer:
    """Collects the byte strings that follow the head, and what is shared, once."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.groups: dict[bytes, int] = {}
        self.boxes: dict[str, int] = {}
        self._boxes: list[Box] = []

    def grouped(self, one: Grouped, *, thing: bool = True) -> Value:
        """Return how the head spells a signed thing; ``thing``: whether its bytes follow."""
        value: Value = {
            "group": self.groups.setdefault(one.group, len(self.groups)),
            "index": one.index,
            "proof": len(one.proof),
        }
        if thing:
            value["length"] = len(one.thing)
            self.bodies.append(one.thing)
        self.bodies.append(one.proof)
        return value

    def box(self, box: Box) -> int:
        """Return the place of a box."""
        place = self.boxes.setdefault(box.id, len(self._boxes))
        if place == len(self._boxes):
            self._boxes.append(box)
        return place

    def written(self, form: str, value: Value) -> bytes:
        """Return the whole: shared things first, then the others in order."""
        value["groups"] = [len(group) for group in self.groups]
        if form == FORMAT:
            value["boxes"] = [
                {"head": len(box.head), "sealed": len(box.sealed)} for box in self._boxes
            ]
        shared = [
            *self.groups,
            *(raw for box in self._boxes for raw in (box.head, box.sealed)),
        ]
        head = (form.encode(), b"\n", text.write(value), b"\n")
        return b"".join((*head, *shared, *self.bodies))


def write(consignment: Consignment) -> bytes:
    """Return the bytes of a consignment.

    Raises:
        InvalidInput: too many parts, or a body that is too long to go inline.
    """
    if len(consignment.parts) > PARTS_MAX:
        refuse(
            f"a consignment of {len(consignment.parts)} parts",
            code="bad-consignment",
            hint=f"send at most {PARTS_MAX} together",
        )
    writer = _Writer()
    value: Value = {
        "contact": writer.grouped(consignment.contact),
        "parts": [_part_value(part, writer) for part in consignment.parts],
        "recipient": consignment.recipient,
        "sender": consignment.sender,
        "words": _words_value(consignment.words, writer),
    }
    return writer.written(FORMAT, value)


def _part_value(part: Part, writer: _Writer) -> Value:
    value = writer.grouped(part.signed, thing=False)
    value["kind"] = str(part.kind)
    value["box"] = writer.box(part.box)
    value["header"] = len(part.header)
    writer.bodies.append(part.header)
    value["statement"] = None if part.statement is None else writer.grouped(part.statement)
    if isinstance(part.body, Upload):
        value["upload"] = {"digest": part.body.digest, "size": part.body.size}
        return value
    if len(part.body) > INLINE_BYTES_MAX:
        refuse(
            f"a body of {len(part.body)} bytes does not go inline",
            code="bad-consignment",
            hint="upload it first, and name its digest",
        )
    value["body"] = len(part.body)
    writer.bodies.append(part.body)
    return value


def _words_value(words: tuple[Verdict, ...], writer: _Writer) -> list[Value]:
    return [{"kind": str(one.kind), **writer.grouped(one.said)} for one in words]


def write_answer(answer: Answer) -> bytes:
    """Return the bytes of an answer."""
    writer = _Writer()
    value: Value = {
        "contact": writer.grouped(answer.contact),
        "recipient": answer.recipient,
        "sender": answer.sender,
        "verdicts": [
            {"kind": "wait", "reason": str(one)}
            if isinstance(one, Waiting)
            else {"kind": str(one.kind), **writer.grouped(one.said)}
            for one in answer.verdicts
        ],
        "words": _words_value(answer.words, writer),
    }
    return writer.written(ANSWER, value)


# -- reading -------------------------------------------------------------------------------


class _Reader:
    """Reads the head, adds up what it says follows, and then the byte strings in order."""

    def __init__(self, read: Read, form: str, what: str) -> None:
        self._read = read
        self._buffer = b""
        self._what = what
        if self._line(64) != form.encode():
            refuse(f"{what} does not begin with `{form}`", code="bad-format")
        self.head = Fields(
            text.read(self._line(HEAD_BYTES_MAX), limit=HEAD_BYTES_MAX), what
        )
        self.sizes: list[int] = []
        self._left = TOTAL_BYTES_MAX

    def _line(self, most: int) -> bytes:
        while b"\n" not in self._buffer[: most + 1]:
            piece = self._read(65536) if len(self._buffer) <= most else b""
            if not piece:
                self._wrong("its head does not end, or is too long")
            self._buffer += piece
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def expect(self, size: int) -> None:
        """Count a byte string that follows, before any is read.

        Raises:
            InvalidInput: all together are too long.
        """
        self._left -= size
        if self._left < 0:
            self._wrong(f"more than {TOTAL_BYTES_MAX} bytes follow its head")
        self.sizes.append(size)

    def grouped(self, fields: Fields, most: int | None) -> None:
        """Count the byte strings of a signed thing; ``most``: its limit, None if none follows."""
        if most is not None:
            self.expect(fields.number("length", 1, most))
        self.expect(fields.number("proof", 0, PROOF_BYTES_MAX))

    def take(self) -> Iterator[bytes]:
        """Yield every byte string that was counted, in order, and then the end.

        Raises:
            InvalidInput: it ends before, or goes on.
        """
        wanted = sum(self.sizes)
        parts, got = [self._buffer], len(self._buffer)
        while got < wanted:
            piece = self._read(min(wanted - got, 1 << 20))
            if not piece:
                self._wrong("it ends before what its head says")
            parts.append(piece)
            got += len(piece)
        if got > wanted or self._read(1):
            self._wrong("it goes on after what its head says")
        whole, at = b"".join(parts), 0
        for size in self.sizes:
            yield whole[at : at + size]
            at += size

    def _wrong(self, message: str) -> NoReturn:
        refuse(f"{self._what} cannot be read: {message}", code="bad-consignment")


def read(source: Read) -> Consignment:
    """Read a consignment. Nothing of it is verified; `open_part` does that for each.

    Raises:
        InvalidInput: another form, or beyond a limit; found before what is too long is read.
    """
    what = "a consignment"
    reader = _Reader(source, FORMAT, what)
    head = reader.head
    contact, parts = head.inner("contact"), head.inners("parts", most=PARTS_MAX)
    words = head.inners("words", most=PARTS_MAX)
    groups = _expect_groups(reader)
    boxes = head.inners("boxes", most=PARTS_MAX)
    for box in boxes:
        reader.expect(box.number("head", 1, BOX_BYTES_MAX))
        reader.expect(box.number("sealed", 1, BOX_BYTES_MAX))
    reader.grouped(contact, CONTACT_BYTES_MAX)
    for part in parts:
        reader.grouped(part, None)
        reader.expect(part.number("header", 1, HEADER_BYTES_MAX))
        statement = part.inner_or_none("statement")
        if statement is not None:
            reader.grouped(statement, STATEMENT_BYTES_MAX)
        if "upload" not in part.body:
            reader.expect(part.number("body", 1, INLINE_BYTES_MAX))
    _expect_words(reader, words)
    raw = reader.take()
    signed = [next(raw) for _ in range(groups)]
    opened = [read_box(next(raw), next(raw)) for _ in boxes]
    return Consignment(
        sender=head.word("sender"),
        recipient=head.word("recipient"),
        contact=_grouped(contact, signed, raw),
        parts=tuple([_part(part, signed, opened, raw) for part in parts]),
        words=tuple([_word(one, signed, raw) for one in words]),
    )


def _expect_words(reader: _Reader, words: list[Fields]) -> None:
    for one in words:
        _ = one.choice("kind", _WORDS)
        reader.grouped(one, RECEIPT_BYTES_MAX)


def _word(fields: Fields, groups: list[bytes], raw: Iterator[bytes]) -> Verdict:
    return Verdict(Signed(fields.word("kind")), _grouped(fields, groups, raw))


_WORDS = frozenset(map(str, (Signed.RECEIPT, Signed.REFUSAL, Signed.ACKNOWLEDGEMENT)))


def _expect_groups(reader: _Reader) -> int:
    sizes = reader.head.body.get("groups")
    if type(sizes) is not list or not 0 < len(sizes) <= _GROUPS_MAX:
        refuse(
            f"a head lists no groups, or more than {_GROUPS_MAX}", code="bad-consignment"
        )
    for size in sizes:
        if type(size) is not int or not 0 < size <= GROUP_BYTES_MAX:
            refuse("a head gives a group a length that none has", code="bad-consignment")
        reader.expect(size)
    return len(sizes)


def _grouped(fields: Fields, groups: list[bytes], raw: Iterator[bytes]) -> Grouped:
    thing, proof = next(raw), next(raw)
    return _placed(fields, groups, thing, proof)


def _placed(fields: Fields, groups: list[bytes], thing: bytes, proof: bytes) -> Grouped:
    return Grouped(
        thing,
        fields.number("index", 0, text.INT_MAX),
        proof,
        groups[fields.number("group", 0, len(groups) - 1)],
    )


def _part(
    fields: Fields, groups: list[bytes], boxes: list[Box], raw: Iterator[bytes]
) -> Part:
    kind = Kind(fields.choice("kind", _KINDS))
    proof, header = next(raw), next(raw)
    statement = fields.inner_or_none("statement")
    stated = None if statement is None else _grouped(statement, groups, raw)
    body: bytes | Upload
    if "upload" in fields.body:
        upload = fields.inner("upload")
        body = Upload(upload.digest("digest"), upload.number("size", 1, UPLOAD_BYTES_MAX))
        ciphertext = text.read_digest(body.digest)
    else:
        body = next(raw)
        ciphertext = hashlib.sha256(body).digest()
    thing = hashlib.sha256(header).digest() + ciphertext
    return Part(
        kind,
        header,
        _placed(fields, groups, thing, proof),
        stated,
        boxes[fields.number("box", 0, len(boxes) - 1)],
        body,
    )


_KINDS = frozenset(str(kind) for kind in Kind)


def read_answer(source: Read) -> Answer:
    """Read an answer. Nothing of it is verified.

    Raises:
        InvalidInput: another form, or beyond a limit.
    """
    what = "an answer"
    reader = _Reader(source, ANSWER, what)
    head = reader.head
    contact, verdicts = head.inner("contact"), head.inners("verdicts", most=PARTS_MAX)
    groups = _expect_groups(reader)
    reader.grouped(contact, CONTACT_BYTES_MAX)
    for one in verdicts:
        if one.choice("kind", _VERDICTS) != "wait":
            reader.grouped(one, RECEIPT_BYTES_MAX)
    words = head.inners("words", most=PARTS_MAX)
    _expect_words(reader, words)
    raw = reader.take()
    signed = [next(raw) for _ in range(groups)]
    return Answer(
        sender=head.word("sender"),
        recipient=head.word("recipient"),
        contact=_grouped(contact, signed, raw),
        verdicts=tuple([_verdict(one, signed, raw) for one in verdicts]),
        words=tuple([_word(one, signed, raw) for one in words]),
    )


_VERDICTS = frozenset({str(Signed.RECEIPT), str(Signed.REFUSAL), "wait"})
_WAITING = frozenset(str(one) for one in Waiting)


def _verdict(fields: Fields, groups: list[bytes], raw: Iterator[bytes]) -> Answered:
    kind = fields.body["kind"]
    if kind == "wait":
        return Waiting(fields.choice("reason", _WAITING))
    return Verdict(Signed(kind), _grouped(fields, groups, raw))


# -- one part ------------------------------------------------------------------------------


def open_part(
    consignment: Consignment, part: Part, *, envelopes: Groups, statements: Groups
) -> Envelope:
    """Return a part's envelope, once all that is signed about it holds.

    It comes from the consignment's sender to its recipient, is of the kind that the head
    says, and travels alone if it is FLASH.

    Raises:
        InvalidInput: one of these does not hold; other parts are not touched by it.
    """
    envelope = verify_envelope(
        part.header,
        part.signed.thing[HASH_BYTES:],
        signed=part.signed,
        statement=part.statement,
        box=part.box,
        envelopes=envelopes,
        statements=statements,
    )
    header = envelope.written.header
    if (header.sender, header.recipient) != (consignment.sender, consignment.recipient):
        refuse("a part is not from the consignment's sender to its recipient")
    if header.kind is not part.kind:
        refuse("a part is of another kind than the head says")
    if header.precedence is Precedence.FLASH and len(consignment.parts) != 1:
        refuse("a FLASH part does not travel alone")
    return envelope
