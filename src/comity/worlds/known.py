"""What a file's bytes are known to say: whoever wrote them need not have them read again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from comity.accords.accord import Accord
from comity.accords.instruments import Instrument


class Known(Protocol):
    """Says what some files hold, from the very bytes that stand there.

    The answer is what reading them would give, with no finding that is an error; None where
    that is not known.
    """

    def accord(self, path: Path, raw: bytes) -> Accord | None:
        """Return the accord of a file."""

    def instruments(
        self, path: Path, raw: bytes, accords: Mapping[str, Accord]
    ) -> tuple[Instrument, ...] | None:
        """Return the instruments of a file, each of an accord that is there."""


class _Nothing:
    def accord(self, path: Path, raw: bytes) -> Accord | None:  # noqa: ARG002
        return None

    def instruments(
        self,
        path: Path,  # noqa: ARG002
        raw: bytes,  # noqa: ARG002
        accords: Mapping[str, Accord],  # noqa: ARG002
    ) -> tuple[Instrument, ...] | None:
        return None


NOTHING_KNOWN: Known = _Nothing()
