"""What is worked out for the other engines before they are asked, in their favour.

They have no partial orders of levels, no labels with dates, no groups, no lists of
recipients and no policies' tags. So the plain evaluator says beforehand what an item is
marked at the request's instant, whether its label lets the recipient have it, and whether
the sender may hold it at the level it says; what is left is one row to be found. Nobody
counts the time that this takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from comity.labels import Caveat, Level
from comity.release import Request, World
from comity.release.consents import in_force
from comity.release.handling import misheld
from comity.release.marked import barred_by_label, label_at
from flat import BIT, CHANGED, GATE, ORCON, OTHERS, TAGS, Flat
from words import LEVELS

UNBOUND = 1 << len(BIT)
"""Needed by what its label keeps back; every row leaves it out."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request in numbers.

    Attributes:
        pair: the sender's number and the recipient's, as one.
        needs: the bits of `flat.BIT`, and `UNBOUND`.
        owners: a mask of the originators.
        flags: which asks of a row concern it.
        under: the place of the accord that it names, or -1.
        leave: the places of the accords under which all whom a row asks have consented.
        leave_all: likewise each originator, sender and recipient too, as a gate asks.
        others: the numbers of the originators outside the pair.
        everyone: the numbers of all originators.
        item: its number, for a consent that names it; -1 for one that none names.
        level: that of the label, by the number of its policy and its place there.
    """

    pair: int
    at: int
    needs: int
    owners: int
    flags: int
    under: int
    leave: tuple[int, ...]
    leave_all: tuple[int, ...]
    others: tuple[int, ...]
    everyone: tuple[int, ...]
    item: int
    level: tuple[int, int]


class Outside:
    """Works out the requests of one world."""

    def __init__(self, flat: Flat) -> None:
        """Number the accords and the items that a consent names."""
        self._flat = flat
        self._world: World = flat.world
        self.accords = {accord.id: n for n, accord in enumerate(self._world.accords)}
        self.items = {name: n for n, name in enumerate(self._world.items)}
        self._held: dict[tuple[object, ...], bool] = {}
        self._gated = {row.accord for row in flat.rows() if row.way.asks & GATE}

    def pair(self, sender: str, recipient: str) -> int:
        """Return the number of a pair."""
        places = self._flat.places
        return places[sender] * len(places) + places[recipient]

    def asked(self, request: Request) -> Asked:
        """Return a request in numbers."""
        world, flat = self._world, self._flat
        label = label_at(request.item, world, request.at)
        now = replace(request, item=replace(request.item, label=label))
        item, pair = now.item, (request.sender, request.recipient)
        everyone = tuple(dict.fromkeys(item.originators))
        others = tuple(party for party in everyone if party not in pair)
        changed = bool(others) and now.for_purpose != item.purpose
        policy = world.policies[label.level.policy]
        orcon = bool(others) and Caveat.ORCON in policy.caveats(label)
        flags = OTHERS * bool(others) | CHANGED * changed | ORCON * orcon | GATE
        asking = flags & (OTHERS | CHANGED | ORCON)
        under = -1 if request.under is None else self.accords[request.under]
        return Asked(
            pair=self.pair(*pair),
            at=request.at,
            needs=self._needs(now, others),
            owners=flat.owners(everyone),
            flags=flags,
            under=under,
            leave=tuple(self._leave(now, others)) if asking else (),
            leave_all=tuple(self._leave(now, everyone, gated=True)),
            others=tuple(flat.places[party] for party in others),
            everyone=tuple(flat.places[party] for party in everyone),
            item=self.items.get(item.id, -1),
            level=(flat.places[label.level.policy], LEVELS.index(label.level.name)),
        )

    def _needs(self, now: Request, others: tuple[str, ...]) -> int:
        item, label = now.item, now.item.label
        needs = BIT["kind", item.kind]
        needs |= BIT["purpose", now.for_purpose] | BIT["channel", now.by_channel]
        for category in label.categories:
            needs |= BIT["category", category]
        needs |= BIT["others", ""] if others else 0
        home = item.originators == (now.recipient,) == (label.level.policy,)
        held = label.level if now.held_as is None else now.held_as
        if not home:
            if held.policy != now.sender:
                return needs | UNBOUND  # here no table leads on from a third party's levels
            needs |= BIT["level", held.name]
            for mark in label.marks if now.held_as is None else ():
                tag = f"{mark.tag_set}/{mark.value}"
                needs |= BIT["tag", tag] if tag in TAGS else 0
        return needs if self._bound(now, held) else needs | UNBOUND

    def _bound(self, now: Request, held: Level) -> bool:
        if now.sender == now.recipient:
            return False
        if any(barred_by_label(now, now.item, self._world)):
            return False
        if now.held_as is None:
            return True
        key = (
            now.item.label.level,
            now.item.label.marks,
            now.item.originators,
            now.sender,
            held,
        )
        if key not in self._held:
            self._held[key] = not any(misheld(now, held, self._world))
        return self._held[key]

    def _leave(
        self, now: Request, parties: tuple[str, ...], *, gated: bool = False
    ) -> Iterator[int]:
        for accord in self._world.between(now.sender, now.recipient):
            if gated and accord.id not in self._gated:
                continue
            if all(in_force(party, accord.id, now, self._world) for party in parties):
                yield self.accords[accord.id]
