"""Where the database is: DATABASE_URL, else the embedded cluster's own address file."""

import os
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from huanxin.project import embedded, state
from huanxin.project.errors import DatabaseUrlInvalid


def database_settings() -> dict[str, Any]:
    """Django's settings for the one database. No database is touched."""
    url = os.environ.get("DATABASE_URL") or embedded_url()
    try:
        parts = urlsplit(url)
        port = parts.port or 5432
    except ValueError as error:
        raise DatabaseUrlInvalid from error
    if parts.scheme not in {"postgresql", "postgres"}:
        raise DatabaseUrlInvalid
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "huanxin",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "127.0.0.1",
        "PORT": str(port),
        "OPTIONS": options,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": False,
    }


def embedded_url() -> str:
    """The embedded cluster's address, or before there is one a placeholder that nobody answers."""
    return embedded.running_url(state.state_folder()) or "postgresql://huanxin@127.0.0.1:1/huanxin"
