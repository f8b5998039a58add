"""The hop-by-hop ways by which an item may lawfully get there, with each missing consent.

A route with a missing consent is never a permit. Hops beyond the first are indicative: the
node there decides for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from comity.accords.accord import Accord, Existence
from comity.labels import Level, Mark
from comity.release.asking import Missing, missing
from comity.release.decide import Decision, Denial, Permit, decide
from comity.release.examine import examine
from comity.release.marked import label_at
from comity.release.request import Failing, Reason, Request
from comity.release.world import World

HOPS_MAX = 3  # an item that needs four nodes to cross has lost its originator's control


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One release on the way.

    Attributes:
        held, held_tags: the sender's own levels, of which any may be the one, and its
            tags; empty for the originator's marking.
        handle_as: the recipient's levels, where the hop is permitted or lacks consent
            alone.
        handle_tags: the recipient's tags beside them.
        consents: the consents that it lacks.
    """

    sender: str
    recipient: str
    decision: Decision
    accord: str
    held: tuple[Level, ...]
    held_tags: tuple[Mark, ...]
    handle_as: tuple[Level, ...]
    handle_tags: tuple[Mark, ...]
    consents: tuple[Missing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A way through several accords: no party twice."""

    hops: tuple[Hop, ...]

    @property
    def permitted(self) -> bool:
        """Whether every hop is a permit."""
        return all(isinstance(hop.decision, Permit) for hop in self.hops)

    @property
    def consents(self) -> tuple[Missing, ...]:
        """The consents that are missing on the way, each once."""
        return tuple(dict.fromkeys(one for hop in self.hops for one in hop.consents))


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """A hop that closes every way over it: the most decisive thing in the way there.

    Attributes:
        accord: None where no accord is between the two, or what is in the way binds
            whatever an accord permits.
    """

    sender: str
    recipient: str
    accord: str | None
    failing: Failing


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What else could go the same way: the words that put nothing more in the way."""

    categories: frozenset[str]
    kinds: frozenset[str]
    purposes: frozenset[str]


def routes(
    request: Request,
    world: World,
    *,
    hops: int = HOPS_MAX,
    closes: Callable[[Request], bool] | None = None,
) -> tuple[Route, ...]:
    """Return the ways on which nothing but consent is missing, best first.

    Fewest missing consents first, then fewest hops, then the world's order of accords. No
    party is passed twice, and no way has more than ``hops`` hops. A hop of which ``closes``
    says that more than consent is in the way is not decided.
    """
    found = tuple(_Walk(request, world, closes).ways(hops))
    return tuple(sorted(found, key=lambda r: (len(r.consents), len(r.hops))))


def obstacles(
    request: Request, world: World, *, hops: int = HOPS_MAX
) -> tuple[Obstacle, ...]:
    """Return what closes the other ways, each closed hop once, nearest the sender first.

    A hop that nothing closes and that leads nowhere is not told; the one behind it is.
    """
    walk = _Walk(request, world)
    _ = tuple(walk.ways(hops))
    return tuple(walk.closed)


def reach(route: Route, request: Request, world: World) -> tuple[Reach, ...]:
    """Return, after each hop, what could still come so far in the item's place.

    A word stays if the item with it alone would meet nothing in the way, on any hop so
    far, that the item as it is does not. So it shrinks from hop to hop and never grows.
    """
    left = Reach(categories=world.categories, kinds=world.kinds, purposes=world.purposes)
    item = replace(request.item, label=label_at(request.item, world, request.at))
    found: list[Reach] = []
    received = request.received
    for hop in route.hops:
        accord = world.accord(hop.accord)
        for level in hop.held or (None,):
            step = replace(
                request,
                item=item,
                sender=hop.sender,
                recipient=hop.recipient,
                held_as=level,
                held_tags=hop.held_tags,
                received=received,
            )
            left = _narrowed(left, step, accord, world)
        received = (hop.sender, hop.accord)
        found.append(left)
    return tuple(found)


def _narrowed(left: Reach, step: Request, accord: Accord, world: World) -> Reach:
    item, known = step.item, _in_the_way(step, accord, world)

    def admits(other: Request) -> bool:
        return _in_the_way(other, accord, world) <= known

    def about(word: str) -> Request:
        label = replace(item.label, categories=(word,))
        return replace(step, item=replace(item, label=label))

    return Reach(
        categories=frozenset(w for w in left.categories if admits(about(w))),
        kinds=frozenset(
            w for w in left.kinds if admits(replace(step, item=replace(item, kind=w)))
        ),
        purposes=frozenset(w for w in left.purposes if admits(replace(step, purpose=w))),
    )


def _in_the_way(
    step: Request, accord: Accord, world: World
) -> frozenset[tuple[Reason, str, tuple[str, ...]]]:
    failing = examine(step, accord, world).failing
    return frozenset((f.reason, f.article, f.whose) for f in failing)


@dataclass(frozen=True, slots=True)
class _Held:
    """How a holder on the way marks it: at any of these levels, with these tags.

    Attributes:
        received: from whom it has it there, and under which accord.
    """

    levels: tuple[Level, ...]
    tags: tuple[Mark, ...]
    received: tuple[str, str] | None


@dataclass(slots=True)
class _Walk:
    """Every way over the accords, hop by hop; each hop is decided once."""

    request: Request
    world: World
    closes: Callable[[Request], bool] | None = None
    closed: dict[Obstacle, None] = field(default_factory=dict)
    known: dict[tuple[str, str, str, _Held], Hop | Obstacle | None] = field(
        default_factory=dict
    )

    def ways(self, hops: int) -> Iterator[Route]:
        request = self.request
        if request.sender == request.recipient or hops < 1:
            return
        if self.closes is None and not self.world.between(
            request.sender, request.recipient
        ):
            denial = decide(replace(request, under=None), self.world)
            if isinstance(denial, Denial):
                self.closed[_obstacle(request, denial)] = None
        first = () if request.held_as is None else (request.held_as,)
        held = _Held(first, request.held_tags, request.received)
        yield from self._extend((), request.sender, held, hops)

    def _extend(
        self, so_far: tuple[Hop, ...], holder: str, held: _Held, left: int
    ) -> Iterator[Route]:
        goal = self.request.recipient
        passed = {self.request.sender, *(hop.recipient for hop in so_far)}
        for party in sorted(self.world.parties):
            if party in passed or not self._leads(party, passed, left - 1):
                continue
            for accord in self.world.between(holder, party):
                key = (holder, party, accord.id, held)
                if key not in self.known:
                    self.known[key] = self._decided(holder, party, accord.id, held)
                match self.known[key]:
                    case None:
                        continue
                    case Obstacle() as obstacle:
                        if self._told(obstacle, passed, left - 1):
                            self.closed[obstacle] = None
                    case Hop() as hop if party == goal:
                        yield Route(hops=(*so_far, hop))
                    case Hop() as hop:
                        longer = (*so_far, hop)
                        how = (hop.handle_as, hop.handle_tags)
                        now = _Held(*how, (hop.sender, hop.accord))
                        yield from self._extend(longer, party, now, left - 1)

    def _leads(
        self, party: str, passed: set[str], left: int, *, shown: bool = False
    ) -> bool:
        """Say whether accords could lead on from a party in so many hops, decided or not.

        With ``shown``, those whose existence is classified do not count.
        """
        if party == self.request.recipient:
            return True
        beyond = passed | {party}
        return left > 0 and any(
            self._joined(party, other, shown=shown)
            and self._leads(other, beyond, left - 1, shown=shown)
            for other in self.world.parties
            if other not in beyond
        )

    def _joined(self, one: str, other: str, *, shown: bool) -> bool:
        return any(
            not shown or accord.front.existence is not Existence.CLASSIFIED
            for accord in self.world.between(one, other)
        )

    def _told(self, obstacle: Obstacle, passed: set[str], left: int) -> bool:
        """Say whether an obstacle betrays no accord whose existence is classified."""
        direct = (self.request.sender, self.request.recipient)
        if (obstacle.sender, obstacle.recipient) == direct:
            return True
        return obstacle.failing.reason is not Reason.NO_ACCORD and self._leads(
            obstacle.recipient, passed, left, shown=True
        )

    def _decided(
        self, sender: str, recipient: str, accord: str, held: _Held
    ) -> Hop | Obstacle | None:
        """Decide one hop under one accord, from each level at which it may be held.

        Where the holder has not chosen among several levels, the hop must do for all. None
        where it is known to be closed, and nobody asks by what.
        """
        steps = [
            replace(
                self.request,
                sender=sender,
                recipient=recipient,
                under=accord,
                held_as=level,
                held_tags=held.tags,
                received=held.received,
            )
            for level in (held.levels or (None,))
        ]
        if self.closes is not None and any(map(self.closes, steps)):
            return None
        decisions = [(step, decide(step, self.world)) for step in steps]
        denials = [(step, d) for step, d in decisions if isinstance(d, Denial)]
        for step, denial in denials:
            if not denial.consent_missing:
                return _obstacle(step, denial)
        levels = [level for _, decision in decisions for level in _levels(decision)]
        tags = [tag for _, decision in decisions for tag in _tags(decision)]
        found = [one for step, d in denials for one in missing(step, d, self.world)]
        here = {one.of for one in found if one.accord == accord}  # either of two will do
        consents = [one for one in found if one.accord == accord or one.of not in here]
        return Hop(
            sender=sender,
            recipient=recipient,
            decision=denials[0][1] if denials else decisions[0][1],
            accord=accord,
            held=held.levels,
            held_tags=held.tags,
            handle_as=tuple(dict.fromkeys(levels)),
            handle_tags=tuple(dict.fromkeys(tags)),
            consents=tuple(dict.fromkeys(consents)),
        )


def _obstacle(step: Request, denial: Denial) -> Obstacle:
    return Obstacle(
        sender=step.sender,
        recipient=step.recipient,
        accord=denial.accord,
        failing=denial.failing[0],
    )


def _levels(decision: Decision) -> tuple[Level, ...]:
    match decision:
        case Permit():
            return decision.handle_as
        case Denial():
            return decision.considered[0].handle_as if decision.considered else ()


def _tags(decision: Decision) -> tuple[Mark, ...]:
    match decision:
        case Permit():
            return decision.handle_tags
        case Denial():
            return decision.considered[0].handle_tags if decision.considered else ()
