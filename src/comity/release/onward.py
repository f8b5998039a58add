"""Under which other accords did the sender receive this, and what do they say of third parties?

Who received something under an accord is bound by its third-party rule, by whichever accord it
would go on; after the end as the survival clause says (VCLT 70(1)(b) where it says nothing).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.instruments import Op
from comity.accords.times import Instant
from comity.release.given import Giving, adopted, given, over
from comity.release.lineage import lineage, originators
from comity.release.request import Request
from comity.release.world import World


def binding(
    request: Request, world: World, under: str
) -> Iterator[tuple[Accord, frozenset[str]]]:
    """Yield the texts by which the sender received the item, other than the one it goes under.

    So also for each part that it is made from, with the originators of what was received.
    Each text has the third-party rule that binds the sender at that instant; if it may have
    ended, the one after the end, which never asks for less. One whose items a successor has
    adopted binds no longer; the successor does.

    Raises:
        TooUncertain: the times of such an accord are not known well enough.
    """
    sender = request.sender
    parts = {part.id: part for part in lineage(request.item, world).members}
    if request.received is not None and request.received[1] != under:
        giver, name = request.received
        now = Giving(item=request.item.id, giver=giver, holder=sender, under=(name,))
        whose = frozenset(originators(request.item, world))
        for version in _as_it_binds(world, world.accord(name), now, request.at):
            yield version, whose
    if not any(op.item in parts and op.to == sender for _, op in world.acts(Op.RELEASE)):
        return
    for accord in world.accords:
        for giving in given(world, accord, request.at) if accord.id != under else ():
            if giving.holder != sender or giving.item not in parts:
                continue
            if adopted(world, giving, accord.id, request.at) is None:
                whose = frozenset(originators(parts[giving.item], world))
                for version in _as_it_binds(world, accord, giving, request.at):
                    yield version, whose


def _as_it_binds(
    world: World, accord: Accord, giving: Giving, at: Instant
) -> Iterator[Accord]:
    clock = world.clock(accord.id)
    end = over(clock, at, giving.pair)
    for version in clock.versions(at, giving.pair):
        yield _with(version, _rule(version, after=end is not None))


def _rule(version: Accord, *, after: bool) -> c.ThirdParty:
    """Return the third-party rule; where the text has none, each originator has its say."""
    rule, survival = version.one(c.ThirdParty), version.one(c.Survival)
    if after and survival is not None and survival.onward is not None:
        if survival.onward.place is None:
            return c.ThirdParty(cites=survival.cites, consent=c.Consent.NEVER)
        if rule is None or rule.cites != survival.onward.place:
            return c.ThirdParty(cites=survival.cites, consent=c.Consent.EACH_ORIGINATOR)
    return rule or c.ThirdParty(cites="", consent=c.Consent.EACH_ORIGINATOR)


def _with(version: Accord, rule: c.ThirdParty) -> Accord:
    others = tuple(x for x in version.clauses if not isinstance(x, c.ThirdParty))
    return replace(version, clauses=(*others, rule))
