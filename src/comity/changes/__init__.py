"""What differs between two worlds, and what stops when an accord lapses?"""

from comity.changes.asking import Change
from comity.changes.compare import Comparison, compare
from comity.changes.lapse import Lapse, lapse

__all__ = ["Change", "Comparison", "Lapse", "compare", "lapse"]
