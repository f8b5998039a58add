"""Secrets and rings of parties for tests of what is at rest and on the wire."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from comity.exchange.keystore import listing, make_node_secrets
from comity.signed import Ring
from signed.keys import random_of
from signed.lists import FIRST, NOW, T0, YEAR, signed

WORDS = "five words nobody would guess"
CHEAP = 14  # the least cost that is read: 16 MiB, a few hundredths of a second


@cache
def secrets_of(party):
    return make_node_secrets(random_of(sum(party.encode())), T0, T0 + 2 * YEAR)


@cache
def list_of(party):
    keys = listing(secrets_of(party), T0, T0 + 2 * YEAR)
    return signed(replace(FIRST, party=party, keys=keys, logs=()))


def ring_of(*parties):
    return Ring.of([(list_of(party),) for party in parties])


__all__ = ["CHEAP", "NOW", "WORDS", "list_of", "ring_of", "secrets_of"]
