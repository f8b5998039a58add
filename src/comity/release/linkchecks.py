"""What is wrong with the links between the accords of a world."""

from __future__ import annotations

from collections.abc import Iterator

from comity.accords import clauses as c
from comity.errors import Finding, Severity
from comity.release.world import World


def links_name_accords(world: World) -> Iterator[Finding]:
    """Each accord that a tie or a supersession names is here: a misspelt one would do nothing."""
    links = world.links()
    for of, rule in links.rules:
        name = rule.to if isinstance(rule, c.Tied) else rule.accord
        if name not in links.known:
            yield Finding(
                where=world.accord(of).where or of,
                line=rule.line,
                code="no-accord",
                message=f"the rule names the accord `{name}`, which this world does not have",
                hint="the accords: " + ", ".join(sorted(links.known)),
            )


def links_make_no_circle(world: World) -> Iterator[Finding]:
    """No accord's standing hangs on itself by way of others."""
    links = world.links()
    seen: set[str] = set()
    for accord in world.accords:
        circle = links.circle(accord.id)
        if not circle or accord.id in seen:
            continue
        seen.update(circle)
        error = links.circular(circle)
        yield Finding(
            where=accord.where or accord.id,
            code=error.code,
            message=error.message,
            hint=error.hint,
        )


def links_rest_on_acts(world: World) -> Iterator[Finding]:
    """An accord that others hang on has an act on record: with none it has never begun."""
    links = world.links()
    acted = {instrument.accord for instrument in world.instruments}
    for of, rule in links.rules:
        if isinstance(rule, c.Tied):
            name, told = rule.to, "what is tied to it cannot stand"
        else:
            name, told = of, "it takes nobody's place yet"
        if name not in links.known or name in acted:
            continue
        yield Finding(
            where=world.accord(of).where or of,
            line=rule.line,
            code="nothing-recorded",
            severity=Severity.WARNING,
            message=f"no act is on record about `{name}`: {told}",
            hint="record its acts in `instruments/`",
        )
