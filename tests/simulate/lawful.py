"""Whether something may go, asked of the plain oracle: a second reading of the pages.

The oracle uses nothing of ``comity``. What a node knew is read from its database alone, and
by which of it the node may go is said here once more.
"""

import json
import tomllib
from copy import copy
from datetime import UTC, datetime
from functools import cache

from oracle.plain import answer
from oracle.reads import COUNTS, counting_span, read_world, span_of
from simulate.parties import FOLDER

TIGHTENS = {"give_notice", "resume_notice", "suspend", "end_provisional"}


@cache
def _base():
    return read_world(FOLDER)


def known(real, us):
    """Return the world as a node's database has it, for the oracle."""
    world = copy(_base())
    world["acts"] = list(world["acts"])
    for row in real.execute("SELECT * FROM instrument ORDER BY n"):
        world["acts"] += _acts(row, us)
    world["holds"] = [
        hold
        for row in real.execute("SELECT * FROM hold ORDER BY n")
        for hold in _holds(row)
    ]
    return world


def may(
    world, item, sender, recipient, at, under, *, held_as=None, received=None, purpose=None
):
    """Return ``permit``, or what is in the way."""
    told = {
        "id": item.id,
        "originators": list(item.originators),
        "level": str(held_as or item.label.level),
        "categories": list(item.label.categories),
        "kind": item.kind,
        "purpose": item.purpose,
        "channel": item.channel,
    }
    if item.label.release_to is not None:
        told["release_to"] = list(item.label.release_to)
    world = {**world, "items": {item.id: told}}
    if received is not None:
        by, accord = received
        gift = {
            "do": "release", "accord": accord, "item": item.id, "to": sender, "holder": by,
            "by": [by], "span": (0, 0),
        }  # fmt: skip
        world["acts"] = [*world["acts"], gift]
    request = {
        "item": item.id,
        "from": sender,
        "to": recipient,
        "at": int(at),
        "under": under,
    }
    if purpose is not None:
        request["purpose"] = purpose
    return answer(world, request)


def _acts(row, us):
    (told,) = tomllib.loads(row["text"])["instrument"]
    zone = "Etc/UTC"
    times = {
        stage: span_of(told[stage], zone)
        for stage in ("dated", "sent", "delivered", "received")
        if stage in told
    }
    logged = json.loads(row["received"])
    does = {operation["do"] for operation in told["operations"]}
    if "received" not in times:
        for at in logged.values():
            times["received"] = (at, at)
        pending = not logged and row["came"] == us and row["record"] is not None
        if pending and any(COUNTS[do] == "received" for do in does):
            if not does <= TIGHTENS:
                return []
            times["received"] = (row["known"], row["known"])
    found = []
    for operation in told["operations"]:
        act = {
            **operation,
            "id": told["id"],
            "by": told["by"],
            "accord": row["accord"],
            "form": told.get("form"),
            "way": told.get("channel"),
            "recalled": False,
            "times": times,
        }
        act["span"] = counting_span(act)
        found.append(act)
    return found


def _holds(row):
    for hold in tomllib.loads(row["text"])["hold"]:
        before = hold.get("before")
        if row["ended"] is not None:
            ended = datetime.fromtimestamp(row["ended"], UTC).isoformat()
            before = ended if before is None else min(before, ended)
        yield hold if before is None else {**hold, "before": before}
