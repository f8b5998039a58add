"""What was agreed, and does it stand?"""

from comity.accords.accord import Accord, load_accord, read_accord
from comity.accords.checks import ALWAYS, check
from comity.accords.clock import Clock, standing
from comity.accords.deadlines import Deadline, deadlines
from comity.accords.instruments import Instrument, Op, Operation, Stage, read_aloud
from comity.accords.standing import Certainty, Reading, Standing
from comity.accords.table import NoticeState, Status
from comity.accords.times import Instant, Period, Span, Zone, instant_of, parse_instant
from comity.accords.ways import Ways, ways

__all__ = [
    "ALWAYS",
    "Accord",
    "Certainty",
    "Clock",
    "Deadline",
    "Instant",
    "Instrument",
    "NoticeState",
    "Op",
    "Operation",
    "Period",
    "Reading",
    "Span",
    "Stage",
    "Standing",
    "Status",
    "Ways",
    "Zone",
    "check",
    "deadlines",
    "instant_of",
    "load_accord",
    "parse_instant",
    "read_accord",
    "read_aloud",
    "standing",
    "ways",
]
