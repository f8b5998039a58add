"""An answer as a page or a calendar that a person can keep."""
