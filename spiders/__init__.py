"""One file for each source of listings."""
