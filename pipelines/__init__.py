"""Stages through which listings pass on their way into the store, one a file."""
