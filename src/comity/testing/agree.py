"""Does another engine answer as `decide` does, and if not, on which request?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias

from comity.accords.times import FAR_PAST, UTC_ZONE, Instant
from comity.errors import InvalidInput
from comity.release.decide import Denial, Permit, decide
from comity.release.explain import explain
from comity.release.request import Request
from comity.release.world import World
from comity.testing.boundary import boundary_requests
from comity.testing.edges import Edges
from comity.testing.moves import simpler

Answers: TypeAlias = Callable[[Request], object]
"""An engine: a request in, an answer out."""

ASKED = 2_000  # requests that `assert_agree` asks where nobody says how many
SIMPLER_MAX = 200  # simpler requests tried


class Disagreement(AssertionError):
    """Two engines that should answer alike do not.

    Attributes:
        request: the simplest on which they were found to differ.
        answer, reference: what each said to it.
        asked: how many requests were asked until they differed, it included.
    """

    def __init__(
        self, words: str, *, request: Request, answer: object, reference: object, asked: int
    ) -> None:
        super().__init__(words)
        self.request = request
        self.answer = answer
        self.reference = reference
        self.asked = asked


def permitted(answer: object) -> bool:
    """Say whether an answer is a permit: a `Permit`, or True.

    Raises:
        InvalidInput: neither a decision nor a truth value; nothing is taken for a permit, and
            nothing for a denial either.
    """
    if isinstance(answer, (Permit, Denial)):
        return isinstance(answer, Permit)
    if isinstance(answer, bool):
        return answer
    raise InvalidInput(
        f"`{answer!r}` is neither a permit nor a denial",
        hint="return a decision, True or False; or say with `by` what is compared",
        code="no-answer",
    )


def assert_agree(
    world: World,
    answer: Answers,
    *,
    reference: Answers | None = None,
    by: Callable[[object], object] = permitted,
    limit: int = ASKED,
    seed: int = 0,
) -> int:
    """Ask an engine at the boundaries of a world, and compare it with `decide`.

    The first request on which they differ is made as simple as it still differs, and said
    in words with both answers. Requests come in no order of time; an engine that
    remembers answers is asked each of them again after others.

    Args:
        world: yours.
        answer: the engine that is tested.
        reference: what it is compared with; None for `decide` in that world.
        by: what of an answer is compared; left out, whether it permits.
        limit: how many requests at most.
        seed: another one asks others.

    Returns:
        how many were asked, never none.

    Raises:
        Disagreement: they differ. It is an `AssertionError`.
        InvalidInput: nothing could be asked, or an answer that cannot be compared.
    """
    both = _Both(answer, reference or (lambda request: decide(request, world)), by)
    asked = 0
    for request in boundary_requests(world, limit, seed=seed):
        asked += 1
        if both.differ(request):
            raise _disagreement(_simplest(request, both), both, world, asked)
    if not asked:
        raise InvalidInput(
            f"nothing could be asked of the world `{world.id}`",
            hint="it needs an accord with a scope and a purpose, and words for them; and a"
            " limit above 0",
            code="empty-world",
        )
    return asked


class _Both:
    """Two engines, and what of their answers is compared."""

    def __init__(
        self, answer: Answers, reference: Answers, by: Callable[[object], object]
    ) -> None:
        self.answer = answer
        self.reference = reference
        self._by = by

    def differ(self, request: Request) -> bool:
        try:
            found = self._by(self.answer(request))
        except Exception as error:
            error.add_note(f"asked: {request!r}")
            raise
        return found != self._by(self.reference(request))


def _simplest(request: Request, both: _Both) -> Request:
    """Return a request on which they still differ, and from which nothing can be left out.

    An engine that keeps answers is asked each a second earlier first, as it was before.
    """
    tried = 0
    while tried < SIMPLER_MAX:
        for less in simpler(request):
            tried += 1
            _ = both.answer(replace(less, at=Instant(max(FAR_PAST, less.at - 1))))
            if both.differ(less):
                request = less
                break
        else:
            break
    return request


def _disagreement(request: Request, both: _Both, world: World, asked: int) -> Disagreement:
    answer, reference = both.answer(request), both.reference(request)
    words = [
        f"they differ, after {asked:,} requests, on this one",
        *_asked(request, world),
        "the reference:",
        *_answered(request, reference, world),
        "the other:",
        *_answered(request, answer, world),
    ]
    return Disagreement(
        "\n".join(words), request=request, answer=answer, reference=reference, asked=asked
    )


def _asked(request: Request, world: World) -> Iterator[str]:
    """Say a request in words, and which edges it is at."""
    item, label = request.item, request.item.label
    zone = (
        world.parties[request.sender].zone if request.sender in world.parties else UTC_ZONE
    )
    between = world.between(request.sender, request.recipient)
    yield f"  from {world.name(request.sender)} to {world.name(request.recipient)}"
    yield f"  at {zone.say(request.at)}"
    for edge in Edges(world).near(request.at, [accord.id for accord in between]):
        yield f"    {edge}"
    yield f"  item {item.id}, of {_list(item.originators)}, {label.level}"
    yield f"    about {_list(label.categories)}; released to {_released(label.release_to)}"
    yield f"    {item.kind}, given for {item.purpose}, by {item.channel}"
    more = {
        "tags": _list([str(mark) for mark in label.marks]) if label.tags else None,
        "shown to": _list(label.display_to) if label.display_to else None,
        "made": None if item.made is None else zone.say(Instant(item.made)),
        "made from": _list(item.made_from) if item.made_from else None,
        "from a date": label.successor,
        "asked for": request.purpose,
        "to go by": request.channel,
        "under": request.under,
        "held as": request.held_as,
        "received": request.received,
    }
    yield from (f"    {what} {said}" for what, said in more.items() if said is not None)


def _answered(request: Request, answer: object, world: World) -> list[str]:
    if isinstance(answer, (Permit, Denial)):
        return [f"  {line}" for line in explain(request, answer, world).split("\n")]
    return [f"  {'permit' if answer is True else 'deny' if answer is False else answer}"]


def _list(words: tuple[str, ...] | list[str]) -> str:
    return ", ".join(words) or "nobody recorded"


def _released(names: tuple[str, ...] | None) -> str:
    if names is None:
        return "whom its level is for"
    return ", ".join(names) or "nobody"
