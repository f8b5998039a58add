"""A node under a clock that the demonstration sets: it is read from a file, and then runs on.

No option or variable of a real node does this; a node that runs so says it in the origin
of its logs, and no real node takes them.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from comity.exchange.home import Home
from comity.exchange.logs import Log
from comity.exchange.serve import serve

PASSPHRASE = "for the demonstration only"  # noqa: S105 - its keys are made anew each time


def main() -> int:
    """Serve the node of a folder, by the clock of a file."""
    folder, clock_file = Path(sys.argv[1]), Path(sys.argv[2])

    def clock() -> int:
        begun, set_at, last = map(float, clock_file.read_text().split())
        return int(min(begun + time.time() - set_at, last))

    with (folder / "node.log").open("a", encoding="utf-8") as file:
        log = Log(file, clock)
        in_order = serve(
            Home.at(folder), PASSPHRASE, log, clock, os.urandom, simulated=True
        )
    return 0 if in_order else 1


if __name__ == "__main__":
    sys.exit(main())
