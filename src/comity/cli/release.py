"""``try`` and ``route``: may this item go there, and is there another way?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from comity.accords.state import Outcome
from comity.accords.times import Instant, Zone
from comity.cli.clock import at_option
from comity.cli.shared import WhatIf, show_json, talk, the_instant, the_world, world_options
from comity.errors import InvalidInput
from comity.labels import Item
from comity.release import (
    Decision,
    Denial,
    Outlook,
    Permit,
    Request,
    Route,
    World,
    decide,
    explain,
    outlook,
    routes,
)
from comity.release.explain import LATER_HELPS
from comity.release.request import Examined, Failing
from comity.worlds import load_items

DENIED = 2


def release_options(function: Any) -> Any:
    """Add the options that say what is asked."""
    for option in reversed(
        (
            click.option(
                "--item",
                required=True,
                metavar="FILE",
                help="Item file, or the id"
                " of an item in the world; FILE#ID names one of several.",
            ),
            click.option("--from", "sender", required=True, metavar="P", help="Sender."),
            click.option(
                "--to", "recipient", required=True, metavar="P", help="Recipient."
            ),
            click.option("--purpose", metavar="WORD", help="Another than the item's own."),
            click.option("--channel", metavar="WORD", help="Another than the item's own."),
        )
    ):
        function = option(function)
    return at_option(function)


@click.command("try", short_help="Say whether an item may go, and why not.")
@click.argument("root", metavar="WORLD", type=click.Path(path_type=Path))
@release_options
@click.option("--under", metavar="ACCORD", help="Under this accord alone.")
@world_options
def try_command(
    root: Path,
    item: str,
    sender: str,
    recipient: str,
    at: str | None,
    purpose: str | None,
    channel: str | None,
    under: str | None,
    what_if: WhatIf,
    as_json: bool,
) -> int:
    """Say whether an item may go to a party at an instant, and why or why not.

    Nothing is sent. Exit 0 where it may, 2 where it may not.
    """
    world = the_world(root, what_if, accord=under)
    request = _request(world, item, sender, recipient, at, purpose, channel, under)
    decision = decide(request, world)
    later = outlook(request, decision, world)
    zone = world.party(sender).zone
    if as_json:
        body = decision_json(request, decision, later, zone)
        show_json(body | {"notes": notes(decision, world, request.at)})
    else:
        click.echo(explain(request, decision, world))
        if later.opens is not None:
            click.echo(f"  next opening: at {zone.say(later.opens)}, by the clock alone")
        elif later.closes is not None:
            click.echo(f"  closes: at {zone.say(later.closes)}, by the clock alone")
        elif isinstance(decision, Denial):
            click.echo("  next opening: none by the clock alone")
        for note in notes(decision, world, request.at):
            talk(f"note: {note}")
    return 0 if isinstance(decision, Permit) else DENIED


def notes(decision: Decision, world: World, at: Instant) -> list[str]:
    """Say what a person should know beside a permit: rules unread, acts without effect."""
    if not isinstance(decision, Permit) or decision.accord is None:
        return []
    clock = world.clock(decision.accord)
    unread = sum(clause.read is None for clause in clock.accord.clauses)
    found = [
        f"`{effect.instrument}` ({effect.do}) is on record and without effect: {effect.lacks}"
        for effect in clock.standing(at).effects
        if effect.outcome is Outcome.WITHOUT_EFFECT
    ]
    if unread:
        found.append(
            f"nobody has confirmed {unread} of its {len(clock.accord.clauses)} rules against"
            " the words they were read from"
        )
    return found


def _request(
    world: World,
    item: str,
    sender: str,
    recipient: str,
    at: str | None,
    purpose: str | None,
    channel: str | None,
    under: str | None = None,
) -> Request:
    _ = world.party(recipient)
    zone = world.party(sender).zone
    return Request(
        item=the_item(world, item),
        sender=sender,
        recipient=recipient,
        at=the_instant(at, zone),
        purpose=purpose,
        channel=channel,
        under=under,
    )


def the_item(world: World, text: str) -> Item:
    """Return an item by its id in the world, or from a file.

    Raises:
        InvalidInput: no such item or file, or a file of several without ``#ID``.
    """
    if text in world.items:
        return world.items[text]
    name, _, chosen = text.partition("#")
    if not Path(name).exists():
        raise InvalidInput(
            f"`{text}` is no item of the world `{world.id}` and no file",
            hint="its items: " + (", ".join(sorted(world.items)) or "none"),
            code="no-item",
        )
    items = load_items(Path(name), world.zone)
    if chosen:
        items = tuple(i for i in items if i.id == chosen)
    if len(items) != 1:
        raise InvalidInput(
            f"`{text}` names {len(items)} items",
            hint="write `FILE#ID`",
            code="no-item",
        )
    return items[0]


def decision_json(
    request: Request, decision: Decision, later: Outlook, zone: Zone
) -> dict[str, Any]:
    """Return a decision for programs."""

    def show(instant: Instant | None) -> str | None:
        return None if instant is None else zone.show(instant)

    body: dict[str, Any] = {
        "item": request.item.id,
        "from": request.sender,
        "to": request.recipient,
        "at": zone.show(request.at),
        "purpose": request.for_purpose,
        "channel": request.by_channel,
        "request": request.digest,
        "next_opening": show(later.opens),
        "next_closing": show(later.closes),
    }
    match decision:
        case Permit():
            return body | {
                "decision": "permit",
                "reason": None,
                "later_helps": None,
                "accord": decision.accord,
                "version": decision.version or None,
                "authority": decision.authority,
                "articles": list(decision.articles),
                "duties": [{"article": a, "what": w} for a, w in decision.duties],
                "handle_as": [str(level) for level in decision.handle_as],
                "choice_open": len(decision.handle_as) > 1,
                "failing": [],
                "considered": [],
                "consent_missing": [],
            }
        case Denial():
            return body | {
                "decision": "denial",
                "reason": str(decision.reason),
                "later_helps": decision.reason in LATER_HELPS,
                "accord": decision.accord,
                "version": None,
                "authority": None,
                "articles": list(decision.articles),
                "duties": [],
                "handle_as": [],
                "choice_open": False,
                "failing": [_failing_json(f) for f in decision.failing],
                "considered": [_examined_json(e) for e in decision.considered],
                "consent_missing": list(decision.consent_missing),
            }


def _failing_json(failing: Failing) -> dict[str, Any]:
    return {
        "reason": str(failing.reason),
        "accord": failing.accord or None,
        "article": failing.article or None,
        "wants": failing.wants,
        "has": failing.has,
        "whose": list(failing.whose),
    }


def _examined_json(examined: Examined) -> dict[str, Any]:
    return {
        "accord": examined.accord,
        "failing": [_failing_json(f) for f in examined.failing],
    }


@click.command("route", short_help="List the ways by which an item may get there.")
@click.argument("root", metavar="WORLD", type=click.Path(path_type=Path))
@release_options
@world_options
def route_command(
    root: Path,
    item: str,
    sender: str,
    recipient: str,
    at: str | None,
    purpose: str | None,
    channel: str | None,
    what_if: WhatIf,
    as_json: bool,
) -> int:
    """List the ways by which an item may get there, hop by hop, with each missing consent.

    A way with a missing consent is no permit. Exit 0 where a way needs nothing more.
    """
    world = the_world(root, what_if)
    request = _request(world, item, sender, recipient, at, purpose, channel)
    found = routes(request, world)
    if as_json:
        show_json([_route_json(route) for route in found])
    else:
        for line in route_lines(found, world):
            click.echo(line)
    if not found:
        talk("no way: on every way something other than consent is missing; directly:")
        talk(explain(request, decide(request, world), world))
    return 0 if any(route.permitted for route in found) else DENIED


def route_lines(found: tuple[Route, ...], world: World) -> list[str]:
    """Return the ways as a person reads them."""
    lines: list[str] = []
    for route in found:
        seats = [world.party(route.hops[0].sender).seat]
        seats += [world.party(hop.recipient).seat for hop in route.hops]
        state = "permitted" if route.permitted else "not without consent"
        lines.append(f"{' → '.join(seats)}: {state}")
        for hop in route.hops:
            levels = " or ".join(map(str, hop.handle_as)) or "–"
            lines.append(
                f"  to {world.name(hop.recipient)} under {hop.accord}, handled as {levels}"
            )
        lines += [
            f"  missing: the written consent of {world.name(whose)} to release to"
            f" {world.name(to)}"
            for whose, to in route.consents
        ]
    return lines


def _route_json(route: Route) -> dict[str, Any]:
    return {
        "permitted": route.permitted,
        "hops": [
            {
                "from": hop.sender,
                "to": hop.recipient,
                "accord": hop.accord,
                "handle_as": [str(level) for level in hop.handle_as],
            }
            for hop in route.hops
        ],
        "consent_missing": [{"of": whose, "to": to} for whose, to in route.consents],
    }


COMMANDS = (try_command, route_command)
