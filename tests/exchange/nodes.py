"""Nodes for tests: real keys, real formats, a real database; a clock that the test sets."""

import hashlib
from functools import cache

from comity.exchange.custody import LogRolledBack
from comity.exchange.node import Node
from comity.signed.algorithms import (
    ED25519,
    MLDSA65,
    XWING,
    generate,
    signer,
)
from comity.signed.keylist import KeyList, fingerprint
from comity.signed.officers import (
    draft,
    make_officer,
    officer_signers,
    put_together,
    sign_draft,
)
from comity.signed.partykeys import Key, Use
from comity.signed.termkey import TermKey, sign_term_key
from comity.store import Database
from comity.wire.approval import Approval, write_approval
from comity.wire.seal import opener
from comity.worlds import load_world
from make import ROOT

YEARS = 40 * 31_536_000
START = 1_400_000_000


def random_of(seed):
    """Bytes that nobody needs to foresee, the same in every run."""
    state = [hashlib.sha256(str(seed).encode()).digest(), 0]

    def random(size):
        out = b""
        while len(out) < size:
            state[1] += 1
            out += hashlib.sha256(state[0] + state[1].to_bytes(8, "big")).digest()
        return out[:size]

    return random


class Clock:
    """A clock that stands where the test sets it."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


class Keys:
    """The keys of a party's node, in memory."""

    def __init__(self, party):
        random = random_of(f"keys of {party}")
        self.party = party
        self.made = {}
        self.openers = {}
        self.random = random
        for use, alg in (
            (Use.ENVELOPE, ED25519),
            (Use.RECORD, ED25519),
            (Use.RECORD, MLDSA65),
            (Use.LOG, ED25519),
            (Use.COSIGN, ED25519),
            (Use.SEAL, XWING),
        ):
            public, secret = generate(alg, random)
            self.made[use, alg] = (public, secret)
        public, secret = self.made[Use.SEAL, XWING]
        self.openers[public.id] = opener(XWING, secret)

    def _signer(self, use, alg=ED25519):
        return signer(alg, self.made[use, alg][1])

    @property
    def envelope(self):
        return self._signer(Use.ENVELOPE)

    @property
    def record(self):
        return (self._signer(Use.RECORD), self._signer(Use.RECORD, MLDSA65))

    @property
    def log(self):
        return self._signer(Use.LOG)

    @property
    def cosign(self):
        return self._signer(Use.COSIGN)

    def opener(self, key):
        return self.openers.get(key)

    def new_term_key(self, accord, term, alg):
        del accord, term
        public, secret = generate(alg, self.random)
        self.openers[public.id] = opener(alg, secret)
        return public

    def destroy_term_key(self, key):
        del self.openers[key]

    def keep(self, secret):
        return secret

    def kept(self, raw):
        return raw

    def listed(self):
        return tuple(
            Key(use=use, public=public, since=START, before=START + YEARS)
            for (use, _), (public, _) in self.made.items()
        )


class LastSigned:
    """The last signed checkpoints, in memory; they outlive a database that is put back."""

    def __init__(self):
        self.kept = {}

    def get(self, origin):
        return self.kept.get(origin)

    def origins(self):
        return tuple(self.kept)

    def swap(self, origin, old, new):
        if self.kept.get(origin) != old:
            raise LogRolledBack("another value stands there", code="log-rolled-back")
        self.kept[origin] = new


@cache
def officers_of(party):
    """The officers of a party, with their seeds."""
    random = random_of(f"officers of {party}")
    return [make_officer(name, random) for name in ("anna", "berta", "chris")]


def approval(party, name, matter, at):
    """An officer's approval of a matter, for an hour."""
    signers = next(officer_signers(s) for o, s in officers_of(party) if o.name == name)
    made = Approval(request=matter, party=party, officer=name, at=at, before=at + 3_600)
    return write_approval(made, signers)


@cache
def key_list(party):
    """The first key list of a party, signed by two of its three officers."""
    officers = officers_of(party)
    listed = KeyList(
        party=party,
        version=1,
        issued=START,
        before=START + YEARS,
        threshold=2,
        officers=tuple(officer for officer, _ in officers),
        keys=keys_of(party).listed(),
        addresses=(f"https://{party}.example:8443",),
    )
    payload = draft(listed, None, ["anna", "berta"])
    signed = [
        sign_draft(payload, officer.name, officer_signers(secrets))
        for officer, secrets in officers[:2]
    ]
    return put_together(payload, signed, None, START).raw


@cache
def keys_of(party):
    return Keys(party)


@cache
def gsomia():
    return load_world(ROOT / "worlds" / "gsomia")


def node(party, clock, world=None, where=":memory:", **more):
    """A party's node over the real SQL."""
    return Node(
        party,
        gsomia() if world is None else world,
        more.pop("database", None) or Database.open(where),
        keys_of(party),
        more.pop("last", None) or LastSigned(),
        clock=clock,
        random=more.pop("random", None) or random_of(f"{party} {where}"),
        simulated=True,
        **more,
    )


def acquaint(*nodes, since=START):
    """Make everybody a partner of everybody, with a term key for each common accord."""
    for one in nodes:
        with one.site.database.transaction():
            for other in nodes:
                raw = key_list(other.party)
                listed = one.partners.accept(
                    raw, "by the test", one.now(), fingerprint(raw)
                )
                assert listed.party == other.party
    for one in nodes:
        for other in nodes:
            if other is one:
                continue
            for accord in one.contacts.common(other.party):
                publish(one, accord, nodes, since)


def publish(one, accord, nodes, since):
    """Publish a term key once, and give it to those who are party to the accord."""
    if one.partners.term_keys(one.party, accord):
        return
    public = one.site.keys.new_term_key(accord, "open", XWING)
    made = TermKey(party=one.party, accord=accord, term="open", key=public, since=since)
    raw = sign_term_key(made, one.site.keys.record)
    for node_ in nodes:
        joined = node_.site.world.now().world.lookup.joined[node_.party]
        if accord in {one.id for one in joined.values()}:
            with node_.site.database.transaction():
                node_.partners.publish(raw, node_.now())


def carry(nodes, rounds=20, lose=lambda _: False):
    """Take errands to their partners and answers back, until nothing is due."""
    by = {one.party: one for one in nodes}
    for _ in range(rounds):
        errands = [(one, errand) for one in nodes for errand in one.due()]
        if not errands:
            return
        for one, errand in errands:
            if lose(errand):
                one.failed(errand.id, "unreachable", one.now())
                continue
            raw = by[errand.partner].answer(one.party, errand.raw)
            one.settle(errand.id, raw)
    raise AssertionError("it does not come to rest")


def states(one, kind="item"):
    return [
        row["state"] for row in one.site.database.all("all_outgoing") if row["kind"] == kind
    ]
