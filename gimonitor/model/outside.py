"""Who reports listings from outside: kept with every listing they told of."""

from __future__ import annotations

from enum import StrEnum


class Outside(StrEnum):
    """Where a report comes from."""

    TABLE = "table"  # nobody said
    REPORT_12315 = "12315"  # complaints and reports of consumers
    ASSOCIATION = "association"  # of the producers of a GI
    CONTRACTOR = "contractor"  # who collects for the bureau
    EXHIBITION = "exhibition"  # a list of exhibitors
    TIP = "tip"  # a single hint
