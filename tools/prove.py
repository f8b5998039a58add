"""Prove what holds for every request of the worlds beside the source: ``python tools/prove.py``.

Prints for each world what was proved over what and in how many seconds, and exits with 1 if
anything is broken or stays open.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from comity.proof import PROPERTIES, Proved, prove, prove_joins, prove_tables
from comity.release import World
from comity.worlds import load_world

WORLDS = Path(__file__).resolve().parent.parent / "worlds"

Proof = Callable[[World], Iterable[Proved]]

PROOFS: dict[str, Proof] = {
    **{
        one.name: (lambda world, only=one: prove(world, properties=[only]))
        for one in PROPERTIES
    },
    "an equivalence never lowers": lambda world: [prove_tables(world)],
    "a join never opens a part": lambda world: [prove_joins(world)],
}
"""Every proof of a world by its name; another is one more line here."""


def said(proved: Proved, seconds: float) -> str:
    """Return what was proved, over what and how, in one line."""
    word = "proved" if proved.holds else "BROKEN" if proved.broken else "OPEN"
    over = f"{proved.conditions} conditions"
    if proved.pairs:
        over += (
            f", {len(proved.accords)} accords, {proved.pairs} pairs,"
            f" {proved.spans} stretches of time, all requests"
        )
    return f"  {word:6} {proved.name} ({proved.method}; {over}; {seconds:.1f} s)"


def main(*names: str) -> int:
    """Run the proofs of the worlds named, or of all."""
    wrong = 0
    for name in names or ("gsomia", "isac", "variety"):
        print(f"{name}:")
        world = load_world(WORLDS / name)
        for proof in PROOFS.values():
            started = time.monotonic()
            for proved in proof(world):
                print(said(proved, time.monotonic() - started), flush=True)
                for example in proved.broken:
                    print(f"    {example}")
                for about in proved.open:
                    print(f"    neither shown nor broken: {about}")
                wrong += not proved.holds
    print("all proved" if not wrong else f"{wrong} not proved")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
