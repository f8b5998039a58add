"""Clauses: the rules of an accord, each a small typed value with its article.

A clause's class is the whole of its grammar: its fields are the keys that a ``toml
comity`` block may have, and the JSON Schema for editors is made from them. Every clause
has ``cites``, the place of the words it was read from; a rule without one does not load.
The classes stand by family in the files beside; here are all of them by name.
"""

from __future__ import annotations

from collections.abc import Mapping

from comity.accords.clause import (
    ANY,
    Clause,
    OpenPoint,
    PointRef,
    Side,
)
from comity.accords.dutyclauses import (
    DISCHARGING,
    DISPOSAL,
    Arises,
    CountedFrom,
    Duty,
    Evidence,
    Onward,
    Protect,
    Survival,
    Within,
)
from comity.accords.flowclauses import (
    Answer,
    Channel,
    Choose,
    CommonPolicy,
    Consent,
    Declassification,
    Equivalence,
    Exemption,
    Exempts,
    Gate,
    Purpose,
    Relation,
    Row,
    Scope,
    TagEquivalence,
    ThirdParty,
    YearsFrom,
)
from comity.accords.lifeclauses import (
    Actor,
    Amendment,
    Depends,
    Effect,
    Ends,
    Entry,
    Exit,
    Joining,
    Late,
    Meanwhile,
    Provisional,
    Renewal,
    RenewalBy,
    Supersedes,
    Suspended,
    Suspension,
    Term,
    Tied,
)
from comity.accords.when import (
    FIRST_OF_NEXT_MONTH,
    Length,
    Of,
    Pick,
    Step,
    Trigger,
    When,
)

__all__ = [
    "ANY",
    "DISCHARGING",
    "DISPOSAL",
    "FIRST_OF_NEXT_MONTH",
    "MANY",
    "NAMES",
    "SINGLE",
    "Actor",
    "Amendment",
    "Answer",
    "Arises",
    "Channel",
    "Choose",
    "Clause",
    "CommonPolicy",
    "Consent",
    "CountedFrom",
    "Declassification",
    "Depends",
    "Duty",
    "Effect",
    "Ends",
    "Entry",
    "Equivalence",
    "Evidence",
    "Exemption",
    "Exempts",
    "Exit",
    "Gate",
    "Joining",
    "Late",
    "Length",
    "Meanwhile",
    "Of",
    "Onward",
    "OpenPoint",
    "Pick",
    "PointRef",
    "Protect",
    "Provisional",
    "Purpose",
    "Relation",
    "Renewal",
    "RenewalBy",
    "Row",
    "Scope",
    "Side",
    "Step",
    "Supersedes",
    "Survival",
    "Suspended",
    "Suspension",
    "TagEquivalence",
    "Term",
    "ThirdParty",
    "Tied",
    "Trigger",
    "When",
    "Within",
    "YearsFrom",
]

SINGLE: Mapping[str, type[Clause]] = {
    "entry": Entry,
    "joining": Joining,
    "provisional": Provisional,
    "term": Term,
    "survival": Survival,
    "amendment": Amendment,
    "scope": Scope,
    "purpose": Purpose,
    "third_party": ThirdParty,
    "declassification": Declassification,
    "channel": Channel,
}
"""Tables that stand once in an accord."""

MANY: Mapping[str, type[Clause]] = {
    "exit": Exit,
    "suspension": Suspension,
    "equivalence": Equivalence,
    "tag_equivalence": TagEquivalence,
    "common_policy": CommonPolicy,
    "gate": Gate,
    "duty": Duty,
    "evidence": Evidence,
    "open_point": OpenPoint,
    "exception": Exemption,
    "supersedes": Supersedes,
    "tied": Tied,
    "actor": Actor,
}
"""Tables that form lists."""

NAMES: Mapping[type[Clause], str] = {
    kind: name for table in (SINGLE, MANY) for name, kind in table.items()
}
