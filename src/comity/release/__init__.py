"""May this item go to that party, and why?"""

from comity.release.beside import Beside, Undertaken, beside, clock_says
from comity.release.decide import Decision, Denial, Permit, decide
from comity.release.explain import HEADINGS, HINTS, Outlook, explain, outlook
from comity.release.request import Failing, Reason, Request
from comity.release.route import Route, routes
from comity.release.waits import MutualWait, Wait, attached, mutual_waits, waits
from comity.release.world import Hold, Party, World

__all__ = [
    "HEADINGS",
    "HINTS",
    "Beside",
    "Decision",
    "Denial",
    "Failing",
    "Hold",
    "MutualWait",
    "Outlook",
    "Party",
    "Permit",
    "Reason",
    "Request",
    "Route",
    "Undertaken",
    "Wait",
    "World",
    "attached",
    "beside",
    "clock_says",
    "decide",
    "explain",
    "mutual_waits",
    "outlook",
    "routes",
    "waits",
]
