"""Marks in pictures: find them, read what stands beside them, tell the same picture again."""
