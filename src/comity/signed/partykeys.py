"""An officer, a key and a log of a party: as values, and as a key list writes them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any, NoReturn, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from comity.errors import InvalidInput, printable
from comity.signed import text
from comity.signed.algorithms import ED25519, MLDSA65, SPKI, X25519, XWING, Public

T = TypeVar("T")

PARTY_NAME = re.compile(r"\S{1,128}")
_NAME = re.compile(r"\S(?:.{0,126}\S)?")
_ADDRESS = re.compile(
    r"https://(?:[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::[1-9]\d{0,4})?",
    re.ASCII,
)
_ORIGIN = re.compile(r"comity\.log/[0-9a-f]{32}(?:/simulated)?", re.ASCII)


class Use(StrEnum):
    """What a key is for. A key listed for one thing is none for another."""

    ENVELOPE = "envelope"
    """Groups of envelopes, statements, receipts; contacts."""
    RECORD = "record"
    """Instruments, term keys, successions, certificates: always both algorithms."""
    LOG = "log"
    """Checkpoints of the party's own logs."""
    COSIGN = "cosign"
    """Checkpoints of its partners' logs."""
    TLS = "tls"
    """Its node's certificate, by the digest of the public key."""
    SEAL = "seal"
    """Instruments sealed to it; items are sealed to term keys."""


ALGORITHMS: Mapping[Use, frozenset[str]] = {
    Use.ENVELOPE: frozenset({ED25519}),
    Use.RECORD: frozenset({ED25519, MLDSA65}),
    Use.LOG: frozenset({ED25519}),
    Use.COSIGN: frozenset({ED25519}),
    Use.TLS: frozenset({SPKI}),
    Use.SEAL: frozenset({XWING, X25519}),
}

NEEDED: Mapping[Use, frozenset[str]] = {
    Use.ENVELOPE: frozenset({ED25519}),
    Use.RECORD: frozenset({ED25519, MLDSA65}),
}
"""The algorithms with which each party signs what a use is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """One who may sign a party's list, with both keys; they are kept offline."""

    name: str
    ed25519: Public
    mldsa65: Public

    @property
    def keys(self) -> tuple[Public, Public]:
        """Both keys."""
        return (self.ed25519, self.mldsa65)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked:
    """From when a key counts no more. What was signed before stands; the rest does not."""

    at: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key of a party, for one use, from ``since`` until ``before`` (exclusive)."""

    use: Use
    public: Public
    since: int
    before: int
    revoked: Revoked | None = None
    certificate: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """One of the party's logs: the accord, the opaque origin, the verifier key."""

    accord: str
    origin: str
    vkey: str


def spki_digest(certificate: bytes) -> bytes:
    """Return the SHA-256 of a certificate's public key, as pins have it (RFC 7469, 2.4).

    Raises:
        InvalidInput: it is no X.509 certificate in DER.
    """
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
        raw = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, TypeError):
        _bad_certificate("a certificate is no X.509 in DER")
    return hashlib.sha256(raw).digest()


# -- as a list writes them -----------------------------------------------------------------


def read_each(
    listed: list[Any], most: int, what: str, read: Callable[[Any], T]
) -> tuple[T, ...]:
    """Return a list read one by one, if it is no longer than it may be."""
    if len(listed) > most:
        bad_list(f"at most {most} {what} are read")
    if what in ("officers", "keys", "logs") and not all(
        isinstance(one, dict) for one in listed
    ):
        bad_list(f"`{what}` is a list of objects")
    return tuple(read(one) for one in listed)


def read_pattern(value: str, pattern: re.Pattern[str], what: str) -> str:
    """Return a text of a key list that has to look so, with nothing that cannot be seen."""
    if not pattern.fullmatch(value) or printable(value) != value:
        bad_list(f"`{value}` is no {what} of a key list")
    return value


def read_key(table: dict[str, Any]) -> Key | None:
    """Return a key as a list writes it; none of a use or algorithm that is not known here."""
    get = partial(text.field, table, what="a key of a key list")
    use, alg, raw = get("use", str), get("alg", str), text.read_base64(table.get("public"))
    if use not in frozenset(Use) or alg not in ALGORITHMS[Use(use)]:
        return None  # of a later version of Comity: kept in the bytes, and used for nothing
    key = Key(
        use=Use(use),
        public=Public(alg, raw),
        since=text.read_time(table.get("since")),
        before=text.read_time(table.get("before")),
        revoked=_revoked(table["revoked"]) if "revoked" in table else None,
        certificate=text.read_base64(table.get("certificate")) if alg == SPKI else None,
    )
    if key.before <= key.since:
        bad_list(f"the key `{key.public.id}` ends before it begins")
    if key.certificate is not None and spki_digest(key.certificate) != raw:
        _bad_certificate(f"the certificate of the key `{key.public.id}` is of another key")
    return key


def _revoked(table: object) -> Revoked:
    if not isinstance(table, dict):
        bad_list("`revoked` has `at` and `why`")
    return Revoked(
        at=text.read_time(table.get("at")), why=text.field(table, "why", str, "`revoked`")
    )


def read_officer(table: dict[str, Any]) -> Officer:
    """Return an officer as a list writes it."""
    return Officer(
        name=read_pattern(text.field(table, "name", str, "an officer"), _NAME, "name"),
        ed25519=Public(ED25519, text.read_base64(table.get(ED25519))),
        mldsa65=Public(MLDSA65, text.read_base64(table.get(MLDSA65))),
    )


def read_log(table: dict[str, Any]) -> Log:
    """Return a log as a list writes it."""
    get = partial(text.field, table, what="a log of a key list")
    return Log(
        accord=read_pattern(get("accord", str), PARTY_NAME, "accord"),
        origin=read_pattern(get("origin", str), _ORIGIN, "origin"),
        vkey=get("vkey", str),
    )


def read_address(value: object) -> str:
    """Return an address: `https`, a host, a port if any, and nothing after it."""
    if not isinstance(value, str):
        bad_list("an address is a text")
    return read_pattern(value, _ADDRESS, "address")


def key_of_log(log: Log) -> bytes | None:
    """Return the Ed25519 key of a verifier key: name, key id, base64 (C2SP signed-note)."""
    name, _, rest = log.vkey.partition("+")
    raw = text.read_base64(rest.partition("+")[2])
    return raw[1:] if name == log.origin and raw[:1] == b"\x01" else None


def officer_table(officer: Officer) -> dict[str, str]:
    """Return an officer as a list writes it."""
    return {
        "name": officer.name,
        ED25519: text.base64_of(officer.ed25519.raw),
        MLDSA65: text.base64_of(officer.mldsa65.raw),
    }


def key_table(key: Key) -> dict[str, Any]:
    """Return a key as a list writes it."""
    table: dict[str, Any] = {
        "use": str(key.use),
        "alg": key.public.alg,
        "public": text.base64_of(key.public.raw),
        "since": text.time_text(key.since),
        "before": text.time_text(key.before),
    }
    if key.revoked is not None:
        at = text.time_text(key.revoked.at)
        table["revoked"] = {"at": at, "why": key.revoked.why}
    if key.certificate is not None:
        table["certificate"] = text.base64_of(key.certificate)
    return table


def bad_list(message: str) -> NoReturn:
    """Refuse a list of which something is wrong in itself."""
    raise InvalidInput(
        message,
        hint="its officers have to draft and sign it anew; see `docs/formats/keys.md`",
        code="bad-key-list",
    )


def _bad_certificate(message: str) -> NoReturn:
    raise InvalidInput(
        message,
        hint="its owner has to list the certificate of its node",
        code="bad-certificate",
    )
