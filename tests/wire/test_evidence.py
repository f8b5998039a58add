"""A bundle proves one exchange by keys from outside, and nothing without them."""

import io
import zipfile

import pytest

from comity.accords.times import parse_instant
from comity.errors import InvalidInput, NotKnown
from comity.exchange.sending import Sending
from comity.signed import text
from comity.wire.evidence import (
    HEAD,
    NOTHING,
    entries_of,
    open_bundle,
    verify_bundle,
)
from comity.wire.group import Signed, sign_group
from exchange.nodes import Clock, acquaint, gsomia, key_list, keys_of, node
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
