"""What is said about an accord, by whom, and when?"""

from comity.talks.forums import Forum, Member, members
from comity.talks.readouts import Account, Meeting, Passage, Point, Readouts, Relation
from comity.talks.said import (
    Condition,
    Measure,
    MeasureState,
    Position,
    Progress,
    Signature,
    Speaker,
    Statement,
    Step,
    Undertaking,
    current,
)

__all__ = [
    "Account",
    "Condition",
    "Forum",
    "Measure",
    "MeasureState",
    "Meeting",
    "Member",
    "Passage",
    "Point",
    "Position",
    "Progress",
    "Readouts",
    "Relation",
    "Signature",
    "Speaker",
    "Statement",
    "Step",
    "Undertaking",
    "current",
    "members",
]
