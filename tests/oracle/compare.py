"""The oracle's answers beside those of ``decide``: ``python compare.py`` asks the whole."""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

from comity.accords import Instant
from comity.release import Permit, Request, World, decide
from comity.worlds import load_world
from oracle.boundary import BESIDE, prepare, requests, written

WORLDS = Path(__file__).parents[2] / "worlds"
WHOLE = 10_000


@dataclass(frozen=True)
class Case:
    """A world as it stands, or with something beside it or left out."""

    name: str
    world: str
    beside: str | None = None
    without: tuple = ()
    share: int = 6
    """The sample in the ordinary run of the tests is divided by this."""


CASES = (
    Case("gsomia", "gsomia", share=1),
    Case("gsomia without the suspension", "gsomia", without=("kr-suspension-2019",)),
    Case(
        "gsomia, a day too late",
        "gsomia",
        beside="gsomia-late",
        without=("kr-notice-2019", "kr-suspension-2019"),
    ),
    Case("gsomia, revived", "gsomia", beside="gsomia-revived"),
    Case("isac", "isac", share=1),
    Case("labels", "labels"),
    Case("gsomia, crowded", "gsomia", beside="gsomia-crowded"),
)


def decided(world: World, request: dict) -> str:
    """Return what the code under test says, in the oracle's words."""
    answer = decide(
        Request(
            item=world.items[request["item"]],
            sender=request["from"],
            recipient=request["to"],
            at=Instant(request["at"]),
            purpose=request["purpose"],
            channel=request["channel"],
            under=request["under"],
        ),
        world,
    )
    return "permit" if isinstance(answer, Permit) else f"denied: {answer.reason}"


def compare(
    case: Case, folder: Path, count: int, seed: int = 2019
) -> tuple[Counter, list[dict]]:
    """Ask both so many times; return how often each answered what, and where they differ."""
    root = folder / case.name.replace(" ", "-")
    source = WORLDS / case.world if (WORLDS / case.world).exists() else BESIDE / case.world
    told = prepare(source, root, case.beside, case.without)
    world = load_world(root)
    counts: Counter = Counter()
    differences = []
    for request in requests(root, told, count, seed):
        theirs, ours = request["oracle"], decided(world, request)
        counts["permit" if theirs == "permit" else "denied"] += 1
        counts[ours] += 1
        if (theirs == "permit") != (ours == "permit"):
            differences.append(request | {"code": ours, "when": written(request["at"])})
    return counts, differences


def main(count: int, *names: str) -> int:
    """Compare the whole of every world and print the shares and the differences."""
    wrong = 0
    for case in CASES:
        if names and case.name not in names:
            continue
        with tempfile.TemporaryDirectory() as folder:
            started = time.monotonic()
            counts, differences = compare(case, Path(folder), count)
            share = 100 * counts["permit"] / (2 * count)
            seconds = time.monotonic() - started
            print(
                f"{case.name}: {count} requests, {share:.1f} % permits, {seconds:.0f} s, "
                f"{len(differences)} differences"
            )
            for reason, number in counts.most_common():
                print(f"    {number:6} {reason}")
            for request in differences[:20]:
                print(f"    differs: {request}")
            wrong += len(differences)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(int((sys.argv[1:] or [str(WHOLE)])[0]), *sys.argv[2:]))
