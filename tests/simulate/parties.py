"""The parties of the simulator: real signing keys, a seal that a seed replays, and partners.

HPKE draws its own randomness, so boxes are sealed by a construction that does not: it hides
nothing, and opens only as it was sealed.
"""

import hashlib
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from comity.accords.times import parse_instant
from comity.errors import InvalidInput
from comity.exchange.node import Node
from comity.signed.algorithms import XWING, generate
from comity.signed.partykeys import Use
from comity.store import Database
from comity.wire.seal import Opener
from comity.worlds import load_world
from exchange.nodes import Clock, Keys, LastSigned, acquaint, keys_of, random_of

FOLDER = Path(__file__).parent / "world"
PARTIES = ("north", "south", "east")
BEGIN = parse_instant("2030-03-01T06:00:00Z")


def seal(public, info, plaintext):
    """Seal as `comity.wire.seal.Encrypt` does, always in the same way."""
    return AESGCM(_key(public, info)).encrypt(bytes(12), plaintext, None)


def opener(public):
    """Return what opens what was sealed to a public key."""

    def open_(sealed, info):
        try:
            return AESGCM(_key(public, info)).decrypt(bytes(12), sealed, None)
        except InvalidTag as error:
            raise InvalidInput(
                "a box does not open", hint="send it again", code="seal-broken"
            ) from error

    return Opener(public, open_)


def _key(public, info):
    return hashlib.sha256(b"simulated seal\n" + public.raw + info).digest()


class SimulatedKeys(Keys):
    """The keys of a party, made once; those that open are of the simulated seal."""

    def __init__(self, party, random):
        self.party = party
        self.made = keys_of(party).made
        self.random = random
        self.openers = {}
        public, _ = self.made[Use.SEAL, XWING]
        self.openers[public.id] = opener(public)

    def new_term_key(self, accord, term, alg):
        public, _ = generate(alg, self.random)
        self.openers[public.id] = opener(public)
        return public


@cache
def world():
    return load_world(FOLDER)


@cache
def begun():
    """Return of each party the image of a database in which all are partners, and its openers."""
    clock = Clock(BEGIN - 86_400)
    keys = {
        party: SimulatedKeys(party, random_of(f"terms of {party}")) for party in PARTIES
    }
    nodes = [
        Node(
            party,
            world(),
            Database.open(":memory:"),
            keys[party],
            LastSigned(),
            clock=clock,
            random=random_of(f"first {party}"),
            encrypt=seal,
            simulated=True,
        )
        for party in PARTIES
    ]
    acquaint(*nodes)
    return {
        node.party: (node.database._connection.serialize(), dict(keys[node.party].openers))
        for node in nodes
    }
