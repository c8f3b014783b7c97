"""Tables for publication: an Excel workbook, a tidy CSV file, and a page."""

from conjoint.workbook.book import Asked, Book
from conjoint.workbook.collect import STEPS, collect
from conjoint.workbook.page import page_bytes
from conjoint.workbook.tidy import csv_bytes, tidy
from conjoint.workbook.write import workbook_bytes

__all__ = ["STEPS", "Asked", "Book", "collect", "csv_bytes", "page_bytes", "tidy", "workbook_bytes"]
