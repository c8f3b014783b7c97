"""Tables for publication: an Excel workbook, a tidy CSV file, and a page."""

from conjoint.workbook.book import Asked, Book
from conjoint.workbook.collect import STEPS, collect
from conjoint.workbook.write import workbook_bytes

__all__ = ["STEPS", "Asked", "Book", "collect", "workbook_bytes"]
