"""What may follow what: the life of an accord for a party, and the life of a notice.

The two tables are the rule. The diagrams in ``docs/lifecycle.md`` are drawn from them, the
clock reads them, and ``ways`` tries every entry. An operation that a table does not name
for a state is recorded and without effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

from comity.accords.instruments import Op


class Status(StrEnum):
    """What an accord is at an instant, for a party or between a pair."""

    NOT_YET = "not_yet"
    SIGNED = "signed"
    PROVISIONAL = "provisional"
    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    ENDED = "ended"
    UNSETTLED = "unsettled"
    """What is known does not decide; nothing is released on it."""


RELEASING = frozenset({Status.IN_FORCE, Status.PROVISIONAL})


class NoticeState(StrEnum):
    """What a notice is at an instant. It is an object, not a state of the accord."""

    RUNNING = "running"
    LATE = "late"
    """Running, but received too late for the period it was meant for."""
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EFFECTIVE = "effective"


class Tick(StrEnum):
    """What the clock does by itself."""

    ENTERS = "enters into force"
    APPLIES = "begins to apply provisionally"
    LAPSES = "stops to apply provisionally"
    ENDS = "ends"
    TAKES_EFFECT = "takes effect"
    RESUMES = "goes on by itself"


Step: TypeAlias = Op | Tick

_S, _N = Status, NoticeState

ACCORD: Mapping[Status, Mapping[Step, Status]] = {
    _S.NOT_YET: {
        Op.SIGN: _S.SIGNED,
        Op.NOTIFY_COMPLETION: _S.NOT_YET,
        Op.DEPOSIT: _S.NOT_YET,
        Op.DELIVER: _S.NOT_YET,
        Op.DECLARE_PROVISIONAL: _S.NOT_YET,
        Op.SET_DATE: _S.NOT_YET,
        Op.RESERVE: _S.NOT_YET,
        Op.WITHDRAW_RESERVATION: _S.NOT_YET,
        Op.OBJECT: _S.NOT_YET,
        Op.ENACT: _S.IN_FORCE,
        Tick.APPLIES: _S.PROVISIONAL,
        Tick.ENTERS: _S.IN_FORCE,
    },
    _S.SIGNED: {
        Op.NOTIFY_COMPLETION: _S.SIGNED,
        Op.DEPOSIT: _S.SIGNED,
        Op.DELIVER: _S.SIGNED,
        Op.DECLARE_PROVISIONAL: _S.SIGNED,
        Op.SET_DATE: _S.SIGNED,
        Op.RESERVE: _S.SIGNED,
        Op.WITHDRAW_RESERVATION: _S.SIGNED,
        Op.OBJECT: _S.SIGNED,
        Op.ENACT: _S.IN_FORCE,
        Tick.APPLIES: _S.PROVISIONAL,
        Tick.ENTERS: _S.IN_FORCE,
    },
    _S.PROVISIONAL: {
        Op.NOTIFY_COMPLETION: _S.PROVISIONAL,
        Op.DEPOSIT: _S.PROVISIONAL,
        Op.SET_DATE: _S.PROVISIONAL,
        Op.WITHDRAW_RESERVATION: _S.PROVISIONAL,
        Op.OBJECT: _S.PROVISIONAL,
        Op.END_PROVISIONAL: _S.SIGNED,
        Op.SUSPEND: _S.SUSPENDED,
        Op.TERMINATE: _S.ENDED,
        Tick.LAPSES: _S.SIGNED,
        Tick.ENTERS: _S.IN_FORCE,
    },
    _S.IN_FORCE: {
        Op.GIVE_NOTICE: _S.IN_FORCE,
        Op.SUSPEND: _S.SUSPENDED,
        Op.RESUME: _S.IN_FORCE,
        Op.EXTEND: _S.IN_FORCE,
        Op.AMEND: _S.IN_FORCE,
        Op.SET_DATE: _S.IN_FORCE,
        Op.WITHDRAW_RESERVATION: _S.IN_FORCE,
        Op.OBJECT: _S.IN_FORCE,
        Op.ENACT: _S.IN_FORCE,
        Op.TERMINATE: _S.ENDED,
        Tick.ENDS: _S.ENDED,
    },
    _S.SUSPENDED: {
        Op.GIVE_NOTICE: _S.SUSPENDED,
        Op.SUSPEND: _S.SUSPENDED,
        Op.RESUME: _S.IN_FORCE,
        Op.EXTEND: _S.SUSPENDED,
        Op.AMEND: _S.SUSPENDED,
        Op.SET_DATE: _S.SUSPENDED,
        Op.WITHDRAW_RESERVATION: _S.SUSPENDED,
        Op.OBJECT: _S.SUSPENDED,
        Op.TERMINATE: _S.ENDED,
        Tick.RESUMES: _S.IN_FORCE,
        Tick.ENDS: _S.ENDED,
    },
    _S.ENDED: {Op.SIGN: _S.SIGNED, Op.DEPOSIT: _S.NOT_YET, Op.ENACT: _S.IN_FORCE},
}
"""The life of an accord for a party, by operations and by the clock.

A party that has left may join again while the others go on, and what a legislature made it
may make again. Else only what is `RECORDED` may follow after the end: there is no way back
into force but a new agreement.
"""

NOTICE: Mapping[NoticeState, Mapping[Step, NoticeState]] = {
    _N.RUNNING: {
        Op.SUSPEND_NOTICE: _N.SUSPENDED,
        Op.REVOKE_NOTICE: _N.REVOKED,
        Tick.TAKES_EFFECT: _N.EFFECTIVE,
    },
    _N.LATE: {
        Op.SUSPEND_NOTICE: _N.SUSPENDED,
        Op.REVOKE_NOTICE: _N.REVOKED,
        Tick.TAKES_EFFECT: _N.EFFECTIVE,
    },
    _N.SUSPENDED: {
        Op.SUSPEND_NOTICE: _N.SUSPENDED,
        Op.RESUME_NOTICE: _N.RUNNING,
        Op.WITHDRAW_SUSPENSION: _N.RUNNING,
        Op.REVOKE_NOTICE: _N.REVOKED,
        Tick.RESUMES: _N.RUNNING,
    },
    _N.REVOKED: {},
    _N.EFFECTIVE: {},
}
"""The life of a notice. What a suspension makes of it is an open point: under the
reading *revoked* the step by ``suspend_notice`` leads to ``revoked``."""

RECORDED = frozenset(
    {
        Op.CONFIRM,
        Op.LAY,
        Op.CONSENT,
        Op.REQUEST_CONSENT,
        Op.REFUSE_CONSENT,
        Op.REVOKE_CONSENT,
        Op.MEET,
        Op.UNMEET,
        Op.RELEASE,
        Op.DESIGNATE,
        Op.RELABEL,
        Op.REPORT,
        Op.REQUEST,
        Op.RETURN,
        Op.CERTIFY_DESTRUCTION,
        Op.REPORT_LOSS,
        Op.CHANGE_LAW,
        Op.DECLASSIFY,
        Op.ALLEGE_BREACH,
        Op.PROTEST,
    }
)
"""Operations that change neither life: they are recorded at any time, and what they say
is used by the decision, the duties and the ways."""

BY_ANYBODY = frozenset(
    {
        Op.CONSENT,
        Op.REQUEST_CONSENT,
        Op.REFUSE_CONSENT,
        Op.REVOKE_CONSENT,
        Op.RELABEL,
        Op.DECLASSIFY,
    }
)
"""What an originator outside the accord does about its own information."""

ON_NOTICE = frozenset(
    {Op.SUSPEND_NOTICE, Op.RESUME_NOTICE, Op.WITHDRAW_SUSPENSION, Op.REVOKE_NOTICE}
)
"""Operations on a notice that exists."""

_FIRST = (Op.CONFIRM, Op.REVOKE_NOTICE, Op.WITHDRAW_SUSPENSION, Op.RESUME, Op.RESERVE)
ORDER: tuple[Op, ...] = (*_FIRST, *(op for op in Op if op not in _FIRST))
"""In which order the operations of one instrument, and instruments of one second, apply.

One instrument that withdraws both a notice and its suspension withdraws them at once: the
notice does not come back to life in between. A reservation made on signing counts."""


def diagram() -> str:
    """Return both tables as Mermaid state diagrams, for the docs."""
    return (
        "### The accord, for a party\n\n"
        + _mermaid({str(k): v for k, v in ACCORD.items()}, (Status.NOT_YET,))
        + "\n### A notice\n\n"
        + _mermaid(
            {str(k): v for k, v in NOTICE.items()}, (NoticeState.RUNNING, NoticeState.LATE)
        )
    )


def _mermaid(
    table: Mapping[str, Mapping[Step, StrEnum]], starts: tuple[StrEnum, ...]
) -> str:
    lines = ["```mermaid", "stateDiagram-v2", *(f"    [*] --> {s}" for s in starts)]
    for state, steps in table.items():
        grouped: dict[str, list[str]] = {}
        for step, target in steps.items():
            word = f"«{step}»" if isinstance(step, Tick) else str(step)
            grouped.setdefault(str(target), []).append(word)
        lines += [
            f"    {state} --> {target}: {', '.join(words)}"
            for target, words in grouped.items()
        ]
        if not steps:
            lines.append(f"    {state} --> [*]")
    return "\n".join([*lines, "```", ""])
