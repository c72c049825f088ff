"""Which addresses the officer's browser may be sent to."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from gimonitor.configuration import Configuration
from gimonitor.errors import EvidenceError, InputError


def require_outside(url: str, configuration: Configuration, named: str = "") -> str:
    """The address at which a URL's host may be asked. Refuses those of this machine and its network: a seller's link must not
    make the browser look around here.

    The configured practice marketplace is the one exception, and the site of `named`, an address that the operator typed.
    Raises InputError or, where the name has no address, EvidenceError.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        found = socket.getaddrinfo(host, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise EvidenceError(f"无法解析网址 {host}：{error}") from error
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    for own in (urlsplit(configuration.practice_url), urlsplit(named)):
        if own.hostname and (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
            return addresses[0]
    if any(not ipaddress.ip_address(address).is_global for address in addresses):
        raise InputError(
            f"网址 {host} 指向本机或者内部网络，不予打开；本机的演练平台写在设置 practice_url（GIMONITOR_PRACTICE_URL）中"
        )
    return addresses[0]
