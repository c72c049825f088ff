"""取证环境: the machine, software, network and clock of a capture, as far as this machine can tell.

Fields follow what Chinese standards for fixing online evidence record of each capture (user, time, software, address,
network check, cleanliness check, time check). What was not checked says so; nothing is assumed.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import socket
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
_PACKAGES = ("gimonitor", "playwright", "warcio")


def times(at: datetime) -> dict[str, str]:
    """One moment as UTC and as Beijing time."""
    return {"utc": at.astimezone(UTC).isoformat(), "beijing": at.astimezone(BEIJING).isoformat()}


def software(browser_version: str) -> dict[str, str]:
    """Names and versions of everything that took part."""
    return {
        "chromium": browser_version,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {_os_name()}".strip(),
        **{name: version(name) for name in _PACKAGES},
    }


def machine(name: str) -> dict[str, str]:
    """Which machine it was. The machine id is digested: enough to tell two apart, nothing to look up."""
    try:
        identity = Path("/etc/machine-id").read_text(encoding="ascii").strip()
    except OSError:
        identity = ""
    return {
        "name": name or platform.node(),
        "id_sha256": hashlib.sha256(identity.encode()).hexdigest() if identity else "",
        "user": str(os.geteuid()),
        "architecture": platform.machine(),
    }


def network(host: str, proxy: str) -> dict[str, object]:
    """How the name was resolved here, and whether something stands between this machine and the site."""
    try:
        answers = sorted({str(a[4][0]) for a in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)})
        error = ""
    except OSError as failure:
        answers, error = [], str(failure)
    return {
        "host": host,
        "resolved": answers,
        "resolver_error": error,
        "resolvers": _resolvers(),
        "hosts_file_names_it": _in_hosts_file(host),
        "proxy": proxy,
        "proxy_variables": sorted(n for n in os.environ if n.lower() in {"http_proxy", "https_proxy", "all_proxy"}),
    }


def cleanliness(cookies_before: int, login_state: str) -> dict[str, object]:
    """What the browser brought along: a fresh profile has no cookie, no cache, no extension."""
    return {
        "profile": "new, in memory, discarded afterwards",
        "cookies_before": cookies_before,
        "extensions": 0,
        "service_workers": "blocked",
        "login_state": login_state,
    }


def config_digest(values: Mapping[str, object]) -> str:
    """SHA-256 over the settings that shaped a capture."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _os_name() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        return sys.platform


def _resolvers() -> list[str]:
    try:
        lines = Path("/etc/resolv.conf").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    return [line.split()[1] for line in lines if line.startswith("nameserver ") and len(line.split()) > 1]


def _in_hosts_file(host: str) -> bool:
    try:
        lines = Path("/etc/hosts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return any(host in line.split("#")[0].split()[1:] for line in lines)
