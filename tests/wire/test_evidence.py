"""A bundle proves one exchange by keys from outside, and nothing without them."""

import io
import zipfile
from dataclasses import replace

import pytest

from comity.accords.times import parse_instant
from comity.errors import InvalidInput, NotKnown
from comity.exchange.sending import Sending
from comity.signed import text
from comity.signed.keylist import read_key_list
from comity.signed.partykeys import Revoked, Use
from comity.signed.ring import Ring
from comity.wire.evidence import (
    HEAD,
    NOTHING,
    _in_order,
    _Verifying,
    entries_of,
    open_bundle,
    verify_bundle,
)
from comity.wire.group import Signed, sign_group
from comity.wire.receipt import Refusal, Retry, read_receipt, write_receipt, write_refusal
from exchange.nodes import START, Clock, acquaint, gsomia, key_list, keys_of, node
from wire.bundles import exchange, relisted, rezipped

ANCHORS = {party: [key_list(party)] for party in ("kr", "jp", "us")}


@pytest.fixture(scope="module")
def crossed():
    return exchange()


@pytest.fixture(scope="module")
def bundle(crossed):
    kr, _, digest = crossed
    return kr.evidence(digest)


def test_both_sides_prove_the_same_exchange(crossed):
    kr, jp, digest = crossed
    for one in (kr, jp):
        report = verify_bundle(one.evidence(digest), ANCHORS)
        assert report.proved, list(entries_of(report))
        assert report.simulated


def test_one_exchange_makes_one_file(crossed):
    kr, _, digest = crossed
    assert kr.evidence(digest) == kr.evidence(digest)


def test_without_keys_from_outside_nothing_is_proved(bundle):
    report = verify_bundle(bundle, None)
    assert not report.proved
    assert report.found[-1].words == NOTHING


@pytest.mark.parametrize("party", ["kr", "jp"])
def test_a_party_whose_keys_are_not_known_proves_nothing(bundle, party):
    known = {name: lists for name, lists in ANCHORS.items() if name != party}
    assert not verify_bundle(bundle, known).proved


def test_every_file_of_it_matters(bundle):
    files = open_bundle(bundle)
    for name in files:
        for place in (0, len(files[name]) // 2, len(files[name]) - 1):
            raw = bytearray(files[name])
            raw[place] ^= 1
            changed = {**files, name: bytes(raw)}
            try:
                reports = [
                    verify_bundle(rezipped(changed), ANCHORS),
                    verify_bundle(relisted(changed), ANCHORS) if name != HEAD else None,
                ]
            except InvalidInput:
                continue
            for report in reports:
                if report is not None and not name.startswith("keys/"):
                    assert not report.proved, (name, place)


def test_signed_anew_by_a_stranger_it_is_refused_by_its_unknown_key(bundle):
    files = open_bundle(bundle)
    head = text.read(files[HEAD])
    thing = bytes.fromhex(
        text.digest_of(files["header.json"]).removeprefix("sha256:")
    ) + text.read_digest(head["cipher"])
    (forged,) = sign_group(Signed.ENVELOPE, [thing], "kr", keys_of("stranger").envelope)
    report = verify_bundle(
        relisted({**files, "envelope.group.json": forged.group}), ANCHORS
    )
    assert not report.proved
    assert "is not known" in list(entries_of(report))[-1]


def test_before_the_partner_has_cosigned_there_is_no_bundle():
    clock = Clock(parse_instant("2019-11-22T12:00:00+09:00"))
    kr, jp = (node(party, clock) for party in ("kr", "jp"))
    acquaint(kr, jp)
    item = gsomia().items["missile-warning-1"]
    (sent,) = kr.send([Sending(item=item, to="jp", content=b"a launch")])
    with pytest.raises(NotKnown, match="has not cosigned"):
        kr.evidence(text.read_digest(sent.envelope))


@pytest.mark.parametrize(
    "name",
    ["../header.json", "/header.json", "a/b/header.json", "keys\\x.json", "..", "a//b"],
)
def test_a_name_that_leads_elsewhere_is_refused(bundle, name):
    files = open_bundle(bundle)
    with pytest.raises(InvalidInput):
        open_bundle(rezipped({**files, name: b"x"}))


def test_a_packed_file_is_refused_before_it_is_unpacked():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(HEAD, bytes(50_000_000))
    with pytest.raises(InvalidInput, match="packed"):
        open_bundle(out.getvalue())


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04", b"not a zip file at all"])
def test_what_is_no_zip_file_is_said(raw):
    with pytest.raises(InvalidInput, match="no bundle"):
        open_bundle(raw)


def test_an_item_without_its_originators_word_proves_nothing(bundle):
    files = open_bundle(bundle)
    left = {n: raw for n, raw in files.items() if not n.startswith("statement.")}
    report = verify_bundle(relisted(left), ANCHORS)
    assert not report.proved
    assert "statement.json" in list(entries_of(report))[-1]


def placed(files, kind, thing, party, **more):
    """The files with another thing of a kind, signed by a party."""
    (one,) = sign_group(kind, [thing], party, keys_of(party).envelope)
    head = text.read(files[HEAD])
    head["signed"][str(kind)] = {"index": 0, "proof": ""}
    added = {f"{kind}.json": thing, f"{kind}.group.json": one.group}
    return relisted({**files, **added, HEAD: text.write(head), **more})


def test_a_recipients_receipt_is_of_the_very_entry_that_is_proved(crossed):
    _, jp, digest = crossed
    files = open_bundle(jp.evidence(digest))
    receipt = read_receipt(files["receipt.json"])
    for changed in (
        {"index": receipt.index + 1},
        {"log": "comity.log/" + "ab" * 16},
        {"item": "another"},
        {"accord": "tisa-2014"},
    ):
        made = write_receipt(replace(receipt, **changed))
        report = verify_bundle(placed(files, Signed.RECEIPT, made, "jp"), ANCHORS)
        assert not report.proved, changed
    whole = placed(files, Signed.RECEIPT, write_receipt(receipt), "jp")
    assert verify_bundle(whole, ANCHORS).proved


def test_a_receipt_and_a_refusal_of_one_envelope_prove_neither(bundle):
    files = open_bundle(bundle)
    receipt = read_receipt(files["receipt.json"])
    made = write_refusal(
        Refusal(
            envelope=receipt.envelope,
            sender="kr",
            recipient="jp",
            reason="refused",
            retry=Retry.NEVER,
            at=receipt.at,
            acts=None,
        )
    )
    assert not verify_bundle(placed(files, Signed.REFUSAL, made, "jp"), ANCHORS).proved


def test_files_are_taken_by_their_numbers_and_not_as_words():
    names = [f"amendment-{n}.md" for n in (10, 9, 1, 11, 2)]
    assert sorted(names, key=_in_order) == [f"amendment-{n}.md" for n in (1, 2, 9, 10, 11)]


def test_a_stolen_and_revoked_record_key_makes_no_instrument(bundle):
    """A key list that says nothing of it yet does not bring the key back."""
    head = text.read(open_bundle(bundle)[HEAD])
    assert head["maker"] == "kr"
    first = read_key_list(key_list("kr"), None, START)
    revoked = tuple(
        replace(key, revoked=Revoked(at=START + 5, why="stolen"))
        if key.use is Use.RECORD
        else key
        for key in first.keys
    )
    later = replace(first, version=2, keys=revoked)
    verifying = _Verifying({}, None)
    verifying._ring = Ring.of([(first, later)])
    keys = verifying._any_time(Use.RECORD)
    for key in keys_of("kr").record:
        assert keys("kr", key.public.id) is None
