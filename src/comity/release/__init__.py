"""May this item go to that party, and why?"""

from comity.release.asking import (
    Entry,
    Missing,
    State,
    consents_at,
    draft,
    entry_words,
    missing,
)
from comity.release.beside import Beside, Undertaken, beside, clock_says
from comity.release.decide import Decision, Denial, Permit, decide
from comity.release.duties import Due, beginning, duties
from comity.release.explain import HEADINGS, HINTS, Outlook, explain, missing_words, outlook
from comity.release.request import Failing, Reason, Request
from comity.release.route import Hop, Obstacle, Reach, Route, obstacles, reach, routes
from comity.release.waits import MutualWait, Wait, attached, mutual_waits, waits
from comity.release.world import Hold, Party, World

__all__ = [
    "HEADINGS",
    "HINTS",
    "Beside",
    "Decision",
    "Denial",
    "Due",
    "Entry",
    "Failing",
    "Hold",
    "Hop",
    "Missing",
    "MutualWait",
    "Obstacle",
    "Outlook",
    "Party",
    "Permit",
    "Reach",
    "Reason",
    "Request",
    "Route",
    "State",
    "Undertaken",
    "Wait",
    "World",
    "attached",
    "beginning",
    "beside",
    "clock_says",
    "consents_at",
    "decide",
    "draft",
    "duties",
    "entry_words",
    "explain",
    "missing",
    "missing_words",
    "mutual_waits",
    "obstacles",
    "outlook",
    "reach",
    "routes",
    "waits",
]
