"""One decision, a batch, loading and memory: ours beside its peers, on the same requests.

Each engine runs in a process of its own, on the same world and the same requests, and each
answer is compared with the plain evaluator's. `docs/benchmarks.md` says what is measured.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import pickle
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import work
from comity.release import World
from large import large_world
from work import Batched, Engine, Ready, Work


@dataclass(frozen=True, slots=True)
class Kind:
    """One engine that is measured.

    Attributes:
        place: its module and class.
        most: at how many accords it is still tried.
        share: how many of the requests it is asked at most.
    """

    name: str
    place: str
    most: int = 10_000
    share: int = 1 << 60


KINDS = (
    Kind("Comity, plain", "peers.ours:Plain", share=10_000),
    Kind("Comity, index", "peers.ours:Indexed"),
    Kind("Comity, columns", "peers.columns:InColumns"),
    Kind("SQLite, bitmask rows", "peers.sqlite:Sqlite"),
    Kind("Polars, join", "peers.polars_join:Polars"),
    Kind("Cedar, whole set", "peers.cedar:Whole", most=1_000, share=2_000),
    Kind("Cedar, sliced by pair", "peers.cedar:Sliced", share=10_000),
    Kind("Rego, indexed by pair", "peers.rego:Indexed", share=10_000),
)
SECONDS = 12.0  # that an engine is given for its single decisions


@dataclass(frozen=True, slots=True)
class Measured:
    """What one engine did at one size; None where it has no such way of deciding."""

    load: float
    memory: float
    asked: int
    median: float | None
    slow: float | None
    batch: float | None
    differ: int


def main() -> None:
    """Measure, print one table, and exit 1 if any answer differs."""
    asked = _options()
    print(f"{platform.python_implementation()} {platform.python_version()},", _machine())
    wrong = 0
    for accords in asked.accords:
        begun = time.perf_counter()
        wrong += _in_its_own_process(partial(_at, accords, asked))
        print(f"  ({time.perf_counter() - begun:.0f} s)\n", flush=True)
    sys.exit(1 if wrong else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    numbers = lambda text: [int(n.replace("_", "")) for n in text.split(",")]  # noqa: E731
    parser.add_argument("--accords", type=numbers, default=[10, 100, 1_000, 10_000])
    parser.add_argument("--requests", type=int, default=50_000)
    parser.add_argument("--sample", type=int, help="how many the plain evaluator is asked")
    parser.add_argument("--only", default="", help="a part of an engine's name")
    return parser.parse_args()


def _machine() -> str:
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else []
    name = next((line.partition(": ")[2] for line in lines if "model name" in line), "")
    return f"{os.cpu_count()} cores, {name or platform.machine()}"


def _at(accords: int, asked: argparse.Namespace) -> int:
    """Measure every engine at one size, and return how many answers differ."""
    begun = time.perf_counter()
    world = large_world(accords)
    took = time.perf_counter() - begun
    sample = asked.sample or (2_000 if accords > 1_000 else 10_000)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "work"
        said = _in_its_own_process(partial(_prepared, world, asked.requests, sample, path))
        print(
            f"{accords:,} accords, {len(world.parties)} parties,"
            f" {len(world.instruments):,} instruments, read in {took:.1f} s; {said}",
            flush=True,
        )
        print(_line("", "µs p50", "(p99)", "batch M/s", "load s", "MB", "asked", "differ"))
        wrong = 0
        for kind in KINDS:
            if asked.only.lower() not in kind.name.lower():
                continue
            if accords > kind.most:
                print(
                    f"  {kind.name:<24} not tried above {kind.most:,} accords", flush=True
                )
                continue
            found = _in_its_own_process(partial(_measured, kind, world, path))
            if isinstance(found, str):
                print(f"  {kind.name:<24} {found}", flush=True)
                continue
            print(_row(kind.name, found), flush=True)
            wrong += found.differ
    return wrong


def _prepared(world: World, requests: int, sample: int, path: Path) -> str:
    begun = time.perf_counter()
    made = work.prepare(world, requests, sample)
    work.put(made, path)
    return (
        f"{len(made.rows):,} flat rows, {len(made.requests):,} requests,"
        f" {made.permitted:.0%} of the first {len(made.expected):,} permitted"
        f" ({time.perf_counter() - begun:.0f} s to prepare)"
    )


def _measured(kind: Kind, world: World, path: Path) -> Measured | str:
    module, _, name = kind.place.partition(":")
    try:
        make = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError):
        return "not here"
    whole = work.get(path)
    count = min(len(whole.requests), kind.share)
    cut = Work(
        requests=whole.requests[:count],
        asked=whole.asked[:count],
        rows=whole.rows,
        consents=whole.consents,
        refusals=whole.refusals,
        expected=whole.expected[:count],
        permitted=whole.permitted,
    )
    del whole
    gc.collect()
    gc.freeze()
    before, begun = _memory(), time.perf_counter()
    engine = make(world, cut)
    load = time.perf_counter() - begun
    gc.collect()
    memory = _memory() - before
    gc.freeze()
    times: list[int] = []
    answers: list[Any] = []
    if isinstance(engine, Engine):
        answers = _one_by_one(engine.one, count, times)
    if isinstance(engine, Ready):
        engine.ready(count)
    speed, many = _many(engine, count) if isinstance(engine, Batched) else (None, ())
    differ = _differ(answers, cut.expected) + _differ(many, cut.expected)
    return Measured(
        load=load,
        memory=memory,
        asked=max(len(answers), len(many)),
        median=statistics.median(times) / 1_000 if times else None,
        slow=statistics.quantiles(times, n=100)[98] / 1_000 if times else None,
        batch=speed,
        differ=differ,
    )


def _one_by_one(one: Callable[[int], Any], count: int, times: list[int]) -> list[Any]:
    """Ask one by one until the time is over, and note how long each took."""
    answers: list[Any] = []
    clock, last = time.perf_counter_ns, time.perf_counter() + SECONDS
    for place in range(count):
        begun = clock()
        answer = one(place)
        times.append(clock() - begun)
        answers.append(answer)
        if place % 64 == 0 and time.perf_counter() > last:
            break
    return answers


def _many(engine: Batched, count: int) -> tuple[float, Sequence[Any]]:
    """Return how many millions a second a batch decides, best of five, and its answers."""
    speeds: list[float] = []
    answers: Any = None
    for _ in range(5):
        begun = time.perf_counter()
        answers = engine.batch(count)
        speeds.append(count / (time.perf_counter() - begun) / 1e6)
        if sum(count / speed / 1e6 for speed in speeds) > SECONDS:
            break
    return max(speeds), engine.places(answers)


def _differ(answers: Sequence[Any], expected: Sequence[int | None]) -> int:
    """Count the answers that are not the plain evaluator's; the accord too, if one is named."""
    return sum(
        (found != (wanted is not None)) if isinstance(found, bool) else found != wanted
        for found, wanted in zip(answers, expected, strict=False)
    )


def _memory() -> float:
    status = Path("/proc/self/statm").read_text()
    return int(status.split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _in_its_own_process(do: Callable[[], Any]) -> Any:  # noqa: ANN401
    """Return what a function answers in a copy of this process, so that it leaves nothing."""
    sys.stdout.flush()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(do(), pipe)
        sys.stdout.flush()
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if status != 0 or not said:
        sys.exit("a part of the benchmark ended before its time")
    return pickle.loads(said)  # noqa: S301


def _row(name: str, found: Measured) -> str:
    return _line(
        name,
        _number(found.median),
        "" if found.slow is None else f"({_number(found.slow)})",
        _number(found.batch),
        f"{found.load:.2f}",
        f"{found.memory:.0f}",
        f"{found.asked:,}",
        str(found.differ),
    )


def _number(number: float | None) -> str:
    if number is None:
        return "–"
    return f"{number:.2f}" if number < 10 else f"{number:,.0f}"


def _line(name: str, *cells: str) -> str:
    return f"  {name:<24}" + "".join(f"{cell:>11}" for cell in cells)


if __name__ == "__main__":
    main()
