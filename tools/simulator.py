"""Run the simulator over many seeds, and print what happened: ``make simulate SEEDS=400``.

``--seed N`` runs one seed and prints its trace; ``--planted`` tells within how many seeds
each planted bug is found.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from simulate.attacks import ATTACKS
from simulate.disk import DISK_FAULTS
from simulate.find import found_at
from simulate.planted import PLANTED
from simulate.run import NETWORK_FAULTS, simulate, trace_hash

LEAST = 100


def main() -> int:
    """Run, print the table, and end with 1 if anything did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=400, help="how many, from 0 on")
    parser.add_argument("--seed", type=int, help="run this one alone, with its trace")
    parser.add_argument("--planted", action="store_true", help="look for each planted bug")
    said = parser.parse_args()
    if said.planted:
        return planted()
    if said.seed is not None:
        watch = simulate(said.seed)
        print(*watch.trace, *watch.problems, trace_hash(watch), sep="\n")
        return 1 if watch.problems else 0
    return many(said.seeds)


def many(seeds: int) -> int:
    """Run seeds; every fault has to have fired a hundred times where there were enough."""
    started, faults, done, wrong = time.monotonic(), Counter(), Counter(), 0
    for seed in range(seeds):
        watch = simulate(seed)
        faults += watch.faults
        done += watch.done
        for what, party, words in watch.problems:
            wrong += 1
            print(f"seed {seed}: {what}: {party}: {words}")
    print(
        f"{seeds} seeds in {time.monotonic() - started:.0f} s, {wrong} things did not hold\n"
    )
    print("| what | how often |\n|---|---:|")
    for what in (*NETWORK_FAULTS, *DISK_FAULTS, *ATTACKS):
        print(f"| {what} | {faults[what]} |")
    for what, count in sorted(done.items()):
        print(f"| *{what}* | {count} |")
    rare = [
        what for what in (*NETWORK_FAULTS, *DISK_FAULTS, *ATTACKS) if faults[what] < LEAST
    ]
    if rare and seeds >= 400:
        print(f"\nfewer than {LEAST}: {', '.join(rare)}")
    return 1 if wrong or (rare and seeds >= 400) else 0


def planted() -> int:
    """Look for each planted bug, and print within how many seeds it was found, and by what."""
    missed = 0
    print("| what is wrong | seeds | found by |\n|---|---:|---|")
    for name, (words, within, _) in PLANTED.items():
        seed, by = found_at(name, within)
        missed += seed is None
        print(f"| {words} | {'-' if seed is None else seed + 1} | {by} |", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
