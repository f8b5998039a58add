"""One flow, an item from a party to a party at an instant, and what it goes under."""

from __future__ import annotations

from typing import NamedTuple

from comity.accords.times import Instant
from comity.compiled.index import Index
from comity.labels import Item
from comity.release.request import Request


class Flow(NamedTuple):
    """An item from a party to a party at an instant, for its own purpose and by its channel.

    Attributes:
        under: the accord that the sender names; None for any.
    """

    item: Item
    sender: str
    recipient: str
    at: Instant
    under: str | None = None

    def request(self) -> Request:
        """Return it as a request."""
        return Request(
            item=self.item,
            sender=self.sender,
            recipient=self.recipient,
            at=self.at,
            under=self.under,
        )


class Under(NamedTuple):
    """The accord under which something may go, or the written authority; neither: it may not."""

    accord: str | None = None
    authority: str | None = None

    @property
    def permitted(self) -> bool:
        """Whether it may go."""
        return self.accord is not None or self.authority is not None


def asked(index: Index, flow: Flow) -> Under:
    """Ask the index about one flow."""
    answer = index.ask(flow.request())
    return Under(answer.accord, answer.authority)
