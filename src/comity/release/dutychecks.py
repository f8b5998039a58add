"""What is wrong with the acts about items and duties: names, givers, and acts that show nothing."""

from __future__ import annotations

from collections.abc import Container, Iterator

from comity.accords import clauses as c
from comity.accords.accord import read_amendment
from comity.accords.doubt import TooUncertain
from comity.accords.instruments import Instrument, Op, Operation
from comity.accords.state import moment_span
from comity.accords.times import FAR_FUTURE, Instant
from comity.errors import Finding, Severity
from comity.release.decide import Denial, decide
from comity.release.duties import duties
from comity.release.given import giver_of
from comity.release.request import Request
from comity.release.world import World

_OF_ITEMS = frozenset(
    {
        Op.RELEASE,
        Op.REPORT,
        Op.REQUEST,
        Op.RETURN,
        Op.CERTIFY_DESTRUCTION,
        Op.REPORT_LOSS,
        Op.DECLASSIFY,
    }
)


def acts_on_items_name_what_exists(world: World) -> Iterator[Finding]:
    """A release, a return, a certificate and the like name an item, parties and a duty here."""
    for instrument, operation in _acts(world):
        named: tuple[tuple[str, str | None, Container[str]], ...] = (
            ("item", operation.item, world.items),
            ("party", operation.to, world.parties),
            ("party", operation.holder, world.parties),
        )
        for kind, word, known in named:
            if word is not None and word not in known:
                yield _find(
                    instrument,
                    f"no-{kind}",
                    f"`{instrument.id}` ({operation.do}) names the {kind} `{word}`, which is"
                    " none here",
                    "`comity show WORLD` lists those here",
                )
        known_duties = _duties(world, instrument.accord)
        about = operation.do in (Op.REPORT, Op.REQUEST) and operation.about is not None
        if about and operation.about not in known_duties:
            yield _find(
                instrument,
                "no-duty",
                f"`{instrument.id}` is about the duty `{operation.about}`, which its accord"
                " does not have",
                "its duties: " + (", ".join(sorted(known_duties)) or "none"),
            )
        if operation.do is Op.RELEASE and giver_of(instrument, operation) is None:
            yield _find(
                instrument,
                "no-giver",
                f"`{instrument.id}` records a release to `{operation.to}`, and nobody else"
                " performs it: who gave?",
                'say `holder = "…"`',
            )


def releases_were_permitted(world: World) -> Iterator[Finding]:
    """What is on record as given was permitted under its accord when it was given."""
    for instrument, operation in world.acts(Op.RELEASE):
        item, giver = world.items.get(operation.item or ""), giver_of(instrument, operation)
        recipient, span = operation.to, moment_span(instrument)
        if item is None or giver is None or recipient is None or span.last >= FAR_FUTURE:
            continue  # said already
        for at in dict.fromkeys((span.start, span.last)):
            request = Request(
                item=item, sender=giver, recipient=recipient, at=at, under=instrument.accord
            )
            answer = decide(request, world)
            if isinstance(answer, Denial):
                yield _find(
                    instrument,
                    "not-permitted-then",
                    f"`{instrument.id}` records that `{item.id}` went to `{recipient}`, which was"
                    f" refused then ({answer.reason})",
                    "`comity try` says why; a record is kept all the same",
                    Severity.WARNING,
                )
                break


def acts_show_something(world: World) -> Iterator[Finding]:
    """A report about a duty, a return or a certificate discharges a duty, or repeats what did."""
    latest = max((i.known() for i in world.instruments), default=Instant(0))
    if latest >= FAR_FUTURE:
        return
    try:
        found = duties(world, latest)
    except TooUncertain:
        return  # said already
    discharged = {
        (due.accord, due.who, due.item, due.id)
        for due in found
        if due.discharged is not None
    }
    for instrument, operation in _acts(world):
        about = operation.do is Op.REPORT and operation.about is not None
        if not about and operation.do not in c.DISPOSAL:
            continue
        shown = any(
            (accord, who, item) == (instrument.accord, party, operation.item)
            and (not about or name == operation.about)
            for accord, who, item, name in discharged
            for party in instrument.by
        )
        if not shown and not any(due.discharged == instrument.id for due in found):
            yield _find(
                instrument,
                "shows-nothing",
                f"`{instrument.id}` ({operation.do}) discharges no duty of "
                + " or ".join(world.name(party) for party in instrument.by),
                "see who bears it, for which item and since when: `comity duties WORLD`",
                Severity.WARNING,
            )


def _acts(world: World) -> Iterator[tuple[Instrument, Operation]]:
    for instrument in world.instruments:
        for operation in instrument.operations:
            if operation.do in _OF_ITEMS:
                yield instrument, operation


def _duties(world: World, accord: str) -> set[str]:
    """Return the ids of an accord's duties, and of those that an amendment may bring."""
    found = {duty.id for duty in world.accord(accord).all(c.Duty)}
    for raw in world.amendments.values():
        amendment, _ = read_amendment(raw)
        if amendment is not None:
            found |= {x.id for x in amendment.clauses if isinstance(x, c.Duty)}
    return found


def _find(
    instrument: Instrument,
    code: str,
    message: str,
    hint: str,
    severity: Severity = Severity.ERROR,
) -> Finding:
    return Finding(
        where=instrument.where,
        line=instrument.line,
        code=code,
        severity=severity,
        message=message,
        hint=hint,
    )
