"""What is a thing marked, and by whom?"""

from comity.labels.alike import looks
from comity.labels.group import Group, Membership
from comity.labels.join import Joined, Part, Reader, admits, dominates, join
from comity.labels.label import Item, Label, Level, Mark, Successor, Tagged
from comity.labels.marking import languages, level_mark, marking, received
from comity.labels.policy import Audience, Caveat, Policy, Rung, Tag, TagSet, TagType
from comity.labels.tlp import STANDARDS, tlp
from comity.labels.validity import faults

__all__ = [
    "STANDARDS",
    "Audience",
    "Caveat",
    "Group",
    "Item",
    "Joined",
    "Label",
    "Level",
    "Mark",
    "Membership",
    "Part",
    "Policy",
    "Reader",
    "Rung",
    "Successor",
    "Tag",
    "TagSet",
    "TagType",
    "Tagged",
    "admits",
    "dominates",
    "faults",
    "join",
    "languages",
    "level_mark",
    "looks",
    "marking",
    "received",
    "tlp",
]
