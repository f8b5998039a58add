"""What a partner with valid keys of its own, or one stolen, tries; and what comes of it."""

import hashlib
import json
from dataclasses import replace

import pytest

from comity.accords.instruments import Stage
from comity.accords.times import parse_instant
from comity.errors import InvalidInput
from comity.exchange.certificate import make_tls_key
from comity.exchange.rows import reader
from comity.exchange.sending import Sending
from comity.log.checkpoint import Checkpoint, sign_checkpoint
from comity.log.note import Kind, Vkey
from comity.signed import text
from comity.signed.algorithms import SPKI, XWING, Public
from comity.signed.keylist import KeyList, read_key_list
from comity.signed.officers import draft, officer_signers, put_together, sign_draft
from comity.signed.partykeys import Key, Revoked, Use, spki_digest
from comity.signed.termkey import TermKey, sign_term_key
from comity.wire.consignment import (
    Consignment,
    Part,
    Verdict,
    read_answer,
    write,
    write_answer,
)
from comity.wire.contact import Contact, write_contact
from comity.wire.content import commitment
from comity.wire.group import Signed, sign_group
from comity.wire.header import Header, Precedence, Releasing, chunks_of, write_header
from comity.wire.header import Kind as WireKind
from comity.wire.receipt import Fault, read_receipt, read_refusal, write_receipt
from comity.wire.seal import item_key, padded_size, seal_box, seal_bytes
from comity.wire.statement import statement_of
from comity.wire.succession import Succession, sign_succession
from exchange.nodes import (
    START,
    YEARS,
    Clock,
    acquaint,
    approval,
    carry,
    gsomia,
    key_list,
    keys_of,
    node,
    officers_of,
    random_of,
    states,
)

BILATERAL = "jp-rok-gsomia"
COMMON = "tisa-2014"
NOW = parse_instant("2019-11-22T12:00:00+09:00")


@pytest.fixture
def clock():
    return Clock(NOW)


@pytest.fixture
def nodes(clock):
    made = [node(party, clock) for party in ("kr", "jp", "us")]
    acquaint(*made)
    return made


def warning(**changes):
    item = gsomia().items["missile-warning-1"]
    return Sending(item=item, to="jp", content=b"a launch, detected", **changes)


def next_list(party, keys, at, officers=None):
    """The second version of a party's key list, as its officers sign it."""
    first = KeyList(
        party=party,
        version=2,
        issued=at,
        before=START + YEARS,
        threshold=2,
        officers=tuple(officer for officer, _ in officers or officers_of(party)),
        keys=keys,
        addresses=(f"https://{party}.example:8443",),
    )
    before = read_key_list(key_list(party), None, START)
    payload = draft(first, before, ["anna", "berta"])
    signed = [
        sign_draft(payload, officer.name, officer_signers(secrets))
        for officer, secrets in officers_of(party)[:2]
    ]
    return put_together(payload, signed, before, at).raw


def revoking(party, use, revoked, at):
    """A party's second key list, in which its keys of a use are revoked, and none is new."""
    keys = tuple(
        replace(key, revoked=Revoked(at=revoked, why="stolen")) if key.use is use else key
        for key in keys_of(party).listed()
    )
    return next_list(party, keys, at)


def contact(party, to, at, **said):
    """What a party says of itself to another, signed, whatever it is."""
    raw = write_contact(Contact(sender=party, recipient=to, at=at, keys=1, **said))
    return sign_group(Signed.CONTACT, [raw], party, keys_of(party).envelope)[0]


def consignment(party, to, at, parts=(), **said):
    return write(Consignment(party, to, contact(party, to, at, **said), tuple(parts)))


def checkpoint(party, origin, size, root=bytes(32)):
    """A checkpoint of any log, signed with a party's key for logs."""
    public = keys_of(party).log.public
    key = Vkey(name=origin, kind=Kind.LOG, public=public)
    made = Checkpoint(origin=origin, size=size, root=root)
    return sign_checkpoint(made, key, keys_of(party).log).decode()


# -- keys ------------------------------------------------------------------------------------


def test_a_record_key_that_was_stolen_before_it_signed_a_term_key_stops_nobody_else(nodes):
    kr, jp, us = nodes
    raw = revoking("us", Use.RECORD, NOW - 10, NOW)
    for one in nodes:
        with one.database.transaction():
            one.partners.renew("us", raw, NOW)
    assert kr.partners.term_keys("us", COMMON) == ()
    _ = read_answer(reader(kr.answer("us", consignment("us", "kr", NOW))))
    with pytest.raises(InvalidInput, match="not known"):
        us.tick()  # no key of its own signs one: its own people have to list another
    kr.send([warning()])
    carry([kr, jp])
    assert states(kr) == ["receipted"]


def test_what_cannot_be_said_to_one_partner_does_not_end_the_node(nodes, monkeypatch):
    kr, _, _ = nodes

    def broken(*_, **__):
        raise InvalidInput("nothing can be said", code="x")

    monkeypatch.setattr(kr.contacts, "say", broken)
    raw = consignment("jp", "kr", NOW)
    (result,) = kr.together([lambda: kr.answer("jp", raw)])
    assert isinstance(result, InvalidInput)


def test_a_partner_cannot_shut_out_another_by_listing_its_certificate(nodes):
    kr, _, _ = nodes
    der = make_tls_key(random_of("tls"), START, START + YEARS).certificate
    pin = Public(SPKI, spki_digest(der))
    one = Key(use=Use.TLS, public=pin, since=START, before=START + YEARS, certificate=der)
    with kr.database.transaction():
        kr.partners.renew("jp", next_list("jp", (*keys_of("jp").listed(), one), NOW), NOW)
    assert kr.party_of(pin.raw) == "jp"
    theirs = next_list("us", (*keys_of("us").listed(), one), NOW)
    with pytest.raises(InvalidInput, match="jp"), kr.database.transaction():
        kr.partners.renew("us", theirs, NOW)
    kr.partners.forget()
    assert kr.party_of(pin.raw) == "jp"


def test_a_partner_cannot_keep_out_anothers_term_key_by_publishing_it_first(clock):
    kr, jp, us = (node(party, clock) for party in ("kr", "jp", "us"))
    for one in (kr, jp, us):
        with one.database.transaction():
            for party in ("kr", "jp", "us"):
                raw = key_list(party)
                one.partners.accept(
                    raw, "x", NOW, read_key_list(raw, None, NOW).fingerprint
                )
    public = keys_of("jp").new_term_key(COMMON, "open", XWING)
    for party in ("us", "jp"):
        made = TermKey(party=party, accord=COMMON, term="open", key=public, since=START)
        with kr.database.transaction():
            kr.partners.publish(sign_term_key(made, keys_of(party).record), NOW)
    assert [key.key.id for key in kr.partners.term_keys("jp", COMMON)] == [public.id]


# -- logs ------------------------------------------------------------------------------------


def test_a_partner_that_names_anothers_log_as_its_own_harms_itself_alone(nodes, clock):
    kr, jp, _ = nodes
    kr.send([warning(under=BILATERAL)])
    carry([kr, jp])
    clock.now += 10
    origin = jp.custody.next_index(BILATERAL)[0]
    note = checkpoint("us", origin, 7)
    kr.answer("us", consignment("us", "kr", clock.now, checkpoints={COMMON: note}))
    kr.send([again()])
    carry([kr, jp])
    assert [one.held for one in kr.partners.all() if one.party == "jp"] == [""]
    assert states(kr) == ["receipted", "receipted"]


def again():
    item = replace(gsomia().items["missile-warning-1"], id="missile-warning-again")
    return Sending(item=item, to="jp", content=b"another", under=BILATERAL)


def test_a_succession_from_another_history_of_the_same_size_is_not_followed(nodes):
    kr, _, _ = nodes
    old, new = (f"comity.log/{c * 32}/simulated" for c in "ab")
    note = checkpoint("us", old, 3)
    kr.answer("us", consignment("us", "kr", NOW, checkpoints={COMMON: note}))
    made = Succession(
        party="us", accord=COMMON, old=old, size=3, root="sha256:" + "11" * 32, new=new,
        why="none", at=NOW,
    )  # fmt: skip
    raw = sign_succession(made, keys_of("us").record)
    with kr.database.transaction():
        kr.database.run("insert_succession", ("us", COMMON, old, new, raw, NOW))
    later = checkpoint("us", new, 1)
    kr.answer("us", consignment("us", "kr", NOW, checkpoints={COMMON: later}))
    row = kr.database.one("seen_of", ("us", COMMON))
    assert row["origin"] == old


# -- times -----------------------------------------------------------------------------------


BACKDATED = """[[instrument]]
id = "jp-notice-backdated"
by = ["jp"]
form = "written"
channel = "diplomatic"
sent = "2019-08-01T10:00:00+09:00"
received = "2019-08-01T12:00:00+09:00"
basis = "21(3)"
operations = [{ do = "give_notice", notice = "n8" }]
source = "made for the test"
"""


def test_a_partner_does_not_say_when_its_notice_was_received_here(nodes):
    kr, jp, _ = nodes
    jp.perform(BILATERAL, BACKDATED)
    carry([kr, jp])
    made = next(
        one
        for one in kr.site.world.now().world.instruments
        if one.id == "jp-notice-backdated"
    )
    spans = [span for (stage, _), span in made.times.items() if stage is Stage.RECEIVED]
    assert [span.start for span in spans] == [NOW]


# -- what a refusal tells ------------------------------------------------------------------------


def test_an_accord_of_others_and_one_that_is_none_are_refused_alike(nodes):
    """Whoever names accords at random learns of none."""
    kr, _, us = nodes
    told = []
    for place, accord in enumerate((BILATERAL, "no-such-accord")):
        raw = forged_item(us, "kr", accord, f"probe-{place}")
        answer = read_answer(reader(kr.answer("us", raw)))
        refusal = read_refusal(answer.verdicts[0].said.thing)
        told.append((refusal.reason, refusal.retry, refusal.acts))
    assert told[0] == told[1]
    assert told[0][0] not in (Fault.BAD_ENVELOPE, Fault.BAD_SIGNATURE)


def forged_item(sender, to, accord, name):
    """An item in good form, signed by its sender, under an accord that it only names."""
    keys = keys_of(sender.party)
    item = replace(
        gsomia().items["missile-warning-1"], id=name, originators=(sender.party,)
    )
    salt, content = bytes(32), b"a probe"
    raw = statement_of(item, by=sender.party, content=commitment(salt, [content]), at=NOW)
    stated = sign_group(Signed.STATEMENT, [raw], sender.party, keys.envelope)[0]
    batch = seal_box(
        sender.site.random(32),
        sender.partners.seal_key(to, NOW, XWING),
        id=sender.site.random(16).hex(), profile="hybrid-1",
        sender=sender.party, recipient=to, accord=accord,
    )  # fmt: skip
    padded = padded_size(len(content))
    header = write_header(
        Header(
            profile="hybrid-1", sender=sender.party, recipient=to,
            recipient_key=batch.box.key, box=batch.box.id,
            content=commitment(salt, [content]), accord=accord, version="sha256:" + "0" * 64,
            terms="sha256:" + "0" * 64, acts="sha256:" + "0" * 64,
            precedence=Precedence.ROUTINE, channel="node", at=NOW, padded=padded,
            chunks=chunks_of(padded),
            releasing=Releasing(
                item=name, statement=text.digest_of(raw), articles=(), handle_as=(),
                handle_tags=(), request="sha256:" + "0" * 64, authority=None,
                held_as=item.label.level, held_tags=(), purpose=item.purpose, lineage=(),
                good_before=NOW + 3_600,
            ),
        )
    )  # fmt: skip
    body = seal_bytes(content, salt, header, item_key(batch.key, header.digest))
    thing = header.digest + hashlib.sha256(body).digest()
    signed = sign_group(Signed.ENVELOPE, [thing], sender.party, keys.envelope)[0]
    part = Part(WireKind.ITEM, header.raw, signed, stated, batch.box, body)
    return consignment(sender.party, to, NOW, [part])


# -- answers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed", [{"item": "another-item"}, {"accord": COMMON}, {"accord": None}]
)
def test_a_receipt_for_another_item_or_accord_is_no_answer(nodes, changed):
    kr, jp, _ = nodes
    kr.send([warning(under=BILATERAL)])
    (errand,) = kr.due()
    answer = read_answer(reader(jp.answer("kr", errand.raw)))
    receipt = replace(read_receipt(answer.verdicts[0].said.thing), **changed)
    said = sign_group(
        Signed.RECEIPT, [write_receipt(receipt)], "jp", keys_of("jp").envelope
    )[0]
    forged = replace(answer, verdicts=(Verdict(Signed.RECEIPT, said),))
    with pytest.raises(InvalidInput):
        kr.settle(errand.id, write_answer(forged))
    assert states(kr) == ["queued"]


# -- items -----------------------------------------------------------------------------------


def test_an_item_sealed_to_the_key_of_another_accord_is_not_taken(nodes):
    """Else the end of its own accord, with the keys of its terms, would leave it readable."""
    kr, jp, _ = nodes
    wrong = kr.partners.term_keys("jp", COMMON)
    kr.partners._terms["jp", BILATERAL] = wrong
    kr.send([warning(under=BILATERAL)])
    (errand,) = kr.due()
    answer = read_answer(reader(jp.answer("kr", errand.raw)))
    assert answer.verdicts[0].kind is Signed.REFUSAL
    assert read_refusal(answer.verdicts[0].said.thing).reason == Fault.UNKNOWN_KEY


def test_the_same_item_id_from_two_partners_is_two_entries_of_the_register(nodes):
    kr, jp, _ = nodes
    item = warning().item
    kr.send([again(), warning(under=BILATERAL)])
    carry([kr, jp])
    with jp.database.transaction():  # as if another partner had used its id before
        jp.database._connection.execute("UPDATE register SET item = ?", (item.id,))
    list(jp.open(2, "Sato").content)
    assert jp.acknowledge(2, "Sato") == "2/1"
    told = [(one.serial, one.acknowledged) for one in jp.register.copies(item.id)]
    assert told == [(1, ""), (2, "Sato")]


# -- officers and recovery -------------------------------------------------------------------


def test_an_approval_of_one_who_is_no_officer_any_more_counts_as_none(clock):
    kr, jp = node("kr", clock, officers=1), node("jp", clock)
    acquaint(kr, jp)
    (waiting,) = kr.send([warning(under=BILATERAL)])
    kr.approve(approval("kr", "chris", waiting.matter, NOW))
    listed = next_list("kr", keys_of("kr").listed(), NOW, officers_of("kr")[:2])
    with kr.database.transaction():
        kr.partners.renew("kr", listed, NOW)
    (still,) = kr.send([warning(under=BILATERAL)])
    assert (still.needed, still.given) == (1, ())


def test_what_a_partner_says_of_receipts_at_a_recovery_spoils_no_world(nodes):
    kr, jp, _ = nodes
    jp.perform(BILATERAL, BACKDATED)
    raw = bytes(jp.database.one("instrument", (BILATERAL, "jp-notice-backdated"))["record"])
    with kr.database.transaction():
        kr.acts.relearn(raw, {"kr": 1 << 52, "jp": -1}, NOW)
    kept = kr.database.one("instrument", (BILATERAL, "jp-notice-backdated"))
    assert json.loads(kept["received"]) == {"kr": NOW}
    kr.tick()


def test_a_queued_item_of_an_accord_that_is_no_more_here_stops_nobody_else(nodes):
    kr, jp, _ = nodes
    (sent,) = kr.send([warning(under=BILATERAL)])
    row = kr.database.one("outgoing", (sent.n,))
    asked = {**text.read(bytes(row["request"])), "under": "taken-out"}
    with kr.database.transaction():
        kr.database._connection.execute(
            "UPDATE outgoing SET request = ?, world = 0 WHERE n = ?",
            (text.write(asked), sent.n),
        )
    kr.send([again()])
    carry([kr, jp])
    assert states(kr) == ["never_left", "receipted"]


def test_a_note_from_paper_with_which_the_clock_cannot_be_read_is_not_recorded(nodes):
    kr, jp, _ = nodes
    unreceived = "\n".join(
        line for line in BACKDATED.split("\n") if not line.startswith("received")
    )
    with pytest.raises(InvalidInput):
        kr.record(BILATERAL, unreceived, "on paper")
    kr.tick()
    kr.send([again()])
    carry([kr, jp])
    assert states(kr) == ["receipted"]
