"""Three real nodes replay 2016 to 2023: what crossed, what was refused, and why.

Tokyo, Seoul and Washington each run a process with a database of its own; they meet over
mutual TLS on this machine, under a clock that the story sets. The notes of 2019 and 2023
are performed by Seoul's node and reach Tokyo's. Then the same nodes, as they stood an hour
before the second note, live through the night in which it was never sent.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent))

from comity.accords import Instant, parse_instant
from comity.accords.times import FAR_FUTURE
from comity.errors import NotKnown
from comity.exchange.client import Client
from comity.exchange.desk import Marking, Sending, Verdict
from comity.labels import Item
from comity.worlds import load_world
from launches import Assumption, Launch, read_launches
from trio import Trio

ROOT = Path(__file__).parent.parent
WORLD = ROOT / "worlds" / "gsomia"
ACCORD = "jp-rok-gsomia"
STORY = ("kr-notice-2019", "kr-suspension-2019", "kr-withdrawal-2023")
PARTIES = ("jp", "kr", "us")
OUT = Console(highlight=False, width=max(110, Console().width))


def kst(text: str) -> Instant:
    """Return an instant written in Korean time."""
    return parse_instant(f"{text}+09:00")


@dataclass(frozen=True, slots=True)
class Step:
    """One moment of the story.

    Attributes:
        by: whose node does it.
        perform: the id of a note of the world's files.
        item, to: what is sent, and to whom.
    """

    at: Instant
    by: str
    words: str
    perform: str = ""
    text: str = ""
    item: Item | None = None
    to: str = ""
    under: str | None = None
    onward: bool = False


def main() -> None:
    """Replay the story, and write what proves it."""
    flags = _flags()
    started = time.monotonic()
    folder = flags.out / "nodes"
    if folder.exists():
        shutil.rmtree(folder)
    world = _world(folder / "world")
    items = _items()
    trio = Trio(folder / "real", PARTIES)
    trio.make(world, kst("2016-11-24T09:00:00"))
    OUT.rule("Three nodes: Tokyo, Seoul, Washington")
    with trio.running():
        for party, other, fingerprint in trio.acquaint():
            if party < other:
                OUT.print(f"  {party} accepts {other}: {fingerprint}")
        told = _tell(trio, _before_the_night(items))
    other = trio.copy(folder / "counterfactual")
    with trio.running():
        told += _tell(trio, _the_night(items))
    OUT.rule("The same nodes, had the second note never been sent")
    with other.running():
        lapsed = _tell(other, _the_lapse(items))
    _sum(told, lapsed, time.monotonic() - started)


def _flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "demo-out")
    return parser.parse_args()


# -- the world that the nodes begin with -------------------------------------------------


def _world(folder: Path) -> Path:
    """Copy the world without the notes that are performed in the story."""
    for name in ("world.toml", "readings.toml", "groups.toml"):
        if (WORLD / name).exists():
            folder.mkdir(parents=True, exist_ok=True)
            _ = shutil.copy(WORLD / name, folder / name)
    for name in ("policies", "accords", "instruments"):
        _ = shutil.copytree(WORLD / name, folder / name)
    path = folder / "instruments" / f"{ACCORD}.toml"
    head, *blocks = _blocks(path)
    kept = [block for block in blocks if _id(block) not in STORY]
    _ = path.write_text("[[instrument]]\n".join([head, *kept]), encoding="utf-8")
    return folder


def _blocks(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("[[instrument]]\n")


def _id(block: str) -> str:
    found = re.search(r'^id = "([^"]+)"', block, re.MULTILINE)
    return "" if found is None else found[1]


def _note(name: str, at: str) -> str:
    """Return a note of the world's files as its performer's node takes it.

    When it was received is what the other side's node will log; when it was sent is said.
    """
    block = next(
        b for b in _blocks(WORLD / "instruments" / f"{ACCORD}.toml") if _id(b) == name
    )
    lines = [
        line
        for line in block.strip().split("\n")
        if not line.startswith(("received", "assumed", "assumption"))
    ]
    lines[1:1] = [f'accord = "{ACCORD}"', f'sent = "{at}+09:00"']
    return "\n".join(["[[instrument]]", *lines, ""])


CONSENT = """[[instrument]]
id = "jp-lets-us-tell-kr-2019"
accord = "{accord}"
by = ["jp"]
form = "written"
dated = "2019-11-27T10:00:00+09:00"
operations = [{{ do = "consent", holder = "us", to = "kr", item = "patrol-report-1", purposes = ["maritime-safety"] }}]
supposed = "made up for the demonstration"
"""


# -- the story ---------------------------------------------------------------------------


def _items() -> dict[str, Item]:
    world = load_world(WORLD)
    assumed = Assumption(
        {"kr": world.items["missile-warning-1"].label.level,
         "jp": world.items["patrol-report-1"].label.level},
        "early-warning",
    )  # fmt: skip
    found = dict(world.items)
    for launch in read_launches(WORLD / "items" / "launches.csv"):
        if launch.when.exact and launch.originators:
            found[launch.id] = launch.item(launch.originators[-1], assumed)
    return found


def _launches(start: Instant, before: Instant) -> list[Launch]:
    return [
        launch
        for launch in read_launches(WORLD / "items" / "launches.csv")
        if launch.when.exact and start <= launch.when.start < before and launch.originators
    ]


def _tells(items: dict[str, Item], start: str, before: str, count: int) -> Iterator[Step]:
    """Yield that some launches are told, each at its instant, by one who recorded it."""
    found = _launches(kst(start), kst(before))
    for launch in found[:: max(1, len(found) // count)][:count]:
        item = items[launch.id]
        by = item.originators[0]
        to = "jp" if by == "kr" else "kr"
        yield Step(launch.when.start, by, item.title, item=item, to=to)


def _before_the_night(items: dict[str, Item]) -> Iterator[Step]:
    yield from _tells(items, "2017-01-01T00:00:00", "2019-08-22T00:00:00", 4)
    at = "2019-08-23T15:00:00"
    yield Step(
        kst(at), "kr", "notice of termination", perform=STORY[0], text=_note(STORY[0], at)
    )
    yield from _tells(items, "2019-08-23T16:00:00", "2019-11-22T17:00:00", 3)
    yield Step(
        kst("2019-11-22T17:00:00"), "kr", "a warning, made up",
        item=items["missile-warning-1"], to="jp",
    )  # fmt: skip


def _the_night(items: dict[str, Item]) -> Iterator[Step]:
    at = "2019-11-22T18:00:00"
    yield Step(
        kst(at), "kr", "second note: the notice is suspended",
        perform=STORY[1], text=_note(STORY[1], at),
    )  # fmt: skip
    yield Step(
        kst("2019-11-23T00:00:00"), "kr", "a track at midnight, made up",
        item=items["submarine-track-1"], to="jp",
    )  # fmt: skip
    yield Step(
        kst("2019-11-26T09:00:00"), "jp", "a patrol's report, made up",
        item=items["patrol-report-1"], to="us",
    )  # fmt: skip
    yield Step(
        kst("2019-11-26T12:00:00"), "us", "the same, onward, without Tokyo's consent",
        item=items["patrol-report-1"], to="kr", under="us-rok-1987", onward=True,
    )  # fmt: skip
    for accord in ("us-jp-2007", "us-rok-1987"):
        yield Step(
            kst("2019-11-27T10:00:00"), "jp", f"consent under {accord}",
            perform="jp-lets-us-tell-kr-2019",
            text=CONSENT.format(accord=accord).replace(
                "kr-2019", f"kr-2019-{accord}"
            ),
        )  # fmt: skip
    yield Step(
        kst("2019-11-27T12:00:00"), "us", "the same, onward, with it",
        item=items["patrol-report-1"], to="kr", under="us-rok-1987", onward=True,
    )  # fmt: skip
    yield from _tells(items, "2019-11-23T00:00:00", "2023-03-21T00:00:00", 4)
    at = "2023-03-21T10:00:00"
    yield Step(
        kst(at),
        "kr",
        "both notes are withdrawn",
        perform=STORY[2],
        text=_note(STORY[2], at),
    )
    yield from _tells(items, "2023-03-22T00:00:00", "2024-01-01T00:00:00", 1)


def _the_lapse(items: dict[str, Item]) -> Iterator[Step]:
    yield Step(
        kst("2019-11-22T23:59:59"), "kr", "a track a second before, made up",
        item=items["submarine-track-1"], to="jp",
    )  # fmt: skip
    yield Step(
        kst("2019-11-23T00:00:00"), "jp", "a patrol's report at midnight, made up",
        item=items["patrol-report-1"], to="kr",
    )  # fmt: skip
    yield Step(
        kst("2019-11-23T09:00:00"), "jp", "the same to Washington",
        item=items["patrol-report-1"], to="us",
    )  # fmt: skip


# -- telling it --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one step."""

    step: Step
    state: str
    why: str


def _tell(trio: Trio, steps: Iterator[Step]) -> list[Told]:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("Seoul's time", "who", "what", "came to", "by, or why not"):
        table.add_column(name, overflow="fold")
    told = []
    story = sorted(steps, key=lambda one: one.at)
    for place, step in enumerate(story):
        after = story[place + 1].at if place + 1 < len(story) else FAR_FUTURE
        trio.set(step.at, Instant(max(step.at, after - 1)))
        one = _do(trio, step)
        told.append(one)
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(step.at + 9 * 3_600))
        who = f"{step.by} → {step.to}" if step.to else step.by
        table.add_row(when, who, step.words, one.state, one.why)
    OUT.print(table)
    return told


def _do(trio: Trio, step: Step) -> Told:
    client = trio.clients[step.by]
    if step.perform:
        _ = client.perform(step.text, "the demonstration")
        out = trio.settled(step.by)
        mine = [one for one in out.values() if one.kind == "instrument"]
        reached = ", ".join(
            sorted({one.to for one in mine[-2:] if one.state == "receipted"})
        )
        return Told(step, "performed", f"logged by {reached}")
    item = step.item
    assert item is not None  # noqa: S101 - a step performs or sends
    verdict = _sent(client, _sending(item, step))
    if verdict.verdict != "sent":
        return Told(
            step, "denied", f"{verdict.reason}: {', '.join(verdict.articles) or '–'}"
        )
    done = trio.settled(step.by)[verdict.envelope]
    if done.state == "receipted":
        return Told(step, done.state, f"{verdict.accord} {', '.join(verdict.articles)}")
    return Told(step, done.state, done.words or done.trouble)


def _sent(client: Client, sending: Sending) -> Verdict:
    """Send; a clock that leapt over years leaves the nodes a moment to exchange new keys."""
    until = time.monotonic() + 30
    while True:
        try:
            return client.send(sending)
        except NotKnown as error:
            if error.code != "no-term-key" or time.monotonic() > until:
                raise
            time.sleep(0.1)


def _sending(item: Item, step: Step) -> Sending:
    if step.onward:
        return Sending(item=item.id, to=step.to, under=step.under, officer="desk")
    label = item.label
    return Sending(
        item=item.id,
        to=step.to,
        marking=Marking(
            level=str(label.level),
            categories=label.categories,
            release_to=label.release_to,
        ),
        originators=item.originators,
        kind=item.kind,
        purpose=item.purpose,
        channel=item.channel,
        content=item.title.encode(),
        under=step.under,
        precedence="FLASH",
        officer="desk",
    )


def _sum(told: list[Told], lapsed: list[Told], seconds: float) -> None:
    items = [one for one in told + lapsed if one.step.item is not None]
    crossed = sum(one.state == "receipted" for one in items)
    OUT.print(
        f"{crossed} of {len(items)} items crossed, sealed, decided at both ends and receipted;"
        f" {sum(bool(one.step.perform) for one in told)} notes; {seconds:.1f} s"
    )


if __name__ == "__main__":
    main()
