"""An organisation's list of agreements, each as a small accord."""

from comity.book.checks import check_book
from comity.book.entry import DateOrder, EndDay, Entry, Settings
from comity.book.folder import Book, is_book, load, read_book
from comity.book.importing import Change, Imported, attach, plan, write
from comity.book.reviews import owners, reviews
from comity.book.sheet import read_sheet

__all__ = [
    "Book",
    "Change",
    "DateOrder",
    "EndDay",
    "Entry",
    "Imported",
    "Settings",
    "attach",
    "check_book",
    "is_book",
    "load",
    "owners",
    "plan",
    "read_book",
    "read_sheet",
    "reviews",
    "write",
]
