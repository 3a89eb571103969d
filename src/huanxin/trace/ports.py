"""The outside of trace: webhooks that are told of events."""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.module_loading import import_string

SECONDS = 5
UNREACHABLE = 0  # the status of a call that got no answer


class Webhook(Protocol):
    """Posts a document; answers the HTTP status, or UNREACHABLE."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int: ...

    def may_call(self, url: str) -> bool: ...


class HttpWebhook:
    """Plain HTTP and HTTPS, no redirects. In production never into private networks."""

    def may_call(self, url: str) -> bool:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return False
        return not settings.PRODUCTION or all(map(_is_public, _addresses(parts.hostname)))

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        if not self.may_call(url):  # the name may have come to mean another address since
            return UNREACHABLE
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = self._connect(parts.scheme, parts.hostname or "", parts.port)
        try:
            connection.request("POST", target, body, dict(headers))
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return UNREACHABLE
        finally:
            connection.close()

    def _connect(self, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
        if scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, port, timeout=SECONDS, context=context)
        return http.client.HTTPConnection(host, port, timeout=SECONDS)


def webhook() -> Webhook:
    """The implementation that HUANXIN_WEBHOOK_PORT names, else plain HTTP."""
    named = getattr(settings, "HUANXIN_WEBHOOK_PORT", None)
    port: Webhook = import_string(named)() if named else HttpWebhook()
    return port


def _addresses(host: str) -> list[str]:
    try:
        return [str(info[4][0]) for info in socket.getaddrinfo(host, None)]
    except OSError:
        return []


def _is_public(address: str) -> bool:
    return ipaddress.ip_address(address).is_global
