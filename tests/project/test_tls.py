"""HTTPS with a certificate of our own: what phones need for camera and offline use."""

import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from huanxin.project import ports, tls
from huanxin.project.house import Addresses
from huanxin.project.supervisor import _answers

SERVED = """
import sys
from granian import Granian
from granian.constants import Interfaces
from pathlib import Path
port, certificate, key = sys.argv[1:]
Granian("tests.project.test_tls:hello", address="127.0.0.1", port=int(port),
        interface=Interfaces.WSGI, ssl_cert=Path(certificate), ssl_key=Path(key)).serve()
"""


def hello(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["wsgi.url_scheme"].encode()]


def test_the_certificate_names_this_machine_and_where_it_listens(tmp_path):
    made = tls.certificate_for(tmp_path, "192.168.7.9")
    assert set(made.names) == {"localhost", "127.0.0.1", "192.168.7.9"}
    assert timedelta(390) < made.until - datetime.now(UTC) < timedelta(398)
    assert made.key.stat().st_mode & 0o077 == 0
    read = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    assert read.issuer == read.subject


def test_it_is_kept_until_it_no_longer_fits(tmp_path):
    first = tls.certificate_for(tmp_path, "127.0.0.1")
    assert tls.certificate_for(tmp_path, "127.0.0.1").fingerprint == first.fingerprint
    assert tls.certificate_for(tmp_path, "10.1.2.3").fingerprint != first.fingerprint


def test_one_that_ends_soon_is_made_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(tls, "_LIFE", timedelta(days=29))
    first = tls.certificate_for(tmp_path, "127.0.0.1")
    monkeypatch.undo()
    assert tls.certificate_for(tmp_path, "127.0.0.1").fingerprint != first.fingerprint


def test_addresses_are_said_as_a_phone_reaches_them(tmp_path, monkeypatch):
    monkeypatch.setattr(tls, "lan_address", lambda: "192.168.7.9")  # asking touches the network
    made = tls.certificate_for(tmp_path, "0.0.0.0")
    assert "192.168.7.9" in made.names
    addresses = Addresses("0.0.0.0", 8000, 8001, made)
    assert addresses.web == "https://192.168.7.9:8000/"
    assert addresses.gateway.startswith("https://")
    assert Addresses("127.0.0.1", 8000, 8001).web == "http://127.0.0.1:8000/"


def test_it_is_served_and_trusted_by_whoever_has_it_and_by_nobody_else(tmp_path):
    made = tls.certificate_for(tmp_path, "127.0.0.1")
    port = ports.any_free()
    server = subprocess.Popen(
        [sys.executable, "-c", SERVED, str(port), str(made.certificate), str(made.key)]
    )
    url = f"https://127.0.0.1:{port}/"
    try:
        until = datetime.now(UTC) + timedelta(seconds=30)
        while not _answers(url, made.certificate):
            assert datetime.now(UTC) < until, "the server did not answer"
            assert server.poll() is None
        context = ssl.create_default_context(cafile=made.certificate)
        with urllib.request.urlopen(url, context=context) as answer:
            assert answer.read() == b"https"
        with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
            urllib.request.urlopen(url)
        other = tls.certificate_for(tmp_path / "other", "127.0.0.1")
        assert not _answers(url, other.certificate)
    finally:
        server.terminate()
        server.wait(15)
