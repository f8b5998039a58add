"""A node's log for its operator: one JSON object a line, and nothing of any content.

An entry has an event of the closed list `EVENTS`, a time, and plain facts: a party's id, a
code, a count. Titles, labels, names of persons, item ids, texts and keys have no field to
stand in. Strangers are counted and not logged.
"""

from __future__ import annotations

import json
import threading
import traceback
from collections.abc import Callable
from typing import TextIO

EVENTS = {
    "started": "the node listens",
    "stopping": "it takes nothing new",
    "stopped": "it has ended",
    "failed": "it ends because of an error that it cannot go on after",
    "defect": "something in Comity itself failed, with its kind and place",
    "delivered": "a consignment was answered",
    "undelivered": "an attempt to deliver failed",
    "strangers": "how many unknown peers were turned away since the last entry",
}


class Log:
    """Writes entries to a stream. Any thread may call it."""

    def __init__(self, stream: TextIO, clock: Callable[[], int]) -> None:
        self._stream = stream
        self._clock = clock
        self._one = threading.Lock()

    def say(self, event: str, **facts: str | int) -> None:
        """Write one entry."""
        line = json.dumps({"at": self._clock(), "event": event} | facts, ensure_ascii=False)
        with self._one:
            self._stream.write(line + "\n")
            self._stream.flush()

    def defect(self, error: BaseException) -> None:
        """Write where a defect is: files and lines, never what was being handled."""
        places = traceback.extract_tb(error.__traceback__)
        last = [f"{p.filename.rpartition('comity/')[2]}:{p.lineno}" for p in places[-4:]]
        self.say("defect", kind=type(error).__name__, place=" ".join(last))
