"""Spiders: one file per source of listings. A spider asks; parsing is in `gimonitor.parsing`."""
