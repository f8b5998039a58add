"""Officers draft, carry, sign and put together a list, and are told what they sign."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comity.errors import InvalidInput
from comity.signed import Revoked, Use, key_list_payload, read_key_list, text
from comity.signed.officers import (
    describe,
    draft,
    following,
    officer_signers,
    put_together,
    revoking,
    sign_draft,
)
from signed.lists import FIRST, NODE, NOW, T0, YEAR, key, officer, signed

ONE = signed(FIRST)
PAYLOAD = draft(FIRST, None, ["anna", "berta"])


def by(name, payload=PAYLOAD, number=0):
    return sign_draft(payload, name, officer_signers(officer(name, number)[1]))


def code_of(call, *args):
    with pytest.raises(InvalidInput) as caught:
        call(*args)
    assert caught.value.hint
    return caught.value.code


def test_two_of_three_sign_apart_and_a_partner_takes_the_list():
    listed = put_together(PAYLOAD, [by("berta"), by("anna")], None, NOW)
    assert read_key_list(listed.raw, None, NOW) == FIRST


def test_one_file_twice_is_one():
    assert put_together(PAYLOAD, [by("anna"), by("berta"), by("anna")], None, NOW) == FIRST


def test_the_file_of_one_who_did_not_sign_is_missed():
    assert code_of(put_together, PAYLOAD, [by("anna")], None, NOW) == "signature-missing"
    assert code_of(put_together, PAYLOAD, [], None, NOW) == "signature-missing"


def test_what_was_signed_of_another_draft_is_not_taken():
    other = draft(replace(FIRST, addresses=()), None, ["anna", "berta"])
    files = [by("anna", other), by("berta")]
    assert code_of(put_together, PAYLOAD, files, None, NOW) == "other-draft"
    nothing = text.write({"format": "something else"})
    assert code_of(put_together, PAYLOAD, [nothing], None, NOW) == "other-draft"


def test_a_file_that_was_changed_is_not_taken():
    body = text.read(by("anna"))
    for bad in (
        [{**body["signatures"][0], "sig": body["signatures"][1]["sig"]}],
        [1],
        [{}],
        [{"keyid": 1, "sig": ""}],
    ):
        files = [text.write({**body, "signatures": bad}), by("berta")]
        code = code_of(put_together, PAYLOAD, files, None, NOW)
        assert code in ("wrong-signature", "signature-missing", "bad-dsse")


def test_one_whom_the_draft_does_not_name_does_not_sign_it():
    assert code_of(by, "chris") == "not-named"
    assert code_of(sign_draft, PAYLOAD, "anna", ()) == "not-named"
    assert code_of(by, "anna", PAYLOAD, 1) == "not-named"


def test_a_draft_with_too_few_or_with_strangers_is_not_written():
    assert code_of(draft, FIRST, None, ["anna"]) == "threshold"
    assert code_of(draft, FIRST, None, ["anna", "anna"]) == "threshold"
    assert code_of(draft, FIRST, None, ["anna", "mallory"]) == "no-officer"
    assert code_of(draft, replace(FIRST, threshold=0), None, ["anna"]) == "bad-key-list"


def test_an_officer_who_leaves_signs_once_more_if_the_old_list_needs_it():
    officers = (FIRST.officers[0], officer("dora")[0])
    listed = replace(following(ONE, issued=T0 + 5, before=T0 + YEAR), officers=officers)
    assert code_of(draft, listed, ONE, ["anna", "dora"]) == "threshold"
    two = signed(listed, ONE, by=("anna", "berta", "dora"))
    assert two.version == 2
    assert two.fingerprint != ONE.fingerprint


def test_an_officer_with_new_keys_signs_with_the_old_and_the_new():
    officers = (officer("anna", 1)[0], *FIRST.officers[1:])
    listed = replace(following(ONE, issued=T0 + 5, before=T0 + YEAR), officers=officers)
    payload = draft(listed, ONE, ["anna", "berta"])
    files = [by("anna", payload, 1), by("berta", payload)]
    assert code_of(put_together, payload, files, ONE, NOW) == "signature-missing"
    two = put_together(payload, [*files, by("anna", payload)], ONE, NOW)
    assert two.officers == officers


def test_a_key_is_revoked_and_stays_in_the_list():
    stolen = NODE[0].public.id
    keys = revoking(ONE.keys, stolen, Revoked(at=T0 + 3, why="stolen"))
    assert [k.public for k in keys] == [k.public for k in NODE]
    assert keys[0].revoked == Revoked(at=T0 + 3, why="stolen")
    assert code_of(revoking, ONE.keys, "00", Revoked(at=T0, why="x")) == "no-key"
    for later in (T0 + 3, T0 + 4):
        again = Revoked(at=later, why="again")
        assert code_of(revoking, keys, stolen, again) == "revoked-already"
    assert revoking(keys, stolen, Revoked(at=T0 + 2, why="x"))[0].revoked.at == T0 + 2


def test_an_officer_reads_what_the_draft_changes():
    fresh = key(Use.ENVELOPE, "ed25519", 70, since=T0 + 5)
    listed = replace(
        following(ONE, issued=T0 + 5, before=T0 + YEAR),
        keys=(*revoking(ONE.keys, NODE[0].public.id, Revoked(at=T0, why="x")), fresh),
        addresses=("https://new.example",),
        logs=(),
        officers=(*FIRST.officers, officer("dora")[0]),
    )
    said = describe(draft(listed, ONE, ["anna", "berta"]), ONE)
    assert said[0] == "version 2 of the keys of jp"
    assert f"fingerprint {listed.fingerprint}" in said
    assert f"the officers change; the fingerprint was {ONE.fingerprint}" in said
    plus = [line for line in said if line.startswith("+")]
    minus = [line for line in said if line.startswith("-")]
    assert [line.split(" ")[1] for line in plus] == ["officer", "key", "key", "address"]
    assert [line.split(" ")[1] for line in minus] == ["key", "address", "log"]
    assert any("revoked from 2019-01-01T00:00:00Z" in line for line in plus)


def test_a_draft_that_changes_nothing_but_its_time_says_so_by_saying_nothing():
    payload = draft(following(ONE, issued=T0 + 5, before=T0 + YEAR), ONE, ["anna", "berta"])
    assert len(describe(payload, ONE)) == 4


def test_what_is_no_draft_is_neither_shown_nor_signed():
    for raw in (b"", b"{}", ONE.raw):
        with pytest.raises(InvalidInput):
            describe(raw, None)
        with pytest.raises(InvalidInput):
            sign_draft(raw, "anna", officer_signers(officer("anna")[1]))
    assert describe(key_list_payload(FIRST, ()), None)
