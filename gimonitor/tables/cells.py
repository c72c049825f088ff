"""Cells on their way out: what a spreadsheet program must not take for a formula."""

LEADS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
INVISIBLE = "\u200b\u200e\u200f\ufeff\u3000 "


def harmless(cell: str) -> str:
    """Lead a cell that looks like a formula in by an apostrophe; anything else stays as it is."""
    return "'" + cell if cell.lstrip(INVISIBLE).startswith(LEADS) else cell
