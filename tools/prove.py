"""Prove what holds for every request of the worlds beside the source: ``python tools/prove.py``.

Prints for each world what was proved over what and in how many seconds, and exits with 1 if
anything is broken or stays open. A number in place of a world's name makes a world of so many
accords up, and proves of that one that the index is what the plain evaluator means.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from comity.compiled import Index
from comity.compiled.columns import Columns
from comity.compiled.equal import Compared, Comparing
from comity.proof import PROPERTIES, Proved, prove, prove_joins, prove_tables
from comity.release import World
from comity.worlds import load_world

ROOT = Path(__file__).resolve().parent.parent
WORLDS = ROOT / "worlds"
sys.path.insert(0, str(ROOT / "benchmarks"))

from large import large_world  # noqa: E402  it lies beside the source

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


def equal(world: World, *, processes: int = 1) -> int:
    """Print whether the index is the plain evaluator, over every request; return what differs."""
    started = time.monotonic()
    with ProcessPoolExecutor(processes, get_context("fork"), _begin, (world,)) as pool:
        found = list(pool.map(_compared, [(n, processes) for n in range(processes)]))
    total = {name: sum(getattr(one, name) for one in found) for name in COUNTED}
    differs: list[object] = [one for part in found for one in part.differs]
    differs += list(_columns(world)) if len(world.accords) <= COLUMNS else []
    word = "BROKEN" if differs else "proved"
    over = ", ".join(f"{count:,} {name}" for name, count in total.items())
    seconds = time.monotonic() - started
    print(
        f"  {word:6} the index is the plain evaluator (cell by cell; {over}; all requests;"
        f" {processes} processes, {seconds:.1f} s)",
        flush=True,
    )
    for one in differs[:10]:
        print(f"    {one}")
    return len(differs)


def _columns(world: World) -> Iterator[str]:
    """Yield the pairs between which the columns hold something else than the index."""
    index = Index(world)
    columns = Columns(index)
    for sender in world.parties:
        for recipient in world.parties:
            if not columns.same(sender, recipient):
                yield f"the columns from {sender} to {recipient}"


COLUMNS = 1_000  # accords up to which the columns are compared as well
COUNTED = ("pairs", "texts", "stretches", "consents", "labels", "answers", "blurred")
LABELS = 100  # items of a made-up world whose labels are compared
_worlds: list[World] = []  # of this process


def _begin(world: World) -> None:
    _worlds.append(world)


def _compared(part: tuple[int, int]) -> Compared:
    """Compare one of several parts of the pairs of a world, each in a process of its own."""
    world, (number, of) = _worlds[0], part
    comparing = Comparing(Index(world))
    if not comparing.worth_it:
        return comparing.compared
    owned: list[
        tuple[str, str, str]
    ] = []  # pairs of one accord go together: its clock is shared
    for sender in world.parties:
        for recipient in world.parties:
            joined = world.between(sender, recipient)
            owned.append((joined[0].id if joined else "", sender, recipient))
    owned.sort()
    for _, sender, recipient in owned[
        len(owned) * number // of : len(owned) * (number + 1) // of
    ]:
        comparing.pair(sender, recipient)
    for item in list(world.items.values())[number:LABELS:of]:
        comparing.label(item)
    return comparing.compared


def main(*names: str) -> int:
    """Run the proofs of the worlds named, or of all."""
    wrong = 0
    for name in names or ("gsomia", "isac", "variety", "100"):
        if name.isdigit():
            print(f"a made-up world of {name} accords:")
            wrong += equal(large_world(int(name)), processes=2)
            continue
        print(f"{name}:")
        world = load_world(WORLDS / name)
        wrong += equal(world)
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
