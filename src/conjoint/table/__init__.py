"""Tables: one model, and writers for Markdown, HTML and spreadsheets."""

from conjoint.table.model import Cell, Column, Row, Table, strong

__all__ = ["Cell", "Column", "Row", "Table", "strong"]
