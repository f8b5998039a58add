"""A comparison of two worlds as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from comity.accords.times import Instant, Zone
from comity.changes.asking import Answer, Difference, Way
from comity.changes.cells import Region
from comity.changes.compare import (
    Comparison,
    StandingDiffers,
    dates_apart,
    duties_apart,
    standings_apart,
)
from comity.changes.items import Alike
from comity.cli.clock import deadline_json
from comity.cli.duties import due_json


def worlds_json(found: Comparison, zone: Zone) -> dict[str, Any]:
    """Return the difference of two worlds for programs."""
    first, second = dates_apart(found.before, found.after)
    due, other_due = duties_apart(found.before, found.after)
    return {
        "first": found.before[0].id,
        "second": found.after[0].id,
        "at": zone.show(found.after[1]),
        "standings": [
            _standing_json(s) for s in standings_apart(found.before, found.after)
        ],
        **differences_json(found, zone),
        "dates": {
            "first_alone": [deadline_json(d, found.before[0]) for d in first],
            "second_alone": [deadline_json(d, found.after[0]) for d in second],
        },
        "duties": {
            "first_alone": [due_json(d, *found.before) for d in due],
            "second_alone": [due_json(d, *found.after) for d in other_due],
        },
    }


def shown(instant: Instant | None, zone: Zone) -> str | None:
    """Return an instant as programs read it; None where there is none."""
    return None if instant is None else zone.show(instant)


def _standing_json(found: StandingDiffers) -> dict[str, Any]:
    return {
        "accord": found.accord,
        "pair": list(found.pair),
        "before": [str(status) for status in found.before],
        "after": [str(status) for status in found.after],
    }


def differences_json(found: Comparison, zone: Zone) -> dict[str, Any]:
    """Return what differs: requests, items, and how many are alike."""
    return {
        "regions": [
            {**_region_json(r.region), **_difference_json(r.difference, zone)}
            for r in found.regions
        ],
        "left": [
            {**_region_json(one.region), "ways": _ways_json(one.ways)} for one in found.left
        ],
        "items": [
            {
                "item": i.item,
                "from": i.sender,
                "to": i.recipient,
                **_difference_json(i.difference, zone),
                "ways": _ways_json(i.ways),
            }
            for i in found.items
        ],
        "alike": {
            "requests": _alike_json(found.regions_alike),
            "items": _alike_json(found.items_alike),
        },
    }


def _region_json(region: Region) -> dict[str, Any]:
    return {
        "pairs": [{"from": sender, "to": recipient} for sender, recipient in region.pairs],
        "information": [
            {
                "of": mark.third or str(mark.origin),
                "level": str(mark.level),
                "held_as": None if mark.held_as is None else str(mark.held_as),
            }
            for mark in region.markings
        ],
        "categories": list(region.categories),
        "kinds": list(region.kinds),
        "purposes": list(region.purposes),
        "channels": list(region.channels),
        "requests": region.size,
    }


def _difference_json(found: Difference, zone: Zone) -> dict[str, Any]:
    return {
        "change": str(found.change),
        "since": shown(found.since, zone),
        "before": _answer_json(found.before),
        "after": _answer_json(found.after),
    }


def _ways_json(ways: Iterable[Way]) -> list[dict[str, Any]]:
    return [
        {
            "parties": list(way.parties),
            "accords": [list(hop) for hop in way.accords],
            "consent_missing": [{"of": whose, "to": to} for whose, to in way.consents],
        }
        for way in ways
    ]


def _answer_json(answer: Answer) -> dict[str, Any]:
    return {
        "permitted": answer.permitted,
        "accords": list(answer.accords),
        "support": answer.support,
        "authority": answer.authority,
        "articles": [{"accord": a, "article": article} for a, article in answer.articles],
        "handle_as": [str(level) for level in answer.handle_as],
        "reason": None if answer.reason is None else str(answer.reason),
    }


def _alike_json(alike: Alike) -> dict[str, int]:
    return {"permitted": alike.permitted, "refused": alike.refused, "held": alike.held}
