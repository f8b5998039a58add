"""Many decisions together: over columns where numpy is installed, else one after the other.

The answers are the same. At a thousand accords columns take about half of the time.
"""

from __future__ import annotations

from collections.abc import Sequence

from comity.compiled.flow import Flow, Under, asked
from comity.compiled.index import Index


def decided(index: Index, flows: Sequence[Flow]) -> list[Under]:
    """Decide every flow as `decide` does.

    Raises:
        NotKnown: a flow names an accord that the world does not have.
    """
    try:
        # An extra, which takes a moment to load.
        from comity.compiled.columns import decided_together  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name != "numpy":
            raise
        return one_by_one(index, flows)
    return decided_together(index, flows)


def one_by_one(index: Index, flows: Sequence[Flow]) -> list[Under]:
    """Ask the index about each of many flows."""
    return [asked(index, flow) for flow in flows]


def covering(index: Index, flows: Sequence[Flow]) -> list[tuple[str, ...]]:
    """Return every accord that covers each flow, in the stated order; none where it may not go."""
    between = index.world.between
    each = [
        flow._replace(under=accord.id)
        for flow in flows
        for accord in between(flow.sender, flow.recipient)
    ]
    found = iter(decided(index, each))
    return [
        tuple(
            accord.id
            for accord in between(flow.sender, flow.recipient)
            if next(found).accord is not None
        )
        for flow in flows
    ]
