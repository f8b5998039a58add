"""The Traffic Light Protocol, version 2.0 (FIRST, in force since August 2022).

Four labels and a variant, never translated. They are no formal classification: each says
how far on the recipient may pass the information.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from comity.labels.policy import Audience, Policy, Rung

_LADDER = (
    ("CLEAR", Audience.PUBLIC),
    ("GREEN", Audience.COMMUNITY),
    ("AMBER", Audience.CLIENTS),
    ("AMBER+STRICT", Audience.ORGANISATION),
    ("RED", Audience.NAMED),
)
SOURCE = "Traffic Light Protocol 2.0, FIRST, August 2022"


def tlp(name: str, community: str) -> Policy:
    """Return the protocol as a policy of that id, with the group that is its community."""
    below: tuple[str, ...] = ()
    rungs: dict[str, Rung] = {}
    for level, audience in _LADDER:
        marks = {"en": f"TLP:{level}"}
        rungs[level] = Rung(name=level, above=below, marks=marks, audience=audience)
        below = (level,)
    return Policy(id=name, rungs=rungs, community=community, source=SOURCE)


STANDARDS: Mapping[str, Callable[[str, str], Policy]] = {"tlp-2.0": tlp}
"""The standards whose levels a policy may take instead of stating its own, by name: each
makes a policy of an id and of a community."""
