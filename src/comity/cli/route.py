"""``route`` and ``consents``: by which ways may it get there, and who has agreed?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from comity.accords.times import Zone
from comity.cli.clock import at_option
from comity.cli.release import (
    DENIED,
    draft_option,
    failing_json,
    missing_json,
    one_form,
    release_options,
    the_request,
    write_draft,
)
from comity.cli.shared import WhatIf, show_json, talk, the_instant, the_world, world_options
from comity.release import (
    HEADINGS,
    Entry,
    Obstacle,
    Reach,
    Request,
    Route,
    World,
    consents_at,
    decide,
    entry_words,
    explain,
    missing_words,
    obstacles,
    reach,
    routes,
)


@click.command("route", short_help="List the ways by which an item may get there.")
@click.argument("root", metavar="WORLD", type=click.Path(path_type=Path))
@release_options
@click.option("--all", "every", is_flag=True, help="Every way, not the best alone.")
@click.option("--why", is_flag=True, help="Say also what closes the other ways.")
@draft_option
@world_options
def route_command(
    root: Path,
    item: str,
    sender: str,
    recipient: str,
    at: str | None,
    purpose: str | None,
    channel: str | None,
    held_as: str | None,
    every: bool,
    why: bool,
    draft_consent: bool,
    what_if: WhatIf,
    as_json: bool,
) -> int:
    """Show the best way by which an item may get there, hop by hop, with each missing consent.

    The best has the fewest missing consents, then the fewest hops. A way with a missing
    consent is no permit. Exit 0 where a way needs nothing more.
    """
    one_form(draft_consent=draft_consent, as_json=as_json)
    world = the_world(root, what_if)
    request = the_request(world, item, sender, recipient, at, purpose, channel, held_as)
    found = routes(request, world)
    shown = found if every else found[:1]
    closed = obstacles(request, world) if why else ()
    if as_json:
        body: dict[str, Any] = {
            "ways": [_route_json(route, request, world) for route in shown],
            "others": len(found) - len(shown),
        }
        show_json(body | ({"closed": [_closed_json(o) for o in closed]} if why else {}))
    elif draft_consent:
        best = found[0].consents if found else ()
        write_draft(best, request, world)
    else:
        for line in (*route_lines(shown, request, world), *closed_lines(closed, world)):
            click.echo(line)
        if len(found) > len(shown):
            talk(f"other ways: {len(found) - len(shown)}; `--all` lists them")
    if not found:
        talk("no way: on every way something other than consent is missing; directly:")
        talk(explain(request, decide(request, world), world))
    return 0 if any(route.permitted for route in found) else DENIED


def route_lines(found: tuple[Route, ...], request: Request, world: World) -> list[str]:
    """Return the ways as a person reads them."""
    lines: list[str] = []
    for route in found:
        seats = [world.party(route.hops[0].sender).seat]
        seats += [world.party(hop.recipient).seat for hop in route.hops]
        state = "permitted" if route.permitted else "not without consent"
        lines.append(f"{' → '.join(seats)}: {state}")
        so_far = reach(route, request, world)
        before = Reach(
            categories=world.categories, kinds=world.kinds, purposes=world.purposes
        )
        for hop, left in zip(route.hops, so_far, strict=True):
            levels = " or ".join(map(str, hop.handle_as)) or "–"
            fewer = [
                f"{what} {', '.join(sorted(was - is_))}"
                for what, was, is_ in _narrowing(before, left)
                if was - is_
            ]
            shrinks = f"; not for {', '.join(fewer)}" if fewer else ""
            lines.append(
                f"  to {world.name(hop.recipient)} under {hop.accord}, handled as"
                f" {levels}{shrinks}"
            )
            before = left
        lines += [f"  missing: {missing_words(one, world)}" for one in route.consents]
    return lines


def _narrowing(was: Reach, left: Reach) -> list[tuple[str, frozenset[str], frozenset[str]]]:
    return [
        ("categories", was.categories, left.categories),
        ("kinds", was.kinds, left.kinds),
        ("purposes", was.purposes, left.purposes),
    ]


def closed_lines(closed: tuple[Obstacle, ...], world: World) -> list[str]:
    """Return what closes the other ways; hops that one thing closes stand on one line."""
    reasons: dict[tuple[str, str, str], list[str]] = {}
    for one in closed:
        failing = one.failing
        accord = f"{one.accord} {failing.article}".strip() if one.accord else ""
        has = f": {failing.has}" if not accord and failing.has != "none" else ""
        key = (one.sender, one.recipient, HEADINGS[failing.reason] + has)
        reasons.setdefault(key, []).extend([accord] if accord else [])
    to: dict[tuple[str, str], list[str]] = {}
    for (sender, recipient, heading), where in reasons.items():
        said = f"{heading} [{'; '.join(where)}]" if where else heading
        to.setdefault((sender, said), []).append(world.party(recipient).seat)
    lines: dict[tuple[str, str], list[str]] = {}
    for (sender, said), recipients in to.items():
        lines.setdefault((", ".join(recipients), said), []).append(world.party(sender).seat)
    found = [f"  {', '.join(by)} → {to}: {said}" for (to, said), by in lines.items()]
    return ["closed:", *found] if found else []


def _route_json(route: Route, request: Request, world: World) -> dict[str, Any]:
    hops: list[dict[str, Any]] = [
        {
            "from": hop.sender,
            "to": hop.recipient,
            "accord": hop.accord,
            "handle_as": [str(level) for level in hop.handle_as],
            "categories": sorted(left.categories),
            "kinds": sorted(left.kinds),
            "purposes": sorted(left.purposes),
        }
        for hop, left in zip(route.hops, reach(route, request, world), strict=True)
    ]
    return {
        "permitted": route.permitted,
        "hops": hops,
        "consents": [missing_json(one, world) for one in route.consents],
    }


def _closed_json(one: Obstacle) -> dict[str, Any]:
    return {"from": one.sender, "to": one.recipient} | failing_json(one.failing)


@click.command("consents", short_help="List consents, and the requests for them.")
@click.argument("root", metavar="WORLD", type=click.Path(path_type=Path))
@at_option
@click.option("--party", metavar="P", help="Those alone in which this party has a part.")
@world_options
def consents_command(
    root: Path, at: str | None, party: str | None, what_if: WhatIf, as_json: bool
) -> int:
    """List the consents and requests made by an instant, each with what it is then.

    A consent is in force, not yet, expired, revoked or without effect; a request is pending,
    granted or refused.
    """
    world = the_world(root, what_if)
    if party is not None:
        _ = world.party(party)
    zone = (
        next(iter(world.parties.values())).zone
        if party is None
        else world.party(party).zone
    )
    found = consents_at(world, the_instant(at, zone), party)
    if as_json:
        show_json([_entry_json(entry, zone) for entry in found])
    else:
        for entry in found:
            click.echo(entry_words(entry, world, zone))
        if not found:
            talk("nobody has consented or asked for consent by then")
    return 0


def _entry_json(entry: Entry, zone: Zone) -> dict[str, Any]:
    op = entry.what
    return {
        "id": entry.id,
        "what": str(op.do),
        "state": str(entry.state),
        "of": entry.of,
        "by": list(entry.by),
        "accord": entry.accord,
        "article": entry.article or None,
        "holder": op.holder,
        "to": op.to,
        "item": op.item,
        "categories": list(op.categories),
        "levels": list(op.levels),
        "ceiling": op.ceiling,
        "purposes": list(op.purposes),
        "since": zone.show(entry.since),
        "before": None if entry.before is None else zone.show(entry.before),
        "note": entry.note or None,
    }


COMMANDS = (route_command, consents_command)
