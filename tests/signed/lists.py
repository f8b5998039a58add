"""A party's officers, keys and lists, for tests."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from comity.signed import (
    ED25519,
    MLDSA65,
    XWING,
    Key,
    KeyList,
    Log,
    Public,
    Use,
    generate,
    text,
)
from comity.signed.officers import (
    draft,
    make_officer,
    officer_signers,
    put_together,
    sign_draft,
)
from signed.keys import random_of

T0 = text.read_time("2019-01-01T00:00:00Z")
YEAR = 31_536_000
NOW = T0 + 1000


@cache
def officer(name, number=0):
    """An officer and its seeds; another number makes other keys of the same name."""
    return make_officer(name, random_of(sum(name.encode()) * 100 + number))


def key(use, alg, number, since=T0, before=T0 + 5 * YEAR, **more):
    public, _ = generate(alg, random_of(number))
    return Key(use=use, public=public, since=since, before=before, **more)


NODE = (
    key(Use.ENVELOPE, ED25519, 10),
    key(Use.RECORD, ED25519, 11),
    key(Use.RECORD, MLDSA65, 12),
    key(Use.LOG, ED25519, 13),
    key(Use.COSIGN, ED25519, 14),
    key(Use.SEAL, XWING, 15),
)
ORIGIN = "comity.log/" + "0a" * 16


def log(accord="gsomia", origin=ORIGIN, public=NODE[3].public):
    raw = text.base64_of(b"\x01" + public.raw)
    return Log(accord=accord, origin=origin, vkey=f"{origin}+01234567+{raw}")


FIRST = KeyList(
    party="jp",
    version=1,
    issued=T0,
    before=T0 + 2 * YEAR,
    threshold=2,
    officers=tuple(officer(name)[0] for name in ("anna", "berta", "chris")),
    keys=NODE,
    addresses=("https://jp.example:8443",),
    logs=(log(),),
)


def next_of(listed, **changes):
    fresh = {
        "version": listed.version + 1,
        "issued": listed.issued + 100,
        "raw": b"",
        "payload": b"",
    }
    return replace(listed, **{**fresh, **changes})


def signed(listed, previous=None, by=("anna", "berta"), now=None, seeds=None):
    """The list, drafted and signed as its officers would."""
    payload = draft(listed, previous, by)
    files = [
        sign_draft(payload, name, officer_signers(seed))
        for name, seed in (seeds or [(name, officer(name)[1]) for name in by])
    ]
    return put_together(payload, files, previous, listed.issued if now is None else now)


def raw_public(alg, number):
    return Public(alg, generate(alg, random_of(number))[0].raw)
