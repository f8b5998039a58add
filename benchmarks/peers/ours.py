"""Ours: the plain evaluator, and the compiled index, through their public door."""

from __future__ import annotations

from collections.abc import Sequence

from comity.compiled import Answer, Index
from comity.release import Permit, World, decide
from work import Work


class Plain:
    """`decide`, which is the meaning; it remembers what its clocks have computed."""

    def __init__(self, world: World, work: Work) -> None:
        """Take the world as it was read."""
        self._world = world
        self._requests = work.requests
        self._places = {accord.id: n for n, accord in enumerate(world.accords)}

    def one(self, place: int) -> int | None:
        """Decide one request, with every reason."""
        answer = decide(self._requests[place], self._world)
        if isinstance(answer, Permit) and answer.accord is not None:
            return self._places[answer.accord]
        return None


class Indexed:
    """The index: names, objects and an instant in, an accord out."""

    def __init__(self, world: World, work: Work) -> None:
        """Compile what is asked about: each pair and item when it is first asked about."""
        self._ask = Index(world).ask
        self._requests = work.requests
        self._places = {accord.id: n for n, accord in enumerate(world.accords)}
        for request in work.requests:
            self._ask(request)

    def one(self, place: int) -> int | None:
        """Decide one request."""
        named = self._ask(self._requests[place]).accord
        return None if named is None else self._places[named]

    def batch(self, count: int) -> list[Answer]:
        """Decide one after the other."""
        ask = self._ask
        return [ask(request) for request in self._requests[:count]]

    def places(self, answers: Sequence[Answer]) -> list[int | None]:
        """Return the places of the permitting accords."""
        named = (answer.accord for answer in answers)
        return [None if name is None else self._places[name] for name in named]
