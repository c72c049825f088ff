"""`python -m gimonitor` is the same as `gimonitor`."""

from gimonitor.cli.main import run

run()
