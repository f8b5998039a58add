"""``label``: how an item is marked, here and at a recipient, and what a whole is marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from comity.accords.times import Instant, Zone
from comity.cli.clock import at_option
from comity.cli.release import DENIED, the_item
from comity.cli.shared import WhatIf, show_json, the_instant, the_world, world_options
from comity.errors import InvalidInput
from comity.labels import (
    Item,
    Joined,
    Part,
    Policy,
    Tagged,
    faults,
    join,
    languages,
    marking,
    received,
)
from comity.release import Request, World
from comity.release.handling import Handling, handling
from comity.release.marked import as_part, label_at


@click.command("label", short_help="Show how an item is marked, and a whole of several.")
@click.argument("root", metavar="WORLD", type=click.Path(path_type=Path))
@click.argument("items", metavar="ITEM...", nargs=-1, required=True)
@at_option
@click.option("--to", "recipient", metavar="P", help="And how this party would mark it.")
@click.option(
    "--holder", metavar="P", help="Of several items: as this party holds what it received."
)
@click.option("--under", metavar="ACCORD", help="By the table of this accord alone.")
@world_options
def label_command(
    root: Path,
    items: tuple[str, ...],
    at: str | None,
    recipient: str | None,
    holder: str | None,
    under: str | None,
    what_if: WhatIf,
    as_json: bool,
) -> int:
    """Show how an item is marked, in every language that the world's policies and names have.

    With --to, how that party would mark it beside the originator's label. Several items are
    the parts of one whole: the label of the whole follows, or why a person has to mark it.
    Exit 2 where there is none, or where --to has no level for it.
    """
    world = the_world(root, what_if)
    found = [the_item(world, text) for text in items]
    zone = world.zone
    instant = the_instant(at, zone)
    for party in (recipient, holder):
        if party is not None:
            _ = world.party(party)
    shown = [_Shown(item, world, instant, zone, recipient, under) for item in found]
    whole = _whole(found, world, instant, holder, under) if len(found) > 1 else None
    if as_json:
        body: dict[str, Any] = {"items": [one.json() for one in shown]}
        show_json(body | ({} if whole is None else {"whole": _joined_json(whole, world)}))
    else:
        for one in shown:
            for line in one.lines():
                click.echo(line)
        for line in () if whole is None else _joined_lines(whole, world):
            click.echo(line)
        if whole is not None and holder is None and _several_policies(shown):
            click.echo("  `--holder P` marks it as P holds what it received")
    lacking = any(one.lacking for one in shown) or (
        whole is not None and whole.part is None
    )
    return DENIED if lacking else 0


def _names(world: World) -> Mapping[str, Mapping[str, str]]:
    """Return the parties' names by language; in one that has no name, the one in full."""
    return {
        party.id: {"en": party.name} | dict(party.names) for party in world.parties.values()
    }


def _languages(world: World, policies: Sequence[Policy | None]) -> tuple[str, ...]:
    known = [policy for policy in policies if policy is not None]
    spoken = {
        party.id: party.names or {"en": party.name} for party in world.parties.values()
    }
    return languages(known, spoken) or ("en",)


def _several_policies(shown: Sequence[_Shown]) -> bool:
    return len({one.policy for one in shown}) > 1


class _Shown:
    """One item, how it is marked, and how a recipient would mark it."""

    def __init__(
        self,
        item: Item,
        world: World,
        at: Instant,
        zone: Zone,
        recipient: str | None,
        under: str | None,
    ) -> None:
        self._item = item
        self._world = world
        self._zone = zone
        self._recipient = recipient
        self._label = label_at(item, world, at)
        self._policy = world.policies.get(self._label.level.policy)
        self._part = as_part(item, world, at)
        self._wrong = (
            (f"no policy `{self._label.level.policy}` here",)
            if self._policy is None
            else faults(self._label, self._policy, item.made)
        )
        self._theirs: list[tuple[str, Handling]] = []
        if recipient is not None:
            now = replace(item, label=self._label)
            self._theirs = list(_received(now, recipient, world, at, under))

    @property
    def policy(self) -> str:
        """The policy that the item is marked by."""
        return self._label.level.policy

    @property
    def _comes_home(self) -> bool:
        return set(self._item.originators) == {self._recipient}

    @property
    def lacking(self) -> bool:
        """Whether the recipient has no level for it under any accord asked about."""
        if self._recipient is None or self._comes_home:
            return False
        return not any(not found.failing for _, found in self._theirs)

    def lines(self) -> Iterator[str]:
        item, label = self._item, self._label
        yield f"{item.id}: {item.title}"
        yield f"  level: {label.level}" + (" (made up)" if item.synthetic else "")
        for wrong in self._wrong:
            yield f"  invalid: {wrong}"
        yield from (f"  {language}: {words}" for language, words in self._marks().items())
        for what, parties in (
            ("may have it", self._readers()),
            ("may be shown it", self._shown()),
        ):
            if parties or what == "may have it":
                yield f"  {what}: {', '.join(map(self._world.name, parties)) or 'nobody'}"
        if label.successor is not None:
            after = label.successor
            when = self._zone.say(Instant(after.at))
            yield f"  from {when}: {after.level}"
        if label.review is not None:
            yield f"  review: {self._zone.say(Instant(label.review))}"
        for accord, found in self._theirs:
            yield from self._received_lines(accord, found)
        if self._recipient is not None and self._comes_home:
            yield f"  {self._world.name(self._recipient)}: its own; the label stands as it is"
        elif self._recipient is not None and not self._theirs:
            yield f"  {self._world.name(self._recipient)}: no accord with the originator"

    def _received_lines(self, accord: str, found: Handling) -> Iterator[str]:
        world, recipient = self._world, self._recipient or ""
        yield f"  {world.name(recipient)}, under {world.accord(accord).title}:"
        for failing in found.failing:
            yield f"    no way: it wants {failing.wants}; there is {failing.has}"
        if found.failing:
            return
        articles = ", ".join(found.articles)
        levels = " or ".join(map(str, found.levels))
        yield f"    level: {levels}" + (f" [{articles}]" if articles else "")
        if len(found.levels) > 1:
            yield f"    {world.name(recipient)} chooses; until then all of them together apply"
        for tag in found.tags:
            yield f"    tag: {tag}"
        for language, words in self._received_marks(found).items():
            yield f"    {language}: {words}"

    def _marks(self) -> dict[str, str]:
        if self._policy is None:
            return {}
        return {
            language: marking(
                self._label,
                self._policy,
                language,
                owners=self._item.originators,
                names=_names(self._world),
            )
            for language in _languages(self._world, [self._policy])
        }

    def _received_marks(self, found: Handling) -> dict[str, str]:
        theirs = self._world.policy_of(self._recipient or "")
        return {
            language: received(
                found.levels,
                theirs,
                language,
                owners=self._item.originators,
                names=_names(self._world),
            )
            for language in _languages(self._world, [theirs])
        }

    def _readers(self) -> list[str]:
        readers = self._part.readers
        return sorted(self._world.parties if readers is None else readers)

    def _shown(self) -> list[str]:
        return sorted(self._part.shown)

    def json(self) -> dict[str, Any]:
        label = self._label
        return {
            "item": self._item.id,
            "level": str(label.level),
            "tags": [str(mark) for mark in label.marks],
            "invalid": list(self._wrong),
            "markings": self._marks(),
            "may_have": self._readers(),
            "may_be_shown": self._shown(),
            "review": None
            if label.review is None
            else self._zone.show(Instant(label.review)),
            "successor": None
            if label.successor is None
            else {
                "at": self._zone.show(Instant(label.successor.at)),
                "level": str(label.successor.level),
            },
            "received": [
                {
                    "by": self._recipient,
                    "under": accord,
                    "levels": [str(level) for level in found.levels],
                    "choice_open": len(found.levels) > 1,
                    "tags": [str(tag) for tag in found.tags],
                    "articles": list(found.articles),
                    "markings": self._received_marks(found) if not found.failing else {},
                    "failing": [{"wants": f.wants, "has": f.has} for f in found.failing],
                }
                for accord, found in self._theirs
            ],
        }


def _received(
    item: Item, recipient: str, world: World, at: Instant, under: str | None
) -> Iterator[tuple[str, Handling]]:
    """Yield how a party would mark an item by each accord that it has with an originator."""
    for sender in item.originators:
        if sender == recipient:
            continue
        for accord in world.between(sender, recipient):
            if under in (None, accord.id):
                request = Request(item=item, sender=sender, recipient=recipient, at=at)
                yield accord.id, handling(request, accord, world)


def _whole(
    items: list[Item], world: World, at: Instant, holder: str | None, under: str | None
) -> Joined:
    """Return the label of a whole made from items; of a holder's, at the holder's levels."""
    parts: list[Part] = []
    for item in items:
        part = as_part(item, world, at)
        if holder is not None and holder not in item.originators:
            held = _held(replace(item, label=part.label), part, world, at, holder, under)
            if isinstance(held, str):
                return Joined(part=None, says=(held,))
            part = held
        parts.append(part)
    policy = world.policies.get(parts[0].label.level.policy)
    if policy is None:
        raise InvalidInput(
            f"there is no policy `{parts[0].label.level.policy}` here",
            hint="its levels are in `policies/`",
            code="no-policy",
        )
    return join(parts, policy)


def _held(
    item: Item, part: Part, world: World, at: Instant, holder: str, under: str | None
) -> Part | str:
    """Return an item's label as its holder marks it, or why that is not known."""
    found = [h for _, h in _received(item, holder, world, at, under) if not h.failing]
    levels = {h.levels for h in found}
    if len(levels) != 1:
        return f"`{item.id}`: {len(levels)} tables lead to a level of the holder; name one"
    (several,) = levels
    if len(several) != 1:
        chosen = " or ".join(map(str, several))
        return f"`{item.id}`: the holder has not chosen between {chosen}"
    label = replace(part.label, level=several[0], tags=_tagged(found[0]))
    return replace(part, label=label)


def _tagged(found: Handling) -> tuple[Tagged, ...]:
    sets: dict[str, list[str]] = {}
    for tag in found.tags:
        sets.setdefault(tag.tag_set, []).append(tag.value)
    return tuple(Tagged(set_=name, values=tuple(values)) for name, values in sets.items())


def _joined_lines(whole: Joined, world: World) -> Iterator[str]:
    part = whole.part
    yield "the whole:" if part is not None else "the whole: a person marks it"
    if part is not None:
        yield f"  level: {part.label.level}"
        policy = world.policies[part.label.level.policy]
        for language in _languages(world, [policy]):
            words = marking(
                part.label,
                policy,
                language,
                owners=sorted(part.owners),
                names=_names(world),
            )
            yield f"  {language}: {words}"
        yield f"  from: {', '.join(world.name(owner) for owner in sorted(part.owners))}"
    yield from (f"  {words}" for words in whole.says)


def _joined_json(whole: Joined, world: World) -> dict[str, Any]:
    part = whole.part
    return {
        "level": None if part is None else str(part.label.level),
        "tags": [] if part is None else [str(mark) for mark in part.label.marks],
        "may_have": []
        if part is None
        else sorted(world.parties if part.readers is None else part.readers),
        "originators": [] if part is None else sorted(part.owners),
        "says": list(whole.says),
    }


COMMANDS = (label_command,)
