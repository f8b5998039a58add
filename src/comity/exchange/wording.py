"""What the node decides and records, in the words of the own side."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import assert_never

from comity.accords.accord import Accord
from comity.accords.times import FAR_FUTURE, Instant
from comity.errors import InvalidInput
from comity.exchange import desk
from comity.exchange.node import Node
from comity.exchange.sending import Awaiting, Outcome, Sent
from comity.release import HINTS, Denial, Permit, World, explain
from comity.release.explain import LATER_HELPS
from comity.store import Row


def require_officer(officer: str) -> None:
    if not officer.strip():
        raise InvalidInput(
            "who does it is not said", hint="name the officer", code="no-officer"
        )


def verdict_on(asked: desk.Sending, outcome: Outcome | Permit, node: Node) -> desk.Verdict:
    """Return what came of a sending in a person's words."""
    match outcome:
        case Sent():
            return _sent(asked, outcome.permit, outcome.envelope, "waiting")
        case Permit():
            return _sent(asked, outcome, "", "")
        case Awaiting():
            return desk.Verdict(
                item=asked.item,
                to=asked.to,
                verdict="denied",
                reason="approval_missing",
                words=f"{len(outcome.given)} of {outcome.needed} officers have approved it",
                hint=f"have them approve `{outcome.matter}`, then send it again",
                later=True,
            )
        case Denial():
            return desk.Verdict(
                item=asked.item,
                to=asked.to,
                verdict="denied",
                accord=outcome.accord or "",
                articles=outcome.articles,
                reason=str(outcome.reason),
                words=explain(outcome.asked, outcome, node.site.world.now().world),
                hint=HINTS[outcome.reason],
                later=outcome.reason in LATER_HELPS,
            )
        case _:
            assert_never(outcome)


def _sent(asked: desk.Sending, permit: Permit, envelope: str, state: str) -> desk.Verdict:
    return desk.Verdict(
        item=asked.item,
        to=asked.to,
        verdict="sent",
        state=state,
        envelope=envelope.removeprefix("sha256:"),
        accord=permit.accord or "",
        articles=permit.articles,
        handle_as=tuple(map(str, permit.handle_as)),
        good_before=None if permit.good_before >= FAR_FUTURE else permit.good_before,
    )


WAITING = ("queued", "tried")

UNDER_WAY = (*WAITING, "fate_unknown", "receipted", "acknowledged")
"""The states in which a sending is not to be made a second time."""


def state_of(row: Row) -> str:
    """Return the state of what was sent, as a person says it: what was tried waits too."""
    if row["state"] in WAITING:
        return "waiting"
    return str(row["state"]).replace("_", " ")


def actor_of(row: Row, state: str, held: str) -> tuple[str, str, str]:
    """Return who has to act, why, and what they may do."""
    partner = row["partner"]
    if state != "waiting":
        return "", row["trouble"], _ENDED.get(state, "")
    if held:
        return "our operator", f"exchange with `{partner}` is held: {held}", _HINTS["held"]
    trouble = row["trouble"]
    if not row["attempts"]:
        return "the courier", "it has not been tried yet", ""
    words, actor, hint = _TROUBLES.get(
        trouble, (f"`{partner}` answered `{trouble}`", partner, "ask them by another way")
    )
    return (partner if actor == "partner" else actor), words, hint


_HINTS = {"held": "look at both notes of its log, and decide with the partner"}

_ENDED: Mapping[str, str] = {
    "refused": "ask them why, or send it again once what stood in the way is mended",
    "never left": "send it again if it may go now",
    "dead": "it may have arrived: ask them, before you send it again",
    "fate unknown": "it may have arrived, and may not go again: ask them",
    "not opened": "its seal did not open there: ask them which key they have",
    "awaiting approval": "have the officers approve it",
}

_TROUBLES: Mapping[str, tuple[str, str, str]] = {
    "unreachable": (
        "nobody answers at their address",
        "partner",
        "ask them whether it runs",
    ),
    "timeout": (
        "their node does not answer in time",
        "partner",
        "ask them whether it runs",
    ),
    "tls": (
        "their node does not take our certificate",
        "partner",
        "do they have our key list?",
    ),
    "no-pin": (
        "their node shows another key than their list has",
        "our operator",
        "ask for their newest key list: `comity partner accept`",
    ),
    "no-address": (
        "their key list has no address",
        "partner",
        "ask them for a list with one, or carry it by hand",
    ),
    "bad-answer": (
        "their answer does not verify",
        "partner",
        "tell them; nothing was lost",
    ),
    "acts first": ("they wait for an instrument of ours", "the courier", ""),
    "body missing": ("a large body is on its way", "the courier", ""),
}


def standing_of(
    accord: Accord, world: World, now: Instant, pair: tuple[str, str]
) -> desk.Standing:
    found = world.clock(accord.id).standing(now, pair=pair)
    return desk.Standing(
        accord=accord.id,
        title=accord.title,
        version=accord.digest,
        between=pair[1],
        status=str(found.status),
        since=found.since,
        before=found.before,
    )


def one_instrument(said: str) -> tuple[str, str]:
    """Return the accord of the one instrument in a text, and its table alone."""
    try:
        found = tomllib.loads(said)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(
            f"the text is no TOML: {str(error).lower()}",
            hint="write it as a file of a world's `instruments/`",
            code="bad-toml",
        ) from None
    rows = found.get("instrument")
    if not isinstance(rows, list) or len(rows) != 1:
        raise InvalidInput(
            "the text holds no instrument, or several",
            hint="bring one `[[instrument]]` at a time, with its `accord`",
            code="not-one-instrument",
        )
    accord = rows[0].get("accord", found.get("accord"))
    if not isinstance(accord, str):
        raise InvalidInput(
            "the instrument does not say under which accord it is",
            hint='write `accord = "…"`',
            code="no-accord",
        )
    start = said.index("[[instrument]]")
    return accord, said[start:]
