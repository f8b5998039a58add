"""Evidence: one exchange as a bundle that an auditor verifies offline, with keys they know.

A bundle has everything that was signed about one envelope, byte for byte as it came: header,
statement, answer, acknowledgement, the entry in the maker's log with its proof under a
checkpoint that partners cosigned, the accord's text and the instruments then known. It has
no key that counts: anchors come from outside, always. Without them all that can be said is
that a bundle agrees with itself, which a forgery does too. The format is
``docs/formats/evidence.md``.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn, TypeVar

from comity.accords.accord import read_accord
from comity.accords.times import Instant
from comity.errors import ComityError, InvalidInput
from comity.log.checkpoint import Policy, cosigner, read_checkpoint
from comity.log.note import Kind, Vkey, read_note
from comity.log.proof import read_proof, verify_proof
from comity.signed import text
from comity.signed.algorithms import ED25519, Public
from comity.signed.dsse import Keys
from comity.signed.keylist import KeyList, read_history
from comity.signed.partykeys import Use
from comity.signed.ring import Ring
from comity.wire.envelope import envelope_digest
from comity.wire.fields import Fields, Value, refuse
from comity.wire.group import Grouped, Signed, verify
from comity.wire.header import Written, read_header
from comity.wire.instrument import accord_of, read_instrument
from comity.wire.receipt import (
    Acknowledgement,
    Receipt,
    Refusal,
    read_acknowledgement,
    read_receipt,
    read_refusal,
    require_about,
    require_answers,
)
from comity.wire.statement import Statement, read_statement

T = TypeVar("T")

FORMAT = "comity-bundle/1"
HEAD = "bundle.json"
FILES_MAX = 4096
BUNDLE_BYTES_MAX = 64 * 1024 * 1024  # an accord's text and its instruments, with room
_TIME = (1980, 1, 1, 0, 0, 0)  # so that one exchange makes one file, byte for byte

_SENT = ("SubmissionAcceptance", "InstrumentSent")
_CAME = ("RelayAcceptance", "RelayRejection")

NOTHING = "consistent with itself; nothing proved"
"""What is said of a bundle that nobody's keys vouch for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a node has of one exchange.

    Attributes:
        maker: whose node makes the bundle, and whose log the proof is of.
        header: its bytes; ``cipher`` is SHA-256 of the sealed body.
        answer: the recipient's receipt or refusal, if there is one.
        entry, proof: of the maker's log, and the tlog-proof of it.
        accord: the text of the accord, byte for byte.
        amendments: those in force, likewise.
        instruments: the signed records under the accord that the maker has.
        lists: key lists of the parties concerned: claims, for whoever has their anchors.
    """

    maker: str
    header: bytes = field(repr=False)
    cipher: bytes = field(repr=False)
    envelope: Grouped = field(repr=False)
    statement: Grouped | None = field(repr=False)
    answer: tuple[Signed, Grouped] | None = field(repr=False)
    acknowledgement: Grouped | None = field(repr=False)
    entry: bytes = field(repr=False)
    proof: bytes = field(repr=False)
    accord: bytes | None = field(repr=False)
    amendments: Sequence[bytes] = field(default=(), repr=False)
    instruments: Sequence[bytes] = field(default=(), repr=False)
    lists: Mapping[str, Sequence[bytes]] = field(default_factory=dict, repr=False)


# -- making --------------------------------------------------------------------------------


def make_bundle(evidence: Evidence) -> bytes:
    """Return the bundle of one exchange, the same bytes for the same evidence."""
    files: dict[str, bytes] = {
        "header.json": evidence.header,
        "entry.json": evidence.entry,
        "entry.tlog-proof": evidence.proof,
    }
    signed: Value = {"envelope": _grouped(evidence.envelope, "envelope", files)}
    if evidence.statement is not None:
        files["statement.json"] = evidence.statement.thing
        signed["statement"] = _grouped(evidence.statement, "statement", files)
    if evidence.answer is not None:
        kind, said = evidence.answer
        files[f"{kind}.json"] = said.thing
        signed[str(kind)] = _grouped(said, str(kind), files)
    if evidence.acknowledgement is not None:
        files["acknowledgement.json"] = evidence.acknowledgement.thing
        signed["acknowledgement"] = _grouped(
            evidence.acknowledgement, "acknowledgement", files
        )
    if evidence.accord is not None:
        files["accord.md"] = evidence.accord
    for place, raw in enumerate(evidence.amendments, 1):
        files[f"amendment-{place}.md"] = raw
    for place, raw in enumerate(evidence.instruments, 1):
        files[f"instruments/{place}.json"] = raw
    for party, lists in evidence.lists.items():
        for raw in lists:
            files[f"keys/{party}-{len(files)}.json"] = raw
    files[HEAD] = text.write(
        {
            "cipher": text.digest_text(evidence.cipher),
            "files": {name: text.digest_of(raw) for name, raw in files.items()},
            "format": FORMAT,
            "maker": evidence.maker,
            "signed": signed,
        }
    )
    return _zipped(files)


def _grouped(one: Grouped, name: str, files: dict[str, bytes]) -> Value:
    files[f"{name}.group.json"] = one.group
    return {"index": one.index, "proof": text.base64_of(one.proof)}


def _zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as file:
        for name in sorted(files):
            file.writestr(zipfile.ZipInfo(name, _TIME), files[name])
    return out.getvalue()


def open_bundle(raw: bytes) -> dict[str, bytes]:
    """Return the files of a bundle. Nothing is verified, and nothing written anywhere.

    Raises:
        InvalidInput: no bundle; too large, packed, or with a name that leads elsewhere.
    """
    if len(raw) > BUNDLE_BYTES_MAX:
        _no_bundle("it is larger than any bundle")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as file:
            infos = file.infolist()
            names = [info.filename for info in infos]
            if len(infos) > FILES_MAX or len(set(names)) != len(names):
                _no_bundle("it has too many files, or one twice")
            for info in infos:
                parts = info.filename.split("/")
                if info.compress_type != zipfile.ZIP_STORED or len(parts) > 2:
                    _no_bundle("a file of it is packed, or lies deeper than any")
                if any(part in ("", ".", "..") or "\\" in part for part in parts):
                    _no_bundle("a file of it has a name that leads elsewhere")
            return {name: file.read(name) for name in names}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        _no_bundle("it is no whole zip file")


# -- verifying -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was looked at: whether it holds, and a sentence."""

    holds: bool
    words: str


@dataclass(frozen=True, slots=True)
class Report:
    """What came of verifying a bundle.

    Attributes:
        proved: everything holds, by keys that were known from outside.
        simulated: its log ran under a simulated clock: of the world it proves nothing.
    """

    found: tuple[Found, ...]
    proved: bool
    simulated: bool


_Said = Receipt | Refusal | Acknowledgement
_Read = Callable[[bytes], _Said]


class _Failed(Exception):
    """One thing does not hold, and what hangs on it is not looked at."""


class _Verifying:
    """One bundle on its way through."""

    def __init__(
        self, files: Mapping[str, bytes], anchors: Mapping[str, Sequence[bytes]] | None
    ) -> None:
        self.files = files
        self.anchors = anchors
        self.found: list[Found] = []
        self.simulated = False
        self.cosigned: Instant | None = None
        self._ring = Ring()
        self._place = ("", -1)

    def run(self) -> Report:
        """Look at everything, in order; a failure ends it."""
        try:
            head = self._holds("its files are those that it lists", self._head)
            self._holds(self._keys_words(), self._keys)
            written, thing = self._holds(
                "the header and the body belong together", lambda: self._header(head)
            )
            header = written.header
            self._holds(
                "the maker's log has the entry, and its partner has cosigned it",
                lambda: self._log(head, written, thing),
            )
            self._holds(
                f"`{header.sender}` signed the envelope to `{header.recipient}`",
                lambda: self._signed(head, "envelope", thing, header.sender, header.at),
            )
            if "statement.json" in self.files or header.releasing is not None:
                stated = self._holds(
                    "its originator signed what it is",
                    lambda: self._statement(head, written),
                )
                self._holds(
                    f"the item is `{stated.item.id}` of {' and '.join(stated.item.originators)}",
                    lambda: None,
                )
            self._answer(head, written, thing)
            self._holds(
                "the accord's text is the one that it goes by", lambda: self._text(written)
            )
            self._instruments()
        except _Failed:
            pass
        proved = self.anchors is not None and all(one.holds for one in self.found)
        if self.anchors is None:
            self.found.append(Found(holds=False, words=NOTHING))
        return Report(tuple(self.found), proved, self.simulated)

    def _holds(self, words: str, look: Callable[[], T]) -> T:
        try:
            result = look()
        except ComityError as error:
            self.found.append(Found(holds=False, words=f"{words}: no, {error.message}"))
            raise _Failed from error
        self.found.append(Found(holds=True, words=words))
        return result

    # -- each thing -----------------------------------------------------------------------

    def _head(self) -> Fields:
        raw = self.files.get(HEAD)
        if raw is None:
            _no_bundle(f"it has no `{HEAD}`")
        head = Fields.of(raw, FORMAT, "a bundle", limit=1 << 20)
        listed = head.inner("files").body
        if set(listed) | {HEAD} != set(self.files):
            refuse("it has other files than it lists", code="bundle-files")
        for name, digest in listed.items():
            if text.digest_of(self.files[name]) != digest:
                refuse(f"`{name}` was changed", code="bundle-changed")
        return head

    def _keys_words(self) -> str:
        if self.anchors is None:
            return "no keys are known from outside; those in the bundle are its own claim"
        return f"keys are known from outside: {', '.join(sorted(self.anchors))}"

    def _keys(self) -> None:
        """Take the lists from outside, and from the bundle those that follow them."""
        inside: dict[str, list[bytes]] = {}
        for name, raw in sorted(self.files.items(), key=lambda one: _in_order(one[0])):
            if name.startswith("keys/"):
                inside.setdefault(name[5:].rpartition("-")[0], []).append(raw)
        known = inside if self.anchors is None else self.anchors
        histories = []
        for party, lists in known.items():
            history = list(lists) + [r for r in inside.get(party, ()) if r not in lists]
            histories.append(_as_far_as_it_follows(history))
        self._ring = Ring.of(histories)

    def _header(self, head: Fields) -> tuple[Written, bytes]:
        written = read_header(self._file("header.json"))
        return written, written.digest + text.read_digest(head.digest("cipher"))

    def _signed(self, head: Fields, name: str, thing: bytes, by: str, at: Instant) -> None:
        placed = head.inner("signed").inner(name)
        grouped = Grouped(
            thing,
            placed.number("index", 0, text.INT_MAX),
            placed.raw("proof"),
            self._file(f"{name}.group.json"),
        )
        signer = verify(grouped, Signed(name), self._keys_at(at))
        if signer != by:
            refuse(f"`{signer}` signed it", code="other-signer")

    def _keys_at(self, at: Instant, use: Use = Use.ENVELOPE) -> Keys:
        """Return the keys that counted: at the claimed time, and still when it was cosigned.

        A claimed time is a claim: with a stolen key one may be written that is before the
        theft. So a key that was revoked since counts only for what a partner had cosigned.
        """

        def key(party: str, key_id: str) -> Public | None:
            found = self._ring.key(party, key_id, use, at)
            newest = self._ring.newest(party)
            revoked = [
                one.revoked.at
                for one in (() if newest is None else newest.keys)
                if one.public.id == key_id and one.revoked is not None
            ]
            late = self.cosigned is None or any(self.cosigned >= at for at in revoked)
            return None if revoked and late else found

        return key

    def _statement(self, head: Fields, written: Written) -> Statement:
        stated = read_statement(self._file("statement.json"))
        releasing = written.header.releasing
        if releasing is None or (
            releasing.item,
            releasing.statement,
            written.header.content,
        ) != (
            stated.item.id,
            stated.digest,
            stated.content,
        ):
            refuse("the header is of another item", code="envelope-mismatch")
        self._signed(head, "statement", stated.raw, stated.by, stated.at)
        return stated

    def _answer(self, head: Fields, written: Written, thing: bytes) -> None:
        header, digest = written.header, envelope_digest(thing)
        if {"receipt.json", "refusal.json"} <= set(self.files):
            self._holds("it was received, or refused", _both)
        for name, read, words in (
            ("receipt", read_receipt, "has it in its log"),
            ("refusal", read_refusal, "refused it"),
            ("acknowledgement", read_acknowledgement, "has it in its registry"),
        ):
            raw = self.files.get(f"{name}.json")
            if raw is None:
                continue

            def look(name: str = name, read: _Read = read, raw: bytes = raw) -> None:
                said = read(raw)
                require_answers(said, digest, header.sender, header.recipient)
                if not isinstance(said, Refusal):
                    item = None if header.releasing is None else header.releasing.item
                    require_about(said, item, header.accord)
                ours = head.word("maker") == header.recipient
                place = (said.log, said.index) if isinstance(said, Receipt) else None
                if ours and place not in (None, self._place):
                    refuse("the entry is not where it says", code="other-answer")
                self._signed(head, name, raw, header.recipient, said.at)

            self._holds(f"`{header.recipient}` signed that it {words}", look)

    def _log(self, head: Fields, written: Written, thing: bytes) -> None:
        maker = head.word("maker")
        header = written.header
        if maker not in (header.sender, header.recipient):
            refuse(f"`{maker}` is neither its sender nor its recipient")
        other = header.recipient if maker == header.sender else header.sender
        proof = self._file("entry.tlog-proof")
        origin = read_checkpoint(read_note(read_proof(proof).checkpoint).text).origin
        self.simulated = origin.endswith("/simulated")
        at = header.at
        policy = Policy(
            log=Vkey(
                name=origin,
                kind=Kind.LOG,
                public=self._ring.one(maker, Use.LOG, ED25519, at),
            ),
            cosigners=(cosigner(other, self._ring.one(other, Use.COSIGN, ED25519, at)),),
            simulated=self.simulated,
        )
        entry = self._file("entry.json")
        read, signed = verify_proof(proof, entry, policy)
        self.cosigned = Instant(min(signed.cosigned.values()))
        self._place = (origin, read.index)
        said = text.read(entry)
        if said.get("envelope") != envelope_digest(thing):
            refuse("the entry is of another envelope", code="envelope-mismatch")
        if said.get("event") not in (_SENT if maker == header.sender else _CAME):
            refuse("the entry tells something else of it", code="envelope-mismatch")

    def _text(self, written: Written) -> None:
        header = written.header
        if header.accord is None:
            return
        accord, _ = read_accord(self._file("accord.md"))
        if accord is None or accord.id != header.accord:
            refuse(f"it is not the text of `{header.accord}`", code="other-text")
        digests = [accord.digest]
        digests += [
            "sha256:" + hashlib.sha256(raw).hexdigest()
            for name, raw in sorted(self.files.items(), key=lambda one: _in_order(one[0]))
            if name.startswith("amendment-")
        ]
        if "+".join(digests) != header.version:
            refuse("it is another version than the header names", code="other-text")

    def _instruments(self) -> None:
        count = 0
        accord, _ = read_accord(self.files.get("accord.md", b""))
        for name, raw in self.files.items():
            if name.startswith("instruments/") and accord is not None:

                def look(raw: bytes = raw) -> None:
                    if accord_of(raw) != accord.id:
                        refuse("an instrument is of another accord")
                    _ = read_instrument(raw, accord, self._any_time(Use.RECORD))

                self._holds(f"{name} is signed by those who performed it", look)
                count += 1

    def _any_time(self, use: Use) -> Keys:
        """Return a party's keys of any version: when a record came, no bundle can show."""

        def key(party: str, key_id: str) -> Public | None:
            found = [
                one
                for listed in self._ring.lists.get(party, ())
                for one in listed.keys
                if one.use is use and one.public.id == key_id
            ]
            if not found or any(one.revoked is not None for one in found):
                return None
            return found[0].public

        return key

    def _file(self, name: str) -> bytes:
        raw = self.files.get(name)
        if raw is None:
            refuse(f"it has no `{name}`", code="bundle-files")
        return raw


def verify_bundle(raw: bytes, anchors: Mapping[str, Sequence[bytes]] | None) -> Report:
    """Verify a bundle against the key lists of parties that are known from outside.

    Args:
        raw: the bundle.
        anchors: by party, every version of its key list, oldest first, whose fingerprint
            somebody compared; None where nobody's are known, and then nothing is proved.

    Raises:
        InvalidInput: it is no bundle at all.
    """
    return _Verifying(open_bundle(raw), anchors).run()


def _as_far_as_it_follows(raws: Sequence[bytes]) -> tuple[KeyList, ...]:
    """Return the versions that follow each other; what does not follow is nobody's word."""
    for end in range(len(raws), 0, -1):
        try:
            return read_history(raws[:end])
        except InvalidInput:
            if end == 1:
                raise
    return ()


def _both() -> NoReturn:
    refuse("its recipient signed both a receipt and a refusal", code="other-answer")


def _in_order(name: str) -> tuple[int, str]:
    """Return by what numbered files stand in their order, the tenth after the ninth."""
    digits = "".join(re.findall(r"\d+(?=\.\w+$)", name, re.ASCII))
    return int(digits[:9] or 0), name


def _no_bundle(why: str) -> NoReturn:
    raise InvalidInput(
        f"this is no bundle of evidence: {why}",
        hint="take it again from where it came; `comity evidence` makes them",
        code="bad-bundle",
    )


def entries_of(report: Report) -> Iterator[str]:
    """Yield a report's sentences, each with whether it holds."""
    for one in report.found:
        yield f"{'holds' if one.holds else 'FAILS'}  {one.words}"
