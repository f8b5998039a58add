"""Faults planted one at a time, and how many requests it takes until an answer differs.

``python tests/testing/planted.py`` prints the table of ``docs/faults.md``: requests at the
boundaries beside requests drawn word by word.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

from comity.accords import Clock, Op
from comity.accords import clauses as c
from comity.accords.times import Instant, Span
from comity.labels import Item, Label, Level, Membership
from comity.release import Hold, Permit, Request, World, decide, examine, handling
from comity.release.approval import ConsentGiven
from comity.testing import Edges, boundary_requests
from comity.worlds import load_world
from make import ROOT

BESIDE = ROOT / "tests" / "oracle" / "beside"
Engine = Callable[[Request], object]
DAY = 86_400


# -- the worlds -----------------------------------------------------------------------------


@cache
def world(name: str) -> World:
    """Return a world, with what the oracle's tests put beside it where its name says so."""
    if name == "gsomia, no suspension":
        return world("gsomia").without(["kr-suspension-2019", "kr-withdrawal-2023"])
    if name == "labels, inspected":
        return world("labels").without(["ns-unseen"])
    plain, _, beside = name.partition("+")
    source = ROOT / "worlds" / plain
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "world"
        shutil.copytree(source if source.exists() else BESIDE / plain, root)
        if beside:
            shutil.copytree(BESIDE / beside, root, dirs_exist_ok=True)
            for path in root.glob("accords/*.tests.toml"):
                path.unlink()
        return load_world(root)


# -- how a fault is planted --------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """A mistake that one could make.

    Attributes:
        world: where it is planted.
        plant: makes an engine that has it.
        second: whether it shows for a second or so at an edge, and nowhere else.
        whole: whether it permits as it should, and says something else with it.
    """

    name: str
    world: str
    plant: Callable[[World], Engine]
    second: bool = False
    whole: bool = False

    def shows(self, ours: object, theirs: object) -> bool:
        """Say whether an answer is another than that of `decide`."""
        if isinstance(ours, Permit) and isinstance(theirs, Permit):
            return self.whole and ours.handle_as != theirs.handle_as
        return isinstance(ours, Permit) is not isinstance(theirs, Permit)


def changed(change: Callable[[World], World]) -> Callable[[World], Engine]:
    """An engine that reads its world otherwise."""

    def plant(told: World) -> Engine:
        other = change(told)
        assert other != told
        return lambda request: decide(request, other)

    return plant


def asked_otherwise(
    *changes: Callable[[Request], Request], how: Callable[..., bool] = any
) -> Callable[[World], Engine]:
    """An engine that permits what is permitted in any of some forms, or in all."""

    def plant(told: World) -> Engine:
        def answer(request: Request) -> object:
            found = [decide(change(request), told) for change in changes]
            permits = [one for one in found if isinstance(one, Permit)]
            if how(isinstance(one, Permit) for one in found):
                return permits[0]
            return next((one for one in found if not isinstance(one, Permit)), permits[:1])

        return answer

    return plant


def patched(
    where: object, name: str, make: Callable[[Any], Any]
) -> Callable[[World], Engine]:
    """An engine in which one function is another; it has caches of its own."""

    @contextmanager
    def in_place() -> Iterator[None]:
        was = getattr(where, name)
        setattr(where, name, make(was))
        try:
            yield
        finally:
            setattr(where, name, was)

    def plant(told: World) -> Engine:
        other = replace(told)

        def answer(request: Request) -> object:
            with in_place():
                return decide(request, other)

        return answer

    return plant


def remembers_by_day(told: World) -> Engine:
    """A gateway that keeps an answer for the rest of the day, in UTC."""
    known: dict[tuple[str, int], object] = {}

    def answer(request: Request) -> object:
        key = (replace(request, at=Instant(0)).digest, request.at // DAY)
        if key not in known:
            known[key] = decide(request, told)
        return known[key]

    return answer


# -- changes of a world -------------------------------------------------------------------------


def clauses(name: str, change: Callable[[Any], Any]) -> Callable[[World], World]:
    """Change the rules of one accord: None takes one out."""

    def made(told: World) -> World:
        found = []
        for accord in told.accords:
            rules = [change(rule) for rule in accord.clauses] if accord.id == name else None
            kept = (
                None if rules is None else tuple(rule for rule in rules if rule is not None)
            )
            found.append(accord if kept is None else replace(accord, clauses=kept))
        return replace(told, accords=tuple(found))

    return made


def only(kind: type, **changes: Any) -> Callable[[Any], Any]:
    return lambda rule: replace(rule, **changes) if isinstance(rule, kind) else rule


def out(kind: type, **having: Any) -> Callable[[Any], Any]:
    def change(rule: Any) -> Any:
        same = isinstance(rule, kind) and all(
            getattr(rule, k) == v for k, v in having.items()
        )
        return None if same else rule

    return change


def longer(kind: type, key: str, days: int) -> Callable[[Any], Any]:
    def change(rule: Any) -> Any:
        day = getattr(rule, key, None)
        if not isinstance(rule, kind) or day is None:
            return rule
        return replace(rule, **{key: type(day).fromordinal(day.toordinal() + days)})

    return change


def acts(change: Callable[[Any], Any]) -> Callable[[World], World]:
    """Change every act: None takes one out."""

    def made(told: World) -> World:
        found = [change(act) for act in told.instruments]
        return replace(told, instruments=tuple(act for act in found if act is not None))

    return made


def without_op(do: Op) -> Callable[[Any], Any]:
    return lambda act: None if any(op.do is do for op in act.operations) else act


def at_its_earliest(act: Any) -> Any:
    return replace(act, times={key: Span.at(span.start) for key, span in act.times.items()})


def later(do: Op, seconds: int) -> Callable[[Any], Any]:
    def change(act: Any) -> Any:
        if not any(op.do is do for op in act.operations):
            return act
        moved = {
            key: Span(Instant(span.start + seconds), Instant(span.before + seconds))
            for key, span in act.times.items()
        }
        return replace(act, times=moved)

    return change


# -- the faults ---------------------------------------------------------------------------------


def as_it_is(request: Request) -> Request:
    return request


def at(seconds: int) -> Callable[[Request], Request]:
    return lambda request: replace(request, at=Instant(request.at + seconds))


def one_category(place: int) -> Callable[[Request], Request]:
    def change(request: Request) -> Request:
        label = request.item.label
        item = replace(
            request.item, label=replace(label, categories=label.categories[place:][:1])
        )
        return replace(request, item=item)

    return change


def without_parts(request: Request) -> Request:
    return replace(request, item=replace(request.item, made_from=()))


def lasting_too_long(was: Any) -> Any:
    return lambda self, at: was(self, at) or (self.before is not None and at == self.before)


def beginning_late(was: Any) -> Any:
    return lambda self, at: was(self, at) and at != self.since


def for_all(was: Any) -> Any:
    """One of several originators has consented, and that is taken for all."""

    def missing(
        self: Any, others: list[str], consent: Any, *, orcon: bool
    ) -> tuple[str, ...]:
        found = was(self, others, consent, orcon=orcon)
        return found if len(found) == len(others) else ()

    return missing


def met_a_second_longer(was: Any) -> Any:
    def met(self: Any, accord: Any, gate: Any, party: str, when: Instant) -> bool:
        return was(self, accord, gate, party, when) or was(
            self, accord, gate, party, Instant(when - 1)
        )

    return met


def by_the_sender_alone(was: Any) -> Any:
    def between(self: Any, when: Instant, pair: tuple[str, str], **_: Any) -> Any:
        return was(self, when, pair, party=pair[0])

    return between


def members_of_the_last_second(was: Any) -> Any:
    return lambda self, when: was(self, when) or when == self.before


def a_second_late(was: Any) -> Any:
    return lambda self, when: (
        replace(self, successor=None)
        if self.successor is not None and when == self.successor.at
        else was(self, when)
    )


def nobody_listed_is_everybody(was: Any) -> Any:
    def released(item: Item, *rest: Any) -> bool:
        return item.label.release_to == () or was(item, *rest)

    return released


JP_ROK, ISLES, NORTH_SOUTH = "jp-rok-gsomia", "isles-east", "north-south"
EXAMINATION = examine._Examination

FAULTS: tuple[Fault, ...] = (
    # ends and beginnings
    Fault(
        "every end is inclusive",
        "gsomia, no suspension",
        asked_otherwise(as_it_is, at(-1)),
        second=True,
    ),
    Fault(
        "every beginning is exclusive",
        "gsomia",
        asked_otherwise(as_it_is, at(-1), how=all),
        second=True,
    ),
    Fault(
        "every end is inclusive",
        "isac",
        asked_otherwise(as_it_is, at(-1)),
        second=True,
    ),
    Fault("an answer is kept for the rest of the day", "gsomia", remembers_by_day),
    Fault(
        "a hold's last second is one too many",
        "gsomia+gsomia-crowded",
        patched(Hold, "stands", lasting_too_long),
        second=True,
    ),
    Fault(
        "a hold begins a second late",
        "gsomia+gsomia-crowded",
        patched(Hold, "stands", beginning_late),
        second=True,
    ),
    Fault(
        "a consent's last second is one too many",
        "gsomia+gsomia-crowded",
        patched(ConsentGiven, "stands", lasting_too_long),
        second=True,
    ),
    Fault(
        "a consent counts from the earliest that it may be from",
        "gsomia+gsomia-crowded",
        patched(
            ConsentGiven,
            "stands",
            lambda was: (
                lambda self, when: was(self, when) or self.given <= when < self.since
            ),
        ),
    ),
    Fault(
        "an authority's last second is one too many",
        "labels",
        changed(
            lambda told: replace(
                told,
                authorities=tuple(
                    replace(one, before=Instant(one.before + 1)) for one in told.authorities
                ),
            )
        ),
        second=True,
    ),
    Fault(
        "a member's last second is one too many",
        "labels, inspected",
        patched(Membership, "stands", members_of_the_last_second),
        second=True,
    ),
    Fault(
        "a label changes a second late",
        "gsomia",
        patched(Label, "at", a_second_late),
        second=True,
    ),
    Fault(
        "a condition is met a second longer",
        "labels",
        patched(World, "met", met_a_second_longer),
        second=True,
    ),
    Fault(
        "a dated row lasts a day too long",
        "labels, inspected",
        changed(clauses(NORTH_SOUTH, longer(c.Equivalence, "before", 1))),
    ),
    Fault(
        "a notice is late that was in time",
        "gsomia, no suspension",
        changed(acts(later(Op.GIVE_NOTICE, 3 * DAY))),
    ),
    Fault(
        "an uncertain time is taken at its earliest",
        "gsomia",
        changed(acts(at_its_earliest)),
    ),
    Fault(
        "the suspension of the notice is forgotten",
        "gsomia",
        changed(acts(without_op(Op.SUSPEND_NOTICE))),
    ),
    # whose
    Fault(
        "the consent of one originator is taken for all",
        "labels",
        patched(EXAMINATION, "_without_leave", for_all),
    ),
    Fault(
        "a consent under one accord counts under another",
        "gsomia+gsomia-crowded",
        patched(
            examine,
            "in_force",
            lambda was: (
                lambda party, _, request, told: tuple(
                    one
                    for other in told.accords
                    for one in was(party, other.id, request, told)
                )
            ),
        ),
    ),
    Fault(
        "a consent that was taken back goes on",
        "gsomia+gsomia-crowded",
        changed(acts(without_op(Op.REVOKE_CONSENT))),
    ),
    Fault(
        "a refusal is forgotten",
        "labels, inspected",
        changed(acts(without_op(Op.REFUSE_CONSENT))),
    ),
    Fault(
        "the originators of the parts do not count",
        "gsomia",
        asked_otherwise(without_parts),
    ),
    Fault(
        "only the sender's reading counts",
        "gsomia+gsomia-revived",
        patched(Clock, "between", by_the_sender_alone),
    ),
    Fault(
        "an emptied list means everybody",
        "gsomia",
        patched(
            sys.modules["comity.release.marked"], "releasable", nobody_listed_is_everybody
        ),
    ),
    # what, to whom and for what
    Fault(
        "a bit is cleared: one category is not covered",
        "isac",
        changed(clauses(ISLES, only(c.Scope, categories=("indicators",)))),
    ),
    Fault(
        "a bit is set: one category more is covered",
        "labels, inspected",
        changed(clauses("north-east", only(c.Scope, categories=("k", "l")))),
    ),
    Fault(
        "an item with one category in scope is in scope",
        "labels, inspected",
        asked_otherwise(*map(one_category, range(4))),
    ),
    Fault(
        "a row is dropped",
        "gsomia",
        changed(clauses(JP_ROK, out(c.Equivalence, from_=Level("kr", "III")))),
    ),
    Fault(
        "of several levels in a row the first is taken",
        "gsomia",
        patched(
            handling._Table,
            "designated",
            lambda was: lambda self, targets, rows: was(self, targets, rows)[:1],
        ),
        whole=True,
    ),
    Fault(
        "a direction is turned round",
        "isac",
        changed(clauses(ISLES, only(c.Scope, directions=("cert-isles to cert-east",)))),
    ),
    Fault(
        "every purpose is admitted",
        "isac",
        changed(clauses("cert-community", only(c.Purpose, allowed=("any",)))),
    ),
    Fault(
        "every kind is covered",
        "labels, inspected",
        changed(clauses(NORTH_SOUTH, only(c.Scope, kinds=("any",)))),
    ),
    Fault(
        "every channel is admitted",
        "gsomia",
        changed(clauses(JP_ROK, out(c.Channel))),
    ),
)


# -- how many requests ----------------------------------------------------------------------------


def uniform(told: World, seed: int = 0) -> Iterator[Request]:
    """Yield requests drawn word by word: the instant among the seconds of its whole history."""
    dice = random.Random(seed)  # noqa: S311  the same requests each time
    edges = Edges(told)
    cuts = [edge.at for accord in told.accords for edge in edges.of(accord.id)]
    cuts += [edge.at for edge in edges.beside]
    parties = sorted(told.parties)
    words = [
        sorted(getattr(told, w)) for w in ("categories", "kinds", "purposes", "channels")
    ]
    categories, kinds, purposes, channels = words
    while True:
        originators = dice.sample(parties, dice.choice((1, 1, 1, 2)))
        policy = told.policy_of(originators[0])
        sender, recipient = dice.sample(parties, 2)
        item = Item(
            id="(drawn)",
            title="drawn",
            originators=tuple(originators),
            label=Label(
                level=Level(policy.id, dice.choice(list(policy.rungs))),
                categories=tuple(dice.sample(categories, dice.choice((1, 1, 2)))),
                release_to=dice.choice((None, (), tuple(parties), (recipient,))),
            ),
            kind=dice.choice(kinds),
            purpose=dice.choice(purposes),
            channel=dice.choice(channels),
        )
        if told.items and dice.random() < 0.5:
            item = told.items[dice.choice(sorted(told.items))]
        when = Instant(dice.randint(min(cuts), max(cuts)))
        yield Request(item=item, sender=sender, recipient=recipient, at=when)


class Answered:
    """Requests with the answers of `decide`, asked once for all the faults of a world."""

    def __init__(self, requests: Iterator[Request], told: World) -> None:
        self._coming = requests
        self._told = told
        self._known: list[tuple[Request, object]] = []

    def first(self, limit: int) -> Iterator[tuple[Request, object]]:
        for number in range(limit):
            while number >= len(self._known):
                request = next(self._coming, None)
                if request is None:
                    return
                self._known.append((request, decide(request, self._told)))
            yield self._known[number]


@cache
def at_boundaries(name: str, seed: int) -> Answered:
    return Answered(boundary_requests(world(name), seed=seed), world(name))


@cache
def drawn(name: str) -> Answered:
    return Answered(uniform(world(name)), world(name))


def found_within(fault: Fault, answered: Answered, limit: int) -> int | None:
    """Return how many requests it takes until an answer differs; None if so many do not do."""
    engine = fault.plant(world(fault.world))
    for number, (request, ours) in enumerate(answered.first(limit), 1):
        if fault.shows(ours, engine(request)):
            return number
    return None


def at_the_boundaries(fault: Fault, limit: int, seed: int = 0) -> int | None:
    """Return how many requests of `comity.testing` it takes."""
    return found_within(fault, at_boundaries(fault.world, seed), limit)


def word_by_word(fault: Fault, limit: int) -> int | None:
    """Return how many requests drawn word by word it takes."""
    return found_within(fault, drawn(fault.world), limit)


SEEDS = 3
MANY = 2_000


def main(limit: int = MANY, *worlds: str) -> None:
    """Print, for each fault, the most requests that it took of some seeds, and word by word."""
    print("| fault | world | at the boundaries | word by word |\n|---|---|---|---|")
    started = time.monotonic()
    for fault in FAULTS:
        if worlds and fault.world not in worlds:
            continue
        took = [at_the_boundaries(fault, limit, seed) for seed in range(SEEDS)]
        most = None if None in took else max(filter(None, took))
        alone, never = word_by_word(fault, limit), f"not in {limit:,}"
        print(
            f"| {fault.name} | `{fault.world}` | {most or never} | {alone or never} |",
            flush=True,
        )
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main(int((sys.argv[1:] or [str(MANY)])[0]), *sys.argv[2:])
