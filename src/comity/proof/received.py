"""By which other texts the sender has what it would send, as a condition on any request.

Which text binds a holder at an instant is asked of `comity.release.onward`, for each way in
which a request says that the item was received and for each item with a release on record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import z3

from comity.accords.accord import Accord
from comity.accords.doubt import TooUncertain
from comity.accords.instruments import Op
from comity.accords.times import Instant
from comity.labels import Item, Label
from comity.proof.asked import NOWHERE, STRANGE, AnyItem, Asked, Pair
from comity.proof.spans import Spans
from comity.release.onward import binding
from comity.release.request import Request
from comity.release.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A text that binds the sender as to what it received.

    Attributes:
        text: with the third-party rule as it binds; None where nobody can say which.
        when: it was received so, at an instant at which that text binds.
        whose: the condition that a party is an originator of what was received.
    """

    text: Accord | None
    when: z3.BoolRef
    whose: Callable[[str], z3.BoolRef]


Texts: TypeAlias = Mapping[Accord | None, set[Instant]]
"""Texts that bind, each with the stretches in which it does; None where nobody can say."""
Known: TypeAlias = dict[tuple[str, Pair | str], Texts]
"""Those that bind beside an accord, for a way in which something was received or an item."""


def bindings(
    world: World, asked: Asked, spans: Spans, under: str, known: Known
) -> Iterator[Bound]:
    """Yield every text by which the sender may have received it, other than the one it goes under.

    What has been asked of the plain rule is taken from ``known``, and put there.
    """

    def texts(how: Pair | str) -> Texts:
        if (under, how) not in known:
            known[under, how] = _texts(world, asked.pair, spans, under, how)
        return known[under, how]

    for way, symbol in asked.received.options.items():
        if way is not None and way[1] != under:
            for text, starts in texts(way).items():
                when = z3.And(symbol, spans.when(starts.__contains__, asked.at))
                yield Bound(text=text, when=when, whose=asked.originates)
    recorded = {op.item for _, op in world.acts(Op.RELEASE) if op.to == asked.pair[0]}
    for member in asked.members:
        for name, symbol in member.id.options.items():
            if name != STRANGE and name in recorded:
                for text, starts in texts(name).items():
                    within = spans.when(starts.__contains__, asked.at)
                    yield Bound(
                        text=text,
                        when=z3.And(member.there, symbol, within),
                        whose=_of(asked, member),
                    )


def _of(asked: Asked, member: AnyItem) -> Callable[[str], z3.BoolRef]:
    """Return who a member comes from; the item comes from whoever its parts come from as well."""
    if member is asked.item:
        return asked.originates
    return member.originators.__getitem__


def _texts(world: World, pair: Pair, spans: Spans, under: str, how: Pair | str) -> Texts:
    found: dict[Accord | None, set[Instant]] = {}
    thing = Item(
        id=how if isinstance(how, str) else "(any item)",
        title="",
        originators=(),
        label=Label(level=NOWHERE, categories=()),
        kind="",
        purpose="",
        channel="",
    )
    way = None if isinstance(how, str) else how
    for start, _ in spans:
        request = Request(
            item=thing, sender=pair[0], recipient=pair[1], at=start, received=way
        )
        try:
            texts: set[Accord | None] = {text for text, _ in binding(request, world, under)}
        except TooUncertain:
            texts = {None}
        for text in texts:
            found.setdefault(text, set()).add(start)
    return found
