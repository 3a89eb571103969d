"""Calls out of the platform to addresses that others named: never where they must not lead.

The name is resolved once, every address it has must be public (or in a network the installation
named), and the connection goes to one of those very addresses: a name that changes its mind
between check and call gains nothing. Redirects are not followed. How messages are signed, and how
long a failure waits, is said here too, for every room that sends some.
"""

import base64
import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from huanxin.kernel import addresses

SECONDS = 5
UNREACHABLE = 0
TAKEN = range(200, 300)
SECRET_MARK = "whsec_"  # noqa: S105  Standard Webhooks' prefix
# Seconds until the next try: about a day in all.
PAUSES = (10, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 28_800)
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


def signature(secret: str, message_id: str, timestamp: int, body: str) -> str:
    """One `v1` signature as Standard Webhooks 1.0 has it: HMAC-SHA-256 over id, time and body.

    >>> signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
    ...           1614265330, '{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    key = base64.b64decode(secret.removeprefix(SECRET_MARK))
    text = f"{message_id}.{timestamp}.{body}".encode()
    return "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


def gs1_signature(token: str, timestamp: int, body: bytes) -> str:
    """The value of `GS1-Signature` of an EPCIS notification: a replay shows its age.

    >>> gs1_signature("s", 1, b"{}")[:20]
    't=1,v1=b253639bcd705'
    """
    mac = hmac.new(token.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={mac}"


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after that many failed tries in a row; None: a day's tries are used up.

    >>> pause_after(1), pause_after(len(PAUSES) + 1)
    (datetime.timedelta(seconds=10), None)
    """
    if attempts > len(PAUSES):
        return None
    return timedelta(seconds=PAUSES[attempts - 1])


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
