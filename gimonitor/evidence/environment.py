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
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gimonitor.model.zone import BEIJING

_PACKAGES = ("gimonitor", "playwright", "warcio")


def times(at: datetime) -> dict[str, str]:
    """One moment as UTC and as Beijing time."""
    return {"utc": at.astimezone(UTC).isoformat(), "beijing": at.astimezone(BEIJING).isoformat()}


def software(browser_version: str) -> dict[str, str]:
    """Names and versions of everything that took part."""
    return {"chromium": browser_version, **_own_software()}


@cache
def _own_software() -> dict[str, str]:
    return {
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
        "hosts_file_sha256": _digest_of("/etc/hosts"),
        "proxy": proxy,
        "proxy_variables": sorted(n for n in os.environ if n.lower() in {"http_proxy", "https_proxy", "all_proxy"}),
    }


def answers(found: Mapping[str, object]) -> tuple[str, ...]:
    """The addresses in what `network` found."""
    resolved = found["resolved"]
    return tuple(map(str, resolved)) if isinstance(resolved, list) else ()


def certificates(chain: Sequence[bytes]) -> tuple[bytes, list[dict[str, object]]]:
    """A chain of DER certificates, the server's own first, as PEM and as a list that says whose each is and until when."""
    pem, listed = b"", []
    for der in chain:
        certificate = x509.load_der_x509_certificate(der)
        pem += certificate.public_bytes(Encoding.PEM)
        listed.append(
            {
                "subject": certificate.subject.rfc4514_string(),
                "issuer": certificate.issuer.rfc4514_string(),
                "serial": f"{certificate.serial_number:x}",
                "not_before": certificate.not_valid_before_utc,
                "not_after": certificate.not_valid_after_utc,
                "sha256": hashlib.sha256(der).hexdigest(),
            }
        )
    return pem, listed


def cleanliness(cookies_before: int, login_state: str) -> dict[str, object]:
    """What the browser brought along: a fresh profile has no cookie, no cache, no extension."""
    return {
        "profile": "new, in memory, discarded afterwards",
        "cookies_before": cookies_before,
        "extensions": 0,
        "service_workers": "blocked",
        "preloaded_libraries": os.environ.get("LD_PRELOAD", ""),
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


def _digest_of(name: str) -> str:
    try:
        return hashlib.sha256(Path(name).read_bytes()).hexdigest()
    except OSError:
        return ""


def _in_hosts_file(host: str) -> bool:
    try:
        lines = Path("/etc/hosts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return any(host in line.split("#")[0].split()[1:] for line in lines)
