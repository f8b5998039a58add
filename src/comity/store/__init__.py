"""Where a node keeps what it must not lose: the one room that speaks SQL."""

from comity.store.database import Database, NewerDatabase, Row, StorageFailed

__all__ = ["Database", "NewerDatabase", "Row", "StorageFailed"]
