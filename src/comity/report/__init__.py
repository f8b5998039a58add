"""An answer as a page or a calendar that a person can keep."""

from comity.report.book import book_page
from comity.report.calendar import calendar
from comity.report.page import Section, accord_page, report_page
from comity.report.talks import beside_section, readouts_section, said_of
from comity.report.timeline import Flow, Said, Timeline, cuts, timeline

__all__ = [
    "Flow",
    "Said",
    "Section",
    "Timeline",
    "accord_page",
    "beside_section",
    "book_page",
    "calendar",
    "cuts",
    "readouts_section",
    "report_page",
    "said_of",
    "timeline",
]
