"""What is a thing marked, and by whom?"""

from comity.labels.label import Item, Label, Level
from comity.labels.policy import Policy, Rung

__all__ = ["Item", "Label", "Level", "Policy", "Rung"]
