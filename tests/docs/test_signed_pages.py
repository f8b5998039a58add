"""The pages on signed records name every key that is written, every use and every algorithm."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from comity.exchange.keystore import write_node_secrets, write_officer
from comity.exchange.secretfile import COST, COSTS, open_secrets
from comity.exchange.vault import Vault
from comity.signed import (
    Destroyed,
    OfficerWord,
    PartnerTime,
    Revoked,
    TermKey,
    Use,
    sign_destroyed,
    sign_term_key,
    text,
)
from comity.signed.algorithms import PUBLIC_BYTES
from comity.signed.keylist import PAYLOAD_TYPE, key_list_payload
from comity.signed.officers import draft, officer_signers, sign_draft
from comity.signed.partykeys import ALGORITHMS, key_table
from comity.signed.termkey import DESTROYED_TYPE
from comity.signed.termkey import PAYLOAD_TYPE as TERM_TYPE
from docs import pages
from exchange.keys_at_hand import CHEAP, WORDS, secrets_of
from signed.keys import pair, random_of
from signed.lists import FIRST, NODE, T0, officer

SIGNED, KEYS = (pages.text_of(pages.FORMATS / f"{n}.md") for n in ("signed", "keys"))
MADE = TermKey(
    party="jp", accord="a", term="open", key=NODE[5].public, since=T0, before=T0 + 1
)
DONE = Destroyed(
    party="jp",
    accord="a",
    term="open",
    key_id="00",
    at=T0,
    grounds=PartnerTime(party="kr", time=T0),
)


def names(value):
    """Every key of a value, however deep."""
    if isinstance(value, dict):
        return set(value) | {n for inner in value.values() for n in names(inner)}
    return (
        {n for inner in value for n in names(inner)} if isinstance(value, list) else set()
    )


def payload(raw):
    return text.read(text.read_base64(text.read(raw)["payload"]))


REVOKED = key_table(replace(NODE[0], revoked=Revoked(at=T0, why="x"), certificate=b"x"))
WRITTEN = {
    "list": text.read(key_list_payload(FIRST, FIRST.officers)) | {"keys": [REVOKED]},
    "term key": payload(sign_term_key(MADE, pair(1))),
    "destroyed": payload(sign_destroyed(DONE, pair(1))),
    "destroyed by word": payload(
        sign_destroyed(replace(DONE, grounds=OfficerWord(name="x", time=T0)), pair(1))
    ),
    "officer's file": text.read(
        sign_draft(
            draft(FIRST, None, ["anna", "berta"]),
            "anna",
            officer_signers(officer("anna")[1]),
        )
    ),
}


@pytest.mark.parametrize("record", WRITTEN)
def test_every_key_that_is_written_is_on_the_page(record):
    said = set(re.findall(r"[\w-]+", " ".join(pages.words(KEYS) | pages.words(SIGNED))))
    assert names(WRITTEN[record]) <= said


@pytest.mark.parametrize("use", Use)
def test_every_use_stands_in_the_table_with_its_algorithms(use):
    row = next(r for r in pages.rows(KEYS) if r[0] == f"`{use}`")
    assert set(re.findall(r"`([\w-]+)`", row[1])) == ALGORITHMS[use]


def test_every_algorithm_stands_in_the_table_with_its_length():
    said = {
        r[0].strip("`"): int(r[1].split(" ")[0])
        for r in pages.rows(SIGNED)
        if re.match(r"\d+ bytes", r[1])
    }
    assert said == PUBLIC_BYTES


def test_every_type_of_record_is_named():
    assert {PAYLOAD_TYPE, TERM_TYPE, DESTROYED_TYPE} <= pages.words(KEYS)


def test_every_key_of_a_file_of_secrets_is_on_its_page(tmp_path):
    page = pages.text_of(pages.FORMATS / "keystore.md")
    said = set(re.findall(r"[\w-]+", " ".join(pages.words(page))))
    written = {}
    write_node_secrets(tmp_path / "keys", secrets_of("jp"), WORDS, random_of(1), CHEAP)
    write_officer(tmp_path / "officer", "Anna", WORDS, random_of(1), CHEAP)
    for kind in ("node", "officer"):
        raw = (tmp_path / ("keys" if kind == "node" else kind)).read_bytes()
        written[kind] = names(text.read(raw)) | names(open_secrets(kind, raw, WORDS))
    vault = Vault(tmp_path / "vault", secrets_of("jp").vault, random_of(1))
    made = vault.make("a", "open", "x25519")
    raw = (tmp_path / "vault" / f"{made.id}.term").read_bytes()
    written["term"] = names(text.read(raw)) | {"accord", "term", "seed"}
    assert all(keys <= said for keys in written.values())
    costs = f"{COSTS.start} to {COSTS.stop - 1} are read"
    assert f"{COST}, which takes" in page
    assert costs in page
