"""gimonitor watches marketplaces for suspected misuse of protected geographical indications."""

__version__ = "0.1.0"
