"""Signed notes and the keys that verify them (C2SP signed-note v1.0.0).

A note is a text, a blank line, and signature lines. Signatures of keys that nobody named
are ignored, as the specification wants; so it is for the reader to name those that must be
there, and a note that lacks one is refused. One line of a named key that fails refuses the
whole note.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from comity.errors import InvalidInput
from comity.signed.algorithms import ED25519, Public, Signer
from comity.signed.text import base64_of, read_base64

NOTE_BYTES_MAX = 128 * 1024
"""Sixteen signatures, which every reader has to accept, of the largest kind, with room."""

SIGNATURES_MAX = 64
"""A log, and each party of an accord as its cosigner; far more than the sixteen."""

SIGNATURE_BYTES = 64
TIME_BYTES = 8
TIME_MAX = 2**63 - 1

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class Kind(IntEnum):
    """What a key signs; its byte is the signature type of the specification."""

    LOG = 0x01
    """Ed25519 over the text: by the log itself."""
    COSIGNATURE = 0x04
    """Ed25519 over the text and a time: by one who saw the log grow (cosignature/v1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One signature line: who says to have signed, and the value.

    Attributes:
        key_id: the four bytes that hint at the key.
        value: the signature; of a cosignature, eight bytes of time before it.
    """

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        """Write the line as it stands in a note, without its newline."""
        return f"— {self.name} {base64_of(self.key_id + self.value)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vkey:
    """A key that verifies lines of notes, and the name that it signs under.

    Attributes:
        name: non-empty, without space or plus; a log's name is its origin.
        kind: what it signs. One key serves one kind under one name.
        public: the key, an Ed25519 one (RFC 8032).
    """

    name: str
    kind: Kind
    public: Public

    def __post_init__(self) -> None:
        """Refuse a name or a key that no reader of notes would accept."""
        _check_name(self.name)
        if self.public.alg != ED25519:
            raise _bad_vkey(f"its key is of `{self.public.alg}`, not of `{ED25519}`")

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart; they prove nothing."""
        return sha256(self.name.encode() + b"\n" + self._body).digest()[:4]

    @property
    def _body(self) -> bytes:
        return bytes([self.kind]) + self.public.raw

    def __str__(self) -> str:
        """Write the key as one line: name, key id, kind and key (C2SP signed-note)."""
        return f"{self.name}+{self.key_id.hex()}+{base64_of(self._body)}"

    def sign(self, text: str, signer: Signer, *, at: int | None = None) -> Line:
        """Return this key's line under a text; a cosignature has a time, a log's none."""
        if signer.public != self.public:
            raise _bad_vkey(f"the signer at hand is not that of `{self.name}`")
        head = b"" if at is None else _time_bytes(at)
        value = head + signer.sign(self._message(text, at))
        return Line(name=self.name, key_id=self.key_id, value=value)

    def verify(self, text: str, line: Line) -> int | None:
        """Return the time of a cosignature, or None for a log's; raise if it fails."""
        at, value = None, line.value
        if self.kind is Kind.COSIGNATURE:
            at, value = int.from_bytes(value[:TIME_BYTES]), value[TIME_BYTES:]
        if (
            len(value) != SIGNATURE_BYTES
            or (at is not None and at > TIME_MAX)
            or not self.public.verify(value, self._message(text, at))
        ):
            raise InvalidInput(
                f"the signature of `{self.name}` on the note fails",
                hint="keep the note; the text was altered, or somebody signs in that name",
                code="note-signature",
            )
        return at

    def _message(self, text: str, at: int | None) -> bytes:
        if (at is None) is (self.kind is Kind.COSIGNATURE):
            raise InvalidInput(
                f"`{self.name}` cannot sign so: a cosignature has a time, and a log's "
                "signature has none",
                hint="give `at` with a cosigner's key, and with no other",
                code="note-time",
            )
        head = "" if at is None else f"cosignature/v1\ntime {at}\n"
        return (head + text).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note as read: well-formed, and nothing verified.

    Attributes:
        text: what was signed, with its last newline.
        lines: its signatures, in order, those of unknown keys among them.
        raw: the bytes that came.
    """

    text: str
    lines: tuple[Line, ...]
    raw: bytes


def read_vkey(text: str) -> Vkey:
    """Read a key as :meth:`Vkey.__str__` writes it."""
    name, _, rest = text.partition("+")
    key_id, _, body = rest.partition("+")
    raw = read_base64(body)
    if not raw or raw[0] not in set(Kind):
        raise _bad_vkey("it is neither a log's nor a cosigner's")
    vkey = Vkey(name=name, kind=Kind(raw[0]), public=Public(ED25519, raw[1:]))
    if vkey.key_id.hex() != key_id:
        raise _bad_vkey(f"its key id is `{vkey.key_id.hex()}`")
    return vkey


def write_note(text: str, lines: Iterable[Line]) -> bytes:
    """Write a note; what it returns is what :func:`read_note` reads."""
    written = text + "\n" + "".join(f"{line}\n" for line in lines)
    raw = written.encode(errors="surrogatepass")  # which no reader takes for UTF-8
    if read_note(raw).text != text:
        raise _malformed("its text does not end before the last blank line")
    return raw


def read_note(raw: bytes) -> Note:
    """Read a note's form; nobody may act on its text before a key has verified it."""
    if len(raw) > NOTE_BYTES_MAX:
        raise _malformed(f"it has more than {NOTE_BYTES_MAX} bytes")
    try:
        whole = raw.decode()
    except UnicodeDecodeError:
        raise _malformed("it is not UTF-8") from None
    if _CONTROL.search(whole):
        raise _malformed("it has a control character")
    text, blank, rest = whole.rpartition("\n\n")
    if not blank or not rest.endswith("\n"):
        raise _malformed("it is not a text, a blank line, and signature lines")
    lines = rest.removesuffix("\n").split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise _malformed(f"it has more than {SIGNATURES_MAX} signatures")
    return Note(text=text + "\n", lines=tuple(_read_line(line) for line in lines), raw=raw)


def add_lines(raw: bytes, lines: Iterable[Line]) -> bytes:
    """Return a note with the lines of keys that have not signed it yet.

    A key's first line stays: what it signed earlier is worth more. Lines are added as they
    are; the caller has verified them.
    """
    signed = {(line.name, line.key_id) for line in read_note(raw).lines}
    for line in lines:
        if (line.name, line.key_id) not in signed:
            signed.add((line.name, line.key_id))
            raw += f"{line}\n".encode()
    read_note(raw)
    return raw


def verify_note(raw: bytes, required: Iterable[Vkey]) -> tuple[Note, dict[str, int | None]]:
    """Return a note that every required key signed, and when each did.

    The times are by the name of the key; that of a log, which signs without one, is None.
    A key that did not sign, signed twice, or whose signature fails, refuses the note.
    Nothing required verifies nothing, and is refused.
    """
    note, keys = read_note(raw), tuple(required)
    times: dict[str, int | None] = {}
    if not keys:
        raise InvalidInput(
            "a note is verified by keys, and none was named",
            hint="name the log's key, and that of each cosigner who has to have signed",
            code="note-keys",
        )
    for vkey in keys:
        of = [
            line
            for line in note.lines
            if (line.name, line.key_id) == (vkey.name, vkey.key_id)
        ]
        if not of:
            raise InvalidInput(
                f"`{vkey.name}` has not signed the note, and has to",
                hint=f"ask for it with a signature of `{vkey}`",
                code="note-unsigned",
            )
        if len(of) > 1:
            raise InvalidInput(
                f"`{vkey.name}` signed the note {len(of)} times",
                hint="one line for each key; ask for the note again",
                code="note-twice",
            )
        times[vkey.name] = vkey.verify(note.text, of[0])
    return note, times


def _read_line(line: str) -> Line:
    dash, _, rest = line.partition(" ")
    name, _, value = rest.partition(" ")
    raw = read_base64(value)
    if dash != "—" or len(raw) < 5:  # a key id, and a signature after it
        raise _malformed("a line after the blank one is no signature line")
    _check_name(name)
    return Line(name=name, key_id=raw[:4], value=raw[4:])


def _check_name(name: str) -> None:
    if not name or "+" in name or any(map(str.isspace, name)):
        raise InvalidInput(
            f"`{name}` is no name of a key",
            hint="a name is not empty and has neither space nor plus",
            code="note-name",
        )


def _time_bytes(at: int) -> bytes:
    if not 0 <= at <= TIME_MAX:
        raise InvalidInput(
            f"{at} is no time of a cosignature",
            hint="give UTC seconds since 1970",
            code="note-time",
        )
    return at.to_bytes(TIME_BYTES)


def _malformed(why: str) -> InvalidInput:
    return InvalidInput(
        f"this is no signed note: {why}",
        hint="ask for the note again, and see docs/formats/log.md",
        code="bad-note",
    )


def _bad_vkey(why: str) -> InvalidInput:
    return InvalidInput(
        f"this is no key of a log or a cosigner: {why}",
        hint="take it from the party's key list, as `name+id+key`",
        code="bad-vkey",
    )
