"""What a doctor looks at in a node that runs."""

from __future__ import annotations

import json
from collections.abc import Iterator

from comity.exchange.desk import Check
from comity.exchange.node import Node
from comity.wire.contact import read_contact, unequal_acts

_HELD = "look at both notes of its log, and decide with the partner"


def checks(node: Node) -> Iterator[Check]:
    """Yield what is to be as it should be, each with what to do where it is not."""
    now = node.now()
    own = node.partners.ring.newest(node.party)
    days = 0 if own is None else (own.before - now) // 86_400
    yield Check(
        what="own key list",
        ok=days > 90,
        words="there is none" if own is None else f"version {own.version}, for {days} days",
        hint="have the officers sign the next version: `comity key draft`",
    )
    for one in node.partners.all():
        listed = node.partners.ring.newest(one.party)
        days = 0 if listed is None else (listed.before - now) // 86_400
        yield Check(
            what=f"partner {one.party}",
            ok=days > 30 and not one.held,
            words=f"held: {one.held}"
            if one.held
            else f"its key list counts for {days} days",
            hint=f"ask `{one.party}` for its next key list" if not one.held else _HELD,
        )
        contact = node.database.one("contact", (one.party,))
        differs = json.loads(contact["differs"]) if contact is not None else {}
        skew = int(differs.get("skew", 0))
        yield Check(
            what=f"clock beside {one.party}",
            ok=not skew,
            words=f"it differs by {skew} seconds" if skew else "alike, or never compared",
            hint="look at both clocks",
        )
        unequal = (
            [] if contact is None else _unequal(node, one.party, bytes(contact["raw"]))
        )
        yield Check(
            what=f"acts beside {one.party}",
            ok=not unequal,
            words=f"unequal: {', '.join(unequal)}"
            if unequal
            else "equal, or never compared",
            hint="compare the instruments on record on both sides",
        )
        names = differs.get("deadlines") or []
        yield Check(
            what=f"deadlines beside {one.party}",
            ok=not names,
            words=f"unequal: {', '.join(names)}" if names else "equal, or never compared",
            hint="compare `comity deadlines`: texts, readings or time zones differ",
        )
    forks = node.database.all("forks")
    yield Check(
        what="forked logs",
        ok=not forks,
        words=f"{len(forks)}" if forks else "none",
        hint="both notes are kept as proof: `comity why-stuck`",
    )


def _unequal(node: Node, party: str, said: bytes) -> tuple[str, ...]:
    """Return the accords under which a partner knew other acts at the last contact than we do."""
    ours = node.contacts.heads(party, node.now())
    theirs = {name: head for name, head in read_contact(said).acts.items() if name in ours}
    return unequal_acts(ours, theirs)
