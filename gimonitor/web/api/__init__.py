"""The interface for programs, under /api: what the screens do, as JSON, described by OpenAPI and shown at /api/docs.

Only bearer tokens count here, never a browser's cookie. A token belongs to a person and may do what the person may, or
less where it was narrowed to some roles or areas.
"""

from gimonitor.web.api.app import build_api, described

__all__ = ["build_api", "described"]
