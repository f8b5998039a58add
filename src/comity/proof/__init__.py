"""What holds for every request there could be, and a counterexample where it does not."""

from comity.proof.alone import idle_alone
from comity.proof.idle import idle
from comity.proof.joined import Opened
from comity.proof.lowered import Lowered
from comity.proof.properties import PROPERTIES, Property
from comity.proof.prove import (
    Counterexample,
    Proved,
    pairs_of,
    prove,
    prove_joins,
    prove_tables,
)
from comity.proof.terms import Terms
from comity.proof.witness import Witness

__all__ = [
    "PROPERTIES",
    "Counterexample",
    "Lowered",
    "Opened",
    "Property",
    "Proved",
    "Terms",
    "Witness",
    "idle",
    "idle_alone",
    "pairs_of",
    "prove",
    "prove_joins",
    "prove_tables",
]
