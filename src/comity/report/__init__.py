"""An answer as a page or a calendar that a person can keep."""

from comity.report.calendar import calendar
from comity.report.page import Section, accord_page, report_page
from comity.report.timeline import Flow, Timeline, cuts, timeline

__all__ = [
    "Flow",
    "Section",
    "Timeline",
    "accord_page",
    "calendar",
    "cuts",
    "report_page",
    "timeline",
]
