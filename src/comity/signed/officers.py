"""The officers' side of a key list: drafted, carried by hand, signed apart, put together.

The keys of the officers never meet. One drafts the payload and names who is to sign; each
signs on a machine of their own and hands back a small file; whoever has enough of them
puts the list together. The walk is in ``docs/formats/keys.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final, NoReturn

from comity.errors import InvalidInput
from comity.signed import text
from comity.signed.algorithms import ED25519, MLDSA65, Random, Secret, Signer, generate
from comity.signed.algorithms import signer as signer_of
from comity.signed.dsse import assemble, signature
from comity.signed.keylist import (
    PAYLOAD_TYPE,
    KeyList,
    key_list_payload,
    read_key_list,
    unverified,
)
from comity.signed.partykeys import Key, Officer, Revoked

SIGNATURE_FORMAT: Final = "comity-key-signature/1"


def make_officer(name: str, random: Random) -> tuple[Officer, tuple[Secret, Secret]]:
    """Return a new officer, and the seeds of the Ed25519 and of the ML-DSA-65 key.

    Raises:
        NotAtHand: ML-DSA is missing from this machine.
    """
    (ed25519, first), (mldsa65, second) = (generate(a, random) for a in (ED25519, MLDSA65))
    return Officer(name=name, ed25519=ed25519, mldsa65=mldsa65), (first, second)


def officer_signers(secrets: tuple[Secret, Secret]) -> tuple[Signer, Signer]:
    """Return the signers of an officer's two seeds."""
    return signer_of(ED25519, secrets[0]), signer_of(MLDSA65, secrets[1])


def following(previous: KeyList, *, issued: int, before: int) -> KeyList:
    """Return the next version of a list, to be changed with `replace`, drafted and signed."""
    return replace(
        previous,
        version=previous.version + 1,
        issued=issued,
        before=before,
        raw=b"",
        payload=b"",
    )


def revoking(keys: Sequence[Key], key_id: str, revoked: Revoked) -> tuple[Key, ...]:
    """Return the keys of a list with one of them revoked. It stays in the list.

    Raises:
        InvalidInput: no key has that id, or it is revoked from an earlier time already.
    """
    if all(key.public.id != key_id for key in keys):
        _refuse(
            "no-key",
            f"no key of the list has the id `{key_id}`",
            f"its keys are {', '.join(key.public.id for key in keys)}",
        )
    return tuple(
        _revoking(key, revoked) if key.public.id == key_id else key for key in keys
    )


def draft(listed: KeyList, previous: KeyList | None, by: Sequence[str]) -> bytes:
    """Return the payload that the officers named are to sign: as bytes, for a file.

    An officer of the list before who is none any more may be named as well; one who is
    given new keys signs with the old and the new.

    Raises:
        InvalidInput: a name that is no officer's, too few of the old or the new list, or
            something in the list that does not fit together.
    """
    roots = (listed,) if previous is None else (listed, previous)
    signing = [one for name in dict.fromkeys(by) for one in _officers(name, roots)]
    for root in roots:
        count = sum(officer in root.officers for officer in signing)
        if count < root.threshold:
            _refuse(
                "threshold",
                f"{count} of those who are to sign are officers of version {root.version},"
                f" and {root.threshold} are needed",
                f"name more of {', '.join(officer.name for officer in root.officers)}",
            )
    payload = key_list_payload(listed, signing)
    _ = unverified(payload)
    return payload


def describe(payload: bytes, previous: KeyList | None) -> tuple[str, ...]:
    """Return what a draft says, and what it changes, in lines to read before signing.

    Raises:
        InvalidInput: it is no draft of a list.
    """
    listed = unverified(payload)
    lines = [
        f"version {listed.version} of the keys of {listed.party}",
        f"issued {text.time_text(listed.issued)}, to count before"
        f" {text.time_text(listed.before)}",
        f"{listed.threshold} of {len(listed.officers)} officers sign: "
        + ", ".join(officer.name for officer in listed.officers),
        f"fingerprint {listed.fingerprint}",
    ]
    if previous is not None and previous.fingerprint != listed.fingerprint:
        lines.append(f"the officers change; the fingerprint was {previous.fingerprint}")
    old = _entries(previous) if previous is not None else ()
    new = _entries(listed)
    lines += [f"+ {entry}" for entry in new if entry not in old]
    lines += [f"- {entry}" for entry in old if entry not in new]
    return tuple(lines)


def sign_draft(payload: bytes, name: str, signers: Sequence[Signer]) -> bytes:
    """Return an officer's signatures to a draft, as a small file to hand back.

    Raises:
        InvalidInput: it is no draft, or does not name this officer's keys.
    """
    _ = unverified(payload)
    named = {one["key"] for one in text.read(payload)["signers"]}
    if {one.public.id for one in signers} - named or not signers:
        _refuse(
            "not-named",
            f"the draft does not name the keys of `{name}` among those who sign",
            "draft it again with this officer among them",
        )
    return text.write(
        {
            "format": SIGNATURE_FORMAT,
            "of": text.digest_of(payload),
            "officer": name,
            "signatures": [signature(PAYLOAD_TYPE, payload, one) for one in signers],
        }
    )


def put_together(
    payload: bytes, signed: Iterable[bytes], previous: KeyList | None, now: int
) -> KeyList:
    """Return the list of a draft and of what its officers handed back, checked as partners will.

    Raises:
        InvalidInput: a file is of another draft, or somebody's is missing or wrong.
    """
    signatures: dict[str, Any] = {}
    for raw in signed:
        body = text.read(raw)
        if body.get("format") != SIGNATURE_FORMAT or body.get("of") != text.digest_of(
            payload
        ):
            _refuse(
                "other-draft",
                f"what `{body.get('officer', 'somebody')}` signed is not this draft",
                "give each officer the very file that is put together here",
            )
        for one in text.field(body, "signatures", list, "an officer's signatures"):
            signatures[str(one.get("keyid")) if isinstance(one, dict) else ""] = one
    raw = assemble(PAYLOAD_TYPE, payload, signatures.values())
    return read_key_list(raw, previous, now)


def _officers(name: str, roots: Sequence[KeyList]) -> list[Officer]:
    """Return the officer of that name, twice if the list gives the same person new keys."""
    found = [officer for root in roots if (officer := root.officer(name)) is not None]
    if not found:
        _refuse(
            "no-officer",
            f"`{name}` is no officer of the list",
            f"its officers are {', '.join(officer.name for officer in roots[0].officers)}",
        )
    return list(dict.fromkeys(found))


def _revoking(key: Key, revoked: Revoked) -> Key:
    if key.revoked is not None and key.revoked.at <= revoked.at:
        _refuse(
            "revoked-already",
            f"the key `{key.public.id}` is revoked from {text.time_text(key.revoked.at)}",
            "a revocation is never taken back; it may only begin earlier",
        )
    return replace(key, revoked=revoked)


def _entries(listed: KeyList) -> tuple[str, ...]:
    """Return officers, keys, addresses and logs of a list, a line each."""
    return (
        *(f"officer {o.name}: {o.ed25519.id} {o.mldsa65.id}" for o in listed.officers),
        *(
            f"key for {key.use}: {key.public.alg} {key.public.id},"
            f" from {text.time_text(key.since)} before {text.time_text(key.before)}"
            + (f", revoked from {text.time_text(key.revoked.at)}" if key.revoked else "")
            for key in listed.keys
        ),
        *(f"address {address}" for address in listed.addresses),
        *(f"log {log.origin} of {log.accord}" for log in listed.logs),
    )


def _refuse(code: str, message: str, hint: str) -> NoReturn:
    raise InvalidInput(message, hint=hint, code=code)
