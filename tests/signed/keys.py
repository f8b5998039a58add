"""Keys for tests, each made from a number."""

from __future__ import annotations

import hashlib

from comity.signed import ED25519, MLDSA65, Secret, signer

BOTH = frozenset({ED25519, MLDSA65})


def random_of(number):
    """Random bytes that a number determines, as a node's `random` takes them."""
    state = [number]

    def random(count):
        state[0] += 1
        return hashlib.shake_256(b"%d.%d" % (number, state[0])).digest(count)

    return random


def ed(number):
    return signer(ED25519, Secret(random_of(number)(32)))


def ml(number):
    return signer(MLDSA65, Secret(random_of(number)(32)))


def pair(number):
    return [ed(number), ml(number)]
