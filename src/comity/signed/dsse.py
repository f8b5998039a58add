"""DSSE: bytes, their type, and every signature that they themselves ask for.

DSSE (v1.0.2 of its protocol and envelope) ignores a signature that is absent or unknown,
so by itself it lets anybody strip the stronger of two. Here the payload names who signs
and with which algorithm, and `open_signed` fails unless each of them did. A `keyid` only
says which signature to try: the key itself comes from the caller's ring, by party.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from comity.errors import InvalidInput
from comity.signed import text
from comity.signed.algorithms import Public, Signer

SIGNATURES_MAX = 64  # two algorithms for each of sixteen officers, old and new

Keys = Callable[[str, str], Public | None]
"""A ring as a function: the party's key of that id, or none. It decides for its use and time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A signer as a payload names it: the party, and its key."""

    party: str
    key: Public

    def table(self) -> dict[str, str]:
        """Return it as the payload's ``signers`` have it."""
        return {"alg": self.key.alg, "key": self.key.id, "party": self.party}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A payload whose every named signer has signed it.

    Attributes:
        payload: the signed bytes, as they came.
        body: the same as JSON; unknown keys are in it, and not acted on.
        signers: who signed, with which key.
    """

    payload: bytes = field(repr=False)
    body: Mapping[str, Any] = field(repr=False)
    signers: tuple[Named, ...]

    @property
    def parties(self) -> tuple[str, ...]:
        """The parties that signed, each once, in the payload's order."""
        return tuple(dict.fromkeys(named.party for named in self.signers))


def signers_table(signers: Iterable[Named]) -> list[dict[str, str]]:
    """Return the ``signers`` of a payload, in the order given."""
    return [named.table() for named in signers]


def pre_auth_encoding(payload_type: str, payload: bytes) -> bytes:
    """Return what is signed: type and payload with their lengths (DSSE protocol, PAE)."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def signature(payload_type: str, payload: bytes, signer: Signer) -> dict[str, str]:
    """Return one signature, as an envelope lists it."""
    made = signer.sign(pre_auth_encoding(payload_type, payload))
    return {"keyid": signer.public.id, "sig": text.base64_of(made)}


def assemble(
    payload_type: str, payload: bytes, signatures: Iterable[Mapping[str, str]]
) -> bytes:
    """Return the envelope of a payload and of signatures that were made apart."""
    return text.write(
        {
            "payload": text.base64_of(payload),
            "payloadType": payload_type,
            "signatures": list(signatures),
        }
    )


def sign(payload_type: str, payload: bytes, signers: Collection[Signer]) -> bytes:
    """Return the envelope of a payload, signed by everyone whom it names.

    Raises:
        InvalidInput: the payload names another set of signers, or none.
    """
    named = {(alg, key) for alg, key, _ in _named(text.read(payload))}
    given = {(signer.public.alg, signer.public.id) for signer in signers}
    if named != given or len(signers) != len(given):
        _refuse(
            "signers-differ",
            "the signers at hand are not those that the payload names",
            "write the payload's `signers` from the very keys that sign it",
        )
    return assemble(
        payload_type, payload, [signature(payload_type, payload, one) for one in signers]
    )


def open_signed(
    raw: bytes,
    payload_type: str,
    keys: Keys,
    needed: Collection[str],
    *,
    limit: int = text.LIMIT,
) -> Verified:
    """Return the payload of an envelope, once everything about its signatures holds.

    1. The envelope is strict JSON of the type that the caller expects.
    2. The payload is strict JSON and names its signers, each once.
    3. Each party that it names signs with all the algorithms in ``needed``.
    4. ``keys`` knows each key as that party's, with that id and algorithm.
    5. Each of them has signed these very bytes.

    Signatures by keys that the payload does not name are ignored.

    Raises:
        InvalidInput: one of these does not hold; the code says which.
        NotAtHand: an algorithm is missing from this machine; nothing is skipped.
    """
    envelope = text.read(raw, limit=limit)
    if envelope.keys() != {"payload", "payloadType", "signatures"}:
        _refuse(
            "bad-dsse",
            "a signed record has `payload`, `payloadType` and `signatures`, and no more",
            "take it again from where it came",
        )
    if envelope["payloadType"] != payload_type:
        _refuse(
            "other-type",
            f"it is signed as `{envelope['payloadType']}`, and not as `{payload_type}`",
            "give a record of the kind that is wanted here",
        )
    payload = text.read_base64(envelope["payload"])
    signatures = _signatures(envelope["signatures"])
    body = text.read(payload, limit=limit)
    named = _named(body)
    _check_algorithms(named, frozenset(needed))
    message = pre_auth_encoding(payload_type, payload)
    found = [_known(keys, alg, key, party) for alg, key, party in named]
    for one in found:
        _check_signature(one, signatures, message)
    return Verified(payload=payload, body=body, signers=tuple(found))


def _named(body: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    listed = body.get("signers")
    if not isinstance(listed, list) or not 0 < len(listed) <= SIGNATURES_MAX:
        _refuse(
            "no-signers",
            f"the payload names no signers, or more than {SIGNATURES_MAX}",
            "a payload says who signs it, each with `alg`, `key` and `party`",
        )
    named = []
    for one in listed:
        if (
            not isinstance(one, dict)
            or one.keys() != {"alg", "key", "party"}
            or not all(isinstance(value, str) for value in one.values())
        ):
            _refuse(
                "bad-signers",
                "a signer has `alg`, `key` and `party`, each a text, and no more",
                "take the record again from where it came",
            )
        named.append((one["alg"], one["key"], one["party"]))
    if len({key for _, key, _ in named}) != len(named):
        _refuse(
            "bad-signers",
            "the payload names one key twice",
            "name each signer's key once",
        )
    return named


def _check_algorithms(named: list[tuple[str, str, str]], needed: frozenset[str]) -> None:
    if not needed:
        raise ValueError("no algorithm is needed: nothing would be verified")
    by_party: dict[str, set[str]] = {}
    for alg, _, party in named:
        by_party.setdefault(party, set()).add(alg)
    for party, algorithms in by_party.items():
        missing = needed - algorithms
        if missing:
            _refuse(
                "algorithm-missing",
                f"`{party}` does not sign with {' and '.join(sorted(missing))}",
                "a record of this kind needs each of its signatures; ask for it anew",
            )


def _known(keys: Keys, alg: str, key_id: str, party: str) -> Named:
    public = keys(party, key_id)
    if public is None or public.id != key_id or public.alg != alg:
        _refuse(
            "signer-unknown",
            f"the key `{key_id}` ({alg}) is not known as one of `{party}` for this, then",
            "fetch the party's key list, and compare its fingerprint if it is new",
        )
    return Named(party=party, key=public)


def _signatures(listed: object) -> dict[str, bytes]:
    if not isinstance(listed, list) or len(listed) > SIGNATURES_MAX:
        _refuse(
            "bad-dsse",
            f"`signatures` is no list of at most {SIGNATURES_MAX}",
            "take the record again from where it came",
        )
    found: dict[str, bytes] = {}
    for one in listed:
        if (
            not isinstance(one, dict)
            or one.keys() != {"keyid", "sig"}
            or not isinstance(one["keyid"], str)
            or one["keyid"] in found
        ):
            _refuse(
                "bad-dsse",
                "a signature has `keyid` and `sig`, and each key signs once",
                "take the record again from where it came",
            )
        found[one["keyid"]] = text.read_base64(one["sig"])
    return found


def _check_signature(named: Named, signatures: Mapping[str, bytes], message: bytes) -> None:
    made = signatures.get(named.key.id)
    if made is None:
        _refuse(
            "signature-missing",
            f"the signature of `{named.party}` by {named.key.alg} `{named.key.id}` is missing",
            "have it signed by everyone whom it names",
        )
    if not named.key.verify(made, message):
        _refuse(
            "wrong-signature",
            f"the signature of `{named.party}` by {named.key.alg} `{named.key.id}` is wrong",
            "these are not the bytes that were signed; take them again from where they came",
        )


def _refuse(code: str, message: str, hint: str) -> NoReturn:
    raise InvalidInput(message, hint=hint, code=code)
