"""Hindsight: what was decided otherwise than it would be, had everything known now been known.

An instrument may be learnt late. Nothing is undone by it; but whoever answers for what
crossed has to know which decisions would have been others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from comity.accords.times import Instant
from comity.exchange.rows import asked_again, statement_at
from comity.exchange.site import Site
from comity.labels import Item
from comity.release import Denial, Reason, Request, decide
from comity.signed import text
from comity.store import Row
from comity.wire.conversation import Ours
from comity.wire.header import read_header
from comity.wire.statement import read_statement


@dataclass(frozen=True, slots=True)
class Otherwise:
    """One item that crossed and would not have, by what is known now.

    Attributes:
        outgoing: whether it was ours; else it came.
        at: when it was decided.
        reason, articles: why it would be denied for that instant now.
    """

    item: str
    envelope: str
    partner: str
    outgoing: bool
    at: Instant
    reason: Reason
    articles: tuple[str, ...]


class Hindsight:
    """Looks back at what crossed."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def otherwise(self, accord: str) -> tuple[Otherwise, ...]:
        """Return what crossed under an accord and would now be denied for its own instant."""
        return tuple(self._look(accord))

    def _look(self, accord: str) -> Iterator[Otherwise]:
        site = self._site
        world = site.world.now().world
        crossed = (Ours.RECEIPTED, Ours.ACKNOWLEDGED, Ours.NOT_OPENED)
        for row in site.database.all("items_out", (accord,)):
            if row["state"] in crossed:
                item = self._item(row)
                at = Instant(row["submitted"])
                request = asked_again(bytes(row["request"]), item, site.party, at)
                yield from _denied(row, request, decide(request, world), outgoing=True)
        for row in site.database.all("items_in", (accord,)):
            header = read_header(bytes(row["header"])).header
            releasing = header.releasing
            assert releasing is not None  # noqa: S101 - of an item
            item = self._item(row)
            onward = row["partner"] not in item.originators
            request = Request(
                item=item,
                sender=row["partner"],
                recipient=site.party,
                at=Instant(row["arrived"]),
                purpose=releasing.purpose,
                channel=header.channel,
                under=header.accord,
                held_as=releasing.held_as if onward else None,
                held_tags=releasing.held_tags if onward else (),
            )
            yield from _denied(row, request, decide(request, world), outgoing=False)

    def _item(self, row: Row) -> Item:
        stated = statement_at(self._site.database, row["statement"])
        return read_statement(stated.thing).item


def _denied(
    row: Row, request: Request, decided: object, *, outgoing: bool
) -> Iterator[Otherwise]:
    if isinstance(decided, Denial):
        yield Otherwise(
            item=row["item"],
            envelope=text.digest_text(bytes(row["digest"])),
            partner=row["partner"],
            outgoing=outgoing,
            at=request.at,
            reason=decided.reason,
            articles=decided.articles,
        )
