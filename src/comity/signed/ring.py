"""Which key was whose, for what, and when: every version of every list that was kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from comity.errors import NotKnown
from comity.signed.algorithms import Public
from comity.signed.dsse import Keys
from comity.signed.keylist import KeyList
from comity.signed.partykeys import Key, Revoked, Use


@dataclass(frozen=True, slots=True)
class _Held:
    """A key as the versions together have it: until when, and in which one it stood last."""

    key: Key
    before: int
    place: int

    def counts(self, at: int) -> bool:
        return self.key.since <= at < self.before


_Index = dict[tuple[str, Use], dict[str, _Held]]


@dataclass(frozen=True, slots=True)
class Ring:
    """The key lists of parties, each with every version that was kept, oldest first.

    A key counts from its ``since`` until the earliest of: its ``before``; the time at which
    it was revoked, by whichever version says the earliest; the issue of the first later
    version that no longer lists it; the end of the newest version. So what was signed
    before a compromise stands, and a revocation cannot be taken back.
    """

    lists: Mapping[str, tuple[KeyList, ...]] = field(default_factory=dict, repr=False)
    _index: _Index = field(init=False, repr=False, compare=False)
    _tls: Mapping[bytes, list[tuple[str, _Held]]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Look everything up once."""
        index: _Index = {}
        for party, versions in self.lists.items():
            _add(index, party, versions)
        pins: dict[bytes, list[tuple[str, _Held]]] = {}
        for (party, use), keys in index.items():
            for held in keys.values() if use is Use.TLS else ():
                pins.setdefault(held.key.public.raw, []).append((party, held))
        object.__setattr__(self, "_index", index)
        object.__setattr__(self, "_tls", pins)

    @classmethod
    def of(cls, histories: Iterable[tuple[KeyList, ...]]) -> Ring:
        """Return the ring of some parties' kept versions."""
        return cls({versions[0].party: versions for versions in histories if versions})

    def adding(self, listed: KeyList) -> Ring:
        """Return a ring with a further version; the one that is kept already changes nothing.

        The list has been read by `read_key_list` against `newest` of its party.
        """
        kept = self.lists.get(listed.party, ())
        if kept and kept[-1].version >= listed.version:
            return self
        return Ring({**self.lists, listed.party: (*kept, listed)})

    def newest(self, party: str) -> KeyList | None:
        """Return the highest version that was kept of a party's list."""
        kept = self.lists.get(party, ())
        return kept[-1] if kept else None

    def key(self, party: str, key_id: str, use: Use, at: int) -> Public | None:
        """Return a party's key of that id, if it counted for that use at that time."""
        held = self._index.get((party, use), {}).get(key_id)
        return held.key.public if held is not None and held.counts(at) else None

    def for_use(self, use: Use, at: int) -> Keys:
        """Return the ring as `open_signed` takes it, for one use and one time."""

        def key(party: str, key_id: str) -> Public | None:
            return self.key(party, key_id, use, at)

        return key

    def keys(self, party: str, use: Use, at: int) -> tuple[Key, ...]:
        """Return a party's keys that count for a use at a time, the latest begun first.

        Each ends when it does for this ring, which may be before its list says.
        """
        found = [
            replace(held.key, before=held.before)
            for held in self._index.get((party, use), {}).values()
            if held.counts(at)
        ]
        return tuple(sorted(found, key=lambda key: (-key.since, key.public.id)))

    def one(self, party: str, use: Use, alg: str, at: int) -> Public:
        """Return the key of an algorithm that a party would have used for new things.

        Raises:
            NotKnown: it has none then; nothing else takes its place.
        """
        for key in self.keys(party, use, at):
            if key.public.alg == alg:
                return key.public
        raise NotKnown(
            f"`{party}` lists no {alg} key for `{use}` that counts now",
            hint=f"ask `{party}` for the next version of its key list",
            code="no-key",
        )

    def party_of_tls(self, digest: bytes, at: int) -> str | None:
        """Return whose certificate has a public key of that digest; none if two claim it."""
        parties = {party for party, held in self._tls.get(digest, ()) if held.counts(at)}
        return parties.pop() if len(parties) == 1 else None


def _add(index: _Index, party: str, versions: tuple[KeyList, ...]) -> None:
    for place, listed in enumerate(versions):
        later = versions[place + 1 :]
        end = min(later[0].issued if later else listed.before, versions[-1].before)
        for key in listed.keys:
            keys = index.setdefault((party, key.use), {})
            earlier = keys.get(key.public.id)
            if earlier is not None and earlier.place < place - 1:
                continue  # left out by a version between, it does not come back
            revoked = _earliest(key.revoked, earlier.key.revoked if earlier else None)
            before = min(key.before, end, revoked.at if revoked else end)
            held = _Held(replace(key, revoked=revoked), before, place)
            keys[key.public.id] = held


def _earliest(one: Revoked | None, other: Revoked | None) -> Revoked | None:
    found = [revoked for revoked in (one, other) if revoked is not None]
    return min(found, key=lambda revoked: revoked.at, default=None)
