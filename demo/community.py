"""An invented community of CERTs, moment by moment: what crosses, what stays, and why.

``make demo`` runs it after the night. Everything printed is computed while it runs, from
the plain files of ``worlds/isac``; change a file and the answers move.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from comity.accords import Instant, parse_instant
from comity.compiled import Index
from comity.release import (
    Denial,
    Due,
    Permit,
    Request,
    World,
    decide,
    duties,
    explain,
    routes,
)
from comity.worlds import load_world

WORLD = Path(__file__).parent.parent / "worlds" / "isac"
COMMUNITY = "cert-community"
OUT = Console(highlight=False, width=max(110, Console().width))

JOINING = (
    ("the university, a second before it joins", "2024-05-06T09:59:59-05:00", "university"),
    ("the second at which it joins", "2024-05-06T10:00:00-05:00", "university"),
    (
        "the bank, in the last second of its thirty days",
        "2025-05-14T23:59:59+02:00",
        "bank",
    ),
    ("the first second after them", "2025-05-15T00:00:00+02:00", "bank"),
)
PUT_OUT = ("2025-06-18T13:59:59+02:00", "2025-06-18T14:00:00+02:00")
TO_THE_EAST = (
    ("phish-wave", "vendor"),
    ("phish-wave", "cert-isles"),
    ("router-flaw", "cert-isles"),
    ("grid-probe", "grid"),
    ("grid-probe", "cert-isles"),
    ("ward-outage", "cert-isles"),
    ("east-report", "cert-isles"),
    ("advisory-7", "registry"),
    ("advisory-7", "cert-isles"),
)
SINCE = "2025-09-01T12:00:00+02:00"
MADE_SINCE = (
    ("turbine-note", "grid"),
    ("lab-sample", "cert-isles"),
    ("courtesy-note", "cert-isles"),
)
STATUTE = (
    ("the last second of its sunset's day", "2025-09-30T23:59:59-04:00"),
    ("the first gap", "2025-10-01T00:00:00-04:00"),
    ("the day it is put in force anew; no hour is reported", "2025-11-12T12:00:00-05:00"),
    ("the next day", "2025-11-13T00:00:00-05:00"),
    ("the last second of that", "2026-01-30T23:59:59-05:00"),
    ("the second gap", "2026-01-31T00:00:00-05:00"),
    ("in force anew, from the day after", "2026-02-04T00:00:00-05:00"),
)
SENDERS = (
    ("phish-wave", "vendor"),
    ("worm-signatures", "university"),
    ("flood-log", "cloud"),
    ("wiper-sample", "telecom"),
)
END = ("2026-12-31T23:59:59+01:00", "2027-01-01T00:00:00+01:00")


def main() -> None:
    """Replay the community."""
    started = time.monotonic()
    world = load_world(WORLD)
    index = Index(world)
    the_world(world)
    who_joins_and_leaves(index)
    the_one_put_out(index)
    the_statute(index)
    purposes_and_clients(index)
    the_end(index)
    OUT.print(f"\ndone in {time.monotonic() - started:.1f} s")
    OUT.print("Try it, with the act left out:", style="bold")
    OUT.print(
        "  .venv/bin/comity try worlds/isac --item grid-probe --from grid --to cert-east"
        " --at 2025-07-01T00:00:00Z --without east-put-out",
        markup=False,
    )


def heading(text: str) -> None:
    """Print a heading."""
    OUT.print()
    OUT.rule(f"[bold]{text}", align="left")


def table(columns: Iterable[str], rows: Iterable[tuple[str, ...]]) -> None:
    """Print a table."""
    made = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        made.add_row(*row)
    OUT.print(made)


def ask(
    index: Index,
    item: str,
    sender: str,
    recipient: str,
    at: str,
    purpose: str | None = None,
) -> str:
    """Return a decision in a few words."""
    request = requested(index.world, item, sender, recipient, at, purpose)
    if (found := index.ask(request)).permitted:
        return "goes" if found.accord == COMMUNITY else f"goes, by {found.accord}"
    match decide(
        request, index.world
    ):  # the index has no words: why not is the evaluator's
        case Denial() as denial:
            articles = f" {denial.articles[0]}" if denial.articles else ""
            return f"stays: {denial.reason}{articles}"
        case Permit():
            raise AssertionError("the index and the evaluator differ")


def requested(
    world: World,
    item: str,
    sender: str,
    recipient: str,
    at: str,
    purpose: str | None = None,
) -> Request:
    """Return a request for an item of the world."""
    return Request(
        item=world.items[item],
        sender=sender,
        recipient=recipient,
        at=parse_instant(at),
        purpose=purpose,
    )


def marked(world: World, item: str) -> str:
    """Return an item with its mark and list, as one says it."""
    label = world.items[item].label
    listed = "" if label.release_to is None else f" to {', '.join(label.release_to)}"
    return f"{item}, {label.level.name}{listed}"


def the_world(world: World) -> None:
    """Say what is in the world, and that it is invented."""
    heading("A community of CERTs, invented: plain files in worlds/isac")
    clock = world.clock(COMMUNITY)
    members = clock.members(parse_instant(SINCE))
    zones = {world.party(name).zone.name for name in members}
    levels = Counter(item.label.level.name for item in world.items.values())
    OUT.print(
        f"{len(members)} organisations in {len(zones)} time zones, {len(world.items)} items:"
        f" {', '.join(f'{n} {level}' for level, n in sorted(levels.items()))}."
        " All made up; the protocol and the US statute are real."
    )


def who_joins_and_leaves(index: Index) -> None:
    """Show a member that joins and one that leaves, to the second."""
    heading("Who joins, who leaves: an advisory for everybody (advisory-7, CLEAR)")
    rows = (
        (what, when, ask(index, "advisory-7", "registry", member, when))
        for what, when, member in JOINING
    )
    table(("to", "at", "it"), rows)


def the_one_put_out(index: Index) -> None:
    """Show what reaches the member that is put out, a second before and from then on."""
    world = index.world
    heading(
        "Put out, for political reasons: the Eastern team, 18 June 2025, 14:00:00 in Brussels"
    )
    OUT.print(
        "The Isles have an older memorandum with it (isles-east), which stands. By way of them:"
    )
    rows = [
        (
            marked(world, item),
            sender,
            *(ask(index, item, sender, "cert-east", at) for at in PUT_OUT),
        )
        for item, sender in TO_THE_EAST
    ]
    table(("item", "from", "at 13:59:59", "at 14:00:00"), rows)
    OUT.print("\nWhat is made later, on 1 September:")
    table(
        ("item", "from", "it"),
        [
            (marked(world, item), sender, ask(index, item, sender, "cert-east", SINCE))
            for item, sender in MADE_SINCE
        ],
    )
    request = requested(world, "grid-probe", "grid", "cert-east", PUT_OUT[1])
    ways = routes(request, world, hops=2)
    OUT.print(
        f"\nWays from Lowland Grid to it over one other: {len(ways)}. The refusal in full:"
    )
    OUT.print(explain(request, decide(request, world), world), markup=False)


def the_statute(index: Index) -> None:
    """Show that in the gaps of a statute one side alone stops sending."""
    heading(
        "US CISA 2015 lapses and comes back (dates: DWT; Hunton): one side's bar on sending"
    )
    rows = (
        (what, at[:16], *(ask(index, item, by, "grid", at) for item, by in SENDERS))
        for what, at in STATUTE
    )
    table(("", "New York", *(f"from the {by}" for _, by in SENDERS)), rows)
    OUT.print(
        "The vendor and the university are in the agreement's article 5; the cloud joined later"
        " and holds its own sending; the telecom is not in the US. All of them go on receiving."
    )


def purposes_and_clients(index: Index) -> None:
    """Show the purpose limit, and how far AMBER goes."""
    world = index.world
    heading("For what, and how far")
    rows = [
        (marked(world, "phish-wave"), f"for {purpose}", "cert-isles to grid",
         ask(index, "phish-wave", "cert-isles", "grid", SINCE, purpose))
        for purpose in ("network-defence", "research", "law-enforcement", "marketing")
    ]  # fmt: skip
    rows += [
        (marked(world, item), "to a client", "cert-north to waterworks",
         ask(index, item, "cert-north", "waterworks", SINCE))
        for item in ("water-alert", "strict-alert")
    ]  # fmt: skip
    table(("item", "", "", "it"), rows)


def the_end(index: Index) -> None:
    """Show the end of the agreement, and what is then to be deleted, by when."""
    world = index.world
    heading("The end, and what then has to be deleted")
    rows = [(at, ask(index, "advisory-7", "registry", "grid", at)) for at in END]
    table(("at", "advisory-7 from the registry to grid"), rows)
    zone = world.accord(COMMUNITY).zone
    at = parse_instant(END[1])
    found = [
        due
        for due in duties(world, at, accord=COMMUNITY)
        if due.item and due.id == "delete"
    ]
    OUT.print("\nEach item that is on record as given, seen at that instant:")
    table(
        ("who", "deletes", "since", "before", ""),
        [
            (
                world.party(due.who).name,
                str(due.item),
                zone.say(due.since),
                "–" if due.before is None else zone.say(due.before),
                state(due, at),
            )
            for due in sorted(found, key=lambda due: (due.since, due.who, str(due.item)))
        ],
    )


def state(due: Due, at: Instant) -> str:
    """Return what has become of a duty."""
    if due.discharged is not None:
        return f"done: {due.discharged}"
    return "overdue" if due.overdue(at) else "open"


if __name__ == "__main__":
    main()
