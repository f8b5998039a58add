"""A key counts for its party, its use and its time; what a revocation takes is never given back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import InvalidInput, NotKnown
from comity.signed import (
    ED25519,
    MLDSA65,
    SPKI,
    XWING,
    Key,
    Named,
    Public,
    Revoked,
    Ring,
    Use,
    open_signed,
    sign,
    signers_table,
    text,
)
from signed.keys import ed
from signed.lists import FIRST, NODE, NOW, T0, YEAR, key, next_of, signed

ENVELOPE, RECORD = NODE[0], NODE[1]


def history(*lists):
    """Each list signed after the one before."""
    kept = []
    for listed in lists:
        kept.append(signed(listed, kept[-1] if kept else None))
    return tuple(kept)


def ring(*lists):
    return Ring.of([history(*lists)])


def counts(of, key, at, use=None):
    return of.key("jp", key.public.id, use or key.use, at) == key.public


def test_a_key_counts_from_its_since_until_its_before():
    short = replace(ENVELOPE, since=T0 + 10, before=T0 + 20)
    of = ring(replace(FIRST, keys=(short, *NODE[1:])))
    said = [counts(of, short, T0 + n) for n in (9, 10, 19, 20)]
    assert said == [False, True, True, False]


def test_a_key_is_for_one_use_of_one_party():
    of = ring(FIRST)
    assert counts(of, ENVELOPE, NOW)
    for use in set(Use) - {Use.ENVELOPE}:
        assert of.key("jp", ENVELOPE.public.id, use, NOW) is None
    assert of.key("kr", ENVELOPE.public.id, Use.ENVELOPE, NOW) is None
    assert of.key("jp", "00" * 16, Use.ENVELOPE, NOW) is None


def test_no_key_counts_once_the_newest_list_has_expired():
    of = ring(replace(FIRST, before=T0 + 50))
    assert counts(of, ENVELOPE, T0 + 49)
    assert not counts(of, ENVELOPE, T0 + 50)


def test_a_newer_list_lets_its_keys_go_on():
    of = ring(
        replace(FIRST, before=T0 + 50), next_of(FIRST, issued=T0 + 40, before=T0 + 90)
    )
    assert counts(of, ENVELOPE, T0 + 60)


def test_a_revoked_key_counts_for_what_was_before():
    revoked = replace(ENVELOPE, revoked=Revoked(at=T0 + 70, why="stolen"))
    of = ring(FIRST, next_of(FIRST, keys=(revoked, *NODE[1:])))
    assert counts(of, ENVELOPE, T0 + 69)
    assert not counts(of, ENVELOPE, T0 + 70)
    assert not counts(of, ENVELOPE, T0 + 5000)


@pytest.mark.parametrize(
    "after", [None, Revoked(at=T0 + 5000, why="later"), Revoked(at=T0 + 60, why="earlier")]
)
def test_a_revocation_is_not_taken_back_and_may_begin_earlier(after):
    first = replace(ENVELOPE, revoked=Revoked(at=T0 + 70, why="stolen"))
    second = replace(ENVELOPE, revoked=after)
    two = next_of(FIRST, keys=(first, *NODE[1:]))
    of = ring(FIRST, two, next_of(two, keys=(second, *NODE[1:])))
    end = 60 if after is not None and after.at == T0 + 60 else 70
    assert counts(of, ENVELOPE, T0 + end - 1)
    assert not counts(of, ENVELOPE, T0 + end)


def test_a_key_that_a_version_leaves_out_ends_with_its_issue_and_does_not_come_back():
    without = next_of(FIRST, issued=T0 + 30, keys=NODE[1:])
    of = ring(FIRST, without, next_of(without, issued=T0 + 40, keys=NODE))
    assert counts(of, ENVELOPE, T0 + 29)
    assert not counts(of, ENVELOPE, T0 + 30)
    assert not counts(of, ENVELOPE, T0 + 50)
    assert counts(of, RECORD, T0 + 50)


def test_adding_what_is_kept_changes_nothing():
    one, two = history(FIRST, next_of(FIRST))
    of = Ring.of([(one, two)])
    assert of.adding(one) is of
    assert of.adding(two) is of
    assert Ring.of([(one,)]).adding(two) == of
    assert Ring().adding(one) == Ring.of([(one,)])
    assert of.newest("jp") is two
    assert of.newest("kr") is None


def test_an_empty_ring_knows_nobody():
    assert Ring().key("jp", ENVELOPE.public.id, Use.ENVELOPE, NOW) is None
    assert Ring().keys("jp", Use.ENVELOPE, NOW) == ()


def test_the_key_for_new_things_is_the_one_begun_last():
    fresh = key(Use.ENVELOPE, ED25519, 50, since=T0 + 100)
    of = ring(FIRST, next_of(FIRST, keys=(*NODE, fresh)))
    assert of.one("jp", Use.ENVELOPE, ED25519, T0 + 99) == ENVELOPE.public
    assert of.one("jp", Use.ENVELOPE, ED25519, T0 + 100) == fresh.public
    assert [k.public for k in of.keys("jp", Use.ENVELOPE, T0 + 100)] == [
        fresh.public,
        ENVELOPE.public,
    ]
    assert of.one("jp", Use.SEAL, XWING, NOW) == NODE[5].public


def test_a_party_without_such_a_key_is_said_to_have_none():
    of = ring(FIRST)
    for use, alg, at in (
        (Use.SEAL, "x25519", NOW),
        (Use.ENVELOPE, MLDSA65, NOW),
        (Use.ENVELOPE, ED25519, T0 + 9 * YEAR),
    ):
        with pytest.raises(NotKnown) as caught:
            of.one("jp", use, alg, at)
        assert caught.value.code == "no-key"


def test_a_record_is_opened_with_the_keys_of_its_use_and_time():
    named = [Named(party="jp", key=ENVELOPE.public)]
    kind = "application/vnd.comity.test+json"
    raw = sign(kind, text.write({"signers": signers_table(named)}), [ed(10)])
    of = ring(FIRST)
    assert open_signed(raw, kind, of.for_use(Use.ENVELOPE, NOW), {ED25519})
    for use, at in (
        (Use.COSIGN, NOW),
        (Use.ENVELOPE, T0 - 1),
        (Use.ENVELOPE, T0 + 9 * YEAR),
    ):
        with pytest.raises(InvalidInput) as caught:
            open_signed(raw, kind, of.for_use(use, at), {ED25519})
        assert caught.value.code == "signer-unknown"


def tls(raw, since=T0, before=T0 + YEAR):
    """A pin whose certificate nobody looks at: a ring does not read certificates."""
    return Key(use=Use.TLS, public=Public(SPKI, raw), since=since, before=before)


def test_a_certificate_is_whose_list_has_its_digest_then():
    one = replace(FIRST, keys=(tls(b"\x01" * 32), tls(b"\x02" * 32, since=T0 + 50)))
    two = replace(FIRST, party="kr", keys=(tls(b"\x03" * 32),))
    of = Ring({"jp": (one,), "kr": (two,)})
    assert of.party_of_tls(b"\x01" * 32, T0) == "jp"
    assert of.party_of_tls(b"\x03" * 32, T0) == "kr"
    assert of.party_of_tls(b"\x02" * 32, T0 + 49) is None
    assert of.party_of_tls(b"\x02" * 32, T0 + 50) == "jp"
    assert of.party_of_tls(b"\x01" * 32, T0 + YEAR) is None
    assert of.party_of_tls(b"\x04" * 32, T0) is None


def test_a_certificate_that_two_parties_claim_is_nobodys():
    of = Ring(
        {
            "jp": (replace(FIRST, keys=(tls(b"\x01" * 32),)),),
            "kr": (replace(FIRST, party="kr", keys=(tls(b"\x01" * 32),)),),
        }
    )
    assert of.party_of_tls(b"\x01" * 32, T0) is None


SPANS = st.tuples(st.integers(0, 40), st.integers(1, 60))
ENDS = st.none() | st.integers(0, 99)


@given(st.lists(st.none() | st.tuples(SPANS, ENDS), min_size=1, max_size=5), st.data())
def test_a_ring_says_what_its_versions_say_one_by_one(listings, data):
    """Beside a plain reading of the rule, over any history of one key."""
    versions = []
    for place, listing in enumerate(listings):
        keys = ()
        if listing is not None:
            (since, length), end = listing
            revoked = None if end is None else Revoked(at=end, why="x")
            keys = (replace(ENVELOPE, since=since, before=since + length, revoked=revoked),)
        versions.append(
            replace(FIRST, version=place + 1, issued=10 * place, before=70, keys=keys)
        )
    at = data.draw(st.integers(0, 99))
    first = next((n for n, v in enumerate(versions) if v.keys), None)
    wanted = False
    if first is not None:
        last = first
        while last + 1 < len(versions) and versions[last + 1].keys:
            last += 1
        held = versions[last].keys[0]
        ends = [
            v.keys[0].revoked.at for v in versions[first : last + 1] if v.keys[0].revoked
        ]
        if last + 1 < len(versions):
            ends.append(versions[last + 1].issued)
        wanted = held.since <= at < min([held.before, 70, *ends])
    assert counts(Ring({"jp": tuple(versions)}), ENVELOPE, at) == wanted
