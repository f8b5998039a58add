"""Comity."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from comity.alone.gate import releasing
    from comity.exchange.client import Client

__all__ = ["Client", "releasing"]


def __getattr__(name: str) -> object:
    """Import what is asked for when it is first asked for: `import comity` alone stays light."""
    if name == "releasing":
        from comity.alone.gate import releasing  # noqa: PLC0415 - see above

        return releasing
    if name == "Client":
        from comity.exchange.client import Client  # noqa: PLC0415 - see above

        return Client
    raise AttributeError(f"module `comity` has no attribute `{name}`")
