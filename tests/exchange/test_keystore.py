"""Keys lie encrypted under a passphrase, work as functions, and end for good."""

from __future__ import annotations

import gc
import logging
import os
import resource
import traceback
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import InvalidInput, NotAtHand, NotKnown
from comity.exchange import keystore, secretfile
from comity.exchange.keystore import (
    Keyring,
    forbid_core_dumps,
    listing,
    make_node_secrets,
    read_node_secrets,
    read_officer,
    renewing,
    write_node_secrets,
    write_officer,
)
from comity.exchange.secretfile import COST, COSTS, open_secrets, seal_secrets, unwrap, wrap
from comity.exchange.vault import Vault
from comity.signed import (
    ED25519,
    MLDSA65,
    SPKI,
    X25519,
    XWING,
    Ring,
    Secret,
    Use,
    algorithms,
    text,
)
from comity.wire.seal import encrypt_to
from exchange.keys_at_hand import CHEAP, NOW, WORDS, list_of, secrets_of
from signed.keys import random_of
from signed.lists import T0, YEAR, signed

JP = secrets_of("jp")
BODY = {"a": "secret word", "b": [1, 2]}
SEALED = seal_secrets("node", BODY, WORDS, random_of(1), CHEAP)


def code_of(call, *args):
    with pytest.raises((InvalidInput, NotKnown)) as caught:
        call(*args)
    assert caught.value.hint
    return caught.value.code


# -- a file under a passphrase -------------------------------------------------------------


def test_what_was_sealed_opens_with_its_passphrase():
    assert open_secrets("node", SEALED, WORDS) == BODY
    assert b"secret word" not in SEALED


@pytest.mark.parametrize("words", ["", WORDS + " ", WORDS[:-1], WORDS.upper()])
def test_another_passphrase_opens_nothing(words):
    assert code_of(open_secrets, "node", SEALED, words) == "wrong-passphrase"


def test_a_passphrase_is_the_same_however_its_letters_are_composed():
    sealed = seal_secrets("node", BODY, "clés à clés", random_of(1), CHEAP)
    assert open_secrets("node", sealed, "cle\u0301s a\u0300 cle\u0301s") == BODY


def test_a_short_passphrase_is_refused():
    for words in ("", "seven77"):
        code = code_of(seal_secrets, "node", BODY, words, random_of(1), CHEAP)
        assert code == "short-passphrase"
    assert seal_secrets("node", BODY, "eight888", random_of(1), CHEAP)


def test_the_same_secrets_twice_are_other_bytes():
    assert seal_secrets("node", BODY, WORDS, random_of(2), CHEAP) != SEALED


HEAD = {k: v for k, v in text.read(SEALED).items() if k != "sealed"}


@pytest.mark.parametrize("name", sorted(HEAD))
def test_nothing_in_the_head_may_change(name):
    other = {
        "cost": CHEAP + 1,
        "format": "comity-secrets/2",
        "kdf": "pbkdf2",
        "kind": "officer",
        "nonce": text.base64_of(bytes(12)),
        "salt": text.base64_of(bytes(32)),
    }[name]
    raw = text.write({**text.read(SEALED), name: other})
    wanted = {"format": "newer-format", "kdf": "newer-format", "kind": "other-type"}
    code = code_of(open_secrets, "node", raw, WORDS)
    assert code == wanted.get(name, "wrong-passphrase")


def test_an_unknown_key_in_the_head_is_bound_as_well():
    raw = text.write({**text.read(SEALED), "more": 1})
    assert code_of(open_secrets, "node", raw, WORDS) == "wrong-passphrase"


def test_a_file_of_one_kind_does_not_pass_for_another():
    assert code_of(open_secrets, "officer", SEALED, WORDS) == "other-type"
    raw = text.write({**text.read(SEALED), "kind": "officer"})
    assert code_of(open_secrets, "officer", raw, WORDS) == "wrong-passphrase"


@pytest.mark.parametrize("cost", [0, 13, 21, 62, -1, True, "17", None])
def test_a_file_that_is_cheap_to_guess_or_endless_to_open_is_refused(cost):
    raw = text.write({**text.read(SEALED), "cost": cost})
    assert code_of(open_secrets, "node", raw, WORDS) == "bad-secrets"
    if type(cost) is int:
        assert (
            code_of(seal_secrets, "node", BODY, WORDS, random_of(1), cost) == "bad-secrets"
        )


def test_the_cost_of_a_real_file_is_a_hundred_megabytes():
    assert COST in COSTS
    assert 1024 << COST >= 100_000_000


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_byte_of_a_file_may_change(data):
    place = data.draw(st.integers(0, len(SEALED) - 1))
    bad = bytearray(SEALED)
    bad[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(InvalidInput):
        open_secrets("node", bytes(bad), WORDS)


def test_what_is_wrapped_opens_with_its_key_and_domain_alone():
    key = Secret(bytes(range(32)))
    sealed = wrap(key, b"a", b"word", random_of(1))
    assert unwrap(key, b"a", sealed) == b"word"
    for bad in (
        (Secret(bytes(32)), b"a", sealed),
        (key, b"b", sealed),
        (key, b"a", sealed[:-1]),
        (key, b"a", b""),
        (key, b"a", sealed[:12]),
    ):
        assert code_of(unwrap, *bad) == "bad-secrets"


# -- a node's keys -------------------------------------------------------------------------


def test_a_node_has_a_key_for_each_use_and_algorithm():
    made = {(key.use, key.public.alg) for key in listing(JP, T0, T0 + YEAR)}
    wanted = {(use, alg) for use, algs in keystore.NEW.items() for alg in algs}
    assert made == wanted | {(Use.TLS, SPKI)}
    assert {use for use, _ in made} == set(Use)


def test_no_node_is_made_without_an_algorithm(monkeypatch):
    for missing in (MLDSA65, XWING):
        monkeypatch.setattr(algorithms, "probe", lambda alg, m=missing: alg != m)
        with pytest.raises(NotAtHand):
            make_node_secrets(random_of(1), T0, T0 + YEAR)


def test_a_node_reads_back_the_keys_that_it_wrote(tmp_path):
    path = tmp_path / "keys"
    write_node_secrets(path, JP, WORDS, random_of(1), CHEAP)
    assert read_node_secrets(path, WORDS) == JP
    write_node_secrets(path, JP, WORDS + "!", random_of(2), CHEAP)
    assert code_of(read_node_secrets, path, WORDS) == "wrong-passphrase"
    assert read_node_secrets(path, WORDS + "!") == JP
    path.chmod(0o644)
    assert code_of(read_node_secrets, path, WORDS + "!") == "keys-readable"


def test_no_secret_stands_in_the_file(tmp_path):
    path = tmp_path / "keys"
    write_node_secrets(path, JP, WORDS, random_of(1), CHEAP)
    raw = path.read_bytes()
    for secret in secrets_in(JP):
        assert secret not in raw
        assert text.base64_of(secret).encode() not in raw


def secrets_in(made):
    keys = [key.secret.seed for key in (*made.keys, *made.tls)]
    return [*keys, made.own.seed, made.vault.seed]


def keyring(tmp_path, secrets=JP, lists=(), clock=lambda: NOW, party="jp"):
    (tmp_path / "vault").mkdir(mode=0o700, exist_ok=True)
    ring = Ring.of([lists or (list_of(party),)])
    vault = Vault(tmp_path / "vault", secrets.vault, random_of(5))
    return Keyring(party, secrets, vault, lambda: ring, clock, random_of(6))


def test_each_use_signs_with_its_own_listed_key(tmp_path):
    keys = keyring(tmp_path)
    signers = [keys.envelope, *keys.record, keys.log, keys.cosign]
    stored = {(k.use, k.public.alg): k.public for k in JP.keys}
    assert [s.public for s in signers] == [
        stored[Use.ENVELOPE, ED25519],
        stored[Use.RECORD, ED25519],
        stored[Use.RECORD, MLDSA65],
        stored[Use.LOG, ED25519],
        stored[Use.COSIGN, ED25519],
    ]
    for one in signers:
        assert one.public.verify(one.sign(b"word"), b"word")
    assert keys.tls == JP.tls[0]


def test_a_key_that_is_not_listed_or_has_ended_signs_nothing(tmp_path):
    nobody = keyring(tmp_path, secrets=secrets_of("kr"))
    late = keyring(tmp_path, clock=lambda: T0 + 2 * YEAR)
    for keys in (nobody, late):
        for use in ("envelope", "record", "log", "cosign", "tls"):
            assert code_of(getattr, keys, use) == "no-key"


def test_a_new_key_works_from_when_it_is_listed_and_the_old_one_opens_still(tmp_path):
    secrets = JP
    for use in (Use.ENVELOPE, Use.SEAL, Use.TLS):
        secrets = renewing(secrets, use, random_of(50), T0, T0 + YEAR)
    assert keyring(tmp_path, secrets).envelope.public == JP.keys[0].public
    one = list_of("jp")
    fresh = listing(secrets, T0 + 10, T0 + YEAR)
    keys = [k for k in fresh if k.public not in {old.public for old in one.keys}]
    later = replace(
        one, version=2, issued=T0 + 5, keys=(*one.keys, *keys), raw=b"", payload=b""
    )
    two = signed(later, one)
    clock = [T0 + 9]
    working = keyring(tmp_path, secrets, (one, two), lambda: clock[0])
    assert working.envelope.public == JP.keys[0].public
    assert working.tls == JP.tls[0]
    clock[0] = T0 + 10
    assert working.envelope.public == secrets.keys[len(JP.keys)].public
    assert working.tls == secrets.tls[1]
    for key in secrets.keys:
        if key.use is Use.SEAL:
            sealed = encrypt_to(key.public, b"i", b"word")
            assert working.opener(key.public.id).open(sealed, b"i") == b"word"


def test_a_node_keeps_secrets_for_itself(tmp_path):
    keys = keyring(tmp_path)
    kept = keys.keep(b"batch key")
    assert b"batch key" not in kept
    assert keys.kept(kept) == b"batch key"
    assert keys.keep(b"batch key") != kept
    assert code_of(keyring(tmp_path, secrets_of("kr")).kept, kept) == "bad-secrets"


# -- term keys -----------------------------------------------------------------------------


@pytest.mark.parametrize("alg", [XWING, X25519])
def test_what_is_sealed_to_a_term_key_opens_until_it_is_destroyed(tmp_path, alg):
    keys = keyring(tmp_path)
    public = keys.new_term_key("gsomia", "2019-11-23", alg)
    sealed = encrypt_to(public, b"i", b"word")
    again = keyring(tmp_path)
    assert again.opener(public.id).open(sealed, b"i") == b"word"
    again.destroy_term_key(public.id)
    again.destroy_term_key(public.id)
    assert again.opener(public.id) is None
    assert keyring(tmp_path).opener(public.id) is None
    assert list((tmp_path / "vault").iterdir()) == []


def test_one_term_key_is_destroyed_and_the_others_are_not(tmp_path):
    keys = keyring(tmp_path)
    made = [keys.new_term_key("gsomia", f"20{n}-11-23", X25519) for n in range(18, 22)]
    keys.destroy_term_key(made[1].id)
    held = {term.public for term in keys.vault.held()}
    assert held == {made[0], made[2], made[3]}
    assert {(t.accord, t.term) for t in keys.vault.held()} == {
        ("gsomia", f"20{n}-11-23") for n in (18, 20, 21)
    }


def test_destroying_what_is_no_term_key_destroys_nothing(tmp_path):
    keys = keyring(tmp_path)
    (tmp_path / "node.term").write_bytes(b"x")
    seal = next(k for k in JP.keys if k.use is Use.SEAL)
    for key in (seal.public.id, "../node", "00" * 16, "", "*"):
        keys.destroy_term_key(key)
    assert keys.opener(seal.public.id) is not None
    assert keys.opener("../node") is None
    assert (tmp_path / "node.term").exists()


def test_the_bytes_of_a_destroyed_key_are_written_over(tmp_path):
    keys = keyring(tmp_path)
    public = keys.new_term_key("gsomia", "open", X25519)
    path = tmp_path / "vault" / f"{public.id}.term"
    before = path.read_bytes()
    (tmp_path / "second-name").hardlink_to(path)
    keys.destroy_term_key(public.id)
    after = (tmp_path / "second-name").read_bytes()
    assert len(after) == len(before)
    assert all(before[n : n + 8] not in after for n in range(len(before) - 8))


def copies_in_memory(masked, mask):
    """How often 32 bytes stand in what this process may write, with those of the search."""
    needle = bytes(one ^ other for one, other in zip(masked, mask, strict=True))
    found = 0
    with Path("/proc/self/mem").open("rb", 0) as memory:
        for line in Path("/proc/self/maps").read_text().splitlines():
            span, rights, *_ = line.split()
            if not rights.startswith("rw") or "[v" in line:
                continue
            start, end = (int(number, 16) for number in span.split("-"))
            with suppress(OSError):
                memory.seek(start)
                found += memory.read(end - start).count(needle)
    return found


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="not run: no /proc here")
@pytest.mark.parametrize("alg", [XWING, X25519])
def test_a_destroyed_key_is_in_no_file_and_no_longer_in_memory(tmp_path, alg):
    drawn, mask = [], os.urandom(32)

    def masked(raw):
        return bytes(one ^ other for one, other in zip(raw, mask, strict=True))

    def random(count):
        raw = os.urandom(count)
        if count == 32:
            drawn.append(masked(raw))
        return raw

    keys = keyring(tmp_path)
    keys = replace(keys, vault=Vault(tmp_path / "vault", JP.vault, random))
    public = keys.new_term_key("gsomia", "open", alg)
    (seed,) = drawn
    assert keys.opener(public.id).open(encrypt_to(public, b"i", b"word"), b"i") == b"word"
    nothing = copies_in_memory(os.urandom(32), mask)
    keys.destroy_term_key(public.id)
    gc.collect()
    assert copies_in_memory(seed, mask) == nothing
    for path in tmp_path.rglob("*"):
        if path.is_file():
            raw = bytes(one ^ other for one, other in zip(seed, mask, strict=True))
            assert raw not in path.read_bytes()


def test_neither_accord_nor_seed_stands_in_a_term_keys_file(tmp_path):
    keys = keyring(tmp_path)
    public = keys.new_term_key("secret-accord", "open", XWING)
    found = keys.vault.get(public.id)
    (path,) = (tmp_path / "vault").iterdir()
    raw = path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    assert b"secret-accord" not in raw
    assert found.secret.seed not in raw
    assert text.base64_of(found.secret.seed).encode() not in raw
    assert found.accord == "secret-accord"


def test_a_term_keys_file_of_another_node_or_another_key_opens_nothing(tmp_path):
    keys = keyring(tmp_path)
    one, two = (keys.new_term_key("gsomia", t, X25519) for t in ("a", "b"))
    folder = tmp_path / "vault"
    strange = keyring(tmp_path, secrets_of("kr"))
    assert code_of(strange.opener, one.id) == "bad-secrets"
    (folder / f"{one.id}.term").write_bytes((folder / f"{two.id}.term").read_bytes())
    assert code_of(keys.opener, one.id) == "bad-secrets"
    assert keys.opener(two.id)


def test_a_vault_that_others_may_look_into_is_refused(tmp_path):
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault").chmod(0o755)
    with pytest.raises(InvalidInput) as caught:
        Vault(tmp_path / "vault", JP.vault, random_of(1))
    assert caught.value.code == "keys-readable"


def test_a_vault_is_made_for_its_owner_alone(tmp_path):
    Vault(tmp_path / "vault", JP.vault, random_of(1))
    assert (tmp_path / "vault").stat().st_mode & 0o777 == 0o700


# -- officers ------------------------------------------------------------------------------


def test_an_officers_keys_are_read_back_and_sign(tmp_path):
    made = write_officer(tmp_path / "anna", "Anna", WORDS, random_of(1), CHEAP)
    officer, signers = read_officer(tmp_path / "anna", WORDS)
    assert officer == made
    assert [s.public for s in signers] == [made.ed25519, made.mldsa65]
    assert code_of(read_officer, tmp_path / "anna", WORDS + "x") == "wrong-passphrase"
    again = (tmp_path / "anna", "Anna", WORDS, random_of(2), CHEAP)
    assert code_of(write_officer, *again) == "file-exists"


def test_an_officers_keys_do_not_lie_in_a_nodes_folder(tmp_path):
    (tmp_path / "node.toml").write_text("")
    (tmp_path / "deep").mkdir()
    for path in (tmp_path / "anna", tmp_path / "deep" / "anna"):
        code = code_of(write_officer, path, "Anna", WORDS, random_of(1), CHEAP)
        assert code == "officer-in-node"
        assert not path.exists()


def test_an_officers_file_is_no_nodes(tmp_path):
    write_officer(tmp_path / "anna", "Anna", WORDS, random_of(1), CHEAP)
    assert code_of(read_node_secrets, tmp_path / "anna", WORDS) == "other-type"


# -- nothing is told -----------------------------------------------------------------------


def test_no_value_prints_a_secret(tmp_path):
    keys = keyring(tmp_path)
    public = keys.new_term_key("gsomia", "open", X25519)
    values = [
        JP,
        *JP.keys,
        *JP.tls,
        JP.own,
        keys,
        keys.vault,
        keys.vault.get(public.id),
        keys.opener(public.id),
        keys.envelope,
        keys.record,
    ]
    secrets = [*secrets_in(JP), keys.vault.get(public.id).secret.seed]
    for value in values:
        for shown in (repr(value), str(value), f"{value!r:>10}"):
            for secret in secrets:
                assert secret.hex()[:10] not in shown
                assert repr(secret)[2:14] not in shown
                assert text.base64_of(secret)[:10] not in shown


def test_no_error_or_log_tells_a_secret(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    path = tmp_path / "keys"
    write_node_secrets(path, JP, WORDS, random_of(1), CHEAP)
    typed = WORDS[::-1]
    with pytest.raises(InvalidInput) as caught:
        read_node_secrets(path, typed)
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert typed not in told
    assert WORDS not in told
    for secret in secrets_in(JP):
        assert secret.hex()[:10] not in told


def test_a_core_dump_is_forbidden():
    forbid_core_dumps()
    assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)


def test_a_bad_head_in_a_file_is_refused_by_its_own_words():
    assert code_of(open_secrets, "node", b"", WORDS) == "not-json"
    assert code_of(open_secrets, "node", b"{}", WORDS) == "bad-base64"
    assert secretfile.LIMIT < 1 << 21
