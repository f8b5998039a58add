"""A party's keys: a versioned list with an end, signed by its officers' offline keys.

A stolen node key could sign its own successor. So the root of a party's keys is a few
officers who sign its list: at least ``threshold`` of them, each with both algorithms, and
for every new version also that many of the version before (as in TUF, section 5.3). A
reader keeps the highest version that it has seen. The format is ``docs/formats/keys.md``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, NoReturn

from comity.errors import InvalidInput
from comity.signed import text
from comity.signed.algorithms import ED25519, MLDSA65, Public
from comity.signed.dsse import Named, open_signed, signers_table
from comity.signed.partykeys import (
    PARTY_NAME,
    Key,
    Log,
    Officer,
    Use,
    bad_list,
    key_of_log,
    key_table,
    officer_table,
    read_address,
    read_each,
    read_key,
    read_log,
    read_officer,
    read_pattern,
)

FORMAT: Final = "comity-keys/1"
PAYLOAD_TYPE: Final = "application/vnd.comity.keys+json"

OFFICERS_MAX = 16  # a root that more people hold is held by nobody
KEYS_MAX = 256
ADDRESSES_MAX = 16
LOGS_MAX = 1024
SKEW = 300  # seconds that a list may be issued after the reader's clock


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyList:
    """One version of a party's keys.

    Attributes:
        raw: the signed bytes as they came; empty for a draft.
        payload: what was signed in them.
    """

    party: str
    version: int
    issued: int
    before: int
    threshold: int
    officers: tuple[Officer, ...]
    keys: tuple[Key, ...]
    addresses: tuple[str, ...] = ()
    logs: tuple[Log, ...] = ()
    raw: bytes = field(default=b"", repr=False, compare=False)
    payload: bytes = field(default=b"", repr=False, compare=False)

    @property
    def fingerprint(self) -> str:
        """Eight groups of five digits to read aloud; the same while the officers are.

        They are the digits of party, threshold and all officers' keys, so a list of that
        fingerprint was signed by these people, whatever its version.
        """
        pairs = sorted(o.ed25519.raw + o.mldsa65.raw for o in self.officers)
        head = f"comity/fingerprint/1\n{self.party}\n{self.threshold}\n{len(pairs)}\n"
        digest = hashlib.sha256(head.encode() + b"".join(pairs)).digest()
        numbers = (int.from_bytes(digest[n : n + 4], "big") for n in range(0, 32, 4))
        return " ".join(f"{number % 100_000:05}" for number in numbers)

    def officer(self, name: str) -> Officer | None:
        """Return the officer of that name."""
        return next((o for o in self.officers if o.name == name), None)


def fingerprint(raw: bytes) -> str:
    """Return the fingerprint of a list that nobody has vouched for yet, to compare aloud.

    Raises:
        InvalidInput: it is no list that its own officers have signed.
    """
    return read_history([raw])[0].fingerprint


def key_list_payload(listed: KeyList, signers: Iterable[Officer]) -> bytes:
    """Return the payload of a list that these officers are to sign, each with both keys."""
    named = [Named(party=listed.party, key=k) for o in signers for k in o.keys]
    return text.write(
        {
            "format": FORMAT,
            "party": listed.party,
            "version": listed.version,
            "issued": text.time_text(listed.issued),
            "before": text.time_text(listed.before),
            "threshold": listed.threshold,
            "officers": [officer_table(officer) for officer in listed.officers],
            "keys": [key_table(key) for key in listed.keys],
            "addresses": list(listed.addresses),
            "logs": [
                {"accord": log.accord, "origin": log.origin, "vkey": log.vkey}
                for log in listed.logs
            ],
            "signers": signers_table(named),
        }
    )


def read_key_list(raw: bytes, previous: KeyList | None, now: int) -> KeyList:
    """Return a party's list, if it may follow the one that the reader has.

    Without ``previous`` the list proves only that its own officers signed it: compare its
    `fingerprint` with one that the party has read aloud before using any key of it.

    1. The officers that it names signed it, at least ``threshold``, with both keys each.
    2. So did at least that many of the officers of the version before.
    3. It is the next version; the very same again is answered with what is kept.
    4. It was issued, and has not expired.

    Raises:
        InvalidInput: one of these does not hold; the code says which.
        NotAtHand: ML-DSA is missing from this machine.
    """
    new = read_key_lists([raw], previous, now)
    return new[0] if new or previous is None else previous


def read_key_lists(
    raws: Sequence[bytes], previous: KeyList | None, now: int
) -> tuple[KeyList, ...]:
    """Return the versions that a reader has missed, oldest first.

    What it has, and what is older, is passed over; but the last may not be older. Each has to
    follow the one before, as for `read_key_list`. The clock is asked of the last alone: who
    was away for long finds those between expired (as in TUF, section 5.3).

    Raises:
        InvalidInput: as for `read_key_list`.
        NotAtHand: ML-DSA is missing from this machine.
    """
    new: list[KeyList] = []
    for place, raw in enumerate(raws):
        older = previous is not None and _claimed(raw).version < previous.version
        if older and place < len(raws) - 1:
            continue
        listed = _read(raw, previous)
        if previous is None or listed.payload != previous.payload:
            new.append(listed)
            previous = listed
    if previous is not None:
        _check_time(previous, now)
    return tuple(new)


def read_history(raws: Sequence[bytes]) -> tuple[KeyList, ...]:
    """Return the versions that were kept of one party's list, each against the one before.

    This is for what was checked against a clock when it came, and for an auditor: that a
    list has expired since changes nothing about what was signed while it stood.

    Raises:
        InvalidInput: as `read_key_list`, but for the clock.
    """
    history: list[KeyList] = []
    for raw in raws:
        history.append(_read(raw, history[-1] if history else None))
    return tuple(history)


def _check_time(listed: KeyList, now: int) -> None:
    if listed.issued > now + SKEW:
        _refuse(
            "keys-not-yet",
            f"{_name(listed)} is issued at {text.time_text(listed.issued)}, after this"
            " node's clock",
            "look at both clocks; it is taken once its time has come",
        )
    if now >= listed.before:
        _refuse(
            "keys-expired",
            f"{_name(listed)} expired at {text.time_text(listed.before)}",
            f"ask `{listed.party}` for its next version; nothing is sent or taken until then",
        )


# -- reading -------------------------------------------------------------------------------


def _claimed(raw: bytes) -> KeyList:
    """Return what the bytes say; nothing of it is believed before its signatures are checked."""
    envelope = text.read(raw)
    payload = text.read_base64(text.field(envelope, "payload", str, "a key list"))
    return unverified(payload)


def _read(raw: bytes, previous: KeyList | None) -> KeyList:
    claimed = _claimed(raw)
    officers = (*claimed.officers, *(previous.officers if previous else ()))
    by_id = {key.id: key for officer in officers for key in officer.keys}

    def officer_key(party: str, key_id: str) -> Public | None:
        return by_id.get(key_id) if party == claimed.party else None

    verified = open_signed(raw, PAYLOAD_TYPE, officer_key, (ED25519, MLDSA65))
    listed = replace(claimed, raw=raw)
    signed = {named.key.id for named in verified.signers}
    _check_pairs(listed, signed)
    _check_threshold(listed, listed, signed)
    if previous is not None:
        _check_follows(listed, previous)
        _check_threshold(listed, previous, signed)
        _check_fork(listed, previous)  # last: a stranger's list is no proof of anything
    return listed


def _check_follows(listed: KeyList, previous: KeyList) -> None:
    if listed.party != previous.party:
        _refuse(
            "other-party",
            f"the list is of `{listed.party}`, and not of `{previous.party}`",
            "give the list of the party that is meant",
        )
    if listed.version < previous.version:
        _refuse(
            "keys-rollback",
            f"{_name(listed)} is older than version {previous.version}, which is kept here",
            "somebody shows an old list; ask the party for its newest",
        )
    if listed.version > previous.version + 1:
        _refuse(
            "keys-gap",
            f"{_name(listed)} comes before version {previous.version + 1} has been seen",
            "fetch the versions between, in order",
        )
    if listed.issued < previous.issued:
        _refuse(
            "keys-back-dated",
            f"{_name(listed)} is issued before version {previous.version}",
            "its officers have to sign it with its true time",
        )


def _check_fork(listed: KeyList, previous: KeyList) -> None:
    if listed.version == previous.version and listed.payload != previous.payload:
        _refuse(
            "keys-forked",
            f"{_name(listed)} is another than the version {listed.version} kept here",
            "keep both as proof, and ask the party by another way which one it signed",
        )


def _check_pairs(listed: KeyList, signed: Collection[str]) -> None:
    for officer in listed.officers:
        if sum(key.id in signed for key in officer.keys) == 1:
            _refuse(
                "algorithm-missing",
                f"the officer `{officer.name}` signs {_name(listed)} with one key of two",
                "have it signed with both keys of each officer",
            )


def _check_threshold(listed: KeyList, root: KeyList, signed: Collection[str]) -> None:
    """Check that enough officers of ``root`` signed, each with both keys."""
    count = sum(all(key.id in signed for key in o.keys) for o in root.officers)
    if count < root.threshold:
        _refuse(
            "threshold",
            f"{_name(listed)} is signed by {count} of the officers of version"
            f" {root.version}, and {root.threshold} are needed",
            "have it signed by enough officers of the old list and of the new",
        )


def unverified(payload: bytes) -> KeyList:
    """Return what the payload of a list says. Whether anybody signed it is not looked at.

    Raises:
        InvalidInput: it is no list, or something in it does not fit together.
    """
    body = text.read(payload)
    get = partial(text.field, body, what="a key list")
    if get("format", str) != FORMAT:
        _refuse(
            "newer-format",
            f"the list has the format `{body['format']}`, and `{FORMAT}` is read here",
            "install the version of Comity that reads it",
        )
    keys = [key for key in read_each(get("keys", list), KEYS_MAX, "keys", read_key) if key]
    listed = KeyList(
        party=read_pattern(get("party", str), PARTY_NAME, "party"),
        version=get("version", int),
        issued=text.read_time(body.get("issued")),
        before=text.read_time(body.get("before")),
        threshold=get("threshold", int),
        officers=read_each(get("officers", list), OFFICERS_MAX, "officers", read_officer),
        keys=tuple(keys),
        addresses=read_each(
            get("addresses", list), ADDRESSES_MAX, "addresses", read_address
        ),
        logs=read_each(get("logs", list), LOGS_MAX, "logs", read_log),
        payload=payload,
    )
    _check_whole(listed)
    return listed


def _check_whole(listed: KeyList) -> None:
    """Check what hangs together within one list."""
    if listed.version < 1 or listed.before <= listed.issued:
        bad_list("versions count from 1, and a list ends after it is issued")
    if not 1 <= listed.threshold <= len(listed.officers):
        bad_list("the threshold is at least 1, and at most the number of officers")
    officers = [key for officer in listed.officers for key in officer.keys]
    if len(set(officers)) < len(officers) or len({o.name for o in listed.officers}) < len(
        listed.officers
    ):
        bad_list("two officers have one name or one key")
    publics = [key.public for key in listed.keys]
    if len(set(publics)) < len(publics) or set(publics) & set(officers):
        bad_list("a key is listed once, for one use, and is no officer's")
    logs = {key.public.raw for key in listed.keys if key.use is Use.LOG}
    for log in listed.logs:
        if key_of_log(log) not in logs:
            bad_list(f"the key of the log `{log.origin}` is not among the keys for logs")
    for names in ([x.origin for x in listed.logs], [x.accord for x in listed.logs]):
        if len(set(names)) < len(names):
            bad_list("a log, or an accord's log, is listed twice")


def _name(listed: KeyList) -> str:
    return f"version {listed.version} of the keys of `{listed.party}`"


def _refuse(code: str, message: str, hint: str) -> NoReturn:
    raise InvalidInput(message, hint=hint, code=code)
