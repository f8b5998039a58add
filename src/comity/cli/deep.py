"""``check --deep``: what decides nothing. It needs the solver, which is an extra."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from comity.accords import Accord
from comity.errors import Finding, NotAtHand
from comity.release import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Deep:
    """The two questions of ``--deep``: of a world, and of an accord alone."""

    of_world: Callable[[World], Iterable[Finding]]
    of_accord: Callable[[Accord], Iterable[Finding]]


def deep() -> Deep:
    """Return the two questions, where the solver is installed.

    Raises:
        NotAtHand: it is not.
    """
    try:
        # Everything else runs without it, and it takes long to load.
        from comity.proof import idle, idle_alone  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name != "z3":
            raise
        raise NotAtHand(
            "`--deep` needs the solver z3, which is not installed",
            hint="pip install 'comity[proof]'",
            code="not-installed",
        ) from None
    return Deep(of_world=idle, of_accord=idle_alone)
