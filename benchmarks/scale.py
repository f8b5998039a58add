"""A large world, part by part: ``python benchmarks/scale.py 10 1000 10000``.

Load, one decision, from a raw label to the answer, why not, a batch, what stops, an act
applied; each through the public interface with real objects, in a process of its own.
"""

from __future__ import annotations

import gc
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from asked import requests
from comity.accords import Instant, Instrument, Op
from comity.compiled import Index
from comity.compiled.columns import Columns, Flows
from comity.compiled.corpus import Corpus, Held
from comity.compiled.only import only
from comity.labels import Item
from comity.release import Request, World, decide
from large import large_world

ASKED = 20_000
FLOWS = 1_000_000
WHY = 1_500
FEW = 40


def main(accords: int) -> None:
    """Print every figure of one world."""
    began = time.perf_counter()
    world = large_world(accords)
    say("parties, instruments", f"{len(world.parties)}, {len(world.instruments):,}")
    say("load: every accord read from its text, s", f"{time.perf_counter() - began:.1f}")
    asked = requests(world, ASKED)
    index = Index(world)
    began = time.perf_counter()
    answers = [index.ask(request) for request in asked]
    seconds = time.perf_counter() - began
    permitted = sum(answer.permitted for answer in answers) / len(answers)
    say(
        f"{ASKED:,} requests for the first time, s",
        f"{seconds:.1f} ({permitted:.0%} permits)",
    )
    say("one decision, µs p50 (p99)", spread(index.ask, asked))
    say("from raw label to answer, µs p50 (p99)", spread(raw(index), asked))
    refused = [r for r in asked if not index.ask(r).permitted]
    for request in refused:
        _ = index.decide(request)
    say("why not, in full, µs p50 (p99)", spread(index.decide, refused[:WHY]))
    say("of another item, later, µs p50 (p99)", spread(index.decide, later(index, refused)))
    for request in refused[:WHY]:
        _ = decide(request, world)
    say("plainly, µs p50 (p99)", spread(lambda r: decide(r, world), refused[:WHY]))
    for request in asked[:FEW]:
        _ = who(index)(request)
    say("who may have an item, µs p50 (p99)", spread(who(index), asked[:FEW]))
    ids = [a.id for a in world.accords[:: max(len(world.accords) // FEW, 1)]]
    when = Instant(statistics.median_low(r.at for r in asked))
    for name in ids:
        _ = only(index, name, when)
    say(
        "what stops with an accord, ms p50 (p99)",
        spread(lambda n: only(index, n, when), ids, 1e3),
    )
    some = acts(world)
    for _, request in some:
        _ = index.ask(request)
    say("an act applied, ms p50 (p99)", spread(lambda c: index.after([c[0]]), some, 1e3))
    say("and asked about, ms p50 (p99)", spread(applied(index), some, 1e3))
    batch(index, asked)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say("memory at most, MB", f"{peak:,.0f}")


def later(index: Index, refused: Iterable[Request]) -> list[Request]:
    """Return some requests once more: each of an item never seen, some seconds later."""
    found: list[Request] = []
    for number, request in enumerate(refused):
        one = request.item
        name = one.id if one.id in index.world.items else f"{one.id}-{number}"
        item = replace(one, id=name, label=replace(one.label))
        asked = replace(request, item=item, at=Instant(request.at + 11))
        if len(found) < WHY and not index.ask(asked).permitted:
            found.append(replace(asked, item=replace(item)))
    return found


def raw(index: Index) -> Callable[[Request], object]:
    """Return what makes a request of a label never seen, names and an instant, and asks."""

    def ask(request: Request) -> object:
        item = replace(request.item, label=replace(request.item.label))
        return index.ask(
            Request(
                item=item,
                sender=request.sender,
                recipient=request.recipient,
                at=request.at,
                purpose=request.purpose,
            )
        )

    return ask


def who(index: Index) -> Callable[[Request], object]:
    """Return what asks who may have an item."""
    return lambda r: list(index.recipients(r.item, r.sender, r.at))


def acts(world: World) -> list[tuple[Instrument, Request]]:
    """Return some notices given once more, each with a request between two of the parties."""
    found: list[tuple[Instrument, Request]] = []
    for act in world.instruments:
        if len(found) < FEW and any(op.do is Op.GIVE_NOTICE for op in act.operations):
            sender, recipient = world.accord(act.accord).parties[:2]
            item = next(iter(world.items.values()))
            at = Instant(max(span.last for span in act.times.values()) + 1)
            request = Request(item=item, sender=sender, recipient=recipient, at=at)
            found.append((replace(act, id=f"{act.id} again"), request))
    return found


def applied(index: Index) -> Callable[[tuple[Instrument, Request]], object]:
    """Return what applies an act and asks between two whom it touches."""
    return lambda case: index.after([case[0]]).ask(case[1])


def batch(index: Index, asked: list[Request]) -> None:
    """Decide a million flows, of every kind and of each sender's own information alone."""
    began = time.perf_counter()
    columns = Columns(index)
    say("columns built, s", f"{time.perf_counter() - began:.1f}")
    whole = [r for r in asked if r.received is None]
    own = [r for r in whole if r.item.originators == (r.sender,) and r.held_as is None]
    for what, some in (("every clause", whole), ("own information alone", own)):
        corpus, flows = flows_of(columns, some)
        found, times = columns.decide(corpus, flows), []
        for _ in range(3):
            began = time.process_time()
            _ = columns.decide(corpus, flows)
            times.append(time.process_time() - began)
        speed = len(found) / statistics.median(times) / 1e6
        share = (found >= 0).mean()
        say(f"a batch, {what}, M/s of one core", f"{speed:.1f} ({share:.0%} permits)")


def flows_of(columns: Columns, asked: list[Request]) -> tuple[Corpus, Flows]:
    """Return the corpus and a million flows, the requests over and over in random order."""
    places: dict[tuple[object, ...], int] = {}
    entries: list[Item | Held] = []
    rows = []
    number = {
        name: {word: n for n, word in enumerate(getattr(columns, name))}
        for name in ("parties", "purposes", "channels", "accords")
    }
    for r in asked:
        key = (r.item.id, r.held_as, r.sender if r.held_as else "")
        if key not in places:
            places[key] = len(entries)
            held = r.held_as
            entries.append(
                r.item
                if held is None
                else Held(item=r.item, by=r.sender, level=held, tags=r.held_tags)
            )
        rows.append(
            (
                places[key],
                number["parties"][r.sender],
                number["parties"][r.recipient],
                r.at,
                -1 if r.purpose is None else number["purposes"][r.purpose],
                -1 if r.channel is None else number["channels"][r.channel],
                -1 if r.under is None else number["accords"][r.under],
            )
        )
    chosen = np.random.default_rng(1).integers(0, len(rows), FLOWS)
    entry, sender, recipient, at, purpose, channel, under = np.array(rows, np.int64)[
        chosen
    ].T
    flows = Flows(
        entry=entry.copy(),
        sender=sender.copy(),
        recipient=recipient.copy(),
        at=at.copy(),
        purpose=purpose.copy(),
        channel=channel.copy(),
        under=under.copy(),
    )
    return columns.corpus(entries), flows


def spread(do: Callable[..., object], cases: Iterable[object], unit: float = 1e6) -> str:
    """Return the median and the 99th percentile of doing something, case by case."""
    clock, times = time.perf_counter, []
    gc.collect()
    gc.disable()
    for case in cases:
        began = clock()
        do(case)
        times.append(clock() - began)
    gc.enable()
    times.sort()
    if not times:
        return "–"
    return (
        f"{times[len(times) // 2] * unit:.2f} ({times[int(len(times) * 0.99)] * unit:.1f})"
    )


def say(what: str, figure: str) -> None:
    """Print a figure."""
    print(f"  {what:48} {figure}", flush=True)


if __name__ == "__main__":
    sizes = [int(size) for size in sys.argv[1:]] or [10, 1_000, 10_000]
    if len(sizes) == 1:
        print(f"{sizes[0]:,} accords")
        main(sizes[0])
    else:
        for size in sizes:
            _ = subprocess.run([sys.executable, __file__, str(size)], check=True)  # noqa: S603
