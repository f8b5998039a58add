"""What is wrong with the consents, requests and derived items of a world that loads."""

from __future__ import annotations

from collections.abc import Iterator

from comity.accords.instruments import Instrument, Op
from comity.errors import Finding, Severity
from comity.release.lineage import lineage
from comity.release.marked import below_parts
from comity.release.world import World


def parts_are_known(world: World) -> Iterator[Finding]:
    """What an item is made from are items of the world, and none is a part of itself."""
    told: set[frozenset[str]] = set()
    for item in world.items.values():
        found = lineage(item, world)
        for name in (name for of, name in found.unknown if of == item.id):
            yield Finding(
                where=item.where or "items",
                line=item.line,
                code="no-part",
                message=f"item `{item.id}` is made from `{name}`, which is no item here",
                hint="its items: " + ", ".join(sorted(world.items)),
            )
        for circle in found.circles:
            if frozenset(circle) not in told:
                told.add(frozenset(circle))
                yield Finding(
                    where=item.where or "items",
                    line=item.line,
                    code="parts-in-a-circle",
                    message=f"items are made from one another: {' → '.join(circle)}",
                    hint="an item is made from others that were there before it",
                )


def wholes_are_marked_over_their_parts(world: World) -> Iterator[Finding]:
    """A derived item is marked at least as its parts are, or it goes nowhere."""
    for item in world.items.values():
        for _, wants, has in below_parts(lineage(item, world).members, world):
            yield Finding(
                where=item.where or "items",
                line=item.line,
                code="marked-below-part",
                severity=Severity.WARNING,
                message=f"item `{item.id}` goes nowhere: it wants {wants}; there is {has}",
                hint="mark the whole as its parts are; only their originators lower them",
            )


def ceilings_are_their_givers(world: World) -> Iterator[Finding]:
    """A ceiling is a level of the policy of whoever gives the consent, or is asked for it."""
    for instrument in world.instruments:
        for op in instrument.operations:
            givers = (op.of,) if op.do is Op.REQUEST_CONSENT else instrument.by
            for party in givers if op.ceiling is not None else ():
                policy = None if party is None else world.policy_of(party)
                levels = (
                    [] if policy is None else [f"{policy.id}:{n}" for n in policy.rungs]
                )
                if op.ceiling not in levels:
                    yield _find(
                        instrument,
                        "foreign-ceiling",
                        f"`{instrument.id}` reaches up to `{op.ceiling}`, which is no level of"
                        f" `{party}`, so it would reach nothing",
                        "levels of its own: " + (", ".join(levels) or "none"),
                    )


def answers_have_requests(world: World) -> Iterator[Finding]:
    """A consent or refusal that answers a request is by one whom that request asked."""
    asked = {(a.id, a.accord, a.of) for a in world.approvals().asked}
    ids = sorted({name for name, _, _ in asked})
    for instrument in world.instruments:
        for op in instrument.operations:
            if op.do not in (Op.CONSENT, Op.REFUSE_CONSENT) or op.answers is None:
                continue
            for party in instrument.by:
                if (op.answers, instrument.accord, party) not in asked:
                    yield _find(
                        instrument,
                        "no-request",
                        f"`{instrument.id}` answers `{op.answers}`, which asks nothing of"
                        f" `{party}` under `{instrument.accord}`",
                        "the requests: " + (", ".join(ids) or "none"),
                    )


def _find(instrument: Instrument, code: str, message: str, hint: str) -> Finding:
    return Finding(
        where=instrument.where, line=instrument.line, code=code, message=message, hint=hint
    )
