"""SQLite in memory: one row a way, masks of bits, consents and refusals in tables beside it.

What a good engineer would write by hand. SQLite's integers have 64 bits and a sign, so the
needs take two columns and the originators two.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence

from comity.release import World
from flat import BIT
from words import PURPOSES
from work import ANY_POLICY, CATEGORY_BITS, FlatConsent, Work

_HALF = 60
_PURPOSES = sum(BIT["purpose", word] for word in PURPOSES) >> 64
_OWNERS = 5  # at most, of one item

_TABLES = """
CREATE TABLE way (
  pair INTEGER, since INTEGER, before INTEGER, number INTEGER, categories INTEGER,
  words INTEGER, low INTEGER, high INTEGER, asks INTEGER, accord INTEGER,
  PRIMARY KEY (pair, since, number)
) WITHOUT ROWID;
CREATE TABLE consent (
  pair INTEGER, accord INTEGER, owner INTEGER, number INTEGER, since INTEGER,
  before INTEGER, given INTEGER, categories INTEGER, words INTEGER, policy INTEGER,
  levels INTEGER, item INTEGER, PRIMARY KEY (pair, accord, owner, number)
) WITHOUT ROWID;
CREATE TABLE refusal AS SELECT * FROM consent;
CREATE INDEX refused ON refusal (pair, accord, owner);
"""

_GIVEN = """
(SELECT count(DISTINCT owner) FROM consent AS c
 WHERE c.pair = {pair} AND c.accord = way.accord AND c.owner IN ({owners})
   AND c.since <= {at} AND c.before > {at}
   AND (c.item = -1 OR c.item = {item})
   AND (c.categories = 0 OR {categories} & ~c.categories = 0)
   AND {purposes} & ~c.words = 0
   AND (c.policy = -1 OR (c.policy = {policy} AND c.levels & {level} <> 0))
   AND NOT EXISTS (
     SELECT 1 FROM refusal AS n
     WHERE n.pair = c.pair AND n.accord = c.accord AND n.owner = c.owner
       AND n.since <= {at} AND n.given >= c.given AND {purposes} & ~n.words = 0
       AND CASE WHEN n.item <> -1 THEN n.item = {item}
           ELSE n.categories & {categories} <> 0 AND n.policy = {policy}
             AND n.levels & {level} <> 0 END))
"""

_ASK = """
SELECT accord FROM way
WHERE pair = {pair} AND since <= {at} AND before > {at}
  AND categories & {categories} = 0 AND words & {words} = 0
  AND low & {low} = 0 AND high & {high} = 0
  AND ({under} = -1 OR accord = {under})
  AND (asks & {flags} = 0 OR (
    (asks & {flags} & 7 = 0 OR {given} = {others})
    AND (asks & 8 = 0 OR {given_all} = {everyone})))
ORDER BY accord LIMIT 1
"""

_COLUMNS = (
    [
        "pair",
        "at",
        "categories",
        "words",
        "low",
        "high",
        "under",
        "flags",
        "item",
        "purposes",
        "policy",
        "level",
        "others",
        "everyone",
    ]
    + [f"o{n}" for n in range(_OWNERS)]
    + [f"e{n}" for n in range(_OWNERS)]
)


def _query(named: Mapping[str, str]) -> str:
    """Return the question, with the names of the request's numbers as they stand there."""
    others = ", ".join(named[f"o{n}"] for n in range(_OWNERS))
    everyone = ", ".join(named[f"e{n}"] for n in range(_OWNERS))
    return _ASK.format(
        **named,
        given=_GIVEN.format(**named, owners=others),
        given_all=_GIVEN.format(**named, owners=everyone),
    )


class Sqlite:
    """One prepared statement, asked with numbers."""

    def __init__(self, world: World, work: Work) -> None:
        """Fill the tables; the parameters of each request are made here, and not counted."""
        del world
        self._db = sqlite3.connect(":memory:")
        self._db.executescript(_TABLES)
        self._db.executemany(
            f"INSERT INTO way VALUES ({_marks(10)})",  # noqa: S608
            (
                (
                    row.pair,
                    row.since,
                    row.before,
                    number,
                    _signed(row.out & CATEGORY_BITS),
                    row.out >> 64,
                    row.owners_out & (1 << _HALF) - 1,
                    row.owners_out >> _HALF,
                    row.asks,
                    row.accord,
                )
                for number, row in enumerate(work.rows)
            ),
        )
        self._fill("consent", work.consents)
        self._fill("refusal", work.refusals)
        self._db.execute("ANALYZE")
        self._requests = list(_numbers(work))
        self._ask = _query({name: f"?{n}" for n, name in enumerate(_COLUMNS, 1)})
        self._run = self._db.execute

    def _fill(self, table: str, consents: Sequence[FlatConsent]) -> None:
        self._db.executemany(
            f"INSERT INTO {table} VALUES ({_marks(12)})",  # noqa: S608
            (
                (
                    one.pair,
                    one.accord,
                    one.owner,
                    number,
                    one.since,
                    one.before,
                    one.given,
                    _signed(one.words & CATEGORY_BITS),
                    one.words >> 64,
                    one.policy if one.policy != ANY_POLICY else -1,
                    one.levels,
                    one.item,
                )
                for number, one in enumerate(consents)
            ),
        )

    def one(self, place: int) -> int | None:
        """Decide one request."""
        found = self._run(self._ask, self._requests[place]).fetchone()
        return None if found is None else found[0]

    def batch(self, count: int) -> list[tuple[int | None]]:
        """Decide many from a table of their own, in one statement."""
        self._db.execute("DROP TABLE IF EXISTS request")
        self._db.execute(
            f"CREATE TABLE request (n INTEGER PRIMARY KEY, {', '.join(_COLUMNS)})"
        )
        self._db.executemany(
            f"INSERT INTO request VALUES ({_marks(1 + len(_COLUMNS))})",  # noqa: S608
            ((n, *numbers) for n, numbers in enumerate(self._requests[:count])),
        )
        named = _query({name: f"r.{name}" for name in _COLUMNS})
        ask = f"SELECT ({named}) FROM request AS r ORDER BY r.n"  # noqa: S608
        return self._db.execute(ask).fetchall()

    def places(self, answers: Sequence[tuple[int | None]]) -> list[int | None]:
        """Return the places of the permitting accords."""
        return [found[0] for found in answers]


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _signed(mask: int) -> int:
    return mask - (1 << 64) if mask >> 63 else mask


def _numbers(work: Work) -> Iterator[tuple[int, ...]]:
    for asked in work.asked:
        yield (
            asked.pair,
            asked.at,
            _signed(asked.needs & CATEGORY_BITS),
            asked.needs >> 64,
            asked.owners & (1 << _HALF) - 1,
            asked.owners >> _HALF,
            asked.under,
            asked.flags,
            asked.item,
            asked.needs >> 64 & _PURPOSES,
            asked.level[0],
            1 << asked.level[1],
            len(asked.others),
            len(asked.everyone),
            *(*asked.others, *[-1] * _OWNERS)[:_OWNERS],
            *(*asked.everyone, *[-1] * _OWNERS)[:_OWNERS],
        )
