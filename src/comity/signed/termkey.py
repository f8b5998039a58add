"""The key to which everything of one term of one accord is sealed, and its end.

A recipient makes a key pair for each term and publishes the public half before the term
begins, in a record of its own: only the accord's parties need to know that the accord
exists. When the term is over it destroys the private half, and says so in a second record.
The formats are in ``docs/formats/keys.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from comity.errors import InvalidInput
from comity.signed import text
from comity.signed.algorithms import SEALING, Public, Signer
from comity.signed.dsse import Named, open_signed, sign, signers_table
from comity.signed.partykeys import NEEDED, Use
from comity.signed.ring import Ring

FORMAT: Final = "comity-term-key/1"
PAYLOAD_TYPE: Final = "application/vnd.comity.term-key+json"
DESTROYED_FORMAT: Final = "comity-term-key-destroyed/1"
DESTROYED_TYPE: Final = "application/vnd.comity.term-key-destroyed+json"

OPEN_TERM: Final = "open"  # of an accord without terms


@dataclass(frozen=True, slots=True, kw_only=True)
class TermKey:
    """What a party has published for one term: seal to this from ``since`` until ``before``.

    Attributes:
        term: the first day of the term, `2022-11-23`, or ``open``.
        before: none while the end is not known.
    """

    party: str
    accord: str
    term: str
    key: Public
    since: int
    before: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerTime:
    """A partner's cosigned time after the lapse."""

    party: str
    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerWord:
    """A person's word that the accord has lapsed."""

    name: str
    time: int


Grounds = PartnerTime | OfficerWord
"""Beside one's own clock: a clock alone may be wrong, and a destroyed key is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destroyed:
    """That a party no longer has the private half of a term key. One line of evidence."""

    party: str
    accord: str
    term: str
    key_id: str
    at: int
    grounds: Grounds


def sign_term_key(made: TermKey, signers: Sequence[Signer]) -> bytes:
    """Return the record of a term key, signed with the party's pair for records.

    Raises:
        InvalidInput: the key is not for sealing, or the term ends before it begins.
    """
    _check(made)
    body: dict[str, Any] = {
        "format": FORMAT,
        "party": made.party,
        "accord": made.accord,
        "term": made.term,
        "key": {"alg": made.key.alg, "public": text.base64_of(made.key.raw)},
        "since": text.time_text(made.since),
    }
    if made.before is not None:
        body["before"] = text.time_text(made.before)
    return _signed(PAYLOAD_TYPE, body, made.party, signers)


def read_term_key(raw: bytes, ring: Ring, at: int) -> TermKey:
    """Return a term key, signed by the party that it is of with its keys of that time.

    ``at`` is when the reader got it, as its own log has it; a date in it is but a claim.

    Raises:
        InvalidInput: a signature or a value is wrong; the code says which.
    """
    body = _opened(raw, PAYLOAD_TYPE, FORMAT, ring, at)
    key = text.field(body, "key", dict, "a term key")
    made = TermKey(
        party=body["party"],
        accord=text.field(body, "accord", str, "a term key"),
        term=text.field(body, "term", str, "a term key"),
        key=Public(
            text.field(key, "alg", str, "`key`"), text.read_base64(key.get("public"))
        ),
        since=text.read_time(body.get("since")),
        before=text.read_time(body["before"]) if "before" in body else None,
    )
    _check(made)
    return made


def sign_destroyed(done: Destroyed, signers: Sequence[Signer]) -> bytes:
    """Return the record of a destroyed term key, signed with the pair for records."""
    time = text.time_text(done.grounds.time)
    if isinstance(done.grounds, PartnerTime):
        grounds = {"partner": done.grounds.party, "time": time}
    else:
        grounds = {"officer": done.grounds.name, "time": time}
    body = {
        "format": DESTROYED_FORMAT,
        "party": done.party,
        "accord": done.accord,
        "term": done.term,
        "key": done.key_id,
        "at": text.time_text(done.at),
        "grounds": grounds,
    }
    return _signed(DESTROYED_TYPE, body, done.party, signers)


def read_destroyed(raw: bytes, ring: Ring, at: int) -> Destroyed:
    """Return a record of a destroyed term key; ``at`` as for `read_term_key`.

    Raises:
        InvalidInput: a signature or a value is wrong; the code says which.
    """
    what = "a destroyed term key"
    body = _opened(raw, DESTROYED_TYPE, DESTROYED_FORMAT, ring, at)
    grounds = text.field(body, "grounds", dict, what)
    time = text.read_time(grounds.get("time"))
    if ("partner" in grounds) == ("officer" in grounds):
        _refuse(
            "bad-field",
            "the grounds name a partner's time or an officer's word, and one of them",
            "have the record written anew",
        )
    return Destroyed(
        party=body["party"],
        accord=text.field(body, "accord", str, what),
        term=text.field(body, "term", str, what),
        key_id=text.field(body, "key", str, what),
        at=text.read_time(body.get("at")),
        grounds=PartnerTime(party=text.field(grounds, "partner", str, what), time=time)
        if "partner" in grounds
        else OfficerWord(name=text.field(grounds, "officer", str, what), time=time),
    )


def _signed(
    kind: str, body: Mapping[str, Any], party: str, signers: Sequence[Signer]
) -> bytes:
    named = [Named(party=party, key=one.public) for one in signers]
    payload = text.write({**body, "signers": signers_table(named)})
    return sign(kind, payload, signers)


def _opened(raw: bytes, kind: str, form: str, ring: Ring, at: int) -> Mapping[str, Any]:
    opened = open_signed(raw, kind, ring.for_use(Use.RECORD, at), NEEDED[Use.RECORD])
    found = text.field(opened.body, "format", str, "the record")
    if found != form:
        _refuse(
            "newer-format",
            f"the record has the format `{found}`, and `{form}` is read here",
            "install the version of Comity that reads it",
        )
    party = text.field(opened.body, "party", str, "the record")
    if opened.parties != (party,):
        _refuse(
            "other-party",
            f"the record is of `{party}` and signed by {' and '.join(opened.parties)}",
            "only a party itself speaks of its keys",
        )
    return opened.body


def _check(made: TermKey) -> None:
    if made.key.alg not in SEALING:
        _refuse(
            "unknown-algorithm",
            f"nothing is sealed to a key of `{made.key.alg}`",
            "publish a key of `x-wing`, or of `x25519` where the accord's annex says so",
        )
    if made.before is not None and made.before <= made.since:
        _refuse("bad-field", "the term key ends before it begins", "mend `before`")


def _refuse(code: str, message: str, hint: str) -> NoReturn:
    raise InvalidInput(message, hint=hint, code=code)
