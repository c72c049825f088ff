"""疑点: the compiled matcher, contexts, families of models, score. Pure: (Listing, Register, date) -> Screening."""

from gimonitor.screening.screener import Screener

__all__ = ["Screener"]
