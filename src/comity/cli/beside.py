"""What is said and stands beside an accord, for programs."""

from __future__ import annotations

from typing import Any

from comity.accords.times import Zone
from comity.release import Beside


def beside_json(found: Beside, zone: Zone) -> dict[str, Any]:
    """Return it with every instant in the zone's own offset."""
    return {
        "positions": [
            {
                "id": p.id,
                "by": p.by,
                "says": p.says,
                "since": zone.show(p.since),
                "known": zone.show(p.known),
                "will_not": p.will_not,
                "speaker": p.speaker,
                "after": list(p.after),
                "recalled": p.recalled,
            }
            for p in found.positions
        ],
        "conditions": [
            {
                "id": w.condition.id,
                "by": w.condition.by,
                "does": w.condition.does,
                "waits_for": w.condition.waits_for,
                "met": w.met,
                "refused_by": None if w.refused_by is None else w.refused_by.id,
            }
            for w in found.conditions
        ],
        "measures": [
            {
                "id": measure.id,
                "by": measure.by,
                "state": state.is_,
                "since": zone.show(state.since),
                "recalled": state.recalled,
            }
            for measure, state in found.measures
        ],
        "undertakings": [
            {
                "id": one.undertaking.id,
                "by": list(one.undertaking.by),
                "to": list(one.undertaking.to),
                "says": one.undertaking.says,
                "progress": str(one.progress),
                "late": one.late,
            }
            for one in found.undertakings
        ],
        "statements": [
            {
                "id": s.id,
                "by": list(s.by),
                "not_signed": list(s.missing(found.at)),
            }
            for s in found.statements
        ],
    }
