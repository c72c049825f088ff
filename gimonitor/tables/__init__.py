"""Tables that people have: CSV, JSON Lines, XLSX and XLS, read row by row within limits. What the columns mean is the caller's business."""

from gimonitor.tables.cells import harmless
from gimonitor.tables.reader import Limits, Row, Table, open_table

__all__ = ["Limits", "Row", "Table", "harmless", "open_table"]
