"""Rego, by Regorus in process: the ways as data, indexed by pair by hand.

Its whole numbers are as long as they have to be, but only the first bits of them are fast:
masks are cut in pieces of 31. Which accords have the consents they ask for is worked out
outside, in its favour.
"""

from __future__ import annotations

import json

import hobofan_regorus

from comity.release import World
from work import Work

_PIECE, _NEEDS, _OWNERS = 31, 3, 4

_POLICY = """
package release

import rego.v1

default allow := false

allow if {
    some way in data.ways[input.pair]
    way[0] <= input.at
    input.at < way[1]
    bits.and(way[2], input.n0) == 0
    bits.and(way[3], input.n1) == 0
    bits.and(way[4], input.n2) == 0
    input.under in [-1, way[9]]
    bits.and(way[5], input.o0) == 0
    bits.and(way[6], input.o1) == 0
    bits.and(way[7], input.o2) == 0
    bits.and(way[8], input.o3) == 0
    agreed(way)
    agreed_by_all(way)
}

agreed(way) if bits.and(way[10], input.flags) == 0
agreed(way) if way[9] in input.leave
agreed_by_all(way) if way[11] == 0
agreed_by_all(way) if way[9] in input.leave_all
"""


class Indexed:
    """The policy and its data in one engine; the input is made beforehand, and not counted."""

    def __init__(self, world: World, work: Work) -> None:
        """Load the ways of every pair."""
        del world
        self._engine = hobofan_regorus.Engine()
        self._engine.add_policy("release.rego", _POLICY)
        ways: dict[str, list[list[int]]] = {}
        for row in work.rows:
            ways.setdefault(str(row.pair), []).append(
                [
                    row.since,
                    row.before,
                    *_pieces(row.out, _NEEDS),
                    *_pieces(row.owners_out, _OWNERS),
                    row.accord,
                    row.asks & 7,
                    row.asks & 8,
                ]
            )
        self._engine.add_data_json(json.dumps({"ways": ways}))
        self._inputs = [
            json.dumps(
                {
                    "pair": str(asked.pair),
                    "at": asked.at,
                    "under": asked.under,
                    "flags": asked.flags & 7,
                    "leave": asked.leave,
                    "leave_all": asked.leave_all,
                    **{
                        f"n{n}": piece
                        for n, piece in enumerate(_pieces(asked.needs, _NEEDS))
                    },
                    **{
                        f"o{n}": piece
                        for n, piece in enumerate(_pieces(asked.owners, _OWNERS))
                    },
                }
            )
            for asked in work.asked
        ]

    def one(self, place: int) -> bool:
        """Decide one request."""
        self._engine.set_input_json(self._inputs[place])
        return bool(self._engine.eval_rule("data.release.allow"))


def _pieces(mask: int, count: int) -> list[int]:
    return [mask >> n * _PIECE & (1 << _PIECE) - 1 for n in range(count)]
