"""The register of what is protected: strict schema of rules/, loader, importers, calendar, regions, law by date."""

from gimonitor.register.files import rules_dir
from gimonitor.register.issues import Issue, Severity
from gimonitor.register.loader import check_rules, load_register

__all__ = ["Issue", "Severity", "check_rules", "load_register", "rules_dir"]
