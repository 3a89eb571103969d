"""Calls out of the platform to addresses that others named: never where they must not lead.

The name is resolved once, every address it has must be public (or in a network the installation
named), and the connection goes to one of those very addresses: a name that changes its mind
between check and call gains nothing. Redirects are not followed.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from huanxin.kernel import addresses

SECONDS = 5
UNREACHABLE = 0
_SCHEMES = {"http": 80, "https": 443}
_READ_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """The HTTP status, or UNREACHABLE with the reason."""

    status: int
    error: str = ""


def may_call(url: str) -> bool:
    """Whether the address is http(s) and leads only where calls may go."""
    return bool(_targets(url))


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Post bytes. Answers the status; never raises for what the other side does."""
    found = _targets(url)
    if not found:
        return Answer(UNREACHABLE, "网址不可用，或指向内部网络")
    parts = urlsplit(url)
    connection = _connection(parts, found[0])
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, {"Host": parts.netloc, **headers})
        response = connection.getresponse()
        response.read(_READ_BYTES)
        return Answer(response.status, "" if response.status < 300 else response.reason)
    except (OSError, http.client.HTTPException) as error:
        return Answer(UNREACHABLE, f"{type(error).__name__}: {error}")
    finally:
        connection.close()


def _targets(url: str) -> list[str]:
    """The addresses of the url's host, if every one of them may be called."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return []
    if parts.scheme not in _SCHEMES or not parts.hostname or parts.username:
        return []
    try:
        infos = socket.getaddrinfo(
            parts.hostname, port or _SCHEMES[parts.scheme], type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError):
        return []
    found = [str(info[4][0]) for info in infos]
    return found if all(map(_is_open, found)) else []


def _is_open(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if parsed.version == 6 and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    if parsed.is_global and not parsed.is_multicast:
        return True
    named = addresses.networks(settings.HUANXIN_WEBHOOK_NETWORKS)
    return any(parsed in one for one in named if one.version == parsed.version)


def _connection(parts: SplitResult, address: str) -> http.client.HTTPConnection:
    host, port = parts.hostname or "", parts.port or _SCHEMES[parts.scheme]
    if parts.scheme == "http":
        return http.client.HTTPConnection(address, port, timeout=SECONDS)
    return _PinnedHttps(host, port, address)


class _PinnedHttps(http.client.HTTPSConnection):
    """TLS to one address, with the certificate checked for the name."""

    def __init__(self, host: str, port: int, address: str) -> None:
        self._address = address
        self._tls = ssl.create_default_context()
        super().__init__(host, port, timeout=SECONDS, context=self._tls)

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), SECONDS)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
