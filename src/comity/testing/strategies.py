"""Hypothesis strategies over a world of your own; they need the extra ``testing``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from comity.accords.times import Instant
from comity.errors import NotKnown
from comity.labels import Item
from comity.release.request import Request
from comity.release.world import World
from comity.testing.boundary import Boundaries
from comity.testing.fit import Choose

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

Thing = TypeVar("Thing")
Drawn = TypeVar("Drawn")


def requests(world: World) -> SearchStrategy[Request]:
    """Return a strategy for requests at the boundaries of a world.

    Each fits an accord, a consent, a hold or the like, and is then moved to an edge in
    time, or in one thing. Shrinking leads to what fits, as it is.

    Raises:
        NotKnown: hypothesis is not installed.
        InvalidInput: a world with nothing to ask about.
    """
    return _strategy(Boundaries(world).drawn)


def items(world: World) -> SearchStrategy[Item]:
    """Return a strategy for items: those of a world, what fits it, and one thing moved.

    Raises:
        NotKnown: hypothesis is not installed.
        InvalidInput: a world with nothing to ask about.
    """
    return requests(world).map(lambda request: request.item)


def instants(world: World) -> SearchStrategy[Instant]:
    """Return a strategy for instants: where anything may change, a second to each side, and between.

    Raises:
        NotKnown: hypothesis is not installed.
        InvalidInput: a world with nothing to ask about.
    """
    return _strategy(Boundaries(world).instant)


def _strategy(drawn: Callable[[Choose], Drawn | None]) -> SearchStrategy[Drawn]:
    """Return what is drawn by choices of hypothesis, so that it can be made small."""
    try:
        from hypothesis import assume  # noqa: PLC0415  the extra is asked for where it is used
        from hypothesis import strategies as st  # noqa: PLC0415
    except ImportError:
        raise NotKnown(
            "this strategy needs the package `hypothesis`, which is not installed",
            hint="install `comity[testing]`; `boundary_requests` does without",
            code="no-hypothesis",
        ) from None
    places = cache(lambda size: st.integers(0, size - 1))

    @st.composite
    def strategy(draw: DrawFn) -> Drawn:
        def choose(among: Sequence[Thing]) -> Thing:
            return among[draw(places(len(among)))] if len(among) > 1 else among[0]

        found = drawn(choose)
        _ = assume(found is not None)
        assert found is not None  # noqa: S101  assumed above, for the type
        return found

    return strategy()
