"""``try``: may this item go there, and why not?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from comity.accords.state import Outcome
from comity.accords.times import Instant, Zone
from comity.cli.clock import at_option
from comity.cli.shared import WhatIf, show_json, talk, the_instant, the_world, world_options
from comity.errors import InvalidInput
from comity.labels import Item, Level
from comity.release import (
    Decision,
    Denial,
    Missing,
    Outlook,
    Permit,
    Request,
    World,
    decide,
    draft,
    explain,
    missing,
    outlook,
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
            click.option(
                "--held-as",
                metavar="LEVEL",
                help="The sender's own level, such as `us:SECRET`, for what it received.",
            ),
        )
    ):
        function = option(function)
    return at_option(function)


def draft_option(function: Any) -> Any:
    """Add the option that writes the missing consents as instruments to complete."""
    return click.option(
        "--draft-consent",
        is_flag=True,
        help="Write the missing consents as instruments to complete; none is performed.",
    )(function)


@click.command("try", short_help="Say whether an item may go, and why not.")
@click.argument("root", metavar="WORLD", type=click.Path(path_type=Path))
@release_options
@click.option("--under", metavar="ACCORD", help="Under this accord alone.")
@draft_option
@world_options
def try_command(
    root: Path,
    item: str,
    sender: str,
    recipient: str,
    at: str | None,
    purpose: str | None,
    channel: str | None,
    held_as: str | None,
    under: str | None,
    draft_consent: bool,
    what_if: WhatIf,
    as_json: bool,
) -> int:
    """Say whether an item may go to a party at an instant, and why or why not.

    Nothing is sent. Exit 0 where it may, 2 where it may not.
    """
    one_form(draft_consent=draft_consent, as_json=as_json)
    world = the_world(root, what_if, accord=under)
    request = the_request(
        world, item, sender, recipient, at, purpose, channel, held_as, under
    )
    decision = decide(request, world)
    later = outlook(request, decision, world)
    zone = world.party(sender).zone
    if as_json:
        body = decision_json(request, decision, later, zone)
        absent = missing(request, decision, world) if isinstance(decision, Denial) else ()
        body |= {"consents": [missing_json(one, world) for one in absent]}
        show_json(body | {"notes": notes(decision, world, request.at)})
    elif draft_consent:
        absent = missing(request, decision, world) if isinstance(decision, Denial) else ()
        write_draft(absent, request, world)
        talk(explain(request, decision, world))
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


def the_request(
    world: World,
    item: str,
    sender: str,
    recipient: str,
    at: str | None,
    purpose: str | None,
    channel: str | None,
    held_as: str | None,
    under: str | None = None,
) -> Request:
    """Return what the options ask."""
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
        held_as=None if held_as is None else Level.parse(held_as),
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
    known = [i.id for i in items]
    if chosen:
        items = tuple(i for i in items if i.id == chosen)
    if len(items) != 1:
        raise InvalidInput(
            f"`{text}` names {len(items)} items",
            hint="write `FILE#ID`; the items of the file: " + ", ".join(known),
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
                "failing": [failing_json(f) for f in decision.failing],
                "considered": [_examined_json(e) for e in decision.considered],
                "consent_missing": list(decision.consent_missing),
            }


def failing_json(failing: Failing) -> dict[str, Any]:
    """Return one clause in the way for programs."""
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
        "failing": [failing_json(f) for f in examined.failing],
    }


def missing_json(one: Missing, world: World) -> dict[str, Any]:
    """Return a missing consent for programs."""
    zone = world.accord(one.accord).zone
    return {
        "of": one.of,
        "accord": one.accord,
        "articles": [article for article in one.articles if article],
        "holder": one.holder,
        "to": one.to,
        "asked": one.asked,
        "asked_since": None if one.asked_since is None else zone.show(one.asked_since),
        "refused": one.refused,
    }


def one_form(*, draft_consent: bool, as_json: bool) -> None:
    """Refuse two forms of output at once."""
    if draft_consent and as_json:
        raise click.UsageError("`--draft-consent` writes TOML; leave out `--json`")


def write_draft(found: tuple[Missing, ...], request: Request, world: World) -> None:
    """Write the missing consents as instruments to complete."""
    text = draft(found, request.at, world)
    if text:
        click.echo(text, nl=False)
        talk("a draft: nothing is done, and nobody has given a consent")
    else:
        talk("no consent is missing, so there is nothing to draft")


COMMANDS = (try_command,)
