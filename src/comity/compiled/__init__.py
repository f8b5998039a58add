"""The same answers as `decide`, compiled: one at once, or millions together."""

from comity.compiled.index import Index
from comity.compiled.pair import Answer

__all__ = ["Answer", "Index"]
