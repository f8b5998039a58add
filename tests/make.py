"""Small accords, instruments and worlds for tests, as text where a person would write text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from comity.accords import (
    Accord,
    Instant,
    Instrument,
    Op,
    Operation,
    Span,
    Stage,
    load_accord,
)
from comity.accords.times import UTC_ZONE, parse_instant
from comity.labels import Item, Label, Level, Policy, Rung
from comity.release import Party, World
from comity.worlds import load_world

ROOT = Path(__file__).parent.parent
GSOMIA = ROOT / "worlds" / "gsomia"
ACCORD = "jp-rok-gsomia"

RELEASE = """
[scope]
cites = "1"
categories = ["any"]
kinds = ["any"]
directions = ["any"]

[purpose]
cites = "1"
allowed = ["any"]

[third_party]
cites = "1"
consent = "each originator"

[[equivalence]]
cites = "1"
from = "a:LOW"
to = ["b:LOW"]

[[equivalence]]
cites = "1"
from = "b:LOW"
to = ["a:LOW"]
"""

YEARLY = """
[term]
cites = "1"
initial = { for = "P1Y", count = "anniversary" }
renewal = { for = "P1Y", count = "anniversary", by = "silence" }

[[exit]]
cites = "1"
form = "written"
channel = "diplomatic"
length = { for = "P90D", count = "clear days" }
"""
AFTER = """
[term]
cites = "1"
indefinite = true

[[exit]]
cites = "1"
length = { for = "P6M", count = "anniversary" }
takes_effect = "after the length"
"""

SIGNED = """
[entry]
cites = "1"
when = { from = ["sign:dated"], of = "every party" }
"""


def accord(
    rules: str = SIGNED + RELEASE,
    *,
    name: str = "t",
    zone: str = "Etc/UTC",
    law: str = "vclt",
    parties: Sequence[str] = ("a", "b"),
    front: str = "",
) -> Accord:
    """Return an accord of one article whose rules are given as text."""
    listed = ", ".join(f'"{party}"' for party in parties)
    text = f"""+++
format = "comity-accord/1"
id = "{name}"
languages = ["en"]
authentic = ["en"]
zone = "{zone}"
law = "{law}"
parties = [{listed}]
{front}+++

# {name}

## Article 1. All of it

The words.

```toml comity
{rules.strip()}
```
"""
    return load_accord(text.replace("\n+++\n\n#", "\n+++\n\n#").encode())


def at(text: str) -> Instant:
    """Return an instant; a bare day or time is UTC."""
    if "T" not in text:
        text += "T00:00:00"
    if not text.endswith("Z") and "+" not in text:
        text += "Z"
    return parse_instant(text)


def act(
    name: str,
    by: str | Sequence[str],
    when: str,
    *operations: Operation | Op,
    of: str = "t",
    form: str | None = "written",
    channel: str | None = "diplomatic",
    times: Mapping[Stage, str] | None = None,
    authority: str = "",
) -> Instrument:
    """Return an instrument all of whose times are one instant (a day's first) or interval."""
    spans = {(stage, ""): _span(when) for stage in Stage}
    for stage, text in (times or {}).items():
        spans[stage, ""] = _span(text)
    return Instrument(
        id=name,
        accord=of,
        by=(by,) if isinstance(by, str) else tuple(by),
        form=form,
        channel=channel,
        authority=authority,
        times=spans,
        operations=tuple(
            op if isinstance(op, Operation) else Operation(do=op) for op in operations
        ),
        source="a test",
    )


def _span(text: str) -> Span:
    if "/" in text:
        return Span.parse(text, UTC_ZONE)
    return Span.at(at(text))


def signed(when: str = "2020-01-01T00:00:00", of: str = "t") -> Instrument:
    """Return the signature of both parties."""
    return act("signed", ("a", "b"), when, Op.SIGN, of=of)


def notice(when: str, by: str = "a", name: str = "n1", *, of: str = "t") -> Instrument:
    """Return a notice."""
    return act(f"notice {name}", by, when, Operation(do=Op.GIVE_NOTICE, notice=name), of=of)


def item(
    name: str = "x",
    *,
    originators: Sequence[str] = ("a",),
    level: str = "a:LOW",
    categories: Sequence[str] = ("k",),
    release_to: Sequence[str] | None = ("a", "b", "c"),
    kind: str = "document",
    purpose: str = "p",
    channel: str = "mail",
) -> Item:
    """Return an item that the test accord lets cross."""
    return Item(
        id=name,
        title=name,
        originators=tuple(originators),
        label=Label(
            level=Level.parse(level),
            categories=tuple(categories),
            release_to=None if release_to is None else tuple(release_to),
        ),
        kind=kind,
        purpose=purpose,
        channel=channel,
    )


def world(
    accords: Sequence[Accord] = (), instruments: Sequence[Instrument] = (), **more: object
) -> World:
    """Return a world of three parties with one level each."""
    names = ("a", "b", "c")
    values: dict[str, object] = {
        "id": "w",
        "title": "w",
        "parties": {n: Party(id=n, name=n.upper(), seat=n, zone=UTC_ZONE) for n in names},
        "policies": {
            n: Policy(
                id=n,
                rungs={"LOW": Rung(name="LOW"), "HIGH": Rung(name="HIGH", above=("LOW",))},
            )
            for n in names
        },
        "accords": tuple(accords),
        "instruments": tuple(instruments),
        "categories": frozenset({"k", "l", "m"}),
        "purposes": frozenset({"p", "q"}),
        "kinds": frozenset({"document", "oral"}),
        "channels": frozenset({"mail", "fax", "bag"}),
    }
    return World(**{**values, **more})  # type: ignore[arg-type]


def gsomia() -> World:
    """Return the world of the night."""
    return load_world(GSOMIA)
