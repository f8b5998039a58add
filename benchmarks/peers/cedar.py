"""Cedar, by `cedarpy`: a policy for each way, in one set or sliced by pair by hand.

Cedar has sets and no masks, so what a request needs is a set of numbers that a policy's
set has to contain. Instants are numbers. Which accords have the consents they ask for is
worked out outside, in its favour.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import cedarpy

from comity.release import World
from flat import BIT
from work import FlatRow, Work

_BITS = range(len(BIT) + 1)


class _Cedar:
    def __init__(self, work: Work) -> None:
        self._entities = cedarpy.Entities.from_json_str("[]")
        self._questions = [
            {
                "principal": {"type": "Pair", "id": str(asked.pair)},
                "action": {"type": "Action", "id": "release"},
                "resource": {"type": "Item", "id": "item"},
                "context": {
                    "at": asked.at,
                    "needs": _set(asked.needs),
                    "owners": _set(asked.owners),
                    "flags": _set(asked.flags),
                    "under": asked.under,
                    "leave": list(asked.leave),
                    "leave_all": list(asked.leave_all),
                },
            }
            for asked in work.asked
        ]

    def _ask(self, place: int, policies: Any) -> bool:  # noqa: ANN401
        question = self._questions[place]
        return bool(cedarpy.is_authorized(question, policies, self._entities).allowed)


class Whole(_Cedar):
    """Every policy in one set, as its pages show it."""

    def __init__(self, world: World, work: Work) -> None:
        """Parse every policy."""
        del world
        super().__init__(work)
        self._policies = _parsed(work.rows)

    def one(self, place: int) -> bool:
        """Decide one request."""
        return self._ask(place, self._policies)


class Sliced(_Cedar):
    """A set for each pair, chosen by hand before Cedar is asked."""

    def __init__(self, world: World, work: Work) -> None:
        """Parse the policies of each pair that is asked about."""
        del world
        super().__init__(work)
        self._policies = {pair: _parsed(rows) for pair, rows in work.slices().items()}
        self._pairs = [asked.pair for asked in work.asked]

    def one(self, place: int) -> bool:
        """Decide one request."""
        return self._ask(place, self._policies[self._pairs[place]])


def _set(mask: int) -> list[int]:
    return [n for n in range(mask.bit_length()) if mask >> n & 1]


def _parsed(rows: Iterable[FlatRow]) -> Any:  # noqa: ANN401
    return cedarpy.PolicySet.from_str("\n".join(map(_policy, rows)))


def _policy(row: FlatRow) -> str:
    allowed = [n for n in _BITS if not row.out >> n & 1]
    tests: list[str] = [
        f"context.at >= {row.since}",
        f"context.at < {row.before}",
        f"{allowed}.containsAll(context.needs)",
        f"(context.under == -1 || context.under == {row.accord})",
    ]
    if row.owners_out:
        tests.append(f"!({_set(row.owners_out)}.containsAny(context.owners))")
    some = [n for n in range(3) if row.asks >> n & 1]
    if some:
        left = f"!({some}.containsAny(context.flags))"
        tests.append(f"({left} || context.leave.contains({row.accord}))")
    if row.asks & 8:
        tests.append(f"context.leave_all.contains({row.accord})")
    when = " && ".join(tests)
    return f'permit(principal == Pair::"{row.pair}", action, resource) when {{ {when} }};'
