"""Recovery: a node whose database was put back learns from its partners what it has forgotten.

It signs nothing before. Partners hand out what they hold of it: the answers that it gave,
with the envelopes that they were given to. These are written down again, so that a repeat
gets the byte-identical answer, and nothing is accepted twice. What a log has lost nobody
else has, for partners see commitments alone: such a log ends by a signed succession.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from comity.accords.times import Instant
from comity.exchange.acts import Acts
from comity.exchange.custody import HOUSE, entry
from comity.exchange.register import Register
from comity.exchange.rows import (
    RANK,
    box_at,
    grouped,
    keep_box,
    keep_group,
    keep_statement,
    statement_at,
)
from comity.exchange.site import Site
from comity.signed import text
from comity.signed.partykeys import Use
from comity.wire.conversation import Theirs
from comity.wire.envelope import verify_envelope
from comity.wire.fields import Fields, Value
from comity.wire.group import Grouped, Groups, Signed
from comity.wire.header import Kind
from comity.wire.receipt import read_receipt, read_refusal, require_answers
from comity.wire.seal import read_box
from comity.wire.succession import Succession, sign_succession

HELD = "comity-held/1"
HELD_BYTES_MAX = 64 * 1024 * 1024
MOST = 1_000_000  # entries of each kind


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was learnt, and which logs were ended."""

    answers: int
    successions: tuple[Succession, ...]


class Recovery:
    """Hands out what is held of a partner, and takes what partners hold of us."""

    def __init__(self, site: Site, register: Register, acts: Acts) -> None:
        self._site = site
        self._register = register
        self._acts = acts

    def held_of(self, party: str) -> bytes:
        """Return every answer that a partner gave us, with the envelope it is about."""
        database = self._site.database
        found: list[Value] = []
        for row in database.all("answers_by", (party,)):
            box, _ = box_at(database, row["box_n"])
            stated = (
                None
                if row["statement"] is None
                else statement_at(database, row["statement"])
            )
            answer = grouped(
                database,
                row["answer_raw"],
                row["answer_group"],
                row["answer_place"],
                row["answer_proof"],
            )
            signed = grouped(database, b"", row["group_n"], row["place"], row["proof"])
            found.append(
                {
                    "answer": _spelt(answer),
                    "box": {
                        "head": text.base64_of(box.head),
                        "sealed": text.base64_of(box.sealed),
                    },
                    "ciphertext": text.base64_of(bytes(row["cipher"])),
                    "envelope": _spelt(signed),
                    "header": text.base64_of(bytes(row["header"])),
                    "kind": row["answer_verdict"],
                    "length": row["length"],
                    "statement": None if stated is None else _spelt(stated),
                }
            )
        records = [
            {
                "accord": row["accord"],
                "raw": text.base64_of(bytes(row["record"])),
                "received": json.loads(row["received"]),
            }
            for row in database.all("instruments_after", (0,))
            if row["record"] is not None and self._acts.shown(row, party)
        ]
        return text.write(
            {"answers": found, "format": HELD, "of": party, "party": self._site.party,
             "records": records}
        )  # fmt: skip

    def take(self, party: str, raw: bytes) -> int:
        """Write down again what a partner holds of us; return how much was new.

        In a transaction. Every answer has to bear our own signature, and every envelope the
        partner's.

        Raises:
            InvalidInput: something of it does not verify; nothing was kept.
        """
        site = self._site
        now = site.now()
        fields = Fields.of(raw, HELD, "what a partner holds", limit=HELD_BYTES_MAX)
        groups = Groups(site.partners.keys(Use.ENVELOPE, now))
        new = sum(
            self._acts.relearn(one.raw("raw"), one.inner("received").body, now)
            for one in fields.inners("records", most=MOST)
        )
        for one in fields.inners("answers", most=MOST):
            new += self._take_one(party, one, groups, now)
        if new:
            site.custody.append(
                HOUSE, [entry("Recovered", now, partner=party, answers=new)]
            )
        return new

    def _take_one(self, party: str, one: Fields, groups: Groups, now: Instant) -> int:
        site, database = self._site, self._site.database
        stated = one.inner_or_none("statement")
        box_fields = one.inner("box")
        box = read_box(box_fields.raw("head"), box_fields.raw("sealed"))
        header_raw, cipher = one.raw("header"), one.raw("ciphertext")
        signed = replace(
            _read(one.inner("envelope")), thing=hashlib.sha256(header_raw).digest() + cipher
        )
        envelope = verify_envelope(
            header_raw,
            cipher,
            signed=signed,
            statement=None if stated is None else _read(stated),
            box=box,
            envelopes=groups,
            statements=groups,
        )
        digest = text.read_digest(envelope.digest)
        if database.one("incoming_by_digest", (digest,)) is not None:
            return 0
        kind = Signed(one.choice("kind", (str(Signed.RECEIPT), str(Signed.REFUSAL))))
        answer = _read(one.inner("answer"))
        by = groups.verify(answer, kind)
        said = (read_receipt if kind is Signed.RECEIPT else read_refusal)(answer.thing)
        require_answers(said, envelope.digest, party, by)
        if by != site.party:
            return 0
        header = envelope.written.header
        releasing = header.releasing
        item = "" if releasing is None else releasing.item
        received = kind is Signed.RECEIPT
        n = database.run(
            "insert_incoming",
            {
                "digest": digest,
                "kind": str(header.kind),
                "item": item,
                "content": text.read_digest(header.content),
                "partner": party,
                "accord": header.accord or "",
                "rank": RANK[Kind.INSTRUMENT if releasing is None else header.precedence],
                "state": str(Theirs.NOT_OPENED if received else Theirs.REFUSED),
                "header": envelope.written.raw,
                "statement": None
                if stated is None
                else keep_statement(database, _read(stated), item),
                "group_n": keep_group(database, signed.group),
                "place": signed.index,
                "proof": signed.proof,
                "box_n": keep_box(database, box, None),
                "length": one.number("length", 0, text.INT_MAX),
                "cipher": cipher,
                "spooled": None,
                "leaf": None,
                "arrived": said.at,
                "handling": '{"levels":[],"tags":[]}',
                "verdict": str(kind),
                "answer": answer.thing,
                "answer_group": keep_group(database, answer.group),
                "answer_place": answer.index,
                "answer_proof": answer.proof,
            },
        )
        if received and header.kind is Kind.ITEM:
            self._register.lost(n, item, header.accord or "", party, now)
        return 1

    def succeed(self, names: Sequence[str], why: str) -> tuple[Succession, ...]:
        """End logs that cannot be continued, and begin others; in a transaction."""
        site = self._site
        now = site.now()
        made = []
        for name in names:
            accord, size, root, new = site.custody.succeed(name, now)
            one = Succession(
                party=site.party,
                accord=accord,
                old=name,
                size=size,
                root=text.digest_text(root),
                new=new,
                why=why,
                at=now,
            )
            raw = sign_succession(one, site.keys.record)
            site.database.run(
                "insert_succession", (site.party, accord, name, new, raw, now)
            )
            site.custody.append(
                accord, [entry("LogSuccession", now, old=name, size=size, new=new, why=why)]
            )
            made.append(one)
        return tuple(made)


def _spelt(one: Grouped) -> Value:
    return {
        "group": text.base64_of(one.group),
        "index": one.index,
        "proof": text.base64_of(one.proof),
        "thing": text.base64_of(one.thing),
    }


def _read(fields: Fields) -> Grouped:
    return Grouped(
        fields.raw("thing"),
        fields.number("index", 0, text.INT_MAX),
        fields.raw("proof"),
        fields.raw("group"),
    )
